"""Cheaper service is used more: cost against trend, and the lagged answer of demand."""

from __future__ import annotations

from collections.abc import Mapping

from uncertainty.energy.adoption import Adoption, position
from uncertainty.energy.arrays import Array, Namespace
from uncertainty.energy.horizon import Horizon

ELASTICITY = {
    "training": "training_elasticity",
    "inference": "inference_elasticity",
    "general": "general_elasticity",
    "supercomputing": "general_elasticity",
}
"""Workload -> parameter of the size of its price elasticity."""


def log_chip_price(p: Mapping[str, Array], horizon: Horizon, xp: Namespace) -> Array:
    """Logarithm of the cost of a unit of service that chip competition alone brings.

    With electricity's cost share kappa and the chip price C = 1 - drop a(y), the cost
    kappa + (1 - kappa) C is 1 - (1 - kappa) drop a(y).

    Returns
    -------
    (year, sample)   0 in the base year
    """
    where = position(horizon.years, p["chip_midpoint"], p["chip_duration"])
    adoption = Adoption.at(where, horizon.base_row, xp)
    effect = (1.0 - p["electricity_cost_share"]) * p["chip_price_drop"]
    return adoption.log_relative(effect, xp)


def lagged(
    log_costs: Mapping[str, Array], speed: Array, horizon: Horizon, xp: Namespace
) -> dict[str, Array]:
    """Costs as users have taken them in: each year closes a part of the gap to the present cost.

    Only what goes beyond the trend counts: the trend's own rebound is part of activity, and so is
    all use up to the base year. The lag is linear in logarithms, so what levers and chips bring
    simply adds.

    Parameters
    ----------
    log_costs : {name: (year, sample)}   logarithm of cost against trend, 0 in the base year
    speed : (sample,)                    part of the gap closed each year, 0 to 1

    Returns
    -------
    {name: (year, sample)}               ln Q(y) = ln Q(y-1) + speed (ln P(y) - ln Q(y-1)); 0 up
                                         to the base year
    """
    # All costs go through the years together: a compiler takes long over many small steps.
    costs = xp.stack(list(log_costs.values()), axis=1)
    felt = [costs[horizon.base_row]]
    for row in range(horizon.base_row + 1, len(horizon.years)):
        felt.append(felt[-1] + speed * (costs[row] - felt[-1]))
    paths = xp.stack(felt)
    if horizon.base_row:
        paths = xp.concatenate([0.0 * costs[: horizon.base_row], paths])
    return {name: paths[:, i] for i, name in enumerate(log_costs)}


def log_rebound(
    p: Mapping[str, Array], felt: Mapping[str, Array], xp: Namespace
) -> dict[str, Array]:
    """Logarithm of the extra work that a felt cost below trend calls forth.

    Parameters
    ----------
    felt : {workload: (year, sample)}   ln Q, see `lagged`

    Returns
    -------
    {workload: (year, sample)}          -elasticity ln Q, or that of what `heeded` leaves of it
    """
    return {w: heeded(cost, p, xp) * -p[ELASTICITY[w]] for w, cost in felt.items()}


def heeded(felt: Array, p: Mapping[str, Array], xp: Namespace) -> Array:
    """Felt cost to which use answers.

    With form 0 all of it: the elasticity is constant. With form 1 no fall of cost calls forth use
    without end: what is heeded nears -saturation. Where cost has risen, and in value and slope
    where it has not changed, the forms agree.

    Parameters
    ----------
    felt : (year, sample)   ln Q, see `lagged`

    Returns
    -------
    (year, sample)          ln Q, or saturation (exp(ln Q / saturation) - 1) where ln Q < 0
    """
    saturating, saturation = p["rebound_form"] > 0.5, p["rebound_saturation"]
    curve = saturation * xp.expm1(xp.minimum(felt, 0.0) * (1.0 / saturation))
    return xp.where(saturating & (felt < 0.0), curve, felt)
