"""Replicated: parts of the variance, replicate by replicate, from the tallies of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.errors import ModelError
from uncertainty.ratios import over_replicates
from uncertainty.tally import Averages, Indices, PickFreeze, Table
from uncertainty.tally.estimators import FIRST, indices
from uncertainty.unknown import failures

if TYPE_CHECKING:
    from uncertainty.pick_freeze.freezing import Freezing

#: Replicates from which on their spread tells whether a control helps.
ENOUGH = 4


@dataclass(frozen=True)
class Replicated:
    """Of one outcome, one entry a replicate.

    Attributes
    ----------
    variance : (replicate, ...)
    first, total : (replicate, ..., group)
    closed : (replicate, ..., group, group) or None
        Closed variance of each pair.
    helped : (...) bool or None
        Where the control was used.
    """

    variance: Array
    first: Array
    total: Array
    closed: Array | None = None
    helped: npt.NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, run: Freezing, table: Table, name: str, numbers: Sequence[int]) -> Replicated:
        """The estimates of some replicates, with a control where it lessens their spread.

        Not where runs failed: what is left of the cube is not what the control was fitted for.
        """
        empty = [r for r in numbers if ("first", name, r) not in table.parts]
        if empty:
            msg = f"every pair of runs of replicate {empty[0]} failed; raise size"
            raise ModelError(msg)
        plain = stacked([own(run, table, name, "", r) for r in numbers])
        failed = failures(table)
        if ("control first", name, numbers[0]) not in table.parts or (failed and failed.failed):
            return plain
        exact = exact_parts(run, name)
        seen = stacked([own(run, table, name, "control ", r) for r in numbers])
        return better(plain, controlled(plain, seen, exact))

    def __add__(self, other: Replicated) -> Replicated:
        """The replicates of both."""
        closed = None
        if self.closed is not None and other.closed is not None:
            closed = np.concatenate([self.closed, other.closed])
        return Replicated(
            np.concatenate([self.variance, other.variance]),
            np.concatenate([self.first, other.first]),
            np.concatenate([self.total, other.total]),
            closed,
        )


def own(run: Freezing, table: Table, name: str, kind: str, number: int) -> Replicated:
    """The estimates of one replicate, of the outcome or of its control."""
    options = run.options
    tally = table.parts[f"{kind}first", name, number]
    closed, sums = None, tally.result()
    if options.crossed:
        mirror = table.parts[f"{kind}mirror", name, number]
        closed = table.parts[f"{kind}pairs", name, number].result()
        sums = (tally + mirror).result()
    named = options.first if options.first in FIRST else "saltelli"
    found = indices(sums, named, options.total)
    if named != options.first:
        crosses = np.diagonal(table.parts[f"{kind}pairs", name, number].crosses, axis1=-2, axis2=-1)
        found = found._replace(first=azzini(tally, mirror, crosses, found.variance))
    if options.dummy:
        found = with_dummy(found, tally.result())
    return Replicated(found.variance, found.first, found.total, closed)


def azzini(tally: PickFreeze, mirror: PickFreeze, crosses: Array, variance: Array) -> Array:
    """First-order parts from E[(ba - b)(a - ab)] over E[(a - b)^2 + (ba - ab)^2].

    Azzini, Mara and Rosati (2020); crosses is E[ba ab], (..., group).
    """
    one, two = tally.result(), mirror.result()
    both = one.ab[..., None]
    product = (both + one.bd) + (both + two.bd) - both - crosses
    squares = [s.aa[..., None] + 2 * s.ad + s.dd for s in (one, two)]
    apart = (one.aa + one.bb - 2 * one.ab)[..., None] + squares[0] + squares[1] - 2 * crosses
    return variance[..., None] * np.divide(
        2 * product, apart, out=np.zeros_like(product), where=apart > 0
    )


def with_dummy(found: Indices, s: Averages) -> Indices:
    """One group more, of a parameter that does nothing: what is seen of it is noise.

    Khorashadi Zadeh et al. (2017), doi:10.1016/j.envsoft.2017.02.001.
    """
    first = s.ab - s.a * s.b
    total = found.variance - (s.aa - s.a**2)
    return Indices(
        found.variance,
        np.concatenate([found.first, first[..., None]], axis=-1),
        np.concatenate([found.total, total[..., None]], axis=-1),
    )


def exact_parts(run: Freezing, name: str) -> Replicated:
    """What the indices of the control are."""
    assert run.control is not None
    assert run.control.surrogate is not None
    surrogate = run.control.surrogate
    groups = list(run.rows.values())
    found = surrogate.indices(name, groups)
    closed = None
    if run.options.crossed:
        pairs = [one | two for one in groups for two in groups]
        shape = (*found.variance.shape, len(groups), len(groups))
        closed = surrogate.indices(name, pairs).first.reshape(shape)
    if run.options.dummy:
        nothing = np.zeros((*found.variance.shape, 1))
        found = Indices(
            found.variance,
            np.concatenate([found.first, nothing], axis=-1),
            np.concatenate([found.total, nothing], axis=-1),
        )
    return Replicated(found.variance, found.first, found.total, closed)


def stacked(each: Sequence[Replicated]) -> Replicated:
    """Single replicates as one."""
    closed = None
    if each[0].closed is not None:
        closed = np.stack([one.closed for one in each if one.closed is not None])
    return Replicated(
        np.stack([one.variance for one in each]),
        np.stack([one.first for one in each]),
        np.stack([one.total for one in each]),
        closed,
    )


def controlled(plain: Replicated, seen: Replicated, exact: Replicated) -> Replicated:
    """Estimates less what those of the control were off by."""
    closed = None
    if plain.closed is not None and seen.closed is not None and exact.closed is not None:
        closed = plain.closed - seen.closed + exact.closed
    variance = plain.variance - seen.variance + exact.variance
    good = ((plain.variance > 0) & (variance > 0)).all(axis=0)
    idle = (plain.total == 0).all(axis=0)
    first, total = (
        np.where(
            idle,
            getattr(plain, part),
            getattr(plain, part) - getattr(seen, part) + getattr(exact, part),
        )
        for part in ("first", "total")
    )
    return where(good, Replicated(variance, first, total, closed), plain)


def better(plain: Replicated, other: Replicated) -> Replicated:
    """In each cell the estimates that scatter less over the replicates."""
    helps = scatter(other) < scatter(plain)
    if len(plain.variance) < ENOUGH:
        return plain
    return replace(where(helps, other, plain), helped=helps)


def where(cells: npt.NDArray[np.bool_], one: Replicated, two: Replicated) -> Replicated:
    """The first in some cells (...), the second in the others."""
    whole = cells[..., None]
    closed = two.closed
    if closed is not None and one.closed is not None:
        closed = np.where(whole[..., None], one.closed, closed)
    return Replicated(
        np.where(cells, one.variance, two.variance),
        np.where(whole, one.first, two.first),
        np.where(whole, one.total, two.total),
        closed,
    )


def scatter(found: Replicated) -> Array:
    """Sum of the squared standard errors of all indices of a cell, (...)."""
    errors = [over_replicates(p, found.variance).error for p in (found.first, found.total)]
    return sum((np.square(e).sum(axis=-1) for e in errors), np.zeros(found.variance.shape[1:]))
