"""Headline: what a planner reads at a glance, as rows taken from a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.errors import ResultError
from uncertainty.labels import central, headline_wish, middle

if TYPE_CHECKING:
    import xarray as xr

#: Drivers that the headline names.
TOP = 5


@dataclass(frozen=True)
class Level:
    """One outcome at one coordinate: median, central interval, upper quantile.

    Attributes
    ----------
    place : str
        Such as ``2030``; empty for a scalar outcome.
    low, median, high : float
        Ends of the central interval of probability `mass`, in `unit`.
    upper : float
        Quantile at the margin's probability, in `unit`.
    chances : {heading: float}
        Share of draws in which each effect that was asked for is below zero.
    """

    outcome: str
    place: str
    unit: str
    mass: float
    low: float
    median: float
    high: float
    upper: float
    chances: Mapping[str, float] = field(default_factory=dict)

    @property
    def margin(self) -> float:
        """Room above the median up to the upper quantile."""
        return self.upper - self.median


@dataclass(frozen=True)
class Part:
    """A share of variance with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Driver:
    """One of the dominant drivers with its parts of the variance, by heading."""

    label: str
    parts: Mapping[str, Part]


@dataclass(frozen=True)
class Headline:
    """The short table.

    Attributes
    ----------
    wanted : mapping
        outcome, years, margin, effects: as the study's ``[headline]`` has it.
    """

    title: str
    wanted: dict[str, Any]
    levels: tuple[Level, ...]
    drivers: tuple[Driver, ...]
    drivers_of: str


def headline(result: xr.DataTree) -> Headline:
    """The headline of a result, by the wish stored with it; every scalar outcome without one."""
    wanted = headline_wish(result)
    if wanted:
        levels = tuple(level(result, wanted["outcome"], year, wanted) for year in wanted["years"])
    else:
        levels = tuple(scalars(result))
    of, found = top_drivers(result, wanted)
    return Headline(result.attrs.get("study_title", ""), wanted, levels, found, of)


def level(result: xr.DataTree, outcome: str, year: int | None, wanted: dict[str, Any]) -> Level:
    """One row: an outcome in a year."""
    array = result[f"intervals/{outcome}"]
    place = {} if year is None else {"year": year}
    quantiles = array.sel(place).to_series()
    low, high = central([float(q) for q in quantiles.index])
    margin = wanted.get("margin", high)
    for needed in (0.5, margin):
        if needed not in quantiles.index:
            msg = f"headline: the quantile {needed:g} of {outcome!r} was not computed"
            raise ResultError(msg)
    return Level(
        outcome,
        "" if year is None else str(year),
        array.attrs.get("units", ""),
        round(high - low, 6),
        float(quantiles[low]),
        float(quantiles[0.5]),
        float(quantiles[high]),
        float(quantiles[margin]),
        {
            heading: 1.0 - exceedance(result, effect, place)
            for heading, effect in wanted.get("effects", {}).items()
        },
    )


def exceedance(result: xr.DataTree, effect: str, place: Mapping[str, int]) -> float:
    """Share of draws in which an effect is above zero."""
    return float(result[f"exceedance/{effect}"].sel({f"{effect}_threshold": 0.0, **place}))


def scalars(result: xr.DataTree) -> Iterator[Level]:
    """A row for each outcome without further dims."""
    intervals = result["intervals"].to_dataset()
    for name, array in intervals.data_vars.items():
        median = 0.5 in array["quantile"].values
        if array.dims == ("quantile",) and f"{name}_mcse" in intervals and median:
            yield level(result, str(name), None, {})


#: Group of indices -> variable and heading; drivers are ranked by the last one.
INDICES = {
    "drivers": {"S1": "alone (S1)", "ST": "with interactions (ST)"},
    "shapley": {"Sh": "share (Shapley)"},
}


def top_drivers(result: xr.DataTree, wanted: dict[str, Any]) -> tuple[str, tuple[Driver, ...]]:
    """The dominant drivers, and of what they are the drivers.

    By total index where there are Sobol' indices, else by Shapley effect.
    """
    for group, headings in INDICES.items():
        if group in result:
            found, prefix, of = explained(result, group, wanted, list(headings)[-1])
            names = {f"{prefix}{name}": heading for name, heading in headings.items()}
            return of, tuple(ranked(found, names))
    return "", ()


def explained(
    result: xr.DataTree, group: str, wanted: dict[str, Any], index: str
) -> tuple[xr.Dataset, str, str]:
    """Indices of the headline's outcome in its middle year, else over all coordinates together."""
    nodes = result[group].children
    outcome = wanted["outcome"] if wanted.get("outcome") in nodes else next(iter(nodes))
    found = nodes[outcome].to_dataset()
    years = wanted.get("years", [])
    if years and found[index].dims == ("year", "parameter"):
        year = middle(years)
        return found.sel(year=year), "", f"{outcome} in {year}"
    return found, "aggregate_" if f"aggregate_{index}" in found else "", outcome


def ranked(found: xr.Dataset, names: Mapping[str, str]) -> Iterator[Driver]:
    """The first few parameters whose last index is defined."""
    last = list(names)[-1]
    if found[last].dims != ("parameter",):
        return
    defined = found.isel(parameter=np.flatnonzero(found[last].notnull()))
    order = defined.sortby(last, ascending=False).isel(parameter=slice(TOP))
    for parameter in order["parameter"].values:
        row = order.sel(parameter=parameter)
        parts = {heading: part(row, name) for name, heading in names.items()}
        yield Driver(str(row["label"].item()), parts)


def part(row: xr.Dataset, name: str) -> Part:
    """One index with its interval."""
    low, high = (float(row[f"{name}_interval"].sel(bound=b)) for b in ("lower", "upper"))
    return Part(float(row[name]), low, high)
