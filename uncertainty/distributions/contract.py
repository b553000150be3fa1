"""What every family offers, and the checks that their parameters share."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, ClassVar, Protocol

import numpy as np
from scipy.special import ndtr

from uncertainty.arrays import Array
from uncertainty.errors import PriorError

LOG_ROOT_TWO_PI = 0.5 * math.log(2 * math.pi)

Value = float | tuple[float, ...]


class Distribution(Protocol):
    """The contract of a family's class.

    ``width`` is the number of unit-cube coordinates that one draw takes, ``size`` the number of
    values it gives. A family of size 1 maps ``u`` of any shape to values of that shape.
    """

    name: ClassVar[str]

    @property
    def width(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def support(self) -> tuple[float, float]: ...
    @property
    def parameters(self) -> dict[str, Value]: ...
    @property
    def mean(self) -> float | Array: ...
    @property
    def sd(self) -> float | Array: ...
    def ppf(self, u: Array) -> Array: ...
    def cdf(self, x: Array) -> Array: ...
    def logpdf(self, x: Array) -> Array: ...
    def score(self, z: Array) -> Array: ...
    def ends(self, mass: float) -> tuple[float, float] | tuple[Array, Array]: ...
    def __hash__(self) -> int: ...


class Scalar(ABC):
    """What the families of one number share."""

    name: ClassVar[str]
    width: ClassVar[int] = 1
    size: ClassVar[int] = 1

    @property
    def parameters(self) -> dict[str, Value]:
        """Parameters by name, without the support of a scaled family."""
        return named_fields(self)

    @abstractmethod
    def ppf(self, u: Array) -> Array:
        """Quantile at probability ``u`` in [0, 1]."""

    def score(self, z: Array) -> Array:
        """Quantile at the normal score ``z``, that is at probability Phi(z)."""
        return self.ppf(ndtr(z))

    def ends(self, mass: float) -> tuple[float, float]:
        """Ends of the central interval with equal tails."""
        tail = (1 - mass) / 2
        lower, upper = self.ppf(np.array([tail, 1 - tail]))
        return float(lower), float(upper)


def named_fields(distribution: Any) -> dict[str, Value]:
    """Fields of a family's dataclass that are parameters, in their order."""
    names = [field.name for field in fields(distribution) if field.name != "support"]
    return {name: getattr(distribution, name) for name in names}


def inside(x: Array, lower: float, upper: float) -> Array:
    """Undo a rounding error that steps over an end of the support."""
    return np.clip(x, lower, upper)


def pinned(x: Array, u: Array, support: tuple[float, float]) -> Array:
    """Quantiles that stay on the support and reach its ends at u = 0 and 1, whatever rounding."""
    x = np.where(u == 0, support[0], np.where(u == 1, support[1], x))
    return inside(x, *support)


def masked(x: Array, support: tuple[float, float], values: Array) -> Array:
    """Log density that is -inf outside the support."""
    return np.where((x >= support[0]) & (x <= support[1]), values, -np.inf)


def check_finite(family: str, **values: float) -> None:
    """Refuse a parameter that is not one finite number."""
    for name, value in values.items():
        if not isinstance(value, float) or not math.isfinite(value):
            raise PriorError(f"{family}: {name} must be one finite number; found {value!r}")


def check_positive(family: str, **values: float) -> None:
    """Refuse a parameter that is not one finite number above 0."""
    check_finite(family, **values)
    for name, value in values.items():
        if value <= 0:
            raise PriorError(f"{family}: {name} must be above 0; found {value!r}")


def check_bounds(family: str, lower: float, upper: float) -> None:
    """Refuse bounds that are not finite and in order."""
    check_finite(family, lower=lower, upper=upper)
    if lower >= upper:
        hint = "swap them" if lower > upper else "for one known number use the family fixed"
        raise PriorError(
            f"{family}: lower must be below upper; found lower={lower!r}, upper={upper!r} ({hint})"
        )


def check_mode(family: str, name: str, lower: float, mode: float, upper: float) -> None:
    """Refuse a mode outside its bounds."""
    check_bounds(family, lower, upper)
    check_finite(family, **{name: mode})
    if not lower <= mode <= upper:
        raise PriorError(
            f"{family}: {name} must lie between lower={lower!r} and upper={upper!r}; found {mode!r}"
        )


def check_list(family: str, name: str, values: Any, least: int) -> Sequence[float]:
    """Refuse what is not a list of at least ``least`` finite numbers."""
    if not isinstance(values, tuple) or len(values) < least:
        raise PriorError(
            f"{family}: {name} must be a list of at least {least} numbers; found {values!r}"
        )
    for value in values:
        check_finite(family, **{name: value})
    return values
