"""Labels: dims, coordinates, units and long names put on arrays at one seam."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import ResultError

if TYPE_CHECKING:
    import xarray as xr

#: Quantiles that are reported when nothing else is asked for, and that every summary has.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

#: The key of what no source sets, and the parameter of readings in which all ranges change.
NO_SOURCE, EVERY = "no source", "all ranges"

#: Where a calibrated result keeps what its charts of either side need.
POSTERIOR = {name: f"calibration/{name}" for name in ("intervals", "moments", "exceedance")}
PRIOR = {"intervals": "calibration/prior_intervals"}

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


def posterior_side(tree: xr.DataTree) -> xr.DataTree:
    """A calibrated result seen from after the fit.

    Its intervals, moments and exceedance are those of `/calibration`; what was not computed of the
    posterior is left out. All other groups stay. The intervals carry the attribute ``side``, and
    each outcome that reaches further back than the prior's own run the attribute ``base``: the
    year in which that run begins.

    Raises
    ------
    ResultError
        If the result is not calibrated.
    """
    calibrated(tree)
    return seen(tree, POSTERIOR, "posterior")


def prior_side(tree: xr.DataTree) -> xr.DataTree:
    """A calibrated result seen from before the fit, years of history included where known.

    Its intervals are `/calibration/prior_intervals`, else those of its own.

    Raises
    ------
    ResultError
        If the result is not calibrated.
    """
    calibrated(tree)
    known = calibration(tree, "prior_intervals") is not None
    return seen(tree, PRIOR if known else {"intervals": "intervals"}, "prior")


def is_calibrated(tree: xr.DataTree) -> bool:
    """Whether a result holds intervals of a posterior."""
    return calibration(tree, "intervals") is not None


def calibration(tree: xr.DataTree, name: str) -> xr.Dataset | None:
    """A group of `/calibration`, None where it was not computed."""
    groups = tree.children.get("calibration")
    if groups is None or name not in groups.children:
        return None
    return groups.children[name].to_dataset()


def calibrated(tree: xr.DataTree) -> None:
    """Raise `ResultError` unless a result is calibrated."""
    if not is_calibrated(tree):
        held = ", ".join(sorted(tree.children)) or "nothing"
        msg = f"the result is not calibrated: it has no '/calibration/intervals', it holds {held}"
        raise ResultError(msg)


def seen(tree: xr.DataTree, groups: Mapping[str, str], side: str) -> xr.DataTree:
    """A result whose `groups` are others of its own."""
    nodes = {path: node.to_dataset() for path, node in tree.subtree_with_keys}
    found = {name: nodes[source].copy() for name, source in groups.items() if source in nodes}
    own = nodes.get("intervals", nodes["."])
    shared = own.attrs if side == "prior" else {}
    found["intervals"].attrs = {**shared, **found["intervals"].attrs, "side": side}
    for name, array in found["intervals"].data_vars.items():
        if name in own:
            array.attrs = {**own[name].attrs, **began(own[name], array), **array.attrs}
    kept = {path: node for path, node in nodes.items() if path not in groups}
    return type(tree).from_dict({f"/{path}": node for path, node in (kept | found).items()})


def began(own: xr.DataArray, longer: xr.DataArray) -> dict[str, int]:
    """The first year of a run's own array, if the other one begins before it."""
    if "year" not in own.dims or "year" not in longer.dims:
        return {}
    first = own["year"].values.min()
    return {"base": int(first)} if longer["year"].values.min() < first else {}


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
