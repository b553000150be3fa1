"""The tables behind the ledger: shares of the variance by grade, best source or publisher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.labels import NO_SOURCE, headline_wish, middle
from uncertainty.views.drawing import select
from uncertainty.views.drawing.words import REST
from uncertainty.views.ledger.grades import GRADE_FILLS

ORDERS = ("grade", "evidence", "source")
MOST_BARS, MOST_AREAS = 12, 6


@dataclass(frozen=True)
class Ledger:
    """What `/ledger` holds of one outcome in one of its three orders.

    Attributes
    ----------
    by : {"grade", "evidence", "source"}
    at : mapping
        The selection.
    shares : xarray.DataArray
        Dims (`by`,) or (year, `by`).
    interval : xarray.DataArray or None
        The same and bound.
    attrs : mapping
        How the shares were computed: model_runs, interval_kind, interval_prob, where stored.
    focus : int or None
        The year that the title speaks of: the headline's middle one, else the last.
    """

    outcome: str
    name: str
    by: str
    at: Mapping[str, Any]
    shares: xr.DataArray
    interval: xr.DataArray | None
    attrs: Mapping[str, Any] = field(default_factory=dict)
    focus: int | None = None

    @property
    def over_years(self) -> bool:
        """Whether the shares have years."""
        return "year" in self.shares.dims

    def ends(self, bound: str) -> xr.DataArray:
        """Return one end of the intervals, NaN where none are stored."""
        if self.interval is None:
            return xr.full_like(self.shares, np.nan)
        return self.interval.sel(bound=bound).transpose(*self.shares.dims)


def ledger_of(
    result: xr.DataTree, outcome: str, by: str, at: Mapping[str, Any] | None = None
) -> Ledger:
    """Read the shares of one outcome.

    Raises
    ------
    ResultError
        When the result has no such ledger, `at` does not leave a scalar or years alone, or the
        outcome does not vary there.
    """
    if by not in ORDERS:
        raise ResultError(f"by={by!r}: a ledger is kept by {', '.join(ORDERS)}")
    node = select.branch(result, f"ledger/{outcome}").to_dataset()
    asked, variable = f"ledger of '{outcome}'", f"by_{by}"
    if variable not in node:
        raise ResultError(f"'/ledger/{outcome}' lacks {variable}")
    shares = _left(select.pick(node[variable], at, asked), by, asked)
    stored = node.get(f"{variable}_interval")
    interval = None if stored is None else select.pick(stored, at, asked)
    attrs = _method(result, outcome) | {str(key): value for key, value in node.attrs.items()}
    name = select.long_name(result, node, outcome)
    years = headline_wish(result).get("years", [])
    focus = middle(years) if years else None
    return Ledger(outcome, name, by, dict(at or {}), shares, interval, attrs, focus)


def _method(result: xr.DataTree, outcome: str) -> dict[str, Any]:
    """Return how the Shapley effects were computed, where they are stored."""
    branches = result.children.get("shapley", xr.DataTree()).children
    attrs = branches[outcome].attrs if outcome in branches else {}
    return {str(key): value for key, value in attrs.items()}


def _left(shares: xr.DataArray, by: str, asked: str) -> xr.DataArray:
    """Return the shares with years first, if these are the only dim that is left."""
    dims = [str(dim) for dim in shares.dims if dim != by]
    if dims not in ([], ["year"]):
        known = select.described(shares, skip=(by,))
        raise ResultError(f"{asked}: at= must choose all dims, or all but year ({known})")
    if not shares.notnull().all(by).any():
        raise ResultError(f"{asked} has no shares there: they need an outcome that varies")
    shares = shares.transpose(*dims, by)
    return shares.sortby("year") if dims else shares


def bar_table(ledger: Ledger) -> pd.DataFrame:
    """Return the shares of one cell, the largest first.

    Returns
    -------
    pandas.DataFrame
        outcome, the selected dims, a column named as the order (grade, evidence or source),
        share, share_lower, share_upper, drawn.
    """
    columns = {
        ledger.by: [str(name) for name in ledger.shares[ledger.by].values],
        "share": ledger.shares.to_numpy(),
        "share_lower": ledger.ends("lower").to_numpy(),
        "share_upper": ledger.ends("upper").to_numpy(),
    }
    table = pd.DataFrame(columns).sort_values("share", ascending=False, kind="stable")
    table = table.reset_index(drop=True)
    table["drawn"] = table.index < MOST_BARS
    return select.at_front(table, ledger.outcome, ledger.at)


def area_table(ledger: Ledger) -> pd.DataFrame:
    """Return the shares by year in the order of the areas, from the bottom up.

    Returns
    -------
    pandas.DataFrame
        outcome, the selected dims, year, a column named as the order, share, share_lower,
        share_upper, and height (the share as drawn: not below zero). Of publishers six have rows
        of their own, the row "the rest" holds the sum of the others, and "no source" comes last.
    """
    order = _order(ledger)
    frames = [_area(ledger, name) for name in order if name != REST]
    others = [str(n) for n in ledger.shares[ledger.by].values if str(n) not in order]
    if REST in order:
        frames.insert(order.index(REST), _summed(ledger, others))
    table = pd.concat(frames, ignore_index=True)
    table["height"] = table["share"].clip(lower=0.0)
    return select.at_front(table, ledger.outcome, ledger.at)


def _order(ledger: Ledger) -> list[str]:
    names = [str(name) for name in ledger.shares[ledger.by].values]
    if ledger.by != "source":
        known = [name for name in GRADE_FILLS if name in names]
        return known + [name for name in names if name not in known]
    means = ledger.shares.mean("year").to_series()
    ranked = [str(n) for n in means.sort_values(ascending=False, kind="stable").index]
    publishers = [name for name in ranked if name != NO_SOURCE]
    rest = [REST] if len(publishers) > MOST_AREAS else []
    return publishers[:MOST_AREAS] + rest + [name for name in ranked if name == NO_SOURCE]


def _area(ledger: Ledger, name: str) -> pd.DataFrame:
    one = {ledger.by: name}
    return pd.DataFrame(
        {
            "year": ledger.shares["year"].values,
            ledger.by: name,
            "share": ledger.shares.sel(one).to_numpy(),
            "share_lower": ledger.ends("lower").sel(one).to_numpy(),
            "share_upper": ledger.ends("upper").sel(one).to_numpy(),
        }
    )


def _summed(ledger: Ledger, others: list[str]) -> pd.DataFrame:
    total = ledger.shares.sel({ledger.by: others}).sum(ledger.by, skipna=False).to_numpy()
    frame = _area(ledger, others[0]).assign(share=total, share_lower=np.nan, share_upper=np.nan)
    return frame.assign(**{ledger.by: REST})
