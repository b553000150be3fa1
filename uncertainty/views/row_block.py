"""A block of rows: a heading, names, marks on an axis of its own, numbers in columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from uncertainty.views.page import MARGIN, WIDTH, Page, pitch
from uncertainty.views.place import wrap
from uncertainty.views.row_frame import (
    GAP,
    HEADING,
    NAME,
    Name,
    draw_heading,
    draw_name,
    draw_number,
    dress_rows,
    label_axis,
    widest,
)
from uncertainty.views.style import GRID, INK, MUTED, Scale
from uncertainty.views.ticks import fitted_ticks, tick_texts

ROW, AIR = 0.27, 0.09  # inches: a line at least, and above and below its name
HEADS, FOOT = 0.24, 0.42  # inches: for the heads of columns, for ticks and the axis label
COLUMN_GAP = 0.2


@dataclass(frozen=True)
class Line:
    """One line of a block.

    Attributes
    ----------
    cells : tuple of str
        The numbers at the right, one a column.
    data : Any
        What the block's marks are drawn from.
    tag : str
        A word at the far left, in bold.
    ruled : bool
        Whether a thin line stands above.
    """

    name: Name
    cells: tuple[str, ...]
    data: Any
    tag: str = ""
    ruled: bool = False

    @property
    def height(self) -> float:
        """Height of the line, in inches."""
        return max(ROW, self.name.height + AIR)


@dataclass(frozen=True)
class Column:
    """The head of a column of numbers and how these are set."""

    head: str
    colour: str = MUTED
    weight: str = "normal"


@dataclass(frozen=True)
class Block:
    """Lines on one axis.

    Attributes
    ----------
    limits : (float, float)
        Ends of the axis.
    set_ticks : callable
        Given the axes, sets ticks and their labels.
    mark : callable
        Given the axes, a line's data and its height, draws the marks.
    """

    heading: str
    lines: Sequence[Line]
    columns: Sequence[Column]
    limits: tuple[float, float]
    axis: str
    set_ticks: Callable[[Axes], None]
    mark: Callable[[Axes, Any, float], None]

    @property
    def title(self) -> tuple[str, ...]:
        """The heading, broken to the width of the page."""
        return wrap(self.heading, WIDTH - 2 * MARGIN, HEADING, "bold")

    @property
    def tall(self) -> float:
        """Height of the lines, in inches."""
        return sum(line.height for line in self.lines)

    @property
    def height(self) -> float:
        """Height of the whole block, in inches."""
        return len(self.title) * pitch(HEADING) + HEADS + self.tall + FOOT

    @property
    def edges(self) -> list[float]:
        """Right edge of each column, in inches from the axes."""
        edges: list[float] = []
        for place, column in enumerate(self.columns):
            cells = widest([line.cells[place] for line in self.lines], NAME, column.weight)
            width = max(cells, widest([column.head]))
            edges.append((edges[-1] if edges else 0.0) + COLUMN_GAP + width)
        return edges


def draw_block(page: Page, block: Block, bottom: float, names: float) -> None:
    """Draw a block whose lower edge is at inches from the bottom of the page's room.

    `names` is the width of the column of names, in inches.
    """
    left, edges = MARGIN + names + GAP, block.edges
    axes = page.axes(left, bottom + FOOT, WIDTH - MARGIN - left - edges[-1], block.tall)
    dress_rows(axes, block.limits, block.tall)
    block.set_ticks(axes)
    label_axis(axes, block.axis)
    draw_heading(axes, block.tall + HEADS + 0.06, block.title, left=names + GAP)
    for column, edge in zip(block.columns, edges, strict=True):
        draw_number(axes, block.tall + 0.1, column.head, edge, colour=column.colour)
    y = block.tall
    for line in block.lines:
        _draw_line(axes, block, line, (y, names))
        y -= line.height


def _draw_line(axes: Axes, block: Block, line: Line, spot: tuple[float, float]) -> None:
    (top, names), y = spot, spot[0] - line.height / 2
    if line.ruled:
        axes.axhline(top, color=GRID, linewidth=0.7, zorder=0.5)
    if line.tag:
        axes.annotate(line.tag, (0, y), xycoords=("axes fraction", "data"),
                      xytext=(-72 * (names + GAP), 0), textcoords="offset points",
                      va="center_baseline", fontsize=NAME, weight="bold", gid="tag",
                      annotation_clip=False)  # fmt: skip
    draw_name(axes, line.name, y)
    block.mark(axes, line.data, y)
    for column, edge, cell in zip(block.columns, block.edges, line.cells, strict=True):
        draw_number(axes, y, cell, edge, weight=column.weight, colour=INK)


def zero_limits(values: Iterable[float], scale: Scale) -> tuple[float, float]:
    """Return ends that hold all values and zero; calendar years have no zero worth showing."""
    finite = np.array([value for value in values if np.isfinite(value)])
    if scale.calendar:
        return float(finite.min()) - 1.0, float(finite.max()) + 1.0
    low, high = min(0.0, *finite, 0.0), max(0.0, *finite, 0.0)
    room = 0.03 * ((high - low) or 1.0)
    return (low - room if low < 0 else 0.0), (high + room)


def plain_ticks(scale: Scale) -> Callable[[Axes], None]:
    """Return what sets round ticks in a scale, with a line at zero."""

    def set_ticks(axes: Axes) -> None:
        low, high = axes.get_xlim()
        width = axes.get_position().width * WIDTH
        ticks = fitted_ticks((low, high), scale, width, most=8)
        axes.set_xticks(list(ticks), tick_texts(ticks, scale))
        if low <= 0 <= high:
            axes.axvline(0, color=MUTED, linewidth=0.8, zorder=1)

    return set_ticks
