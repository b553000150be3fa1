"""Stacking: weights of several fits that together predict left-out rows best."""

from __future__ import annotations

import numpy as np

from uncertainty.arrays import Array
from uncertainty.design import generator

#: The weights are as good as the best ones to within this sum of log densities; standard errors
#: of that sum are a thousand times larger and more.
GAP = 1e-6
#: Steps after which nothing better is to be had.
STEPS = 100_000
#: Rounds of Gibbs sampling that are averaged, and those thrown away before.
ROUNDS, WARM = 40_000, 200
#: Names the stream of the Gibbs sampler among the streams of a seed.
GIBBS = 5


def stacking_weights(log_density: Array) -> Array:
    """Weights of fits that maximise the log density of left-out rows under their mixture.

    Parameters
    ----------
    log_density : (row, structure)
        Log density of each row given the others, by each fit.

    Returns
    -------
    (structure,)
        Not negative, sum 1.

    Notes
    -----
    The problem of Yao et al. 2018 [1]_ is that of the shares of a mixture with known components, so
    the weights grow by the mean of each fit's part in the mixture (EM); each step is better than
    the last. The largest such mean less 1, times the number of rows, bounds how much better the
    best weights are [2]_, and that decides when to stop.

    References
    ----------
    .. [1] Yao, Vehtari, Simpson, Gelman 2018, doi:10.1214/17-BA1091
    .. [2] Lindsay 1983, doi:10.1214/aos/1176346059

    Examples
    --------
    >>> stacking_weights(np.log([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]])).round(2).tolist()
    [0.85, 0.15]
    """
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    weights = np.full(density.shape[1], 1 / density.shape[1])
    for _ in range(STEPS):
        part = (density / (density @ weights)[:, None]).mean(axis=0)
        if len(density) * (part.max() - 1) < GAP:
            break
        weights = weights * part
    return np.where(weights < 1e-9, 0.0, weights) / weights[weights >= 1e-9].sum()


def expected_weights(log_density: Array) -> Array:
    """Weights of fits by how well their mixture predicts left-out rows, averaged over doubt.

    Where fits predict alike, the best weights (`stacking_weights`) may still put all on one. Here
    weights have a Dirichlet prior that counts as much as one row, each row is one observation of
    the mixture [1]_, and the mean of their posterior is taken: equal weights where the rows cannot
    tell, all but a part of one row's on one where they can.

    Parameters
    ----------
    log_density : (row, structure)
        Log density of each row given the others, by each fit.

    Returns
    -------
    (structure,)
        Positive, sum 1; by Gibbs sampling with a fixed stream, exact to about 0.02.

    References
    ----------
    .. [1] Yao, Pirs, Vehtari, Gelman 2022, doi:10.1214/21-BA1287

    Examples
    --------
    >>> alike = np.zeros((30, 2))
    >>> expected_weights(alike).round(1).tolist()
    [0.5, 0.5]
    """
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    rng = generator(GIBBS, 1, seed=1)
    fits = density.shape[1]
    weights, total = np.full(fits, 1 / fits), np.zeros(fits)
    for round_ in range(ROUNDS + WARM):
        ends = np.cumsum(density * weights, axis=1)
        picks = (ends < rng.random((len(ends), 1)) * ends[:, -1:]).sum(axis=1)
        counts = np.bincount(picks, minlength=fits) + 1.0 / fits
        weights = rng.dirichlet(counts)
        if round_ >= WARM:
            total += counts / counts.sum()
    return total / ROUNDS
