"""First-order indices from draws that exist already, against closed forms, and the promises around them."""

import math
import time
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import uncertainty as un
from uncertainty.analysis.classes import class_count, level_edges
from uncertainty.analysis.given import given_data
from uncertainty.errors import DesignError, ResultError, UncertaintyError

NORMAL = un.Prior("normal", mu=0, sigma=1)


def ends(found, name="S1"):
    return found[f"{name}_interval"].sel(bound="lower"), found[f"{name}_interval"].sel(
        bound="upper"
    )


def within(found, exact, factor=2.1):
    """Inside the intervals stretched by a factor: 1 in 25,000 normal values misses."""
    half = (ends(found)[1] - ends(found)[0]).values / 2
    return bool((np.abs(found["S1"].values - exact) <= factor * half).all())


def covered(found, exact):
    low, high = ends(found)
    return (low.values <= exact) & (exact <= high.values)


def normal_table(size, seed=1):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=size) for name in "abc"}


def posterior_tree(chains=4, draws=1000, rho=0.5, seed=1):
    """Chains of a first-order autoregression of dependent normals, and their sum."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(draws, 3, chains))
    for step in range(1, draws):
        z[step] = rho * z[step - 1] + math.sqrt(1 - rho**2) * z[step]
    z = z.transpose(1, 2, 0)
    values = {"a": z[0], "b": z[1], "c": 2 * (0.5 * z[1] + math.sqrt(0.75) * z[2])}
    dims = ("chain", "draw")
    groups = {
        "/posterior": xr.Dataset({name: (dims, x) for name, x in values.items()}),
        "/posterior_predictive": xr.Dataset({"y": (dims, sum(values.values()))}),
    }
    return xr.DataTree.from_dict(groups)


@pytest.mark.parametrize("design", ["sobol", "latin", "random"])
def test_public_cases(case, design):
    result = un.propagate(case.model, case.priors, size=1024, design=design)
    found = given_data(result)
    assert within(found, case.first)
    assert np.abs(found["S1"].values - case.first).max() < (0.01 if design == "sobol" else 0.05)


def test_dependent_parameters_show_what_they_share():
    space = un.Space(
        {"a": NORMAL, "b": NORMAL, "c": un.Prior("normal", mu=0, sigma=2)},
        {("b", "c"): 6 / math.pi * math.asin(0.25)},
    )
    found = given_data(un.propagate(lambda a, b, c: a + b + c, space, size=2048))
    assert within(found, [0.125, 0.5, 0.78125])
    np.testing.assert_allclose(found["S1"], [0.125, 0.5, 0.78125], atol=0.003)


def test_pick_freeze_says_the_same(ishigami_case):
    given = given_data(un.propagate(ishigami_case.model, ishigami_case.priors, size=2048))
    frozen = un.drivers(ishigami_case.model, ishigami_case.priors, size=2048)["drivers/y"]
    low, high = ends(given)
    other_low, other_high = ends(frozen.to_dataset())
    assert (low.values <= other_high.values).all()
    assert (other_low.values <= high.values).all()


def test_salib_says_the_same(ishigami_case):
    from SALib.analyze import rbd_fast

    rng = np.random.default_rng(3)
    x = rng.uniform(-math.pi, math.pi, size=(4096, 3))
    y = ishigami_case.model(*x.T)
    problem = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[-math.pi, math.pi]] * 3}
    other = rbd_fast.analyze(problem, x, y, num_resamples=10, seed=1)
    found = given_data(dict(zip(problem["names"], x.T, strict=True)), y, drawn="random")
    np.testing.assert_allclose(found["S1"], other["S1"], atol=0.04)


def test_one_parameter_alone_explains_all_without_error():
    x = np.random.default_rng(1).normal(size=4096)
    found = given_data({"x": x}, 3 * x - 1, drawn="random")
    np.testing.assert_allclose(found["S1"], 1.0, atol=1e-12)


@pytest.mark.parametrize("design", ["sobol", "random"])
def test_jumps_are_within_the_interval(design):
    """A class with a jump hides a part of it, the same part in every replicate."""
    priors = dict.fromkeys("ab", un.Prior("uniform", lower=0, upper=1))
    for edge in (0.37, 0.9, 0.97):
        result = un.propagate(
            lambda a, b, edge=edge: 1.0 * (a > edge) + 0.1 * b, priors, size=1024, design=design
        )
        jump = edge * (1 - edge)
        exact = np.array([jump, 0.01 / 12]) / (jump + 0.01 / 12)
        found = given_data(result)
        assert covered(found, exact).all()
        hidden = 2 / 32 / 12 / jump  # the most that a line hides in a class of double width
        assert np.ptp(found["S1_interval"].values, axis=-1).max() < 4 * hidden + 0.1


def repeated(case, design, size, replicates, seeds, **options):
    """Which intervals cover, (seed, parameter)."""
    hits = []
    for seed in range(seeds):
        result = un.propagate(
            case.model, case.priors, size=size, seed=seed, design=design, replicates=replicates
        )
        hits.append(covered(given_data(result, **options), case.first))
    return np.array(hits)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "size", "replicates"), [("random", 1024, 1), ("sobol", 128, 8), ("latin", 128, 8)]
)
def test_intervals_cover(ishigami_case, lognormal_case, design, size, replicates):
    for case in (ishigami_case, lognormal_case):
        share = repeated(case, design, size, replicates, 100).mean(axis=0)
        assert share.min() > 0.88  # 0.95 less 3 standard errors
        assert share.mean() > 0.92


@pytest.mark.slow
def test_intervals_of_ranks_cover(ishigami_case):
    share = repeated(ishigami_case, "random", 1024, 1, 200, method="rank").mean(axis=0)
    assert share.min() > 0.90


@pytest.mark.slow
@pytest.mark.parametrize(("rho", "draws"), [(0.0, 500), (0.5, 1000), (0.9, 4000)])
def test_intervals_of_a_posterior_cover(rho, draws):
    exact = np.array([0.125, 0.5, 0.78125])
    trees = (posterior_tree(draws=draws, rho=rho, seed=seed) for seed in range(60))
    share = np.mean([covered(given_data(t, group="posterior"), exact) for t in trees], axis=0)
    assert share.min() > 0.85  # 0.95 less 3 standard errors


def test_a_posterior_says_that_shares_overlap():
    found = given_data(posterior_tree(), group="posterior")
    assert within(found, [0.125, 0.5, 0.78125])
    assert found.attrs["drawn"] == "posterior"
    assert "depend on each other" in found.attrs["note"]
    assert "parts of 4 chains" in found.attrs["interval_kind"]


def test_chains_that_hardly_move_are_refused():
    with pytest.raises(DesignError, match="independent draws"):
        given_data(posterior_tree(rho=0.99), group="posterior")


def test_every_coordinate_at_once_and_all_together():
    time_steps = np.arange(3)

    @un.model(outcomes={"y": "TWh"}, dims={"y": ("t",)}, coords={"t": time_steps})
    def polynomial(a, b, c):
        t = time_steps[:, None]
        return {"y": a + t * b + t**2 * a * c}

    result = un.propagate(polynomial, dict.fromkeys("abc", un.Prior("uniform", lower=-1, upper=1)))
    found = given_data(result, "y")
    assert found["S1"].dims == ("t", "parameter")
    np.testing.assert_allclose(found["S1"].sel(t=1), [3 / 7, 3 / 7, 0], atol=0.003)
    parts = np.array([3 / 3, 5 / 3, 17 / 9])  # of a, b and both a and c, summed over t
    np.testing.assert_allclose(found["aggregate_S1"], [*parts[:2] / parts.sum(), 0], atol=0.003)
    low, high = ends(found, "aggregate_S1")
    assert ((low < found["aggregate_S1"]) & (found["aggregate_S1"] < high)).all()
    alone = given_data(
        {name: x.values.ravel() for name, x in result["prior"].data_vars.items()}
        | {"chain": np.repeat(np.arange(8), 2**14)},
        result["prior_predictive/y"].sel(t=1).values.ravel(),
        drawn="sobol",
    )
    np.testing.assert_allclose(alone["S1"], found["S1"].sel(t=1), rtol=1e-9, atol=1e-12)


def test_the_speed_of_one_pass():
    rng = np.random.default_rng(1)
    table = {f"x{i}": rng.random(65_536) for i in range(20)}
    y = np.stack([sum(table.values()) + t * table["x0"] for t in range(12)])
    start = time.process_time()
    given_data(table, y, drawn="random")
    assert time.process_time() - start < 3  # of one core


@pytest.mark.parametrize("design", ["sobol", "latin"])
def test_ranks_refuse_points_that_are_not_independent(design):
    result = un.propagate(lambda a, b: a + b, {"a": NORMAL, "b": NORMAL}, size=64, design=design)
    with pytest.raises(DesignError, match=r"rank.*independent.*method='classes'"):
        given_data(result, method="rank")


def test_ranks_of_independent_draws(case):
    result = un.propagate(case.model, case.priors, size=8192, design="random", replicates=2)
    assert within(given_data(result, method="rank"), case.first)


@pytest.mark.parametrize("method", ["classes", "rank"])
def test_draws_of_unknown_origin_are_refused(method):
    table = normal_table(256)
    with pytest.raises(DesignError, match="drawn='random'"):
        given_data(table, table["a"], method=method)


def test_few_sobol_replicates_give_values_without_intervals(ishigami_case):
    result = un.propagate(ishigami_case.model, ishigami_case.priors, size=4096, replicates=1)
    with pytest.warns(UserWarning, match="at least 4 replicates"):
        found = given_data(result)
    np.testing.assert_allclose(found["S1"], ishigami_case.first, atol=0.01)
    assert found["S1_interval"].isnull().all()


def test_a_choice_a_dirichlet_and_a_fixed_number():
    priors = {
        "kind": un.Prior("choice", values=[1.0, 2.0, 5.0], probabilities=[0.2, 0.3, 0.5]),
        "mix": un.Prior("dirichlet", a=[2.0, 3.0, 5.0]),
        "one": un.Prior("fixed", value=2.0),
        "x": NORMAL,
    }
    result = un.propagate(
        lambda kind, mix, one, x: one * (kind == 2) + 3 * mix[0] + 0.5 * x, priors, size=1024
    )
    with pytest.warns(UserWarning, match="one does not vary"):
        found = given_data(result)
    parts = np.array([4 * 0.3 * 0.7, 9 * 0.2 * 0.8 / 11, 0.25])
    index = found["S1"].sel(parameter=["kind", "mix[0]", "x"])
    np.testing.assert_allclose(index, parts / parts.sum(), atol=0.005)
    assert np.isnan(found["S1"].sel(parameter="one"))
    assert {"mix[0]", "mix[1]", "mix[2]"} <= set(found["parameter"].values)


def test_a_rare_value_joins_its_neighbour():
    x = np.array([[0.0] * 40 + [1.0] * 38 + [2.0] * 2] * 2)
    np.testing.assert_array_equal(level_edges(x), [0.0, 2.0])


def test_every_class_is_a_power_of_two():
    assert [class_count(n) for n in (64, 1024, 2048, 65_536)] == [8, 32, 64, 256]


def test_an_outcome_that_does_not_vary_is_told():
    table = normal_table(256)
    y = np.stack([table["a"], np.full(256, 0.1)])
    with pytest.warns(UserWarning, match=r"'y' does not vary in 1 of 2 places"):
        found = given_data(table, y, drawn="random")
    assert found["S1"].isel(dim_0=0).notnull().all()
    assert found["S1"].isel(dim_0=1).isnull().all()


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1e12, 1e300])
def test_the_unit_does_not_matter(scale):
    table = normal_table(1024)
    y = table["a"] + 2 * table["b"]
    one = given_data(table, y, drawn="random")
    other = given_data({n: x * scale for n, x in table.items()}, y * scale, drawn="random")
    np.testing.assert_allclose(other["S1_interval"], one["S1_interval"], rtol=1e-9)


def test_a_large_offset_does_not_matter():
    table = normal_table(1024)
    y = table["a"] + 2 * table["b"]
    one = given_data(table, y, drawn="random")
    other = given_data(table, y + 1e7, drawn="random")
    np.testing.assert_allclose(other["S1"], one["S1"], rtol=1e-6, atol=1e-8)


def test_a_frame_with_names_in_any_script():
    table = pd.DataFrame(normal_table(512)).rename(columns={"a": "用电量", "b": "β"})
    table["сумма"] = table["用电量"] + table["β"]
    found = given_data(table, "сумма", drawn="random")
    assert list(found["parameter"].values) == ["用电量", "β", "c"]
    assert within(found, [0.5, 0.5, 0.0])
    only = given_data(table, "сумма", drawn="random", parameters=["β"])
    np.testing.assert_allclose(only["S1"], found["S1"].sel(parameter=["β"]))


def test_an_outcome_with_labels_keeps_them():
    table = normal_table(256)
    y = xr.DataArray(
        np.stack([table["a"], table["b"]], axis=-1),
        dims=("sample", "year"), coords={"year": [2030, 2035]}, name="demand",
    )  # fmt: skip
    found = given_data(table, y, drawn="random")
    assert found["S1"].sel(year=2035, parameter="b") > 0.99
    assert found.attrs["outcome"] == "demand"


def test_chains_of_a_table_are_replicates_in_any_order(ishigami_case):
    result = un.propagate(ishigami_case.model, ishigami_case.priors, size=256)
    columns = {n: x.values.ravel() for n, x in result["prior"].data_vars.items()}
    columns |= {"y": result["prior_predictive/y"].values.ravel(), "chain": np.repeat(range(8), 256)}
    shuffled = pd.DataFrame(columns).sample(frac=1, random_state=1)
    np.testing.assert_allclose(
        given_data(shuffled, "y", drawn="sobol")["S1_interval"],
        given_data(result)["S1_interval"],
        rtol=1e-6, atol=1e-9,
    )  # fmt: skip


def test_an_outcome_whose_variance_rests_on_few_draws_is_told():
    table = normal_table(1024)
    with pytest.warns(
        UserWarning, match=r"variance of outcome 'y' rests on about \d+ of 1024 draws"
    ):
        given_data(table, np.exp(3 * table["a"]), drawn="random")


def test_what_it_rests_on_is_told(ishigami_case):
    result = un.propagate(ishigami_case.model, ishigami_case.priors, size=128)
    attrs = given_data(result).attrs
    assert attrs["interval_prob"] == 0.95
    assert attrs["draws"] == 1024
    assert attrs["drawn"] == "sobol"
    assert attrs["interval_kind"] == "jackknife and t over 8 replicates"
    assert "debiased" in attrs["estimator"]


def test_the_source_is_left_as_it_was(ishigami_case):
    result = un.propagate(ishigami_case.model, ishigami_case.priors, size=128, design="random")
    before = result.copy(deep=True)
    given_data(result)
    given_data(result, method="rank")
    xr.testing.assert_identical(result, before)


TABLE = {**normal_table(256), "y": np.arange(256.0)}
FAULTS = {
    "not finite": ({**TABLE, "a": np.where(np.arange(256) < 3, np.nan, 1.0)}, "y", {}, "'a': 3 of 256"),
    "outcome infinite": ({**TABLE, "y": np.full(256, np.inf)}, "y", {}, "outcome 'y': 256 of 256"),
    "wrong outcome": (TABLE, "yy", {}, "did you mean 'y'"),
    "no outcome": (TABLE, None, {}, "name of its outcome"),
    "wrong parameter": (TABLE, "y", {"parameters": ["aa"]}, "did you mean 'a'"),
    "no parameters": (TABLE, "y", {"parameters": []}, "no parameter"),
    "texts": ({**TABLE, "a": ["low"] * 256}, "y", {}, "'a' must be numbers"),
    "complex": ({**TABLE, "a": np.ones(256) * 1j}, "y", {}, "'a' must be numbers, got complex128"),
    "turned": (TABLE, np.ones((256, 2)), {}, "2 draws as the outcome has"),
    "lengths": ({**TABLE, "a": np.arange(5.0)}, "y", {}, r"'a' has shape \(5,\)"),
    "matrix": ({**TABLE, "y": np.ones((256, 2))}, "y", {}, "'y' has shape"),
    "empty": ({"a": [], "y": []}, "y", {}, "one number a draw and 0 draws"),
    "one draw": ({"a": [1.0], "y": [2.0]}, "y", {}, "at least 64 draws, got 1"),
    "scalar": (TABLE, 3.0, {}, "must be an array"),
    "unequal chains": ({**TABLE, "chain": np.arange(256) // 200}, "y", {}, "0: 200, 1: 56"),
    "small replicates": ({**TABLE, "chain": np.arange(256) // 16}, "y", {"drawn": "sobol"}, "at least 32 draws"),
    "drawn": (TABLE, "y", {"drawn": "sobool"}, "did you mean 'sobol'"),
    "method": (TABLE, "y", {"method": "clases"}, "did you mean 'classes'"),
    "no table": ([1, 2], "y", {}, "got list"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_a_table_is_told(fault):
    table, outcome, options, message = FAULTS[fault]
    with pytest.raises(UncertaintyError, match=message):
        given_data(table, outcome, **{"drawn": "random", **options})


def test_what_is_wrong_with_a_result_is_told():
    result = un.propagate(
        lambda a, b: {"sum": a + b, "gap": a - b}, {"a": NORMAL, "b": NORMAL}, size=64
    )
    with pytest.raises(ResultError, match="several outcomes, sum, gap"):
        given_data(result)
    with pytest.raises(ResultError, match="did you mean 'sum'"):
        given_data(result, "summ")
    with pytest.raises(ResultError, match="no draws in posterior"):
        given_data(result, "sum", group="posterior")
    with pytest.raises(ResultError, match="group must be one of"):
        given_data(result, "sum", group="priors")
    with pytest.raises(DesignError, match="says of its prior draws: sobol"):
        given_data(result, "sum", drawn="random")


def test_a_result_without_draws_is_told():
    result = un.propagate(lambda a: a, {"a": NORMAL}, size=64, keep=False)
    with pytest.raises(ResultError, match="keep=True"):
        given_data(result)


def test_nothing_warns_without_a_reason(ishigami_case):
    result = un.propagate(ishigami_case.model, ishigami_case.priors, size=128)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given_data(result)
