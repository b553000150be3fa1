"""Nearest: rank correlations that a Gaussian copula can have, and those that draws show."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from uncertainty.arrays import Array

#: Errors of zero correlation, and the least size, that a correlation must exceed to be kept.
ERRORS, LEAST = 3.0, 0.05

#: Least eigenvalue of the correlation of the normal scores.
FLOOR = 1e-6


def rank_correlation(draws: Array) -> Array:
    """Spearman rank correlations, (name, name), of draws (name, sample)."""
    ranks = rankdata(draws, axis=-1)
    return np.atleast_2d(np.corrcoef(ranks))


def distinguishable(rho: Array, sizes: Array) -> Array:
    """Correlations that are more than noise, zero elsewhere; `sizes` (name,) as effective sizes.

    Without dependence a rank correlation of n independent draws has an error of about 1 / sqrt(n).
    """
    least = np.minimum(sizes[:, None], sizes[None, :])
    kept = (np.abs(rho) > ERRORS / np.sqrt(least)) & (np.abs(rho) > LEAST)
    found = np.where(kept, rho, 0.0)
    np.fill_diagonal(found, 1.0)
    return found


def admissible(rho: Array) -> Array:
    """The nearest rank correlations whose normal scores have a positive definite matrix.

    Alternating projections after Higham 2002, doi:10.1093/imanum/22.3.329, with a floor under
    the eigenvalues. A matrix that is one already comes back as it is.
    """
    normal = 2 * np.sin(np.pi / 6 * rho)
    np.fill_diagonal(normal, 1.0)
    if np.linalg.eigvalsh(normal)[0] >= FLOOR:
        return rho
    found = projected(normal)
    return 6 / np.pi * np.arcsin(np.clip(found / 2, -0.5, 0.5))


def projected(matrix: Array, rounds: int = 200) -> Array:
    """Nearest symmetric matrix with a unit diagonal and eigenvalues of `FLOOR` or more."""
    correction, current = np.zeros_like(matrix), matrix
    for _ in range(rounds):
        lifted = floored(current - correction)
        correction = lifted - (current - correction)
        current = lifted.copy()
        np.fill_diagonal(current, 1.0)
        if np.linalg.eigvalsh(current)[0] >= FLOOR / 2:
            break
    lifted = floored(current)
    scale = np.sqrt(np.diag(lifted))
    return lifted / np.outer(scale, scale)


def floored(matrix: Array) -> Array:
    """The matrix with its eigenvalues lifted to `FLOOR`."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.maximum(values, FLOOR)) @ vectors.T
