"""First-order indices over the years, stacked; what is left of one is named interactions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from uncertainty.errors import ResultError
from uncertainty.views.areas.draw import draw_stack
from uncertainty.views.areas.labels import area_labels
from uncertainty.views.areas.stack import Stack
from uncertainty.views.drawing import select
from uncertainty.views.drawing.looks import REST_FILL, Fill
from uncertainty.views.drawing.page import Entry, in_lines, open_page
from uncertainty.views.drawing.scope import runs_text
from uncertainty.views.drawing.style import PAPER, styled
from uncertainty.views.drawing.words import NO_BREAK, REST, counted
from uncertainty.views.drivers.colours import group_colours, member_colours
from uncertainty.views.drivers.table import driver_node, groups_of
from uncertainty.views.drivers.yearly import INTERACTIONS, area_table

MOST = 6
NOISE_TOLD = 0.005  # a share below zero by less rounds to zero and is not worth a note


def drivers_over_time(
    result: xr.DataTree,
    outcome: str,
    *,
    at: Mapping[str, Any] | None = None,
    top: int = 6,
) -> tuple[Figure, pd.DataFrame]:
    """Draw how the first-order shares of the drivers change over the years.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/drivers/<outcome>` with the dim year.
    outcome : str
        Name of the outcome.
    at : mapping, optional
        Exact coordinates of its other dims.
    top : int
        Parameters with an area of their own, 1 to 6.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        See `uncertainty.views.drivers.yearly.area_table`.

    Raises
    ------
    ResultError
        When the result lacks what is asked for, or `top` is not 1 to 6.
    """
    if not 1 <= top <= MOST:
        raise ResultError(f"top={top}: from 1 to {MOST} drivers get an area of their own")
    node = driver_node(result, outcome)
    table = area_table(node, outcome, at, top)
    where = f" ({select.chosen(at)})" if at else ""
    title = f"{select.long_name(result, node, outcome)}{where}, year by year: what decides it"
    subtitle = (
        "First-order Sobol' indices: share of the variance that each driver explains "
        f"alone{runs_text(node.attrs)}"
    )
    with styled():
        palette = group_colours(groups_of(node))
        return _draw(table, palette, title, select.headed(result, subtitle)), table


def _draw(table: pd.DataFrame, palette: Mapping[str, str], title: str, subtitle: str) -> Figure:
    stack = _stack(table, palette)
    at_edge, within = area_labels(stack)
    every = [label.lines for label in at_edge] + [label.lines for label in within]
    said = [" ".join(lines).replace(NO_BREAK, " ") for lines in every]
    page = open_page(
        title,
        subtitle,
        _notes(table),
        room=stack.room,
        spoken=f"{'; '.join(said).replace('  ', ' ')}.",
        key=in_lines(_group_key(table, palette)),
    )
    draw_stack(page, stack, at_edge, within)
    return page.figure


def _stack(table: pd.DataFrame, palette: Mapping[str, str]) -> Stack:
    heights = table.pivot(index="year", columns="parameter", values="height")
    heights = heights[list(dict.fromkeys(table["parameter"]))].sort_index()
    names = dict(zip(table["parameter"], table["label"], strict=True))
    most = float(heights.drop(columns=INTERACTIONS).sum(axis=1).max())
    return Stack.of(heights, names, _fills(table, palette), most)


def _fills(table: pd.DataFrame, palette: Mapping[str, str]) -> dict[str, Fill]:
    """Return a step of its group's colour for each member, whose name has that colour itself."""
    own = table[~table["parameter"].isin([REST, INTERACTIONS])]
    groups = dict(zip(own["parameter"], own["group"], strict=True))
    faces = member_colours(groups, palette)
    fills = {name: Fill(face, palette.get(groups[name], face)) for name, face in faces.items()}
    return fills | {REST: Fill.plain(REST_FILL.face), INTERACTIONS: Fill.plain(PAPER)}


def _group_key(table: pd.DataFrame, palette: Mapping[str, str]) -> list[Entry]:
    shown = sorted({name for name in table["group"] if name})
    return [Entry(name, "s", palette[name]) for name in shown]


def _notes(table: pd.DataFrame) -> list[str]:
    drawn = table.groupby("year")["height"].transform(lambda heights: heights.notna().all())
    shown = table[drawn & (table["parameter"] != INTERACTIONS)]
    year = int(shown["year"].max())
    meaning = (
        f"The white remainder is what drivers do only together. Numbers at the right: {year}. "
        "The intervals of the shares are in the table of this chart and in drivers.csv."
        + (" Members of a group have its colour in steps." if shown["group"].any() else "")
    )
    return [meaning, *_on_noise(shown), *_on_excess(shown)]


def _on_noise(shown: pd.DataFrame) -> list[str]:
    """Count the shares below zero, when one would show."""
    below = shown.loc[shown["S1"] < 0, "S1"]
    if not (below < -NOISE_TOLD).any():
        return []
    verb, least = "is" if len(below) == 1 else "are", f"{below.min():.3f}".replace("-", "−")
    return [
        f"{len(below)} of the {len(shown)} shares {verb} below zero, which is noise of the "
        f"estimate (least {least}); drawn as zero and kept in the table."
    ]


def _on_excess(shown: pd.DataFrame) -> list[str]:
    """Count the years in which the shares add up to more than one."""
    sums = shown.groupby("year")["height"].sum()
    above = sums[sums > 1 + 1e-9]
    if above.empty:
        return []
    return [
        f"In {counted(len(above), 'year')} the shares add up to more than one (at most "
        f"{above.max():.3f}), which is noise of the estimate; no room is left there for "
        "interactions."
    ]
