"""Traced: from a number of a result to what it rests on, and from there to the sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.labels import LEDGER, headline_wish, middle_year
from uncertainty.names import listed, suggestion
from uncertainty.parameters import owner


@dataclass(frozen=True)
class Share:
    """Part of the variance of one key, with its 95% interval."""

    key: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Cause:
    """A parameter with its share, its place in the catalogue and its sources."""

    share: Share
    facts: Mapping[str, str]
    sources: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Trace:
    """On what one number rests."""

    outcome: str
    at: Mapping[str, Any]
    views: Mapping[str, tuple[Share, ...]]
    causes: tuple[Cause, ...]


def trace(
    result: xr.DataTree,
    outcome: str | None = None,
    at: Mapping[str, Any] | None = None,
    top: int = 10,
) -> Trace:
    """Shares of variance of an outcome at one place, and the parameters that hold most of it.

    Parameters
    ----------
    result : xarray.DataTree
    outcome : str, optional
        The headline's when left out.
    at : {dim: coordinate}, optional
        The headline's middle year when no year is given; every other dim needs its coordinate.
    top : int
        Parameters that are told with their sources.

    Raises
    ------
    ResultError
        If the result has no ledger, or not of that outcome or place.
    """
    if "ledger" not in result:
        msg = "the result has no ledger; give its study a [shapley] table and run it again"
        raise ResultError(msg)
    known = list(result["ledger"].children)
    chosen = outcome or headline_wish(result).get("outcome")
    chosen = chosen if outcome or chosen in known else known[0]
    if chosen not in known:
        near = suggestion(str(chosen), known)
        msg = f"no ledger of {chosen!r}{near} (there are {listed(known, 40)})"
        raise ResultError(msg)
    book = result["ledger"].children[str(chosen)].to_dataset()
    effects = result["shapley"].children[str(chosen)].to_dataset()
    found = place(result, effects["Sh"], at or {})
    views = {view: parts(book.sel(found), f"by_{view}", view) for view in LEDGER}
    views["source"] = largest_first(views["source"])
    shares = largest_first(parts(effects.sel(found), "Sh", "parameter"))
    causes = tuple(cause(result, share) for share in shares[:top])
    return Trace(str(chosen), found, views, causes)


def place(result: xr.DataTree, shares: xr.DataArray, at: Mapping[str, Any]) -> dict[str, Any]:
    """The coordinate of every dim of an outcome."""
    dims = [str(dim) for dim in shares.dims if dim != "parameter"]
    for dim in at:
        if dim not in dims:
            msg = f"this outcome has no {dim!r}; it has {listed(dims) or 'no dims'}"
            raise ResultError(msg)
    found = {}
    for dim in dims:
        known = shares[dim].values.tolist()
        default = middle_year(result, known) if dim == "year" else None
        chosen = at.get(dim, default)
        if chosen is None:
            msg = f"name its {dim}, such as {dim}={known[0]}; there are {listed(known, 40)}"
            raise ResultError(msg)
        if chosen not in known:
            msg = f"there is no {dim} {chosen}; there are {listed(known, 40)}"
            raise ResultError(msg)
        found[dim] = chosen
    return found


def parts(found: xr.Dataset, name: str, dim: str) -> tuple[Share, ...]:
    """Shares along the one dim that is left; those that are not defined are left out."""
    low, high = (found[f"{name}_interval"].sel(bound=b).values for b in ("lower", "upper"))
    rows = zip(found[dim].values, found[name].values, low, high, strict=True)
    return tuple(
        Share(str(k), *map(float, numbers)) for k, *numbers in rows if np.isfinite(numbers[0])
    )


def largest_first(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    """The same in falling order."""
    return tuple(sorted(shares, key=lambda share: -share.value))


def cause(result: xr.DataTree, share: Share) -> Cause:
    """What the result knows of one parameter."""
    table, cited = result["parameters"].to_dataset(), result["sources"].to_dataset()
    rows = np.flatnonzero([owner(n) == share.key for n in table["parameter"].values])
    row = table.isel(parameter=int(rows[0]))
    keys = ("label", "unit", "distribution", "grade", "place", "reading")
    facts = {key: str(row[key].item()) for key in keys}
    own = np.flatnonzero(cited["parameter"].values == share.key)
    sources = tuple(
        {str(key): str(cited[key].values[i]) for key in cited.data_vars if key != "parameter"}
        for i in own
    )
    return Cause(share, facts, sources)
