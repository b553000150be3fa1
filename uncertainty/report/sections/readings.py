"""Other readings: how far the interval moves when a range is read in another way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.labels import EVERY
from uncertainty.report.blocks import (
    Block,
    Cell,
    Column,
    Folded,
    Mark,
    Paragraph,
    Row,
    Section,
    Table,
)
from uncertainty.report.given import Given
from uncertainty.report.words import change, level_name, percent, sentence, spoken, told, within


def readings(given: Given) -> Section | None:
    """All ranges together, then the parameters whose reading matters, then the rest."""
    found = given.tree["readings"].to_dataset() if "readings" in given.tree else None
    if found is None or not found.sizes.get("case"):
        return None
    limit, size = float(found.attrs["limit"]), largest(found)
    every = found["parameter"].values == EVERY
    order = [i for i in np.argsort(-size, kind="stable").tolist() if not every[i]]
    moved, rest = ([i for i in order if (size[i] > limit) == beyond] for beyond in (True, False))
    blocks: list[Block] = [Paragraph([intro(given, found, limit)])]
    if every.any():
        alike = "All ranges read in the same way at once"
        blocks.append(table(given, found, np.flatnonzero(every).tolist(), alike))
        blocks += chances(given, found.isel(case=np.flatnonzero(every)))
    if moved:
        single = f"One range at a time: those that move an end by more than {limit:.0%}"
        blocks.append(table(given, found, moved, single))
    blocks += [*given.pictures.figure("readings"), *others(given, found, rest)]
    return Section("readings", "If the ranges are read in another way", blocks)


def others(given: Given, found: xr.Dataset, which: Sequence[int]) -> list[Block]:
    """The readings that do not matter, or that cannot be told."""
    if not which:
        return []
    untold = int((~found["told"].astype(bool)).sum())
    text = f"The other {len(which)} readings{f', {untold} of them untold' if untold else ''}"
    return [Folded(text, [table(given, found, which, "The other readings")])]


def largest(found: xr.Dataset) -> np.ndarray:
    """Largest relative change of an end of the interval beyond its error (2 sd), by case."""
    ends = found["quantile"].values[[0, -1]]
    shift, error = (
        found[name].sel(quantile=ends).transpose("case", ...).values
        for name in ("shift", "shift_mcse")
    )
    clear = np.abs(shift) - 2.0 * np.nan_to_num(error)
    return np.nan_to_num(clear.reshape(len(clear), -1), nan=0.0).max(axis=1)


def intro(given: Given, found: xr.Dataset, limit: float) -> str:
    """What is shown."""
    outcome = within(given.name_of(found.attrs["outcome"]))
    return (
        "A source gives a range; how it became a distribution is a reading. The columns say by "
        f"how much quantiles of {outcome} change when it is read in another way. A change of an "
        f"end of the interval by less than {limit:.0%} beyond its own error is taken not to matter."
    )


def table(given: Given, found: xr.Dataset, which: Sequence[int], title: str) -> Table:
    """Some cases."""
    heads = list(places(found))
    columns = [Column("Parameter, and how its range is read", False)]
    columns += [Column(text) for text, _ in heads]
    rows = [row(given, found.isel(case=i), [at for _, at in heads]) for i in which]
    return Table([title], columns, rows, look="readings")


def chances(given: Given, cases: xr.Dataset) -> list[Block]:
    """How often the headline's effects are below zero when all ranges are read alike."""
    if not cases.sizes.get("effect"):
        return []
    headings = {name: text for text, name in given.wish.get("effects", {}).items()}
    heads = list(effects(cases))
    texts = [f"{sentence(headings.get(name, spoken(name)))}, {year}" for name, year in heads]
    columns = [Column("How all ranges are read", False), *map(Column, texts)]
    rows = [Row.of("As here", *below(cases["base_chance"], heads))]
    rows += [
        Row.of(sentence(told(case["reading"].item())), *below(case["chance"], heads))
        for case in (cases.isel(case=i) for i in range(cases.sizes["case"]))
    ]
    return [Table(["Share of draws"], columns, rows, look="readings")]


def effects(cases: xr.Dataset) -> Iterator[tuple[str, Any]]:
    """Every effect at every place."""
    (dim,) = (str(dim) for dim in cases["base_chance"].dims if dim != "effect")
    for name in cases["effect"].values.tolist():
        for place in cases[dim].values.tolist():
            yield name, place


def below(shares: xr.DataArray, heads: Sequence[tuple[str, Any]]) -> list[str]:
    """The share of draws with each effect below zero."""
    (dim,) = (str(dim) for dim in shares.dims if dim != "effect")
    return [percent(float(shares.sel({"effect": name, dim: at}))) for name, at in heads]


def row(given: Given, case: xr.Dataset, places: Sequence[dict[str, Any]]) -> Row:
    """One case."""
    name, reading = told(case["parameter"].item()), told(case["reading"].item())
    if name == EVERY:
        return Row.of(sentence(reading), *(shift(case, at) for at in places))
    head = Cell([given.parameter(name), " ", Mark(reading, "small")])
    return Row.of(head, *(shift(case, at) for at in places))


def places(found: xr.Dataset) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every column: a quantile, of the middle place in full and of the others at its ends."""
    dims = [str(dim) for dim in found["shift"].dims if dim not in {"case", "quantile"}]
    where = found[dims[0]].values.tolist() if dims else [None]
    for place in where:
        for q in found["quantile"].values.tolist():
            text = level_name(q) if place is None else f"{level_name(q)}, {spoken(place)}"
            yield text, {"quantile": q, **({dims[0]: place} if dims else {})}


def shift(case: xr.Dataset, at: dict[str, Any]) -> str:
    """One change with its sign; a dash where it cannot be told."""
    if not bool(case["told"]):
        return "untold"
    return change(float(case["shift"].sel(at)))
