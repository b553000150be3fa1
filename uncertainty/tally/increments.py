"""Increments: Shapley effects from walks that stream.

A walk starts at a point of sample A and takes over one player after the other from sample B, in
a random order. With y_k the outcome after k players, half the squared distance (y_k - y_0)^2 / 2 is
in the mean the variance that remains when all but those k players are known, so its step from
k - 1 to k, averaged over orders, is the Shapley effect of the player that was taken over (Song,
Nelson and Staum 2016, doi:10.1137/15M1048070; Goda 2021, doi:10.1016/j.ress.2021.107702).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.tally.sobol import ROUNDING


@dataclass(frozen=True)
class Increments:
    """Sums over the last axis.

    Attributes
    ----------
    n : int
    size : (...)
        Largest absolute outcome seen.
    steps : (..., player)
        Sums of the steps of half the squared distance.
    """

    n: int
    size: Array
    steps: Array

    @classmethod
    def of(cls, start: Array, walk: Array, order: npt.NDArray[np.int64]) -> Increments:
        """Sums of one set of walks that share an order.

        Parameters
        ----------
        start : (..., sample)           y_0
        walk : (..., player, sample)    y_1, y_2, ... in the order of the walk
        order : (player,)               number of the player taken over at each step
        """
        away = walk - start[..., None, :]
        square = 0.5 * np.vecdot(away, away)
        steps = np.empty_like(square)
        steps[..., order] = np.diff(square, axis=-1, prepend=0.0)
        largest = np.maximum(np.abs(start).max(axis=-1), np.abs(walk).max(axis=(-2, -1)))
        return cls(start.shape[-1], largest, steps)

    def __add__(self, other: Increments) -> Increments:
        return Increments(
            self.n + other.n, np.maximum(self.size, other.size), self.steps + other.steps
        )

    @property
    def variance(self) -> Array:
        """Variance of the outcome (...); one within rounding of zero is exactly zero."""
        variance = self.steps.sum(axis=-1) / self.n
        return np.where(variance > (ROUNDING * self.size) ** 2, variance, 0.0)

    def result(self) -> Array:
        """Part of the variance of each player, (..., player); they sum to the variance."""
        return self.steps / self.n
