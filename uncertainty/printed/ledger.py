"""On what a number rests, down to the sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from uncertainty.printed.console import console

if TYPE_CHECKING:
    from rich.console import Console

    from uncertainty.traced import Cause, Share, Trace

#: Shares below this are counted, not shown.
LEAST = 0.005
#: What each view of the ledger tells apart.
VIEWS = {
    "grade": "grade, as the number is used",
    "evidence": "best evidence behind the number",
    "source": "source",
}


def ledger_report(trace: Trace) -> None:
    """Shares of variance by grade, evidence and source, then parameters with their sources."""
    out = console()
    where = "".join(f", {dim} {value}" for dim, value in trace.at.items())
    out.print(f"What the variance of {trace.outcome}{where} rests on", style="bold")
    if not trace.causes:
        out.print("\nit does not vary there", soft_wrap=True)
        return
    for view, shares in trace.views.items():
        out.print(f"\nby {VIEWS[view]}", style="bold")
        shares_lines(out, shares)
    out.print("\nparameters, largest share first", style="bold")
    for cause in trace.causes:
        cause_lines(out, cause)


def cause_lines(out: Console, cause: Cause) -> None:
    """A parameter with its share, its reading and its sources."""
    from uncertainty.ledger import citation

    facts, unit = cause.facts, "" if cause.facts["unit"] == "1" else f" {cause.facts['unit']}"
    lines = [
        f"\n{percent(cause.share)}  {cause.share.key}: {facts['label']}",
        f"  {facts['distribution']}{unit}, {facts['grade']}, {facts['place']}",
    ]
    lines += [f"  {' '.join(facts['reading'].split())}"] if facts["reading"] else []
    for source in cause.sources:
        lines.append(f"  - {citation(source)}")
        lines += [f"    \u201c{source['quote']}\u201d"] if source.get("quote") else []
    for line in lines:
        out.print(line, soft_wrap=True)


def shares_lines(out: Console, shares: Sequence[Share]) -> None:
    """One line a key, those with next to nothing counted."""
    kept = [share for share in shares if abs(share.value) >= LEAST]
    for share in kept:
        out.print(f"  {percent(share)}  {share.key}", soft_wrap=True)
    if few := len(shares) - len(kept):
        out.print(f"  and {few} more below {LEAST:.1%}")


def percent(share: Share) -> str:
    """A share with its interval."""
    value, low, high = (round(x, 3) + 0.0 for x in (share.value, share.low, share.high))
    return f"{value:6.1%} ({low:.1%} to {high:.1%})"
