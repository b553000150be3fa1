"""What ships with the package, and the numbers of a catalogue."""

from __future__ import annotations

from typing import Any

from uncertainty.printed.console import console, number


def shelf_table(kind: str) -> None:
    """Names and titles of what ships with the package."""
    from rich.table import Table

    from uncertainty import files

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("name", no_wrap=True)
    table.add_column("title")
    for name, path in files.shelved(kind).items():
        table.add_row(name, files.read_document(path).data["title"])
    console().print(table)


def priors_table(entries: dict[str, Any]) -> None:
    """One line a parameter."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    right = {"median", "90% interval"}
    for heading in ("parameter", "median", "90% interval", "unit", "family", "grade", "source"):
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for name, entry in entries.items():
        low, high = entry.prior.interval(0.9)
        table.add_row(
            name,
            number(entry.prior.interval(1e-9)[0]),
            f"{number(low)} to {number(high)}",
            entry.prior.unit,
            entry.prior.family,
            entry.grade,
            ", ".join(
                dict.fromkeys(str(s.get("publisher") or s["title"]) for s in entry.prior.sources)
            ),
        )
    console().print(table)


def sources_list(entries: dict[str, Any]) -> None:
    """Each parameter with its reading, quotes and sources in full."""
    from uncertainty.ledger import citation

    for name, entry in entries.items():
        low, high = entry.prior.interval(0.9)
        print(f"{name}: {entry.prior.label}")
        interval = f"{number(low)} to {number(high)} {entry.prior.unit} (90%)"
        print(f"  {interval}, {entry.prior.describe()}, {entry.grade}")
        print(f"  {' '.join(entry.prior.reading.split())}")
        for source in entry.prior.sources:
            print(f"  - {citation(source)}")
            if source.get("quote"):
                print(f"    “{source['quote']}”")
