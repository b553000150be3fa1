"""Control: a surrogate fitted on a pilot sample and held against another before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.attempts import attempt
from uncertainty.design import Design
from uncertainty.door import Door
from uncertainty.pick_freeze.surrogate import Surrogate, fit
from uncertainty.space import Space

#: Pilot points, at most, and as a share of the runs of one replicate; half as many check.
MOST, SHARE, CHECKS = 2048, 2, 2
#: Fewer pilot points than this are not worth a fit.
LEAST = 64
#: A cell whose surrogate explains less of the check's variance goes without.
EXPLAINED = 0.5
#: A cell whose pilot has a kurtosis beyond this goes without: where tails are that heavy, no pilot
#: sees what the surrogate does in them (3 is that of a normal, 9 of an exponential).
HEAVY = 15.0
#: Beyond this intervals are worth a warning, with a control and without.
TOO_HEAVY = 30.0
#: Numbers of the replicates that the pilots are; no run has so many.
PILOT, CHECK = 2**40, 2**40 + 1
#: Families whose values are a smooth function of the probability itself.
SMOOTH_IN_PROBABILITY = frozenset({"uniform", "log_uniform", "choice"})


@dataclass(frozen=True)
class Control:
    """A surrogate and the model runs that it took.

    Attributes
    ----------
    surrogate : Surrogate or None
        None when none was found that explains anything.
    runs : int
    explained : {outcome: (...)}
        Share of the check's variance that the surrogate explains; at most 1.
    kurtosis : {outcome: (...)}
        Of the pilot.
    """

    surrogate: Surrogate | None
    runs: int
    explained: Mapping[str, Array]
    kurtosis: Mapping[str, Array]

    def heavy(self, name: str) -> npt.NDArray[np.bool_]:
        """In which cells of an outcome (...) few draws decide, those of the tails."""
        return np.asarray(self.kurtosis[name] > TOO_HEAVY)

    def centred(self, shifts: Mapping[str, Array]) -> dict[str, Array]:
        """Typical values of the outcomes: the surrogate's means where it is used."""
        if self.surrogate is None:
            return dict(shifts)
        used = {name: w.any(axis=-1) for name, w in self.surrogate.weights.items()}
        means = self.surrogate.means
        return {name: np.where(used[name], means[name], shift) for name, shift in shifts.items()}


def control(door: Door, plan: Design, runs: int, failures: float = 0.0) -> Control | None:
    """A control for a run of so many model runs a replicate; None if that is too small for one.

    Of the pilot's runs the share `failures` may fail; if any does, there is no surrogate, since it
    would be held against a part of the cube only.
    """
    size = min(MOST, 2 ** int(np.log2(max(1, runs // SHARE))))
    if size < LEAST:
        return None
    u, y = pilot(door, plan, PILOT, size, failures)
    found = fit(u, y, kinds(door.space))
    v, z = pilot(door, plan, CHECK, size // CHECKS, failures)
    guess = found.at(found.factors(v))
    explained = {name: share_explained(z[name], guess[name]) for name in z}
    tails = {name: kurtosis(values) for name, values in y.items()}
    keep = {name: (share > EXPLAINED) & (tails[name] <= HEAVY) for name, share in explained.items()}
    whole = u.shape[-1] == size and v.shape[-1] == size // CHECKS
    worth = whole and bool(found.terms) and any(k.any() for k in keep.values())
    return Control(found.masked(keep) if worth else None, size + size // CHECKS, explained, tails)


def pilot(
    door: Door, plan: Design, number: int, size: int, failures: float
) -> tuple[Array, dict[str, Array]]:
    """Points of the cube and the outcomes there, from a stream of their own."""
    design = Design(plan.kind, door.space.width, size, plan.seed, number + 1, block=size)
    block = next(design.replicate_blocks(number))
    u = design.points(block)
    found = attempt(door, door.values(u), failures)
    return u[:, found.known], {name: y.copy() for name, y in found.complete.items()}


def kinds(space: Space) -> tuple[str, ...]:
    """The polynomials of each row of the cube."""
    found = ["hermite"] * space.width
    tied = {name for cluster in space.clusters for name in cluster}
    for name, prior in space.priors.items():
        if prior.family in SMOOTH_IN_PROBABILITY and name not in tied:
            for row in range(*space.rows[name].indices(space.width)):
                found[row] = "legendre"
    return tuple(found)


def share_explained(y: Array, guess: Array) -> Array:
    """1 less the mean square error over the variance, (...); -inf where nothing varies."""
    variance = y.var(axis=-1)
    error = ((y - guess) ** 2).mean(axis=-1)
    ratio = np.divide(error, variance, out=np.full_like(variance, np.inf), where=variance > 0)
    return 1.0 - ratio


def kurtosis(y: Array) -> Array:
    """Fourth central moment over the squared variance, (...); 0 where nothing varies."""
    apart = y - y.mean(axis=-1, keepdims=True)
    variance, fourth = (apart**2).mean(axis=-1), (apart**4).mean(axis=-1)
    square = variance**2
    return np.divide(fourth, square, out=np.zeros_like(square), where=square > 0)
