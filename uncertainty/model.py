"""Model: a pure, array-generic function with names, units, dims and coordinates."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.bounds import Bounds
from uncertainty.errors import ModelError
from uncertainty.names import listed, name_fault, suggestion

Function = Callable[..., Any]
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class Model:
    """A function of named arrays and what its outcomes are.

    Attributes
    ----------
    function : callable
        Takes each parameter as an array of shape (sample,) by name, and `xp`, the array
        namespace, if it names it. Returns a mapping from outcome to (..., sample), or a
        single array, which is then the outcome ``"y"``. Under ``"failed"`` the mapping may say
        why which run failed: texts (sample,), empty where it did not.
    outcomes : {outcome: unit}
        Empty when nothing was declared; then what the function returns is taken as it is.
    dims : {outcome: (dim, ...)}
        Dimensions before the sample axis.
    coords : {dim: values}
    units : {parameter: unit}
        The unit in which the function expects a parameter; one that is not listed is taken
        in the unit of its prior.
    labels : {outcome: long name}
    parameters : tuple of str, optional
        Names, when the signature does not show them.
    bounds : {parameter: str}
        Values that make sense, such as ``"[0, 1]"`` or ``"(0, inf)"``, in the unit of `units`;
        a round bracket excludes the end itself. Priors are held against them when a study is
        checked; a run does not cut anything off.
    """

    function: Function
    outcomes: Mapping[str, str] = field(default_factory=dict)
    dims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    coords: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    bounds: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("outcomes", "dims", "coords", "units", "labels", "bounds"):
            table = getattr(self, name)
            if not isinstance(table, Mapping):
                msg = f"model: {name} must be a dictionary, got {type(table).__name__}"
                raise ModelError(msg)
            object.__setattr__(self, name, dict(table))
        check_declaration(self)

    def __call__(self, *values: Any, **parameters: Any) -> Any:
        """Call the function itself, as it was written."""
        return self.function(*values, **parameters)

    @property
    def name(self) -> str:
        """What messages call the model."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    @property
    def signature(self) -> Mapping[str, inspect.Parameter]:
        """The function's own arguments by name, `xp` included."""
        return signature(self.function)

    @cached_property
    def wants_xp(self) -> bool:
        """Whether the function asks for the array namespace."""
        return "xp" in self.signature

    @property
    def required(self) -> tuple[str, ...]:
        """Parameters without a default."""
        if self.parameters:
            return self.parameters
        return tuple(
            name
            for name, p in self.signature.items()
            if p.kind in NAMED and p.default is p.empty and name != "xp"
        )

    @property
    def accepts(self) -> tuple[str, ...] | None:
        """All parameters that may be given, or None when the function takes any name."""
        if self.parameters:
            return self.parameters
        if any(p.kind is p.VAR_KEYWORD for p in self.signature.values()):
            return None
        return tuple(n for n, p in self.signature.items() if p.kind in NAMED and n != "xp")

    def evaluate(self, parameters: Mapping[str, Any], xp: Any = np) -> dict[str, Any]:
        """Outcomes by name for `parameters`, in any array namespace, unchecked."""
        extra = {"xp": xp} if self.wants_xp else {}
        out = self.function(**parameters, **extra)
        return dict(out) if isinstance(out, Mapping) else {"y": out}

    def run(self, parameters: Mapping[str, Array], *, finite: bool = True) -> dict[str, Array]:
        """Outcomes as float arrays (..., sample), checked against the declaration.

        Parameters
        ----------
        parameters : {name: (..., sample)}
        finite : bool
            Whether every value must be finite.

        Raises
        ------
        ModelError
            If the function raises, an outcome is missing, has another shape than declared,
            or holds a value that is not finite (named with the parameters that led to it).
        """
        size = sample_size(parameters)
        try:
            out = self.evaluate(parameters)
        except (Exception, SystemExit) as error:
            text = " ".join(str(error).split())
            msg = f"model {self.name!r} raised {type(error).__name__}: {text}{hint(text)}"
            raise ModelError(msg) from error
        missing = [name for name in self.outcomes if name not in out]
        if missing:
            msg = (
                f"model {self.name!r} did not return the outcome {listed(missing)}; "
                f"it returned {listed(out)}"
            )
            raise ModelError(msg)
        told = self.told(out, size)
        if told is not None and finite and any(told):
            raise ModelError(self.failed_message(told, parameters))
        names = self.outcomes or [name for name in out if told is None or name != FAILED]
        if not names:
            msg = f"model {self.name!r} returned no outcome"
            raise ModelError(msg)
        found = {name: self.checked(name, out[name], parameters, size, finite) for name in names}
        return found if told is None or finite else {**found, FAILED: told}

    def told(self, out: Mapping[str, Any], size: int) -> Any:
        """Why which run failed (sample,), "" where it did not; None if the model does not say."""
        if FAILED in self.outcomes or FAILED not in out:
            return None
        texts = np.asarray(out[FAILED])
        return texts if texts.dtype.kind in "UO" and texts.shape == (size,) else None

    def failed_message(self, told: Any, parameters: Mapping[str, Array]) -> str:
        """How many runs failed by the model's own account, and the first of them."""
        bad = np.flatnonzero([bool(text) for text in told])
        first = int(bad[0])
        return (
            f"model {self.name!r}: {bad.size} of {len(told)} runs failed, for example: "
            f"{told[first]}, with {values_of(parameters, first)}"
        )

    def checked(
        self,
        name: str,
        value: Any,
        parameters: Mapping[str, Array],
        size: int,
        must_be_finite: bool = True,
    ) -> Array:
        """One outcome as floats of the declared shape, all finite unless that is left open."""
        array = self.as_floats(name, value)
        wanted = self.shape(name)
        if (
            array.ndim == 0
            or array.shape[-1] != size
            or (wanted is not None and array.shape[:-1] != wanted)
        ):
            raise ModelError(self.shape_message(name, array.shape, size))
        if not must_be_finite:
            return array
        finite = np.isfinite(array)
        if not finite.all():
            raise ModelError(self.not_finite_message(name, array, finite, parameters))
        return array

    def as_floats(self, name: str, value: Any) -> Array:
        """`value` as a float array, or an error that says what it was."""
        if value is None:
            msg = f"model {self.name!r}: outcome {name!r} is None; is a return missing?"
            raise ModelError(msg)
        try:
            array = np.asarray(value)
        except Exception as error:
            msg = f"model {self.name!r}: outcome {name!r} is no array: {error}"
            raise ModelError(msg) from error
        if array.dtype.kind not in "fiub":
            msg = (
                f"model {self.name!r}: outcome {name!r} has type {array.dtype}, "
                "expected real numbers"
            )
            raise ModelError(msg)
        return array.astype(np.float64, copy=False)

    def shape(self, outcome: str) -> tuple[int, ...] | None:
        """Lengths of the declared dims of `outcome`, None when nothing was declared."""
        if outcome not in self.outcomes:
            return None
        return tuple(len(self.coords[dim]) for dim in self.dims.get(outcome, ()))

    def shape_message(self, name: str, found: tuple[int, ...], size: int) -> str:
        """Why the shape of an outcome is wrong and what it should be."""
        dims = self.dims.get(name, ())
        wanted = self.shape(name)
        expected = "(..., sample)" if wanted is None else f"({', '.join((*dims, 'sample'))})"
        lengths = f"(..., {size})" if wanted is None else f"{(*wanted, size)}"
        return (
            f"model {self.name!r}: outcome {name!r} has shape {found}, expected {expected} = "
            f"{lengths}; the sample axis is last"
        )

    def not_finite_message(
        self, name: str, array: Array, finite: Array, parameters: Mapping[str, Array]
    ) -> str:
        """How many runs failed, where first, and with which parameters."""
        runs = np.logical_not(finite).reshape(-1, array.shape[-1]).any(axis=0)
        first = int(np.argmax(runs))
        value, where = self.not_finite(name, array[..., first])
        return (
            f"model {self.name!r}: outcome {name!r} is {value} in "
            f"{int(runs.sum())} of {runs.size} runs{f' (first at {where})' if where else ''}, "
            f"for example with {values_of(parameters, first)}; every run must give finite numbers"
        )

    def not_finite(self, name: str, cells: Array) -> tuple[float, str]:
        """The first value of one run (...) that is not finite, and its coordinates as words."""
        cell = tuple(int(i) for i in np.argwhere(~np.isfinite(cells))[0])
        dims = self.dims.get(name) or tuple(f"axis {i}" for i in range(len(cell)))
        coords = [self.coords.get(dim, range(n)) for dim, n in zip(dims, cells.shape, strict=False)]
        where = ", ".join(
            f"{dim} {values[i]}" for dim, values, i in zip(dims, coords, cell, strict=True)
        )
        return float(cells[cell]), where


