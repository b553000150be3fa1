"""Closed and total indices of dependent parameters, with Shapley effects beside them.

The closed index of a group is the share of variance that knowing it removes, Var(E[y | x_u]) /
Var(y); the total index is the share that remains when all others are known, E[Var(y | x_-u)] /
Var(y) (Kucherenko, Tarantola and Annoni 2012, doi:10.1016/j.cpc.2011.12.020). For independent
parameters they are Sobol's. The estimator is that of `tally.redraws`; intervals come from
independent replicates and Student's t.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import reduce
from itertools import batched
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from uncertainty.arrays import Array
from uncertainty.copula import Copula
from uncertainty.design import BLOCK, Batch, Block, Design
from uncertainty.door import Door, ModelLike, SpaceLike
from uncertainty.drivers import (
    check_groups,
    check_mapping,
    check_replicates,
    trial_points,
)
from uncertainty.pick_freeze.mixing import side_by_side
from uncertainty.pool import fold
from uncertainty.shapley import Walking
from uncertainty.space import Space, as_space
from uncertainty.tally import Redraws, Table

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Redrawing:
    """A run that draws parameters anew given the others, declared.

    Attributes
    ----------
    door : Door
    design : Design
        Points of twice the width of the space: sample A, and sample B to draw anew from.
    moves : {index name: parameters}
        Groups whose indices are wanted.
    shifts : {outcome: (...)}
        A typical value of each outcome.
    """

    door: Door
    design: Design
    moves: Mapping[str, tuple[str, ...]]
    shifts: Mapping[str, Array]

    @property
    def runs(self) -> int:
        """Model runs in all."""
        return self.design.size * self.design.replicates * (2 * len(self.moves) + 1)

    def tally(self, batch: Batch) -> Table:
        """Tallies of one batch."""
        return reduce(add, map(self.tally_block, batch.blocks))

    def tally_block(self, block: Block) -> Table:
        """Tallies of one block: A and B are the two halves of each point."""
        sources = Sources.of(self.door, self.design.points(block))
        # A model may use its output array again, so what is needed later is copied.
        start = {name: y.copy() for name, y in self.door.run(sources.a).items()}
        kept, anew = (
            [{name: y.copy() for name, y in outcomes.items()} for outcomes in found]
            for found in (self.run_all(sources, keep=True), self.run_all(sources, keep=False))
        )
        return Table.of(
            {
                ("redraws", name, block.replicate): Redraws.of(
                    y, [c[name] for c in kept], [t[name] for t in anew], self.shifts[name]
                )
                for name, y in start.items()
            }
        )

    def run_all(self, sources: Sources, *, keep: bool) -> Iterator[dict[str, Array]]:
        """Outcomes where each group in turn is all that is kept, or all that is drawn anew.

        Small blocks go through the model several at a time, which saves calls.
        """
        size = sources.size
        for groups in batched(self.moves.values(), max(1, BLOCK // size)):
            samples = [sources.redrawn(self.door, self.anew(names, keep)) for names in groups]
            outcomes = self.door.run(side_by_side(samples))
            for i in range(len(groups)):
                place = slice(i * size, (i + 1) * size)
                yield {name: y[..., place] for name, y in outcomes.items()}

    def anew(self, names: Sequence[str], keep: bool) -> frozenset[str]:
        """Which parameters are drawn anew."""
        everything = frozenset(self.door.space.names)
        return everything - set(names) if keep else frozenset(names)


@dataclass(frozen=True)
class Sources:
    """Two independent samples of the space, with the scores of correlated parameters.

    Attributes
    ----------
    a, b : {parameter: (..., sample)}
    scores : tuple of ((name, sample), (name, sample))
        For each copula the dependent normal scores of A and of B.
    """

    a: Mapping[str, Array]
    b: Mapping[str, Array]
    scores: tuple[tuple[Array, Array], ...]

    @classmethod
    def of(cls, door: Door, u: Array) -> Sources:
        """From points of twice the width of the space."""
        space, width = door.space, door.space.width
        rows = [[space.rows[name].start for name in copula.names] for copula in space.copulas]
        scores = tuple(
            (copula.scores(u[place]), copula.scores(u[[width + row for row in place]]))
            for copula, place in zip(space.copulas, rows, strict=True)
        )
        return cls(door.values(u[:width]), door.values(u[width:]), scores)

    @property
    def size(self) -> int:
        """How many samples."""
        return int(next(iter(self.a.values())).shape[-1])

    def redrawn(self, door: Door, anew: frozenset[str]) -> dict[str, Array]:
        """Sample A with the parameters `anew` drawn given all its others."""
        values = {name: self.b[name] if name in anew else x for name, x in self.a.items()}
        for copula, (a, b) in zip(door.space.copulas, self.scores, strict=True):
            places = [i for i, name in enumerate(copula.names) if name in anew]
            if 0 < len(places) < len(copula.names):
                rows = conditioned(copula, a, b, places)
                names = [copula.names[i] for i in places]
                values |= {n: door.scored(n, row) for n, row in zip(names, rows, strict=True)}
        return values


def conditioned(copula: Copula, a: Array, b: Array, places: Sequence[int]) -> Array:
    """Scores at `places`, drawn given the other scores of `a`, (place, sample).

    Sample `b` is moved by the regression on what is given, so that it is left as it is where
    nothing hangs together (Matheron's rule; Journel and Huijbregts 1978).
    """
    rest = [i for i in range(len(copula.names)) if i not in set(places)]
    matrix = copula.factor @ copula.factor.T
    pull = np.linalg.solve(matrix[np.ix_(rest, rest)], matrix[np.ix_(rest, list(places))]).T
    return b[list(places)] + pull @ (a[rest] - b[rest])


def dependent_drivers(
    model: ModelLike,
    space: SpaceLike,
    *,
    size: int = 2**12,
    seed: int = 1,
    replicates: int = 8,
    groups: Mapping[str, Sequence[str]] | None = None,
    outcomes: Sequence[str] | None = None,
    design: str = "sobol",
    shapley: bool = True,
    executor: Executor | None = None,
) -> xr.DataTree:
    """Closed and total indices with intervals, for dependent parameters too.

    Parameters
    ----------
    model, space, outcomes, executor
        As for `propagate`; the parameters of the space may be correlated.
    size : int
        Base points per replicate. The model runs ``replicates * size * (2 * groups + 1)`` times,
        a group being a single parameter where none are given, and
        ``replicates * size * (players + 1)`` times more with `shapley`, where parameters in no
        group are players by themselves.
    seed, replicates : int
        At least two replicates: their spread gives the intervals.
    groups : {group: parameter names}, optional
        Indices of groups in place of single parameters; no parameter in two groups.
    design : {"sobol", "latin", "random"}
    shapley : bool
        Shapley effects too, the shares that sum to one.

    Returns
    -------
    xarray.DataTree
        ``/dependent/<outcome>`` with ``closed``, ``total`` and ``Sh`` (..., parameter), each with
        its ``_interval`` (..., parameter, bound), 95% by Student's t over replicates; for an
        outcome with dims also ``aggregate_closed`` and ``aggregate_total``, weighted by variance.
        With dependence a closed index may exceed the total index (what the parameter tells of
        others counts in the one and not in the other), and neither sums to one. An index is
        NaN where the outcome does not vary, and a warning says where.

    Raises
    ------
    SpaceError, DesignError, ModelError, UnitError

    Examples
    --------
    >>> from uncertainty.prior import Prior
    >>> from uncertainty.space import Space
    >>> normal = Prior("normal", mu=0, sigma=1)
    >>> space = Space({"a": normal, "b": normal}, {("a", "b"): 0.5})
    >>> found = dependent_drivers(lambda a, b: a + b, space, size=256)["dependent/y"]
    >>> found["closed"].round(2).values.tolist(), found["total"].round(2).values.tolist()
    ([0.76, 0.76], [0.24, 0.24])
    """
    from uncertainty.dependence import dependent_tree  # xarray: not needed where blocks are run

    check_replicates(replicates, "dependent_drivers")
    space = as_space(space)
    plan = Design(design, 2 * space.width, size, seed, replicates)
    door, first = Door.of(model, space, trial_points(plan)[: space.width], outcomes)
    shifts = {name: np.median(y, axis=-1) for name, y in first.items()}
    run = Redrawing(door, plan, grouped(door.space, groups), shifts)
    walks = Walking(door, plan, players(door.space, run.moves)) if shapley else None
    steps = fold(walks.tally, plan.batches, executor) if walks else None
    return dependent_tree(run, fold(run.tally, plan.batches, executor), walks, steps)


def grouped(space: Space, groups: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    """Parameters whose index is taken together, by the name that it gets."""
    if groups is None:
        return {name: (name,) for name in space.uncertain}
    check_mapping(groups)
    moves = {group: tuple(names) for group, names in groups.items()}
    check_groups(space, moves)
    return moves


def players(space: Space, moves: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The groups, and each parameter that is in none by itself."""
    grouped_names = {name for names in moves.values() for name in names}
    alone = [name for name in space.uncertain if name not in grouped_names]
    taken = {name: f"{name} (alone)" if name in moves else name for name in alone}
    return {**moves, **{taken[name]: (name,) for name in alone}}
