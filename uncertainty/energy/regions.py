"""Regions: computing hubs, provinces of the digital economy, and all others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from uncertainty.energy.arrays import Array, Column
from uncertainty.energy.workloads import total

REGIONS = ("hub", "digital_economy", "other")

SHIFT_YEARS = 10.0
"""Years in which the shift of a share towards its region is completed."""


def shifting(start: Array, shift: Array, elapsed: Column) -> Array:
    """A share that grows in a straight line by a part of what it lacks.

    Parameters
    ----------
    start : (sample,)     share in the base year
    shift : (sample,)     part of the remainder that has come over after ten years
    elapsed : (year, 1)   years since the base year

    Returns
    -------
    (year, sample)        constant from the tenth year on
    """
    ramp = np.minimum(elapsed / SHIFT_YEARS, 1.0)
    return start + (shift * (1.0 - start)) * ramp


def shares(p: Mapping[str, Array], elapsed: Column) -> dict[str, dict[str, Array]]:
    """Regional shares of each workload, {workload: {region: (sample,) or (year, sample)}}.

    Training gathers at hubs, inference near its users in the digital-economy provinces.
    """
    hub = shifting(p["training_hub_share"], p["training_hub_shift"], elapsed)
    near = shifting(p["inference_digital_share"], p["inference_digital_shift"], elapsed)
    general = _split(p["general_hub_share"], p["general_digital_share"], "hub", "digital_economy")
    return {
        "training": _split(hub, p["training_digital_share"], "hub", "digital_economy"),
        "inference": _split(near, p["inference_hub_share"], "digital_economy", "hub"),
        "general": general,
        "supercomputing": general,
    }


def electricity_by_region(
    electricity: Mapping[str, Array], share: Mapping[str, Mapping[str, Array]]
) -> list[Array]:
    """Facility electricity of each region.

    Parameters
    ----------
    electricity : {workload: (year, sample)}   TWh

    Returns
    -------
    [(year, sample)]                           TWh, in the order of `REGIONS`
    """
    return [
        total(amount * share[workload][region] for workload, amount in electricity.items())
        for region in REGIONS
    ]


def _split(first: Array, of_rest: Array, region: str, second: str) -> dict[str, Array]:
    rest = 1.0 - first
    return {region: first, second: rest * of_rest, "other": rest * (1.0 - of_rest)}
