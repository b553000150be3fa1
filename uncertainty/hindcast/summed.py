"""Summed: coverage and skill over all scored rows, and what they say in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.hindcast.scores import MASSES

if TYPE_CHECKING:
    import pandas as pd

#: Who is compared, and the prefix of the columns.
WHO = {"model": "", "prior": "prior_", "walk": "walk_"}
AGAINST = {"walk": "the random walk with drift", "prior": "the prior alone"}
#: Fewer rows than this say little of a coverage.
FEW = 20
#: Fewer rows than this say little of who did better.
TOLD = 5
#: Skill within this of zero is called even.
EVEN = 0.01


def coverage(table: pd.DataFrame) -> pd.DataFrame:
    """How many observed values the central intervals of fit, prior and walk held.

    Returns
    -------
    pandas.DataFrame
        One row for each of model, prior, walk and mass: inside, rows, share, and expected_low to
        expected_high: the counts between which 95 in 100 would lie if each row fell inside on
        its own with that probability.
    """
    import pandas as pd

    rows = []
    for who, prefix in WHO.items():
        for mass in MASSES:
            held = table[f"{prefix}inside_{100 * mass:g}"].dropna()
            count = counted(int(held.sum()), len(held), mass)
            rows.append({"who": who, "mass": mass, **count})
    return pd.DataFrame(rows)


def counted(inside: int, rows: int, mass: float) -> dict[str, Any]:
    """A count with its share and what would be expected."""
    from scipy.stats import binom

    ends: Any = binom.ppf([0.025, 0.975], rows, mass) if rows else [np.nan, np.nan]
    return {
        "inside": inside,
        "rows": rows,
        "share": inside / rows if rows else np.nan,
        "expected_low": float(ends[0]),
        "expected_high": float(ends[1]),
    }


def skill(table: pd.DataFrame) -> pd.DataFrame:
    """Mean CRPS on the log scale against walk and prior, on the rows that both have.

    Returns
    -------
    pandas.DataFrame
        One row for each of walk and prior: rows, model, other (mean CRPS, logs), skill
        (1 - model / other; above 0 is better than the other).
    """
    import pandas as pd

    rows = []
    for who in AGAINST:
        pair = table[["crps_log", f"{WHO[who]}crps_log"]].dropna()
        ours, theirs = (float(pair[name].mean()) if len(pair) else np.nan for name in pair)
        gain = 1 - ours / theirs if theirs > 0 else np.nan
        rows.append(
            {"against": who, "rows": len(pair), "model": ours, "other": theirs, "skill": gain}
        )
    return pd.DataFrame(rows)


def words(table: pd.DataFrame, fit_to: int) -> Iterator[str]:
    """What a hindcast says, a sentence a line, the bad with the good."""
    yield held_words(table)
    yield from few_words(table)
    for row in skill(table).to_dict("records"):
        yield skill_words(str(row["against"]), int(row["rows"]), row["model"], row["other"])
    yield from bias_words(table)
    lost = int(table["crps_log"].isna().sum())
    if lost:
        yield f"{rows_of(lost)} has draws or a value without a logarithm and is in no mean of logs"
    blank = int(table["walk_crps_log"].isna().sum())
    if blank:
        yield (
            f"the random walk says nothing of {rows_of(blank)}: too few years up to {fit_to} to fit"
        )


def held_words(table: pd.DataFrame) -> str:
    """How often the intervals held what came."""
    found = coverage(table).query("who == 'model'").to_dict("records")
    parts = ", ".join(f"{r['inside']} of {r['rows']} in the {100 * r['mass']:g}%" for r in found)
    years = sorted({int(year) for year in table["year"]})
    span = f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
    return f"of what was observed later ({span}), intervals held {parts} interval"


def few_words(table: pd.DataFrame) -> Iterator[str]:
    """That few rows, and rows that hang together, say little of a coverage."""
    wide = coverage(table).query("who == 'model' and mass == 0.9").to_dict("records")[0]
    low, high = int(wide["expected_low"]), int(wide["expected_high"])
    between = f"{low}" if low == high else f"{low} to {high}"
    outside = not low <= wide["inside"] <= high
    if len(table) < FEW or outside:
        yield (
            f"with {rows_of(len(table))}, right 90% intervals would hold {between} of them (95 in "
            "100 times, if rows fell in or out on their own; rows of one year or source do not)"
            + (": the intervals were too narrow or off" if wide["inside"] < low else "")
            + (": the intervals were too wide" if wide["inside"] > high else "")
        )


def skill_words(against: str, rows: int, ours: float, theirs: float) -> str:
    """How the fit did against another, whichever way it went."""
    other = AGAINST[against]
    if not rows or not np.isfinite([ours, theirs]).all():
        return f"against {other}: no row that both predicted"
    doubt = ", too few to tell" if rows < TOLD else ""
    numbers = f"mean CRPS of logs {ours:.3g} against {theirs:.3g} on {rows_of(rows)}{doubt}"
    if theirs == 0 or abs(1 - ours / theirs) < EVEN:
        return f"the model does as well as {other}: {numbers}"
    if ours > theirs:
        return f"the model loses to {other}: {numbers}"
    return f"the model beats {other} by {1 - ours / theirs:.0%}: {numbers}"


def bias_words(table: pd.DataFrame) -> Iterator[str]:
    """On which side of the medians the observed values lie, when most are on one."""
    above = int((table["pit"] > 0.5).sum())
    most = max(above, len(table) - above)
    if len(table) >= 4 and most >= 0.75 * len(table):
        side, said = ("above", "low") if above == most else ("below", "high")
        yield f"{most} of {rows_of(len(table))} lie {side} the median: the model was {said}"


def rows_of(count: int) -> str:
    """A count of rows."""
    return f"{count} row" if count == 1 else f"{count} rows"
