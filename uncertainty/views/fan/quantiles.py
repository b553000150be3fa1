"""What a fan draws of the result itself: quantiles, and the median of another outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views.drawing import select
from uncertainty.views.fan.selection import Selection, numeric


def quantiles_of(result: xr.DataTree, chosen: Selection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the finite rows of the quantiles shown, and those that are not finite.

    Raises
    ------
    ResultError
        When none is finite.
    """
    outcome, array = chosen.outcome, chosen.array
    frame = _tidy(array.sel(quantile=chosen.shown), "value")
    errors = select.stored(result, f"{outcome}_mcse")
    if errors is not None:
        picked = select.pick(errors, chosen.at, f"'{outcome}_mcse'")
        frame["mcse"] = _tidy(picked.sel(quantile=chosen.shown), "mcse")["mcse"]
    frame = frame.assign(series="quantile", outcome=outcome, unit=chosen.unit)
    # A range can be open to one side; a fan has no way to draw that.
    along = [dim for dim in array.dims if dim != "quantile" and numeric(array, str(dim))]
    drawn = np.isfinite(frame["value"]) if along else frame["value"].notna()
    if not np.isfinite(frame.loc[drawn, "value"]).any():
        raise ResultError(f"'/intervals/{outcome}' has no finite value in this selection")
    return frame[drawn], frame[~drawn]


def counterfactual_of(result: xr.DataTree, name: str | None, chosen: Selection) -> pd.DataFrame:
    """Return the finite rows of the median of another outcome; none without a name.

    Raises
    ------
    ResultError
        When it has other dims or another unit, or no median is stored.
    """
    if name is None:
        return pd.DataFrame()
    array = chosen.array
    other = select.pick(select.intervals(result, name), chosen.at, f"counterfactual '{name}'")
    unit = select.unit_of(other)
    if set(other.dims) != set(array.dims) or unit != chosen.unit:
        raise ResultError(
            f"counterfactual '{name}' does not match '{array.name}': {select.described(other)} "
            f"in {unit} against {select.described(array)} in {chosen.unit}"
        )
    if chosen.bands.median is None:
        raise ResultError(f"counterfactual '{name}': its median is not among the quantiles")
    frame = _tidy(other.sel(quantile=[chosen.bands.median]), "value")
    frame = frame.assign(series="counterfactual", outcome=name, unit=unit)
    return frame[np.isfinite(frame["value"])]


def _tidy(array: xr.DataArray, name: str) -> pd.DataFrame:
    dims = [str(dim) for dim in array.dims]
    bare = array.reset_coords(drop=True)
    return bare.to_series().rename(name).reset_index()[[*dims, name]]
