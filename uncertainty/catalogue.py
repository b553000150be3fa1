"""Catalogue: a file of priors, each number with unit, source, quote, reading and grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from uncertainty.documents import Document
from uncertainty.errors import UncertaintyError
from uncertainty.prior import Prior
from uncertainty.schema import CatalogueRow, ParameterRow, PriorRow, extras, read
from uncertainty.units import check_unit


@dataclass(frozen=True)
class Entry:
    """One parameter as a catalogue gives it.

    Attributes
    ----------
    name : str
    prior : Prior
    grade : str
        How well the number as used is founded: its weakest link.
    catalogue : str
        Name of the file without its ending.
    place : str
        File and line, such as ``priors/article.toml:12``.
    replaces : Entry or None
        The entry of an earlier catalogue that this one overrides.
    """

    name: str
    prior: Prior
    grade: str
    catalogue: str
    place: str = ""
    replaces: Entry | None = field(default=None, repr=False, compare=False)

    @property
    def sources(self) -> tuple[Mapping[str, Any], ...]:
        """Where the number comes from."""
        return self.prior.sources


@dataclass(frozen=True)
class Catalogue:
    """A file of priors."""

    name: str
    title: str
    description: str
    entries: Mapping[str, Entry]


def read_catalogue(document: Document) -> tuple[Catalogue | None, list[str]]:
    """A catalogue, or all faults of its file."""
    row, faults = read(document, CatalogueRow)
    rows = document.data.get("parameters")
    if row is None:
        return None, faults + (read_entries(document, rows)[1] if isinstance(rows, dict) else [])
    entries, faults = read_entries(document, row.parameters)
    return Catalogue(document.path.stem, row.title, row.description, entries), faults


def read_entries(document: Document, rows: Mapping[str, Any]) -> tuple[dict[str, Entry], list[str]]:
    """The entries of a document that make sense, and the faults of the others."""
    entries: dict[str, Entry] = {}
    faults: list[str] = []
    for name, data in rows.items():
        row, found = read(document, ParameterRow, data, ["parameters", name])
        faults += found
        if row is None:
            continue
        try:
            key = "unit"
            check_unit(row.unit)
            key = "prior"
            place = document.place(["parameters", name])
            entries[name] = Entry(name, as_prior(row), row.grade, document.path.stem, place)
        except UncertaintyError as error:
            faults.append(f"{document.where(['parameters', name, key])}: {error}")
    return entries, faults


def as_prior(row: ParameterRow) -> Prior:
    """The prior of a row, whichever way it was given."""
    described = {
        "unit": row.unit,
        "label": row.label,
        "group": row.group,
        "reading": row.reading,
        "sources": tuple(source.model_dump(exclude_none=True) for source in row.sources),
    }
    return elicited(row.prior, described)


def elicited(row: PriorRow, described: Mapping[str, Any]) -> Prior:
    """From an interval, from quantiles, or from parameters; never from two of them."""
    given = [name for name in ("interval", "quantiles") if getattr(row, name) is not None]
    own = dict(extras(row))
    if len(given) + bool(own) != 1:
        found = [*given, *own]
        msg = (
            "a prior is given by its interval, by its quantiles or by its parameters; "
            f"found {', '.join(found) if found else 'none of them'}"
        )
        raise UncertaintyError(msg)
    shape: dict[str, Any] = {"family": row.family, "support": row.support, **described}
    if row.interval is not None:
        mass = 0.90 if row.mass is None else row.mass
        return Prior.from_interval(*row.interval, mass=mass, mode=row.mode, **shape)
    if row.mass is not None:
        msg = f"mass belongs to an interval; found {row.mass} with {given or list(own)}"
        raise UncertaintyError(msg)
    if row.quantiles is not None:
        return Prior.from_quantiles(levels(row.quantiles), mode=row.mode, **shape)
    mode: dict[str, Any] = {} if row.mode is None else {"mode": row.mode}
    return Prior(**shape, **own, **mode)


def levels(quantiles: Mapping[str, float]) -> dict[float, float]:
    """Quantiles by probability; TOML keys are texts."""
    try:
        return {float(p): value for p, value in quantiles.items()}
    except ValueError:
        msg = f'quantiles are given by probability, such as "0.05"; found {list(quantiles)}'
        raise UncertaintyError(msg) from None


def merged(catalogues: Iterable[Mapping[str, Entry]]) -> dict[str, Entry]:
    """Entries of several catalogues; a later one overrides an earlier one."""
    entries: dict[str, Entry] = {}
    for catalogue in catalogues:
        entries |= {n: replace(e, replaces=entries.get(n)) for n, e in catalogue.items()}
    return entries
