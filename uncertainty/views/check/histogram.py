"""A small histogram: where within the predictions the rows lie, beside what chance allows."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from uncertainty.views.drawing.axes import level_axis
from uncertainty.views.drawing.page import MARGIN, Page
from uncertainty.views.drawing.style import BLUE, MUTED, NOISE, tinted
from uncertainty.views.drawing.ticks import round_ticks, set_percent_ticks
from uncertainty.views.rows.frame import SMALL, draw_heading

LEAST = 20  # rows
ROOM, HEIGHT, WIDE = 1.85, 0.95, 3.0  # inches: of the whole, of the axes
BINS = 5
MASS = 0.95


def enough(pit: NDArray[np.float64]) -> bool:
    """Tell whether there are so many rows that a histogram says something."""
    return len(pit) >= LEAST


def allowed(rows: int, bins: int) -> tuple[int, int]:
    """Return the ends of the central 95% interval of the count of one bin of uniform shares."""
    masses = [comb(rows, k) * (1 / bins) ** k * (1 - 1 / bins) ** (rows - k)
              for k in range(rows + 1)]  # fmt: skip
    below = np.cumsum(masses)
    tail = (1 - MASS) / 2
    return int((below < tail).sum()), int((below < 1 - tail).sum())


def draw_histogram(page: Page, pit: NDArray[np.float64]) -> None:
    """Draw the histogram at the foot of the page's room."""
    counts, edges = np.histogram(pit, bins=BINS, range=(0.0, 1.0))
    low, high = allowed(len(pit), BINS)
    left = MARGIN + 0.45
    axes = page.axes(left, 0.42, WIDE, HEIGHT)
    axes.set_xlim(-0.07, 1.07)
    axes.set_ylim(0, 1.15 * max(int(counts.max()), high))
    level_axis(axes)
    axes.axhspan(low, high, color=NOISE, alpha=0.22, linewidth=0, zorder=0.5, gid="allowed")
    axes.axhline(len(pit) / BINS, color=MUTED, linewidth=0.8, zorder=1)
    axes.bar(edges[:-1], counts, 0.94 / BINS, align="edge", color=tinted(BLUE, 0.4), zorder=2,
             gid="bin")  # fmt: skip
    ticks = [tick for tick in round_ticks(axes.get_ylim(), 3) if tick == round(tick)]
    axes.set_yticks(ticks, [f"{tick:.0f}" for tick in ticks])
    set_percent_ticks(axes, 0.0, 1.0, most=5)
    axes.set_xlabel("share of the prediction below the published value", fontsize=SMALL,
                    color=MUTED, labelpad=2)  # fmt: skip
    head = f"Rows by where they lie in their prediction ({len(pit)} rows)"
    draw_heading(axes, axes.get_ylim()[1] * 1.19, [head], left=0.45)
    text = (f"Level bars are what a fit with the right spread gives;\ngrey: 95 of 100 bars lie "
            f"there by chance ({low} to {high} rows).\nA hump: too wide; a bowl: too narrow; a "
            "slope: too low or high.")  # fmt: skip
    axes.annotate(text, (1, 0.5), xycoords="axes fraction", xytext=(72 * 0.3, 0), va="center",
                  textcoords="offset points", fontsize=SMALL, color=MUTED, linespacing=1.45,
                  annotation_clip=False)  # fmt: skip
