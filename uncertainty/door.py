"""Door: where a space meets a model; names are matched and units converted once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.attempts import attempt
from uncertainty.design import BLOCK
from uncertainty.errors import ModelError, UnitError
from uncertainty.model import FAILED, Model, as_model, settled
from uncertainty.names import listed, suggestion
from uncertainty.pool import fold
from uncertainty.prior import Prior
from uncertainty.space import Space, as_space
from uncertainty.tabulate import fast_ppf_normal
from uncertainty.tally import Keep, Table
from uncertainty.units import DIMENSIONLESS, check_unit, factor

#: What is accepted wherever a model is, and wherever a space is.
ModelLike = Model | Callable[..., Any]
SpaceLike = Space | Mapping[str, Prior]


@dataclass(frozen=True)
class Door:
    """A model, the space of its parameters, and one factor per parameter.

    Attributes
    ----------
    model : Model
        With every outcome declared.
    space : Space
    factors : {parameter: float}
        From the prior's unit to the model's; only those that are not 1.
    outcomes : tuple of str
        The outcomes that are asked for.
    """

    model: Model
    space: Space
    factors: Mapping[str, float]
    outcomes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        model: ModelLike,
        space: SpaceLike,
        trial: Array,
        outcomes: Sequence[str] | None = None,
        failures: float = 0.0,
    ) -> tuple[Door, dict[str, Array]]:
        """A door and the outcomes of one trial block.

        Parameters
        ----------
        model, space
        trial : (coordinate, sample)
            Points of the unit cube.
        outcomes : sequence of str, optional
            All when left out.
        failures : float
            Share of the runs that may fail; what failed is left out of the trial's outcomes.

        Raises
        ------
        ModelError, UnitError, SpaceError
            With every name or unit that does not fit.
        """
        model, space = as_model(model), as_space(space)
        check_names(model, space)
        check_outcome_units(model)
        door = cls(model, space, factors(model, space), ())
        tried = attempt(door.model, door.values(trial), failures)
        first = tried.complete
        check_last_axis(door, trial, first)
        model = settled(model, first)
        chosen = tuple(outcomes) if outcomes is not None else tuple(model.outcomes)
        check_outcomes(model, chosen)
        return cls(model, space, door.factors, chosen), {name: first[name] for name in chosen}

    def values(self, u: Array) -> dict[str, Array]:
        """Parameter values in the model's units at points of the unit cube."""
        values = self.space.at(u)
        for name, scale in self.factors.items():
            values[name] = values[name] * scale
            values[name].flags.writeable = False
        return values

    def scored(self, name: str, scores: Array) -> Array:
        """Values of one parameter in the model's unit at normal scores."""
        return fast_ppf_normal(self.space.priors[name])(scores) * self.factors.get(name, 1.0)

    def run(self, values: Mapping[str, Array], *, finite: bool = True) -> dict[str, Array]:
        """The chosen outcomes, each (..., sample); all values finite unless that is left open."""
        found = self.model.run(values, finite=finite)
        missing = [name for name in self.outcomes if name not in found]
        if missing:
            msg = f"model {self.model.name!r} returned {listed(missing)} once and not again"
            raise ModelError(msg)
        told = (FAILED,) if FAILED in found and FAILED not in self.outcomes else ()
        return {name: found[name] for name in (*self.outcomes, *told)}

    def run_all(
        self, values: Mapping[str, Array], executor: Executor | None = None
    ) -> dict[str, Array]:
        """The chosen outcomes at many values, block by block, each (..., sample)."""
        size = next(iter(values.values())).shape[-1]

        def task(part: slice) -> Table:
            chosen = {name: np.ascontiguousarray(x[..., part]) for name, x in values.items()}
            return Table.of({name: Keep.of(y) for name, y in self.run(chosen).items()})

        parts = [slice(i, i + BLOCK) for i in range(0, size, BLOCK)]
        found = fold(task, parts, executor).result()
        return {str(name): y for name, y in found.items()}

    def not_finite(self, name: str, cells: Array) -> tuple[float, str]:
        """The first value of one run that is not finite, and its coordinates as words."""
        return self.model.not_finite(name, cells)


def check_last_axis(door: Door, trial: Array, found: Mapping[str, Array]) -> None:
    """Raise `ModelError` for an undeclared outcome whose first axis is that of the samples.

    Where both axes are as long as the sample, one sample less tells them apart.
    """
    size = trial.shape[-1]
    doubtful = [n for n, y in found.items() if y.ndim > 1 and y.shape[0] == size]
    if door.model.outcomes or not doubtful or size < 2:
        return
    again = door.model.run(door.values(trial[:, :-1]), finite=False)
    for name in doubtful:
        if again[name].shape[:-1] != found[name].shape[:-1]:
            raise ModelError(door.model.shape_message(name, again[name].shape, size - 1))


def check_names(model: Model, space: Space) -> None:
    """Raise `ModelError` for parameters without a prior and priors without a parameter."""
    missing = [name for name in model.required if name not in space.priors]
    accepted = model.accepts
    stray = [] if accepted is None else [name for name in space.names if name not in accepted]
    faults = []
    if missing:
        near = suggestion(missing[0], stray)
        faults.append(f"no prior for {listed(missing)}{near}")
    if stray:
        faults.append(f"it has no parameter {listed(stray)}; it takes {listed(accepted or ())}")
    if faults:
        msg = f"model {model.name!r}: " + "; ".join(faults)
        raise ModelError(msg)


def check_outcomes(model: Model, outcomes: Sequence[str]) -> None:
    """Raise `ModelError` for an outcome that the model does not have."""
    unknown = [str(name) for name in outcomes if str(name) not in model.outcomes]
    if unknown or not outcomes:
        near = suggestion(unknown[0], model.outcomes) if unknown else ""
        msg = (
            f"model {model.name!r} has no outcome {listed(unknown)}; "
            f"it has {listed(model.outcomes)}{near}"
        )
        raise ModelError(msg)


def factors(model: Model, space: Space) -> dict[str, float]:
    """Factor of each parameter whose prior is in another unit than the model expects.

    A model that declares units declares them for all parameters whose prior has one.
    """
    found: dict[str, float] = {}
    faults = []
    for name, prior in space.priors.items():
        expected, received = model.units.get(name), prior.unit
        try:
            check_unit(received)
            if expected is not None:
                found[name] = factor(received, expected)
            elif model.units and received not in DIMENSIONLESS:
                faults.append(
                    f"parameter {name!r}: its prior is in {received!r}, "
                    "but the model declares no unit for it"
                )
        except UnitError as error:
            missing = " (the prior has no unit)" if received in DIMENSIONLESS else f" ({error})"
            wanted = f"expected a number in {expected!r}, " if expected else ""
            faults.append(f"parameter {name!r}: {wanted}received {received!r}{missing}")
    if faults:
        raise UnitError("\n".join(faults))
    return {name: scale for name, scale in found.items() if scale != 1.0}


def check_outcome_units(model: Model) -> None:
    """Raise `UnitError` for outcomes in unknown units."""
    faults = []
    for name, unit in model.outcomes.items():
        try:
            check_unit(unit)
        except UnitError as error:
            faults.append(f"outcome {name!r}: {error}")
    if faults:
        raise UnitError("\n".join(faults))
