"""Findings: what the result tells in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from uncertainty.report.blocks import Item, Items, Link, Paragraph, Part, Section
from uncertainty.report.given import Given
from uncertainty.report.words import sentence
from uncertainty.statements import TAUGHT, TELLERS, Teller, statements


def findings(given: Given) -> Section | None:
    """The findings, but what a fit tells has a section of its own."""
    items = told_items(given, [tell for tell in TELLERS if tell not in TAUGHT])
    if items is None:
        return None
    return Section("findings", "What it says", [items, *rest(given)])


def told_items(given: Given, tellers: Sequence[Teller]) -> Items | None:
    """One item a sentence; what stands back in the text belongs to the sentence before."""
    heads: list[tuple[str, list[Item]]] = []
    for line in statements(given.tree, tellers):
        if line.startswith(" ") and heads:
            heads[-1][1].append(Item([line.strip()]))
        else:
            heads.append((sentence(line), []))
    return Items([Item([text], inner) for text, inner in heads]) if heads else None


def rest(given: Given) -> list[Paragraph]:
    """Where the numbers of the sentences come from."""
    ways = [Link("what decides", "#decides")] if given.explained else []
    ways += [Link("the parameters", "#parameters")] if "parameters" in given.tree else []
    if not ways:
        return []
    last: list[Part] = [" and on ", ways[1]] if len(ways) > 1 else []
    return [Paragraph(["These rest on ", ways[0], *last, "."], small=True)]
