"""Ratios: indices as one ratio of sums over all replicates, with its interval.

The mean over replicates of a ratio keeps the bias of a single replicate; the ratio of means has
but its R-th part. Its error is read off the linearised replicates, part - index * variance over
the mean variance, by Student's t.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from uncertainty.arrays import Array

#: Probability of the intervals around the indices.
CONFIDENCE = 0.95


class Ratio(NamedTuple):
    """Values (..., group), standard errors of one shape, and the degrees of freedom behind them."""

    value: Array
    error: Array
    freedom: float


def over_replicates(parts: Array, variances: Array) -> Ratio:
    """Ratio of means, from parts (replicate, ..., group) and variances (replicate, ...)."""
    value, each = linearised(parts, variances)
    replicates = len(parts)
    error = each.std(axis=0, ddof=1) / np.sqrt(replicates)
    return Ratio(value, error, replicates - 1)


def linearised(parts: Array, variances: Array) -> tuple[Array, Array]:
    """The ratio of means (..., group), and what each replicate says of it, (replicate, ...)."""
    mean = variances.mean(axis=0)[..., None]
    value = share(parts.mean(axis=0), mean)
    return value, value + share(
        parts - value * variances[..., None], np.broadcast_to(mean, value.shape)
    )


def share(part: Array, variance: Array) -> Array:
    """`part / variance`, NaN where the variance is zero."""
    shape = np.broadcast_shapes(part.shape, variance.shape)
    undefined = np.full(shape, np.nan)
    return np.divide(part, variance, out=undefined, where=np.broadcast_to(variance > 0, shape))


def interval(found: Ratio, cells: int = 1) -> Array:
    """Bounds (..., group, bound); over so many cells together they hold with CONFIDENCE.

    For more than one cell by Bonferroni's inequality, which needs no independence.
    """
    from scipy.special import stdtrit

    reach = stdtrit(found.freedom, 1 - (1 - CONFIDENCE) / 2 / cells)
    half = reach * found.error
    return np.stack([found.value - half, found.value + half], axis=-1)


def mean_of(each: Array) -> tuple[Array, Array]:
    """Mean over replicates (...), and its interval by Student's t (..., bound)."""
    error = each.std(axis=0, ddof=1) / np.sqrt(len(each))
    found = Ratio(each.mean(axis=0), error, len(each) - 1)
    return found.value, interval(found)


def together(parts: Sequence[Array]) -> Array:
    """Parts (..., group) of each replicate summed over cells, (replicate, group)."""
    return np.stack([p.reshape(-1, p.shape[-1]).sum(axis=0) for p in parts])
