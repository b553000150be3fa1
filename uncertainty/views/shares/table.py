"""The table behind the shares: indices of dependent parameters at one place, ranked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views.drawing import select

OWN_DIMS = ("parameter", "bound")
NEEDED = ("closed", "total")
INDICES = ("Sh", *NEEDED)  # the first that there is gives the rank
FEW = 3  # this many unranked parameters are drawn one by one
INFORMS, ACTS = "shares information", "acts with others"


def dependent_node(result: xr.DataTree, outcome: str) -> xr.Dataset:
    """Return the indices of one outcome."""
    node = select.branch(result, f"dependent/{outcome}").to_dataset()
    missing = [index for index in NEEDED if index not in node]
    if missing:
        raise ResultError(f"'/dependent/{outcome}' lacks {', '.join(missing)}")
    return node


def shares_table(
    node: xr.Dataset, outcome: str, at: Mapping[str, Any] | None, top: int
) -> pd.DataFrame:
    """Return the indices of one cell (or over all together), ranked.

    Returns
    -------
    pandas.DataFrame
        One row a parameter: outcome, the selected dims, parameter, label, group, and of each
        index its value, `_lower` and `_upper` (Sh where it is stored, closed, total), reading
        ("shares information" where closed is above total and their intervals are apart, "acts
        with others" where it is below), rank (NaN when the interval of the first index touches
        zero) and drawn.

    Raises
    ------
    ResultError
        For a place that is not there, no finite index at it, or `top` below 1.
    """
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise ResultError(f"top={top!r}: a whole number of parameters, at least 1, is drawn")
    columns = _cell(node, outcome, at)
    lead = leading(columns)
    if not np.isfinite(columns[lead].to_numpy()).any():
        raise ResultError(
            f"'{outcome}' has no indices {select.chosen(at) or 'at all'}: "
            "they are not defined where the outcome does not vary"
        )
    columns["reading"] = _reading(columns)
    sure = np.isfinite(columns[lead]) & (columns[f"{lead}_lower"] > 0)
    ranked = columns[sure].sort_values(lead, ascending=False, kind="stable")
    table = pd.concat([ranked, columns[~sure]], ignore_index=True)
    noise = len(table) - len(ranked)
    table["rank"] = [*np.arange(1.0, len(ranked) + 1), *[np.nan] * noise]
    table["drawn"] = [
        *(np.arange(len(ranked)) < top),
        *(np.arange(noise) < _grey(len(ranked), noise, top)),
    ]
    return select.at_front(table, outcome, at)


def leading(table: pd.DataFrame) -> str:
    """Return the index by which parameters are ranked: Shapley effects where there are any."""
    return next(index for index in INDICES if index in table)


def _grey(ranked: int, noise: int, top: int) -> int:
    """Return how many of those not ranked are drawn: all of a few, else none beside a ranking."""
    return noise if noise <= FEW else 0 if ranked else top


def _reading(table: pd.DataFrame) -> list[str]:
    """Say of each parameter which of its two indices is larger, where the intervals tell."""
    informs = (table["closed_lower"] > table["total_upper"]).to_numpy()
    acts = (table["total_lower"] > table["closed_upper"]).to_numpy()
    return [INFORMS if i else ACTS if a else "" for i, a in zip(informs, acts, strict=True)]


def _cell(node: xr.Dataset, outcome: str, at: Mapping[str, Any] | None) -> pd.DataFrame:
    asked = f"indices of '{outcome}'"
    prefix = _prefix(node, asked, at)
    names = [str(name) for name in node["parameter"].values]
    columns: dict[str, Any] = {
        "parameter": names,
        "label": select.labels(node),
        "group": select.texts(node, "group"),
    }
    for index in (i for i in INDICES if f"{prefix}{i}" in node):
        name = f"{prefix}{index}"
        columns[index] = select.pick(node[name], at, asked).to_numpy()
        for bound in ("lower", "upper"):
            columns[f"{index}_{bound}"] = _bound(node, name, bound, at, asked)
    return pd.DataFrame(columns)


def _prefix(node: xr.Dataset, asked: str, at: Mapping[str, Any] | None) -> str:
    """Return how the indices wanted are stored; a selection must name every dim or none."""
    dims = [str(dim) for dim in node["closed"].dims if dim not in OWN_DIMS]
    known = select.described(node["closed"], skip=OWN_DIMS)
    missing = [dim for dim in dims if dim not in (at or {})]
    if at and missing:
        raise ResultError(f"{asked}: at= must also say {', '.join(missing)} ({known})")
    if at or not dims:
        return ""
    if any(f"aggregate_{index}" not in node for index in NEEDED):
        raise ResultError(f"{asked} hold no aggregate over {', '.join(dims)}; use at= ({known})")
    return "aggregate_"


def _bound(
    node: xr.Dataset, name: str, bound: str, at: Mapping[str, Any] | None, asked: str
) -> Any:
    """Return one end of the intervals, NaN when none are stored."""
    if f"{name}_interval" not in node:
        return np.nan
    return select.pick(node[f"{name}_interval"].sel(bound=bound), at, asked).to_numpy()
