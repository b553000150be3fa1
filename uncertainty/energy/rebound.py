"""Cheaper service is used more: cost against trend, and the lagged answer of demand."""

from __future__ import annotations

from collections.abc import Mapping

from uncertainty.energy.adoption import Adoption, position
from uncertainty.energy.arrays import Array, Column, Namespace

ELASTICITY = {
    "training": "training_elasticity",
    "inference": "inference_elasticity",
    "general": "general_elasticity",
    "supercomputing": "general_elasticity",
}
"""Workload -> parameter of the size of its price elasticity."""


def log_chip_price(p: Mapping[str, Array], years: Column, xp: Namespace) -> Array:
    """Logarithm of the cost of a unit of service that chip competition alone brings.

    With electricity's cost share kappa and the chip price C = 1 - drop a(y), the cost
    kappa + (1 - kappa) C is 1 - (1 - kappa) drop a(y).

    Returns
    -------
    (year, sample)   0 in the base year
    """
    adoption = Adoption.at(position(years, p["chip_midpoint"], p["chip_duration"]), xp)
    effect = (1.0 - p["electricity_cost_share"]) * p["chip_price_drop"]
    return adoption.log_relative(effect, xp)


def lagged(log_cost: Array, speed: Array, length: int, xp: Namespace) -> Array:
    """Cost as users have taken it in: each year closes a part of the gap to the present cost.

    Parameters
    ----------
    log_cost : (year, sample)   logarithm of cost against trend, 0 in the base year
    speed : (sample,)           part of the gap closed each year, 0 to 1
    length : int                number of years; a symbolic array does not tell its own

    Returns
    -------
    (year, sample)              ln Q(y) = ln Q(y-1) + speed (ln P(y) - ln Q(y-1))
    """
    rows = [log_cost[0]]
    for row in range(1, length):
        felt = rows[-1]
        rows.append(felt + speed * (log_cost[row] - felt))
    return xp.stack(rows)


def felt_levers(
    p: Mapping[str, Array], log_levers: Mapping[str, Array], length: int, xp: Namespace
) -> dict[str, Array]:
    """Logarithm of the cost that the levers bring, as users have taken it in.

    Only what goes beyond the trend counts: the trend's own rebound is part of activity. The lag
    is linear in logarithms, so what levers and chips bring simply adds.

    Parameters
    ----------
    log_levers : {workload: (year, sample)}   logarithm of the levers' joint factor
    length : int                              number of years

    Returns
    -------
    {workload: (year, sample)}                0 in the base year
    """
    speed = p["rebound_speed"]
    return {w: lagged(cost, speed, length, xp) for w, cost in log_levers.items()}


def felt_chips(p: Mapping[str, Array], years: Column, xp: Namespace) -> Array:
    """Logarithm of the cost that cheaper chips bring, as users have taken it in."""
    return lagged(log_chip_price(p, years, xp), p["rebound_speed"], len(years), xp)


def log_rebound(p: Mapping[str, Array], felt: Mapping[str, Array]) -> dict[str, Array]:
    """Logarithm of the extra work that a felt cost below trend calls forth.

    Parameters
    ----------
    felt : {workload: (year, sample)}   ln Q, see `lagged`

    Returns
    -------
    {workload: (year, sample)}          -elasticity ln Q
    """
    return {w: cost * -p[ELASTICITY[w]] for w, cost in felt.items()}
