"""Steps: what leads from one level to another, as the study's waterfalls have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import xarray as xr

from uncertainty.labels import waterfall_name
from uncertainty.report.blocks import Block, Column, Row, Section, Table
from uncertainty.report.given import Given
from uncertainty.report.words import between, number, sentence, signed, spoken, with_unit

#: A bar: what it is, outcome, place, whether it is a change.
type Bar = tuple[str, str, dict[str, Any], bool]


def steps(given: Given) -> Section | None:
    """One chart with its table a waterfall; a table without a chart stands open."""
    wishes = given.manifest.get("waterfalls")
    if not wishes:
        return None
    blocks: list[Block] = []
    for wish in wishes:
        blocks += given.pictures.figure(waterfall_name(wish), [table(given, wish)])
    return Section("steps", "Step by step", blocks)


def table(given: Given, wish: Mapping[str, Any]) -> Table:
    """Mean and interval of every bar: means add up, ends of intervals do not."""
    found = given.tree["intervals"].to_dataset()
    bars = list(bars_of(given, found, wish))
    total = wish["total"]
    levels = sorted(found["quantile"].values.tolist())
    ends = levels[0], levels[-1]
    mass = f"{100 * round(ends[1] - ends[0], 6):g}% interval"
    columns = [Column("Step", number=False), Column("Mean"), Column(mass)]
    rows = [row(given, found, bar, ends) for bar in bars]
    name = with_unit(sentence(given.name_of(total)), given.unit_of(total))
    return Table([f"{name}, step by step to {wish['year']}; ", given.decides(total)], columns, rows)


def bars_of(given: Given, found: xr.Dataset, wish: Mapping[str, Any]) -> Iterator[Bar]:
    """The bars in their order: start, steps, total."""
    total, start, chosen, year = wish["total"], wish["start"], wish["steps"], wish["year"]
    at = {"year": year}
    first = at if start else {"year": found[total]["year"].values.tolist()[0]}
    opening = start or total
    yield f"{sentence(given.name_of(opening))}, {first['year']}", opening, first, False
    if isinstance(chosen, str):
        (dim,) = (str(d) for d in found[chosen].dims if d not in {"year", "quantile"})
        for place in found[dim].values.tolist():
            yield sentence(spoken(place)), chosen, {**at, dim: place}, True
    else:
        for name in chosen:
            yield sentence(given.name_of(name)), name, at, True
    yield f"{sentence(given.name_of(total))}, {year}", total, at, False


def row(given: Given, found: xr.Dataset, bar: Bar, ends: tuple[float, float]) -> Row:
    """One bar."""
    text, outcome, at, change = bar
    mean = float(given.tree["moments"].to_dataset()[outcome].sel(moment="mean", **at))
    low, high = (float(found[outcome].sel(quantile=q, **at)) for q in ends)
    written = (signed if change else number)(mean, full=True)
    return Row.of(text, written, between(low, high, full=True))
