"""Uniformity: whether ranks could well be uniform, and where they leave the band if not."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.errors import ResultError

type Whole = npt.NDArray[np.int64]

#: Places at which the distribution of the ranks is compared, at most.
POINTS = 100
#: Halvings of the search for the pointwise level.
STEPS = 30


def uniform(ranks: npt.ArrayLike, most: int, *, level: float = 0.95) -> tuple[Array, Array, bool]:
    """Compare ranks with the uniform distribution on 0 to `most`.

    The difference between the share of ranks below each place and what it should be, with a band
    that holds *all* differences together with probability `level` when the ranks are uniform and
    independent.

    Parameters
    ----------
    ranks : (rank,) array of int
        Whole numbers from 0 to `most`; equal ones are no trouble.
    most : int
        The largest rank there can be: the number of draws that a value was ranked among.
    level : float
        Probability of the band, between 0 and 1.

    Returns
    -------
    difference : (point,) array
        At the shares that `points` gives.
    band : (2, point) array
        Lower and upper ends.
    inside : bool

    Raises
    ------
    ResultError
        For ranks that are none, and without any.

    Notes
    -----
    Säilynoja, Bürkner & Vehtari (2022), doi:10.1007/s11222-022-10090-6, sections 2.2 and 2.3. At a
    share that ranks can attain, the count of ranks below it is binomial, and the counts from left
    to right are a Markov chain; so the probability that all of them lie within pointwise
    intervals is exact, ties included. The pointwise level is the largest whose band still has
    probability `level`; as counts are whole, it holds a little more.

    Examples
    --------
    >>> difference, band, inside = uniform(range(100), 99)
    >>> inside, float(abs(difference).max()) < 1e-12
    (True, True)
    >>> uniform([0] * 100, 99)[2]
    False
    """
    found = checked(ranks, most)
    cuts = places(most)
    counts = np.searchsorted(np.sort(found), cuts, side="left")
    low, high = counted_band(found.size, most, level)
    share = points(most)
    band = np.stack([low, high]) / found.size - share
    return counts / found.size - share, band, bool(((low <= counts) & (counts <= high)).all())


def points(most: int) -> Array:
    """(point,) shares at which ranks up to `most` are compared, each one attainable."""
    return places(most) / (most + 1)


def places(most: int) -> Whole:
    """(point,) ranks that cut 0 to `most` in two: all, or evenly spread ones of many."""
    count = min(most, POINTS - 1)
    return np.unique(np.round(np.linspace(0, most + 1, count + 2)[1:-1]).astype(np.int64))


def checked(ranks: npt.ArrayLike, most: int) -> Whole:
    """Ranks as whole numbers within their ends."""
    found = np.asarray(ranks, dtype=float).ravel()
    if most < 1 or not found.size:
        msg = f"uniformity needs ranks from 0 to 1 or more, got {found.size} ranks up to {most}"
        raise ResultError(msg)
    wrong = found[~((found >= 0) & (found <= most) & (found == np.round(found)))]
    if wrong.size:
        msg = f"{wrong.size} ranks are no whole number from 0 to {most}, the first is {wrong[0]:g}"
        raise ResultError(msg)
    return found.astype(np.int64)


@cache
def counted_band(size: int, most: int, level: float) -> tuple[Whole, Whole]:
    """(point,) lowest and highest counts of a band that holds all of them together."""
    if not 0 < level < 1:
        msg = f"the level of a band lies between 0 and 1, got {level:g}"
        raise ResultError(msg)
    shares, logs = points(most), log_factorials(size)
    masses = binomial(np.arange(size + 1)[:, None], size, shares, logs).cumsum(axis=0)
    small, large = 0.0, 1.0 - level
    for _ in range(STEPS):
        middle = (small + large) / 2
        held = coverage(*pointwise(masses, middle), size, shares, logs)
        small, large = (middle, large) if held >= level else (small, middle)
    return pointwise(masses, small)


def pointwise(masses: Array, gamma: float) -> tuple[Whole, Whole]:
    """(point,) ends of central binomial intervals; each side leaves out gamma / 2 at most.

    `masses` are cumulative probabilities (count, point).
    """
    low = (masses < gamma / 2).sum(axis=0)
    high = (masses < 1 - gamma / 2 - 1e-12).sum(axis=0)
    return low, np.minimum(high, len(masses) - 1)


def coverage(low: Whole, high: Whole, size: int, shares: Array, logs: Array) -> float:
    """Probability that the counts of uniform ranks stay between `low` and `high` throughout."""
    counts, held, before = np.zeros(1, dtype=int), np.ones(1), 0.0
    for bottom, top, share in zip(low, high, shares, strict=True):
        fresh = np.arange(bottom, top + 1)
        step = (share - before) / (1 - before)
        moves = binomial(fresh[:, None] - counts, size - counts, step, logs)
        counts, held, before = fresh, moves @ held, share
    return float(held.sum())


def binomial(count: Whole, size: Whole | int, share: Array | float, logs: Array) -> Array:
    """Probability of a count among `size`, zero beyond its ends; `share` within (0, 1)."""
    inside = (count >= 0) & (count <= size)
    held = np.where(inside, count, 0)
    chosen = logs[size] - logs[held] - logs[size - held]
    found = chosen + held * np.log(share) + (size - held) * np.log1p(-np.asarray(share))
    return np.where(inside, np.exp(found), 0.0)


def log_factorials(most: int) -> Array:
    """(most + 1,) logarithms of factorials."""
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])
