"""Labels on: indices with intervals from the tallies of a finished pick-freeze run.

Intervals come from independent replicates and Student's t.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from uncertainty.arrays import Array
from uncertainty.doubts import warn_skewed, warn_undefined, warn_wide
from uncertainty.index_labels import Labels, driver_attrs, parameter_labels
from uncertainty.pick_freeze.freezing import Freezing
from uncertainty.pick_freeze.replicated import Replicated
from uncertainty.provenance import provenance
from uncertainty.ratios import Ratio, linearised, over_replicates, together
from uncertainty.tally import Influence, Table
from uncertainty.unknown import failure_table, failures, unknown

if TYPE_CHECKING:
    from uncertainty.shapley import Walking


def result_tree(run: Freezing, table: Table, earlier: Mapping[str, Replicated]) -> xr.DataTree:
    """Labels on: the result tree of a finished pick-freeze run.

    `earlier` holds replicates that an older result brought along; they come first.
    """
    failed = failures(table)
    nodes = {
        f"/drivers/{name}": outcome_drivers(run, table, name, earlier.get(name))
        for name in run.door.outcomes
    }
    if failed is not None and failed.failed:
        nodes["/failures"] = failure_table(failed, run.door)
    made = xr.DataTree.from_dict(nodes)
    made.attrs |= provenance(run.design, run.runs)
    made.attrs |= {
        "fingerprint": run.fingerprint,
        "trial": json.dumps(run.trial),
        "pilot_runs": run.control.runs if run.control else 0,
        "failed_runs": failed.failed if failed is not None else 0,
    }
    if failed is not None and failed.failed:
        made.attrs["model_runs"] = failed.runs
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
    parts, variances = np.stack([f.result() for f in found]), np.stack([f.variance for f in found])
    _, each = linearised(parts, variances)
    labels = Labels.of(run, name)
    warn_undefined(run, name, variances)
    attrs = {**driver_attrs(run, name), "estimators": "Shapley effects by walks, Goda 2021"}
    variables = {
        **labels.estimate("Sh", over_replicates(parts, variances), dims),
        "Sh_by_replicate": labels.array(each, ("replicate", *dims), {"units": "1"}),
    }
    warn_wide(name, variables["Sh_interval"])
    return xr.Dataset(variables, attrs=attrs).assign_coords(parameter_labels(run))


def outcome_drivers(
    run: Freezing, table: Table, name: str, earlier: Replicated | None
) -> xr.Dataset:
    """All indices of one outcome."""
    first = 0 if earlier is None else len(earlier.variance)
    numbers = range(first, run.design.replicates)
    found = Replicated.of(run, table, name, numbers) if numbers else None
    found = earlier + found if earlier and found else earlier or found
    assert found is not None
    dims = run.door.model.dims.get(name, ())
    labels = Labels.of(run, name)
    pooled = contributions(run, table, found, name, numbers) if run.delta else None
    variables = {
        **kinds_of_index(labels, found, dims, pooled),
        **by_replicate(labels, found, dims),
        **explained(run, labels, name, dims),
    }
    variables |= widened(unknown(run, table, labels, name, dims), variables)
    warn_undefined(run, name, found.variance)
    cells = None if run.control is None else run.control.heavy(name)
    warn_skewed(name, found, variables, cells, [run.door.model.coords[dim] for dim in dims])
    return xr.Dataset(variables, attrs=driver_attrs(run, name)).assign_coords(parameter_labels(run))


def kinds_of_index(
    labels: Labels, found: Replicated, dims: tuple[str, ...], pooled: Influence | None
) -> dict[str, xr.DataArray]:
    """First order and total with intervals, those of all cells together, and of pairs."""
    made: dict[str, xr.DataArray] = {}
    for order, (index, parts) in enumerate((("S1", found.first), ("ST", found.total))):
        ratio = by_draws(parts, found.variance, pooled, order, False)
        made |= labels.estimate(index, ratio, (*dims, "parameter"))
        if dims:
            whole = by_draws(parts, found.variance, pooled, order, True)
            made |= labels.estimate(f"aggregate_{index}", whole, ("parameter",))
    if labels.second_order and found.closed is not None:
        pairs = over_replicates(pure(found), np.expand_dims(found.variance, -1))
        made |= labels.estimate("S2", pairs, (*dims, "parameter", "parameter2"))
    return made


def by_draws(
    parts: Array, variances: Array, pooled: Influence | None, order: int, aggregate: bool
) -> Ratio:
    """An index with its error: from the replicates, or from single draws where they are known."""
    if aggregate:
        parts, variances = together(list(parts)), variances.reshape(len(variances), -1).sum(axis=-1)
    if pooled is None:
        return over_replicates(parts, variances)
    value, _ = linearised(parts, variances)
    whole = variances.mean(axis=0)
    cells = value.reshape(-1, value.shape[-1])
    place = slice(-1, None) if aggregate else slice(0, -1)
    errors = pooled.cells(place).errors(order, cells, whole.reshape(-1))
    return Ratio(value, errors.reshape(value.shape), int(pooled.used.min()) - 1)


def pure(found: Replicated) -> Array:
    """Interaction of each pair by itself, (replicate, ..., parameter, parameter); diagonal NaN."""
    assert found.closed is not None
    width = found.closed.shape[-1]
    first = found.first[..., :width]
    parts = found.closed - first[..., :, None] - first[..., None, :]
    parts = np.where(np.eye(width, dtype=bool), np.nan, parts)
    more = (0, found.first.shape[-1] - width)
    return np.pad(parts, [*[(0, 0)] * (parts.ndim - 2), more, more], constant_values=np.nan)


def by_replicate(
    labels: Labels, found: Replicated, dims: tuple[str, ...]
) -> dict[str, xr.DataArray]:
    """Parts of the variance in each replicate: with them a result can be extended."""
    arrays = {
        "variance": (found.variance, dims),
        "first": (found.first, (*dims, "parameter")),
        "total": (found.total, (*dims, "parameter")),
    }
    if labels.second_order and found.closed is not None:
        more = (0, found.first.shape[-1] - found.closed.shape[-1])
        ends = [*[(0, 0)] * (found.closed.ndim - 2), more, more]
        closed = np.pad(found.closed, ends, constant_values=np.nan)
        arrays["closed"] = (closed, (*dims, "parameter", "parameter2"))
    return {
        f"{name}_by_replicate": labels.array(values, ("replicate", *ends), {})
        for name, (values, ends) in arrays.items()
    }


def explained(
    run: Freezing, labels: Labels, name: str, dims: tuple[str, ...]
) -> dict[str, xr.DataArray]:
    """How much of a check's variance the control explains."""
    if run.control is None:
        return {}
    share = np.maximum(run.control.explained[name], 0.0)
    about = {"units": "1", "long_name": "variance explained by the control, on points held back"}
    return {"control_explains": labels.array(share, dims, about)}


