"""Redraws: closed and total indices of dependent parameters from sums that stream.

For each group of parameters there are two outcomes beside that of a point of the sample: `c` keeps
the group and draws all others anew given it, `t` keeps all others and draws the group anew given
them. Half the squared distance to `c` is in the mean the variance that remains when the group
is known, half that to `t` the variance that remains when all others are (Jansen 1999,
doi:10.1016/S0010-4655(98)00154-4; Kucherenko, Tarantola and Annoni 2012,
doi:10.1016/j.cpc.2011.12.020). Both are divided by the variance of the two samples that are
compared (Janon et al. 2014, doi:10.1051/ps/2013040): a closed share then never exceeds 1, and the
error is smaller when the outcome is skewed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from uncertainty.arrays import Array
from uncertainty.tally.sobol import ROUNDING


class Known(NamedTuple):
    """Variance (...), its part that knowing a group removes, and the one only it removes.

    The closed and the total part are (..., group).
    """

    variance: Array
    closed: Array
    total: Array


@dataclass(frozen=True)
class Redraws:
    """Sums over the last axis of outcomes shifted by a typical value.

    Attributes
    ----------
    n : int
    size : (...)
        Largest absolute outcome seen in the sample.
    plain : (2, ...)
        Sums of the outcome and of its square.
    kept, anew : (3, ..., group)
        Sums of `c` (of `t`), of its square, and of its squared distance to the outcome.
    """

    n: int
    size: Array
    plain: Array
    kept: Array
    anew: Array

    @classmethod
    def of(cls, y: Array, kept: list[Array], anew: list[Array], shift: Array) -> Redraws:
        """Sums of one block.

        Parameters
        ----------
        y : (..., sample)
        kept, anew : list of (..., sample)    `c` and `t`, one for each group
        shift : (...)                         a typical outcome
        """
        centred = y - shift[..., None]
        plain = np.stack([centred.sum(axis=-1), np.vecdot(centred, centred)])
        sides = (
            np.stack([sums(z - shift[..., None], centred) for z in side], axis=-1)
            for side in (kept, anew)
        )
        return cls(y.shape[-1], np.abs(y).max(axis=-1), plain, *sides)

    def __add__(self, other: Redraws) -> Redraws:
        return Redraws(
            self.n + other.n,
            np.maximum(self.size, other.size),
            self.plain + other.plain,
            self.kept + other.kept,
            self.anew + other.anew,
        )

    def result(self) -> Known:
        """Variance and its parts; a variance within rounding of zero is exactly zero."""
        mean, square = self.plain / self.n
        variance = square - mean**2
        variance = np.where(variance > (ROUNDING * self.size) ** 2, variance, 0.0)
        rest, total = (
            variance[..., None] * self.remaining(side) for side in (self.kept, self.anew)
        )
        return Known(variance, variance[..., None] - rest, total)

    def remaining(self, side: Array) -> Array:
        """Half the mean squared distance as a share of the variance of both samples."""
        mean, square = 0.5 * (self.plain[..., None] + side[:2]) / self.n
        half = 0.5 * side[2] / self.n
        # The variance is at least half of that but for rounding.
        both = np.maximum(square - mean**2, 0.5 * half)
        return np.divide(half, both, out=np.zeros_like(half), where=half > 0)


def sums(z: Array, y: Array) -> Array:
    """Sums of z, z^2 and (z - y)^2 over the last axis, shape (3, ...)."""
    away = z - y
    return np.stack([z.sum(axis=-1), np.vecdot(z, z), np.vecdot(away, away)])
