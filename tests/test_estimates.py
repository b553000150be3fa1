"""Values and their errors against closed forms and against their own spread."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import spearmanr
from scipy.stats import t as student

import uncertainty as un
from uncertainty import estimates
from uncertainty.design import SOBOL_BITS, Design
from uncertainty.tally import Counts, Grid, Keep, Moments, PickFreeze, Share
from uncertainty.tally.estimators import indices

LEVELS = (0.05, 0.25, 0.5, 0.9)
UNIFORMS = {name: un.Prior("uniform", lower=0, upper=1) for name in "abc"}
NORMAL = un.Prior("normal", mu=0, sigma=1)


def order_statistic_sd(p: np.ndarray, n: int) -> np.ndarray:
    """Exact sd of the uniform order statistic at rank k = p n + 1/2, which is Beta(k, n + 1 - k)."""
    k = p * n + 0.5
    return np.sqrt(k * (n + 1 - k) / (n + 2)) / (n + 1)


@pytest.mark.parametrize("kind", ["kept", "counted"])
def test_the_error_of_a_quantile_is_that_of_an_order_statistic(kind):
    """Evenly spread draws leave no sampling noise: only terms of order 1/n are allowed."""
    n = 4001
    draws = (np.arange(n) + 0.5) / n
    piece = Keep.of(draws) if kind == "kept" else Counts.of(draws, Grid.of(draws))
    found = estimates.quantiles([piece], LEVELS)
    p = np.array(LEVELS)
    np.testing.assert_allclose(found.value, p, atol=1 / n)
    # Counts are linear between edges that hold 4 draws each: an end is off by up to 4/n.
    rel = 10 / (p * n) if kind == "kept" else 4 / n / order_statistic_sd(p, n)
    assert (np.abs(found.error / order_statistic_sd(p, n) - 1) < np.minimum(rel, 0.09)).all()


def test_the_error_of_a_quantile_is_its_spread_over_repetitions():
    """The sd of 4,000 repetitions has a relative error of 1/sqrt(8000) = 1.1%; four are allowed."""
    draws = np.random.default_rng(1).random((4000, 400))
    found = estimates.quantiles([Keep.of(draws)], LEVELS)
    ratio = found.value.std(axis=0) / found.error.mean(axis=0)
    # n = 400: beside the noise, terms of order 1/(p n) = 5% at p = 0.05.
    assert (np.abs(ratio - 1) < 4 / np.sqrt(8000) + 0.5 / (np.array(LEVELS) * 400)).all()


def test_the_error_of_a_share():
    """One replicate: binomial. Several: the spread of their shares, exactly."""
    pieces = [Share(50, np.array([above])) for above in (15, 20, 28)]
    found = estimates.shares(pieces[:1])
    np.testing.assert_allclose(found, [[0.3], [np.sqrt(0.3 * 0.7 / 50)]], rtol=1e-14)
    # 0.3, 0.4 and 0.56: squares about their mean 0.42 sum to 0.0344; over (3 - 1) and over 3.
    np.testing.assert_allclose(
        estimates.shares(pieces), [[0.42], [np.sqrt(0.0344 / 2 / 3)]], rtol=1e-12
    )


def test_a_value_equal_to_a_threshold_is_not_above_it():
    found = Share.of(np.array([[1.0, 2.0, 2.0, 3.0], [2.0, 2.0, 2.0, 2.0]]), (2.0, 0.0, 3.0))
    np.testing.assert_array_equal(found.result(), [[0.25, 1, 0], [0, 1, 0]])


def skewed(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """The eighth power of a uniform: skewness 2.2, kurtosis 7.6, bounded."""
    return np.random.default_rng(seed).random(shape) ** 8


def test_the_error_of_the_sd_of_a_skewed_outcome_is_its_spread():
    """Over 2,000 repetitions.

    The variance of the sd has a relative error of sqrt(2/2000) = 3.2%. The mean of the squared
    errors has about sqrt(47/1000)/sqrt(2000) = 0.5%, and a bias of order 1/n: 4 x 3.2% + 2%.
    """
    draws = skewed((2000, 1000), 3)
    found = Moments.of(draws, np.zeros(2000), np.ones(2000)).result()
    ratio = found.sd.var() / (found.sd_error**2).mean()
    assert abs(ratio - 1) < 4 * np.sqrt(2 / 2000) + 0.02
    ratio = found.mean.var() / (found.mean_error**2).mean()
    assert abs(ratio - 1) < 4 * np.sqrt(2 / 2000) + 0.02


def test_the_error_of_the_sd_is_that_of_the_central_moments():
    """sqrt((m4 - sd^4) / n) / (2 sd), wherever the sums were started and however scaled."""
    draws = skewed((5000,), 4)
    centred = draws - draws.mean()
    sd = draws.std()
    exact = np.sqrt((np.mean(centred**4) - sd**4) / 5000) / (2 * sd)
    for shift, scale in ((0.0, 1.0), (draws.mean(), 1.0), (0.7, 3.0), (-2.0, 0.5)):
        found = Moments.of(draws, np.array(shift), np.array(scale)).result()
        np.testing.assert_allclose(found.sd_error, exact, rtol=1e-9)
        np.testing.assert_allclose(found.sd, sd, rtol=1e-11)


def test_one_replicate_has_the_errors_of_its_moments_in_their_order():
    draws = skewed((400,), 5)
    piece = Moments.of(draws, np.array(0.1), np.array(1.0))
    found, alone = estimates.moments([piece]), piece.result()
    np.testing.assert_array_equal(found.value, [alone.mean, alone.sd])
    np.testing.assert_array_equal(found.error, [alone.mean_error, alone.sd_error])


def test_several_replicates_have_the_error_of_their_spread():
    """Recomputed from the replicates' own means, sds and quantiles, with R - 1 degrees."""
    draws = skewed((3, 200), 6)
    pieces = [Moments.of(y, np.array(0.1), np.array(1.0)) for y in draws]
    found = estimates.moments(pieces)
    each = np.stack([draws.mean(axis=1), draws.std(axis=1)])
    np.testing.assert_allclose(found.error, each.std(axis=1, ddof=1) / np.sqrt(3), rtol=1e-9)
    np.testing.assert_allclose(found.value, [draws.mean(), draws.std()], rtol=1e-9)
    found = estimates.quantiles([Keep.of(y) for y in draws], LEVELS)
    each = np.quantile(draws, LEVELS, axis=1, method="hazen")
    np.testing.assert_allclose(found.error, each.std(axis=1, ddof=1) / np.sqrt(3), rtol=1e-9)
    np.testing.assert_allclose(found.value, np.quantile(draws, LEVELS, method="hazen"), rtol=1e-12)


