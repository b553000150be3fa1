"""The words around a fan: what the bands mean and what is not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.names import listed
from uncertainty.views.drawing import select
from uncertainty.views.drawing.bands import Bands
from uncertainty.views.drawing.fitted import on_convergence
from uncertainty.views.drawing.numbers import Scale, number
from uncertainty.views.drawing.scope import draws_text
from uncertainty.views.drawing.shares import percent
from uncertainty.views.drawing.words import few, sentence
from uncertainty.views.fan.observed import ERROR, NORMAL_90
from uncertainty.views.fan.selection import Selection

KINDS = {"eti": "equal-tailed", "hdi": "highest-density"}
NAMED_MOST = 6
GIVEN = {
    "prior": "this model and these priors",
    "posterior": "this model, these priors and the observations fitted",
    "both": "this model and these priors, after the fit also the observations",
}


def subtitle(result: xr.DataTree, bands: Bands) -> str:
    """Say from how many draws the bands are, and what they hold."""
    attrs = result.children["intervals"].attrs
    stored = str(attrs.get("interval_kind", "eti"))
    masses = " and ".join(percent(mass) for mass in sorted(bands.masses))
    middle = "; line: median" if bands.median is not None else "; no median is stored"
    line = f"{drawn(attrs)}; bands: {masses} {KINDS.get(stored, stored)} intervals{middle}"
    return select.headed(result, line)


def drawn(attrs: Mapping[Any, Any]) -> str:
    """Say from how many draws, and of which side of a fit where there are two."""
    if "drawn" in attrs:
        return str(attrs["drawn"])
    side = attrs.get("side")
    text = draws_text(attrs)
    if side is None:
        return text
    told = text.replace(" draws", f" draws of the {side}", 1)
    return told.replace("replicate", "chain") if side == "posterior" else told


def conditions(result: xr.DataTree) -> str:
    """Say on what the bands of a result depend."""
    side = result.children["intervals"].attrs.get("side")
    return GIVEN.get(str(side), GIVEN["prior"])


def on_side(result: xr.DataTree) -> list[str]:
    """Say that a posterior is not to be used, where it is drawn and has not converged."""
    after = result.children["intervals"].attrs.get("side") in {"posterior", "both"}
    return on_convergence(result) if after else []


def on_history(chosen: Selection, began: float) -> list[str]:
    """Say what a band over years behind the rule is."""
    if chosen.along != "year" or began <= chosen.places[0]:
        return []
    return [
        f"Up to {began:g} the band shows where the model puts years that are past, measured or "
        "not; it is no spread of the measurements."
    ]


def on_corrected(table: pd.DataFrame) -> list[str]:
    """Say what the hollow marks are, and by what each source was divided."""
    if "corrected" not in table or table["corrected"].isna().all():
        return []
    rows = table[table["corrected"].notna()].drop_duplicates("key")
    parts = [
        f"{row['key']} ÷ {number(row['value'] / row['corrected'])}" for row in select.records(rows)
    ]
    return [
        "Hollow marks: the published number divided by its source's factor, the median of the fit "
        f"({few(parts, NAMED_MOST)})."
    ]


def reading(bands: Bands, along: str | None, given: str) -> str:
    """Say how the bands are read."""
    alone = f" Each {along} is read alone: a band is not a path." if along else ""
    return (
        f"{sentence(meaning(bands))}, and its edge is no limit.{alone} The bands show the "
        f"uncertainty of the parameters, given {given}; shocks, policy to come "
        "and faults of the model itself are left out."
    )


def meaning(bands: Bands) -> str:
    """Say how often a value is expected outside the widest band."""
    share = Fraction(1 - bands.masses[0]).limit_denominator(1000)
    runs = "1 run" if share.numerator == 1 else f"{share.numerator} runs"
    return f"{runs} in {share.denominator} is expected outside the {percent(bands.masses[0])} band"


def on_counterfactual(name: str | None) -> list[str]:
    """Say what the dashed line is."""
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
    shared = bool((rows.get("vintage_sd", pd.Series([0.0])) > 0).any())
    error = "√(relative error² + that of the edition²)" if shared else "relative error"
    ways = (
        (f"value × exp(±{NORMAL_90} × {error})", relative),
        (f"value ± {NORMAL_90} × error", ~relative),
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
    """Name the places whose quantiles are not finite."""
    if rows.empty:
        return []
    if dim is None:
        which = ", ".join(percent(p) for p in rows["quantile"])
        return [f"No finite value, so not drawn: {which}."]
    places = listed(dict.fromkeys(rows[dim].tolist()), NAMED_MOST)
    return [f"No finite value of some or all quantiles, so not drawn: {dim} {places}."]


def on_open_ends(rows: pd.DataFrame) -> list[str]:
    """Say what an infinite quantile is."""
    open_ends = bool(np.isinf(rows["value"]).any())
    return ["∞: this quantile lies beyond every finite value of the draws."] if open_ends else []


def on_late(rows: pd.DataFrame, group: str, along: str, scale: Scale) -> list[str]:
    """List what lies beyond the years drawn."""
    if rows.empty:
        return []
    texts = [
        f"{row['source']} {row['label']} {row[along]:g}: "
        + " to ".join(scale.full(row[n]) for n in ("low", "value", "high") if np.isfinite(row[n]))
        for row in select.records(rows)
    ]
    return [f"Beyond the years drawn, {group}: {few(texts, NAMED_MOST)}."]
