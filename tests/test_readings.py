"""Other readings of a range: what they are, and what they move, against exact quantiles."""

import numpy as np
import pytest
import xarray as xr

import uncertainty as un
from uncertainty.alternatives import READINGS, alternatives, outside, range_of
from uncertainty.bounds import Bounds
from uncertainty.readings import (
    EVERY,
    LEVELS,
    Reweighting,
    cases,
    readings,
)
from uncertainty.sample import Sample
from uncertainty.weighted import effective_share, quantiles

SAVING = un.Prior.from_interval(0.5, 0.75, family="beta", support=(0, 1))
LEVEL = un.Prior.from_interval(75, 250, family="lognormal")


def reweighting(space, model=None, factors=None):
    space = un.Space(space) if isinstance(space, dict) else space
    tree = un.propagate(model or (lambda **x: sum(x.values())), space, size=2048)
    sample = Sample.of(tree)
    draws = sample.outcome("y", {})[None, :]
    return Reweighting(sample, space, factors or {}, draws, (draws < 0.6)[None].astype(float))


def told(found: xr.Dataset, parameter: str, reading: str) -> xr.Dataset:
    rows = (found["parameter"] == parameter) & (found["reading"] == reading)
    return found.isel(case=int(np.flatnonzero(rows.values)[0]))


def test_weighted_quantiles_are_plain_ones_with_equal_weights():
    draws = np.random.default_rng(1).normal(size=501)
    np.testing.assert_allclose(
        quantiles(draws, np.ones(501), LEVELS), np.quantile(draws, LEVELS, method="hazen")
    )


def test_a_whole_weight_counts_as_so_many_draws():
    draws = np.array([3.0, 1.0, 2.0])
    twice = np.repeat(np.sort(draws), [2, 2, 2])
    np.testing.assert_allclose(
        quantiles(draws, np.array([2.0, 2.0, 2.0]), [0.5]), np.quantile(twice, 0.5, method="hazen")
    )
    assert effective_share(np.array([1.0, 0.0, 0.0, 0.0])) == 0.25
    assert effective_share(np.ones(7)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("prior", "expected"),
    [
        (SAVING, (0.5, 0.75, None, 0.9)),
        (un.Prior("pert", lower=1, mode=2, upper=4), (1, 4, 2, 1.0)),
        (un.Prior("uniform", lower=1, upper=4), (1, 4, None, 1.0)),
        (un.Prior("triangular", lower=1, c=2, upper=4), (1, 4, 2, 1.0)),
        (un.Prior.from_quantiles({0.1: 1, 0.9: 5}, family="lognormal"), (1, 5, None, 0.8)),
    ],
)
def test_the_range_behind_a_prior(prior, expected):
    found = range_of(prior)
    assert (found.low, found.high, found.mode) == expected[:3]
    assert found.mass == pytest.approx(expected[3])


@pytest.mark.parametrize("prior", [un.Prior("beta", alpha=2, beta=3), un.Prior("fixed", value=1)])
def test_a_prior_without_a_range_has_no_other_reading(prior):
    assert range_of(prior) is None
    assert list(alternatives(prior)) == []


def test_every_reading_has_the_range_it_says():
    found = dict(alternatives(SAVING))
    assert "90% interval" not in found, "that is how it was read"
    assert found["uniform on the range"].support == (0.5, 0.75)
    assert found["PERT on the range"].support == (0.5, 0.75)
    for mass in (0.80, 0.95):
        low, high = found[f"{100 * mass:.0f}% interval"].interval(mass)
        np.testing.assert_allclose([low, high], [0.5, 0.75], rtol=1e-6)
    other = found["same interval, beta or lognormal"]
    assert other.family == "lognormal"
    np.testing.assert_allclose(other.interval(0.9), [0.5, 0.75], rtol=1e-6)
    assert set(found) <= set(READINGS)


def test_a_reading_that_the_model_forbids_is_not_tried():
    assert "same interval, beta or lognormal" in dict(alternatives(SAVING))
    tight = un.Prior.from_interval(0.5, 0.97, family="beta", support=(0, 1))
    assert "same interval, beta or lognormal" not in dict(alternatives(tight, Bounds.of("[0, 1]")))
    assert outside(un.Prior("uniform", lower=-1, upper=3), Bounds.of("[0, 1]")) == pytest.approx(
        0.75
    )


def test_reweighted_quantiles_are_those_of_the_other_reading():
    """With one parameter the outcome is that parameter: its quantiles are known exactly."""
    run = reweighting({"x": SAVING})
    found = readings(run, {}, ("place", [0]), ["low"])
    assert found["told"].all()
    for case in cases(run.space, {}):
        row = told(found, case.parameter, case.reading)
        exact = case.prior.ppf(np.array(LEVELS))
        error = row["shift_mcse"].values[0] * row["base"].values[0]
        gap = np.abs(row["value"].values[0] - exact)
        assert (gap < 5 * error + 1e-3 * exact).all(), (case.reading, gap, error)


