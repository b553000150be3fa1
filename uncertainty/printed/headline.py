"""The short table of a result, its drivers and findings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uncertainty.printed.console import console, number

if TYPE_CHECKING:
    from rich.console import Console

    from uncertainty.headline import Headline, Level, Part


def report(tree: Any, directory: Path) -> None:
    """The short table, the dominant drivers and where everything lies."""
    from uncertainty.headline import headline
    from uncertainty.labels import is_calibrated, posterior_side

    out, found = console(), headline(tree)
    out.print(f"\n{found.title}", style="bold")
    out.print(
        f"{tree.attrs['model_runs']:,} model runs, seed {tree.attrs['seed']}; "
        "intervals are central credible intervals given this model and these priors\n",
        style="dim",
    )
    if is_calibrated(tree) and found.wanted:
        out.print("after the observations\n", style="bold")
        levels_table(out, headline(posterior_side(tree)))
        out.print("\nbefore them, from the priors alone\n", style="bold")
    if found.levels:
        levels_table(out, found)
    if found.drivers:
        drivers_table(out, found)
    findings(out, tree)
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
    for heading in found.drivers[0].parts:
        table.add_column(heading, justify="right")
    for driver in found.drivers:
        table.add_row(driver.label, *map(share, driver.parts.values()))
    out.print(table)


def share(part: Part) -> str:
    """A share of variance with its interval."""
    return f"{part.value:.1%} ({part.low:.1%} to {part.high:.1%})"


def findings(out: Console, tree: Any) -> None:
    """What the result tells in sentences."""
    from uncertainty.statements import statements

    lines = list(statements(tree))
    if lines:
        out.print("\nWhat else it says\n", style="bold")
    for line in lines:
        out.print(line, soft_wrap=True)
