"""Summary: a result as tidy tables that other programs import."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.labels import QUANTILES
from uncertainty.names import listed

HEAD = ("study", "run", "group", "variable")
FIGURES = ("mean", "sd", "mcse_mean")
TAIL = ("interval_kind", "interval_prob", "ess_bulk", "r_hat")


def posterior_summary(result: xr.DataTree) -> pd.DataFrame:
    """One row per quantity and coordinate.

    Returns
    -------
    pandas.DataFrame
        Columns study, run, group, variable, one per coordinate (empty where not used), unit,
        mean, sd, mcse_mean, q05 ... q95, interval_kind, interval_prob, ess_bulk, r_hat. The
        last two are filled for draws of a Markov chain only. Quantities: the parameters (group
        ``prior``, exact) and the outcomes (group ``prior_predictive``).
    """
    frames = [*parameter_rows(result), *outcome_rows(result)]
    if not frames:
        msg = f"the result holds no intervals to summarise, only {listed(result.children)}"
        raise ResultError(msg)
    frame = pd.concat(frames, ignore_index=True)
    frame.insert(0, "study", result.attrs.get("study", ""))
    frame.insert(1, "run", result.attrs.get("run", ""))
    frame = frame.assign(ess_bulk=np.nan, r_hat=np.nan)
    columns = [str(column) for column in frame]
    found = (c for c in columns if c.startswith("q") and c[1:].replace(".", "").isdigit())
    quantiles = sorted(found, key=lambda column: float(column[1:]))
    fixed = {*HEAD, "unit", *FIGURES, *quantiles, *TAIL}
    coordinates = [column for column in columns if column not in fixed]
    ordered = frame[[*HEAD, *coordinates, "unit", *FIGURES, *quantiles, *TAIL]]
    return whole_numbers(ordered, coordinates)


def whole_numbers(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Coordinates such as years as whole numbers, although some rows are empty."""
    for column in columns:
        if frame[column].dtype.kind == "f" and (frame[column].dropna() % 1 == 0).all():
            frame = frame.assign(**{column: frame[column].astype("Int64")})
    return frame


def label(quantile: float) -> str:
    """Column of a quantile: q05, q50, q97.5."""
    percent = f"{100 * quantile:.6g}"
    return f"q{percent.zfill(2) if '.' not in percent else percent}"


def parameter_rows(result: xr.DataTree) -> Iterator[pd.DataFrame]:
    """Rows of the priors, exact."""
    if "parameters" not in result:
        return
    table = result["parameters"].to_dataset()
    columns = {name: table[name].values for name in ("unit", "mean", "sd")}
    quantiles = {label(q): table["quantiles"].sel(quantile=q).values for q in QUANTILES}
    frame = pd.DataFrame({"variable": table["parameter"].values, **columns, **quantiles})
    yield frame.assign(group="prior", mcse_mean=0.0, interval_kind="eti", interval_prob=0.9)


def outcome_rows(result: xr.DataTree) -> Iterator[pd.DataFrame]:
    """Rows of the outcomes, one frame each."""
    if "intervals" not in result:
        return
    intervals, moments = (result[group].to_dataset() for group in ("intervals", "moments"))
    for variable in moments.data_vars:
        if f"{variable}_mcse" in moments:
            yield outcome_frame(intervals, moments, str(variable)).assign(
                group="prior_predictive",
                variable=str(variable),
                unit=intervals[variable].attrs.get("units", ""),
                interval_kind=intervals.attrs["interval_kind"],
                interval_prob=intervals.attrs["interval_prob"],
            )


def outcome_frame(intervals: xr.Dataset, moments: xr.Dataset, variable: str) -> pd.DataFrame:
    """Figures of one outcome, a row a coordinate."""
    quantiles, moment = intervals[variable], moments[variable]
    columns = {
        label(float(q)): quantiles.sel(quantile=q, drop=True) for q in quantiles["quantile"].values
    }
    columns |= {name: moment.sel(moment=name, drop=True) for name in ("mean", "sd")}
    columns["mcse_mean"] = moments[f"{variable}_mcse"].sel(moment="mean", drop=True)
    found = xr.Dataset(columns)
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
