"""Shares that sum to 1."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import gammaln, ndtr, xlogy

from uncertainty.arrays import Array
from uncertainty.distributions.bounded import UNIT, Beta
from uncertainty.distributions.contract import (
    Value,
    check_list,
    check_positive,
    named_fields,
)
from uncertainty.errors import PriorError

SUM_TOLERANCE = 1e-9
"""How far from 1 the shares of a point may sum and still be on the simplex."""


@dataclass(frozen=True)
class Dirichlet:
    """Dirichlet with concentrations ``a``, one for each of k parts; a point has shape (k, ...)."""

    a: tuple[float, ...]
    name: ClassVar[str] = "dirichlet"
    support: ClassVar[tuple[float, float]] = UNIT

    def __post_init__(self) -> None:
        for value in check_list(self.name, "a", self.a, 2):
            check_positive(self.name, a=value)

    @property
    def parameters(self) -> dict[str, Value]:
        return named_fields(self)

    @property
    def size(self) -> int:
        return len(self.a)

    @property
    def width(self) -> int:
        return len(self.a) - 1

    @property
    def sticks(self) -> tuple[Beta, ...]:
        """Share of part i in what parts before it have left, for all parts but the last.

        These are independent betas (Connor, Mosimann 1969, Concepts of independence for
        proportions with a generalization of the Dirichlet distribution).
        """
        rest = [math.fsum(self.a[i + 1 :]) for i in range(self.width)]
        return tuple(Beta(a, b) for a, b in zip(self.a, rest, strict=False))

    @property
    def parts(self) -> tuple[Beta, ...]:
        """Marginal of each part."""
        total = math.fsum(self.a)
        return tuple(Beta(a, total - a) for a in self.a)

    @property
    def mean(self) -> Array:
        return np.array([part.mean for part in self.parts])

    @property
    def sd(self) -> Array:
        return np.array([part.sd for part in self.parts])

    def ends(self, mass: float) -> tuple[Array, Array]:
        """Ends of each part's own central interval; each (k,)."""
        ends = np.array([part.ends(mass) for part in self.parts])
        return ends[:, 0], ends[:, 1]

    def ppf(self, u: Array) -> Array:
        """Map u (k-1, ...) to shares (k, ...)."""
        return self.broken(u, [stick.ppf for stick in self.sticks])

    def score(self, z: Array) -> Array:
        """Map normal scores (k-1, ...) to shares (k, ...)."""
        return self.ppf(ndtr(z))

    def broken(self, u: Array, quantiles: Sequence[Callable[[Array], Array]]) -> Array:
        """Break a stick of length 1 by the given quantile functions, one for each of k-1 cuts."""
        if u.ndim == 0 or len(u) != self.width:
            raise PriorError(
                f"dirichlet: {self.size} parts take {self.width} coordinates on the first axis; "
                f"found an array of shape {u.shape}"
            )
        shares = np.empty((self.size, *u.shape[1:]))
        left = np.ones(u.shape[1:])
        for i, quantile in enumerate(quantiles):
            shares[i] = left * quantile(u[i])
            left = left - shares[i]
        shares[-1] = left
        return shares

    def cdf(self, x: Array) -> Array:
        raise PriorError(
            "dirichlet: a vector of shares has no cumulative probability of one number; "
            "part i alone is beta(alpha=a[i], beta=sum(a) - a[i])"
        )

    def logpdf(self, x: Array) -> Array:
        """Log density at x (k, ...), with respect to the first k-1 shares; shape (...)."""
        if x.ndim == 0 or len(x) != self.size:
            raise PriorError(
                f"dirichlet: a point has {self.size} shares on the first axis; "
                f"found an array of shape {x.shape}"
            )
        a = np.array(self.a).reshape(-1, *[1] * (x.ndim - 1))
        within = (np.abs(x.sum(axis=0) - 1) <= SUM_TOLERANCE) & (x >= 0).all(axis=0)
        constant = float(gammaln(math.fsum(self.a)) - gammaln(self.a).sum())
        density = xlogy(a - 1, np.where(within, x, 1.0)).sum(axis=0) + constant
        return np.where(within, density, -np.inf)
