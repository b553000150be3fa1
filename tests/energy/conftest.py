"""A seeded set of parameters with plausible ranges, and a way to change single ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pytest

from uncertainty.energy import computing

Values = dict[str, npt.NDArray[np.float64]]
Simulate = Callable[..., Values]

BASE, LAST = 2024, 2035
SAMPLES = 64

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
    "general_growth_end": (0.0, 0.1),
    "supercomputing_growth": (0.0, 0.15),
    "intelligent_half_life": (1.0, 4.0),
    "general_half_life": (2.0, 8.0),
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
    "training_large_share": (0.7, 0.95),
    "inference_large_share": (0.5, 0.8),
    "general_large_share": (0.3, 0.6),
    "inference_edge_share": (0.05, 0.3),
    "decentralisation": (0.0, 0.6),
    "decentralisation_edge": (0.1, 0.7),
    "large_pue": (1.1, 1.3),
    "small_pue": (1.3, 1.5),
    "edge_pue": (1.0, 1.2),
    "pue_overhead_floor": (0.2, 0.8),
    "pue_improvement": (0.02, 0.2),
    "training_hub_share": (0.3, 0.5),
    "training_hub_shift": (0.2, 0.8),
    "training_digital_share": (0.4, 0.8),
    "inference_digital_share": (0.4, 0.7),
    "inference_digital_shift": (0.1, 0.5),
    "inference_hub_share": (0.3, 0.6),
    "general_hub_share": (0.1, 0.3),
    "general_digital_share": (0.4, 0.7),
    "load_factor": (0.5, 0.8),
}
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

STILL = NO_LEVERS | STEADY_LOAD | NO_GROWTH | NO_HARDWARE | NO_MOVE | NO_CHIP
"""Nothing changes after the base year; tests release one mechanism at a time."""


def draw(samples: int = SAMPLES, seed: int = 20240501) -> Values:
    """Independent uniform parameters within ``RANGES``."""
    rng = np.random.default_rng(seed)
    return {name: rng.uniform(low, high, samples) for name, (low, high) in RANGES.items()}


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
    model = computing((BASE, LAST))

    def run(changes: Mapping[str, float] | None = None) -> Values:
        return dict(model.evaluate(fixed(parameters, changes or {})))

    return run
