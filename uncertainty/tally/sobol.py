"""PickFreeze: first-order and total Sobol' indices from sums that stream.

Two independent samples A and B, and for each group of parameters i the sample AB_i, which is
A with group i taken from B. First order by the estimator of Saltelli et al. (2010),
doi:10.1016/j.cpc.2009.09.018, with the output centred; total by Jansen (1999),
doi:10.1016/S0010-4655(98)00154-4, which is never negative.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from uncertainty.arrays import Array

#: A spread below this share of the outcome's size is rounding, not variance.
ROUNDING = 1e-14


class Indices(NamedTuple):
    """Variance (...), first-order and total part of it, each (..., group)."""

    variance: Array
    first: Array
    total: Array


@dataclass(frozen=True)
class PickFreeze:
    """Sums over the last axis of outcomes shifted by a typical value.

    Attributes
    ----------
    n : int
    shift : (...)
    size : (...)
        Largest absolute outcome seen.
    plain : (4, ...)
        Sums of a, b, a^2, b^2.
    steps : (3, ..., group)
        With d = c - a, c the outcome of AB_i: sums of d, d^2 and b d.
    """

    n: int
    shift: Array
    size: Array
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
        return OpenSums(a, b - shift[..., None], shift)

    def __add__(self, other: PickFreeze) -> PickFreeze:
        return PickFreeze(
            self.n + other.n,
            self.shift,
            np.maximum(self.size, other.size),
            self.plain + other.plain,
            self.steps + other.steps,
        )

    def result(self) -> Indices:
        """Variance and its parts; a variance within rounding of zero is exactly zero."""
        a, b, aa, bb = self.plain / self.n
        variance = 0.5 * (aa + bb) - (0.5 * (a + b)) ** 2
        variance = np.where(variance > (ROUNDING * self.size) ** 2, variance, 0.0)
        d, dd, bd = self.steps / self.n
        centre = (0.5 * (a + b))[..., None]
        return Indices(variance, bd - centre * d, 0.5 * dd)


class OpenSums:
    """Sums of one block while its mixed samples come in; `stop` closes them into a tally."""

    def __init__(self, a: Array, centred: Array, shift: Array) -> None:
        self.a, self.centred, self.shift = a, centred, shift
        self.steps: list[Array] = []

    def step(self, c: Array) -> None:
        """Add the outcomes of the next AB_i."""
        self.steps.append(step_sums(c - self.a, self.centred))

    def stop(self) -> PickFreeze:
        """The finished tally."""
        start = self.a - self.shift[..., None]
        plain = np.stack(
            [
                start.sum(axis=-1),
                self.centred.sum(axis=-1),
                np.vecdot(start, start),
                np.vecdot(self.centred, self.centred),
            ]
        )
        largest = np.abs(self.shift) + np.maximum(
            np.abs(start).max(axis=-1), np.abs(self.centred).max(axis=-1)
        )
        steps = np.stack(self.steps, axis=-1)
        return PickFreeze(self.a.shape[-1], self.shift, largest, plain, steps)


def step_sums(step: Array, b: Array) -> Array:
    """Sums of d, d^2 and b d over the last axis, shape (3, ...)."""
    return np.stack([step.sum(axis=-1), np.vecdot(step, step), np.vecdot(b, step)])
