"""The frame of a chart in rows: names at the left, marks in the middle, numbers at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from re import split

from matplotlib.axes import Axes

from uncertainty.views.page import pitch
from uncertainty.views.place import text_width, wrap
from uncertainty.views.style import GRID, INK, MUTED

NAME, SMALL, HEADING = 8.4, 7.2, 9.0  # sizes of text, points
GAP = 0.12  # inches between the names and the axes


@dataclass(frozen=True)
class Name:
    """The words left of a row: a name and, below it, smaller words.

    Attributes
    ----------
    lines, below : tuple of str
        Wrapped to the room that names have.
    """

    lines: tuple[str, ...]
    below: tuple[str, ...] = ()
    colour: str = INK
    weight: str = "normal"

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
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0, pad=3)
    axes.grid(axis="x", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.patch.set_alpha(0)


def label_axis(axes: Axes, text: str) -> None:
    """Say below the ticks what the axis measures."""
    axes.set_xlabel(text, fontsize=SMALL, color=MUTED, labelpad=2)


def draw_name(axes: Axes, name: Name, y: float) -> None:
    """Write a name at the left of a row, centred at a height in inches."""
    top = y + name.height / 2
    for place, text in enumerate(name.lines):
        _left(axes, text, top - (place + 0.5) * pitch(NAME), name, NAME)
    top -= len(name.lines) * pitch(NAME)
    for place, text in enumerate(name.below):
        below = Name((), colour=MUTED)
        _left(axes, text, top - (place + 0.45) * pitch(SMALL), below, SMALL)


def _left(axes: Axes, text: str, y: float, look: Name, size: float) -> None:
    axes.annotate(
        text,
        (0, y),
        xycoords=("axes fraction", "data"),
        xytext=(-72 * GAP, 0),
        textcoords="offset points",
        ha="right",
        va="center_baseline",
        fontsize=size,
        color=look.colour,
        weight=look.weight,
        annotation_clip=False,
        gid="name",
    )


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
    axes.annotate(
        text,
        (1, y),
        xycoords=("axes fraction", "data"),
        xytext=(72 * inches, 0),
        textcoords="offset points",
        ha=side,
        va="center_baseline",
        fontsize=size,
        color=colour,
        weight=weight,
        annotation_clip=False,
        gid="number",
    )


def draw_heading(axes: Axes, y: float, lines: Sequence[str], *, left: float) -> None:
    """Write lines in bold above rows, from `left` inches left of the axes; `y` is the last's."""
    for place, text in enumerate(reversed(lines)):
        axes.annotate(
            text,
            (0, y + place * pitch(HEADING)),
            xycoords=("axes fraction", "data"),
            xytext=(-72 * left, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=HEADING,
            weight="bold",
            annotation_clip=False,
            gid="heading",
        )


def widest(texts: Sequence[str], size: float = NAME, weight: str = "normal") -> float:
    """Return the width of the widest text, in inches; 0 without any."""
    return max((text_width(text, size, weight) for text in texts), default=0.0)