@pytest.mark.parametrize("keep", [2047, 2048, 2049, 3000, 5000])
def test_kept_draws_across_blocks_are_the_first_of_each_replicate(keep):
    settings = {"size": 8192, "replicates": 2, "seed": 3}
    some = un.propagate(lambda a, b, c: a + b * c, UNIFORMS, keep=keep, **settings)
    whole = un.propagate(lambda a, b, c: a + b * c, UNIFORMS, keep=True, **settings)
    for group, name in (("prior_predictive", "y"), ("prior", "a"), ("prior", "c")):
        assert whole[group][name].sizes == {"chain": 2, "draw": 8192}
        assert some[group][name].sizes == {"chain": 2, "draw": keep}
        first = whole[group][name].isel(draw=slice(keep))
        xr.testing.assert_identical(some[group][name], first)


def test_what_a_result_says_of_itself():
    @un.model(outcomes={"energy": "TWh"})
    def energy(a, b, c):
        return {"energy": a + b + c}

    found = un.propagate(
        energy, UNIFORMS, size=64, replicates=3, keep=5, thresholds={"energy": [1.5]}
    )
    for group in ("intervals", "moments", "exceedance"):
        attrs = found[group].attrs
        assert (attrs["draws"], attrs["replicates"]) == (64 * 3, 3)
    for name in ("energy", "energy_mcse"):
        assert found["exceedance"][name].attrs["units"] == "1"
        assert found["intervals"][name].attrs["units"] == "TWh"
        assert found["moments"][name].attrs["units"] == "TWh"


@pytest.mark.parametrize("dimension", [1, 7])
def test_sobol_points_are_the_centres_of_their_cells(dimension):
    design = Design("sobol", dimension, 256, seed=2, block=100)
    for block in design.replicate_blocks(0):
        cells = design.points(block) * 2**SOBOL_BITS - 0.5
        np.testing.assert_array_equal(cells, np.round(cells))


