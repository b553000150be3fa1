"""The headline: medians, intervals, margins and chances, each leading to what decides it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from uncertainty.headline import Headline, Level, headline
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
    found = headline(given.tree)
    if given.wish:
        return Section("headline", "In short", [wished(given, found), *errors(given)])
    rows = [*(plain(given, level) for level in found.levels), *along(given)]
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


def wished(given: Given, found: Headline) -> Table:
    """The table of the study's headline."""
    first, margin = found.levels[0], found.wanted["margin"]
    heads = ["Median", f"{100 * first.mass:g}% interval", f"Margin, median to {100 * margin:g}%"]
    heads += [sentence(text) for text in first.chances]
    name = with_unit(sentence(given.name_of(first.outcome)), first.unit)
    rows = [wished_row(given, level) for level in found.levels]
    columns = [Column("Year", number=False), *map(Column, heads)]
    return Table(caption(given, name), columns, rows, look="headline")


def wished_row(given: Given, level: Level) -> Row:
    """One year: every number leads to the parameters that decide it."""
    where = given.decider(level.outcome)
    part = f" (+{percent(level.margin / level.median)})" if level.median > 0 else ""
    effects = given.wish.get("effects", {})
    return Row.of(
        level.place,
        Link(number(level.median), where),
        Link(between(level.low, level.high), where),
        Link(f"{signed(level.margin)}{part}", where),
        *(
            Link(f"in {percent(chance)} of draws", given.decider(effects[text]))
            for text, chance in level.chances.items()
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
    said = " and ".join(f"{number(e, figures=2)} for {level_name(q)}" for q, e in at.items())
    unit = given.unit_of(outcome)
    yield Paragraph(
        [f"Monte Carlo error (1 sd, in {unit or 'the same unit'}): at most {said}."], small=True
    )


def plain(given: Given, level: Level) -> Row:
    """The row of an outcome that is one number."""
    where, unit = given.decider(level.outcome), level.unit
    return Row.of(
        with_unit(sentence(given.name_of(level.outcome)), unit),
        Link(number(level.median, unit), where),
        Link(between(level.low, level.high, unit), where),
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
    for i in sorted({0, size // 2, size - 1}):
        cell = array.isel({dim: i})
        place = spoken(cell[dim].item()) if dim in cell.coords else f"{spoken(dim)} {i + 1}"
        low, middle, high = (float(cell.sel(quantile=q)) for q in ends(array))
        yield Row.of(
            with_unit(f"{sentence(given.name_of(name))}, {place}", unit),
            Link(number(middle, unit), where),
            Link(between(low, high, unit), where),
        )


def ends(array: xr.DataArray) -> tuple[float, float, float]:
    """The lowest, the middle and the highest quantile that are stored."""
    found = np.sort(array["quantile"].values)
    return float(found[0]), float(found[len(found) // 2]), float(found[-1])


def mass_of(tree: xr.DataTree) -> float:
    """Probability of the interval between the outermost quantiles."""
    found = np.sort(tree["intervals"].to_dataset()["quantile"].values)
    return round(float(found[-1] - found[0]), 6)
