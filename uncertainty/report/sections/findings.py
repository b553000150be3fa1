"""Findings: what the result tells in sentences."""

from __future__ import annotations

from uncertainty.report.blocks import Item, Items, Link, Paragraph, Part, Section
from uncertainty.report.given import Given
from uncertainty.report.words import sentence
from uncertainty.statements import statements


def findings(given: Given) -> Section | None:
    """One item a sentence; what stands back in the text belongs to the sentence before."""
    heads: list[tuple[str, list[Item]]] = []
    for line in statements(given.tree):
        if line.startswith(" ") and heads:
            heads[-1][1].append(Item([line.strip()]))
        else:
            heads.append((sentence(line), []))
    if not heads:
        return None
    items = Items([Item([text], inner) for text, inner in heads])
    return Section("findings", "What it says", [items, *rest(given)])


def rest(given: Given) -> list[Paragraph]:
    """Where the numbers of the sentences come from."""
    ways = [Link("what decides", "#decides")] if given.explained else []
    ways += [Link("the parameters", "#parameters")] if "parameters" in given.tree else []
    if not ways:
        return []
    last: list[Part] = [" and on ", ways[1]] if len(ways) > 1 else []
    return [Paragraph(["These rest on ", ways[0], *last, "."], small=True)]
