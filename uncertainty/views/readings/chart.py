"""How much it matters how a range was read: the change of the outer quantiles, range by range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing.looks import MARKERS, Look
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.page import MARGIN, WIDTH, Entry, Page, in_lines, open_page, pitch
from uncertainty.views.drawing.place import widest, wrap
from uncertainty.views.drawing.scope import NORMAL_95
from uncertainty.views.drawing.shares import change_text, ordinal
from uncertainty.views.drawing.style import INK, category, styled
from uncertainty.views.drawing.ticks import set_percent_ticks
from uncertainty.views.readings import words
from uncertainty.views.readings.rows import NAMES, NUMBER, ROW, Row, draw_row, rows_of
from uncertainty.views.readings.table import Readings, readings_of
from uncertainty.views.rows.frame import (
    GAP,
    HEADING,
    draw_heading,
    draw_name,
    dress_rows,
    label_axis,
    rule_above,
)

GUTTER = 0.28  # inches between the panels
HEAD = 0.34  # height of a heading, inches
BAND = "#EDEDED"
HEADS = ("All ranges at once", "One range at a time")

type Blocks = Sequence[tuple[str, list[Row]]]


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
        `uncertainty.views.readings.table.readings_of`.

    Raises
    ------
    ResultError
        When the result holds no readings, or none for that year.
    """
    found = readings_of(result, year)
    with styled():
        return _draw(found, words.subtitle(result, found)), found.table


def _draw(found: Readings, subtitle: str) -> Figure:
    looks, blocks = _looks(found), _blocks(found)
    tall = sum(HEAD + sum(row.height for row in rows) for _, rows in blocks) or ROW
    titles = [_panel_title(found, quantile) for quantile in found.quantiles]
    above = max(len(lines) for lines in titles) * pitch(HEADING) + 0.12
    key = in_lines([Entry(name, k.marker, k.colour, k.filled) for name, k in looks.items()])
    page = open_page(words.title(found), subtitle, words.notes(found), room=above + tall + 0.45,
                     spoken=words.spoken(found), key=key)  # fmt: skip
    for panel, (quantile, lines) in enumerate(zip(found.quantiles, titles, strict=True)):
        axes = _panel(page, found, panel, tall)
        draw_heading(axes, tall + 0.14, lines, left=0.0)
        _draw_blocks(axes, blocks, looks, (quantile, found.limit), first=panel == 0)
    return page.figure


def _blocks(found: Readings) -> Blocks:
    """Return the rows under each heading that has any."""
    parts = zip(HEADS, (found.together, found.single), strict=True)
    return [(head, rows) for head, part in parts if (rows := rows_of(part))]


def _looks(found: Readings) -> dict[str, Look]:
    """Give every reading a shape and a colour; hollow ones when the shapes have been used up."""
    names = list(dict.fromkeys(found.table.loc[found.table["drawn"], "reading"]))
    count = len(MARKERS)
    return {
        name: Look(MARKERS[n % count], category(n), filled=n // count % 2 == 0)
        for n, name in enumerate(names)
    }


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
    set_percent_ticks(axes, low, high, most=5)
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
    room = widest(texts, NUMBER, "bold") + 0.14
    more = (high - low) * room / (_width() - 2 * room)
    return low - more, high + more


def _draw_blocks(
    axes: Axes,
    blocks: Blocks,
    looks: Mapping[str, Look],
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
            rule_above(axes, y)
            if first:
                draw_name(axes, row.name, y - row.height / 2)
            draw_row(axes, row, looks, shown, y - row.height / 2)
            y -= row.height
