"""Years before the base year: what continues, what had not begun, and what stays as it was."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tests.energy.conftest import BASE, LAST, STRUCTURES, Values, draw, fixed, model
from uncertainty.energy import OUTCOMES
from uncertainty.energy.horizon import Horizon
from uncertainty.energy.workloads import WORKLOADS

SINCE = 1999
ROW = BASE - SINCE
T = np.arange(SINCE - BASE, LAST - BASE + 1.0)[:, np.newaxis]
FORMS = list(product((0.0, 1.0, 2.0), (0.0, 1.0)))


def dated(name: str) -> bool:
    return "year" in OUTCOMES[name].dims


@pytest.fixture(scope="module")
def values() -> Values:
    return draw(samples=200)


@pytest.fixture(scope="module")
def out(values: Values) -> Values:
    return dict(model(since=SINCE).evaluate(values))


def test_first_year_is_the_base_year_if_not_given(values: Values) -> None:
    given, left_out = model(since=BASE).evaluate(values), model().evaluate(values)
    for name in OUTCOMES:
        np.testing.assert_array_equal(given[name], left_out[name])


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_history_changes_nothing_from_the_base_year_on(structure: str) -> None:
    drawn = draw(structure=STRUCTURES[structure])
    made = model(STRUCTURES[structure], since=2010)
    long, short = made.evaluate(drawn), model(STRUCTURES[structure]).evaluate(drawn)
    assert made.coords["year"] == tuple(range(2010, LAST + 1))
    for name in OUTCOMES:
        later = long[name][..., BASE - 2010 :, :] if dated(name) else long[name]
        assert np.isfinite(long[name]).all()
        np.testing.assert_allclose(later, short[name], rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(("demand", "rebound"), FORMS)
def test_identities_hold_in_all_forms_before_and_after(
    values: Values, demand: float, rebound: float
) -> None:
    out = model(since=SINCE).evaluate(
        fixed(values, {"demand_form": demand, "rebound_form": rebound})
    )
    together = out["savings"] + out["dilution"] + out["rebound"]
    np.testing.assert_allclose(together, out["net_effect"], rtol=1e-9, atol=1e-9)
    parts = out["rebound_levers"] + out["rebound_chips"]
    np.testing.assert_allclose(parts, out["rebound"], rtol=1e-9, atol=1e-9)
    for part in ("workload", "region", "site"):
        whole = out[f"electricity_by_{part}"].sum(axis=0)
        np.testing.assert_allclose(whole, out["electricity"], rtol=1e-12)
    change = out["electricity"] - out["electricity"][ROW]
    np.testing.assert_allclose(out["contributions"].sum(axis=0), change, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["savings", "dilution", "rebound", "net_effect", "contributions"])
def test_effects_are_exactly_zero_in_the_base_year(out: Values, name: str) -> None:
    np.testing.assert_array_equal(out[name][..., ROW, :], 0.0)


def test_base_year_is_as_its_parameters_say(out: Values, values: Values) -> None:
    base = values["base_electricity"]
    np.testing.assert_allclose(out["electricity"][ROW], base, rtol=1e-12)
    share = out["intelligent_share_of_electricity"][ROW]
    np.testing.assert_allclose(share, values["intelligent_share"], rtol=1e-12)


def test_before_the_base_year_there_is_no_rebound_and_no_move(out: Values) -> None:
    for name in ("rebound", "rebound_levers", "rebound_chips", "dilution"):
        np.testing.assert_allclose(out[name][:ROW], 0.0, atol=1e-10)
        assert (out[name][-1] != 0.0).all()
    # Regional shares of one kind of work and the site mix are those of the base year.
    only = model(since=SINCE, outcomes=["electricity_by_region", "electricity"])
    alone = fixed(draw(), {"intelligent_share": 1.0, "training_share": 1.0})
    found = only.evaluate(alone)
    parts = found["electricity_by_region"] / found["electricity"]
    held = np.broadcast_to(parts[:, ROW : ROW + 1], parts[:, :ROW].shape)
    np.testing.assert_allclose(parts[:, :ROW], held, rtol=1e-12)


def test_effects_count_from_the_base_year_on(out: Values) -> None:
    for effect in ("net", "levers"):
        found = out[f"{effect}_positive_year"]
        assert found.min() > BASE
        for path, year in zip(out[f"{effect}_effect"].T, found, strict=True):
            positive = [BASE + t for t, value in enumerate(path[ROW:]) if t and value > 0.0]
            assert year == (positive[0] if positive else LAST + 1)


def test_levers_that_were_less_used_made_work_dearer_before(out: Values) -> None:
    assert (out["savings"][:ROW].mean(axis=1) > 0.0).all()
    assert (out["savings"][-1].mean()) < 0.0


def test_pue_is_larger_before_and_stays_sane(out: Values) -> None:
    """25 years back, with an overhead of 0.1 to 0.5 that falls up to 20% a year."""
    assert (out["pue"] >= 1.0).all()
    assert (np.diff(out["pue"][: ROW + 1], axis=0).mean(axis=1) < 0.0).all()
    assert out["pue"].max() < 4.0


def test_one_draw_by_hand() -> None:
    """Each factor of general computing's electricity, worked out here."""
    given = fixed(
        draw(samples=1),
        {
            "base_electricity": 100.0,
            "intelligent_share": 0.0,
            "supercomputing_share": 0.0,
            "general_growth_start": 0.2,
            "general_growth_change": 0.01,
            "general_growth_end": 0.05,
            "general_half_life": 4.0,
            "demand_form": 1.0,
            "general_hardware": 0.1,
            "pue_improvement": 0.1,
            "pue_overhead_floor": 0.5,
            "general_large_share": 1.0,
            "large_pue": 1.4,
            "general_reach": 0.2,
            "precision_saving": 0.5,
            "precision_midpoint": 2024.0,
            "precision_duration": 6.0,
            "adaptation_delay": 2.0,
            "activation_saving": 0.0,
            "kernels_gain": 0.0,
            "distillation_energy_ratio": 1.0,
            "distillation_output_ratio": 1.0,
            "load_utilisation": 0.4,
            "load_utilisation_target": 0.4,
            "chip_price_drop": 0.0,
            "overlap": 0.0,
            "general_elasticity": 0.8,
            "rebound_speed": 0.4,
            "rebound_form": 1.0,
            "rebound_saturation": 0.1,
        },
    )
    tau = 4.0 / np.log(2.0)
    end = np.exp(0.15 * tau)
    rate = 0.15 / (1.0 - 1.0 / end)
    law = 0.05 * T + np.log(end / (1.0 + (end - 1.0) * np.exp(-rate * T)))
    work = np.exp(np.where(T < 0.0, 0.2 * T + 0.005 * T**2, law))
    adopted = 1.0 / (1.0 + np.exp(-np.log(81.0) * (BASE + T - 2026.0) / 6.0))
    lever = (1.0 - 0.5 * 0.2 * adopted) / (1.0 - 0.5 * 0.2 * adopted[ROW])
    felt = np.zeros_like(T)
    for row in range(ROW + 1, len(T)):
        felt[row] = felt[row - 1] + 0.4 * (np.log(lever[row]) - felt[row - 1])
    use = np.exp(0.8 * 0.1 * (1.0 - np.exp(felt / 0.1)))
    left = np.where(T < 0.0, 1.0 - 0.1 * T, np.exp(-0.1 * T))
    pue = 1.0 + 0.4 * (0.5 + 0.5 * left)
    expected = 100.0 / 1.4 * work * lever * use * 1.1**-T * pue
    found = model(since=SINCE).evaluate(given)
    np.testing.assert_allclose(found["electricity"], expected, rtol=1e-11)
    np.testing.assert_allclose(found["pue"], pue, rtol=1e-12)
    without = 100.0 / 1.4 * work * 1.1**-T * pue
    np.testing.assert_allclose(found["without_levers"], without, rtol=1e-11)