def widened(
    bounds: dict[str, xr.DataArray], variables: Mapping[str, xr.DataArray]
) -> dict[str, xr.DataArray]:
    """Bounds that hold the index as it was estimated, with its own error on either side."""
    made: dict[str, xr.DataArray] = {}
    for name, found in bounds.items():
        ends = variables[f"{name.removesuffix('_bounds')}_interval"]
        index = variables[name.removesuffix("_bounds")]
        half = 0.5 * (ends.values[..., 1] - ends.values[..., 0])
        low = np.minimum(found.values[..., 0], index.values) - half
        high = np.maximum(found.values[..., 1], index.values) + half
        made[name] = found.copy(data=np.stack([low, high], axis=-1))
    return made


def contributions(
    run: Freezing, table: Table, found: Replicated, name: str, numbers: Sequence[int]
) -> Influence:
    """What single draws contribute: to the controlled indices where the control was used."""
    used = table_sum(table, "influence", name, numbers)
    if run.control is None or run.control.surrogate is None:
        return used
    plain = table_sum(table, "plain influence", name, numbers)
    helped = np.zeros(found.variance.shape[1:], bool) if found.helped is None else found.helped
    return used.where(np.append(helped.ravel(), helped.all()), plain)


def table_sum(table: Table, kind: str, name: str, numbers: Sequence[int]) -> Any:
    """Tallies of one kind and outcome over replicates."""
    return reduce(add, (table.parts[kind, name, r] for r in numbers))
