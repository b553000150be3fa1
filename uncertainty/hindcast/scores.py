"""Scores: how well predictive draws, points and ranges met what was observed; arrays only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from uncertainty.arrays import Array

#: Central intervals that are scored.
MASSES = (0.5, 0.8, 0.9)
#: Mass that a published range of low and high is read as.
RANGE_MASS = 0.9


def log(values: Array) -> Array:
    """Logarithms; NaN where there are none, which is told by whoever asked."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(values > 0, np.log(values), np.nan)


#: By the kind of a row: the scale on which places may be compared, its inverse, and its name.
SCALES: Mapping[str, tuple[Callable[[Array], Array], Callable[[Array], Array], str]] = {
    "level": (log, np.exp, "log"),
    "growth": (lambda v: log(1 + v), np.expm1, "log of 1 + growth"),
    "share": (lambda v: log(v) - log(1 - v), lambda v: 1 / (1 + np.exp(-v)), "logit"),
}


def crps(draws: Array, observed: Array, *, quantiles: bool = False) -> Array:
    """Continuous ranked probability score of predictive draws; less is better.

    Independent draws are scored without the bias that a finite sample has (the fair score,
    computed from probability-weighted moments: Zamo & Naveau 2018, doi:10.1007/s11004-017-9709-7).
    Evenly spaced quantiles are no sample and are scored by the integral of their quantile scores.
    For a point the score is the absolute error.

    Parameters
    ----------
    draws : (..., draw)
    observed : (...)
    quantiles : bool
        Whether `draws` are quantiles in the middle of classes of equal probability.

    Returns
    -------
    (...)
        In the unit of the draws; NaN where a draw or the observed value is.

    Examples
    --------
    >>> crps(np.full((1, 4), 2.0), np.array([5.0]))
    array([3.])
    """
    import scoringrules as sr

    estimator = "qd" if quantiles else "pwm"
    draws, observed = np.asarray(draws, dtype=float), np.asarray(observed, dtype=float)
    return np.asarray(sr.crps_ensemble(observed, draws, estimator=estimator, backend="numpy"))


def central(draws: Array, mass: float) -> tuple[Array, Array]:
    """Ends (...) of the central interval of draws (..., draw), tails equal."""
    low, high = np.quantile(draws, [(1 - mass) / 2, (1 + mass) / 2], axis=-1)
    return low, high


def interval_score(observed: Array, low: Array, high: Array, mass: float) -> Array:
    """Width of an interval plus 2 / (1 - mass) times the distance by which it was missed.

    Gneiting & Raftery (2007), doi:10.1198/016214506000001437; less is better.

    Parameters
    ----------
    observed, low, high : (...)
    mass : float
        Probability of the interval.

    Examples
    --------
    >>> interval_score(np.array([5.0]), np.array([1.0]), np.array([3.0]), 0.5)
    array([10.])
    """
    import scoringrules as sr

    found = sr.interval_score(observed, low, high, 1 - mass, backend="numpy")
    return np.reshape(found, np.shape(observed))


def inside(observed: Array, low: Array, high: Array) -> Array:
    """Whether the ends (included) hold the observed value: 1, 0, or NaN if unknown; (...)."""
    unknown = np.isnan(observed) | np.isnan(low) | np.isnan(high)
    return np.where(unknown, np.nan, (low <= observed) & (observed <= high))


def pit(draws: Array, observed: Array, rng: np.random.Generator | None = None) -> Array:
    """Share of draws below the observed value; among equal ones a place is drawn.

    Parameters
    ----------
    draws : (..., draw)
    observed : (...)
    rng : numpy.random.Generator, optional
        Needed for ties only; seed 0 if not given.

    Returns
    -------
    (...) between 0 and 1, uniform when the prediction is right

    Examples
    --------
    >>> pit(np.arange(4.0), np.array(2.5))
    array(0.75)
    """
    draws, observed = np.asarray(draws, dtype=float), np.asarray(observed, dtype=float)
    wanted = observed[..., np.newaxis]
    below, ties = (draws < wanted).mean(axis=-1), (draws == wanted).mean(axis=-1)
    place = (rng or np.random.default_rng(0)).random(below.shape) if np.any(ties) else 0.0
    unknown = np.isnan(draws).any(axis=-1) | np.isnan(observed)
    return np.where(unknown, np.nan, below + ties * place)


def scaled(values: Array, kinds: Sequence[str]) -> Array:
    """Values (row, ...) on the scale of each row's kind: log, log of 1 + growth, or logit."""
    found = np.full(np.shape(values), np.nan)
    for kind, (there, _, _) in SCALES.items():
        rows = np.asarray(kinds) == kind
        found[rows] = there(np.asarray(values, dtype=float)[rows])
    return found


def judged(draws: Array, observed: Array, kinds: Sequence[str]) -> dict[str, Array]:
    """All scores of predictive draws.

    Parameters
    ----------
    draws : (row, draw)
    observed : (row,)
    kinds : (row,)
        Level, growth or share.

    Returns
    -------
    {name: (row,)}
        median, low_50 ... high_90, inside_50 ... (1 or 0), interval_score_50 ..., pit, crps (in
        the unit of the row) and crps_log (on the scale of the kind; NaN where a draw has none).
    """
    found = {"median": np.median(draws, axis=-1), "pit": pit(draws, observed)}
    for mass in MASSES:
        low, high = central(draws, mass)
        name = f"{100 * mass:g}"
        found |= {
            f"low_{name}": low,
            f"high_{name}": high,
            f"inside_{name}": inside(observed, low, high),
            f"interval_score_{name}": interval_score(observed, low, high, mass),
        }
    found["crps"] = crps(draws, observed)
    found["crps_log"] = crps(scaled(draws, kinds), scaled(observed, kinds))
    return found
