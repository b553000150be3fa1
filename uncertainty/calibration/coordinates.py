"""Coordinates: the normal scores that a fit moves, and how parameters follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from uncertainty.arrays import Array
from uncertainty.distributions.bounded import LogitNormal
from uncertainty.distributions.contract import Distribution
from uncertainty.distributions.line import LogNormal, Normal
from uncertainty.distributions.simplex import Dirichlet
from uncertainty.errors import SpaceError
from uncertainty.space import Space
from uncertainty.tabulate import KNOTS, REACH, table_of

#: How a quantile follows from its normal score.
TABLE, NORMAL, LOGNORMAL, LOGIT = range(4)
CLOSED: dict[type, int] = {Normal: NORMAL, LogNormal: LOGNORMAL, LogitNormal: LOGIT}


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Coordinates of the parameters that a fit moves, ordered by how their quantiles follow.

    Attributes
    ----------
    owners : tuple of str
        The parameter that each coordinate belongs to; a dirichlet has several.
    rows : (coordinate,)
        Its row among all coordinates of the space.
    kinds : (coordinate,)
        TABLE first, then NORMAL, LOGNORMAL, LOGIT.
    mix : (coordinate, coordinate)
        From independent scores to those joined by a copula.
    pieces : (4, tabled, cell)
        Cubic pieces of the tabled quantiles.
    centre, width : (coordinate,)
        mu and sigma of the closed forms.
    lower, span : (coordinate,)
        Support of a logit-normal.
    """

    owners: tuple[str, ...]
    rows: Array
    kinds: Array
    mix: Array
    pieces: Array
    centre: Array
    width: Array
    lower: Array
    span: Array

    @classmethod
    def of(cls, space: Space, names: Sequence[str]) -> Coordinates:
        """Coordinates of some parameters of a space; none of them a choice or fixed.

        What is correlated with one of them must be among them.
        """
        found = [
            (name, space.rows[name].start + i, part)
            for name in names
            for i, part in enumerate(parts(space.priors[name].distribution))
        ]
        found.sort(key=lambda item: CLOSED.get(type(item[2]), TABLE))
        owners = tuple(name for name, _, _ in found)
        rows = np.array([row for _, row, _ in found], dtype=int)
        each = [part for _, _, part in found]
        kinds = np.array([CLOSED.get(type(part), TABLE) for part in each], dtype=int)
        tabled = [pieces(n, p) for n, p, k in zip(owners, each, kinds, strict=True) if k == TABLE]
        return cls(
            owners,
            rows,
            kinds,
            mixing(space, owners, rows),
            np.stack(tabled, axis=1) if tabled else np.empty((4, 0, KNOTS - 1)),
            np.array([getattr(part, "mu", 0.0) for part in each]),
            np.array([getattr(part, "sigma", 1.0) for part in each]),
            *supports(each),
        )

    @property
    def size(self) -> int:
        """How many."""
        return len(self.owners)


def supports(each: Sequence[Distribution]) -> tuple[Array, Array]:
    """`lower` and `span` of each; 0 and 1 where the support is not used."""
    ends = [d.support if isinstance(d, LogitNormal) else (0.0, 1.0) for d in each]
    lower, upper = np.array(ends).reshape(-1, 2).T
    return lower, upper - lower


def parts(distribution: Distribution) -> Sequence[Distribution]:
    """The distribution of each coordinate: the sticks of a dirichlet, else itself."""
    return distribution.sticks if isinstance(distribution, Dirichlet) else [distribution]


def mixing(space: Space, owners: Sequence[str], rows: Array) -> Array:
    """The matrix `mix`."""
    mix = np.eye(len(owners))
    for copula in space.copulas:
        at = [owners.index(name) for name in copula.names if name in owners]
        if at:
            mix[np.ix_(at, at)] = copula.factor
    return mix


def pieces(name: str, distribution: Distribution) -> Array:
    """Cubic pieces (4, cell) of a quantile over normal scores, value = c0 + t (c1 + t (...)).

    Raises
    ------
    SpaceError
        For a shape that no table can hold.
    """
    table = table_of(distribution)
    if table is not None:
        return np.stack([table.c0, table.c1, table.c2, table.c3])
    z = np.linspace(-REACH, REACH, KNOTS)
    spline = CubicSpline(z, distribution.score(z))
    between = z[:-1] + 0.5 * (z[1] - z[0])
    off = np.abs(spline(between) - distribution.score(between)).max()
    if not off < 1e-4 * float(np.max(distribution.sd)):
        msg = (
            f"parameter {name!r}: a prior of this shape cannot be calibrated "
            f"({distribution.name} whose density is infinite at an end of its support)"
        )
        raise SpaceError(msg)
    powers = (z[1] - z[0]) ** np.arange(3, -1, -1)
    return np.asarray(spline.c * powers[:, None])[::-1].copy()
