"""Failures: runs that gave no answer, counted and kept with their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from uncertainty.arrays import Array

#: Failed runs that are kept with their parameters.
MOST = 2000


@dataclass(frozen=True)
class Failures:
    """Runs tried and failed.

    Attributes
    ----------
    runs, failed : int
    reasons : tuple of str
        One a kept run.
    values : {parameter: (..., run)}
        Parameters of the failed runs that are kept, the first `MOST`.
    tried : {parameter: (..., run)}
        Parameters of a few runs of any kind, to hold the failed ones against.
    """

    runs: int
    failed: int
    reasons: tuple[str, ...]
    values: Mapping[str, Array]
    tried: Mapping[str, Array]

    @classmethod
    def of(
        cls, values: Mapping[str, Array], reasons: Mapping[int, str], sampled: int = 0
    ) -> Failures:
        """From the parameters of some runs, why which of them failed, and how many to keep."""
        size = next(iter(values.values())).shape[-1]
        if not reasons and not sampled:
            return cls(size, 0, (), {}, {})
        bad = np.array(sorted(reasons)[:MOST], dtype=int)
        return cls(
            size,
            len(reasons),
            tuple(reasons[i] for i in bad.tolist()),
            {name: x[..., bad] for name, x in values.items()},
            {name: x[..., :sampled].copy() for name, x in values.items()},
        )

    def __add__(self, other: Failures) -> Failures:
        return Failures(
            self.runs + other.runs,
            self.failed + other.failed,
            (self.reasons + other.reasons)[:MOST],
            joined(self.values, other.values),
            joined(self.tried, other.tried),
        )

    def result(self) -> Failures:
        """Itself."""
        return self


def joined(one: Mapping[str, Array], two: Mapping[str, Array]) -> dict[str, Array]:
    """Runs of both, the first `MOST`."""
    if not one or not two:
        return dict(one or two)
    return {name: np.concatenate([x, two[name]], axis=-1)[..., :MOST] for name, x in one.items()}
