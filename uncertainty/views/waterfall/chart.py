"""The waterfall: which steps lead from one number to another, each with its own interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing.limits import zero_limits
from uncertainty.views.drawing.page import MARGIN, WIDTH, Entry, in_lines, open_page, pitch
from uncertainty.views.drawing.place import widest, wrap
from uncertainty.views.drawing.select import records
from uncertainty.views.drawing.style import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    SLATE,
    mark_tone,
    styled,
    tinted,
)
from uncertainty.views.drawing.ticks import fitted_ticks, tick_texts
from uncertainty.views.rows.frame import AWAY, GAP, NAME, Name, draw_name, draw_number, dress_rows
from uncertainty.views.waterfall.table import WaterfallTable, waterfall_table

NAMES = 2.3  # most inches for the labels
SMALL = 7.8  # size of the unit, points
BAR, CAP = 0.19, 0.09  # heights of a bar and of the ends of a whisker, inches
APART = 0.2  # inches between the axes and each column of numbers
MORE, LESS, WHOLE = mark_tone(ORANGE), BLUE, tinted(SLATE, 0.4)
KEY = [
    Entry("more (+)", "s", MORE),
    Entry("less (−)", "s", LESS),
    Entry("start and end", "s", WHOLE),
]
HEADS = {"mean": "mean", "range": "90% interval"}


@dataclass(frozen=True)
class Line:
    """One bar with its name, its two numbers and its middle, in inches above the axis."""

    row: Mapping[str, Any]
    name: Name
    numbers: Mapping[str, str]
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
    lines, tall = _lines(waterfall)
    widths = _widths(lines)
    columns = _edges(widths)
    left = MARGIN + max(widest(line.name.lines, NAME, line.name.weight) for line in lines) + GAP
    width = WIDTH - MARGIN - left - sum(widths.values()) - APART * len(widths)
    unit = wrap(waterfall.scale.suffix, width + APART, SMALL) if waterfall.scale.suffix else ()
    below = 0.25 + len(unit) * pitch(SMALL)
    page = open_page(waterfall.title, waterfall.subtitle, waterfall.notes,
                     room=tall + below + 0.3, spoken=waterfall.spoken(), key=in_lines(KEY),
                     )  # fmt: skip
    axes = page.axes(left, below, width, tall)
    _dress(axes, waterfall, (width, tall), unit)
    for name, edge in columns.items():
        draw_number(axes, tall + 0.1, HEADS[name], edge, colour=MUTED)
    for line, following in zip_longest(lines, lines[1:]):
        _draw_bar(axes, line)
        _draw_words(axes, line, columns)
        if following:
            _draw_link(axes, line, following)
    return page.figure


def _lines(waterfall: WaterfallTable) -> tuple[list[Line], float]:
    """Return the lines and the height of all, in inches."""
    rows = records(waterfall.table)
    weights = ["normal" if row["kind"] == "step" else "bold" for row in rows]
    names = [Name(wrap(row["label"], NAMES, NAME, weight), weight=weight)
             for row, weight in zip(rows, weights, strict=True)]  # fmt: skip
    heights = [max(0.34, name.height + 0.12) for name in names]
    tops = np.cumsum(heights[::-1])[::-1]
    lines = [
        Line(row, name, {"mean": waterfall.mean_text(row), "range": waterfall.range_text(row)},
             float(top) - height / 2)
        for row, name, height, top in zip(rows, names, heights, tops, strict=True)
    ]  # fmt: skip
    return lines, sum(heights)


def _widths(lines: Sequence[Line]) -> dict[str, float]:
    """Return the width of each column of numbers, in inches."""
    return {
        name: widest([head, *(line.numbers[name] for line in lines)], NAME, "bold")
        for name, head in HEADS.items()
    }


def _edges(widths: Mapping[str, float]) -> dict[str, float]:
    """Return the right edge of each column, in inches from the axes."""
    edges = np.cumsum([APART + width for width in widths.values()])
    return dict(zip(widths, edges.tolist(), strict=True))


def _dress(
    axes: Axes, waterfall: WaterfallTable, size: tuple[float, float], unit: Sequence[str]
) -> None:
    limits = _limits(waterfall.table)
    dress_rows(axes, limits, size[1])
    ticks = fitted_ticks(limits, waterfall.scale, size[0])
    axes.set_xticks(ticks, tick_texts(ticks, waterfall.scale))
    axes.axvline(0, color=INK, linewidth=0.9, zorder=2)
    axes.set_xlabel("\n".join(unit), fontsize=SMALL, color=MUTED, labelpad=1)


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """Return limits that hold zero, every bar and every whisker."""
    whiskers = table[["low", "high"]].add(table["from"], axis=0)
    return zero_limits([*table[["from", "to"]].to_numpy().ravel(), *whiskers.to_numpy().ravel()])


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


def _draw_words(axes: Axes, line: Line, columns: Mapping[str, float]) -> None:
    draw_name(axes, line.name, line.y, AWAY)
    for name, edge in columns.items():
        weight = "bold" if name == "mean" else line.name.weight
        draw_number(axes, line.y, line.numbers[name], edge, weight=weight)


def _draw_link(axes: Axes, line: Line, following: Line) -> None:
    """Join a bar to the next, where it ends."""
    ends = [line.y - BAR / 2, following.y + BAR / 2]
    axes.plot([line.row["to"]] * 2, ends, color=MUTED, linewidth=0.7, gid="link")
