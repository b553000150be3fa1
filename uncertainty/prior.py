"""One uncertain number as plain data: what is believed of it, in which unit, and from where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.distributions.contract import Distribution, Value
from uncertainty.elicit import Elicited, ask_interval, ask_quantiles, fit
from uncertainty.errors import PriorError
from uncertainty.families import build, has_free_support

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable


@dataclass(frozen=True, init=False, repr=False)
class Prior:
    """An uncertain number, or a vector of shares, as a distribution with unit and sources.

    The same object gives quantiles for sampling, a log density and a PyMC variable.

    Parameters
    ----------
    family : str
        One of :data:`uncertainty.families.FAMILIES`; case and underscores do not matter.
    unit : str
        Unit of the value, "1" for a pure number.
    support : (float, float), optional
        Ends of a beta or logit-normal (default 0 and 1) or of a truncated normal. Every other
        family has the support that follows from its parameters and refuses a different one.
    label, group, reading : str
        What the number is, the set it belongs to, and how the source was read.
    sources : sequence
        Where it comes from: texts or mappings with title, url, quote, ...
    **parameters
        uniform(lower, upper), normal(mu, sigma), truncated_normal(mu, sigma, lower, upper),
        lognormal(mu, sigma), log_uniform(lower, upper), beta(alpha, beta), gamma(alpha, beta)
        with beta the rate, triangular(lower, c, upper) with c the mode, pert(lower, mode, upper),
        logit_normal(mu, sigma), dirichlet(a), choice(values, probabilities), fixed(value).

    Raises
    ------
    PriorError
        When no such distribution exists.

    Examples
    --------
    >>> Prior("beta", alpha=8, beta=5).describe()
    'beta(alpha=8, beta=5)'
    >>> Prior.from_interval(0.5, 0.75, family="uniform", mass=1.0).describe()
    'uniform(lower=0.5, upper=0.75)'
    """

    distribution: Distribution
    unit: str
    label: str
    group: str
    reading: str
    sources: tuple[Any, ...] = field(hash=False)
    elicited: Elicited | None = field(compare=False)

    def __init__(
        self,
        family: str,
        *,
        unit: str = "1",
        support: Sequence[float] | None = None,
        label: str = "",
        group: str = "",
        reading: str = "",
        sources: Sequence[Any] = (),
        **parameters: float | Sequence[float],
    ) -> None:
        settled = {
            "distribution": build(family, parameters, support),
            "unit": unit,
            "label": label,
            "group": group,
            "reading": reading,
            "sources": (sources,) if isinstance(sources, str | Mapping) else tuple(sources),
            "elicited": None,
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_interval(
        cls,
        lower: float,
        upper: float,
        *,
        mass: float = 0.90,
        family: str,
        support: Sequence[float] | None = None,
        mode: float | None = None,
        unit: str = "1",
        label: str = "",
        group: str = "",
        reading: str = "",
        sources: Sequence[Any] = (),
    ) -> Self:
        """Prior whose central interval with equal tails is the given one.

        Parameters
        ----------
        lower, upper : float
            Ends of the interval; each tail beyond them holds (1 - mass) / 2.
        mass : float
            Probability of the interval, above 0 and at most 1. A mass of 1 gives the bounds of
            a uniform, log_uniform, triangular or pert themselves.
        family : str
            Any family but dirichlet, choice and fixed.
        support : (float, float), optional
            As for the prior itself; a truncated_normal needs it.
        mode : float, optional
            Most likely value of a triangular or pert; the middle of the interval if not given.
        unit, label, group, reading, sources
            As for the prior itself.

        Raises
        ------
        PriorError
            When the interval makes no sense or no member of the family has it.
        """
        asked = ask_interval(lower, upper, mass, mode)
        kept = {"unit": unit, "label": label, "group": group, "reading": reading}
        return cls._elicit(asked, family, support, sources=sources, **kept)

    @classmethod
    def from_quantiles(
        cls,
        quantiles: Mapping[float, float],
        *,
        family: str,
        support: Sequence[float] | None = None,
        mode: float | None = None,
        unit: str = "1",
        label: str = "",
        group: str = "",
        reading: str = "",
        sources: Sequence[Any] = (),
    ) -> Self:
        """Prior that has the given quantiles, ``{probability: value}``, two of them or more.

        Two fix a family of two parameters. Triangular and pert have a third: give three
        quantiles, or ``mode``; else the mode is midway between the outer two. More quantiles
        than a family has parameters must all be reproduced.

        Raises
        ------
        PriorError
            When the quantiles make no sense or no member of the family has them.
        """
        asked = ask_quantiles(quantiles, mode)
        kept = {"unit": unit, "label": label, "group": group, "reading": reading}
        return cls._elicit(asked, family, support, sources=sources, **kept)

    @classmethod
    def from_summary(
        cls,
        row: Any,
        family: str | None = None,
        unit: str | None = None,
        support: Sequence[float] | None = None,
    ) -> Self:
        """Prior from a row of a posterior summary, so that one posterior is the next one's prior.

        Parameters
        ----------
        row : pandas.Series, mapping, or a frame of one row
            With columns as in the table of `posterior_summary`: quantiles (q05, q25, ...), or mean
            and sd, or all of these. Quantiles decide where there are three or more.
        family : str, optional
            Family to fit. If not given, the one with the smallest largest error in units of the
            sd; among those within the Monte Carlo error of the row the simplest that stays on the
            side of 0 where the figures lie.
        unit : str, optional
            Unit of the prior, into which the figures are converted; the row's own if not given.
        support : (float, float), optional
            Where the number can lie, if that is known.

        Returns
        -------
        Prior
            An sd of 0 gives a fixed number. ``reading`` tells how well it fits, ``sources`` where
            the row comes from. Warns of a poor fit.

        Raises
        ------
        PriorError
            For figures that are missing, not finite, out of order or at odds with each other, and
            where the family has no such member.

        Examples
        --------
        >>> Prior.from_summary({"mean": 5.0, "sd": 0.5, "q05": 4.178, "q95": 5.822}).describe()
        'normal(mu=5, sigma=0.499781)'
        """
        from uncertainty.summaries.inherited import prior_arguments

        return cls(**prior_arguments(row, family, unit, support))

    @classmethod
    def _elicit(
        cls,
        asked: Elicited,
        family: str,
        support: Sequence[float] | None,
        *,
        sources: Sequence[Any],
        **kept: str,
    ) -> Self:
        parameters = fit(asked, family, support)
        prior = cls(family, support=support, sources=sources, **kept, **parameters)  # type: ignore[arg-type]
        object.__setattr__(prior, "elicited", asked)
        return prior

    @property
    def family(self) -> str:
        """Name of the family."""
        return self.distribution.name

    @property
    def parameters(self) -> Mapping[str, Value]:
        """Parameters by name, read-only; without the support of a beta or logit-normal."""
        return MappingProxyType(self.distribution.parameters)

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest value, in the prior's unit."""
        return self.distribution.support

    @property
    def width(self) -> int:
        """How many coordinates of the unit cube a draw takes: 1; k-1 for k shares; 0 if fixed."""
        return self.distribution.width

    @property
    def size(self) -> int:
        """How many numbers a draw gives: 1, or k for k shares."""
        return self.distribution.size

    @property
    def mean(self) -> float | Array:
        """Mean, in the prior's unit; (k,) for k shares."""
        return self.distribution.mean

    @property
    def sd(self) -> float | Array:
        """Standard deviation, in the prior's unit; (k,) for k shares."""
        return self.distribution.sd

    def ppf(self, u: npt.ArrayLike) -> Array:
        """Quantile function.

        Parameters
        ----------
        u : any shape; (k-1, ...) for k shares
            Probabilities, 0 to 1; 0 and 1 give the ends of the support.

        Returns
        -------
        shape of ``u``; (k, ...) for k shares
            Values in the prior's unit.

        Raises
        ------
        PriorError
            For a probability outside [0, 1] or not a number.
        """
        x = self.distribution.ppf(probabilities(u))
        if np.isnan(x).any():
            raise PriorError(f"{self.describe()}: a quantile is beyond floating point")
        return x[()]

    def cdf(self, x: npt.ArrayLike) -> Array:
        """Probability of ``x`` or less, in the shape of ``x``; not for dirichlet."""
        return self.distribution.cdf(_values(x))[()]

    def logpdf(self, x: npt.ArrayLike) -> Array:
        """Log density (log probability for choice and fixed) at ``x``; -inf off the support.

        ``x`` has any shape; for k shares it is (k, ...) and the answer (...).
        """
        return self.distribution.logpdf(_values(x))[()]

    def interval(self, mass: float = 0.90) -> tuple[float, float] | tuple[Array, Array]:
        """Ends of the central interval with equal tails; for k shares each end is (k,)."""
        if not 0 < mass <= 1:
            raise PriorError(f"interval: mass must be above 0 and at most 1; found {mass!r}")
        return self.distribution.ends(mass)

    def to_pymc(self, name: str) -> TensorVariable[Any, Any]:
        """The same distribution as a variable of that name in the current PyMC model.

        A choice is a Deterministic over the Categorical ``<name>_index``, a fixed number a
        Deterministic constant.
        """
        from uncertainty.distributions.pymc_forms import variable

        made: TensorVariable[Any, Any] = variable(name, self.distribution)
        return made

    def describe(self) -> str:
        """Short text such as ``beta(alpha=8, beta=5) on [0.4, 0.9]``."""
        inner = ", ".join(f"{name}={_short(value)}" for name, value in self.parameters.items())
        moved = "support" in vars(self.distribution) and self.support != (0.0, 1.0)
        place = f" on [{self.support[0]:g}, {self.support[1]:g}]" if moved else ""
        return f"{self.family}({inner}){place}"

    def spec(self) -> dict[str, Any]:
        """The arguments that make the same distribution again: ``Prior(**prior.spec())``.

        Examples
        --------
        >>> Prior("beta", alpha=8, beta=5).spec()
        {'family': 'beta', 'alpha': 8.0, 'beta': 5.0, 'support': (0.0, 1.0), 'unit': '1'}
        """
        free = {"support": self.support} if has_free_support(self.family) else {}
        return {"family": self.family, **self.parameters, **free, "unit": self.unit}

    def __repr__(self) -> str:
        return f"Prior({self.describe()}, unit={self.unit!r})"


def probabilities(u: npt.ArrayLike) -> Array:
    """``u`` as an array whose values all lie in [0, 1].

    Raises
    ------
    PriorError
        When one does not, or is not a number.
    """
    array = np.asarray(u, dtype=np.float64)
    # A comparison with NaN is false, so this catches it too.
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        wrong = array[~((array >= 0) & (array <= 1))]
        raise PriorError(f"probabilities must lie in [0, 1]; found {wrong.flat[0]!r}")
    return array


def _values(x: npt.ArrayLike) -> Array:
    array = np.asarray(x, dtype=np.float64)
    if np.isnan(array).any():
        raise PriorError(f"values must be numbers; found {np.isnan(array).sum()} NaN")
    return array


def _short(value: Value) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(f"{item:.6g}" for item in value) + "]"
    return f"{value:.6g}"
