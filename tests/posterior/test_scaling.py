"""Priors and data that count for more or for less."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm

from tests.posterior.linear import NAMES, Linear
from uncertainty.errors import ResultError
from uncertainty.posterior.densities import log_prior
from uncertainty.posterior.powers import DATA
from uncertainty.posterior.scaling import power_scaled
from uncertainty.posterior.smoothing import smoothed
from uncertainty.prior import Prior
from uncertainty.space import Space

SEEDS = 16


@pytest.fixture(scope="module")
def case():
    return Linear.made(prior_sd=(0.5, 0.5, 0.5))


@pytest.fixture(scope="module")
def runs(case):
    found = [
        power_scaled(case.tree(seed=s, rho=0.3), case.space, "electricity") for s in range(SEEDS)
    ]
    return xr.concat(found, "seed", join="exact")


def exact_moves(case, quantiles):
    """What each power of each prior, and of the likelihood, moves: (parameter, alpha, quantile, year)."""
    before, width = case.ahead()
    moves = []
    for name in (*NAMES, DATA):
        for alpha in (0.5, 2.0):
            power = (
                {"data": alpha}
                if name == DATA
                else {"powers": [alpha if n == name else 1.0 for n in NAMES]}
            )
            mean, sd = case.ahead(**power)
            moves.append(mean - before + norm.ppf(quantiles)[:, None] * (sd - width))
    return np.array(moves).reshape(4, 2, len(quantiles), 2)


def test_moves_are_those_of_fits_with_other_priors_and_other_weight_of_the_data(case, runs):
    exact = exact_moves(case, runs["quantile"].values)
    error = runs["moved"].std("seed", ddof=1) / np.sqrt(SEEDS)
    # the share of a tail that smoothing cuts: a twentieth of the move where k is above one half
    slack = np.where(runs["pareto_k"].mean("seed") > 0.45, 0.05, 0.005)[..., None, None]
    assert (
        np.abs(runs["moved"].mean("seed") - exact) < 4.5 * error + slack * np.abs(exact).max()
    ).all()
    assert runs["told"].all()
    assert np.abs(exact).max() > 10 * error.max()


def test_monte_carlo_errors_are_about_the_spread_over_seeds(runs):
    light = (runs["pareto_k"] < 0.4).all("seed")
    scatter = runs["moved"].std("seed", ddof=1)
    told = np.sqrt((runs["moved_mcse"] ** 2).mean("seed"))
    ratio = (told / scatter).where(light).mean()
    assert 0.8 < ratio < 1.25
    assert 0.8 < (told / scatter).mean() < 1.6


def test_sensitivities_agree_with_arviz(case):
    import arviz_stats

    tree = case.tree(seed=1)
    found = power_scaled(tree, case.space, "electricity")
    whole = arviz_stats.psense_summary(tree, var_names=list(NAMES), round_to=10)
    assert found["all_priors"].values[:3] == pytest.approx(whole["prior"].to_numpy(float), rel=1e-6)
    assert found["likelihood"].values[:3] == pytest.approx(
        whole["likelihood"].to_numpy(float), rel=1e-6
    )
    for name in NAMES:
        own = arviz_stats.psense_summary(
            tree, var_names=[name], prior_var_names=[name], round_to=10
        ).loc[name]
        assert found["prior"].sel(parameter=name).item() == pytest.approx(own["prior"], rel=1e-6)
        assert found["diagnosis"].sel(parameter=name).item() == own["diagnosis"]


def test_a_parameter_out_of_reach_rests_on_its_prior_alone(runs):
    one = runs.isel(seed=0).sel(parameter="far")
    assert one["diagnosis"].item() == "potential strong prior / weak likelihood"
    assert one["prior"] > 0.05 > one["likelihood"]


def test_the_density_of_all_rows_may_be_given(case):
    tree = case.tree(seed=1)
    joint = tree["log_likelihood"]["observation"].sum("row").values
    given = power_scaled(tree, case.space, "electricity", joint=joint)
    xr.testing.assert_allclose(given, power_scaled(tree, case.space, "electricity"))
    none = power_scaled(tree, case.space, "electricity", joint=np.zeros_like(joint))
    assert (none["moved"].sel(parameter=DATA) == 0).all()


def test_places_are_chosen_by_label(case):
    found = power_scaled(case.tree(draws=100), case.space, "electricity", places={"year": [2035]})
    assert found["moved"].dims == ("parameter", "alpha", "quantile", "year")
    assert found["year"].values.tolist() == [2035]
    assert found["moved"].attrs["units"] == "TWh"
    assert found["base"].dims == ("quantile", "year")


def test_what_the_draws_cannot_carry_is_not_told(case):
    tree = case.tree()
    found = power_scaled(tree, case.space, "electricity", alphas=(0.05, 1.0))
    data = found.sel(parameter=DATA)
    assert data["pareto_k"].values[0] > 0.7
    assert data["told"].values.tolist() == [False, True]
    assert np.isnan(data["moved"].values[0]).all()
    assert (data["moved"].values[1] == 0).all()


def with_choice(case):
    tree = case.tree()
    draws = tree["posterior"].to_dataset()
    space = Space(
        {**case.space.priors, "form": Prior("choice", values=[0, 1], probabilities=[0.3, 0.7])}
    )
    draws["form"] = (("chain", "draw"), (np.arange(4000).reshape(4, 1000) % 4 == 0).astype(float))
    outcome = tree["posterior_predictive"].to_dataset()
    outcome["electricity"] = outcome["electricity"] + 5 * draws["form"]
    groups = {k: v.to_dataset() for k, v in tree.children.items()}
    groups |= {
        "posterior": draws,
        "log_prior": log_prior(space, draws),
        "posterior_predictive": outcome,
    }
    return xr.DataTree.from_dict(groups), space


def test_structures_keep_their_shares(case):
    tree, space = with_choice(case)
    found = power_scaled(tree, space, "electricity", quantiles=(0.74, 0.76))
    form = found.sel(parameter="form")
    assert form["diagnosis"].item() == "structure"
    assert not form["told"].any()
    assert np.isnan(form["moved"]).all()
    # the quantiles on both sides of the gap stay on their sides, whatever is scaled
    rest = found["moved"].sel(parameter=["a", DATA])
    assert (np.abs(rest) < 2.0).all()
    assert found["base"].diff("quantile").min() > 2.0


def test_a_flat_prior_moves_nothing(case):
    tree = case.tree()
    draws = tree["posterior"].to_dataset()
    space = Space({"a": Prior("uniform", lower=-9, upper=9)})
    groups = {k: v.to_dataset() for k, v in tree.children.items()} | {
        "log_prior": log_prior(space, draws)
    }
    found = power_scaled(xr.DataTree.from_dict(groups), space, "electricity").sel(parameter="a")
    assert (found["moved"] == 0).all()
    assert found["prior"].item() < 1e-5
    assert (found["pareto_k"] == 0).all()


def test_weights_of_few_values_are_judged_by_what_they_are_worth():
    rng = np.random.default_rng(1)
    ratios = np.log(rng.choice([1.0, 2.0, 50.0], (4, 250), p=[0.5, 0.45, 0.05]))
    found = smoothed(ratios)
    assert found.weights == pytest.approx(np.exp(ratios) / np.exp(ratios).sum(), rel=0.2)
    assert found.told == (found.share * 1000 >= 100 if np.isnan(found.k) else found.k <= 0.7)


@pytest.mark.parametrize("scale", [1e-12, 1e3, 1e300])
def test_extreme_ratios_give_finite_weights(scale):
    found = smoothed(scale * np.random.default_rng(1).normal(size=(4, 100)))
    assert found.weights.sum() == pytest.approx(1)
    assert (found.weights >= 0).all()
    assert found.told == (scale < 1)


def test_faults_are_told(case):
    tree = case.tree(draws=50)
    with pytest.raises(ResultError, match=r"no 'electrcity'.*did you mean 'electricity'"):
        power_scaled(tree, case.space, "electrcity")
    with pytest.raises(ResultError, match="alphas are powers above 0"):
        power_scaled(tree, case.space, "electricity", alphas=(0.0,))
    with pytest.raises(ResultError, match="no group 'log_prior'"):
        power_scaled(
            xr.DataTree.from_dict({"/posterior": tree["posterior"].to_dataset()}),
            case.space,
            "electricity",
        )
