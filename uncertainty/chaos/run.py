"""Chaos: Sobol' indices of a model that takes minutes, from a few hundred runs.

Sparse polynomials that are orthonormal over the priors stand in for the model (polynomial chaos;
Sudret 2008, doi:10.1016/j.ress.2007.04.002; Blatman and Sudret 2011,
doi:10.1016/j.jcp.2010.12.021). How good they are is measured at runs that they have not seen,
and what they do not explain widens every interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.design import Block, Design
from uncertainty.door import Door, ModelLike, SpaceLike
from uncertainty.errors import DesignError, SpaceError
from uncertainty.names import listed
from uncertainty.pool import fold
from uncertainty.space import Space, as_space
from uncertainty.tally import Keep, Table

if TYPE_CHECKING:
    import xarray as xr

    from uncertainty.chaos.expansion import Expansion

#: Fewer runs tell nothing of what polynomials miss.
FEWEST = 32
#: Pieces that the runs are cut in for an executor.
PIECES = 64
#: The highest degree that may be asked for.
MOST_DEGREE = 30


@dataclass(frozen=True)
class Fitting:
    """A run of polynomial chaos, declared: where the model runs, and which pieces."""

    door: Door
    design: Design

    def tally(self, piece: Block) -> Table:
        """All outcomes at some points."""
        values = self.door.values(self.design.points(piece))
        return Table.of({name: Keep.of(y) for name, y in self.door.run(values).items()})


def polynomial_chaos(
    model: ModelLike,
    space: SpaceLike,
    *,
    size: int = 256,
    seed: int = 1,
    degree: int | None = None,
    second_order: bool = False,
    outcomes: Sequence[str] | None = None,
    design: str = "sobol",
    executor: Executor | None = None,
) -> xr.DataTree:
    """Sobol' indices with intervals from few runs, by sparse polynomials.

    For smooth models a few hundred runs in all do what `drivers` needs tens of thousands for.
    Jumps and kinks cost accuracy, which `Q2` and the intervals show.

    Parameters
    ----------
    model, space, outcomes
        As for `propagate`. Parameters are independent. Shares (dirichlet) and choices are
        single parameters; a choice is exact once the degree reaches its number of values less 1.
    size : int
        Model runs **in all**, at least 32; no replicates.
    seed : int
    degree : int, optional
        Highest degree; chosen by held-out errors when left out.
    second_order : bool
        Indices of pairs too (``S2``).
    design : {"sobol", "latin", "random"}
    executor : concurrent.futures.Executor, optional
        Runs the model elsewhere, in up to 64 pieces after a first run here.

    Returns
    -------
    xarray.DataTree
        ``/chaos/<outcome>`` with ``S1``, ``ST`` (..., parameter) and ``S1_interval``,
        ``ST_interval`` (..., parameter, bound), ``S2`` likewise; for an outcome with dims also
        ``aggregate_S1``, ``aggregate_ST``, weighted by variance; ``Q2`` (...), the share of
        variance predicted at runs that were left out of the whole fit, an eighth at a time, and
        ``terms`` (...), how many polynomials are used. An interval holds the index with all that
        is unexplained given to it or to others, and Student's t of the spread of eight fits that
        each left an eighth of the runs out.

    Raises
    ------
    SpaceError
        If parameters are correlated: Sobol' indices do not exist then.
    DesignError, ModelError, UnitError

    Warns
    -----
    UserWarning
        Where an outcome does not vary (its indices are NaN), and where `Q2` is below 0.8.

    Examples
    --------
    >>> from uncertainty.prior import Prior
    >>> prior = {"a": Prior("normal", mu=0, sigma=3), "b": Prior("normal", mu=1, sigma=4)}
    >>> result = polynomial_chaos(lambda a, b: a + b, prior, size=32)
    >>> result["chaos/y"]["S1"].round(4).values.tolist()
    [0.36, 0.64]
    """
    from uncertainty.chaos.labelling import result_tree  # xarray: not needed where the model runs

    space = as_space(space)
    check_independent(space)
    check_numbers(size, degree)
    plan = Design(design, space.width, size, seed, block=max(int(size), 1))
    door, found = runs(model, space, plan, outcomes, executor)
    u = plan.points(plan.first)
    fits = {name: expanded(door, u, y, degree, plan.seed) for name, y in found.items()}
    return result_tree(door, plan, fits, second_order)


def runs(
    model: ModelLike,
    space: Space,
    plan: Design,
    outcomes: Sequence[str] | None,
    executor: Executor | None,
) -> tuple[Door, dict[str, Array]]:
    """Door and outcomes (..., sample) of all points; the first run alone finds what is wrong."""
    trial, size = Block(0, 0, 1), plan.size
    door, first = Door.of(model, space, plan.points(trial), outcomes)
    start = {name: y.copy() for name, y in first.items()}
    step = size if executor is None else -(-size // PIECES)
    pieces = [Block(0, i, min(i + step, size)) for i in range(1, size, step)]
    rest = fold(Fitting(door, plan).tally, pieces, executor).result()
    return door, {name: np.concatenate([y, rest[name]], axis=-1) for name, y in start.items()}


def expanded(door: Door, u: Array, y: Array, degree: int | None, seed: int) -> Expansion:
    """The polynomials of one outcome (..., sample)."""
    from uncertainty.chaos.expansion import expand
    from uncertainty.chaos.polynomials import coordinates

    seen, _ = coordinates(door.space)
    return expand(seen, u, y.reshape(-1, y.shape[-1]), degree, seed)


def check_independent(space: Space) -> None:
    """Raise `SpaceError` if parameters are correlated."""
    if space.clusters:
        msg = (
            f"polynomial_chaos needs independent parameters, but {listed(space.clusters[0])} are "
            "correlated; use shapley, whose effects are well defined for them"
        )
        raise SpaceError(msg)


def check_numbers(size: Any, degree: Any) -> None:
    """Raise `DesignError` for too few runs, and for a degree that cannot be."""
    if isinstance(size, int | np.integer) and size < FEWEST:
        msg = f"polynomial_chaos needs at least {FEWEST} runs, got size={size}"
        raise DesignError(msg)
    whole = isinstance(degree, int | np.integer) and not isinstance(degree, bool)
    if degree is not None and not (whole and 1 <= degree <= MOST_DEGREE):
        msg = f"degree must be a whole number from 1 to {MOST_DEGREE}, got {degree!r}"
        raise DesignError(msg)
