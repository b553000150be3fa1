"""The random walk with drift: what the past alone would have predicted; arrays only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from uncertainty.arrays import Array

#: Points from which drift and scatter can both be told.
LEAST = 3
#: Quantiles that stand for the prediction.
QUANTILES = 4000


@dataclass(frozen=True)
class Walk:
    """A random walk with drift, fitted to points at uneven distances.

    Increments over dt years are normal with mean mu dt and variance sigma^2 dt, independent; mu
    and sigma^2 are unknown with the reference prior 1 / sigma^2. Sums of squares then give a
    Student t with (points - 2) degrees of freedom: after h years the level has location
    x_n + m h and squared scale s^2 h (1 + h / T), where m = (x_n - x_1) / T is the drift over the
    whole span T and s^2 the mean square of the increments about it (a regression through the
    origin of d / sqrt(dt) on sqrt(dt); Gelman et al., Bayesian Data Analysis, 3rd ed., section
    14.2; Box & Tiao 1973, doi:10.1002/9781118033197).

    Attributes
    ----------
    years, levels : (point,)
        Ascending, at least `LEAST`; levels are logarithms or logits.

    Examples
    --------
    >>> walk = Walk.of([2015, 2017, 2018, 2020], [0.0, 0.3, 0.3, 0.6])
    >>> walk.freedom, round(walk.drift, 3)
    (2, 0.12)
    """

    years: Array
    levels: Array

    @classmethod
    def of(cls, years: object, levels: object) -> Walk:
        """From numbers in any order; each year once."""
        at, values = np.asarray(years, dtype=float), np.asarray(levels, dtype=float)
        order = np.argsort(at)
        return cls(at[order], values[order])

    def __post_init__(self) -> None:
        if len(self.years) < LEAST or np.any(np.diff(self.years) <= 0):
            msg = f"a walk needs {LEAST} points at different times, got {self.years.tolist()}"
            raise ValueError(msg)

    @property
    def span(self) -> float:
        """Years from the first point to the last."""
        return float(self.years[-1] - self.years[0])

    @property
    def drift(self) -> float:
        """Mean increment a year."""
        return float((self.levels[-1] - self.levels[0]) / self.span)

    @property
    def freedom(self) -> int:
        """Degrees of freedom: increments less the drift."""
        return len(self.years) - 2

    @property
    def sigma(self) -> float:
        """Standard deviation of the increment of one year."""
        gaps = np.diff(self.years)
        rests = np.diff(self.levels) - self.drift * gaps
        return float(np.sqrt(np.sum(rests**2 / gaps) / self.freedom))

    def level(self, year: float) -> Array:
        """Quantiles (quantile,) of the level in a year after the last point."""
        ahead = year - self.years[-1]
        return float(self.levels[-1]) + self.increment(ahead)

    def increment(self, ahead: float) -> Array:
        """Quantiles (quantile,) of the increment over some years that are not among the points."""
        scale = self.sigma * np.sqrt(ahead * (1 + ahead / self.span))
        return self.drift * ahead + scale * student(self.freedom)


@cache
def student(freedom: int) -> Array:
    """Quantiles (quantile,) of a standard Student t in the middle of equal classes; read-only."""
    from scipy.stats import t

    found = np.asarray(t.ppf((np.arange(QUANTILES) + 0.5) / QUANTILES, freedom))
    found.flags.writeable = False
    return found