def test_the_chance_of_a_sign_is_that_of_the_other_reading():
    found = readings(reweighting({"x": SAVING}), {}, ("place", [0]), ["low"])
    assert float(found["base_chance"].item()) == pytest.approx(SAVING.cdf(0.6), abs=0.002)
    for case in cases(un.Space({"x": SAVING}), {}):
        row = told(found, "x", case.reading)
        assert float(row["chance"].item()) == pytest.approx(float(case.prior.cdf(0.6)), abs=0.01)


def test_shift_is_relative_to_the_base():
    found = readings(reweighting({"x": LEVEL}), {}, ("place", [0]), ["low"])
    row = told(found, "x", "80% interval")
    exact = dict(alternatives(LEVEL))["80% interval"].ppf(0.95) / LEVEL.ppf(0.95) - 1
    assert float(row["shift"].sel(quantile=0.95).item()) == pytest.approx(exact, abs=0.01)
    assert row["how"].item() == "reweighted"


def test_a_reading_beyond_the_draws_is_not_told_but_can_be_run_anew():
    bounded = un.Prior("uniform", lower=1, upper=2)
    run = reweighting({"x": bounded})
    plain = readings(run, {}, ("place", [0]), ["low"])
    row = told(plain, "x", "80% interval")
    assert not row["told"]
    assert "beyond the draws" in row["note"].item()
    assert np.isnan(row["value"]).all()

    def runner(priors):
        made = reweighting({"x": priors["x"]})
        return made.draws, made.below

    row = told(readings(run, {}, ("place", [0]), ["low"], runner), "x", "80% interval")
    assert row["told"]
    assert row["how"].item() == "run anew"
    exact = dict(alternatives(bounded))["80% interval"].ppf(np.array(LEVELS))
    np.testing.assert_allclose(row["value"].values[0], exact, rtol=2e-3)


def test_too_few_draws_under_the_weights_are_not_told():
    class Narrow(Reweighting):
        def weights(self, name, other):
            return np.r_[np.ones(300), np.full(self.draws.shape[-1] - 300, 1e-9)]

    run = reweighting({"x": SAVING})
    narrow = Narrow(run.sample, run.space, {}, run.draws, run.below)
    found = readings(narrow, {}, ("place", [0]), ["low"])
    assert not found["told"].any()
    assert "of the draws would count" in found["note"].values[0]


def test_correlated_parameters_keep_their_dependence():
    space = un.Space({"a": LEVEL, "b": LEVEL}, {("a", "b"): 0.7})
    found = readings(reweighting(space), {}, ("place", [0]), ["low"])
    row = told(found, "a", "95% interval")
    other = dict(alternatives(LEVEL))["95% interval"]
    direct = reweighting(un.Space({"a": other, "b": LEVEL}, {("a", "b"): 0.7})).base()[0]
    np.testing.assert_allclose(row["value"].values[0], direct, rtol=0.01)
    ignored = reweighting(un.Space({"a": other, "b": LEVEL})).base()[0]
    assert abs(ignored[2] / direct[2] - 1) > 0.02, "the case must tell the two apart"


def test_units_of_model_and_prior_may_differ():
    """The sample is in the model's unit, the density in the prior's."""
    prior = un.Prior.from_interval(75, 250, family="lognormal", unit="GWh")

    @un.model(outcomes={"y": "MWh"}, units={"x": "MWh"})
    def same(x):
        return {"y": x}

    run = reweighting({"x": prior}, same, {"x": 1000.0})
    row = told(readings(run, {}, ("place", [0]), ["low"]), "x", "80% interval")
    exact = 1000 * dict(alternatives(prior))["80% interval"].ppf(0.5)
    assert float(row["value"].sel(quantile=0.5).item()) == pytest.approx(exact, rel=0.01)


def test_all_ranges_together_are_run_anew():
    run = reweighting({"a": SAVING, "b": SAVING})

    def together(priors):
        made = reweighting({"a": priors.get("a", SAVING), "b": priors.get("b", SAVING)})
        return made.draws, made.below

    found = readings(run, {}, ("place", [0]), ["low"], None, together)
    row = told(found, EVERY, "uniform on the range")
    triangle = 1.0 + 0.25 * np.sqrt(0.05 / 2) * 2
    assert float(row["value"].sel(quantile=0.05).item()) == pytest.approx(triangle, rel=2e-3)
    assert row["note"].item().startswith("2 of 2 ranges")
