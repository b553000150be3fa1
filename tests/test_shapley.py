"""Shapley effects against closed forms, and the promises around them."""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import uncertainty as un
from uncertainty.errors import DesignError, ModelError
from uncertainty.shapley import effects

NORMAL = un.Prior("normal", mu=0, sigma=1)
ANGLE = un.Prior("uniform", lower=-math.pi, upper=math.pi)


def ishigami(a, b, c):
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


def ishigami_effects() -> np.ndarray:
    """Half of the one interaction goes to either side (Owen 2014)."""
    alone = 0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2
    both = 0.1**2 * math.pi**8 * 8 / 225
    parts = np.array([alone + both / 2, 49 / 8, both / 2])
    return parts / parts.sum()


def linear_effects(weights: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Shapley effects of a sum of dependent normals, by all subsets: Var(y | x_u) is closed."""
    names = range(len(weights))
    total = weights @ covariance @ weights

    def left(known: tuple[int, ...]) -> float:
        """Variance that remains when `known` are known."""
        rest = [i for i in names if i not in known]
        if not rest:
            return 0.0
        block = covariance[np.ix_(rest, rest)]
        if known:
            cross = covariance[np.ix_(rest, known)]
            block = block - cross @ np.linalg.solve(covariance[np.ix_(known, known)], cross.T)
        return float(weights[rest] @ block @ weights[rest])

    found = np.zeros(len(weights))
    for order in itertools.permutations(names):
        for place, name in enumerate(order):
            before, after = order[:place], order[: place + 1]
            found[name] += left(tuple(before)) - left(tuple(after))
    return found / math.factorial(len(weights)) / total


def rank(pearson: float) -> float:
    """Spearman's rank correlation of a Gaussian copula."""
    return 6 / math.pi * math.asin(pearson / 2)


def within(found, exact, factor=2.0):
    """Inside the 95% interval stretched by a factor: about 1 in 1,000 misses at t over 8."""
    half = found["Sh_interval"].sel(bound="upper") - found["Sh"]
    return bool((np.abs(found["Sh"].values - exact) <= factor * half.values).all())


def test_ishigami():
    found = un.shapley(ishigami, dict.fromkeys("abc", ANGLE), size=2**12)
    assert within(found, ishigami_effects())
    assert np.abs(found["Sh"].values - ishigami_effects()).max() < 0.02


def test_dependent_normals():
    covariance = np.array(
        [[1.0, 0.0, 0.0, 0.3], [0, 1, 0.9, 0], [0, 0.9, 1, 0.2], [0.3, 0, 0.2, 1]]
    )
    pairs = {
        (f"x{i}", f"x{j}"): rank(covariance[i, j])
        for i, j in itertools.combinations(range(4), 2)
        if covariance[i, j]
    }
    space = un.Space({f"x{i}": NORMAL for i in range(4)}, pairs)
    weights = np.array([1.0, 1.0, -2.0, 0.5])
    exact = linear_effects(weights, covariance)
    found = un.shapley(lambda x0, x1, x2, x3: x0 + x1 - 2 * x2 + 0.5 * x3, space, size=2**11)
    assert within(found, exact)
    assert np.abs(found["Sh"].values - exact).max() < 0.01


def test_a_copy_of_a_parameter_gets_half():
    space = un.Space({"a": NORMAL, "b": NORMAL}, {("a", "b"): 0.999})
    found = un.shapley(lambda a, b: a + 0 * b, space, size=2**10)
    np.testing.assert_allclose(found["Sh"], [0.5, 0.5], atol=0.02)


def test_they_sum_to_one_in_every_replicate():
    found = un.shapley(ishigami, dict.fromkeys("abc", ANGLE), size=256)
    np.testing.assert_allclose(found["Sh_by_replicate"].sum("parameter"), 1.0, rtol=1e-12)


def test_independent_parameters_lie_between_first_order_and_total():
    priors = dict.fromkeys("abc", ANGLE)
    found = un.shapley(ishigami, priors, size=2**11)["Sh"].values
    index = un.drivers(ishigami, priors, size=2**11)["drivers/y"].to_dataset()
    assert (found >= index["S1"].values - 0.02).all()
    assert (found <= index["ST"].values + 0.02).all()


@pytest.mark.parametrize("design", ["sobol", "latin", "random"])
def test_every_design(design):
    found = un.shapley(lambda a, b: a + 2 * b, {"a": NORMAL, "b": NORMAL}, size=512, design=design)
    np.testing.assert_allclose(found["Sh"], [0.2, 0.8], atol=0.04)


def test_a_dirichlet_and_a_fixed_number():
    priors = {
        "mix": un.Prior("dirichlet", a=[2.0, 3.0, 5.0]),
        "one": un.Prior("fixed", value=2.0),
        "x": NORMAL,
    }
    found = un.shapley(lambda mix, one, x: one * mix[0] + 0.2 * x, priors, size=1024)
    share = 4 * (0.2 * 0.8 / 11)
    assert found["parameter"].values.tolist() == ["mix", "x"]
    np.testing.assert_allclose(found["Sh"], np.array([share, 0.04]) / (share + 0.04), atol=0.02)


def test_units_are_converted_for_correlated_parameters_too():
    @un.model(outcomes={"y": "TWh"}, units={"a": "TWh", "b": "TWh"})
    def total(a, b):
        return {"y": a + b}

    wide = un.Prior("normal", mu=5000, sigma=1000, unit="GWh")
    space = un.Space(
        {"a": wide, "b": un.Prior("normal", mu=5, sigma=1, unit="TWh")}, {("a", "b"): 0.5}
    )
    np.testing.assert_allclose(un.shapley(total, space, size=512)["Sh"], [0.5, 0.5], atol=0.02)


def test_years_and_an_outcome_that_does_not_vary_at_first():
    years = [2024, 2030]

    @un.model(outcomes={"e": "TWh"}, dims={"e": ("year",)}, coords={"year": years})
    def growth(rate, level, *, xp):
        return {"e": 5 + xp.stack([0 * rate, rate + level])}

    with pytest.warns(UserWarning, match="does not vary at 2024"):
        found = un.shapley(growth, {"rate": NORMAL, "level": NORMAL}, size=256)
    assert np.isnan(found["Sh"].sel(year=2024)).all()
    np.testing.assert_allclose(found["Sh"].sel(year=2030), [0.5, 0.5], atol=0.05)


def test_executors_do_not_change_a_bit():
    priors = dict.fromkeys("abc", ANGLE)
    inline = un.shapley(ishigami, priors, size=256)
    with ThreadPoolExecutor(3) as executor:
        spread = un.shapley(ishigami, priors, size=256, executor=executor)
    assert np.array_equal(inline["Sh"], spread["Sh"])


def test_a_model_that_uses_its_output_array_again():
    buffers: dict[int, np.ndarray] = {}

    def reuse(a, b):
        out = buffers.setdefault(len(a), np.empty(len(a)))
        np.add(a, b, out=out)
        return out

    found = un.shapley(reuse, {"a": NORMAL, "b": NORMAL}, size=256)
    np.testing.assert_allclose(found["Sh"], [0.5, 0.5], atol=0.05)


def test_several_outcomes_need_a_name():
    @un.model(outcomes={"y": "1", "z": "1"})
    def two(a, b):
        return {"y": a + b, "z": a - 3 * b}

    priors = {"a": NORMAL, "b": NORMAL}
    with pytest.raises(ModelError, match="the model has y, z; name one as outcome"):
        un.shapley(two, priors, size=64)
    np.testing.assert_allclose(un.shapley(two, priors, "z", size=512)["Sh"], [0.1, 0.9], atol=0.02)
    tree = effects(two, priors, size=64, seed=1)
    assert set(tree["shapley"].children) == {"y", "z"}
    assert tree.attrs["model_runs"] == 8 * 64 * 3


def test_one_replicate_has_no_interval():
    with pytest.raises(DesignError, match="shapley needs at least 2 replicates"):
        un.shapley(lambda a: a, {"a": NORMAL}, replicates=1)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["ishigami", "dependent"])
def test_coverage_of_the_intervals(case):
    """Over 200 seeds 95% intervals hold the exact value about 95 times in 100."""
    if case == "ishigami":
        model, space, exact = ishigami, dict.fromkeys("abc", ANGLE), ishigami_effects()
    else:
        covariance = np.array([[1.0, 0.5], [0.5, 1.0]])
        space = un.Space({"a": NORMAL, "b": NORMAL}, {("a", "b"): rank(0.5)})
        exact = linear_effects(np.array([1.0, 2.0]), covariance)

        def model(a, b):
            return a + 2 * b

    hits = []
    for seed in range(200):
        found = un.shapley(model, space, size=256, seed=seed)
        low, high = (found["Sh_interval"].sel(bound=b).values for b in ("lower", "upper"))
        hits.append((low <= exact) & (exact <= high))
    coverage = np.mean(hits, axis=0)
    # Binomial error of 200 seeds: 0.015; 0.90 and 0.99 lie three of them away.
    assert (coverage > 0.90).all(), coverage
    assert (coverage < 0.995).all(), coverage
