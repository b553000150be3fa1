"""Stacked areas as numbers: heights over years, and the frame that they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from uncertainty.views.drawing.looks import Fill
from uncertainty.views.drawing.page import MARGIN, WIDTH

BODY = 4.2  # inches: height of the areas, more where their names need it
TICKS, FOOT = 0.42, 0.3  # inches left of the axes and below them, for ticks
NAMES, LEADER = 2.3, 0.5  # inches for the names at the right end, and from the areas to these
GRAIN = 241  # places tried along the axis


@dataclass(frozen=True)
class Stack:
    """Stacked areas in their frame.

    Attributes
    ----------
    heights : pandas.DataFrame
        Index year, one column an area from the bottom up; NaN in years without any.
    names, fills : mapping
        By column: the label, and the look of the area and of a name at the edge.
    limits : ((left, right), top)
        Ends of the axes; the lower one is zero.
    size : (width, height)
        Of the axes, in inches.
    """

    heights: pd.DataFrame
    names: Mapping[str, str]
    fills: Mapping[str, Fill]
    limits: tuple[tuple[float, float], float]
    size: tuple[float, float]

    @classmethod
    def of(
        cls,
        heights: pd.DataFrame,
        names: Mapping[str, str],
        fills: Mapping[str, Fill],
        most: float,
        tall: float = BODY,
    ) -> Stack:
        """Frame areas that reach `most` at most, in axes at least `tall` inches high."""
        years = heights.index.to_numpy(dtype=float)
        pad = 0.0 if len(years) > 1 else 0.5
        limits = ((years[0] - pad, years[-1] + pad), max(1.0, most))
        wide = WIDTH - 2 * MARGIN - TICKS - NAMES - LEADER - 0.02
        return cls(heights, names, fills, limits, (wide, max(BODY, tall)))

    @property
    def room(self) -> float:
        """Height of the axes with their ticks, in inches."""
        return self.size[1] + 0.4

    @property
    def years(self) -> NDArray[np.float64]:
        """Years, ascending."""
        return self.heights.index.to_numpy(dtype=float)

    @property
    def final(self) -> int:
        """Last year that has heights."""
        return int(self.heights.dropna().index.to_numpy()[-1])

    @property
    def last(self) -> pd.Series[float]:
        """Heights in that year."""
        return self.heights.dropna().iloc[-1]

    def peak(self, name: str) -> tuple[int, float]:
        """Return the year in which an area is largest, and its height there."""
        column = self.heights[name].dropna()
        return int(column.index.to_numpy()[column.to_numpy().argmax()]), float(column.max())

    def edges(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return lower and upper border at `GRAIN` places along the axis, NaN at gaps."""
        grid, above = np.linspace(*self.limits[0], GRAIN), self.heights.cumsum(axis=1, skipna=False)
        upper = np.interp(grid, self.years, above[name].to_numpy())
        return upper - np.interp(grid, self.years, self.heights[name].to_numpy()), upper
