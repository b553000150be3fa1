"""Families without a density on the line: a choice among values, and a known number."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from uncertainty.arrays import Array
from uncertainty.distributions.contract import Scalar, check_finite, check_list
from uncertainty.errors import PriorError


@dataclass(frozen=True)
class Choice(Scalar):
    """One of ``values`` with its probability; the quantile function steps up through them."""

    values: tuple[float, ...]
    probabilities: tuple[float, ...]
    name: ClassVar[str] = "choice"

    def __post_init__(self) -> None:
        check_list(self.name, "values", self.values, 2)
        check_list(self.name, "probabilities", self.probabilities, 2)
        self._check_values()
        self._check_probabilities()

    def _check_values(self) -> None:
        twice = [value for value, count in Counter(self.values).items() if count > 1]
        if twice:
            raise PriorError(f"choice: values must differ; {twice[0]!r} is there more than once")
        if len(self.values) != len(self.probabilities):
            raise PriorError(
                f"choice: each value needs a probability; found {len(self.values)} values and "
                f"{len(self.probabilities)} probabilities"
            )

    def _check_probabilities(self) -> None:
        if min(self.probabilities) <= 0:
            raise PriorError(
                f"choice: probabilities must be above 0; found {min(self.probabilities)!r}; "
                "leave out a value that cannot occur"
            )
        total = math.fsum(self.probabilities)
        if abs(total - 1) > 1e-9:
            raise PriorError(f"choice: probabilities must sum to 1; found a sum of {total!r}")

    @property
    def steps(self) -> tuple[Array, Array]:
        """Values in rising order, and the probability of each value or one below it."""
        order = np.argsort(self.values)
        height = np.cumsum(np.array(self.probabilities)[order])
        return np.array(self.values)[order], height / height[-1]

    @property
    def support(self) -> tuple[float, float]:
        return min(self.values), max(self.values)

    @property
    def mean(self) -> float:
        return float(np.average(self.values, weights=self.probabilities))

    @property
    def sd(self) -> float:
        away = np.array(self.values) - self.mean
        return math.sqrt(float(np.average(away * away, weights=self.probabilities)))

    def ppf(self, u: Array) -> Array:
        value, height = self.steps
        return value[np.searchsorted(height, u)]

    def cdf(self, x: Array) -> Array:
        value, height = self.steps
        return np.concatenate([[0.0], height])[np.searchsorted(value, x, side="right")]

    def logpdf(self, x: Array) -> Array:
        hit = x[..., None] == np.array(self.values)
        with np.errstate(divide="ignore"):
            return np.log(np.where(hit, self.probabilities, 0.0).sum(axis=-1))


@dataclass(frozen=True)
class Fixed(Scalar):
    """A known number: takes no coordinate of the unit cube."""

    value: float
    name: ClassVar[str] = "fixed"
    width: ClassVar[int] = 0

    def __post_init__(self) -> None:
        check_finite(self.name, value=self.value)

    @property
    def support(self) -> tuple[float, float]:
        return self.value, self.value

    @property
    def mean(self) -> float:
        return self.value

    @property
    def sd(self) -> float:
        return 0.0

    def ppf(self, u: Array) -> Array:
        return np.full_like(u, self.value)

    def cdf(self, x: Array) -> Array:
        return np.where(x >= self.value, 1.0, 0.0)

    def logpdf(self, x: Array) -> Array:
        return np.where(x == self.value, 0.0, -np.inf)
