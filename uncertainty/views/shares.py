"""Shares and changes in percent: as text, and as the ticks of an axis."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from uncertainty.views.page import WIDTH
from uncertainty.views.place import text_width
from uncertainty.views.style import Scale

MISSING = "none"
TICK, BEYOND = 8.5, 0.1  # size of tick labels, points; how far one may reach out, inches
ENDS = {"1": "st", "2": "nd", "3": "rd"}
ROUNDING = 1e-12  # of a sum of shares
LEAST_CHANGE = 0.0005
ALL_BUT = 0.005  # a share nearer to none or all than this is not written as 0% or 100%


def share_text(share: float) -> str:
    """Write a share of one in whole percent, such as "62%"; a small one is "<1%", never "0%"."""
    if not np.isfinite(share):
        return MISSING
    if -ALL_BUT < share < ALL_BUT:
        return "<1%" if share > ROUNDING else "0%"
    if ROUNDING < 1 - share < ALL_BUT:
        return ">99%"
    return f"{100 * share:.0f}%".replace("-", "−")


def change_text(change: float) -> str:
    """Write a relative change in percent with its sign, such as "+12%" or "−3.4%"."""
    if not np.isfinite(change):
        return MISSING
    if 0 < abs(change) < LEAST_CHANGE:
        return "<0.1%"
    decimals = 0 if abs(change) >= 0.0995 else 1
    return f"{100 * change:+,.{decimals}f}%".replace("-", "−") if change else "0%"


def signed(value: float, scale: Scale) -> str:
    """Write a difference with its sign, without the unit."""
    text = scale.text(value)
    if not np.isfinite(value):
        return MISSING
    if not text.strip("−0."):
        return "0"
    return text if value < 0 else f"+{text}"


def percent_ticks(axes: Axes, low: float, high: float, most: int = 6) -> None:
    """Set round ticks between two shares and write them in percent.

    Labels that would reach far beyond the axes are left out.
    """
    found = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(100 * low, 100 * high)
    step = float(found[1] - found[0])
    (left, right), width = axes.get_xlim(), axes.get_position().width * WIDTH
    shown = {}
    for tick in (float(t) / 100 for t in found if 100 * low - 1e-9 <= t <= 100 * high + 1e-9):
        text = f"{tick_text(100 * tick, step)}%"
        centre, half = (tick - left) / (right - left) * width, text_width(text, TICK) / 2
        if centre - half >= -BEYOND and centre + half <= width + BEYOND:
            shown[tick] = text
    axes.set_xticks(list(shown), list(shown.values()))


def tick_text(value: float, step: float) -> str:
    """Write the value of a tick with as many decimals as the step needs."""
    decimals = next((d for d in range(12) if abs(step - round(step, d)) < 1e-9 * step), 12)
    return f"{value + 0.0:,.{decimals}f}".replace("-", "−")


def ordinal(probability: float) -> str:
    """Name a quantile as people say it, such as "95th percentile"."""
    place = f"{100 * probability:.6g}"
    teen = len(place) > 1 and place[-2] in "1."
    return f"{place}{'th' if teen else ENDS.get(place[-1], 'th')} percentile"
