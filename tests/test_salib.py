"""SALib's problems as spaces, and indices in the shape of its results."""

import warnings

import numpy as np
import pytest

import uncertainty as un
from uncertainty.errors import ResultError, SpaceError
from uncertainty.salib.problems import DISTS, from_salib, salib_groups, to_salib

CASES = {
    "unif": [[0, 2], [-3.5, 1e6]],
    "logunif": [[1, 100], [1e-6, 2]],
    "norm": [[1, 0.5], [-40, 7]],
    "lognorm": [[0.5, 0.2], [-1, 2]],
    "truncnorm": [[0, 3, 1, 2], [2, 5, 0, 1], [-1, 1, 0, 10]],
    "triang": [[1, 4, 0.5], [-2, 4, 0.0], [1, 4, 0.9], [3, 0.25]],
}


def problem(**changes):
    return {
        "num_vars": 3,
        "names": ["a", "b", "c"],
        "bounds": [[0, 1], [1, 0.5], [1, 4, 0.5]],
        "dists": ["unif", "norm", "triang"],
        **changes,
    }


def scaled(u, asked):
    """The values of SALib at points (sample, parameter)."""
    from SALib.util import scale_samples

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # triang with two bounds
        return scale_samples(u.copy(), dict(asked))


def test_every_distribution_has_a_case():
    assert set(CASES) == set(DISTS)


@pytest.mark.parametrize(
    ("dist", "bounds"), [(dist, bounds) for dist, each in CASES.items() for bounds in each]
)
def test_values_are_those_of_salib(dist, bounds):
    asked = {"num_vars": 1, "names": ["x"], "bounds": [bounds], "dists": [dist]}
    u = np.concatenate([np.random.default_rng(1).random(4000), [1e-9, 1e-4, 0.5, 1 - 1e-9]])
    found = from_salib(asked).at(u[None])["x"]
    expected = scaled(u[:, None], asked)[:, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9 * np.ptp(expected))


def test_without_distributions_all_are_uniform():
    space = from_salib({"num_vars": 2, "names": ["a", "b"], "bounds": np.array([[0, 1], [2, 3]])})
    assert [prior.describe() for prior in space.priors.values()] == [
        "uniform(lower=0, upper=1)",
        "uniform(lower=2, upper=3)",
    ]
    assert from_salib(problem(bounds=[[0, 1]] * 3, dists=None)).priors["c"].support == (0, 1)


def test_a_problem_spec_is_a_problem():
    from SALib import ProblemSpec

    asked = problem(groups=["x", "y", "x"])
    del asked["num_vars"]
    assert from_salib(ProblemSpec(asked)) == from_salib(asked)
    assert salib_groups(ProblemSpec(asked)) == {"x": ["a", "c"], "y": ["b"]}
    assert from_salib(ProblemSpec(asked)).priors["c"].group == "x"


@pytest.mark.parametrize("groups", [None, [], ["a", "b", "c"], ["all", "all", "all"]])
def test_groups_that_are_none_for_salib_are_none(groups):
    asked = problem(groups=groups)
    assert salib_groups(asked) is None
    assert {prior.group for prior in from_salib(asked).priors.values()} == {""}


