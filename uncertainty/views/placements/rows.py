"""One row of the placements: a published figure, share of our draws, where draws near it lean."""

from __future__ import annotations

from dataclasses import dataclass
from re import split

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from uncertainty.views.drawing import select
from uncertainty.views.drawing.axes import side_by_side
from uncertainty.views.drawing.key_marks import DASHES
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.page import pitch
from uncertainty.views.drawing.place import text_width, wrap
from uncertainty.views.drawing.shares import share_text
from uncertainty.views.drawing.style import PAPER, WINE, ground
from uncertainty.views.placements import words
from uncertainty.views.placements.table import DOWN, UP, Placements
from uncertainty.views.rows.frame import NAME, SMALL, Name, draw_name, draw_number

NAMES, NEEDS, GUTTER = 2.4, 2.3, 0.16  # inches
ROW = 0.42
LIFT, DROP = 0.11, 0.05  # inches: numbers above the middle of a row, marks below it
MARKERS = {"value": "D", "low": ">", "high": "<"}  # a range is held between two triangles


@dataclass(frozen=True)
class Row:
    """One published figure: its words, its numbers, and what the draws near it lean to.

    Attributes
    ----------
    needs : tuple of (indent, text)
        Lines, each with its indent in inches.
    """

    name: Name
    numbers: pd.DataFrame
    needs: tuple[tuple[float, str], ...]

    @classmethod
    def of(cls, rows: pd.DataFrame, found: Placements) -> Row:
        """Read the rows of one figure."""
        name = Name.of(str(rows["label"].iloc[0]), NAMES, words.dated(rows, found))
        return cls(name, rows, _needs(rows))

    @property
    def height(self) -> float:
        """Height of the row, in inches."""
        return max(ROW, self.name.height + 0.14, len(self.needs) * pitch(SMALL) + 0.14)


def _needs(rows: pd.DataFrame) -> tuple[tuple[float, str], ...]:
    """Write where the draws near a figure lean; of a range, near the end farther off our median."""
    shares = rows["percentile"].to_numpy()
    far = rows.iloc[int(np.argmax(np.abs(np.nan_to_num(shares, nan=0.5) - 0.5)))]
    if not far["needs"]:
        return ()
    own = Scale.of(rows["value"], str(far["unit"])).full(far["value"])
    head = [f"at {own}:"] if len(rows) > 1 else []
    parts = [*head, *split(rf"; (?=[{UP}{DOWN}])", str(far["needs"]))]
    return tuple(line for part in parts for line in _hanging(part))


def _hanging(text: str) -> list[tuple[float, str]]:
    """Break a text into lines; behind an arrow the further ones are set in."""
    indent = text_width(f"{UP} ", SMALL) if text.startswith((UP, DOWN)) else 0.0
    first, *more = wrap(text, NEEDS, SMALL)
    rest = wrap(text[len(first) :], NEEDS - indent, SMALL) if more else ()
    return [(0.0, first), *((indent, line) for line in rest)]


def draw_row(axes: Axes, row: Row, y: float) -> None:
    """Draw a row about a height in inches."""
    draw_name(axes, row.name, y)
    for place, (indent, line) in enumerate(row.needs):
        height = y + ((len(row.needs) - 1) / 2 - place) * pitch(SMALL)
        draw_number(axes, height, line, GUTTER + indent, size=SMALL, side="left")
    numbers = row.numbers[np.isfinite(row.numbers["percentile"])]
    if numbers.empty:
        return
    shares = numbers["percentile"].to_numpy()
    if len(numbers) > 1:
        axes.plot([shares.min(), shares.max()], [y - DROP] * 2, color=WINE, linewidth=1.0,
                  linestyle=DASHES, zorder=2, gid="range")  # fmt: skip
    for mark in select.records(numbers):
        _draw_mark(axes, mark, y - DROP)
    _draw_shares(axes, shares, y + LIFT)


def _draw_mark(axes: Axes, mark: dict[str, float], y: float) -> None:
    if mark["percentile_mcse"] > 0:
        axes.plot([mark["lower"], mark["upper"]], [y, y], color=WINE, linewidth=1.6, zorder=2.5,
                  solid_capstyle="butt", gid="whisker")  # fmt: skip
    axes.plot([mark["percentile"]], [y], marker=MARKERS.get(str(mark["end"]), "D"), markersize=6.0,
              color=WINE, markerfacecolor=PAPER, markeredgewidth=1.2, linestyle="none",
              clip_on=False, zorder=3, gid="figure")  # fmt: skip


def _draw_shares(axes: Axes, shares: np.ndarray, y: float) -> None:
    """Write each share above its mark, moved sideways where two would touch."""
    texts = [share_text(share) for share in shares]
    widths = [text_width(text, NAME, "bold") + 0.1 for text in texts]
    for text, x in zip(texts, side_by_side(axes, shares, widths, 0.05), strict=True):
        axes.text(x, y, text, fontsize=NAME, weight="bold", color=WINE, ha="center",
                  va="center_baseline", zorder=4, gid="share", bbox=ground(0.6, 0.4))  # fmt: skip
