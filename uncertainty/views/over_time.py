"""First-order indices over the years, stacked; what is left of one is named interactions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from uncertainty.errors import ResultError
from uncertainty.views import select
from uncertainty.views.area_labels import Stack, area_labels, draw_inside
from uncertainty.views.areas import draw_areas, draw_blanks, dress_areas
from uncertainty.views.bands import draw_end_labels
from uncertainty.views.colours import group_colours, member_colours
from uncertainty.views.driver_table import (
    INTERACTIONS,
    REST,
    area_table,
    driver_node,
    groups_of,
    long_name,
)
from uncertainty.views.grades import Fill
from uncertainty.views.page import MARGIN, WIDTH, Entry, in_lines, open_page
from uncertainty.views.style import PAPER, styled

MOST = 6
BODY = 4.2
NAMES = 2.3  # inches for the labels at the right end
LEADER = 0.5  # inches between the areas and those labels
REST_COLOUR = "#BDBDBD"
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
        See `uncertainty.views.driver_table.area_table`.

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
    title = f"{long_name(result, node, outcome)}{where}, year by year: what decides it"
    runs = f"; {int(node.attrs['model_runs']):,} model runs" if "model_runs" in node.attrs else ""
    subtitle = (
        f"First-order Sobol' indices: share of the variance that each driver explains alone{runs}"
    )
    with styled():
        palette = group_colours(groups_of(node))
        return _draw(table, palette, title, select.headed(result, subtitle)), table


def _draw(table: pd.DataFrame, palette: Mapping[str, str], title: str, subtitle: str) -> Figure:
    stack = _stack(table, palette)
    at_edge, within = area_labels(stack, NAMES - 0.02)
    every = [label.lines for label in at_edge] + [label.lines for label in within]
    said = [" ".join(lines).replace("\u00a0", " ") for lines in every]
    page = open_page(
        title,
        subtitle,
        _notes(table),
        room=BODY + 0.4,
        spoken=f"{'; '.join(said).replace('  ', ' ')}.",
        key=in_lines(_group_key(table, palette)),
    )
    axes = page.axes(MARGIN + 0.42, 0.3, stack.size[0], BODY)
    dress_areas(axes, stack.heights.index.to_numpy(dtype=float), stack.limits)
    fills = {name: Fill(colour, colour) for name, colour in stack.colours.items()}
    draw_areas(axes, stack.heights, fills)
    draw_blanks(axes, stack.heights, "no variance")
    draw_inside(axes, within)
    draw_end_labels(axes, float(stack.final), at_edge, BODY, LEADER)
    return page.figure


def _stack(table: pd.DataFrame, palette: Mapping[str, str]) -> Stack:
    heights = table.pivot(index="year", columns="parameter", values="height")
    heights = heights[list(dict.fromkeys(table["parameter"]))].sort_index()
    years = heights.index.to_numpy(dtype=float)
    pad = 0.0 if len(years) > 1 else 0.5
    most = float(heights.drop(columns=INTERACTIONS).sum(axis=1).max())
    return Stack(
        heights=heights,
        names=dict(zip(table["parameter"], table["label"], strict=True)),
        colours=(colours := _colours(table, palette)),
        inks=colours | _inks(table, palette),
        limits=((years[0] - pad, years[-1] + pad), max(1.0, most)),
        size=(WIDTH - 2 * MARGIN - 0.42 - NAMES - LEADER - 0.02, BODY),
    )


def _colours(table: pd.DataFrame, palette: Mapping[str, str]) -> dict[str, str]:
    own = table[~table["parameter"].isin([REST, INTERACTIONS])]
    groups = dict(zip(own["parameter"], own["group"], strict=True))
    return member_colours(groups, palette) | {REST: REST_COLOUR, INTERACTIONS: PAPER}


def _inks(table: pd.DataFrame, palette: Mapping[str, str]) -> dict[str, str]:
    """Return the full colour of each member of a group, for words."""
    pairs = zip(table["parameter"], table["group"], strict=True)
    return {name: palette[group] for name, group in pairs if group in palette}


def _group_key(table: pd.DataFrame, palette: Mapping[str, str]) -> list[Entry]:
    shown = sorted({name for name in table["group"] if name})
    return [Entry(name, "s", palette[name]) for name in shown]


def _notes(table: pd.DataFrame) -> list[str]:
    drawn = table.groupby("year")["height"].transform(lambda heights: heights.notna().all())
    shown = table[drawn & (table["parameter"] != INTERACTIONS)]
    year = int(shown["year"].max())
    notes = [
        f"The white remainder is what drivers do only together. Numbers at the right: {year}. "
        "The intervals of the shares are in the table of this chart and in drivers.csv."
        + (" Members of a group have its colour in steps." if shown["group"].any() else "")
    ]
    below = shown[shown["S1"] < 0]
    if (below["S1"] < -NOISE_TOLD).any():
        verb = "is" if len(below) == 1 else "are"
        notes.append(
            f"{len(below)} of the {len(shown)} shares {verb} below zero, which is "
            f"noise of the estimate (least {below['S1'].min():.3f}); drawn as zero and "
            "kept in the table.".replace("-", "−")
        )
    sums = shown.groupby("year")["height"].sum()
    above = sums[sums > 1 + 1e-9]
    if len(above):
        plural = "year" if len(above) == 1 else "years"
        notes.append(
            f"In {len(above)} {plural} the shares add up to more than one (at most "
            f"{above.max():.3f}), which is noise of the estimate; no room is left there for "
            "interactions."
        )
    return notes
