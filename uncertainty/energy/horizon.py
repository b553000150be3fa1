"""The annual years that a model covers, as columns that broadcast against samples.

Parameters are told for the base year. Years before it are history: what changes at a rate in the
base year changed at that rate before it, and what only then begins had not begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from numbers import Integral

import numpy as np

from uncertainty.energy.arrays import Array, Column
from uncertainty.errors import ModelError

MOST_YEARS = 500
DEFAULT_SPLIT = 4
"""Years after the base year at which early growth ends and late growth begins."""


@dataclass(frozen=True)
class Horizon:
    """Annual years from ``since`` to ``last``, the base year among them.

    Attributes
    ----------
    base : int    year in which parameters are told
    last : int
    split : int   year between early and late growth
    since : int   first year, at most the base year

    Raises
    ------
    ModelError
        When the last year does not come after the base year, the first one does, or the split or
        the first year is no year.
    """

    base: int
    last: int
    split: int
    since: int

    def __post_init__(self) -> None:
        for name in ("split", "since"):
            if not isinstance(year := getattr(self, name), Integral):
                raise ModelError(f"{name}: must be a year, a whole number, got {year!r}")
        if self.since > self.base:
            raise ModelError(
                f"since: first year {self.since} comes after base year {self.base}; "
                "give the base year or one before it"
            )
        if self.last - self.since > MOST_YEARS:
            raise ModelError(
                f"horizon: {self.since} to {self.last} is longer than {MOST_YEARS} years"
            )
        if self.last <= self.base:
            raise ModelError(
                f"horizon: last year {self.last} does not come after base year {self.base}; "
                "give (base, last) with base < last"
            )

    @classmethod
    def over(
        cls, horizon: tuple[int, int], split: int | None = None, since: int | None = None
    ) -> Horizon:
        """Horizon of a pair of years; the split falls four years after the base if not given.

        Examples
        --------
        >>> horizon = Horizon.over((2024, 2035), since=2010)
        >>> horizon.base_row, horizon.split, horizon.labels[0]
        (14, 2028, 2010)
        """
        base, last = horizon
        split = base + DEFAULT_SPLIT if split is None else split
        return cls(base, last, split, base if since is None else since)

    @property
    def base_row(self) -> int:
        """Row of the base year: as many years lie before it."""
        return self.row(self.base)

    def row(self, year: int) -> int:
        """Row of a year."""
        return year - self.since

    @cached_property
    def years(self) -> Column:
        """(year, 1) calendar years."""
        return _column(np.arange(self.since, self.last + 1, dtype=float))

    @cached_property
    def elapsed(self) -> Column:
        """(year, 1) years since the base year, negative before it."""
        return _column(np.arange(self.since - self.base, self.last - self.base + 1, dtype=float))

    @cached_property
    def after(self) -> Column:
        """(year, 1) years since the base year, 0 before it."""
        return _column(np.maximum(self.elapsed[:, 0], 0.0))

    @cached_property
    def before(self) -> Column:
        """(year, 1) years since the base year where it is yet to come, 0 from it on."""
        return _column(np.minimum(self.elapsed[:, 0], 0.0))

    def continued(self, late: Array, rate: Array) -> Array:
        """(year, sample) ``late``, which is constant before the base year, with a slope there.

        Parameters
        ----------
        late : (year, sample)
        rate : (sample,)        change a year before the base year
        """
        return late + rate * self.before if self.base_row else late

    @property
    def labels(self) -> tuple[int, ...]:
        """The years as integers, for coordinates."""
        return tuple(range(self.since, self.last + 1))

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
