"""Labels on: indices with intervals from the tallies of a finished pick-freeze run.

Intervals come from independent replicates and Student's t.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from uncertainty.arrays import Array
from uncertainty.labels import labelled
from uncertainty.names import listed
from uncertainty.provenance import provenance
from uncertainty.tally import Increments, Indices, Table

if TYPE_CHECKING:
    from uncertainty.drivers import Freezing
    from uncertainty.shapley import Walking

#: Probability of the intervals around the indices.
CONFIDENCE = 0.95
#: An interval of a share of variance that is wider than this is worth a warning.
WIDE = 0.25
#: A bias below this is of no interest.
SMALL = 0.01


def result_tree(run: Freezing, table: Table) -> xr.DataTree:
    """Labels on: the result tree of a finished pick-freeze run."""
    nodes = {f"/drivers/{name}": outcome_drivers(run, table, name) for name in run.door.outcomes}
    made = xr.DataTree.from_dict(nodes)
    made.attrs |= provenance(run.design, run.runs)
    return made


def shapley_tree(run: Walking, table: Table) -> xr.DataTree:
    """Labels on: the result tree of finished walks."""
    nodes = {f"/shapley/{name}": outcome_effects(run, table, name) for name in run.door.outcomes}
    made = xr.DataTree.from_dict(nodes)
    made.attrs |= provenance(run.design, run.runs)
    return made


def outcome_effects(run: Walking, table: Table, name: str) -> xr.Dataset:
    """Shapley effects of one outcome."""
    found = [table.parts["steps", name, r] for r in range(run.design.replicates)]
    dims = (*run.door.model.dims.get(name, ()), "parameter")
    values = np.stack([share(f.result(), f.variance[..., None]) for f in found])
    coords = {**run.door.model.coords, "parameter": tuple(run.moves)}
    each = labelled(values, ("replicate", *dims), coords, {"units": "1"})
    warn_undefined(run, name, found)
    attrs = {**driver_attrs(run, name), "estimators": "Shapley effects by walks, Goda 2021"}
    variables = {**estimate(run, "Sh", values, dims), "Sh_by_replicate": each}
    warn_wide(name, variables["Sh_interval"])
    return xr.Dataset(variables, attrs=attrs).assign_coords(parameter_labels(run))


def outcome_drivers(run: Freezing, table: Table, name: str) -> xr.Dataset:
    """All indices of one outcome."""
    found = [table.parts["first", name, r].result() for r in range(run.design.replicates)]
    dims = run.door.model.dims.get(name, ())
    variables = {
        **estimate(run, "S1", ratios(found, "first"), (*dims, "parameter")),
        **estimate(run, "ST", ratios(found, "total"), (*dims, "parameter")),
    }
    if run.second_order:
        pairs = [table.parts["pairs", name, r].result() for r in range(run.design.replicates)]
        values = second_order(found, pairs)
        variables |= estimate(run, "S2", values, (*dims, "parameter", "parameter2"))
    if dims:
        variables |= estimate(run, "aggregate_S1", aggregates(found, "first"), ("parameter",))
        variables |= estimate(run, "aggregate_ST", aggregates(found, "total"), ("parameter",))
    warn_undefined(run, name, found)
    warn_skewed(name, found, variables)
    return xr.Dataset(variables, attrs=driver_attrs(run, name)).assign_coords(parameter_labels(run))


def ratios(found: Sequence[Indices], part: str) -> Array:
    """Indices of each replicate, (replicate, ..., parameter), NaN without variance."""
    return np.stack([share(getattr(f, part), f.variance[..., None]) for f in found])


def share(part: Array, variance: Array) -> Array:
    """`part / variance`, NaN where the variance is zero."""
    undefined = np.full(np.broadcast_shapes(part.shape, variance.shape), np.nan)
    return np.divide(part, variance, out=undefined, where=variance > 0)


def aggregates(found: Sequence[Indices], part: str) -> Array:
    """Indices of all coordinates together, (replicate, parameter): sums of parts over sums."""
    rows = []
    for f in found:
        parts = getattr(f, part).reshape(-1, getattr(f, part).shape[-1])
        rows.append(share(parts.sum(axis=0), np.asarray(f.variance.sum())))
    return np.stack(rows)


def second_order(found: Sequence[Indices], pairs: Sequence[Array]) -> Array:
    """Pure interaction of each pair, (replicate, ..., parameter, parameter); diagonal NaN."""
    rows = []
    for f, closed in zip(found, pairs, strict=True):
        pure = closed - f.first[..., :, None] - f.first[..., None, :]
        index = share(pure, f.variance[..., None, None])
        diagonal = np.eye(closed.shape[-1], dtype=bool)
        rows.append(np.where(diagonal, np.nan, index))
    return np.stack(rows)


def estimate(
    run: Freezing | Walking, name: str, values: Array, dims: Sequence[str]
) -> dict[str, xr.DataArray]:
    """Mean over replicates and its interval by Student's t."""
    mean, bounds = interval(values)
    names = tuple(run.moves)
    coords = {
        **run.door.model.coords,
        "parameter": names,
        "parameter2": names,
        "bound": ("lower", "upper"),
    }
    attrs: dict[str, Any] = {
        "interval_kind": interval_kind(len(values)),
        "interval_prob": CONFIDENCE,
    }
    return {
        name: labelled(mean, dims, coords, {"units": "1"}),
        f"{name}_interval": labelled(bounds, (*dims, "bound"), coords, attrs),
    }


