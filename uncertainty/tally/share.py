"""Share: how often an outcome exceeds thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array


@dataclass(frozen=True)
class Share:
    """Draws above each threshold: `above` is (..., threshold)."""

    n: int
    above: npt.NDArray[np.int64]

    @classmethod
    def of(cls, y: Array, thresholds: tuple[float, ...]) -> Share:
        """Count one block `y`, (..., sample)."""
        above = [np.count_nonzero(y > threshold, axis=-1) for threshold in thresholds]
        return cls(y.shape[-1], np.stack(above, axis=-1))

    def __add__(self, other: Share) -> Share:
        return Share(self.n + other.n, self.above + other.above)

    def result(self) -> Array:
        """Share of draws above each threshold, 0 to 1."""
        return self.above / self.n
