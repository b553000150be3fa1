"""Levels: the quantiles at the probabilities that a chart needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from uncertainty.errors import ResultError


def at_levels(array: xr.DataArray, levels: Sequence[float]) -> xr.DataArray:
    """Select stored quantiles; the coordinate holds the levels as they were asked for.

    Parameters
    ----------
    array : (..., quantile)
        As `select.intervals` returns it.
    levels : (level,)
        Probabilities, in the order wanted.

    Returns
    -------
    (..., quantile)

    Raises
    ------
    ResultError
        When one is not stored: it says what the study has to ask for.
    """
    stored = [float(p) for p in array["quantile"].values]
    missing = [p for p in levels if not np.isclose(stored, p, rtol=0, atol=1e-9).any()]
    if missing:
        wanted = ", ".join(f"{p:g}" for p in sorted({*stored, *missing}))
        raise ResultError(
            f"'/intervals/{array.name}' lacks the quantiles {', '.join(f'{p:g}' for p in missing)}:"
            f" add them to [intervals] of the study, probabilities = [{wanted}]"
        )
    places = [int(np.argmin(np.abs(np.array(stored) - p))) for p in levels]
    return array.isel(quantile=places).assign_coords(quantile=list(levels))
