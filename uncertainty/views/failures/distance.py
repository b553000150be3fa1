"""Distance: how far apart two samples lie, and whether chance alone may have done it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Numbers = NDArray[np.float64]

REPEATS = 0.1  # of tried values; where more than this repeat, they do so by nature


def gaps(failed: Numbers, tried: Numbers) -> tuple[Numbers, Numbers]:
    """Return all values in order and, at each, how far the shares at or below it differ.

    A positive gap means that more of all runs lie at or below the value than of failed ones.
    """
    places = np.unique(np.concatenate([failed, tried]))
    return places, at_most(tried, places) - at_most(failed, places)


def at_most(sample: Numbers, places: Numbers) -> Numbers:
    """Return the share of a sample at or below each place."""
    return np.searchsorted(np.sort(sample), places, side="right") / len(sample)


def distance(failed: Numbers, tried: Numbers) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples, 0 to 1."""
    return float(np.abs(gaps(failed, tried)[1]).max())


def independent(failed: Numbers) -> float:
    """Return of how many independent values a sample is worth, where a design repeats some.

    (sum w)^2 / sum w^2 over the counts w of its different values (Kish 1965, Survey Sampling).
    """
    counts = np.unique(failed, return_counts=True)[1].astype(float)
    return float(counts.sum() ** 2 / (counts**2).sum())


def discrete(tried: Numbers) -> bool:
    """Tell whether values repeat by nature and not only because a design uses them again."""
    return len(np.unique(tried)) < (1 - REPEATS) * len(tried)


def p_value(found: float, failed: float, tried: int) -> float:
    """Return how often chance alone gives such a distance, for sizes of the two samples.

    By the exact law for one sample of the harmonic size n m / (n + m), as SciPy's asymptotic
    two-sample test has it (Hodges 1958, doi:10.1007/BF02589501); for a discrete parameter it is
    too large rather than too small.
    """
    from scipy.stats import kstwo

    return float(kstwo.sf(found, max(1, round(failed * tried / (failed + tried)))))
