"""Stages: the parts of a study's run, each with its size and what it adds to the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from uncertainty.arrays import Array
from uncertainty.bounds import Bounds
from uncertainty.door import Door, factors
from uncertainty.drivers import drivers
from uncertainty.learning import learn, structures
from uncertainty.ledger import ledger
from uncertainty.model import Model
from uncertainty.placements import placements
from uncertainty.prior import Prior
from uncertainty.propagate import propagate
from uncertainty.readings import Reweighting, readings
from uncertainty.sample import Sample
from uncertainty.shapley import effects

if TYPE_CHECKING:
    from uncertainty.study import Study

#: Draws of a replicate that are looked at again, at most.
MOST = 2048


class Size(NamedTuple):
    """Points per replicate, and replicates."""

    size: int
    replicates: int


class Stage(NamedTuple):
    """What a stage needs and does.

    Attributes
    ----------
    size : callable
        Study -> its size, None when the study does not want it.
    run : callable
        Study, executor, journal -> groups to add ("" is the root), and model runs.
    """

    size: Callable[[Study], Size | None]
    run: Callable[[Study, Executor | None, Any], tuple[dict[str, Any], int]]


Added = tuple[dict[str, Any], int]


def common(study: Study, executor: Executor | None, journal: Any) -> dict[str, Any]:
    """What every stage hands on."""
    return {
        "seed": study.row.seed,
        "design": study.row.design.kind,
        "executor": executor,
        "journal": journal,
    }


def draws_size(study: Study) -> Size:
    """Size of the propagation."""
    return Size(study.row.design.size, study.row.design.replicates)


def run_draws(study: Study, executor: Executor | None, journal: Any) -> Added:
    """Intervals, moments, shares above thresholds, some draws."""
    design = study.row.design
    tree = propagate(
        study.make_model(study.row.outcomes),
        study.space,
        size=design.size,
        replicates=design.replicates,
        probabilities=study.probabilities,
        keep=min(design.keep, design.size),
        thresholds=study.thresholds,
        outcomes=study.row.outcomes,
        failures=0.0,
        **common(study, executor, journal),
    )
    return {"": tree}, int(tree.attrs["model_runs"])


def drivers_size(study: Study) -> Size | None:
    """Size of the pick-freeze run."""
    row = study.row.drivers
    return Size(row.size, row.replicates) if row else None


def groups_size(study: Study) -> Size | None:
    """The same for groups of parameters, where there are any."""
    return drivers_size(study) if study.groups else None


def run_drivers(study: Study, executor: Executor | None, journal: Any) -> Added:
    """Sobol' indices of single parameters."""
    return sobol(study, executor, journal, None, "drivers")


def run_groups(study: Study, executor: Executor | None, journal: Any) -> Added:
    """Sobol' indices of groups."""
    return sobol(study, executor, journal, study.groups, "driver_groups")


def sobol(
    study: Study,
    executor: Executor | None,
    journal: Any,
    groups: Mapping[str, list[str]] | None,
    name: str,
) -> Added:
    """Sobol' indices by one pick-freeze run."""
    row = study.row.drivers
    assert row is not None
    wanted = row.outcomes or study.row.outcomes
    found = drivers(
        study.make_model(wanted),
        study.space,
        size=row.size,
        replicates=row.replicates,
        groups=groups,
        outcomes=wanted,
        control=row.control,
        second_order=row.second_order,
        until=row.until,
        most=max(row.most, row.replicates),
        failures=0.0,
        **common(study, executor, journal),
    )
    runs = int(found.attrs["model_runs"]) + int(found.attrs["pilot_runs"])
    return {name: found["drivers"]}, runs


def shapley_size(study: Study) -> Size | None:
    """Size of the walks."""
    row = study.row.shapley
    return Size(row.size, row.replicates) if row else None


def run_shapley(study: Study, executor: Executor | None, journal: Any) -> Added:
    """Shapley effects, and the ledger that sums them."""
    row = study.row.shapley
    assert row is not None
    wanted = row.outcomes or study.row.outcomes
    found = effects(
        study.make_model(wanted),
        study.space,
        wanted,
        size=row.size,
        replicates=row.replicates,
        **common(study, executor, journal),
    )
    nodes = found["shapley"].children
    books = {name: ledger(node.to_dataset(), study.entries) for name, node in nodes.items()}
    added = {"shapley": found["shapley"], "ledger": xr.DataTree.from_dict(books)}
    return added, int(found.attrs["model_runs"])


