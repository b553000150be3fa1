"""What a fit adds to a fan: the rows that were fitted, and where they lie without their bias."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.labels import calibration
from uncertainty.views.drawing import select
from uncertainty.views.drawing.fitted import LEVEL, observed_rows


def fitted_rows(result: xr.DataTree, array: xr.DataArray) -> pd.DataFrame:
    """Return the levels that were fitted; their place names the one dim beside year."""
    frame = observed_rows(result)
    frame = frame[frame["kind"] == LEVEL].drop(columns="kind")
    others = [str(dim) for dim in array.dims if dim not in {"year", "quantile"}]
    names = {"place": others[0]} if len(others) == 1 else {}
    return frame.rename(columns=names).reset_index(drop=True)


def last_fitted(result: xr.DataTree, outcome: str, places: tuple[float, ...]) -> float:
    """Return the last of the years drawn that a fitted row belongs to, else the first.

    Rows of the outcome count, of whatever kind; those of others where it has none.
    """
    rows = observed_rows(result)
    rows = own if len(own := rows[rows["outcome"] == outcome]) else rows
    years = rows["year"].tolist() if "year" in rows else []
    return max((float(year) for year in years if year in places[:-1]), default=places[0])


def without_bias(result: xr.DataTree, frame: pd.DataFrame) -> pd.DataFrame:
    """Give the rows, after a fit, what they say without the bias of their source.

    Returns
    -------
    pandas.DataFrame
        With a column corrected: the value divided by the source's factor (its posterior median),
        NaN for a source whose bias was not estimated; no column where there is no such source.
    """
    found = calibration(result, "source_bias")
    side = result.children["intervals"].attrs.get("side")
    if "corrected" in frame or found is None or side != "posterior":
        return frame
    factors = factors_of(found)
    keys = zip(frame["source"].astype(str), frame["outcome"].astype(str), strict=True)
    divisors = pd.Series([factors.get(key, np.nan) for key in keys], index=frame.index, dtype=float)
    if divisors.isna().all():
        return frame
    return frame.assign(corrected=frame["value"] / divisors)


def factors_of(found: xr.Dataset) -> dict[tuple[str, str], float]:
    """Return the factor of each (source, outcome) whose levels have a bias."""
    names = [name for name in ("cited", "label", "source") if name in found]
    factors: dict[tuple[str, str], float] = {}
    for place in range(found.sizes["source"]):
        row = found.isel(source=place)
        if select.text(row["kind"].item()) in {LEVEL, ""} and float(row["prior_sd"]) > 0:
            outcome = select.text(row["outcome"].item())
            sources = [select.text(row[name].item()) for name in names]
            factors |= {(source, outcome): float(row["factor"]) for source in sources if source}
    return factors
