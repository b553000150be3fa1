"""Ranks beside the uniform distribution: a small panel a parameter, with a simultaneous band."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing.axes import level_axis
from uncertainty.views.drawing.numbers import tick_text
from uncertainty.views.drawing.page import MARGIN, WIDTH, Page, open_page, pitch
from uncertainty.views.drawing.place import wrap
from uncertainty.views.drawing.style import (
    BLUE,
    INK,
    MUTED,
    NOISE,
    VERMILION,
    mark_tone,
    styled,
    text_tone,
)
from uncertainty.views.drawing.ticks import TICK_SIZE, round_ticks
from uncertainty.views.panels.frame import PANEL_TITLE, SMALL, draw_above
from uncertainty.views.panels.grid import columns_of
from uncertainty.views.ranks import words
from uncertainty.views.ranks.table import Ranks, ranks_of

MOST = 12  # panels
HEIGHT, LEFT, GUTTER, TICKS = 1.35, 0.5, 0.3, 0.34  # inches
AXIS = "place among the draws"


def ranks_chart(ranks: xr.Dataset) -> tuple[Figure, pd.DataFrame]:
    """Draw how far ranks of a simulation-based calibration are from uniform.

    Parameters
    ----------
    ranks : xarray.Dataset
        `rank` (parameter, simulation), whole numbers from 0 to the attribute most; a coordinate
        label is used where there is one.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a parameter and place; see `uncertainty.views.ranks.table.ranks_of`.

    Raises
    ------
    ResultError
        When the dataset holds no such ranks.
    """
    found = ranks_of(ranks)
    with styled():
        return _draw(found), found.table


def _draw(found: Ranks) -> Figure:
    panels, hidden = found.panels[:MOST], found.panels[MOST:]
    columns = columns_of(len(panels))
    lines = -(-len(panels) // columns)
    wide = (WIDTH - 2 * MARGIN - LEFT) / columns
    titles = [_title(rows, wide - GUTTER) for rows in panels]
    above = max(map(len, titles)) * pitch(PANEL_TITLE) + pitch(SMALL) + 0.12
    tall = HEIGHT + above + TICKS
    page = open_page(
        words.title(found),
        words.subtitle(found),
        words.notes(found, hidden),
        room=lines * tall + 0.15,
        spoken=words.spoken(found),
    )
    limits = _limits(panels)
    for place, (rows, title) in enumerate(zip(panels, titles, strict=True)):
        line, column = divmod(place, columns)
        axes = _panel(page, (line, column), (lines, wide, tall), limits)
        last = place + columns >= len(panels)
        _draw_panel(axes, rows, title, last=last)
    return page.figure


def _title(rows: pd.DataFrame, width: float) -> tuple[str, ...]:
    return wrap(str(rows["label"].iloc[0]), width, PANEL_TITLE, "bold")


def _limits(panels: list[pd.DataFrame]) -> float:
    """Return how far the shared axis reaches to either side of zero."""
    numbers = np.concatenate([rows[["difference", "low", "high"]].to_numpy() for rows in panels])
    return 1.08 * float(np.abs(numbers).max())


def _panel(
    page: Page, spot: tuple[int, int], sizes: tuple[int, float, float], reach: float
) -> Axes:
    (line, column), (lines, wide, tall) = spot, sizes
    left = MARGIN + LEFT + column * wide
    bottom = (lines - 1 - line) * tall + 0.15 + TICKS
    axes = page.axes(left, bottom, wide - GUTTER, HEIGHT)
    axes.set_xlim(0, 1)
    axes.set_ylim(-reach, reach)
    level_axis(axes)
    ticks = round_ticks((-reach, reach), 4)
    step = 100 * (ticks[1] - ticks[0])
    texts = [_signed(tick_text(100 * tick, step)) for tick in ticks]
    axes.set_yticks(ticks, texts)
    axes.tick_params(axis="y", labelleft=column == 0)
    axes.tick_params(axis="x", length=3, width=0.7, labelsize=TICK_SIZE)
    axes.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    return axes


def _signed(text: str) -> str:
    plain = text in {"0", "0.0"} or text.startswith("−")
    return f"{text}%" if plain else f"+{text}%"


def _draw_panel(axes: Axes, rows: pd.DataFrame, title: tuple[str, ...], *, last: bool) -> None:
    inside = bool(rows["inside"].iloc[0])
    colour = BLUE if inside else mark_tone(VERMILION)
    share = np.array([0.0, *rows["share"], 1.0])
    ends = {n: np.array([0.0, *rows[n], 0.0]) for n in ("low", "high", "difference")}
    axes.fill_between(share, ends["low"], ends["high"], color=NOISE, alpha=0.22, linewidth=0,
                      zorder=1, label="band")  # fmt: skip
    axes.axhline(0, color=MUTED, linewidth=0.8, zorder=1.5)
    axes.plot(share, ends["difference"], color=colour, linewidth=1.3, zorder=3,
              linestyle="-" if inside else (0, (4, 1.2)), gid="difference")  # fmt: skip
    draw_above(axes, words.verdict(rows), 0, (0, 6), gid="verdict",
               color=MUTED if inside else text_tone(VERMILION),
               weight="normal" if inside else "bold")  # fmt: skip
    for place, text in enumerate(reversed(title)):
        up = 6 + 72 * pitch(SMALL) + place * 72 * pitch(PANEL_TITLE)
        draw_above(axes, text, 0, (0, up), color=INK, fontsize=PANEL_TITLE, weight="bold",
                   gid="panel-title")  # fmt: skip
    if last:
        axes.set_xlabel(AXIS, fontsize=SMALL, color=MUTED, labelpad=1)
