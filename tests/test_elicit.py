"""A prior made from an interval or from quantiles has exactly those."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from uncertainty.elicit import TOLERANCE
from uncertainty.errors import PriorError
from uncertainty.fits import FITS
from uncertainty.prior import Prior

INF = np.inf
UNIT = {"support": (0, 1)}
HARD = [
    (0.001, 0.05),
    (0.9, 0.999),
    (0.3, 0.31),
    (0.2, 0.9),
    (1e-6, 1e-3),
    (0.3, 0.30001),
    (0.05, 0.95),
    (1e-5, 0.5),
]
MASSES = [0.5, 0.9, 0.99]
BOUNDED = ("beta", "logit_normal", "truncated_normal")


def assert_holds(prior, lower, upper, mass, tolerance=TOLERANCE):
    got = np.array(prior.interval(mass))
    np.testing.assert_allclose(got, [lower, upper], rtol=0, atol=tolerance * (upper - lower))


@pytest.mark.parametrize("mass", MASSES)
@pytest.mark.parametrize("ends", HARD)
@pytest.mark.parametrize("family", [name for name in FITS if name != "truncated_normal"])
def test_hard_intervals_are_held(family, ends, mass):
    prior = Prior.from_interval(*ends, mass=mass, family=family)
    assert_holds(prior, *ends, mass, tolerance=1e-9)


@pytest.mark.parametrize("support", [(1, 2), (0, 1000), (-3, -2.9)])
@pytest.mark.parametrize("family", BOUNDED)
def test_other_supports(family, support):
    lower, upper = np.interp([0.2, 0.9], [0, 1], support)
    prior = Prior.from_interval(lower, upper, family=family, support=support)
    assert prior.support == support
    assert_holds(prior, lower, upper, 0.9, tolerance=1e-9)


@pytest.mark.parametrize("decades", [0.001, 1, 5, 12])
@pytest.mark.parametrize("start", [1e-12, 1.0, 1e9])
def test_gamma_over_many_decades(start, decades):
    prior = Prior.from_interval(start, start * 10**decades, family="gamma")
    assert_holds(prior, start, start * 10**decades, 0.9, tolerance=1e-9)


@pytest.mark.parametrize(
    ("ends", "support"),
    [
        ((0.0501, 0.9499), (0, 1)),  # the flat density has 0.05, 0.95
        ((0.001, 0.055), (0, 1)),  # close to an exponential
        ((0.9, 0.9982), (0, 1)),
        ((0.052, 2.97), (0, INF)),  # the exponential has 0.0513, 2.9957
    ],
)
def test_truncated_normal_up_to_its_limits(ends, support):
    prior = Prior.from_interval(*ends, family="truncated_normal", support=support)
    assert_holds(prior, *ends, 0.9)


@pytest.mark.parametrize(
    ("ends", "support", "advice"),
    [
        ((0.0499, 0.9501), (0, 1), "flat one has 0.05 at 0.05, 0.95 at 0.95.; use beta or logit"),
        ((0.001, 0.07), (0, 1), "use beta or logit_normal"),
        ((0.05, 3.0), (0, INF), "use lognormal or gamma"),
    ],
)
def test_truncated_normal_beyond_its_limits(ends, support, advice):
    with pytest.raises(PriorError, match=advice):
        Prior.from_interval(*ends, family="truncated_normal", support=support)


@pytest.mark.parametrize(
    ("family", "k", "inner"),
    [("triangular", "c", 0.3), ("triangular", "c", 0), ("pert", "mode", 0.1), ("pert", "mode", 1)],
)
@pytest.mark.parametrize("mass", MASSES)
def test_a_mode_is_kept_even_outside_the_interval(family, k, inner, mass):
    original = Prior(family, lower=0, upper=1, **{k: inner})
    ends = original.interval(mass)
    prior = Prior.from_interval(*ends, mass=mass, family=family, mode=inner)
    assert prior.parameters[k] == inner
    assert_holds(prior, *ends, mass, tolerance=1e-9)
    np.testing.assert_allclose(prior.support, (0, 1), atol=1e-6)


def test_mode_is_midway_unless_given():
    assert Prior.from_interval(1, 2, family="pert").parameters["mode"] == 1.5
    assert Prior.from_interval(1, 2, family="triangular", mode=1.2).parameters["c"] == 1.2


def test_impossible_mode_says_so():
    with pytest.raises(PriorError, match=r"mode 0\.1; the quantiles are too lopsided"):
        Prior.from_interval(1, 2, family="triangular", mode=0.1)


@pytest.mark.parametrize(
    ("family", "wanted"),
    [
        ("uniform", {"lower": 1, "upper": 2}),
        ("log_uniform", {"lower": 1, "upper": 2}),
        ("triangular", {"lower": 1, "c": 1.5, "upper": 2}),
        ("pert", {"lower": 1, "mode": 1.5, "upper": 2}),
    ],
)
def test_certain_interval_gives_the_bounds(family, wanted):
    prior = Prior.from_interval(1, 2, mass=1, family=family)
    assert dict(prior.parameters) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    "family", ["normal", "lognormal", "gamma", "beta", "logit_normal", "truncated_normal"]
)
def test_certain_interval_is_refused_elsewhere(family):
    support = {"support": (0, 3)} if family in BOUNDED else {}
    with pytest.raises(PriorError, match="cannot hold a mass of 1"):
        Prior.from_interval(1, 2, mass=1, family=family, **support)


REFUSED = {
    "reversed": ((0.75, 0.5), {"family": "beta"}, r"\[0.75, 0.5\] is reversed"),
    "equal": ((0.5, 0.5), {"family": "beta"}, "equal ends; for one known number use the family fi"),
    "mass above 1": ((0.5, 0.7), {"family": "beta", "mass": 1.5}, r"found 1.5; .* it is 0.90"),
    "percent": ((0.5, 0.7), {"family": "beta", "mass": 90}, r"found 90; .* it is 0.90"),
    "no mass": ((0.5, 0.7), {"family": "beta", "mass": 0}, "above 0"),
    "infinite": ((0.5, INF), {"family": "gamma"}, "upper must be a finite number; found inf"),
    "text": (("a", 1), {"family": "gamma"}, "lower must be a finite number; found 'a'"),
    "touching": ((0, 0.5), {"family": "beta"}, "0 .probability 0.05. lies on an end of the supp"),
    "outside": ((0.5, 1.5), {"family": "logit_normal"}, r"1.5 .* lies outside the support \(0, 1"),
    "negative": ((-1, 1.5), {"family": "lognormal"}, r"outside the support \(0, inf\)"),
    "open beta": ((1, 2), {"family": "beta", "support": (0, INF)}, "use lognormal, gamma"),
    "no cut": ((0, 1), {"family": "truncated_normal"}, r"give support=\(lower, upper\)"),
    "wrong support": ((1, 2), {"family": "normal", "support": (0, 9)}, "use beta, logit_normal"),
    "mode": ((0.2, 0.3), {"family": "beta", "mode": 0.25}, "mode is for triangular and pert only"),
    "dirichlet": ((0.2, 0.3), {"family": "dirichlet"}, "cannot be given by an interval"),
    "choice": ((0.2, 0.3), {"family": "choice"}, "cannot be given by an interval"),
    "fixed": ((0.2, 0.3), {"family": "fixed"}, "cannot be given by an interval"),
    "unknown": ((0.2, 0.3), {"family": "bata"}, "did you mean 'beta'"),
}


@pytest.mark.parametrize(("ends", "options", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_senseless_intervals_say_why(ends, options, message):
    with pytest.raises(PriorError, match=message):
        Prior.from_interval(*ends, **options)


@pytest.mark.parametrize(
    ("quantiles", "message"),
    [
        ({0.5: 1}, "at least two quantiles are needed; found 1"),
        ({0.05: 2, 0.95: 1}, "must rise .* found 2 at 0.05 and 1 at 0.95"),
        ({0.05: 1, 0.5: 1, 0.95: 2}, "must rise"),
        ({5: 1, 95: 2}, "must lie in .0, 1.; found 5"),
        ({0.05: 1, 0.95: np.nan}, "finite number; found nan"),
    ],
)
def test_senseless_quantiles_say_why(quantiles, message):
    with pytest.raises(PriorError, match=message):
        Prior.from_quantiles(quantiles, family="normal")


ORIGINALS = [
    Prior("uniform", lower=-1, upper=4),
    Prior("normal", mu=3, sigma=0.2),
    Prior("truncated_normal", mu=0.9, sigma=0.4, lower=0, upper=1),
    Prior("lognormal", mu=3, sigma=0.7),
    Prior("log_uniform", lower=0.1, upper=4),
    Prior("beta", alpha=0.7, beta=3, support=(1, 3)),
    Prior("gamma", alpha=0.7, beta=3),
    Prior("triangular", lower=-1, c=0, upper=4),
    Prior("pert", lower=-1, mode=0, upper=4),
    Prior("logit_normal", mu=1, sigma=2),
]


@pytest.mark.parametrize("original", ORIGINALS, ids=lambda prior: prior.family)
@pytest.mark.parametrize("at", [(0.1, 0.5, 0.9), (0.02, 0.4, 0.6, 0.7, 0.8)])
def test_quantiles_lead_back_to_the_prior(original, at):
    asked = {p: float(original.ppf(p)) for p in at}
    support = {"support": original.support} if original.family in BOUNDED else {}
    prior = Prior.from_quantiles(asked, family=original.family, **support)
    np.testing.assert_allclose(
        list(prior.parameters.values()), list(original.parameters.values()), rtol=1e-6, atol=1e-6
    )


def test_every_family_that_can_be_elicited_is_tried():
    assert {prior.family for prior in ORIGINALS} == set(FITS)


def test_quantiles_that_a_family_lacks_are_shown_beside_what_it_has():
    with pytest.raises(PriorError, match=r"at 0\.5 asked 0\.8, obtained 0\.5;"):
        Prior.from_quantiles({0.05: 0, 0.5: 0.8, 0.95: 1}, family="normal")


def test_known_ends_and_median_fix_a_pert():
    median = float(Prior("pert", lower=1, mode=2, upper=5).ppf(0.5))
    prior = Prior.from_quantiles({0: 1, 0.5: median, 1: 5}, family="pert")
    assert prior.parameters["mode"] == pytest.approx(2, rel=1e-9)


def test_known_lower_end_of_a_triangular():
    original = Prior("triangular", lower=1, c=2, upper=5)
    prior = Prior.from_quantiles({0: 1, 0.9: float(original.ppf(0.9))}, family="triangular", mode=2)
    assert prior.parameters["upper"] == pytest.approx(5, rel=1e-9)


def test_what_was_asked_is_remembered():
    prior = Prior.from_interval(0.5, 0.75, family="beta", unit="TWh", label="A", sources="B")
    assert prior.elicited.describe() == "90% in [0.5, 0.75]"
    assert (prior.unit, prior.label, prior.sources) == ("TWh", "A", ("B",))
    copy = pickle.loads(pickle.dumps(prior))
    assert copy == prior
    assert copy.elicited == prior.elicited
    other = Prior.from_quantiles({0.25: 1, 0.95: 3}, family="pert", mode=2)
    assert other.elicited.describe() == "P25 = 1, P95 = 3, mode 2"
    assert Prior("beta", alpha=1, beta=1).elicited is None


def test_beta_of_a_central_interval_agrees_with_published_shapes():
    # Two-quantile solution for 5% at 0.5 and 95% at 0.75, to the digits given.
    prior = Prior.from_interval(0.50, 0.75, family="beta")
    assert prior.parameters["alpha"] == pytest.approx(24.8201, abs=5e-5)
    assert prior.parameters["beta"] == pytest.approx(14.6548, abs=5e-5)


@pytest.mark.parametrize("family", list(FITS))
@given(
    centre=st.floats(0.01, 0.99),
    spread=st.floats(1e-3, 0.99),
    mass=st.floats(0.3, 0.99),
)
@settings(max_examples=40, deadline=None)
def test_a_fit_that_succeeds_holds_the_interval(family, centre, spread, mass):
    half = spread * min(centre, 1 - centre)
    lower, upper = centre - half, centre + half
    assume(lower > 0 and upper < 1)
    support = UNIT if family in BOUNDED else {}
    try:
        prior = Prior.from_interval(lower, upper, mass=mass, family=family, **support)
    except PriorError:
        assert family == "truncated_normal"  # the one family with a widest member
        return
    assert_holds(prior, lower, upper, mass)
