"""The headline: medians, intervals, margins and chances, each leading to what decides it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from uncertainty.headline import Level, level, scalars
from uncertainty.labels import is_calibrated, posterior_side
from uncertainty.report.blocks import Block, Column, Link, Paragraph, Part, Row, Section, Table
from uncertainty.report.given import Given
from uncertainty.report.words import (
    between,
    level_name,
    number,
    percent,
    sentence,
    signed,
    spoken,
    with_unit,
)


def levels(given: Given) -> Section | None:
    """The short table that the study asked for, or intervals of every outcome."""
    if given.wish:
        return Section("headline", "In short", [*tables(given), *errors(given)])
    if 0.5 not in given.tree["intervals"].to_dataset()["quantile"].values:
        return None
    rows = [*(plain(given, row) for row in scalars(given.tree)), *along(given)]
    if not rows:
        return None
    mass = f"{100 * mass_of(given.tree):g}% interval"
    columns = [Column("Outcome", number=False), Column("Median"), Column(mass)]
    return Section("headline", "In short", [Table(caption(given, "Outcomes"), columns, rows)])


def caption(given: Given, text: str) -> list[Part]:
    """A caption that leads to all parameters, where they are known."""
    if "parameters" not in given.tree:
        return [text]
    count = given.parameters.sizes["parameter"]
    return [f"{text}. ", Link(f"All {count} parameters with their sources", "#parameters")]


def tables(given: Given) -> Iterator[Block]:
    """The study's headline; of a calibrated result first after, then before the observations."""
    if not is_calibrated(given.tree):
        yield wished(given, given.tree, "")
        return
    yield wished(given, posterior_side(given.tree), ", after the observations")
    yield wished(given, given.tree, ", before them, from the priors alone")


def wished(given: Given, tree: xr.DataTree, when: str) -> Table:
    """The table of the study's headline from one side of a fit."""
    wish, margin = given.wish, given.wish["margin"]
    found = [level(tree, wish["outcome"], year, wish) for year in wish["years"]]
    first = found[0]
    heads = ["Median", f"{100 * first.mass:g}% interval", f"Margin, median to {100 * margin:g}%"]
    heads += [sentence(text) for text in first.chances]
    name = with_unit(sentence(given.name_of(first.outcome)), first.unit)
    rows = [wished_row(given, row) for row in found]
    columns = [Column("Year", number=False), *map(Column, heads)]
    return Table(caption(given, name + when), columns, rows, look="headline")


def wished_row(given: Given, row: Level) -> Row:
    """One year: every number leads to the parameters that decide it."""
    where = given.decider(row.outcome)
    part = f" (+{percent(row.margin / row.median)})" if row.median > 0 else ""
    effects = given.wish.get("effects", {})
    return Row.of(
        row.place,
        Link(number(row.median), where),
        Link(between(row.low, row.high), where),
        Link(f"{signed(row.margin)}{part}", where),
        *(
            Link(f"in {percent(chance)} of draws", given.decider(effects[text]))
            for text, chance in row.chances.items()
        ),
    )


def errors(given: Given) -> Iterator[Block]:
    """How far the numbers of the table may be off by chance."""
    outcome, years = given.wish["outcome"], given.wish["years"]
    found = given.tree["intervals"].to_dataset()
    if f"{outcome}_mcse" not in found:
        return
    error = found[f"{outcome}_mcse"].sel(year=years)
    at = {q: float(error.sel(quantile=q).max()) for q in (0.5, given.wish["margin"])}
    said = " and ".join(
        f"{number(e, full=True, figures=2)} for {level_name(q)}" for q, e in at.items()
    )
    unit = given.unit_of(outcome)
    yield Paragraph(
        [f"Monte Carlo error (1 sd, in {unit or 'the same unit'}): at most {said}."], small=True
    )


def plain(given: Given, row: Level) -> Row:
    """The row of an outcome that is one number."""
    where, unit = given.decider(row.outcome), row.unit
    return Row.of(
        with_unit(sentence(given.name_of(row.outcome)), unit),
        Link(number(row.median, unit), where),
        Link(between(row.low, row.high, unit), where),
    )


def along(given: Given) -> Iterator[Row]:
    """Rows of outcomes with one dim: its first, middle and last place."""
    for name, array in given.tree["intervals"].to_dataset().data_vars.items():
        dims = [str(dim) for dim in array.dims if dim != "quantile"]
        if len(dims) == 1 and len(array.dims) == 2 and not str(name).endswith("_mcse"):
            yield from places(given, str(name), array, dims[0])


def places(given: Given, name: str, array: xr.DataArray, dim: str) -> Iterator[Row]:
    """One row a place."""
    size, unit, where = array.sizes[dim], given.unit_of(name), given.decider(name)
    ends = np.sort(array["quantile"].values)
    for i in sorted({0, size // 2, size - 1}):
        cell = array.isel({dim: i})
        place = spoken(cell[dim].item()) if dim in cell.coords else f"{spoken(dim)} {i + 1}"
        low, middle, high = (float(cell.sel(quantile=q)) for q in (ends[0], 0.5, ends[-1]))
        yield Row.of(
            with_unit(f"{sentence(given.name_of(name))}, {place}", unit),
            Link(number(middle, unit), where),
            Link(between(low, high, unit), where),
        )


def mass_of(tree: xr.DataTree) -> float:
    """Probability of the interval between the outermost quantiles."""
    found = np.sort(tree["intervals"].to_dataset()["quantile"].values)
    return round(float(found[-1] - found[0]), 6)
