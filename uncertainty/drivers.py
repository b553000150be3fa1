"""Drivers: Sobol' indices of every coordinate of every outcome in one pass.

Intervals come from independent replicates of the design and Student's t: on quasi-random
points the bootstrap ignores their gain and reports intervals several times too wide.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import reduce
from itertools import batched
from operator import add
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.arrays import Array
from uncertainty.design import BLOCK, Batch, Block, Design
from uncertainty.door import Door, ModelLike, SpaceLike
from uncertainty.errors import DesignError, SpaceError
from uncertainty.labels import labelled
from uncertainty.model import sample_size
from uncertainty.names import listed, suggestion
from uncertainty.pool import Journal, fold
from uncertainty.provenance import provenance
from uncertainty.space import Space
from uncertainty.tally import Indices, Pairs, PickFreeze, Table

#: Probability of the intervals around the indices.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Freezing:
    """A pick-freeze run, declared: which parameters move together, and what is summed."""

    door: Door
    design: Design
    moves: Mapping[str, tuple[str, ...]]
    shifts: Mapping[str, Array]
    second_order: bool

    @property
    def runs(self) -> int:
        """Model runs in all."""
        each = len(self.moves) * (2 if self.second_order else 1) + 2
        return self.design.size * self.design.replicates * each

    def tally(self, batch: Batch) -> Table:
        """Tallies of one batch."""
        return reduce(add, map(self.tally_block, batch.blocks))

    def tally_block(self, block: Block) -> Table:
        """Tallies of one block: A and B are the two halves of each point."""
        u = self.design.points(block)
        width = self.door.space.width
        a, b = self.door.values(u[:width]), self.door.values(u[width:])
        ya, yb = self.door.run(a), self.door.run(b)
        if self.second_order:
            return Table.of(self.crossed(a, b, ya, yb, block.replicate))
        return Table.of(self.streamed(a, b, ya, yb, block.replicate))

    def mixed(
        self, base: Mapping[str, Array], other: Mapping[str, Array]
    ) -> Iterator[dict[str, Array]]:
        """Outcomes of `base` with each group of parameters taken from `other` in turn.

        Small blocks go through the model several at a time, which saves calls.
        """
        size = sample_size(base)
        for moves in batched(self.moves.values(), max(1, BLOCK // size)):
            samples = [{**base, **{name: other[name] for name in names}} for names in moves]
            outcomes = self.door.run(side_by_side(samples))
            for i in range(len(moves)):
                place = slice(i * size, (i + 1) * size)
                yield {name: y[..., place] for name, y in outcomes.items()}

    def streamed(self, a: Any, b: Any, ya: Any, yb: Any, replicate: int) -> dict[Any, Any]:
        """First-order and total sums; each mixed sample is dropped once it is summed."""
        sums = {
            name: PickFreeze.start(ya[name], yb[name], shift) for name, shift in self.shifts.items()
        }
        for outcomes in self.mixed(a, b):
            for name, y in outcomes.items():
                sums[name].step(y)
        return {("first", name, replicate): found.stop() for name, found in sums.items()}

    def crossed(self, a: Any, b: Any, ya: Any, yb: Any, replicate: int) -> dict[Any, Any]:
        """First-order, total and pair sums, with the roles of A and B taken both ways."""
        ab, ba = list(self.mixed(a, b)), list(self.mixed(b, a))
        tallies: dict[Any, Any] = {}
        for name, shift in self.shifts.items():
            left, right = [y[name] for y in ab], [y[name] for y in ba]
            tallies["first", name, replicate] = PickFreeze.of(
                ya[name], yb[name], left, shift
            ) + PickFreeze.of(yb[name], ya[name], right, shift)
            tallies["pairs", name, replicate] = Pairs.of(left, right, shift)
        return tallies


def side_by_side(samples: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Several samples as one, joined along the sample axis."""
    if len(samples) == 1:
        return dict(samples[0])
    return {n: np.concatenate([s[n] for s in samples], axis=-1) for n in samples[0]}


