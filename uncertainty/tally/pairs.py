"""Pairs: second-order Sobol' indices from crossed pick-freeze samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from uncertainty.arrays import Array


@dataclass(frozen=True)
class Pairs:
    """Crossed sums of AB_j (A with group j from B) and BA_i (B with group i from A).

    The two share groups i and j and nothing else, so their covariance is the closed variance
    of the pair (Saltelli 2002, doi:10.1016/S0010-4655(02)00280-1), here centred.

    Attributes
    ----------
    n : int
    ab, ba : (..., group)
        Sums of the shifted outcomes.
    cross : (..., group, group)
        Sums of ba_i ab_j.
    """

    n: int
    ab: Array
    ba: Array
    cross: Array

    @classmethod
    def of(cls, ab: list[Array], ba: list[Array], shift: Array) -> Pairs:
        """Sums of one block; each list holds one (..., sample) array a group."""
        left = np.stack(ba, axis=-2) - shift[..., None, None]
        right = np.stack(ab, axis=-2) - shift[..., None, None]
        cross = left @ np.swapaxes(right, -1, -2)
        return cls(ab[0].shape[-1], right.sum(axis=-1), left.sum(axis=-1), cross)

    def __add__(self, other: Pairs) -> Pairs:
        return Pairs(
            self.n + other.n,
            self.ab + other.ab,
            self.ba + other.ba,
            self.cross + other.cross,
        )

    @property
    def crosses(self) -> Array:
        """Averages of ba_i ab_j, (..., group, group)."""
        return self.cross / self.n

    def result(self) -> Array:
        """Closed variance of each pair of groups, symmetric (..., group, group)."""
        means = self.ba[..., :, None] * self.ab[..., None, :] / self.n**2
        closed = self.cross / self.n - means
        return 0.5 * (closed + np.swapaxes(closed, -1, -2))
