"""The table behind a hindcast: the fan, what was known, what came, and what was said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.names import listed
from uncertainty.views.drawing import select
from uncertainty.views.drawing.bands import Bands, bands_of
from uncertainty.views.drawing.limits import roomy
from uncertainty.views.drawing.words import sentence

FAN, KNOWN, LATER = "quantile", "known", "later"
PREDICTION, WALK, PROJECTION = "prediction", "random walk", "projection"
COLUMNS = ("series", "outcome", "place", "year", "position", "quantile", "value", "low", "high",
           "unit", "label", "source", "published", "mark")  # fmt: skip
TEXTS = ("label", "source", "published", "mark")
NUMBERS = ("quantile", "value", "low", "high")
SLOT, MOST = 0.26, 0.8  # years: from one observation of a year to the next, and for all of them
BESIDE = 0.42  # of a slot: from an observation to the random walk's interval
REACH = 1.6  # how far the axis goes beyond fan and observations for intervals


@dataclass(frozen=True)
class Hindcast:
    """All that a hindcast chart shows.

    Attributes
    ----------
    name, unit, place : str
        Of the outcome; the place is empty where it has none.
    fit_to : int
    bands : Bands
    others : int
        Scored rows of the outcome and place that are no levels, so that no axis has them.
    table : pandas.DataFrame
        See `hindcast_chart`.
    """

    name: str
    unit: str
    place: str
    fit_to: int
    bands: Bands
    others: int
    table: pd.DataFrame

    def rows(self, series: str) -> pd.DataFrame:
        """Return the rows of one series."""
        return self.table[self.table["series"] == series]

    @property
    def held(self) -> int:
        """How many later observations lie in their own 90% interval."""
        value, ends = self.rows(LATER)["value"], self.rows(PREDICTION)
        low, high = ends["low"].to_numpy(), ends["high"].to_numpy()
        return int(((low <= value.to_numpy()) & (value.to_numpy() <= high)).sum())

    @property
    def limits(self) -> tuple[float, float]:
        """Return the ends of the value axis."""
        return limits_of(self.table)

    @property
    def widest(self) -> tuple[float, float]:
        """Return the ends of the years' axis."""
        places = self.table["position"].astype(float)
        return float(places.min()) - 0.4, float(places.max()) + 0.35


def hindcast_of(result: xr.DataTree, outcome: str, at: Mapping[str, Any] | None) -> Hindcast:
    """Gather the numbers of a hindcast chart; arguments as in `hindcast_chart`."""
    if "scores" not in result.children:
        raise ResultError("the result is no hindcast: it has no '/scores'")
    array = _fan(result, outcome, at)
    fit_to, unit = int(result.attrs["fit_to"]), select.unit_of(array)
    place = ", ".join(str(value) for value in (at or {}).values())
    scores, others = _scored(result, outcome, place)
    bands = bands_of(array)
    parts = [
        _quantiles(array, bands, fit_to),
        _plain(_own(result, "known", outcome, place), KNOWN),
        *_later(scores),
        _aside(_plain(_own(result, "projections", outcome, place), PROJECTION), scores),
    ]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    table = table.assign(outcome=outcome, place=place, unit=unit).reindex(columns=list(COLUMNS))
    table["position"] = table["position"].fillna(table["year"])
    table[list(TEXTS)] = table[list(TEXTS)].astype(object).fillna("")
    table["mark"] = marks_of(table)
    name = sentence(select.name_of(array, outcome))
    return Hindcast(name, unit, place, fit_to, bands, others, table)


def _fan(result: xr.DataTree, outcome: str, at: Mapping[str, Any] | None) -> xr.DataArray:
    """Return the quantiles of the fitted outcome over years."""
    node = select.branch(result, "fit/calibration")
    array = select.pick(select.intervals(node, outcome), at, f"'{outcome}'")
    if set(array.dims) != {"year", "quantile"}:
        known = select.described(array, skip=("quantile",))
        raise ResultError(f"'{outcome}' needs years and one place, choose it by `at`: {known}")
    return array


def _scored(result: xr.DataTree, outcome: str, place: str) -> tuple[pd.DataFrame, int]:
    """Return the scored levels of one outcome and place, and how many other rows there are."""
    frame = result["scores"].to_dataset().to_dataframe()
    own = frame[(frame["outcome"] == outcome) & (frame["place"] == place)]
    levels = own[own["kind"] == "level"]
    if levels.empty:
        pairs = zip(frame["outcome"], frame["place"], frame["kind"], strict=True)
        there = dict.fromkeys(f"{o} {p}".strip() for o, p, kind in pairs if kind == "level")
        raise ResultError(
            f"no level of '{outcome}' {place} was scored: there are {listed(there)}".replace(
                "  ", " "
            )
        )
    return levels.sort_values(["year", "observed"], kind="stable"), len(own) - len(levels)


