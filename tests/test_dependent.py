"""Closed and total indices of dependent parameters, against closed forms and double loops."""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import uncertainty as un
from uncertainty.dependent import dependent_drivers
from uncertainty.errors import DesignError, ModelError, SpaceError
from uncertainty.pool import processes

NORMAL = un.Prior("normal", mu=0, sigma=1)
ANGLE = un.Prior("uniform", lower=-math.pi, upper=math.pi)
THREE = {"a": NORMAL, "b": NORMAL, "c": un.Prior("normal", mu=0, sigma=2)}


def rank(pearson: float) -> float:
    """Spearman's rank correlation of a Gaussian copula."""
    return 6 / math.pi * math.asin(pearson / 2)


def total_of_three(a, b, c):
    return a + b + c


def ishigami(a, b, c):
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


def indices(*args, **kwargs):
    return dependent_drivers(*args, **kwargs)["dependent"].children["y"].to_dataset()


def within(found, name, exact, factor=2.0, rounding=1e-9):
    """Inside the 95% interval stretched by a factor: about 1 in 1,000 misses at t over 8."""
    half = found[f"{name}_interval"].sel(bound="upper") - found[name]
    away = np.abs(found[name].values - np.asarray(exact))
    return bool((away <= factor * half.values + rounding).all())


LINEAR = {
    0.5: ([0.125, 0.5, 0.78125], [0.125, 0.09375, 0.375], [0.125, 0.296875, 0.578125]),
    -0.5: ([0.25, 0, 0.5625], [0.25, 0.1875, 0.75], [0.25, 0.09375, 0.65625]),
}


@pytest.mark.parametrize("rho", LINEAR)
def test_a_sum_of_correlated_normals(rho):
    space = un.Space(THREE, {("b", "c"): rank(rho)})
    found = indices(total_of_three, space, size=1024)
    for name, exact in zip(("closed", "total", "Sh"), LINEAR[rho], strict=True):
        assert within(found, name, exact), name
        np.testing.assert_allclose(found[name], exact, atol=0.01)


def test_a_parameter_that_the_model_ignores_but_that_tells_of_another():
    space = un.Space({"a": NORMAL, "b": NORMAL}, {("a", "b"): rank(0.9)})
    found = indices(lambda a, b: a + 0 * b, space, size=1024)
    np.testing.assert_allclose(found["closed"], [1, 0.81], atol=0.005)
    np.testing.assert_allclose(found["total"], [0.19, 0], atol=0.005)
    np.testing.assert_allclose(found["Sh"], [0.595, 0.405], atol=0.005)
    assert abs(found["closed"].sel(parameter="a") - 1) < 1e-12
    assert found["total"].sel(parameter="b") == 0


def double_loop(model, space, known, outer=2**9, inner=2**9):
    """Var(E[y | known]) / Var(y) by brute force, with conditional normals written out."""
    rng = np.random.default_rng(5)
    names = list(space.names)
    matrix = np.eye(len(names))
    for (one, two), rho in space.correlation.items():
        i, j = names.index(one), names.index(two)
        matrix[i, j] = matrix[j, i] = 2 * math.sin(math.pi / 6 * rho)
    kept = [names.index(name) for name in known]
    rest = [i for i in range(len(names)) if i not in kept]
    inverse = np.linalg.inv(matrix[np.ix_(kept, kept)])
    pull = matrix[np.ix_(rest, kept)] @ inverse
    left = matrix[np.ix_(rest, rest)] - pull @ matrix[np.ix_(kept, rest)]
    means, variances = [], []
    for _ in range(outer):
        z = np.empty((len(names), inner))
        z[kept] = (np.linalg.cholesky(matrix[np.ix_(kept, kept)]) @ rng.standard_normal(len(kept)))[
            :, None
        ]
        z[rest] = pull @ z[kept] + np.linalg.cholesky(left) @ rng.standard_normal(
            (len(rest), inner)
        )
        normal_cdf = np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)))
        u = normal_cdf(z)
        y = model(**{n: space.priors[n].ppf(u[i]) for i, n in enumerate(names)})
        means.append(y.mean())
        variances.append(y.var(ddof=1))
    between = np.var(means, ddof=1) - np.mean(variances) / inner
    return between / (between + np.mean(variances))


