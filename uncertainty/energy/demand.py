"""Work done without the levers, and the trend of hardware."""

from __future__ import annotations

import math
from collections.abc import Mapping

from uncertainty.energy.arrays import Array, Column, Namespace
from uncertainty.energy.horizon import Horizon

LOG_2 = math.log(2.0)

SMALL = 1e-10
"""Stands in for a fall of growth nearer to zero, by which diffusion would divide 0 by 0."""

LOG_MULTIPLES = (-20.0, 300.0)
"""Bounds of ln K: beyond them no year of a horizon feels the difference, but gradients overflow."""

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


def log_activity(p: Mapping[str, Array], horizon: Horizon, xp: Namespace) -> dict[str, Array]:
    """Logarithm of the work demanded without the levers, relative to the base year.

    Growth passes from its start to its end: early doublings do not go on for ever. Before the
    base year work grows at its starting rate, whatever the form of the passage; that of general
    computing may have changed on the way there, so that a long past says little of the present.

    Returns
    -------
    {workload: (year, sample)}   g_end t + `passed`; before the base year g_start t, for general
                                 computing g_start t + change t^2 / 2
    """
    changing = {}
    for workload, (start, end, life) in GROWTH.items():
        beyond = passed(p[start] - p[end], p[life] / LOG_2, p, horizon.after, xp)
        changing[workload] = horizon.continued(p[end] * horizon.after + beyond, p[start])
    if horizon.base_row:
        changing["general"] += p["general_growth_change"] * (0.5 * horizon.before**2)
    return changing | {workload: p[rate] * horizon.elapsed for workload, rate in STEADY.items()}


def passed(fall: Array, tau: Array, p: Mapping[str, Array], after: Column, xp: Namespace) -> Array:
    """Logarithm of the multiple that starting growth brings beyond growth in the end.

    Three forms, which begin with the same slope ``fall`` and end at the same ``fall tau = ln K``:

    =============  ==================================================================
    0 decaying     fall tau (1 - exp(-t / tau))
    1 logistic     ln K - ln(1 + (K - 1) exp(-r t)), r = fall / (1 - 1 / K)
    2 Bass         ln(1 + (K - 1) F), F = (1 - exp(-s t)) / (1 + (q / p) exp(-s t)), s = p + q,
                   with innovation p = fall / (K - 1) and imitation q
    =============  ==================================================================

    F is the adopted share of Bass (1969, A new product growth for model consumer durables,
    doi:10.1287/mnsc.15.5.215). The logistic is the case q = fall.

    Parameters
    ----------
    fall : (sample,)    growth at the start less growth in the end, 1/year
    tau : (sample,)     time constant, half-life over ln 2, years
    after : (year, 1)   years since the base year, 0 before it

    Returns
    -------
    (year, sample)      0 in the base year
    """
    decaying, logistic = p["demand_form"] < 0.5, p["demand_form"] < 1.5
    slope = xp.where(xp.abs(fall) < SMALL, SMALL, fall)
    gain = xp.expm1(xp.clip(slope * tau, *LOG_MULTIPLES))
    imitation = xp.where(logistic, slope, p["imitation"])
    path = after * xp.where(decaying, -1.0 / tau, -(slope / gain + imitation))
    gone, left = xp.expm1(path), xp.exp(path)
    diffused = xp.log1p(gone / (-1.0 / gain - (imitation / slope) * left))
    return xp.where(decaying, fall * (-tau * gone), diffused)


def log_hardware(p: Mapping[str, Array], elapsed: Column, xp: Namespace) -> dict[str, Array]:
    """Logarithm of the energy per unit of work that hardware alone brings.

    Returns
    -------
    {workload: (year, sample)}   -t ln(1 + h)
    """
    rates = dict.fromkeys(HARDWARE.values())
    trends = {rate: -elapsed * xp.log1p(p[rate]) for rate in rates}
    return {workload: trends[rate] for workload, rate in HARDWARE.items()}