def _own(result: xr.DataTree, group: str, outcome: str, place: str) -> pd.DataFrame:
    """Return the level rows of a group of one outcome and place; none where it is missing."""
    if group not in result.children:
        return pd.DataFrame()
    frame = result[group].to_dataset().to_dataframe()
    own = frame[(frame["outcome"] == outcome) & (frame["place"] == place)]
    return own[own["kind"] == "level"] if "kind" in own else own


def _plain(frame: pd.DataFrame, series: str) -> pd.DataFrame:
    """Return rows with their value or range."""
    if frame.empty:
        return frame
    if series == PROJECTION:
        frame = frame.drop_duplicates(["year", "projection", "value", "low", "high"])
        frame = frame.assign(label=frame["projection"], source=frame["projection"])
    kept = ["year", "value", "low", "high", "label", "source", "published"]
    found = frame.reindex(columns=kept).assign(series=series)
    found["label"] = found["label"].where(found["label"] != "", found["source"])
    return found


def _aside(projected: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Set projections left of the observations of their year."""
    if projected.empty:
        return projected
    count = projected["year"].map(scores.groupby("year").size()).astype(float)
    left: Any = (count - 1) / 2 * np.minimum(SLOT, MOST / count)
    rank = projected.groupby("year").cumcount() + 1
    slot = np.minimum(SLOT, MOST / 2 / projected.groupby("year")["year"].transform("size"))
    return projected.assign(position=projected["year"] - left - rank * slot)


def _quantiles(array: xr.DataArray, bands: Bands, fit_to: int) -> pd.DataFrame:
    """Return the fan's quantiles from the year fitted to."""
    later = array.sel(year=[year for year in array["year"].values if year >= fit_to])
    rows = [
        {"year": int(year), "quantile": p, "value": float(later.sel(year=year, quantile=p))}
        for year in later["year"].values
        for p in bands.probabilities
    ]
    return pd.DataFrame(rows).assign(series=FAN)


def _later(scores: pd.DataFrame) -> list[pd.DataFrame]:
    """Return later observations with their 90% interval and the random walk's beside."""
    count = scores.groupby("year")["year"].transform("size")
    rank = scores.groupby("year").cumcount()
    slot = np.minimum(SLOT, MOST / count)
    position = scores["year"] + (rank - (count - 1) / 2) * slot
    base = scores[["year", "label", "source", "published"]].assign(position=position)
    seen = base.assign(series=LATER, value=scores["observed"])
    said = base.assign(series=PREDICTION, value=scores["median"], low=scores["low_90"],
                       high=scores["high_90"])  # fmt: skip
    walk = base.assign(
        series=WALK, position=position + BESIDE * slot, value=scores["walk_median"],
        low=scores["walk_low_90"], high=scores["walk_high_90"],
    ).dropna(subset=["low"])  # fmt: skip
    return [seen, said, walk]


def limits_of(table: pd.DataFrame) -> tuple[float, float]:
    """Return limits that hold fan, observations and zero, and intervals that are not far beyond."""
    core = table.loc[table["series"].isin([FAN, KNOWN, LATER]), "value"].to_numpy(dtype=float)
    core = core[np.isfinite(core)]
    low, high = min(0.0, core.min()), max(0.0, core.max())
    span = (high - low) or 1.0
    rest = table.loc[~table["series"].isin([FAN, KNOWN, LATER]), ["value", "low", "high"]]
    near = [
        v for v in rest.to_numpy(dtype=float).ravel() if low - 0.2 * span <= v <= low + REACH * span
    ]
    return roomy(min(low, *near, low), max(high, *near, high) or 1.0)


def marks_of(table: pd.DataFrame) -> list[str]:
    """Return how each row is drawn: band, point, interval, or arrow for what the axis cuts."""
    low, high = limits_of(table)
    kinds = {FAN: "band", PREDICTION: "interval", WALK: "interval"}
    ends = table[["value", "low", "high"]].to_numpy(dtype=float)
    cut = ((ends < low) | (ends > high)).any(axis=1) & (table["series"] != FAN)
    plain = table["series"].map(kinds).fillna("point")
    return [str(mark) for mark in plain.where(~cut, "arrow")]
