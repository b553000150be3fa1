"""Keep: all draws, in the order of the blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from uncertainty.arrays import Array


@dataclass(frozen=True)
class Keep:
    """Blocks of draws, each (..., sample)."""

    blocks: tuple[Array, ...]

    @classmethod
    def of(cls, y: Array) -> Keep:
        """Keep one block: a copy, since a model may use its output array again."""
        return cls((y.copy(),))

    def __add__(self, other: Keep) -> Keep:
        return Keep(self.blocks + other.blocks)

    def result(self) -> Array:
        """All draws, (..., sample)."""
        return self.blocks[0] if len(self.blocks) == 1 else np.concatenate(self.blocks, axis=-1)
