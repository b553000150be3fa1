"""Work done without the levers, and the trend of hardware."""

from __future__ import annotations

import math
from collections.abc import Mapping

from uncertainty.energy.arrays import Array, Column, Namespace

LOG_2 = math.log(2.0)

GROWTH = {
    "training": (
        "training_growth_start",
        "training_growth_end",
        "intelligent_half_life",
    ),
    "inference": (
        "inference_growth_start",
        "inference_growth_end",
        "intelligent_half_life",
    ),
    "general": ("general_growth_start", "general_growth_end", "general_half_life"),
}
"""Workload -> parameters of first growth, long-run growth and the half-life between them."""

STEADY = {"supercomputing": "supercomputing_growth"}
"""Workload -> parameter of a growth that stays the same."""

HARDWARE = {
    "training": "intelligent_hardware",
    "inference": "intelligent_hardware",
    "general": "general_hardware",
    "supercomputing": "general_hardware",
}
"""Workload -> parameter of its annual gain in work per kWh."""


def log_activity(p: Mapping[str, Array], elapsed: Column, xp: Namespace) -> dict[str, Array]:
    """Logarithm of the work demanded without the levers, relative to the base year.

    Growth passes exponentially from its start to its end: early doublings do not go on for ever.

    Returns
    -------
    {workload: (year, sample)}   g_end t + (g_start - g_end) tau (1 - exp(-t / tau))
    """
    lives = dict.fromkeys(life for _, _, life in GROWTH.values())
    passages = {life: passage(p[life], elapsed, xp) for life in lives}
    changing = {
        workload: p[end] * elapsed + (p[start] - p[end]) * passages[life]
        for workload, (start, end, life) in GROWTH.items()
    }
    return changing | {workload: p[rate] * elapsed for workload, rate in STEADY.items()}


def passage(half_life: Array, elapsed: Column, xp: Namespace) -> Array:
    """Years' worth of starting growth that have been felt after ``elapsed`` years.

    Parameters
    ----------
    half_life : (sample,)   years until half of the passage is over
    elapsed : (year, 1)     years since the base year

    Returns
    -------
    (year, sample)          tau (1 - exp(-t / tau)) with tau = half_life / ln 2
    """
    tau = half_life / LOG_2
    return -tau * xp.expm1(elapsed * (-1.0 / tau))


def log_hardware(p: Mapping[str, Array], elapsed: Column, xp: Namespace) -> dict[str, Array]:
    """Logarithm of the energy per unit of work that hardware alone brings.

    Returns
    -------
    {workload: (year, sample)}   -t ln(1 + h)
    """
    rates = dict.fromkeys(HARDWARE.values())
    trends = {rate: -elapsed * xp.log1p(p[rate]) for rate in rates}
    return {workload: trends[rate] for workload, rate in HARDWARE.items()}
