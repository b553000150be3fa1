"""Series: which past rows a random walk sees, and what it says of a later one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.hindcast.scores import SCALES
from uncertainty.hindcast.walk import LEAST, QUANTILES, Walk
from uncertainty.names import listed

if TYPE_CHECKING:
    import pandas as pd

OWN, MEDIANS = "its own source", "yearly medians of all sources"
TOO_FEW = "too few to fit"


@dataclass(frozen=True)
class Benchmark:
    """What the random walk says of one row.

    Attributes
    ----------
    quantiles : (quantile,)
        Of the value on the scale of the row's kind; NaN where there were too few points.
    series : str
        What it saw, in words.
    points : int
    """

    quantiles: Array
    series: str
    points: int


def benchmark(row: Mapping[Hashable, Any], known: pd.DataFrame) -> Benchmark:
    """The random walk's prediction of a scored row from the rows known.

    A level or a share is predicted from rows of its own source where these are of three years or
    more, else from the yearly medians over all sources. Growth is predicted as one increment of
    the logarithm of the level, from the same choice of series.
    """
    kind = "share" if row["kind"] == "share" else "level"
    same = (known["outcome"] == row["outcome"]) & (known["place"] == row["place"])
    rows = known[same & (known["kind"] == kind)]
    own = yearly(rows[rows["source"] == row["source"]], kind)
    chosen, name = (own, OWN) if len(own) >= LEAST else (yearly(rows, kind), MEDIANS)
    if len(chosen) < LEAST:
        words = f"{TOO_FEW}: {len(chosen)} of {LEAST} years"
        return Benchmark(np.full(QUANTILES, np.nan), words, len(chosen))
    walk = Walk.of(list(chosen), list(chosen.values()))
    growth = row["kind"] == "growth"
    quantiles = walk.increment(1.0) if growth else walk.level(float(row["year"]))
    return Benchmark(quantiles, f"{name}, {listed(chosen)}", len(chosen))


def yearly(rows: pd.DataFrame, kind: str) -> dict[int, float]:
    """Median of each year, on the scale of the kind; a year with a row off it is left out."""
    there = SCALES[kind][0]
    years, levels = rows["year"].to_numpy(dtype=int), there(rows["value"].to_numpy(dtype=float))
    found = {int(year): float(np.median(levels[years == year])) for year in np.unique(years)}
    return {year: level for year, level in found.items() if np.isfinite(level)}


def back(quantiles: Array, kind: str) -> Array:
    """Quantiles in the unit of the row, from the scale of its kind."""
    with np.errstate(over="ignore"):
        return SCALES[kind][1](quantiles)
