"""Labels on: indices from polynomials, with their intervals."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.chaos.expansion import CONFIDENCE, PARTS, Expansion, Index, Members
from uncertainty.chaos.polynomials import coordinates
from uncertainty.design import Design
from uncertainty.door import Door
from uncertainty.doubts import places
from uncertainty.labels import labelled
from uncertainty.provenance import provenance

#: Share of explained variance below which a warning says that the indices are rough.
POOR = 0.8
#: How an interval was made.
KIND = f"unexplained variance to the index or to others, and t over {PARTS} fits of 7/8 of the runs"


def result_tree(
    door: Door, design: Design, fits: Mapping[str, Expansion], second_order: bool
) -> xr.DataTree:
    """The result tree of fitted outcomes."""
    nodes = {
        f"/chaos/{name}": outcome_indices(door, design, name, fit, second_order)
        for name, fit in fits.items()
    }
    made = xr.DataTree.from_dict(nodes)
    made.attrs |= provenance(design, design.size)
    return made


def outcome_indices(
    door: Door, design: Design, name: str, fit: Expansion, second_order: bool
) -> xr.Dataset:
    """All indices of one outcome, and how good its polynomials are."""
    dims, used = door.model.dims.get(name, ()), involved(door, fit)
    alone = used & (used.sum(axis=0) == 1)
    variables = {
        **labels_on(door, name, "S1", fit.index(alone), (*dims, "parameter")),
        **labels_on(door, name, "ST", fit.index(used), (*dims, "parameter")),
    }
    if second_order:
        pairs = second(fit, used)
        variables |= labels_on(door, name, "S2", pairs, (*dims, "parameter", "parameter2"))
    if dims:
        both = {"aggregate_S1": fit.index(alone, True), "aggregate_ST": fit.index(used, True)}
        for key, found in both.items():
            variables |= labels_on(door, name, key, found, ("parameter",))
    variables |= {
        "Q2": cells(door, name, fit.q2, {"units": "1"}),
        "terms": cells(door, name, np.count_nonzero(fit.weights, axis=-1), {}),
    }
    warn(door, name, fit)
    made = xr.Dataset(variables, attrs=facts(door, design, name, fit))
    return made.assign_coords(described(door))


def involved(door: Door, fit: Expansion) -> Members:
    """Which parameters a term contains, (parameter, term)."""
    _, owners = coordinates(door.space)
    table = fit.basis.table > 0
    return np.array(
        [
            table[:, [owner == name for owner in owners]].any(axis=-1)
            for name in door.space.uncertain
        ]
    )


def second(fit: Expansion, used: Members) -> Index:
    """Pure interactions of pairs, symmetric (..., parameter, parameter), NaN on the diagonal."""
    count = len(used)
    just = used & (used.sum(axis=0) == 2)
    found = fit.index((just[:, None] & just[None]).reshape(count * count, -1))
    shape = (-1, count, count)
    value, bounds = found.value.reshape(shape).copy(), found.bounds.reshape(*shape, 2).copy()
    own = np.arange(count)
    value[:, own, own], bounds[:, own, own] = np.nan, np.nan
    return Index(value, bounds)


def labels_on(
    door: Door, name: str, key: str, found: Index, dims: tuple[str, ...]
) -> dict[str, xr.DataArray]:
    """An index and its interval."""
    names = door.space.uncertain
    coords = {
        **door.model.coords,
        "parameter": names,
        "parameter2": names,
        "bound": ("lower", "upper"),
    }
    lengths = [len(coords[dim]) for dim in dims]
    attrs = {"interval_kind": KIND, "interval_prob": CONFIDENCE}
    return {
        key: labelled(found.value.reshape(lengths), dims, coords, {"units": "1"}),
        f"{key}_interval": labelled(
            found.bounds.reshape(*lengths, 2), (*dims, "bound"), coords, attrs
        ),
    }


def cells(door: Door, name: str, values: Any, attrs: Mapping[str, Any]) -> xr.DataArray:
    """One number for each cell of an outcome."""
    dims, coords = door.model.dims.get(name, ()), door.model.coords
    return labelled(values.reshape([len(coords[dim]) for dim in dims]), dims, coords, attrs)


def facts(door: Door, design: Design, name: str, fit: Expansion) -> dict[str, Any]:
    """What the indices rest on."""
    return {
        "units": door.model.outcomes[name],
        "interval_kind": KIND,
        "interval_prob": CONFIDENCE,
        "model_runs": design.size,
        "size": design.size,
        "replicates": 1,
        "degree": fit.basis.degree,
        "polynomials_in": fit.basis.chart,
        "terms": int(np.count_nonzero(fit.weights, axis=-1).max()),
        "Q2_kind": f"held out in {PARTS} parts, choice of terms included",
        "estimators": "sparse polynomial chaos, orthogonal matching pursuit; Sudret 2008",
    }


def described(door: Door) -> dict[str, tuple[str, list[str]]]:
    """Label and group of each parameter, as coordinates beside its name."""
    priors, names = door.space.priors, door.space.uncertain
    return {
        "label": ("parameter", [priors[name].label or name for name in names]),
        "group": ("parameter", [priors[name].group for name in names]),
    }


def warn(door: Door, name: str, fit: Expansion) -> None:
    """Warn where an outcome does not vary, and where polynomials do not tell enough of it."""
    still, poor = fit.variance == 0, fit.q2 < POOR
    if still.any():
        msg = (
            f"outcome {name!r} does not vary {where(door, name, still) or 'anywhere'}: "
            "its indices are undefined there (NaN)"
        )
        warnings.warn(msg, stacklevel=5)
    if poor.any():
        msg = (
            f"outcome {name!r}: polynomials predict runs that they have not seen poorly "
            f"(Q2 {np.nanmin(fit.q2):.2f}, below {POOR}) {where(door, name, poor)}".rstrip()
            + "; its indices are rough and their intervals wide: raise size, or use drivers"
        )
        warnings.warn(msg, stacklevel=5)


def where(door: Door, name: str, marked: Members) -> str:
    """The marked cells of an outcome by their coordinates; nothing for a single number."""
    coords = [door.model.coords[dim] for dim in door.model.dims.get(name, ())]
    return places(marked.reshape([len(c) for c in coords]), coords) if coords else ""
