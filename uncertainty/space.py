"""Space: named priors and their dependence; from the unit cube to labelled values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any, Self

import numpy as np
from scipy.special import ndtri

from uncertainty.arrays import Array
from uncertainty.copula import Copula
from uncertainty.errors import SpaceError
from uncertainty.names import listed, name_fault, suggestion
from uncertainty.prior import Prior
from uncertainty.tabulate import fast_ppf, fast_ppf_normal


@dataclass(frozen=True)
class Space:
    """Priors by name, independent unless rank correlations are given.

    Attributes
    ----------
    priors : {name: Prior}
    correlation : {(name, name): float}
        Spearman rank correlations, joined by a Gaussian copula. Pairs that are not listed are
        independent.

    Raises
    ------
    SpaceError
        If a name is unknown, a correlation is not within (-1, 1), a prior cannot be
        correlated (dirichlet, choice, fixed), or the matrix is not positive definite: the
        message names the pairs.

    Examples
    --------
    >>> normal, uniform = Prior("normal", mu=0, sigma=1), Prior("uniform", lower=0, upper=2)
    >>> Space({"a": normal, "b": uniform}).at(np.array([[0.5], [0.25]]))["b"]
    array([0.5])
    """

    priors: Mapping[str, Prior]
    correlation: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "priors", dict(self.priors))
        object.__setattr__(self, "correlation", dict(self.correlation))
        check_priors(self.priors)
        check_pairs(self.priors, self.correlation)
        self.copulas  # noqa: B018  (raises when the matrix is not positive definite)

    @classmethod
    def from_posterior(
        cls,
        result: Any,
        names: Sequence[str] | None = None,
        families: Mapping[str, str] | None = None,
        group: str = "posterior",
    ) -> Self:
        """Space whose marginals and rank correlations are those of draws.

        Parameters
        ----------
        result : xarray.DataTree, or an xarray.Dataset of draws
            With draws over (chain, draw) in `group`: a result, a tree of ArviZ, `read_draws`.
        names : sequence of str, optional
            Variables, or elements as ``theta[1]``. If not given, the parameters of the model of a
            result, every variable of any other tree.
        families : {name: family}, optional
            For single parameters; the others as `Prior.from_summary` chooses, within the support
            of the prior where the result tells it.
        group : str
            Group of the draws.

        Returns
        -------
        Space
            Elements of a vector are parameters of their own, ``theta[1]`` as ``theta_1``; the
            shares of a dirichlet stay one. Numbers of few distinct values become a choice with
            their shares, constants are fixed. Of the Spearman correlations those are kept that
            exceed 0.05 and three of their Monte Carlo errors. Warns of a poor fit, of dependence on
            a choice, which is lost, and of correlations that had to be moved.

        Raises
        ------
        SpaceError
            For draws that are missing, too few, or not finite.
        """
        from uncertainty.summaries.joint import joint

        made = joint(result, names, families, group)
        priors = {name: Prior(**arguments) for name, arguments in made.priors.items()}
        return cls(priors, made.correlation)

    @property
    def names(self) -> tuple[str, ...]:
        """Parameter names in order."""
        return tuple(self.priors)

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Names of the parameters that vary (those that are not fixed)."""
        return tuple(name for name, prior in self.priors.items() if prior.width)

    @property
    def width(self) -> int:
        """Coordinates of the unit cube: one a parameter, k - 1 for k shares, 0 if fixed."""
        return sum(prior.width for prior in self.priors.values())

    @cached_property
    def rows(self) -> dict[str, slice]:
        """Which coordinates of the cube belong to which parameter."""
        ends = list(accumulate(prior.width for prior in self.priors.values()))
        starts = [0, *ends[:-1]]
        return {n: slice(i, j) for n, i, j in zip(self.priors, starts, ends, strict=True)}

    @cached_property
    def copulas(self) -> tuple[Copula, ...]:
        """One Gaussian copula per cluster of correlated parameters."""
        return tuple(Copula.of(names, self.correlation) for names in self.clusters)

    @cached_property
    def clusters(self) -> tuple[tuple[str, ...], ...]:
        """Sets of parameters that hang together by correlation, in the order of the space."""
        root = {name: name for name in self.priors}

        def find(name: str) -> str:
            return name if root[name] == name else find(root[name])

        for one, two in self.correlation:
            root[find(one)] = find(two)
        tied = {name for pair in self.correlation for name in pair}
        groups: dict[str, list[str]] = {}
        for name in self.priors:
            if name in tied:
                groups.setdefault(find(name), []).append(name)
        return tuple(tuple(group) for group in groups.values())

    def at(self, u: Array) -> dict[str, Array]:
        """Parameter values at points of the unit cube.

        Parameters
        ----------
        u : (coordinate, sample)
            Strictly between 0 and 1, `width` rows.

        Returns
        -------
        {name: (sample,)}
            Read-only; (part, sample) for a dirichlet.
        """
        u = np.asarray(u, dtype=np.float64)
        if u.ndim != 2 or u.shape[0] != self.width:
            msg = f"space: u has shape {u.shape}, expected ({self.width}, sample)"
            raise SpaceError(msg)
        if not ((u > 0) & (u < 1)).all():
            msg = "space: every coordinate of u must lie strictly between 0 and 1"
            raise SpaceError(msg)
        scores = self._scores(u)
        values = {
            name: fast_ppf_normal(prior)(scores[name])
            if name in scores
            else drawn(prior, u[self.rows[name]])
            for name, prior in self.priors.items()
        }
        for value in values.values():
            value.flags.writeable = False
        return values

    def at_scores(self, z: Array) -> dict[str, Array]:
        """Parameter values at independent standard normal scores, {name: (sample,)}.

        ``z`` is (coordinate, sample). The same as ``at(Phi(z))``, and exact far in the tails.
        """
        joined = self._joined(z)
        found: dict[str, Array] = {}
        for name, prior in self.priors.items():
            if prior.width == 0:
                found[name] = np.full(z.shape[1], prior.mean)
                continue
            own = joined[name] if name in joined else z[self.rows[name]]
            found[name] = fast_ppf_normal(prior)(own if prior.size > 1 else own.reshape(-1))
        return found

    def _scores(self, u: Array) -> dict[str, Array]:
        """Dependent normal scores of the correlated parameters."""
        return self._joined(u, ndtri) if self.copulas else {}

    def _joined(self, points: Array, score: Callable[[Array], Array] = np.asarray) -> Any:
        """Dependent scores from points of the cube, or from independent scores as they are."""
        found: dict[str, Array] = {}
        for copula in self.copulas:
            rows = [self.rows[name].start for name in copula.names]
            found |= zip(copula.names, copula.factor @ score(points[rows]), strict=True)
        return found


