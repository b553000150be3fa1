"""The check of a fit: each row beside the interval that is predicted for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.check import words
from uncertainty.views.check.histogram import ROOM, draw_histogram, enough
from uncertainty.views.check.table import OUTSIDE, Check, check_of, column
from uncertainty.views.drawing.fitted import on_convergence
from uncertainty.views.drawing.limits import zero_limits
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.page import Entry, in_lines, open_page
from uncertainty.views.drawing.style import BLACK, BLUE, PAPER, VERMILION, mark_tone, styled, tinted
from uncertainty.views.rows.block import Block, Column, Line, draw_block, plain_ticks
from uncertainty.views.rows.frame import Name

NAMES, TAG = 2.75, 0.45  # inches: names, of which years take
ALIKE = 0.6  # the smallest value over the largest: above it the axis does not begin at zero
GAP = 0.08  # inches between blocks
THICK, PALE = (0.07, 0.14), (0.7, 0.4)  # of the outer and the inner bar: inches, white in it


def check_chart(result: xr.DataTree) -> tuple[Figure, pd.DataFrame]:
    """Draw each fitted row beside what the fit predicts for it.

    Rows stand by outcome and kind, each group by year on an axis of its own; a row outside its
    widest interval has another mark, and the word. With twenty rows or more, a histogram says
    where within the predictions the rows lie.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/calibration/check`; uses `/observed_data`.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row an observation; see `uncertainty.views.check.table.check_of`.

    Raises
    ------
    ResultError
        When the result holds no check.
    """
    found = check_of(result)
    with styled():
        return _draw(result, found), found.table


def _draw(result: xr.DataTree, found: Check) -> Figure:
    blocks = [_block(result, rows, found) for rows in found.groups]
    below = ROOM if enough(found.pit) else 0.0
    page = open_page(
        words.title(found),
        words.subtitle(result, found),
        [*on_convergence(result), *words.notes(found)],
        room=sum(block.height + GAP for block in blocks) + below,
        spoken=words.spoken(found),
        key=in_lines([
            Entry("published, inside", "o", BLACK),
            *([Entry("published, outside", "D", mark_tone(VERMILION), filled=False)]
              if (found.table["verdict"] == OUTSIDE).any() else []),
        ]),
    )  # fmt: skip
    top = page.height
    for block in blocks:
        top -= block.height + GAP
        draw_block(page, block, top, NAMES)
    if below:
        draw_histogram(page, found.pit)
    return page.figure


def _block(result: xr.DataTree, rows: pd.DataFrame, found: Check) -> Block:
    scale = words.scale_of(rows, found)
    years = rows["year"].diff().ne(0) | rows["year"].isna()
    lines = [
        Line(
            Name.of(words.named(row), NAMES - TAG),
            (scale.text(row["value"]), words.interval(row, found, scale), _verdict(row)),
            row,
            tag=f"{row['year']:g}" if np.isfinite(row["year"]) and first else "",
            ruled=bool(first),
        )
        for (_, row), first in zip(rows.iterrows(), years, strict=True)
    ]
    names = ["value", *(column(p) for p in found.bands.probabilities)]
    limits = _limits(rows[names].to_numpy().ravel(), scale)
    return Block(
        heading=words.heading(result, rows),
        lines=lines,
        columns=[Column("published", weight="bold"),
                 Column(f"predicted {100 * found.outer:g}%"), Column("")],
        limits=limits,
        axis=words.axis(scale, zero=limits[0] <= 0),
        set_ticks=plain_ticks(scale),
        mark=lambda axes, row, y: _mark(axes, row, y, found),
    )  # fmt: skip


def _limits(values: np.ndarray, scale: Scale) -> tuple[float, float]:
    """Return ends that hold zero, unless all values are so alike that nothing could be seen."""
    low, high = float(np.min(values)), float(np.max(values))
    if low <= ALIKE * high or high == low:
        return zero_limits(values, scale)
    room = 0.08 * (high - low)
    return low - room, high + room


def _verdict(row: pd.Series) -> str:
    dagger = f" {words.DAGGER}" if row["untold"] else ""
    return f"{row['verdict']}{dagger}"


def _mark(axes: Axes, row: pd.Series, y: float, found: Check) -> None:
    for (low, high), thick, pale in zip(found.bands.pairs, THICK, PALE, strict=False):
        left, right = float(row[column(low)]), float(row[column(high)])
        axes.barh(y, right - left, thick, left, color=tinted(BLUE, pale), linewidth=0, zorder=2,
                  gid="predicted")  # fmt: skip
    away = row["verdict"] == OUTSIDE
    colour = mark_tone(VERMILION) if away else BLACK
    axes.plot([row["value"]], [y], marker="D" if away else "o", markersize=5.4 if away else 4.4,
              color=colour, markerfacecolor=PAPER if away else colour, markeredgewidth=1.3,
              linestyle="none", zorder=3, gid=str(row["verdict"]))  # fmt: skip
