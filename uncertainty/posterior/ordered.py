"""Ordered: draws of an outcome, sorted once, that weights then take their turn with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from uncertainty.arrays import Array, Numbers
from uncertainty.estimates import spread
from uncertainty.posterior.smoothing import Smoothed
from uncertainty.weighted import sorted_quantiles

#: Parts of the chains whose spread gives Monte Carlo errors.
PARTS = 8


@dataclass(frozen=True)
class Ordered:
    """Draws of an outcome in rising order at each place, whole and part by part.

    Attributes
    ----------
    cells : (place, chain, draw)
    levels : sequence of float
    """

    cells: Array
    levels: Sequence[float]

    @cached_property
    def parts(self) -> list[tuple[Numbers, Numbers, Array]]:
        """Draws of a part, their order, and the outcome in that order."""
        chains, draws = self.cells.shape[1:]
        flat, place = self.cells.reshape(len(self.cells), -1), np.arange(chains * draws)
        cuts = -(-PARTS // chains)
        number = place // draws * cuts + place % draws * cuts // draws
        every = [place, *(place[number == part] for part in range(chains * cuts))]
        orders = [np.argsort(flat[:, part], axis=1, kind="stable") for part in every]
        pairs = zip(every, orders, strict=True)
        return [(p, o, np.take_along_axis(flat[:, p], o, axis=1)) for p, o in pairs]

    def quantiles(self, weights: Array) -> list[Array]:
        """Weighted quantiles (place, quantile) of the whole, then of each part."""
        flat = weights.ravel()
        return [
            np.stack(
                [sorted_quantiles(y, flat[p][o], self.levels) for y, o in zip(ys, os, strict=True)]
            )
            for p, os, ys in self.parts
        ]

    @cached_property
    def plain(self) -> list[Array]:
        """Quantiles of the draws as they are."""
        size = self.cells[0].size
        return self.quantiles(np.full(self.cells.shape[1:], 1 / size))

    def moved(self, weights: Smoothed) -> tuple[Array, Array]:
        """Change of the quantiles and its Monte Carlo error; NaN where nothing can be told."""
        if not weights.told:
            nothing = np.full_like(self.plain[0], np.nan)
            return nothing, nothing
        pairs = zip(self.quantiles(weights.weights), self.plain, strict=True)
        whole, *parts = (after - before for after, before in pairs)
        return whole, spread(parts)
