"""What must hold for every parameter set: sums, differences, bounds and identities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.energy.conftest import BASE, LAST, STILL, Simulate, Values, draw, model
from uncertainty.energy import OUTCOMES
from uncertainty.energy.balance import positive_year
from uncertainty.energy.lmdi import CONTRIBUTIONS


@pytest.fixture
def out(simulate: Simulate) -> Values:
    return simulate()


@pytest.mark.parametrize("part", ["workload", "region", "site"])
def test_parts_sum_to_the_whole(outcomes: Values, part: str) -> None:
    whole = outcomes[f"electricity_by_{part}"].sum(axis=0)
    np.testing.assert_allclose(whole, outcomes["electricity"], rtol=1e-12)


def test_regions_and_sites_cross(outcomes: Values) -> None:
    cells = outcomes["electricity_by_region_and_site"]
    assert (cells > 0.0).all()
    np.testing.assert_allclose(cells.sum(axis=(0, 1)), outcomes["electricity"], rtol=1e-12)
    np.testing.assert_allclose(cells.sum(axis=1), outcomes["electricity_by_region"], rtol=1e-12)
    np.testing.assert_allclose(cells.sum(axis=0), outcomes["electricity_by_site"], rtol=1e-12)


def test_peaks_cross_and_sum(outcomes: Values) -> None:
    cells = outcomes["peak_power_by_region_and_site"]
    np.testing.assert_allclose(cells.sum(axis=(0, 1)), outcomes["total_peak_power"], rtol=1e-12)
    np.testing.assert_allclose(cells.sum(axis=1), outcomes["peak_power"], rtol=1e-12)
    np.testing.assert_allclose(cells.sum(axis=0), outcomes["peak_power_by_site"], rtol=1e-12)


def test_effects_sum_to_the_net_effect(outcomes: Values) -> None:
    out = outcomes
    together = out["savings"] + out["dilution"] + out["rebound"]
    np.testing.assert_allclose(together, out["net_effect"], rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(out["net_effect"], out["electricity"] - out["without_levers"])


@pytest.mark.parametrize("name", ["savings", "dilution", "rebound", "net_effect"])
def test_effects_start_at_exactly_zero(out: Values, name: str) -> None:
    np.testing.assert_array_equal(out[name][0], 0.0)
    assert (out[name][-1] != 0.0).all()


def test_efficiency_only_is_savings_and_dilution(out: Values) -> None:
    expected = out["without_levers"] + out["savings"] + out["dilution"]
    np.testing.assert_allclose(out["efficiency_only"], expected, rtol=1e-12)


def test_counterfactual_ignores_levers_chips_and_moves(simulate: Simulate, out: Values) -> None:
    other = simulate(
        {"precision_saving": 0.1, "chip_price_drop": 0.0, "overlap": 0.5, "decentralisation": 0.0}
    )
    np.testing.assert_array_equal(other["without_levers"], out["without_levers"])
    assert (other["electricity"][-1] != out["electricity"][-1]).all()


def test_contributions_sum_to_the_change(outcomes: Values) -> None:
    out = outcomes
    change = out["electricity"] - out["electricity"][0]
    found = out["contributions"].sum(axis=0)
    np.testing.assert_allclose(found[1:], change[1:], rtol=1e-9)
    np.testing.assert_array_equal(out["contributions"][:, 0], 0.0)


def test_contributions_of_one_factor_take_all(simulate: Simulate) -> None:
    out = simulate(STILL | {"intelligent_hardware": 0.3})
    change = out["electricity"] - out["electricity"][0]
    hardware = out["contributions"][CONTRIBUTIONS.index("hardware")]
    np.testing.assert_allclose(hardware[1:], change[1:], rtol=1e-9)


def test_equal_levers_share_the_overlap(simulate: Simulate) -> None:
    same = {"precision_saving": 0.375, "precision_reach": 0.5, "kernels_gain": 0.6}
    timing = {f"{n}_{k}": v for n in ("precision", "kernels") for k, v in TIMING.items()}
    out = simulate(STILL | same | timing | {"kernels_reach": 0.5, "overlap": 1.0} | ONLY_TRAINING)
    precision, kernels = (
        out["contributions"][CONTRIBUTIONS.index("precision")],
        out["contributions"][CONTRIBUTIONS.index("kernels")],
    )
    np.testing.assert_allclose(precision, kernels, rtol=1e-9)
    change = out["electricity"] - out["electricity"][0]
    np.testing.assert_allclose(out["contributions"].sum(axis=0), change, rtol=1e-9, atol=1e-9)
    assert (precision[-1] < -1.0).all()


def test_the_strongest_lever_takes_what_overlaps(simulate: Simulate) -> None:
    unequal = {"precision_saving": 0.6, "precision_reach": 0.9, "kernels_gain": 0.6}
    timing = {f"{n}_{k}": v for n in ("precision", "kernels") for k, v in TIMING.items()}
    out = simulate(
        STILL | unequal | timing | {"kernels_reach": 0.3, "overlap": 1.0} | ONLY_TRAINING
    )
    np.testing.assert_allclose(
        out["contributions"][CONTRIBUTIONS.index("kernels")], 0.0, atol=1e-12
    )
    assert (out["contributions"][CONTRIBUTIONS.index("precision")][-1] < -1.0).all()


TIMING = {"midpoint": 2027.0, "duration": 4.0}
ONLY_TRAINING = {"intelligent_share": 1.0, "training_share": 1.0}


def test_pue_lies_between_its_floors_and_1(simulate: Simulate, parameters: Values) -> None:
    out = simulate({"pue_improvement": 50.0})
    overhead = np.stack([parameters[f"{site}_pue"] - 1.0 for site in ("large", "small", "edge")])
    floors = 1.0 + overhead * parameters["pue_overhead_floor"]
    assert (out["pue"] >= 1.0).all()
    assert (out["pue"][1:] >= floors.min(axis=0)).all()
    assert (out["pue"][1:] <= floors.max(axis=0)).all()
    assert (out["pue"][0] > out["pue"][1]).all()


def load_factors(structure: dict[str, Any], drawn: Values) -> np.ndarray:
    """(site, 1, sample) load factor of each class of sites."""
    own = structure.get("load_factor_by_site", False)
    names = [f"{site}_load_factor" if own else "load_factor" for site in structure["sites"]]
    return np.stack([drawn[name] for name in names])[:, np.newaxis]


def test_capacity_gives_back_electricity(out: Values, parameters: Values) -> None:
    found = out["it_capacity"] * 8.76 * parameters["load_factor"] * out["pue"]
    np.testing.assert_allclose(found, out["electricity"], rtol=1e-12)


def test_capacity_of_each_class_gives_back_its_electricity(
    structure: dict[str, Any], drawn: Values, outcomes: Values
) -> None:
    """IT capacity of a class is its peak over its PUE, 1 + (PUE_b - 1) (f + (1 - f) exp(-r t))."""
    years = np.arange(LAST - BASE + 1.0)[:, np.newaxis]
    floor, rate = drawn["pue_overhead_floor"], drawn["pue_improvement"]
    left = floor + (1.0 - floor) * np.exp(-rate * years)
    pue = np.stack([1.0 + (drawn[f"{site}_pue"] - 1.0) * left for site in structure["sites"]])
    factors = load_factors(structure, drawn)
    capacity = outcomes["peak_power_by_site"] / pue
    np.testing.assert_allclose(capacity.sum(axis=0), outcomes["it_capacity"], rtol=1e-12)
    found = capacity * 8.76 * factors * pue
    np.testing.assert_allclose(found, outcomes["electricity_by_site"], rtol=1e-12)
    np.testing.assert_allclose(found.sum(axis=0), outcomes["electricity"], rtol=1e-12)


def test_power_follows_electricity(
    structure: dict[str, Any], drawn: Values, outcomes: Values
) -> None:
    out, factors = outcomes, load_factors(structure, drawn)
    np.testing.assert_allclose(out["average_power"] * 8.76, out["electricity"], rtol=1e-12)
    average = out["peak_power_by_site"] * factors
    np.testing.assert_allclose(average.sum(axis=0), out["average_power"], rtol=1e-12)
    cells = out["electricity_by_region_and_site"] / 8.76 / factors
    np.testing.assert_allclose(cells, out["peak_power_by_region_and_site"], rtol=1e-12)


def test_intelligent_share_starts_at_its_parameter(out: Values, parameters: Values) -> None:
    share = out["intelligent_share_of_electricity"]
    np.testing.assert_allclose(share[0], parameters["intelligent_share"], rtol=1e-12)
    two = out["electricity_by_workload"][:2].sum(axis=0)
    np.testing.assert_allclose(share, two / out["electricity"], rtol=1e-12)


def test_growth_before_and_after_the_split(parameters: Values) -> None:
    out = model(split=2030).evaluate(parameters)
    log = np.log(out["electricity"])
    np.testing.assert_allclose(out["early_growth"], (log[6] - log[0]) / 6.0, rtol=1e-10)
    np.testing.assert_allclose(out["late_growth"], (log[11] - log[6]) / 5.0, rtol=1e-10)
    change = out["late_growth"] - out["early_growth"]
    np.testing.assert_array_equal(out["growth_change"], change)
    assert (change != 0.0).all()


def test_constant_growth_is_found_on_both_sides(simulate: Simulate) -> None:
    out = simulate(STILL | {"supercomputing_growth": 0.07} | ONLY_SUPERCOMPUTING)
    np.testing.assert_allclose(out["early_growth"], 0.07, rtol=1e-10)
    np.testing.assert_allclose(out["late_growth"], 0.07, rtol=1e-10)


ONLY_SUPERCOMPUTING = {"intelligent_share": 0.0, "supercomputing_share": 1.0}

NET_EFFECTS = {
    "in the second year": ([0.0, 1.0, 2.0], 2025.0),
    "after saving": ([0.0, -1.0, 0.5], 2026.0),
    "first of two crossings": ([0.0, 1.0, -1.0], 2025.0),
    "zero is not positive": ([0.0, 0.0, 0.0], 2027.0),
    "never": ([0.0, -1.0, -2.0], 2027.0),
}


@pytest.mark.parametrize("case", NET_EFFECTS)
def test_positive_year(case: str) -> None:
    effect, expected = NET_EFFECTS[case]
    years = np.array([[2024.0], [2025.0], [2026.0]])
    found = positive_year(np.array(effect)[:, np.newaxis], years, np)
    np.testing.assert_array_equal(found, [expected])


@pytest.mark.parametrize("effect", ["net", "levers"])
def test_positive_year_follows_the_effect(out: Values, effect: str) -> None:
    found = out[f"{effect}_positive_year"]
    for path, year in zip(out[f"{effect}_effect"].T, found, strict=True):
        positive = [BASE + t for t, value in enumerate(path) if value > 0.0]
        assert year == (positive[0] if positive else LAST + 1)
    assert len(set(found)) > 2


@pytest.mark.parametrize("name", OUTCOMES)
def test_one_outcome_alone_equals_the_full_run(out: Values, parameters: Values, name: str) -> None:
    alone = model(outcomes=[name]).evaluate(parameters)
    assert list(alone) == [name]
    np.testing.assert_array_equal(alone[name], out[name])


def test_inputs_may_be_read_only_and_stay_as_they_are(out: Values) -> None:
    frozen = draw()
    for values in frozen.values():
        values.flags.writeable = False
    again = model().evaluate(frozen)
    np.testing.assert_array_equal(again["electricity"], out["electricity"])
    assert all((frozen[name] == values).all() for name, values in draw().items())


def test_samples_do_not_touch_one_another(out: Values, parameters: Values) -> None:
    one = model().evaluate({n: v[7:8] for n, v in parameters.items()})
    for name in OUTCOMES:
        np.testing.assert_allclose(one[name][..., 0], out[name][..., 7], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("midpoint", [1990.0, 2100.0])
def test_adoption_over_or_far_off_stays_finite(simulate: Simulate, midpoint: float) -> None:
    levers = ("precision", "activation", "kernels", "distillation", "load", "chip")
    early = {f"{n}_midpoint": midpoint for n in levers} | {f"{n}_duration": 0.2 for n in levers}
    out = simulate(early | {"adaptation_delay": 0.0})
    assert all(np.isfinite(values).all() for values in out.values())
    still = np.abs(out["savings"])
    assert still.max() == pytest.approx(0.0, abs=1e-9)


def test_levers_that_cost_energy_raise_it(simulate: Simulate) -> None:
    long = {"distillation_energy_ratio": 0.8, "distillation_output_ratio": 3.0, "overlap": 0.0}
    out = simulate(STILL | long | {"distillation_reach": 0.5, "decentralisation": 0.0})
    assert (out["savings"][-1] > 0.0).all()
    assert (out["contributions"][CONTRIBUTIONS.index("distillation")][-1] > 0.0).all()


def test_rebound_is_of_levers_and_of_chips(simulate: Simulate, out: Values) -> None:
    together = out["rebound_levers"] + out["rebound_chips"]
    np.testing.assert_allclose(together, out["rebound"], rtol=1e-9, atol=1e-9)
    effect = out["savings"] + out["dilution"] + out["rebound_levers"]
    np.testing.assert_allclose(effect, out["levers_effect"], rtol=1e-9, atol=1e-9)
    dear = simulate({"chip_price_drop": 0.0})
    np.testing.assert_array_equal(dear["rebound_chips"], 0.0)
    np.testing.assert_allclose(dear["net_effect"], out["levers_effect"], rtol=1e-9, atol=1e-9)
