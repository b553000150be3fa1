"""Diffusion of a measure: a logistic curve told by its midpoint and its duration."""

from __future__ import annotations

import math
from dataclasses import dataclass

from uncertainty.energy.arrays import Array, Column, Namespace

LOG_9 = math.log(9.0)
"""Half of ln 81: the log-odds travel by ln 81 between 10% and 90% adoption."""


def position(years: Column, midpoint: Array, duration: Array) -> Array:
    """Half of the log-odds of adoption.

    Parameters
    ----------
    years : (year, 1)       calendar years
    midpoint : (sample,)    calendar year of 50% adoption
    duration : (sample,)    years from 10% to 90% adoption

    Returns
    -------
    (year, sample)          ln 9 (y - midpoint) / duration
    """
    return (years - midpoint) * (LOG_9 / duration)


def delayed(where: Array, delay: Array, duration: Array) -> Array:
    """Position when the midpoint comes ``delay`` years later, (year, sample)."""
    return where - delay * (LOG_9 / duration)


@dataclass(frozen=True)
class Adoption:
    """Adopted share, a = 1 / (1 + exp(-2 position)) = (1 + tanh(position)) / 2.

    Attributes
    ----------
    start : (sample,)        share in the base year, 0 to 1
    twice : (year, sample)   twice the share that has come since, exactly 0 in the base year
    """

    start: Array
    twice: Array

    @classmethod
    def at(cls, where: Array, base_row: int, xp: Namespace) -> Adoption:
        """Adoption at a position on the curve; one of its rows is the base year.

        Unlike ``exp``, ``tanh`` neither overflows nor loses its gradient far from the midpoint.
        """
        swing = xp.tanh(where)
        return cls(0.5 + 0.5 * swing[base_row], swing - swing[base_row])

    def log_relative(self, effect: Array, xp: Namespace) -> Array:
        """Logarithm of (1 - effect a(y)) / (1 - effect a(b)).

        Parameters
        ----------
        effect : (sample,)   relative decrease at full adoption, below 1

        Returns
        -------
        (year, sample)       ln(1 - effect (a(y) - a(b)) / (1 - effect a(b))); 0 in the base year
        """
        scale = 0.5 * effect / (effect * self.start - 1.0)
        return xp.log1p(self.twice * scale)


def progress(where: Array, base_row: int, xp: Namespace) -> Array:
    """Part of the way from base-year adoption to full adoption, (a - a_b) / (1 - a_b).

    1 - a is exp(-softplus(2 position)), so the ratio stays exact even where adoption in the base
    year is complete up to rounding and the plain quotient would be 0 / 0.

    Parameters
    ----------
    where : (year, sample)   position
    base_row : int           row of the base year

    Returns
    -------
    (year, sample)           0 in the base year, below 1 after it
    """
    size = xp.abs(where)
    softplus = where + size + xp.log1p(xp.exp(-2.0 * size))
    return -xp.expm1(softplus[base_row] - softplus)
