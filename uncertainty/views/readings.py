"""How much it matters how a range was read: the change of the outer quantiles, range by range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views import readings_words, select
from uncertainty.views.page import MARGIN, WIDTH, Entry, Page, in_lines, open_page, pitch
from uncertainty.views.place import text_width, wrap
from uncertainty.views.readings_table import Readings, readings_of
from uncertainty.views.row_frame import (
    GAP,
    HEADING,
    Name,
    draw_heading,
    draw_name,
    dress_rows,
    label_axis,
)
from uncertainty.views.shares import change_text, ordinal, percent_ticks
from uncertainty.views.sources import MEASURED_MARKERS, Look
from uncertainty.views.style import (
    CATEGORIES,
    GRID,
    INK,
    PAPER,
    Scale,
    mark_tone,
    styled,
    text_tone,
)

NAMES, GUTTER = 2.45, 0.28  # inches
LANE, ROW, HEAD = 0.118, 0.34, 0.34  # heights of a mark's lane, of a row at least, of a heading
NUMBER = 7.0  # size of the numbers at marks, points
NORMAL_95 = 1.96
BAND = "#EDEDED"
HEADS = ("All ranges at once", "One range at a time")


def readings_chart(result: xr.DataTree, *, year: int | None = None) -> tuple[Figure, pd.DataFrame]:
    """Draw how the outer quantiles change when a range is read another way.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/readings`.
    year : int, optional
        The middle year of `/readings` when left out.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a case and quantile, drawn or not (column drawn); see
        `uncertainty.views.readings_table.readings_of`.

    Raises
    ------
    ResultError
        When the result holds no readings, or none for that year.
    """
    found = readings_of(result, year)
    with styled():
        return _draw(found, readings_words.subtitle(result, found)), found.table


@dataclass(frozen=True)
class Row:
    """One parameter (or all ranges) with its readings, each in a lane of its own."""

    name: Name
    lanes: tuple[pd.DataFrame, ...]

    @property
    def height(self) -> float:
        """Height of the row, in inches."""
        return max(ROW, self.name.height + 0.1, len(self.lanes) * LANE + 0.12)


def _draw(found: Readings, subtitle: str) -> Figure:
    looks = _looks(found)
    blocks = [(head, _rows(part)) for head, part in zip(HEADS, (found.together, found.single),
                                                        strict=True)]  # fmt: skip
    blocks = [(head, rows) for head, rows in blocks if rows]
    tall = sum(HEAD + sum(row.height for row in rows) for _, rows in blocks) or ROW
    titles = [_panel_title(found, quantile) for quantile in found.quantiles]
    above = max(len(lines) for lines in titles) * pitch(HEADING) + 0.12
    key = in_lines([Entry(name, k.marker, k.colour, k.filled) for name, k in looks.items()])
    page = open_page(
        readings_words.title(found),
        subtitle,
        readings_words.notes(found),
        room=above + tall + 0.45,
        spoken=readings_words.spoken(found),
        key=key,
    )
    for panel, (quantile, lines) in enumerate(zip(found.quantiles, titles, strict=True)):
        axes = _panel(page, found, panel, tall)
        draw_heading(axes, tall + 0.14, lines, left=0.0)
        _draw_blocks(axes, blocks, looks, (quantile, found.limit), first=panel == 0)
    return page.figure


def _looks(found: Readings) -> dict[str, Look]:
    """Give every reading a shape and a colour; hollow ones when the shapes have been used up."""
    names = list(dict.fromkeys(found.table.loc[found.table["drawn"], "reading"]))
    count = len(MEASURED_MARKERS)
    return {
        name: Look(
            MEASURED_MARKERS[n % count],
            mark_tone(CATEGORIES[n % len(CATEGORIES)]),
            filled=n // count % 2 == 0,
        )
        for n, name in enumerate(names)
    }


def _rows(part: pd.DataFrame) -> list[Row]:
    drawn = part[part["drawn"]]
    return [
        Row(
            Name.of(str(cases["label"].iloc[0]), NAMES),
            tuple(lane for _, lane in cases.groupby("reading", sort=False)),
        )
        for _, cases in drawn.groupby("parameter", sort=False)
    ]


def _panel_title(found: Readings, quantile: float) -> tuple[str, ...]:
    base = found.base(quantile)
    text = f"{ordinal(quantile)} ({Scale.of([base], found.unit).full(base)})"
    return wrap(text, _width(), HEADING, "bold")


def _width() -> float:
    """Return the width of one panel, in inches."""
    return (WIDTH - 2 * MARGIN - NAMES - GAP - GUTTER) / 2


def _panel(page: Page, found: Readings, panel: int, tall: float) -> Axes:
    left = MARGIN + NAMES + GAP + panel * (_width() + GUTTER)
    axes = page.axes(left, 0.4, _width(), tall)
    low, high = _limits(found)
    dress_rows(axes, (low, high), tall)
    percent_ticks(axes, low, high, most=5)
    axes.axvspan(-found.limit, found.limit, color=BAND, linewidth=0, zorder=0, gid="limit")
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    label_axis(axes, "change of the quantile")
    return axes


def _limits(found: Readings) -> tuple[float, float]:
    """Return the ends of the axis, the same for both panels, with room for numbers outside."""
    drawn = found.table[found.table["drawn"]]
    reach = NORMAL_95 * drawn["shift_mcse"].fillna(0.0)
    low = min(-1.3 * found.limit, float((drawn["shift"] - reach).min()))
    high = max(1.3 * found.limit, float((drawn["shift"] + reach).max()))
    texts = [change_text(shift) for shift in drawn["shift"]]
    room = max((text_width(text, NUMBER, "bold") for text in texts), default=0.0) + 0.14
    more = (high - low) * room / (_width() - 2 * room)
    return low - more, high + more


def _draw_blocks(
    axes: Axes,
    blocks: Sequence[tuple[str, list[Row]]],
    looks: dict[str, Look],
    shown: tuple[float, float],
    *,
    first: bool,
) -> None:
    y = axes.get_ylim()[1]
    for head, rows in blocks:
        if first:
            draw_heading(axes, y - 0.6 * HEAD, [head], left=NAMES + GAP)
        y -= HEAD
        for row in rows:
            axes.axhline(y, color=GRID, linewidth=0.7, zorder=0.5)
            if first:
                draw_name(axes, row.name, y - row.height / 2)
            _draw_row(axes, row, looks, shown, y - row.height / 2)
            y -= row.height


def _draw_row(
    axes: Axes, row: Row, looks: dict[str, Look], shown: tuple[float, float], middle: float
) -> None:
    quantile, limit = shown
    cells = [lane[lane["quantile"] == quantile] for lane in row.lanes]
    largest = max((float(cell["shift"].abs().max()) for cell in cells if len(cell)), default=0.0)
    top = middle + (len(row.lanes) - 1) / 2 * LANE
    for place, cell in enumerate(cells):
        for case in select.records(cell):
            size = abs(case["shift"])
            _draw_mark(axes, case, looks[case["reading"]], top - place * LANE)
            if size > limit or size == largest:
                _draw_number(axes, case, looks[case["reading"]], top - place * LANE,
                             strong=size > limit)  # fmt: skip


def _reach(case: dict[str, Any]) -> float:
    return NORMAL_95 * case["shift_mcse"] if np.isfinite(case["shift_mcse"]) else 0.0


def _draw_mark(axes: Axes, case: dict[str, Any], look: Look, y: float) -> None:
    shift, reach = case["shift"], _reach(case)
    if reach:
        axes.plot([shift - reach, shift + reach], [y, y], color=look.colour, linewidth=0.9,
                  zorder=2, gid="whisker")  # fmt: skip
    axes.plot([shift], [y], marker=look.marker, markersize=4.6, color=look.colour,
              markerfacecolor=look.colour if look.filled else PAPER, linestyle="none",
              markeredgewidth=1.0, zorder=3, gid="reading")  # fmt: skip


def _draw_number(axes: Axes, case: dict[str, Any], look: Look, y: float, *, strong: bool) -> None:
    right = case["shift"] >= 0
    axes.annotate(
        change_text(case["shift"]),
        (case["shift"] + (1 if right else -1) * _reach(case), y),
        xytext=(5 if right else -5, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center_baseline",
        fontsize=NUMBER,
        weight="bold" if strong else "normal",
        color=text_tone(look.colour),
        zorder=4,
        gid="number",
    )
