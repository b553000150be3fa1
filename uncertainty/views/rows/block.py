"""A block of rows: a heading, names, marks on an axis of its own, numbers in columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from uncertainty.views.drawing.axes import width_of
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.page import MARGIN, WIDTH, Page, pitch
from uncertainty.views.drawing.place import widest, wrap
from uncertainty.views.drawing.style import INK, MUTED
from uncertainty.views.drawing.ticks import fitted_ticks, tick_texts
from uncertainty.views.rows.frame import (
    GAP,
    HEADING,
    NAME,
    Name,
    beside,
    draw_heading,
    draw_name,
    draw_number,
    dress_rows,
    label_axis,
    rule_above,
)

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
            width = max(cells, widest([column.head], NAME))
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
        rule_above(axes, top)
    if line.tag:
        beside(axes, line.tag, (0, y), -72 * (names + GAP), ha="left", weight="bold", gid="tag")
    draw_name(axes, line.name, y)
    block.mark(axes, line.data, y)
    for column, edge, cell in zip(block.columns, block.edges, line.cells, strict=True):
        draw_number(axes, y, cell, edge, weight=column.weight, colour=INK)


def plain_ticks(scale: Scale) -> Callable[[Axes], None]:
    """Return what sets round ticks in a scale, with a line at zero."""

    def set_ticks(axes: Axes) -> None:
        low, high = axes.get_xlim()
        ticks = fitted_ticks((low, high), scale, width_of(axes), most=8)
        axes.set_xticks(list(ticks), tick_texts(ticks, scale))
        if low <= 0 <= high:
            axes.axvline(0, color=MUTED, linewidth=0.8, zorder=1)

    return set_ticks
