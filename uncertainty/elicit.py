"""From what an expert says (an interval, quantiles, a mode) to a family's parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Any

import numpy as np

from uncertainty.distributions.contract import Distribution
from uncertainty.errors import PriorError
from uncertainty.families import (
    build,
    families_on,
    family_named,
    has_free_support,
    read_support,
)
from uncertainty.fits import ENDS, FITS, MODES, Question

TOLERANCE = 1e-6
"""Largest error of a reproduced quantile, as a share of the distance of the outer two."""


@dataclass(frozen=True)
class Elicited:
    """What was asked for: quantiles in order, the mass if it was an interval, the mode if given."""

    quantiles: tuple[tuple[float, float], ...]
    mass: float | None = None
    mode: float | None = None

    def describe(self) -> str:
        """Short text such as ``90% in [0.5, 0.75]`` or ``P5 = 1, P95 = 3``."""
        if self.mass is not None:
            (_, lower), (_, upper) = self.quantiles
            text = f"{100 * self.mass:g}% in [{lower:g}, {upper:g}]"
        else:
            text = ", ".join(f"P{100 * p:g} = {value:g}" for p, value in self.quantiles)
        return text if self.mode is None else f"{text}, mode {self.mode:g}"


def ask_interval(lower: float, upper: float, mass: float, mode: float | None) -> Elicited:
    """Read a central interval with equal tails.

    Raises
    ------
    PriorError
        For ends that are not finite or not in order, and a mass outside (0, 1].
    """
    lower, upper = _number("lower", lower), _number("upper", upper)
    mass = _number("mass", mass)
    if not 0 < mass <= 1:
        raise PriorError(
            f"mass must be above 0 and at most 1; found {mass:g}; "
            "for a central 90% interval it is 0.90"
        )
    if lower == upper:
        raise PriorError(
            f"the interval [{lower:g}, {upper:g}] has equal ends; "
            "for one known number use the family fixed"
        )
    if lower > upper:
        raise PriorError(
            f"the interval [{lower:g}, {upper:g}] is reversed; give the lower end first"
        )
    tail = (1 - mass) / 2
    return Elicited(((tail, lower), (1 - tail, upper)), mass, _mode(mode))


def ask_quantiles(quantiles: Mapping[float, float], mode: float | None) -> Elicited:
    """Read quantiles, ``{probability: value}``.

    Raises
    ------
    PriorError
        For fewer than two, probabilities outside [0, 1], and values that do not rise with them.
    """
    pairs = sorted(
        (_number("probability", p), _number("quantile", v)) for p, v in quantiles.items()
    )
    if len(pairs) < 2:
        raise PriorError(f"at least two quantiles are needed; found {len(pairs)}")
    for p, _ in pairs:
        if not 0 <= p <= 1:
            raise PriorError(f"the probability of a quantile must lie in [0, 1]; found {p:g}")
    for (p, value), (q, later) in pairwise(pairs):
        if not value < later:
            raise PriorError(
                f"quantiles must rise with their probability; found {value:g} at {p:g} "
                f"and {later:g} at {q:g}"
            )
    return Elicited(tuple(pairs), None, _mode(mode))


def fit(asked: Elicited, family: str, support: Sequence[float] | None) -> dict[str, float]:
    """Parameters of the family's member that has the quantiles asked for.

    Raises
    ------
    PriorError
        When the family takes no such question, the question contradicts its support, or no
        member of the family reproduces every quantile to ``TOLERANCE``.
    """
    name = family_named(family)
    pair = None if support is None else read_support(name, support)
    question = Question(asked.quantiles, asked.mode, _place(name, pair))
    _check_family(name, asked)
    _check_place(name, question)
    parameters = FITS[name](question)
    if parameters is None:
        raise PriorError(_impossible(name, asked, question))
    made = build(name, parameters, pair)
    _check_reproduced(made, asked)
    return parameters


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise PriorError(f"{name} must be a finite number; found {value!r}")
    return float(value)


def _mode(mode: float | None) -> float | None:
    return None if mode is None else _number("mode", mode)


def _place(family: str, support: tuple[float, float] | None) -> tuple[float, float]:
    """Support in which the quantiles must lie before the parameters are known."""
    if family == "truncated_normal" and support is None:
        raise PriorError(
            "truncated_normal: an interval or quantiles do not say where it is cut; "
            "give support=(lower, upper), one of which may be infinite"
        )
    if support is not None and (has_free_support(family) or family == "truncated_normal"):
        return support
    if has_free_support(family):
        return 0.0, 1.0
    if family in ("lognormal", "gamma", "log_uniform"):
        return 0.0, math.inf
    return -math.inf, math.inf


def _check_family(family: str, asked: Elicited) -> None:
    """Refuse families and options that such a question does not fit."""
    if family not in FITS:
        allowed = ", ".join(FITS)
        raise PriorError(
            f"{family} cannot be given by an interval or quantiles; give its parameters, "
            f"or use one of {allowed}"
        )
    if asked.mode is not None and family not in MODES:
        raise PriorError(f"{family}: mode is for {' and '.join(MODES)} only; found {asked.mode:g}")
    certain = asked.quantiles[0][0] <= 0 or asked.quantiles[-1][0] >= 1
    if certain and family not in ENDS:
        raise PriorError(
            f"{family}: its support does not follow from an interval, so an interval cannot hold "
            f"a mass of 1 (or a quantile sit at probability 0 or 1); give a mass below 1, or use "
            f"one of {', '.join(ENDS)}"
        )


def _check_place(family: str, question: Question) -> None:
    """Refuse quantiles on or beyond the ends of the support."""
    lower, upper = question.support
    if has_free_support(family) and not (math.isfinite(lower) and math.isfinite(upper)):
        raise PriorError(
            f"{family}: its support must be finite; found ({lower:g}, {upper:g}); "
            f"there use {families_on(question.support)}"
        )
    for p, value in question.quantiles:
        if not lower < value < upper:
            where = "on an end of" if value in (lower, upper) else "outside"
            raise PriorError(
                f"{family}: the value {value:g} (probability {p:g}) lies {where} the support "
                f"({lower:g}, {upper:g}); it must lie strictly inside"
            )


def _impossible(family: str, asked: Elicited, question: Question) -> str:
    """Why no member of the family fits, and what to do."""
    text = f"{family}: no member has {asked.describe()}"
    if family == "truncated_normal":
        return (
            f"{text} on ({question.support[0]:g}, {question.support[1]:g}); {_too_wide(question)}"
        )
    if family in MODES:
        return (
            f"{text}; the quantiles are too lopsided for it: move the mode between them, "
            "or use lognormal, gamma or beta"
        )
    other = "logit_normal" if family == "beta" else "lognormal"
    return f"{text}; its equations cannot be solved in floating point there; use {other}"


def _too_wide(question: Question) -> str:
    """A flat density is the widest that a truncated normal can come to."""
    lower, upper = question.support
    if math.isinf(upper - lower):
        return (
            "its widest members fall like an exponential, and these quantiles lie further apart; "
            "use lognormal or gamma"
        )
    flat = ", ".join(f"{lower + p * (upper - lower):g} at {p:g}" for p, _ in question.quantiles)
    return (
        "its widest members are flat or fall like an exponential, and these quantiles lie further "
        f"apart (the flat one has {flat}); use beta or logit_normal, or widen the support"
    )


def _check_reproduced(made: Distribution, asked: Elicited) -> None:
    """Refuse a fit that misses one of the quantiles."""
    p, value = np.array(asked.quantiles).T
    got = made.ppf(p)
    if np.all(np.abs(got - value) <= TOLERANCE * (value[-1] - value[0])):
        return
    rows = "; ".join(
        f"at {q:g} asked {want:.6g}, obtained {have:.6g}"
        for q, want, have in zip(p, value, got, strict=True)
    )
    raise PriorError(
        f"{made.name}: no member has all of these quantiles (nearest: {rows}); "
        "ask for fewer quantiles or use a family with more freedom"
    )
