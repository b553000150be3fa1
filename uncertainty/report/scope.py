"""Scope: indices of one outcome at the few places that a table has room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.report.given import Given
from uncertainty.report.words import percent, sentence, spoken

#: Places that a table has columns for.
MOST = 12


@dataclass(frozen=True)
class Scope:
    """Indices over (place, key), with intervals.

    Attributes
    ----------
    found : xarray.Dataset
        Variables over (place, key) and (place, key, bound).
    heads : tuple of str
        What stands above each place: a year, or the names of a place.
    ranking : int or None
        The place that ranks; the mean of all places ranks when there is none.
    where : str
        Where this is, in words.
    """

    found: xr.Dataset
    heads: tuple[str, ...]
    ranking: int | None
    where: str

    @property
    def keys(self) -> list[str]:
        """The names of what is ranked."""
        return [str(key) for key in self.found["key"].values]

    def values(self, name: str) -> np.ndarray:
        """The numbers that rank, by key."""
        found = self.found[name].transpose("place", "key").values
        if self.ranking is not None:
            return np.asarray(found[self.ranking])
        defined = np.isfinite(found).sum(axis=0)
        sums = np.where(np.isfinite(found), found, 0.0).sum(axis=0)
        return np.divide(sums, defined, out=np.full(len(sums), np.nan), where=defined > 0)

    def sure(self, name: str) -> np.ndarray:
        """Whether an index is told from zero at the place that ranks, else at any."""
        low = self.found[f"{name}_interval"].sel(bound="lower").transpose("place", "key").values
        return np.asarray(low[self.ranking] > 0 if self.ranking is not None else (low > 0).any(0))

    def order(self, name: str) -> list[int]:
        """Places of the keys whose index is defined, the largest first."""
        values = self.values(name)
        order = np.argsort(-np.nan_to_num(values), kind="stable")
        return [int(i) for i in order if np.isfinite(values[i])]

    def share(self, name: str, key: int) -> float | None:
        """What a bar draws: estimates may lie a little beside zero or one."""
        value = float(self.values(name)[key])
        return min(max(value, 0.0), 1.0) if np.isfinite(value) else None

    def texts(self, name: str, key: int) -> Iterator[str]:
        """One index at each place; the one that ranks with its interval."""
        for place in range(len(self.heads)):
            yield self.text(name, key, place)

    def text(self, name: str, key: int, place: int) -> str:
        """One index at one place."""
        cell = self.found.isel(place=place, key=key)
        value = percent(float(cell[name]), 1)
        if place != self.ranking:
            return value
        low, high = (cell[f"{name}_interval"].sel(bound=b) for b in ("lower", "upper"))
        return f"{value} ({percent(float(low), 1)} to {percent(float(high), 1)})"


def scoped(given: Given, found: xr.Dataset, names: Sequence[str], key: str) -> Scope | None:
    """The indices by year, by place in the middle year, or of the whole.

    Parameters
    ----------
    given : Given
    found : xarray.Dataset
        With the variables `names` and ``<name>_interval``; those with ``aggregate_`` before them
        are taken where there are too many places.
    names : sequence of str
    key : str
        The dim that is ranked.

    Returns
    -------
    Scope or None
        None when there are too many places.
    """
    wanted = [f"{name}{end}" for name in names for end in ("", "_interval")]
    dims = [str(dim) for dim in found[names[0]].dims if dim != key]
    plain = found[wanted].rename({key: "key"}) if set(wanted) <= set(found.data_vars) else found
    if dims == ["year"]:
        return by_year(given, plain)
    if not dims:
        return Scope(plain.expand_dims("place"), ("Share of variance",), 0, "")
    year = given.middle(found["year"].values.tolist()) if "year" in dims else None
    at = plain if year is None else plain.sel(year=year)
    rest = [dim for dim in dims if dim != "year"]
    if int(np.prod([found.sizes[dim] for dim in rest])) <= MOST:
        return by_place(at, rest, "" if year is None else f" in {year}")
    return aggregated(found, names, key)


def by_year(given: Given, found: xr.Dataset) -> Scope:
    """A column a year of the headline."""
    years = given.years(found["year"].values.tolist())
    middle = given.middle(years)
    at = found.sel(year=years).rename(year="place")
    return Scope(at, tuple(map(str, years)), years.index(middle), f" in {middle}")


def by_place(found: xr.Dataset, dims: Sequence[str], where: str) -> Scope:
    """A column a place."""
    known: list[list[Any]] = [found[dim].values.tolist() for dim in dims]
    places = [dict(zip(dims, values, strict=True)) for values in product(*known)]
    at = xr.concat([found.sel(place, drop=True) for place in places], "place")
    heads = tuple(sentence(", ".join(map(spoken, place.values()))) for place in places)
    return Scope(at, heads, None, where)


def aggregated(found: xr.Dataset, names: Sequence[str], key: str) -> Scope | None:
    """All coordinates together, where that was computed."""
    if f"aggregate_{names[0]}" not in found:
        return None
    wanted = {f"aggregate_{n}{end}": f"{n}{end}" for n in names for end in ("", "_interval")}
    whole = found[list(wanted)].rename({**wanted, key: "key"})
    return Scope(whole.expand_dims("place"), ("Share of variance",), 0, "")