def test_ishigami_with_two_correlated_inputs_against_a_double_loop():
    space = un.Space(dict.fromkeys("abc", ANGLE), {("a", "c"): 0.5})
    found = indices(ishigami, space, size=2**11, shapley=False)
    for name in ("a", "c"):
        rest = [other for other in "abc" if other != name]
        closed = double_loop(ishigami, space, [name])
        total = 1 - double_loop(ishigami, space, rest)
        # 512 outer loops: standard error of a share of variance of about 0.03.
        assert abs(found["closed"].sel(parameter=name) - closed) < 0.09
        assert abs(found["total"].sel(parameter=name) - total) < 0.09


def test_lognormals_with_a_gaussian_copula():
    """The product of lognormals is lognormal: with s^2 the variance of a conditional mean of the
    logarithm, the closed part is expm1(s^2) / expm1(all)."""
    s1, s2, rho = 0.3, 0.6, 0.7
    priors = {n: un.Prior("lognormal", mu=0, sigma=s) for n, s in (("a", s1), ("b", s2))}
    space = un.Space(priors, {("a", "b"): rank(rho)})
    whole = s1**2 + s2**2 + 2 * rho * s1 * s2
    known = np.array([(s1 + rho * s2) ** 2, (s2 + rho * s1) ** 2])
    closed = np.expm1(known) / np.expm1(whole)
    found = indices(lambda a, b: a * b, space, size=2**12)
    assert within(found, "closed", closed)
    assert within(found, "total", 1 - closed[::-1])
    np.testing.assert_allclose(found["closed"], closed, atol=0.02)
    np.testing.assert_allclose(found["Sh"], (closed + 1 - closed[::-1]) / 2, atol=0.02)


def test_independent_parameters_get_the_indices_of_sobol():
    priors = dict.fromkeys("abc", ANGLE)
    found = indices(ishigami, priors, size=2**12, shapley=False)
    index = un.drivers(ishigami, priors, size=2**12)["drivers/y"].to_dataset()
    np.testing.assert_allclose(found["closed"], index["S1"], atol=0.015)
    np.testing.assert_allclose(found["total"], index["ST"], atol=0.015)
    assert within(found, "closed", [0.3139, 0.4424, 0])
    assert within(found, "total", [0.5576, 0.4424, 0.2437])


def test_groups_that_cut_through_a_cluster():
    space = un.Space(THREE, {("b", "c"): rank(0.5)})
    groups = {"ab": ["a", "b"], "rest": ["c"]}
    found = indices(total_of_three, space, size=1024, groups=groups)
    # Known a and b: c has the variance 3 left of 8; known c: a + b has 1 + 0.75 left.
    assert found["parameter"].values.tolist() == ["ab", "rest"]
    np.testing.assert_allclose(found["closed"], [0.625, 0.78125], atol=0.01)
    np.testing.assert_allclose(found["total"], [0.21875, 0.375], atol=0.01)
    np.testing.assert_allclose(found["Sh"], [0.421875, 0.578125], atol=0.01)


def test_a_group_of_everything_decides_everything_and_others_may_be_left_out():
    space = un.Space(THREE, {("b", "c"): rank(0.5)})
    whole = indices(total_of_three, space, size=512, groups={"all": list("abc")})
    np.testing.assert_allclose(whole["closed"], 1)
    np.testing.assert_allclose(whole["Sh"], 1)
    np.testing.assert_allclose(whole["total"], 1, atol=0.02)
    some = indices(total_of_three, space, size=512, groups={"c": ["b"]})
    np.testing.assert_allclose(some["closed"], 0.5, atol=0.02)
    np.testing.assert_allclose(some["Sh"], 0.296875, atol=0.02)


def test_shapley_effects_are_those_of_shapley():
    space = un.Space(THREE, {("b", "c"): rank(0.5)})
    found = indices(total_of_three, space, size=256, seed=3)
    same = un.shapley(total_of_three, space, size=256, seed=3)
    assert np.array_equal(found["Sh"], same["Sh"])
    assert np.array_equal(found["Sh_interval"], same["Sh_interval"])
    assert "Sh" not in indices(total_of_three, space, size=256, shapley=False)


