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
    year: int | None
    views: Mapping[str, tuple[Share, ...]]
    causes: tuple[Cause, ...]


def trace(
    result: xr.DataTree, outcome: str | None = None, year: int | None = None, top: int = 10
) -> Trace:
    """Shares of variance of an outcome, and the parameters that hold most of it.

    Raises
    ------
    ResultError
        If the result has no ledger, or not of that outcome or year.
    """
    if "ledger" not in result:
        msg = "the result has no ledger; give its study a [shapley] table and run it again"
        raise ResultError(msg)
    known = list(result["ledger"].children)
    chosen = outcome or headline_wish(result).get("outcome")
    chosen = chosen if outcome or chosen in known else known[0]
    if chosen not in known:
        msg = f"no ledger of {chosen!r}{suggestion(str(chosen), known)}; there are {listed(known)}"
        raise ResultError(msg)
    book = result["ledger"].children[str(chosen)].to_dataset()
    effects = result["shapley"].children[str(chosen)].to_dataset()
    at = place(effects, year, result)
    views = {view: parts(book.sel(at), f"by_{view}", view) for view in LEDGER}
    views["source"] = largest_first(views["source"])
    shares = largest_first(parts(effects.sel(at), "Sh", "parameter"))
    causes = tuple(cause(result, share) for share in shares[:top])
    return Trace(str(chosen), at.get("year"), views, causes)


def place(effects: xr.Dataset, year: int | None, result: xr.DataTree) -> dict[str, int]:
    """The year that is looked at."""
    if "year" not in effects.dims:
        if year is not None:
            msg = f"this outcome has no years; found --year {year}"
            raise ResultError(msg)
        return {}
    years = effects["year"].values.tolist()
    chosen = middle_year(result, years) if year is None else year
    if chosen not in years:
        msg = f"there is no year {chosen}; there are {listed(years, 40)}"
        raise ResultError(msg)
    return {"year": chosen}


def parts(found: xr.Dataset, name: str, dim: str) -> tuple[Share, ...]:
    """Shares along a dim; outcomes with further dims are refused."""
    if found[name].dims != (dim,):
        msg = f"this outcome varies by {listed(found[name].dims)} too; its ledger is in ledger.csv"
        raise ResultError(msg)
    bounds = found[f"{name}_interval"]
    return tuple(
        Share(str(key), float(value), float(low), float(high))
        for key, value, low, high in zip(
            found[dim].values,
            found[name].values,
            bounds.sel(bound="lower").values,
            bounds.sel(bound="upper").values,
            strict=True,
        )
        if np.isfinite(value)
    )


def largest_first(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    """The same in falling order."""
    return tuple(sorted(shares, key=lambda share: -share.value))


def cause(result: xr.DataTree, share: Share) -> Cause:
    """What the result knows of one parameter."""
    table, cited = result["parameters"].to_dataset(), result["sources"].to_dataset()
    rows = np.flatnonzero(
        [str(n).partition("[")[0] == share.key for n in table["parameter"].values]
    )
    row = table.isel(parameter=int(rows[0]))
    keys = ("label", "unit", "distribution", "grade", "place", "reading")
    facts = {key: str(row[key].item()) for key in keys}
    own = np.flatnonzero(cited["parameter"].values == share.key)
    sources = tuple(
        {str(key): str(cited[key].values[i]) for key in cited.data_vars if key != "parameter"}
        for i in own
    )
    return Cause(share, facts, sources)


#: Facts of a source in the order in which they are told.
CITED: tuple[str, ...] = ("title", "publisher", "date", "url")


def citation(source: Mapping[str, Any]) -> str:
    """A source in one line."""
    return ", ".join(source[key] for key in CITED if source.get(key))
