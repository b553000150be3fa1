"""The table behind a turning chart: how likely each year is, and that none of them is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views.drawing import select
from uncertainty.views.drawing.numbers import number
from uncertainty.views.drawing.scope import SCOPE, draws_text
from uncertainty.views.drawing.shares import ROUNDING, fine_share_text
from uncertainty.views.drawing.words import sentence

NONE = "none"
SHOWN = 0.01  # smaller probabilities have no number at their bar


@dataclass(frozen=True)
class TurningTable:
    """All that a turning chart shows.

    Attributes
    ----------
    table : pandas.DataFrame
        See `uncertainty.views.turning.chart.turning_chart`.
    labels : tuple of str
        What stands below each bar but the last.
    """

    table: pd.DataFrame
    labels: tuple[str, ...]
    title: str
    subtitle: str
    notes: tuple[str, ...]

    @property
    def last(self) -> str:
        """Last year of the horizon."""
        return str(self.table["year"].iloc[-2])

    @property
    def shares(self) -> list[str]:
        """Probability of each bar, written."""
        return [fine_share_text(share) for share in self.table["probability"]]

    @property
    def sums(self) -> list[str]:
        """Share up to each year, written."""
        return [fine_share_text(share) for share in self.table["cumulative"].iloc[:-1]]

    def spoken(self) -> str:
        """Return the numbers of the chart as a sentence for those who cannot see it."""
        *years, rest = self.shares
        said = (f"{label} {share}" for label, share in zip(self.labels, years, strict=True))
        return f"{', '.join(said)}; not by {self.last} {rest}."


def turning_table(result: xr.DataTree, outcome: str) -> TurningTable:
    """Gather the numbers and the words of a turning chart; arguments as in `turning_chart`."""
    name = select.name_of(select.intervals(result, outcome), outcome)
    array, errors = _shares(result, outcome)
    years = _years(result, outcome, array)
    table = _table(array, errors, years)
    before = bool(table["probability"].iloc[0] > ROUNDING)
    labels = [f"≤{years[0]}", *map(str, years[1:])]
    runs = draws_text(result.children["exceedance"].attrs)
    by_then = fine_share_text(table["cumulative"].iloc[-2])
    return TurningTable(
        table=table.iloc[int(not before) :].reset_index(drop=True),
        labels=tuple(labels[int(not before) :]),
        title=f"{sentence(name)}: by {years[-1]} in {by_then} of draws",
        subtitle=select.headed(
            result, f"{runs}; bars: share of draws with that year; beneath: share up to that year"
        ),
        notes=_notes(table),
    )


def _table(array: xr.DataArray, errors: xr.DataArray, years: list[int]) -> pd.DataFrame:
    """Return one row a year, the first for all up to it, and one for none of them."""
    at = {str(array.dims[0]): years}
    reached = 1.0 - array.sel(at).to_numpy()
    return pd.DataFrame(
        {
            "year": np.array([*years, NONE], dtype=object),
            "probability": np.diff([0.0, *reached, 1.0]),
            "cumulative": [*reached, 1.0],
            "mcse": [*errors.sel(at).to_numpy(), 0.0],
        }
    )


def _shares(result: xr.DataTree, outcome: str) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the shares of draws above the thresholds and their errors, NaN if none are stored."""
    unit = select.unit_of(select.intervals(result, outcome))
    if unit != "year":
        raise ResultError(f"'{outcome}' is in {unit or 'no unit'}: a turning chart needs years")
    group = result.children["exceedance"].dataset if "exceedance" in result.children else None
    if group is None or outcome not in group.data_vars:
        raise ResultError(f"'/exceedance' lacks '{outcome}': {_wish(result, outcome)}")
    array = group[outcome]
    if array.dims != (f"{outcome}_threshold",):
        known = select.described(array)
        raise ResultError(f"'{outcome}' is not a single year in each draw: {known}")
    errors = group.data_vars.get(f"{outcome}_mcse")
    return array, array * np.nan if errors is None else errors


def _horizon(result: xr.DataTree) -> list[int]:
    """Return the years of the horizon, empty when no outcome has any."""
    coords = result.children["intervals"].dataset.coords
    return sorted(int(year) for year in coords["year"].values) if "year" in coords else []


def _wish(result: xr.DataTree, outcome: str) -> str:
    """Say what the study has to ask for."""
    years = ", ".join(map(str, _horizon(result))) or "every year from the base year to the last"
    return f"ask for them in the study, thresholds = {{ {outcome} = [{years}] }}"


def _years(result: xr.DataTree, outcome: str, array: xr.DataArray) -> list[int]:
    """Return the years of the horizon, when each has a threshold."""
    found = [float(year) for year in array[f"{outcome}_threshold"].values]
    whole = sorted(int(year) for year in found if year == int(year))
    needed = _horizon(result) or list(range(min(whole, default=0), max(whole, default=0) + 1))
    missing = sorted(set(needed) - set(whole))
    if missing or len(needed) < 2:
        which = f" at {', '.join(map(str, missing))}" if missing else ""
        raise ResultError(
            f"'/exceedance/{outcome}' lacks thresholds{which}: {_wish(result, outcome)}"
        )
    return needed


def _notes(table: pd.DataFrame) -> tuple[str, ...]:
    error = float(table["mcse"].iloc[:-1].max())
    sampling = (
        f" Monte Carlo error of a share up to a year: at most {number(100 * error, digits=2)} "
        "percentage points (1 sd)."
    )
    return (
        f"Hatched: draws with no such year up to {table['year'].iloc[-2]}; nothing is said of "
        f"later ones. Bars below 1% have no number.{sampling if np.isfinite(error) else ''}",
        SCOPE,
    )