def test_years_aggregates_and_an_outcome_that_does_not_vary_at_first():
    @un.model(outcomes={"e": "TWh"}, dims={"e": ("year",)}, coords={"year": [2024, 2030, 2035]})
    def growth(a, b, *, xp):
        return {"e": 1e6 + xp.stack([0 * a, a + b, 3 * a])}

    space = un.Space({"a": NORMAL, "b": NORMAL}, {("a", "b"): rank(0.5)})
    with pytest.warns(UserWarning, match="does not vary at 2024"):
        found = dependent_drivers(growth, space, size=512)["dependent/e"].to_dataset()
    assert found["closed"].dims == ("year", "parameter")
    for name in ("closed", "total", "Sh"):
        assert np.isnan(found[name].sel(year=2024)).all()
    np.testing.assert_allclose(found["closed"].sel(year=2030), [0.75, 0.75], atol=0.02)
    np.testing.assert_allclose(found["closed"].sel(year=2035), [1, 0.25], atol=0.02)
    np.testing.assert_allclose(
        found["aggregate_closed"], [11.25 / 12, (2.25 + 2.25) / 12], atol=0.02
    )
    np.testing.assert_allclose(found["aggregate_total"], [7.5 / 12, 0.75 / 12], atol=0.02)


def test_a_dirichlet_a_choice_and_a_fixed_number_beside_correlated_ones():
    priors = {
        "mix": un.Prior("dirichlet", a=[2.0, 3.0, 5.0]),
        "pick": un.Prior("choice", values=[-1.0, 1.0], probabilities=[0.5, 0.5]),
        "one": un.Prior("fixed", value=2.0),
        "x": NORMAL,
        "y": NORMAL,
    }

    def model(mix, pick, one, x, y):
        return one * mix[0] + 0.1 * pick + 0.2 * x + 0.2 * y

    found = indices(model, un.Space(priors, {("x", "y"): rank(0.5)}), size=1024)
    share, pair = 4 * (0.2 * 0.8 / 11), 0.04 * 3
    whole = share + 0.01 + pair
    closed = np.array([share, 0.01, 0.09, 0.09]) / whole
    total = np.array([share, 0.01, 0.03, 0.03]) / whole
    assert found["parameter"].values.tolist() == ["mix", "pick", "x", "y"]
    np.testing.assert_allclose(found["closed"], closed, atol=0.02)
    np.testing.assert_allclose(found["total"], total, atol=0.02)
    np.testing.assert_allclose(found["Sh"], (closed + total) / 2, atol=0.02)


def test_units_are_converted():
    @un.model(outcomes={"y": "TWh"}, units={"a": "TWh", "b": "TWh"})
    def total(a, b):
        return {"y": a + b}

    wide = un.Prior("normal", mu=5000, sigma=1000, unit="GWh")
    space = un.Space(
        {"a": wide, "b": un.Prior("normal", mu=5, sigma=1, unit="TWh")}, {("a", "b"): rank(0.5)}
    )
    np.testing.assert_allclose(indices(total, space, size=512)["closed"], [0.75, 0.75], atol=0.02)


@pytest.mark.parametrize("design", ["sobol", "latin", "random"])
def test_every_design(design):
    space = un.Space({"a": NORMAL, "b": NORMAL}, {("a", "b"): rank(0.5)})
    found = indices(lambda a, b: a + b, space, size=512, design=design)
    np.testing.assert_allclose(found["closed"], [0.75, 0.75], atol=0.05)
    np.testing.assert_allclose(found["total"], [0.25, 0.25], atol=0.05)


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, processes])
def test_executors_do_not_change_a_bit(pool):
    space = un.Space(dict.fromkeys("abc", ANGLE), {("a", "c"): 0.5})
    inline = indices(ishigami, space, size=256)
    with pool(2) as executor:
        spread = indices(ishigami, space, size=256, executor=executor)
    for name in inline.data_vars:
        assert np.array_equal(inline[name], spread[name])


