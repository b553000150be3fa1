"""Rows predicted by the others."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm

from tests.posterior.linear import Linear
from uncertainty.errors import ResultError
from uncertainty.posterior.left_out import left_out

SEEDS = 16


@pytest.fixture(scope="module")
def case():
    return Linear.made()


@pytest.fixture(scope="module")
def runs(case):
    return xr.concat(
        [left_out(case.tree(seed=s, rho=0.3)) for s in range(SEEDS)], "seed", join="exact"
    )


def errors(values):
    return values.std("seed", ddof=1) / np.sqrt(SEEDS)


def test_left_out_densities_are_those_of_fits_without_the_row(case, runs):
    mean, sd = case.left()
    exact = norm.logpdf(case.y, mean, sd)
    away = np.abs(runs["elpd_loo"].mean("seed") - exact)
    # weights with a heavy tail leave a bias: 0.05 where k is above one half
    slack = np.where(runs["pareto_k"].mean("seed") > 0.5, 0.05, 0.003)
    assert (away < 4 * errors(runs["elpd_loo"]) + slack).all()


def test_left_out_ranks_are_those_of_fits_without_the_row(case, runs):
    mean, sd = case.left()
    away = np.abs(runs["loo_pit"].mean("seed") - norm.cdf(case.y, mean, sd))
    assert (away < 4 * errors(runs["loo_pit"]) + 0.003).all()


def test_a_known_chance_gives_ranks_with_less_noise(case, runs):
    mean, sd = case.left()
    tree = case.tree(seed=1)
    theta = np.stack([tree["posterior"][n].values for n in "ab"], axis=-1)
    chance = norm.cdf(case.y, theta @ case.x[:, :2].T, case.error)
    exact = norm.cdf(case.y, mean, sd)
    found = left_out(tree, below=chance)["loo_pit"]
    assert np.abs(found - exact).max() < 0.01
    assert np.abs(found - exact).mean() < np.abs(left_out(tree)["loo_pit"] - exact).mean()


def test_predictions_and_flags_are_those_of_the_fitted_rows(case, runs):
    mean, cov = case.exact()
    centre, sd = case.x @ mean, np.sqrt(np.vecdot(case.x @ cov, case.x) + case.error**2)
    away = np.abs(
        runs["predicted"].mean("seed")
        - norm.ppf(runs["quantile"].values, centre[:, None], sd[:, None])
    )
    assert (away < 4 * errors(runs["predicted"]) + 1e-3).all()
    z = np.abs(case.y - centre) / sd
    for name, reach in (("inside_50", norm.ppf(0.75)), ("inside_90", norm.ppf(0.95))):
        clear = np.abs(z - reach) > 0.1
        assert (runs[name].isel(seed=0).values == (z < reach))[clear].all()


def test_agrees_with_arviz(case):
    import arviz_stats

    tree = case.tree(seed=2, rho=0.5)
    found = left_out(tree)
    peer = arviz_stats.loo(tree, pointwise=True, var_name="observation")
    assert found.attrs["elpd_loo"] == pytest.approx(peer.elpd, abs=0.02)
    assert found.attrs["se"] == pytest.approx(peer.se, rel=0.01)
    assert found.attrs["p_loo"] == pytest.approx(peer.p, abs=0.02)
    assert found["pareto_k"].values == pytest.approx(peer.pareto_k.values, abs=0.1)
    peer_pit = arviz_stats.loo_pit(tree, var_names="observation")["observation"]
    assert found["loo_pit"].values == pytest.approx(peer_pit.values, abs=0.005)


def test_a_row_that_decides_the_fit_is_told_by_its_name():
    case = Linear.made()
    case.y[4] += 3.0
    found = left_out(case.tree())
    assert not found["told"].values[4]
    assert "rows decide much of the fit" in found.attrs["words"]
    assert "S1 2014" in found.attrs["words"]


def test_coordinates_of_the_rows_come_along(case):
    found = left_out(case.tree(draws=100))
    assert found["source"].dims == ("row",)
    assert found["year"].values[1] == 2011


def test_faults_are_told(case):
    tree = case.tree(draws=50)
    short = xr.DataTree.from_dict({**{k: v.to_dataset() for k, v in tree.children.items()}})
    short["observed_data"] = xr.DataTree(tree["observed_data"].to_dataset().isel(row=slice(3)))
    with pytest.raises(ResultError, match="rows are observed"):
        left_out(short)
    with pytest.raises(ResultError, match="no group 'observed_data'"):
        left_out(xr.DataTree.from_dict({"/log_likelihood": tree["log_likelihood"].to_dataset()}))
    broken = tree["log_likelihood"].to_dataset().copy(deep=True)
    broken["observation"][0, 0, 0] = -np.inf
    short = xr.DataTree.from_dict(
        {**{k: v.to_dataset() for k, v in tree.children.items()}, "log_likelihood": broken}
    )
    with pytest.raises(ResultError, match="1 of 2400 draws are not finite"):
        left_out(short)
    with pytest.raises(ResultError, match="at least 25 draws, got 20"):
        left_out(case.tree(draws=5))
