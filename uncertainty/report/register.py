"""Register: the sources of all parameters, each document once, numbered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uncertainty.ledger import DOCUMENT
from uncertainty.report.anchors import to
from uncertainty.report.blocks import Link, Part
from uncertainty.report.words import told

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Passage:
    """What a document was read for: a quote, its grade and the parameters that rest on it."""

    quote: str
    grade: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A document with its number and passages."""

    number: int
    facts: Mapping[str, str]
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Register:
    """All documents in the order of their numbers."""

    sources: tuple[Source, ...] = ()

    def of(self, parameter: str) -> list[Source]:
        """The documents that a parameter rests on."""
        return [
            source
            for source in self.sources
            if any(parameter in passage.parameters for passage in source.passages)
        ]

    def links(self, parameter: str) -> list[Part]:
        """Their numbers as links; a word where there are none."""
        found = [Link(f"[{s.number}]", to("source", s.number)) for s in self.of(parameter)]
        return spaced(found) if found else ["none"]


def spaced(links: Sequence[Link]) -> list[Part]:
    """Links with a blank between them."""
    parts: list[Part] = []
    for link in links:
        parts += [" ", link] if parts else [link]
    return parts


def register(tree: xr.DataTree, order: Sequence[str]) -> Register:
    """The documents of a result, numbered as `order` of the parameters meets them."""
    documents: dict[tuple[str, ...], dict[tuple[str, str], list[str]]] = {}
    ranks = {name: place for place, name in enumerate(order)}
    rows = sorted(citations(tree), key=lambda row: ranks.get(row["parameter"], len(ranks)))
    for row in rows:
        key = tuple(row[fact] for fact in DOCUMENT)
        passages = documents.setdefault(key, {})
        users = passages.setdefault((row["quote"], row["grade"]), [])
        users += [row["parameter"]] if row["parameter"] not in users else []
    return Register(
        tuple(
            Source(
                place,
                dict(zip(DOCUMENT, key, strict=True)),
                tuple(Passage(*said, tuple(users)) for said, users in passages.items()),
            )
            for place, (key, passages) in enumerate(documents.items(), 1)
        )
    )


def citations(tree: xr.DataTree) -> Iterator[dict[str, str]]:
    """Every citation of every parameter as it is stored."""
    if "sources" not in tree:
        return
    found = tree["sources"].to_dataset()
    columns = {str(name): found[name].values.tolist() for name in found.data_vars}
    for place in range(found.sizes.get("citation", 0)):
        row = {name: told(values[place]) for name, values in columns.items()}
        yield {key: row.get(key, "") for key in ("parameter", *DOCUMENT, "quote", "grade")}
