"""The frame of a chart in rows: names at the left, marks in the middle, numbers at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from re import split
from typing import Any

from matplotlib.axes import Axes

from uncertainty.views.drawing.axes import draw_grid
from uncertainty.views.drawing.page import pitch
from uncertainty.views.drawing.place import text_width, widest, wrap
from uncertainty.views.drawing.style import GRID, INK, MUTED

NAME, SMALL, HEADING = 8.4, 7.2, 9.0  # sizes of text, points
GAP = 0.12  # inches between the names and the axes
AWAY = 9.0  # points between them where a little more does good


@dataclass(frozen=True)
class Name:
    """The words left of a row: a name and, below it, smaller words.

    Attributes
    ----------
    lines, below : tuple of str
        Wrapped to the room that names have.
    tone : str
        Colour of the smaller words.
    """

    lines: tuple[str, ...]
    below: tuple[str, ...] = ()
    colour: str = INK
    weight: str = "normal"
    size: float = NAME
    tone: str = MUTED

    @classmethod
    def of(
        cls, text: str, width: float, below: str = "", *, colour: str = INK, weight: str = "normal"
    ) -> Name:
        """Wrap the words to a width in inches."""
        small = wrap(below, width, SMALL) if below else ()
        return cls(broken(text, width, NAME, weight), small, colour, weight)

    @property
    def height(self) -> float:
        """Height of the words, in inches."""
        return len(self.lines) * pitch(NAME) + len(self.below) * pitch(SMALL)


def broken(text: str, width: float, size: float, weight: str = "normal") -> tuple[str, ...]:
    """Break text as `wrap` does; a word wider than the room breaks behind a hyphen first."""
    if widest(text.split(), size, weight) <= width:
        return wrap(text, width, size, weight)
    lines = [""]
    for piece in split(r"(?<=[-_/ ])", text.strip()):
        if text_width((lines[-1] + piece).rstrip(), size, weight) > width:
            lines += wrap(piece, width, size, weight)
            piece = " " if piece.endswith(" ") else ""
        lines[-1] += piece
    return tuple(line.rstrip() for line in lines if line.strip())


def dress_rows(axes: Axes, limits: tuple[float, float], tall: float) -> None:
    """Give the axes their limits: values across, inches upward; no frame but a grid."""
    axes.set_xlim(*limits)
    axes.set_ylim(0.0, tall)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0, pad=3)
    draw_grid(axes, "x")


def rule_above(axes: Axes, y: float) -> None:
    """Draw a thin line above a row."""
    axes.axhline(y, color=GRID, linewidth=0.7, zorder=0.5)


def label_axis(axes: Axes, text: str) -> None:
    """Say below the ticks what the axis measures."""
    axes.set_xlabel(text, fontsize=SMALL, color=MUTED, labelpad=2)


def draw_name(axes: Axes, name: Name, y: float, points: float = 72 * GAP) -> None:
    """Write a name `points` left of a row, centred at a height in inches."""
    top = y + name.height / 2
    for place, text in enumerate(name.lines):
        height = top - (place + 0.5) * pitch(NAME)
        beside(axes, text, (0, height), -points, gid="name", color=name.colour,
               weight=name.weight, fontsize=name.size)  # fmt: skip
    top -= len(name.lines) * pitch(NAME)
    for place, text in enumerate(name.below):
        height = top - (place + 0.45) * pitch(SMALL)
        beside(axes, text, (0, height), -points, gid="name", color=name.tone, fontsize=SMALL)


def draw_number(
    axes: Axes,
    y: float,
    text: str,
    inches: float,
    *,
    colour: str = INK,
    weight: str = "normal",
    size: float = NAME,
    side: str = "right",
) -> None:
    """Write a number beside the axes: its `side` stands `inches` right of their right edge."""
    beside(axes, text, (1, y), 72 * inches, gid="number", ha=side, fontsize=size, color=colour,
           weight=weight)  # fmt: skip


def draw_heading(axes: Axes, y: float, lines: Sequence[str], *, left: float) -> None:
    """Write lines in bold above rows, from `left` inches left of the axes; `y` is the last's."""
    for place, text in enumerate(reversed(lines)):
        beside(axes, text, (0, y + place * pitch(HEADING)), -72 * left, gid="heading", ha="left",
               fontsize=HEADING, weight="bold")  # fmt: skip


def beside(axes: Axes, text: str, place: tuple[float, float], points: float, **look: Any) -> None:
    """Write text `points` right of the axes' left (0) or right (1) edge, at a height in data."""
    look = {"ha": "right", "fontsize": NAME, **look}
    axes.annotate(text, place, xycoords=("axes fraction", "data"), xytext=(points, 0),
                  textcoords="offset points", va="center_baseline", annotation_clip=False,
                  **look)  # fmt: skip
