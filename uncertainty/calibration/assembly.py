"""Assembly: a finished calibration as the groups of a result."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from uncertainty.calibration.diagnosis import Diagnosis
from uncertainty.calibration.draws import Draws, Seen, normal, seen, shifts
from uncertainty.calibration.labelling import (
    diagnostics_table,
    measured,
    per_row,
    predicted,
    row_coords,
    source_table,
    statistics_table,
    with_measurement,
)
from uncertainty.calibration.measurement import Measurement
from uncertainty.calibration.rows import Rows
from uncertainty.calibration.run import PRIOR_DRAWS, Calibrated, about, by_chain
from uncertainty.design import Design
from uncertainty.door import Door
from uncertainty.evidence import Evidence
from uncertainty.posterior.checks import predictive_checks
from uncertainty.posterior.densities import log_prior
from uncertainty.posterior.learned import learned
from uncertainty.posterior.left_out import left_out
from uncertainty.posterior.remaining import remaining
from uncertainty.posterior.scaling import power_scaled
from uncertainty.posterior.structure_share import structure_share

#: Streams of random numbers of sources and editions that were not fitted.
UNSEEN = 2**41 + 7

#: Points of the prior that the posterior is set beside.
PRIOR_DESIGN = "sobol"

Limits = Mapping[str, tuple[float, ...]]


class Explained(NamedTuple):
    """The outcome whose posterior is explained, and where: {dim: coordinates}."""

    outcome: str | None = None
    places: Mapping[str, Sequence[Any]] | None = None


NOTHING = Explained()


def assemble(
    found: Calibrated,
    door: Door,
    levels: tuple[float, ...],
    limits: Limits,
    *,
    held_back: Evidence | None = None,
    explain: Explained = NOTHING,
    executor: Executor | None = None,
) -> xr.DataTree:
    """The whole result of a calibration, the prior's groups included."""
    prior = prior_draws(found)
    tree = predicted(door, prior, door.run_all(prior.values, executor), levels, limits)
    tree["prior"] = xr.DataTree(
        with_measurement(tree["prior"].to_dataset(), found.measurement.rows, prior)
    )
    for name, group in posterior_groups(found, door, levels, limits, explain, executor).items():
        tree[name] = group
    tree["calibration/prior_intervals"] = xr.DataTree(said(tree["intervals"].to_dataset()))
    if held_back is not None:
        tree["held_back"] = xr.DataTree(held(found, door, held_back, prior))
    tree.attrs |= {**calibration_attrs(found), "design": PRIOR_DESIGN}
    tree.attrs["model_runs"] = int(prior.size + found.draws.size)
    return tree


def prior_side(
    found: Calibrated, door: Door, levels: tuple[float, ...], executor: Executor | None = None
) -> dict[str, xr.DataTree]:
    """Intervals of the prior over all that the posterior is told of."""
    prior = prior_draws(found)
    made = predicted(door, prior, door.run_all(prior.values, executor), levels, {})
    intervals = said(made["intervals"].to_dataset())
    return {"calibration/prior_intervals": xr.DataTree(intervals)}


def prior_draws(found: Calibrated) -> Draws:
    """Draws of the prior, to set beside the posterior's."""
    width = found.door.space.width
    return Draws.of_prior(
        found.door,
        found.measurement,
        Design(PRIOR_DESIGN, width, PRIOR_DRAWS, found.settings.seed, found.settings.chains),
    )


def calibration_attrs(found: Calibrated) -> dict[str, Any]:
    """Root attributes of a calibrated result."""
    words = verdicts(found)
    return {
        "converged": int(all(d.converged for d in found.diagnoses)),
        "calibration": json.dumps(about(found, words)),
        "seed": found.settings.seed,
    }


