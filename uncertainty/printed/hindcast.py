"""A hindcast: what was said of each later observation, what came, and how good that was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uncertainty.printed.console import console, number

if TYPE_CHECKING:
    from rich.console import Console

#: How growth and shares are named behind the outcome.
KINDS = {"level": "", "growth": ", growth", "share": ", share"}


def hindcast_report(tree: Any, directory: Path | None = None) -> None:
    """Each later observation beside what was predicted, then coverage and skill in words."""
    out, facts = console(), tree.attrs
    out.print(f"\n{facts['study_title']}", style="bold")
    out.print(f"fitted to what was known up to {facts['fit_to']}, scored to {facts['until']}\n")
    for note in json.loads(facts["notes"]):
        out.print(note, style="dim", soft_wrap=True)
    out.print()
    scores_table(out, tree)
    out.print()
    coverage_table(out, tree)
    out.print("\nWhat it says\n", style="bold")
    for line in json.loads(facts["words"]):
        out.print(line, soft_wrap=True)
    if directory is not None:
        out.print(f"\nresult   {directory}", soft_wrap=True)


def scores_table(out: Console, tree: Any) -> None:
    """One line a later observation."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column("observed later")
    for heading in ("year", "observed", "median", "90% interval", "held", "walk's 90%", "ratio"):
        made.add_column(heading, justify="right")
    for row in tree["scores"].to_dataset().to_dataframe().to_dict("records"):
        made.add_row(*cells(row))
    out.print(made)
    out.print(
        "\nthe interval is of the observation: of the outcome, its source's bias and its error; "
        "ratio: CRPS of logs over the random walk's, below 1 is better",
        style="dim",
        soft_wrap=True,
    )


def cells(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """One line as texts; what the walk says nothing of stays empty."""
    where = f" ({row['place']})" if row["place"] else ""
    walked = row["walk_low_90"] == row["walk_low_90"]
    return (
        f"{row['outcome']}{where}{KINDS[str(row['kind'])]}: {row['label']}",
        f"{row['year']:.0f}",
        f"{number(row['observed'])}{unit(row)}",
        number(row["median"]),
        f"{number(row['low_90'])} to {number(row['high_90'])}",
        held(row["inside_90"], row["pit"]),
        f"{number(row['walk_low_90'])} to {number(row['walk_high_90'])}" if walked else "",
        f"{row['ratio']:.2f}" if row["ratio"] == row["ratio"] else "",
    )


def unit(row: Mapping[Any, Any]) -> str:
    """The unit behind a number; none behind a pure one."""
    return "" if row["unit"] in {"1", ""} else f" {row['unit']}"


def held(inside: float, pit: float) -> str:
    """Whether the interval held what came, else on which side it lies."""
    if inside == 1:
        return "yes"
    return "no, above" if pit > 0.5 else "no, below"


def coverage_table(out: Console, tree: Any) -> None:
    """How many later observations the intervals of fit, prior and walk held."""
    from rich.table import Table

    frame = tree["coverage"].to_dataset().to_dataframe()
    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column("later observations held by")
    masses = list(dict.fromkeys(frame["mass"]))
    for mass in masses:
        made.add_column(f"{100 * mass:g}% interval", justify="right")
    names = {"model": "this fit", "prior": "the prior alone", "walk": "the random walk"}
    for who, rows in frame.groupby("who", sort=False):
        counts = rows.set_index("mass").loc[masses]
        texts = [f"{row['inside']:.0f} of {row['rows']:.0f}" for _, row in counts.iterrows()]
        made.add_row(names[str(who)], *texts)
    out.print(made)
