"""The ledger over the years: stacked areas in the looks of the grades, or of publishers."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.labels import NO_SOURCE
from uncertainty.views.areas.draw import draw_stack
from uncertainty.views.areas.labels import area_labels
from uncertainty.views.areas.stack import NAMES, Stack
from uncertainty.views.drawing.ends import LABEL
from uncertainty.views.drawing.looks import REST_FILL, Fill
from uncertainty.views.drawing.page import open_page, pitch
from uncertainty.views.drawing.place import wrap
from uncertainty.views.drawing.style import BLACK, category, ground
from uncertainty.views.drawing.words import REST
from uncertainty.views.ledger import words
from uncertainty.views.ledger.grades import GRADE_FILLS
from uncertainty.views.ledger.table import MOST_AREAS, Ledger

UNSEEN = 0.005  # an area that never reaches this share is not drawn


def draw_ledger_areas(ledger: Ledger, table: pd.DataFrame, subtitle: str) -> Figure:
    """Draw the rows of `area_table`."""
    stack = _stack(ledger, table)
    at_edge, within = area_labels(stack)
    page = open_page(
        words.title(ledger),
        subtitle,
        words.notes(ledger, table) + _notes(ledger, table, stack),
        room=stack.room,
        spoken=words.spoken(ledger, table),
    )
    _ground(draw_stack(page, stack, at_edge, within))
    return page.figure


def _stack(ledger: Ledger, table: pd.DataFrame) -> Stack:
    heights = table.pivot(index="year", columns=ledger.by, values="height").sort_index()
    order = [str(name) for name in dict.fromkeys(table[ledger.by])]
    heights = heights[[name for name in order if heights[name].max() >= UNSEEN]]
    names = {name: _named(ledger, name) for name in heights.columns}
    lines = sum(len(wrap(f"{name}  100%", NAMES, LABEL)) for name in names.values())
    most = float(heights.sum(axis=1).max())
    return Stack.of(heights, names, _fills(ledger.by, list(names)), most, lines * pitch(LABEL))


def _named(ledger: Ledger, name: str) -> str:
    """Return the name of an area; the rest says of how many."""
    if name != REST:
        return name
    own = {str(source) for source in ledger.shares[ledger.by].values}
    return f"{REST} ({len(own - {NO_SOURCE}) - MOST_AREAS} more)"


def _fills(by: str, names: list[str]) -> dict[str, Fill]:
    own = {} if by == "source" else GRADE_FILLS
    fixed = own | {REST: REST_FILL, NO_SOURCE: GRADE_FILLS[NO_SOURCE]}
    return {name: fixed.get(name, Fill.plain(category(n))) for n, name in enumerate(names)}


def _ground(axes: Axes) -> None:
    """Set dark names inside areas on a pale ground, where hatching would run through them."""
    for text in axes.texts:
        if text.get_gid() == "inside-label" and text.get_color() == BLACK:
            text.set_bbox(ground(0.85, 0.8))


def _notes(ledger: Ledger, table: pd.DataFrame, stack: Stack) -> list[str]:
    unseen = [name for name in dict.fromkeys(table[ledger.by]) if name not in stack.heights]
    found = [f"Numbers at the right: {stack.final}. Intervals are in the table of this chart."]
    if unseen:
        found.append(f"Below {100 * UNSEEN:g}% in every year, not drawn: {', '.join(unseen)}.")
    return found
