"""The marks of a key, drawn as they stand in the plot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.lines import Line2D

from uncertainty.views.drawing.style import PAPER

HALF = 0.062  # half the height of a bar, inches
SIZE, SIZE_ON_BAR = 5.2, 4.2  # of markers, points
BAR, THIN = 1.0, 0.6  # widths of lines, points
DASHES = (0, (3, 2))


@dataclass(frozen=True)
class Glyph:
    """One mark: see `uncertainty.views.drawing.page.Entry`."""

    marker: str
    colour: str
    filled: bool
    shape: str


def glyph_lines(glyph: Glyph, x: float, y: float, page: Sequence[float]) -> Iterator[Line2D]:
    """Yield the lines of a mark centred at inches on a page of width and height in inches."""
    across, heights = x / page[0], [(y - HALF) / page[1], (y + HALF) / page[1]]
    capped = glyph.shape in {"range", "point on range"}
    if glyph.shape != "point":
        yield Line2D([across] * 2, heights, color=glyph.colour, gid="key-bar",
                     linewidth=BAR if capped else THIN,
                     linestyle="-" if glyph.filled else DASHES)  # fmt: skip
    if capped:
        yield Line2D([across] * 2, heights, color=glyph.colour, marker="_", markersize=4,
                     linestyle="none")  # fmt: skip
    if glyph.shape != "range":
        yield Line2D([across], [y / page[1]], **_dot(glyph))


def _dot(glyph: Glyph) -> dict[str, Any]:
    return {
        "marker": glyph.marker,
        "markersize": SIZE if glyph.shape == "point" else SIZE_ON_BAR,
        "linestyle": "none",
        "color": glyph.colour,
        "markerfacecolor": glyph.colour if glyph.filled else PAPER,
        "markeredgewidth": 1.1,
        "gid": "key-dot",
    }
