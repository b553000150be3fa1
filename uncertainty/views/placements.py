"""Where published projections fall in our distribution, and what would make them come true."""

from __future__ import annotations

from dataclasses import dataclass
from re import split

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views import placements_words, select
from uncertainty.views.page import MARGIN, WIDTH, open_page, pitch
from uncertainty.views.place import spread, text_width, wrap
from uncertainty.views.placements_table import DOWN, UP, Placements, placements_of
from uncertainty.views.placements_words import INNER, OUTER
from uncertainty.views.row_frame import (
    GAP,
    NAME,
    SMALL,
    Name,
    draw_name,
    draw_number,
    dress_rows,
    label_axis,
)
from uncertainty.views.shares import percent_ticks, share_text
from uncertainty.views.style import (
    BLUE,
    GRID,
    MUTED,
    PAPER,
    WINE,
    Scale,
    mark_tone,
    styled,
    text_tone,
)

NAMES, NEEDS, GUTTER = 2.4, 2.3, 0.16  # inches
ROW = 0.42
LIFT, DROP = 0.11, 0.05  # inches: numbers above the middle of a row, marks below it
PAD = 0.045  # share of the axis beyond 0% and 100%
HEAD = 0.34
OPACITY = {OUTER: 0.16, INNER: 0.22}
DASHES = (0, (3, 2))
HALO = {"facecolor": PAPER, "alpha": 0.6, "edgecolor": "none", "pad": 0.4}


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
        One row a published number; see `uncertainty.views.placements_table.placements_of`.

    Raises
    ------
    ResultError
        When the result holds no placements of the outcome.
    """
    found = placements_of(result, outcome)
    with styled():
        return _draw(found, placements_words.subtitle(result)), found.table


@dataclass(frozen=True)
class Row:
    """One published figure: its words, its numbers, and what it asks for.

    Attributes
    ----------
    needs : tuple of (indent, text)
        Lines, each with its indent in inches.
    """

    name: Name
    numbers: pd.DataFrame
    needs: tuple[tuple[float, str], ...]

    @property
    def height(self) -> float:
        """Height of the row, in inches."""
        return max(ROW, self.name.height + 0.14, len(self.needs) * pitch(SMALL) + 0.14)


def _draw(found: Placements, subtitle: str) -> Figure:
    rows = [_row(part, found) for part in found.figures]
    tall = sum(row.height for row in rows)
    page = open_page(
        placements_words.title(found),
        subtitle,
        placements_words.notes(found),
        room=tall + HEAD + 0.5,
        spoken=placements_words.spoken(found),
    )
    left = MARGIN + NAMES + GAP
    axes = page.axes(left, 0.42, WIDTH - MARGIN - left - (NEEDS + GUTTER), tall)
    dress_rows(axes, (-PAD, 1 + PAD), tall)
    percent_ticks(axes, 0.0, 1.0, most=4)
    label_axis(axes, "share of our draws below the figure")
    _draw_bands(axes, tall)
    y = tall
    for row in rows:
        axes.axhline(y, color=GRID, linewidth=0.7, zorder=0.5)
        _draw_row(axes, row, y - row.height / 2)
        y -= row.height
    return page.figure


def _row(rows: pd.DataFrame, found: Placements) -> Row:
    name = Name.of(str(rows["label"].iloc[0]), NAMES, placements_words.dated(rows, found))
    return Row(name, rows, _needs(rows))


def _needs(rows: pd.DataFrame) -> tuple[tuple[float, str], ...]:
    """Write what a figure asks for; a range speaks for the end that is further from our median."""
    shares = rows["percentile"].to_numpy()
    far = rows.iloc[int(np.argmax(np.abs(np.nan_to_num(shares, nan=0.5) - 0.5)))]
    if not far["needs"]:
        return ()
    own = Scale.of(rows["value"], str(far["unit"])).full(far["value"])
    head = [f"at {own}:"] if len(rows) > 1 else []
    parts = [*head, *split(rf"; (?=[{UP}{DOWN}])", str(far["needs"]))]
    return tuple(line for part in parts for line in _hanging(part))


def _hanging(text: str) -> list[tuple[float, str]]:
    """Break a text into lines; behind an arrow the further ones are set in."""
    indent = text_width(f"{UP} ", SMALL) if text.startswith((UP, DOWN)) else 0.0
    first, *more = wrap(text, NEEDS, SMALL)
    rest = wrap(text[len(first) :], NEEDS - indent, SMALL) if more else ()
    return [(0.0, first), *((indent, line) for line in rest)]


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
    draw_number(axes, tall + 0.1 + 0.3 * pitch(SMALL), "what the figure asks for", GUTTER,
                colour=MUTED, size=SMALL, side="left")  # fmt: skip


def _draw_row(axes: Axes, row: Row, y: float) -> None:
    draw_name(axes, row.name, y)
    for place, (indent, line) in enumerate(row.needs):
        height = y + ((len(row.needs) - 1) / 2 - place) * pitch(SMALL)
        draw_number(axes, height, line, GUTTER + indent, size=SMALL, side="left")
    numbers = row.numbers[np.isfinite(row.numbers["percentile"])]
    if numbers.empty:
        return
    shares = numbers["percentile"].to_numpy()
    if len(numbers) > 1:
        axes.plot([shares.min(), shares.max()], [y - DROP] * 2, color=WINE, linewidth=1.0,
                  linestyle=DASHES, zorder=2, gid="range")  # fmt: skip
    for mark in select.records(numbers):
        _draw_mark(axes, mark, y - DROP)
    _draw_shares(axes, shares, y + LIFT)


def _draw_mark(axes: Axes, mark: dict[str, float], y: float) -> None:
    if mark["percentile_mcse"] > 0:
        axes.plot([mark["lower"], mark["upper"]], [y, y], color=WINE, linewidth=1.6, zorder=2.5,
                  solid_capstyle="butt", gid="whisker")  # fmt: skip
    axes.plot([mark["percentile"]], [y], marker=MARKERS.get(str(mark["end"]), "D"), markersize=6.0,
              color=WINE, markerfacecolor=PAPER, markeredgewidth=1.2, linestyle="none",
              clip_on=False, zorder=3, gid="figure")  # fmt: skip


MARKERS = {"value": "D", "low": ">", "high": "<"}
"""A range is held between two triangles."""


def _draw_shares(axes: Axes, shares: np.ndarray, y: float) -> None:
    """Write each share above its mark, moved sideways where two would touch."""
    low, high = axes.get_xlim()
    inch = axes.get_position().width * WIDTH / (high - low)
    texts = [share_text(share) for share in shares]
    widths = [text_width(text, NAME, "bold") + 0.1 for text in texts]
    centres = spread((shares - low) * inch, widths, -0.05, (high - low) * inch + 0.05)
    for text, centre in zip(texts, centres, strict=True):
        axes.text(low + centre / inch, y, text, fontsize=NAME, weight="bold", color=WINE,
                  ha="center", va="center_baseline", zorder=4, gid="share", bbox=HALO)  # fmt: skip
