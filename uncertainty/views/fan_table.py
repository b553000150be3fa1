"""The table behind a fan: every number that will be drawn, and the words around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views import fan_words, select
from uncertainty.views.assemble import SERIES, joined
from uncertainty.views.bands import Bands, bands_of, percent
from uncertainty.views.limits import marks, step_of, value_limits
from uncertainty.views.observed import with_whiskers
from uncertainty.views.style import Scale, sentence


@dataclass(frozen=True)
class FanTable:
    """All that a fan shows.

    Attributes
    ----------
    table : pandas.DataFrame
        See `uncertainty.views.fan.fan_chart`.
    along : str or None
        The numeric dim drawn along; None when each name (or the scalar) has its own range.
    facet : str or None
        The dim with one panel, or one range, a coordinate.
    panels : tuple
        Coordinates of `facet`; a single None without one.
    places : tuple of float
        Coordinates of `along`, ascending, with a finite value or not.
    """

    outcome: str
    table: pd.DataFrame
    bands: Bands
    along: str | None
    facet: str | None
    panels: tuple[Any, ...]
    places: tuple[float, ...]
    scale: Scale
    title: str
    subtitle: str
    notes: tuple[str, ...]

    def panel_rows(self, panel: object) -> pd.DataFrame:
        """Return the rows of one panel."""
        return self.table if self.facet is None else self.table[self.table[self.facet] == panel]

    @property
    def base(self) -> float | None:
        """The base year, where the projection starts; None when the dim is no year."""
        return self.first if self.along == "year" else None

    @property
    def rule_words(self) -> str:
        """What stands at the rule; the first projected year where measurements reach the rule."""
        measured = self.table.loc[self.table["series"] == "observation", "year"]
        reached = bool((measured >= self.first).any())
        return f"projection from {self.begins:g}" if reached else "projection"

    @property
    def first(self) -> float:
        """First place of the outcome, whether or not it has a value."""
        return self.places[0]

    @property
    def begins(self) -> float:
        """First year that is projected: the one after the base year."""
        return self.places[min(1, len(self.places) - 1)]

    def x_limits(self) -> tuple[float, float]:
        """Return the ends of the axis: all places, with a little room for dots."""
        places = [*self.table["position"].dropna(), *self.places]
        room = 0.35 * step_of(self.places)
        return min(places) - room, max(places) + room

    def spoken(self) -> str:
        """Return the numbers that the chart names, as a sentence for those who cannot see it."""
        return " ".join(f"{head}: {numbers}." for head, numbers in map(self._said, self.panels))

    def _said(self, panel: object) -> tuple[str, str]:
        rows = self.panel_rows(panel)
        rows = rows[rows["series"] == "quantile"].sort_values("quantile")
        last = rows[rows["position"] == rows["position"].max()]
        pairs = zip(last["quantile"], last["value"], strict=True)
        place = f"{last['position'].max():g}" if self.along else ""
        head = ", ".join(text for text in (select.words(panel or ""), place) if text) or "Quantiles"
        numbers = ", ".join(f"{percent(p)} {self.scale.full(value)}" for p, value in pairs)
        return head, numbers or "no finite value"

    def y_limits(self) -> tuple[float, float]:
        """Return the ends of the value axis: zero, all bands, and dots within reach."""
        return value_limits(self.table)


def fan_table(
    result: xr.DataTree,
    outcome: str,
    *,
    at: Mapping[str, Any] | None,
    facet: str | None,
    groups: Sequence[str],
    counterfactual: str | None,
    title: str | None,
) -> FanTable:
    """Gather the numbers and the words of a fan; arguments as in `fan_chart`."""
    whole = select.intervals(result, outcome)
    array = select.pick(whole, at, f"outcome '{outcome}'")
    along, facet = _layout(array, outcome, facet)
    bands = bands_of(array)
    places = sorted(float(place) for place in array[along].values) if along else [0.0]
    unit, notes = select.unit_of(array), list[str]()
    quantiles, missing = _quantiles(result, outcome, array, at, bands)
    if not np.isfinite(quantiles["value"]).any():
        raise ResultError(f"'/intervals/{outcome}' has no finite value in this selection")
    dots = [_dots(result, group, outcome, whole, at, along, places, notes) for group in groups]
    other = _counterfactual(result, counterfactual, array, at, bands)
    table = joined([quantiles, other, *dots], array, at, along, facet)
    table["mark"] = marks(table)
    panels = tuple(array[facet].values.tolist()) if facet else (None,)
    scale = Scale.of(_sizes(table), unit)
    name = sentence(select.name_of(array, outcome))
    where = f": {select.chosen(at)}" if at else ""
    in_unit = "" if unit in {"", "1"} else f" ({unit})"
    return FanTable(
        outcome=outcome,
        table=table,
        bands=bands,
        along=along,
        facet=facet,
        panels=panels,
        places=tuple(places),
        scale=scale,
        title=title or f"{name}{where}{in_unit}",
        subtitle=fan_words.subtitle(result, bands),
        notes=(
            fan_words.reading(bands, along),
            *fan_words.on_counterfactual(counterfactual),
            *fan_words.on_whiskers(dots),
            *fan_words.on_moved(table, along),
            *fan_words.on_missing(missing, along or facet),
            *fan_words.on_open_ends(quantiles),
            *notes,
        ),
    )


def _layout(array: xr.DataArray, outcome: str, facet: str | None) -> tuple[str | None, str | None]:
    """Return the dim drawn along and the dim of panels; a dim of names is never drawn along."""
    along = select.single_dim(array, outcome, facet)
    if along is None or _numeric(array, along):
        return along, facet
    if facet is not None:
        known = select.described(array, skip=("quantile",))
        raise ResultError(f"'{outcome}': a fan needs a numeric dim beside facet '{facet}': {known}")
    return None, along


def _quantiles(
    result: xr.DataTree,
    outcome: str,
    array: xr.DataArray,
    at: Mapping[str, Any] | None,
    bands: Bands,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the finite rows of the quantiles shown, and those that are not finite."""
    shown = array.sel(quantile=list(bands.probabilities))
    frame = _tidy(shown, "value")
    errors = result.children["intervals"].dataset.data_vars.get(f"{outcome}_mcse")
    if errors is not None:
        picked = select.pick(errors, at, f"'{outcome}_mcse'")
        frame["mcse"] = _tidy(picked.sel(quantile=list(bands.probabilities)), "mcse")["mcse"]
    frame = frame.assign(series="quantile", outcome=outcome, unit=select.unit_of(array))
    # A range can be open to one side; a fan has no way to draw that.
    along = [dim for dim in array.dims if dim != "quantile" and _numeric(array, str(dim))]
    drawn = np.isfinite(frame["value"]) if along else frame["value"].notna()
    return frame[drawn], frame[~drawn]


