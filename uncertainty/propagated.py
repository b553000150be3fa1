"""Labels on: the result tree of a finished propagation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from uncertainty import estimates
from uncertainty.arrays import Array
from uncertainty.estimates import Estimate
from uncertainty.labels import central, chains, describe, labelled
from uncertainty.parameters import parameter_table
from uncertainty.provenance import provenance
from uncertainty.tally import Failures, Keep, Table
from uncertainty.unknown import failure_table, failures

if TYPE_CHECKING:
    from uncertainty.propagate import Propagation


def result_tree(run: Propagation, table: Table) -> xr.DataTree:
    """Labels on: the result tree of a finished propagation."""
    groups = {
        "/intervals": intervals(run, table),
        "/moments": moments(run, table),
        "/exceedance": exceedance(run, table),
        "/parameters": parameter_table(run.door.space),
        "/prior": kept_parameters(run, table),
        "/prior_predictive": kept_outcomes(run, table),
    }
    failed = failures(table)
    if failed is not None and failed.failed:
        groups |= {
            "/failures": failure_table(failed, run.door),
            "/bounds": bounds(run, table, failed),
        }
    made = xr.DataTree.from_dict({name: ds for name, ds in groups.items() if ds.data_vars})
    made.attrs |= provenance(run.design, run.design.size * run.design.replicates)
    made.attrs["failed_runs"] = 0 if failed is None else failed.failed
    return made


def parts(run: Propagation, table: Table, kind: str, name: str) -> list[Any]:
    """The tallies of one kind and outcome, replicate by replicate."""
    return [table.parts[kind, name, r] for r in range(run.design.replicates)]


def outcome_array(
    run: Propagation, name: str, values: Array, extra: str, labels: Sequence[Any]
) -> xr.DataArray:
    """An array over an outcome's dims and one more."""
    model = run.door.model
    return labelled(
        values,
        (*model.dims.get(name, ()), extra),
        {**model.coords, extra: labels},
        describe(model.outcomes[name], model.labels.get(name, "")),
    )


def with_errors(
    run: Propagation,
    name: str,
    found: Estimate,
    extra: str,
    labels: Sequence[Any],
) -> dict[str, xr.DataArray]:
    """A variable and, beside it, its Monte Carlo standard error."""
    return {
        name: outcome_array(run, name, found.value, extra, labels),
        f"{name}_mcse": outcome_array(run, name, found.error, extra, labels),
    }


def group_attrs(run: Propagation) -> dict[str, Any]:
    """What every group says of the draws it rests on."""
    many = run.design.replicates > 1
    return {
        "draws": run.design.size * run.design.replicates,
        "replicates": run.design.replicates,
        "mcse_method": "spread over replicates" if many else "independent draws of one replicate",
    }


def ordered(run: Propagation, table: Table, name: str) -> list[Any]:
    """Draws or counts of an outcome, replicate by replicate; failed runs are left out."""
    if run.layouts[name].grid is not None:
        return parts(run, table, "counts", name)
    pieces = parts(run, table, "keep", name)
    return [Keep((known(piece.result()),)) for piece in pieces] if run.failures else pieces


def known(draws: Array) -> Array:
    """Draws (..., sample) of the runs that did not fail."""
    good = np.isfinite(draws).reshape(-1, draws.shape[-1]).all(axis=0)
    return draws if good.all() else draws[..., good]


def bounds(run: Propagation, table: Table, failed: Failures) -> xr.Dataset:
    """Between what the quantiles could lie, whatever the failed runs would have given.

    If a share f of the runs failed, a quantile p of all is one of the others between (p - f) / (1 -
    f) and p / (1 - f); infinite where that leaves (0, 1).
    """
    share, levels = failed.failed / failed.runs, np.array(run.levels)
    variables: dict[str, xr.DataArray] = {}
    for name in run.door.outcomes:
        ends = []
        for level, beyond in (
            ((levels - share) / (1 - share), -np.inf),
            (levels / (1 - share), np.inf),
        ):
            inside = np.clip(level, 1e-12, 1 - 1e-12)
            found = estimates.quantiles(ordered(run, table, name), tuple(inside)).value
            ends.append(np.where((level > 0) & (level < 1), found, beyond))
        model = run.door.model
        dims = (*model.dims.get(name, ()), "bound", "quantile")
        coords = {**model.coords, "bound": ("lower", "upper"), "quantile": run.levels}
        about = describe(model.outcomes[name], model.labels.get(name, ""))
        variables[name] = labelled(np.stack(ends, axis=-2), dims, coords, about)
    return xr.Dataset(variables, attrs={"failed_share": share})


