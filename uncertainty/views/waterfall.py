"""The waterfall: which steps lead from one number to another, each with its own interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.page import MARGIN, WIDTH, Entry, in_lines, open_page, pitch
from uncertainty.views.place import text_width, wrap
from uncertainty.views.select import records
from uncertainty.views.style import (
    BLUE,
    GRID,
    INK,
    MUTED,
    ORANGE,
    SLATE,
    mark_tone,
    styled,
    tinted,
)
from uncertainty.views.ticks import fitted_ticks, tick_texts
from uncertainty.views.waterfall_table import WaterfallTable, waterfall_table

NAMES = 2.3  # most inches for the labels
LABEL, SMALL = 8.4, 7.8
BAR, CAP = 0.19, 0.09  # heights of a bar and of the ends of a whisker, inches
GAP = 0.2  # inches between the axes and each column of numbers
MORE, LESS, WHOLE = mark_tone(ORANGE), BLUE, tinted(SLATE, 0.4)
KEY = [
    Entry("more (+)", "s", MORE),
    Entry("less (−)", "s", LESS),
    Entry("start and end", "s", WHOLE),
]
HEADS = {"mean": "mean", "range": "90% interval"}


@dataclass(frozen=True)
class Line:
    """One bar with its label, its two numbers and its middle, in inches above the axis."""

    row: Mapping[str, Any]
    words: tuple[str, ...]
    numbers: Mapping[str, str]
    height: float
    y: float

    @property
    def colour(self) -> str:
        """Colour of the bar."""
        if self.row["kind"] != "step":
            return WHOLE
        return MORE if self.row["mean"] >= 0 else LESS


def waterfall_chart(
    result: xr.DataTree,
    steps: str | Sequence[str],
    *,
    total: str,
    start: str | None = None,
    at: Mapping[str, Any],
) -> tuple[Figure, pd.DataFrame]:
    """Draw the steps that lead from one number to another.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/moments` and `/intervals` with the quantiles 0.05 and 0.95.
    steps : str or sequence of str
        An outcome with exactly one dim beside those of `at`, whose coordinates are the steps; or
        several outcomes, one a step.
    total : str
        The outcome that the steps lead to, at `at`.
    start : str, optional
        The outcome they begin with, at `at`; without it `total` at the first coordinate of year
        (or of the only dim of `at`).
    at : mapping
        Exact coordinates, such as ``{"year": 2035}``.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a bar, from the top: step (outcome or coordinate), label, kind (start, step, end),
        from, to, mean, low, high (central 90% interval), mcse (of the mean; NaN where not
        stored), unit.

    Raises
    ------
    ResultError
        When the result lacks what is asked for, units differ, or start and steps do not add up to
        the total (to 1e-6 of the largest bar).
    """
    waterfall = waterfall_table(result, steps, total, start, at)
    with styled():
        return _draw(waterfall), waterfall.table


def _draw(waterfall: WaterfallTable) -> Figure:
    lines = _lines(waterfall)
    tall = sum(line.height for line in lines)
    widths = _column_widths(lines)
    names = max(text_width(text, LABEL, _weight(line.row)) for line in lines for text in line.words)
    left = MARGIN + names + 0.12
    width = WIDTH - MARGIN - left - sum(widths.values()) - GAP * len(widths)
    unit = wrap(waterfall.scale.suffix, width + GAP, SMALL) if waterfall.scale.suffix else ()
    below = 0.25 + len(unit) * pitch(SMALL)
    page = open_page(waterfall.title, waterfall.subtitle, waterfall.notes,
                     room=tall + below + 0.3, spoken=waterfall.spoken(), key=in_lines(KEY),
                     )  # fmt: skip
    axes = page.axes(left, below, width, tall)
    _dress(axes, waterfall, (width, tall), unit)
    _draw_heads(axes, widths, tall)
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        _draw_bar(axes, line)
        _draw_words(axes, line, widths)
        if following:
            ends = [line.y - BAR / 2, following.y + BAR / 2]
            axes.plot([line.row["to"]] * 2, ends, color=MUTED, linewidth=0.7, gid="link")
    return page.figure


def _lines(waterfall: WaterfallTable) -> list[Line]:
    rows = records(waterfall.table)
    words = [wrap(row["label"], NAMES, LABEL, _weight(row)) for row in rows]
    heights = [max(0.34, len(part) * pitch(LABEL) + 0.12) for part in words]
    tops = np.cumsum(heights[::-1])[::-1]
    return [
        Line(row, part, {"mean": waterfall.mean_text(row), "range": waterfall.range_text(row)},
             height, float(top) - height / 2)
        for row, part, height, top in zip(rows, words, heights, tops, strict=True)
    ]  # fmt: skip


def _weight(row: Mapping[str, Any]) -> str:
    return "normal" if row["kind"] == "step" else "bold"


def _column_widths(lines: Sequence[Line]) -> dict[str, float]:
    """Return the width of each column of numbers, in inches."""
    return {
        name: max(text_width(text, LABEL, "bold") for text in
                  [head, *(line.numbers[name] for line in lines)])
        for name, head in HEADS.items()
    }  # fmt: skip


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """Return limits that hold zero, every bar and every whisker."""
    whiskers = table[["low", "high"]].add(table["from"], axis=0)
    numbers = [0.0, *table[["from", "to"]].to_numpy().ravel(), *whiskers.to_numpy().ravel()]
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1.0
    return low - 0.03 * span * (low < 0), high + 0.03 * span


def _dress(
    axes: Axes, waterfall: WaterfallTable, size: tuple[float, float], unit: Sequence[str]
) -> None:
    limits = _limits(waterfall.table)
    axes.set_xlim(*limits)
    axes.set_ylim(0.0, size[1])
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.set_yticks([])
    ticks = fitted_ticks(limits, waterfall.scale, size[0])
    axes.set_xticks(ticks, tick_texts(ticks, waterfall.scale))
    axes.tick_params(axis="x", length=0, pad=3)
    axes.grid(axis="x", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.patch.set_alpha(0)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=2)
    axes.set_xlabel("\n".join(unit), fontsize=SMALL, color=MUTED, labelpad=1)


def _draw_bar(axes: Axes, line: Line) -> None:
    """Draw a bar and, about where it ends, the interval of its own change."""
    row, y = line.row, line.y
    axes.barh(y, row["to"] - row["from"], BAR, row["from"], color=line.colour, linewidth=0,
              zorder=3, gid=row["kind"])  # fmt: skip
    axes.plot([row["to"]] * 2, [y - BAR / 2, y + BAR / 2], color=line.colour, linewidth=1.0,
              zorder=3, solid_capstyle="butt")  # fmt: skip
    ends = [row["from"] + row["low"], row["from"] + row["high"]]
    axes.plot(ends, [y, y], color=INK, linewidth=0.9, zorder=4, gid="whisker")
    for end in ends:
        axes.plot([end] * 2, [y - CAP / 2, y + CAP / 2], color=INK, linewidth=0.9, zorder=4)


def _draw_words(axes: Axes, line: Line, widths: Mapping[str, float]) -> None:
    weight = _weight(line.row)
    for place, text in enumerate(line.words):
        y = line.y + ((len(line.words) - 1) / 2 - place) * pitch(LABEL)
        _beside(axes, text, (0, y), -9.0, INK, weight)
    for name, across in _across(widths).items():
        bold = "bold" if name == "mean" else weight
        _beside(axes, line.numbers[name], (1, line.y), across, INK, bold)


def _draw_heads(axes: Axes, widths: Mapping[str, float], tall: float) -> None:
    for name, across in _across(widths).items():
        _beside(axes, HEADS[name], (1, tall + 0.1), across, MUTED, "normal")


def _across(widths: Mapping[str, float]) -> dict[str, float]:
    """Return how far right of the axes each column ends, in points."""
    ends = np.cumsum([GAP + width for width in widths.values()]) * 72
    return dict(zip(widths, ends.tolist(), strict=True))


def _beside(
    axes: Axes, text: str, place: tuple[float, float], points: float, colour: str, weight: str
) -> None:
    """Write right-aligned text beside the axes, `points` from their left (0) or right (1) edge."""
    axes.annotate(text, place, xycoords=("axes fraction", "data"), xytext=(points, 0),
                  textcoords="offset points", ha="right", va="center_baseline", fontsize=LABEL,
                  color=colour, weight=weight, annotation_clip=False,
                  gid="name" if points < 0 else "number")  # fmt: skip
