"""Families on a finite interval whose ends are part of the prior."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.special import betainc, betaincinv, betaln, expit, ndtr, ndtri, xlogy

from uncertainty.arrays import Array
from uncertainty.distributions.contract import (
    LOG_ROOT_TWO_PI,
    Scalar,
    check_bounds,
    check_finite,
    check_mode,
    check_positive,
    inside,
    masked,
    pinned,
)

UNIT = (0.0, 1.0)


@dataclass(frozen=True)
class Beta(Scalar):
    """Beta with shapes ``alpha`` and ``beta``, moved to ``support``."""

    alpha: float
    beta: float
    support: tuple[float, float] = UNIT
    name: ClassVar[str] = "beta"

    def __post_init__(self) -> None:
        check_positive(self.name, alpha=self.alpha, beta=self.beta)
        check_bounds(f"{self.name} support", *self.support)

    @property
    def scale(self) -> float:
        """Width of the support."""
        return self.support[1] - self.support[0]

    @property
    def mean(self) -> float:
        return self.support[0] + self.scale * self.alpha / (self.alpha + self.beta)

    @property
    def sd(self) -> float:
        total = self.alpha + self.beta
        share = self.alpha / total * (self.beta / total)
        return self.scale * math.sqrt(share / (total + 1))

    def ppf(self, u: Array) -> Array:
        y = betaincinv(self.alpha, self.beta, u)
        lost = np.isnan(y)
        if lost.any():
            y = np.where(lost, bisected(self.alpha, self.beta, u), y)
        return pinned(self.support[0] + self.scale * y, u, self.support)

    def cdf(self, x: Array) -> Array:
        y = np.clip((x - self.support[0]) / self.scale, 0, 1)
        return betainc(self.alpha, self.beta, y)

    def logpdf(self, x: Array) -> Array:
        lower, upper = self.support
        within = np.clip(x, lower, upper)
        low, high = (within - lower) / self.scale, (upper - within) / self.scale
        density = xlogy(self.alpha - 1, low) + xlogy(self.beta - 1, high)
        constant = float(betaln(self.alpha, self.beta)) + math.log(self.scale)
        return masked(x, self.support, density - constant)


def bisected(alpha: float, beta: float, u: Array) -> Array:
    """Quantile of a standard beta by halving in log y.

    Slow, for probabilities below about 1e-20 at which SciPy's betaincinv can answer NaN.
    """
    low, high = np.full_like(u, -745.0), np.zeros_like(u)
    for _ in range(64):
        middle = 0.5 * (low + high)
        beyond = betainc(alpha, beta, np.exp(middle)) > u
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return np.exp(high)


@dataclass(frozen=True)
class Pert(Scalar):
    """Beta with mode ``mode`` and mean (lower + 4 mode + upper) / 6.

    References
    ----------
    Malcolm, Roseboom, Clark, Fazar 1959, Application of a technique for research and
    development program evaluation.
    """

    lower: float
    mode: float
    upper: float
    name: ClassVar[str] = "pert"

    def __post_init__(self) -> None:
        check_mode(self.name, "mode", self.lower, self.mode, self.upper)

    @cached_property
    def scaled_beta(self) -> Beta:
        """The beta on (lower, upper) that this is."""
        width = self.upper - self.lower
        alpha = 1 + 4 * (self.mode - self.lower) / width
        beta = 1 + 4 * (self.upper - self.mode) / width
        return Beta(alpha, beta, support=(self.lower, self.upper))

    @property
    def support(self) -> tuple[float, float]:
        return self.lower, self.upper

    @property
    def mean(self) -> float:
        return self.scaled_beta.mean

    @property
    def sd(self) -> float:
        return self.scaled_beta.sd

    def ppf(self, u: Array) -> Array:
        return self.scaled_beta.ppf(u)

    def cdf(self, x: Array) -> Array:
        return self.scaled_beta.cdf(x)

    def logpdf(self, x: Array) -> Array:
        return self.scaled_beta.logpdf(x)


@dataclass(frozen=True)
class Triangular(Scalar):
    """Density that rises straight from ``lower`` to the mode ``c`` and falls to ``upper``."""

    lower: float
    c: float
    upper: float
    name: ClassVar[str] = "triangular"

    def __post_init__(self) -> None:
        check_mode(self.name, "c", self.lower, self.c, self.upper)

    @property
    def sides(self) -> tuple[float, float, float]:
        """Lengths: whole, below the mode, above it."""
        return self.upper - self.lower, self.c - self.lower, self.upper - self.c

    @property
    def support(self) -> tuple[float, float]:
        return self.lower, self.upper

    @property
    def mean(self) -> float:
        return self.lower / 3 + self.c / 3 + self.upper / 3

    @property
    def sd(self) -> float:
        _, below, above = self.sides
        return math.sqrt((below * below + below * above + above * above) / 18)

    def ppf(self, u: Array) -> Array:
        whole, below, above = self.sides
        rising = self.lower + np.sqrt(u * (whole * below))
        falling = self.upper - np.sqrt((1 - u) * (whole * above))
        return pinned(np.where(u * whole < below, rising, falling), u, self.support)

    def cdf(self, x: Array) -> Array:
        whole, below, above = self.sides
        within = np.clip(x, self.lower, self.upper)
        # The unused side may have length 0: any divisor serves there.
        rising = (within - self.lower) ** 2 / (whole * (below or 1.0))
        falling = 1 - (self.upper - within) ** 2 / (whole * (above or 1.0))
        return np.where(within < self.c, rising, falling)

    def logpdf(self, x: Array) -> Array:
        whole, below, above = self.sides
        within = np.clip(x, self.lower, self.upper)
        rising = (within - self.lower) / below if below else np.ones_like(within)
        falling = (self.upper - within) / above if above else np.ones_like(within)
        with np.errstate(divide="ignore"):
            height = np.log(np.where(within < self.c, rising, falling))
        return masked(x, self.support, height + math.log(2 / whole))


@dataclass(frozen=True)
class LogitNormal(Scalar):
    """The logit of the share of ``support`` is normal with mean ``mu`` and sd ``sigma``."""

    mu: float
    sigma: float
    support: tuple[float, float] = UNIT
    name: ClassVar[str] = "logit_normal"

    def __post_init__(self) -> None:
        check_finite(self.name, mu=self.mu)
        check_positive(self.name, sigma=self.sigma)
        check_bounds(f"{self.name} support", *self.support)

    @property
    def scale(self) -> float:
        """Width of the support."""
        return self.support[1] - self.support[0]

    @property
    def mean(self) -> float:
        return self.support[0] + self.scale * self._moments[0]

    @property
    def sd(self) -> float:
        return self.scale * self._moments[1]

    @property
    def _moments(self) -> tuple[float, float]:
        """Mean and sd of the share, by the trapezium rule over the normal score.

        No closed form exists. The rule converges exponentially while the step is small against
        pi / sigma, the distance of the nearest pole of the logistic function.
        """
        z = np.linspace(-9.5, 9.5, 16_385)
        weight = np.exp(-0.5 * z * z)
        share = expit(self.mu + self.sigma * z)
        mean = float(np.average(share, weights=weight))
        return mean, math.sqrt(float(np.average((share - mean) ** 2, weights=weight)))

    def score(self, z: Array) -> Array:
        share = expit(self.mu + self.sigma * z)
        return inside(self.support[0] + self.scale * share, *self.support)

    def ppf(self, u: Array) -> Array:
        return pinned(self.score(ndtri(u)), u, self.support)

    def cdf(self, x: Array) -> Array:
        low, high = self._log_sides(x)
        return ndtr((low - high - self.mu) / self.sigma)

    def logpdf(self, x: Array) -> Array:
        low, high = self._log_sides(x)
        within = np.isfinite(low) & np.isfinite(high)
        low, high = np.where(within, low, 0.0), np.where(within, high, 0.0)
        z = (low - high - self.mu) / self.sigma
        constant = math.log(self.sigma) + math.log(self.scale) + LOG_ROOT_TWO_PI
        return np.where(within, -0.5 * z * z - low - high - constant, -np.inf)

    def _log_sides(self, x: Array) -> tuple[Array, Array]:
        """Logs of the shares of the support below and above ``x``."""
        lower, upper = self.support
        within = np.clip(x, lower, upper)
        with np.errstate(divide="ignore"):
            return np.log((within - lower) / self.scale), np.log((upper - within) / self.scale)