def drivers(
    model: ModelLike,
    space: SpaceLike,
    *,
    size: int = 2**12,
    seed: int = 1,
    replicates: int = 8,
    second_order: bool = False,
    groups: Mapping[str, Sequence[str]] | None = None,
    outcomes: Sequence[str] | None = None,
    design: str = "sobol",
    executor: Executor | None = None,
    journal: Journal[Batch, Table] | None = None,
) -> xr.DataTree:
    """Sobol' indices with intervals: which parameters decide an outcome.

    Parameters
    ----------
    model, space, outcomes, executor, journal
        As for `propagate`.
    size : int
        Base points per replicate. The model runs ``replicates * size * (parameters + 2)``
        times, and ``replicates * size * parameters`` times more with `second_order`.
    seed, replicates : int
        At least two replicates: their spread gives the intervals.
    second_order : bool
        Indices of pairs too (``S2``).
    groups : {group: parameter names}, optional
        Indices of groups in place of single parameters; no parameter in two groups.
    design : {"sobol", "latin", "random"}

    Returns
    -------
    xarray.DataTree
        ``/drivers/<outcome>`` with ``S1``, ``ST`` (..., parameter) and ``S1_interval``,
        ``ST_interval`` (..., parameter, bound), 95% by Student's t over replicates; for an
        outcome with dims also ``aggregate_S1``, ``aggregate_ST``, weighted by variance
        (Lamboni, Monod and Makowski 2011). An index is NaN
        where the outcome does not vary, and a warning says where.

    Raises
    ------
    SpaceError
        If parameters of different groups are correlated: Sobol' indices do not exist then.
    DesignError, ModelError, UnitError

    Examples
    --------
    >>> from uncertainty.prior import Prior
    >>> prior = {"a": Prior("normal", mu=0, sigma=3), "b": Prior("normal", mu=1, sigma=4)}
    >>> result = drivers(lambda a, b: a + b, prior, size=256)
    >>> result["drivers/y"]["S1"].round(2).values.tolist()
    [0.36, 0.64]
    """
    check_replicates(replicates)

    def plan(found: Space) -> Design:
        return Design(design, 2 * found.width, size, seed, replicates)

    def trial(found: Space) -> Array:
        points = plan(found)
        return points.points(points.blocks[0])[: found.width]

    door, first = Door.of(model, space, trial, outcomes)
    moves = moved_together(door.space, groups)
    shifts = {name: np.median(y, axis=-1) for name, y in first.items()}
    run = Freezing(door, plan(door.space), moves, shifts, second_order)
    table = fold(run.tally, run.design.batches, executor, journal)
    return tree(run, table)


def check_replicates(replicates: int) -> None:
    """Raise `DesignError` for a number of replicates that has no spread."""
    if replicates < 2:
        msg = (
            f"drivers needs at least 2 replicates, got {replicates}: "
            "the spread over replicates is the interval of the indices"
        )
        raise DesignError(msg)


def moved_together(
    space: Space, groups: Mapping[str, Sequence[str]] | None
) -> dict[str, tuple[str, ...]]:
    """Parameters that are exchanged together, by the name that their index gets.

    Raises
    ------
    SpaceError
        For unknown, doubled or fixed names, and for correlation across groups.
    """
    if groups is None:
        moves: dict[str, tuple[str, ...]] = {name: (name,) for name in space.uncertain}
    else:
        moves = {group: tuple(names) for group, names in groups.items()}
        check_groups(space, moves)
    check_dependence(space, moves)
    return moves


def check_groups(space: Space, moves: Mapping[str, tuple[str, ...]]) -> None:
    """Raise `SpaceError` unless groups are non-empty, disjoint and of known parameters."""
    faults = []
    home: dict[str, str] = {}
    for group, names in moves.items():
        if not names:
            faults.append(f"group {group!r} is empty")
        for name in names:
            if name not in space.priors:
                faults.append(
                    f"group {group!r}: unknown parameter {name!r}{suggestion(name, space.names)}"
                )
            if name in home:
                faults.append(f"parameter {name!r} is in the groups {home[name]!r} and {group!r}")
            home[name] = group
    if faults:
        raise SpaceError("; ".join(faults))


def check_dependence(space: Space, moves: Mapping[str, tuple[str, ...]]) -> None:
    """Raise `SpaceError` if correlated parameters are not exchanged together."""
    for cluster in space.clusters:
        if not any(set(cluster) <= set(names) for names in moves.values()):
            msg = (
                f"Sobol' indices need independent parameters, but {listed(cluster)} are "
                "correlated; put them into one group (groups={...: [...]}), whose index is "
                "well defined, or use Shapley effects"
            )
            raise SpaceError(msg)


def tree(run: Freezing, table: Table) -> xr.DataTree:
    """Labels on: the result tree of a finished pick-freeze run."""
    nodes = {f"/drivers/{name}": outcome_drivers(run, table, name) for name in run.door.outcomes}
    made = xr.DataTree.from_dict(nodes)
    design = run.design
    made.attrs |= provenance(
        seed=design.seed,
        design=design.kind,
        size=design.size,
        replicates=design.replicates,
        model_runs=run.runs,
        failed_runs=0,
    )
    return made


