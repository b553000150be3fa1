"""Given data: first-order sensitivity indices from draws that exist already.

No model is run. The share of variance that a parameter explains alone, Var(E[Y | x]) / Var(Y), is
estimated from kept draws of a result, from a posterior or from any table.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.analysis.classes import (
    Shares,
    level_edges,
    mean_square,
    one_net,
    one_sample,
    ratio,
    replicated,
)
from uncertainty.analysis.given_sample import GivenSample, Source, check_known_origin, warn_constant
from uncertainty.analysis.independent import independent_share
from uncertainty.analysis.ranks import neighbours
from uncertainty.arrays import Array
from uncertainty.errors import DesignError
from uncertainty.labels import labelled
from uncertainty.names import listed, suggestion

if TYPE_CHECKING:
    import xarray as xr

#: Probability of the intervals.
CONFIDENCE = 0.95
#: Replicates that give an interval by their spread.
REPLICATES = 4
#: Parts into which the chains of a posterior are cut, and the independent draws in each.
PARTS, PART = 16, 100
#: Fewest draws of one sample, and of one replicate.
LEAST, LEAST_EACH = 64, 32

#: Fewer draws than this that hold the variance of an outcome are too few.
HEAVY = 20

CLASSES = "lines in classes, debiased"
MEANS = "class means"
RANKS = "rank, Gamboa et al. 2022"
NOTE = (
    "S1 is Var(E[Y | x]) / Var(Y) of each parameter by itself. Draws of a posterior depend on each "
    "other, so that these shares overlap and need not sum to less than one"
)


#: From parameter (replicate, sample), outcomes (cell, replicate, sample) and levels to shares.
type Estimator = Callable[[Array, Array, Array | None], Shares]


@dataclass(frozen=True)
class Way:
    """How indices and intervals are made of one sample.

    Attributes
    ----------
    shares : Estimator
    replicates : int
        Parts into which the sample is cut.
    interval : str
    estimator : str
    shared : bool
        Whether all parts have the same classes.
    worth : float
        How many independent draws a draw is worth.
    """

    shares: Estimator
    replicates: int
    interval: str
    estimator: str = CLASSES
    shared: bool = False
    worth: float = 1.0


def given_data(
    source: Source,
    outcome: Any = None,
    *,
    method: str = "classes",
    parameters: Sequence[str] | None = None,
    drawn: str | None = None,
    group: str = "prior",
) -> xr.Dataset:
    """First-order indices from draws that exist already.

    Parameters
    ----------
    source : xarray.DataTree, pandas.DataFrame or mapping of columns
        A result with kept draws, or a table with one row a draw. A column `chain` of a table
        tells independent replicates, or chains, apart.
    outcome : str or array (..., sample), optional
        Name of an outcome; for a table a column, or an array beside it. May be left out for a
        result that has one outcome.
    method : {"classes", "rank"}
        Lines in about the root of the number of draws classes, debiased; or the rank estimator,
        for independent draws only.
    parameters : sequence of str, optional
        Only these. All when left out, for a table all other columns.
    drawn : {"random", "latin", "sobol", "posterior"}, optional
        How the draws of a table came about; a result says so itself.
    group : {"prior", "posterior"}
        Which draws of a result.

    Returns
    -------
    xarray.Dataset
        ``S1`` (..., parameter) and ``S1_interval`` (..., parameter, bound), 95%; for an outcome
        with dims also ``aggregate_S1``, all coordinates together. Small negative values are
        chance and not clipped. NaN, with a warning, where the outcome or the parameter does not
        vary. A dirichlet gives one index a share. The attributes say how it was done.

    Raises
    ------
    ResultError
        When what is asked for is not there, or values are not finite.
    DesignError
        When it is not known how the draws came about, the method does not suit them, or they are
        too few.

    Notes
    -----
    Intervals are an influence function's for independent draws [2]_; Student's t with the
    jackknife over replicates for four or more of a Latin or Sobol' design, and over up to 16 parts
    of the chains of a posterior. Fewer replicates of Sobol' points do not show their error: the
    interval is then NaN, with a warning. The classes are those of given data [1]_, with a line in
    each [3]_, since constants would miss what E[Y | x] varies within a class. Where E[Y | x] jumps
    the value is a little low; classes of double width tell, and the interval is widened.

    References
    ----------
    .. [1] Li, Mahadevan 2016, doi:10.1016/j.ress.2016.04.012
    .. [2] Da Veiga, Gamboa 2013, doi:10.1080/10485252.2013.784762
    .. [3] Da Veiga, Wahl, Gamboa 2009, doi:10.1198/TECH.2009.08124

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> table = {"a": rng.normal(size=4096), "b": rng.normal(size=4096)}
    >>> y = table["a"] + 2 * table["b"]
    >>> given_data(table, y, drawn="random")["S1"].round(1).values.tolist()
    [0.2, 0.8]
    """
    sample = GivenSample.of(source, outcome, parameters=parameters, drawn=drawn, group=group)
    check_sample(sample)
    way = chosen_way(method, sample)
    warn_constant(sample)
    warn_without(sample, way)
    warn_heavy(sample)
    return labelled_shares(sample, way, shares_of(sample, sample.cells, way))


def check_sample(sample: GivenSample) -> None:
    """Raise `DesignError` for a sample of unknown origin or with too few draws."""
    check_known_origin(sample)
    if sample.size < LEAST:
        msg = f"indices need at least {LEAST} draws, got {sample.size}"
        raise DesignError(msg)


def chosen_way(method: str, sample: GivenSample) -> Way:
    """The way of a method with a sample."""
    ways = {"classes": by_classes, "rank": by_ranks}
    if method not in ways:
        near = suggestion(str(method), ways)
        msg = f"method must be one of {listed(ways)}, got {method!r}{near}"
        raise DesignError(msg)
    return ways[method](sample)


def by_ranks(sample: GivenSample) -> Way:
    """Rank estimator, of independent draws alone."""
    if sample.drawn != "random":
        msg = (
            f"method='rank' needs independent draws, got drawn={sample.drawn!r}: its neighbours "
            "must be like independent draws, and on others it has a bias that more draws do not "
            "cure; use method='classes'"
        )
        raise DesignError(msg)
    return Way(single(neighbours), 1, "delta method, independent draws", RANKS)


def by_classes(sample: GivenSample) -> Way:
    """Lines in classes: one sample, or replicates where there are enough."""
    if sample.drawn == "posterior":
        return posterior_parts(sample)
    if sample.drawn != "random" and sample.chains >= REPLICATES:
        check_each(sample, sample.chains)
        kind = f"jackknife and t over {sample.chains} replicates"
        return Way(replicated, sample.chains, kind)
    if sample.drawn == "sobol":
        return Way(single(one_net), 1, "none: too few replicates of Sobol' points", MEANS)
    return Way(single(one_sample), 1, "influence function, independent draws")


def posterior_parts(sample: GivenSample) -> Way:
    """Chains cut into parts, each worth enough independent draws."""
    chains, length = sample.split
    worth = independent_share(sample)
    each = max(1, min(-(-PARTS // chains), int(length * worth) // PART))
    many = each * chains
    if many < REPLICATES:
        msg = (
            f"indices of a posterior need at least {REPLICATES} chains, or parts worth {PART} "
            f"independent draws; got {chains} of {length} draws, each worth {length * worth:.0f}"
        )
        raise DesignError(msg)
    if length * worth < LEAST_EACH:
        msg = (
            f"each chain must be worth at least {LEAST_EACH} independent draws, got {length} "
            f"draws worth {length * worth:.0f}; draw longer chains"
        )
        raise DesignError(msg)
    kind = f"jackknife and t over {many} parts of {chains} chains"
    return Way(replicated, many, kind, shared=True, worth=worth)


def check_each(sample: GivenSample, many: int) -> None:
    """Raise `DesignError` for replicates with too few draws."""
    if sample.size // many < LEAST_EACH:
        msg = (
            f"each of {many} replicates or chains needs at least {LEAST_EACH} draws, "
            f"got {sample.size // many}"
        )
        raise DesignError(msg)


def single(estimator: Estimator) -> Estimator:
    """An estimator of one sample, given all draws as one replicate."""

    def shares(x: Array, y: Array, levels: Array | None) -> Shares:
        return estimator(x[0], y[:, 0], levels)

    return shares


def shares_of(sample: GivenSample, cells: Array, way: Way) -> Array:
    """Value, lower and upper end (end, cell + 1, parameter) for any outcomes of the draws.

    The last cell is all of them together.

    Parameters
    ----------
    sample : GivenSample
    cells : (cell, sample)
    way : Way
    """
    y = cut(standardised(cells), way.replicates, sample.chains)
    x = cut(sample.values, way.replicates, sample.chains)
    found = np.full((3, y.shape[0] + 1, len(x)), np.nan)
    for i in np.flatnonzero(sample.varies):
        each = way.shares(x[i], y, level_edges(x[i], way.worth, shared=way.shared))
        found[..., i] = each.value, each.value - each.half, each.value + each.half
    return found


def standardised(cells: Array) -> Array:
    """Cells with mean 0, all divided by the one largest value, exact 0 where one is constant."""
    scale = np.abs(cells).max() or 1.0
    y = cells / scale
    y = np.where(np.ptp(y, axis=1, keepdims=True) > 0, y - y.mean(axis=1, keepdims=True), 0.0)
    return y / (np.abs(y).max() or 1.0)


def cut(values: Array, parts: int, chains: int) -> Array:
    """(row, sample) as (row, part, sample); what does not fill a part of a chain is left out."""
    if parts == 1:
        return values[:, None]
    each = values.reshape(len(values), chains, -1)
    length = each.shape[2] // (parts // chains)
    whole = each[..., : length * (parts // chains)]
    return whole.reshape(len(values), parts, length)


def labelled_shares(sample: GivenSample, way: Way, found: Array) -> xr.Dataset:
    """Labels on."""
    import xarray as xr

    variables = shares_arrays(sample, "S1", found[:, :-1], sample.dims, way)
    if sample.dims:
        variables |= shares_arrays(sample, "aggregate_S1", found[:, -1], (), way)
    made = xr.Dataset(variables, attrs=attributes(sample, way))
    labels = [sample.labels[name] for name in sample.parameters]
    return made.assign_coords(label=("parameter", labels))


def shares_arrays(
    sample: GivenSample, name: str, found: Array, dims: Sequence[str], way: Way
) -> dict[str, xr.DataArray]:
    """An index and its interval."""
    coords = {**sample.coords, "parameter": tuple(sample.parameters), "bound": ("lower", "upper")}
    shape = sample.shape if dims else ()
    value, lower, upper = (part.reshape(*shape, found.shape[-1]) for part in found)
    attrs = {"interval_kind": way.interval, "interval_prob": CONFIDENCE}
    return {
        name: labelled(value, (*dims, "parameter"), coords, {"units": "1"}),
        f"{name}_interval": labelled(
            np.stack([lower, upper], axis=-1), (*dims, "parameter", "bound"), coords, attrs
        ),
    }


def attributes(sample: GivenSample, way: Way) -> dict[str, Any]:
    """What the indices rest on."""
    note = {"note": NOTE} if sample.drawn == "posterior" else {}
    return {
        "outcome": sample.name,
        "units": sample.units,
        "estimator": way.estimator,
        "interval_kind": way.interval,
        "interval_prob": CONFIDENCE,
        "draws": sample.size,
        "drawn": sample.drawn or "unknown",
        "replicates": sample.chains,
        **note,
    }


def warn_without(sample: GivenSample, way: Way) -> None:
    """Warn when there are values without intervals."""
    if way.estimator == MEANS:
        msg = (
            f"{sample.chains} replicates of Sobol' points do not show the error of an index: "
            f"S1_interval is NaN; draw at least {REPLICATES} replicates"
        )
        warnings.warn(msg, stacklevel=3)


def warn_heavy(sample: GivenSample) -> None:
    """Warn where a few draws hold most of the variance (Kish's effective number of draws)."""
    square = standardised(sample.cells) ** 2
    whole = square.sum(axis=1)
    worth = ratio(whole**2, mean_square(square) * sample.size)
    fewest = np.nanmin(worth, initial=np.inf)
    if fewest < HEAVY:
        msg = (
            f"the variance of outcome {sample.name!r} rests on about {fewest:.0f} of {sample.size} "
            "draws: its shares and their intervals say little; take its logarithm, or tail_drivers"
        )
        warnings.warn(msg, stacklevel=3)
