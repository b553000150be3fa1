"""The words around a comparison: how far two results lie apart, and what is left out."""

from __future__ import annotations

import pandas as pd

from uncertainty.views.comparison.table import (
    ALL,
    INTERPLAY,
    INTERVALS,
    MOVED,
    SHARES,
    SIDES,
    Comparison,
)
from uncertainty.views.drawing.numbers import Scale, signed
from uncertainty.views.drawing.shares import change_text, percent, share_text
from uncertainty.views.drawing.words import NO_BREAK, REST, counted, sentence


def title(found: Comparison) -> str:
    """State both medians and how far the second is from the first."""
    a, b = (found.median(side) for side in SIDES)
    scale = Scale.of(found.block(INTERVALS)["value"], found.unit)
    change = f" ({change_text(b / a - 1)})" if a > 0 and b > 0 and not scale.calendar else ""
    first, second = (scale.full(value).replace(" ", NO_BREAK) for value in (a, b))
    return (
        f"{found.name} in {found.year}: median {first} with {found.names['a']}, "
        f"{second} with {found.names['b']}{change}"
    )


def subtitle(found: Comparison) -> str:
    """Name the two studies and say what the bars are."""
    lines = [f"{found.names[s]}: {found.titles[s]}" for s in SIDES if found.titles[s]]
    masses = " and ".join(percent(mass) for mass in sorted(found.bands.masses, reverse=True))
    return "\n".join([*lines, f"Bars: {masses} equal-tailed intervals; mark: median"])


def notes(found: Comparison) -> list[str]:
    """Say how the blocks are read, and which are missing."""
    return [*_on_shares(found), *_on_moved(found), *_on_missing(found)]


def _on_shares(found: Comparison) -> list[str]:
    rows = found.block(SHARES)
    if not rows["drawn"].any():
        return ["Shares of the variance are left out: the two results do not both hold them."]
    meaning = (
        "Share of the variance (Shapley effect): a parameter's part, what it does only together "
        "with others split evenly among them."
    )
    hidden = rows[~rows["drawn"]]
    if hidden.empty:
        return [meaning]
    count, most = hidden["parameter"].nunique(), share_text(hidden["value"].max())
    return [f"{meaning} {count} more without a row, at most {most}.".replace("most <", "most ")]


def _on_moved(found: Comparison) -> list[str]:
    rows = found.block(MOVED)
    if not rows["drawn"].any():
        why = found.note or "the comparison holds no run with single priors exchanged"
        return [f"What moved is left out: {why}."]
    a, b = found.names["a"], found.names["b"]
    text = (
        f"What moved: change of each quantile of {a} when one parameter alone takes its prior "
        f"from {b}."
    )
    if INTERPLAY in set(rows["parameter"]):
        text += " Interplay: what all of them do together beyond the sum of each alone."
    return [text, f"{sentence(found.note)}."] if found.note else [text]


def _on_missing(found: Comparison) -> list[str]:
    rows = found.block(INTERVALS)
    blank = int((~rows["drawn"]).sum())
    if not blank:
        return []
    return [f"Without a finite value: {counted(blank, 'quantile', ('is', 'are'))} not drawn."]


def interval_text(values: pd.Series[float], scale: Scale) -> str:
    """Write the outer interval of a row, by quantile."""
    return f"{scale.text(values.iloc[0])} to {scale.text(values.iloc[-1])}"


def spoken(found: Comparison) -> str:
    """Say the intervals, and the largest moves, in words."""
    rows = found.block(INTERVALS)
    scale = Scale.of(rows["value"], found.unit)
    mass = percent(found.bands.masses[0])
    said = [
        f"{year}, {found.names[str(side)]}: {mass} interval "
        f"{interval_text(part['value'], scale)} {scale.suffix}".rstrip()
        for (year, side), part in rows.groupby(["year", "side"], sort=False)
    ]
    moved = found.block(MOVED)
    moved = moved[(moved["quantile"] == found.middle) & moved["drawn"]]
    named = moved[~moved["parameter"].isin([REST, INTERPLAY, ALL])].head(3)
    size = Scale.of(moved["value"], found.unit)
    said += [
        f"{label} moves the median by {signed(value, size)}"
        for label, value in zip(named["label"], named["value"], strict=True)
    ]
    return "; ".join(said) + "."
