"""Extended: the replicates that an earlier result of drivers brings along."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.errors import DesignError
from uncertainty.names import listed
from uncertainty.pick_freeze.replicated import Replicated

if TYPE_CHECKING:
    import xarray as xr

    from uncertainty.pick_freeze.freezing import Freezing

#: What must be the same in both runs.
SAME = ("seed", "design", "size")


def replicates_of(tree: xr.DataTree, run: Freezing) -> dict[str, Replicated]:
    """The replicates of each outcome.

    Raises
    ------
    DesignError
        If the result is not of the same run, has no replicates to bring along or more than are
        asked for.
    """
    if not hasattr(tree, "children"):
        msg = f"extend is an earlier result of drivers, got {type(tree).__name__}"
        raise DesignError(msg)
    faults = differences(tree, run)
    if faults:
        msg = f"extend: the earlier result is of another run: {'; '.join(faults)}"
        raise DesignError(msg)
    width = len(run.moves)
    return {n: replicated(tree["drivers"][n].to_dataset(), width) for n in run.door.outcomes}


def differences(tree: xr.DataTree, run: Freezing) -> list[str]:
    """What stands in the way of taking over the replicates of an earlier result."""
    plan: dict[str, Any] = {name: getattr(run.design, name) for name in ("seed", "size")}
    plan["design"] = run.design.kind
    faults = [
        f"its {name} is {tree.attrs.get(name)!r}, here {plan[name]!r}"
        for name in SAME
        if tree.attrs.get(name) != plan[name]
    ]
    if not faults and tree.attrs.get("fingerprint") != run.fingerprint:
        faults.append("it has other priors, correlations or groups, or the other choice of control")
    elif not faults and not same_model(tree, run):
        faults.append("its model gave other outcomes for the same parameters")
    if run.delta:
        faults.append("intervals of a random design come from single draws, which it does not hold")
    if tree.attrs.get("failed_runs") or "drivers" not in tree.children:
        faults.append("it has failed runs, or no drivers")
        return faults
    if int(tree.attrs.get("replicates", 0)) > run.design.replicates:
        faults.append(
            f"it has {tree.attrs['replicates']} replicates, more than {run.design.replicates}"
        )
    return faults + [
        fault for name in run.door.outcomes for fault in outcome_faults(tree, run, name)
    ]


def same_model(tree: xr.DataTree, run: Freezing) -> bool:
    """Whether a few runs of both have the same means, up to rounding."""
    known = json.loads(tree.attrs.get("trial", "{}"))
    return all(
        name in known and np.isclose(known[name], mean, rtol=1e-6, atol=0)
        for name, mean in run.trial.items()
    )


def outcome_faults(tree: xr.DataTree, run: Freezing, name: str) -> list[str]:
    """The same for one outcome."""
    from uncertainty.index_labels import driver_attrs, index_names

    if name not in tree["drivers"].children:
        return [f"it has no outcome {name!r}, only {listed(list(tree['drivers'].children))}"]
    found = tree["drivers"][name].to_dataset()
    if "total_by_replicate" not in found:
        return [f"outcome {name!r} was stored without its replicates"]
    faults = place_faults(found, run, name)
    if found["parameter"].values.tolist() != list(index_names(run)):
        faults.append(f"outcome {name!r} has other parameters or groups")
    here = driver_attrs(run, name)["estimators"]
    if found.attrs.get("estimators") != here:
        faults.append(f"its estimators are {found.attrs.get('estimators')!r}, here {here!r}")
    if run.options.second_order and "closed_by_replicate" not in found:
        faults.append(f"outcome {name!r} has no second order")
    return faults


def place_faults(found: xr.Dataset, run: Freezing, name: str) -> list[str]:
    """Dims and coordinates of an outcome that are not those of the model."""
    model = run.door.model
    dims = model.dims.get(name, ())
    seen = tuple(str(d) for d in found["S1"].dims if d != "parameter")
    if seen != tuple(dims):
        return [f"outcome {name!r} has the dims {listed(seen)}, here {listed(dims)}"]
    return [
        f"outcome {name!r} has other coordinates of {dim!r}"
        for dim in dims
        if not np.array_equal(found[dim].values, np.asarray(model.coords[dim]))
    ]


def replicated(found: xr.Dataset, width: int) -> Replicated:
    """The replicates of one outcome; pairs with the dummy, which has none, are left out."""
    arrays = {
        name: found[f"{name}_by_replicate"].transpose("replicate", ...).values
        for name in ("variance", "first", "total", "closed")
        if f"{name}_by_replicate" in found
    }
    closed = arrays.get("closed")
    closed = closed if closed is None else closed[..., :width, :width]
    return Replicated(arrays["variance"], arrays["first"], arrays["total"], closed)
