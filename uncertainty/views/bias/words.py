"""The words around the bias: how far apart the sources are."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from uncertainty.views.bias.table import REFERENCE, Bias
from uncertainty.views.drawing import select
from uncertainty.views.drawing.numbers import number
from uncertainty.views.drawing.words import counted

HEADINGS = {
    "level": "Levels",
    "growth": "Growth: the factor is of the ratio to the year before",
    "share": "Shares: the factor is of the odds",
}


def title(found: Bias) -> str:
    """Say from what to what the sources differ."""
    free = found.free
    free = free[free["kind"] == "level"] if (free["kind"] == "level").any() else free
    factors = free["factor"]
    if factors.empty:
        return f"{found.name}: no source has a bias of its own"
    low, high = (number(float(end), digits=2) for end in (factors.min(), factors.max()))
    if len(factors) == 1:
        return f"{found.name}: the one source with a bias publishes {high} times what is counted"
    return f"{found.name}: sources publish {low} to {high} times what the model counts"


def subtitle(result: xr.DataTree) -> str:
    """Say what is drawn."""
    line = "Factor of each source: its number over what the model counts; 90% intervals; log axis"
    return select.headed(result, line)


def notes(found: Bias) -> list[str]:
    """Say what a factor is."""
    texts = [
        "A factor above 1: the source counts more than the model does, such as sites or uses that "
        "lie outside the model's boundary. It is one number for all rows of a source, and no error "
        "of a single row."
    ]
    if (found.table["role"] == REFERENCE).any():
        texts.append("Reference: a source that is taken to count what the model counts.")
    else:
        texts.append(
            "No source is a reference, so that a bias which all share cannot be told from the "
            "model's own level."
        )
    return texts


def below(row: pd.Series) -> str:
    """Say of how many rows a source is, and how it is cited."""
    cited = "" if row["cited"] in {"", row["source"]} else f": {row['cited']}"
    return f"{counted(int(row['rows']), 'row')}{cited}"


def interval(row: pd.Series) -> str:
    """Write the interval of a factor."""
    if row["role"] == REFERENCE:
        return REFERENCE
    return f"{number(row['low'])} to {number(row['high'])}"


def spoken(found: Bias) -> str:
    """Say the factor of each source, in words."""
    said = (
        f"{row['source']}, {row['kind']}, {counted(int(row['rows']), 'row')}: "
        f"{number(row['factor'])}, {interval(row)}"
        for _, row in found.table.iterrows()
    )
    return "; ".join(said) + "."
