"""Dependent parameters ranked: Shapley effect, closed and total index with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from uncertainty.views.drawing.page import Entry, in_lines, open_page
from uncertainty.views.drawing.style import NOISE, styled
from uncertainty.views.rows.block import draw_block
from uncertainty.views.shares import words
from uncertainty.views.shares.marks import LOOKS, names_width, shares_block
from uncertainty.views.shares.table import dependent_node, shares_table


def shares_chart(
    result: xr.DataTree,
    outcome: str,
    *,
    at: Mapping[str, Any] | None = None,
    top: int = 12,
) -> tuple[Figure, pd.DataFrame]:
    """Draw which parameters decide an outcome when parameters depend on each other.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/dependent/<outcome>`, as `dependent_drivers` makes it.
    outcome : str
        Name of the outcome.
    at : mapping, optional
        Exact coordinates of all dims of the outcome, such as ``{"year": 2030}``; without it the
        indices over all its dims together, as far as they are stored.
    top : int
        Most ranked parameters to draw.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a parameter, drawn or not (column drawn), by Shapley effect; see
        `uncertainty.views.shares.table.shares_table`.

    Raises
    ------
    ResultError
        When the result lacks what is asked for, the outcome does not vary there, or `top` is
        below 1.
    """
    node = dependent_node(result, outcome)
    table = shares_table(node, outcome, at, top)
    heads = words.title(result, node, outcome, at), words.subtitle(result, node, table)
    with styled():
        return _draw(table, *heads), table


def _draw(table: pd.DataFrame, title: str, subtitle: str) -> Figure:
    block = shares_block(table)
    page = open_page(title, subtitle, words.notes(table), room=block.height,
                     spoken=words.spoken(table), key=in_lines(_key(table)))  # fmt: skip
    draw_block(page, block, 0.0, names_width(block))
    return page.figure


def _key(table: pd.DataFrame) -> list[Entry]:
    entries = [
        Entry(text, LOOKS[index].marker, LOOKS[index].colour, LOOKS[index].filled)
        for index, text in words.MEANS.items()
        if index in table
    ]
    grey = bool((table["drawn"] & table["rank"].isna()).any())
    return entries + [Entry("interval touches zero: not ranked", "o", NOISE)] * grey