def outcome_drivers(run: Freezing, table: Table, name: str) -> xr.Dataset:
    """All indices of one outcome."""
    found = [table.parts["first", name, r].result() for r in range(run.design.replicates)]
    dims = run.door.model.dims.get(name, ())
    variables = {
        **estimate(run, "S1", ratios(found, "first"), (*dims, "parameter")),
        **estimate(run, "ST", ratios(found, "total"), (*dims, "parameter")),
    }
    if run.second_order:
        pairs = [table.parts["pairs", name, r].result() for r in range(run.design.replicates)]
        values = second_order(found, pairs)
        variables |= estimate(run, "S2", values, (*dims, "parameter", "parameter2"))
    if dims:
        variables |= estimate(run, "aggregate_S1", aggregates(found, "first"), ("parameter",))
        variables |= estimate(run, "aggregate_ST", aggregates(found, "total"), ("parameter",))
    warn_undefined(run, name, variables["S1"])
    return xr.Dataset(variables, attrs=driver_attrs(run, name)).assign_coords(parameter_labels(run))


def ratios(found: Sequence[Indices], part: str) -> Array:
    """Indices of each replicate, (replicate, ..., parameter), NaN without variance."""
    return np.stack([share(getattr(f, part), f.variance[..., None]) for f in found])


def share(part: Array, variance: Array) -> Array:
    """`part / variance`, NaN where the variance is zero."""
    undefined = np.full(np.broadcast_shapes(part.shape, variance.shape), np.nan)
    return np.divide(part, variance, out=undefined, where=variance > 0)


def aggregates(found: Sequence[Indices], part: str) -> Array:
    """Indices of all coordinates together, (replicate, parameter): sums of parts over sums."""
    rows = []
    for f in found:
        parts = getattr(f, part).reshape(-1, getattr(f, part).shape[-1])
        rows.append(share(parts.sum(axis=0), np.asarray(f.variance.sum())))
    return np.stack(rows)


def second_order(found: Sequence[Indices], pairs: Sequence[Array]) -> Array:
    """Pure interaction of each pair, (replicate, ..., parameter, parameter); diagonal NaN."""
    rows = []
    for f, closed in zip(found, pairs, strict=True):
        pure = closed - f.first[..., :, None] - f.first[..., None, :]
        index = share(pure, f.variance[..., None, None])
        diagonal = np.eye(closed.shape[-1], dtype=bool)
        rows.append(np.where(diagonal, np.nan, index))
    return np.stack(rows)


def estimate(
    run: Freezing, name: str, values: Array, dims: Sequence[str]
) -> dict[str, xr.DataArray]:
    """Mean over replicates and its interval by Student's t."""
    from scipy.special import stdtrit

    replicates = len(values)
    mean = values.mean(axis=0)
    reach = stdtrit(replicates - 1, 0.5 + CONFIDENCE / 2) / np.sqrt(replicates)
    half = reach * values.std(axis=0, ddof=1)
    names = tuple(run.moves)
    coords = {
        **run.door.model.coords,
        "parameter": names,
        "parameter2": names,
        "bound": ("lower", "upper"),
    }
    bounds = np.stack([mean - half, mean + half], axis=-1)
    attrs: dict[str, Any] = {
        "interval_kind": interval_kind(replicates),
        "interval_prob": CONFIDENCE,
    }
    return {
        name: labelled(mean, dims, coords, {"units": "1"}),
        f"{name}_interval": labelled(bounds, (*dims, "bound"), coords, attrs),
    }


def interval_kind(replicates: int) -> str:
    """How an index's interval was made."""
    return f"t over {replicates} replicates"


def driver_attrs(run: Freezing, name: str) -> dict[str, Any]:
    """What the indices rest on."""
    return {
        "units": run.door.model.outcomes[name],
        "interval_kind": interval_kind(run.design.replicates),
        "interval_prob": CONFIDENCE,
        "replicates": run.design.replicates,
        "size": run.design.size,
        "model_runs": run.runs,
        "estimators": "S1 Saltelli 2010, centred; ST Jansen 1999",
    }


def parameter_labels(run: Freezing) -> dict[str, tuple[str, list[str]]]:
    """Label and group of each parameter, as coordinates beside its name."""
    priors = run.door.space.priors
    moves = run.moves
    return {
        "label": (
            "parameter",
            [priors[m].label or m if m in priors else m for m in moves],
        ),
        "group": (
            "parameter",
            [priors[n[0]].group if len(n) == 1 else m for m, n in moves.items()],
        ),
    }


def warn_undefined(run: Freezing, name: str, index: xr.DataArray) -> None:
    """Warn where an outcome does not vary, so that NaN never comes in silence."""
    flat = index.isel(parameter=0)
    if not bool(flat.isnull().any()):
        return
    where = "anywhere"
    if flat.ndim and not bool(flat.isnull().all()):
        stacked = flat.stack(cell=flat.dims)
        cells = stacked.cell.values[stacked.isnull().values]
        where = "at " + listed([", ".join(map(str, c)) for c in cells], 5)
    warnings.warn(
        f"outcome {name!r} does not vary {where}: its indices are undefined there (NaN)",
        stacklevel=4,
    )
