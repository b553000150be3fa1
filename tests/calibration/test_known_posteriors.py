"""Posteriors that are known, exactly or by weighting a million draws of the prior."""

from __future__ import annotations

import json

import numpy as np
import pytest
from arviz_stats.base import array_stats
from scipy.stats import norm

from tests.calibration import known
from tests.calibration.conftest import FLAT, PAIRS, two_space
from tests.calibration.known import near, near_moments
from uncertainty.calibration.run import calibrate

# ---- normal on normal ----


@pytest.mark.parametrize("sampler", ["nutpie", "pymc"])
def test_one_normal_mean_is_what_the_conjugate_formula_says(sampler):
    result = calibrate(known.level, known.one_prior(), known.five(), draws=1500, sampler=sampler)
    precision = 1 / 1.5**2 + 5
    mean = (8 / 1.5**2 + sum(known.SEEN)) / precision
    assert (round(mean, 4), round(precision**-0.5, 5)) == (10.0020, 0.42857)
    near_moments(result["posterior"]["mu"].values, mean, 1 / precision)
    assert result.attrs["converged"] == 1


# ---- many parameters, correlated priors, labels, units, a source's bias, editions ----


def scores(result) -> np.ndarray:
    """Draws (name, chain, draw) of all that is Gaussian."""
    draws = result["posterior"].to_dataset()
    parts = [draws[name] for name in ("mu", "a", "b", "c")]
    parts += [np.log(draws["start"]), draws["rate"], draws["source_bias"].isel(source=0)]
    parts += [draws["vintage"].isel(edition=i) for i in range(3)]
    return np.stack([part.transpose("chain", "draw").values for part in parts])


def test_means_variances_and_covariances_are_exact(gaussian):
    exact, draws = known.gaussian_posterior(), scores(gaussian)
    for i, mean in enumerate(exact.mean):
        near(draws[i], mean)
        for j in range(i + 1):
            product = (draws[i] - mean) * (draws[j] - exact.mean[j])
            near(product, exact.covariance[i, j])


def test_evidence_has_moved_what_the_exact_answer_moves():
    """What the test above holds to is not the prior."""
    before, after = known.gaussian_prior(), known.gaussian_posterior()
    shrunk = np.sqrt(np.diag(after.covariance) / np.diag(before.covariance))
    assert (shrunk[:7] < 0.85).all()
    assert abs(after.mean[6]) > 0.03


def test_posterior_of_the_bias_and_of_the_editions_is_told_by_source(gaussian):
    exact = known.gaussian_posterior()
    told = gaussian["calibration/source_bias"].to_dataset()
    assert told["source"].values.tolist() == ["Agency"]
    assert int(told["rows"][0]) == 4
    assert float(told["prior_sd"][0]) == known.BIAS
    bias = gaussian["posterior"]["source_bias"].isel(source=0).values
    sd = np.sqrt(exact.covariance[6, 6])
    middle = float(array_stats.mcse(bias, **known.AXES, method="median"))
    assert abs(np.log(float(told["factor"][0])) - exact.mean[6]) < 4 * middle
    for bound, p in ((0, 0.05), (1, 0.95)):
        error = float(array_stats.mcse(bias, **known.AXES, method="quantile", prob=p))
        end = np.log(float(told["factor_interval"][0, bound]))
        assert abs(end - (exact.mean[6] + sd * norm.ppf(p))) < 4 * error
    assert "bias_scale" not in gaussian["posterior"].to_dataset()


def test_predicted_outcomes_are_exact_where_nothing_was_observed(gaussian):
    exact = known.gaussian_posterior()
    demand = gaussian["posterior_predictive"]["demand"]
    draws = demand.sel(year=2023, region="north").values
    near_moments(draws, *exact.of(known.row_of({"a": 1, "b": 3})))
    moments = gaussian["calibration/moments"]["demand"].sel(year=2023, region="north")
    assert moments.sel(moment="mean").item() == pytest.approx(draws.mean(), rel=1e-9)


def test_replicated_rows_have_their_error_and_the_posterior(gaussian):
    rows, _, sds = known.gaussian_rows()
    exact = known.gaussian_posterior()
    drawn = gaussian["posterior_predictive"]["observation"].transpose("chain", "draw", "row").values
    for i, row in enumerate(rows):
        mean, variance = exact.of(row)
        value = np.log(drawn[..., i]) if i >= 10 else drawn[..., i]
        near_moments(value, mean, variance + sds[i] ** 2)


