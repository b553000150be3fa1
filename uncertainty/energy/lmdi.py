"""Which factor brought how much of the change since the base year, additively and without rest.

Logarithmic mean Divisia index, additive form (Ang, 2005, The LMDI approach to decomposition
analysis: a practical guide, doi:10.1016/j.enpol.2003.10.010): a workload's electricity is a product
of factors, so the change of its logarithm is a sum, and the logarithmic mean of its first and
present electricity turns each term of that sum into TWh.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from uncertainty.energy.arrays import Array, Namespace
from uncertainty.energy.levers import LEVERS
from uncertainty.energy.workloads import total

CONTRIBUTIONS = ("activity", "rebound", "hardware", *LEVERS, "pue")

TIE = 1e-12
"""Logarithms this close are equally strong: engines that reorder arithmetic differ by rounding."""

SMALL = 1e-12
"""Stands in for a growth nearer to zero, where (exp(x) - 1) / x is 1 to within 5e-13."""


class Part(NamedTuple):
    """One workload's electricity as a product of factors.

    Attributes
    ----------
    base : (sample,)                   electricity of the base year, TWh
    log_growth : (year, sample)        logarithm of electricity over its base
    terms : {factor: (year, sample)}   logarithms of the factors; they sum to ``log_growth``
    """

    base: Array
    log_growth: Array
    terms: Mapping[str, Array]


def log_mean(base: Array, log_growth: Array, xp: Namespace) -> Array:
    """Logarithmic mean of ``base`` and ``base * exp(log_growth)``, safe where nothing changed.

    Parameters
    ----------
    base : (sample,)              TWh
    log_growth : (year, sample)   x

    Returns
    -------
    (year, sample)                base (exp(x) - 1) / x, TWh
    """
    growth = xp.where(xp.abs(log_growth) < SMALL, SMALL, log_growth)
    return base * (xp.expm1(growth) / growth)


def lever_terms(factors: Mapping[str, Array], strongest: Array, overlap: Array) -> dict[str, Array]:
    """Split of the levers' joint logarithm among the levers of one workload.

    What overlaps goes to the strongest lever; levers that tie share it equally.

    Parameters
    ----------
    factors : {lever: (year, sample)}   logarithm of each lever's own factor
    strongest : (year, sample)          smallest of them
    overlap : (sample,)                 see `levers.combined`

    Returns
    -------
    {lever: (year, sample)}             terms whose sum is the joint logarithm
    """
    limit = strongest + TIE
    leads = {lever: 1.0 * (factor <= limit) for lever, factor in factors.items()}
    each = overlap / total(leads.values())
    own = 1.0 - overlap
    return {lever: factor * (own + each * leads[lever]) for lever, factor in factors.items()}


def contributions(parts: Iterable[Part], xp: Namespace) -> list[Array]:
    """Contribution of each factor to the change of total electricity since the base year.

    Parameters
    ----------
    parts : iterable of Part
        One for each workload. They are taken one after the other, so that a generator keeps the
        terms of a single workload in memory.

    Returns
    -------
    [(year, sample)]   TWh, in the order of `CONTRIBUTIONS`
    """
    sums: dict[str, Array] = {}
    for base, log_growth, terms in parts:
        weight = log_mean(base, log_growth, xp)
        for name, term in terms.items():
            amount = weight * term
            sums[name] = sums[name] + amount if name in sums else amount
    return [sums[name] for name in CONTRIBUTIONS]
