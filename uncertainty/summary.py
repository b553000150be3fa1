"""Summary: a result as tidy tables that other programs import."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.labels import QUANTILES
from uncertainty.names import listed
from uncertainty.summaries.columns import arranged
from uncertainty.summaries.columns import label as label
from uncertainty.summaries.columns import whole_numbers as whole_numbers
from uncertainty.summaries.encoded import parquet_bytes
from uncertainty.summaries.posterior import mixing_of, posterior_rows
from uncertainty.summaries.schema import table_schema


def posterior_summary(result: xr.DataTree) -> pd.DataFrame:
    """One row per quantity and coordinate.

    Returns
    -------
    pandas.DataFrame
        Columns study, run, group, variable, one per coordinate (empty where not used), unit,
        mean, sd, mcse_mean, q05 ... q95, interval_kind, interval_prob, ess_bulk, r_hat. The
        last two are filled for draws of a Markov chain only. Quantities: the parameters (group
        ``prior``, exact), the outcomes (group ``prior_predictive``), and of a calibrated result
        the parameters of model and measurement (group ``posterior``, from their draws) and the
        outcomes given the evidence (group ``posterior_predictive``).

    Raises
    ------
    ResultError
        If the result holds nothing to summarise, or posterior draws that are not finite.
    """
    frames = [
        *parameter_rows(result),
        *outcome_rows(result, "", "prior_predictive"),
        *posterior_rows(result),
        *outcome_rows(result, "calibration", "posterior_predictive"),
    ]
    if not frames:
        msg = f"the result holds no intervals to summarise, only {listed(result.children)}"
        raise ResultError(msg)
    frame = pd.concat(frames, ignore_index=True)
    told = {name: str(result.attrs.get(name, "")) for name in ("study", "run")}
    return arranged(frame.assign(**told))


def summary_parquet(result: xr.DataTree) -> bytes:
    """`posterior_summary` as a Parquet file, with what the result rests on in its metadata."""
    kept = {name: str(result.attrs[name]) for name in STATED if name in result.attrs}
    return parquet_bytes(posterior_summary(result), {**kept, "schema": json.dumps(table_schema())})


#: Attributes of a result that its Parquet summary carries.
STATED = ("study", "run", "seed", "study_sha256", "versions", "commit", "converged")


def parameter_rows(result: xr.DataTree) -> Iterator[pd.DataFrame]:
    """Rows of the priors, exact."""
    if "parameters" not in result:
        return
    table = result["parameters"].to_dataset()
    columns = {name: table[name].values for name in ("unit", "mean", "sd")}
    quantiles = {label(q): table["quantiles"].sel(quantile=q).values for q in QUANTILES}
    frame = pd.DataFrame({"variable": table["parameter"].values, **columns, **quantiles})
    yield frame.assign(group="prior", mcse_mean=0.0, interval_kind="eti", interval_prob=0.9)


def outcome_rows(result: xr.DataTree, place: str, group: str) -> Iterator[pd.DataFrame]:
    """Rows of the outcomes whose intervals and moments lie in a group, one frame each."""
    if place and place not in result:
        return
    node = result[place] if place else result
    if not {"intervals", "moments"} <= {*node.children}:
        return
    intervals, moments = (node[key].to_dataset() for key in ("intervals", "moments"))
    for variable in moments.data_vars:
        if f"{variable}_mcse" in moments:
            mixed = mixing_of(result, str(variable), moments[variable]) if place else {}
            yield outcome_frame(intervals, moments, str(variable), mixed).assign(
                group=group,
                variable=str(variable),
                unit=intervals[variable].attrs.get("units", ""),
                interval_kind=intervals.attrs["interval_kind"],
                interval_prob=intervals.attrs["interval_prob"],
            )


def outcome_frame(
    intervals: xr.Dataset,
    moments: xr.Dataset,
    variable: str,
    mixed: Mapping[str, xr.DataArray],
) -> pd.DataFrame:
    """Figures of one outcome, a row a coordinate, with those of its chains' mixing."""
    quantiles, moment = intervals[variable], moments[variable]
    columns = {
        label(float(q)): quantiles.sel(quantile=q, drop=True) for q in quantiles["quantile"].values
    }
    columns |= {name: moment.sel(moment=name, drop=True) for name in ("mean", "sd")}
    columns["mcse_mean"] = moments[f"{variable}_mcse"].sel(moment="mean", drop=True)
    found = xr.Dataset({**columns, **mixed})
    if not found.dims:
        return pd.DataFrame({name: [float(value)] for name, value in found.data_vars.items()})
    return found.to_dataframe().reset_index()


def drivers_table(result: xr.DataTree) -> pd.DataFrame:
    """One row per outcome, coordinate and parameter; aggregates over coordinates come first.

    Returns
    -------
    pandas.DataFrame
        Columns study, run, of (parameter or group), outcome, scope (coordinate or aggregate),
        one per coordinate, parameter, label, S1, S1_lower, S1_upper, ST, ST_lower, ST_upper,
        interval_kind, interval_prob.
    """
    frames = [
        rows.assign(of=of, outcome=outcome)
        for of, group in (("parameter", "drivers"), ("group", "driver_groups"))
        if group in result
        for outcome, node in result[group].children.items()
        for rows in scopes(node.to_dataset())
    ]
    if not frames:
        return pd.DataFrame()
    table = pd.concat(frames, ignore_index=True)
    table.insert(0, "study", result.attrs.get("study", ""))
    table.insert(1, "run", result.attrs.get("run", ""))
    head = ["study", "run", "of", "outcome", "scope"]
    tail = [
        "parameter", "label", "S1", "S1_lower", "S1_upper", "ST", "ST_lower", "ST_upper",
        "interval_kind", "interval_prob",
    ]  # fmt: skip
    coordinates = [str(c) for c in table if c not in {*head, *tail}]
    return whole_numbers(table[[*head, *coordinates, *tail]], coordinates)


def scopes(found: xr.Dataset) -> Iterator[pd.DataFrame]:
    """Rows of the aggregate, if there is one, and of each coordinate."""
    if "aggregate_S1" in found:
        yield index_rows(found, "aggregate_").assign(scope="aggregate")
    yield index_rows(found, "").assign(scope="coordinate")


def index_rows(found: xr.Dataset, prefix: str) -> pd.DataFrame:
    """S1 and ST with their bounds as columns."""
    columns = {}
    for name in ("S1", "ST"):
        columns[name] = found[f"{prefix}{name}"].drop_vars("group", errors="ignore")
        for bound in ("lower", "upper"):
            ends = found[f"{prefix}{name}_interval"].sel(bound=bound, drop=True)
            columns[f"{name}_{bound}"] = ends.drop_vars("group", errors="ignore")
    frame = xr.Dataset(columns).to_dataframe().reset_index()
    return frame.assign(
        interval_kind=found.attrs["interval_kind"],
        interval_prob=found.attrs["interval_prob"],
    )
