"""Ticks: round values along an axis, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from uncertainty.views.drawing.axes import width_of
from uncertainty.views.drawing.numbers import Scale, tick_text
from uncertainty.views.drawing.place import text_width, widest

TICK_SIZE = 8.5
GAP = 0.16  # inches between two tick labels
BEYOND = 0.1  # inches that a tick label may reach beyond the axes
YEAR_GAP = 0.42  # inches from one labelled year to the next
STEPS = (1, 2, 5, 10)


def round_ticks(limits: tuple[float, float], most: int, least: int = 2) -> tuple[float, ...]:
    """Return round values within limits: at most `most` steps of them, more where `least` asks.

    Limits hold zero, so that a single value would say nothing of the size of the others.
    """
    for bins in range(max(1, most), 20):
        found = MaxNLocator(nbins=bins, steps=STEPS).tick_values(*limits)
        ticks = tuple(float(tick) for tick in found if limits[0] <= tick <= limits[1])
        if len(ticks) >= least:
            break
    return ticks


def tick_texts(ticks: Sequence[float], scale: Scale) -> list[str]:
    """Write evenly spaced ticks, each with as many decimals as their step needs."""
    return [scale.tick(tick, ticks[1] - ticks[0]) for tick in ticks]


def fitted_ticks(
    limits: tuple[float, float], scale: Scale, width: float, most: int = 6
) -> tuple[float, ...]:
    """Return the most round values whose labels stand apart on an axis `width` inches wide."""
    for steps in range(most, 0, -1):
        ticks = round_ticks(limits, steps)
        inch = width / (limits[1] - limits[0])
        if (ticks[1] - ticks[0]) * inch >= widest(tick_texts(ticks, scale), TICK_SIZE) + GAP:
            break
    return ticks


def year_ticks(years: Sequence[float], width: float) -> tuple[float, ...]:
    """Return every year, or every second, fifth, ... round one, so that the labels stand apart."""
    span = (years[-1] - years[0]) or 1.0
    for step in (1, 2, 5, 10, 20, 50, 100):
        ticks = tuple(float(year) for year in years if year % step == 0)
        gaps = [later - earlier for earlier, later in pairwise(ticks)]
        if min(gaps, default=span) * width / span >= YEAR_GAP:
            break
    return ticks or tuple(map(float, years[-1:]))


def set_whole_ticks(axes: Axes, ends: tuple[float, float], most: int) -> None:
    """Set whole round numbers between two ends along the axis, at most `most` steps of them."""
    found = MaxNLocator(nbins=most, steps=STEPS, integer=True).tick_values(*axes.get_xlim())
    ticks = [float(tick) for tick in found if ends[0] <= tick <= ends[1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])


def set_percent_ticks(axes: Axes, low: float, high: float, most: int = 6) -> None:
    """Set round ticks between two shares and write them in percent.

    Labels that would reach far beyond the axes are left out.
    """
    found = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(100 * low, 100 * high)
    step = float(found[1] - found[0])
    (left, right), width = axes.get_xlim(), width_of(axes)
    shown = {}
    for tick in (float(t) / 100 for t in found if 100 * low - 1e-9 <= t <= 100 * high + 1e-9):
        text = f"{tick_text(100 * tick, step)}%"
        centre, half = (tick - left) / (right - left) * width, text_width(text, TICK_SIZE) / 2
        if centre - half >= -BEYOND and centre + half <= width + BEYOND:
            shown[tick] = text
    axes.set_xticks(list(shown), list(shown.values()))


def step_of(places: Sequence[float]) -> float:
    """Return the usual step between places, 1 for a single one."""
    return float(np.median(np.diff(places))) if len(places) > 1 else 1.0