def _numeric(array: xr.DataArray, dim: str) -> bool:
    return bool(np.issubdtype(array[dim].dtype, np.number))


def _tidy(array: xr.DataArray, name: str) -> pd.DataFrame:
    dims = [str(dim) for dim in array.dims]
    bare = array.reset_coords(drop=True)
    return bare.to_series().rename(name).reset_index()[[*dims, name]]


def _counterfactual(
    result: xr.DataTree,
    name: str | None,
    array: xr.DataArray,
    at: Mapping[str, Any] | None,
    bands: Bands,
) -> pd.DataFrame:
    if name is None:
        return pd.DataFrame()
    other = select.pick(select.intervals(result, name), at, f"counterfactual '{name}'")
    if set(other.dims) != set(array.dims) or select.unit_of(other) != select.unit_of(array):
        raise ResultError(
            f"counterfactual '{name}' does not match '{array.name}': {select.described(other)} "
            f"in {select.unit_of(other)} against {select.described(array)} in "
            f"{select.unit_of(array)}"
        )
    if bands.median is None:
        raise ResultError(f"counterfactual '{name}': its median is not among the quantiles")
    frame = _tidy(other.sel(quantile=[bands.median]), "value")
    frame = frame.assign(series="counterfactual", outcome=name, unit=select.unit_of(other))
    return frame[np.isfinite(frame["value"])]


def _dots(
    result: xr.DataTree,
    group: str,
    outcome: str,
    whole: xr.DataArray,
    at: Mapping[str, Any] | None,
    along: str | None,
    places: Sequence[float],
    notes: list[str],
) -> pd.DataFrame:
    """Return the rows of one group that can be drawn; say in `notes` which cannot."""
    frame = select.rows(result, group, outcome, select.unit_of(whole))
    frame, lost = select.placed(frame, whole, at)
    if lost:
        dims = ", ".join(str(dim) for dim in whole.dims if dim not in {"quantile", "year"})
        notes.append(f"Not shown: {lost} {group} that do not say to which {dims} they belong.")
    empty = ~np.isfinite(frame[["value", "low", "high"]]).any(axis=1)
    if empty.any():
        notes.append(f"Not shown: {int(empty.sum())} {group} without a number.")
    frame = frame[~empty]
    if along is not None:
        late = frame[along].astype(float) > max(places)
        notes += fan_words.on_late(frame[late], group, along, Scale.of([], select.unit_of(whole)))
        frame = frame[~late]
    if group != "observations":
        frame = frame.assign(error=np.nan, relative_error=np.nan)
    return with_whiskers(frame).assign(series=SERIES[group]).reset_index(drop=True)


def _sizes(table: pd.DataFrame) -> list[float]:
    return [float(v) for v in table.loc[table["series"] == "quantile", "value"]]
