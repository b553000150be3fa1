"""Forms of a model: compared, stacked, and their share of the variance."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from tests.posterior.linear import Linear, normal_draws
from uncertainty.calibration.run import shares
from uncertainty.errors import ResultError
from uncertainty.posterior.left_out import LeftOut
from uncertainty.posterior.stacking import stacking_weights
from uncertainty.posterior.structure_share import structure_share
from uncertainty.posterior.structures import compared


@pytest.fixture(scope="module")
def trees():
    case = Linear.made(rows=20, seed=5)
    flat = replace(case, x=case.x * [1, 0, 0])
    steep = replace(case, x=case.x * [0, 1, 0])
    return {"both": case.tree(), "flat": flat.tree(), "steep": steep.tree()}


def densities(trees):
    return {name: tree["log_likelihood"]["observation"].values for name, tree in trees.items()}


def test_comparison_agrees_with_arviz(trees):
    import arviz_stats

    found = compared(densities(trees))
    peer = arviz_stats.compare(trees, method="stacking", var_name="observation", round_to="none")
    peer = peer.loc[list(trees)]
    assert found["best_weight"].values == pytest.approx(peer["weight"].to_numpy(float), abs=0.01)
    assert found["elpd_loo"].values == pytest.approx(peer["elpd"].to_numpy(float), abs=0.03)
    assert found["elpd_diff"].values == pytest.approx(peer["elpd_diff"].to_numpy(float), abs=0.03)
    assert found["se"].values == pytest.approx(peer["se"].to_numpy(float), rel=0.01)
    by_rows = np.sqrt(20 / 19)  # ArviZ divides by n here
    assert found["dse"].values == pytest.approx(by_rows * peer["dse"].to_numpy(float), rel=0.01)


def test_comparison_is_that_of_fits_without_the_row(trees):
    found = compared(densities(trees))
    case = Linear.made(rows=20, seed=5)
    mean, sd = case.left()
    assert found["elpd_loo"].sel(structure="both").item() == pytest.approx(
        norm.logpdf(case.y, mean, sd).sum(), abs=0.1
    )
    assert found["elpd_diff"].max() == 0
    assert found["weight"].sum() == pytest.approx(1)


def test_one_structure_has_all_the_weight(trees):
    found = compared({"only": densities(trees)["both"]})
    assert found["weight"].item() == 1.0
    assert found["elpd_diff"].item() == found["dse"].item() == 0.0


def test_untold_rows_are_said():
    case = Linear.made()
    case.y[4] += 3.0
    fits = densities({"a": case.tree(), "b": case.tree(seed=2)})
    found = compared(fits)
    assert (found["untold"] >= 1).all()
    assert "a, b: single rows decide" in found.attrs["words"]


def test_fits_to_other_rows_are_refused(trees):
    fits = densities(trees)
    with pytest.raises(ResultError, match="same rows"):
        compared({"a": fits["both"], "b": fits["both"][..., :3]})
    with pytest.raises(ResultError, match="same rows"):
        compared({})


@pytest.mark.parametrize(
    ("rows", "fits", "scatter"),
    [(10, 2, 1.0), (20, 4, 0.5), (20, 12, 3.0), (5, 8, 20.0), (1, 3, 1.0)],
)
def test_stacking_weights_are_the_best_to_within_their_bound(rows, fits, scatter):
    rng = np.random.default_rng(rows + fits)
    density = rng.normal(0, scatter, (rows, fits)) - 900.0  # far below the smallest number
    weights = stacking_weights(density)
    assert weights.sum() == pytest.approx(1)
    relative = np.exp(density - density.max(axis=1, keepdims=True))
    score = np.log(relative @ weights).sum()
    rivals = np.vstack(
        [np.eye(fits), rng.dirichlet(np.ones(fits), 2000), 0.99 * weights + 0.01 * np.eye(fits)]
    )
    with np.errstate(divide="ignore"):
        assert (np.log(rivals @ relative.T).sum(axis=1) <= score + 2e-6).all()


def mixture(gap, weight, seed, rho=0.6):
    """Draws of two normals of sd 1 and 2, `gap` apart; which one; and the share between them."""
    number = shares(np.array([weight, 1 - weight]), 4, 2000, seed).reshape(4, 500)
    fits = normal_draws([0, gap], [[1, 0], [0, 4]], rho=rho, seed=seed, draws=500)
    between = weight * (1 - weight) * gap**2
    within = weight * 1 + (1 - weight) * 4
    return np.where(number == 0, fits[..., 0], fits[..., 1]), number, between / (between + within)


@pytest.mark.slow
@pytest.mark.parametrize(("gap", "weight"), [(3.0, 0.5), (0.5, 0.8), (0.0, 0.5), (4.0, 0.97)])
def test_share_between_structures_is_unbiased_and_its_interval_holds(gap, weight):
    runs = [mixture(gap, weight, seed) for seed in range(150)]
    found = [structure_share(y, number) for y, number, _ in runs]
    exact = runs[0][2]
    values = np.array([one.value for one in found])
    assert abs(values.mean() - exact) < 4 * values.std(ddof=1) / np.sqrt(150) + 1e-3
    hit = np.mean([one.interval[0] <= exact <= one.interval[1] for one in found])
    assert 0.89 <= hit <= 1.0  # 95% less 3 standard errors
    if gap:
        width = np.mean([np.ptp(one.interval) for one in found]) / 2 / 1.96
        assert width == pytest.approx(values.std(ddof=1), rel=0.3)


def test_share_has_the_dims_of_the_outcome_and_ignores_its_unit():
    y, number, exact = mixture(3.0, 0.5, 1)
    found = structure_share(
        np.stack([y, 1e9 * y - 3e9, -y], axis=-1).reshape(4, 500, 3, 1), number + 7
    )
    assert found.value.shape == (3, 1)
    assert found.interval.shape == (3, 1, 2)
    assert np.ptp(found.value) < 1e-6
    assert found.value[0, 0] == pytest.approx(exact, abs=0.1)


def test_one_structure_has_no_share_and_a_constant_none_at_all():
    y = np.stack([np.random.default_rng(1).normal(size=(4, 50)), np.ones((4, 50))], axis=-1)
    found = structure_share(y, np.zeros((4, 50), dtype=int))
    assert found.value[0] == 0.0
    assert np.isnan(found.value[1])
    two = structure_share(y, np.arange(200).reshape(4, 50) % 2)
    assert np.isnan(two.value[1])


def test_a_structure_of_one_draw_does_no_harm():
    y = np.random.default_rng(1).normal(size=(4, 50))
    number = np.zeros((4, 50), dtype=int)
    number[0, 3] = 1
    found = structure_share(y, number)
    assert np.isfinite(found.value)
    assert abs(found.value) < 0.05


def test_leaving_out_needs_no_special_draws():
    rows = np.random.default_rng(1).normal(-1, 0.1, (3, 1, 400))  # one chain
    assert np.isfinite(LeftOut.of(rows).elpd).all()
    assert LeftOut.of(np.full((2, 4, 50), -1.5)).elpd == pytest.approx(-1.5)
