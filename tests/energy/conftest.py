"""Structures, seeded parameters with plausible ranges, and a way to change single ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from uncertainty.energy import OUTCOMES, computing
from uncertainty.model import Model

Values = dict[str, npt.NDArray[np.float64]]
Simulate = Callable[..., Values]

BASE, LAST = 2024, 2035
SAMPLES = 64

HUB_FIRST = ["hub", "digital_economy", "other"]
STRUCTURES: dict[str, dict[str, Any]] = {
    "three classes": {
        "sites": ["large", "small", "edge"],
        "regions": {
            "training": HUB_FIRST,
            "inference": ["digital_economy", "hub", "other"],
            "general": HUB_FIRST,
        },
    },
    "one class": {"sites": ["any"], "regions": ["all"]},
    "one class, own load factor": {
        "sites": ["any"],
        "regions": ["east", "west"],
        "load_factor_by_site": True,
    },
    "own load factors": {
        "sites": ["hyperscale", "colocation", "enterprise"],
        "regions": ["united_states", "china", "europe", "other"],
        "load_factor_by_site": True,
    },
    "four classes": {
        "sites": ["huge", "large", "small", "edge"],
        "regions": {
            "training": ["north", "south"],
            "inference": ["south", "north"],
            "general": ["north", "south"],
        },
        "load_factor_by_site": True,
    },
}
"""Options of the model; the first is the structure of all tests that do not ask for another."""

THREE = STRUCTURES["three classes"]


def model(structure: Mapping[str, Any] = THREE, **options: Any) -> Model:
    """The model of a structure over the horizon of the tests."""
    return computing((BASE, LAST), **structure, **options)


RANGES: dict[str, tuple[float, float]] = {
    "base_electricity": (100.0, 200.0),
    "intelligent_share": (0.1, 0.4),
    "training_share": (0.2, 0.6),
    "supercomputing_share": (0.02, 0.1),
    "training_growth_start": (0.3, 0.8),
    "training_growth_end": (0.0, 0.2),
    "inference_growth_start": (0.6, 1.5),
    "inference_growth_end": (0.1, 0.3),
    "general_growth_start": (0.05, 0.2),
    "general_growth_change": (-0.02, 0.02),
    "general_growth_end": (0.0, 0.1),
    "supercomputing_growth": (0.0, 0.15),
    "intelligent_half_life": (1.0, 4.0),
    "general_half_life": (2.0, 8.0),
    "demand_form": (0.0, 2.0),
    "imitation": (0.2, 0.7),
    "intelligent_hardware": (0.1, 0.4),
    "general_hardware": (0.02, 0.15),
    "precision_saving": (0.4, 0.8),
    "precision_reach": (0.2, 0.9),
    "activation_saving": (0.5, 0.75),
    "activation_reach": (0.3, 0.9),
    "kernels_gain": (0.2, 0.8),
    "kernels_reach": (0.05, 0.4),
    "distillation_energy_ratio": (0.05, 0.5),
    "distillation_output_ratio": (0.8, 3.0),
    "distillation_reach": (0.2, 0.8),
    "load_idle": (0.2, 0.5),
    "load_utilisation": (0.2, 0.4),
    "load_utilisation_target": (0.4, 0.7),
    "overlap": (0.0, 1.0),
    "general_reach": (0.0, 0.3),
    "supercomputing_reach": (0.0, 0.2),
    "adaptation_delay": (1.0, 5.0),
    "electricity_cost_share": (0.1, 0.4),
    "chip_price_drop": (0.0, 0.5),
    "chip_midpoint": (2026.0, 2032.0),
    "chip_duration": (3.0, 10.0),
    "training_elasticity": (0.3, 1.5),
    "inference_elasticity": (0.3, 1.8),
    "general_elasticity": (0.1, 0.6),
    "rebound_speed": (0.1, 0.8),
    "rebound_form": (0.0, 1.0),
    "rebound_saturation": (0.3, 2.0),
    "training_large_share": (0.7, 0.95),
    "inference_large_share": (0.5, 0.8),
    "general_large_share": (0.3, 0.6),
    "training_small_share": (0.8, 1.0),
    "inference_small_share": (0.7, 0.95),
    "general_small_share": (0.8, 1.0),
    "decentralisation": (0.0, 0.6),
    "decentralisation_small": (0.3, 0.9),
    "large_pue": (1.1, 1.3),
    "small_pue": (1.3, 1.5),
    "edge_pue": (1.0, 1.2),
    "pue_overhead_floor": (0.2, 0.8),
    "pue_improvement": (0.02, 0.2),
    "training_hub_share": (0.3, 0.5),
    "training_hub_shift": (0.2, 0.8),
    "training_digital_economy_share": (0.4, 0.8),
    "inference_digital_economy_share": (0.4, 0.7),
    "inference_digital_economy_shift": (0.1, 0.5),
    "inference_hub_share": (0.3, 0.6),
    "general_hub_share": (0.1, 0.3),
    "general_digital_economy_share": (0.4, 0.7),
    "load_factor": (0.5, 0.8),
}
FORMS = ("demand_form", "rebound_form")
"""Parameters that choose one of the whole numbers of their range."""

ENDINGS: dict[str, tuple[float, float]] = {
    "_share": (0.1, 0.7),
    "_shift": (0.1, 0.7),
    "_pue": (1.05, 2.0),
    "_load_factor": (0.4, 0.7),
    "decentralisation_": (0.2, 0.8),
}
"""Ranges of the parameters of other structures, by how their names end or begin."""

for _lever in ("precision", "activation", "kernels", "distillation", "load"):
    RANGES[f"{_lever}_midpoint"] = (2025.0, 2031.0)
    RANGES[f"{_lever}_duration"] = (3.0, 10.0)

NO_LEVERS = dict.fromkeys(
    (
        "precision_reach",
        "activation_reach",
        "kernels_reach",
        "distillation_reach",
        "general_reach",
        "supercomputing_reach",
    ),
    0.0,
)
"""Reach of every lever that has one; ``STEADY_LOAD`` stops the lever that has none."""

STEADY_LOAD = {"load_utilisation": 0.4, "load_utilisation_target": 0.4}

NO_GROWTH = dict.fromkeys((name for name in RANGES if "_growth" in name), 0.0)
NO_HARDWARE = {"intelligent_hardware": 0.0, "general_hardware": 0.0}
NO_MOVE = {"decentralisation": 0.0, "pue_improvement": 0.0}
NO_CHIP = {"chip_price_drop": 0.0}

FIRST_FORMS = dict.fromkeys(FORMS, 0.0)

STILL = NO_LEVERS | STEADY_LOAD | NO_GROWTH | NO_HARDWARE | NO_MOVE | NO_CHIP | FIRST_FORMS
"""Nothing changes after the base year; tests release one mechanism at a time."""


def limits(name: str) -> tuple[float, float]:
    """Range of a parameter of any structure."""
    if name in RANGES:
        return RANGES[name]
    return next(v for k, v in ENDINGS.items() if name.endswith(k) or name.startswith(k))


def draw(
    samples: int = SAMPLES, seed: int = 20240501, structure: Mapping[str, Any] = THREE
) -> Values:
    """Independent uniform parameters within their ranges; every form comes equally often."""
    rng = np.random.default_rng(seed)
    names = model(structure).parameters
    values = {name: rng.uniform(*limits(name), samples) for name in names}
    whole = {name: rng.integers(0, int(RANGES[name][1]) + 1, samples) for name in FORMS}
    return values | {name: number.astype(float) for name, number in whole.items()}


def fixed(parameters: Values, changes: Mapping[str, float]) -> Values:
    """``parameters`` with some of them set to one value in all samples."""
    size = len(parameters["base_electricity"])
    return parameters | {name: np.full(size, value) for name, value in changes.items()}


@pytest.fixture
def parameters() -> Values:
    """A fresh draw, the same for every test."""
    return draw()


@pytest.fixture
def simulate(parameters: Values) -> Simulate:
    """Run the model on the draw with single parameters set to other values."""
    run_all = model()

    def run(changes: Mapping[str, float] | None = None) -> Values:
        return dict(run_all.evaluate(fixed(parameters, changes or {})))

    return run


@pytest.fixture(params=STRUCTURES)
def structure(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each structure in turn."""
    return STRUCTURES[request.param]


@pytest.fixture
def drawn(structure: Mapping[str, Any]) -> Values:
    """A draw for the structure."""
    return draw(structure=structure)


@pytest.fixture
def outcomes(structure: Mapping[str, Any], drawn: Values) -> Values:
    """All outcomes of the structure's draw."""
    found = dict(model(structure).evaluate(drawn))
    assert list(found) == list(OUTCOMES)
    return found