def values_of(parameters: Mapping[str, Array], run: int) -> str:
    """The first few parameters of one run."""
    return ", ".join(
        f"{name}={np.asarray(value)[..., run].tolist():.6g}"
        if np.ndim(value) == 1
        else f"{name}={np.asarray(value)[..., run].round(6).tolist()}"
        for name, value in list(parameters.items())[:8]
    )


#: Under this name a model may return why which of its runs failed.
FAILED = "failed"
#: Words of an error that scalar code raises on arrays.
SCALAR = ("0-dimensional", "only length-1 arrays", "truth value of an array")


def hint(text: str) -> str:
    """Advice for the commonest slip: code for one number, given arrays."""
    if any(words in text for words in SCALAR):
        return (
            "; parameters are arrays of samples: use functions of numpy (or of xp), "
            "np.where for a condition, np.maximum for max"
        )
    return ""


def signature(function: Function) -> Mapping[str, inspect.Parameter]:
    """Arguments of a function by name; an error for one that cannot be called by name."""
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError) as error:
        msg = (
            f"the arguments of {function!r} cannot be read ({error}); wrap it in a function "
            "whose arguments are the parameter names"
        )
        raise ModelError(msg) from None
    hidden = [n for n, p in found.items() if p.kind in (p.POSITIONAL_ONLY, p.VAR_POSITIONAL)]
    if hidden:
        msg = (
            f"model {getattr(function, '__name__', function)!r} takes {listed(hidden)} by place; "
            "a model's parameters are addressed by name"
        )
        raise ModelError(msg)
    return dict(found)


