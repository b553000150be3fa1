"""Lanes below a range: what was measured or projected, each row in a lane of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from uncertainty.views.drawing.axes import width_of
from uncertainty.views.drawing.key_marks import BAR, DASHES, THIN
from uncertainty.views.drawing.looks import Look
from uncertainty.views.drawing.place import text_width
from uncertainty.views.drawing.select import records
from uncertainty.views.drawing.style import PAPER, ground, text_tone
from uncertainty.views.fan.observed import ERROR
from uncertainty.views.fan.points import SIZES, TAG
from uncertainty.views.fan.sources import looks
from uncertainty.views.fan.table import FanTable

LANE = 0.2  # height of a lane, inches


def draw_lanes(axes: Axes, rows: pd.DataFrame, fan: FanTable, y: float) -> None:
    """Draw each measured or projected row in its own lane, named by its key and year."""
    found = looks(fan.table)
    for lane, row in enumerate(records(rows[rows["series"].isin(SIZES)])):
        look = found[row["series"], row["source"]]
        _draw_lane(axes, row, look, y - lane * LANE)
        _draw_tag(axes, row, fan, text_tone(look.colour), y - lane * LANE)


def _numbers(row: Mapping[str, Any]) -> list[float]:
    return [row[name] for name in ("low", "value", "high") if np.isfinite(row[name])]


def _draw_lane(axes: Axes, row: Mapping[str, Any], look: Look, y: float) -> None:
    ends, limits = _numbers(row), axes.get_xlim()
    held = np.clip([min(ends), max(ends)], *limits)
    whisker = row["ends"] == ERROR
    axes.plot(held, [y, y], color=look.colour, linestyle="-" if look.filled else DASHES,
              linewidth=THIN if whisker else BAR,
              gid="whisker" if whisker else "range")  # fmt: skip
    for value in (row["low"], row["high"]):
        if np.isfinite(value) and not (whisker and limits[0] <= value <= limits[1]):
            _draw_mark(axes, value, y, "|", look, 5.0)
    if np.isfinite(row["value"]):
        _draw_mark(axes, row["value"], y, look.marker, look, SIZES[row["series"]])
    if np.isfinite(row.get("corrected", np.nan)):
        hollow = Look(look.marker, look.colour, filled=False)
        _draw_mark(axes, row["corrected"], y, look.marker, hollow, SIZES[row["series"]])


def _draw_mark(axes: Axes, value: float, y: float, marker: str, look: Look, size: float) -> None:
    """Draw a mark at a value, or an arrowhead at the edge that the value lies beyond."""
    low, high = axes.get_xlim()
    away = not low <= value <= high
    axes.plot([np.clip(value, low, high)], [y], color=look.colour, markersize=size,
              marker=(">" if value > high else "<") if away else marker,
              markerfacecolor=look.colour if look.filled or away else PAPER,
              linestyle="none", clip_on=False, zorder=4, gid="mark")  # fmt: skip


def _draw_tag(axes: Axes, row: Mapping[str, Any], fan: FanTable, colour: str, y: float) -> None:
    """Name a row on the side of its marks that has room, else across its line."""
    year = row.get("year")
    dated = f", {year:g}" if isinstance(year, int | float) and np.isfinite(year) else ""
    text = f"{row['key']}  {' to '.join(fan.scale.text(v) for v in _numbers(row))}{dated}"
    place, side = _tag_place(axes, _numbers(row), text)
    axes.annotate(text, (place, y), xytext=({"left": 8, "right": -8, "center": 0}[side], 0),
                  textcoords="offset points", ha=side, va="center_baseline", fontsize=TAG,
                  color=colour, gid="tag", zorder=6, bbox=ground(0.9, 1.0))  # fmt: skip


def _tag_place(axes: Axes, numbers: list[float], text: str) -> tuple[float, str]:
    """Return where a name is anchored and which side of it stands there."""
    low, high = axes.get_xlim()
    left, right = np.clip([min(numbers), max(numbers)], low, high)
    need = (text_width(text, TAG) + 0.15) * (high - low) / width_of(axes)
    if right + need < high:
        return right, "left"
    return (left, "right") if left - need > low else ((left + right) / 2, "center")