@pytest.mark.parametrize("form", [0.0, 1.0, 2.0])
def test_growth_passes_the_base_year_without_a_bend(values: Values, form: float) -> None:
    """Work before it grows at the rate with which each law starts."""
    growing = {"inference_growth_start": 0.5, "inference_growth_end": 0.1, "demand_form": form}
    given = fixed(values, growing | STEADY)
    found = model(since=SINCE, outcomes=["electricity_by_workload"]).evaluate(given)
    log = np.log(found["electricity_by_workload"][WORKLOADS.index("inference")])
    np.testing.assert_allclose(np.diff(log[: ROW + 1], axis=0), 0.5, rtol=1e-9)
    assert (np.diff(log[ROW:], axis=0) < 0.5 + 1e-12).all() or form == 2.0


STEADY = {
    "precision_reach": 0.0,
    "activation_reach": 0.0,
    "kernels_reach": 0.0,
    "distillation_reach": 0.0,
    "load_utilisation": 0.4,
    "load_utilisation_target": 0.4,
    "chip_price_drop": 0.0,
    "intelligent_hardware": 0.0,
    "pue_improvement": 0.0,
    "decentralisation": 0.0,
}


def test_split_and_base_are_found_in_a_longer_horizon(out: Values) -> None:
    log = np.log(out["electricity"])
    early = (log[ROW + 4] - log[ROW]) / 4.0
    late = (log[-1] - log[ROW + 4]) / (LAST - BASE - 4.0)
    np.testing.assert_allclose(out["early_growth"], early, rtol=1e-10)
    np.testing.assert_allclose(out["late_growth"], late, rtol=1e-10)


def test_columns_of_a_horizon() -> None:
    horizon = Horizon.over((BASE, BASE + 2), since=BASE - 2)
    np.testing.assert_array_equal(horizon.elapsed[:, 0], [-2, -1, 0, 1, 2])
    np.testing.assert_array_equal(horizon.after[:, 0], [0, 0, 0, 1, 2])
    np.testing.assert_array_equal(horizon.before[:, 0], [-2, -1, 0, 0, 0])
    assert horizon.labels == (2022, 2023, 2024, 2025, 2026)
