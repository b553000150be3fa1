"""What the uncertainty of an outcome rests on: its variance by grade, best source or publisher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views import ledger_words, select
from uncertainty.views.area_labels import LABEL, Stack, area_labels, draw_inside
from uncertainty.views.areas import draw_areas, draw_blanks, dress_areas
from uncertainty.views.bands import draw_end_labels
from uncertainty.views.grades import GRADE_FILLS, NO_SOURCE, REST, REST_FILL, Fill
from uncertainty.views.ledger_table import MOST_AREAS, Ledger, area_table, bar_table, ledger_of
from uncertainty.views.page import MARGIN, WIDTH, open_page, pitch
from uncertainty.views.place import wrap
from uncertainty.views.row_frame import (
    GAP,
    SMALL,
    Name,
    draw_name,
    draw_number,
    dress_rows,
    label_axis,
)
from uncertainty.views.shares import percent_ticks, share_text
from uncertainty.views.style import BLACK, BLUE, CATEGORIES, INK, MUTED, PAPER, mark_tone, styled

NAMES, NUMBERS = 2.75, 1.55  # inches for the names and the numbers of bars
BAR, ROW = 0.17, 0.36  # inches
BODY, END, LEADER = 4.2, 2.3, 0.5  # inches: height of areas, names at their end, gap before these
UNSEEN = 0.005  # an area that never reaches this share is not drawn


def ledger_chart(
    result: xr.DataTree,
    outcome: str,
    *,
    by: str = "grade",
    at: Mapping[str, Any] | None = None,
) -> tuple[Figure, pd.DataFrame]:
    """Draw what the uncertainty of an outcome rests on.

    An outcome over years gets stacked areas; a single cell gets ranked bars with intervals.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/ledger/<outcome>`.
    outcome : str
        Name of the outcome.
    by : {"grade", "evidence", "source"}
        Order of the ledger: the grade of a number as used here, the grade of the best source
        behind it, or its publisher.
    at : mapping, optional
        Exact coordinates of all dims, such as ``{"year": 2030}``, or of all but year.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        See `uncertainty.views.ledger_table.bar_table` and `area_table`.

    Raises
    ------
    ResultError
        When the result lacks what is asked for, or the outcome does not vary there.
    """
    ledger = ledger_of(result, outcome, by, at)
    table = area_table(ledger) if ledger.over_years else bar_table(ledger)
    subtitle = select.headed(result, ledger_words.subtitle(ledger))
    with styled():
        draw = _draw_areas if ledger.over_years else _draw_bars
        return draw(ledger, table, subtitle), table


def _draw_bars(ledger: Ledger, table: pd.DataFrame, subtitle: str) -> Figure:
    rows = select.records(table[table["drawn"]])
    names = [Name.of(row[ledger.by], NAMES) for row in rows] + _more(table)
    heights = [max(ROW, name.height + 0.14) for name in names]
    tall = sum(heights)
    page = open_page(
        ledger_words.title(ledger),
        subtitle,
        ledger_words.notes(ledger, table),
        room=tall + 0.55,
        spoken=ledger_words.spoken(ledger, table),
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
    percent_ticks(axes, low, high)
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


def _draw_areas(ledger: Ledger, table: pd.DataFrame, subtitle: str) -> Figure:
    stack = _stack(ledger, table)
    at_edge, within = area_labels(stack, END - 0.02)
    page = open_page(
        ledger_words.title(ledger),
        subtitle,
        ledger_words.notes(ledger, table) + _area_notes(ledger, table, stack),
        room=stack.size[1] + 0.4,
        spoken=ledger_words.spoken(ledger, table),
    )
    axes = page.axes(MARGIN + 0.42, 0.3, *stack.size)
    dress_areas(axes, stack.heights.index.to_numpy(dtype=float), stack.limits)
    draw_areas(axes, stack.heights, _area_fills(ledger.by, list(stack.heights.columns)))
    draw_blanks(axes, stack.heights, "no variance")
    draw_inside(axes, within)
    _ground(axes)
    draw_end_labels(axes, float(stack.final), at_edge, stack.size[1], LEADER)
    return page.figure


def _stack(ledger: Ledger, table: pd.DataFrame) -> Stack:
    heights = table.pivot(index="year", columns=ledger.by, values="height").sort_index()
    order = [str(name) for name in dict.fromkeys(table[ledger.by])]
    heights = heights[[name for name in order if heights[name].max() >= UNSEEN]]
    years = heights.index.to_numpy(dtype=float)
    pad = 0.0 if len(years) > 1 else 0.5
    names = {name: _named(ledger, name) for name in heights.columns}
    lines = sum(len(wrap(f"{name}  100%", END, LABEL)) for name in names.values())
    fills = _area_fills(ledger.by, list(names))
    return Stack(
        heights=heights,
        names=names,
        colours={name: fill.face for name, fill in fills.items()},
        inks={name: fill.ink for name, fill in fills.items()},
        limits=((years[0] - pad, years[-1] + pad), max(1.0, float(heights.sum(axis=1).max()))),
        size=(WIDTH - 2 * MARGIN - 0.42 - END - LEADER - 0.02, max(BODY, lines * pitch(LABEL))),
    )


def _named(ledger: Ledger, name: str) -> str:
    """Return the name of an area; the rest says of how many."""
    if name != REST:
        return name
    own = {str(source) for source in ledger.shares[ledger.by].values}
    return f"{REST} ({len(own - {NO_SOURCE}) - MOST_AREAS} more)"


def _area_fills(by: str, names: list[str]) -> dict[str, Fill]:
    tones = [mark_tone(colour) for colour in CATEGORIES]
    own = {} if by == "source" else GRADE_FILLS
    fixed = own | {REST: REST_FILL, NO_SOURCE: GRADE_FILLS[NO_SOURCE]}
    return {name: fixed.get(name, Fill(tones[n % len(tones)], tones[n % len(tones)]))
            for n, name in enumerate(names)}  # fmt: skip


def _ground(axes: Axes) -> None:
    """Set dark names inside areas on a pale ground, where hatching would run through them."""
    for text in axes.texts:
        if text.get_gid() == "inside-label" and text.get_color() == BLACK:
            text.set_bbox({"facecolor": PAPER, "alpha": 0.85, "edgecolor": "none", "pad": 0.8})


def _area_notes(ledger: Ledger, table: pd.DataFrame, stack: Stack) -> list[str]:
    unseen = [name for name in dict.fromkeys(table[ledger.by]) if name not in stack.heights]
    found = [f"Numbers at the right: {stack.final}. Intervals are in the table of this chart."]
    if unseen:
        found.append(f"Below {100 * UNSEEN:g}% in every year, not drawn: {', '.join(unseen)}.")
    return found
