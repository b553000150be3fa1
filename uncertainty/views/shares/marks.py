"""The lines of the shares: a name, three indices with their intervals, three numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from uncertainty.views.drawing import select
from uncertainty.views.drawing.looks import Look
from uncertainty.views.drawing.numbers import MISSING, Scale
from uncertainty.views.drawing.place import widest, wrap
from uncertainty.views.drawing.style import INK, MUTED, NOISE, PAPER, category, text_tone
from uncertainty.views.rows.block import Block, Column, Line, plain_ticks
from uncertainty.views.rows.frame import NAME, SMALL, Name
from uncertainty.views.shares.table import ACTS, INDICES, INFORMS, leading

NAMES = 2.6  # most inches for the labels
TALL = 0.42  # least height of a line with marks, inches
LANE = 0.105  # inches from the marks of one index to those of the next
LOOKS = {
    "Sh": Look("D", category(0), filled=True),
    "closed": Look("o", category(5), filled=False),
    "total": Look("s", category(2), filled=True),
}
SIZES = {"Sh": 4.8, "closed": 5.0, "total": 4.2}  # of markers, points
HEADS = {"Sh": "Shapley", "closed": "closed", "total": "total"}
LARGER = {INFORMS: "closed", ACTS: "total"}
READ = "Closed above total: the parameter shares information with others"


class Marked(Line):
    """A line with room for the marks of three indices."""

    @property
    def height(self) -> float:
        """Height of the line, in inches."""
        return max(TALL, super().height)


def shares_block(table: pd.DataFrame) -> Block:
    """Return the lines of all parameters that are drawn, and those that count the others."""
    found = [index for index in INDICES if index in table]
    weights = {leading(table): "bold"}
    return Block(
        heading=READ,
        lines=_lines(table, found),
        columns=[
            Column(HEADS[i], text_tone(LOOKS[i].colour), weights.get(i, "normal")) for i in found
        ],
        limits=_limits(table, found),
        axis="share of the variance",
        set_ticks=plain_ticks(Scale("1")),
        mark=_marker(found),
    )


def names_width(block: Block) -> float:
    """Return the width of the column of names, in inches."""
    names = [line.name for line in block.lines]
    return max(
        max(widest(name.lines, NAME, name.weight), widest(name.below, SMALL)) for name in names
    )


def _lines(table: pd.DataFrame, found: Sequence[str]) -> list[Line]:
    ranked, noise = table[table["rank"].notna()], table[table["rank"].isna()]
    blank = ("",) * len(found)
    lines: list[Line] = []
    for part, which in ((ranked, ""), (noise, " whose interval touches zero")):
        lines += [_line(row, found) for row in select.records(part[part["drawn"]])]
        lines += [Line(name, blank, None, ruled=True) for name in _more(part, found, which)]
    return lines


def _line(row: dict[str, Any], found: Sequence[str]) -> Line:
    colour = MUTED if _grey(row) else INK
    below = ", ".join(t for t in (_group(row), row["reading"]) if t)
    name = replace(Name.of(row["label"], NAMES, below, colour=colour), tone=_tone(row))
    return Marked(name, tuple(two(row[index]) for index in found), row, ruled=True)


def _tone(row: dict[str, Any]) -> str:
    """Return the colour of the words below a name: that of the index which is larger."""
    index = LARGER.get(row["reading"])
    return MUTED if index is None or _grey(row) else text_tone(LOOKS[index].colour)


def _group(row: dict[str, Any]) -> str:
    return "" if row["group"] == row["label"] else str(row["group"])


def _grey(row: dict[str, Any]) -> bool:
    return bool(np.isnan(row["rank"]))


def _more(part: pd.DataFrame, found: Sequence[str], which: str) -> list[Name]:
    """Count those not drawn."""
    hidden = part[~part["drawn"]]
    if hidden.empty:
        return []
    most = hidden[found[0]].max()
    below = f", {HEADS[found[0]]} at most {two(most)}" if np.isfinite(most) else ""
    text = f"{len(hidden)} more{which}{below}".replace("at most <", "below ")
    return [Name(wrap(text, NAMES, NAME), colour=MUTED)]


def two(value: float) -> str:
    """Write an index with two decimals; one that is not zero is never written as zero."""
    if not np.isfinite(value):
        return MISSING
    if abs(value) < 0.005:
        return "0" if not value else "<0.01" if value > 0 else ">−0.01"
    return f"{value:.2f}".replace("-", "−")


def _limits(table: pd.DataFrame, found: Sequence[str]) -> tuple[float, float]:
    """Return ends that hold zero, one and every drawn interval, and room for marks there."""
    ends = [f"{index}{end}" for index in found for end in ("", "_lower", "_upper")]
    drawn = table.loc[table["drawn"], ends]
    low, high = min(0.0, drawn.min().min()), max(1.0, drawn.max().max())
    room = 0.02 * (high - low)
    return low - room, high + room


def _marker(found: Sequence[str]) -> Callable[[Axes, Any, float], None]:
    def mark(axes: Axes, row: Any, y: float) -> None:
        for place, index in enumerate(found if row else ()):
            _draw_index(axes, row, index, y + ((len(found) - 1) / 2 - place) * LANE)

    return mark


def _draw_index(axes: Axes, row: dict[str, Any], index: str, y: float) -> None:
    value, low, high = (row[f"{index}{end}"] for end in ("", "_lower", "_upper"))
    look = LOOKS[index]
    colour = NOISE if _grey(row) else look.colour
    if not np.isfinite(value):
        return
    if index == "Sh":
        axes.plot([0, value], [y, y], color=colour, linewidth=3.0, alpha=0.35, zorder=2,
                  solid_capstyle="butt", gid="stem")  # fmt: skip
    if np.isfinite([low, high]).all():
        axes.plot([low, high], [y, y], color=colour, linewidth=1.0, marker="|", markersize=4,
                  zorder=3, gid=f"{index}-interval")  # fmt: skip
    axes.plot([value], [y], marker=look.marker, markersize=SIZES[index], color=colour,
              markerfacecolor=colour if look.filled else PAPER, markeredgewidth=1.1,
              linestyle="none", zorder=4, gid=index)  # fmt: skip
