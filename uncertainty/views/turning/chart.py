"""The turning year: a bar for each year of the horizon, a hatched one for none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing.axes import level_axis
from uncertainty.views.drawing.numbers import tick_text
from uncertainty.views.drawing.page import MARGIN, WIDTH, open_page
from uncertainty.views.drawing.place import widest
from uncertainty.views.drawing.style import BLUE, INK, MUTED, PAPER, styled
from uncertainty.views.drawing.ticks import round_ticks
from uncertainty.views.turning.table import NONE, SHOWN, TurningTable, turning_table

BODY, ABOVE, BELOW = 3.0, 0.3, 0.6  # inches: bars, room above them, words beneath the axis
LEFT = 0.55  # inches for the ticks
ACROSS = WIDTH - 2 * MARGIN - LEFT  # inches for all bars
# From the last year to the bar of "none" and from the outer bars to the ends: in slots of a bar,
# and the least in inches.
APART, APART_LEAST = 1.7, 0.5
EDGE, EDGE_LEAST = 0.6, 0.22
BAR, BAR_MOST = 0.78, 0.7  # width of a bar as a share of its slot, and in inches at most
LABEL = 8.0  # size of words, points
CLEAR, UPRIGHT = 0.06, 0.14  # inches between words; least width of a slot for upright ones
YEAR_DOWN, SUM_DOWN, LINE_DOWN = -13.0, -29.0, 11.0  # points below the axis
BY_THEN = "by then"
BARE = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}  # no gridline through a number
NO_NUMBERS = "The bars stand too close for numbers; these are in the table of this chart."


@dataclass(frozen=True)
class Layout:
    """Where the bars stand: middles (row,) and the distance between two, in inches."""

    places: tuple[float, ...]
    slot: float

    @classmethod
    def of(cls, count: int) -> Layout:
        """Spread bars over the axes; narrow ones leave room for the words at either end."""
        roomy = ACROSS / (count - 2 + APART + 2 * EDGE)
        if EDGE * roomy >= EDGE_LEAST:
            slot, edge, apart = roomy, EDGE * roomy, APART * roomy
        else:
            slot = (ACROSS - APART_LEAST - 2 * EDGE_LEAST) / (count - 2)
            edge, apart = EDGE_LEAST, APART_LEAST
        years = edge + slot * np.arange(count - 1)
        return cls((*years.tolist(), float(years[-1]) + apart), slot)


def turning_chart(result: xr.DataTree, outcome: str) -> tuple[Figure, pd.DataFrame]:
    """Draw how likely each year is to be the one that an outcome names.

    The probability of a year is the share of draws above the year before less that above the year
    itself; what lies above the last year is "not within the horizon".

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/intervals`, and `/exceedance` with a threshold at every year of the horizon.
    outcome : str
        A scalar outcome in years.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a year, the last row "none": year, probability, cumulative (share of draws up to
        that year), mcse (of the cumulative; NaN where not stored). The base year has a row only
        where draws lie at it or before.

    Raises
    ------
    ResultError
        When the outcome is no scalar in years or thresholds are missing; then it says which the
        study has to ask for.
    """
    turning = turning_table(result, outcome)
    with styled():
        return _draw(turning), turning.table


def _draw(turning: TurningTable) -> Figure:
    layout = Layout.of(len(turning.table))
    left_out = [] if _angle(turning, layout) is not None else [NO_NUMBERS]
    page = open_page(
        turning.title,
        turning.subtitle,
        [*turning.notes, *left_out],
        room=ABOVE + BODY + BELOW,
        spoken=turning.spoken(),
    )
    axes = page.axes(MARGIN + LEFT, BELOW, ACROSS, BODY)
    _dress(axes, turning)
    _draw_bars(axes, turning, layout)
    _draw_numbers(axes, turning, layout)
    _draw_words(axes, turning, layout)
    return page.figure


def _dress(axes: Axes, turning: TurningTable) -> None:
    axes.set_xlim(0.0, ACROSS)
    axes.set_ylim(0.0, 1.12 * turning.table["probability"].max())
    ticks = round_ticks(axes.get_ylim(), 6, least=3)
    step = 100 * (ticks[1] - ticks[0])
    axes.set_yticks(ticks, [f"{tick_text(100 * tick, step)}%" for tick in ticks])
    axes.set_xticks([])
    level_axis(axes)


def _draw_bars(axes: Axes, turning: TurningTable, layout: Layout) -> None:
    places, heights = layout.places, turning.table["probability"].to_numpy()
    wide = min(BAR * layout.slot, BAR_MOST)
    axes.bar(places[:-1], heights[:-1], wide, color=BLUE, linewidth=0, zorder=3, gid="year")
    axes.bar(places[-1:], heights[-1:], wide, facecolor=PAPER, edgecolor=MUTED, hatch="////",
             linewidth=0.8, zorder=3, gid=NONE)  # fmt: skip


def _angle(turning: TurningTable, layout: Layout) -> float | None:
    """Return how the numbers at the bars are turned, None where they have no room."""
    if widest(turning.shares[:-1], LABEL) + CLEAR <= layout.slot:
        return 0.0
    return 90.0 if layout.slot >= UPRIGHT else None


def _draw_numbers(axes: Axes, turning: TurningTable, layout: Layout) -> None:
    """Write the probability above each bar that is large enough, the last one level in any case."""
    angles = [*[_angle(turning, layout)] * len(turning.labels), 0.0]
    rows = zip(layout.places, turning.table["probability"], turning.shares, angles, strict=True)
    for place, share, text, angle in rows:
        if share >= SHOWN and angle is not None:
            axes.annotate(text, (place, share), xytext=(0, 2.5), textcoords="offset points",
                          ha="center", va="bottom", fontsize=LABEL, color=INK, rotation=angle,
                          gid="number", bbox=BARE)  # fmt: skip


def _draw_words(axes: Axes, turning: TurningTable, layout: Layout) -> None:
    """Write the years below the axis, and below them the share up to each."""
    every = _every([*turning.labels, *turning.sums], layout.slot)
    for place in range(len(turning.labels) - 1, -1, -every):
        _below(axes, layout.places[place], YEAR_DOWN, turning.labels[place], INK)
        _below(axes, layout.places[place], SUM_DOWN, turning.sums[place], MUTED)
    axes.annotate(BY_THEN, (0, 0), xycoords="axes fraction", xytext=(-5, SUM_DOWN), ha="right",
                  textcoords="offset points", va="baseline", fontsize=LABEL, color=MUTED,
                  gid="below")  # fmt: skip
    for line, words in enumerate(("not by", turning.last)):
        _below(axes, layout.places[-1], YEAR_DOWN - line * LINE_DOWN, words, INK)


def _every(texts: Sequence[str], slot: float) -> int:
    """Return that every so many places have room for their words."""
    return int(np.ceil((widest(texts, LABEL) + CLEAR) / slot))


def _below(axes: Axes, place: float, points: float, text: str, colour: str) -> None:
    axes.annotate(text, (place, 0), xytext=(0, points), textcoords="offset points", ha="center",
                  va="baseline", fontsize=LABEL, color=colour, annotation_clip=False,
                  gid="below")  # fmt: skip
