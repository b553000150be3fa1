"""The tables behind the driver charts: indices of one cell, or of every year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views import select
from uncertainty.views.style import sentence

OWN_DIMS = {"parameter", "bound"}
INDICES = ("ST", "S1")
FEW = 3  # this many unranked drivers are drawn one by one
REST, INTERACTIONS = "the rest", "interactions"


def driver_node(result: xr.DataTree, outcome: str, *, groups: bool = False) -> xr.Dataset:
    """Return the indices of one outcome, of parameters or of groups of parameters."""
    parent = "driver_groups" if groups else "drivers"
    node = select.branch(result, f"{parent}/{outcome}").to_dataset()
    missing = {"S1", "ST"} - set(node.data_vars)
    if missing:
        raise ResultError(f"'/{parent}/{outcome}' lacks {', '.join(sorted(missing))}")
    return node


def long_name(result: xr.DataTree, node: xr.Dataset, outcome: str) -> str:
    """Return the outcome's long name, for the start of a title."""
    stored = node.attrs.get("long_name")
    if stored is None and "intervals" in result.children:
        array = result.children["intervals"].dataset.data_vars.get(outcome)
        stored = None if array is None else array.attrs.get("long_name")
    return sentence(str(stored or select.words(outcome)))


def group_sizes(result: xr.DataTree, outcome: str, table: pd.DataFrame) -> dict[str, int]:
    """Count the parameters of each group, where `/drivers` holds them; empty where it does not."""
    branches = result.children.get("drivers", xr.DataTree()).children
    if outcome not in branches or "group" not in branches[outcome].coords:
        return {}
    counts = Counter(groups_of(branches[outcome].to_dataset()))
    groups = [str(name) for name in table["parameter"]]
    return {name: counts[name] for name in groups} if set(groups) == set(counts) else {}


def method_line(node: xr.Dataset, *, groups: bool) -> str:
    """Say of what, by which method, from how many runs, and with which intervals."""
    attrs = node.attrs
    runs = f"; {int(attrs['model_runs']):,} model runs" if "model_runs" in attrs else ""
    prob = f"{100 * float(attrs['interval_prob']):g}% " if "interval_prob" in attrs else ""
    kind = f", {attrs['interval_kind']}" if "interval_kind" in attrs else ""
    kinds = "Groups of assumptions; " if groups else ""
    return f"{kinds}Sobol' indices{runs}; whiskers: {prob}interval{kind}"


def cell_table(
    node: xr.Dataset, outcome: str, at: Mapping[str, Any] | None, top: int
) -> pd.DataFrame:
    """Return the indices of one cell (or of all together), ranked.

    Returns
    -------
    pandas.DataFrame
        One row a parameter: outcome, the selected dims, parameter, label, group, ST, ST_lower,
        ST_upper, S1, S1_lower, S1_upper, rank (NaN when the interval of ST touches zero) and
        drawn. Ranked parameters come first, by ST; the others follow in the order of the result,
        and are drawn when they are few or nothing is ranked.
    """
    if top < 1:
        raise ResultError(f"top={top}: at least one driver must be drawn")
    columns = _cell(node, outcome, at)
    if not np.isfinite(columns["ST"].to_numpy()).any():
        raise ResultError(
            f"'{outcome}' has no indices {select.chosen(at) or 'at all'}: "
            "they are not defined where the outcome does not vary"
        )
    ranked = columns[columns["ST_lower"] > 0].sort_values("ST", ascending=False, kind="stable")
    noise = columns[~(columns["ST_lower"] > 0)]
    table = pd.concat([ranked, noise], ignore_index=True)
    table["rank"] = [*np.arange(1.0, len(ranked) + 1), *[np.nan] * len(noise)]
    grey = _grey(len(ranked), len(noise), top)
    table["drawn"] = [*(np.arange(len(ranked)) < top), *(np.arange(len(noise)) < grey)]
    for dim, value in reversed(list((at or {}).items())):
        table.insert(0, dim, value)
    table.insert(0, "outcome", outcome)
    return table


def _grey(ranked: int, noise: int, top: int) -> int:
    """Return how many of those not ranked are drawn: all of a few, else none beside a ranking."""
    return noise if noise <= FEW else 0 if ranked else top


def _cell(node: xr.Dataset, outcome: str, at: Mapping[str, Any] | None) -> pd.DataFrame:
    dims = [str(dim) for dim in node["ST"].dims if dim not in OWN_DIMS]
    asked = f"drivers of '{outcome}'"
    prefix = "" if at or not dims else "aggregate_"
    if prefix and "aggregate_ST" not in node:
        known = select.described(node, skip=tuple(OWN_DIMS))
        raise ResultError(f"{asked} hold no aggregate over {', '.join(dims)}; use at= ({known})")
    missing = [dim for dim in dims if dim not in (at or {})] if at else []
    if missing:
        known = select.described(node, skip=tuple(OWN_DIMS))
        raise ResultError(f"{asked}: at= must also say {', '.join(missing)} ({known})")
    columns = _names(node)
    for index in INDICES:
        columns[index] = select.pick(node[f"{prefix}{index}"], at, asked).to_numpy()
        for bound in ("lower", "upper"):
            columns[f"{index}_{bound}"] = _bound(node, f"{prefix}{index}", bound, at, asked)
    return columns


def _names(node: xr.Dataset) -> pd.DataFrame:
    parameters = [str(name) for name in node["parameter"].values]
    labels = _texts(node, "label")
    named = [label or select.words(name) for label, name in zip(labels, parameters, strict=True)]
    groups = _texts(node, "group")
    return pd.DataFrame({"parameter": parameters, "label": named, "group": groups})


def groups_of(node: xr.Dataset) -> list[str]:
    """Return the group of each parameter, "" where none is stored."""
    return _texts(node, "group")


def _texts(node: xr.Dataset, name: str) -> list[str]:
    if name not in node.coords:
        return [""] * node.sizes["parameter"]
    return [select.text(value) for value in node[name].values]


def _bound(
    node: xr.Dataset, name: str, bound: str, at: Mapping[str, Any] | None, asked: str
) -> Any:
    """Return one end of the intervals, NaN when none are stored."""
    if f"{name}_interval" not in node:
        return np.nan
    return select.pick(node[f"{name}_interval"].sel(bound=bound), at, asked).to_numpy()


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
    for dim, value in reversed(list((at or {}).items())):
        table.insert(0, dim, value)
    table.insert(0, "outcome", outcome)
    return table


def _greatest(node: xr.Dataset, first: xr.DataArray, top: int) -> list[str]:
    """Return the parameters with the greatest mean index over the years, by group, then by size."""
    means = np.nan_to_num(first.mean("year", skipna=True).to_numpy(), nan=-np.inf)
    order = np.argsort(-means, kind="stable")[:top]
    group = np.array(_texts(node, "group"), dtype=object)
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
    names = _names(node).set_index("parameter")
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
