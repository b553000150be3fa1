"""Drivers: public cases within their intervals, coverage, groups, refusals."""

import numpy as np
import pytest
import SALib.analyze.sobol
import SALib.sample.sobol

import uncertainty as un
from tests.conftest import CASES
from uncertainty.errors import DesignError, SpaceError

SIX_SIGMA_T7 = 15.0  # Student's t with 7 degrees of freedom at the two-sided level 1e-6


def indices(case, **settings):
    return un.drivers(case.model, case.priors, **settings)["drivers/y"].to_dataset()


def half(found, name):
    return (found[f"{name}_interval"].sel(bound="upper") - found[name]).values


def test_public_cases_come_out_within_their_errors(case):
    found = indices(case, size=2048, seed=1)
    for name, exact in (("S1", case.first), ("ST", case.total)):
        error = half(found, name) / 2.3646
        gap = np.abs(found[name].values - exact)
        assert (gap < SIX_SIGMA_T7 * error + 1e-9).all()
        assert gap.max() < 0.01


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*is so skewed")
@pytest.mark.parametrize("name", CASES)
def test_95_percent_intervals_cover(name):
    """Over 200 seeds; pooled over parameters, which share their points within a seed."""
    case, hits = CASES[name](), {"S1": [], "ST": []}
    for seed in range(200):
        found = indices(case, size=256, seed=seed)
        for index, exact in (("S1", case.first), ("ST", case.total)):
            hits[index].append(np.abs(found[index].values - exact) <= half(found, index))
    coverage = {index: np.mean(values) for index, values in hits.items()}
    assert 0.92 < coverage["S1"] < 0.99
    assert 0.92 < coverage["ST"] < 0.99


@pytest.mark.filterwarnings("ignore:.*is so skewed")
def test_total_indices_are_never_negative_and_an_idle_parameter_is_exactly_zero():
    priors = {n: un.Prior("normal", mu=0, sigma=1) for n in "abc"}
    found = un.drivers(lambda a, b, c: a + b**3 + 0 * c, priors, size=256)["drivers/y"]
    assert (found["ST"].values >= 0).all()
    assert found["ST"].sel(parameter="c").item() == 0
    assert found["S1"].sel(parameter="c").item() == 0


def test_functional_outcome_per_coordinate_and_aggregated():
    t = np.linspace(0, 2, 21)[:, None]
    priors = {n: un.Prior("uniform", lower=-1, upper=1) for n in ("x1", "x2", "x3")}
    found = un.drivers(lambda x1, x2, x3: x1 + t * x2 + t**2 * x1 * x3, priors, size=4096)
    found = found["drivers/y"]
    np.testing.assert_allclose(found["aggregate_S1"], [0.2846, 0.3889, 0], atol=0.002)
    np.testing.assert_allclose(found["aggregate_ST"], [0.6111, 0.3889, 0.3265], atol=0.002)
    variance = 1 / 3 + t[:, 0] ** 2 / 3 + t[:, 0] ** 4 / 9
    np.testing.assert_allclose(found["S1"].sel(parameter="x1"), 1 / 3 / variance, atol=0.005)
    assert found["S1"].dims == ("y_dim_0", "parameter")


def test_second_order(ishigami_case):
    result = un.drivers(
        ishigami_case.model, ishigami_case.priors, size=2048, second_order=True, replicates=4
    )
    found = result["drivers/y"]
    pair = found["S2"].sel(parameter="x1", parameter2="x3")
    bounds = found["S2_interval"].sel(parameter="x1", parameter2="x3")
    assert bounds.sel(bound="lower") < 0.2437 < bounds.sel(bound="upper")
    assert pair.item() == pytest.approx(0.2437, abs=0.01)
    np.testing.assert_allclose(found["S2"].values, found["S2"].values.T, atol=1e-12)
    assert result.attrs["model_runs"] == 4 * 2048 * (3 + 2 + 3)
    np.testing.assert_allclose(found["S1"], ishigami_case.first, atol=0.01)


def test_groups(ishigami_case):
    groups = {"odd": ["x1", "x3"], "even": ["x2"]}
    found = indices(ishigami_case, size=4096, groups=groups)
    np.testing.assert_allclose(found["S1"], [0.5576, 0.4424], atol=0.003)
    np.testing.assert_allclose(found["ST"], [0.5576, 0.4424], atol=0.003)
    assert found["parameter"].values.tolist() == ["odd", "even"]


def test_model_runs_are_counted(case):
    result = un.drivers(case.model, case.priors, size=64, replicates=3)
    assert result.attrs["model_runs"] == 3 * 64 * (len(case.priors) + 2)


