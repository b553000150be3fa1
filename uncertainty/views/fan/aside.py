"""Marks of one year side by side: which would cover each other, and how far they move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

DODGE, DODGE_MOST = 0.24, 0.36  # shares of the step between years
# A dot's half height as a share of the axis: closer than two of these, dots hide each other.
DOT = 0.011


def dodged(years: Sequence[float], panels: Sequence[object], step: float) -> list[float]:
    """Set marks of one year side by side, in their order, at most a third of a step away."""
    places = pd.DataFrame({"year": np.asarray(years, dtype=float), "panel": list(panels)})
    cells = places.groupby(["panel", "year"])["year"]
    rank, count = cells.cumcount(), cells.transform("size")
    gap = np.minimum(DODGE, 2 * DODGE_MOST / np.maximum(count - 1, 1)) * step
    return (places["year"] + (rank - (count - 1) / 2) * gap).tolist()


def crowds(rows: pd.DataFrame, cells: Sequence[object], span: float) -> list[int]:
    """Number the groups of rows whose marks would cover each other.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns value, low, high.
    cells : (row,) sequence
        The place of each row (its panel and year); rows of different cells never touch.
    span : float
        Height of the axis, in the unit of the values.

    Returns
    -------
    (row,) list of int
        Equal numbers for rows that touch, directly or through others.
    """
    numbers = rows[["value", "low", "high"]].to_numpy(dtype=float)
    marks = pd.DataFrame(
        {
            "cell": pd.factorize(pd.Series(list(cells), dtype=object))[0],
            "low": np.nanmin(numbers, axis=1) - DOT * span,
            "high": np.nanmax(numbers, axis=1) + DOT * span,
        }
    ).sort_values(["cell", "low"], kind="stable")
    reached = marks.groupby("cell")["high"].cummax().groupby(marks["cell"]).shift()
    apart = ~(marks["low"] <= reached)
    return [int(number) for number in apart.cumsum().sort_index()]