def verdicts(found: Calibrated) -> list[str]:
    """What the diagnoses say, a sentence for each fit that needs one."""
    if len(found.fits) == 1:
        return [found.diagnoses[0].words]
    wrong = [
        f"{fit.name}: {d.words}"
        for fit, d in zip(found.fits, found.diagnoses, strict=True)
        if not d.converged
    ]
    if wrong:
        return wrong
    return [joint_words(found.diagnoses)]


def joint_words(told: Sequence[Diagnosis]) -> str:
    """One sentence on fits that have all converged."""
    if any(np.isnan(d.r_hat).all() for d in told):
        return told[0].words
    largest = max(float(np.nanmax(d.r_hat)) for d in told)
    bulk, tail = (
        min(float(np.nanmin(getattr(d, name))) for d in told) for name in ("ess_bulk", "ess_tail")
    )
    return (
        f"All {len(told)} fits have converged, each of {told[0].chains} chains of "
        f"{told[0].draws:,} draws: largest R-hat {largest:.3f}, smallest effective sample size "
        f"{bulk:,.0f} in the bulk and {tail:,.0f} in the tails, no divergence."
    )


def posterior_groups(
    found: Calibrated,
    door: Door,
    levels: tuple[float, ...],
    limits: Limits,
    explain: Explained = NOTHING,
    executor: Executor | None = None,
) -> dict[str, xr.DataTree]:
    """The groups that a calibration adds to a result."""
    rows, draws, space = found.measurement.rows, found.draws, found.door.space
    made = predicted(door, draws, door.run_all(draws.values, executor), levels, limits)
    dims = door.model.dims
    looked = seen_now(found)
    told = measured(found.measurement, looked, draws, dims)
    parameters = made["prior"].to_dataset()
    groups: dict[str, xr.Dataset] = {
        "posterior": with_measurement(parameters, rows, draws),
        "posterior_predictive": made["prior_predictive"]
        .to_dataset()
        .assign(observation=told["replicated"]),
        "observed_data": told["observed_data"],
        "log_likelihood": xr.Dataset({"observation": told["log_likelihood"]}),
        "log_prior": log_prior(space, parameters),
        "sample_stats": statistics_table(found.statistics),
    }
    for name in ("intervals", "moments", "exceedance"):
        if name in made:
            groups[f"calibration/{name}"] = said(made[name].to_dataset())
    groups |= {f"calibration/{name}": part for name, part in learned_groups(found)}
    names = {name: name in found.reached for name in space.uncertain}
    groups["calibration/learned"] = learned(space, parameters, names)
    groups |= {
        f"calibration/{name}": part for name, part in afterwards(found, looked, groups, explain)
    }
    return {name: xr.DataTree(dataset) for name, dataset in groups.items()}


def afterwards(
    found: Calibrated, looked: Seen, groups: Mapping[str, xr.Dataset], explain: Explained
) -> Iterator[tuple[str, xr.Dataset]]:
    """How rows are predicted that are left out, and what the outcome to explain rests on."""
    tree = xr.DataTree.from_dict({name: part for name, part in groups.items() if "/" not in name})
    count = found.draws.chains
    yield "check", left_out(tree, below=by_chain(looked.below, count))
    yield "predictive_checks", predictive_checks(tree)
    if explain.outcome is None:
        return
    space, outcome, places = found.door.space, explain.outcome, explain.places
    joint = looked.joint.reshape(count, -1)
    yield "power_scaling", power_scaled(tree, space, outcome, places=places, joint=joint)
    if len(found.fits) > 1:
        yield "structure_share", between_structures(found, tree, outcome)
    rest = remaining(tree, [outcome], space, places=places, seed=found.settings.seed)
    for kind in ("shapley", "given"):
        for name, part in getattr(rest, kind).items():
            yield f"{kind}/{name}", part