def test_correlated_parameters_are_refused_with_the_way_out():
    normal = un.Prior("normal", mu=0, sigma=1)
    space = un.Space(dict.fromkeys("abc", normal), {("a", "b"): 0.5})
    with pytest.raises(
        SpaceError,
        match=r"a, b are correlated; use un.dependent_drivers .* put them into one group",
    ):
        un.drivers(lambda a, b, c: a + b + c, space, size=64)
    found = un.drivers(
        lambda a, b, c: a + b + c, space, size=2048, groups={"ab": ["a", "b"], "c": ["c"]}
    )
    pearson = 2 * np.sin(np.pi / 12)
    exact = np.array([2 + 2 * pearson, 1]) / (3 + 2 * pearson)
    np.testing.assert_allclose(found["drivers/y"]["S1"], exact, atol=0.005)


def test_where_an_outcome_does_not_vary_its_indices_are_undefined_aloud():
    year = np.arange(3.0)[:, None]
    priors = {n: un.Prior("normal", mu=0, sigma=1) for n in "ab"}
    with pytest.warns(UserWarning, match="'y' does not vary at 0: its indices are undefined"):
        result = un.drivers(lambda a, b: year * (a + b), priors, size=64)
    found = result["drivers/y"]
    assert found["S1"].isel(y_dim_0=0).isnull().all()
    assert found["S1"].isel(y_dim_0=[1, 2]).notnull().all()
    assert found["aggregate_S1"].notnull().all()


def test_rounding_noise_is_no_variance():
    priors = {n: un.Prior("uniform", lower=1, upper=2) for n in "ab"}
    with pytest.warns(UserWarning, match="does not vary anywhere"):
        un.drivers(lambda a, b: 1e6 * ((a * b) / a / b), priors, size=64)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"replicates": 1}, DesignError, "at least 2 replicates, got 1"),
        ({"groups": {"g": []}}, SpaceError, "group 'g' is empty"),
        ({"groups": {"g": ["x9"]}}, SpaceError, "unknown parameter 'x9'"),
        ({"groups": {"g": ["x1"], "h": ["x1"]}}, SpaceError, "in the groups 'g' and 'h'"),
    ],
)
def test_faulty_settings(ishigami_case, settings, error, words):
    with pytest.raises(error, match=words):
        un.drivers(ishigami_case.model, ishigami_case.priors, size=64, **settings)


def test_salib_agrees_as_a_second_opinion(ishigami_case):
    problem = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[-np.pi, np.pi]] * 3}
    points = SALib.sample.sobol.sample(problem, 2**14, calc_second_order=False, seed=1)
    peer = SALib.analyze.sobol.analyze(
        problem, ishigami_case.model(*points.T), calc_second_order=False, num_resamples=10, seed=1
    )
    found = indices(ishigami_case, size=2048)
    np.testing.assert_allclose(found["S1"], peer["S1"], atol=0.01)
    np.testing.assert_allclose(found["ST"], peer["ST"], atol=0.01)


@pytest.mark.filterwarnings("ignore:.*is so skewed")
def test_a_rare_event_is_told_apart_from_a_constant():
    priors = {"a": un.Prior("normal", mu=0, sigma=1), "b": un.Prior("normal", mu=0, sigma=1)}
    with pytest.warns(UserWarning, match="in some replicates, too few draws"):
        un.drivers(lambda a, b: (a > 2.6) * 1.0 + 0 * b, priors, size=128)


def test_a_very_skewed_outcome_is_told():
    priors = {n: un.Prior("lognormal", mu=0, sigma=s) for n, s in (("a", 2.0), ("b", 1.0))}
    with pytest.warns(UserWarning, match="so skewed that its indices differ by"):
        un.drivers(lambda a, b: a * b, priors, size=64, replicates=16)


def test_no_groups_at_all_are_refused(ishigami_case):
    with pytest.raises(SpaceError, match="at least one group is needed"):
        un.drivers(ishigami_case.model, ishigami_case.priors, size=64, groups={})


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("first", ["saltelli", "jansen", "janon", "martinez", "azzini"])
def test_every_first_order_estimator_finds_the_exact_indices(first, control, ishigami_case):
    found = indices(ishigami_case, size=512, first=first, control=control)
    gap = np.abs(found["S1"].values - ishigami_case.first)
    assert (gap < SIX_SIGMA_T7 * half(found, "S1") / 2.3646 + 1e-9).all()
    assert gap.max() < (0.005 if control else 0.06)


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("total", ["jansen", "homma", "janon", "martinez"])
def test_every_total_estimator_finds_the_exact_indices(total, control, ishigami_case):
    found = indices(ishigami_case, size=512, total=total, control=control)
    gap = np.abs(found["ST"].values - ishigami_case.total)
    assert (gap < SIX_SIGMA_T7 * half(found, "ST") / 2.3646 + 1e-9).all()
    assert gap.max() < (0.005 if control else 0.06)


