"""Surrogate: a polynomial of the unit cube whose parts of variance are known exactly.

It serves as a control variate: indices are estimated for the model and, on the same points, for
the surrogate; what the second estimate is off by is taken from the first. That removes most of
the noise where the polynomial is good and changes nothing in the mean, however bad it is, since it
was fitted on other points (Qian, Peherstorfer, O'Malley, Vesselinov and Willcox 2018,
doi:10.1137/17M1151006, with another model where a polynomial stands here).

A row of the cube has Legendre polynomials, or Hermite polynomials of its normal score; either way
they are orthonormal, so that the squares of the coefficients are the parts of the variance
(Sudret 2008, doi:10.1016/j.ress.2007.04.002).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations, product
from math import factorial

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.tally import Indices

#: (row of the cube, degree) for each factor.
Term = tuple[tuple[int, int], ...]
#: Values of the polynomials of a row, (degree, sample), from degree 0 on.
Factors = Mapping[int, Array]

#: Functions of a single row of Legendre polynomials, and where the kink stands among them.
DEGREE, KINK = 11, 3
#: Highest degree of a factor of a pair, highest sum of both, rows that may form pairs.
PAIR, PAIR_SUM, PAIR_ROWS = 6, 9, 12
#: The same of triples.
TRIPLE, TRIPLE_SUM, TRIPLE_ROWS = 3, 9, 6
#: Highest degree of a term with Hermite polynomials, from so many points on: high ones are wild in
#: the tails, where few points or none were seen.
TAMED = {0: 3, 1024: 4}
#: A coefficient counts from so many standard errors on.
SIGNIFICANT = 3.5
#: Points per term, at least; terms, at most; rounds of choosing.
POINTS_PER_TERM, MOST_TERMS, ROUNDS = 6, 160, 4
#: What is left to explain below this share of the spread is rounding.
NEGLIGIBLE = 1e-6
#: Keeps the equations solvable where terms coincide, as on a parameter of few values.
RIDGE = 1e-10


def legendre(u: Array, degree: int) -> Array:
    """Orthonormal functions on (0, 1), (degree + 1, sample): Legendre polynomials and a kink.

    The kink |2 u - 1| stands behind the polynomials of degree 2 and is made orthonormal to those
    before it, as those after it are to it: models with an absolute value or a maximum are common.
    """
    whole = max(degree, KINK)
    return (mixing(whole) @ with_kink(2 * u - 1, whole))[: degree + 1]


def with_kink(t: Array, degree: int) -> Array:
    """Legendre polynomials on (-1, 1) with |t| among them, (degree + 1, sample)."""
    return np.insert(np.polynomial.legendre.legvander(t, degree - 1).T, KINK, np.abs(t), axis=0)


@cache
def mixing(degree: int) -> Array:
    """What makes Legendre polynomials with a kink among them orthonormal, lower triangular."""
    nodes, weights = np.polynomial.legendre.leggauss(degree + 2)
    halves = np.concatenate([0.5 * (nodes - 1), 0.5 * (nodes + 1)])
    rows = with_kink(halves, degree)
    gram = (rows * np.tile(0.25 * weights, 2)) @ rows.T
    return np.linalg.inv(np.linalg.cholesky(gram))


def hermite(u: Array, degree: int) -> Array:
    """Orthonormal Hermite polynomials of the normal score, (degree + 1, sample)."""
    from scipy.special import ndtri

    values = np.polynomial.hermite_e.hermevander(ndtri(u), degree).T
    return values / np.sqrt([float(factorial(k)) for k in range(degree + 1)])[:, None]


BASES: Mapping[str, Callable[[Array, int], Array]] = {"legendre": legendre, "hermite": hermite}


@dataclass(frozen=True)
class Surrogate:
    """A polynomial for each cell of each outcome.

    Attributes
    ----------
    kinds : (row,) names of BASES
    terms : tuple of Term
    means : {outcome: (...)}
    weights : {outcome: (..., term)}
    """

    kinds: tuple[str, ...]
    terms: tuple[Term, ...]
    means: Mapping[str, Array]
    weights: Mapping[str, Array]

    def factors(self, u: Array) -> dict[int, Array]:
        """Polynomials of each row that a term needs, at points (row, sample)."""
        return {row: BASES[self.kinds[row]](u[row], high) for row, high in heights(self.terms)}

    @cached_property
    def touching(self) -> dict[int, list[int]]:
        """Numbers of the terms that each row is in."""
        found: dict[int, list[int]] = {}
        for number, term in enumerate(self.terms):
            for row in of(term):
                found.setdefault(row, []).append(number)
        return found

    def at(self, factors: Factors) -> dict[str, Array]:
        """Values at points, {outcome: (..., sample)}."""
        basis = matrix(self.terms, factors)
        return {name: self.means[name][..., None] + w @ basis for name, w in self.weights.items()}

    def step(self, a: Factors, b: Factors, rows: frozenset[int]) -> dict[str, Array]:
        """What changes when some rows are taken from B instead of A, {outcome: (..., sample)}."""
        touched = sorted({i for row in rows for i in self.touching.get(row, ())})
        mixed = {row: b[row] if row in rows else a[row] for row in a}
        chosen = [self.terms[i] for i in touched]
        size = next(iter(a.values())).shape[-1] if a else 1
        if not touched:
            return {n: np.zeros((*w.shape[:-1], size)) for n, w in self.weights.items()}
        change = matrix(chosen, mixed) - matrix(chosen, a)
        return {name: w[..., touched] @ change for name, w in self.weights.items()}

    def indices(self, name: str, groups: Sequence[frozenset[int]]) -> Indices:
        """Exact variance and its parts for groups of rows."""
        parts = self.weights[name] ** 2
        rows = [frozenset(of(term)) for term in self.terms]
        within = np.array([[r <= g for r in rows] for g in groups], dtype=float)
        touching = np.array([[not r.isdisjoint(g) for r in rows] for g in groups], dtype=float)
        shape = (len(groups), len(rows))
        return Indices(
            parts.sum(axis=-1), parts @ within.reshape(shape).T, parts @ touching.reshape(shape).T
        )

    def masked(self, keep: Mapping[str, npt.NDArray[np.bool_]]) -> Surrogate:
        """Zero in the cells that are not kept."""
        return Surrogate(
            self.kinds,
            self.terms,
            {name: np.where(keep[name], m, 0.0) for name, m in self.means.items()},
            {name: np.where(keep[name][..., None], w, 0.0) for name, w in self.weights.items()},
        )


def of(term: Term) -> tuple[int, ...]:
    """The rows of a term."""
    return tuple(row for row, _ in term)


def heights(terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Each row that occurs with its highest degree."""
    found: dict[int, int] = {}
    for term in terms:
        for row, degree in term:
            found[row] = max(degree, found.get(row, 0))
    return sorted(found.items())


