"""Drivers: Sobol' indices of every coordinate of every outcome in one pass.

Intervals come from independent replicates of the design and Student's t: on quasi-random
points the bootstrap ignores their gain and reports intervals several times too wide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import reduce
from itertools import batched
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.design import BLOCK, Batch, Block, Design
from uncertainty.door import Door, ModelLike, SpaceLike
from uncertainty.errors import DesignError, SpaceError
from uncertainty.model import sample_size
from uncertainty.names import listed, suggestion
from uncertainty.pool import Journal, fold
from uncertainty.space import Space, as_space
from uncertainty.tally import Pairs, PickFreeze, Table

if TYPE_CHECKING:
    import xarray as xr

#: Points of the trial call.
TRIAL = 64


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
        # A model may use its output array again, so what is needed later is copied.
        ya = {name: y.copy() for name, y in self.door.run(a).items()}
        yb = {name: y.copy() for name, y in self.door.run(b).items()}
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
        ab, ba = (
            [{name: y.copy() for name, y in outcomes.items()} for outcomes in self.mixed(*pair)]
            for pair in ((a, b), (b, a))
        )
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
        At least two replicates: their spread gives the intervals. They do not remove the bias of
        an index, which shrinks with `size`: for a very skewed outcome raise `size` first.
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
    from uncertainty.indices import result_tree  # xarray: not needed where blocks are run

    check_replicates(replicates)
    space = as_space(space)
    plan = Design(design, 2 * space.width, size, seed, replicates)
    door, first = Door.of(model, space, trial_points(plan)[: space.width], outcomes)
    moves = moved_together(door.space, groups)
    shifts = {name: np.median(y, axis=-1) for name, y in first.items()}
    run = Freezing(door, plan, moves, shifts, second_order)
    return result_tree(run, fold(run.tally, plan.batches, executor, journal))


def trial_points(plan: Design) -> Array:
    """A few points of the first block: enough to see what the model returns."""
    return plan.points(replace(plan.first, stop=min(plan.first.stop, TRIAL)))


def check_replicates(replicates: int, what: str = "drivers") -> None:
    """Raise `DesignError` for a number of replicates that has no spread."""
    if replicates < 2:
        msg = (
            f"{what} needs at least 2 replicates, got {replicates}: "
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
        For unknown or doubled names, no groups, and for correlation across groups.
    """
    if groups is None:
        moves: dict[str, tuple[str, ...]] = {name: (name,) for name in space.uncertain}
    else:
        check_mapping(groups)
        moves = {group: tuple(names) for group, names in groups.items()}
        check_groups(space, moves)
    check_dependence(space, moves)
    return moves


def check_mapping(groups: Any) -> None:
    """Raise `SpaceError` unless groups are a mapping from a name to a list of names."""
    if not isinstance(groups, Mapping) or any(isinstance(n, str) for n in groups.values()):
        msg = f"groups are a dictionary {{group: [parameter, ...]}}, got {groups!r}"
        raise SpaceError(msg)


def check_groups(space: Space, moves: Mapping[str, tuple[str, ...]]) -> None:
    """Raise `SpaceError` unless groups are non-empty, disjoint and of known parameters."""
    faults = [] if moves else ["groups: at least one group is needed, got none"]
    home: dict[str, str] = {}
    for group, names in moves.items():
        if not names:
            faults.append(f"group {group!r} is empty")
        for name in names:
            if name not in space.priors:
                faults.append(
                    f"group {group!r}: unknown parameter {name!r}{suggestion(name, space.names)}"
                )
            if home.get(name) == group:
                faults.append(f"group {group!r} names {name!r} twice")
            elif name in home:
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
                "well defined"
            )
            raise SpaceError(msg)
