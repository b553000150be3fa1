"""Controls: less noise, the same indices, however bad the polynomial is."""

import numpy as np
import pytest
from scipy.special import ndtr

import uncertainty as un
from tests.conftest import CASES
from uncertainty.pick_freeze.surrogate import BASES, fit

STUDENT = 2.3646  # t, 7 degrees of freedom, 95%


def indices(case, **settings):
    return un.drivers(case.model, case.priors, **settings)["drivers/y"].to_dataset()


@pytest.mark.parametrize("kind", BASES)
def test_polynomials_are_orthonormal(kind):
    if kind == "hermite":
        nodes, weights = np.polynomial.hermite_e.hermegauss(40)
        u, weights = ndtr(nodes), weights / weights.sum()
        inside = u < 1 - 1e-16
        u, weights = u[inside], weights[inside]
    else:
        nodes, weights = np.polynomial.legendre.leggauss(40)
        halves = 0.25 * (nodes + 1)
        u, weights = np.concatenate([halves, 0.5 + halves]), np.tile(0.25 * weights, 2)
    values = BASES[kind](u, 4)
    np.testing.assert_allclose((values * weights) @ values.T, np.eye(5), atol=1e-7)


def test_a_polynomial_is_found_exactly_with_its_indices():
    u = np.random.default_rng(1).random((3, 512))
    x = 2 * u - 1
    y = x[0] + 2 * x[1] + 3 * x[0] * x[2]
    found = fit(u, {"y": y}, ("legendre",) * 3)
    guess = found.at(found.factors(u))["y"]
    np.testing.assert_allclose(guess, y, atol=1e-8)
    exact = found.indices("y", [frozenset({i}) for i in range(3)])
    np.testing.assert_allclose(exact.variance, 1 / 3 + 4 / 3 + 1, rtol=1e-7)
    np.testing.assert_allclose(exact.first, [1 / 3, 4 / 3, 0], atol=1e-7)
    np.testing.assert_allclose(exact.total, [4 / 3, 4 / 3, 1], atol=1e-7)


def test_a_step_of_a_surrogate_is_the_difference_of_its_values():
    rng = np.random.default_rng(2)
    u, a, b = rng.random((3, 4, 256))
    y = np.exp(u[0]) * u[1] + np.sin(3 * u[2] * u[3])
    found = fit(
        u, {"y": y, "z": np.stack([y, y**2])}, ("legendre", "hermite", "legendre", "legendre")
    )
    mixed = np.vstack([b[:2], a[2:]])
    step = found.step(found.factors(a), found.factors(b), frozenset({0, 1}))
    for name in ("y", "z"):
        whole = found.at(found.factors(mixed))[name] - found.at(found.factors(a))[name]
        np.testing.assert_allclose(step[name], whole, atol=1e-10)


@pytest.mark.parametrize("name", ["ishigami", "lognormal", "G A2"])
def test_a_control_makes_intervals_much_shorter(name):
    case = CASES[name]()
    with_it, without = (indices(case, size=512, control=c) for c in (True, False))
    for index in ("S1", "ST"):
        width = [float((d[f"{index}_interval"].diff("bound")).mean()) for d in (with_it, without)]
        assert width[0] < 0.8 * width[1]
    assert float(with_it["control_explains"]) > 0.98
    assert "control_explains" not in without


@pytest.mark.parametrize(
    "model",
    [
        lambda a, b: np.sin(40 * a) * np.cos(60 * b),
        lambda a, b: np.where((a > 0.63) & (b > 0.77), 1.0, 0.0),
        lambda a, b: np.floor(7 * a) + np.floor(5 * b * a),
    ],
)
def test_where_no_polynomial_fits_the_indices_stay_those_of_the_model(model):
    priors = {n: un.Prior("uniform", lower=0, upper=1) for n in "ab"}
    sure = un.drivers(model, priors, size=2**14, control=False)["drivers/y"].to_dataset()
    found = un.drivers(model, priors, size=1024, seed=5)["drivers/y"].to_dataset()
    for index in ("S1", "ST"):
        error = float((found[f"{index}_interval"].diff("bound")).max()) / 2 / STUDENT
        np.testing.assert_allclose(found[index], sure[index], atol=15 * error + 1e-9)


def test_model_runs_of_the_pilot_are_told():
    calls = []

    def model(a, b):
        calls.append(np.size(a))
        return a + b**2

    priors = {n: un.Prior("normal", mu=0, sigma=1) for n in "ab"}
    found = un.drivers(model, priors, size=256)
    trial = 64
    assert sum(calls) == found.attrs["model_runs"] + found.attrs["pilot_runs"] + trial
    assert found.attrs["model_runs"] == 8 * 256 * 4
    assert 0 < found.attrs["pilot_runs"] < found.attrs["model_runs"] / 8
    assert un.drivers(model, priors, size=256, control=False).attrs["pilot_runs"] == 0


def test_groups_pairs_and_correlated_groups_are_controlled_too():
    normal = un.Prior("normal", mu=0, sigma=1)
    space = un.Space(dict.fromkeys("abcd", normal), {("a", "b"): 0.6})
    groups = {"ab": ["a", "b"], "c": ["c"], "d": ["d"]}

    def model(a, b, c, d):
        return a * b + c + c * d

    kinds = {"groups": groups, "second_order": True, "size": 512}
    found = un.drivers(model, space, **kinds)["drivers/y"].to_dataset()
    rho = 2 * np.sin(np.pi * 0.6 / 6)
    whole = (1 + rho**2) + 1 + 1
    np.testing.assert_allclose(found["S1"], np.array([1 + rho**2, 1, 0]) / whole, atol=1e-6)
    np.testing.assert_allclose(found["ST"], np.array([1 + rho**2, 2, 1]) / whole, atol=1e-6)
    np.testing.assert_allclose(found["S2"].sel(parameter="c", parameter2="d"), 1 / whole, atol=1e-6)
    np.testing.assert_allclose(found["S2"].sel(parameter="ab", parameter2="c"), 0, atol=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*is so skewed")
@pytest.mark.parametrize("design", ["sobol", "latin", "random"])
@pytest.mark.parametrize("control", [True, False])
def test_intervals_of_smooth_cases_cover_by_every_design(design, control):
    """Over 100 seeds; indices of one seed are dependent, so that a share has an error of .02."""
    from uncertainty.cases import coverage

    found = coverage(["ishigami", "lognormal"], seeds=100, size=128, design=design, control=control)
    assert found["coverage"].between(0.9, 0.99).all()
    assert 0.93 < found["coverage"].mean() < 0.975


@pytest.mark.filterwarnings("ignore:.*is so skewed")
def test_where_tails_are_heavy_there_is_no_control():
    """A polynomial would lessen the noise that is seen, and not that of the tails."""
    priors = {n: un.Prior("lognormal", mu=0, sigma=s) for n, s in (("a", 1.2), ("b", 0.3))}
    kinds = {"size": 256, "seed": 3}
    plain = un.drivers(lambda a, b: a + b, priors, control=False, **kinds)["drivers/y"]
    found = un.drivers(lambda a, b: a + b, priors, **kinds)["drivers/y"]
    np.testing.assert_allclose(found["S1_interval"], plain["S1_interval"], rtol=1e-9)


def test_heavy_tails_are_told():
    priors = {n: un.Prior("lognormal", mu=0, sigma=s) for n, s in (("a", 1.2), ("b", 0.3))}
    with pytest.warns(UserWarning, match="outcome 'y' is so skewed that a few draws"):
        un.drivers(lambda a, b: a + b, priors, size=256, seed=3)
