"""Printed: the tables that the verbs of the command line show."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from uncertainty.headline import Headline, Level

#: Columns of a table that is not printed on a terminal.
PIPED = 120


def console(stderr: bool = False) -> Console:
    """A rich console on standard output or standard error."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPED
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)


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
    for name, entry in entries.items():
        low, high = entry.prior.interval(0.9)
        print(f"{name}: {entry.prior.label}")
        interval = f"{number(low)} to {number(high)} {entry.prior.unit} (90%)"
        print(f"  {interval}, {entry.prior.describe()}, {entry.grade}")
        print(f"  {' '.join(entry.prior.reading.split())}")
        for source in entry.prior.sources:
            facts = [source.get(k) for k in ("title", "publisher", "date", "url")]
            print(f"  - {', '.join(str(f) for f in facts if f)}")
            if source.get("quote"):
                print(f"    “{source['quote']}”")


def number(value: Any) -> str:
    """A number to three or four figures, without an exponent where that can be."""
    import numpy as np

    values = np.atleast_1d(value)
    return ", ".join(f"{v:,.0f}" if 999.5 <= abs(v) < 1e7 else f"{v:.3g}" for v in values)


def report(tree: Any, directory: Path) -> None:
    """The short table, the dominant drivers and where everything lies."""
    from uncertainty.headline import headline

    out, found = console(), headline(tree)
    out.print(f"\n{found.title}", style="bold")
    out.print(
        f"{tree.attrs['model_runs']:,} model runs, seed {tree.attrs['seed']}; "
        "intervals are central credible intervals given this model and these priors\n",
        style="dim",
    )
    if found.levels:
        levels_table(out, found)
    if found.drivers:
        drivers_table(out, found)
    out.print(f"\nresult   {directory}", soft_wrap=True)
    if (Path(directory) / "figures").is_dir():
        out.print(f"charts   {Path(directory) / 'figures'}", soft_wrap=True)


def levels_table(out: Console, found: Headline) -> None:
    """Medians, intervals, margins and chances."""
    from rich.table import Table

    first, margin = found.levels[0], found.wanted.get("margin")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(f"{first.outcome}, {first.unit}" if found.wanted else "outcome")
    headings = ["median", f"{100 * first.mass:g}% interval"]
    headings += [f"margin to {100 * margin:g}%"] if margin else []
    headings += list(first.chances)
    for heading in headings:
        table.add_column(heading, justify="right")
    for level in found.levels:
        table.add_row(*level_cells(level, bool(found.wanted), bool(margin)))
    out.print(table)


def level_cells(level: Level, yearly: bool, margin: bool) -> Iterator[str]:
    """The cells of one row."""
    unit = f" ({level.unit})" if level.unit not in {"", "1"} else ""
    yield level.place if yearly else f"{level.outcome}{unit}"
    yield number(level.median)
    yield f"{number(level.low)} to {number(level.high)}"
    if margin:
        part = f" (+{level.margin / level.median:.0%})" if level.median > 0 else ""
        yield f"+{number(level.margin)}{part}"
    for chance in level.chances.values():
        yield f"in {chance:.0%} of draws"


def drivers_table(out: Console, found: Headline) -> None:
    """The dominant drivers with their share of variance."""
    from rich.table import Table

    out.print(f"\nWhat decides {found.drivers_of}", style="bold", end="")
    out.print(" (share of variance, 95% interval)\n")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("driver")
    table.add_column("alone (S1)", justify="right")
    table.add_column("with interactions (ST)", justify="right")
    for driver in found.drivers:
        table.add_row(
            driver.label,
            share(driver.first, driver.first_interval),
            share(driver.total, driver.total_interval),
        )
    out.print(table)


def share(value: float, ends: tuple[float, float]) -> str:
    """A share of variance with its interval."""
    return f"{value:.1%} ({ends[0]:.1%} to {ends[1]:.1%})"
