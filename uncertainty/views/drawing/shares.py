"""Shares, changes and probabilities in percent, as text."""

from __future__ import annotations

import numpy as np

from uncertainty.views.drawing.numbers import MISSING

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


def fine_share_text(share: float) -> str:
    """Write a share in percent, to tenths near none and all; only these are 0% and 100%."""
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    fine = 0 < share < 0.00995 or 0.995 <= share < 1
    return f"{100 * share:.{int(fine)}f}%"


def change_text(change: float) -> str:
    """Write a relative change in percent with its sign, such as "+12%" or "−3.4%"."""
    if not np.isfinite(change):
        return MISSING
    if 0 < abs(change) < LEAST_CHANGE:
        return "<0.1%"
    decimals = 0 if abs(change) >= 0.0995 else 1
    return f"{100 * change:+,.{decimals}f}%".replace("-", "−") if change else "0%"


def percent(probability: float) -> str:
    """Write a probability in percent, such as "95%" or "2.5%"."""
    return f"{100 * probability:.6g}%"


def ordinal(probability: float) -> str:
    """Name a quantile as people say it, such as "95th percentile"."""
    place = f"{100 * probability:.6g}"
    teen = len(place) > 1 and place[-2] in "1."
    return f"{place}{'th' if teen else ENDS.get(place[-1], 'th')} percentile"
