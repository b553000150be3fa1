"""The four workloads, the kinds of work that are placed alike, and sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add

from uncertainty.energy.arrays import Array

WORKLOADS = ("training", "inference", "general", "supercomputing")
INTELLIGENT = ("training", "inference")

KIND = {
    "training": "training",
    "inference": "inference",
    "general": "general",
    "supercomputing": "general",
}
"""Workload -> kind of work, which decides at which sites and in which regions it is done."""

KINDS = tuple(dict.fromkeys(KIND.values()))

MOVING = "inference"
"""The kind of work whose site mix changes as small models spread."""

SHIFTING = INTELLIGENT
"""Kinds of work whose first region gains share over the years."""


def base_shares(p: Mapping[str, Array]) -> dict[str, Array]:
    """Share of each workload in the facility electricity of the base year.

    Nested fractions, so the four shares sum to one while the parameters stay independent.

    Returns
    -------
    {workload: (sample,)}   share, 0 to 1
    """
    intelligent, training = p["intelligent_share"], p["training_share"]
    supercomputing = p["supercomputing_share"]
    return {
        "training": intelligent * training,
        "inference": intelligent * (1 - training),
        "general": (1 - intelligent) * (1 - supercomputing),
        "supercomputing": (1 - intelligent) * supercomputing,
    }


def total(arrays: Iterable[Array]) -> Array:
    """Sum of arrays in their order; without the leading ``0 +`` of the built-in ``sum``."""
    return reduce(add, arrays)


def by_kind(amounts: Mapping[str, Array]) -> dict[str, Array]:
    """Amounts of workloads as amounts of kinds of work, {kind: ...}."""
    return {kind: total(amounts[w] for w in WORKLOADS if KIND[w] == kind) for kind in KINDS}


def by_workload(values: Mapping[str, Array]) -> dict[str, Array]:
    """What holds for a kind of work, for each of its workloads, {workload: ...}."""
    return {workload: values[kind] for workload, kind in KIND.items()}
