"""The table behind the placements: published figures as shares of our draws, and what they ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views.drawing import select
from uncertainty.views.drawing.scope import NORMAL_95

NEEDED = ("outcome", "value", "percentile")
TEXTS = ("outcome", "label", "source", "published", "end", "unit")
NUMBERS = ("value", "percentile", "percentile_mcse", "median", "near")
MOST, LEAST = 3, 50  # parameters named for one figure; draws near it that this takes
SURE = 3.0  # standard errors by which a mean rank must differ from one half to be named
RANK_SD = 12**-0.5  # of one rank, uniform on 0 to 1
UP, DOWN = "↑", "↓"
TOO_FEW, NOTHING = "too few draws come near", "nothing in particular"
COLUMNS = (
    "value",
    "unit",
    "percentile",
    "percentile_mcse",
    "lower",
    "upper",
    "median",
    "near",
    "needs",
)


@dataclass(frozen=True)
class Placements:
    """What `/placements` holds of one outcome.

    Attributes
    ----------
    outcome, name, unit : str
    dims : tuple of str
        Columns beside year that say where a figure belongs.
    near : str
        Which draws count as near a figure.
    least : int
        Fewer near draws than this say nothing about parameters.
    table : pandas.DataFrame
        See `placements_of`.
    """

    outcome: str
    name: str
    unit: str
    dims: tuple[str, ...]
    near: str
    least: int
    table: pd.DataFrame

    @property
    def figures(self) -> list[pd.DataFrame]:
        """Rows of each published figure (one number, or a range of two), in order."""
        return [rows for _, rows in self.table.groupby("figure", sort=True)]


def placements_of(result: xr.DataTree, outcome: str) -> Placements:
    """Read the published figures of one outcome.

    Returns
    -------
    Placements
        Its table has one row a number: figure (rows of one range share it; by year, then by
        value), outcome, label, source, published, further dims, year, end (value, low or high),
        value, unit, percentile (share of draws below), percentile_mcse, lower and upper (its 95%
        interval), median, near (draws near it) and needs (up to three parameters, each with the
        direction in which the draws near it lean).

    Raises
    ------
    ResultError
        When there are no placements of the outcome.
    """
    node = select.branch(result, "placements").to_dataset()
    missing = [name for name in NEEDED if name not in node]
    if missing:
        raise ResultError(f"'/placements' lacks {', '.join(missing)}")
    known = [select.text(name) for name in node["outcome"].values]
    if outcome not in known:
        found = ", ".join(dict.fromkeys(known)) or "nothing"
        raise ResultError(f"no placements of outcome '{outcome}': there are {found}")
    own = node.isel(row=[place for place, name in enumerate(known) if name == outcome])
    dims = _dims(result, own, outcome)
    least = int(own.attrs.get("least", LEAST))
    table = _table(own, dims).assign(needs=needs(result, own, least))
    return Placements(
        outcome=outcome,
        name=select.long_name(result, own, outcome),
        unit=str(table["unit"].iloc[0]),
        dims=dims,
        near=str(own.attrs.get("near", "near the number")),
        least=least,
        table=_ordered(table, dims),
    )


def _dims(result: xr.DataTree, node: xr.Dataset, outcome: str) -> tuple[str, ...]:
    """Return the outcome's own dims beside year."""
    array = select.stored(result, outcome)
    dims = [] if array is None else [str(dim) for dim in array.dims]
    return tuple(dim for dim in dims if dim not in {"year", "quantile"} and dim in node)


def _table(node: xr.Dataset, dims: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(index=range(node.sizes["row"]))
    for name in (*TEXTS, *dims):
        frame[name] = [select.text(v) for v in node[name].values] if name in node else ""
    for name in NUMBERS:
        frame[name] = node[name].to_numpy().astype(float) if name in node else np.nan
    years = pd.Series(node["year"].values if "year" in node else np.nan, index=frame.index)
    frame["year"] = pd.to_numeric(years, errors="coerce")
    frame["label"] = frame["label"].where(frame["label"] != "", frame["source"])
    frame["end"] = frame["end"].where(frame["end"] != "", "value")
    reach = NORMAL_95 * frame["percentile_mcse"].fillna(0.0)
    frame["lower"] = (frame["percentile"] - reach).clip(lower=0.0)
    frame["upper"] = (frame["percentile"] + reach).clip(upper=1.0)
    return frame


def _ordered(table: pd.DataFrame, dims: tuple[str, ...]) -> pd.DataFrame:
    """Number the figures by year and value; an end that repeats begins another figure."""
    key = ["label", "source", "published", *dims, "year"]
    table["turn"] = table.groupby([*key, "end"], dropna=False).cumcount()
    group = table.groupby([*key, "turn"], dropna=False, sort=False)
    table["middle"] = group["value"].transform("mean")
    table["first"] = group["value"].transform(lambda values: values.index[0])
    table = table.sort_values(["year", "middle", "first", "value"], kind="stable")
    table["figure"] = pd.factorize(table["first"])[0] + 1
    head = ["figure", "outcome", "label", "source", "published", *dims, "year", "end"]
    return table[[*head, *COLUMNS]].reset_index(drop=True)


def needs(result: xr.DataTree, node: xr.Dataset, least: int) -> list[str]:
    """Name, for each row, the parameters that the draws near it have higher or lower than usual.

    At most three, those whose mean rank differs most from one half and by more than three
    standard errors; the rank of a draw is uniform, so that the mean of n has sd 1 / sqrt(12 n).
    A parameter that does not vary is never named.
    """
    if "rank" not in node:
        return [""] * node.sizes["row"]
    labels = _labels(result, node)
    found = []
    for row in range(node.sizes["row"]):
        cell = node.isel(row=row)
        ranks, near = cell["rank"].to_numpy().astype(float), float(cell["near"])
        if near < least or not np.isfinite(ranks).any():
            found.append(TOO_FEW)
            continue
        away = np.where(_varies(cell) & np.isfinite(ranks), ranks - 0.5, 0.0)
        chosen = [p for p in np.argsort(-np.abs(away), kind="stable")[:MOST]
                  if abs(away[p]) > SURE * RANK_SD / np.sqrt(near)]  # fmt: skip
        named = [f"{UP if away[p] > 0 else DOWN} {labels[p]}" for p in chosen]
        found.append("; ".join(named) or NOTHING)
    return found


def _varies(cell: xr.Dataset) -> Any:
    if "needed" not in cell:
        return True
    needed = cell["needed"].transpose("parameter", "quantile").to_numpy()
    return needed.max(axis=1) > needed.min(axis=1)


def _labels(result: xr.DataTree, node: xr.Dataset) -> list[str]:
    names = [str(name) for name in node["parameter"].values]
    table = result.children.get("parameters")
    if table is None or "label" not in table.dataset:
        return [select.words(name) for name in names]
    known = table.dataset["label"].to_series().to_dict()
    return [select.text(known.get(name)) or select.words(name) for name in names]
