"""Weighted quantiles of draws, and how many draws a set of weights is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from uncertainty.arrays import Array


def quantiles(draws: Array, weights: Array, probabilities: Sequence[float]) -> Array:
    """Quantiles of weighted draws, each draw at the middle of its share of probability.

    With equal weights these are the quantiles of `estimates.Sorted` (Hazen).

    Parameters
    ----------
    draws, weights : (sample,)
        Weights are not negative and not all zero.
    probabilities : sequence of float
        Strictly between 0 and 1.

    Returns
    -------
    (quantile,)
    """
    order = np.argsort(draws, kind="stable")
    return sorted_quantiles(draws[order], weights[order], probabilities)


def sorted_quantiles(draws: Array, weights: Array, probabilities: Sequence[float]) -> Array:
    """As `quantiles`, of draws that are in rising order already."""
    ends = np.cumsum(weights)
    middles = (ends - 0.5 * weights) / ends[-1]
    return np.interp(np.asarray(probabilities), middles, draws)


def effective_share(weights: Array) -> float:
    """Effective number of draws over their number, 0 to 1 (Kish 1965: (sum w)^2 / sum w^2)."""
    return float(weights.sum() ** 2 / (len(weights) * (weights**2).sum()))
