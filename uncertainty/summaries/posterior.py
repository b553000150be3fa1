"""Posterior: rows of a result's posterior draws, and what its outcomes' draws say of mixing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.summaries.chains import figures, mixing
from uncertainty.summaries.columns import coordinate_name

#: Dims of draws.
DRAWS = ("chain", "draw")

#: Kind and probability of the interval between the outer quantiles that rows of draws have.
ETI: dict[str, Any] = {"interval_kind": "eti", "interval_prob": 0.9}


def dataset(tree: Any, group: str) -> xr.Dataset:
    """A group of a tree as a dataset whose variables all have chain and draw.

    Parameters
    ----------
    tree : xarray.DataTree, or a mapping of groups, or an xarray.Dataset of draws

    Raises
    ------
    ResultError
        If there is no such group or it holds no draws.
    """
    found = tree if isinstance(tree, xr.Dataset) else group_of(tree, group)
    plain = [str(name) for name, a in found.data_vars.items() if not set(DRAWS) <= set(a.dims)]
    if plain or not found.data_vars:
        what = f"{plain[0]!r} has dims {found[plain[0]].dims}" if plain else "it is empty"
        msg = f"group {group!r} holds no draws over (chain, draw): {what}"
        raise ResultError(msg)
    return found


def group_of(tree: Any, group: str) -> xr.Dataset:
    """A group of a tree as a dataset."""
    try:
        found = tree[group]
    except (KeyError, TypeError):
        known = ", ".join(str(name) for name in getattr(tree, "children", ())) or "none"
        msg = f"the result holds no group {group!r}; its groups are {known}"
        raise ResultError(msg) from None
    return found.to_dataset() if isinstance(found, xr.DataTree) else found


def parameter_units(result: Any) -> dict[str, str]:
    """Unit of each row of the table of parameters, {} where there is none."""
    if not isinstance(result, xr.DataTree) or "parameters" not in result:
        return {}
    table = result["parameters"].to_dataset()
    return dict(zip(table["parameter"].values.tolist(), table["unit"].values.tolist(), strict=True))


def posterior_rows(result: xr.DataTree) -> Iterator[pd.DataFrame]:
    """Rows of every posterior parameter, those of the measurement model too.

    Raises
    ------
    ResultError
        If a draw is not finite.
    """
    if "posterior" not in result:
        return
    units = parameter_units(result)
    for name, array in dataset(result, "posterior").data_vars.items():
        refuse_gaps(str(name), array)
        yield rows_of(str(name), array, units)


def rows_of(name: str, array: xr.DataArray, units: dict[str, str]) -> pd.DataFrame:
    """Rows of one variable; the shares of a dirichlet are named as in the table of parameters."""
    frame = draws_frame(array).assign(variable=name)
    shared = f"{name}[0]" in units and array.ndim == len(DRAWS) + 1
    if shared:
        frame["variable"] = [f"{name}[{i}]" for i in range(len(frame))]
        frame = frame.drop(columns=[c for c in frame if c == coordinate_name(array.dims[-1])])
    unit = units.get(f"{name}[0]" if shared else name, "1" if units else "")
    return frame.assign(group="posterior", unit=array.attrs.get("units", unit), **ETI)


def refuse_gaps(name: str, array: xr.DataArray) -> None:
    """Raise `ResultError` for draws that are not finite numbers."""
    bad = int((~np.isfinite(array.values)).sum())
    if bad:
        msg = f"posterior {name!r}: {bad} of {array.size} draws are not finite"
        raise ResultError(msg)


def draws_frame(array: xr.DataArray) -> pd.DataFrame:
    """Figures of draws (chain, draw, ...), a row a coordinate."""
    ordered = array.transpose(*DRAWS, ...)
    found = figures(np.asarray(ordered.values, dtype=np.float64))
    dims = ordered.dims[2:]
    if not dims:
        return pd.DataFrame({name: [float(value)] for name, value in found.items()})
    coords = {d: ordered[d].values for d in dims}
    frame = xr.Dataset({k: (dims, v) for k, v in found.items()}, coords).to_dataframe()
    frame.index = frame.index.set_names([coordinate_name(name) for name in frame.index.names])
    return frame.reset_index()


def mixing_of(result: xr.DataTree, variable: str, like: xr.DataArray) -> dict[str, xr.DataArray]:
    """Effective size and r_hat of an outcome's draws, at the coordinates of `like`.

    Empty where the result holds no draws of it.
    """
    drawn = result["posterior_predictive"].to_dataset() if "posterior_predictive" in result else {}
    if variable not in drawn:
        return {}
    array = drawn[variable].transpose(*DRAWS, ...)
    found = mixing(np.asarray(array.values, dtype=np.float64))
    dims = array.dims[2:]
    coords = {dim: array[dim].values for dim in dims if dim in array.coords}
    return {
        name: xr.DataArray(found[name], coords, dims).reindex_like(like)
        for name in ("ess_bulk", "r_hat")
    }
