"""Monte Carlo propagation: blocks to parameters to outcomes to tallies to a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import xarray as xr

from uncertainty import estimates
from uncertainty.arrays import Array
from uncertainty.design import Batch, Block, Design
from uncertainty.door import Door, ModelLike, SpaceLike
from uncertainty.errors import DesignError
from uncertainty.estimates import Estimate
from uncertainty.labels import chains, describe, labelled
from uncertainty.parameters import parameter_table
from uncertainty.pool import Journal, fold
from uncertainty.provenance import provenance
from uncertainty.space import Space
from uncertainty.tally import Counts, Grid, Keep, Moments, Share, Table

#: Quantiles that are reported when nothing else is asked for.
PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Layout:
    """What the tallies of one outcome need to know before the first block.

    Attributes
    ----------
    shift : (...)
        A typical value, for the moments.
    grid : Grid or None
        Edges for counted quantiles; None when all draws are kept.
    thresholds : tuple of float
    """

    shift: Array
    grid: Grid | None
    thresholds: tuple[float, ...]


@dataclass(frozen=True)
class Propagation:
    """A Monte Carlo run, declared: what `tally` needs to know about a batch of blocks."""

    door: Door
    design: Design
    layouts: Mapping[str, Layout]
    kept: int

    def tally(self, batch: Batch) -> Table:
        """Tallies of one batch."""
        return reduce(add, map(self.tally_block, batch.blocks))

    def tally_block(self, block: Block) -> Table:
        """Draw, run the model, summarise."""
        values = self.door.values(self.design.points(block))
        outcomes = self.door.run(values)
        parts: dict[Any, Any] = {}
        for name, y in outcomes.items():
            parts |= self.outcome_tallies(name, y, block)
        if block.start < self.kept:
            first = slice(self.kept - block.start)
            for name, x in values.items():
                parts["prior", name, block.replicate] = Keep.of(x[..., first])
        return Table.of(parts)

    def outcome_tallies(self, name: str, y: Array, block: Block) -> dict[Any, Any]:
        """The tallies of one outcome in one block, by kind, name and replicate."""
        layout, r = self.layouts[name], block.replicate
        parts: dict[Any, Any] = {("moments", name, r): Moments.of(y, layout.shift)}
        if layout.grid is not None:
            parts["counts", name, r] = Counts.of(y, layout.grid)
        if layout.thresholds:
            parts["share", name, r] = Share.of(y, layout.thresholds)
        if block.start < self.kept:
            parts["keep", name, r] = Keep.of(y[..., : self.kept - block.start])
        return parts


def propagate(
    model: ModelLike,
    space: SpaceLike,
    *,
    size: int = 2**14,
    seed: int = 1,
    design: str = "sobol",
    replicates: int = 8,
    probabilities: Sequence[float] = PROBABILITIES,
    keep: bool | int = True,
    thresholds: Mapping[str, Sequence[float]] | None = None,
    outcomes: Sequence[str] | None = None,
    executor: Executor | None = None,
    journal: Journal[Batch, Table] | None = None,
) -> xr.DataTree:
    """Push the priors of a space through a model.

    Parameters
    ----------
    model : Model or callable
        A plain function ``f(x1, x2)`` of arrays (sample,) will do.
    space : Space or {name: Prior}
    size : int
        Points per replicate; a power of 2 for Sobol' points.
    seed : int
    design : {"sobol", "latin", "random"}
    replicates : int
        Independent repetitions; their spread is the Monte Carlo error of every number.
    probabilities : sequence of float
        Quantiles to report.
    keep : bool or int
        Keep all draws, none, or the first so many of each replicate (the first 2^k points of
        a Sobol' replicate are themselves such a design). Without all draws the memory does
        not grow with `size`.
    thresholds : {outcome: values}, optional
        Report the share of draws above each value.
    outcomes : sequence of str, optional
        Only these.
    executor : concurrent.futures.Executor, optional
        Runs batches of blocks elsewhere; the result is the same to the last bit.
    journal : Journal, optional
        Progress and resuming, see `uncertainty.pool.Journal`.

    Returns
    -------
    xarray.DataTree
        ``/intervals``, ``/moments``, ``/parameters``, with thresholds ``/exceedance``, with
        kept draws ``/prior`` and ``/prior_predictive`` (chain, draw, ...); a chain is a
        replicate.

    Raises
    ------
    ModelError, SpaceError, DesignError, UnitError
        With what was wrong, what was found and what is allowed.

    Examples
    --------
    >>> from uncertainty.prior import Prior
    >>> prior = {"a": Prior("normal", mu=0, sigma=3), "b": Prior("normal", mu=1, sigma=4)}
    >>> result = propagate(lambda a, b: a + b, prior, size=1024)
    >>> round(float(result["moments"]["y"].sel(moment="sd")), 2)
    5.0
    """
    levels = checked_probabilities(probabilities)

    def trial(found: Space) -> Array:
        plan = Design(design, found.width, size, seed, replicates)
        return plan.points(plan.blocks[0])

    door, first = Door.of(model, space, trial, outcomes)
    plan = Design(design, door.space.width, size, seed, replicates)
    kept = {True: size, False: 0}.get(keep, keep) if isinstance(keep, bool) else int(keep)
    layouts = {
        name: layout(y, kept < size, (thresholds or {}).get(name, ())) for name, y in first.items()
    }
    run = Propagation(door, plan, layouts, min(kept, size))
    table = fold(run.tally, plan.batches, executor, journal)
    return tree(run, table, levels)


def checked_probabilities(probabilities: Sequence[float]) -> tuple[float, ...]:
    """Probabilities in rising order, each strictly between 0 and 1."""
    levels = tuple(sorted(float(p) for p in probabilities))
    if not levels or not all(0 < p < 1 for p in levels) or len(set(levels)) < len(levels):
        msg = (
            "probabilities must be different numbers strictly between 0 and 1, "
            f"got {list(probabilities)}"
        )
        raise DesignError(msg)
    return levels


def layout(pilot: Array, counted: bool, thresholds: Sequence[float]) -> Layout:
    """The layout of one outcome's tallies from its first block."""
    grid = Grid.of(pilot) if counted else None
    return Layout(np.median(pilot, axis=-1), grid, tuple(float(t) for t in thresholds))


def tree(run: Propagation, table: Table, levels: tuple[float, ...]) -> xr.DataTree:
    """Labels on: the result tree of a finished propagation."""
    groups = {
        "/intervals": intervals(run, table, levels),
        "/moments": moments(run, table),
        "/exceedance": exceedance(run, table),
        "/parameters": parameter_table(run.door.space),
        "/prior": kept_parameters(run, table),
        "/prior_predictive": kept_outcomes(run, table),
    }
    made = xr.DataTree.from_dict({name: ds for name, ds in groups.items() if ds.data_vars})
    design = run.design
    made.attrs |= provenance(
        seed=design.seed,
        design=design.kind,
        size=design.size,
        replicates=design.replicates,
        model_runs=design.size * design.replicates,
        failed_runs=0,
    )
    return made


def parts(run: Propagation, table: Table, kind: str, name: str) -> list[Any]:
    """The tallies of one kind and outcome, replicate by replicate."""
    return [table.parts[kind, name, r] for r in range(run.design.replicates)]


def outcome_array(
    run: Propagation, name: str, values: Array, extra: str, labels: Sequence[Any]
) -> xr.DataArray:
    """An array over an outcome's dims and one more."""
    model = run.door.model
    return labelled(
        values,
        (*model.dims.get(name, ()), extra),
        {**model.coords, extra: labels},
        describe(model.outcomes[name], model.labels.get(name, "")),
    )


def with_errors(
    run: Propagation,
    name: str,
    found: Estimate,
    extra: str,
    labels: Sequence[Any],
) -> dict[str, xr.DataArray]:
    """A variable and, beside it, its Monte Carlo standard error."""
    return {
        name: outcome_array(run, name, found.value, extra, labels),
        f"{name}_mcse": outcome_array(run, name, found.error, extra, labels),
    }


def group_attrs(run: Propagation) -> dict[str, Any]:
    """What every group says of the draws it rests on."""
    many = run.design.replicates > 1
    return {
        "draws": run.design.size * run.design.replicates,
        "replicates": run.design.replicates,
        "mcse_method": "spread over replicates" if many else "independent draws of one replicate",
    }


def intervals(run: Propagation, table: Table, levels: tuple[float, ...]) -> xr.Dataset:
    """Quantiles and their Monte Carlo standard errors."""
    variables: dict[str, xr.DataArray] = {}
    for name in run.door.outcomes:
        kind = "keep" if run.layouts[name].grid is None else "counts"
        found = estimates.quantiles(parts(run, table, kind, name), levels)
        variables |= with_errors(run, name, found, "quantile", levels)
    attrs = {
        "interval_kind": "eti",
        "interval_prob": widest(levels),
        **group_attrs(run),
    }
    return xr.Dataset(variables, attrs=attrs)


def widest(levels: tuple[float, ...]) -> float:
    """Probability between the outermost quantiles."""
    return round(levels[-1] - levels[0], 12)


def moments(run: Propagation, table: Table) -> xr.Dataset:
    """Mean and standard deviation with their Monte Carlo standard errors."""
    variables: dict[str, xr.DataArray] = {}
    for name in run.door.outcomes:
        found = estimates.moments(parts(run, table, "moments", name))
        variables |= with_errors(run, name, found, "moment", ("mean", "sd"))
    return xr.Dataset(variables, attrs=group_attrs(run))


def exceedance(run: Propagation, table: Table) -> xr.Dataset:
    """Share of draws above each threshold, with its standard error; one threshold dim each."""
    variables: dict[str, xr.DataArray] = {}
    for name, found in run.layouts.items():
        if not found.thresholds:
            continue
        shares = estimates.shares(parts(run, table, "share", name))
        both = with_errors(run, name, shares, f"{name}_threshold", found.thresholds)
        variables |= {key: array.assign_attrs(units="1") for key, array in both.items()}
    return xr.Dataset(variables, attrs=group_attrs(run))


def kept_outcomes(run: Propagation, table: Table) -> xr.Dataset:
    """Kept draws of the outcomes, (chain, draw, ...)."""
    if not run.kept:
        return xr.Dataset()
    model = run.door.model
    return xr.Dataset(
        {
            name: kept(
                run,
                parts(run, table, "keep", name),
                model.dims.get(name, ()),
                describe(model.outcomes[name], model.labels.get(name, "")),
            )
            for name in run.door.outcomes
        }
    )


def kept_parameters(run: Propagation, table: Table) -> xr.Dataset:
    """Kept draws of the parameters in the model's units, (chain, draw)."""
    if not run.kept:
        return xr.Dataset()
    units = run.door.model.units
    return xr.Dataset(
        {
            name: kept(
                run,
                parts(run, table, "prior", name),
                (f"{name}_dim_0",) if prior.size > 1 else (),
                describe(units.get(name, prior.unit), prior.label),
            )
            for name, prior in run.door.space.priors.items()
        }
    )


def kept(
    run: Propagation, pieces: list[Keep], dims: Sequence[str], attrs: Mapping[str, str]
) -> xr.DataArray:
    """Kept draws of one quantity with a chain for each replicate."""
    draws = np.concatenate([piece.result() for piece in pieces], axis=-1)
    values = chains(draws, run.design.replicates)
    coords = {
        **{dim: range(n) for dim, n in zip(dims, values.shape[2:], strict=True)},
        **run.door.model.coords,
        "chain": range(values.shape[0]),
        "draw": range(values.shape[1]),
    }
    return labelled(values, ("chain", "draw", *dims), coords, attrs)
