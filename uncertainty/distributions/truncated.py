"""The normal cut to an interval, exact far out in either tail."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri, ndtri_exp

from uncertainty.arrays import Array
from uncertainty.distributions.contract import (
    LOG_ROOT_TWO_PI,
    Scalar,
    check_finite,
    check_positive,
    masked,
    pinned,
)
from uncertainty.errors import PriorError

FAR = -5.0
"""Normal score below which a whole interval is handled by logarithms (Phi loses digits there)."""


@dataclass(frozen=True)
class TruncatedNormal(Scalar):
    """Normal(``mu``, ``sigma``) between ``lower`` and ``upper``; one of them may be infinite."""

    mu: float
    sigma: float
    lower: float = -math.inf
    upper: float = math.inf
    name: ClassVar[str] = "truncated_normal"

    def __post_init__(self) -> None:
        check_finite(self.name, mu=self.mu)
        check_positive(self.name, sigma=self.sigma)
        found = f"found lower={self.lower!r}, upper={self.upper!r}"
        if not self.lower < self.upper:
            raise PriorError(f"{self.name}: lower must be below upper; {found}")
        if math.isinf(self.lower) and math.isinf(self.upper):
            raise PriorError(f"{self.name}: needs a finite lower or upper, or the normal; {found}")

    @property
    def support(self) -> tuple[float, float]:
        return self.lower, self.upper

    @property
    def _reflected(self) -> bool:
        """Whether the lower tail is used by reflection, since Phi is exact only there."""
        return (self.lower - self.mu) + (self.upper - self.mu) > 0

    @property
    def _scores(self) -> tuple[float, float]:
        """Standardised bounds, reflected so that most of the interval lies below 0."""
        low, high = (
            (self.lower - self.mu) / self.sigma,
            (self.upper - self.mu) / self.sigma,
        )
        return (-high, -low) if self._reflected else (low, high)

    @property
    def _log_mass(self) -> float:
        """Log of the normal's mass between the bounds."""
        low, high = self._scores
        if low > FAR and high - low < 1e-3:  # a nearly flat piece: the difference would cancel
            middle = 0.5 * (low + high)
            return -0.5 * middle**2 - LOG_ROOT_TWO_PI + math.log(high - low) + _bend(low, high)
        top = float(log_ndtr(high))
        return top + math.log(-math.expm1(float(log_ndtr(low)) - top))

    @property
    def mean(self) -> float:
        return self._moments[0]

    @property
    def sd(self) -> float:
        return self._moments[1]

    @property
    def _moments(self) -> tuple[float, float]:
        """Mean and sd by Gauss-Legendre; the closed forms cancel in tails and on flat pieces."""
        mode = min(max(self.mu, self.lower), self.upper)
        peak = (mode - self.mu) / self.sigma
        # Beyond this score the density is below e^-45 of its peak.
        reach = self.sigma * math.sqrt(peak * peak + 90)
        low, high = max(self.lower, self.mu - reach), min(self.upper, self.mu + reach)
        node, weight = _legendre()
        x = 0.5 * (low + high) + 0.5 * (high - low) * node
        z = (x - self.mu) / self.sigma
        weight = weight * np.exp(0.5 * (peak - z) * (peak + z))
        mean = float(np.average(x, weights=weight))
        return mean, math.sqrt(float(np.average((x - mean) ** 2, weights=weight)))

    def ppf(self, u: Array) -> Array:
        share = 1 - u if self._reflected else u
        z = self._far(share) if self._scores[1] < FAR else self._near(share)
        x = self.mu - self.sigma * z if self._reflected else self.mu + self.sigma * z
        return pinned(x, u, self.support)

    def _near(self, share: Array) -> Array:
        low, high = ndtr(self._scores)
        z: Array = ndtri(low + share * (high - low))
        return z

    def _far(self, share: Array) -> Array:
        low, high = log_ndtr(self._scores)
        with np.errstate(divide="ignore"):
            z: Array = ndtri_exp(np.logaddexp(low + np.log1p(-share), high + np.log(share)))
        return z

    def cdf(self, x: Array) -> Array:
        z = (np.clip(x, self.lower, self.upper) - self.mu) / self.sigma
        low, high = self._scores
        if high < FAR:
            below = self._far_share(-z if self._reflected else z)
        else:
            bottom, top = ndtr(low), ndtr(high)
            below = (ndtr(-z if self._reflected else z) - bottom) / (top - bottom)
        return np.clip(1 - below if self._reflected else below, 0, 1)

    def _far_share(self, z: Array) -> Array:
        low, top = log_ndtr(self._scores)
        at = np.maximum(log_ndtr(z), low)
        share: Array = np.exp(at - top) * np.expm1(low - at) / np.expm1(low - top)
        return share

    def logpdf(self, x: Array) -> Array:
        z = (np.clip(x, self.lower, self.upper) - self.mu) / self.sigma
        density = -0.5 * z * z - LOG_ROOT_TWO_PI - math.log(self.sigma) - self._log_mass
        return masked(x, self.support, np.where(np.isinf(x), -np.inf, density))


def _bend(low: float, high: float) -> float:
    """Log of the mean density over a short piece against the density at its middle."""
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    return math.log1p((middle * middle - 1) * half * half / 6)


@cache
def _legendre() -> tuple[Array, Array]:
    node, weight = np.polynomial.legendre.leggauss(160)
    return node, weight
