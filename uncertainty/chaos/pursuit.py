"""Pursuit: a sparse least-squares fit, its length chosen by held-out errors.

Terms come in one after the other, each time the one most correlated with what is left
(orthogonal matching pursuit; Pati, Rezaiifar and Krishnaprasad 1993,
doi:10.1109/ACSSC.1993.342465). The errors that a fit is judged by are those at points left out
of the *whole* of it, choice of terms included: the usual leave-one-out formula with the terms
held fixed takes a choice among hundreds of terms for knowledge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array

#: A column that keeps less than this share of its length is a sum of earlier ones.
INDEPENDENT = 1e-4
#: Correlation with what is left below which nothing is left to explain.
NOTHING = 1e-14

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Path:
    """Terms in the order in which they came in.

    Attributes
    ----------
    terms : list of int
        Rows of the matrix; the first is the constant.
    tested : (term, test sample)
        Predictions at held-out points after each term.
    left : (term,)
        Mean square of what is left after each term.
    """

    terms: list[int]
    tested: Array
    left: Array

    def upto(self, count: int, error: float) -> list[int]:
        """The first `count` terms besides the constant, and more while more than `error` is left.

        Paths without some samples may have found in fewer steps what this one finds in more.
        """
        enough = np.flatnonzero(self.left[count:] <= error)
        return self.terms[: count + 1 + (int(enough[0]) if len(enough) else 0)]


def path(matrix: Array, y: Array, most: int, test: Array) -> Path:
    """Let up to `most` terms in besides the constant.

    Parameters
    ----------
    matrix : (term, sample)        the first row is all ones
    y : (sample,)
    most : int
    test : (term, test sample)     the same terms at held-out points, of which there may be none
    """
    lengths = np.sqrt(np.vecdot(matrix, matrix))
    base, away = np.empty((most + 1, len(y))), np.empty((most + 1, test.shape[-1]))
    base[0], away[0] = len(y) ** -0.5, len(y) ** -0.5
    left, guess = y - y.mean(), np.full(test.shape[-1], y.mean())
    terms, tested, squares = [0], [guess], [left @ left]
    weights = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    weights[0] = 0.0
    while len(terms) <= most:
        pull = np.abs(matrix @ left) * weights
        best = int(pull.argmax())
        if pull[best] <= NOTHING * np.sqrt(squares[0]):
            break
        weights[best], count = 0.0, len(terms)
        column, beside = orthogonal(matrix[best], test[best], base[:count], away[:count])
        length = np.sqrt(column @ column)
        if length < INDEPENDENT * lengths[best]:
            continue
        base[count], away[count] = column / length, beside / length
        share = base[count] @ left
        left, guess = left - share * base[count], guess + share * away[count]
        terms.append(best)
        tested.append(guess)
        squares.append(left @ left)
    return Path(terms, np.array(tested), np.array(squares) / len(y))


def orthogonal(column: Array, beside: Array, base: Array, away: Array) -> tuple[Array, Array]:
    """A column without its part along `base`, and the same combination at held-out points."""
    for _ in range(2):
        part = base @ column
        column, beside = column - part @ base, beside - part @ away
    return column, beside


@dataclass(frozen=True)
class Held:
    """Paths that were each fitted without one part of the samples.

    Attributes
    ----------
    paths : list of Path
    errors : (term, sample)
        What each held-out sample was missed by, after each number of terms.
    """

    paths: list[Path]
    errors: Array

    @property
    def best(self) -> int:
        """How many terms besides the constant predict held-out samples best."""
        return int(np.mean(self.errors**2, axis=-1).argmin())


def held_out(matrix: Array, y: Array, parts: Sequence[Places], most: int) -> Held:
    """Fit without each part in turn."""
    errors = np.empty((most + 1, len(y)))
    paths = []
    for part in parts:
        rest = np.delete(np.arange(len(y)), part)
        found = path(np.ascontiguousarray(matrix[:, rest]), y[rest], most, matrix[:, part])
        count = len(found.tested)
        errors[:count, part] = y[part] - found.tested
        errors[count:, part] = errors[count - 1, part]
        paths.append(found)
    return Held(paths, errors)


def coefficients(matrix: Array, y: Array, terms: Sequence[int]) -> Array:
    """Least squares on some terms, (term,) with zeros elsewhere."""
    found = np.zeros(len(matrix))
    found[list(terms)] = np.linalg.lstsq(matrix[list(terms)].T, y, rcond=None)[0]
    return found
