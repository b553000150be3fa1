"""PickFreeze: sums that stream, from which Sobol' indices are estimated.

Two independent samples A and B, and for each group of parameters i the sample AB_i, which is A
with group i taken from B. `tally.estimators` turns the averages into parts of the variance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array

#: A spread below this share of the outcome's size is rounding, not variance.
ROUNDING = 1e-14


class Averages(NamedTuple):
    """Averages of shifted outcomes: a of A, b of B, and d = c - a with c of AB_i.

    The base averages are (...), those with d (..., group); `variance` is that of A and B
    together, exactly zero where it is within rounding of it.
    """

    variance: Array
    a: Array
    b: Array
    aa: Array
    bb: Array
    ab: Array
    d: Array
    dd: Array
    ad: Array
    bd: Array


@dataclass(frozen=True)
class PickFreeze:
    """Sums over the last axis of outcomes shifted by a typical value.

    Attributes
    ----------
    n : int
        Pairs of A and B.
    used : (group,) integers
        Those of them of which AB_i is known.
    shift, low, high : (...)
        What was subtracted; the smallest and largest outcome seen.
    plain : (5, ...)
        Sums of a, b, a^2, b^2, a b.
    steps : (4, ..., group)
        With d = c - a: sums of d, d^2, a d and b d.
    """

    n: int
    used: npt.NDArray[np.int64]
    shift: Array
    low: Array
    high: Array
    plain: Array
    steps: Array

    @classmethod
    def of(cls, a: Array, b: Array, mixed: Iterable[Array], shift: Array) -> PickFreeze:
        """Sums of one block: outcomes (..., sample) of A, of B and of each AB_i in turn."""
        open_sums = cls.start(a, b, shift)
        for c in mixed:
            open_sums.step(c)
        return open_sums.stop()

    @classmethod
    def start(cls, a: Array, b: Array, shift: Array) -> OpenSums:
        """Sums of one block that wait for the outcomes of AB_i, one at a time."""
        return OpenSums(a, b, shift)

    def __add__(self, other: PickFreeze) -> PickFreeze:
        return PickFreeze(
            self.n + other.n,
            self.used + other.used,
            self.shift,
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
            self.plain + other.plain,
            self.steps + other.steps,
        )

    def result(self) -> Averages:
        """All averages."""
        plain, steps = self.plain / self.n, self.steps / np.maximum(self.used, 1)
        variance = 0.5 * (plain[2] + plain[3]) - (0.5 * (plain[0] + plain[1])) ** 2
        size = np.maximum(np.abs(self.low), np.abs(self.high))
        variance = np.where(variance > (ROUNDING * size) ** 2, variance, 0.0)
        return Averages(variance, *plain, *steps)


class OpenSums:
    """Sums of one block while its mixed samples come in; `stop` closes them into a tally."""

    def __init__(self, a: Array, b: Array, shift: Array) -> None:
        self.a, self.shift = a, shift
        self.start, self.other = a - shift[..., None], b - shift[..., None]
        self.steps: list[Array] = []
        self.used: list[int] = []
        self.low = np.minimum(a.min(axis=-1), b.min(axis=-1))
        self.high = np.maximum(a.max(axis=-1), b.max(axis=-1))

    def step(self, c: Array, known: npt.NDArray[np.bool_] | None = None) -> None:
        """Add the outcomes of the next AB_i, of which but the `known` (sample,) count."""
        d = c - self.a
        if known is not None:
            d = np.where(known, d, 0.0)
        seen = c if known is None else self.a + d
        self.low = np.minimum(self.low, seen.min(axis=-1))
        self.high = np.maximum(self.high, seen.max(axis=-1))
        self.used.append(d.shape[-1] if known is None else int(np.count_nonzero(known)))
        sums = [np.vecdot(x, d) for x in (d, self.start, self.other)]
        self.steps.append(np.stack([d.sum(axis=-1), *sums]))

    def stop(self) -> PickFreeze:
        """The finished tally."""
        a, b = self.start, self.other
        squares = [np.vecdot(x, y) for x, y in ((a, a), (b, b), (a, b))]
        return PickFreeze(
            a.shape[-1],
            np.array(self.used, dtype=np.int64),
            self.shift,
            self.low,
            self.high,
            np.stack([a.sum(axis=-1), b.sum(axis=-1), *squares]),
            np.stack(self.steps, axis=-1),
        )
