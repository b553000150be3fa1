"""Polynomials that are orthonormal in a prior's own measure, and products of them.

Every coordinate of the unit cube is seen through its normal score z, in which quantile
functions are smooth. The recurrence of the polynomials comes from a discrete measure on nodes
in z (Stieltjes' procedure; Gautschi 1982, doi:10.1137/0903018), so that all families take one
road: a uniform prior gets Legendre polynomials, a normal one Hermite polynomials, a choice the
polynomials that are orthonormal over its values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from uncertainty.arrays import Array
from uncertainty.tabulate import fast_ppf_normal

if TYPE_CHECKING:
    from uncertainty.prior import Prior
    from uncertainty.space import Space

Transform = Callable[[Array], Array]
Exponents = npt.NDArray[np.int64]

#: Normal scores of the nodes: what lies beyond has a probability of 2e-16.
REACH, NODES = 8.2, 2001
#: A polynomial whose norm is below this share of the one before does not exist on the nodes.
EXHAUSTED = 1e-9
#: Share of a polynomial's squared norm that must lie where the samples do.
SEEN = 0.1
#: Families whose own polynomials are the only sensible ones.
PLAIN = frozenset({"uniform", "normal", "choice"})
#: What a polynomial is taken in: the value itself, its normal score, or its rank.
CHARTS: dict[str, Callable[[Transform], Transform]] = {
    "value": lambda value: value,
    "score": lambda value: lambda z: z,
    "rank": lambda value: ndtr,
}


@dataclass(frozen=True)
class Coordinate:
    """One coordinate of the unit cube: its value as a function of the score, and a measure.

    Attributes
    ----------
    value : callable
        Value at normal scores.
    nodes, weights : (node,)
        Normal scores and their probabilities, which sum to 1.
    plain : bool
        Whether polynomials in the value are the only ones to try.
    """

    value: Transform
    nodes: Array
    weights: Array
    plain: bool

    def polynomials(self, z: Array, degree: int, chart: str) -> Array:
        """Orthonormal polynomials at normal scores (sample,), shape (degree + 1, sample).

        The first is the constant. Those that do not exist are zero, and so are those that are
        large almost only beyond the samples, as high powers of a skewed value are: their
        coefficients could not be told from noise.
        """
        seen = self.value if self.plain else CHARTS[chart](self.value)
        nodes, points = seen(self.nodes), seen(z)
        centre = self.weights @ nodes
        spread = np.sqrt(self.weights @ (nodes - centre) ** 2)
        nodes, points = (nodes - centre) / spread, (points - centre) / spread
        found = recurred(nodes, self.weights, np.concatenate([points, nodes]), degree)
        within = (nodes >= points.min()) & (nodes <= points.max())
        share = found[:, len(points) :] ** 2 @ (self.weights * within)
        return np.where(share[:, None] >= SEEN, found[:, : len(points)], 0.0)


def recurred(nodes: Array, weights: Array, points: Array, degree: int) -> Array:
    """Polynomials that are orthonormal over weighted nodes, at points: (degree + 1, point).

    Examples
    --------
    >>> x, w = np.polynomial.legendre.leggauss(20)
    >>> p = recurred(x, w / 2, np.array([1.0]), 3)[:, 0]
    >>> bool(np.allclose(p, np.sqrt([1, 3, 5, 7])))
    True
    """
    here, there = np.zeros((2, len(nodes))), np.zeros((degree + 2, len(points)))
    here[1], there[1], below = 1.0, 1.0, 0.0
    for k in range(1, degree + 1):
        middle = weights @ (nodes * here[1] ** 2)
        after = (nodes - middle) * here[1] - below * here[0]
        norm = np.sqrt(weights @ after**2)
        if norm < EXHAUSTED:
            break
        there[k + 1] = ((points - middle) * there[k] - below * there[k - 1]) / norm
        here, below = np.stack([here[1], after / norm]), norm
    return there[1:]


def coordinates(space: Space) -> tuple[list[Coordinate], list[str]]:
    """The coordinates of a space in order, and the parameter that each belongs to."""
    found = [(c, name) for name, prior in space.priors.items() for c in prior_coordinates(prior)]
    return [c for c, _ in found], [name for _, name in found]


def prior_coordinates(prior: Prior) -> Iterator[Coordinate]:
    """One coordinate of a scalar prior, none of a fixed one, k - 1 of a dirichlet."""
    known: Any = prior.distribution
    plain = prior.family in PLAIN
    nodes = np.linspace(-REACH, REACH, NODES)
    weights = np.exp(-0.5 * nodes**2)
    if prior.family == "choice":
        height = known.steps[1]
        weights = np.diff(height, prepend=0.0)
        nodes = ndtri(height - weights / 2)
    if prior.size > 1:
        values: list[Transform] = [stick.score for stick in known.sticks]
    else:
        values = [fast_ppf_normal(prior)] * prior.width
    for value in values:
        yield Coordinate(value, nodes, weights / weights.sum(), plain)


def exponents(width: int, degree: int, norm: float, most: int) -> Exponents | None:
    """Exponents of all products of a hyperbolic degree, (term, coordinate); None beyond `most`.

    A product belongs to it when ``sum(exponent ** norm) <= degree ** norm``, which keeps few
    products of many coordinates (Blatman and Sudret 2011, doi:10.1016/j.jcp.2010.12.021).

    Examples
    --------
    >>> exponents(2, 3, 0.75, 100).tolist()
    [[0, 0], [1, 0], [1, 1], [2, 0], [3, 0], [0, 1], [0, 2], [0, 3]]
    """
    costs = np.arange(degree + 1) ** norm
    limit = degree**norm + 1e-9
    found: list[dict[int, int]] = []
    waiting: list[tuple[dict[int, int], int, float]] = [({}, 0, 0.0)]
    while waiting:
        term, start, used = waiting.pop()
        found.append(term)
        if len(found) + len(waiting) > most:
            return None
        waiting += [
            ({**term, place: power}, place + 1, used + costs[power])
            for place in reversed(range(start, width))
            for power in range(degree, 0, -1)
            if used + costs[power] <= limit
        ]
    table = np.zeros((len(found), width), dtype=np.int64)
    for row, term in zip(table, found, strict=True):
        row[list(term)] = list(term.values())
    return table


def products(single: Sequence[Array], table: Exponents) -> Array:
    """Products of polynomials, (term, sample), from those of each coordinate (degree, sample)."""
    out = np.ones((len(table), single[0].shape[-1]))
    for place, values in enumerate(single):
        moved = np.flatnonzero(table[:, place])
        out[moved] *= values[table[moved, place]]
    return out
