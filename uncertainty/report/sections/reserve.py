"""What to reserve, where and when: upper quantiles of the outcomes that the study names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import xarray as xr

from uncertainty.report.blocks import Block, Column, Heading, Row, Section, Table
from uncertainty.report.given import Given
from uncertainty.report.words import (
    level_name,
    number,
    percent,
    sentence,
    signed,
    spoken,
    with_unit,
)


def reserve(given: Given) -> Section | None:
    """One table an outcome: the headline's years and the last one, at every place."""
    wish = given.manifest.get("margins")
    if not wish:
        return None
    found = given.tree["intervals"].to_dataset()
    blocks = [
        block
        for outcome in wish["outcomes"]
        for block in part(given, outcome, found[outcome], wish["levels"])
    ]
    return Section("reserve", "What to reserve, where and when", blocks)


def part(
    given: Given, outcome: str, array: xr.DataArray, levels: Sequence[float]
) -> Iterator[Block]:
    """Heading, table and chart of one outcome."""
    yield Heading(sentence(given.name_of(outcome)))
    years = years_of(given, array)
    yield table(given, outcome, array, levels, years)
    every = array["year"].values.tolist() if "year" in array.dims else []
    folded = [table(given, outcome, array, levels, every)] if set(every) - set(years) else []
    yield from (
        block
        for block in given.pictures.figure(f"margins-{outcome}", folded)
        if block.kind == "figure"
    )


def years_of(given: Given, array: xr.DataArray) -> list[int]:
    """The headline's years and the last one."""
    if "year" not in array.dims:
        return []
    every = array["year"].values.tolist()
    return sorted({*given.years(every), every[-1]})


def table(
    given: Given,
    outcome: str,
    array: xr.DataArray,
    levels: Sequence[float],
    years: Sequence[int],
) -> Table:
    """Quantiles by place and year, and the margin of the highest over the median."""
    dims = [str(dim) for dim in array.dims if dim not in {"quantile", "year"}]
    heads = [*map(level_name, levels), f"{level_name(levels[-1])} over P50"]
    texts = [*map(spoken, dims), *(["year"] if years else [])]
    columns = [Column(sentence(text), number=False) for text in texts] + [*map(Column, heads)]
    rows = [
        Row.of(*map(spoken, at.values()), *cells(array.sel(at), levels))
        for at in places(array, dims, years)
    ]
    name = with_unit("Quantiles", given.unit_of(outcome))
    return Table([f"{name}; ", given.decides(outcome)], columns, rows)


def places(
    array: xr.DataArray, dims: Sequence[str], years: Sequence[int]
) -> Iterator[dict[str, Any]]:
    """Every place, its years together."""
    known = [array[dim].values.tolist() for dim in dims] + ([list(years)] if years else [])
    keys = [*dims, *(["year"] if years else [])]
    for values in product(*known):
        yield dict(zip(keys, values, strict=True))


def cells(array: xr.DataArray, levels: Sequence[float]) -> Iterator[str]:
    """The quantiles of one place and year, and the margin."""
    values = [float(array.sel(quantile=level)) for level in levels]
    yield from (number(value, full=True) for value in values)
    middle, margin = values[0], values[-1] - values[0]
    text = signed(margin, full=True)
    yield f"{text} (+{percent(margin / middle)})" if middle > 0 else text
