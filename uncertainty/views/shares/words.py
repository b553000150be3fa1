"""The words around the shares: what each index says, and which parameters share information."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.views.drawing import select
from uncertainty.views.drawing.scope import runs_text, whiskers_text
from uncertainty.views.drawing.words import counted
from uncertainty.views.shares.marks import HEADS, two
from uncertainty.views.shares.table import ACTS, INDICES, INFORMS, leading

MEANS = {
    "Sh": "Shapley: its fair share of the variance",
    "closed": "closed: variance that goes if it is known",
    "total": "total: variance left if all others are known",
}


def title(result: xr.DataTree, node: xr.Dataset, outcome: str, at: Mapping[str, Any] | None) -> str:
    """Name the outcome and the place, and ask the question."""
    dims = [str(dim) for dim in node["closed"].dims if dim != "parameter"]
    others = {dim: value for dim, value in (at or {}).items() if dim != "year"}
    where = f" ({select.chosen(others)})" if others else ""
    when = f" in {at['year']}" if at and "year" in at else ""
    if dims and not at:
        when = f", {' and '.join(f'all {dim}s' for dim in dims)} together"
    name = select.long_name(result, node, outcome)
    return f"{name}{where}{when}: what decides it, with dependent parameters"


def subtitle(result: xr.DataTree, node: xr.Dataset, table: pd.DataFrame) -> str:
    """Say which indices, from how many runs, and with which intervals."""
    kinds = {"Sh": "Shapley effects, closed", "closed": "Closed"}[leading(table)]
    line = f"{kinds} and total indices{runs_text(node.attrs)}{whiskers_text(node.attrs)}"
    return select.headed(result, line)


def notes(table: pd.DataFrame) -> list[str]:
    """Say how to read the two indices against each other, and what is not there."""
    texts = [
        f"{INFORMS.capitalize()}: knowing the parameter also tells of others that it depends on, "
        f"so that closed is above total. {ACTS.capitalize()}: total is above closed, since it "
        "works through interactions. Either is written where their intervals are apart. Only "
        "Shapley effects sum to one."
    ]
    if leading(table) != "Sh":
        texts.append("No Shapley effects are stored for this; parameters are ranked by closed.")
    undefined = int((~np.isfinite(table[leading(table)])).sum())
    if undefined:
        texts.append(f"{counted(undefined, 'parameter')} without a finite index.")
    return texts


def spoken(table: pd.DataFrame) -> str:
    """Say the indices of the ranked parameters, in words."""
    found = [index for index in INDICES if index in table]
    rows = select.records(table[table["drawn"] & table["rank"].notna()])
    said = "; ".join(
        f"{row['label']} " + ", ".join(f"{HEADS[i]} {two(row[i])}" for i in found) for row in rows
    )
    return f"{said}." if rows else "No parameter has an interval above zero."
