"""First-order indices over the years, stacked; what is left of one is named interactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import NDArray

from uncertainty.errors import ResultError
from uncertainty.views import select
from uncertainty.views.area_labels import Stack, area_labels, draw_inside
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
from uncertainty.views.page import MARGIN, WIDTH, Entry, in_lines, open_page
from uncertainty.views.style import INK, MUTED, PAPER, styled

type Numbers = NDArray[np.float64]

MOST = 6
BODY = 4.2
NAMES = 2.3  # inches for the labels at the right end
LEADER = 0.5  # inches between the areas and those labels
SMALL = 7.8
REST_COLOUR, BLANK = "#BDBDBD", "#F0F0F0"
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
    _dress(axes, stack)
    _draw_areas(axes, stack.heights, stack.colours)
    _draw_blanks(axes, stack.heights)
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


def _dress(axes: Axes, stack: Stack) -> None:
    years = stack.heights.index.to_numpy(dtype=float)
    axes.set_xlim(*stack.limits[0])
    axes.set_ylim(0.0, stack.limits[1])
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines["left"].set_color(MUTED)
    ticks = [tick / 5 for tick in range(int(np.floor(axes.get_ylim()[1] * 5 + 1e-9)) + 1)]
    axes.set_yticks(ticks, [f"{100 * tick:.0f}%" for tick in ticks])
    axes.tick_params(length=3, width=0.7)
    found = MaxNLocator(nbins=12, steps=[1, 2, 5, 10], integer=True).tick_values(*axes.get_xlim())
    shown = [float(tick) for tick in found if years[0] <= tick <= years[-1]]
    axes.set_xticks(shown, [f"{tick:g}" for tick in shown])
    axes.xaxis.set_minor_locator(NullLocator())


def _draw_areas(axes: Axes, heights: pd.DataFrame, colours: Mapping[str, str]) -> None:
    for x, part in _runs(heights):
        edges = np.cumsum(part, axis=1)
        below = np.zeros(len(x))
        for place, name in enumerate(heights.columns):
            axes.fill_between(
                x,
                below,
                edges[:, place],
                facecolor=colours[str(name)],
                edgecolor=PAPER,
                linewidth=0.8,
                zorder=1,
                label=str(name),
            )
            below = edges[:, place]


def _runs(heights: pd.DataFrame) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield places (year,) and heights (year, area) of the unbroken runs of years with indices.

    Beside a year without any, the nearest heights go on for half a step, up to the hatching.
    """
    years, values = heights.index.to_numpy(dtype=float), heights.to_numpy()
    empty = heights.isna().any(axis=1).to_numpy()
    for start, stop in _gaps(empty):
        left, right = _reach(years, start, stop)
        x = np.concatenate([[left], years[start:stop], [right]])
        yield x, values[start:stop][[0, *range(stop - start), -1]]


def _reach(years: Numbers, start: int, stop: int) -> tuple[float, float]:
    """Return how far the years of [start, stop) count: half way to their neighbours.

    A year without neighbours gets a little width.
    """
    if len(years) == 1:
        return years[0] - 0.2, years[0] + 0.2
    left = (years[start - 1] + years[start]) / 2 if start else years[0]
    right = (years[stop - 1] + years[stop]) / 2 if stop < len(years) else years[-1]
    return float(left), float(right)


def _draw_blanks(axes: Axes, heights: pd.DataFrame) -> None:
    """Hatch the years in which the outcome does not vary, half a step wide, with a word."""
    years = heights.index.to_numpy(dtype=float)
    for start, stop in _gaps(heights.notna().all(axis=1).to_numpy()):
        low, high = _reach(years, start, stop)
        axes.axvspan(low, high, facecolor=BLANK, edgecolor="#CFCFCF", hatch="////", linewidth=0,
                     zorder=0, gid="no-variance")  # fmt: skip
        named = " to ".join(f"{year:g}" for year in dict.fromkeys(years[[start, stop - 1]]))
        axes.text(
            (low + high) / 2,
            0.5 * axes.get_ylim()[1],
            f"{named}: no variance",
            rotation=90,
            ha="center",
            va="center",
            fontsize=SMALL,
            color=INK,
            bbox={"facecolor": PAPER, "alpha": 0.9, "edgecolor": "none", "pad": 1.2},
            zorder=6,
        )


def _gaps(finite: np.ndarray[Any, Any]) -> list[tuple[int, int]]:
    """Return [start, stop) of every run of places that are not `finite`."""
    padded = np.concatenate([[True], finite, [True]])
    turns = np.diff(padded.astype(int))
    starts, stops = np.flatnonzero(turns == -1), np.flatnonzero(turns == 1)
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


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
