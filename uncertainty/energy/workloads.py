"""The four kinds of computing work, their shares of the base year, and sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add

from uncertainty.energy.arrays import Array

WORKLOADS = ("training", "inference", "general", "supercomputing")
INTELLIGENT = ("training", "inference")


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