def check_declaration(model: Model) -> None:
    """Raise `ModelError` when names, dims, coords and outcomes contradict one another."""
    if not callable(model.function):
        msg = f"a model is a function, got {type(model.function).__name__}"
        raise ModelError(msg)
    signature(model.function)
    for fault in (*outcome_faults(model), *dim_faults(model), *unit_faults(model)):
        msg = f"model {model.name!r}: {fault}"
        raise ModelError(msg)


def outcome_faults(model: Model) -> Iterator[str]:
    """Names that cannot be outcomes, and tables that name what is none."""
    for name in model.outcomes:
        if fault := name_fault(name):
            yield f"outcome: {fault}"
        else:
            for ending in ("_mcse", "_threshold"):
                base = name.removesuffix(ending)
                if base != name and base in model.outcomes:
                    yield f"outcome {name!r} would be taken for the error of {base!r}; rename it"
    for table in (model.dims, model.labels):
        for name in table:
            if name not in model.outcomes:
                yield f"{name!r} is not a declared outcome{suggestion(name, model.outcomes)}"


def dim_faults(model: Model) -> Iterator[str]:
    """Dims without coordinates, and coordinates that cannot label anything."""
    for outcome, dims in model.dims.items():
        if isinstance(dims, str):
            yield f"dims of {outcome!r} must be a tuple, got {dims!r}"
            continue
        for dim in dims:
            if fault := name_fault(dim):
                yield f"dim: {fault}"
            if dim not in model.coords:
                known = listed(model.coords)
                yield f"{outcome!r} has the dim {dim!r} without coords; there are coords of {known}"
    for dim, values in model.coords.items():
        if fault := coordinate_fault(values):
            yield f"coords of {dim!r} {fault}"


def coordinate_fault(values: Sequence[Any]) -> str | None:
    """What is wrong with the coordinates of a dim, None if nothing is."""
    array = np.asarray(values)
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iufU":
        return "must be a list of numbers or of texts"
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return "must be finite"
    if len(np.unique(array)) < array.size:
        return "must all be different"
    return None


def unit_faults(model: Model) -> Iterator[str]:
    """Units and bounds declared for what is no parameter."""
    accepted = model.accepts
    for table in ("units", "bounds"):
        for name in getattr(model, table):
            if accepted is not None and name not in accepted:
                yield f"{table}: it has no parameter {name!r}{suggestion(name, accepted)}"
    for name, text in model.bounds.items():
        try:
            Bounds.of(text)
        except ModelError as error:
            yield f"bounds of {name!r}: {error}"


def sample_size(parameters: Mapping[str, Array]) -> int:
    """Length of the sample axis that all parameters share."""
    return int(next(iter(parameters.values())).shape[-1])


def model(
    *,
    outcomes: Mapping[str, str],
    dims: Mapping[str, tuple[str, ...]] | None = None,
    coords: Mapping[str, Sequence[Any]] | None = None,
    units: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    parameters: tuple[str, ...] = (),
    bounds: Mapping[str, str] | None = None,
) -> Callable[[Function], Model]:
    """Turn a function into a `Model` (see there for the arguments).

    Examples
    --------
    >>> import numpy as np
    >>> @model(outcomes={"energy": "TWh"}, dims={"energy": ("t",)}, coords={"t": [2025, 2026]})
    ... def growth(start, rate, *, xp):
    ...     t = np.arange(2.0)[:, None]
    ...     return {"energy": start * xp.exp(rate * t)}
    >>> growth.required
    ('start', 'rate')
    """

    def declare(function: Function) -> Model:
        return Model(
            function,
            outcomes,
            dims or {},
            coords or {},
            units or {},
            labels or {},
            parameters,
            bounds or {},
        )

    return declare


def as_model(candidate: Model | Function) -> Model:
    """A `Model` as it is, any other callable as a model whose outcomes are what it returns."""
    return candidate if isinstance(candidate, Model) else Model(candidate)


def settled(candidate: Model, outcomes: Mapping[str, Array]) -> Model:
    """A model whose undeclared outcomes are declared from what one block returned.

    Dims are named as ArviZ names them, ``y_dim_0``, with integer coordinates.
    """
    if candidate.outcomes:
        return candidate
    dims = {n: tuple(f"{n}_dim_{i}" for i in range(a.ndim - 1)) for n, a in outcomes.items()}
    coords = {
        dim: range(length)
        for n, a in outcomes.items()
        for dim, length in zip(dims[n], a.shape[:-1], strict=True)
    }
    return replace(candidate, outcomes=dict.fromkeys(outcomes, "1"), dims=dims, coords=coords)
