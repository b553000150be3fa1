"""The efficiency levers: what each saves, whom it reaches, and how they combine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce

from uncertainty.energy.adoption import Adoption, delayed, position
from uncertainty.energy.arrays import Array, Namespace
from uncertainty.energy.horizon import Horizon
from uncertainty.energy.workloads import total

LEVERS = ("precision", "activation", "kernels", "distillation", "load")

EVERYWHERE = None
"""Marks a lever that reaches the whole of a workload, so that no parameter limits it."""

REACH: dict[str, dict[str, str | None]] = {
    "training": {
        "precision": "precision_reach",
        "kernels": "kernels_reach",
        "load": EVERYWHERE,
    },
    "inference": {
        "activation": "activation_reach",
        "kernels": "kernels_reach",
        "distillation": "distillation_reach",
        "load": EVERYWHERE,
    },
    "general": dict.fromkeys(LEVERS, "general_reach"),
    "supercomputing": dict.fromkeys(LEVERS, "supercomputing_reach"),
}
"""Workload -> lever -> the parameter that says which share of the work the lever can reach."""

DELAYED = frozenset({"general", "supercomputing"})
"""Workloads that must be adapted first: every midpoint comes ``adaptation_delay`` later."""


def _kernels_saving(p: Mapping[str, Array]) -> Array:
    return 1.0 - 1.0 / (1.0 + p["kernels_gain"])


def _distillation_saving(p: Mapping[str, Array]) -> Array:
    return 1.0 - p["distillation_energy_ratio"] * p["distillation_output_ratio"]


def _load_saving(p: Mapping[str, Array]) -> Array:
    now = energy_at_load(p["load_utilisation"], p["load_idle"])
    return 1.0 - energy_at_load(p["load_utilisation_target"], p["load_idle"]) / now


SAVING: dict[str, Callable[[Mapping[str, Array]], Array]] = {
    "precision": lambda p: p["precision_saving"],
    "activation": lambda p: p["activation_saving"],
    "kernels": _kernels_saving,
    "distillation": _distillation_saving,
    "load": _load_saving,
}
"""Lever -> relative energy saved per unit of service where it is used; negative if it costs."""


def energy_at_load(utilisation: Array, idle: Array) -> Array:
    """Energy per unit of work of a device, relative to full load.

    Power is linear in utilisation, from ``idle`` at rest to 1 at full load.

    Parameters
    ----------
    utilisation : (sample,)   0 to 1
    idle : (sample,)          idle power over full power, 0 to 1

    Returns
    -------
    (sample,)                 (idle + (1 - idle) u) / u

    Examples
    --------
    >>> energy_at_load(0.5, 0.25)
    1.25
    """
    return (idle + (1.0 - idle) * utilisation) / utilisation


def log_factors(
    p: Mapping[str, Array], horizon: Horizon, xp: Namespace
) -> dict[str, dict[str, Array]]:
    """Logarithm of each lever's factor on the energy per unit of service of each workload.

    Returns
    -------
    {workload: {lever: (year, sample)}}   0 in the base year
    """
    by_lever = {lever: _log_factor(lever, p, horizon, xp) for lever in LEVERS}
    return {
        workload: {lever: by_lever[lever][workload] for lever in row}
        for workload, row in REACH.items()
    }


def strongest(factors: Iterable[Array], xp: Namespace) -> Array:
    """(year, sample) smallest of the logarithmic factors: the lever that saves most."""
    return reduce(xp.minimum, factors)


def combined(factors: Iterable[Array], smallest: Array, overlap: Array) -> Array:
    """Logarithm of the levers' joint factor.

    Levers that relieve the same bottleneck do not multiply in full.

    Parameters
    ----------
    factors : (year, sample) each   logarithmic factors of the levers
    smallest : (year, sample)       the strongest of them, see `strongest`
    overlap : (sample,)             0 all savings multiply, 1 only the strongest counts

    Returns
    -------
    (year, sample)                  ln L = sum - overlap (sum - smallest)
    """
    together = total(factors)
    return together - overlap * (together - smallest)


def _log_factor(
    lever: str, p: Mapping[str, Array], horizon: Horizon, xp: Namespace
) -> dict[str, Array]:
    """One lever's factor on each workload that it serves, computed once per reach and timing.

    Training and inference, for example, get the very same array for ``kernels``.
    """
    saving, adoption = SAVING[lever](p), _adoption(lever, p, horizon, xp)
    users = {w: (row[lever], w in DELAYED) for w, row in REACH.items() if lever in row}
    made = {
        (reach, late): adoption[late].log_relative(_effect(saving, reach, p), xp)
        for reach, late in dict.fromkeys(users.values())
    }
    return {workload: made[key] for workload, key in users.items()}


def _effect(saving: Array, reach: str | None, p: Mapping[str, Array]) -> Array:
    return saving if reach is EVERYWHERE else saving * p[reach]


def _adoption(
    lever: str, p: Mapping[str, Array], horizon: Horizon, xp: Namespace
) -> dict[bool, Adoption]:
    """Adoption in time (False), and late by the delay of adaptation (True)."""
    duration, base_row = p[f"{lever}_duration"], horizon.base_row
    early = position(horizon.years, p[f"{lever}_midpoint"], duration)
    late = delayed(early, p["adaptation_delay"], duration)
    return {False: Adoption.at(early, base_row, xp), True: Adoption.at(late, base_row, xp)}
