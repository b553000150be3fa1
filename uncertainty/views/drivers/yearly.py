"""The table behind drivers over time: first-order indices of every year, as heights of areas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views.drawing import select
from uncertainty.views.drawing.words import REST
from uncertainty.views.drivers.table import groups_of, named

INTERACTIONS = "interactions"


def area_table(
    node: xr.Dataset, outcome: str, at: Mapping[str, Any] | None, top: int
) -> pd.DataFrame:
    """Return first-order indices by year: the greatest parameters, the rest, the remainder.

    Returns
    -------
    pandas.DataFrame
        One row an area and year: outcome, the selected dims, year, parameter, label, group, S1,
        S1_lower, S1_upper and height (S1 as drawn: not below zero). Members of a group follow each
        other, the largest group first. The rows "the rest" hold the sum of the other parameters,
        "interactions" what is left of one. Where the outcome does not vary all numbers are NaN.
    """
    asked = f"drivers of '{outcome}'"
    first = select.pick(node["S1"], at, asked)
    dims = [str(dim) for dim in first.dims if dim != "parameter"]
    if dims != ["year"]:
        known = select.described(first, skip=("parameter",))
        raise ResultError(f"{asked} over time need the dim year and no other: {known}")
    if not np.isfinite(first).any():
        raise ResultError(f"{asked} have no finite index in any year")
    first = first.transpose("year", "parameter").sortby("year")
    greatest = _greatest(node, first, top)
    frames = [_area(node, first, name, at, asked) for name in greatest]
    others = [name for name in first["parameter"].values.tolist() if name not in greatest]
    if others:
        frames.append(_summed(first.sel(parameter=others)))
    frames.append(_remainder(frames))
    table = pd.concat(frames, ignore_index=True)
    return select.at_front(table, outcome, at)


def _greatest(node: xr.Dataset, first: xr.DataArray, top: int) -> list[str]:
    """Return the parameters with the greatest mean index over the years, by group, then by size."""
    means = np.nan_to_num(first.mean("year", skipna=True).to_numpy(), nan=-np.inf)
    order = np.argsort(-means, kind="stable")[:top]
    group = np.array(groups_of(node), dtype=object)
    sums = {name: means[order][group[order] == name].sum() for name in set(group[order])}
    by_group = sorted(order, key=lambda place: (-sums[group[place]], group[place]))
    return [str(first["parameter"].values[place]) for place in by_group]


def _area(
    node: xr.Dataset,
    first: xr.DataArray,
    name: str,
    at: Mapping[str, Any] | None,
    asked: str,
) -> pd.DataFrame:
    names = named(node).set_index("parameter")
    values = first.sel(parameter=name).to_numpy()
    frame = _years(first, values, name, str(names.loc[name, "label"]))
    frame["group"] = str(names.loc[name, "group"])
    if "S1_interval" in node:
        ends = select.pick(node["S1_interval"], at, asked).sel(parameter=name).sortby("year")
        frame["S1_lower"] = ends.sel(bound="lower").to_numpy()
        frame["S1_upper"] = ends.sel(bound="upper").to_numpy()
    return frame


def _years(first: xr.DataArray, values: Any, parameter: str, label: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "year": first["year"].values,
            "parameter": parameter,
            "label": label,
            "group": "",
            "S1": values,
            "S1_lower": np.nan,
            "S1_upper": np.nan,
            "height": np.maximum(values, 0.0),
        }
    )


def _summed(others: xr.DataArray) -> pd.DataFrame:
    total = others.sum("parameter", skipna=False).to_numpy()
    count = others.sizes["parameter"]
    return _years(others, total, REST, f"{REST} ({count} more)")


def _remainder(frames: list[pd.DataFrame]) -> pd.DataFrame:
    left = 1.0 - sum(frame["S1"].to_numpy() for frame in frames)
    heights = 1.0 - sum(frame["height"].to_numpy() for frame in frames)
    frame = frames[0].assign(parameter=INTERACTIONS, label=INTERACTIONS, group="", S1=left)
    return frame.assign(S1_lower=np.nan, S1_upper=np.nan, height=np.maximum(heights, 0.0))
