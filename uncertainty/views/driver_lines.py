"""The lines of a ranking: a name, two indices with their intervals, two numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from uncertainty.views.page import pitch
from uncertainty.views.style import INK, MUTED, NOISE, PAPER, text_tone

LABEL, SMALL = 8.4, 7.2
MORE = 0.4  # points by which the lines about those not drawn are smaller
LANE = 0.075  # distance of each index from the middle of its row, inches
FIRST, TOTAL = "S1", "ST"


@dataclass(frozen=True)
class Line:
    """One line of the chart: a driver, or a sentence about those not drawn."""

    lines: tuple[str, ...]
    colour: str
    row: dict[str, Any] | None = None
    group: str = ""

    @property
    def height(self) -> float:
        """Height of the line, in inches."""
        count = len(self.lines) * pitch(LABEL) + (pitch(SMALL) if self.group else 0.0)
        return max(0.36, count + 0.1) if self.row else count + 0.14


def draw_line(axes: Axes, line: Line, y: float) -> None:
    tone = MUTED if line.colour in {NOISE, MUTED} else INK
    size = LABEL if line.row else LABEL - MORE
    count = len(line.lines) * pitch(LABEL) + (pitch(SMALL) if line.group else 0.0)
    top = y + count / 2
    for place, text in enumerate(line.lines):
        _name(axes, text, top - (place + 0.5) * pitch(LABEL), tone, size)
    if line.row is None:
        return
    if line.group:
        colour = MUTED if line.colour == NOISE else text_tone(line.colour)
        below = top - len(line.lines) * pitch(LABEL) - 0.45 * pitch(SMALL)
        _name(axes, line.group, below, colour, SMALL)
    _draw_index(axes, line, TOTAL, y + LANE)
    _draw_index(axes, line, FIRST, y - LANE)
    for place, index in enumerate((TOTAL, FIRST)):
        weight = "bold" if index == TOTAL and line.colour != NOISE else "normal"
        number_text(axes, place, y, two(line.row[index]), tone, weight)


def two(value: float) -> str:
    """Write an index with two decimals; one that is not zero is never written as zero."""
    if not np.isfinite(value):
        return "none"
    if abs(value) < 0.005:
        return "<0.01" if value else "0"
    return f"{value:.2f}".replace("-", "−")


def _draw_index(axes: Axes, line: Line, index: str, y: float) -> None:
    row = line.row or {}
    value, low, high = (row[f"{index}{end}"] for end in ("", "_lower", "_upper"))
    if not np.isfinite(value):
        return
    filled = index == TOTAL
    if filled:
        axes.plot([0, value], [y, y], color=line.colour, linewidth=1.6, alpha=0.45, zorder=2)
    if np.isfinite([low, high]).all():
        axes.plot([low, high], [y, y], color=line.colour, linewidth=1.0, marker="|",
                  markersize=4, zorder=3, gid=f"{index}-interval")  # fmt: skip
    axes.plot(
        [value],
        [y],
        marker="o",
        markersize=6.0 if filled else 5.0,
        color=line.colour,
        markerfacecolor=line.colour if filled else PAPER,
        markeredgewidth=1.2,
        linestyle="none",
        zorder=4,
        gid=index,
    )


def _name(axes: Axes, text: str, y: float, colour: str, size: float) -> None:
    axes.annotate(
        text,
        (0, y),
        xycoords=("axes fraction", "data"),
        xytext=(-9, 0),
        textcoords="offset points",
        ha="right",
        va="center_baseline",
        fontsize=size,
        color=colour,
        gid="name",
    )


def number_text(axes: Axes, place: int, y: float, text: str, colour: str, weight: str) -> None:
    axes.annotate(
        text,
        (1, y),
        xycoords=("axes fraction", "data"),
        xytext=(36 + 34 * place, 0),
        textcoords="offset points",
        ha="right",
        va="center_baseline",
        fontsize=LABEL,
        color=colour,
        weight=weight,
        annotation_clip=False,
        gid="number",
    )
