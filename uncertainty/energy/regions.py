"""Regions: where each kind of work is done, and how its first region gains share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from uncertainty.energy.arrays import Array, Column
from uncertainty.energy.places import Places
from uncertainty.energy.shares import nested
from uncertainty.energy.workloads import KINDS, total

SHIFT_YEARS = 10.0
"""Years in which the shift of a share towards its region is completed."""

Shares = dict[str, Array]
"""Region -> (sample,) or (year, sample) share of a kind of work."""


def shifting(start: Array, shift: Array, after: Column) -> Array:
    """A share that grows in a straight line by a part of what it lacks.

    Parameters
    ----------
    start : (sample,)     share in the base year
    shift : (sample,)     part of the remainder that has come over after ten years
    after : (year, 1)     years since the base year, 0 before it

    Returns
    -------
    (year, sample)        constant up to the base year and from the tenth year after it
    """
    ramp = np.minimum(after / SHIFT_YEARS, 1.0)
    return start + (shift * (1.0 - start)) * ramp


def shares(p: Mapping[str, Array], places: Places, after: Column) -> dict[str, Shares]:
    """Regional shares of each kind of work, {kind: {region: (sample,) or (year, sample)}}."""
    return {kind: _shares(p, places, kind, after) for kind in KINDS}


def electricity_by_region(
    electricity: Mapping[str, Array], share: Mapping[str, Shares], regions: tuple[str, ...]
) -> list[Array]:
    """Electricity of each region.

    Parameters
    ----------
    electricity : {kind: (year, sample)}   TWh
    share : {kind: {region: ...}}          see `shares`

    Returns
    -------
    [(year, sample)]                       TWh, in the order of `regions`
    """
    return [
        total(amount * share[kind][region] for kind, amount in electricity.items())
        for region in regions
    ]


def _shares(p: Mapping[str, Array], places: Places, kind: str, after: Column) -> Shares:
    first, *others = places.regions[kind]
    if not others:
        return {first: 1.0}
    start, *within = (p[name] for name in places.region_shares(kind))
    shift = places.region_shift(kind)
    near = start if shift is None else shifting(start, p[shift], after)
    rest = 1.0 - near
    parts = zip(others, nested(within), strict=True)
    return {first: near, **{region: rest * part for region, part in parts}}
