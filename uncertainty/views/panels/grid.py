"""The grid of panels: which one stands where, in lines that are never too full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

MOST = 3  # panels side by side; more would leave no room for numbers at their ends


@dataclass(frozen=True)
class Spot:
    """One panel: its coordinates, and its line and column from the upper left."""

    at: Mapping[str, Any]
    line: int
    column: int


@dataclass(frozen=True)
class Grid:
    """Panels at their places; the last line of a block may be shorter."""

    spots: tuple[Spot, ...]
    lines: int
    columns: int


def columns_of(count: int) -> int:
    """Return how many panels stand side by side; two and four make a square."""
    return {1: 1, 2: 2, 4: 2}.get(count, MOST)


def grid_of(coords: Mapping[str, Sequence[Any]]) -> Grid:
    """Lay out a panel for every coordinate of up to two dims.

    The first dim runs across and the second down. Where the first has too many coordinates for one
    line they go on below, in another block of lines. A dim with one coordinate takes no room.

    Parameters
    ----------
    coords : {dim: coordinates}
        None, one or two dims.
    """
    long = [dim for dim in coords if len(coords[dim]) > 1] or list(coords)[:1]
    across, down = [*long, None, None][:2]
    wide = list(coords[across]) if across else [None]
    tall = list(coords[down]) if down else [None]
    columns = columns_of(len(wide))
    spots = []
    for (place, first), (row, second) in product(enumerate(wide), enumerate(tall)):
        block, column = divmod(place, columns)
        chosen = {across: first, down: second}
        at = {dim: chosen.get(dim, values[0]) for dim, values in coords.items()}
        spots.append(Spot(at, block * len(tall) + row, column))
    ordered = tuple(sorted(spots, key=lambda spot: (spot.line, spot.column)))
    return Grid(ordered, ordered[-1].line + 1, columns)
