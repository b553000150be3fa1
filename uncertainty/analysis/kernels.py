"""Kernels: dependence of two columns by the Hilbert-Schmidt independence criterion, HSIC.

HSIC is the squared distance between the joint distribution and the product of its margins, seen
through Gaussian kernels; it is 0 only where the two are independent. Estimator, and the gamma
law of it without dependence: Gretton et al. 2008, "A kernel statistical test of independence"
(NeurIPS 20). Normalised as R2 by Da Veiga 2015, doi:10.1080/00949655.2014.945932.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from uncertainty.arrays import Array

#: Numbers of a block of kernel rows.
CELLS = 2**22
#: Draws from which a median distance is taken.
PAIRS = 1000


def sd_widths(columns: Array) -> Array:
    """Bandwidth of each column (column, sample): its standard deviation."""
    return columns.std(axis=1, ddof=1)


def median_widths(columns: Array) -> Array:
    """Bandwidth of each column: the median distance of two draws that differ."""
    size = columns.shape[1]
    few = columns[:, np.arange(min(size, PAIRS)) * size // min(size, PAIRS)]
    first, second = np.triu_indices(few.shape[1], 1)
    far = np.abs(few[:, first] - few[:, second])
    return np.array([np.median(row[row > 0]) if row.any() else 0.0 for row in far])


WIDTHS: dict[str, Callable[[Array], Array]] = {"sd": sd_widths, "median": median_widths}


def scaled(columns: Array, bandwidth: str) -> Array:
    """Columns over the root of 2 times their bandwidth, so that kernels are exp(-distance^2)."""
    reach = np.abs(columns).max(axis=1, keepdims=True)
    columns = columns / np.where(reach > 0, reach, 1.0)
    widths = WIDTHS[bandwidth](columns)[:, None]
    return columns / (np.sqrt(2) * np.where(widths > 0, widths, 1.0))


def gram(columns: Array, rows: slice = slice(None)) -> Array:
    """Gaussian kernels of scaled columns, (column, row, sample)."""
    distance = columns[:, rows, None] - columns[:, None, :]
    np.multiply(distance, distance, out=distance)
    np.negative(distance, out=distance)
    return np.exp(distance, out=distance)


@dataclass(frozen=True)
class Dependence:
    """HSIC of every x with every y, and what their law without dependence needs.

    Attributes
    ----------
    size : int
    hsic : (y, x)
    own_x, own_y : (x,), (y,)
        HSIC of each with itself.
    trace_x, trace_y : (x,), (y,)
        Traces of the centred kernels.
    square_x, square_y : (x,), (y,)
        Mean squares of the centred kernels off their diagonals.
    """

    size: int
    hsic: Array
    own_x: Array
    own_y: Array
    trace_x: Array
    trace_y: Array
    square_x: Array
    square_y: Array

    @classmethod
    def of(cls, x: Array, y: Array) -> Dependence:
        """Of scaled columns x (x, sample) and y (y, sample)."""
        size, both = x.shape[1], np.concatenate([x, y])
        means, own, cross = sums(both, len(x))
        whole = means.mean(axis=1)
        hsic = cross / size**2 - 2 * means[len(x) :] @ means[: len(x)].T / size
        hsic += whole[len(x) :, None] * whole[: len(x)]
        selves = own / size**2 - 2 * (means**2).mean(axis=1) + whole**2
        diagonal = 1 - 2 * means + whole[:, None]
        square = (size**2 * selves - (diagonal**2).sum(axis=1)) / (size * (size - 1))
        parts = [np.split(part, [len(x)]) for part in (selves, diagonal.sum(axis=1), square)]
        return cls(size, hsic, *(half for pair in parts for half in pair))

    @property
    def r2(self) -> Array:
        """HSIC over the root of both own values, (y, x)."""
        return self.hsic / np.sqrt(self.own_y[:, None] * self.own_x)

    def gamma_p_values(self) -> Array:
        """Chance of so large an HSIC of independent columns, (y, x): a gamma law."""
        from scipy.special import gammaincc

        n = self.size
        mean = self.trace_y[:, None] * self.trace_x / ((n - 1) * n**2)
        factor = 2 * (n - 4) * (n - 5) / (n * (n - 1) * (n - 2) * (n - 3))
        variance = factor * self.square_y[:, None] * self.square_x
        return gammaincc(mean**2 / variance, self.hsic * mean / variance)


def sums(columns: Array, split: int) -> tuple[Array, Array, Array]:
    """Row means (column, sample), sums of squares (column,), sums of products (y, x) of kernels."""
    many, size = columns.shape
    means, own = np.empty((many, size)), np.zeros(many)
    cross = np.zeros((many - split, split))
    step = max(1, CELLS // (many * size))
    for start in range(0, size, step):
        rows = slice(start, min(start + step, size))
        block = gram(columns, rows)
        means[:, rows] = block.mean(axis=2)
        flat = block.reshape(many, -1)
        own += np.einsum("cs,cs->c", flat, flat)
        cross += flat[split:] @ flat[:split].T
    return means, own, cross


def permutation_p_values(
    x: Array, y: Array, hsic: Array, times: int, rng: np.random.Generator
) -> Array:
    """Share of random pairings whose HSIC is as large, (y, x), the one found among them.

    Parameters
    ----------
    x, y : (x, sample), (y, sample)
        Scaled columns.
    hsic : (y, x)
    times : int
    rng : numpy.random.Generator
    """
    centred = gram(x)
    centred -= centred.mean(axis=1, keepdims=True)
    centred -= centred.mean(axis=2, keepdims=True)
    flat, kernels = centred.reshape(len(x), -1), gram(y)
    above = np.ones_like(hsic)
    for _ in range(times):
        order = rng.permutation(x.shape[1])
        shuffled = kernels[:, order[:, None], order].reshape(len(y), -1)
        above += shuffled @ flat.T / x.shape[1] ** 2 >= hsic * (1 - 1e-12)
    return above / (times + 1)
