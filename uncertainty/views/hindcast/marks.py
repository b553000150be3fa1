"""The marks of a hindcast: fan, observations known and later, intervals, projections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from uncertainty.views.drawing.key_marks import DASHES
from uncertainty.views.drawing.looks import MARKERS
from uncertainty.views.drawing.page import Entry
from uncertainty.views.drawing.select import records
from uncertainty.views.drawing.style import BLACK, BLUE, GREEN, PAPER, VERMILION, mark_tone
from uncertainty.views.hindcast.table import (
    FAN,
    KNOWN,
    LATER,
    PREDICTION,
    PROJECTION,
    WALK,
    Hindcast,
)

OPACITY = (0.2, 0.34)
SIZE = 5.6
COLOURS = {PREDICTION: mark_tone(BLUE), WALK: mark_tone(VERMILION), PROJECTION: mark_tone(GREEN)}
STYLES: Mapping[str, Any] = {PREDICTION: "-", WALK: DASHES, PROJECTION: DASHES}


def markers(found: Hindcast) -> dict[str, str]:
    """Return the marker of each source of observations."""
    rows = found.table[found.table["series"].isin([KNOWN, LATER])]
    sources = dict.fromkeys(rows["source"])
    return {source: MARKERS[i % len(MARKERS)] for i, source in enumerate(sources)}


def draw_fan(axes: Axes, found: Hindcast) -> None:
    """Draw bands and median from the year fitted to."""
    wide = found.rows(FAN).pivot(index="year", columns="quantile", values="value").sort_index()
    years = wide.index.to_numpy(dtype=float)
    for opacity, (low, high) in zip(OPACITY, found.bands.pairs, strict=False):
        axes.fill_between(years, wide[low].to_numpy(), wide[high].to_numpy(), color=BLUE,
                          alpha=opacity, linewidth=0, zorder=1, gid="band")  # fmt: skip
    if found.bands.median is not None:
        axes.plot(years, wide[found.bands.median].to_numpy(), color=BLUE, linewidth=1.3, zorder=2,
                  gid="median")  # fmt: skip


def draw_marks(axes: Axes, found: Hindcast) -> None:
    """Draw all that is no band."""
    for series in (PREDICTION, WALK, PROJECTION):
        for row in records(found.rows(series)):
            _draw_interval(axes, row, series)
    for row in records(found.rows(PROJECTION)):
        if np.isfinite(row["value"]):
            _draw_point(axes, row, "D", COLOURS[PROJECTION], PAPER, PROJECTION)
    looks = markers(found)
    for series, face in ((KNOWN, BLACK), (LATER, PAPER)):
        for row in records(found.rows(series)):
            _draw_point(axes, row, looks[row["source"]], BLACK, face, series)


def _draw_point(
    axes: Axes, row: Mapping[str, Any], marker: str, colour: str, face: str, gid: str
) -> None:
    y = _inside(axes, row["value"])
    beyond = y != row["value"]
    axes.plot([row["position"]], [y], marker="^" if beyond else marker, markersize=SIZE,
              color=colour, markerfacecolor=face, markeredgewidth=1.2, linestyle="none",
              zorder=5, gid=gid)  # fmt: skip


def _draw_interval(axes: Axes, row: Mapping[str, Any], series: str) -> None:
    """Draw a bar between low and high; an arrowhead at an end that the axis cuts."""
    if not np.isfinite([row["low"], row["high"]]).all():
        return
    x, colour = row["position"], COLOURS[series]
    ends = [_inside(axes, row["low"]), _inside(axes, row["high"])]
    axes.plot([x, x], ends, color=colour, linewidth=1.3, linestyle=STYLES[series], zorder=3,
              gid=series)  # fmt: skip
    for value, end, arrow in zip((row["low"], row["high"]), ends, "v^", strict=True):
        axes.plot([x], [end], marker="_" if end == value else arrow, markersize=5, color=colour,
                  linestyle="none", zorder=3, gid=f"{series}-end")  # fmt: skip


def _inside(axes: Axes, value: float) -> float:
    """Return the value, or the place just inside the edge that it lies beyond."""
    low, high = axes.get_ylim()
    edge = 0.018 * (high - low)
    return min(max(value, low + edge), high - edge) if value < low or value > high else value


def entries(found: Hindcast) -> tuple[list[Entry], list[Entry]]:
    """Return the key: sources of observations, and what was said beforehand."""
    looks, seen = markers(found), found.table[found.table["series"].isin([KNOWN, LATER])]
    own = [Entry(f"Observed; filled: up to {found.fit_to}, open: later, not fitted")]
    for source, marker in looks.items():
        rows = seen[seen["source"] == source]
        labels = ", ".join(dict.fromkeys(str(label) for label in rows["label"]))
        filled = bool((rows["series"] == KNOWN).any())
        own.append(Entry(labels or source or "source not named", marker, BLACK, filled))
    said = [
        Entry("Said of the later ones"),
        Entry("this fit: 90% interval of the observation", "_", COLOURS[PREDICTION], True,
              ("range",)),
    ]  # fmt: skip
    if len(found.rows(WALK)):
        said.append(Entry("random walk with drift: 90% interval", "_", COLOURS[WALK], False,
                          ("range",)))  # fmt: skip
    named = found.rows(PROJECTION)
    for label, rows in named.groupby("label", sort=False):
        dates = ", ".join(dict.fromkeys(rows["published"]))
        ranged, pointed = rows["low"].notna().any(), rows["value"].notna().any()
        shape = "point on range" if ranged and pointed else "range" if ranged else "point"
        said.append(Entry(f"{label}, published {dates}", "D", COLOURS[PROJECTION], False, (shape,)))
    return own, said