def matrix(terms: Sequence[Term], factors: Factors) -> Array:
    """Values of the terms, (term, sample)."""
    size = next(iter(factors.values())).shape[-1] if factors else 1
    out = np.empty((len(terms), size))
    for line, ((row, degree), *rest) in zip(out, terms, strict=True):
        line[:] = factors[row][degree]
        for other, power in rest:
            line *= factors[other][power]
    return out


def fit(u: Array, outcomes: Mapping[str, Array], kinds: tuple[str, ...]) -> Surrogate:
    """A sparse polynomial by least squares.

    Terms are taken in by the size of their projection on what is left to explain, in a few
    rounds; all coefficients are fitted anew in each.

    Parameters
    ----------
    u : (row, sample)
    outcomes : {name: (..., sample)}
    kinds : (row,)
    """
    y = np.concatenate([values.reshape(-1, values.shape[-1]) for values in outcomes.values()])
    mean, scale = y.mean(axis=-1, keepdims=True), y.std(axis=-1, keepdims=True)
    target = (y - mean) / np.where(scale > 0, scale, 1.0)
    terms, weights = chosen(u, target, kinds)
    full = np.concatenate([mean + scale * weights[:, :1], scale * weights[:, 1:]], axis=-1)
    means, found, start = {}, {}, 0
    for name, values in outcomes.items():
        shape = values.shape[:-1]
        part = full[start : start + int(np.prod(shape, dtype=int))]
        means[name] = part[:, 0].reshape(shape)
        found[name] = part[:, 1:].reshape(*shape, len(terms))
        start += len(part)
    return Surrogate(kinds, tuple(terms), means, found)


