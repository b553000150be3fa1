"""Tail: which parameters drive an outcome into a region, such as its worst 5%."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from uncertainty.analysis.classes import REACH
from uncertainty.analysis.given import CONFIDENCE, check_sample, chosen_way, shares_of, warn_without
from uncertainty.analysis.given_sample import GivenSample, Source, warn_constant
from uncertainty.analysis.independent import effective_share
from uncertainty.analysis.region import Region, check_counts
from uncertainty.arrays import Array
from uncertainty.labels import labelled

if TYPE_CHECKING:
    import xarray as xr

#: Quantiles of a parameter that are told.
LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Split:
    """Draws of each cell in the region and out of it.

    Attributes
    ----------
    inside : (cell, sample)
    worth : (cell, parameter)
        How many independent draws a draw is worth.
    """

    inside: npt.NDArray[np.bool_]
    worth: Array


def tail_drivers(
    source: Source,
    outcome: Any = None,
    *,
    worst: float | None = None,
    side: str = "upper",
    above: float | None = None,
    below: float | None = None,
    parameters: Sequence[str] | None = None,
    drawn: str | None = None,
    group: str = "prior",
) -> xr.Dataset:
    """Which parameters drive an outcome into its tail, from draws that exist already.

    Parameters
    ----------
    source, outcome, parameters, drawn, group
        As for `given_data`.
    worst : float, optional
        Share of the draws in the region; 0.05 when no region is told. Of an outcome with dims,
        at each coordinate by itself.
    side : {"upper", "lower"}
        Whether the largest or the smallest values are the worst.
    above, below : float, optional
        In place of `worst`: a threshold in the unit of the outcome.

    Returns
    -------
    xarray.Dataset
        Over (..., parameter):

        - ``S1``, ``S1_interval``: share of the variance of *in the region or not* that the
          parameter explains alone. Small values for all mean that several must come together.
        - ``shift``, ``shift_interval``: its mean in the region less its mean over all draws, in
          standard deviations.
        - ``KS``, ``KS_p_value``: largest distance of its distributions in the region and out of
          it, and the chance of that without any dependence.
        - ``values`` (..., parameter, draws, quantile): its 5%, 50% and 95% quantile among all
          draws and among those in the region.

        Over (...): ``threshold``, ``share`` of the draws in the region and their ``count``.
        Intervals are 95%. NaN, with a warning, for a parameter that does not vary.

    Raises
    ------
    ResultError
        When what is asked for is not there, or values are not finite.
    DesignError
        When fewer than 50 draws are in the region or out of it, or a setting is unknown.

    Notes
    -----
    S1 as in `given_data`, of the indicator: target sensitivity analysis [1]_; shift and distance:
    regional sensitivity analysis [2]_. Intervals of the shift and p-values are those of
    independent draws, which is an upper guide for Latin and Sobol' points; draws of a posterior
    count as many as their autocorrelation leaves.

    References
    ----------
    .. [1] Marrel, Chabridon 2021, doi:10.1016/j.ress.2021.107711
    .. [2] Hornberger, Spear 1981, "An approach to the preliminary analysis of environmental
       systems", Journal of Environmental Management 12

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> table = {"a": rng.normal(size=4096), "b": rng.normal(size=4096)}
    >>> found = tail_drivers(table, table["a"] ** 2, worst=0.1, drawn="random")
    >>> (found["KS_p_value"] < 0.01).values.tolist()
    [True, False]
    """
    if worst is None and above is None and below is None:
        worst = 0.05
    region = Region.of(worst, side, above, below)
    sample = GivenSample.of(source, outcome, parameters=parameters, drawn=drawn, group=group)
    check_sample(sample)
    inside = region.inside(sample.cells)
    check_counts(sample, region, inside)
    way = chosen_way("classes", sample)
    warn_constant(sample)
    warn_without(sample, way)
    shares = shares_of(sample, inside.astype(np.float64), way)[:, :-1]
    return labelled_tail(sample, region, way.interval, shares, split(sample, inside))


def split(sample: GivenSample, inside: npt.NDArray[np.bool_]) -> Split:
    """Draws in and out, and what they are worth: 1 but for chains of a posterior."""
    worth = np.ones((len(inside), len(sample.parameters)))
    if sample.drawn == "posterior":
        x = [effective_share(values) for values in sample.parameters.values()]
        y = [effective_share(row.reshape(sample.split).astype(np.float64)) for row in inside]
        worth = np.minimum(np.array(y)[:, None], x)
    return Split(inside, worth)


def shifts(values: Array, found: Split) -> tuple[Array, Array]:
    """Shift of the mean in standard deviations and half of its interval, (cell, parameter).

    Mean inside less mean of all is the share outside times the difference of both means.
    """
    count = found.inside.sum(axis=1)[:, None]
    size = values.shape[1]
    x = in_deviations(values)
    mask = found.inside.astype(np.float64)
    first, second = mask @ x.T, mask @ (x**2).T
    mean, other = first / count, -first / (size - count)
    within = second / count - mean**2
    without = (size - second) / (size - count) - other**2
    square = (within / count + without / (size - count)) / found.worth
    return mean, REACH * (1 - count / size) * np.sqrt(np.maximum(square, 0.0))


def in_deviations(values: Array) -> Array:
    """Rows less their means, in standard deviations; NaN where one is constant."""
    largest = np.abs(values).max(axis=1, keepdims=True)
    moves = np.ptp(values, axis=1, keepdims=True) > 0
    x = values / np.where(largest > 0, largest, 1.0)
    x -= x.mean(axis=1, keepdims=True)
    sd = np.where(moves, x.std(axis=1, keepdims=True), 1.0)
    return np.where(moves, x / sd, np.nan)


def distances(values: Array, found: Split) -> tuple[Array, Array]:
    """Kolmogorov-Smirnov distance of draws in and out, and its p-value, (cell, parameter)."""
    from scipy.special import kolmogorov

    size = values.shape[1]
    count = found.inside.sum(axis=1)
    scale = count * (size - count) / size
    largest = np.stack([distance(x, found.inside, count) for x in values], axis=1)
    return largest, kolmogorov(largest * np.sqrt(scale[:, None] * found.worth))


def distance(x: Array, inside: npt.NDArray[np.bool_], count: npt.NDArray[np.intp]) -> Array:
    """Kolmogorov-Smirnov distance of one parameter, (cell,); equal values step together."""
    order = np.argsort(x)
    ends = np.flatnonzero(np.append(np.diff(x[order]) > 0, True))
    if len(ends) == 1:
        return np.full(len(inside), np.nan)
    ranks = np.cumsum(np.take(inside, order, axis=1), axis=1)[:, ends]
    count = count[:, None]
    gap = ranks / count - (ends + 1 - ranks) / (len(x) - count)
    return np.abs(gap).max(axis=1)


def quantiles(values: Array, inside: npt.NDArray[np.bool_]) -> Array:
    """Quantiles among all and in the region, (cell, parameter, draws, quantile)."""
    every = np.quantile(values, LEVELS, axis=1, method="hazen").T
    parts = [np.quantile(values[:, row], LEVELS, axis=1, method="hazen").T for row in inside]
    return np.stack([np.stack([every, part], axis=1) for part in parts])


def labelled_tail(
    sample: GivenSample, region: Region, interval: str, shares: Array, found: Split
) -> xr.Dataset:
    """Labels on."""
    import xarray as xr

    values = sample.values
    mean, half = shifts(values, found)
    largest, chance = distances(values, found)
    index, lower, upper = shares
    kind = {"interval_prob": CONFIDENCE}
    arrays: dict[str, tuple[Any, tuple[str, ...], dict[str, Any]]] = {
        "S1": (index, ("parameter",), {}),
        "S1_interval": (ends(lower, upper), BOUND, {"interval_kind": interval, **kind}),
        "shift": (mean, ("parameter",), {}),
        "shift_interval": (
            ends(mean - half, mean + half), BOUND, {"interval_kind": "normal", **kind},
        ),
        "KS": (largest, ("parameter",), {}),
        "KS_p_value": (chance, ("parameter",), {}),
        "values": (quantiles(values, found.inside), ("parameter", "draws", "quantile"), {}),
        "threshold": (region.thresholds(sample.cells), (), {"units": sample.units}),
        "share": (found.inside.mean(axis=1), (), {}),
        "count": (found.inside.sum(axis=1), (), {}),
    }  # fmt: skip
    coords = {
        **sample.coords, "parameter": tuple(sample.parameters), "bound": ("lower", "upper"),
        "draws": ("all", "inside"), "quantile": LEVELS,
    }  # fmt: skip
    variables = {
        name: labelled(
            array.reshape((*sample.shape, *array.shape[1:])), (*sample.dims, *dims), coords, attrs
        )
        for name, (array, dims, attrs) in arrays.items()
    }
    made = xr.Dataset(variables, attrs=attributes(sample, region))
    labels = [sample.labels[name] for name in sample.parameters]
    return made.assign_coords(label=("parameter", labels))


BOUND = ("parameter", "bound")


def ends(lower: Array, upper: Array) -> Array:
    """Both ends of an interval, (..., bound)."""
    return np.stack([lower, upper], axis=-1)


def attributes(sample: GivenSample, region: Region) -> dict[str, Any]:
    """What the numbers rest on."""
    return {
        "outcome": sample.name,
        "units": sample.units,
        "region": region.describe(),
        "draws": sample.size,
        "drawn": str(sample.drawn),
        "replicates": sample.chains,
    }
