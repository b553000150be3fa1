"""Bands: which quantiles a chart shows, in symmetric pairs about the median."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from uncertainty.errors import ResultError


@dataclass(frozen=True)
class Bands:
    """The probabilities that a chart shows.

    Attributes
    ----------
    pairs : tuple of (lower, upper)
        One or two symmetric pairs, the wider first.
    median : float or None
        0.5 when it is stored.
    """

    pairs: tuple[tuple[float, float], ...]
    median: float | None

    @property
    def probabilities(self) -> tuple[float, ...]:
        """All probabilities shown, ascending."""
        middle = () if self.median is None else (self.median,)
        return tuple(sorted({p for pair in self.pairs for p in pair} | set(middle)))

    @property
    def masses(self) -> tuple[float, ...]:
        """Probability inside each band, the wider first."""
        return tuple(round(upper - lower, 9) for lower, upper in self.pairs)


def bands_of(array: xr.DataArray) -> Bands:
    """Choose the widest symmetric pair of quantiles and, beside it, the one nearest to a half.

    Raises
    ------
    ResultError
        When no two probabilities lie symmetrically about one half.
    """
    stored = sorted(float(p) for p in array["quantile"].values)
    pairs = [
        (low, high) for low in stored for high in stored if low < 0.5 and np.isclose(low + high, 1)
    ]
    if not pairs:
        found = ", ".join(f"{p:g}" for p in stored)
        raise ResultError(f"'{array.name}': no symmetric pair among the quantiles {found}")
    outer, *others = pairs
    inner = sorted(others, key=lambda pair: abs(pair[1] - pair[0] - 0.5))[:1]
    median = next((p for p in stored if np.isclose(p, 0.5)), None)
    return Bands((outer, *inner), median)
