"""Estimates: a value from all replicates and its standard error from their spread.

With one replicate the error is that of independent draws, an upper guide for quasi-random
points.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import NamedTuple, Protocol

import numpy as np

from uncertainty.arrays import Array
from uncertainty.tally import Counts, Keep, Moments, Share


class Estimate(NamedTuple):
    """A value and its Monte Carlo standard error, of one shape."""

    value: Array
    error: Array


class Ordered(Protocol):
    """Draws whose quantiles can be read off."""

    @property
    def n(self) -> int:
        """How many draws."""

    def quantiles(self, probabilities: tuple[float, ...]) -> Array:
        """Quantiles, shape (..., quantile)."""


class Sorted:
    """Draws in rising order, each at the middle of its share of probability (Hazen).

    On stratified points this has no bias of order 1/n, as the common (n - 1) p rule has.
    """

    def __init__(self, draws: Array) -> None:
        self.draws, self.n = np.sort(draws, axis=-1), draws.shape[-1]

    def quantiles(self, probabilities: tuple[float, ...]) -> Array:
        """Quantiles, shape (..., quantile)."""
        place = np.clip(np.array(probabilities) * self.n - 0.5, 0, self.n - 1)
        below = np.floor(place).astype(int)
        above = np.minimum(below + 1, self.n - 1)
        low, high = self.draws[..., below], self.draws[..., above]
        return low + (place - below) * (high - low)


def spread(replicates: Sequence[Array]) -> Array:
    """Standard error of a mean over independent replicates."""
    return np.std(replicates, axis=0, ddof=1) / np.sqrt(len(replicates))


def quantiles(
    pieces: Sequence[Keep] | Sequence[Counts], probabilities: tuple[float, ...]
) -> Estimate:
    """Quantiles of the draws of all replicates, (..., quantile)."""
    each = [Sorted(p.result()) if isinstance(p, Keep) else p for p in pieces]
    whole = merged(each)
    value = whole.quantiles(probabilities)
    if len(each) > 1:
        return Estimate(value, spread([one.quantiles(probabilities) for one in each]))
    return Estimate(value, binomial_error(whole, probabilities))


def merged(each: Sequence[Sorted | Counts]) -> Ordered:
    """The draws of all replicates together."""
    if len(each) == 1:
        return each[0]
    if isinstance(each[0], Sorted):
        return Sorted(np.concatenate([s.draws for s in each if isinstance(s, Sorted)], axis=-1))
    return reduce(add, each)


def binomial_error(draws: Ordered, probabilities: tuple[float, ...]) -> Array:
    """Half the distance between the quantiles one binomial standard error away."""
    p = np.array(probabilities)
    step = np.sqrt(p * (1 - p) / draws.n)
    low, high = np.clip(p - step, 0, 1), np.clip(p + step, 0, 1)
    return 0.5 * (draws.quantiles(tuple(high)) - draws.quantiles(tuple(low)))


def moments(pieces: Sequence[Moments]) -> Estimate:
    """Mean and standard deviation, (..., moment)."""
    whole = reduce(add, pieces).result()
    value = np.stack([whole.mean, whole.sd], axis=-1)
    if len(pieces) == 1:
        return Estimate(value, np.stack([whole.mean_error, whole.sd_error], axis=-1))
    each = [piece.result() for piece in pieces]
    return Estimate(value, spread([np.stack([one.mean, one.sd], axis=-1) for one in each]))


def shares(pieces: Sequence[Share]) -> Estimate:
    """Share of draws above each threshold, (..., threshold)."""
    each = [piece.result() for piece in pieces]
    value = np.mean(each, axis=0)
    if len(each) > 1:
        return Estimate(value, spread(each))
    return Estimate(value, np.sqrt(value * (1 - value) / pieces[0].n))
