"""The sources: every document once, with what it says and which parameters rest on it."""

from __future__ import annotations

from collections.abc import Iterator

from uncertainty.report.anchors import anchor
from uncertainty.report.blocks import Entries, Entry, Link, Mark, Paragraph, Part, Section
from uncertainty.report.given import Given
from uncertainty.report.register import Passage, Source
from uncertainty.report.words import sentence


def sources(given: Given) -> Section | None:
    """A numbered list."""
    if not given.register.sources:
        return None
    entries = [entry(given, source) for source in given.register.sources]
    return Section("sources", "The sources", [Entries(entries)])


def entry(given: Given, source: Source) -> Entry:
    """One document with its passages."""
    lines = [*document(source), *(line for p in source.passages for line in passage(given, p))]
    return Entry(anchor("source", source.number), f"[{source.number}]", lines)


def document(source: Source) -> Iterator[Paragraph]:
    """Title, publisher, date; then the address."""
    facts = source.facts
    said = ", ".join(facts[key] for key in ("publisher", "date") if facts[key])
    yield Paragraph([Mark(facts["title"] or "untitled", "strong"), f". {said}" if said else ""])
    if facts["url"]:
        yield Paragraph([Link(facts["url"], facts["url"])])


def passage(given: Given, found: Passage) -> Iterator[Paragraph]:
    """What was read there; then its grade, and for what it was read."""
    if found.quote:
        yield Paragraph([Mark(found.quote, "q")])
    line: list[Part] = [f"{sentence(found.grade)}, for " if found.grade else "For "]
    for place, name in enumerate(found.parameters):
        line += [", "] if place else []
        line += [given.parameter(name)]
    yield Paragraph(line, small=True)
