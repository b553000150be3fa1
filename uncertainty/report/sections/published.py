"""Published projections: where each falls among the draws, and what it would take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from uncertainty.report.blocks import Block, Cell, Column, Paragraph, Row, Section, Table
from uncertainty.report.given import Given
from uncertainty.report.sections.projection import origin, stored
from uncertainty.report.words import number, percent, sentence, told, with_unit
from uncertainty.tables import placements_table

INTRO = (
    "Each published number with the share of draws below it, and the parameters whose values "
    "differ most among the draws that come near it. No probability was attached by its author."
)


def published(given: Given) -> Section | None:
    """One table an outcome with a row a number, and its chart."""
    if "placements" not in given.tree:
        return None
    frame = placements_table(given.tree)
    rows = [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
    blocks: list[Block] = [Paragraph([INTRO])]
    for outcome in dict.fromkeys(told(row["outcome"]) for row in rows):
        own = [row for row in rows if told(row["outcome"]) == outcome]
        blocks.append(table(given, outcome, own))
        if f"placements-{outcome}" in given.pictures.shown:
            blocks += given.pictures.figure(f"placements-{outcome}")
    return Section("published", "What others have published", blocks)


def table(given: Given, outcome: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """The published numbers of one outcome."""
    heads = ["Year", "Published", "Share of draws below", "Error (1 sd)", "Our median"]
    columns = [Column("By", number=False), *map(Column, heads)]
    name = with_unit(sentence(given.name_of(outcome)), given.unit_of(outcome))
    made = [placed(given, row) for row in rows]
    return Table([f"{name}; ", given.decides(outcome)], columns, made, look="parameters")


def placed(given: Given, row: Mapping[str, Any]) -> Row:
    """One number; beneath it its source and to what the draws near it lean."""
    unit, end, year = told(row["unit"]), told(row["end"]), row.get("year")
    which = "" if end == "value" else f" ({end} end)"
    cells = [
        told(row["label"]) or "published",
        f"{float(year):.0f}" if year is not None and year == year else "",
        f"{number(float(row['value']), unit)}{which}",
        percent(float(row["percentile"]), 1),
        percent(float(row["percentile_mcse"]), 1),
        number(float(row["median"]), unit),
    ]
    leaning = f"Draws near it: {told(row['draws_near_it_lean_to'])}"
    detail = [origin({**row, "url": address(given, row)}), [leaning]]
    return Row([Cell.of(cell) for cell in cells], detail=detail)


def address(given: Given, row: Mapping[str, Any]) -> str:
    """The address of a published number, from the table that it came from."""
    same = (found for found in stored(given.tree, "projections") if agrees(found, row))
    return next((told(found.get("url")) for found in same), "")


def agrees(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two rows tell of the same publication."""
    keys = ("outcome", "source", "label")
    return all(told(one.get(key)) == told(other.get(key)) for key in keys)
