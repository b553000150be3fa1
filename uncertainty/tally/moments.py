"""Moments: mean and standard deviation from shifted power sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from uncertainty.arrays import Array


class Summary(NamedTuple):
    """Mean and standard deviation with the plain Monte Carlo standard error of each.

    For independent draws the errors are exact to first order; for quasi-random points of
    one replicate they are an upper guide.
    """

    n: int
    mean: Array
    sd: Array
    mean_error: Array
    sd_error: Array


@dataclass(frozen=True)
class Moments:
    """Sums of ((y - shift) / scale)^k for k = 1..4 over the last axis.

    Shift and scale are a typical value and spread of y, the same for all blocks, so that nothing
    is lost to cancellation or overflow and the sums of two blocks simply add.

    Attributes
    ----------
    n : int
    shift, scale : (...)
    sums : (4, ...)
    """

    n: int
    shift: Array
    scale: Array
    sums: Array

    @classmethod
    def of(cls, y: Array, shift: Array, scale: Array) -> Moments:
        """Sums of one block `y`, (..., sample)."""
        d = (y - shift[..., None]) / scale[..., None]
        square = d * d
        sums = [
            d.sum(axis=-1),
            square.sum(axis=-1),
            np.vecdot(square, d),
            np.vecdot(square, square),
        ]
        return cls(y.shape[-1], shift, scale, np.stack(sums))

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.n + other.n, self.shift, self.scale, self.sums + other.sums)

    def result(self) -> Summary:
        """Mean, standard deviation (n in the divisor) and their standard errors."""
        m1, m2, m3, m4 = self.sums / self.n
        variance = np.maximum(m2 - m1**2, 0.0)
        sd = np.sqrt(variance)
        fourth = m4 - 4 * m3 * m1 + 6 * m2 * m1**2 - 3 * m1**4
        spread = np.sqrt(np.maximum(fourth - variance**2, 0.0) / self.n)
        sd_error = np.divide(spread, 2 * sd, out=np.zeros_like(sd), where=sd > 0)
        mean = self.shift + self.scale * m1
        spreads = (self.scale * s for s in (sd, sd / np.sqrt(self.n), sd_error))
        return Summary(self.n, mean, *spreads)
