"""Shapley effects: shares of variance that sum to one, for dependent parameters too.

Each parameter gets its own part of the variance and a fair part of what it does together with
others (Owen 2014, doi:10.1137/130936233; for dependent parameters Song, Nelson and Staum 2016,
doi:10.1137/15M1048070). The estimator is that of `tally.increments`; intervals come from
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
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.copula import Copula
from uncertainty.design import BLOCK, Batch, Block, Design, generator
from uncertainty.door import Door, ModelLike, SpaceLike
from uncertainty.drivers import check_replicates, trial_points
from uncertainty.errors import ModelError
from uncertainty.names import listed
from uncertainty.pick_freeze.mixing import side_by_side
from uncertainty.pool import Journal, fold
from uncertainty.space import as_space
from uncertainty.tally import Increments, Table

if TYPE_CHECKING:
    import xarray as xr

#: Points that walk in one order.
CHUNK = 64
#: Names the stream of random orders among the streams of a seed.
ORDERS = 2

Order = npt.NDArray[np.int64]
#: A position of a walk, and the values (..., sample) that a parameter has from there on.
State = tuple[int, Array]


@dataclass(frozen=True)
class Ends:
    """Both ends of the walks: parameter values of A and B, and scores of correlated ones.

    Attributes
    ----------
    a, b : {parameter: (..., sample)}
    scores : tuple of ((name, sample), (name, sample))
        For each copula the dependent normal scores of A, and independent ones to draw anew from.
    """

    a: Mapping[str, Array]
    b: Mapping[str, Array]
    scores: tuple[tuple[Array, Array], ...]

    @classmethod
    def of(cls, door: Door, u: Array) -> Ends:
        """From points of twice the width of the space."""
        from scipy.special import ndtri

        space, width = door.space, door.space.width
        rows = [[space.rows[name].start for name in copula.names] for copula in space.copulas]
        scores = tuple(
            (copula.scores(u[place]), ndtri(u[[width + row for row in place]]))
            for copula, place in zip(space.copulas, rows, strict=True)
        )
        return cls(door.values(u[:width]), door.values(u[width:]), scores)

    def part(self, chunk: slice) -> Ends:
        """Some of the samples."""
        a, b = ({n: x[..., chunk] for n, x in end.items()} for end in (self.a, self.b))
        return Ends(a, b, tuple((kept[:, chunk], new[:, chunk]) for kept, new in self.scores))


@dataclass(frozen=True)
class Walking:
    """A run of walks, declared.

    Attributes
    ----------
    door : Door
    design : Design
        Points of twice the width of the space: sample A and sample B.
    moves : {player: parameters}
        The players: single parameters, or groups that are taken over at once.
    """

    door: Door
    design: Design
    moves: Mapping[str, tuple[str, ...]]

    @property
    def runs(self) -> int:
        """Model runs in all."""
        return self.design.size * self.design.replicates * (len(self.moves) + 1)

    def tally(self, batch: Batch) -> Table:
        """Tallies of one batch."""
        return reduce(add, map(self.tally_block, batch.blocks))

    def tally_block(self, block: Block) -> Table:
        """Tallies of one block: A and B are the two halves of each point."""
        ends = Ends.of(self.door, self.design.points(block))
        start = {name: y.copy() for name, y in self.door.run(ends.a).items()}
        chunks = [slice(i, min(i + CHUNK, block.size)) for i in range(0, block.size, CHUNK)]
        pairs = zip(chunks, self.orders(block, len(chunks)), strict=True)
        tables = (
            self.tally_chunk(
                {name: y[..., chunk] for name, y in start.items()}, found, order, block.replicate
            )
            for group in batched(pairs, max(1, BLOCK // (CHUNK * len(self.moves))))
            for (chunk, order), found in self.walked(ends, group)
        )
        return reduce(add, tables)

    def walked(
        self, ends: Ends, group: Sequence[tuple[slice, Order]]
    ) -> Iterator[tuple[tuple[slice, Order], dict[str, Array]]]:
        """Each chunk with the outcomes (..., position, sample) along its walks.

        Several chunks go through the model at once, which saves calls.
        """
        walks = [self.walk(ends.part(chunk), order) for chunk, order in group]
        outcomes, end = self.door.run(side_by_side(walks)), 0
        for chunk, order in group:
            begin, end = end, end + len(order) * (chunk.stop - chunk.start)
            yield (
                (chunk, order),
                {
                    name: y[..., begin:end].reshape(*y.shape[:-1], len(order), -1)
                    for name, y in outcomes.items()
                },
            )

    def tally_chunk(
        self,
        start: Mapping[str, Array],
        walk: Mapping[str, Array],
        order: Order,
        replicate: int,
    ) -> Table:
        """Tallies of the walks of one chunk."""
        return Table.of(
            {
                ("steps", name, replicate): Increments.of(y, walk[name], order)
                for name, y in start.items()
            }
        )

    def orders(self, block: Block, count: int) -> Iterator[Order]:
        """A random order for each chunk; every second one is the one before, reversed.

        A pair of opposite orders takes each player over early once and late once (Mitchell,
        Cooper, Frank and Holmes 2022, JMLR 23(43)).
        """
        rng = generator(block.replicate, ORDERS, block.start, seed=self.design.seed)
        order: Order = np.arange(len(self.moves))
        for number in range(count):
            order = order[::-1] if number % 2 else rng.permutation(len(self.moves))
            yield order

    def walk(self, ends: Ends, order: Order) -> dict[str, Array]:
        """Parameter values along the walks of one chunk, position by position.

        Returns
        -------
        {parameter: (..., position x sample)}
        """
        places = zip(self.moves.values(), np.argsort(order).tolist(), strict=True)
        taken = {name: place for names, place in places for name in names}
        states: dict[str, list[State]] = {name: [(0, value)] for name, value in ends.a.items()}
        for name, position in taken.items():
            states[name].append((position, ends.b[name]))
        for number, copula in enumerate(self.door.space.copulas):
            states |= self.tied(copula, *ends.scores[number], taken)
        return {name: along(found, len(order)) for name, found in states.items()}

    def tied(
        self, copula: Copula, kept: Array, fresh: Array, taken: Mapping[str, int]
    ) -> dict[str, list[State]]:
        """Values of correlated parameters, and the positions from which they hold.

        Those that were taken over are drawn anew, given those that were not.
        """
        names = copula.names
        states: dict[str, list[State]] = {
            name: [(0, self.door.scored(name, row))] for name, row in zip(names, kept, strict=True)
        }
        places = sorted(range(len(names)), key=lambda i: taken[names[i]])
        for count, last in enumerate(places, 1):
            drawn = copula.redrawn(kept, fresh, places[:count])
            for place, row in zip(places[:count], drawn, strict=True):
                name = names[place]
                states[name].append((taken[names[last]], self.door.scored(name, row)))
        return states


def along(states: Sequence[State], positions: int) -> Array:
    """Values that hold from given positions on, laid out as (..., position x sample)."""
    first = states[0][1]
    out = np.empty((*first.shape[:-1], positions, first.shape[-1]))
    for start, value in states:
        out[..., start:, :] = value[..., None, :]
    return out.reshape(*first.shape[:-1], -1)


def shapley(
    model: ModelLike,
    space: SpaceLike,
    outcome: str | None = None,
    *,
    size: int = 2**12,
    seed: int = 1,
    replicates: int = 8,
    design: str = "sobol",
    executor: Executor | None = None,
) -> xr.Dataset:
    """Shapley effects with intervals: shares of variance that sum to one.

    Parameters
    ----------
    model, space
        As for `propagate`; the parameters of the space may be correlated.
    outcome : str, optional
        Needed when the model has more than one.
    size : int
        Base points per replicate; the model runs ``replicates * size * (parameters + 1)`` times.
    seed, replicates : int
        At least two replicates: their spread gives the intervals.
    design : {"sobol", "latin", "random"}
    executor : concurrent.futures.Executor, optional

    Returns
    -------
    xarray.Dataset
        ``Sh`` (..., parameter), ``Sh_interval`` (..., parameter, bound), 95% by Student's t over
        replicates, and ``Sh_by_replicate`` (replicate, ..., parameter), from which the interval
        of any sum can be taken. NaN where the outcome does not vary, and a warning says where.

    Raises
    ------
    ModelError, SpaceError, DesignError, UnitError

    Examples
    --------
    >>> from uncertainty.prior import Prior
    >>> from uncertainty.space import Space
    >>> normal = Prior("normal", mu=0, sigma=1)
    >>> space = Space({"a": normal, "b": normal}, {("a", "b"): 0.5})
    >>> shapley(lambda a, b: a + b, space, size=256)["Sh"].round(2).values.tolist()
    [0.5, 0.5]
    """
    wanted = None if outcome is None else [outcome]
    found = effects(
        model, space, wanted, size=size, seed=seed, replicates=replicates, design=design,
        executor=executor,
    )["shapley"]  # fmt: skip
    if len(found.children) > 1:
        msg = f"shapley: the model has {listed(found.children)}; name one as outcome"
        raise ModelError(msg)
    return next(iter(found.children.values())).to_dataset()


def effects(
    model: ModelLike,
    space: SpaceLike,
    outcomes: Sequence[str] | None = None,
    *,
    size: int,
    seed: int,
    replicates: int = 8,
    design: str = "sobol",
    executor: Executor | None = None,
    journal: Journal[Batch, Table] | None = None,
) -> xr.DataTree:
    """Shapley effects of several outcomes in one pass, ``/shapley/<outcome>`` as in `shapley`."""
    from uncertainty.indices import shapley_tree  # xarray: not needed where blocks are run

    check_replicates(replicates, "shapley")
    space = as_space(space)
    plan = Design(design, 2 * space.width, size, seed, replicates)
    door, _ = Door.of(model, space, trial_points(plan)[: space.width], outcomes)
    run = Walking(door, plan, {name: (name,) for name in space.uncertain})
    return shapley_tree(run, fold(run.tally, plan.batches, executor, journal))
