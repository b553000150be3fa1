"""How far the axes of a fan reach, and what lies beyond them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from uncertainty.views.drawing.limits import roomy

# How far beyond the bands the axis reaches for dots, as a share of the bands' own span.
NUMBERS = ("value", "low", "high", "corrected")
REACH = {"observation": 1.0, "projection": 0.5}


def value_limits(table: pd.DataFrame) -> tuple[float, float]:
    """Return limits that hold zero, the bands whole, and the dots that are not far beyond them."""
    bands = table.loc[table["series"].isin(["quantile", "counterfactual"]), "value"]
    bands = bands[np.isfinite(bands)]
    low, high = min(0.0, bands.min()), max(0.0, bands.max())
    span = (high - low) or 1.0
    near = [low, high]
    for series, reach in REACH.items():
        numbers = [name for name in NUMBERS if name in table]
        dots = table.loc[table["series"] == series, numbers].to_numpy().ravel()
        near += [v for v in dots if low - reach * span <= v <= high + reach * span]
    bottom, top = min(near), max(near)
    if bottom == top:
        top = 1.0
    return roomy(bottom, top)


def span_of(table: pd.DataFrame) -> float:
    """Return the height of the value axis."""
    low, high = value_limits(table)
    return high - low


def marks(table: pd.DataFrame) -> list[str]:
    """Return how each row is drawn: band, line, point, or arrow for what lies beyond the axis."""
    low, high = value_limits(table)
    dots = table["series"].isin(REACH)
    numbers = table[["value", "low", "high"]]
    far = ((numbers < low) | (numbers > high)).any(axis=1)
    away = (dots & far) | np.isinf(table["value"])
    names = {"quantile": "band", "counterfactual": "line"}
    plain = table["series"].map(names).fillna("point")
    return [str(mark) for mark in plain.where(~away, "arrow")]
