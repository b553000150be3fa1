"""Families whose quantiles are closed forms in u or in the normal score, and the gamma."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import gammainc, gammainccinv, gammaincinv, gammaln, ndtr, ndtri, xlogy

from uncertainty.arrays import Array
from uncertainty.distributions.contract import (
    LOG_ROOT_TWO_PI,
    Scalar,
    check_bounds,
    check_finite,
    check_positive,
    masked,
    pinned,
)
from uncertainty.errors import PriorError


@dataclass(frozen=True)
class Uniform(Scalar):
    """Every value between ``lower`` and ``upper`` is as likely."""

    lower: float
    upper: float
    name: ClassVar[str] = "uniform"

    def __post_init__(self) -> None:
        check_bounds(self.name, self.lower, self.upper)

    @property
    def support(self) -> tuple[float, float]:
        return self.lower, self.upper

    @property
    def mean(self) -> float:
        return 0.5 * self.lower + 0.5 * self.upper

    @property
    def sd(self) -> float:
        return (self.upper - self.lower) / math.sqrt(12)

    def ppf(self, u: Array) -> Array:
        return pinned(self.lower + (self.upper - self.lower) * u, u, self.support)

    def cdf(self, x: Array) -> Array:
        return np.clip((x - self.lower) / (self.upper - self.lower), 0, 1)

    def logpdf(self, x: Array) -> Array:
        return masked(x, self.support, np.full_like(x, -math.log(self.upper - self.lower)))


@dataclass(frozen=True)
class LogUniform(Scalar):
    """The logarithm is uniform: every factor of two as likely; ``lower`` above 0."""

    lower: float
    upper: float
    name: ClassVar[str] = "log_uniform"

    def __post_init__(self) -> None:
        check_bounds(self.name, self.lower, self.upper)
        check_positive(self.name, lower=self.lower)

    @property
    def support(self) -> tuple[float, float]:
        return self.lower, self.upper

    @property
    def span(self) -> float:
        """Logarithm of upper over lower."""
        return math.log1p((self.upper - self.lower) / self.lower)

    @property
    def mean(self) -> float:
        return (self.upper - self.lower) / self.span

    @property
    def sd(self) -> float:
        # The squared variation is (s/2) / tanh(s/2) - 1, s the span; its series keeps the digits
        # of a narrow interval.
        s = self.span
        series = s**2 / 12 - s**4 / 720 + s**6 / 30240
        squared = series if s < 0.3 else (s / 2) / math.tanh(s / 2) - 1
        return self.mean * math.sqrt(squared)

    def ppf(self, u: Array) -> Array:
        return pinned(self.lower * np.exp(self.span * u), u, self.support)

    def cdf(self, x: Array) -> Array:
        within = np.clip(x, self.lower, self.upper)
        return np.clip(np.log(within / self.lower) / self.span, 0, 1)

    def logpdf(self, x: Array) -> Array:
        within = np.clip(x, self.lower, self.upper)
        return masked(x, self.support, -np.log(within) - math.log(self.span))


@dataclass(frozen=True)
class Normal(Scalar):
    """Mean ``mu``, standard deviation ``sigma``."""

    mu: float
    sigma: float
    name: ClassVar[str] = "normal"
    support: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    def __post_init__(self) -> None:
        check_finite(self.name, mu=self.mu)
        check_positive(self.name, sigma=self.sigma)

    @property
    def mean(self) -> float:
        return self.mu

    @property
    def sd(self) -> float:
        return self.sigma

    def score(self, z: Array) -> Array:
        return self.mu + self.sigma * z

    def ppf(self, u: Array) -> Array:
        return self.score(ndtri(u))

    def cdf(self, x: Array) -> Array:
        return ndtr((x - self.mu) / self.sigma)

    def logpdf(self, x: Array) -> Array:
        z = (x - self.mu) / self.sigma
        return -0.5 * z * z - math.log(self.sigma) - LOG_ROOT_TWO_PI


@dataclass(frozen=True)
class LogNormal(Scalar):
    """The logarithm is normal with mean ``mu`` and standard deviation ``sigma``."""

    mu: float
    sigma: float
    name: ClassVar[str] = "lognormal"
    support: ClassVar[tuple[float, float]] = (0.0, math.inf)

    def __post_init__(self) -> None:
        check_finite(self.name, mu=self.mu)
        check_positive(self.name, sigma=self.sigma)
        if abs(self.mu) + 10 * self.sigma > 700:
            raise PriorError(
                f"lognormal: values of exp(mu + 10 sigma) leave the range of floating point; found "
                f"mu={self.mu!r}, sigma={self.sigma!r}; both belong to the logarithm of the value"
            )

    @property
    def mean(self) -> float:
        return float(np.exp(self.mu + 0.5 * self.sigma**2))

    @property
    def sd(self) -> float:
        return float(self.mean * np.sqrt(np.expm1(self.sigma**2)))

    def score(self, z: Array) -> Array:
        return np.exp(self.mu + self.sigma * z)

    def ppf(self, u: Array) -> Array:
        return self.score(ndtri(u))

    def cdf(self, x: Array) -> Array:
        return ndtr((self._log(x) - self.mu) / self.sigma)

    def logpdf(self, x: Array) -> Array:
        log = self._log(x)
        z = (np.where(np.isfinite(log), log, 0.0) - self.mu) / self.sigma
        density = -0.5 * z * z - log - math.log(self.sigma) - LOG_ROOT_TWO_PI
        return np.where(np.isfinite(log), density, -np.inf)

    def _log(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(x, 0))


@dataclass(frozen=True)
class Gamma(Scalar):
    """Shape ``alpha`` and rate ``beta``: mean alpha / beta."""

    alpha: float
    beta: float
    name: ClassVar[str] = "gamma"
    support: ClassVar[tuple[float, float]] = (0.0, math.inf)

    def __post_init__(self) -> None:
        check_positive(self.name, alpha=self.alpha, beta=self.beta)

    @property
    def mean(self) -> float:
        return self.alpha / self.beta

    @property
    def sd(self) -> float:
        return math.sqrt(self.alpha) / self.beta

    def ppf(self, u: Array) -> Array:
        return gammaincinv(self.alpha, u) / self.beta

    def score(self, z: Array) -> Array:
        """Quantile at the normal score ``z``, by the tail whose probability is small."""
        z = np.asarray(z)
        low, high = gammaincinv(self.alpha, ndtr(z)), gammainccinv(self.alpha, ndtr(-z))
        return np.where(z > 0, high, low) / self.beta

    def cdf(self, x: Array) -> Array:
        return gammainc(self.alpha, self.beta * np.maximum(x, 0))

    def logpdf(self, x: Array) -> Array:
        y = self.beta * np.maximum(np.where(np.isinf(x), 0, x), 0)
        density = xlogy(self.alpha - 1, y) - y + (math.log(self.beta) - gammaln(self.alpha))
        return np.where((x >= 0) & (x < np.inf), density, -np.inf)
