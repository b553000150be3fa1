"""The frame that panels side by side share: limits, scale and ticks, and the words above axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from uncertainty.views.drawing.axes import level_axis
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.page import MARGIN, WIDTH, Page, pitch
from uncertainty.views.drawing.style import INK, MUTED
from uncertainty.views.drawing.ticks import tick_texts

SMALL, PANEL_TITLE = 7.8, 9.0
LIFT = 9.0  # points between the axes and the baseline of the words above them
GUTTER = 0.2  # inches between the labels of one panel and the next panel


@dataclass(frozen=True)
class Frame:
    """Limits and scale that all panels share, their height and the margins for labels (inches)."""

    limits: tuple[tuple[float, float], tuple[float, float]]
    scale: Scale
    ticks: tuple[float, ...]
    left: float
    right: float
    height: float

    def across(self, columns: int) -> float:
        """Return the width of a panel with its labels, in inches."""
        return (WIDTH - 2 * MARGIN - self.left) / columns


def panel_axes(
    page: Page, frame: Frame, spot: tuple[int, int], grid: tuple[int, int], below: float
) -> Axes:
    """Add the axes of the panel at a (line, column) of a grid of (lines, columns).

    `below` is the room for ticks, in inches.
    """
    (line, column), (lines, columns) = spot, grid
    width = frame.across(columns)
    left = MARGIN + frame.left + column * width
    bottom = (lines - 1 - line) * page.height / lines + below
    axes = page.axes(left, bottom, width - frame.right, frame.height)
    _dress(axes, frame)
    axes.tick_params(axis="y", labelleft=column == 0)
    return axes


def _dress(axes: Axes, frame: Frame) -> None:
    """Set limits, ticks, grid and spines."""
    axes.set_xlim(*frame.limits[0])
    axes.set_ylim(*frame.limits[1])
    level_axis(axes)
    axes.spines["bottom"].set_visible(frame.limits[1][0] == 0)
    axes.yaxis.set_major_locator(FixedLocator(list(frame.ticks)))
    axes.set_yticks(list(frame.ticks), tick_texts(frame.ticks, frame.scale))
    axes.tick_params(axis="x", length=3, width=0.7)
    axes.xaxis.set_minor_locator(NullLocator())


def draw_above(
    axes: Axes, text: str, across: float, points: tuple[float, float], **look: Any
) -> None:
    """Write small words above the axes: at a share of their width, and points right and up."""
    look = {"fontsize": SMALL, "color": MUTED, **look}
    axes.annotate(text, (across, 1), xycoords="axes fraction", xytext=points, va="baseline",
                  textcoords="offset points", **look)  # fmt: skip


def draw_panel_title(axes: Axes, lines: Sequence[str], points: float) -> None:
    """Write the title of a panel, its last line so many points above the axes."""
    for place, line in enumerate(reversed(lines)):
        draw_above(axes, line, 0, (0, points + place * 72 * pitch(PANEL_TITLE)), color=INK,
                   fontsize=PANEL_TITLE, weight="bold", gid="panel-title")  # fmt: skip
