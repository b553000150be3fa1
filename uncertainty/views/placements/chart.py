"""Where published projections fall in our distribution, and what would make them come true."""

from __future__ import annotations

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing.page import MARGIN, WIDTH, open_page, pitch
from uncertainty.views.drawing.style import BLUE, MUTED, mark_tone, styled, text_tone
from uncertainty.views.drawing.ticks import set_percent_ticks
from uncertainty.views.placements import words
from uncertainty.views.placements.rows import GUTTER, NAMES, NEEDS, Row, draw_row
from uncertainty.views.placements.table import Placements, placements_of
from uncertainty.views.placements.words import INNER, OUTER
from uncertainty.views.rows.frame import (
    GAP,
    SMALL,
    draw_number,
    dress_rows,
    label_axis,
    rule_above,
)

PAD = 0.045  # share of the axis beyond 0% and 100%
HEAD = 0.34
OPACITY = {OUTER: 0.16, INNER: 0.22}


def placements_chart(result: xr.DataTree, outcome: str) -> tuple[Figure, pd.DataFrame]:
    """Draw where published projections fall among the draws of an outcome.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/placements`; uses the labels of `/parameters`.
    outcome : str
        Name of the outcome.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a published number; see `uncertainty.views.placements.table.placements_of`.

    Raises
    ------
    ResultError
        When the result holds no placements of the outcome.
    """
    found = placements_of(result, outcome)
    with styled():
        return _draw(found, words.subtitle(result)), found.table


def _draw(found: Placements, subtitle: str) -> Figure:
    rows = [Row.of(part, found) for part in found.figures]
    tall = sum(row.height for row in rows)
    page = open_page(words.title(found), subtitle, words.notes(found), room=tall + HEAD + 0.5,
                     spoken=words.spoken(found))  # fmt: skip
    left = MARGIN + NAMES + GAP
    axes = page.axes(left, 0.42, WIDTH - MARGIN - left - (NEEDS + GUTTER), tall)
    _dress(axes, tall)
    y = tall
    for row in rows:
        rule_above(axes, y)
        draw_row(axes, row, y - row.height / 2)
        y -= row.height
    return page.figure


def _dress(axes: Axes, tall: float) -> None:
    dress_rows(axes, (-PAD, 1 + PAD), tall)
    set_percent_ticks(axes, 0.0, 1.0, most=4)
    label_axis(axes, "share of our draws below the figure")
    _draw_bands(axes, tall)


def _draw_bands(axes: Axes, tall: float) -> None:
    """Shade the middle 90% and 50% and name them above."""
    for place, ((low, high), opacity) in enumerate(OPACITY.items()):
        axes.axvspan(low, high, color=BLUE, alpha=opacity, linewidth=0, zorder=0, gid="band")
        axes.annotate(
            f"middle {round(100 * (high - low))}% of our draws" if not place else
            f"middle {round(100 * (high - low))}%",
            (0.5, tall),
            xytext=(0, 7 + 72 * (1 - place) * pitch(SMALL)),
            textcoords="offset points",
            ha="center",
            va="baseline",
            fontsize=SMALL,
            color=text_tone(BLUE),
            annotation_clip=False,
        )  # fmt: skip
    axes.axvline(0.5, color=mark_tone(BLUE), linewidth=1.2, zorder=0.8)
    draw_number(axes, tall + 0.1 + 0.3 * pitch(SMALL), "draws near it lean to", GUTTER,
                colour=MUTED, size=SMALL, side="left")  # fmt: skip
