"""One row of the readings: a parameter with a mark for each way to read its range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from uncertainty.views.drawing import select
from uncertainty.views.drawing.looks import Look
from uncertainty.views.drawing.scope import NORMAL_95
from uncertainty.views.drawing.shares import change_text
from uncertainty.views.drawing.style import PAPER, text_tone
from uncertainty.views.rows.frame import Name

NAMES = 2.45  # inches
LANE, ROW = 0.118, 0.34  # heights of a mark's lane and of a row at least, inches
NUMBER = 7.0  # size of the numbers at marks, points


@dataclass(frozen=True)
class Row:
    """One parameter (or all ranges) with its readings, each in a lane of its own."""

    name: Name
    lanes: tuple[pd.DataFrame, ...]

    @property
    def height(self) -> float:
        """Height of the row, in inches."""
        return max(ROW, self.name.height + 0.1, len(self.lanes) * LANE + 0.12)


def rows_of(part: pd.DataFrame) -> list[Row]:
    """Return a row for each parameter that is drawn."""
    drawn = part[part["drawn"]]
    return [
        Row(
            Name.of(str(cases["label"].iloc[0]), NAMES),
            tuple(lane for _, lane in cases.groupby("reading", sort=False)),
        )
        for _, cases in drawn.groupby("parameter", sort=False)
    ]


def draw_row(
    axes: Axes, row: Row, looks: Mapping[str, Look], shown: tuple[float, float], middle: float
) -> None:
    """Draw the marks of a row about a height in inches; `shown` is quantile and limit."""
    quantile, limit = shown
    cells = [lane[lane["quantile"] == quantile] for lane in row.lanes]
    largest = max((float(cell["shift"].abs().max()) for cell in cells if len(cell)), default=0.0)
    top = middle + (len(row.lanes) - 1) / 2 * LANE
    for place, cell in enumerate(cells):
        for case in select.records(cell):
            size = abs(case["shift"])
            _draw_mark(axes, case, looks[case["reading"]], top - place * LANE)
            if size > limit or size == largest:
                _draw_number(axes, case, looks[case["reading"]], top - place * LANE,
                             strong=size > limit)  # fmt: skip


def _reach(case: dict[str, Any]) -> float:
    return NORMAL_95 * case["shift_mcse"] if np.isfinite(case["shift_mcse"]) else 0.0


def _draw_mark(axes: Axes, case: dict[str, Any], look: Look, y: float) -> None:
    shift, reach = case["shift"], _reach(case)
    if reach:
        axes.plot([shift - reach, shift + reach], [y, y], color=look.colour, linewidth=0.9,
                  zorder=2, gid="whisker")  # fmt: skip
    axes.plot([shift], [y], marker=look.marker, markersize=4.6, color=look.colour,
              markerfacecolor=look.colour if look.filled else PAPER, linestyle="none",
              markeredgewidth=1.0, zorder=3, gid="reading")  # fmt: skip


def _draw_number(axes: Axes, case: dict[str, Any], look: Look, y: float, *, strong: bool) -> None:
    right = case["shift"] >= 0
    axes.annotate(
        change_text(case["shift"]),
        (case["shift"] + (1 if right else -1) * _reach(case), y),
        xytext=(5 if right else -5, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center_baseline",
        fontsize=NUMBER,
        weight="bold" if strong else "normal",
        color=text_tone(look.colour),
        zorder=4,
        gid="number",
    )
