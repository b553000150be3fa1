"""Ticks: round values along an axis, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.ticker import MaxNLocator

from uncertainty.views.place import text_width
from uncertainty.views.style import Scale

TICK_SIZE = 8.5
GAP = 0.16  # inches between two tick labels
YEAR_GAP = 0.42  # inches from one labelled year to the next


def round_ticks(limits: tuple[float, float], most: int, least: int = 2) -> tuple[float, ...]:
    """Return round values within limits: at most `most` steps of them, more where `least` asks.

    Limits hold zero, so that a single value would say nothing of the size of the others.
    """
    for bins in range(max(1, most), 20):
        found = MaxNLocator(nbins=bins, steps=[1, 2, 5, 10]).tick_values(*limits)
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
        widest = max(text_width(text, TICK_SIZE) for text in tick_texts(ticks, scale))
        if (ticks[1] - ticks[0]) * inch >= widest + GAP:
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
