"""HSIC: how strongly an outcome depends on each parameter in any way, with p-values.

Unlike a share of variance, HSIC is 0 only where outcome and parameter are independent, and it
comes with a test. With a region it tells what drives an outcome into it, or within it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from uncertainty.analysis.given_sample import GivenSample, Source, check_known_origin, warn_constant
from uncertainty.analysis.independent import LEAST, independent_draws
from uncertainty.analysis.kernels import WIDTHS, Dependence, permutation_p_values, scaled
from uncertainty.analysis.region import Region, check_counts
from uncertainty.arrays import Array
from uncertainty.design import generator
from uncertainty.errors import DesignError
from uncertainty.labels import labelled
from uncertainty.names import listed, suggestion

if TYPE_CHECKING:
    import xarray as xr

METHODS = ("global", "target", "conditional")
P_VALUES = ("auto", "gamma", "permutation")
#: With fewer draws than this, p-values come from permutations.
FEW = 200
#: Permutations.
TIMES = 999
#: Names the stream of permutations among the streams of a seed.
PAIRINGS = 4


@dataclass(frozen=True)
class Question:
    """What is asked, and how it is answered.

    Attributes
    ----------
    method : str
        One of `METHODS`.
    region : Region or None
    smooth : float
    bandwidth : str
    p_values : str
    size, seed : int
    """

    method: str
    region: Region | None
    smooth: float
    bandwidth: str
    p_values: str
    size: int
    seed: int


@dataclass(frozen=True)
class Found:
    """HSIC, R2 and p-values, each (cell, parameter), and how many draws each cell used."""

    hsic: Array
    r2: Array
    p_value: Array
    draws: npt.NDArray[np.intp]


def hsic(
    source: Source,
    outcome: Any = None,
    *,
    method: str | None = None,
    region: Any = None,
    smooth: float = 0.0,
    bandwidth: str = "sd",
    p_values: str = "auto",
    size: int = 2000,
    seed: int = 1,
    parameters: Sequence[str] | None = None,
    drawn: str | None = None,
    group: str = "prior",
) -> xr.Dataset:
    """Dependence of an outcome on each parameter, by HSIC, with p-values.

    Parameters
    ----------
    source, outcome, parameters, drawn, group
        As for `given_data`.
    method : {"global", "target", "conditional"}, optional
        Dependence of the outcome itself; of being in the region; of the outcome among the draws
        in the region. When left out, "target" with a region and "global" without.
    region : mapping, optional
        One of ``{"worst": 0.05}`` (with ``"side": "lower"`` the smallest ones), ``{"above": x}``
        and ``{"below": x}``, in the unit of the outcome.
    smooth : float
        0 for the region as it is. Else the weight of a draw outside falls from 1 to 0 within about
        so many standard deviations of the outcome: with few draws 0.2 finds more [3]_, but what
        drives draws near the region is then told too.
    bandwidth : {"sd", "median"}
        Of the Gaussian kernels: standard deviation, or median distance of two draws.
    p_values : {"auto", "gamma", "permutation"}
        A gamma law, or 999 permutations; "auto" permutes below 200 draws.
    size : int
        At most so many draws are used, since the work grows with their square; evenly taken.
    seed : int
        Of what is left to chance.

    Returns
    -------
    xarray.Dataset
        ``HSIC``, ``R2`` and ``p_value`` (..., parameter). R2 is HSIC over the root of both own
        values, 0 to 1. Both are a little above 0 without any dependence; the p-value says
        whether that is all. The attributes say how many draws were used and how.

    Raises
    ------
    ResultError
        When what is asked for is not there, or values are not finite.
    DesignError
        When too few draws are left, or a setting is unknown.

    Notes
    -----
    The test is for independent draws [1]_ [2]_ [3]_. Of Sobol' points one in eight is taken, by
    chance: all of them are spread so evenly that the test would be blind. Of a posterior so many
    as its autocorrelation leaves are taken. With dependent parameters, a parameter shows what it
    shares with others too.

    References
    ----------
    .. [1] Gretton et al. 2008, "A kernel statistical test of independence", NeurIPS 20
    .. [2] Da Veiga 2015, doi:10.1080/00949655.2014.945932
    .. [3] Marrel, Chabridon 2021, doi:10.1016/j.ress.2021.107711

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> table = {"a": rng.normal(size=500), "b": rng.normal(size=500)}
    >>> found = hsic(table, np.cos(3 * table["a"]), drawn="random")
    >>> (found["p_value"] < 0.01).values.tolist()
    [True, False]
    """
    asked = checked_question(method, region, smooth, bandwidth, p_values, size, seed)
    sample = GivenSample.of(source, outcome, parameters=parameters, drawn=drawn, group=group)
    check_known_origin(sample)
    warn_constant(sample)
    return labelled_dependence(sample, asked, WAYS[asked.method](sample, asked))


def checked_question(
    method: str | None,
    region: Any,
    smooth: float,
    bandwidth: str,
    p_values: str,
    size: int,
    seed: int,
) -> Question:
    """The settings, checked."""
    method = method or ("global" if region is None else "target")
    choices = {
        "method": (method, METHODS),
        "bandwidth": (bandwidth, tuple(WIDTHS)),
        "p_values": (p_values, P_VALUES),
    }
    for name, (value, known) in choices.items():
        if value not in known:
            near = suggestion(str(value), known)
            msg = f"{name} must be one of {listed(known)}, got {value!r}{near}"
            raise DesignError(msg)
    if (region is None) != (method == "global"):
        need = "needs a region such as {'worst': 0.05}" if region is None else "takes no region"
        msg = f"method={method!r} {need}"
        raise DesignError(msg)
    check_numbers({"size": (size, LEAST), "seed": (seed, 0)}, smooth)
    area = None if region is None else Region.given(region)
    return Question(method, area, float(smooth), bandwidth, p_values, int(size), seed)


def check_numbers(whole: Mapping[str, tuple[Any, int]], smooth: Any) -> None:
    """Raise `DesignError` for numbers that are not whole or too small."""
    for name, (value, least) in whole.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            msg = f"{name} must be a whole number of at least {least}, got {value!r}"
            raise DesignError(msg)
    if not isinstance(smooth, int | float | np.number) or not 0 <= smooth < np.inf:
        msg = f"smooth must be a number of at least 0, got {smooth!r}"
        raise DesignError(msg)


def of_outcome(sample: GivenSample, asked: Question) -> Found:
    """Dependence of the outcome itself."""
    chosen = independent_draws(sample, asked.size, asked.seed)
    return answered(sample.values[:, chosen], sample.cells[:, chosen], asked)


def of_region(sample: GivenSample, asked: Question) -> Found:
    """Dependence of being in the region."""
    area = inside(sample, asked)[0]
    weights = area.weights(sample.cells, asked.smooth)
    chosen = independent_draws(sample, asked.size, asked.seed)
    return answered(sample.values[:, chosen], weights[:, chosen], asked)


def within_region(sample: GivenSample, asked: Question) -> Found:
    """Dependence of the outcome among the draws in the region, each cell by itself."""
    _, which = inside(sample, asked)
    found = []
    for y, mask in zip(sample.cells, which, strict=True):
        chosen = independent_draws(sample, asked.size, asked.seed, mask)
        found.append(answered(sample.values[:, chosen], y[None, chosen], asked))
    parts = zip(*((f.hsic, f.r2, f.p_value, f.draws) for f in found), strict=True)
    return Found(*(np.concatenate(part) for part in parts))


WAYS = {"global": of_outcome, "target": of_region, "conditional": within_region}


def inside(sample: GivenSample, asked: Question) -> tuple[Region, npt.NDArray[np.bool_]]:
    """The region, and which draws are in it, enough of them."""
    assert asked.region is not None
    which = asked.region.inside(sample.cells)
    check_counts(sample, asked.region, which)
    return asked.region, which


def answered(x: Array, y: Array, asked: Question) -> Found:
    """HSIC of columns x (parameter, sample) and y (cell, sample); NaN where one is constant."""
    moves_x, moves_y = (columns.min(axis=1) < columns.max(axis=1) for columns in (x, y))
    place = np.ix_(moves_y, moves_x)
    hsic, r2, p_value = (np.full((len(y), len(x)), np.nan) for _ in range(3))
    if moves_x.any() and moves_y.any():
        columns = scaled(x[moves_x], asked.bandwidth), scaled(y[moves_y], asked.bandwidth)
        found = Dependence.of(*columns)
        hsic[place], r2[place] = found.hsic, found.r2
        p_value[place] = chances(columns, found, asked)
    return Found(hsic, r2, p_value, np.full(len(y), x.shape[1]))


def chances(columns: tuple[Array, Array], found: Dependence, asked: Question) -> Array:
    """P-values by the law that was asked for."""
    if law(found.size, asked) == "gamma":
        return found.gamma_p_values()
    rng = generator(PAIRINGS, seed=asked.seed)
    return permutation_p_values(*columns, found.hsic, TIMES, rng)


def law(size: int, asked: Question) -> str:
    """Where p-values of so many draws come from."""
    if asked.p_values != "auto":
        return asked.p_values
    return "permutation" if size < FEW else "gamma"


def labelled_dependence(sample: GivenSample, asked: Question, found: Found) -> xr.Dataset:
    """Labels on."""
    import xarray as xr

    warn_few_values(found, sample)
    coords = {**sample.coords, "parameter": tuple(sample.parameters)}
    dims = (*sample.dims, "parameter")
    variables = {
        name: labelled(values.reshape(*sample.shape, -1), dims, coords, {"units": "1"})
        for name, values in (("HSIC", found.hsic), ("R2", found.r2), ("p_value", found.p_value))
    }
    draws = found.draws.reshape(sample.shape).astype(np.float64)
    variables["draws_used"] = labelled(draws, sample.dims, coords)
    made = xr.Dataset(variables, attrs=attributes(sample, asked, found))
    labels = [sample.labels[name] for name in sample.parameters]
    return made.assign_coords(label=("parameter", labels))


def warn_few_values(found: Found, sample: GivenSample) -> None:
    """Warn where a column that varies has one value among the draws that were used."""
    still = np.ptp(sample.cells, axis=1) == 0
    lost = np.isnan(found.hsic) & sample.varies & ~still[:, None]
    if lost.any():
        names = np.array(list(sample.parameters))[lost.any(axis=0)]
        msg = f"{listed(names)}: one value among all draws used somewhere; HSIC is NaN there"
        warnings.warn(msg, stacklevel=4)


def attributes(sample: GivenSample, asked: Question, found: Found) -> dict[str, Any]:
    """What the numbers rest on."""
    laws = sorted({law(int(size), asked) for size in found.draws})
    region = {"region": asked.region.describe()} if asked.region else {}
    sharp = {"smooth": asked.smooth} if asked.method == "target" else {}
    return {
        "outcome": sample.name,
        "units": sample.units,
        "method": asked.method,
        **region,
        **sharp,
        "estimator": f"HSIC, V-statistic, Gaussian kernels, bandwidth {asked.bandwidth}",
        "p_values": ", ".join(laws),
        "draws": sample.size,
        "drawn": str(sample.drawn),
        "seed": asked.seed,
    }
