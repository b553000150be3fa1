"""Axes on a page: their width in inches, the grid across them, texts side by side along them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from uncertainty.views.drawing.page import WIDTH
from uncertainty.views.drawing.place import spread
from uncertainty.views.drawing.style import GRID


def width_of(axes: Axes) -> float:
    """Return the width of axes on the page, in inches."""
    return axes.get_position().width * WIDTH


def side_by_side(
    axes: Axes, values: NDArray[np.float64], widths: list[float], beyond: float
) -> NDArray[np.float64]:
    """Return where texts (text,) at values stand so that none touch, along the axis.

    `widths` are theirs, in inches; they may reach `beyond` the axes by so many.
    """
    low, high = axes.get_xlim()
    inch = width_of(axes) / (high - low)
    return low + spread((values - low) * inch, widths, -beyond, width_of(axes) + beyond) / inch


def draw_grid(axes: Axes, axis: Literal["x", "y"], frame: tuple[str, ...] = ()) -> None:
    """Draw a grid from one axis; of the frame only the named sides stay."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in frame)
    axes.grid(axis=axis, color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.patch.set_alpha(0)


def level_axis(axes: Axes) -> None:
    """Have values upward: a grid, no ticks, and the lower side of the frame alone."""
    draw_grid(axes, "y", ("bottom",))
    axes.tick_params(axis="y", length=0, pad=5)
