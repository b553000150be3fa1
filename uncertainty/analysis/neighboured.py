"""Labels on: indices from draws, and the warnings that belong to them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from uncertainty.analysis.divided import PARTS, Divided
from uncertainty.doubts import places
from uncertainty.labels import labelled
from uncertainty.names import listed
from uncertainty.ratios import CONFIDENCE

if TYPE_CHECKING:
    from uncertainty.analysis.given_shapley import Found

#: The indices, in order.
INDICES = ("Sh", "closed", "total")
#: A bias below this is of no interest.
SMALL = 0.01
NOTE = (
    "closed: share of variance that knowing the parameter removes; total: share that remains when "
    "all others are known, with its bias taken off; with dependence closed may exceed total and "
    "neither sums to one. Intervals reach over the spread and the estimated bias."
)


def labelled_indices(draws: Divided, found: Found) -> xr.Dataset:
    """Labels on."""
    sample = draws.sample
    dims, shape = (*sample.dims, "parameter"), (*sample.shape, len(draws.players))
    coords = {**sample.coords, "parameter": tuple(draws.players), "bound": ("lower", "upper")}
    kinds = {
        "interval_kind": f"t over {PARTS} parts, widened by the bias",
        "interval_prob": CONFIDENCE,
    }
    variables: dict[str, xr.DataArray] = {}
    for name in INDICES:
        value, bias = found.value(name).reshape(shape), found.bias(name).reshape(shape)
        bounds = found.bounds(name).reshape(*shape, 2)
        variables[name] = labelled(value, dims, coords, {"units": "1"})
        variables[f"{name}_interval"] = labelled(bounds, (*dims, "bound"), coords, kinds)
        variables[f"{name}_bias"] = labelled(bias, dims, coords, {"units": "1"})
    left = found.whole.left.reshape(sample.shape)
    variables["left"] = labelled(left, sample.dims, sample.coords, {"units": "1"})
    attrs = {"units": sample.units, **kinds, "draws": sample.size, "model_runs": 0}
    attrs |= {"estimators": "nearest neighbours, Broto 2020, on regression residuals", "note": NOTE}
    labels = [sample.labels.get(name, name) for name in draws.players]
    made = xr.Dataset(variables, attrs=attrs)
    return made.assign_coords(label=("parameter", labels))


def warn_constant(draws: Divided) -> None:
    """Warn where the outcome does not vary, so that NaN never comes in silence."""
    constant = ~draws.outcomes.any(axis=-1).reshape(draws.sample.shape)
    if constant.any():
        where = places(constant, [draws.sample.coords[dim] for dim in draws.sample.dims])
        msg = (
            f"outcome {draws.sample.name!r} does not vary {where}: its indices are undefined "
            "there (NaN)"
        )
        warnings.warn(msg, stacklevel=3)


def warn_biased(made: xr.Dataset) -> None:
    """Warn of indices whose bias is larger than what their spread says of their error."""
    faults = {}
    for name in INDICES:
        bias = np.abs(made[f"{name}_bias"].values)
        low, high = (made[f"{name}_interval"].sel(bound=b).values for b in ("lower", "upper"))
        large = bias > np.maximum((high - low - bias) / 2, SMALL)
        if large.any():
            names = made["parameter"].values[large.reshape(-1, large.shape[-1]).any(axis=0)]
            faults[name] = f"{name} by up to {bias[large].max():.2g} ({listed(names, 5)})"
    if faults:
        msg = (
            "nearest neighbours are too far apart for what their spread says: the bias exceeds it "
            f"for {'; '.join(faults.values())}; the intervals are widened by it. More draws help "
            "slowly; where a model can be run, dependent_drivers has no such bias"
        )
        warnings.warn(msg, stacklevel=3)
