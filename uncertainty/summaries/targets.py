"""Targets: the figures of a row that a distribution is to meet, and by how much it misses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from uncertainty.arrays import Array
from uncertainty.distributions.contract import Distribution
from uncertainty.families import build
from uncertainty.summaries.columns import label
from uncertainty.summaries.forms import Support
from uncertainty.summaries.row import Row


@dataclass(frozen=True)
class Fit:
    """A member of a family, and its largest error.

    Attributes
    ----------
    family, parameters, support
        As a prior takes them; support is None where the family has its own.
    error : float
        Largest difference from a figure that was fitted, in sd.
    worst : str
        The column of that figure.
    """

    family: str
    parameters: Mapping[str, float]
    support: Support | None
    error: float
    worst: str

    @property
    def made(self) -> Distribution:
        """The distribution itself."""
        return build(self.family, self.parameters, self.support)


@dataclass(frozen=True)
class Targets:
    """The figures to be met: quantiles; mean and sd where those are fewer than three; an hdi."""

    row: Row

    @property
    def moments(self) -> bool:
        """Whether mean and sd are to be met."""
        known = self.row.mean is not None and self.row.sd is not None
        return known and len(self.row.quantiles) < 3

    @property
    def names(self) -> list[str]:
        """Columns of the figures."""
        names = [label(p) for p, _ in self.row.quantiles]
        names += ["mean", "sd"] if self.moments else []
        return names + (["lower", "upper"] if self.row.interval else [])

    @property
    def wanted(self) -> Array:
        """The figures."""
        found = [value for _, value in self.row.quantiles]
        if self.moments:
            found += [self.row.mean or 0.0, self.row.sd or 0.0]
        return np.array([*found, *(self.row.interval or ())[1:]])

    def reached(self, made: Distribution) -> Array:
        """The same figures of a distribution."""
        levels = np.array([p for p, _ in self.row.quantiles])
        found = list(made.ppf(levels)) if len(levels) else []
        if self.moments:
            found += [float(made.mean), float(made.sd)]
        if self.row.interval:
            found += densest(made, self.row.interval[0])
        return np.array(found, dtype=np.float64)

    def misses(self, made: Distribution) -> Array:
        """Differences in sd."""
        return (self.reached(made) - self.wanted) / self.row.scale


def densest(made: Distribution, prob: float) -> tuple[float, float]:
    """Ends of the shortest interval that holds a probability."""
    from scipy.optimize import minimize_scalar

    def length(u: float) -> float:
        low, high = made.ppf(np.array([u, u + prob]))
        return float(high - low)

    grid = np.linspace(0, 1 - prob, 41)[1:-1]
    place = int(np.argmin([length(float(u)) for u in grid]))
    bounds = (grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)])
    u = float(minimize_scalar(length, bounds=bounds, method="bounded", options={"xatol": 1e-9}).x)
    low, high = made.ppf(np.array([u, u + prob]))
    return float(low), float(high)
