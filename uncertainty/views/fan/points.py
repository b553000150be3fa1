"""Dots that are no part of the result: what was measured and what others have projected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from uncertainty.views.drawing.key_marks import BAR, DASHES, THIN
from uncertainty.views.drawing.looks import Look
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.place import free_spot, text_width
from uncertainty.views.drawing.select import records
from uncertainty.views.drawing.style import DPI, INK, PAPER, ground, text_tone
from uncertainty.views.fan.observed import ERROR

SIZES = {"observation": 4.2, "projection": 5.6}
TAG = 7.4  # size of the small labels, points


@dataclass(frozen=True)
class Room:
    """The axes that dots are drawn in, and what already stands there.

    Attributes
    ----------
    axes : matplotlib.axes.Axes
        Limits are final.
    scale : Scale
    taken : list of Bbox
        Boxes in points from the lower left corner of the figure; grows as labels are set.
    """

    axes: Axes
    scale: Scale
    taken: list[Bbox] = field(default_factory=list)

    def points(self, x: float, y: float) -> tuple[float, float]:
        """Return a place of the data in points from the corner of the figure."""
        across, up = self.axes.transData.transform((x, y)) * 72 / DPI
        return float(across), float(up)

    def block(self, x: float, low: float, high: float, half: float) -> None:
        """Keep labels off an upright bar (or a dot) of half width in points."""
        (left, bottom), (_, top) = self.points(x, low), self.points(x, high)
        self.taken.append(Bbox.from_extents(left - half, bottom - half, left + half, top + half))


def draw_points(room: Room, table: pd.DataFrame, found: Mapping[tuple[str, str], Look]) -> None:
    """Draw the observation and projection rows of one panel with their small labels.

    A value beyond the axis is marked by an arrowhead at the edge with its number.
    """
    rows = records(table[table["series"].isin(SIZES)])
    styled = [(row, found[row["series"], row["source"]]) for row in rows]
    for row, look in styled:
        _draw_range(room, row, look)
        _draw_dot(room, row, look)
        _draw_corrected(room, row, look)
    _join_measured(room.axes, table)
    for text, x, y, colour in list(_tags(room, styled)):
        _draw_tag(room, text, x, y, colour)


def inside(axes: Axes, value: float) -> float:
    """Return the value, or the place just inside the edge that it lies beyond."""
    low, high = axes.get_ylim()
    edge = 0.018 * (high - low)
    return min(max(value, low + edge), high - edge) if beyond(axes, value) else value


def beyond(axes: Axes, value: float) -> bool:
    """Tell whether a value lies outside the axis."""
    low, high = axes.get_ylim()
    return bool(value < low or value > high)


def _draw_range(room: Room, row: Mapping[str, Any], look: Look) -> None:
    low, high = row["low"], row["high"]
    if not np.isfinite([low, high]).all():
        return
    x, ends = row["position"], [inside(room.axes, low), inside(room.axes, high)]
    whisker = row["ends"] == ERROR
    style = "-" if look.filled else DASHES
    room.axes.plot([x, x], ends, color=look.colour, linestyle=style, zorder=4,
                   linewidth=THIN if whisker else BAR,
                   gid="whisker" if whisker else "range")  # fmt: skip
    for value, end in zip((low, high), ends, strict=True):
        away = beyond(room.axes, value)
        if away or not whisker:
            room.axes.plot([x], [end], marker=_arrow(value, end) if away else "_", zorder=4,
                           color=look.colour, markersize=5, gid="range-end")  # fmt: skip
    room.block(x, ends[0], ends[1], 2.0)


def _arrow(value: float, end: float) -> str:
    return "^" if value > end else "v"


def _draw_dot(room: Room, row: Mapping[str, Any], look: Look) -> None:
    value = row["value"]
    if not np.isfinite(value):
        return
    x, y = row["position"], inside(room.axes, value)
    away = beyond(room.axes, value)
    room.axes.plot(
        [x],
        [y],
        marker=_arrow(value, y) if away else look.marker,
        markersize=SIZES[row["series"]],
        color=look.colour,
        markerfacecolor=look.colour if look.filled or away else PAPER,
        markeredgewidth=1.1,
        linestyle="none",
        zorder=5,
        gid=row["series"],
    )
    room.block(x, y, y, 3.4)


def _draw_corrected(room: Room, row: Mapping[str, Any], look: Look) -> None:
    """Draw, hollow, what a measurement says without its source's bias, joined to its dot."""
    value, corrected = row["value"], row.get("corrected", np.nan)
    if not np.isfinite([value, corrected]).all():
        return
    x, ends = row["position"], [inside(room.axes, value), inside(room.axes, corrected)]
    room.axes.plot([x, x], ends, color=look.colour, linewidth=0.9, linestyle=(0, (1, 1.2)),
                   zorder=4, gid="bias")  # fmt: skip
    room.axes.plot([x], [ends[1]], marker=look.marker, markersize=SIZES["observation"],
                   color=look.colour, markerfacecolor=PAPER, markeredgewidth=0.9,
                   linestyle="none", zorder=4.5, gid="corrected")  # fmt: skip
    room.block(x, min(ends), max(ends), 3.0)


def _join_measured(axes: Axes, table: pd.DataFrame) -> None:
    """Join the dots of a source that measured one thing once a year."""
    rows = table[(table["series"] == "observation") & np.isfinite(table["value"])]
    for _, run in rows.groupby(["source", "label"], sort=False):
        run = run.sort_values("position")
        if len(run) > 1 and run["position"].is_unique:
            heights = [inside(axes, value) for value in run["value"]]
            axes.plot(
                run["position"],
                heights,
                color=INK,
                linewidth=0.7,
                zorder=4,
                gid="history",
            )


def _tags(
    room: Room, styled: Iterable[tuple[Mapping[str, Any], Look]]
) -> Iterable[tuple[str, float, float, str]]:
    """Yield the small labels: one for each measuring source, one for each projection."""
    named: set[str] = set()
    for row, look in styled:
        heights = [row[name] for name in ("value", "low", "high") if np.isfinite(row[name])]
        away = [value for value in heights if beyond(room.axes, value)]
        repeated = row["series"] == "observation" and row["key"] in named
        if away or not repeated:
            named.add(row["key"])
            anchor = away[-1] if away else heights[0] if np.isfinite(row["value"]) else heights[-1]
            numbers = " to ".join(room.scale.full(value) for value in away)
            text = f"{row['key']} {numbers}".rstrip()
            yield (
                text,
                row["position"],
                inside(room.axes, anchor),
                text_tone(look.colour),
            )


def _draw_tag(room: Room, text: str, x: float, y: float, colour: str) -> None:
    size = (text_width(text, TAG) * 72 + 1.0, TAG * 1.1)
    frame = room.axes.get_window_extent()
    scale = 72 / DPI
    bounds = Bbox.from_extents(*(edge * scale for edge in frame.extents))
    spot = free_spot(room.points(x, y), size, room.taken, bounds)
    room.taken.append(spot)
    centre = ((spot.x0 + spot.x1) / 2 / scale, (spot.y0 + spot.y1) / 2 / scale)
    place = room.axes.transData.inverted().transform(centre)
    room.axes.text(
        place[0],
        place[1],
        text,
        fontsize=TAG,
        color=colour,
        ha="center",
        va="center_baseline",
        zorder=6,
        gid="tag",
        bbox=ground(0.7, 0.4),
    )
