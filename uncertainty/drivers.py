"""Drivers: Sobol' indices of every coordinate of every outcome in one pass.

Intervals come from independent replicates of the design and Student's t: on quasi-random
points the bootstrap ignores their gain and reports intervals several times too wide. Under
plain Monte Carlo they come from what each draw contributes (the delta method).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.design import Batch, Design
from uncertainty.door import Door, ModelLike, SpaceLike
from uncertainty.errors import DesignError, SpaceError
from uncertainty.names import listed, suggestion
from uncertainty.pick_freeze.control import control as fitted_control
from uncertainty.pick_freeze.freezing import AZZINI, DUMMY, SALTELLI, Freezing, Options
from uncertainty.pick_freeze.replicated import ENOUGH
from uncertainty.pool import Journal, fold, one_thread
from uncertainty.space import Space, as_space
from uncertainty.stopping import MOST, Rule
from uncertainty.tally import Table
from uncertainty.unknown import check_failed

if TYPE_CHECKING:
    import xarray as xr

#: Points of the trial call.
TRIAL = 64


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
    first: str | None = None,
    total: str = "jansen",
    control: bool = True,
    dummy: bool = False,
    simultaneous: bool = False,
    failures: float = 0.05,
    until: float | str | None = None,
    most: int = MOST,
    extend: xr.DataTree | None = None,
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
        At least two replicates (one for ``design="random"``): their spread gives the intervals.
        They do not remove the bias of an index, which shrinks with `size`: for a very skewed
        outcome raise `size` first.
    second_order : bool
        Indices of pairs too (``S2``).
    groups : {group: parameter names}, optional
        Indices of groups in place of single parameters; no parameter in two groups.
    design : {"sobol", "latin", "random"}
    first : {"saltelli", "jansen", "janon", "martinez", "azzini"}, optional
        First-order estimator; "azzini" runs the model as often as `second_order` does. Left out,
        the one that has the least error on the public cases: "saltelli", with `second_order`
        "azzini".
    total : {"jansen", "homma", "janon", "martinez"}
        Total-order estimator.
    control : bool
        Take the noise of a polynomial, whose indices are known, from the noise of the indices. It
        is fitted on a pilot sample: at most 3/4 of a replicate more, told as ``pilot_runs``. The
        indices stay those of the model, however bad the polynomial is. Not with fewer than four
        replicates, which could not tell whether it helps, nor where runs fail or tails are heavy.
    dummy : bool
        Add a parameter that does nothing: its indices show how much is noise.
    simultaneous : bool
        Bands too, which hold for all coordinates of an outcome together, each parameter by itself
        (``S1_band``).
    failures : float
        Share of the runs that may fail (not finite, or an exception). They are counted and kept
        with their parameters in ``/failures``; ``S1_bounds`` and ``ST_bounds`` say what they
        could change. With 0 the first failure ends the run.
    until : float or str, optional
        Add replicates until every interval is at most so much on either side (``0.01``), or until
        the foremost parameters are told apart (``"top 5"``).
    most : int
        Replicates at which `until` gives up, with a warning.
    extend : xarray.DataTree, optional
        An earlier result of the same run (model, priors, groups, size, seed, estimators) with
        fewer replicates: only the further ones are run. Not for ``design="random"``, nor where
        runs failed; bounds of runs that fail now speak of the further replicates.

    Returns
    -------
    xarray.DataTree
        ``/drivers/<outcome>`` with ``S1``, ``ST`` (..., parameter) and ``S1_interval``,
        ``ST_interval`` (..., parameter, bound), 95% by Student's t over replicates, by the delta
        method for ``design="random"``; for an outcome with dims also ``aggregate_S1``,
        ``aggregate_ST``, weighted by variance (Lamboni, Monod and Makowski 2011); the parts of the
        variance in each replicate. An index is NaN where the outcome does not vary, and a
        warning says where.

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
    chosen = first or (AZZINI if second_order else SALTELLI)
    options = Options(chosen, total, second_order, dummy, simultaneous, failures)
    rule = Rule.of(until, most)
    space = as_space(space)
    plan = Design(design, 2 * space.width, size, seed, replicates)
    trial = trial_points(plan)[: space.width]
    door, seen = Door.of(model, space, trial, outcomes, failures)
    moves = moved_together(door.space, groups)
    check_dummy(moves, dummy)
    shifts = {name: np.mean(y, axis=-1) for name, y in seen.items()}
    met = {name: float(np.mean(y)) for name, y in seen.items()}
    run = Freezing(door, plan, moves, shifts, options, trial=met)
    check_replicates(replicates if not run.delta else 2)
    if control and replicates >= ENOUGH:
        with one_thread():
            found = fitted_control(door, plan, run.runs // replicates, failures)
        run = replace(run, control=found, shifts=found.centred(shifts) if found else shifts)
    return finished(run, rule, extend, executor, journal)


def finished(
    run: Freezing,
    rule: Rule | None,
    earlier: xr.DataTree | None,
    executor: Executor | None,
    journal: Journal[Batch, Table] | None,
) -> xr.DataTree:
    """Run replicates until the rule is content, or those that were asked for."""
    from uncertainty.extended import replicates_of  # xarray: not needed where blocks are run
    from uncertainty.indices import result_tree

    known = replicates_of(earlier, run) if earlier is not None else {}
    done = len(next(iter(known.values())).variance) if known else 0
    table = Table.of({})
    while True:
        todo = list(run.design.batches_from(done))
        if todo:
            table = table + fold(run.tally, todo, executor, journal)
        check_failed(table, run.options.failures)
        tree = result_tree(run, table, known)
        more = rule.further(tree, run.design.replicates) if rule else 0
        if not more:
            return tree
        done = run.design.replicates
        run = replace(run, design=replace(run.design, replicates=done + more))


def check_dummy(moves: Mapping[str, Any], dummy: bool) -> None:
    """Raise `DesignError` if a parameter or group has the name of the dummy."""
    if dummy and DUMMY in moves:
        msg = f"dummy=True adds a parameter {DUMMY!r}, but there is one of that name; rename it"
        raise DesignError(msg)


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
                "correlated; use un.dependent_drivers (closed and total indices) or un.shapley "
                "(shares that sum to one), or put them into one group (groups={...: [...]}), "
                "whose index is well defined"
            )
            raise SpaceError(msg)
