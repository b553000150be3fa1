"""Maker: a study's model for a choice of outcomes, from what its module offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from uncertainty.errors import StudyError, UncertaintyError
from uncertainty.model import Function, Model, as_model, signature
from uncertainty.names import listed, suggestion

#: Arguments of a maker that are no options of its own.
GIVEN = ("horizon", "outcomes", "since")


class Maker(Protocol):
    """Makes the model for a choice of outcomes, all of them when None.

    A model of years may be made for another horizon, and with years before its first (`since`).
    """

    def __call__(
        self,
        outcomes: Sequence[str] | None,
        *,
        horizon: tuple[int, int] | None = None,
        since: int | None = None,
    ) -> Model: ...


def maker(
    found: Model | Function,
    name: str,
    horizon: Sequence[int] | None,
    options: Mapping[str, Any],
) -> Maker:
    """A function that makes the model for a choice of outcomes.

    Parameters
    ----------
    found : Model or callable
        A model, a plain function of parameters, or a function of `horizon` that makes a model.
    name : str
        What messages call it.
    horizon : (int, int), optional
    options : mapping
        Further keyword arguments of a function that makes a model.

    Raises
    ------
    StudyError
        For a horizon or options that it does not take, or a horizon that it needs.
    """
    if isinstance(found, Model) or "horizon" not in signature(found):
        refuse(name, {"horizon": horizon, "options": options})
        return Finished(as_model(found))
    if horizon is None:
        msg = f"{name} needs a horizon, such as horizon = [2024, 2035]"
        raise StudyError(msg)
    known = signature(found)
    check_options(name, options, [key for key in known if key not in GIVEN])
    first, last = horizon
    return Factory(found, name, (first, last), dict(options))


@dataclass(frozen=True)
class Finished:
    """A maker of the one model that there is."""

    model: Model

    def __call__(
        self,
        outcomes: Sequence[str] | None,
        *,
        horizon: tuple[int, int] | None = None,
        since: int | None = None,
    ) -> Model:
        """The model."""
        return self.model


@dataclass(frozen=True)
class Factory:
    """A maker that calls a function of the horizon."""

    function: Function
    name: str
    horizon: tuple[int, int]
    options: Mapping[str, Any]

    def __call__(
        self,
        outcomes: Sequence[str] | None,
        *,
        horizon: tuple[int, int] | None = None,
        since: int | None = None,
    ) -> Model:
        """The model for some outcomes, of the study's horizon or another."""
        given = {"outcomes": outcomes, "since": since}
        known = signature(self.function)
        chosen = {key: value for key, value in given.items() if key in known and value is not None}
        try:
            return as_model(self.function(horizon or self.horizon, **chosen, **self.options))
        except UncertaintyError:
            raise
        except Exception as error:
            msg = f"{self.name} raised {type(error).__name__}: {error}"
            raise StudyError(msg) from error


def refuse(name: str, given: Mapping[str, Any]) -> None:
    """Raise `StudyError` for keys that a finished model does not take."""
    for key, value in given.items():
        if value:
            msg = f"{name} takes no {key}; remove the key {key!r}"
            raise StudyError(msg)


def check_options(name: str, options: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raise `StudyError` for options that the maker does not have."""
    for key in options:
        if key not in known:
            near = suggestion(key, known)
            msg = f"{name} has no option {key!r}{near} (allowed: {listed(known, 20)})"
            raise StudyError(msg)
