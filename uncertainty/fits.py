"""Quantile equations of each family, solved: in closed form where there is one, else by root."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy.special import expit, gammaincinv, logit, ndtri

from uncertainty.arrays import Array
from uncertainty.distributions.bounded import Beta, Pert, Triangular
from uncertainty.distributions.contract import Distribution
from uncertainty.distributions.truncated import TruncatedNormal
from uncertainty.errors import PriorError

Parameters = dict[str, float]
Pairs = Sequence[tuple[float, float]]

SOLVED, NEARLY = 1e-10, 1e-5
"""Errors of quantile equations, in normal scores: at which to stop, and up to which to let the
reproduced quantiles decide (a very narrow interval leaves the cdf few digits)."""

LARGEST_LOG = 45.0
"""Bound of a logarithmic unknown while the solver looks around; e^45 = 3e19."""

FLATTEST = 1e-6
"""Least curvature of a truncated normal's log density across the outer quantiles; below it the
density cannot be told from a flat or exponential one in floating point."""


@dataclass(frozen=True)
class Question:
    """Quantiles (probability, value) in order, a mode if given, and where values can lie."""

    quantiles: tuple[tuple[float, float], ...]
    mode: float | None
    support: tuple[float, float]

    @property
    def outer(self) -> tuple[float, float, float, float]:
        """Probability and value of the first quantile, then of the last."""
        return (*self.quantiles[0], *self.quantiles[-1])

    @property
    def shares(self) -> Question:
        """The same question about the share of a finite support."""
        lower, upper = self.support
        pairs = tuple((p, (value - lower) / (upper - lower)) for p, value in self.quantiles)
        return Question(pairs, None, (0.0, 1.0))


Fit = Callable[[Question], Parameters | None]


def straight(
    transform: Callable[[float], Any], score: Callable[[float], Any], question: Question
) -> tuple[float, float]:
    """Intercept and slope of transform(value) = intercept + slope * score(p), by the outer two."""
    p, low, q, high = question.outer
    first, last = score(p), score(q)
    slope = (transform(high) - transform(low)) / (last - first)
    return float(transform(low) - slope * first), float(slope)


def fit_uniform(question: Question) -> Parameters:
    """Straight in the probability."""
    start, length = straight(float, float, question)
    return {"lower": start, "upper": start + length}


def fit_log_uniform(question: Question) -> Parameters:
    """The logarithm is straight in the probability."""
    start, length = straight(math.log, float, question)
    return {"lower": math.exp(start), "upper": math.exp(start + length)}


def fit_normal(question: Question) -> Parameters:
    """Straight in the normal score."""
    mu, sigma = straight(float, ndtri, question)
    return {"mu": mu, "sigma": sigma}


def fit_lognormal(question: Question) -> Parameters:
    """The logarithm is straight in the normal score."""
    mu, sigma = straight(math.log, ndtri, question)
    return {"mu": mu, "sigma": sigma}


def fit_logit_normal(question: Question) -> Parameters:
    """The logit of the share is straight in the normal score."""
    mu, sigma = straight(logit, ndtri, question.shares)
    return {"mu": mu, "sigma": sigma}


def fit_gamma(question: Question) -> Parameters | None:
    """The ratio of two quantiles depends on the shape alone and falls with it."""
    from scipy.optimize import brentq

    p, low, q, high = question.outer
    wanted = math.log(high) - math.log(low)

    def excess(log_alpha: float) -> float:
        quantiles = np.log(gammaincinv(math.exp(log_alpha), [p, q]))
        return float(quantiles[1] - quantiles[0]) - wanted

    # Below this shape the lower quantile underflows; above the other a double cannot tell the two.
    ends = math.log(-math.log(p) / 600), math.log(1e13)
    if excess(ends[0]) < 0 or excess(ends[1]) > 0:
        return None
    alpha = math.exp(brentq(excess, *ends, xtol=1e-14, rtol=1e-14))
    return {"alpha": alpha, "beta": float(gammaincinv(alpha, q)) / high}


def fit_beta(question: Question) -> Parameters | None:
    """Two equations for the logarithms of the shapes."""
    shares = question.shares

    def make(unknown: Array) -> Beta:
        alpha, beta = _exp(unknown)
        return Beta(float(alpha), float(beta))

    found = solve(make, _ends(shares), [np.log(start) for start in _beta_starts(shares)])
    return None if found is None else {"alpha": found.alpha, "beta": found.beta}


def _beta_starts(shares: Question) -> Iterator[tuple[float, float]]:
    """Shapes that match a mean and sd, that match a gamma near either end, and flat ones."""
    p, low, q, high = shares.outer
    mean, sd = (low + high) / 2, (high - low) / float(ndtri(q) - ndtri(p))
    total = mean * (1 - mean) / sd**2 - 1
    if total > 0:
        yield mean * total, (1 - mean) * total
    near_lower = fit_gamma(shares)
    if near_lower is not None:
        yield near_lower["alpha"], near_lower["beta"]
    near_upper = fit_gamma(Question(((1 - q, 1 - high), (1 - p, 1 - low)), None, (0.0, 1.0)))
    if near_upper is not None:
        yield near_upper["beta"], near_upper["alpha"]
    yield from [(1.0, 1.0), (0.3, 0.3), (0.1, 0.1), (0.1, 1.0), (1.0, 0.1), (5.0, 5.0)]


def fit_truncated_normal(question: Question) -> Parameters | None:
    """Two equations for slope and curvature of the log density across the outer quantiles.

    In these unknowns the family passes smoothly into its limits, the flat and the exponential
    density, where mu and sigma run away.
    """
    _, low, _, high = question.outer
    middle, length = (low + high) / 2, high - low

    def make(unknown: Array) -> TruncatedNormal:
        curvature = max(float(_exp(unknown[1])), FLATTEST)
        mu = middle + length * float(unknown[0]) / curvature
        return TruncatedNormal(mu, length / math.sqrt(curvature), *question.support)

    found = solve(make, _ends(question), _truncated_starts(question))
    if found is None:
        return None
    return {
        "mu": found.mu,
        "sigma": found.sigma,
        "lower": question.support[0],
        "upper": question.support[1],
    }


def _truncated_starts(question: Question) -> list[Array]:
    """The normal without a cut, then flatter ones, level and sloping either way."""
    p, _, q, _ = question.outer
    first, last = float(ndtri(p)), float(ndtri(q))
    curvature = (last - first) ** 2
    slope = -curvature * (first + last) / 2 / (last - first)
    flatter = [
        np.array([tilt, math.log(curvature * factor)])
        for factor in (0.3, 0.03, 3e-4, 3.0)
        for tilt in (0.0, -2.0, 2.0)
    ]
    return [np.array([slope, math.log(curvature)]), *flatter]


def fit_triangular(question: Question) -> Parameters | None:
    """Bounds beyond the outer quantiles, and the mode when three quantiles are given."""
    found = _fit_around_mode(Triangular, question)
    return None if found is None else dict(zip(("lower", "c", "upper"), found, strict=True))


def fit_pert(question: Question) -> Parameters | None:
    """Bounds beyond the outer quantiles, and the mode when three quantiles are given."""
    found = _fit_around_mode(Pert, question)
    return None if found is None else dict(zip(("lower", "mode", "upper"), found, strict=True))


def _fit_around_mode(
    family: type[Triangular | Pert], question: Question
) -> tuple[float, float, float] | None:
    """Solve for lower, mode and upper, as far as they are not known."""
    p, low, q, high = question.outer
    mode = question.mode
    if mode is None and len(question.quantiles) == 2:
        mode = (low + high) / 2
    pairs = [question.quantiles[0], question.quantiles[-1]]
    if mode is None:
        pairs.insert(1, question.quantiles[len(question.quantiles) // 2])
    pairs = [pair for pair in pairs if 0 < pair[0] < 1]

    def bounds(unknown: Array) -> tuple[float, float, float]:
        left = list(unknown)
        lower, upper = (low, high) if mode is None else (min(low, mode), max(high, mode))
        if p > 0:
            lower -= (high - low) * float(_exp(left.pop(0)))
        if q < 1:
            upper += (high - low) * float(_exp(left.pop(0)))
        if mode is not None:
            return lower, mode, upper
        return lower, lower + (upper - lower) * float(expit(left.pop(0))), upper

    if not pairs:
        return bounds(np.array([]))
    known_mode = [0.0] if mode is None else []
    starts = [
        np.array(([below] if p > 0 else []) + ([above] if q < 1 else []) + [at for _ in known_mode])
        for at in ((0.0, -2.0, 2.0) if mode is None else (0.0,))
        for below, above in ((-1.0, -1.0), (-1.0, -6.0), (-6.0, -1.0), (1.0, 1.0))
    ]
    found = solve(lambda unknown: family(*bounds(unknown)), pairs, starts)
    if found is None:
        return None
    lower, peak, upper = found.parameters.values()
    return cast("float", lower), cast("float", peak), cast("float", upper)


def solve[T: Distribution](
    make: Callable[[Array], T], pairs: Pairs, starts: Sequence[Array]
) -> T | None:
    """The member whose cdf meets every pair (probability, value), or None.

    The equations are posed in normal scores, in which they are close to linear.
    """
    from scipy.optimize import root

    p, value = np.array(pairs).T
    wanted = ndtri(p)

    def misses(unknown: Array) -> Array:
        reached = np.clip(make(unknown).cdf(value), 1e-300, 1 - 1e-16)
        return ndtri(reached) - wanted

    nearest, best = NEARLY, None
    for start in starts:
        try:
            found = root(misses, start, method="hybr", options={"xtol": 1e-14}).x
            error = float(np.abs(misses(found)).max())
            if error < nearest:
                nearest, best = error, make(found)
        except PriorError:  # the search ran off to where the family ends
            continue
        if error < SOLVED:
            break
    return best


def _exp(x: Any) -> Any:
    return np.exp(np.clip(x, -LARGEST_LOG, LARGEST_LOG))


def _ends(question: Question) -> Pairs:
    return question.quantiles[0], question.quantiles[-1]


FITS: dict[str, Fit] = {
    "uniform": fit_uniform,
    "normal": fit_normal,
    "truncated_normal": fit_truncated_normal,
    "lognormal": fit_lognormal,
    "log_uniform": fit_log_uniform,
    "beta": fit_beta,
    "gamma": fit_gamma,
    "triangular": fit_triangular,
    "pert": fit_pert,
    "logit_normal": fit_logit_normal,
}

MODES = ("triangular", "pert")
"""Families that have a mode to give."""

ENDS = ("uniform", "log_uniform", "triangular", "pert")
"""Families whose support follows from their quantiles, so that probability 0 or 1 may be given."""
