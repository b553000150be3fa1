"""The annual years that a model covers, as columns that broadcast against samples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from numbers import Integral

import numpy as np

from uncertainty.energy.arrays import Column
from uncertainty.errors import ModelError

MOST_YEARS = 500
DEFAULT_SPLIT = 4
"""Years after the base year at which early growth ends and late growth begins."""


@dataclass(frozen=True)
class Horizon:
    """Annual years from ``base`` to ``last``, and the year between early and late growth.

    Raises
    ------
    ModelError
        When the last year does not come after the base year, or the split is no year.
    """

    base: int
    last: int
    split: int

    def __post_init__(self) -> None:
        if not isinstance(self.split, Integral):
            raise ModelError(f"split: must be a year, a whole number, got {self.split!r}")
        if self.last - self.base > MOST_YEARS:
            raise ModelError(
                f"horizon: {self.base} to {self.last} is longer than {MOST_YEARS} years"
            )
        if self.last <= self.base:
            raise ModelError(
                f"horizon: last year {self.last} does not come after base year {self.base}; "
                "give (base, last) with base < last"
            )

    @classmethod
    def over(cls, horizon: tuple[int, int], split: int | None = None) -> Horizon:
        """Horizon of a pair of years; the split falls four years after the base if not given."""
        base, last = horizon
        return cls(base, last, base + DEFAULT_SPLIT if split is None else split)

    @cached_property
    def years(self) -> Column:
        """(year, 1) calendar years."""
        return _column(np.arange(self.base, self.last + 1, dtype=float))

    @cached_property
    def elapsed(self) -> Column:
        """(year, 1) years since the base year."""
        return _column(np.arange(self.last - self.base + 1, dtype=float))

    @property
    def labels(self) -> tuple[int, ...]:
        """The years as integers, for coordinates."""
        return tuple(range(self.base, self.last + 1))

    def require_split(self) -> None:
        """Refuse a split that leaves early or late growth without a year."""
        if not self.base < self.split < self.last:
            raise ModelError(
                f"split: {self.split} does not lie between base year {self.base} and last year "
                f"{self.last}; early_growth and late_growth need a year strictly between them"
            )


def _column(values: Column) -> Column:
    column = values[:, np.newaxis]
    column.flags.writeable = False
    return column
