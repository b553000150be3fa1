"""Names of stacked areas: inside the area where it is largest, or at the right edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from uncertainty.views.areas.stack import GRAIN, NAMES, Stack
from uncertainty.views.drawing.ends import LABEL, EndLabel, placed_ends
from uncertainty.views.drawing.page import pitch
from uncertainty.views.drawing.place import widest, wrap
from uncertainty.views.drawing.style import ink_on, text_tone
from uncertainty.views.drawing.words import NO_BREAK

SMALL_SHARE = 0.01  # an area below this at the edge is better named elsewhere
STEEP = 0.22  # inches that a name at the edge may stand off its area
WIDTHS = (3.2, 2.4, 1.8, 1.35, 1.0)  # inches tried for a name inside
PAD = 0.04  # inches between a name and the border of its area


@dataclass(frozen=True)
class InsideLabel:
    """A name inside its area, centred at a year and a height."""

    x: float
    y: float
    lines: tuple[str, ...]
    colour: str


def area_labels(stack: Stack) -> tuple[list[EndLabel], list[InsideLabel]]:
    """Name every area once: at the edge, or inside where the edge is too narrow for it.

    An area that is next to nothing at the edge is named inside; others follow, as long as names
    at the edge would stand far from their areas.
    """
    spots = {str(name): _inside(stack, str(name)) for name in stack.heights.columns}
    free = {name: spot for name, spot in spots.items() if spot}
    within = [name for name in free if stack.last[name] < SMALL_SHARE]
    bound = len(within)
    while movable := _movable(stack, [name for name in spots if name not in within], free):
        within.append(movable)
    for name in within[bound:]:  # some need not have moved, now that others have
        edge = [other for other in spots if other == name or other not in within]
        if max(_moves(stack, edge)) <= STEEP:
            within.remove(name)
    labels = [_edge_label(stack, name) for name in spots if name not in within]
    return labels, [free[name] for name in within]


def _movable(stack: Stack, edge: list[str], free: Mapping[str, InsideLabel]) -> str | None:
    """Return which name should leave the edge, None when none must or none can."""
    moves = dict(zip(edge, _moves(stack, edge), strict=True))
    able = [name for name in edge if name in free]
    if not able or max(moves.values()) <= STEEP:
        return None
    return max(able, key=lambda name: moves[name])


def _moves(stack: Stack, edge: list[str]) -> list[float]:
    """Return how far each name at the edge would stand off its area, in inches."""
    labels = [_edge_label(stack, name) for name in edge]
    wished, placed = placed_ends(labels, (0.0, stack.limits[1]), stack.size[1])
    return [float(move) for move in np.abs(placed - wished)]


def _edge_label(stack: Stack, name: str) -> EndLabel:
    last, (year, most) = stack.last, stack.peak(name)
    text = f"{stack.names[name]}{NO_BREAK * 2}{100 * last[name]:.0f}%"
    if last[name] < SMALL_SHARE < most / 2:
        text += f" ({100 * most:.0f}% in {year})".replace(" in ", f"{NO_BREAK}in{NO_BREAK}")
    middle = float(last.cumsum()[name] - last[name] / 2)
    return EndLabel(middle, wrap(text, NAMES - 0.02, LABEL), text_tone(stack.fills[name].ink))


def _inside(stack: Stack, name: str) -> InsideLabel | None:
    """Return the name at the place nearest to the area's peak that holds it, if any does."""
    year, most = stack.peak(name)
    text = f"{stack.names[name]}  {100 * most:.0f}%{NO_BREAK}in{NO_BREAK}{year}"
    final = stack.final
    if final != year:
        text += f", {100 * stack.last[name]:.0f}%{NO_BREAK}in{NO_BREAK}{final}"
    found = [_fitted(stack, name, wrap(text, width, LABEL)) for width in WIDTHS]
    spots = [spot for spot in found if spot]
    return min(spots, key=lambda spot: _cost(stack, spot, year)) if spots else None


def _cost(stack: Stack, spot: InsideLabel, year: int) -> float:
    """Return how far a name is from the peak, in inches; each further line counts as some more."""
    (left, right), _ = stack.limits
    return abs(spot.x - year) / (right - left) * stack.size[0] + 0.3 * len(spot.lines)


def _fitted(stack: Stack, name: str, lines: tuple[str, ...]) -> InsideLabel | None:
    (left, right), top = stack.limits
    width = widest(lines, LABEL) + 2 * PAD
    tall = (len(lines) * pitch(LABEL) + 2 * PAD) * top / stack.size[1]
    count = int(np.ceil(width / stack.size[0] * (GRAIN - 1))) + 1
    if count > GRAIN:
        return None
    low, high = (np.lib.stride_tricks.sliding_window_view(e, count) for e in stack.edges(name))
    floor, ceiling = low.max(axis=1), high.min(axis=1)
    fits = np.flatnonzero(ceiling - floor >= tall)  # not where a gap makes either NaN
    if not fits.size:
        return None
    grid = np.linspace(left, right, GRAIN)
    centres = (grid[fits] + grid[fits + count - 1]) / 2
    best = int(np.argmin(np.abs(centres - stack.peak(name)[0])))
    middle = (floor[fits[best]] + ceiling[fits[best]]) / 2
    return InsideLabel(float(centres[best]), float(middle), lines, ink_on(stack.fills[name].face))


def draw_inside(axes: Axes, labels: list[InsideLabel]) -> None:
    """Write the names that stand inside their areas."""
    for label in labels:
        axes.text(label.x, label.y, "\n".join(label.lines), fontsize=LABEL, color=label.colour,
                  ha="center", va="center", linespacing=1.15, zorder=5,
                  gid="inside-label")  # fmt: skip