def interval(values: Array) -> tuple[Array, Array]:
    """Mean over replicates (...), and its interval by Student's t (..., bound)."""
    from scipy.special import stdtrit

    replicates = len(values)
    mean = values.mean(axis=0)
    reach = stdtrit(replicates - 1, 0.5 + CONFIDENCE / 2) / np.sqrt(replicates)
    half = reach * values.std(axis=0, ddof=1)
    return mean, np.stack([mean - half, mean + half], axis=-1)


def interval_kind(replicates: int) -> str:
    """How an index's interval was made."""
    return f"t over {replicates} replicates"


def driver_attrs(run: Freezing | Walking, name: str) -> dict[str, Any]:
    """What the indices rest on."""
    return {
        "units": run.door.model.outcomes[name],
        "interval_kind": interval_kind(run.design.replicates),
        "interval_prob": CONFIDENCE,
        "replicates": run.design.replicates,
        "size": run.design.size,
        "model_runs": run.runs,
        "estimators": "S1 Saltelli 2010, centred; ST Jansen 1999",
    }


def parameter_labels(run: Freezing | Walking) -> dict[str, tuple[str, list[str]]]:
    """Label and group of each parameter, as coordinates beside its name."""
    priors = run.door.space.priors
    moves = run.moves
    return {
        "label": (
            "parameter",
            [priors[m].label or m if names == (m,) else m for m, names in moves.items()],
        ),
        "group": (
            "parameter",
            [priors[m].group if names == (m,) else m for m, names in moves.items()],
        ),
    }


def warn_undefined(
    run: Freezing | Walking, name: str, found: Sequence[Indices] | Sequence[Increments]
) -> None:
    """Warn where an outcome does not vary, so that NaN never comes in silence.

    A rare event may be missed by some replicates only; that is another matter, and is told so.
    """
    varies = np.stack([f.variance > 0 for f in found])
    model = run.door.model
    for cells, words in (
        (~varies.any(axis=0), "does not vary {where}: its indices are undefined there (NaN)"),
        (
            varies.any(axis=0) & ~varies.all(axis=0),
            "does not vary {where} in some replicates, too few draws for what is rare: its "
            "indices are undefined there (NaN); raise size",
        ),
    ):
        if cells.any():
            where = places(cells, [model.coords[dim] for dim in model.dims.get(name, ())])
            warnings.warn(f"outcome {name!r} {words.format(where=where)}", stacklevel=5)


def places(cells: npt.NDArray[np.bool_], coords: Sequence[Sequence[Any]]) -> str:
    """The marked cells by their coordinates."""
    if cells.all():
        return "anywhere"
    marked = [
        ", ".join(str(c[i]) for c, i in zip(coords, cell, strict=True))
        for cell in np.argwhere(cells)
    ]
    return "at " + listed(marked, 5)


def warn_wide(name: str, bounds: xr.DataArray) -> None:
    """Warn of shares that are hardly known, as those of a very skewed outcome are."""
    width = bounds.sel(bound="upper") - bounds.sel(bound="lower")
    if bool((width > WIDE).any()):
        msg = (
            f"outcome {name!r} has shares of variance whose 95% intervals are wider than "
            f"{WIDE:.0%}; raise the size of its Shapley effects"
        )
        warnings.warn(msg, stacklevel=6)


def warn_skewed(name: str, found: Sequence[Indices], variables: Mapping[str, xr.DataArray]) -> None:
    """Warn when the bias of the indices is no longer small beside their intervals.

    The mean over replicates of a ratio and the ratio of means differ by about that bias.
    """
    variance = np.mean([f.variance for f in found], axis=0)[..., None]
    worst = 0.0
    for index, part in (("S1", "first"), ("ST", "total")):
        pooled = share(np.mean([getattr(f, part) for f in found], axis=0), variance)
        half = variables[f"{index}_interval"].sel(bound="upper") - variables[index]
        gap = np.abs(pooled - variables[index].values)
        large = gap > np.maximum(half.values, SMALL)
        worst = max(worst, float(np.max(gap, where=large, initial=0.0)))
    if worst:
        msg = (
            f"outcome {name!r} is so skewed that its indices are biased by up to {worst:.2g}, "
            "more than their intervals say; raise size"
        )
        warnings.warn(msg, stacklevel=5)
