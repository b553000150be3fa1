"""Expansion: Sobol' indices of sparse polynomials, with bounds for what these leave out.

With orthonormal terms the variance is the sum of squared coefficients, and an index the part of
it that belongs to some terms (Sudret 2008, doi:10.1016/j.ress.2007.04.002). An interval has two
sources. What the polynomial does not explain may belong to anything, so that an index lies
between its part alone and its part with all that is unexplained. What the coefficients miss
shows in the spread of fits that were each made without a part of the runs (jackknife).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from uncertainty.arrays import Array
from uncertainty.chaos.polynomials import CHARTS, Coordinate, Exponents, exponents, products
from uncertainty.chaos.pursuit import Held, Places, coefficients, held_out, path
from uncertainty.design import generator
from uncertainty.errors import DesignError, ModelError

Members = npt.NDArray[np.bool_]

#: Degrees that are tried, and how many worse ones in a row end the search.
DEGREES, PATIENCE = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20), 3
#: Norm of the hyperbolic truncation, and the most terms to choose from.
NORM, MOST_TERMS = 0.75, 3000
#: Parts that are held out in turn, and terms per sample that a fit may have.
PARTS, TERMS_PER_SAMPLE = 8, 0.6
#: Coordinates of an outcome that chart and degree are chosen on.
LOOKED_AT = 5
#: Streams of random numbers of a seed are named; this one cuts the samples in parts.
CUTS = 3
#: An outcome within rounding of a constant does not vary.
ROUNDING = 1e-12
#: Intervals reach at least this far: the nodes make polynomials orthonormal to about as much.
FLOOR = 1e-6
#: Probability of the intervals around the indices.
CONFIDENCE = 0.95


class Index(NamedTuple):
    """Indices (..., what) and the ends of their intervals (..., what, bound)."""

    value: Array
    bounds: Array


class Basis(NamedTuple):
    """Terms to choose from and their values: chart, degree, (term, coordinate), (term, sample)."""

    chart: str
    degree: int
    table: Exponents
    matrix: Array


@dataclass(frozen=True)
class Expansion:
    """The sparse polynomials of all cells of an outcome.

    Attributes
    ----------
    basis : Basis
    weights : (cell, term)
        Coefficients; zero for terms that a cell does not use.
    folded : (part, cell, term)
        Coefficients of the fits without one part of the samples.
    errors : (cell, sample)
        What each sample was missed by when it was held out.
    variance : (cell,)
        Of the runs; zero where an outcome does not vary. Outcomes are in units of the largest.
    """

    basis: Basis
    weights: Array
    folded: Array
    errors: Array
    variance: Array

    @property
    def left(self) -> Array:
        """Variance that the polynomials do not explain, (cell,), from held-out samples."""
        return np.mean(self.errors**2, axis=-1)

    @property
    def left_upper(self) -> Array:
        """Upper end of a one-sided 95% interval of it."""
        square = self.errors**2
        size = square.shape[-1]
        reach = stdtrit(size - 1, 0.95) / np.sqrt(size)
        return np.mean(square, axis=-1) + reach * square.std(axis=-1, ddof=1)

    @property
    def q2(self) -> Array:
        """Share of the variance of held-out samples that is predicted, (cell,)."""
        return 1.0 - divided(self.left, self.variance)

    def index(self, members: Members, together: bool = False) -> Index:
        """Indices of sets of terms, and their intervals.

        Parameters
        ----------
        members : (what, term) bool
            The terms whose squared coefficients make each index.
        together : bool
            One index for all cells, weighted by their variances.
        """
        used = members.astype(np.float64).T
        varied = self.basis.table.any(axis=-1)
        part, whole = self.weights**2 @ used, (self.weights**2)[:, varied].sum(axis=-1)
        parts, wholes = self.folded**2 @ used, (self.folded**2)[..., varied].sum(axis=-1)
        left = self.left_upper
        if together:
            part, whole, left = (x.sum(axis=0) for x in (part, whole, left))
            parts, wholes = parts.sum(axis=1), wholes.sum(axis=1)
        value = divided(part, whole[..., None])
        reach = spread(divided(parts, wholes[..., None]), value)
        low = divided(part, (whole + left)[..., None])
        high = divided(part + left[..., None], (whole + left)[..., None])
        return Index(value, ends(low - reach, high + reach))


def divided(part: Array, whole: Array) -> Array:
    """`part / whole`, NaN where the whole is zero."""
    out: Array = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out


def spread(parts: Array, value: Array) -> Array:
    """Half-width by Student's t of what each part left out changes, from (part, ...).

    Distances are from the index itself, not from the mean of the parts, which may all agree on
    something else.
    """
    count = len(parts)
    away = np.nan_to_num(parts) - np.nan_to_num(value)
    error = np.sqrt((count - 1) * np.mean(away**2, axis=0))
    reach = float(stdtrit(count - 1, 0.5 + CONFIDENCE / 2))
    return reach * np.asarray(error, dtype=np.float64) + FLOOR


def ends(low: Array, high: Array) -> Array:
    """Both ends of intervals, within [0, 1], where shares of variance lie."""
    return np.stack([np.maximum(low, 0.0), np.minimum(high, 1.0)], axis=-1)


def expand(
    seen: Sequence[Coordinate], u: Array, y: Array, degree: int | None, seed: int
) -> Expansion:
    """Fit the cells of one outcome.

    Parameters
    ----------
    seen : coordinates of the unit cube
    u : (coordinate, sample)
    y : (cell, sample)
        In any unit.
    degree : int, optional
        This one alone; chosen by held-out errors when left out.
    seed : int
        Of the cut in parts.
    """
    check_finite(y)
    size, peak = y.shape[-1], np.abs(y).max()
    y = y / (peak if peak > 0 else 1.0)
    order = generator(CUTS, seed=seed).permutation(size)
    parts: list[Places] = np.array_split(order, min(PARTS, size))
    centre, spread = y.mean(axis=-1), y.std(axis=-1)
    moving = spread > ROUNDING * np.abs(y).max(axis=-1)
    spread = np.where(moving, spread, 1.0)
    scaled = np.where(moving[:, None], (y - centre[:, None]) / spread[:, None], 0.0)
    basis = chosen(seen, ndtri(u), scaled[moving], degree, parts)
    cells = [fit(basis.matrix, row, parts) for row in scaled]
    return Expansion(
        basis,
        np.array([whole for whole, _, _ in cells]) * spread[:, None],
        np.stack([folds for _, folds, _ in cells], axis=1) * spread[:, None],
        np.array([errors for _, _, errors in cells]) * spread[:, None],
        np.where(moving, spread**2, 0.0),
    )


def check_finite(y: Array) -> None:
    """Raise `ModelError` for runs without numbers: there is nothing to fit."""
    failed = int(np.logical_not(np.isfinite(y)).any(axis=0).sum())
    if failed:
        msg = f"polynomial_chaos: {failed} of {y.shape[-1]} runs gave no finite numbers"
        raise ModelError(msg)


def fit(matrix: Array, y: Array, parts: Sequence[Places]) -> tuple[Array, Array, Array]:
    """Coefficients of one cell, those without each part, and held-out errors."""
    most = longest(len(matrix), len(y))
    held = held_out(matrix, y, parts, most)
    count = held.best
    found = path(matrix, y, most, matrix[:, :0])
    terms = found.upto(count, float(np.mean(held.errors[count] ** 2)))
    whole = coefficients(matrix, y, terms)
    folds = [without(matrix, y, part, held, i, count) for i, part in enumerate(parts)]
    return whole, np.array(folds), held.errors[count]


def without(matrix: Array, y: Array, part: Places, held: Held, number: int, count: int) -> Array:
    """Coefficients of the fit without one part of the samples."""
    rest = np.delete(np.arange(len(y)), part)
    return coefficients(matrix[:, rest], y[rest], held.paths[number].terms[: count + 1])


def longest(terms: int, size: int) -> int:
    """How many terms besides the constant a fit may have."""
    return max(0, min(terms - 1, int(TERMS_PER_SAMPLE * (size - -(-size // PARTS)))))


def chosen(
    seen: Sequence[Coordinate], z: Array, y: Array, degree: int | None, parts: Sequence[Places]
) -> Basis:
    """Chart and degree that predict held-out samples best, over a few cells of the outcome."""
    looked = (
        y[np.unique(np.linspace(0, len(y) - 1, LOOKED_AT).round().astype(int))] if len(y) else y
    )
    best, least = None, np.inf
    for chart in CHARTS if any(not one.plain for one in seen) else ("value",):
        misses = 0
        for basis in bases(seen, z, chart, DEGREES if degree is None else (degree,)):
            error = missed(basis.matrix, looked, parts)
            if error < least:
                best, least, misses = basis, error, 0
            else:
                misses += 1
            if misses == PATIENCE:
                break
    if best is None:
        msg = (
            f"polynomials of degree {degree or 1} in {len(seen)} coordinates have more than "
            f"{MOST_TERMS:,} terms; lower the degree, or use drivers with groups"
        )
        raise DesignError(msg)
    return best


def bases(
    seen: Sequence[Coordinate], z: Array, chart: str, degrees: Sequence[int]
) -> Iterator[Basis]:
    """Bases of one chart by rising degree, as long as they are small enough."""
    single = [one.polynomials(row, max(degrees), chart) for one, row in zip(seen, z, strict=True)]
    for degree in degrees:
        table = exponents(len(seen), degree, NORM, MOST_TERMS)
        if table is None:
            return
        yield Basis(chart, degree, table, products(single, table))


def missed(matrix: Array, y: Array, parts: Sequence[Places]) -> float:
    """Mean held-out error of some cells, each at its own best length."""
    most = longest(len(matrix), y.shape[-1])
    return sum(
        float(np.mean(held_out(matrix, row, parts, most).errors ** 2, axis=-1).min()) for row in y
    )
