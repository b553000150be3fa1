"""Smoothing: importance weights whose largest are replaced by those of a Pareto tail (PSIS)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from uncertainty.arrays import Array, Numbers
from uncertainty.errors import ResultError
from uncertainty.posterior.draws import arviz, worth

#: Fewest draws that a Pareto tail can be fitted to.
LEAST = 25
#: Largest shape of the tail at which weights are trusted, however many draws there are.
GOOD = 0.7
#: Fewest draws, effective by Kish, where the weights have no tail that could be fitted.
FEWEST = 100
#: Log ratios that differ by less are equal.
EQUAL = 1e-10


class Smoothed(NamedTuple):
    """Weights (chain, draw) that sum to one, the shape of their tail, and what they are worth.

    `k` is 0 where the largest weights are all equal, NaN where no tail could be fitted; `share` is
    Kish's effective share of the draws.
    """

    weights: Array
    k: float
    share: float

    @property
    def told(self) -> bool:
        """Whether the draws carry these weights."""
        if np.isnan(self.k):
            return self.share * self.weights.size >= FEWEST
        return self.k <= good_k(self.weights.size)


def good_k(draws: int) -> float:
    """Largest shape of the tail at which weights of so many draws are trusted.

    min(1 - 1 / log10(draws), 0.7) (Vehtari, Simpson, Gelman, Yao, Gabry 2024, section 3.2.4,
    https://jmlr.org/papers/v25/19-556.html).

    Examples
    --------
    >>> good_k(4000), round(good_k(400), 2)
    (0.7, 0.62)
    """
    return float(min(1 - 1 / np.log10(draws), GOOD))


def smoothed(
    log_ratios: Array, efficiency: float | None = None, structure: Numbers | None = None
) -> Smoothed:
    """Pareto-smoothed importance weights.

    Parameters
    ----------
    log_ratios : (chain, draw)
        Log of the ratio of densities, to within a constant.
    efficiency : float, optional
        How many independent draws a draw is worth; from the 5% tails of the log ratios by default.
    structure : (chain, draw), optional
        Which fit each draw is from. The share of every fit then stays as it is.

    Raises
    ------
    ResultError
        For fewer than 25 draws.
    """
    if log_ratios.size < LEAST:
        msg = f"importance weights need at least {LEAST} draws, got {log_ratios.size}"
        raise ResultError(msg)
    centred = log_ratios - level(log_ratios, structure)
    if efficiency is None:
        efficiency = tail_efficiency(log_ratios)
    log_weights, k = tail(centred, efficiency)
    weights = np.exp(log_weights - log_weights.max())
    weights = shared(weights, structure)
    share = weights.sum() ** 2 / (weights.size * (weights**2).sum())
    return Smoothed(weights / weights.sum(), k, float(share))


def tail_efficiency(log_ratios: Array) -> float:
    """Effective share of the draws in the tails of the ratios, the chains joined as in ArviZ."""
    joined = log_ratios.reshape(1, -1)
    return float(worth(joined, "tail", prob=0.05)) / joined.size


def tail(log_ratios: Array, efficiency: float) -> tuple[Array, float]:
    """Log weights with a smooth tail, by ArviZ, and the shape of the tail."""
    count = int(3 * np.sqrt(log_ratios.size / efficiency))
    largest = np.sort(log_ratios, axis=None)[-min(count, log_ratios.size // 5) :]
    if np.ptp(largest) < EQUAL:
        return log_ratios, 0.0
    with np.errstate(all="ignore"):
        found, k = arviz().psislw(-log_ratios, r_eff=efficiency, axis=(-2, -1))
    return np.asarray(found, dtype=np.float64), float(k)


def level(log_ratios: Array, structure: Numbers | None) -> Array:
    """Log of the mean ratio of the draws of each structure, at every draw."""
    from scipy.special import logsumexp

    found = np.zeros_like(log_ratios)
    if structure is None:
        return found
    for one in np.unique(structure):
        mine = structure == one
        found[mine] = logsumexp(log_ratios[mine]) - np.log(mine.sum())
    return found


def shared(weights: Array, structure: Numbers | None) -> Array:
    """Weights with mean 1 in each structure."""
    if structure is None:
        return weights
    made = weights.copy()
    for one in np.unique(structure):
        made[structure == one] /= weights[structure == one].mean()
    return made
