"""Nearest neighbours: the variance that remains when some parameters are known, from draws alone.

Draws that nearly agree in some parameters show how much the outcome varies when these are known:
the mean of half the squared difference to the nearest neighbours estimates E[Var(y | x_u)]
(Broto, Bachoc and Depecker 2020, doi:10.1137/18M1234631). Neighbours are never quite equal, which
makes the estimate too large; three things keep that small. Draws are compared by their normal
scores. Only what a regression on x_u leaves over is compared: the remaining variance is the
same for y - h(x_u), whatever h is (Abadie and Imbens 2011, doi:10.1198/jbes.2009.07333, correct
matching that way). And parameters that matter more count more in the distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.special import ndtri

from uncertainty.arrays import Array

#: Neighbours by the number of coordinates, (most of them, draws that each needs); else `FEWEST`.
NEIGHBOURS = {1: (8, 128)}
FEWEST = 2
#: Up to so many coordinates a tree is faster than all distances.
TREE = 8
#: Draws whose distances to all others are held at once.
CHUNK = 256
#: Least importance of a parameter in the distance.
FLOOR = 0.01
#: Features of the regression are at most this share of the draws.
FEATURES = 0.1
#: Draws that are equal in a parameter get neighbours at random: scores are moved by so little.
JITTER = 1e-6

Player = int
Players = frozenset[Player]


@dataclass(frozen=True)
class Cloud:
    """Draws, ready to be compared.

    Attributes
    ----------
    scores : (coordinate, draw)
        Normal scores of the parameters.
    y : (cell, draw)
        Outcomes.
    half : (draw,) of bool
        Neighbours of a draw are sought in the other half.
    owners : (coordinate,)
        The player that each coordinate belongs to; a dirichlet has several.
    features : (feature, draw)
        For the regression.
    users : (feature,)
        The players that each feature is made of.
    """

    scores: Array
    y: Array
    half: npt.NDArray[np.bool_]
    owners: tuple[Player, ...]
    features: Array
    users: tuple[Players, ...]

    @classmethod
    def of(
        cls,
        x: Array,
        y: Array,
        half: npt.NDArray[np.bool_],
        owners: Sequence[Player],
        *,
        least: int,
        rng: np.random.Generator,
    ) -> Cloud:
        """From parameter values (coordinate, draw).

        `least` is the number of draws of the smallest part that will be taken.
        """
        z = np.stack([normal_scores(row) for row in x])
        features, users = polynomials(z, owners, int(FEATURES * least))
        z = z + JITTER * rng.standard_normal(z.shape)
        return cls(z, y, half, tuple(owners), features, users)

    @property
    def players(self) -> int:
        """How many players."""
        return max(self.owners) + 1

    @property
    def size(self) -> int:
        """How many draws."""
        return self.y.shape[-1]

    def part(self, draws: npt.NDArray[np.int64]) -> Cloud:
        """Some of the draws."""
        z, y, features = (a[:, draws] for a in (self.scores, self.y, self.features))
        return replace(self, scores=z, y=y, half=self.half[draws], features=features)

    def weighted(self, importance: Array) -> Cloud:
        """The same draws, with a distance in which players count by their importance."""
        weights = np.sqrt(np.maximum(importance, FLOOR))
        return replace(self, scores=self.scores * weights[list(self.owners), None])

    def variance(self) -> Array:
        """Variance of the outcomes, (cell,)."""
        return self.y.var(axis=-1, ddof=1)

    def rest(self, known: Players) -> Array:
        """What a regression on the known players leaves over, (cell, draw).

        Scaled for the degrees of freedom that it takes.
        """
        chosen = [i for i, users in enumerate(self.users) if users <= known]
        features = self.features[chosen]
        gram, moments = features @ features.T, features @ self.y.T
        left = self.y - np.linalg.lstsq(gram, moments, rcond=1e-12)[0].T @ features
        return left * np.sqrt(self.size / (self.size - len(chosen)))

    def remaining(self, known: Players, asked: npt.NDArray[np.int64]) -> Array:
        """E[Var(y | known)] from the neighbours of the draws `asked`, (cell,)."""
        place = [i for i, owner in enumerate(self.owners) if owner in known]
        z, left = np.ascontiguousarray(self.scores[place].T), self.rest(known)
        total, count = np.zeros(len(self.y)), 0
        for side in (False, True):
            mine, others = asked[self.half[asked] == side], np.flatnonzero(self.half != side)
            found = others[nearest(z[mine], z[others])]
            for column in found.T:
                away = left[:, mine] - left[:, column]
                total += np.vecdot(away, away)
            count += found.size
        return total / (2 * count)


def nearest(z: Array, others: Array) -> npt.NDArray[np.intp]:
    """Numbers of the nearest among (other, coordinate) of each draw, (draw, neighbour)."""
    most, each = NEIGHBOURS.get(z.shape[-1], (FEWEST, 1))
    count = max(FEWEST, min(most, len(others) // each))
    if z.shape[-1] <= TREE:
        return cKDTree(others, balanced_tree=False).query(z, k=count)[1].astype(np.intp)
    square = np.vecdot(others, others)
    rows = (
        np.argpartition(square - 2 * (z[i : i + CHUNK] @ others.T), count, axis=-1)[:, :count]
        for i in range(0, len(z), CHUNK)
    )
    return np.concatenate(list(rows))


def normal_scores(x: Array) -> Array:
    """Normal scores of the ranks of `x`; equal values share the rank in their middle."""
    ordered = np.sort(x)
    low, high = np.searchsorted(ordered, x, "left"), np.searchsorted(ordered, x, "right")
    return np.asarray(ndtri((low + high) / (2 * len(x))))


def polynomials(z: Array, owners: Sequence[Player], most: int) -> tuple[Array, tuple[Players, ...]]:
    """Features of the regression, (feature, draw), and the players that each is made of.

    Constant, linear, squares, products and cubes, as far as there are not more than `most`.
    """
    d = len(z)
    levels: list[list[tuple[int, ...]]] = [
        [()],
        [(i,) for i in range(d)],
        [(i, i) for i in range(d)],
        list(combinations(range(d), 2)),
        [(i, i, i) for i in range(d)],
    ]
    terms: list[tuple[int, ...]] = []
    for level in levels:
        if len(terms) + len(level) > max(most, 1):
            break
        terms += level
    columns = [np.prod(z[list(term)], axis=0) for term in terms]
    return np.stack(columns), tuple(frozenset(owners[i] for i in term) for term in terms)