def test_the_model_sees_each_parameter_with_its_own_prior_and_correlation():
    """Whatever is drawn anew keeps the joint law: this is what the estimators rest on."""
    seen = []

    def spy(a, b, c):
        seen.append(np.stack([a, b, c]))
        return a + b + c

    space = un.Space(THREE, {("a", "b"): rank(0.6), ("b", "c"): rank(-0.4)})
    indices(spy, space, size=2048, replicates=4, design="random", shapley=False)
    for z in seen[1:]:
        for part in np.array_split(z, max(1, z.shape[-1] // 2048), axis=-1):
            matrix = np.corrcoef(part)
            error = 4 / math.sqrt(part.shape[-1])
            np.testing.assert_allclose(part.std(axis=-1), [1, 1, 2], rtol=0.1)
            np.testing.assert_allclose(matrix[np.triu_indices(3, 1)], [0.6, 0, -0.4], atol=error)


def test_a_model_that_uses_its_output_array_again():
    buffers: dict[int, np.ndarray] = {}

    def reuse(a, b):
        out = buffers.setdefault(len(a), np.empty(len(a)))
        np.add(a, b, out=out)
        return out

    space = un.Space({"a": NORMAL, "b": NORMAL}, {("a", "b"): rank(0.5)})
    found = indices(reuse, space, size=256)
    np.testing.assert_allclose(found["closed"], [0.75, 0.75], atol=0.03)


def test_several_outcomes_in_one_pass_and_the_runs_that_were_counted():
    calls = []

    @un.model(outcomes={"y": "1", "café": "1"})
    def two(a, b):
        calls.append(len(a))
        return {"y": a + b, "café": a - 3 * b}

    tree = dependent_drivers(two, {"a": NORMAL, "b": NORMAL}, size=128, replicates=2)
    assert set(tree["dependent"].children) == {"y", "café"}
    assert tree.attrs["model_runs"] == 2 * 128 * (5 + 3)
    assert sum(calls) == tree.attrs["model_runs"] + min(128, 64)
    one = dependent_drivers(two, {"a": NORMAL, "b": NORMAL}, size=128, outcomes=["café"])
    assert set(one["dependent"].children) == {"café"}


def test_huge_and_shifted_outcomes_lose_nothing():
    space = un.Space({"a": NORMAL, "b": NORMAL}, {("a", "b"): rank(0.5)})
    found = indices(lambda a, b: 1e9 + a + b, space, size=512)
    same = indices(lambda a, b: a + b, space, size=512)
    np.testing.assert_allclose(found["closed"], same["closed"], atol=1e-6)


def test_it_says_what_was_wrong():
    space = un.Space({"a": NORMAL, "b": NORMAL}, {("a", "b"): rank(0.5)})
    with pytest.raises(DesignError, match="dependent_drivers needs at least 2 replicates"):
        dependent_drivers(lambda a, b: a + b, space, replicates=1)
    with pytest.raises(SpaceError, match="unknown parameter 'bb'; did you mean 'b'"):
        dependent_drivers(lambda a, b: a + b, space, groups={"g": ["a", "bb"]})
    with pytest.raises(SpaceError, match="group 'g' is empty"):
        dependent_drivers(lambda a, b: a + b, space, groups={"g": []})
    with pytest.raises(SpaceError, match="groups are a dictionary"):
        dependent_drivers(lambda a, b: a + b, space, groups=["a"])
    with pytest.raises(ModelError, match="is nan in"):
        dependent_drivers(lambda a, b: np.where(a > 2, np.nan, b), space, size=64)
    with pytest.raises(ModelError, match="has no outcome z"):
        dependent_drivers(lambda a, b: a + b, space, outcomes=["z"])


@pytest.mark.slow
@pytest.mark.parametrize("rho", LINEAR)
def test_coverage_of_the_intervals(rho):
    """Over 200 seeds 95% intervals hold the exact value about 95 times in 100."""
    space = un.Space(THREE, {("b", "c"): rank(rho)})
    hits = {"closed": [], "total": []}
    for seed in range(200):
        found = indices(total_of_three, space, size=256, seed=seed, shapley=False)
        for name, exact in zip(hits, LINEAR[rho], strict=False):
            low, high = (found[f"{name}_interval"].sel(bound=b).values for b in ("lower", "upper"))
            hits[name].append((low <= exact) & (np.array(exact) <= high))
    for name, all_hits in hits.items():
        coverage = np.mean(all_hits, axis=0)
        # Binomial error of 200 seeds: 0.015; 0.90 and 0.99 lie three of them away.
        assert (coverage > 0.90).all(), (name, coverage)
        assert (coverage < 0.995).all(), (name, coverage)


def test_pairs_of_names_are_all_there():
    """The closed index of a pair is one minus the total index of all others."""
    space = un.Space(dict.fromkeys("abc", ANGLE), {("a", "c"): 0.5})
    for pair in itertools.combinations("abc", 2):
        rest = [name for name in "abc" if name not in pair]
        found = indices(
            ishigami, space, size=2048, groups={"pair": pair, "rest": rest}, shapley=False
        )
        left = found["closed"].sel(parameter="pair") + found["total"].sel(parameter="rest")
        np.testing.assert_allclose(left, 1, atol=0.03)
