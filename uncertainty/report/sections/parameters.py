"""The parameters: every uncertain number with what it is, where it stands and who says so."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import xarray as xr

from uncertainty.parameters import owner
from uncertainty.report.anchors import anchor
from uncertainty.report.blocks import (
    Cell,
    Column,
    Mark,
    Part,
    Row,
    Section,
    Table,
)
from uncertainty.report.given import Given
from uncertainty.report.words import between, number, percent, told, within

ENDS = (0.05, 0.5, 0.95)


def parameters(given: Given) -> Section | None:
    """One row a parameter, the most important for the headline first."""
    if "parameters" not in given.tree:
        return None
    table = given.parameters
    columns = [Column("Parameter", number=False), Column("Median"), Column("90% interval")]
    columns += [Column("Unit", number=False)]
    columns += [Column("Share of variance")] if given.shares else []
    columns += [Column("Grade", number=False), Column("Sources", number=False)]
    rows = [row(given, table.isel(parameter=i)) for i in range(table.sizes["parameter"])]
    made = Table([intro(given)], columns, rows, look="parameters")
    return Section("parameters", "The parameters", [made])


def intro(given: Given) -> str:
    """What the rows and the shares are."""
    if not given.shares:
        return "Numbers in brackets are sources."
    years = ", ".join(map(str, given.wish.get("years", [])))
    mean = f" (mean of {years})" if years else ""
    of = within(given.name_of(given.outcome_of("shapley")))
    return f"Shares are of the variance of {of}{mean}. Numbers in brackets are sources."


def row(given: Given, found: xr.Dataset) -> Row:
    """One parameter; beneath it its distribution, its place and its reading."""
    name = str(found["parameter"].item())
    low, middle, high = (float(found["quantiles"].sel(quantile=q)) for q in ENDS)
    facts = {str(key): told(found[key].item()) for key in found.data_vars if found[key].ndim == 0}
    unit = facts.get("unit", "")
    label = facts.get("label") or name
    head: list[Part] = [label] if label == name else [label, " ", Mark(name, "code")]
    cells = [Cell(head), Cell([number(middle, unit)])]
    cells += [Cell(["fixed" if low == high else between(low, high, unit)])]
    cells += [Cell(["" if unit == "1" else unit])]
    share = given.shares.get(owner(name), math.nan)
    cells += [Cell([percent(share, 1)])] if given.shares else []
    cells += [Cell([facts.get("grade", "")]), Cell(given.register.links(owner(name)))]
    return Row(cells, place(name), tuple(detail(facts)))


def place(name: str) -> str:
    """The anchor of a row; the first share of a dirichlet stands for all of it."""
    return anchor("parameter", owner(name) if name.endswith("[0]") else name)


def detail(facts: dict[str, str]) -> Iterator[Sequence[Part]]:
    """Distribution and place, then the reading."""
    line: list[Part] = [facts.get("distribution", "")]
    if facts.get("place"):
        line += [", ", Mark(facts["place"], "code")]
    yield line
    if facts.get("reading"):
        yield [" ".join(facts["reading"].split())]