def intervals(run: Propagation, table: Table) -> xr.Dataset:
    """Quantiles and their Monte Carlo standard errors."""
    variables: dict[str, xr.DataArray] = {}
    for name in run.door.outcomes:
        found = estimates.quantiles(ordered(run, table, name), run.levels)
        variables |= with_errors(run, name, found, "quantile", run.levels)
    attrs = {**interval_attrs(run.levels), **group_attrs(run)}
    return xr.Dataset(variables, attrs=attrs)


def interval_attrs(levels: tuple[float, ...]) -> dict[str, Any]:
    """Kind and probability of the widest interval: equal tails, or just two quantiles."""
    low, high = central(levels)
    even = abs(low + high - 1) < 1e-9
    return {
        "interval_kind": "eti" if even else "quantiles",
        "interval_prob": round(high - low, 12),
    }


def moments(run: Propagation, table: Table) -> xr.Dataset:
    """Mean and standard deviation with their Monte Carlo standard errors."""
    variables: dict[str, xr.DataArray] = {}
    for name in run.door.outcomes:
        found = estimates.moments(parts(run, table, "moments", name))
        variables |= with_errors(run, name, found, "moment", ("mean", "sd"))
    return xr.Dataset(variables, attrs=group_attrs(run))


def exceedance(run: Propagation, table: Table) -> xr.Dataset:
    """Share of draws above each threshold, with its standard error; one threshold dim each."""
    variables: dict[str, xr.DataArray] = {}
    for name, found in run.layouts.items():
        if not found.thresholds:
            continue
        shares = estimates.shares(parts(run, table, "share", name))
        both = with_errors(run, name, shares, f"{name}_threshold", found.thresholds)
        variables |= {key: array.assign_attrs(units="1") for key, array in both.items()}
    return xr.Dataset(variables, attrs=group_attrs(run))


def kept_outcomes(run: Propagation, table: Table) -> xr.Dataset:
    """Kept draws of the outcomes, (chain, draw, ...)."""
    if not run.kept:
        return xr.Dataset()
    model = run.door.model
    return xr.Dataset(
        {
            name: kept(
                run,
                parts(run, table, "keep", name),
                model.dims.get(name, ()),
                describe(model.outcomes[name], model.labels.get(name, "")),
            )
            for name in run.door.outcomes
        }
    )


def kept_parameters(run: Propagation, table: Table) -> xr.Dataset:
    """Kept draws of the parameters in the model's units, (chain, draw)."""
    if not run.kept:
        return xr.Dataset()
    units = run.door.model.units
    return xr.Dataset(
        {
            name: kept(
                run,
                parts(run, table, "prior", name),
                (f"{name}_dim_0",) if prior.size > 1 else (),
                describe(units.get(name, prior.unit), prior.label),
            )
            for name, prior in run.door.space.priors.items()
        }
    )


def kept(
    run: Propagation, pieces: list[Keep], dims: Sequence[str], attrs: Mapping[str, str]
) -> xr.DataArray:
    """Kept draws of one quantity with a chain for each replicate."""
    draws = np.concatenate([piece.result() for piece in pieces], axis=-1)
    values = chains(draws, run.design.replicates)
    coords = {
        **{dim: range(n) for dim, n in zip(dims, values.shape[2:], strict=True)},
        **run.door.model.coords,
        "chain": range(values.shape[0]),
        "draw": range(values.shape[1]),
    }
    return labelled(values, ("chain", "draw", *dims), coords, attrs)
