"""Shapley effects, closed and total indices from draws alone, against closed forms."""

import itertools
import math
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import uncertainty as un
from uncertainty.analysis.game import Game, random_orders
from uncertainty.analysis.given_shapley import given_shapley
from uncertainty.analysis.nearest import Cloud, normal_scores
from uncertainty.errors import DesignError, ResultError

NORMAL = un.Prior("normal", mu=0, sigma=1)
ANGLE = un.Prior("uniform", lower=-math.pi, upper=math.pi)
THREE = {"a": NORMAL, "b": NORMAL, "c": un.Prior("normal", mu=0, sigma=2)}


def rank(pearson: float) -> float:
    """Spearman's rank correlation of a Gaussian copula."""
    return 6 / math.pi * math.asin(pearson / 2)


def ishigami(a, b, c):
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


def linear_indices(weights, covariance):
    """Shapley effects, closed and total indices of a weighted sum of normals, by all subsets."""
    weights, covariance = np.asarray(weights, float), np.asarray(covariance, float)
    names, whole = range(len(weights)), float(weights @ covariance @ weights)

    def left(known):
        rest = [i for i in names if i not in known]
        if not rest:
            return 0.0
        block = covariance[np.ix_(rest, rest)]
        if known:
            cross = covariance[np.ix_(rest, known)]
            block = block - cross @ np.linalg.solve(covariance[np.ix_(known, known)], cross.T)
        return float(weights[rest] @ block @ weights[rest])

    shapley = np.zeros(len(weights))
    for size in names:
        for known in itertools.combinations(names, size):
            for i in set(names) - set(known):
                step = left(list(known)) - left([*known, i])
                shapley[i] += step / (len(weights) * math.comb(len(weights) - 1, size))
    closed = [1 - left([i]) / whole for i in names]
    total = [left([j for j in names if j != i]) / whole for i in names]
    return {"Sh": shapley / whole, "closed": np.array(closed), "total": np.array(total)}


def normal_table(weights, covariance, size, seed=0, noise=0.0):
    """A table of draws of dependent normals and of their weighted sum."""
    rng = np.random.default_rng(seed)
    x = np.linalg.cholesky(np.asarray(covariance)) @ rng.standard_normal((len(weights), size))
    y = np.asarray(weights) @ x + noise * rng.standard_normal(size)
    return pd.DataFrame({**{f"x{i}": row for i, row in enumerate(x)}, "y": y})


def agrees(found, exact, factor=2.0):
    """Within the 95% interval, stretched, of the exact value."""
    for name, value in exact.items():
        half = (found[f"{name}_interval"] - found[name]).values
        away = value - found[name].values
        assert (factor * half[..., 0] - 1e-4 <= away).all(), (name, found[name].values, value)
        assert (away <= factor * half[..., 1] + 1e-4).all(), (name, found[name].values, value)


COVARIANCE = {rho: [[1, 0, 0], [0, 1, 2 * rho], [0, 2 * rho, 4]] for rho in (0.5, -0.5)}


@pytest.mark.parametrize("rho", COVARIANCE)
def test_a_sum_of_correlated_normals(rho):
    exact = linear_indices([1, 1, 1], COVARIANCE[rho])
    found = given_shapley(normal_table([1, 1, 1], COVARIANCE[rho], 4096), "y")
    agrees(found, exact)
    for name, value in exact.items():
        np.testing.assert_allclose(found[name], value, atol=0.03)
    assert abs(float(found["Sh"].sum()) - 1) < 1e-9


def test_a_column_that_only_tells_of_another():
    exact = linear_indices([1, 0], [[1, 0.9], [0.9, 1]])
    found = given_shapley(normal_table([1, 0], [[1, 0.9], [0.9, 1]], 4096), "y")
    np.testing.assert_allclose(exact["Sh"], [0.595, 0.405])
    for name, value in exact.items():
        np.testing.assert_allclose(found[name], value, atol=0.01)


def test_draws_of_a_propagation_on_sobol_points():
    draws = un.propagate(ishigami, dict.fromkeys("abc", ANGLE), size=512)
    found = given_shapley(draws, "y")
    exact = {
        "Sh": np.array([0.4357, 0.4424, 0.1218]),
        "closed": np.array([0.3139, 0.4424, 0]),
        "total": np.array([0.5576, 0.4424, 0.2437]),
    }
    agrees(found, exact)
    for name, value in exact.items():
        np.testing.assert_allclose(found[name], value, atol=0.04)
    assert found.attrs["model_runs"] == 0


