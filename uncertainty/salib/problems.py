"""SALib: its problems as spaces and groups, and indices in the shape of its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import PriorError, ResultError, SpaceError
from uncertainty.names import listed, suggestion
from uncertainty.prior import Prior
from uncertainty.space import Space

if TYPE_CHECKING:
    import xarray as xr

#: Keys of a problem without which nothing can be read.
NEEDED = ("names", "bounds")
#: Probability of the intervals whose half-widths SALib calls ``_conf``.
CONFIDENCE = 0.95
#: Indices of a result: those that must be there, and that of pairs.
INDICES, PAIRS = ("S1", "ST"), "S2"

Arguments = dict[str, Any]


def triangular(*bounds: float) -> Arguments:
    """Bounds of ``triang``: [start, end, peak as a share of the width], or [end, peak] from 0."""
    start, end, peak = bounds if len(bounds) == 3 else (0.0, *bounds)
    if not 0 <= peak <= 1:
        msg = (
            "the last bound of triang is the peak as a share of the width, 0 to 1 "
            f"(0.5 is the middle); got {peak:g}"
        )
        raise PriorError(msg)
    return {
        "family": "triangular",
        "lower": start,
        "c": start + peak * (end - start),
        "upper": end,
    }


def uniform(lower: float, upper: float) -> Arguments:
    """Bounds of ``unif``: the ends."""
    return {"family": "uniform", "lower": lower, "upper": upper}


def log_uniform(lower: float, upper: float) -> Arguments:
    """Bounds of ``logunif``: the ends themselves, not their logarithms."""
    return {"family": "log_uniform", "lower": lower, "upper": upper}


def normal(mean: float, sd: float) -> Arguments:
    """Bounds of ``norm``: mean and standard deviation."""
    return {"family": "normal", "mu": mean, "sigma": sd}


def lognormal(mean: float, sd: float) -> Arguments:
    """Bounds of ``lognorm``: mean and standard deviation of the natural logarithm."""
    return {"family": "lognormal", "mu": mean, "sigma": sd}


def truncated_normal(lower: float, upper: float, mean: float, sd: float) -> Arguments:
    """Bounds of ``truncnorm``: the ends, then mean and sd of the normal that is cut."""
    return {"family": "truncated_normal", "mu": mean, "sigma": sd, "lower": lower, "upper": upper}


#: Distribution of SALib -> how many bounds it takes, and what they mean.
DISTS: dict[str, tuple[tuple[int, ...], Callable[..., Arguments]]] = {
    "unif": ((2,), uniform),
    "logunif": ((2,), log_uniform),
    "norm": ((2,), normal),
    "lognorm": ((2,), lognormal),
    "truncnorm": ((4,), truncated_normal),
    "triang": ((3, 2), triangular),
}


def from_salib(problem: Mapping[str, Any]) -> Space:
    """The space of a SALib problem.

    `Space.at` gives what SALib's ``scale_samples`` gives at the same points of the unit cube.
    What bounds mean there depends on the distribution: unif and logunif [lower, upper]; norm
    [mean, sd]; lognorm [mean, sd] of the logarithm; truncnorm [lower, upper, mean, sd]; triang
    [lower, upper, peak as a share of the width], or [upper, peak] with 0 as the lower end.

    Parameters
    ----------
    problem : dict or SALib.ProblemSpec
        ``names`` and ``bounds``; ``dists`` (all unif when left out) and ``groups`` if any. The
        name of its group becomes the `group` of each prior; see `salib_groups` too.

    Returns
    -------
    Space
        Of independent parameters; add units or a correlation by making priors of your own.

    Raises
    ------
    SpaceError
        With every fault: lengths that differ, doubled names, an unknown distribution, bounds
        that are none.

    Examples
    --------
    >>> problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 2], [1, 0.5]],
    ...            "dists": ["unif", "norm"]}
    >>> from_salib(problem).priors["b"].describe()
    'normal(mu=1, sigma=0.5)'
    """
    rows = columns(problem)
    priors: dict[str, Prior] = {}
    faults: list[str] = []
    for name, bounds, dist, group in zip(*rows, strict=True):
        try:
            priors[name] = prior_of(bounds, dist, group)
        except PriorError as error:
            faults.append(f"parameter {name!r}: {error}")
    if faults:
        raise SpaceError("\n".join(faults))
    return Space(priors)


def salib_groups(problem: Mapping[str, Any]) -> dict[str, list[str]] | None:
    """Groups of a SALib problem as `drivers` takes them, ``{group: names}``; None without any.

    As in SALib, groups that are the names themselves, and one group of all, are none.

    Examples
    --------
    >>> salib_groups({"names": ["a", "b", "c"], "bounds": [[0, 1]] * 3, "groups": ["x", "y", "x"]})
    {'x': ['a', 'c'], 'y': ['b']}
    """
    names, _, _, homes = columns(problem)
    groups: dict[str, list[str]] = {}
    for name, home in zip(names, homes, strict=True):
        groups.setdefault(home, []).append(name)
    return None if "" in groups else groups


def columns(problem: Mapping[str, Any]) -> tuple[list[str], list[Any], list[str], list[str]]:
    """Names, bounds, distributions and groups ("" if none) of a problem, one entry a parameter."""
    if not isinstance(problem, Mapping):
        msg = f"a SALib problem is a dictionary with names and bounds, got {type(problem).__name__}"
        raise SpaceError(msg)
    missing = [key for key in NEEDED if problem.get(key) is None]
    if missing:
        msg = f"the SALib problem lacks {listed(missing)}; it has {listed(problem)}"
        raise SpaceError(msg)
    names = [str(name) for name in problem["names"]]
    bounds = list(problem["bounds"])
    dists = filled(problem.get("dists"), ["unif"] * len(names))
    groups = filled(problem.get("groups"), names)
    check_lengths(problem, names, {"bounds": bounds, "dists": dists, "groups": groups})
    grouped = len(set(groups)) > 1 and groups != names
    return names, bounds, dists, groups if grouped else [""] * len(names)


def filled(entries: Sequence[Any] | None, default: list[str]) -> list[str]:
    """Entries as texts, the default where there are none."""
    return default if entries is None or not len(entries) else [str(entry) for entry in entries]


def check_lengths(
    problem: Mapping[str, Any], names: list[str], entries: Mapping[str, Sequence[Any]]
) -> None:
    """Raise `SpaceError` for lists of other lengths than `names`, and for doubled names."""
    count = problem.get("num_vars", len(names))
    faults = [f"num_vars is {count} and there are {len(names)} names"] * (count != len(names))
    faults += [
        f"{key} has {len(found)} entries for {len(names)} names"
        for key, found in entries.items()
        if len(found) != len(names)
    ]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        faults.append(f"the name {listed(doubled)} is given twice")
    if faults:
        raise SpaceError("SALib problem: " + "; ".join(faults))


def prior_of(bounds: Any, dist: str, group: str) -> Prior:
    """One prior from its bounds, as its distribution reads them."""
    if dist not in DISTS:
        near = suggestion(dist, DISTS)
        msg = f"no counterpart of the distribution {dist!r}; there are {listed(DISTS)}{near}"
        raise PriorError(msg)
    counts, reading = DISTS[dist]
    numbers = numbers_of(bounds)
    if numbers is None or len(numbers) not in counts:
        wanted = " or ".join(map(str, counts))
        msg = f"{dist} takes {wanted} numbers as bounds, got {bounds!r}"
        raise PriorError(msg)
    return Prior(group=group, **reading(*numbers))


def numbers_of(bounds: Any) -> list[float] | None:
    """Bounds as floats, None when they are no list of numbers."""
    try:
        found = np.asarray(bounds, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return found.tolist() if found.ndim == 1 else None


def to_salib(found: xr.Dataset | xr.DataTree) -> dict[str, Any]:
    """Indices of one outcome in the shape of a SALib result.

    Parameters
    ----------
    found : xarray.Dataset or node of a result tree
        ``result["drivers/<outcome>"]``. Of an outcome with dims take one place first:
        ``result["drivers/y"].to_dataset().sel(year=2030)``.

    Returns
    -------
    dict
        ``S1``, ``S1_conf``, ``ST``, ``ST_conf`` (parameter,), with `second_order` ``S2`` and
        ``S2_conf`` (parameter, parameter), NaN on and below the diagonal as SALib has them, and
        ``names``. A ``_conf`` is half the width of the 95% interval: here of Student's t over
        independent replicates, in SALib of a bootstrap.

    Raises
    ------
    ResultError
        If there are no Sobol' indices, or further dims.

    Examples
    --------
    >>> from uncertainty.drivers import drivers
    >>> normal = Prior("normal", mu=0, sigma=1)
    >>> result = drivers(lambda a, b: a + b, {"a": normal, "b": normal}, size=256)
    >>> to_salib(result["drivers/y"])["names"]
    ['a', 'b']
    """
    indices = dataset(found)
    check_indices(indices)
    made: dict[str, Any] = {}
    for name in (*INDICES, PAIRS):
        if name in indices:
            made |= {name: indices[name].values.copy(), f"{name}_conf": half_width(indices, name)}
    for name in made:
        if name.startswith(PAIRS):
            made[name] = above_diagonal(made[name])
    return {**made, "names": indices["parameter"].values.tolist()}


def dataset(found: xr.Dataset | xr.DataTree) -> xr.Dataset:
    """A node of a result tree as its dataset."""
    import xarray as xr

    if isinstance(found, xr.DataTree):
        return found.to_dataset()
    if isinstance(found, xr.Dataset):
        return found
    msg = f"to_salib takes the indices of one outcome, a Dataset; got {type(found).__name__}"
    raise ResultError(msg)


def check_indices(found: xr.Dataset) -> None:
    """Raise `ResultError` unless there are indices of one scalar outcome, with 95% intervals."""
    needed = [key for name in INDICES for key in (name, f"{name}_interval")]
    missing = [key for key in needed if key not in found]
    if missing:
        msg = (
            f"to_salib: {listed(missing)} is missing, found {listed(found.data_vars)}; "
            'take the indices of one outcome, such as result["drivers/y"]'
        )
        raise ResultError(msg)
    extra = [str(dim) for dim in found["S1"].dims if dim != "parameter"]
    if extra:
        place = ", ".join(f"{dim}={found[dim].values[0].item()!r}" for dim in extra)
        msg = (
            f"to_salib: the indices have the dims {listed(extra)}, and SALib's results have none; "
            f"choose one place first, such as .sel({place})"
        )
        raise ResultError(msg)
    mass = found["S1_interval"].attrs.get("interval_prob", CONFIDENCE)
    if mass != CONFIDENCE:
        msg = f"to_salib: the intervals hold {mass:.0%}, expected {CONFIDENCE:.0%}"
        raise ResultError(msg)


def half_width(found: xr.Dataset, name: str) -> Array:
    """Half the width of the interval of an index."""
    ends = found[f"{name}_interval"]
    width: Array = (ends.sel(bound="upper") - ends.sel(bound="lower")).values
    return 0.5 * width


def above_diagonal(values: Array) -> Array:
    """Values of pairs, NaN but above the diagonal."""
    kept = np.triu(np.ones(values.shape, dtype=bool), 1)
    return np.where(kept, values, np.nan)
