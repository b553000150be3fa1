"""Alternatives: other ways in which the range behind a prior could have been read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from uncertainty.bounds import Bounds
from uncertainty.errors import PriorError
from uncertainty.families import has_free_support
from uncertainty.prior import Prior

#: Mass beyond the bounds that a reading may have.
STRAY = 1e-3
MASSES = (0.80, 0.90, 0.95)


#: No bounds at all.
ANY = Bounds(-math.inf, math.inf, True, True)


@dataclass(frozen=True)
class Range:
    """The two numbers that a prior was read from.

    Attributes
    ----------
    low, high : float
    mode : float or None
        The most likely value, where one was given.
    mass : float
        Probability that the prior gives to the range.
    """

    low: float
    high: float
    mode: float | None
    mass: float


Read = Callable[[Prior, Range, Bounds], Prior]
"""How a range becomes a prior; the present prior and the model's bounds are known to it."""


def range_of(prior: Prior) -> Range | None:
    """The range behind a prior: what it was elicited from, or the ends of a bounded family."""
    asked = prior.elicited
    if asked is not None:
        (below, low), (above, high) = asked.quantiles[0], asked.quantiles[-1]
        return Range(low, high, asked.mode, above - below)
    if prior.family in {"uniform", "log_uniform", "triangular", "pert"}:
        low, high = prior.support
        mode = prior.parameters.get("mode", prior.parameters.get("c"))
        return Range(low, high, mode if isinstance(mode, float) else None, 1.0)
    return None


def uniform(prior: Prior, found: Range, bounds: Bounds) -> Prior:
    """Every value of the range alike, none outside."""
    return Prior("uniform", lower=found.low, upper=found.high)


def pert(prior: Prior, found: Range, bounds: Bounds) -> Prior:
    """The range as smallest and largest value, its middle most likely if nothing else is said."""
    middle = 0.5 * (found.low + found.high)
    mode = middle if found.mode is None else found.mode
    return Prior("pert", lower=found.low, mode=mode, upper=found.high)


def interval(mass: float) -> Read:
    """The range as a central interval of a mass.

    In the prior's own family, or as a normal cut at the model's bounds where that would leave them.
    """

    def read(prior: Prior, found: Range, bounds: Bounds) -> Prior:
        chosen = has_free_support(prior.family) or prior.family == "truncated_normal"
        support = prior.support if chosen else None
        own = held(found, mass, prior.family, support, found.mode)
        if outside(own, bounds) <= STRAY:
            return own
        return held(found, mass, "truncated_normal", (bounds.low, bounds.high), None)

    return read


def held(
    found: Range,
    mass: float,
    family: str,
    support: tuple[float, float] | None,
    mode: float | None,
) -> Prior:
    """The member of a family that has the range as its central interval."""
    return Prior.from_interval(
        found.low, found.high, mass=mass, family=family, support=support, mode=mode
    )


def other_family(prior: Prior, found: Range, bounds: Bounds) -> Prior:
    """The same central interval in a lognormal where the prior is a beta, and the other way."""
    swap = {"beta": "lognormal", "logit_normal": "lognormal", "lognormal": "beta"}
    if prior.family not in swap:
        msg = f"a {prior.family} has no counterpart"
        raise PriorError(msg)
    family = swap[prior.family]
    support = (0.0, 1.0) if family == "beta" else None
    return held(found, min(found.mass, MASSES[-1]), family, support, None)


READINGS: dict[str, Read] = {
    "uniform on the range": uniform,
    "PERT on the range": pert,
    **{f"{100 * mass:.0f}% interval": interval(mass) for mass in MASSES},
    "same interval, beta or lognormal": other_family,
}
"""Reading -> how it turns a range into a prior within bounds; `PriorError` where it cannot."""


def alternatives(prior: Prior, bounds: Bounds = ANY) -> Iterator[tuple[str, Prior]]:
    """Other readings of a prior's range, by name; nothing for a prior without a range.

    A reading that the family cannot hold is left out, so is the one that the prior has, and so
    is one that puts more than `STRAY` of its mass where the model's bounds forbid it.
    """
    found = range_of(prior)
    for name, read in READINGS.items() if found is not None else ():
        try:
            other = read(prior, found, bounds)  # type: ignore[arg-type]
        except PriorError:
            continue
        if not same(prior, other) and outside(other, bounds) <= STRAY:
            yield name, Prior(**{**other.spec(), "unit": prior.unit, "label": prior.label})


def outside(prior: Prior, bounds: Bounds) -> float:
    """Mass of a scalar prior beyond bounds."""
    low, high = prior.support
    below = float(prior.cdf(bounds.low)) if low < bounds.low else 0.0
    above = 1.0 - float(prior.cdf(bounds.high)) if high > bounds.high else 0.0
    return below + above


def same(one: Prior, two: Prior) -> bool:
    """Whether two priors are one distribution, to rounding."""
    if one.family != two.family:
        return False
    return all(
        abs(a - b) <= 1e-6 * (abs(a) + abs(b))
        for mass in (0.5, 0.9, 0.99)
        for a, b in zip(ends(one, mass), ends(two, mass), strict=True)
    )


def ends(prior: Prior, mass: float) -> tuple[float, float]:
    """Central interval of a scalar prior."""
    low, high = prior.interval(mass)
    return float(low), float(high)