def drawn(prior: Prior, u: Array) -> Array:
    """Values of one prior at its rows of the cube, (width, sample)."""
    if prior.width == 0:
        return np.full(u.shape[1], prior.mean)
    return fast_ppf(prior)(u if prior.size > 1 else u[0])


def check_priors(priors: Mapping[str, Prior]) -> None:
    """Raise `SpaceError` unless there is at least one prior and all are named priors."""
    if not priors:
        msg = "a space needs at least one prior, got none"
        raise SpaceError(msg)
    for name, prior in priors.items():
        if fault := name_fault(name):
            msg = f"parameter: {fault}"
            raise SpaceError(msg)
        if not isinstance(prior, Prior):
            msg = (
                f"space: {name!r} must be a Prior such as Prior('normal', mu=0, sigma=1), "
                f"got {type(prior).__name__}"
            )
            raise SpaceError(msg)
    if not any(prior.width for prior in priors.values()):
        msg = f"a space needs at least one uncertain parameter; {listed(priors)} are all fixed"
        raise SpaceError(msg)


def check_pairs(priors: Mapping[str, Prior], correlation: Mapping[tuple[str, str], float]) -> None:
    """Raise `SpaceError` for the pairs that cannot be; all faults in one message."""
    faults = [
        fault
        for pair, rho in correlation.items()
        if (fault := pair_fault(priors, correlation, pair, rho))
    ]
    if faults:
        raise SpaceError("; ".join(faults))


def pair_fault(
    priors: Mapping[str, Prior],
    correlation: Mapping[tuple[str, str], float],
    pair: tuple[str, str],
    rho: float,
) -> str | None:
    """What is wrong with one correlated pair, None if nothing is."""
    if not isinstance(pair, tuple) or len(pair) != 2:
        return f"correlation: each key is a pair of names, got {pair!r}"
    for name in pair:
        if name not in priors:
            return f"correlation: unknown parameter {name!r}{suggestion(name, priors)}"
        if priors[name].width != 1 or priors[name].family == "choice":
            return (
                f"correlation: {name!r} is a {priors[name].family}; "
                "only continuous scalar priors can be correlated"
            )
    if pair[0] == pair[1]:
        return f"correlation: {pair[0]!r} is paired with itself"
    if not -1 < rho < 1:
        return f"correlation of {pair}: must lie strictly between -1 and 1, got {rho}"
    if pair[::-1] in correlation and correlation[pair[::-1]] != rho:
        return f"correlation of {pair}: given twice, {rho} and {correlation[pair[::-1]]}"
    return None


def as_space(candidate: Space | Mapping[str, Prior]) -> Space:
    """A `Space` as it is; a mapping of priors as a space of independent parameters."""
    if isinstance(candidate, Space):
        return candidate
    if not isinstance(candidate, Mapping):
        msg = f"priors are a Space or a dictionary {{name: Prior}}, got {type(candidate).__name__}"
        raise SpaceError(msg)
    return Space(candidate)
