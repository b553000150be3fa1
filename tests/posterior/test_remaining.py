"""On which parameters the variance rests that the data leave."""

from itertools import permutations

import numpy as np
import pytest
import xarray as xr

from tests.posterior.linear import AHEAD, NAMES, Linear, normal_draws
from uncertainty.errors import ResultError
from uncertainty.posterior.remaining import remaining
from uncertainty.prior import Prior
from uncertainty.space import Space


def exact_shapley(weights, cov):
    """Shapley effects of a sum of correlated normals, from the variance that each set leaves."""
    d = len(weights)

    def left(known):
        rest = [i for i in range(d) if i not in known]
        if not rest:
            return 0.0
        given = cov[np.ix_(rest, rest)]
        if known:
            cross = cov[np.ix_(rest, known)]
            given = given - cross @ np.linalg.solve(cov[np.ix_(known, known)], cross.T)
        return weights[rest] @ given @ weights[rest]

    effects = np.zeros(d)
    orders = list(permutations(range(d)))
    for order in orders:
        for place, player in enumerate(order):
            effects[player] += left(list(order[:place])) - left(list(order[: place + 1]))
    return effects / len(orders) / left([])


def test_shapley_effects_are_those_of_the_known_posterior():
    case = Linear.made()
    found = remaining(case.tree(), ["electricity"], case.space)
    _, cov = case.exact()
    shapley = found.shapley["electricity"]
    for year, weights in enumerate(AHEAD):
        exact = exact_shapley(weights, cov)
        interval = shapley["Sh_interval"].values[year]
        half = np.ptp(interval, axis=-1) / 2
        assert (np.abs(shapley["Sh"].values[year] - exact) < 2 * half + 0.01).all()
    assert shapley["Sh"].sum("parameter").values == pytest.approx(1, abs=1e-6)
    assert found.words == []
    first = found.given["electricity"]["S1"].sel(year=2035)
    total = AHEAD[1] @ cov @ AHEAD[1]
    assert first.values == pytest.approx((cov @ AHEAD[1]) ** 2 / np.diag(cov) / total, abs=0.05)


def many(size=40, years=9):
    rng = np.random.default_rng(2)
    names = [f"p{i}" for i in range(size)]
    z = normal_draws(np.zeros(size), np.eye(size), draws=400, rho=0.3)
    slope = np.exp(-np.arange(size) / 2.0)[:, None] * (1 + 0.2 * rng.normal(size=(size, years)))
    space = Space({name: Prior("normal", mu=0, sigma=1) for name in names})
    posterior = xr.Dataset({n: (("chain", "draw"), z[..., i]) for i, n in enumerate(names)})
    posterior["source_bias"] = (("chain", "draw", "source"), z[..., :2])
    outcome = xr.DataArray(
        z @ slope, dims=("chain", "draw", "year"), coords={"year": 2020 + np.arange(years)}
    )
    groups = {"/posterior": posterior, "/posterior_predictive": xr.Dataset({"y": outcome})}
    return xr.DataTree.from_dict(groups), space, slope


def test_the_parameters_that_say_most_are_chosen_and_what_the_others_add_is_said():
    tree, space, slope = many()
    found = remaining(tree, ["y"], space, most=4)
    shapley = found.shapley["y"]
    assert shapley["parameter"].values.tolist() == ["p0", "p1", "p2", "p3"]
    assert shapley["year"].values.tolist() == [2020, 2024, 2028]
    assert "what the other 36 add is left" in shapley.attrs["words"]
    chosen = slope[:, [0, 4, 8]]
    exact = (chosen[4:] ** 2).sum(axis=0) / (chosen**2).sum(axis=0)
    assert shapley["left"].values == pytest.approx(exact, abs=0.05)
    assert found.given["y"]["parameter"].size == 40


def test_places_are_chosen_by_label():
    tree, space, _ = many()
    found = remaining(tree, ["y"], space, places={"year": [2023]}, most=2)
    assert found.shapley["y"]["year"].values.tolist() == [2023]
    assert found.given["y"]["year"].values.tolist() == [2023]


def test_parameters_that_do_not_vary_are_said():
    tree, space, _ = many(size=3)
    tree["posterior"] = xr.DataTree(
        tree["posterior"].to_dataset().assign(p1=lambda ds: 0 * ds["p0"])
    )
    found = remaining(tree, ["y"], space)
    assert found.words == ["y: p1 did not vary and was left out"]
    assert found.given["y"]["parameter"].values.tolist() == ["p0", "p2"]


def test_too_few_draws_are_said_and_do_no_harm():
    case = Linear.made()
    found = remaining(case.tree(draws=20), ["electricity"], case.space)
    assert found.given == {}
    assert found.shapley == {}
    assert len(found.words) == 2
    assert "no given shares" in found.words[0]


def test_an_outcome_that_does_not_vary_is_said():
    tree, space, _ = many(size=3, years=2)
    tree["posterior_predictive"] = xr.DataTree(
        tree["posterior_predictive"]
        .to_dataset()
        .assign(y=lambda ds: ds["y"].where(ds["year"] > 2020, 4.0))
    )
    found = remaining(tree, ["y"], space)
    assert np.isnan(found.given["y"]["S1"].sel(year=2020)).all()
    assert "does not vary" in found.given["y"].attrs["words"]
    assert "does not vary at 2020" in found.shapley["y"].attrs["words"]


def test_an_unknown_outcome_is_refused():
    case = Linear.made()
    with pytest.raises(ResultError, match="did you mean 'electricity'"):
        remaining(case.tree(draws=50), ["electricty"], case.space)
    assert NAMES[0] in case.space.names
