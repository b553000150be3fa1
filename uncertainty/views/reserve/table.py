"""The table behind a reserve chart: quantiles by place and year, and their margin over P50."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.names import listed
from uncertainty.views.drawing import select
from uncertainty.views.drawing.levels import at_levels
from uncertainty.views.drawing.numbers import Scale, amount
from uncertainty.views.drawing.scope import SCOPE, draws_text
from uncertainty.views.drawing.shares import percent
from uncertainty.views.drawing.words import sentence
from uncertainty.views.panels.grid import Grid, grid_of

MEDIAN = 0.5
DECIMALS = 5  # at least, where values need them
FACETS = 2  # dims that can have panels


@dataclass(frozen=True)
class ReserveTable:
    """All that a reserve chart shows.

    Attributes
    ----------
    table : pandas.DataFrame
        See `uncertainty.views.reserve.chart.reserve_chart`.
    levels : tuple of float
        Ascending probabilities.
    years : tuple of int or float
        Ascending.
    grid : Grid
        One panel a place.
    """

    table: pd.DataFrame
    levels: tuple[float, ...]
    years: tuple[float, ...]
    grid: Grid
    scale: Scale
    title: str
    subtitle: str
    notes: tuple[str, ...]

    def panel_rows(self, at: Mapping[str, Any]) -> pd.DataFrame:
        """Return the rows of one place."""
        keep = np.ones(len(self.table), dtype=bool)
        for dim, place in at.items():
            keep &= (self.table[dim] == place).to_numpy()
        return self.table[keep]

    def last_rows(self, at: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of one place in the last year, by probability."""
        rows = self.panel_rows(at)
        return select.records(rows[rows["year"] == self.years[-1]].sort_values("quantile"))

    def value_text(self, value: float, *, unit: bool = True, signed: bool = False) -> str:
        """Write a value; small places keep their digits beside large ones."""
        fine = replace(self.scale, most=max(DECIMALS, self.scale.most))
        text = amount(fine, value, signed=signed)
        return self.scale.with_unit(text) if unit else text

    def margin_text(self, at: Mapping[str, Any]) -> str:
        """Say how much the highest level adds to P50 in the last year; "" where none is above."""
        top = self.last_rows(at)[-1]
        if top["quantile"] <= MEDIAN:
            return ""
        share = f" (+{100 * top['margin_share']:,.0f}%)" if np.isfinite(top["margin_share"]) else ""
        head = f"P50 to {level_name(top['quantile'])} in {self.years[-1]:g}"
        return f"{head}: {self.value_text(top['margin'], signed=True)}{share}"

    def spoken(self) -> str:
        """Return the numbers that the chart names, for those who cannot see it."""
        return " ".join(self._said(spot.at) for spot in self.grid.spots)

    def _said(self, at: Mapping[str, Any]) -> str:
        numbers = (f"{level_name(row['quantile'])} {self.value_text(row['value'])}"
                   for row in self.last_rows(at))  # fmt: skip
        head = ", ".join(text for text in (select.chosen(at), f"{self.years[-1]:g}") if text)
        return f"{head}: {', '.join(numbers)}."


def level_name(level: float) -> str:
    """Write a probability as planners do, such as "P95"."""
    return f"P{100 * level:.6g}"


def reserve_table(
    result: xr.DataTree,
    outcome: str,
    levels: Sequence[float],
    facet: str | Sequence[str] | None,
) -> ReserveTable:
    """Gather the numbers and the words of a reserve chart; arguments as in `reserve_chart`."""
    wanted = _checked(levels)
    whole = _by_year(select.intervals(result, outcome))
    dims = _facets(whole, facet)
    table = _table(result, outcome, whole, dims, wanted)
    grid = grid_of({dim: whole[dim].values.tolist() for dim in dims})
    scale = Scale.of(table["value"], select.unit_of(whole))
    in_unit = f" ({scale.suffix})" if scale.suffix else ""
    asked = "what to reserve, where and when" if dims else "what to reserve, and when"
    return ReserveTable(
        table=table,
        levels=wanted,
        years=tuple(whole["year"].values.tolist()),
        grid=grid,
        scale=scale,
        title=f"{sentence(select.name_of(whole, outcome))}{in_unit}: {asked}",
        subtitle=_subtitle(result, wanted),
        notes=_notes(dims, wanted),
    )


def _by_year(array: xr.DataArray) -> xr.DataArray:
    """Return the outcome with its years ascending."""
    if "year" not in array.dims:
        known = select.described(array, skip=("quantile",))
        raise ResultError(f"'{array.name}' has no dim year to reserve along: {known}")
    return array.sortby("year")


def _checked(levels: Sequence[float]) -> tuple[float, ...]:
    """Return different probabilities, ascending."""
    found = tuple(sorted(float(level) for level in levels))
    if not found or len(set(found)) < len(found) or not 0 < found[0] <= found[-1] < 1:
        raise ResultError(
            f"levels={tuple(levels)}: a reserve needs different probabilities between 0 and 1"
        )
    return found


def _facets(array: xr.DataArray, facet: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the dims that get panels, those that run across first."""
    free = [str(dim) for dim in array.dims if dim not in {"quantile", "year"}]
    first = [facet] if isinstance(facet, str) else list(facet or [])
    foreign = [dim for dim in first if dim not in free]
    if foreign or len(free) > FACETS:
        known = select.described(array, skip=("quantile", "year"))
        fault = f"facet {listed(foreign)} is no free dim" if foreign else (
            f"at most {FACETS} dims beside year get panels")  # fmt: skip
        raise ResultError(f"'{array.name}': {fault}: {known}")
    return tuple(dict.fromkeys([*first, *free]))


def _table(
    result: xr.DataTree,
    outcome: str,
    whole: xr.DataArray,
    dims: Sequence[str],
    levels: tuple[float, ...],
) -> pd.DataFrame:
    """Return one row a place, year and level."""
    needed = at_levels(whole, sorted({MEDIAN, *levels}))
    if not np.isfinite(needed).all():
        count = int((~np.isfinite(needed)).sum())
        raise ResultError(f"'/intervals/{outcome}' has {count} quantiles that are not finite")
    value, median = needed.sel(quantile=list(levels)), needed.sel(quantile=MEDIAN, drop=True)
    errors = select.stored(result, f"{outcome}_mcse")
    error = value * np.nan if errors is None else at_levels(errors.sortby("year"), levels)
    columns = xr.Dataset(
        {
            "value": value,
            "margin": value - median,
            "margin_share": (value - median) / median.where(median > 0),
            "mcse": error,
        }
    )
    order = [*dims, "year", "quantile"]
    frame = columns.reset_coords(drop=True).to_dataframe(dim_order=order).reset_index()
    return frame[[*order, "value", "margin", "margin_share", "mcse"]].assign(
        unit=select.unit_of(whole)
    )


def _subtitle(result: xr.DataTree, levels: Sequence[float]) -> str:
    runs = draws_text(result.children["intervals"].attrs)
    names, top = ", ".join(map(level_name, levels)), levels[-1]
    share = f"{level_name(top)}: {percent(top)} of draws lie below"
    return select.headed(result, f"{runs}; lines: {names} ({share})")


def _notes(dims: Sequence[str], levels: Sequence[float]) -> tuple[str, ...]:
    top = level_name(levels[-1])
    if not dims:
        return (f"Each year is read alone: the line at {top} is not one path.", SCOPE)
    return (
        "Each place and year is read alone. Not all places are high in the same draw: the sum of "
        f"the places at {top} is as a rule more than the total at {top}, from which a reserve that "
        "places share is read.",
        SCOPE,
    )