def sample_size(study: Study) -> Size | None:
    """Size of the draws that are looked at again: a part of the design's."""
    if not study.sampled_outcomes:
        return None
    size, replicates = draws_size(study)
    return Size(min(size, MOST), replicates)


def run_sample(study: Study, executor: Executor | None, journal: Any) -> Added:
    """How ranges were read, and where published projections fall."""
    size, outcomes = sample_size(study), study.sampled_outcomes
    assert size is not None
    tree = propagate(
        study.make_model(outcomes),
        study.space,
        size=size.size,
        replicates=size.replicates,
        outcomes=outcomes,
        failures=0.0,
        **common(study, executor, journal),
    )
    found, runs = Sample.of(tree), int(tree.attrs["model_runs"])
    added: dict[str, Any] = {}
    if study.row.readings is not None:
        made, more = read_otherwise(study, found, executor)
        added["readings"], runs = xr.DataTree(made), runs + more
    if study.projections is not None:
        made = place_projections(study, found)
        if made.sizes["row"]:
            added["placements"] = xr.DataTree(made)
    return added, runs


def read_otherwise(
    study: Study, sample: Sample, executor: Executor | None
) -> tuple[xr.Dataset, int]:
    """The readings, and how many model runs they took."""
    row = study.row.readings
    assert row is not None
    outcome, dim, places = study.read_outcome
    effects = study.read_effects
    model, space = study.make_model([outcome, *effects]), study.space
    factor = factors(model, space)
    door = Door(model, space, factor, (outcome, *effects))
    rows = [list(model.coords[dim]).index(place) for place in places] if dim else [0]
    runs = 0

    def runner(priors: Mapping[str, Prior]) -> tuple[Array, Array]:
        nonlocal runs
        changes = {
            name: sample.moved(name, space.priors[name], prior, factor.get(name, 1.0))
            for name, prior in priors.items()
        }
        draws = sample.run_again(door, changes, executor)
        runs += draws[outcome].shape[-1]
        return at_rows(draws, outcome, effects, rows)

    kept = {name: sample.outcome(name, {}) for name in (outcome, *effects)}
    run = Reweighting(sample, space, factor, *at_rows(kept, outcome, effects, rows))
    made = readings(
        run,
        scaled_bounds(model, factor),
        (dim or "place", places),
        effects,
        runner if row.anew else None,
        runner,
    )
    made.attrs |= {"outcome": outcome, "units": model.outcomes.get(outcome, "1")}
    return made, runs


def at_rows(
    draws: Mapping[str, Array], outcome: str, effects: Sequence[str], rows: Sequence[int]
) -> tuple[Array, Array]:
    """Draws (place, sample) of an outcome, and whether effects are below zero there."""
    found = {name: np.atleast_2d(y)[list(rows)] for name, y in draws.items()}
    signs = [found[name] < 0 for name in effects]
    shape = (0, *found[outcome].shape)
    return found[outcome], np.array(signs, dtype=float) if signs else np.empty(shape)


def scaled_bounds(model: Model, factor: Mapping[str, float]) -> dict[str, Bounds]:
    """What the model allows, in the units of the priors."""
    return {
        name: Bounds.of(text).scaled(factor.get(name, 1.0)) for name, text in model.bounds.items()
    }


def place_projections(study: Study, sample: Sample) -> xr.Dataset:
    """Published projections among the draws."""
    model, priors = study.make_model(study.row.outcomes), study.space.priors
    scale = factors(model, study.space)
    ranks = {
        name: sample.ranks(name, priors[name], scale.get(name, 1.0))
        for name in sample.scalars
        if priors[name].width and priors[name].family != "choice"
    }
    table = study.projections
    assert table is not None
    known = table[table["outcome"].isin(study.sampled_outcomes)]
    return placements(sample, ranks, known, model.dims, model.coords, scale)


def calibration_size(study: Study) -> Size | None:
    """One fit for each combination of choices."""
    if study.evidence is None:
        return None
    return Size(1, structures(study.space))


def run_calibration(study: Study, executor: Executor | None, journal: Any) -> Added:
    """What the observations teach."""
    return learn(study, executor, journal)


STAGES: dict[str, Stage] = {
    "propagate": Stage(draws_size, run_draws),
    "drivers": Stage(drivers_size, run_drivers),
    "groups": Stage(groups_size, run_groups),
    "shapley": Stage(shapley_size, run_shapley),
    "sample": Stage(sample_size, run_sample),
    "calibration": Stage(calibration_size, run_calibration),
}
"""Stages in the order in which they run."""
