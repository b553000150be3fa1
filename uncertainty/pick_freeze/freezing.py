"""Freezing: a pick-freeze run, declared, and the tallies of its blocks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import add
from typing import Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.attempts import check_share
from uncertainty.design import Batch, Block, Design
from uncertainty.door import Door
from uncertainty.errors import DesignError
from uncertainty.names import listed, suggestion
from uncertainty.pick_freeze.control import Control
from uncertainty.pick_freeze.mixing import Mask, Mixing
from uncertainty.tally import Ends, OpenInfluence, Pairs, PickFreeze, Table
from uncertainty.tally.estimators import FIRST, TOTAL
from uncertainty.unknown import TRIED

#: The first-order estimator of least error, and Azzini and Rosati's, which has less still but needs
#: B with each group from A too.
SALTELLI, AZZINI = "saltelli", "azzini"
#: Name of the parameter that does nothing.
DUMMY = "dummy"


@dataclass(frozen=True)
class Options:
    """How a pick-freeze run estimates.

    Attributes
    ----------
    first, total : str
        Names of the estimators.
    second_order, dummy, simultaneous : bool
    failures : float
        Share of the runs that may fail.
    """

    first: str = SALTELLI
    total: str = "jansen"
    second_order: bool = False
    dummy: bool = False
    simultaneous: bool = False
    failures: float = 0.0

    def __post_init__(self) -> None:
        for what, name, known in (
            ("first", self.first, (*FIRST, AZZINI)),
            ("total", self.total, tuple(TOTAL)),
        ):
            if name not in known:
                near = suggestion(str(name), known)
                msg = f"{what}={name!r} is no estimator; there are {listed(known)}{near}"
                raise DesignError(msg)
        check_share(self.failures)

    @property
    def crossed(self) -> bool:
        """Whether B with each group from A is run too."""
        return self.second_order or self.first == AZZINI

    @property
    def by_draw(self) -> bool:
        """Whether what each draw contributes to the indices is known in closed form."""
        kinds = (self.first, self.total, self.crossed, self.dummy)
        return kinds == (SALTELLI, "jansen", False, False)


@dataclass(frozen=True)
class Freezing:
    """A pick-freeze run, declared: which parameters move together, and what is summed.

    Attributes
    ----------
    door : Door
    design : Design
        Points of twice the width of the space: sample A and sample B.
    moves : {name: parameters}
        What is exchanged together, by the name that its index gets.
    shifts : {outcome: (...)}
        A typical value, so that nothing is lost to cancellation.
    options : Options
    control : Control or None
    trial : {outcome: float}
        Mean of a few runs, by which a model is known again.
    """

    door: Door
    design: Design
    moves: Mapping[str, tuple[str, ...]]
    shifts: Mapping[str, Array]
    options: Options
    control: Control | None = None
    trial: Mapping[str, float] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """The hash of what decides the points and what is done with them."""
        space = self.door.space
        told = {
            "priors": {name: prior.spec() for name, prior in space.priors.items()},
            "correlation": sorted((*pair, rho) for pair, rho in space.correlation.items()),
            "groups": {move: list(names) for move, names in self.moves.items()},
            "control": self.control is not None,
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()

    @property
    def runs(self) -> int:
        """Model runs in all, those of the pilot left out."""
        each = len(self.moves) * (2 if self.options.crossed else 1) + 2
        return self.design.size * self.design.replicates * each

    @property
    def delta(self) -> bool:
        """Whether intervals come from what single draws contribute."""
        return self.design.kind == "random" and self.options.by_draw

    @cached_property
    def rows(self) -> dict[str, frozenset[int]]:
        """The rows of the cube that are exchanged together."""
        space = self.door.space
        return {
            move: frozenset(i for n in names for i in range(*space.rows[n].indices(space.width)))
            for move, names in self.moves.items()
        }

    def tally(self, batch: Batch) -> Table:
        """Tallies of one batch."""
        return reduce(add, map(self.tally_block, batch.blocks))

    def tally_block(self, block: Block) -> Table:
        """Tallies of one block: A and B are the two halves of each point."""
        surrogate = self.control.surrogate if self.control else None
        u = self.design.points(block)
        sampled = 0 if block.start or block.replicate else TRIED
        mixing = Mixing.of(self.door, self.options.failures, u, surrogate, sampled)
        found: dict[tuple[str, str], Any] = {}
        if mixing.size:
            found = self.crossed(mixing) if self.options.crossed else self.streamed(mixing)
        tallies: dict[Hashable, Any] = {
            (kind, name, block.replicate): tally for (kind, name), tally in found.items()
        }
        if mixing.failures:
            tallies["failures", "", block.replicate] = reduce(add, mixing.failures)
            tallies["base failures", "", block.replicate] = reduce(add, mixing.failures[:2])
        return Table.of(tallies)

    def streamed(self, mixing: Mixing) -> dict[tuple[str, str], Any]:
        """First-order and total sums; each mixed sample is dropped once it is summed."""
        controls = mixing.controls()
        sums = {
            name: Sums(mixing, name, shift, controls, self.delta)
            for name, shift in self.shifts.items()
        }
        for move, outcomes, known in mixing.samples(self.moves):
            changes = mixing.control_step(self.rows[move])
            for name, y in outcomes.items():
                sums[name].step(y, changes.get(name), known)
        return dict(pair for one in sums.values() for pair in one.stop())

    def crossed(self, mixing: Mixing) -> dict[tuple[str, str], Any]:
        """First-order, total and pair sums, with the roles of A and B taken both ways."""
        sides = [mixing.kept(self.moves, forward) for forward in (True, False)]
        every: Mask = np.logical_and.reduce([known for side in sides for _, known in side])
        tallies: dict[tuple[str, str], Any] = {}
        if not every.any():
            return tallies
        for name, shift in self.shifts.items():
            ends = [end[name][..., every] for end in (mixing.ya, mixing.yb)]
            mixed = [[y[name][..., every] for y, _ in side] for side in sides]
            tallies |= both_ways("", name, ends, mixed, shift)
        return tallies | self.crossed_controls(mixing, every)

    def crossed_controls(self, mixing: Mixing, every: Mask) -> dict[tuple[str, str], Any]:
        """The same sums of the control."""
        tallies: dict[tuple[str, str], Any] = {}
        controls = mixing.controls()
        steps = [
            [mixing.control_step(rows, forward) for rows in self.rows.values()]
            for forward in (True, False)
        ]
        for name in controls[0]:
            ends = [end[name][..., every] for end in controls]
            mixed = [
                [(start[name] + step[name])[..., every] for step in side]
                for start, side in zip(controls, steps, strict=True)
            ]
            tallies |= both_ways("control ", name, ends, mixed, mixing.control_mean(name))
        return tallies


def both_ways(
    kind: str, name: str, ends: Sequence[Array], mixed: Sequence[Sequence[Array]], shift: Array
) -> dict[tuple[str, str], Any]:
    """Sums of one outcome with the roles of A and B taken both ways, and of all pairs."""
    (a, b), (left, right) = ends, mixed
    return {
        (f"{kind}first", name): PickFreeze.of(a, b, left, shift),
        (f"{kind}mirror", name): PickFreeze.of(b, a, right, shift),
        (f"{kind}pairs", name): Pairs.of(list(left), list(right), shift),
    }


class Sums:
    """All sums of one outcome in one block while its mixed samples come in."""

    def __init__(
        self,
        mixing: Mixing,
        name: str,
        shift: Array,
        controls: tuple[Mapping[str, Array], Mapping[str, Array]],
        delta: bool,
    ) -> None:
        self.name = name
        self.a = a = mixing.ya[name]
        self.own = PickFreeze.start(a, mixing.yb[name], shift)
        self.control, self.control_a = None, None
        ends = Ends(self.own.start, self.own.other)
        if name in controls[0]:
            self.control_a, other = (end[name] for end in controls)
            self.control = PickFreeze.start(self.control_a, other, mixing.control_mean(name))
            ends = ends._replace(control_a=self.control.start, control_b=self.control.other)
        self.influence = OpenInfluence(ends) if delta else None
        plain = delta and self.control is not None
        self.plain = OpenInfluence(Ends(self.own.start, self.own.other)) if plain else None

    def step(self, c: Array, change: Array | None, known: Mask | None) -> None:
        """Add the next mixed sample, and what the control changed by there."""
        self.own.step(c, known)
        if self.control is not None and self.control_a is not None and change is not None:
            self.control.step(self.control_a + change, known)
        if self.influence is not None:
            self.influence.step(c - self.a, change, known)
        if self.plain is not None:
            self.plain.step(c - self.a, None, known)

    def stop(self) -> Iterator[tuple[tuple[str, str], Any]]:
        """The finished tallies by kind and outcome."""
        for kind, sums in (
            ("first", self.own),
            ("control first", self.control),
            ("influence", self.influence),
            ("plain influence", self.plain),
        ):
            if sums is not None:
                yield (kind, self.name), sums.stop()
