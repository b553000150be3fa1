"""Quantile functions at a few nanoseconds a value: a table in the normal score, checked when built.

The inverse incomplete beta and gamma functions cost 300 to 1,000 ns a value, more than a whole
model. As a function of the normal score z = Phi^-1(u) the quantile is smooth, so cubic pieces
with exact slopes follow it closely.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import (
    betainccinv,
    betaincinv,
    gammainccinv,
    gammaincinv,
    ndtr,
    ndtri,
)

from uncertainty.arrays import Array
from uncertainty.distributions.bounded import Beta, Pert
from uncertainty.distributions.contract import LOG_ROOT_TWO_PI, Distribution
from uncertainty.distributions.line import Gamma
from uncertainty.distributions.simplex import Dirichlet
from uncertainty.errors import PriorError
from uncertainty.prior import Prior, probabilities

KNOTS = 2049
REACH = 7.03
"""Normal score of the last knot; 1e-12 lies beyond it. Scores further out go the exact way."""

ERROR = 1e-9
"""Largest error of a table in units of the standard deviation."""

RELATIVE_ERROR = 1e-7
"""Largest error of a table as a share of the distance from a finite end of the support, so that a
logarithm or a reciprocal of the value stays true as well."""

Quantile = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class Table:
    """Cubic pieces over normal scores: value = c0 + t (c1 + t (c2 + t c3)) with t in [0, 1]."""

    c0: Array
    c1: Array
    c2: Array
    c3: Array
    exact: Quantile
    """What answers beyond the table, as a function of the normal score."""

    def __call__(self, z: Array) -> Array:
        """Value at normal scores of any shape."""
        flat = z.reshape(-1)
        within = flat.size == 0 or (flat.min() >= -REACH and flat.max() <= REACH)
        x = self._inside(flat if within else np.clip(flat, -REACH, REACH))
        if not within:
            far = np.abs(flat) > REACH
            x[far] = self.exact(flat[far])
        return x.reshape(z.shape)

    def _inside(self, z: Array) -> Array:
        place = (z + REACH) * ((KNOTS - 1) / (2 * REACH))
        cell = place.astype(np.intp)
        # The last knot itself belongs to the last cell, at t = 1.
        np.minimum(cell, KNOTS - 2, out=cell)
        t = place - cell
        x = np.take(self.c3, cell)
        for coefficient in (self.c2, self.c1, self.c0):
            x *= t
            x += np.take(coefficient, cell)
        return x


def fast_ppf(prior: Prior) -> Quantile:
    """Quantile function of a prior that is cheap for many values.

    Equal to ``prior.ppf`` within ``ERROR`` standard deviations whatever the number of values;
    families with a cheap closed form, and shapes that no table holds, get the exact one.

    Parameters
    ----------
    prior : Prior

    Returns
    -------
    function of u, any shape ((k-1, ...) for k shares), to values
        It raises ``PriorError`` for probabilities outside [0, 1].

    Examples
    --------
    >>> prior = Prior("beta", alpha=8, beta=5)
    >>> u = np.array([0.05, 0.5, 0.95])
    >>> bool(np.allclose(fast_ppf(prior)(u), prior.ppf(u), rtol=1e-9))
    True
    """
    quantile = _by_probability(prior.distribution)
    return lambda u: quantile(probabilities(u))


def fast_ppf_normal(prior: Prior) -> Quantile:
    """As :func:`fast_ppf`, but of the normal score z = Phi^-1(u), as a Gaussian copula has it.

    The function raises ``PriorError`` for scores that are not numbers.
    """
    quantile = _by_score(prior.distribution)
    return lambda z: quantile(_scores(z))


def _scores(z: Array) -> Array:
    if np.isnan(z).any():
        raise PriorError(f"normal scores must be numbers; found {np.isnan(z).sum()} NaN")
    return z


def _by_probability(distribution: Distribution) -> Quantile:
    if isinstance(distribution, Dirichlet):
        sticks = [_by_probability(stick) for stick in distribution.sticks]
        return lambda u: distribution.broken(u, sticks)
    table = table_of(distribution)
    if table is None:
        return distribution.ppf
    return lambda u: table(ndtri(u))


def _by_score(distribution: Distribution) -> Quantile:
    if isinstance(distribution, Dirichlet):
        sticks = [_by_score(stick) for stick in distribution.sticks]
        return lambda z: distribution.broken(z, sticks)
    return table_of(distribution) or distribution.score


@lru_cache(maxsize=256)
def table_of(distribution: Distribution) -> Table | None:
    """The table of a distribution, or None where there is none or it is not close enough.

    Kept by the distribution's value, apart from the prior, so a pickled prior does not carry it.
    """
    if isinstance(distribution, Pert):
        return table_of(distribution.scaled_beta)
    make = STANDARDS.get(type(distribution))
    return None if make is None else _checked(make(distribution), distribution.score)


@dataclass(frozen=True)
class Standard:
    """A distribution in its plain form, which is moved and scaled to the one wanted.

    The table is built on the plain form: near an end of a moved support the distance from that
    end would have lost its digits.
    """

    plain: Beta | Gamma
    below: Quantile
    """Value that has the given probability below it."""
    above: Quantile
    """Value that has the given probability above it."""
    start: float
    scale: float

    def score(self, z: Array) -> Array:
        """Value at the normal score, by the tail whose probability is small and so exact."""
        x = np.empty_like(z)
        left = z <= 0
        x[left] = self.below(ndtr(z[left]))
        x[~left] = self.above(ndtr(-z[~left]))
        return x


def _beta(d: Beta) -> Standard:
    return Standard(
        Beta(d.alpha, d.beta),
        below=lambda p: betaincinv(d.alpha, d.beta, p),
        above=lambda p: betainccinv(d.alpha, d.beta, p),
        start=d.support[0],
        scale=d.scale,
    )


def _gamma(d: Gamma) -> Standard:
    return Standard(
        Gamma(d.alpha, 1.0),
        below=lambda p: gammaincinv(d.alpha, p),
        above=lambda p: gammainccinv(d.alpha, p),
        start=0.0,
        scale=1 / d.beta,
    )


STANDARDS: dict[type, Callable[..., Standard]] = {Beta: _beta, Gamma: _gamma}
"""Families that gain from a table."""


def _checked(standard: Standard, exact: Quantile) -> Table | None:
    """A table, if it is close to the exact quantiles midway between knots, where it errs most."""
    z = np.linspace(-REACH, REACH, KNOTS)
    x = standard.score(z)
    with np.errstate(all="ignore"):
        slope = np.exp(-0.5 * z * z - LOG_ROOT_TWO_PI - standard.plain.logpdf(x))
    if not np.isfinite(slope).all():
        return None
    step = z[1] - z[0]
    plain = _pieces(x, slope * step, standard.score)
    between = z[:-1] + step / 2
    if not _close(standard, plain(between), standard.score(between)):
        return None
    scale, start = standard.scale, standard.start
    return Table(
        start + scale * plain.c0,
        scale * plain.c1,
        scale * plain.c2,
        scale * plain.c3,
        exact,
    )


def _close(standard: Standard, got: Array, wanted: Array) -> bool:
    """Whether errors are small against the sd and against the distance from the support's ends."""
    lower, upper = standard.plain.support
    room = np.minimum(wanted - lower, upper - wanted)
    allowed = np.minimum(ERROR * standard.plain.sd, RELATIVE_ERROR * room)
    return bool(np.all(np.abs(got - wanted) <= allowed))


def _pieces(x: Array, rise: Array, exact: Quantile) -> Table:
    """Cubic Hermite pieces through ``x`` with the slopes ``rise`` per cell."""
    first, last, climb = rise[:-1], rise[1:], np.diff(x)
    c2, c3 = 3 * climb - 2 * first - last, first + last - 2 * climb
    return Table(x[:-1].copy(), first.copy(), c2, c3, exact)
