"""Limits: how far an axis reaches beyond the numbers on it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from uncertainty.views.drawing.numbers import Scale


def zero_limits(values: Iterable[float], scale: Scale | None = None) -> tuple[float, float]:
    """Return ends that hold all finite values and zero, and room for marks at the ends.

    Calendar years (those of such a scale) have no zero worth showing.
    """
    finite = np.array([value for value in values if np.isfinite(value)])
    if scale and scale.calendar:
        return float(finite.min()) - 1.0, float(finite.max()) + 1.0
    low, high = min(0.0, *finite, 0.0), max(0.0, *finite, 0.0)
    room = 0.03 * ((high - low) or 1.0)
    return (low - room if low < 0 else 0.0), high + room


def roomy(low: float, high: float) -> tuple[float, float]:
    """Return the ends of an axis with room beyond, but none beyond zero."""
    room = 0.05 * (high - low)
    return (low - room if low < 0 else 0.0), (high + room if high > 0 else 0.0)
