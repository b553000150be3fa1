"""Monte Carlo propagation: blocks to parameters to outcomes to tallies to a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.attempts import attempt, check_share
from uncertainty.design import Batch, Block, Design
from uncertainty.door import Door, ModelLike, SpaceLike
from uncertainty.errors import DesignError, ModelError
from uncertainty.labels import QUANTILES
from uncertainty.names import listed, suggestion
from uncertainty.pool import Journal, fold
from uncertainty.space import as_space
from uncertainty.tally import Counts, Failures, Grid, Keep, Moments, Share, Table
from uncertainty.unknown import TRIED, check_failed

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Layout:
    """What the tallies of one outcome need to know before the first block.

    Attributes
    ----------
    shift, scale : (...)
        A typical value and spread, for the moments.
    grid : Grid or None
        Edges for counted quantiles; None when all draws are kept.
    thresholds : tuple of float
    """

    shift: Array
    scale: Array
    grid: Grid | None
    thresholds: tuple[float, ...]


@dataclass(frozen=True)
class Propagation:
    """A Monte Carlo run, declared: what `tally` needs to know about a batch of blocks.

    Attributes
    ----------
    door : Door
    design : Design
    layouts : {outcome: Layout}
    levels : tuple of float
        Probabilities of the quantiles to report.
    kept : int
        Draws of each replicate that are kept.
    failures : float
        Share of the runs that may fail.
    """

    door: Door
    design: Design
    layouts: Mapping[str, Layout]
    levels: tuple[float, ...]
    kept: int
    failures: float = 0.0

    def tally(self, batch: Batch) -> Table:
        """Tallies of one batch."""
        return reduce(add, map(self.tally_block, batch.blocks))

    def tally_block(self, block: Block) -> Table:
        """Draw, run the model, summarise."""
        values = self.door.values(self.design.points(block))
        found = attempt(self.door, values, self.failures)
        parts: dict[Any, Any] = {}
        for name, y in found.complete.items():
            parts |= self.outcome_tallies(name, y, block)
        if self.failures:
            tried = 0 if block.start or block.replicate else TRIED
            parts["failures", "", block.replicate] = Failures.of(values, found.reasons, tried)
        if block.start < self.kept:
            for name, y in found.outcomes.items():
                parts["keep", name, block.replicate] = Keep.of(y[..., : self.kept - block.start])
        if block.start < self.kept:
            first = slice(self.kept - block.start)
            for name, x in values.items():
                parts["prior", name, block.replicate] = Keep.of(x[..., first])
        return Table.of(parts)

    def outcome_tallies(self, name: str, y: Array, block: Block) -> dict[Any, Any]:
        """The tallies of one outcome in one block, by kind, name and replicate."""
        layout, r = self.layouts[name], block.replicate
        parts: dict[Any, Any] = {("moments", name, r): Moments.of(y, layout.shift, layout.scale)}
        if layout.grid is not None:
            parts["counts", name, r] = Counts.of(y, layout.grid)
        if layout.thresholds:
            parts["share", name, r] = Share.of(y, layout.thresholds)
        return parts


def propagate(
    model: ModelLike,
    space: SpaceLike,
    *,
    size: int = 2**14,
    seed: int = 1,
    design: str = "sobol",
    replicates: int = 8,
    probabilities: Sequence[float] = QUANTILES,
    keep: bool | int = True,
    thresholds: Mapping[str, Sequence[float]] | None = None,
    outcomes: Sequence[str] | None = None,
    failures: float = 0.05,
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
        a Sobol' replicate are themselves such a design). Unless all are kept, quantiles are
        counted and the memory does not grow with `size` (but for a Latin hypercube, whose
        permutations do).
    thresholds : {outcome: values}, optional
        Report the share of draws above each value.
    outcomes : sequence of str, optional
        Only these.
    failures : float
        Share of the runs that may fail (not finite, or an exception). They are counted, kept with
        their parameters in ``/failures``, NaN among the kept draws, and left out of everything
        else; ``/bounds`` says between what the quantiles could lie with them. With 0 the first
        failure ends the run.
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
    from uncertainty.propagated import result_tree  # xarray: not needed where blocks are run

    levels = checked_probabilities(probabilities)
    kept = draws_kept(keep, size)
    space = as_space(space)
    plan = Design(design, space.width, size, seed, replicates)
    check_share(failures)
    door, first = Door.of(model, space, plan.points(plan.first), outcomes, failures)
    limits = checked_thresholds(thresholds or {}, door.outcomes)
    layouts = {name: layout(y, kept < size, limits.get(name, ())) for name, y in first.items()}
    run = Propagation(door, plan, layouts, levels, kept, failures)
    table = fold(run.tally, plan.batches, executor, journal)
    check_failed(table, failures)
    return result_tree(run, table)


def checked_probabilities(probabilities: Sequence[float]) -> tuple[float, ...]:
    """Probabilities in rising order, each strictly between 0 and 1."""
    try:
        values = np.atleast_1d(np.asarray(probabilities, dtype=float))
    except (TypeError, ValueError):
        values = np.array([np.nan])
    levels = tuple(sorted(float(p) for p in values))
    if not levels or not all(0 < p < 1 for p in levels) or len(set(levels)) < len(levels):
        msg = (
            f"probabilities must be different numbers strictly between 0 and 1, got {probabilities}"
        )
        raise DesignError(msg)
    return levels


def draws_kept(keep: bool | int, size: int) -> int:
    """How many draws of each replicate are kept."""
    if isinstance(keep, bool | np.bool_):
        return size if keep else 0
    if not isinstance(keep, int | np.integer) or keep < 0:
        msg = f"keep must be True, False or a whole number of draws of at least 0, got {keep!r}"
        raise DesignError(msg)
    return min(int(keep), size)


def checked_thresholds(
    thresholds: Mapping[str, Sequence[float]], outcomes: Sequence[str]
) -> dict[str, tuple[float, ...]]:
    """Thresholds by outcome, all finite, of outcomes that are computed."""
    if not isinstance(thresholds, Mapping):
        msg = f"thresholds are a dictionary {{outcome: values}}, got {thresholds!r}"
        raise DesignError(msg)
    unknown = [name for name in thresholds if name not in outcomes]
    if unknown:
        near = suggestion(unknown[0], outcomes)
        msg = f"thresholds: no outcome {listed(unknown)}{near}; there are {listed(outcomes)}"
        raise ModelError(msg)
    found = {name: tuple(np.atleast_1d(values).tolist()) for name, values in thresholds.items()}
    for name, values in found.items():
        if not all(isinstance(v, int | float) and np.isfinite(v) for v in values):
            msg = f"thresholds of {name!r} must be finite numbers, got {list(values)}"
            raise DesignError(msg)
    return found


def layout(pilot: Array, counted: bool, thresholds: tuple[float, ...]) -> Layout:
    """The layout of one outcome's tallies from its first block."""
    shift, spread = np.median(pilot, axis=-1), np.ptp(pilot, axis=-1)
    scale = np.where(spread > 0, spread, 1.0)
    return Layout(shift, scale, Grid.of(pilot) if counted else None, thresholds)
