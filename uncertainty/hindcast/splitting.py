"""Splitting: what was known up to a year, and what came after."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uncertainty.errors import EvidenceError

if TYPE_CHECKING:
    import pandas as pd

#: The year at the start of a text such as 2025-04.
YEAR = re.compile(r"\s*(\d{4})(?!\d)")


@dataclass(frozen=True)
class Split:
    """Rows known up to a year and rows scored after it.

    Attributes
    ----------
    fit_to, until : int
        Last year that is fitted, last year that is scored.
    as_published : bool
        Whether a row counts as known only once it was published.
    known, scored : pandas.DataFrame
        As in `Observed.table`.
    left_out : {reason: rows}
    """

    fit_to: int
    until: int
    as_published: bool
    known: pd.DataFrame
    scored: pd.DataFrame
    left_out: Mapping[str, int]

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        fit_to: int,
        *,
        until: int | None = None,
        as_published: bool = False,
    ) -> Split:
        """Cut a table of `Observed` behind a year.

        Raises
        ------
        EvidenceError
            When no row lies up to the year, or none after it.
        """
        years = table["year"].astype(int)
        span = spanned(table)
        if until is not None and until <= fit_to:
            msg = f"until {until}: must come after {fit_to}, up to which is fitted"
            raise EvidenceError(msg)
        last = until if until is not None else max([fit_to, *years.tolist()])
        later = table[(years > fit_to) & (years <= last)]
        earlier = table[years <= fit_to]
        known, left_out = published_by(earlier, fit_to) if as_published else (earlier, {})
        if known.empty:
            how = " and published by then" if as_published and len(earlier) else ""
            msg = f"fit to {fit_to}: no observation is of that year or before{how}; {span}"
            raise EvidenceError(msg)
        if later.empty:
            to = "" if until is None else f" and up to {until}"
            msg = f"fit to {fit_to}: no observation after that year{to} to score; {span}"
            raise EvidenceError(msg)
        beyond = int((years > last).sum())
        left_out |= {f"observed after {last}": beyond} if beyond else {}
        return cls(fit_to, last, as_published, known, later, left_out)


def spanned(table: pd.DataFrame) -> str:
    """What there is, in words: how many rows of which years."""
    if table.empty:
        return "there are no observations with a year that the model has"
    first, last = int(table["year"].min()), int(table["year"].max())
    return f"there are {len(table)} observations, of {first} to {last}"


def published_by(table: pd.DataFrame, year: int) -> tuple[pd.DataFrame, dict[str, int]]:
    """Rows published up to a year, and how many were not, or do not say when."""
    dates = table["published"].map(published_year).astype(float)
    unknown, late = int(dates.isna().sum()), int((dates > year).sum())
    reasons = {f"published after {year}": late, "publication year unknown": unknown}
    return table[dates <= year], {reason: n for reason, n in reasons.items() if n}


def published_year(text: Any) -> float:
    """The year of a text such as 2025-04, NaN if there is none."""
    found = YEAR.match(str(text))
    return float(found[1]) if found else float("nan")
