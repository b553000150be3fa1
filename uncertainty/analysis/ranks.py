"""Ranks: first-order indices from the products of neighbours in the order of a parameter.

The rank estimator of Gamboa, Gremaud, Klein and Lagnoux 2022 (doi:10.3150/21-BEJ1421), after
Chatterjee's coefficient. It asks for independent draws: on Latin and Sobol' points neighbours are
not like independent draws, and it has a bias that does not shrink.
"""

from __future__ import annotations

import numpy as np

from uncertainty.analysis.classes import REACH, Shares, ratio, with_sum
from uncertainty.arrays import Array


def neighbours(x: Array, y: Array, levels: Array | None = None) -> Shares:
    """Shares of one parameter with a delta-method interval.

    Given x, the products of neighbours depend on their direct neighbours alone, so the variance
    of their mean needs one covariance more; two places on they are independent.

    Parameters
    ----------
    x : (sample,)
    y : (cell, sample)
        Each cell with mean 0.
    levels
        Not used: values of a parameter with few of them are put in any order.

    Returns
    -------
    Shares
        One more cell than y has: all cells together.
    """
    y = np.take(y, np.argsort(x), axis=1)
    square, product = with_sum(y**2), with_sum(y * np.roll(y, -1, axis=1))
    variance = square.mean(axis=1)
    value = ratio(product.mean(axis=1), variance)
    influence = product - value[:, None] * square
    near, far = (np.roll(influence, -lag, axis=1) for lag in (1, 2))
    spread = (influence * (influence + 2 * (near - far))).mean(axis=1)
    half = REACH * ratio(np.sqrt(np.maximum(spread, 0.0) / len(x)), variance)
    return Shares(value, half)
