"""Horizontal ranges: the bands of a scalar outcome, or one range a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from uncertainty.views.bands import BAND_OPACITY, percent
from uncertainty.views.fan_table import FanTable
from uncertainty.views.key_marks import BAR, DASHES, THIN
from uncertainty.views.limits import value_limits
from uncertainty.views.observed import ERROR
from uncertainty.views.page import MARGIN, WIDTH, in_columns, open_page, pitch
from uncertainty.views.place import spread, text_width, wrap
from uncertainty.views.points import SIZES, TAG
from uncertainty.views.select import records, words
from uncertainty.views.sources import Look, entries, looks
from uncertainty.views.style import (
    BLUE,
    COUNTERFACTUAL,
    GRID,
    INK,
    MUTED,
    PAPER,
    mark_tone,
    text_tone,
)

THICK = (0.12, 0.3)  # heights of the outer and the inner bar, inches
NAMES, LABEL = 1.9, 8.0
LANE = 0.2  # inches for each dot below a range


def draw_range_rows(fan: FanTable) -> Figure:
    """Draw a `FanTable` without a numeric dim; one row a name, dots in lanes below it."""
    rows = [fan.panel_rows(panel) for panel in fan.panels]
    names = [wrap(words(panel), NAMES, LABEL) if panel else () for panel in fan.panels]
    heights = [_height(part, lines) for part, lines in zip(rows, names, strict=True)]
    room = sum(heights) + 0.45
    key = in_columns(entries(fan.table))
    page = open_page(
        fan.title,
        fan.subtitle,
        fan.notes,
        room=room,
        spoken=fan.spoken(),
        key=key,
    )
    left = MARGIN + (NAMES + 0.15 if any(names) else 0.1)
    axes = page.axes(left, 0.4, WIDTH - MARGIN - left - 0.25, sum(heights))
    _dress(axes, fan, sum(heights))
    top = sum(heights)
    for part, lines, height in zip(rows, names, heights, strict=True):
        _draw_range(axes, part, fan, top - 0.45)
        _draw_name(axes, lines, top - 0.45)
        _draw_lanes(axes, part, fan, top - 0.78)
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
    axes.spines[["top", "right", "left"]].set_visible(False)
    found = MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(low, high)
    ticks = [float(tick) for tick in found if low <= tick <= high]
    step = float(found[1] - found[0])
    axes.set_xticks(ticks, [fan.scale.tick(tick, step) for tick in ticks])
    axes.tick_params(axis="x", length=3, width=0.7)
    axes.grid(axis="x", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.patch.set_alpha(0)
    if fan.scale.suffix:
        axes.set_xlabel(fan.scale.suffix, fontsize=LABEL, color=MUTED, labelpad=1)
    if low < 0 < high:
        axes.axvline(0, color=INK, linewidth=0.9, zorder=2)


def _limits(fan: FanTable) -> tuple[float, float]:
    """Return limits with zero among them; calendar years have no zero worth showing."""
    if not fan.scale.calendar:
        return value_limits(fan.table)
    values = fan.table[["value", "low", "high"]].to_numpy().ravel()
    values = values[np.isfinite(values)]
    return float(values.min()) - 1.0, float(values.max()) + 1.0


def _draw_range(axes: Axes, rows: pd.DataFrame, fan: FanTable, y: float) -> None:
    quantiles = rows[rows["series"] == "quantile"].set_index("quantile")["value"]
    for (low, high), opacity, thick in zip(fan.bands.pairs, BAND_OPACITY, THICK, strict=False):
        if {low, high} <= set(quantiles.index):
            left, right = np.clip([quantiles[low], quantiles[high]], *axes.get_xlim())
            axes.barh(y, right - left, thick, left, color=BLUE, alpha=opacity, linewidth=0)
    for value in quantiles[np.isinf(quantiles)]:
        place, marker = np.clip(value, *axes.get_xlim()), ">" if value > 0 else "<"
        axes.plot(
            [place],
            [y],
            marker,
            color=BLUE,
            markersize=6,
            clip_on=False,
            gid="open-end",
        )
    for middle in quantiles[np.isclose(quantiles.index, 0.5)]:
        axes.plot([middle] * 2, [y - 0.19, y + 0.19], color=BLUE, linewidth=1.6, zorder=3)
    for value in rows.loc[rows["series"] == "counterfactual", "value"]:
        axes.plot(
            [value] * 2,
            [y - 0.19, y + 0.19],
            color=mark_tone(COUNTERFACTUAL),
            linewidth=1.4,
            linestyle=(0, (2, 1)),
            zorder=3,
        )
    _draw_numbers(axes, rows, fan, y)


def _draw_numbers(axes: Axes, rows: pd.DataFrame, fan: FanTable, y: float) -> None:
    """Write each quantile above its place, moved sideways where two would touch."""
    shown = rows[rows["series"].isin(["quantile", "counterfactual"])].sort_values("value")
    texts = [_number(row, fan) for row in records(shown)]
    low, high = axes.get_xlim()
    inches = axes.get_position().width * WIDTH
    widths = [text_width(text, LABEL, weight) + 0.12 for text, weight, _ in texts]
    held = np.clip(shown["value"].to_numpy(), low, high)
    centres = spread((held - low) / (high - low) * inches, widths, -0.2, inches + 0.2)
    places = zip(texts, centres, held, strict=True)
    for (text, weight, colour), centre, value in places:
        x = low + centre / inches * (high - low)
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
    return (
        f"{percent(float(str(row['quantile'])))}  {fan.scale.text(value)}",
        "normal",
        text_tone(BLUE),
    )


def _draw_name(axes: Axes, lines: tuple[str, ...], y: float) -> None:
    for place, line in enumerate(lines):
        axes.annotate(
            line,
            (0, y),
            xycoords=("axes fraction", "data"),
            xytext=(
                -8,
                -place * 72 * pitch(LABEL) + (len(lines) - 1) * 36 * pitch(LABEL),
            ),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=LABEL,
        )


def _draw_lanes(axes: Axes, rows: pd.DataFrame, fan: FanTable, y: float) -> None:
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


def _draw_mark(axes: Axes, value: float, y: float, marker: str, look: Look, size: float) -> None:
    """Draw a mark at a value, or an arrowhead at the edge that the value lies beyond."""
    low, high = axes.get_xlim()
    away = not low <= value <= high
    axes.plot(
        [np.clip(value, low, high)],
        [y],
        marker=(">" if value > high else "<") if away else marker,
        markersize=size,
        color=look.colour,
        markerfacecolor=look.colour if look.filled or away else PAPER,
        linestyle="none",
        clip_on=False,
        zorder=4,
        gid="mark",
    )


def _draw_tag(axes: Axes, row: Mapping[str, Any], fan: FanTable, colour: str, y: float) -> None:
    """Name a row on the side of its marks that has room, else across its line."""
    year = row.get("year")
    dated = f", {year:g}" if isinstance(year, int | float) and np.isfinite(year) else ""
    text = f"{row['key']}  {' to '.join(fan.scale.text(v) for v in _numbers(row))}{dated}"
    (low, high), width = axes.get_xlim(), axes.get_position().width * WIDTH
    left, right = np.clip([min(_numbers(row)), max(_numbers(row))], low, high)
    need = (text_width(text, TAG) + 0.15) * (high - low) / width
    side = "left" if right + need < high else "right" if left - need > low else "center"
    anchor = {"left": right, "right": left, "center": (left + right) / 2}[side]
    axes.annotate(
        text,
        (anchor, y),
        xytext=({"left": 8, "right": -8, "center": 0}[side], 0),
        textcoords="offset points",
        ha=side,
        va="center_baseline",
        fontsize=TAG,
        color=colour,
        gid="tag",
        zorder=6,
        bbox={"facecolor": PAPER, "alpha": 0.9, "edgecolor": "none", "pad": 1.0},
    )
