"""Counts: quantiles in constant memory, from exact integer counts on a grid.

The grid is laid out once by a pilot block, with edges at its quantiles. Counts add exactly,
so the answer does not depend on the merge tree. Atoms (values that many draws share) are kept
apart from the density around them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array

#: Edges within the range of the pilot; between two of them lie about 1 in 1,000 draws.
EDGES = 1025
#: Outermost cells on either side, which are wide, and the equal steps each is cut into.
OUTER, STEPS = 32, 16
#: Edges on either side beyond it, for tails the pilot has not seen: the first step is this
#: share of the pilot's range, each further one is longer by the ratio.
TAIL, FIRST_STEP, RATIO = 48, 0.01, 1.35


@dataclass(frozen=True)
class Grid:
    """Where to count.

    Attributes
    ----------
    edges : (..., edge)
        In rising order.
    atoms : (...) bool
        Whether edges coincide, because many draws of the pilot did.
    """

    edges: Array
    atoms: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, pilot: Array, edges: int = EDGES) -> Grid:
        """Edges at order statistics of a pilot block (..., sample), and beyond its ends."""
        ranks = np.linspace(0, pilot.shape[-1] - 1, edges).round().astype(int)
        inner = np.sort(pilot, axis=-1)[..., np.unique(ranks)]
        low, high = inner[..., :1], inner[..., -1:]
        reach = tail_steps(low, high)
        finer = refined(inner, min(OUTER, (inner.shape[-1] - 1) // 2))
        whole = np.concatenate([low - reach[..., ::-1], finer, high + reach], axis=-1)
        return cls(whole, (np.diff(whole) == 0).any(axis=-1))


def refined(edges: Array, outer: int) -> Array:
    """Edges with the `outer` first and last cells cut into equal steps.

    A quantile is read off on a straight line through its cell; the cells of a tail are too wide
    for that.
    """
    if outer < 1:
        return edges
    ends = (edges[..., : outer + 1], edges[..., -outer - 1 :])
    left, right = (cut(end) for end in ends)
    return np.concatenate([left, edges[..., outer + 1 : -outer - 1], right], axis=-1)


def cut(edges: Array) -> Array:
    """Each cell between two edges in equal steps, its edges kept as they are."""
    steps = np.arange(STEPS) / STEPS
    fine = edges[..., :-1, None] + np.diff(edges)[..., None] * steps
    return np.concatenate([fine.reshape(*edges.shape[:-1], -1), edges[..., -1:]], axis=-1)


def tail_steps(low: Array, high: Array) -> Array:
    """Distances of the outer edges from the pilot's ends, growing geometrically."""
    span = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
    return span * FIRST_STEP * RATIO ** np.arange(TAIL)


@dataclass(frozen=True)
class Counts:
    """How many draws lie below and at each edge.

    Attributes
    ----------
    grid : Grid
    n : int
    below, upto : (..., edge) integers
        Draws less than an edge, and draws not greater than it; the two are told apart only
        where the grid has atoms.
    low, high : (...)
        Smallest and largest draw.
    """

    grid: Grid
    n: int
    below: npt.NDArray[np.int64]
    upto: npt.NDArray[np.int64]
    low: Array
    high: Array

    @classmethod
    def of(cls, y: Array, grid: Grid) -> Counts:
        """Count one block `y`, (..., sample)."""
        rows = np.sort(y.reshape(-1, y.shape[-1]), axis=-1)
        edges = grid.edges.reshape(rows.shape[0], -1)
        cases = list(zip(rows, edges, grid.atoms.ravel(), strict=True))
        below = np.array([row.searchsorted(edge, "left") for row, edge, _ in cases])
        upto = np.array(
            [
                row.searchsorted(edge, "right") if atoms else under
                for (row, edge, atoms), under in zip(cases, below, strict=True)
            ]
        )
        shape, cells = grid.edges.shape, y.shape[:-1]
        return cls(
            grid,
            y.shape[-1],
            below.reshape(shape),
            upto.reshape(shape),
            rows[:, 0].reshape(cells),
            rows[:, -1].reshape(cells),
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.grid,
            self.n + other.n,
            self.below + other.below,
            self.upto + other.upto,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )

    def result(self) -> Counts:
        """Itself: quantiles are read off with `quantiles`."""
        return self

    def quantiles(self, probabilities: tuple[float, ...]) -> Array:
        """Quantiles, shape (..., quantile): linear between edges, exact at atoms."""
        cells = self.low.shape
        out = [
            cell_quantiles(*cell, self.n, probabilities)
            for cell in zip(
                self.grid.edges.reshape(-1, self.grid.edges.shape[-1]),
                self.below.reshape(-1, self.grid.edges.shape[-1]),
                self.upto.reshape(-1, self.grid.edges.shape[-1]),
                self.low.reshape(-1),
                self.high.reshape(-1),
                strict=True,
            )
        ]
        return np.array(out).reshape(*cells, len(probabilities))


def cell_quantiles(
    edges: Array,
    below: npt.NDArray[np.int64],
    upto: npt.NDArray[np.int64],
    low: float,
    high: float,
    n: int,
    probabilities: tuple[float, ...],
) -> Array:
    """Invert one cell's distribution function, drawn through the two counts of each edge."""
    x = np.concatenate(([low], np.repeat(edges, 2), [high]))
    share = np.concatenate(([0], np.stack([below, upto], axis=-1).ravel(), [n])) / n
    x = np.clip(x, low, high)
    rising = np.concatenate((share[1:] > share[:-1], [True]))
    keep = rising | np.concatenate(([True], rising[:-1]))
    return np.interp(probabilities, share[keep], x[keep])
