"""The lines of a ranking: a name, two indices with their intervals, two numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from uncertainty.views.drawing.numbers import MISSING
from uncertainty.views.drawing.style import INK, MUTED, NOISE, PAPER
from uncertainty.views.rows.frame import AWAY, Name, draw_name, draw_number

LANE = 0.075  # distance of each index from the middle of its row, inches
COLUMNS = (36.0, 70.0)  # right edges of the numbers, points from the axes
FIRST, TOTAL = "S1", "ST"


@dataclass(frozen=True)
class Line:
    """One line of the chart: a driver, or a sentence about those not drawn."""

    name: Name
    colour: str = MUTED
    row: dict[str, Any] | None = None

    @property
    def height(self) -> float:
        """Height of the line, in inches."""
        return max(0.36, self.name.height + 0.1) if self.row else self.name.height + 0.14


def draw_line(axes: Axes, line: Line, y: float) -> None:
    """Draw a line about a height in inches."""
    draw_name(axes, line.name, y, AWAY)
    if line.row is None:
        return
    _draw_index(axes, line, TOTAL, y + LANE)
    _draw_index(axes, line, FIRST, y - LANE)
    strong = "normal" if line.colour == NOISE else "bold"
    numbers = (two(line.row[TOTAL]), two(line.row[FIRST]))
    draw_numbers(axes, y, numbers, (strong, "normal"), MUTED if line.colour == NOISE else INK)


def draw_numbers(
    axes: Axes, y: float, texts: tuple[str, str], weights: tuple[str, str], colour: str
) -> None:
    """Write total and first-order index, or their heads, right of the axes."""
    for points, text, weight in zip(COLUMNS, texts, weights, strict=True):
        draw_number(axes, y, text, points / 72, weight=weight, colour=colour)


def two(value: float) -> str:
    """Write an index with two decimals; one that is not zero is never written as zero."""
    if not np.isfinite(value):
        return MISSING
    if abs(value) < 0.005:
        return "<0.01" if value else "0"
    return f"{value:.2f}".replace("-", "−")


def _draw_index(axes: Axes, line: Line, index: str, y: float) -> None:
    row, colour = line.row or {}, line.colour
    value, low, high = (row[f"{index}{end}"] for end in ("", "_lower", "_upper"))
    if not np.isfinite(value):
        return
    filled = index == TOTAL
    if filled:
        axes.plot([0, value], [y, y], color=colour, linewidth=1.6, alpha=0.45, zorder=2)
    if np.isfinite([low, high]).all():
        axes.plot([low, high], [y, y], color=colour, linewidth=1.0, marker="|",
                  markersize=4, zorder=3, gid=f"{index}-interval")  # fmt: skip
    axes.plot([value], [y], marker="o", markersize=6.0 if filled else 5.0, color=colour,
              markerfacecolor=colour if filled else PAPER, markeredgewidth=1.2,
              linestyle="none", zorder=4, gid=index)  # fmt: skip