def between_structures(found: Calibrated, tree: xr.DataTree, outcome: str) -> xr.Dataset:
    """Part of an outcome's variance that lies between structures."""
    array = tree["posterior_predictive"].to_dataset()[outcome]
    structure = found.structure.reshape(found.draws.chains, -1)
    share = structure_share(array.transpose("chain", "draw", ...).values, structure)
    dims = [str(dim) for dim in array.dims if dim not in ("chain", "draw")]
    coords = {dim: array[dim] for dim in dims}
    return xr.Dataset(
        {
            "share": (dims, share.value),
            "share_interval": ([*dims, "bound"], share.interval),
        },
        coords={**coords, "bound": ["lower", "upper"]},
        attrs={"outcome": outcome, "interval_kind": "ci", "interval_prob": 0.95},
    )


def said(dataset: xr.Dataset) -> xr.Dataset:
    """Intervals of chains: the spread over them is the Monte Carlo error."""
    return dataset.assign_attrs(mcse_method="spread over chains")


def seen_now(found: Calibrated) -> Any:
    """The measurement at the stacked draws."""
    return seen(found.door, found.measurement, found.draws, found.settings.seed)


def learned_groups(found: Calibrated) -> Iterator[tuple[str, xr.Dataset]]:
    """What was learned of sources, and whether the chains agree."""
    rows = found.measurement.rows
    if len(rows.biased):
        yield "source_bias", source_table(rows, found.draws)
    diagnoses = found.diagnoses
    worst = max(diagnoses, key=lambda d: len(d.faults))
    converged = all(d.converged for d in diagnoses)
    yield "diagnostics", diagnostics_table(worst, verdicts(found), converged)
    if found.comparison is not None:
        names = [str(name) for name in found.comparison["structure"].values]
        by_name = dict(zip([fit.name for fit in found.fits], diagnoses, strict=True))
        flags = [by_name[name].converged for name in names]
        yield "structures", found.comparison.assign(converged=("structure", flags))


def held(found: Calibrated, door: Door, evidence: Evidence, prior: Draws) -> xr.Dataset:
    """Rows that were not fitted: observed, and as the posterior and the prior predict them."""
    rows = Rows.of(evidence, door.model)
    door = Door(door.model, door.space, door.factors, rows.outcomes)
    measurement = Measurement(rows, found.measurement.robust)
    coords = row_coords(rows, door.model.dims)
    seed = found.settings.seed
    after, before = (
        per_row(
            seen(door, measurement, known(found, measurement, joined), seed + 1).replicated,
            joined.chains,
            coords,
        )
        for joined in (found.draws, prior)
    )
    pieces = {
        "observed": ("row", rows.value),
        "observation": after,
        "prior_observation": before.rename(chain="prior_chain", draw="prior_draw"),
    }
    return xr.Dataset(pieces, coords=coords)


def known(found: Calibrated, measurement: Measurement, draws: Draws) -> Draws:
    """Draws with biases and vintages for the sources of other rows.

    A source that was fitted brings what was learned of it; a new one has its prior.
    """
    fitted, rows, seed = found.measurement.rows, measurement.rows, found.settings.seed
    fresh = {
        "source_score": normal(seed, UNSEEN, (len(rows.biased), draws.size)),
        "edition_score": normal(seed, UNSEEN + 1, (len(rows.dated), draws.size)),
        "scale_score": np.zeros(draws.size),
    }
    bias, vintage, _ = shifts(measurement, fresh, draws.size)
    scale = draws.scale
    bias *= scale
    for new, old in same(rows, fitted, "source").items():
        bias[new] = draws.bias[old]
    for new, old in same(rows, fitted, "edition").items():
        vintage[new] = draws.vintage[old]
    return replace(draws, bias=bias, vintage=vintage, scale=scale)


def same(new: Rows, old: Rows, column: str) -> dict[int, int]:
    """Numbers of the sources or editions of some rows that are among those of others."""
    numbers = {key: number for number, key in enumerate(old.keys(column))}
    keys = enumerate(new.keys(column))
    return {number: numbers[key] for number, key in keys if key in numbers}
