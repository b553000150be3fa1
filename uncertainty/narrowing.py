"""Narrowing: how an outcome's interval differs before and after a fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.labels import central, headline_wish, middle_year, posterior_side, prior_side

if TYPE_CHECKING:
    import xarray as xr

#: Lower end, median, upper end.
type Ends = tuple[float, float, float]


@dataclass(frozen=True)
class Narrowing:
    """An outcome at one place, before and after a fit.

    Attributes
    ----------
    at : mapping
        The place, such as ``{"year": 2030}``.
    mass : float
        Probability of the intervals.
    prior, posterior : (low, median, high)
        In `unit`.
    rank : float
        Share of the prior below the posterior's median.
    """

    outcome: str
    label: str
    unit: str
    at: Mapping[str, Any]
    mass: float
    prior: Ends
    posterior: Ends
    rank: float

    @property
    def narrower(self) -> float:
        """Part of the prior interval's width that is gone; below zero when it grew."""
        before, after = (ends[2] - ends[0] for ends in (self.prior, self.posterior))
        return 1.0 - after / before if before > 0 else float("nan")


def narrowing(
    result: xr.DataTree, outcome: str, at: Mapping[str, Any] | None = None
) -> Narrowing | None:
    """How much an outcome narrowed at one place.

    Parameters
    ----------
    result : xarray.DataTree
        A calibrated one.
    outcome : str
    at : mapping, optional
        A coordinate for each dim of the outcome.

    Returns
    -------
    Narrowing or None
        None where either side lacks the outcome, the place or the median.
    """
    sides = [s["intervals"].to_dataset() for s in (prior_side(result), posterior_side(result))]
    cells = [cell(side, outcome, at or {}) for side in sides]
    if any(found is None for found in cells):
        return None
    before, after = (found for found in cells if found is not None)
    levels = sorted({float(q) for q in before["quantile"].values} & set(after["quantile"].values))
    if 0.5 not in levels:
        return None
    low, high = central(levels)
    prior, posterior = (ends(found, low, high) for found in (before, after))
    return Narrowing(
        outcome,
        str(after.attrs.get("long_name") or outcome.replace("_", " ")),
        str(after.attrs.get("units", "")),
        dict(at or {}),
        round(float(high - low), 6),
        prior,
        posterior,
        rank_of(result, before, outcome, at or {}, posterior[1]),
    )


def cell(side: xr.Dataset, outcome: str, at: Mapping[str, Any]) -> xr.DataArray | None:
    """Quantiles of an outcome at one place, None where it has none there."""
    array = side.data_vars.get(outcome)
    if array is None or set(array.dims) != {*at, "quantile"}:
        return None
    if any(value not in array[dim].values for dim, value in at.items()):
        return None
    found = array.sel(dict(at))
    return found if bool(found.notnull().all()) else None


def ends(array: xr.DataArray, low: float, high: float) -> Ends:
    """Three quantiles of one array."""
    found = [float(array.sel(quantile=level)) for level in (low, 0.5, high)]
    return found[0], found[1], found[2]


def rank_of(
    result: xr.DataTree, before: xr.DataArray, outcome: str, at: Mapping[str, Any], value: float
) -> float:
    """Share of the prior below a value: of its draws where they were kept, else between quantiles.

    Beyond the outermost quantile stored it is the probability of that quantile.
    """
    draws = result["prior_predictive"].dataset if "prior_predictive" in result else {}
    if outcome in draws and set(draws[outcome].dims) == {"chain", "draw", *at}:
        known = draws[outcome]
        if all(place in known[dim].values for dim, place in at.items()):
            kept = known.sel(dict(at)).values
            return float((kept[np.isfinite(kept)] < value).mean())
    order = before.sortby("quantile")
    return float(np.interp(value, order.values, order["quantile"].values))


def headline_narrowings(result: xr.DataTree) -> list[Narrowing]:
    """The headline's outcome in its years; without a headline each outcome at one place.

    That place is the middle year; outcomes with other dims are left out.
    """
    wish = headline_wish(result)
    after = posterior_side(result)["intervals"].to_dataset()
    if wish:
        asked = [(wish["outcome"], {"year": year}) for year in wish.get("years", [])]
    else:
        names = [str(name) for name in after.data_vars if not str(name).endswith("_mcse")]
        asked = [(name, middle_place(result, after[name])) for name in names]
    found = (narrowing(result, outcome, at) for outcome, at in asked)
    return [one for one in found if one is not None]


def middle_place(result: xr.DataTree, array: xr.DataArray) -> dict[str, int]:
    """The middle of an outcome's years, nothing without years."""
    if "year" not in array.dims:
        return {}
    return {"year": middle_year(result, array["year"].values.tolist())}
