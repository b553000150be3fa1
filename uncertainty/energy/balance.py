"""What the levers did: growth rates, counterfactuals and the year in which use overtakes saving.

With D work without the levers on the hardware of its year, L the levers' joint factor and R the
rebound, all relative to the base year, and I_b the IT electricity of the base year:

========================  ==========================  ====================
quantity                  IT electricity              PUE
========================  ==========================  ====================
without_levers            I_b D                       site mix frozen
efficiency_frozen         I_b D L                     site mix frozen
efficiency_only           I_b D L                     site mix moves
levers_only               I_b D L R_levers            site mix moves
electricity               I_b D L R                   site mix moves
========================  ==========================  ====================

Each step from row to row has a name: savings, dilution, and rebound, of the levers and of cheaper
chips. In the base year D, L and R are exactly 1 and the mixes the same numbers, so that all
differences are exactly 0 (to rounding where a compiler reorders the arithmetic, as PyTensor does).
"""

from __future__ import annotations

from collections.abc import Mapping

from uncertainty.energy.arrays import Array, Column, Namespace


def it_electricity(
    base: Mapping[str, Array], log_growth: Mapping[str, Array], xp: Namespace
) -> dict[str, Array]:
    """IT electricity of each workload.

    Parameters
    ----------
    base : {workload: (sample,)}               IT electricity of the base year, TWh
    log_growth : {workload: (year, sample)}    logarithm relative to the base year

    Returns
    -------
    {workload: (year, sample)}                 TWh
    """
    return {workload: base[workload] * xp.exp(growth) for workload, growth in log_growth.items()}


def facility(it: Mapping[str, Array], pue: Mapping[str, Array]) -> dict[str, Array]:
    """Facility electricity of each workload, {workload: (year, sample)} in TWh."""
    return {workload: amount * pue[workload] for workload, amount in it.items()}


def dilution(it: Array, pue: Array, frozen: Array) -> Array:
    """Electricity that the move of one workload to other classes of sites costs.

    Parameters
    ----------
    it : (year, sample)            its IT electricity with levers, without rebound, TWh
    pue, frozen : (year, sample)   its PUE with the site mix moving, and frozen

    Returns
    -------
    (year, sample)                 TWh
    """
    return it * (pue - frozen)


def growth_between(electricity: Array, start: int, end: int, xp: Namespace) -> Array:
    """(sample,) mean logarithmic growth per year between two rows of (year, sample)."""
    return xp.log(electricity[end] / electricity[start]) / (end - start)


def positive_year(effect: Array, years: Column, xp: Namespace) -> Array:
    """First year in which an effect raises electricity.

    Parameters
    ----------
    effect : (year, sample)   electricity against a counterfactual, TWh, from the base year on
    years : (year, 1)         calendar years, from the base year on

    Returns
    -------
    (sample,)                 calendar year; the year after the last one when there is none
    """
    never = years[-1, 0] + 1.0
    # The base year has no effect by definition; rounding there must not count as one.
    return xp.min(xp.where(effect[1:] > 0.0, years[1:], never), axis=0)
