"""Public cases: indices beside their exact values, and how often intervals hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from uncertainty.printed.console import console

if TYPE_CHECKING:
    import pandas as pd


def cases_table(found: pd.DataFrame) -> None:
    """Each index of each case: value, interval, exact value, whether it is held."""
    rows = [
        (
            str(row.case),
            str(row.index_),
            str(row.parameter),
            f"{row.value:.5f}",
            f"{row.lower:.5f} to {row.upper:.5f}",
            f"{row.exact:.5f}",
            "yes" if row.covered else "no",
        )
        for row in found.rename(columns={"index": "index_"}).itertuples()
    ]
    out = console()
    out.print(
        table(("case", "index", "parameter", "value", "95% interval", "exact", "covered"), rows)
    )
    held, several = int(found["covered"].sum()), len(found)
    out.print(f"\n{held} of {several} intervals hold the exact value; 95 in 100 should")


def coverage_table(found: pd.DataFrame, seeds: int) -> None:
    """Error, half-width and coverage of each case, beside SALib's where they were computed."""
    other = "salib_rmse" in found
    heads = ["case", "index", "runs", "error", "half-width", "coverage"]
    heads += [*(f"SALib\n{head}" for head in heads[2:6]), "error\nratio", "width\nratio"] * other
    out = console()
    out.print(table(heads, [cells(row, other) for row in found.to_dict("records")]), soft_wrap=True)
    out.print(
        f"\nover {seeds} seeds; error: root mean square over parameters and seeds; "
        "95% intervals should hold the exact value in .95"
    )


def cells(row: dict[Any, Any], other: bool) -> tuple[str, ...]:
    """One row as texts; what SALib has no answer for stays empty."""
    own = (
        str(row["case"]),
        str(row["index"]),
        f"{row['runs']:,}",
        f"{row['rmse']:.2g}",
        f"{row['half_width']:.2g}",
        f"{row['coverage']:.3f}",
    )
    if not other:
        return own
    if row["salib_rmse"] != row["salib_rmse"]:
        return (*own, *[""] * 6)
    theirs = (
        f"{row['salib_runs']:,.0f}",
        f"{row['salib_rmse']:.2g}",
        f"{row['salib_half_width']:.2g}",
        f"{row['salib_coverage']:.3f}",
    )
    ratios = (row["rmse"] / row["salib_rmse"], row["half_width"] / row["salib_half_width"])
    return (*own, *theirs, *(f"{ratio:.2f}" for ratio in ratios))


def table(heads: tuple[str, ...] | list[str], rows: Sequence[tuple[str, ...]]) -> Any:
    """A table whose numbers stand to the right."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    for i, head in enumerate(heads):
        made.add_column(head, justify="left" if i < 2 else "right", no_wrap=True)
    for row in rows:
        made.add_row(*row)
    return made
