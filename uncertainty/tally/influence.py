"""Influence: what each draw contributes to an index, for the delta method under plain Monte Carlo.

An index is a ratio of two means, of `part` and of `variance`; the variance of its error is that
of part - index * variance over the squared variance and the number of draws (Janon, Klein,
Lagnoux, Nodet and Prieur 2014, doi:10.1051/ps/2013040).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array


class Ends(NamedTuple):
    """Centred outcomes of A and B (..., sample), and the same of a control if there is one."""

    a: Array
    b: Array
    control_a: Array | None = None
    control_b: Array | None = None

    @property
    def variance(self) -> Array:
        """Contribution of each draw to the variance."""
        own = 0.5 * (self.a**2 + self.b**2)
        if self.control_a is None or self.control_b is None:
            return own
        return own - 0.5 * (self.control_a**2 + self.control_b**2)

    def first(self, step: Array, control: Array | None) -> Array:
        """Contribution to the first-order part, of Saltelli's estimator."""
        own = self.b * step
        return own if control is None or self.control_b is None else own - self.control_b * control


def total(step: Array, control: Array | None) -> Array:
    """Contribution to the total part, of Jansen's estimator."""
    own = 0.5 * step**2
    return own if control is None else own - 0.5 * control**2


@dataclass(frozen=True)
class Influence:
    """Sums over the last axis.

    Attributes
    ----------
    used : (group,)
        Draws.
    parts : (2, 3, ..., group)
        For first order and total: sums of part, part^2 and part variance.
    variance : (2, ..., group)
        Sums of the variance's contributions and of their squares, over the same draws.
    """

    used: npt.NDArray[np.int64]
    parts: Array
    variance: Array

    def __add__(self, other: Influence) -> Influence:
        return Influence(
            self.used + other.used, self.parts + other.parts, self.variance + other.variance
        )

    def result(self) -> Influence:
        """Itself: errors are read off with `errors`."""
        return self

    def where(self, chosen: npt.NDArray[np.bool_], other: Influence) -> Influence:
        """These sums in some cells (cell,), the other's elsewhere."""
        mask = chosen[:, None]
        return Influence(
            self.used,
            np.where(mask, self.parts, other.parts),
            np.where(mask, self.variance, other.variance),
        )

    def cells(self, place: slice) -> Influence:
        """Some of the cells."""
        return Influence(self.used, self.parts[:, :, place], self.variance[:, place])

    def errors(self, order: int, index: Array, variance: Array) -> Array:
        """Standard error (..., group) of first-order (0) or total (1) indices.

        Parameters
        ----------
        index : (..., group)
        variance : (...)
        """
        n = np.maximum(self.used, 1)
        mean, square, cross = self.parts[order] / n
        q, qq = self.variance / n
        spread = (square - mean**2) - 2 * index * (cross - mean * q) + index**2 * (qq - q**2)
        whole = variance[..., None]
        error = np.sqrt(np.maximum(spread, 0.0) / n)
        return np.divide(error, whole, out=np.full_like(error, np.nan), where=whole > 0)


class OpenInfluence:
    """Sums of one block while its mixed samples come in; the aggregate is their sum over cells."""

    def __init__(self, ends: Ends) -> None:
        self.ends = ends
        self.q = ends.variance
        self.rows: list[tuple[int, Array, Array]] = []

    def step(
        self, d: Array, control: Array | None, known: npt.NDArray[np.bool_] | None = None
    ) -> None:
        """Add d = c - a of the next AB_i, and the same of the control."""
        pieces = [self.ends.first(d, control), total(d, control), self.q]
        if known is not None:
            pieces = [x[..., known] for x in pieces]
        p, t, q = (with_sum(x) for x in pieces)
        parts = [[x.sum(axis=-1), np.vecdot(x, x), np.vecdot(x, q)] for x in (p, t)]
        self.rows.append((p.shape[-1], np.array(parts), np.array([q.sum(-1), np.vecdot(q, q)])))

    def stop(self) -> Influence:
        """The finished tally; cells are laid out in one axis, and the last one is their sum."""
        counts, parts, variance = zip(*self.rows, strict=True)
        return Influence(
            np.array(counts, dtype=np.int64), np.stack(parts, axis=-1), np.stack(variance, axis=-1)
        )


def with_sum(x: Array) -> Array:
    """(..., sample) as (cell + 1, sample): all cells, and their sum."""
    cells = x.reshape(-1, x.shape[-1])
    return np.concatenate([cells, cells.sum(axis=0, keepdims=True)])
