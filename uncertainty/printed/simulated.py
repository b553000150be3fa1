"""Simulated ranks: how far each quantity's are from uniform, and whether that is chance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uncertainty.printed.console import console
from uncertainty.printed.progress import say

if TYPE_CHECKING:
    from rich.console import Console

#: Of the words that tell how far simulations are, so many are said.
SAID = 10
#: Quantities that are listed; all that are outside are, however many.
LINES = 20


def simulated_report(found: Any, directory: Path | None = None) -> None:
    """Each quantity's largest difference beside its band, then what is to be said of it."""
    out, facts = console(), found.attrs
    title = facts.get("study_title")
    if title:
        out.print(f"\n{title}", style="bold")
    out.print(
        f"{found.sizes['simulation']} simulations of {facts['rows']} observed rows; each true "
        f"value ranked among {facts['most']} draws\n",
        soft_wrap=True,
    )
    ranks_table(out, found)
    out.print(
        f"\ndifference: share of ranks below a place, less what it should be; all bands together "
        f"hold in {100 * facts['level']:g}% of cases when all is right",
        style="dim",
        soft_wrap=True,
    )
    out.print("\nWhat it says\n", style="bold")
    for line in json.loads(facts["words"]):
        out.print(line, soft_wrap=True)
    if directory is not None:
        out.print(f"\nresult   {directory}", soft_wrap=True)


def ranks_table(out: Console, found: Any) -> None:
    """One line a quantity, those outside first, then by their largest difference."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column("quantity")
    for heading in ("largest difference", "at", "band there", "places outside", "uniform"):
        made.add_column(heading, justify="right", no_wrap=True)
    rows = found.drop_dims("simulation").to_dataframe().to_dict("records")
    rows.sort(key=lambda row: (row["uniform"], -abs(row["difference"])))
    shown = max(LINES, sum(not row["uniform"] for row in rows))
    for row in rows[:shown]:
        made.add_row(*cells(row), style=None if row["uniform"] else "bold")
    out.print(made)
    if rows[shown:]:
        out.print(f"and {len(rows) - shown} more with smaller differences, none of them outside")


def cells(row: dict[Any, Any]) -> tuple[str, ...]:
    """One line as texts."""
    return (
        str(row["label"]),
        f"{100 * row['difference']:+.1f}%",
        f"{100 * row['place']:.0f}%",
        f"{100 * row['low']:+.1f}% to {100 * row['high']:+.1f}%",
        f"{100 * row['outside']:.0f}%",
        "could be" if row["uniform"] else "no",
    )


def simulated_steps(quiet: bool) -> Callable[[str], None]:
    """What is said while simulations go on: every step, of the simulations a tenth."""

    def tell(words: str) -> None:
        kind, _, rest = words.partition(" ")
        done, _, count = rest.partition(" of ")
        if quiet or (kind == "simulation" and int(done) % max(int(count) // SAID, 1)):
            return
        say(words)

    return tell
