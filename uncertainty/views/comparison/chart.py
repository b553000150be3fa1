"""Two results side by side: what each comes to, what decides it, and what moved between them."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from uncertainty.views.comparison import words
from uncertainty.views.comparison.blocks import (
    COLOURS,
    MARKERS,
    NAMES,
    interval_block,
    moved_block,
    share_block,
)
from uncertainty.views.comparison.table import (
    INTERVALS,
    MOVED,
    SHARES,
    SIDES,
    Comparison,
    comparison_of,
)
from uncertainty.views.drawing.page import Entry, in_lines, open_page
from uncertainty.views.drawing.style import styled
from uncertainty.views.rows.block import Block, draw_block

GAP = 0.1  # inches between blocks
BLOCKS: dict[str, Callable[[Comparison], Block]] = {
    INTERVALS: interval_block,
    SHARES: share_block,
    MOVED: moved_block,
}


def comparison_chart(comparison: xr.DataTree) -> tuple[Figure, pd.DataFrame]:
    """Draw two results of one outcome side by side.

    Three blocks: intervals in the headline's years, shares of the variance, and how the median
    moves when each parameter alone takes its prior from the second study.

    Parameters
    ----------
    comparison : xarray.DataTree
        Needs `/intervals`; uses `/drivers` and `/moved` where there are any.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        See `uncertainty.views.comparison.table.comparison_of`.

    Raises
    ------
    ResultError
        When the tree has no intervals of two sides over years.
    """
    found = comparison_of(comparison)
    with styled():
        return _draw(found), found.table


def _draw(found: Comparison) -> Figure:
    blocks = [make(found) for name, make in BLOCKS.items() if found.block(name)["drawn"].any()]
    page = open_page(
        words.title(found),
        words.subtitle(found),
        words.notes(found),
        room=sum(block.height + GAP for block in blocks),
        spoken=words.spoken(found),
        key=in_lines([Entry(found.names[s], MARKERS[s], COLOURS[s], s == "a") for s in SIDES]),
    )
    top = page.height
    for block in blocks:
        top -= block.height + GAP
        draw_block(page, block, top, NAMES)
    return page.figure
