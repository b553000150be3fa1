"""The words around a fan: what the bands mean and what is not shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.views import select
from uncertainty.views.bands import Bands, meaning, percent
from uncertainty.views.observed import ERROR
from uncertainty.views.style import Scale, sentence

KINDS = {"eti": "equal-tailed", "hdi": "highest-density"}
NAMED_MOST = 6


def subtitle(result: xr.DataTree, bands: Bands) -> str:
    attrs = result.children["intervals"].attrs
    draws = f"{int(attrs['draws']):,} draws" if "draws" in attrs else "number of draws not stored"
    replicates = f" in {attrs['replicates']} replicates" if "replicates" in attrs else ""
    stored = str(attrs.get("interval_kind", "eti"))
    masses = " and ".join(percent(mass) for mass in sorted(bands.masses))
    middle = "; line: median" if bands.median is not None else "; no median is stored"
    line = f"{draws}{replicates}; bands: {masses} {KINDS.get(stored, stored)} intervals{middle}"
    return select.headed(result, line)


def reading(bands: Bands, along: str | None) -> str:
    alone = f" Each {along} is read alone: a band is not a path." if along else ""
    return (
        f"{sentence(meaning(bands))}, and its edge is no limit.{alone} The bands show the "
        "uncertainty of the parameters, given this model and these priors; shocks, policy to come "
        "and faults of the model itself are left out."
    )


def on_counterfactual(name: str | None) -> list[str]:
    if name is None:
        return []
    return [
        f"Dashed line: the median of “{select.words(name)}”. The gap between two medians is "
        "not the median of the difference."
    ]


def on_whiskers(dots: Sequence[pd.DataFrame]) -> list[str]:
    """Say what the thin lines through dots are, and how they come from the rows."""
    rows = pd.concat([frame for frame in dots if len(frame)] or [pd.DataFrame({"ends": []})])
    rows = rows[rows["ends"] == ERROR]
    if rows.empty:
        return []
    relative = rows["relative_error"].notna()
    ways = (
        ("value × exp(±1.645 × relative error)", relative),
        ("value ± 1.645 × error", ~relative),
    )
    how = " or ".join(text for text, used in ways if used.any())
    return [
        f"Thin whiskers of observations: 90% interval of the error given with each ({how}); "
        "differences of boundary between sources come on top."
    ]


def on_moved(table: pd.DataFrame, along: str | None) -> list[str]:
    """Say that marks stand beside their year, where any does."""
    if along is None or (table["position"] == table[along]).all():
        return []
    return [f"Marks of one {along} stand side by side."]


def on_missing(rows: pd.DataFrame, dim: str | None) -> list[str]:
    if rows.empty:
        return []
    if dim is None:
        which = ", ".join(percent(p) for p in rows["quantile"])
        return [f"No finite value, so not drawn: {which}."]
    places = list(dict.fromkeys(rows[dim].tolist()))
    named = ", ".join(str(place) for place in places[:NAMED_MOST])
    more = f" and {len(places) - NAMED_MOST} more" if len(places) > NAMED_MOST else ""
    return [f"No finite value of some or all quantiles, so not drawn: {dim} {named}{more}."]


def on_open_ends(rows: pd.DataFrame) -> list[str]:
    open_ends = bool(np.isinf(rows["value"]).any())
    return ["∞: this quantile lies beyond every finite value of the draws."] if open_ends else []


def on_late(rows: pd.DataFrame, group: str, along: str, scale: Scale) -> list[str]:
    if rows.empty:
        return []
    texts = [
        f"{row['source']} {row['label']} {row[along]:g}: "
        + " to ".join(scale.full(row[n]) for n in ("low", "value", "high") if np.isfinite(row[n]))
        for row in select.records(rows.head(NAMED_MOST))
    ]
    more = f"; and {len(rows) - NAMED_MOST} more" if len(rows) > NAMED_MOST else ""
    return [f"Beyond the years drawn, {group}: {'; '.join(texts)}{more}."]
