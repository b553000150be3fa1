"""The projection: the fan of the headline's outcome, and every number that it draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.report.blocks import Block, Cell, Column, Link, Part, Row, Section, Table
from uncertainty.report.given import Given
from uncertainty.report.words import between, level_name, number, sentence, told, with_unit

#: The fan of electricity is drawn with the median of this outcome beside it.
BESIDE = {"electricity": "without_levers"}
DATED = {"observations": "Measured and reported", "projections": "Projected by others"}


def projection(given: Given) -> Section | None:
    """The fan with its table, for the outcome of the headline."""
    outcome = given.wish.get("outcome") or given.pictures.fan
    array = given.tree["intervals"].to_dataset().data_vars.get(outcome)
    if array is None or "year" not in array.dims or array.ndim != 2:
        return None
    tables = [quantiles(given, outcome, array), *dated(given, outcome)]
    name = f"{sentence(given.name_of(outcome))} to {array['year'].values.max()}"
    return Section("projection", name, list(given.pictures.figure(f"fan-{outcome}", tables)))


def quantiles(given: Given, outcome: str, array: xr.DataArray) -> Table:
    """Every year with all quantiles, and the Monte Carlo error of the median."""
    found = given.tree["intervals"].to_dataset()
    levels = [float(q) for q in array["quantile"].values]
    heads = ["Year", *map(level_name, levels)]
    extra: list[xr.DataArray] = []
    if 0.5 in levels and f"{outcome}_mcse" in found:
        heads.append("Error of P50 (1 sd)")
        extra.append(found[f"{outcome}_mcse"].sel(quantile=0.5))
    beside = BESIDE.get(outcome, "")
    if beside in found and 0.5 in levels:
        heads.append(f"P50, {given.name_of(beside)}")
        extra.append(found[beside].sel(quantile=0.5))
    rows = [
        Row.of(str(year), *cells(array.sel(year=year)), *cells(*(a.sel(year=year) for a in extra)))
        for year in array["year"].values.tolist()
    ]
    name = with_unit(sentence(given.name_of(outcome)), given.unit_of(outcome))
    columns = [Column(head, number=place > 0) for place, head in enumerate(heads)]
    return Table([f"{name}; ", given.decides(outcome)], columns, rows)


def cells(*arrays: xr.DataArray) -> list[str]:
    """Every number of some arrays."""
    return [number(v, full=True) for array in arrays for v in np.atleast_1d(array.values).tolist()]


def dated(given: Given, outcome: str) -> Iterator[Block]:
    """Observations and projections of an outcome."""
    for group, title in DATED.items():
        rows = [row for row in stored(given.tree, group) if told(row.get("outcome")) == outcome]
        rows = [row for row in rows if told(row.get("kind")) in {"", "level"}]
        if rows:
            columns = [Column("Year", number=False), Column("Value"), Column("Source", False)]
            name = with_unit(title, given.unit_of(outcome))
            yield Table([name], columns, [dated_row(row) for row in rows])


def stored(tree: xr.DataTree, group: str) -> list[Mapping[str, Any]]:
    """The rows of a table that was laid over the projection."""
    if group not in tree:
        return []
    frame = tree[group].to_dataset().to_dataframe()
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def dated_row(row: Mapping[str, Any]) -> Row:
    """One published number, or range, with its source."""
    value, low, high = (float(row.get(key, np.nan)) for key in ("value", "low", "high"))
    text = number(value) if np.isfinite(value) else between(low, high)
    year = row.get("year", np.nan)
    return Row.of(f"{float(year):.0f}" if year == year else "", text, Cell(origin(row)))


def origin(row: Mapping[str, Any]) -> Sequence[Part]:
    """Source, date and address of a published number."""
    source, published, url = (told(row.get(key)) for key in ("source", "published", "url"))
    text = ", ".join(part for part in (source, published) if part)
    return [Link(text or url, url)] if url else [text]
