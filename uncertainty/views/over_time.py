"""First-order indices over the years, stacked; what is left of one is named interactions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from uncertainty.errors import ResultError
from uncertainty.views import select
from uncertainty.views.bands import EndLabel, draw_end_labels
from uncertainty.views.driver_table import (
    INTERACTIONS,
    REST,
    area_table,
    driver_node,
    long_name,
)
from uncertainty.views.page import MARGIN, WIDTH, open_page
from uncertainty.views.place import wrap
from uncertainty.views.style import (
    CATEGORIES,
    INK,
    MUTED,
    PAPER,
    mark_tone,
    styled,
    text_tone,
)

MOST = 6
BODY = 4.2
NAMES = 2.3  # inches for the labels at the right end
LABEL, SMALL = 8.0, 7.8
REST_COLOUR, BLANK = "#BDBDBD", "#F0F0F0"


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
    title = f"What decides {long_name(result, node, outcome)}{where}, year by year"
    runs = f"; {int(node.attrs['model_runs']):,} model runs" if "model_runs" in node.attrs else ""
    subtitle = (
        f"First-order Sobol' indices: share of the variance that each driver explains alone{runs}"
    )
    with styled():
        return _draw(table, title, select.headed(result, subtitle)), table


def _draw(table: pd.DataFrame, title: str, subtitle: str) -> Figure:
    heights = table.pivot(index="year", columns="parameter", values="height")
    heights = heights[list(dict.fromkeys(table["parameter"]))].sort_index()
    colours = _colours(heights)
    labels = _end_labels(table, heights, colours)
    spoken = "; ".join(" ".join(label.lines).replace("\u00a0\u00a0", " ") for label in labels)
    page = open_page(title, subtitle, _notes(table), room=BODY + 0.4, spoken=f"{spoken}.")
    left = MARGIN + 0.42
    axes = page.axes(left, 0.3, WIDTH - left - MARGIN - NAMES - 0.18, BODY)
    _dress(axes, heights)
    _draw_areas(axes, heights, colours)
    _draw_blanks(axes, heights)
    last = heights.dropna().index.max()
    draw_end_labels(axes, float(last), labels, BODY)
    return page.figure


def _colours(heights: pd.DataFrame) -> dict[str, str]:
    colours = {
        str(name): mark_tone(CATEGORIES[place]) for place, name in enumerate(heights.columns[:MOST])
    }
    return colours | {REST: REST_COLOUR, INTERACTIONS: PAPER}


def _dress(axes: Axes, heights: pd.DataFrame) -> None:
    stacked = heights.drop(columns=INTERACTIONS).sum(axis=1).max()
    years = heights.index.to_numpy(dtype=float)
    pad = 0.0 if len(years) > 1 else 0.5
    axes.set_xlim(years[0] - pad, years[-1] + pad)
    axes.set_ylim(0.0, max(1.0, float(stacked)))
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
    for run in _runs(heights):
        x, part = _widened(run.index.to_numpy(dtype=float)), run
        edges = np.cumsum(part.to_numpy(), axis=1)
        edges = np.repeat(edges, 2, axis=0) if len(part) == 1 else edges
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


def _runs(heights: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the unbroken runs of years that have indices."""
    finite = heights.notna().all(axis=1)
    number = (finite != finite.shift()).cumsum()
    return [run for _, run in heights[finite].groupby(number[finite])]


def _widened(years: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, Any]:
    """Give a year that stands alone some width."""
    return years if len(years) > 1 else np.array([years[0] - 0.2, years[0] + 0.2])


def _draw_blanks(axes: Axes, heights: pd.DataFrame) -> None:
    """Hatch the years in which the outcome does not vary, with a word."""
    years, finite = (
        heights.index.to_numpy(dtype=float),
        heights.notna().all(axis=1).to_numpy(),
    )
    for start, stop in _gaps(finite):
        low = years[max(start - 1, 0)] if start else years[0]
        high = years[min(stop, len(years) - 1)]
        axes.axvspan(low, high, facecolor=BLANK, edgecolor="#CFCFCF", hatch="////", linewidth=0,
                     zorder=0, gid="no-variance")  # fmt: skip
        axes.text(
            (low + high) / 2,
            0.5 * axes.get_ylim()[1],
            "no variance",
            rotation=90,
            ha="center",
            va="center",
            fontsize=SMALL,
            color=INK,
            bbox={"facecolor": PAPER, "alpha": 0.9, "edgecolor": "none", "pad": 1.2},
            zorder=6,
        )


def _gaps(finite: np.ndarray[Any, Any]) -> list[tuple[int, int]]:
    """Return [start, stop) of every run of places without indices."""
    padded = np.concatenate([[True], finite, [True]])
    turns = np.diff(padded.astype(int))
    starts, stops = np.flatnonzero(turns == -1), np.flatnonzero(turns == 1)
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


def _end_labels(
    table: pd.DataFrame, heights: pd.DataFrame, colours: Mapping[str, str]
) -> list[EndLabel]:
    last = heights.dropna().iloc[-1]
    edges = last.cumsum()
    names = dict(zip(table["parameter"], table["label"], strict=True))
    labels = []
    for name, height in last.items():
        text = f"{names[str(name)]}\u00a0\u00a0{100 * height:.0f}%"
        plain = str(name) in {REST, INTERACTIONS}
        colour = MUTED if plain else text_tone(colours[str(name)])
        middle = float(edges[str(name)] - height / 2)
        labels.append(EndLabel(middle, wrap(text, NAMES - 0.02, LABEL), colour))
    return labels


def _notes(table: pd.DataFrame) -> list[str]:
    drawn = table.groupby("year")["height"].transform(lambda heights: heights.notna().all())
    shown = table[drawn & (table["parameter"] != INTERACTIONS)]
    year = int(shown["year"].max())
    notes = [
        f"The white remainder is what drivers do only together. Numbers at the right: {year}. "
        "The intervals of the shares are in the table.",
    ]
    below = shown[shown["S1"] < 0]
    if len(below):
        notes.append(
            f"{len(below)} of the {len(shown)} shares are below zero, which is "
            f"noise of the estimate (least {below['S1'].min():.3f}); they are drawn as zero and "
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
