"""Rows of bands and dots put together into the one table that a fan draws."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from uncertainty.views.drawing.ticks import step_of
from uncertainty.views.fan.aside import crowds, dodged
from uncertainty.views.fan.limits import span_of
from uncertainty.views.fan.selection import Selection
from uncertainty.views.fan.sources import keyed

COLUMNS = (
    "quantile",
    "value",
    "mcse",
    "low",
    "high",
    "unit",
    "source",
    "label",
    "published",
    "ends",
    "key",
    "position",
    "mark",
)
TEXTS = ("unit", "source", "label", "published", "ends", "key", "mark")
SERIES = {"observations": "observation", "projections": "projection"}


def joined(frames: Sequence[pd.DataFrame], chosen: Selection) -> pd.DataFrame:
    """Set the rows of all series below each other, with their keys and places along the axis."""
    parts, at = [frame for frame in frames if len(frame)], chosen.at
    table = pd.concat(parts, ignore_index=True).assign(**{str(k): v for k, v in at.items()})
    dims = [*at, *(dim for dim in (chosen.facet, chosen.along) if dim)]
    if "year" in table and "year" not in dims:
        dims.append("year")
    head = list(dict.fromkeys(["series", "outcome", *dims]))
    more = ["corrected"] if "corrected" in table else []
    table = table.reindex(columns=[*head, *COLUMNS, *more])
    table[list(TEXTS)] = table[list(TEXTS)].astype(object).fillna("")
    table["unit"] = table["unit"].replace("", chosen.unit)
    table = _with_keys(table)
    table["position"] = _positions(table, chosen)
    return table


def _with_keys(table: pd.DataFrame) -> pd.DataFrame:
    measured, projected = (table["series"] == series for series in SERIES.values())
    numbers, letters = keyed(table[measured], table[projected])
    table.loc[measured, "key"] = numbers
    table.loc[projected, "key"] = letters
    return table


def _positions(table: pd.DataFrame, chosen: Selection) -> pd.Series[float]:
    """Return the place of each row along the axis; marks of a year stand side by side."""
    along, facet = chosen.along, chosen.facet
    if along is None:
        place = {name: float(number) for number, name in enumerate(chosen.panels)}
        return table[facet].map(place) if facet else pd.Series(0.0, index=table.index)
    panels = table[facet].astype(str) if facet else pd.Series("", index=table.index)
    moved = table[along].astype(float)
    for series in SERIES.values():
        rows = table[table["series"] == series]
        if len(rows):
            aside = _aside(rows, panels, along, step_of(chosen.places), span_of(table))
            moved = aside.combine_first(moved)
    return moved


def _aside(
    rows: pd.DataFrame, panels: pd.Series[str], along: str, step: float, span: float
) -> pd.Series[float]:
    """Set rows of one series side by side: measurements only where they would hide each other."""
    places = rows[along].astype(float).tolist()
    cells: list[object] = list(zip(panels[rows.index], places, strict=True))
    if rows["series"].iloc[0] == SERIES["observations"]:
        step = min(step, step_of(sorted(set(places))))
        cells = list(zip(cells, crowds(rows, cells, span), strict=True))
    return pd.Series(dodged(places, cells, step), index=rows.index)
