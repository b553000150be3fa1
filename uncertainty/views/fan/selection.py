"""What a fan is asked to draw: an outcome at a place, the dim along, the dim of panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views.drawing import select
from uncertainty.views.drawing.bands import Bands, bands_of


@dataclass(frozen=True)
class Selection:
    """An outcome as a fan draws it.

    Attributes
    ----------
    at : mapping
        The place.
    whole, array : xarray.DataArray
        The intervals of the outcome, before and after the selection.
    along : str or None
        The numeric dim drawn along.
    facet : str or None
        The dim with one panel, or one range, a coordinate.
    bands : Bands
    """

    outcome: str
    at: Mapping[str, Any]
    whole: xr.DataArray
    array: xr.DataArray
    along: str | None
    facet: str | None
    bands: Bands

    @classmethod
    def of(
        cls, result: xr.DataTree, outcome: str, at: Mapping[str, Any] | None, facet: str | None
    ) -> Selection:
        """Read an outcome.

        Raises
        ------
        ResultError
            When the result lacks it, or more than one dim is left to draw along.
        """
        whole = select.intervals(result, outcome)
        array = select.pick(whole, at, f"outcome '{outcome}'")
        along, facet = _layout(array, outcome, facet)
        return cls(outcome, dict(at or {}), whole, array, along, facet, bands_of(array))

    @property
    def unit(self) -> str:
        """Unit of the values, "" when none is stated."""
        return select.unit_of(self.array)

    @property
    def places(self) -> tuple[float, ...]:
        """Coordinates drawn along, ascending; a single zero without any."""
        if self.along is None:
            return (0.0,)
        return tuple(sorted(float(place) for place in self.array[self.along].values))

    @property
    def panels(self) -> tuple[Any, ...]:
        """Coordinates with a panel; a single None without any."""
        return tuple(self.array[self.facet].values.tolist()) if self.facet else (None,)

    @property
    def shown(self) -> list[float]:
        """Probabilities that are drawn."""
        return list(self.bands.probabilities)


def numeric(array: xr.DataArray, dim: str) -> bool:
    """Tell whether a dim has numbers as its coordinates."""
    return bool(np.issubdtype(array[dim].dtype, np.number))


def _layout(array: xr.DataArray, outcome: str, facet: str | None) -> tuple[str | None, str | None]:
    """Return the dim drawn along and the dim of panels; a dim of names is never drawn along."""
    along = _single_dim(array, outcome, facet)
    if along is None or numeric(array, along):
        return along, facet
    if facet is not None:
        known = select.described(array, skip=("quantile",))
        raise ResultError(f"'{outcome}': a fan needs a numeric dim beside facet '{facet}': {known}")
    return None, along


def _single_dim(array: xr.DataArray, outcome: str, facet: str | None) -> str | None:
    """Return the one dim left to draw along, None for a scalar.

    Raises
    ------
    ResultError
        When more than one dim is left, or `facet` is not a dim.
    """
    left = [str(dim) for dim in array.dims if dim != "quantile"]
    if facet is not None and facet not in left:
        raise ResultError(
            f"facet '{facet}' is no free dim of '{outcome}': {select.described(array)}"
        )
    along = [dim for dim in left if dim != facet]
    if len(along) > 1:
        known = select.described(array, skip=("quantile",))
        raise ResultError(
            f"outcome '{outcome}' has {len(left)} dims and a chart draws along one: "
            f"select with at={{...}} or give facet=... ({known})"
        )
    return along[0] if along else None
