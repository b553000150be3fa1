"""Stacked areas over years: plain or hatched, with a gap wherever there is nothing to stack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from uncertainty.views.areas.labels import InsideLabel, draw_inside
from uncertainty.views.areas.stack import FOOT, LEADER, TICKS, Stack
from uncertainty.views.drawing.ends import EndLabel, draw_end_labels
from uncertainty.views.drawing.looks import Fill
from uncertainty.views.drawing.page import MARGIN, Page
from uncertainty.views.drawing.style import INK, MUTED, PAPER, ground
from uncertainty.views.drawing.ticks import set_whole_ticks

type Numbers = NDArray[np.float64]

SMALL = 7.8
BLANK, BLANK_HATCH = "#F0F0F0", "#CFCFCF"


def draw_stack(
    page: Page, stack: Stack, at_edge: list[EndLabel], within: list[InsideLabel]
) -> Axes:
    """Draw stacked areas and their names, from `area_labels`, into the room of a page."""
    axes = page.axes(MARGIN + TICKS, FOOT, *stack.size)
    _dress(axes, stack)
    _draw_areas(axes, stack)
    _draw_blanks(axes, stack.heights)
    draw_inside(axes, within)
    draw_end_labels(axes, float(stack.final), at_edge, stack.size[1], LEADER)
    return axes


def _dress(axes: Axes, stack: Stack) -> None:
    """Set limits, percent up and years across."""
    (left, right), top = stack.limits
    axes.set_xlim(left, right)
    axes.set_ylim(0.0, top)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines["left"].set_color(MUTED)
    ticks = [tick / 5 for tick in range(int(np.floor(top * 5 + 1e-9)) + 1)]
    axes.set_yticks(ticks, [f"{100 * tick:.0f}%" for tick in ticks])
    axes.tick_params(length=3, width=0.7)
    set_whole_ticks(axes, (stack.years[0], stack.years[-1]), 12)
    axes.xaxis.set_minor_locator(NullLocator())


def _draw_areas(axes: Axes, stack: Stack) -> None:
    """Draw one area a column from the bottom up."""
    for x, part in _runs(stack.heights):
        edges = np.cumsum(part, axis=1)
        below = np.zeros(len(x))
        for place, name in enumerate(stack.heights.columns):
            _draw_area(axes, (x, below, edges[:, place]), str(name), stack.fills[str(name)])
            below = edges[:, place]


def _draw_area(axes: Axes, place: tuple[Numbers, Numbers, Numbers], name: str, fill: Fill) -> None:
    axes.fill_between(*place, facecolor=fill.face, linewidth=0, zorder=1, label=name)
    if fill.hatch:
        axes.fill_between(*place, facecolor="none", edgecolor=fill.ink, hatch=fill.hatch,
                          linewidth=0, zorder=1.2, gid="hatch")  # fmt: skip
    axes.plot(place[0], place[2], color=PAPER, linewidth=1.2, zorder=1.4, gid="border")


def _draw_blanks(axes: Axes, heights: pd.DataFrame) -> None:
    """Grey out the years without heights, half a step wide, and say why."""
    years = heights.index.to_numpy(dtype=float)
    for start, stop in _spells(heights.isna().any(axis=1).to_numpy()):
        low, high = _reach(years, start, stop)
        axes.axvspan(low, high, facecolor=BLANK, edgecolor=BLANK_HATCH, hatch="////",
                     linewidth=0, zorder=0, gid="no-variance")  # fmt: skip
        named = " to ".join(f"{year:g}" for year in dict.fromkeys(years[[start, stop - 1]]))
        _draw_word(axes, (low + high) / 2, f"{named}: no variance")


def _draw_word(axes: Axes, x: float, text: str) -> None:
    axes.text(
        x,
        0.5 * axes.get_ylim()[1],
        text,
        rotation=90,
        ha="center",
        va="center",
        fontsize=SMALL,
        color=INK,
        bbox=ground(0.9, 1.2),
        zorder=6,
        gid="blank-word",
    )


def _runs(heights: pd.DataFrame) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield years (year,) and heights (year, area) of the unbroken runs of years with heights.

    Beside a year without any, the nearest heights go on for half a step.
    """
    years, values = heights.index.to_numpy(dtype=float), heights.to_numpy()
    for start, stop in _spells(heights.notna().all(axis=1).to_numpy()):
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


def _spells(chosen: np.ndarray[Any, Any]) -> list[tuple[int, int]]:
    """Return [start, stop) of every run of places that are `chosen`."""
    padded = np.concatenate([[False], chosen, [False]])
    turns = np.diff(padded.astype(int))
    starts, stops = np.flatnonzero(turns == 1), np.flatnonzero(turns == -1)
    return list(zip(starts.tolist(), stops.tolist(), strict=True))