def chosen(u: Array, target: Array, kinds: tuple[str, ...]) -> tuple[list[Term], Array]:
    """Terms, and coefficients (cell, 1 + term) with the constant first."""
    size = u.shape[-1]
    tamed = max(degree for points, degree in TAMED.items() if points <= size)
    degrees = {"legendre": DEGREE, "hermite": tamed}
    factors = {row: BASES[kind](u[row], degrees[kind]) for row, kind in enumerate(kinds)}
    singles: list[Term] = [((row, k),) for row, f in factors.items() for k in range(1, len(f))]
    terms: list[Term] = []
    weights, left = np.zeros((len(target), 1)), target
    candidates = singles
    basis = matrix(candidates, factors)
    for number in range(ROUNDS):
        if number == 1:
            candidates = [*singles, *mixed_terms(ranked(singles, basis, target), kinds, tamed)]
            basis = matrix(candidates, factors)
        fresh = significant(basis, left, candidates, terms, room(size) - len(terms))
        if number and not fresh:
            break
        terms += fresh
        weights, left = least_squares(matrix(terms, factors), target)
    return terms, weights


def room(size: int) -> int:
    """How many terms so many points can bear."""
    return min(MOST_TERMS, size // POINTS_PER_TERM)


def significant(
    basis: Array, left: Array, candidates: Sequence[Term], known: Sequence[Term], most: int
) -> list[Term]:
    """New terms whose projection on what is left stands out of its noise, the largest first."""
    spread = left.std(axis=-1, keepdims=True)
    size = left.shape[-1]
    score = np.abs(left @ basis.T) / size
    noise = SIGNIFICANT * np.where(spread > NEGLIGIBLE, spread, np.inf) / np.sqrt(size)
    stands = (score > noise).any(axis=0)
    order = np.argsort(-(score**2).sum(axis=0), kind="stable")
    old = set(known)
    return [candidates[i] for i in order if stands[i] and candidates[i] not in old][: max(0, most)]


def least_squares(basis: Array, target: Array) -> tuple[Array, Array]:
    """Coefficients (cell, 1 + term) and residuals (cell, sample)."""
    rows = np.vstack([np.ones((1, target.shape[-1])), basis])
    gram = rows @ rows.T
    gram.flat[:: len(gram) + 1] *= 1 + RIDGE
    weights = np.linalg.solve(gram, rows @ target.T).T
    return weights, target - weights @ rows


def ranked(singles: Sequence[Term], basis: Array, target: Array) -> list[int]:
    """Rows in falling order of what their polynomials explain alone."""
    energy = ((target @ basis.T) ** 2).sum(axis=0)
    total: dict[int, float] = {}
    for term, part in zip(singles, energy, strict=True):
        row = term[0][0]
        total[row] = total.get(row, 0.0) + float(part)
    return sorted(total, key=lambda row: -total[row])


def mixed_terms(rows: Sequence[int], kinds: Sequence[str], tamed: int) -> list[Term]:
    """Pairs and triples of the foremost rows."""
    found: list[Term] = []
    for order, foremost, highest, most in (
        (2, PAIR_ROWS, PAIR, PAIR_SUM),
        (3, TRIPLE_ROWS, TRIPLE, TRIPLE_SUM),
    ):
        for some in combinations(sorted(rows[:foremost]), order):
            limit = tamed if any(kinds[row] == "hermite" for row in some) else most
            found += [
                tuple(zip(some, degrees, strict=True))
                for degrees in product(range(1, highest + 1), repeat=order)
                if sum(degrees) <= limit
            ]
    return found
