"""Horizontal ranges: the bands of a scalar outcome, or one range a name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing.axes import draw_grid, side_by_side
from uncertainty.views.drawing.ends import LABEL
from uncertainty.views.drawing.limits import zero_limits
from uncertainty.views.drawing.page import MARGIN, WIDTH, in_columns, open_page, pitch
from uncertainty.views.drawing.place import text_width, wrap
from uncertainty.views.drawing.select import records, words
from uncertainty.views.drawing.shares import percent
from uncertainty.views.drawing.style import (
    BLUE,
    COUNTERFACTUAL,
    INK,
    MUTED,
    mark_tone,
    text_tone,
)
from uncertainty.views.drawing.ticks import round_ticks, tick_texts
from uncertainty.views.fan.bands import BAND_OPACITY
from uncertainty.views.fan.lanes import LANE, draw_lanes
from uncertainty.views.fan.limits import value_limits
from uncertainty.views.fan.points import SIZES
from uncertainty.views.fan.sources import entries
from uncertainty.views.fan.table import FanTable

THICK = (0.12, 0.3)  # heights of the outer and the inner bar, inches
UPRIGHT = 0.19  # half the height of a line at a median, inches
NAMES = 1.9  # inches


def draw_range_rows(fan: FanTable) -> Figure:
    """Draw a `FanTable` without a numeric dim; one row a name, dots in lanes below it."""
    rows = [fan.panel_rows(panel) for panel in fan.panels]
    names = [wrap(words(panel), NAMES, LABEL) if panel else () for panel in fan.panels]
    heights = [_height(part, lines) for part, lines in zip(rows, names, strict=True)]
    top = tall = sum(heights)
    page = open_page(fan.title, fan.subtitle, fan.notes, room=tall + 0.45, spoken=fan.spoken(),
                     key=in_columns(entries(fan.table)))  # fmt: skip
    left = MARGIN + (NAMES + 0.15 if any(names) else 0.1)
    axes = page.axes(left, 0.4, WIDTH - MARGIN - left - 0.25, tall)
    _dress(axes, fan, tall)
    for part, lines, height in zip(rows, names, heights, strict=True):
        _draw_range(axes, part, fan, top - 0.45)
        _draw_name(axes, lines, top - 0.45)
        draw_lanes(axes, part, fan, top - 0.78)
        top -= height
    return page.figure


def _height(rows: pd.DataFrame, lines: tuple[str, ...]) -> float:
    dots = int(rows["series"].isin(SIZES).sum())
    return max(0.8 + LANE * dots, len(lines) * pitch(LABEL) + 0.2)


def _dress(axes: Axes, fan: FanTable, height: float) -> None:
    low, high = _limits(fan)
    axes.set_xlim(low, high)
    axes.set_ylim(0, height)
    axes.set_yticks([])
    draw_grid(axes, "x", ("bottom",))
    ticks = round_ticks((low, high), 6)
    axes.set_xticks(ticks, tick_texts(ticks, fan.scale))
    axes.tick_params(axis="x", length=3, width=0.7)
    if fan.scale.suffix:
        axes.set_xlabel(fan.scale.suffix, fontsize=LABEL, color=MUTED, labelpad=1)
    if low < 0 < high:
        axes.axvline(0, color=INK, linewidth=0.9, zorder=2)


def _limits(fan: FanTable) -> tuple[float, float]:
    """Return limits with zero among them; calendar years have no zero worth showing."""
    if not fan.scale.calendar:
        return value_limits(fan.table)
    return zero_limits(fan.table[["value", "low", "high"]].to_numpy().ravel(), fan.scale)


def _draw_range(axes: Axes, rows: pd.DataFrame, fan: FanTable, y: float) -> None:
    quantiles = rows[rows["series"] == "quantile"].set_index("quantile")["value"]
    for (low, high), opacity, thick in zip(fan.bands.pairs, BAND_OPACITY, THICK, strict=False):
        if {low, high} <= set(quantiles.index):
            left, right = np.clip([quantiles[low], quantiles[high]], *axes.get_xlim())
            axes.barh(y, right - left, thick, left, color=BLUE, alpha=opacity, linewidth=0)
    for value in quantiles[np.isinf(quantiles)]:
        _draw_open_end(axes, value, y)
    for middle in quantiles[np.isclose(quantiles.index, 0.5)]:
        _draw_upright(axes, middle, y, color=BLUE, linewidth=1.6)
    for value in rows.loc[rows["series"] == "counterfactual", "value"]:
        _draw_upright(axes, value, y, color=mark_tone(COUNTERFACTUAL), linewidth=1.4,
                      linestyle=(0, (2, 1)))  # fmt: skip
    _draw_numbers(axes, rows, fan, y)


def _draw_open_end(axes: Axes, value: float, y: float) -> None:
    """Draw an arrowhead at the edge for a quantile that is infinite."""
    place, marker = np.clip(value, *axes.get_xlim()), ">" if value > 0 else "<"
    axes.plot([place], [y], marker, color=BLUE, markersize=6, clip_on=False, gid="open-end")


def _draw_upright(axes: Axes, value: float, y: float, **look: Any) -> None:
    axes.plot([value] * 2, [y - UPRIGHT, y + UPRIGHT], zorder=3, **look)


def _draw_numbers(axes: Axes, rows: pd.DataFrame, fan: FanTable, y: float) -> None:
    """Write each quantile above its place, moved sideways where two would touch."""
    shown = rows[rows["series"].isin(["quantile", "counterfactual"])].sort_values("value")
    texts = [_number(row, fan) for row in records(shown)]
    widths = [text_width(text, LABEL, weight) + 0.12 for text, weight, _ in texts]
    held = np.clip(shown["value"].to_numpy(), *axes.get_xlim())
    places = zip(texts, side_by_side(axes, held, widths, 0.2), held, strict=True)
    for (text, weight, colour), x, value in places:
        axes.plot([value, x], [y + 0.17, y + 0.25], color=colour, alpha=0.5, linewidth=0.6)
        axes.text(x, y + 0.27, text, fontsize=LABEL, weight=weight, color=colour, ha="center",
                  gid="end-label", zorder=6)  # fmt: skip


def _number(row: dict[str, object], fan: FanTable) -> tuple[str, str, str]:
    value = float(str(row["value"]))
    if row["series"] == "counterfactual":
        text = f"{words(row['outcome'])}, median {fan.scale.text(value)}"
        return text, "normal", text_tone(COUNTERFACTUAL)
    if row["quantile"] == fan.bands.median:
        return f"median {fan.scale.full(value)}", "bold", text_tone(BLUE)
    text = f"{percent(float(str(row['quantile'])))}  {fan.scale.text(value)}"
    return text, "normal", text_tone(BLUE)


def _draw_name(axes: Axes, lines: tuple[str, ...], y: float) -> None:
    for place, line in enumerate(lines):
        up = -place * 72 * pitch(LABEL) + (len(lines) - 1) * 36 * pitch(LABEL)
        axes.annotate(line, (0, y), xycoords=("axes fraction", "data"), xytext=(-8, up),
                      textcoords="offset points", ha="right", va="center",
                      fontsize=LABEL)  # fmt: skip
