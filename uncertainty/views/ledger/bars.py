"""The ledger of a single cell: ranked bars with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.labels import NO_SOURCE
from uncertainty.views.drawing import select
from uncertainty.views.drawing.looks import REST_FILL, Fill
from uncertainty.views.drawing.page import MARGIN, WIDTH, open_page
from uncertainty.views.drawing.shares import share_text
from uncertainty.views.drawing.style import BLUE, INK, MUTED, PAPER
from uncertainty.views.drawing.ticks import set_percent_ticks
from uncertainty.views.ledger import words
from uncertainty.views.ledger.grades import GRADE_FILLS
from uncertainty.views.ledger.table import Ledger
from uncertainty.views.rows.frame import (
    GAP,
    SMALL,
    Name,
    draw_name,
    draw_number,
    dress_rows,
    label_axis,
)

NAMES, NUMBERS = 2.75, 1.55  # inches for the names and the numbers
BAR, ROW = 0.17, 0.36  # inches


def draw_ledger_bars(ledger: Ledger, table: pd.DataFrame, subtitle: str) -> Figure:
    """Draw the rows of `bar_table`."""
    rows = select.records(table[table["drawn"]])
    names = [Name.of(row[ledger.by], NAMES) for row in rows] + _more(table)
    heights = [max(ROW, name.height + 0.14) for name in names]
    tall = sum(heights)
    page = open_page(
        words.title(ledger),
        subtitle,
        words.notes(ledger, table),
        room=tall + 0.55,
        spoken=words.spoken(ledger, table),
    )
    left = MARGIN + NAMES + GAP
    axes = page.axes(left, 0.42, WIDTH - left - MARGIN - NUMBERS, tall)
    _dress_bars(axes, table, tall)
    middles = tall - np.cumsum(heights) + np.array(heights) / 2
    for name, y in zip(names, middles, strict=True):
        draw_name(axes, name, float(y))
    for row, y in zip(rows, middles, strict=False):
        _draw_bar(axes, row, _bar_fill(ledger.by, row), float(y))
    return page.figure


def _more(table: pd.DataFrame) -> list[Name]:
    """Count those not drawn, in the column of names."""
    hidden = table.loc[~table["drawn"], "share"]
    if hidden.empty:
        return []
    most = f", each at most {share_text(hidden.max())}" if len(hidden) > 1 else ""
    text = f"{len(hidden)} more, together {share_text(hidden.sum())}{most}"
    return [Name.of(text, NAMES, colour=MUTED)]


def _dress_bars(axes: Axes, table: pd.DataFrame, tall: float) -> None:
    ends = table.loc[table["drawn"], ["share", "share_lower", "share_upper"]]
    low, high = min(0.0, float(ends.min().min())), max(float(ends.max().max()), 1e-6)
    dress_rows(axes, (low - 0.01 * (high - low), high + 0.03 * (high - low)), tall)
    set_percent_ticks(axes, low, high)
    label_axis(axes, "share of the variance")
    axes.axvline(0, color=MUTED, linewidth=0.8, zorder=4)


def _bar_fill(by: str, row: dict[str, Any]) -> Fill:
    """Return the fixed look of a grade; a publisher is grey when its interval touches zero."""
    if by != "source" or row[by] == NO_SOURCE:
        return GRADE_FILLS.get(row[by], REST_FILL)
    return REST_FILL if row["share_lower"] <= 0 else Fill(BLUE, BLUE)


def _draw_bar(axes: Axes, row: dict[str, Any], fill: Fill, y: float) -> None:
    axes.barh(y, row["share"], BAR, color=fill.face, edgecolor=fill.ink, hatch=fill.hatch,
              linewidth=0.8, zorder=2, gid="share")  # fmt: skip
    ends = [row["share_lower"], row["share_upper"]]
    known = bool(np.isfinite(ends).all())
    if known:
        axes.plot(ends, [y, y], color=PAPER, linewidth=3.2, solid_capstyle="butt", zorder=3)
        axes.plot(ends, [y, y], color=INK, linewidth=1.0, marker="|", markersize=5,
                  zorder=3.5, gid="interval")  # fmt: skip
    draw_number(axes, y, share_text(row["share"]), 0.55, weight="bold")
    if known:
        text = " to ".join(share_text(end) for end in ends)
        draw_number(axes, y, text, NUMBERS, colour=MUTED, size=SMALL)