def test_it_agrees_with_indices_from_model_runs():
    space = un.Space(dict.fromkeys("abc", ANGLE), {("a", "c"): 0.5})
    found = given_shapley(un.propagate(ishigami, space, size=512), "y")
    effects = un.shapley(ishigami, space, size=2048)
    np.testing.assert_allclose(found["Sh"], effects["Sh"], atol=0.04)


def test_ten_dependent_parameters_along_random_orders():
    weights = [1, 1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0]
    near = [[0.8 ** abs(i - j) for j in range(10)] for i in range(10)]
    covariance = 0.3 * np.eye(10) + 0.7 * np.array(near)
    exact = linear_indices(weights, covariance)
    found = given_shapley(normal_table(weights, covariance, 1024), "y")
    np.testing.assert_allclose(found["Sh"], exact["Sh"], atol=0.06)
    np.testing.assert_allclose(found["closed"], exact["closed"], atol=0.08)
    np.testing.assert_allclose(found["total"], exact["total"], atol=0.03)
    assert abs(float(found["Sh"].sum()) - 1) < 1e-9


def posterior(repeats=1, size=500):
    """Draws as those of four chains, each `repeats` times over as by a Metropolis sampler."""
    rng = np.random.default_rng(3)
    x = np.linalg.cholesky(np.array(COVARIANCE[0.5])) @ rng.standard_normal(
        (3, 4 * size // repeats)
    )
    chains = np.repeat(x.reshape(3, 4, -1), repeats, axis=-1)
    values = {name: (("chain", "draw"), row) for name, row in zip("abc", chains, strict=True)}
    derived = {"derived": (("chain", "draw"), chains.sum(axis=0))}
    return xr.DataTree.from_dict(
        {
            "/prior": xr.Dataset(values),
            "/posterior": xr.Dataset({**values, **derived}),
            "/posterior_predictive": xr.Dataset({"y": (("chain", "draw"), chains.sum(axis=0))}),
        }
    )


def test_a_posterior_with_derived_quantities():
    found = given_shapley(posterior(), "y", group="posterior")
    assert found["parameter"].values.tolist() == ["a", "b", "c"]
    agrees(found, linear_indices([1, 1, 1], COVARIANCE[0.5]))


def test_repeated_draws_of_a_sampler_are_no_neighbours():
    """A draw taken over and over would be its own neighbour, as if nothing were left to know."""
    found = given_shapley(posterior(repeats=5, size=2000), "y", group="posterior")
    for name, value in linear_indices([1, 1, 1], COVARIANCE[0.5]).items():
        np.testing.assert_allclose(found[name], value, atol=0.08)


def test_parameters_that_are_left_out_leave_variance_behind():
    draws = un.propagate(lambda a, b, c: a + b + c, THREE, size=256)
    found = given_shapley(draws, "y", parameters=["a", "b"])
    np.testing.assert_allclose(found["left"], 4 / 6, atol=0.08)
    np.testing.assert_allclose(found["Sh"], [1 / 6, 1 / 6], atol=0.06)


def test_noise_is_told_from_influence():
    table = normal_table([1, 1], np.eye(2), 4096, noise=1.0)
    found = given_shapley(table, "y", complete=False)
    np.testing.assert_allclose(found["left"], 1 / 3, atol=0.03)
    np.testing.assert_allclose(found["Sh"], [1 / 3, 1 / 3], atol=0.03)
    np.testing.assert_allclose(found["total"], [2 / 3, 2 / 3], atol=0.05)


def test_a_dirichlet_a_choice_and_a_fixed_number():
    priors = {
        "mix": un.Prior("dirichlet", a=[2.0, 3.0, 5.0]),
        "pick": un.Prior("choice", values=[-1.0, 1.0], probabilities=[0.5, 0.5]),
        "one": un.Prior("fixed", value=2.0),
        "x": NORMAL,
    }
    draws = un.propagate(
        lambda mix, pick, one, x: one * mix[0] + 0.1 * pick + 0.2 * x, priors, size=256
    )
    found = given_shapley(draws, "y")
    share = 4 * (0.2 * 0.8 / 11)
    exact = np.array([share, 0.01, 0.04]) / (share + 0.05)
    assert found["parameter"].values.tolist() == ["mix", "pick", "x"]
    for name in ("Sh", "closed", "total"):
        np.testing.assert_allclose(found[name], exact, atol=0.06)


def test_years_and_an_outcome_that_does_not_vary_at_first():
    @un.model(outcomes={"e": "TWh"}, dims={"e": ("year",)}, coords={"year": [2024, 2030, 2035]})
    def growth(a, b, *, xp):
        return {"e": 1e6 + xp.stack([0 * a, a + b, 3 * a])}

    space = un.Space({"a": NORMAL, "b": NORMAL}, {("a", "b"): rank(0.5)})
    draws = un.propagate(growth, space, size=256)
    with pytest.warns(UserWarning, match="'e' does not vary at 2024"):
        found = given_shapley(draws, "e")
    for name in ("Sh", "closed", "total", "left"):
        assert np.isnan(found[name].sel(year=2024)).all()
    np.testing.assert_allclose(found["closed"].sel(year=2030), [0.75, 0.75], atol=0.05)
    np.testing.assert_allclose(found["closed"].sel(year=2035), [1, 0.25], atol=0.05)
    assert found["Sh_interval"].dims == ("year", "parameter", "bound")
    assert found.attrs["units"] == "TWh"


def test_the_scale_of_numbers_and_names_do_not_matter():
    table = normal_table([1, 1], [[1, 0.5], [0.5, 1]], 1024)
    plain = given_shapley(table, "y")
    other = pd.DataFrame(
        {"α": np.exp(table["x0"]), "β x": 1e200 * table["x1"], "é": 1e-200 * table["y"]}
    )
    found = given_shapley(other, "é")
    assert found["parameter"].values.tolist() == ["α", "β x"]
    np.testing.assert_allclose(found["Sh"], plain["Sh"], atol=1e-6)
    np.testing.assert_allclose(found["total"], plain["total"], atol=1e-6)


def test_the_same_seed_gives_the_same_numbers_and_fewer_draws_can_be_asked_for():
    table = normal_table([1, 1], [[1, 0.5], [0.5, 1]], 1024)
    assert given_shapley(table, "y").identical(given_shapley(table, "y"))
    few = given_shapley(table, "y", size=512)
    assert few.attrs["draws"] == 512


def kinked(x, weights):
    return np.prod((np.abs(4 * x - 2) + weights[:, None]) / (1 + weights[:, None]), axis=0)


def test_a_bias_larger_than_the_spread_is_told_and_covered():
    """Six parameters with kinks and few draws: where neighbours are worst."""
    weights = np.array([0, 0.5, 3, 9, 99, 99])
    parts = 1 / 3 / (1 + weights) ** 2
    whole = np.prod(1 + parts) - 1
    total = parts * np.prod(1 + parts) / (1 + parts) / whole
    x = np.random.default_rng(0).random((6, 1024))
    table = {**{f"x{i}": row for i, row in enumerate(x)}, "y": kinked(x, weights)}
    with pytest.warns(UserWarning, match="the bias exceeds it for .*total by up to"):
        found = given_shapley(table, "y")
    low, high = (found["total_interval"].sel(bound=b).values for b in ("lower", "upper"))
    assert ((low <= total) & (total <= high)).all()
    assert float(found["left"]) > 0.05
    # Without the correction the last parameters would get 0.1 where there is nothing.
    np.testing.assert_allclose(found["total"], total, atol=0.1)


def test_importance_leads_neighbours_to_what_matters():
    """With weights the neighbours agree in what matters, so that less seems to be left."""
    weights = np.array([0, 0.5, 3, 9, 99, 99])
    rng = np.random.default_rng(1)
    x = rng.random((6, 2048))
    y = kinked(x, weights)
    cloud = Cloud.of(
        x, (y - y.mean())[None] / y.std(), np.arange(2048) % 2 == 0, range(6), least=256, rng=rng
    )
    everything = np.arange(2048)
    plain = Game(cloud, everything, complete=True)
    led = Game(cloud.weighted(plain.importance()), everything, complete=True)
    assert led.remaining(range(6)) < 0.6 * plain.remaining(range(6))


def test_all_sets_and_random_orders_agree():
    table = normal_table([1, 2, -1], np.eye(3) * 0.5 + 0.5, 1024)
    x = table[["x0", "x1", "x2"]].to_numpy().T
    y = table["y"].to_numpy()
    rng = np.random.default_rng(2)
    cloud = Cloud.of(
        x, (y - y.mean())[None] / y.std(), np.arange(1024) % 2 == 0, range(3), least=128, rng=rng
    )
    game = Game(cloud, np.arange(1024), complete=True)
    orders = [np.array(order) for order in itertools.permutations(range(3))]
    np.testing.assert_allclose(game.by_sets(), game.by_orders(orders), atol=1e-12)
    pair = random_orders(5, 2, rng)
    assert pair[0].tolist() == pair[1].tolist()[::-1]


def test_equal_values_share_a_score():
    scores = normal_scores(np.array([2.0, 1.0, 2.0, 3.0]))
    assert scores[0] == scores[2] == 0
    assert scores[1] == -scores[3]


def test_it_says_what_was_wrong():
    table = normal_table([1, 1], np.eye(2), 512)
    with pytest.raises(ResultError, match=r"needs at least 256 draws.* got 1 x 100"):
        given_shapley(table[:100], "y")
    with pytest.raises(ResultError, match="needs at least 256 draws"):
        given_shapley(table[:1], "y")
    with pytest.raises(ResultError, match=r"no outcome 'yy'.*did you mean 'y'"):
        given_shapley(table, "yy")
    with pytest.raises(ResultError, match="no parameter x7"):
        given_shapley(table, "y", parameters=["x7"])
    with pytest.raises(ResultError, match="parameter 'x0': 1 of 512 values are not finite"):
        given_shapley(table.assign(x0=[np.nan, *table["x0"][1:]]), "y")
    with pytest.raises(ResultError, match="none of the parameters varies: x0"):
        given_shapley(table.assign(x0=1.0), "y", parameters=["x0"])
    with pytest.raises(ResultError, match="size is a number of draws"):
        given_shapley(table, "y", size=0)
    with pytest.raises(ResultError, match="group must be one of prior, posterior"):
        given_shapley(posterior(), "y", group="posteriors")


@pytest.mark.slow
def test_coverage_of_the_intervals():
    """Over 200 seeds 95% intervals hold the exact value about 95 times in 100."""
    exact = linear_indices([1, 1, 1], COVARIANCE[0.5])
    hits = {name: [] for name in exact}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(200):
            found = given_shapley(normal_table([1, 1, 1], COVARIANCE[0.5], 1024, seed), "y")
            for name, value in exact.items():
                low, high = (found[f"{name}_interval"].sel(bound=b) for b in ("lower", "upper"))
                hits[name].append(((low <= value) & (value <= high)).values)
    for name, each in hits.items():
        coverage = np.mean(each, axis=0)
        # Binomial error of 200 seeds: 0.015; the nominal 0.95 holds to about 0.02.
        assert (coverage > 0.89).all(), (name, coverage)


def test_points_of_one_sobol_replicate_are_refused():
    """On a table of them the total index of Ishigami's first parameter comes out 0.1 too high."""
    draws = un.propagate(ishigami, dict.fromkeys("abc", ANGLE), size=512, replicates=1)
    with pytest.raises(DesignError, match="Sobol' points of one replicate"):
        given_shapley(draws, "y")
    table = {name: x.values[0] for name, x in draws["prior"].data_vars.items()}
    table["y"] = draws["prior_predictive"]["y"].values[0]
    with pytest.raises(DesignError, match="Sobol' points of one replicate"):
        given_shapley(table, "y", drawn="sobol")
    with pytest.raises(DesignError, match="seed must be a whole number"):
        given_shapley(table, "y", seed=-1)


@pytest.mark.parametrize(("chains", "draws"), [(2, 256), (3, 256), (20, 32), (100, 16)])
def test_any_number_of_chains(chains, draws):
    table = normal_table([1, 2], np.eye(2), chains * draws)
    table["chain"] = np.repeat(np.arange(chains), draws)
    agrees(given_shapley(table, "y"), {"Sh": [0.2, 0.8], "closed": [0.2, 0.8]}, factor=3.0)
