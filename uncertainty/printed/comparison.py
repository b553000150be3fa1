"""Two results side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uncertainty.labels import central, middle
from uncertainty.printed.console import console, number

if TYPE_CHECKING:
    from rich.console import Console


def comparison_report(tree: Any, directory: Path) -> None:
    """Intervals, what moved, and where it all lies."""
    out, facts = console(), tree.attrs
    for side in ("a", "b"):
        out.print(f"{side}: {facts[side]}, {facts[f'title_{side}']}", soft_wrap=True)
    out.print()
    intervals_table(out, tree)
    moved_table(out, tree)
    out.print(f"\nresult   {directory}", soft_wrap=True)
    out.print(f"chart    {Path(directory) / 'figures' / 'comparison.png'}", soft_wrap=True)


def intervals_table(out: Console, tree: Any) -> None:
    """Median and interval of both in each year."""
    from rich.table import Table

    value = tree["intervals"]["value"]
    first, last = central(value["quantile"].values.tolist())
    mass = f"{100 * (last - first):g}% interval"
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(f"{tree.attrs['outcome']}, {tree.attrs['units']}")
    for heading in ("a", mass, "b", mass):
        table.add_column(heading, justify="right")
    for year in value["year"].values:
        cells = [str(year)]
        for side in ("a", "b"):
            row = value.sel(side=side, year=year)
            low, high = (number(row.sel(quantile=q)) for q in (first, last))
            cells += [number(row.sel(quantile=0.5)), f"{low} to {high}"]
        table.add_row(*cells)
    out.print(table)


def moved_table(out: Console, tree: Any) -> None:
    """What each prior moves, the largest first."""
    from rich.table import Table

    note = tree.attrs.get("note")
    if note:
        out.print(f"\n{note}", soft_wrap=True)
    if "moved" not in tree:
        return
    found = tree["moved"].to_dataset()
    year = middle(found["year"].values.tolist())
    largest = abs(found["shift"].sel(year=year)).max("quantile")
    shift = found.sel(year=year).sortby(largest, ascending=False)
    units = tree.attrs["units"]
    out.print(f"\nWhat moved {tree.attrs['outcome']} in {year}, {units}", style="bold")
    out.print("one prior at a time takes b's place in a\n", style="dim")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("parameter", "P5", "median", "P95"):
        table.add_column(heading, justify="left" if heading == "parameter" else "right")
    for name in shift["parameter"].values:
        row = shift.sel(parameter=name)
        table.add_row(str(row["label"].item()), *signed(row["shift"]))
    total = found["all"].sel(year=year)
    table.add_row("all together", *signed(total))
    table.add_row(
        "of which interplay", *signed(total - found["shift"].sel(year=year).sum("parameter"))
    )
    out.print(table)


def signed(values: Any) -> Iterator[str]:
    """Changes of the quantiles with their sign."""
    for value in values.values:
        yield f"{'+' if value > 0 else ''}{number(value)}"
