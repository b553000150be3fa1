"""Ends: texts at the right edge of axes that name values or areas, with thin leaders to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Transform, blended_transform_factory
from numpy.typing import NDArray

from uncertainty.views.drawing.axes import width_of
from uncertainty.views.drawing.page import pitch
from uncertainty.views.drawing.place import spread, widest

type Numbers = NDArray[np.float64]

LABEL = 8.0
LEADER = 0.16  # inches from the axes to the end labels


@dataclass(frozen=True)
class EndLabel:
    """A text at the right edge of a panel that names a value."""

    value: float
    lines: tuple[str, ...]
    colour: str
    weight: str = "normal"

    @property
    def width(self) -> float:
        """Width of the text, in inches."""
        return widest(self.lines, LABEL, self.weight)

    @property
    def height(self) -> float:
        """Height that the text takes, in inches."""
        return len(self.lines) * pitch(LABEL)


def placed_ends(
    labels: Sequence[EndLabel], limits: tuple[float, float], height: float
) -> tuple[Numbers, Numbers]:
    """Return wished and given centres (label,) of end labels, in inches from the axes' lower end.

    `limits` are the ends of the vertical axis, `height` is its height in inches.
    """
    inch = height / (limits[1] - limits[0])
    wished = np.array([(label.value - limits[0]) * inch for label in labels])
    return wished, spread(wished, [label.height for label in labels], 0.0, height + 0.06)


def draw_end_labels(
    axes: Axes, x: float, labels: Sequence[EndLabel], height: float, leader: float = LEADER
) -> None:
    """Write end labels beside axes of a height in inches, apart from each other, with leaders.

    `x` is the place along the axis where the values stand; a leader reaches `leader` inches
    beyond the axes.
    """
    low, high = axes.get_ylim()
    _, centres = placed_ends(labels, (low, high), height)
    start = float(axes.transLimits.transform((x, 0.0))[0])
    for label, centre in zip(labels, centres, strict=True):
        y = low + centre / (height / (high - low))
        _draw_leader(axes, label, (start, y), leader)
        _draw_text(axes, label, y, leader)


def _draw_leader(axes: Axes, label: EndLabel, ends: tuple[float, float], leader: float) -> None:
    (start, y), width = ends, width_of(axes)
    across = [start + 0.03 / width, 1.0 + 0.06 / width, 1.0 + (leader - 0.03) / width]
    axes.plot(across, [label.value, label.value, y], color=label.colour, alpha=0.55,
              linewidth=0.6, transform=_frame(axes), clip_on=False, zorder=2)  # fmt: skip


def _draw_text(axes: Axes, label: EndLabel, y: float, leader: float) -> None:
    axes.text(1.0 + leader / width_of(axes), y, "\n".join(label.lines), transform=_frame(axes),
              fontsize=LABEL, color=label.colour, weight=label.weight, linespacing=1.15,
              va="center_baseline" if len(label.lines) == 1 else "center",
              gid="end-label")  # fmt: skip


def _frame(axes: Axes) -> Transform:
    """Return shares of the axes' width across, data upward."""
    return blended_transform_factory(axes.transAxes, axes.transData)
