"""Labels: dims, coordinates, units and long names put on arrays at one seam."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array

if TYPE_CHECKING:
    import xarray as xr

#: Quantiles that are reported when nothing else is asked for, and that every summary has.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

#: The key of what no source sets, and the parameter of readings in which all ranges change.
NO_SOURCE, EVERY = "no source", "all ranges"

#: By what the ledger tells variance apart.
LEDGER = ("grade", "evidence", "source")


def headline_wish(result: xr.DataTree) -> dict[str, Any]:
    """What the study's ``[headline]`` asked for, empty when there was none."""
    return json.loads(result.attrs.get("headline", "null")) or {}


def middle[T](places: Sequence[T]) -> T:
    """The middle one of places in order, the later one of two."""
    return places[len(places) // 2]


def middle_year(result: xr.DataTree, years: Sequence[int]) -> int:
    """The year that one number stands for: the middle one of the headline's, else of `years`."""
    wished = headline_wish(result).get("years") or list(years)
    return int(middle(wished))


def waterfall_name(wish: Mapping[str, Any]) -> str:
    """Name of the chart of one of a study's waterfalls."""
    steps, start = wish["steps"], wish["start"]
    what = steps if isinstance(steps, str) else start or f"to-{wish['total']}"
    return f"steps-{what}-{wish['year']}"


def central(levels: Sequence[float]) -> tuple[float, float]:
    """Ends of the widest interval with equal tails among quantiles; else the outermost two."""
    ordered = sorted(levels)
    for low in ordered:
        high = next((q for q in ordered if abs(low + q - 1.0) < 1e-9), low)
        if high > low:
            return low, high
    return ordered[0], ordered[-1]


def labelled(
    values: Array,
    dims: Sequence[str],
    coords: Mapping[str, Sequence[Any]],
    attrs: Mapping[str, Any] | None = None,
) -> xr.DataArray:
    """An array with its dims, and of `coords` those that it has."""
    import xarray as xr

    used = {dim: np.asarray(coords[dim]) for dim in dims if dim in coords}
    return xr.DataArray(values, dims=tuple(dims), coords=used, attrs=dict(attrs or {}))


def describe(unit: str, long_name: str = "") -> dict[str, str]:
    """Attributes `units` and `long_name` as xarray and netCDF know them."""
    return {"units": unit, "long_name": long_name} if long_name else {"units": unit}


def chains(values: Array, replicates: int) -> Array:
    """(..., replicate x draw) as (chain, draw, ...): a chain is a replicate."""
    split = values.reshape(*values.shape[:-1], replicates, -1)
    return np.moveaxis(split, (-2, -1), (0, 1))
