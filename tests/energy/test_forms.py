"""Forms of demand and of rebound: each law against its closed form, and where they must agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.integrate import solve_ivp

from tests.energy.conftest import (
    FIRST_FORMS,
    NO_CHIP,
    NO_GROWTH,
    NO_HARDWARE,
    NO_MOVE,
    STILL,
    Simulate,
    Values,
)
from uncertainty.energy.demand import LOG_MULTIPLES, passed
from uncertainty.energy.rebound import heeded
from uncertainty.energy.workloads import WORKLOADS

Array = npt.NDArray[np.float64]

DEMAND = {"decaying": 0.0, "logistic": 1.0, "Bass": 2.0}
FALLS = (0.02, 0.4, 1.3, -0.05, -0.3)
"""Growth at the start less growth in the end, 1/year."""
TAU, IMITATION = 3.0, 0.38
YEARS = np.array([0.0, 1.0, 2.0, 5.0, 11.0, 40.0])


def decaying(t: Array, fall: float, tau: float) -> Array:
    return fall * tau * (1.0 - np.exp(-t / tau))


def logistic(t: Array, fall: float, tau: float) -> Array:
    end = np.exp(fall * tau)
    rate = fall / (1.0 - np.exp(-fall * tau))
    found: Array = np.log(end / (1.0 + (end - 1.0) * np.exp(-rate * t)))
    return found


def bass(t: Array, fall: float, tau: float) -> Array:
    end = np.exp(fall * tau)
    p, q = fall / (end - 1.0), IMITATION
    gone = np.exp(-(p + q) * t)
    found: Array = np.log(1.0 + (end - 1.0) * (1.0 - gone) / (1.0 + (q / p) * gone))
    return found


LAWS: dict[str, Callable[[Array, float, float], Array]] = {
    "decaying": decaying,
    "logistic": logistic,
    "Bass": bass,
}


def added(
    law: str, fall: Any, tau: Any = TAU, years: Array = YEARS, imitation: float = IMITATION
) -> Array:
    """Logarithm that a law adds to growth in the end, (year, sample)."""
    fall, tau = np.broadcast_arrays(np.atleast_1d(np.asarray(fall, dtype=float)), tau)
    ones = np.ones_like(fall)
    p = {"demand_form": DEMAND[law] * ones, "imitation": imitation * ones}
    found: Array = passed(fall, tau.astype(float), p, years[:, np.newaxis], np)
    return found


@pytest.mark.parametrize("law", LAWS)
def test_law_is_its_closed_form(law: str) -> None:
    found = added(law, FALLS)
    for column, fall in zip(found.T, FALLS, strict=True):
        np.testing.assert_allclose(column, LAWS[law](YEARS, fall, TAU), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("law", LAWS)
def test_laws_start_at_zero_with_the_same_slope_and_end_at_the_same_multiple(law: str) -> None:
    step = 1e-4
    found = added(law, FALLS, years=np.array([0.0, step, 1e4]))
    np.testing.assert_array_equal(found[0], 0.0)
    np.testing.assert_allclose(found[1] / step, FALLS, rtol=1e-3)
    np.testing.assert_allclose(found[2], np.array(FALLS) * TAU, rtol=1e-9)


@pytest.mark.parametrize("fall", [0.4, -0.3])
def test_diffusion_solves_the_equation_of_bass(fall: float) -> None:
    """F' = (p + q F)(1 - F), integrated numerically."""
    end = np.exp(fall * TAU)
    p = fall / (end - 1.0)
    solved = solve_ivp(
        lambda t, f: (p + IMITATION * f) * (1.0 - f),
        (0.0, YEARS[-1]),
        [0.0],
        t_eval=YEARS,
        rtol=1e-10,
        atol=1e-12,
    )
    expected = np.log(1.0 + (end - 1.0) * solved.y[0])
    np.testing.assert_allclose(added("Bass", fall)[:, 0], expected, atol=1e-8)


