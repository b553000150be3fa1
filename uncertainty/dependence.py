"""Labels on: closed and total indices, and Shapley effects, of a finished dependent run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from uncertainty.doubts import warn_undefined
from uncertainty.index_labels import Labels, driver_attrs, parameter_labels
from uncertainty.provenance import provenance
from uncertainty.ratios import linearised, over_replicates, together
from uncertainty.tally import Table

if TYPE_CHECKING:
    from uncertainty.dependent import Redrawing
    from uncertainty.shapley import Walking

#: What a reader has to know of the numbers.
NOTE = (
    "closed: share of variance that knowing the parameter removes; total: share that remains when "
    "all others are known. With dependence closed may exceed total and neither sums to one; Sh "
    "are the shares that do"
)
ESTIMATORS = (
    "closed and total Kucherenko 2012 by Jansen 1999, variance pooled as by Janon 2014; Sh by "
    "walks, Goda 2021"
)


def dependent_tree(
    run: Redrawing, table: Table, walks: Walking | None, steps: Table | None
) -> xr.DataTree:
    """Labels on: the result tree of a finished run."""
    runs = run.runs + (walks.runs if walks else 0)
    nodes = {}
    for name in run.door.outcomes:
        found = outcome_indices(run, table, name)
        if steps is not None:
            found = found.assign(outcome_shares(run, steps, name))
        nodes[f"/dependent/{name}"] = found.assign_attrs(index_attrs(run, name, runs))
    made = xr.DataTree.from_dict(nodes)
    made.attrs |= provenance(run.design, runs)
    return made


def outcome_indices(run: Redrawing, table: Table, name: str) -> xr.Dataset:
    """Closed and total indices of one outcome."""
    known = [table.parts["redraws", name, r].result() for r in range(run.design.replicates)]
    variances = np.stack([k.variance for k in known])
    dims, labels = run.door.model.dims.get(name, ()), Labels.of(run, name)
    variables: dict[str, xr.DataArray] = {}
    for index in ("closed", "total"):
        parts = [getattr(k, index) for k in known]
        found = over_replicates(np.stack(parts), variances)
        variables |= labels.estimate(index, found, (*dims, "parameter"))
        if dims:
            whole = variances.reshape(len(variances), -1).sum(axis=-1)
            found = over_replicates(together(parts), whole)
            variables |= labels.estimate(f"aggregate_{index}", found, ("parameter",))
    warn_undefined(run, name, variances)
    return xr.Dataset(variables).assign_coords(parameter_labels(run))


def outcome_shares(run: Redrawing, steps: Table, name: str) -> dict[str, xr.DataArray]:
    """Shapley effects of one outcome; players that are no group are left out."""
    found = [steps.parts["steps", name, r] for r in range(run.design.replicates)]
    parts = np.stack([f.result() for f in found])[..., : len(run.moves)]
    variances = np.stack([f.variance for f in found])
    dims, labels = run.door.model.dims.get(name, ()), Labels.of(run, name)
    _, each = linearised(parts, variances)
    ends = (*dims, "parameter")
    return {
        **labels.estimate("Sh", over_replicates(parts, variances), ends),
        "Sh_by_replicate": labels.array(each, ("replicate", *ends), {"units": "1"}),
    }


def index_attrs(run: Redrawing, name: str, runs: int) -> dict[str, Any]:
    """What the indices rest on."""
    attrs = driver_attrs(run, name)
    return {**attrs, "model_runs": runs, "estimators": ESTIMATORS, "note": NOTE}