@pytest.mark.parametrize(
    ("what", "name"), [("first", "sobol"), ("total", "saltelli"), ("first", None)]
)
def test_an_estimator_that_is_none_is_refused(what, name, ishigami_case):
    if name is None:
        assert "S1 azzini" in indices(ishigami_case, size=32, second_order=True).attrs["estimators"]
        return
    with pytest.raises(DesignError, match=f"{what}='{name}' is no estimator; there are"):
        indices(ishigami_case, size=32, **{what: name})


def test_a_dummy_shows_how_much_is_noise(ishigami_case):
    kinds = {"size": 256, "control": False, "dummy": True}
    found = indices(ishigami_case, **kinds).sel(parameter="dummy")
    low, high = found["S1_interval"].values
    assert low < 0 < high
    assert 0 < high - low < 0.2
    with pytest.raises(DesignError, match="adds a parameter 'dummy', but there is one"):
        un.drivers(lambda dummy: dummy, {"dummy": un.Prior("normal", mu=0, sigma=1)}, dummy=True)


def test_bands_hold_all_years_together_and_are_wider_than_intervals():
    t = np.linspace(0, 2, 5)[:, None]
    priors = {n: un.Prior("uniform", lower=-1, upper=1) for n in ("x1", "x2", "x3")}

    def path(x1, x2, x3):
        return x1 + t * x2 + t**2 * x1 * x3

    kinds = {"size": 128, "control": False, "simultaneous": True}
    found = un.drivers(path, priors, **kinds)["drivers/y"].to_dataset()
    ratio = found["S1_band"].diff("bound") / found["S1_interval"].diff("bound")
    from scipy.stats import t as student

    wider = student.ppf(1 - 0.025 / 5, 7) / student.ppf(0.975, 7)
    np.testing.assert_allclose(ratio.sel(parameter="x2")[1:], wider, rtol=1e-9)
    assert found["S1_band"].attrs["interval_kind"].endswith("simultaneous over 5 cells")
    assert "S1_band" not in un.drivers(path, priors, size=32)["drivers/y"].data_vars


def test_one_random_replicate_has_intervals_by_the_delta_method(ishigami_case):
    found = indices(ishigami_case, size=4096, replicates=1, design="random", control=False)
    assert found.attrs["interval_kind"] == "delta method over independent draws"
    assert (half(found, "S1") > 0).all()
    with pytest.raises(DesignError, match="at least 2 replicates"):
        indices(ishigami_case, size=64, replicates=1, design="random", first="jansen")


@pytest.mark.slow
def test_delta_intervals_of_aggregates_cover():
    t = np.linspace(0, 2, 5)[:, None]
    priors = {n: un.Prior("uniform", lower=-1, upper=1) for n in ("x1", "x2", "x3")}
    v1, v2, v13 = (float(np.sum(v)) for v in (t**0 / 3, t**2 / 3, t**4 / 9))
    exact = np.array([v1, v2, 0]) / (v1 + v2 + v13)
    hits = []
    for seed in range(300):
        found = un.drivers(
            lambda x1, x2, x3: x1 + t * x2 + t**2 * x1 * x3, priors,
            size=512, replicates=2, seed=seed, design="random", control=False,
        )["drivers/y"]  # fmt: skip
        low, high = found["aggregate_S1_interval"].values.T
        hits.append((low <= exact) & (exact <= high))
    assert 0.92 < np.mean(hits) < 0.98


def test_a_dummy_is_noise_in_every_design(ishigami_case):
    for kinds in ({"design": "random"}, {"second_order": True}, {"first": "azzini"}):
        found = indices(ishigami_case, size=128, dummy=True, **kinds).sel(parameter="dummy")
        assert float(found["S1_interval"].diff("bound").item()) > 0
        assert float(found["ST_interval"].diff("bound").item()) > 0


def test_too_few_replicates_to_judge_a_control_go_without(ishigami_case):
    few = indices(ishigami_case, size=128, replicates=3)
    plain = indices(ishigami_case, size=128, replicates=3, control=False)
    np.testing.assert_array_equal(few["S1"], plain["S1"])
    assert "control_explains" not in few
