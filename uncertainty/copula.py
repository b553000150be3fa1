"""Gaussian copula of a cluster of parameters, given by Spearman rank correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from uncertainty.arrays import Array
from uncertainty.errors import SpaceError


@dataclass(frozen=True)
class Copula:
    """Names and the lower Cholesky factor of their normal scores' correlation."""

    names: tuple[str, ...]
    factor: Array

    @classmethod
    def of(cls, names: tuple[str, ...], correlation: Mapping[tuple[str, str], float]) -> Copula:
        """Copula of `names`; `SpaceError` with the pairs at fault if there is none.

        The normal scores correlate by 2 sin(pi rho / 6) when the ranks correlate by rho
        (Pearson 1907; Kruskal 1958, doi:10.1080/01621459.1958.10501481).
        """
        rank = np.eye(len(names))
        for (one, two), rho in correlation.items():
            if one in names:
                i, j = names.index(one), names.index(two)
                rank[i, j] = rank[j, i] = rho
        normal = 2 * np.sin(np.pi / 6 * rank)
        np.fill_diagonal(normal, 1.0)
        lowest, direction = least(normal)
        if lowest < 1e-10:
            raise SpaceError(not_definite(names, rank, lowest, direction))
        return cls(names, np.linalg.cholesky(normal))

    def scores(self, u: Array) -> Array:
        """Dependent normal scores from independent uniforms, both (name, sample)."""
        return self.factor @ ndtri(u)

    def log_density(self, scores: Array) -> Array:
        """Logarithm of the copula's density, (sample,), at normal scores (name, sample)."""
        within = np.linalg.solve(self.factor, scores)
        return (
            0.5 * ((scores**2).sum(axis=0) - (within**2).sum(axis=0))
            - np.log(np.diag(self.factor)).sum()
        )

    def redrawn(self, scores: Array, fresh: Array, places: Sequence[int]) -> Array:
        """Some scores drawn anew, given all the others as they are.

        Parameters
        ----------
        scores : (name, sample)   dependent normal scores
        fresh : (name, sample)    independent normal scores, independent of `scores`
        places : sequence of int  which names are drawn anew

        Returns
        -------
        (len(places), sample)     from their normal distribution given the other names
        """
        new = list(places)
        old = [i for i in range(len(self.names)) if i not in set(new)]
        matrix = self.factor @ self.factor.T
        pull = np.linalg.solve(matrix[np.ix_(old, old)], matrix[np.ix_(old, new)]).T
        left = matrix[np.ix_(new, new)] - pull @ matrix[np.ix_(old, new)]
        return pull @ scores[old] + np.linalg.cholesky(left) @ fresh[new]


def least(matrix: Array) -> tuple[float, Array]:
    """Smallest eigenvalue of a symmetric matrix and its direction."""
    values, vectors = np.linalg.eigh(matrix)
    return float(values[0]), vectors[:, 0]


def not_definite(names: tuple[str, ...], rank: Array, lowest: float, direction: Array) -> str:
    """Which pairs contradict each other, and by how much all would have to shrink."""
    heavy = np.abs(direction) > 0.1 * np.abs(direction).max()
    pairs = [
        f"({names[i]}, {names[j]}) {rank[i, j]:g}"
        for i in range(len(names))
        for j in range(i)
        if heavy[i] and heavy[j]
    ]
    return (
        f"correlation: the matrix is not positive definite (smallest eigenvalue {lowest:.3g}); "
        f"these pairs contradict each other: {', '.join(pairs)}; no joint distribution has "
        f"them; multiplied by {largest_scale(rank):.2f} they fit"
    )


def largest_scale(rank: Array) -> float:
    """Largest factor on all correlations, in steps of 0.01, that makes a valid matrix."""
    off = rank - np.eye(len(rank))
    for scale in np.arange(0.99, 0.0, -0.01):
        normal = 2 * np.sin(np.pi / 6 * scale * off) + np.eye(len(rank))
        if least(normal)[0] > 1e-8:
            return float(scale)
    return 0.0
