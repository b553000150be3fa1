"""A prior is one distribution in three uses: quantiles, log density, PyMC variable."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from uncertainty.errors import PriorError
from uncertainty.families import FAMILIES, family_named
from uncertainty.prior import Prior

INF = np.inf
U = np.concatenate([[1e-9, 1e-4], np.linspace(0.003, 0.997, 67), [1 - 1e-4, 1 - 1e-9]])


def pert_twin(lower, mode, upper):
    width = upper - lower
    alpha, beta = 1 + 4 * (mode - lower) / width, 1 + 4 * (upper - mode) / width
    return stats.beta(alpha, beta, loc=lower, scale=width)


class LogitNormalTwin:
    """SciPy has no logit-normal: its normal, carried through the logistic function."""

    def __init__(self, mu, sigma, lower=0.0, upper=1.0):
        self.normal, self.lower, self.upper = stats.norm(mu, sigma), lower, upper

    def ppf(self, u):
        return self.lower + (self.upper - self.lower) / (1 + np.exp(-self.normal.ppf(u)))

    def logpdf(self, x):
        y = (x - self.lower) / (self.upper - self.lower)
        jacobian = np.log(y) + np.log1p(-y) + np.log(self.upper - self.lower)
        return self.normal.logpdf(np.log(y) - np.log1p(-y)) - jacobian


CONTINUOUS = {
    "uniform": (Prior("uniform", lower=-1, upper=3), stats.uniform(-1, 4)),
    "normal": (Prior("normal", mu=1, sigma=2), stats.norm(1, 2)),
    "truncated_normal": (
        Prior("truncated_normal", mu=0.4, sigma=0.5, lower=0, upper=1),
        stats.truncnorm(-0.8, 1.2, 0.4, 0.5),
    ),
    "truncated_normal, upper tail": (
        Prior("truncated_normal", mu=-1, sigma=0.5, lower=0, upper=2),
        stats.truncnorm(2, 6, -1, 0.5),
    ),
    "truncated_normal, far tail": (
        Prior("truncated_normal", mu=0, sigma=1, lower=8, upper=10),
        stats.truncnorm(8, 10),
    ),
    "truncated_normal, far lower tail": (
        Prior("truncated_normal", mu=0, sigma=1, lower=-9, upper=-7),
        stats.truncnorm(-9, -7),
    ),
    "truncated_normal, one side": (
        Prior("truncated_normal", mu=0.4, sigma=0.5, support=(0, INF)),
        stats.truncnorm(-0.8, INF, 0.4, 0.5),
    ),
    "truncated_normal, nearly flat": (
        Prior("truncated_normal", mu=2, sigma=3e3, lower=0, upper=1),
        stats.uniform(0, 1),
    ),
    "lognormal": (Prior("lognormal", mu=0.1, sigma=0.6), stats.lognorm(0.6, scale=np.exp(0.1))),
    "log_uniform": (Prior("log_uniform", lower=0.1, upper=20), stats.loguniform(0.1, 20)),
    "beta": (Prior("beta", alpha=8, beta=5), stats.beta(8, 5)),
    "beta, other support": (
        Prior("beta", alpha=2, beta=5, support=(1, 3)),
        stats.beta(2, 5, loc=1, scale=2),
    ),
    "gamma": (Prior("gamma", alpha=2.5, beta=0.3), stats.gamma(2.5, scale=1 / 0.3)),
    "triangular": (Prior("triangular", lower=-1, c=0.5, upper=4), stats.triang(0.3, -1, 5)),
    "triangular, rising": (Prior("triangular", lower=0, c=1, upper=1), stats.triang(1)),
    "triangular, falling": (Prior("triangular", lower=0, c=0, upper=2), stats.triang(0, 0, 2)),
    "pert": (Prior("pert", lower=-1, mode=0.5, upper=4), pert_twin(-1, 0.5, 4)),
    "logit_normal": (Prior("logit_normal", mu=0.3, sigma=0.8), LogitNormalTwin(0.3, 0.8)),
    "logit_normal, other support": (
        Prior("logit_normal", mu=-1, sigma=1.5, support=(10, 12)),
        LogitNormalTwin(-1, 1.5, 10, 12),
    ),
}

SHARES = Prior("dirichlet", a=[2, 0.7, 4])
CHOICE = Prior("choice", values=[3, 1, 2], probabilities=[0.5, 0.2, 0.3])
FIXED = Prior("fixed", value=1.3)

each = pytest.mark.parametrize(("prior", "twin"), CONTINUOUS.values(), ids=CONTINUOUS.keys())
each_prior = pytest.mark.parametrize(
    "prior", [prior for prior, _ in CONTINUOUS.values()], ids=CONTINUOUS.keys()
)


def test_every_family_has_a_case():
    covered = {prior.family for prior, _ in CONTINUOUS.values()}
    assert covered | {SHARES.family, CHOICE.family, FIXED.family} == set(FAMILIES)


@each
def test_quantiles_equal_those_of_scipy(prior, twin):
    # SciPy's own truncated normal and this "nearly flat" twin are good to about 1e-7 only.
    tolerance = 1e-6 if prior.family == "truncated_normal" else 1e-11
    np.testing.assert_allclose(prior.ppf(U), twin.ppf(U), rtol=tolerance, atol=tolerance * prior.sd)


@each
def test_log_density_equals_that_of_scipy(prior, twin):
    inner = prior.ppf(U[2:-2])
    flat = prior.family == "truncated_normal" and prior.parameters["sigma"] > 100
    np.testing.assert_allclose(prior.logpdf(inner), twin.logpdf(inner), atol=1e-6 if flat else 1e-9)


@each_prior
def test_density_integrates_to_the_cdf(prior):
    x = prior.ppf(np.linspace(0.05, 0.95, 6))
    for low, high in pairwise(x):
        area, _ = integrate.quad(
            lambda value: float(np.exp(prior.logpdf(value))), low, high, epsabs=1e-13, epsrel=1e-12
        )
        assert area == pytest.approx(float(prior.cdf(high) - prior.cdf(low)), abs=1e-10)


@each_prior
def test_cdf_undoes_ppf(prior):
    u = np.linspace(0.001, 0.999, 101)
    np.testing.assert_allclose(prior.cdf(prior.ppf(u)), u, atol=1e-11)


@each_prior
def test_moments_equal_quadrature_of_the_quantiles(prior):
    def moment(f):
        halves = [
            integrate.quad(lambda u: f(float(prior.ppf(u))), a, b, epsabs=1e-13, limit=400)[0]
            for a, b in ((0.0, 1e-4), (1e-4, 0.5), (0.5, 1 - 1e-4), (1 - 1e-4, 1.0))
        ]
        return sum(halves)

    mean = moment(lambda x: x)
    assert prior.mean == pytest.approx(mean, abs=1e-7 * prior.sd)
    assert prior.sd == pytest.approx(np.sqrt(moment(lambda x: (x - mean) ** 2)), rel=1e-6)


@each_prior
def test_ends_of_the_unit_interval_are_the_ends_of_the_support(prior):
    assert tuple(prior.ppf([0.0, 1.0])) == prior.support


@each_prior
def test_no_density_and_no_surprise_outside_the_support(prior):
    lower, upper = prior.support
    for end, beyond, cdf in ((lower, -1.0, 0.0), (upper, 1.0, 1.0)):
        if np.isfinite(end):
            assert prior.logpdf(end + beyond) == -INF
            assert prior.cdf(end + beyond) == cdf
    assert prior.logpdf(INF) == prior.logpdf(-INF) == -INF
    assert (prior.cdf(-INF), prior.cdf(INF)) == (0, 1)


@each_prior
def test_interval_has_equal_tails(prior):
    lower, upper = prior.interval(0.8)
    assert prior.cdf(lower) == pytest.approx(0.1, abs=1e-10)
    assert prior.cdf(upper) == pytest.approx(0.9, abs=1e-10)


@each_prior
@given(u=st.lists(st.floats(0, 1), min_size=2, max_size=30))
@settings(max_examples=30, deadline=None)
def test_quantiles_never_fall_and_stay_inside(prior, u):
    x = prior.ppf(np.sort(u))
    steps = np.diff(x[np.isfinite(x)])
    assert (steps >= -1e-13 * (prior.sd + np.abs(x[np.isfinite(x)]).max(initial=0))).all()
    assert (x >= prior.support[0]).all()
    assert (x <= prior.support[1]).all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 4), (0,)])
@each_prior
def test_shape_is_kept(prior, shape):
    u = np.full(shape, 0.3)
    for method in (prior.ppf, prior.cdf, prior.logpdf):
        assert np.shape(method(u)) == shape


@pytest.mark.parametrize("bad", [-0.1, 1.1, np.nan, [0.5, np.nan]])
@pytest.mark.parametrize("prior", [CONTINUOUS["beta"][0], CHOICE, FIXED])
def test_bad_probabilities_are_refused(prior, bad):
    with pytest.raises(PriorError, match=r"must lie in \[0, 1\]; found"):
        prior.ppf(bad)


def test_nan_values_are_refused():
    with pytest.raises(PriorError, match="found 1 NaN"):
        CHOICE.logpdf([1.0, np.nan])


@pytest.mark.parametrize("alpha", [1.01, 2.0, 8.0])
def test_probabilities_too_small_for_scipy(alpha):
    # As y -> 0 the beta's cdf is y^alpha / (alpha B(alpha, beta)).
    u = np.array([1e-210, 1e-150, 1e-40, 1e-26])
    log_y = (np.log(u) + np.log(alpha) + special.betaln(alpha, 0.2)) / alpha
    got = Prior("beta", alpha=alpha, beta=0.2).ppf(u)
    np.testing.assert_allclose(np.log(got), log_y, rtol=1e-6, atol=1e-3)
    assert bool((np.diff(got) > 0).all())


def test_truncated_normal_moments_stay_exact_far_out():
    # The tail of a normal beyond a: mean a + 1/a - 2/a^3 + 10/a^5 - ... (Mills' ratio).
    far = Prior("truncated_normal", mu=0, sigma=1, lower=30, upper=INF)
    assert far.mean == pytest.approx(30 + 1 / 30 - 2 / 30**3 + 10 / 30**5, rel=1e-9)
    flat = Prior("truncated_normal", mu=0, sigma=1e5, lower=0, upper=1)
    assert flat.sd == pytest.approx(1 / np.sqrt(12), rel=1e-9)
    assert flat.logpdf(0.5) == pytest.approx(0, abs=1e-9)


class TestDirichlet:
    def test_counts(self):
        assert (SHARES.width, SHARES.size) == (2, 3)

    def test_shares_sum_to_one(self):
        u = np.random.default_rng(1).random((2, 5_000))
        shares = SHARES.ppf(u)
        assert shares.shape == (3, 5_000)
        assert (shares >= 0).all()
        np.testing.assert_allclose(shares.sum(axis=0), 1, atol=1e-12)

    def test_parts_have_the_dirichlet_moments(self):
        draws = SHARES.ppf(np.random.default_rng(2).random((2, 40_000)))
        twin = stats.dirichlet([2, 0.7, 4])
        np.testing.assert_allclose(SHARES.mean, twin.mean(), rtol=1e-12)
        np.testing.assert_allclose(SHARES.sd, np.sqrt(twin.var()), rtol=1e-12)
        error = np.sqrt(twin.var() / 40_000)
        assert (np.abs(draws.mean(axis=1) - twin.mean()) < 4.5 * error).all()
        wanted = twin.cov()[0, 2]
        products = (draws[0] - twin.mean()[0]) * (draws[2] - twin.mean()[2])
        assert abs(products.mean() - wanted) < 4.5 * products.std() / np.sqrt(40_000)

    def test_every_part_has_its_marginal(self):
        draws = SHARES.ppf(np.random.default_rng(3).random((2, 20_000)))
        for part, a in zip(draws, [2, 0.7, 4], strict=True):
            assert stats.kstest(part, stats.beta(a, 6.7 - a).cdf).pvalue > 1e-3
        lower, upper = SHARES.interval(0.9)
        np.testing.assert_allclose(lower[1], stats.beta(0.7, 6.0).ppf(0.05), rtol=1e-10)
        np.testing.assert_allclose(upper[1], stats.beta(0.7, 6.0).ppf(0.95), rtol=1e-10)

    def test_log_density(self):
        x = SHARES.ppf(np.random.default_rng(4).random((2, 20)))
        wanted = [stats.dirichlet([2, 0.7, 4]).logpdf(point / point.sum()) for point in x.T]
        np.testing.assert_allclose(SHARES.logpdf(x), wanted, rtol=1e-10)
        assert SHARES.logpdf([0.5, 0.5, 0.5]) == -INF
        assert SHARES.logpdf([-0.5, 0.5, 1.0]) == -INF

    def test_wrong_shapes_are_refused(self):
        with pytest.raises(PriorError, match="3 parts take 2 coordinates"):
            SHARES.ppf(np.full((3, 7), 0.5))
        with pytest.raises(PriorError, match="3 shares on the first axis"):
            SHARES.logpdf([0.5, 0.5])
        with pytest.raises(PriorError, match="no cumulative probability"):
            SHARES.cdf([0.2, 0.3, 0.5])


def test_choice_steps_up_through_its_values():
    np.testing.assert_array_equal(
        CHOICE.ppf([0, 0.1, 0.2, 0.2001, 0.5, 0.51, 1]), [1, 1, 1, 2, 2, 3, 3]
    )
    np.testing.assert_allclose(CHOICE.cdf([0.9, 1, 1.5, 2, 3]), [0, 0.2, 0.2, 0.5, 1])
    np.testing.assert_allclose(CHOICE.logpdf([1, 2, 3]), np.log([0.2, 0.3, 0.5]))
    assert CHOICE.logpdf(1.5) == -INF
    assert CHOICE.mean == pytest.approx(2.3)
    assert CHOICE.sd == pytest.approx(np.sqrt(0.5 * 9 + 0.2 + 0.3 * 4 - 2.3**2))
    assert CHOICE.support == (1, 3)


def test_fixed_takes_no_coordinate():
    assert (FIXED.width, FIXED.size, FIXED.mean, FIXED.sd) == (0, 1, 1.3, 0)
    np.testing.assert_array_equal(FIXED.ppf([0.1, 0.9]), [1.3, 1.3])
    np.testing.assert_array_equal(FIXED.logpdf([1.3, 1.2]), [0, -INF])
    assert FIXED.interval(0.9) == (1.3, 1.3)


WRONG = {
    "unknown family": (("betta", {}), "did you mean 'beta'"),
    "unknown parameter": (("beta", {"alpha": 1, "beta": 2, "gamma": 3}), "unknown parameter 'gam"),
    "PyMC's other form": (("beta", {"mu": 0.5, "sigma": 0.1}), "beta takes alpha, beta"),
    "missing": (("normal", {"mu": 1}), "missing sigma; normal takes mu, sigma; found mu"),
    "sigma": (("normal", {"mu": 1, "sigma": -2}), r"sigma must be above 0; found -2"),
    "not finite": (("normal", {"mu": INF, "sigma": 2}), "mu must be one finite number; found inf"),
    "text": (("normal", {"mu": "one", "sigma": 2}), "mu must be a number or a list.*'one'"),
    "truth": (("normal", {"mu": True, "sigma": 2}), "found True"),
    "list": (("normal", {"mu": [1, 2], "sigma": 2}), "mu must be one finite number"),
    "reversed": (("uniform", {"lower": 2, "upper": 1}), "lower=2.0, upper=1.0 .swap them"),
    "equal": (("uniform", {"lower": 2, "upper": 2}), "use the family fixed"),
    "mode": (("pert", {"lower": 0, "mode": 3, "upper": 2}), "mode must lie between"),
    "c": (("triangular", {"lower": 0, "c": 3, "upper": 2}), "c must lie between"),
    "log of zero": (("log_uniform", {"lower": 0, "upper": 2}), "lower must be above 0"),
    "overflow": (("lognormal", {"mu": 900, "sigma": 2}), "logarithm of the value"),
    "no bounds": (("truncated_normal", {"mu": 0, "sigma": 2}), "needs a finite lower or upper"),
    "one part": (("dirichlet", {"a": [1]}), "at least 2 numbers"),
    "part zero": (("dirichlet", {"a": [1, 0]}), "above 0; found 0"),
    "scalar a": (("dirichlet", {"a": 3}), "list of at least 2"),
    "twice": (("choice", {"values": [1, 1], "probabilities": [0.5, 0.5]}), "1.0 is there more"),
    "lengths": (("choice", {"values": [1, 2, 3], "probabilities": [0.5, 0.5]}), "3 values and 2"),
    "sum": (("choice", {"values": [1, 2], "probabilities": [0.5, 0.4]}), "sum of 0.9"),
    "nil": (("choice", {"values": [1, 2], "probabilities": [1, 0]}), "must be above 0; found 0"),
    "support": (("normal", {"mu": 0, "sigma": 1, "support": (0, 1)}), "use beta, logit_normal or"),
    "half": (("uniform", {"lower": 0, "upper": 1, "support": (0, INF)}), "use lognormal, gamma"),
    "twofold": (
        ("truncated_normal", {"mu": 0, "sigma": 1, "lower": 0, "upper": 1, "support": (0, 2)}),
        r"its support is \(0, 1\), not \(0, 2\)",
    ),
    "pert": (("pert", {"lower": 0, "mode": 1, "upper": 2, "support": (0, 3)}), r"is \(0, 2\)"),
    "open beta": (("beta", {"alpha": 1, "beta": 1, "support": (0, INF)}), "one finite number"),
    "half a pair": (("beta", {"alpha": 1, "beta": 1, "support": (0,)}), "two numbers in order"),
    "no pair": (("beta", {"alpha": 1, "beta": 1, "support": "01"}), "two numbers in order"),
    "turned": (("beta", {"alpha": 1, "beta": 1, "support": (1, 0)}), "two numbers in order"),
}


@pytest.mark.parametrize(("asked", "message"), WRONG.values(), ids=WRONG.keys())
def test_impossible_priors_say_why(asked, message):
    family, parameters = asked
    with pytest.raises(PriorError, match=message):
        Prior(family, **parameters)


def test_natural_support_may_be_repeated():
    assert Prior("gamma", alpha=1, beta=1, support=(0, INF)).support == (0, INF)
    assert Prior("uniform", lower=1, upper=2, support=[1, 2]).support == (1, 2)
    assert Prior("truncated_normal", mu=0, sigma=1, support=(0, 2)).parameters["upper"] == 2


@pytest.mark.parametrize("spelling", ["LogNormal", "log_normal", "lognormal", "LOG NORMAL"])
def test_spellings(spelling):
    assert family_named(spelling) == "lognormal"


def test_a_prior_is_a_value():
    one = Prior("beta", alpha=8, beta=5, unit="TWh", sources=[{"title": "A"}])
    same = Prior("Beta", alpha=8.0, beta=np.float64(5), unit="TWh", sources=[{"title": "A"}])
    assert one == same
    assert hash(one) == hash(same)
    assert one != Prior("beta", alpha=8, beta=5)
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(FrozenInstanceError):
        one.unit = "GWh"
    with pytest.raises(TypeError):
        one.parameters["alpha"] = 1


def test_descriptions():
    assert Prior("beta", alpha=8, beta=5).describe() == "beta(alpha=8, beta=5)"
    moved = Prior("beta", alpha=8, beta=5.25, support=(0.4, 0.9))
    assert moved.describe() == "beta(alpha=8, beta=5.25) on [0.4, 0.9]"
    assert SHARES.describe() == "dirichlet(a=[2, 0.7, 4])"
    assert repr(FIXED) == "Prior(fixed(value=1.3), unit='1')"


def test_import_is_light():
    code = "import sys, uncertainty.prior; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "scipy.special" in done.stdout.split()
    heavy = {"scipy.stats", "scipy.optimize", "pymc", "pytensor", "pandas"}
    assert not heavy & set(done.stdout.split())
