"""The words around the placements: how many published figures our distribution holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.views.drawing import select
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.scope import draws_text
from uncertainty.views.drawing.shares import share_text
from uncertainty.views.drawing.words import counted
from uncertainty.views.placements.table import DOWN, MOST, TOO_FEW, UP, Placements

INNER, OUTER = (0.25, 0.75), (0.05, 0.95)


def reaches(rows: pd.DataFrame) -> bool:
    """Tell whether a figure, or a part of its range, lies within the middle 90% of the draws."""
    share = rows["percentile"]
    return bool(share.max() >= OUTER[0] and share.min() <= OUTER[1])


def title(found: Placements) -> str:
    """Count the figures within the middle 90% of the draws."""
    figures = [rows for rows in found.figures if np.isfinite(rows["percentile"]).any()]
    within = [rows for rows in figures if reaches(rows)]
    part = any(not rows["percentile"].between(*OUTER).all() for rows in within)
    tail = ", wholly or in part" if part else ""
    where = "the middle 90% of our draws"
    if len(figures) == 1:
        return f"{found.name}: the published figure {_lies(figures[0])} {where}{tail}"
    count = {len(figures): f"all {len(figures)}", 0: f"none of {len(figures)}"}
    said = count.get(len(within), f"{len(within)} of {len(figures)}")
    return f"{found.name}: {said} published figures lie within {where}{tail}"


def _lies(rows: pd.DataFrame) -> str:
    if reaches(rows):
        return "lies within"
    return "lies above" if rows["percentile"].min() > OUTER[1] else "lies below"


def subtitle(result: xr.DataTree) -> str:
    """Say what is drawn and from how many draws."""
    attrs = result.children["intervals"].attrs if "intervals" in result.children else {}
    line = f"Share of our draws below each published figure; {draws_text(attrs)}"
    return select.headed(result, f"{line}; whiskers: 95% interval of the Monte Carlo error")


def notes(found: Placements) -> list[str]:
    """Say what a mark means, what the arrows mean, and what is missing."""
    texts = [
        "A mark at 50% is at our median. The share is ours: no author attached a probability to a "
        "figure, and a figure may count somewhat other things than the outcome does."
    ]
    asked = found.table["needs"]
    if asked.str.contains(f"{UP}|{DOWN}").any():
        texts.append(
            f"Among the draws {found.near}, {UP} higher and {DOWN} lower than over all draws: at "
            f"most {MOST} parameters, by how far their mean rank is from one half, if that is more "
            "than 3 standard errors."
        )
    if (asked == TOO_FEW).any():
        texts.append(f"Too few: fewer than {found.least} draws lie {found.near}.")
    blank = int((~np.isfinite(found.table["percentile"])).sum())
    if blank:
        texts.append(f"Without a share: {counted(blank, 'number', ('is', 'are'))} not drawn.")
    return texts


def figure_text(rows: pd.DataFrame, scale: Scale) -> str:
    """Write the number or the range of one figure with its unit."""
    low, high = rows["value"].min(), rows["value"].max()
    return scale.full(low) if low == high else f"{scale.text(low)} to {scale.full(high)}"


def dated(rows: pd.DataFrame, found: Placements) -> str:
    """Say of a figure for which year and place it is, its size, and when it was published."""
    first = rows.iloc[0]
    year = [f"{first['year']:g}"] if np.isfinite(first["year"]) else []
    places = [select.words(first[dim]) for dim in found.dims if first[dim]]
    where = ", ".join(year + places)
    size = figure_text(rows, Scale.of(rows["value"], str(first["unit"])))
    when = f"published {first['published']}" if first["published"] else "undated"
    return f"{where}: {size}, {when}" if where else f"{size}, {when}"


def spoken(found: Placements) -> str:
    """Say where each figure lies, in words."""
    said = (
        f"{rows['label'].iloc[0]}, {dated(rows, found)}: "
        + " to ".join(share_text(share) for share in rows["percentile"])
        for rows in found.figures
    )
    return "; ".join(said) + "."