def test_rows_left_out_are_predicted_as_refits_predict_them(gaussian):
    """Each row's elpd is that of the exact posterior without it."""
    rows, values, sds = known.gaussian_rows()
    told = gaussian["calibration/check"]["elpd_loo"].values
    slope = np.where(np.arange(len(rows)) >= 10, values, 0.0)
    for i in range(len(rows)):
        rest = np.arange(len(rows)) != i
        without = known.gaussian_prior().given(rows[rest], values[rest], sds[rest])
        mean, variance = without.of(rows[i])
        exact = norm.logpdf(values[i], mean, np.sqrt(variance + sds[i] ** 2)) - slope[i]
        assert told[i] == pytest.approx(exact, abs=0.06)


def test_a_held_back_row_takes_what_was_learned_of_its_source_and_edition(gaussian):
    exact, held = known.gaussian_posterior(), gaussian["held_back"].to_dataset()
    assert held["observed"].values == pytest.approx([90, 110, 99])
    extra = [0.0, 0.1**2, 0.3**2 + 0.1**2]
    for i, (year, _, sd, *_, weights) in enumerate(known.HELD):
        mean, variance = exact.of(known.power_row(year, weights))
        drawn = held["observation"].isel(row=i).transpose("chain", "draw").values
        near_moments(np.log(drawn), mean, variance + extra[i] + sd**2)


def test_a_held_back_row_is_predicted_by_the_prior_too(gaussian):
    held, prior = gaussian["held_back"].to_dataset(), known.gaussian_prior()
    assert held["prior_observation"].sizes == {"prior_chain": 4, "prior_draw": 1024, "row": 3}
    assert held["observation"].sizes == {"chain": 4, "draw": 1500, "row": 3}
    early = np.log(held["prior_observation"].isel(row=0)).transpose("prior_chain", "prior_draw")
    year, _, sd, *_, weights = known.HELD[0]
    mean, variance = prior.of(known.power_row(year, weights))
    near_moments(early.values, mean, variance + sd**2)


def test_prior_groups_are_of_the_prior(gaussian):
    prior = gaussian["prior"].to_dataset()
    assert float(prior["a"].mean()) == pytest.approx(50, rel=0.01)
    assert float(prior["source_bias"].std()) == pytest.approx(known.BIAS, rel=0.05)
    assert float(prior["vintage"].isel(edition=0).std()) == pytest.approx(0.05, rel=0.05)


# ---- growth, shares, several biased sources ----


def compared(result, weighted) -> None:
    """Means and variances of everything against weighted draws of the prior."""
    assert weighted.effective > 2_000
    draws = result["posterior"].to_dataset()
    found = {name: draws[name].values for name in ("start", "rate", "mix", "tilt", "bias_scale")}
    for i, name in enumerate(("ministry", "agency", "bureau")):
        found[name] = draws["source_bias"].isel(source=i).transpose("chain", "draw").values
    for name, values in found.items():
        mean, error = weighted.mean(name)
        near(values, mean, error)
        near((values - mean) ** 2, *weighted.mean(name, 2, mean))
    assert result.attrs["converged"] == 1


def test_growth_shares_and_biased_sources_agree_with_weighted_draws(curved, weighted):
    compared(curved, weighted)


@pytest.mark.slow
def test_robust_rows_agree_with_weighted_draws():
    evidence = known.curved_evidence()
    result = calibrate(known.curved_model, known.CURVED, evidence, draws=1500, robust=True)
    compared(result, known.curved_weighted(robust=True))


def test_weighted_draws_are_far_from_the_prior(weighted):
    """What the test above holds to is not the prior."""
    rate = weighted.values["rate"]
    mean, _ = weighted.mean("rate")
    variance, _ = weighted.mean("rate", 2, mean)
    assert variance < 0.25 * rate.var()
    assert abs(weighted.mean("ministry")[0]) > 0.01


# ---- observations that say nothing ----


SCALARS = [name for name, prior in FLAT.items() if prior.size == 1 and name not in ("form", "constant")]  # fmt: skip


def covered(draws: np.ndarray, share: float) -> None:
    """A share of draws (chain, draw) of True."""
    near(draws.astype(float), share)


