"""Estimators: parts of the variance from the averages of a pick-freeze run.

Each takes `Averages` and returns (..., group): the variance of the conditional mean (first
order) or what is lost when all but the group is known (total). Divided by the variance they are
Sobol' indices. All are written on centred outcomes: a mean that is far from zero would drown
the raw product forms in noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from uncertainty.arrays import Array
from uncertainty.tally.sobol import Averages

Estimator = Callable[[Averages], Array]


class Indices(NamedTuple):
    """Variance (...), first-order and total part of it, each (..., group)."""

    variance: Array
    first: Array
    total: Array


def saltelli_first(s: Averages) -> Array:
    """E[(b - m) d] (Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018)."""
    return s.bd - centre(s) * s.d


def jansen_first(s: Averages) -> Array:
    """V - E[(b - c)^2] / 2 (Jansen 1999, doi:10.1016/S0010-4655(98)00154-4)."""
    apart = s.bb[..., None] + squares(s) - 2 * (s.ab[..., None] + s.bd)
    return s.variance[..., None] - 0.5 * apart


def janon_first(s: Averages) -> Array:
    """Covariance of b and c over their joint variance (Janon 2014, doi:10.1051/ps/2013040)."""
    return s.variance[..., None] * joint(s.b, s.bb, s.ab[..., None] + s.bd, s)


def martinez_first(s: Averages) -> Array:
    """Correlation of b and c (Martinez 2011; Baudin 2017, doi:10.1080/00949655.2015.1129341)."""
    return s.variance[..., None] * correlation(s.b, s.bb, s.ab[..., None] + s.bd, s)


def jansen_total(s: Averages) -> Array:
    """E[d^2] / 2, never negative (Jansen 1999)."""
    return 0.5 * s.dd


def homma_total(s: Averages) -> Array:
    """V - Cov(a, c) (Homma and Saltelli 1996, doi:10.1016/0951-8320(96)00002-6)."""
    mean = centre(s)
    products = s.aa[..., None] + s.ad - mean * (2 * s.a[..., None] + s.d) + mean**2
    return s.variance[..., None] - products


def janon_total(s: Averages) -> Array:
    """One less the joint correlation of a and c (Janon et al. 2014)."""
    return s.variance[..., None] * (1 - joint(s.a, s.aa, s.aa[..., None] + s.ad, s))


def martinez_total(s: Averages) -> Array:
    """One less the correlation of a and c (Martinez 2011)."""
    return s.variance[..., None] * (1 - correlation(s.a, s.aa, s.aa[..., None] + s.ad, s))


#: Estimators by name.
FIRST: Mapping[str, Estimator] = {
    "saltelli": saltelli_first,
    "jansen": jansen_first,
    "janon": janon_first,
    "martinez": martinez_first,
}
TOTAL: Mapping[str, Estimator] = {
    "jansen": jansen_total,
    "homma": homma_total,
    "janon": janon_total,
    "martinez": martinez_total,
}


def indices(s: Averages, first: str, total: str) -> Indices:
    """Variance and its parts by the named estimators."""
    return Indices(s.variance, FIRST[first](s), TOTAL[total](s))


def centre(s: Averages) -> Array:
    """Mean of A and B, (..., 1)."""
    return 0.5 * (s.a + s.b)[..., None]


def squares(s: Averages) -> Array:
    """Average of c^2."""
    return s.aa[..., None] + 2 * s.ad + s.dd


def joint(one: Array, square: Array, product: Array, s: Averages) -> Array:
    """Covariance with c over the variance of both together; 0 where nothing varies."""
    mean = 0.5 * (one[..., None] + s.a[..., None] + s.d)
    return quotient(product - mean**2, 0.5 * (square[..., None] + squares(s)) - mean**2)


def correlation(one: Array, square: Array, product: Array, s: Averages) -> Array:
    """Correlation with c; 0 where nothing varies."""
    mean, other = one[..., None], s.a[..., None] + s.d
    spread = (square[..., None] - mean**2) * (squares(s) - other**2)
    return quotient(product - mean * other, np.sqrt(np.maximum(spread, 0.0)))


def quotient(part: Array, whole: Array) -> Array:
    """`part / whole`, 0 where the whole is: the variance it is multiplied with is 0 there too."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
