"""Labels on: draws, rows and fits as the groups of a result tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.arrays import Array
from uncertainty.calibration.diagnosis import Diagnosis
from uncertainty.calibration.draws import Draws, Seen
from uncertainty.calibration.measurement import Measurement
from uncertainty.calibration.rows import Rows
from uncertainty.design import Design
from uncertainty.door import Door
from uncertainty.labels import chains, describe, labelled
from uncertainty.propagate import Layout, Propagation, layout
from uncertainty.propagated import result_tree
from uncertainty.tally import Keep, Moments, Share, Table

#: Attributes that only say how draws were made, not what they are.
TEXTS = ("outcome", "kind", "source", "label", "published", "unit")


def predicted(
    door: Door,
    draws: Draws,
    outcomes: Mapping[str, Array],
    levels: tuple[float, ...],
    limits: Mapping[str, tuple[float, ...]],
) -> xr.DataTree:
    """Intervals, moments, shares above thresholds and all draws, as a propagation has them."""
    size = draws.size // draws.chains
    design = Design("random", door.space.width, size, 1, draws.chains)
    layouts = {name: layout(y, False, limits.get(name, ())) for name, y in outcomes.items()}
    run = Propagation(door, design, layouts, levels, size)
    parts: dict[Any, Any] = {}
    for r in range(draws.chains):
        at = slice(r * size, (r + 1) * size)
        for name, y in outcomes.items():
            parts |= tallies(name, r, y[..., at], layouts[name])
        for name, x in draws.values.items():
            parts["prior", name, r] = Keep.of(x[..., at])
    return result_tree(run, Table.of(parts))


def tallies(name: str, r: int, y: Array, plan: Layout) -> dict[Any, Any]:
    """What `propagated` needs to know of one outcome in one chain."""
    y = np.ascontiguousarray(y)
    found: dict[Any, Any] = {
        ("moments", name, r): Moments.of(y, plan.shift, plan.scale),
        ("keep", name, r): Keep.of(y),
    }
    if plan.thresholds:
        found["share", name, r] = Share.of(y, plan.thresholds)
    return found


def with_measurement(posterior: xr.Dataset, rows: Rows, draws: Draws) -> xr.Dataset:
    """Draws of the parameters with those of the sources' biases and the editions' errors."""
    found = posterior.copy()
    for name, values, column, numbers in (
        ("source_bias", draws.bias, "source", rows.biased),
        ("vintage", draws.vintage, "edition", rows.dated),
    ):
        if len(numbers):
            array = chains(values[numbers], draws.chains)
            coords = {column: rows.labels(column, numbers)}
            found[name] = labelled(array, ("chain", "draw", column), coords, describe("1"))
    if len(rows.biased) > 1:
        values = chains(draws.scale, draws.chains)
        found["bias_scale"] = labelled(values, ("chain", "draw"), {}, describe("1"))
    return found


def row_coords(rows: Rows, model_dims: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """What each observed row is, as coordinates along `row`."""
    frame = rows.frame
    along = {n: ("row", frame[n].astype(str).to_numpy()) for n in TEXTS if n in frame}
    years = frame["year"] if "year" in frame else [np.nan] * rows.size
    places = [place(row, model_dims.get(row["outcome"], ())) for row in frame.to_dict("records")]
    return {
        "row": np.arange(rows.size),
        **along,
        "year": ("row", np.array(years, dtype=float)),
        "place": ("row", np.array(places, dtype=str)),
    }


def place(row: Mapping[Any, Any], dims: Sequence[str]) -> str:
    """Labels of a row along the dims other than the year, as text."""
    return ", ".join(str(row[dim]) for dim in dims if dim != "year")


def observed(rows: Rows, coords: Mapping[str, Any]) -> xr.Dataset:
    """The observed values."""
    return xr.Dataset({"observation": ("row", rows.value)}, coords=dict(coords))


def per_row(values: Array, count: int, coords: Mapping[str, Any]) -> xr.DataArray:
    """(row, sample) as (chain, draw, row)."""
    return xr.DataArray(chains(values, count), dims=("chain", "draw", "row"), coords=dict(coords))


def source_table(rows: Rows, draws: Draws) -> xr.Dataset:
    """What was learned of each source's boundary: its factor with a 90% interval."""
    numbers = rows.biased
    first = [int(np.argmax(rows.source == n)) for n in numbers]
    factor = np.exp(draws.bias[numbers])
    low, middle, high = np.quantile(factor, [0.05, 0.5, 0.95], axis=1)
    texts = {c: ("source", rows.frame[c].iloc[first].astype(str).to_numpy()) for c in TEXTS[:2]}
    names = rows.frame["source"].iloc[first].astype(str).to_numpy()
    return xr.Dataset(
        {
            **texts,
            "cited": ("source", names),
            "rows": ("source", [int((rows.source == n).sum()) for n in numbers]),
            "prior_sd": ("source", rows.bias_sd[numbers]),
            "factor": ("source", middle),
            "factor_interval": (("source", "bound"), np.stack([low, high], axis=1)),
        },
        coords={"source": rows.labels("source", numbers), "bound": ["lower", "upper"]},
        attrs={"interval_kind": "eti", "interval_prob": 0.9},
    )


def diagnostics_table(found: Diagnosis, words: Sequence[str], converged: bool) -> xr.Dataset:
    """R-hat and effective sample sizes of each parameter."""
    columns = {
        name: ("parameter", getattr(found, name)) for name in ("r_hat", "ess_bulk", "ess_tail")
    }
    return xr.Dataset(
        columns,
        coords={"parameter": list(found.names)},
        attrs={
            "converged": int(converged),
            "divergences": found.divergences,
            "e_bfmi": found.e_bfmi,
            "words": list(words),
        },
    )


def statistics_table(statistics: Mapping[str, Array]) -> xr.Dataset:
    """What the sampler told of each draw."""
    return xr.Dataset({name: (("chain", "draw"), array) for name, array in statistics.items()})


def measured(measurement: Measurement, found: Seen, draws: Draws, dims: Any) -> dict[str, Any]:
    """The groups of observed and replicated rows."""
    coords = row_coords(measurement.rows, dims)
    return {
        "observed_data": observed(measurement.rows, coords),
        "replicated": per_row(found.replicated, draws.chains, coords),
        "log_likelihood": per_row(found.left_out, draws.chains, coords),
    }
