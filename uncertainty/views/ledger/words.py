"""The words around a ledger: what the uncertainty rests on, in one sentence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from uncertainty.labels import NO_SOURCE
from uncertainty.views.drawing import select
from uncertainty.views.drawing.scope import runs_text, whiskers_text
from uncertainty.views.drawing.shares import share_text
from uncertainty.views.drawing.words import counted
from uncertainty.views.ledger.grades import JUDGED
from uncertainty.views.ledger.table import Ledger

FOUND = ("measurement", "model")
HOW = {
    "grade": "by the grade of each number as used here",
    "evidence": "by the grade of the best source that sets the centre of each number",
    "source": "by the publisher behind each number",
}
READ = {
    "grade": "A grade belongs to a number as it is used here and names its weakest link: "
    "measured only where the source gives both the centre and the width of its range.",
    "evidence": "The grade is that of the best source that sets a number's centre, sources for "
    "context left out; how wide its range was read may rest on judgement all the same.",
    "source": "A publisher's share is that of the numbers taken from it, in equal parts where a "
    "number has several publishers; how its range was read may rest on judgement all the same.",
}
MEANING = (
    "A number's share is its part of the variance, with what it does only together with others "
    "split evenly among them (Shapley effect)."
)


def title(ledger: Ledger) -> str:
    """State the finding, for the selected place or the year in focus, beside the first year."""
    rows = _rows(ledger).clip(0.0, 1.0)
    year = ledger.focus if ledger.focus in rows.index else rows.index[-1]
    when = f" in {year}" if ledger.over_years else _at_year(ledger)
    place = list(rows.index).index(year)
    main, tail = FINDINGS[ledger.by](rows.iloc[place])
    before = ""
    first = FINDINGS[ledger.by](rows.iloc[0])[0]
    if ledger.by != "source" and first != main:
        before = f" ({rows.index[0]}: {first})"
    others = {dim: value for dim, value in ledger.at.items() if dim != "year"}
    where = f" ({select.chosen(others)})" if others else ""
    main = main.replace(">", "more than ").replace("<", "less than ")
    return f"{ledger.name}{where}{when}: {main} {tail}{before}"


def _rows(ledger: Ledger) -> pd.DataFrame:
    """Return the shares, one row for each year that has any, or a single one."""
    names = [str(name) for name in ledger.shares[ledger.by].values]
    values = ledger.shares.to_numpy().reshape(-1, len(names))
    years = ledger.shares["year"].values if ledger.over_years else [0]
    return pd.DataFrame(values, index=years, columns=names).dropna()


def _at_year(ledger: Ledger) -> str:
    return f" in {ledger.at['year']}" if "year" in ledger.at else ""


def _of_grades(shares: pd.Series[float]) -> tuple[str, str]:
    judged = sum(shares.get(name, 0.0) for name in JUDGED)
    return share_text(min(judged, 1.0)), "of its variance rests on judgement or assumption"


def _of_evidence(shares: pd.Series[float]) -> tuple[str, str]:
    found = sum(float(shares.get(name, 0.0)) for name in FOUND)
    return (
        share_text(min(found, 1.0)),
        "of its variance comes from numbers whose centre a measurement or a model sets",
    )


def _of_sources(shares: pd.Series[float]) -> tuple[str, str]:
    named = shares.drop(index=NO_SOURCE, errors="ignore")
    bare = share_text(float(shares.get(NO_SOURCE, 0.0)))
    if named.empty:
        return bare, "of its variance comes from numbers without a source"
    most = share_text(float(named.max()))
    return most, (
        f"of its variance comes from numbers by {named.idxmax()}, "
        f"the most of any publisher; {bare} has no source"
    )


FINDINGS: dict[str, Callable[[pd.Series[float]], tuple[str, str]]] = {
    "grade": _of_grades,
    "evidence": _of_evidence,
    "source": _of_sources,
}


def subtitle(ledger: Ledger) -> str:
    """Say what the shares are, from how many runs, and with which intervals."""
    attrs = {"interval_prob": 0.95} | dict(ledger.attrs)
    ends = "" if ledger.over_years or ledger.interval is None else whiskers_text(attrs)
    return f"Shares of the variance (Shapley effects), {HOW[ledger.by]}{runs_text(attrs)}{ends}"


def notes(ledger: Ledger, table: pd.DataFrame) -> list[str]:
    """Say what a share means, and what of the table is noise or not to be seen."""
    found = [f"{MEANING} {READ[ledger.by]}"]
    if ledger.by == "source" and "drawn" in table and _touches(table).any():
        found.append("Grey: the interval touches zero, so that the order says little.")
    below = table[table["share"] < 0]
    if (below["share"] < -0.005).any():
        least = f"{below['share'].min():.3f}".replace("-", "−")
        count = counted(len(below), "share", ("is", "are"))
        found.append(f"{count} below zero, of {len(table)}: noise of the estimate (least {least}).")
    return found


def _touches(table: pd.DataFrame) -> pd.Series[bool]:
    return table["drawn"] & (table["share_lower"] <= 0) & (table["source"] != NO_SOURCE)


def spoken(ledger: Ledger, table: pd.DataFrame) -> str:
    """List the shares in words, of the last year that has any."""
    rows = table[np.isfinite(table["share"])]
    rows = rows[rows["drawn"]] if "drawn" in rows else rows[rows["year"] == rows["year"].max()]
    when = f"{rows['year'].iloc[0]}: " if ledger.over_years else ""
    names = zip(rows[ledger.by], rows["share"], strict=True)
    return f"{when}{'; '.join(f'{name} {share_text(share)}' for name, share in names)}."
