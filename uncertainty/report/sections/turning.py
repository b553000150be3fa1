"""The turning year: how likely the turn has come by each year."""

from __future__ import annotations

from uncertainty.report.blocks import Column, Row, Section, Table
from uncertainty.report.given import Given
from uncertainty.report.words import percent, sentence


def turning(given: Given) -> Section | None:
    """The chart with its table, year by year."""
    outcome = given.wish.get("turning")
    if not outcome:
        return None
    blocks = given.pictures.figure(f"turning-{outcome}", [table(given, outcome)])
    return Section("turning", "When it turns", list(blocks))


def table(given: Given, outcome: str) -> Table:
    """Share of draws that have turned by the end of each year, and the rest."""
    found = given.tree["exceedance"].to_dataset()
    above = found[outcome]
    years = above[f"{outcome}_threshold"].values.tolist()
    by_then = [1.0 - share for share in above.values.tolist()]
    errors = found[f"{outcome}_mcse"].values.tolist() if f"{outcome}_mcse" in found else None
    rows = []
    before = 0.0
    for place, (year, share) in enumerate(zip(years, by_then, strict=True)):
        more = [percent(errors[place], 2)] if errors else []
        rows.append(Row.of(f"{year:.0f}", percent(share - before, 1), percent(share, 1), *more))
        before = share
    blank = [""] if errors else []
    rows.append(Row.of(f"not by {years[-1]:.0f}", percent(1.0 - before, 1), "", *blank))
    columns = [Column("Year", number=False), Column("In that year"), Column("By that year")]
    columns += [Column("Error (1 sd)")] if errors else []
    name = sentence(given.name_of(outcome))
    return Table([f"{name}, share of draws; ", given.decides(outcome)], columns, rows)
