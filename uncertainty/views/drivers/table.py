"""The table behind a ranking of drivers: the indices of one cell, or over all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views.drawing import select
from uncertainty.views.drawing.scope import runs_text, whiskers_text

OWN_DIMS = {"parameter", "bound"}
INDICES = ("ST", "S1")
FEW = 3  # this many unranked drivers are drawn one by one


def driver_node(result: xr.DataTree, outcome: str, *, groups: bool = False) -> xr.Dataset:
    """Return the indices of one outcome, of parameters or of groups of parameters."""
    parent = "driver_groups" if groups else "drivers"
    node = select.branch(result, f"{parent}/{outcome}").to_dataset()
    missing = {"S1", "ST"} - set(node.data_vars)
    if missing:
        raise ResultError(f"'/{parent}/{outcome}' lacks {', '.join(sorted(missing))}")
    return node


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
    kinds = "Groups of assumptions; " if groups else ""
    return f"{kinds}Sobol' indices{runs_text(node.attrs)}{whiskers_text(node.attrs)}"


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
    return select.at_front(table, outcome, at)


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
    columns = named(node)
    for index in INDICES:
        columns[index] = select.pick(node[f"{prefix}{index}"], at, asked).to_numpy()
        for bound in ("lower", "upper"):
            columns[f"{index}_{bound}"] = _bound(node, f"{prefix}{index}", bound, at, asked)
    return columns


def named(node: xr.Dataset) -> pd.DataFrame:
    """Return name, label and group of each parameter."""
    parameters = [str(name) for name in node["parameter"].values]
    columns = {"parameter": parameters, "label": select.labels(node), "group": groups_of(node)}
    return pd.DataFrame(columns)


def groups_of(node: xr.Dataset) -> list[str]:
    """Return the group of each parameter, "" where none is stored."""
    return select.texts(node, "group")


def _bound(
    node: xr.Dataset, name: str, bound: str, at: Mapping[str, Any] | None, asked: str
) -> Any:
    """Return one end of the intervals, NaN when none are stored."""
    if f"{name}_interval" not in node:
        return np.nan
    return select.pick(node[f"{name}_interval"].sel(bound=bound), at, asked).to_numpy()