def test_indices_of_groups_are_those_of_salib():
    """Ishigami: the group of 1 and 3 has ST = 0.5576 (closed form)."""
    asked = {
        "num_vars": 3,
        "names": ["x1", "x2", "x3"],
        "bounds": [[-np.pi, np.pi]] * 3,
        "groups": ["g", "h", "g"],
    }

    def model(x1, x2, x3):
        return np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)

    result = un.drivers(model, from_salib(asked), groups=salib_groups(asked), size=2**10)
    found = to_salib(result["drivers/y"])
    assert found["names"] == ["g", "h"]
    exact = np.array([0.5576, 0.4424])
    assert (np.abs(found["ST"] - exact) < 2 * found["ST_conf"] + 1e-4).all()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ([("names", ["a"])], "a SALib problem is a dictionary"),
        ({"names": ["a"]}, "lacks bounds; it has names"),
        (problem(num_vars=2), "num_vars is 2 and there are 3 names"),
        (problem(bounds=[[0, 1]]), "bounds has 1 entries for 3 names"),
        (problem(dists=["unif"]), "dists has 1 entries"),
        (problem(groups=["g"]), "groups has 1 entries"),
        (problem(names=["a", "b", "a"]), "the name a is given twice"),
        (problem(dists=["unif", "nrom", "triang"]), "'b': no counterpart .*'nrom'.*mean 'norm'"),
        (problem(dists=["unif", "weibull", "triang"]), "distribution 'weibull'; there are unif"),
        (problem(bounds=[[1, 0], [1, -1], [1, 4, 0.5]]), "'a': uniform.*\n.*'b': normal"),
        (problem(bounds=[[0, 1], [1, 0.5], [1, 4, 2.5]]), "peak as a share.*got 2.5"),
        (problem(bounds=[[0, 1], [1, 0.5], [1, 2, 3, 4]]), "triang takes 3 or 2 numbers"),
        (problem(bounds=[[0, 1], ["x", 1], [1, 4, 0.5]]), "'b': norm takes 2 numbers"),
        (problem(bounds=[[0, float("nan")], [1, 1], [1, 4, 0.5]]), "'a': uniform: upper must"),
    ],
)
def test_faults_speak(asked, words):
    with pytest.raises(SpaceError, match=words):
        from_salib(asked)


@pytest.fixture(scope="module")
def found():
    """Indices with pairs of a product, the closed forms of which are known."""
    priors = dict.fromkeys("abc", un.Prior("uniform", lower=0, upper=2))
    return un.drivers(lambda a, b, c: a * b + c, priors, size=2**9, second_order=True)


def test_results_have_the_shape_of_salib(found):
    from SALib.analyze import sobol as analyser
    from SALib.sample import sobol as sampler

    asked = {"num_vars": 3, "names": list("abc"), "bounds": [[0, 2]] * 3}
    x = sampler.sample(asked, 2**12, seed=1)
    theirs = analyser.analyze(asked, x[:, 0] * x[:, 1] + x[:, 2], seed=1)
    ours = to_salib(found["drivers/y"])
    assert set(ours) == {*theirs, "names"}
    for name, values in theirs.items():
        assert ours[name].shape == values.shape
        assert (np.isnan(ours[name]) == np.isnan(values)).all()
    for name in ("S1", "ST", "S2"):
        known = ~np.isnan(theirs[name])
        reach = 2 * (ours[f"{name}_conf"] + theirs[f"{name}_conf"])[known]
        assert (np.abs(ours[name] - theirs[name])[known] < reach).all(), name


def test_conf_is_half_the_interval(found):
    indices, ours = found["drivers/y"].to_dataset(), to_salib(found["drivers/y"])
    ends = indices["ST_interval"]
    np.testing.assert_allclose(ours["ST"] - ours["ST_conf"], ends.sel(bound="lower"), atol=1e-12)
    np.testing.assert_allclose(ours["ST"] + ours["ST_conf"], ends.sel(bound="upper"), atol=1e-12)


def test_years_are_chosen_first():
    @un.model(outcomes={"e": "1"}, dims={"e": ("year",)}, coords={"year": [2024, 2030]})
    def grown(a, b, *, xp):
        return {"e": xp.stack([a, a + 2 * b])}

    normal = un.Prior("normal", mu=0, sigma=1)
    result = un.drivers(grown, {"a": normal, "b": normal}, size=256)["drivers/e"]
    with pytest.raises(ResultError, match=r"dims year.*such as \.sel\(year=2024\)"):
        to_salib(result)
    ours = to_salib(result.to_dataset().sel(year=2030))
    np.testing.assert_allclose(ours["S1"], [0.2, 0.8], atol=0.03)
    assert "S2" not in ours


def test_what_is_no_result_is_refused(found):
    with pytest.raises(ResultError, match="S1, S1_interval, ST, ST_interval is missing"):
        to_salib(found)
    with pytest.raises(ResultError, match="a Dataset; got dict"):
        to_salib({})
    indices = found["drivers/y"].to_dataset().copy(deep=True)
    indices["S1_interval"].attrs["interval_prob"] = 0.9
    with pytest.raises(ResultError, match="hold 90%, expected 95%"):
        to_salib(indices)
