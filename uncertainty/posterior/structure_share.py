"""Structure share: how much of an outcome's variance lies between the forms of a model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from uncertainty.arrays import Array, Numbers
from uncertainty.errors import ResultError
from uncertainty.posterior.draws import check_finite, worth
from uncertainty.ratios import CONFIDENCE, share


class Share(NamedTuple):
    """A share of variance (...) and its interval (..., bound)."""

    value: Array
    interval: Array


class Groups(NamedTuple):
    """Draws by structure: shares (group,); means, variances and mean errors (group, cell).

    `error` is the squared standard error of each mean.
    """

    share: Array
    mean: Array
    variance: Array
    error: Array


def structure_share(outcome: Array, structure: Numbers) -> Share:
    """Part of an outcome's variance that lies between structures, with a 95% interval.

    Parameters
    ----------
    outcome : (chain, draw, ...)
    structure : (chain, draw)
        Which structure each draw is from; its shares are taken as given.

    Returns
    -------
    value : (...)
        Variance of the means of the structures over all variance. What the means scatter by
        chance is taken off (as in omega squared [1]_, with the effective number of draws), so that
        it can be a little below zero; exactly 0 for one structure, NaN where nothing varies.
    interval : (..., bound)
        Delta method, with the effective number of draws; not cut at 0 and 1.

    Raises
    ------
    ResultError
        When shapes do not fit, or a draw is not finite.

    References
    ----------
    .. [1] Hays 1963, Statistics for Psychologists; Olejnik, Algina 2003,
       doi:10.1037/1082-989X.8.4.434

    Examples
    --------
    >>> z = np.random.default_rng(1).normal(size=(4, 500))
    >>> form = np.arange(2000).reshape(4, 500) % 2
    >>> structure_share(z + 2 * form, form).value.round(1).item()
    0.5
    """
    if outcome.shape[:2] != structure.shape:
        msg = f"outcome has draws {outcome.shape[:2]}, structure {structure.shape}"
        raise ResultError(msg)
    check_finite("outcome", outcome)
    shape = outcome.shape[2:]
    cells = np.moveaxis(outcome.reshape(*structure.shape, -1), -1, 0)
    numbers = np.unique(structure)
    if len(numbers) == 1:
        value = np.where(np.ptp(cells, axis=(1, 2)) > 0, 0.0, np.nan)
        return Share(value.reshape(shape), np.stack([value, value], axis=-1).reshape(*shape, 2))
    groups = grouped(cells, structure)
    value, error = estimated(cells, np.searchsorted(numbers, structure), groups)
    return Share(value.reshape(shape), bounds(value, error).reshape(*shape, 2))


def grouped(cells: Array, structure: Numbers) -> Groups:
    """Means and variances of each structure, from cells (cell, chain, draw)."""
    found = []
    for one in np.unique(structure):
        mine = structure == one
        y = cells[:, mine]
        variance = y.var(axis=1, ddof=1) if y.shape[1] > 1 else cells.var(axis=(1, 2))
        error = variance / np.array([effective(cell, mine) for cell in cells])
        found.append((mine.mean(), y.mean(axis=1), variance, error))
    return Groups(*(np.array(column) for column in zip(*found, strict=True)))


def effective(cell: Array, mine: Array) -> float:
    """Effective number of the marked draws of a cell (chain, draw)."""
    rows = [y[m] for y, m in zip(cell, mine.astype(bool), strict=True)]
    length = min(map(len, rows))
    if length < 8:
        return float(mine.sum())
    return float(worth(np.stack([row[:length] for row in rows]))) / length / len(rows) * mine.sum()


def estimated(cells: Array, number: Numbers, groups: Groups) -> tuple[Array, Array]:
    """Share of variance between groups and its standard error, each (cell,)."""
    p = groups.share[:, None]
    middle = (p * groups.mean).sum(axis=0)
    between = (p * (groups.mean - middle) ** 2).sum(axis=0) - (p * (1 - p) * groups.error).sum(0)
    whole = between + (p * groups.variance).sum(axis=0)
    value = share(between, whole)
    away = cells - groups.mean.T[:, number]
    pull = 2 * (groups.mean.T - middle[:, None])[:, number] * away
    within = away**2 - groups.variance.T[:, number]
    push = pull - value[:, None, None] * (pull + within)
    first = push.var(axis=(1, 2)) / worth(push)
    second = 2 * ((p * groups.error) ** 2).sum(axis=0)
    return value, share(np.sqrt(first + second), whole)


def bounds(value: Array, error: Array) -> Array:
    """Interval, (cell, bound)."""
    from scipy.special import ndtri

    reach = float(ndtri(0.5 + CONFIDENCE / 2)) * error
    return np.stack([value - reach, value + reach], axis=-1)
