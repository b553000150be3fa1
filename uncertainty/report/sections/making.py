"""How it was made: seed, design, runs, versions, hashes and the command."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from uncertainty.report.blocks import Mark, Paragraph, Part, Section, Terms
from uncertainty.report.given import Given
from uncertainty.report.words import told

#: Facts of the manifest that are texts: key, what it is called.
TEXTS = {"study": "Study", "model": "Model", "run": "Run", "command": "Command", "commit": "Commit"}
#: Facts that are hashes: of one thing, or of several by name.
HASHES = {
    "study_sha256": "Study file",
    "catalogues_sha256": "Catalogue",
    "tables_sha256": "Table",
    "code_sha256": "Code of the model",
}


def making(given: Given) -> Section:
    """What it takes to make the same numbers again."""
    facts = given.facts
    rows = [*texts(facts), *design(given, facts), *hashes(facts), *versions(facts)]
    text = "The same study, run with the same versions, gives the same numbers to the last bit."
    return Section("making", "How it was made", [Paragraph([text]), Terms(rows)])


def texts(facts: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Part]]]:
    """Facts that are texts."""
    for key, name in TEXTS.items():
        if told(facts.get(key)):
            yield name, [Mark(told(facts[key]), "code")]


def design(given: Given, facts: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Part]]]:
    """Seed, design and number of runs."""
    if "seed" in facts:
        yield "Seed", [str(int(facts["seed"]))]
    wish = facts.get("design")
    row = wish if isinstance(wish, Mapping) else {**facts, "kind": wish}
    if {"kind", "size", "replicates"} <= {key for key, value in row.items() if value is not None}:
        size, replicates = int(row["size"]), int(row["replicates"])
        text = f"{row['kind']}, {replicates} replicates of {size:,} draws"
        yield "Design", [text]
    if "model_runs" in facts:
        yield "Model runs", [f"{int(facts['model_runs']):,}"]
    attrs = given.tree["intervals"].attrs
    if "interval_kind" in attrs:
        kind = {"eti": "central (equal tails)"}.get(str(attrs["interval_kind"]), "")
        yield "Intervals", [kind or str(attrs["interval_kind"])]


def hashes(facts: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Part]]]:
    """SHA-256 of what went in."""
    for key, name in HASHES.items():
        found = facts.get(key)
        rows = found.items() if isinstance(found, Mapping) else [("", found)]
        for file, value in rows:
            if value:
                title = f"{name} {file}".strip()
                yield f"{title}, SHA-256", [Mark(str(value), "code")]


def versions(facts: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Part]]]:
    """Versions of Python and the packages."""
    found = facts.get("versions", {})
    known = json.loads(found) if isinstance(found, str) else found
    if known:
        yield "Versions", [", ".join(f"{name} {known[name]}" for name in sorted(known))]
