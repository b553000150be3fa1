"""Single mechanisms against the equations, worked out here and not by the model."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.energy.conftest import (
    BASE,
    FIRST_FORMS,
    LAST,
    NO_CHIP,
    NO_LEVERS,
    STEADY_LOAD,
    STILL,
    STRUCTURES,
    Simulate,
    Values,
    draw,
    fixed,
    model,
)
from uncertainty.energy.workloads import WORKLOADS

T = np.arange(LAST - BASE + 1.0)[:, np.newaxis]
YEARS = BASE + T


def logistic(midpoint: float, duration: float) -> np.ndarray:
    """Adoption over the years as equation 1 has it, (year, 1)."""
    odds: np.ndarray = np.exp(-math.log(81.0) * (YEARS - midpoint) / duration)
    return 1.0 / (1.0 + odds)


def lever(saving: float, reach: float, midpoint: float, duration: float) -> np.ndarray:
    """Energy per unit of service relative to the base year, (year, 1)."""
    left = 1.0 - saving * reach * logistic(midpoint, duration)
    relative: np.ndarray = left / left[0]
    return relative


def workload(outcomes: Values, name: str) -> np.ndarray:
    """(year, sample) electricity of one workload relative to its base year."""
    amount = outcomes["electricity_by_workload"][WORKLOADS.index(name)]
    return amount / amount[0]


def test_nothing_changes(simulate: Simulate, parameters: Values) -> None:
    out = simulate(STILL)
    flat = np.broadcast_to(parameters["base_electricity"], out["electricity"].shape)
    np.testing.assert_allclose(out["electricity"], flat, rtol=1e-12)
    np.testing.assert_allclose(out["without_levers"], flat, rtol=1e-12)
    np.testing.assert_allclose(out["contributions"], 0.0, atol=1e-10)


def test_base_year_is_split_by_the_shares(simulate: Simulate) -> None:
    out = simulate(
        {
            "base_electricity": 200.0,
            "intelligent_share": 0.3,
            "training_share": 0.4,
            "supercomputing_share": 0.05,
        }
    )
    expected = np.array([24.0, 36.0, 133.0, 7.0])[:, np.newaxis]
    found = out["electricity_by_workload"][:, 0]
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=1e-12)


def test_growth_decays_from_start_to_end(simulate: Simulate) -> None:
    growth = {
        "inference_growth_start": 1.2,
        "inference_growth_end": 0.2,
        "intelligent_half_life": 2.0,
        "supercomputing_growth": 0.1,
    }
    out = simulate(STILL | growth)
    # d/dt ln A = g_end + (g_start - g_end) 2^(-t / 2), integrated from 0 to t.
    log = 0.2 * T + (2.0 / math.log(2.0)) * (1.0 - 2.0 ** (-T / 2.0))
    np.testing.assert_allclose(np.log(workload(out, "inference")), log + 0 * out["pue"], atol=1e-12)
    found = np.log(workload(out, "supercomputing"))
    np.testing.assert_allclose(found, 0.1 * T + 0 * found, atol=1e-12)


def test_hardware_halves_the_energy_of_work(simulate: Simulate) -> None:
    out = simulate(STILL | {"intelligent_hardware": 1.0, "general_hardware": 0.25})
    np.testing.assert_allclose(workload(out, "training")[3], 1.0 / 8.0, rtol=1e-12)
    np.testing.assert_allclose(workload(out, "inference")[2], 1.0 / 4.0, rtol=1e-12)
    np.testing.assert_allclose(workload(out, "general")[2], 1.0 / 1.25**2, rtol=1e-12)
    np.testing.assert_allclose(workload(out, "supercomputing")[2], 1.0 / 1.25**2, rtol=1e-12)


LONE = {
    "precision": (
        "training",
        {"precision_saving": 0.6, "precision_reach": 0.5},
        0.6,
        0.5,
    ),
    "activation": (
        "inference",
        {"activation_saving": 0.65, "activation_reach": 0.8},
        0.65,
        0.8,
    ),
    "kernels": (
        "inference",
        {"kernels_gain": 0.6, "kernels_reach": 0.2},
        0.375,
        0.2,
    ),
    "distillation": (
        "inference",
        {
            "distillation_energy_ratio": 0.1,
            "distillation_output_ratio": 2.0,
            "distillation_reach": 0.5,
        },
        0.8,
        0.5,
    ),
    # e(u) = (0.25 + 0.75 u) / u: 1.75 at u = 0.25 and 1.25 at u = 0.5, a saving of 2 / 7.
    "load": (
        "training",
        {"load_idle": 0.25, "load_utilisation": 0.25, "load_utilisation_target": 0.5},
        2.0 / 7.0,
        1.0,
    ),
}


@pytest.mark.parametrize("name", LONE)
def test_one_lever_alone(simulate: Simulate, name: str) -> None:
    served, values, saving, reach = LONE[name]
    timing = {f"{name}_midpoint": 2027.0, f"{name}_duration": 5.0}
    out = simulate(
        STILL | values | timing | {"inference_elasticity": 0.0, "training_elasticity": 0}
    )
    found = workload(out, served)
    expected = lever(saving, reach, 2027.0, 5.0)
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=1e-12)
    untouched = workload(out, "general")
    np.testing.assert_allclose(untouched, 1.0, rtol=1e-12)


def test_general_computing_comes_later(simulate: Simulate) -> None:
    out = simulate(
        STILL
        | {"precision_saving": 0.6, "general_reach": 0.3, "adaptation_delay": 3.0, "overlap": 1.0}
        | {"precision_midpoint": 2026.0, "precision_duration": 4.0, "general_elasticity": 0.0}
        | {"activation_saving": 0.0, "kernels_gain": 0.0, "distillation_energy_ratio": 1.0}
        | {"distillation_output_ratio": 1.0}
    )
    found = workload(out, "general")
    expected = lever(0.6, 0.3, 2029.0, 4.0)
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=1e-12)
    np.testing.assert_allclose(workload(out, "supercomputing"), 1.0, rtol=1e-12)


@pytest.mark.parametrize("overlap", [0.0, 0.3, 1.0])
def test_overlap_of_two_levers(simulate: Simulate, overlap: float) -> None:
    out = simulate(
        STILL
        | {"precision_saving": 0.6, "precision_reach": 0.5, "kernels_gain": 0.6}
        | {"kernels_reach": 0.4, "training_elasticity": 0.0, "overlap": overlap}
        | {"precision_midpoint": 2027.0, "precision_duration": 5.0}
        | {"kernels_midpoint": 2026.0, "kernels_duration": 4.0}
    )
    first, second = lever(0.6, 0.5, 2027.0, 5.0), lever(0.375, 0.4, 2026.0, 4.0)
    expected = (first * second) ** (1.0 - overlap) * np.minimum(first, second) ** overlap
    found = workload(out, "training")
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=1e-12)


def test_no_elasticity_no_rebound(simulate: Simulate) -> None:
    still = {f"{name}_elasticity": 0.0 for name in ("training", "inference", "general")}
    out = simulate(still)
    np.testing.assert_allclose(out["rebound"], 0.0, atol=1e-10)
    assert (np.abs(out["savings"][-1]) > 1.0).all()


def test_unit_elasticity_without_lag_cancels_the_saving(simulate: Simulate) -> None:
    unit = {f"{name}_elasticity": 1.0 for name in ("training", "inference", "general")}
    still = {"rebound_speed": 1.0, "decentralisation": 0.0} | NO_CHIP | FIRST_FORMS
    out = simulate(unit | still)
    np.testing.assert_allclose(out["electricity"], out["without_levers"], rtol=1e-12)
    assert (np.abs(out["savings"][-1]) > 1.0).all()


ELASTICITIES = {"training": 0.8, "inference": 1.5, "general": 0.4, "supercomputing": 0.4}


@pytest.mark.parametrize("name", ELASTICITIES)
def test_rebound_of_cheaper_chips_with_a_lag(simulate: Simulate, name: str) -> None:
    out = simulate(
        NO_LEVERS
        | STEADY_LOAD
        | FIRST_FORMS
        | {"electricity_cost_share": 0.2, "chip_price_drop": 0.5, "rebound_speed": 0.3}
        | {"chip_midpoint": 2028.0, "chip_duration": 6.0, "inference_elasticity": 1.5}
        | {"training_elasticity": 0.8, "general_elasticity": 0.4}
    )
    chip = 1.0 - 0.5 * logistic(2028.0, 6.0)
    log_price = np.log((0.2 + 0.8 * chip) / (0.2 + 0.8 * chip[0]))
    felt = np.zeros_like(log_price)
    for row in range(1, len(felt)):
        felt[row] = felt[row - 1] + 0.3 * (log_price[row] - felt[row - 1])
    quiet = simulate(NO_LEVERS | STEADY_LOAD | NO_CHIP | FIRST_FORMS)
    ratio = workload(out, name) / workload(quiet, name)
    expected = np.exp(-ELASTICITIES[name] * felt)
    np.testing.assert_allclose(ratio, np.broadcast_to(expected, ratio.shape), rtol=1e-11)


def test_a_short_lag_and_a_high_elasticity_backfire(simulate: Simulate) -> None:
    eager = {f"{name}_elasticity": 1.5 for name in ("training", "inference", "general")}
    out = simulate(eager | FIRST_FORMS | {"rebound_speed": 1.0})
    assert (out["net_effect"][-1] > 0.0).all()


def test_pue_nears_its_floor(simulate: Simulate) -> None:
    out = simulate(
        STILL
        | {"large_pue": 1.2, "small_pue": 1.4, "edge_pue": 1.1, "pue_overhead_floor": 0.5}
        | {"pue_improvement": 0.1, "intelligent_share": 0.0, "supercomputing_share": 0.0}
        | {"general_large_share": 0.25, "general_small_share": 1.0}
    )
    expected = 1.0 + 0.35 * (0.5 + 0.5 * np.exp(-0.1 * T))
    found = out["pue"]
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=1e-12)


def test_inference_moves_to_small_sites_and_the_edge(simulate: Simulate) -> None:
    out = simulate(
        STILL
        | {"intelligent_share": 1.0, "training_share": 0.0, "base_electricity": 100.0}
        | {"inference_large_share": 0.8, "inference_small_share": 0.75, "decentralisation": 0.5}
        | {"decentralisation_small": 0.75, "large_pue": 1.2, "small_pue": 1.4, "edge_pue": 1.0}
        | {"distillation_midpoint": 2027.0, "distillation_duration": 4.0}
    )
    a = logistic(2027.0, 4.0)
    left = 0.5 * 0.8 * (a - a[0]) / (1.0 - a[0])
    it = 100.0 / (0.8 * 1.2 + 0.15 * 1.4 + 0.05 * 1.0)
    expected = [
        it * 1.2 * (0.8 - left),
        it * 1.4 * (0.15 + 0.75 * left),
        it * 1.0 * (0.05 + 0.25 * left),
    ]
    for found, wanted in zip(out["electricity_by_site"], expected, strict=True):
        np.testing.assert_allclose(found, np.broadcast_to(wanted, found.shape), rtol=1e-12)
    np.testing.assert_allclose(out["dilution"][:, 0], (sum(expected) - 100.0)[:, 0], atol=1e-10)


def test_regions_of_each_workload(simulate: Simulate) -> None:
    out = simulate(
        STILL
        | {"base_electricity": 100.0, "intelligent_share": 0.5, "training_share": 0.4}
        | {
            "training_hub_share": 0.4,
            "training_hub_shift": 0.5,
            "training_digital_economy_share": 0.6,
        }
        | {"inference_digital_economy_share": 0.5, "inference_digital_economy_shift": 0.4}
        | {
            "inference_hub_share": 0.5,
            "general_hub_share": 0.2,
            "general_digital_economy_share": 0.5,
        }
    )
    # After 5 years hubs hold 0.4 + 0.25 x 0.6 of training, digital 0.5 + 0.2 x 0.5 of inference.
    after_five = 20.0 * np.array([0.55, 0.27, 0.18])
    after_five += 30.0 * np.array([0.2, 0.6, 0.2]) + 50.0 * np.array([0.2, 0.4, 0.4])
    np.testing.assert_allclose(out["electricity_by_region"][:, 5, 0], after_five, rtol=1e-12)
    tenth, last = out["electricity_by_region"][:, 10], out["electricity_by_region"][:, 11]
    np.testing.assert_allclose(tenth, last, rtol=1e-12)


def still(structure: str, changes: dict[str, float]) -> Values:
    """A structure in which nothing changes but what is asked for, 100 TWh, inference only."""
    options = STRUCTURES[structure]
    inference = {"intelligent_share": 1.0, "training_share": 0.0, "base_electricity": 100.0}
    values = fixed(draw(structure=options), STILL | inference | changes)
    made = model(options)
    return dict(made.evaluate({name: values[name] for name in made.parameters}))


def test_inference_moves_between_four_classes() -> None:
    pues = {"huge_pue": 1.2, "large_pue": 1.3, "small_pue": 1.5, "edge_pue": 1.0}
    loads = {f"{n}_load_factor": v for n, v in zip(FOUR, (0.5, 0.4, 0.8, 0.25), strict=True)}
    out = still(
        "four classes",
        {"inference_huge_share": 0.5, "inference_large_share": 0.4, "inference_small_share": 0.5}
        | {"decentralisation": 0.6, "decentralisation_large": 0.5, "decentralisation_small": 0.8}
        | {"distillation_midpoint": 2027.0, "distillation_duration": 4.0}
        | {"inference_south_share": 0.7, "inference_south_shift": 0.5}
        | pues
        | loads,
    )
    a = logistic(2027.0, 4.0)
    left = 0.6 * 0.5 * (a - a[0]) / (1.0 - a[0])
    # 0.5, then 0.4 of the other 0.5, then half and half of the last 0.3.
    mix = [0.5 - left, 0.2 + 0.5 * left, 0.15 + 0.4 * left, 0.15 + 0.1 * left]
    it = 100.0 / (0.5 * 1.2 + 0.2 * 1.3 + 0.15 * 1.5 + 0.15 * 1.0)
    electricity = [it * share * pue for share, pue in zip(mix, pues.values(), strict=True)]
    peaks = [e / (8.76 * f) for e, f in zip(electricity, loads.values(), strict=True)]
    south = 0.7 + 0.3 * 0.5 * np.minimum(T / 10.0, 1.0)
    for i, (part, peak) in enumerate(zip(electricity, peaks, strict=True)):
        assert_path(out["electricity_by_site"][i], part)
        assert_path(out["peak_power_by_site"][i], peak)
        assert_path(out["electricity_by_region_and_site"][0, i], part * (1.0 - south))
        assert_path(out["peak_power_by_region_and_site"][1, i], peak * south)
    assert_path(out["total_peak_power"], sum(peaks))
    assert_path(out["peak_power"][0], sum(peaks) * (1.0 - south))
    capacity = [it * s / (8.76 * f) for s, f in zip(mix, loads.values(), strict=True)]
    assert_path(out["it_capacity"], sum(capacity))


FOUR = ("huge", "large", "small", "edge")


def assert_path(found: np.ndarray, expected: np.ndarray) -> None:
    """Every sample follows the same path over the years, (year, 1)."""
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=1e-12)


def test_four_regions_are_nested() -> None:
    out = still(
        "own load factors",
        {"inference_united_states_share": 0.4, "inference_united_states_shift": 0.5}
        | {"inference_china_share": 0.5, "inference_europe_share": 0.6},
    )
    # After 5 years the first has 0.4 + 0.25 x 0.6; the others divide 0.45 as before.
    expected = 55.0, 22.5, 13.5, 9.0
    for found, wanted in zip(out["electricity_by_region"][:, 5], expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)
    np.testing.assert_allclose(out["electricity_by_region"][:, 0, 0], [40, 30, 18, 12], rtol=1e-12)


def test_one_load_factor_for_all() -> None:
    out = still("three classes", {"load_factor": 0.5})
    assert_path(out["total_peak_power"], np.full_like(T, 100.0 / 4.38))
    np.testing.assert_allclose(
        out["peak_power_by_site"] * 4.38, out["electricity_by_site"], rtol=1e-12
    )