@pytest.mark.parametrize("turned", [False, True])
def test_a_star_of_correlations_is_one_cluster(turned):
    """b, c and d hang on a, and f on e; what is not listed is independent.

    A rank correlation of 2^14 independent draws has a standard error below 2^-7.
    """
    star = {("a", "b"): 0.5, ("a", "c"): -0.4, ("a", "d"): 0.3, ("e", "f"): 0.7}
    pairs = {pair[::-1]: rho for pair, rho in star.items()} if turned else star
    space = un.Space(dict.fromkeys("abgcdef", NORMAL), pairs)
    assert space.clusters == (("a", "b", "c", "d"), ("e", "f"))
    design = Design("sobol", 7, 2**14, seed=1, block=2**14)
    values = space.at(design.points(design.first))
    found = spearmanr(np.stack([values[name] for name in "abcdefg"]), axis=1).statistic
    for i, one in enumerate("abcdefg"):
        for j, two in enumerate("abcdefg"):
            asked = 1.0 if i == j else star.get((one, two), star.get((two, one), 0.0))
            assert abs(found[i, j] - asked) < 4 * 2**-7, (one, two)


def interacting(a, b, c):
    return np.stack([a + 2 * b + 3 * a * c, np.exp(b) * (1 + c)])


def by_hand(size: int, replicates: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Variance (replicate, cell), first and total part (replicate, cell, parameter)."""
    design = Design("sobol", 6, size, seed, replicates)
    found = []
    for block in design.blocks:
        u = design.points(block)
        a, b = u[:3], u[3:]
        mixed = [interacting(*np.where(np.arange(3)[:, None] == i, b, a)) for i in range(3)]
        ya, yb = interacting(*a), interacting(*b)
        sums = PickFreeze.of(ya, yb, mixed, np.median(ya, axis=-1)).result()
        found.append(indices(sums, "saltelli", "jansen"))
    return tuple(np.stack(part) for part in zip(*found, strict=True))


def test_the_interval_of_an_index_is_students_over_its_replicates():
    """Four replicates: three degrees of freedom, and a sample sd with three in its divisor."""
    size, replicates, seed = 64, 4, 7
    kinds = {"size": size, "replicates": replicates, "seed": seed, "control": False}
    found = un.drivers(interacting, UNIFORMS, **kinds)["drivers/y"]
    variance, first, total = by_hand(size, replicates, seed)
    reach = student.ppf(0.975, replicates - 1) / np.sqrt(replicates)
    for name, part in (("S1", first), ("ST", total)):
        cases = {
            name: (part, variance[..., None]),
            f"aggregate_{name}": (part.sum(axis=1), variance.sum(axis=1)[:, None]),
        }
        for key, (parts, whole) in cases.items():
            mean = parts.mean(axis=0) / whole.mean(axis=0)
            sd = ((parts - mean * whole) / whole.mean(axis=0)).std(axis=0, ddof=1)
            np.testing.assert_allclose(found[key], mean, rtol=0, atol=1e-12)
            for bound, sign in (("lower", -1), ("upper", 1)):
                end = found[f"{key}_interval"].sel(bound=bound)
                np.testing.assert_allclose(end, mean + sign * reach * sd, rtol=0, atol=1e-12)


def test_a_small_part_of_a_large_outcome_has_its_own_indices():
    """1e9 + 1e-3 (a + b): neighbouring numbers lie 1.2e-7 apart, the spread is 4e-4.

    The rounding adds less than (1.2e-7)^2 / 4e-4^2, about 1e-7, to a share of variance. A gap
    of 15 standard errors has a probability below 1e-6 under Student's t with 7 degrees.
    """
    priors = {name: UNIFORMS[name] for name in "ab"}
    plain = un.drivers(lambda a, b: a + b, priors, size=256)["drivers/y"]
    found = un.drivers(lambda a, b: 1e9 + 1e-3 * (a + b), priors, size=256)["drivers/y"]
    for name in ("S1", "ST"):
        np.testing.assert_allclose(found[name], plain[name], rtol=0, atol=1e-3)
        half = found[f"{name}_interval"].sel(bound="upper") - found[name]
        assert (np.abs(found[name] - 0.5) < 15 * half / student.ppf(0.975, 7) + 1e-6).all()


def test_each_driver_and_group_of_drivers_has_its_group():
    groups = {"a": "demand", "b": "sites", "c": "power"}
    priors = {
        name: un.Prior("uniform", lower=0, upper=1, group=group, label=f"label of {name}")
        for name, group in groups.items()
    }
    found = un.drivers(lambda a, b, c: a + b + c, priors, size=64)["drivers/y"]
    assert found["group"].values.tolist() == ["demand", "sites", "power"]
    assert found["label"].values.tolist() == ["label of a", "label of b", "label of c"]
    together = {"both": ["b", "a"], "rest": ["c"]}
    found = un.drivers(lambda a, b, c: a + b + c, priors, size=64, groups=together)["drivers/y"]
    assert found["parameter"].values.tolist() == ["both", "rest"]
    assert found["group"].values.tolist() == ["both", "rest"]
    assert found["label"].values.tolist() == ["both", "rest"]
