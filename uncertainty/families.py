"""The families of priors by name, and how named parameters become one of them."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from numbers import Real
from typing import Any

import numpy as np

from uncertainty.distributions.bounded import Beta, LogitNormal, Pert, Triangular
from uncertainty.distributions.contract import Distribution, Value
from uncertainty.distributions.discrete import Choice, Fixed
from uncertainty.distributions.line import Gamma, LogNormal, LogUniform, Normal, Uniform
from uncertainty.distributions.simplex import Dirichlet
from uncertainty.distributions.truncated import TruncatedNormal
from uncertainty.errors import PriorError

Support = tuple[float, float]

FAMILIES: dict[str, type[Any]] = {
    "uniform": Uniform,
    "normal": Normal,
    "truncated_normal": TruncatedNormal,
    "lognormal": LogNormal,
    "log_uniform": LogUniform,
    "beta": Beta,
    "gamma": Gamma,
    "triangular": Triangular,
    "pert": Pert,
    "logit_normal": LogitNormal,
    "dirichlet": Dirichlet,
    "choice": Choice,
    "fixed": Fixed,
}

_BARE = {name.replace("_", ""): name for name in FAMILIES}


def family_named(name: str) -> str:
    """The family's own name for any spelling of it.

    Raises
    ------
    PriorError
        For an unknown family, with the nearest known one.

    Examples
    --------
    >>> family_named("LogNormal"), family_named("log_uniform"), family_named("Logit-Normal")
    ('lognormal', 'log_uniform', 'logit_normal')
    """
    bare = str(name).lower()
    for mark in "_- ":
        bare = bare.replace(mark, "")
    if bare in _BARE:
        return _BARE[bare]
    near = difflib.get_close_matches(bare, _BARE, n=1)
    hint = f"did you mean {_BARE[near[0]]!r}? " if near else ""
    raise PriorError(f"unknown family {name!r}; {hint}known are {', '.join(FAMILIES)}")


def build(
    family: str, parameters: Mapping[str, Any], support: Sequence[float] | None = None
) -> Distribution:
    """Make a distribution from its family, its parameters by name and, if any, its support.

    Raises
    ------
    PriorError
        For an unknown family, a parameter too many, too few or out of range, and a support that
        the family or its bounds contradict.
    """
    name = family_named(family)
    values = {key: _plain(name, key, value) for key, value in parameters.items()}
    pair = None if support is None else read_support(name, support)
    if pair is not None:
        values = _with_support(name, values, pair)
    _check_names(name, values)
    made: Distribution = FAMILIES[name](**values)
    if pair is not None:
        _check_support(made, pair)
    return made


def read_support(family: str, support: Sequence[float]) -> Support:
    """A support as a pair of numbers in order.

    Raises
    ------
    PriorError
        When it is something else.
    """
    found = f"{family}: support must be two numbers in order, lower then upper; found {support!r}"
    if isinstance(support, str) or not isinstance(support, Sequence | np.ndarray):
        raise PriorError(found)
    if len(support) != 2 or not all(_is_number(end) for end in support):
        raise PriorError(found)
    lower, upper = (float(end) for end in support)
    if not lower <= upper:
        raise PriorError(found)
    return lower, upper


def parameter_names(family: str) -> list[str]:
    """Names of a family's parameters in their order, without the support."""
    return [field.name for field in fields(FAMILIES[family]) if field.name != "support"]


def has_free_support(family: str) -> bool:
    """Whether the support is the user's to choose (the family is moved and scaled to it)."""
    return "support" in {field.name for field in fields(FAMILIES[family])}


def families_on(support: Support) -> str:
    """Names of the families that can live on a support, as a phrase."""
    lower, upper = support
    if math.isfinite(lower) and math.isfinite(upper):
        return "beta, logit_normal or truncated_normal"
    if support == (0.0, math.inf):
        return "lognormal, gamma or truncated_normal"
    if math.isinf(lower) and math.isinf(upper):
        return "normal"
    return "truncated_normal"


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def _plain(family: str, name: str, value: Any) -> Value:
    """A number as float, a list of numbers as a tuple of floats."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if _is_number(value):
        return float(value)
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    if listed and all(_is_number(item) for item in value):
        return tuple(float(item) for item in value)
    raise PriorError(f"{family}: {name} must be a number or a list of numbers; found {value!r}")


def _with_support(family: str, values: dict[str, Any], support: Support) -> dict[str, Any]:
    """Let a support stand where the family takes one."""
    if has_free_support(family):
        return {**values, "support": support}
    if family == TruncatedNormal.name:
        return {"lower": support[0], "upper": support[1], **values}
    return values


def _check_names(family: str, values: Mapping[str, Any]) -> None:
    """Refuse unknown and missing parameters."""
    cls = FAMILIES[family]
    allowed = f"{family} takes {', '.join(parameter_names(family))}"
    known = [field.name for field in fields(cls)]
    for name in values:
        if name not in known:
            raise PriorError(f"{family}: unknown parameter {name!r}; {allowed}")
    needed = [field.name for field in fields(cls) if field.default is MISSING]
    missing = [name for name in needed if name not in values]
    if missing:
        given = ", ".join(name for name in values if name != "support") or "none"
        raise PriorError(f"{family}: missing {', '.join(missing)}; {allowed}; found {given}")


def _check_support(made: Distribution, support: Support) -> None:
    """Refuse a support that is not the one of the distribution."""
    own = made.support
    if not np.allclose(own, support, rtol=1e-9, atol=0):
        raise PriorError(
            f"{made.name}: its support is ({own[0]:g}, {own[1]:g}), not "
            f"({support[0]:g}, {support[1]:g}); on that interval use {families_on(support)}"
        )