@pytest.mark.parametrize("fall", FALLS)
def test_logistic_is_diffusion_whose_imitation_is_the_fall_of_growth(fall: float) -> None:
    found = added("Bass", fall, imitation=fall)
    np.testing.assert_allclose(found, added("logistic", fall), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("fall", [0.0, 1e-14, -1e-14, 1e-9])
def test_without_a_fall_of_growth_nothing_is_added(law: str, fall: float) -> None:
    np.testing.assert_allclose(added(law, fall), 0.0, atol=1e-8)


@pytest.mark.parametrize("law", LAWS)
def test_a_multiple_that_no_number_holds_stays_finite(law: str) -> None:
    years = np.array([0.0, 1.0, 10.0, 100.0])
    with np.errstate(all="raise", under="ignore"):
        found = added(law, [5.0, 5.0, -5.0], [10.0, 1000.0, 1000.0], years)
    assert np.isfinite(found).all()
    assert (np.diff(found[:, :2], axis=0) >= 0.0).all()
    assert (np.diff(found[:, 2]) <= 0.0).all()
    if law != "decaying":  # an end so far off is not felt
        np.testing.assert_allclose(found[1:, 0], LAWS[law](years[1:], 5.0, 10.0), rtol=1e-6)
        np.testing.assert_allclose(found[1, 0], found[1, 1], rtol=1e-6)


def test_bounds_of_the_multiple_are_felt_in_no_year_that_matters() -> None:
    """A fall to K = exp(-40) and one to the bound, exp(-20), look alike for 100 years."""
    beyond = 2.0 * LOG_MULTIPLES[0] / -0.3
    years = np.array([1.0, 10.0, 100.0])
    held = added("logistic", -0.3, beyond, years)[:, 0]
    np.testing.assert_allclose(held, -np.log1p(0.3 * years), rtol=1e-6)


@pytest.mark.parametrize("law", LAWS)
def test_work_of_each_kind_follows_the_law(simulate: Simulate, law: str) -> None:
    growth = {
        "inference_growth_start": 1.2,
        "inference_growth_end": 0.2,
        "training_growth_start": 0.1,
        "training_growth_end": 0.3,
        "general_growth_start": 0.15,
        "general_growth_end": 0.05,
        "supercomputing_growth": 0.1,
    }
    lives = {"intelligent_half_life": 2.0, "general_half_life": 5.0, "imitation": IMITATION}
    out = simulate(STILL | growth | lives | {"demand_form": DEMAND[law]})
    t = np.arange(12.0)
    for name, half_life in (("inference", 2.0), ("training", 2.0), ("general", 5.0)):
        start, end = growth[f"{name}_growth_start"], growth[f"{name}_growth_end"]
        expected = end * t + LAWS[law](t, start - end, half_life / np.log(2.0))
        assert_path(np.log(work(out, name)), expected)
    assert_path(np.log(work(out, "supercomputing")), 0.1 * t)


def work(out: Values, name: str) -> Array:
    """(year, sample) electricity of a workload relative to its base year."""
    amount = out["electricity_by_workload"][WORKLOADS.index(name)]
    relative: Array = amount / amount[0]
    return relative


def assert_path(found: Array, expected: Array) -> None:
    wanted = np.broadcast_to(expected[:, np.newaxis], found.shape)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


# ---- rebound ----


def answered(felt: Any, form: float, saturation: float) -> Array:
    felt = np.asarray(felt, dtype=float)
    p = {"rebound_form": np.array([form]), "rebound_saturation": np.array([saturation])}
    found: Array = heeded(felt[:, np.newaxis], p, np)[:, 0]
    return found


def test_63_percent_of_all_extra_use_has_come_at_the_saturation() -> None:
    found = answered([-0.8, -800.0], 1.0, 0.8)
    np.testing.assert_allclose(found, [-0.8 * (1.0 - np.exp(-1.0)), -0.8], rtol=1e-12)


def test_first_percents_and_dearer_service_are_answered_alike() -> None:
    np.testing.assert_allclose(answered([-1e-6], 1.0, 0.8), [-1e-6], rtol=1e-5)
    for form in (0.0, 1.0):
        np.testing.assert_array_equal(answered([0.0, 0.3, 700.0], form, 0.8), [0.0, 0.3, 700.0])


def test_a_high_saturation_is_a_constant_elasticity() -> None:
    felt = np.array([-2.0, -0.5, 0.5])
    np.testing.assert_allclose(answered(felt, 1.0, 1e9), felt, rtol=1e-8)
    np.testing.assert_array_equal(answered(felt, 0.0, 0.01), felt)


def test_saturating_use_is_the_constant_one_passed_through_the_curve(simulate: Simulate) -> None:
    """ln R = elasticity sigma (1 - exp(ln Q / sigma)), ln Q read from a run with elasticity 1."""
    # Only levers change anything, so that what is left over the run without rebound is R.
    still = NO_GROWTH | NO_HARDWARE | NO_MOVE | NO_CHIP | {"demand_form": 0.0}
    saving = {"distillation_energy_ratio": 0.1, "load_utilisation_target": 0.7}
    elastic = dict.fromkeys(ELASTIC, 1.0)
    base = still | saving
    none = simulate(base | FIRST_FORMS | dict.fromkeys(ELASTIC, 0.0))
    one = simulate(base | FIRST_FORMS | elastic)
    form = {"rebound_form": 1.0, "rebound_saturation": 0.4}
    found = simulate(base | form | dict.fromkeys(ELASTIC, 1.3))
    for name in WORKLOADS:
        felt = -np.log(work(one, name) / work(none, name))
        assert felt.min() < -0.02
        assert felt.max() < 1e-12
        expected = 1.3 * 0.4 * (1.0 - np.exp(felt / 0.4))
        log_more = np.log(work(found, name) / work(none, name))
        np.testing.assert_allclose(log_more, expected, rtol=1e-9, atol=1e-12)


ELASTIC = tuple(f"{name}_elasticity" for name in ("training", "inference", "general"))