@pytest.mark.parametrize("name", SCALARS)
def test_what_no_observation_tells_keeps_its_prior(flat, name):
    draws = flat["posterior"][name].values
    for p in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98):
        covered(draws < FLAT[name].ppf(np.array(p)), p)


def test_shares_that_no_observation_tells_keep_their_prior(flat):
    draws = flat["posterior"]["shares"]
    part = next(dim for dim in draws.dims if dim not in ("chain", "draw"))
    values = draws.transpose(part, "chain", "draw").values
    assert np.abs(values.sum(axis=0) - 1).max() < 1e-12
    for i, beta in enumerate(FLAT["shares"].distribution.parts):
        for p in (0.1, 0.5, 0.9):
            covered(values[i] < float(beta.ppf(np.array(p))), p)
    near((values[0] - 2 / 7) * (values[2] - 4 / 7), -2 * 4 / (49 * 8))


def test_rank_correlations_of_the_prior_are_kept(flat):
    draws = flat["posterior"].to_dataset()
    for (one, two), rho in PAIRS.items():
        u, v = (FLAT[name].cdf(draws[name].values) for name in (one, two))
        near(12 * (u - 0.5) * (v - 0.5), rho)


def test_structures_that_no_observation_tells_apart_share_the_draws(flat):
    structures = flat["calibration/structures"].to_dataset()
    assert structures["weight"].values == pytest.approx([0.5, 0.5], abs=0.05)
    assert float(flat["posterior"]["form"].mean()) == pytest.approx(0.5, abs=0.06)
    assert set(np.unique(flat["posterior"]["form"])) == {0.0, 1.0}


def test_a_fixed_parameter_stays_where_it_is(flat):
    assert (flat["posterior"]["constant"] == 3).all()


# ---- structures with a closed form ----


def exact_elpd(less: float) -> float:
    """Sum over rows of the log density that the other four predict, prior N(8 - less, 1.5)."""
    found = 0.0
    for i, value in enumerate(known.SEEN):
        others = [v for j, v in enumerate(known.SEEN) if j != i]
        precision = 1 / 1.5**2 + 4
        mean = ((8 - less) / 1.5**2 + sum(others)) / precision
        found += norm.logpdf(value, mean, np.sqrt(1 / precision + 1))
    return found


def test_structures_predict_left_out_rows_as_the_closed_form_says(two):
    told = two.comparison["elpd_loo"]
    for form in (0, 2):
        name = f"form={form // 2}"
        assert float(told.sel(structure=name)) == pytest.approx(exact_elpd(form), abs=0.15)


def test_draws_are_shared_out_by_weight_and_each_from_its_own_structure(two):
    assert two.weights.sum() == pytest.approx(1)
    assert two.weights[0] > two.weights[1]
    form = two.draws.values["form"]
    assert form.tolist() == [float(two.fits[n].structure["form"]) for n in two.structure]
    assert (two.structure == 1).mean() == pytest.approx(two.weights[1], abs=4 / 1500)
    for number, less in enumerate((0.0, 2.0)):
        precision = 1 / 1.5**2 + 5
        mean = (8 / 1.5**2 + sum(v + less for v in known.SEEN)) / precision
        near_moments(two.every[number].values["mu"].reshape(4, -1), mean, 1 / precision)


#: Five rows that all speak for one of two structures: the mean of a Beta(1/2, 11/2).
LEFT_OPEN = 1 / 12


def test_a_structure_that_the_rows_refute_gets_no_more_than_so_few_rows_leave_open():
    def far(mu, form):
        return 0.2 * mu + 8.4 - 30.0 * form

    result = calibrate(far, two_space(), known.five(), draws=600)
    weight = result["calibration/structures"]["weight"]
    assert float(weight.sel(structure="form=1")) == pytest.approx(LEFT_OPEN, abs=0.01)
    assert float(result["posterior"]["form"].mean()) == pytest.approx(LEFT_OPEN, abs=0.01)
    assert json.loads(result.attrs["calibration"])["structures"] == ["form=0", "form=1"]


def test_rows_that_depend_on_structure_alone_still_tell_structures_apart():
    def fork(mu, form):
        return {"y": 10.0 - 5.0 * form, "other": mu}

    result = calibrate(fork, two_space(), known.five(), draws=500)
    assert float(result["posterior"]["form"].mean()) == pytest.approx(LEFT_OPEN, abs=0.01)
    near_moments(result["posterior"]["mu"].values, 8, 1.5**2)
