"""Region: a part of an outcome's range, as a share of the draws or by a threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from uncertainty.analysis.given_sample import GivenSample
from uncertainty.arrays import Array
from uncertainty.errors import DesignError
from uncertainty.names import listed, suggestion

SIDES = ("upper", "lower")
KEYS = ("worst", "side", "above", "below")
#: Fewest draws in a region, and outside of it.
LEAST = 50


@dataclass(frozen=True)
class Region:
    """Outcomes above or below a threshold.

    Attributes
    ----------
    upper : bool
        Above it, else below.
    share : float or None
        The threshold leaves this share of the draws, at each coordinate by itself.
    threshold : float or None
    """

    upper: bool
    share: float | None
    threshold: float | None

    @classmethod
    def of(
        cls,
        worst: float | None = None,
        side: str = "upper",
        above: float | None = None,
        below: float | None = None,
    ) -> Region:
        """From one of `worst` with its `side`, `above` and `below`.

        Raises
        ------
        DesignError
        """
        given = {"worst": worst, "above": above, "below": below}
        told = {name: value for name, value in given.items() if value is not None}
        if len(told) != 1:
            msg = f"a region is told by one of {listed(given)}, got {listed(told)}"
            raise DesignError(msg)
        ((name, value),) = told.items()
        check_region(name, value, side)
        if name == "worst":
            return cls(side == "upper", float(value), None)
        return cls(name == "above", None, float(value))

    @classmethod
    def given(cls, region: Any) -> Region:
        """A region as it is, or from a mapping such as ``{"worst": 0.05}``."""
        if isinstance(region, cls):
            return region
        if not isinstance(region, Mapping):
            msg = f"region is a dictionary such as {{'worst': 0.05}}, got {region!r}"
            raise DesignError(msg)
        unknown = [key for key in region if key not in KEYS]
        if unknown:
            near = suggestion(str(unknown[0]), KEYS)
            msg = f"region: unknown {listed(unknown)}; it may have {listed(KEYS)}{near}"
            raise DesignError(msg)
        return cls.of(**region)

    def thresholds(self, cells: Array) -> Array:
        """The threshold of each cell (cell,), of outcomes (cell, sample)."""
        if self.share is None:
            return np.full(len(cells), self.threshold)
        level = 1 - self.share if self.upper else self.share
        return np.quantile(cells, level, axis=1, method="hazen")

    def inside(self, cells: Array) -> npt.NDArray[np.bool_]:
        """Which draws are in the region, (cell, sample)."""
        limit = self.thresholds(cells)[:, None]
        return cells > limit if self.upper else cells < limit

    def weights(self, cells: Array, smooth: float) -> Array:
        """1 inside, falling to 0 outside within about `smooth` standard deviations.

        An exponential of the distance to the region (Marrel and Chabridon 2021,
        doi:10.1016/j.ress.2021.107711); 0 or 1 where `smooth` is 0.
        """
        inside = self.inside(cells)
        if smooth == 0:
            return inside.astype(np.float64)
        largest = np.abs(cells).max(axis=1, keepdims=True)
        scale = np.where(largest > 0, largest, 1.0)
        distance = np.abs(cells / scale - self.thresholds(cells)[:, None] / scale)
        reach = smooth * (cells / scale).std(axis=1, keepdims=True)
        falling = np.exp(-np.divide(distance, reach, out=np.zeros_like(cells), where=reach > 0))
        return np.where(inside, 1.0, falling)

    def describe(self) -> str:
        """In words."""
        if self.share is not None:
            return f"{'highest' if self.upper else 'lowest'} {self.share:.4g} of the draws"
        return f"{'above' if self.upper else 'below'} {self.threshold:.6g}"


def check_region(name: str, value: Any, side: str) -> None:
    """Raise `DesignError` for a share, threshold or side that makes no sense."""
    if side not in SIDES:
        msg = f"side must be one of {listed(SIDES)}, got {side!r}{suggestion(str(side), SIDES)}"
        raise DesignError(msg)
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        msg = f"{name} must be a number, got {value!r}"
        raise DesignError(msg)
    if name == "worst" and not 0 < value < 1:
        msg = f"worst is a share of the draws strictly between 0 and 1, got {value}"
        raise DesignError(msg)
    if not np.isfinite(value):
        msg = f"{name} must be finite, got {value}"
        raise DesignError(msg)


def check_counts(sample: GivenSample, region: Region, inside: npt.NDArray[np.bool_]) -> None:
    """Raise `DesignError` where too few draws are in the region or out of it."""
    counts = inside.sum(axis=1)
    few = (counts < LEAST) | (sample.size - counts < LEAST)
    if few.any():
        places = [place_of(sample, int(cell)) for cell in np.flatnonzero(few)]
        found = [
            f"{counts[cell]} of {sample.size}{place}"
            for cell, place in zip(np.flatnonzero(few), places, strict=True)
        ]
        msg = (
            f"outcome {sample.name!r}, {region.describe()}: at least {LEAST} draws must be inside "
            f"and {LEAST} outside, found inside {listed(found, 5)}; take more draws or a wider "
            "region"
        )
        raise DesignError(msg)


def place_of(sample: GivenSample, cell: int) -> str:
    """A cell by its coordinates."""
    place: Sequence[Any] = np.unravel_index(cell, sample.shape) if sample.shape else ()
    named = [f"{d} {sample.coords[d][int(i)]}" for d, i in zip(sample.dims, place, strict=True)]
    return f" at {', '.join(named)}" if named else ""
