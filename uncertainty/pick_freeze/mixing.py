"""Mixing: one block of a pick-freeze run, samples A and B and those between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.attempts import Attempt, attempt
from uncertainty.design import BLOCK
from uncertainty.door import Door
from uncertainty.model import sample_size
from uncertainty.pick_freeze.surrogate import Factors, Surrogate
from uncertainty.tally import Failures

Mask = npt.NDArray[np.bool_]
Sample = Mapping[str, Array]


@dataclass(frozen=True)
class Mixing:
    """Both ends of the exchange, with the pairs left out of which either end failed.

    Attributes
    ----------
    door : Door
    share : float
        Of the runs that may fail.
    a, b : {parameter: (..., sample)}
    ya, yb : {outcome: (..., sample)}
    control : Surrogate or None
    factors : pair of Factors
        Polynomials of the control at A and B.
    failures : list of Failures
        What failed so far.
    """

    door: Door
    share: float
    a: Sample
    b: Sample
    ya: dict[str, Array]
    yb: dict[str, Array]
    control: Surrogate | None
    factors: tuple[Factors, Factors]
    failures: list[Failures] = field(default_factory=list)

    @classmethod
    def of(
        cls, door: Door, share: float, u: Array, control: Surrogate | None, sampled: int
    ) -> Mixing:
        """From points of twice the width of the space; so many runs are kept, failed or not."""
        ends = u[: door.space.width], u[door.space.width :]
        failures: list[Failures] = []
        values = [door.values(end) for end in ends]
        # A model may use its output array again, so what is needed later is copied.
        tries = [copied(tried(door, share, value, failures, sampled)) for value in values]
        outcomes = [t.outcomes for t in tries]
        if any(t.reasons for t in tries):
            known = tries[0].known & tries[1].known
            ends = ends[0][:, known], ends[1][:, known]
            values = [{n: x[..., known] for n, x in value.items()} for value in values]
            outcomes = [{n: y[..., known] for n, y in found.items()} for found in outcomes]
        factors = [control.factors(end) if control else {} for end in ends]
        (a, b), (ya, yb), (fa, fb) = values, outcomes, factors
        return cls(door, share, a, b, ya, yb, control, (fa, fb), failures)

    @property
    def size(self) -> int:
        """Pairs of A and B."""
        return sample_size(self.a)

    def samples(
        self, moves: Mapping[str, Sequence[str]], forward: bool = True
    ) -> Iterator[tuple[str, dict[str, Array], Mask | None]]:
        """Outcomes of A with each group taken from B in turn (or of B from A), and which are known.

        Small blocks go through the model several at a time, which saves calls.
        """
        base, other = (self.a, self.b) if forward else (self.b, self.a)
        size = self.size
        for group in batched(moves.items(), max(1, BLOCK // max(size, 1))):
            mixed = [{**base, **{n: other[n] for n in names}} for _, names in group]
            found = tried(self.door, self.share, side_by_side(mixed), self.failures)
            known = found.known if found.reasons else None
            for i, (move, _) in enumerate(group):
                place = slice(i * size, (i + 1) * size)
                outcomes = {name: y[..., place] for name, y in found.outcomes.items()}
                yield move, outcomes, None if known is None else known[place]

    def kept(
        self, moves: Mapping[str, Sequence[str]], forward: bool
    ) -> list[tuple[dict[str, Array], Mask]]:
        """The same, all held in memory."""
        every = np.ones(self.size, dtype=bool)
        return [
            ({name: y.copy() for name, y in outcomes.items()}, every if known is None else known)
            for _, outcomes, known in self.samples(moves, forward)
        ]

    def controls(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """The control at A and at B, empty without one."""
        if self.control is None:
            return {}, {}
        return self.control.at(self.factors[0]), self.control.at(self.factors[1])

    def control_mean(self, name: str) -> Array:
        """The exact mean of the control."""
        assert self.control is not None
        return self.control.means[name]

    def control_step(self, rows: frozenset[int], forward: bool = True) -> dict[str, Array]:
        """What the control changes by when rows are exchanged, empty without one."""
        if self.control is None:
            return {}
        a, b = self.factors if forward else self.factors[::-1]
        return self.control.step(a, b, rows)


def tried(
    door: Door, share: float, values: Sample, failures: list[Failures], sampled: int = 0
) -> Attempt:
    """Run the model and note what failed."""
    found = attempt(door, values, share)
    if share:
        failures.append(Failures.of(values, found.reasons, sampled))
    return found


def copied(found: Attempt) -> Attempt:
    """The same with outcomes of its own."""
    return Attempt({name: y.copy() for name, y in found.outcomes.items()}, found.reasons)


def side_by_side(samples: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Several samples as one, joined along the sample axis."""
    if len(samples) == 1:
        return dict(samples[0])
    return {n: np.concatenate([s[n] for s in samples], axis=-1) for n in samples[0]}
