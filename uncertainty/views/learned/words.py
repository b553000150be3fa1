"""The words around what was learned: which parameters the data reached, and what they said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.views.drawing import select
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.shares import percent, share_text
from uncertainty.views.drawing.words import counted, few
from uncertainty.views.learned.table import STRUCTURE, Learned

NAMED, FEW = 8, 4
LEARNED, SOME = "learned", "a little"


def title(found: Learned) -> str:
    """Say of how many parameters much was learned, and of which most."""
    table = found.parameters
    table = table[table["verdict"] != STRUCTURE]
    every, many = counted(len(table), "parameter"), int((table["verdict"] == LEARNED).sum())
    some = int((table["verdict"] == SOME).sum())
    if many:
        first = table[table["verdict"] == LEARNED].iloc[0]["label"]
        little = f" and a little on {some}" if some else ""
        return f"The observations say much on {many} of {every}{little}, most on “{first}”"
    if some:
        return f"The observations say a little on {some} of {every}, and much on none"
    return f"The observations leave each of {every} as it was"


def subtitle(result: xr.DataTree, found: Learned) -> str:
    """Say what is drawn."""
    attrs = result["calibration/intervals"].attrs if "intervals" in result["calibration"] else {}
    draws = f"{int(attrs['draws']):,} draws of the posterior; " if "draws" in attrs else ""
    low, high = found.ends
    return select.headed(
        result,
        f"{draws}each parameter on the scale of its own prior: the share of the prior below a "
        f"value; lines and bars: {percent(round(high - low, 9))} and 50% intervals",
    )


def notes(found: Learned) -> list[str]:
    """Say how it is read, and what has no line."""
    low, high = found.ends
    texts = [
        f"Grey: the prior, which always reaches from {percent(low)} to {percent(high)}. Blue: the "
        "posterior; dot: its median, filled where much was learned. Where the bar fills the grey "
        "line, the data say nothing; off the middle, the prior was too high or too low.",
        "Variance gone: 1 − (sd after ÷ sd before)². It tells of one parameter alone: data may "
        "settle a sum or a product of parameters and leave each as it was. Below zero the range "
        "grew.",
    ]
    if len(found.hidden):
        names = few(list(found.hidden["label"]), NAMED)
        texts.append(f"{counted(len(found.hidden), 'parameter')} without a line: {names}.")
    return texts


def before_after(rows: pd.DataFrame, ends: tuple[float, float]) -> str:
    """Write the interval of a parameter before and after the fit, or the shares of a choice."""
    if rows["shares"].iloc[0]:
        return str(rows["shares"].iloc[0])
    sides = [rows.set_index("quantile")[side] for side in ("prior", "posterior")]
    scale = Scale.of([value for side in sides for value in side], str(rows["unit"].iloc[0]))
    before, after = (
        f"{scale.text(side[ends[0]])} to {scale.text(side[ends[1]])}" for side in sides
    )
    return scale.with_unit(f"{before}  →  {after}")


def gone(row: Mapping[Any, Any] | pd.Series) -> str:
    """Write the part of the variance that is gone; a choice has none."""
    contraction = float(row["contraction"])
    return share_text(contraction) if np.isfinite(contraction) else ""


def _gone(row: pd.Series) -> str:
    return f", {gone(row)} of the variance gone" if gone(row) else ""


def unreached(found: Learned) -> tuple[str, str]:
    """Return the count of parameters that the data do not reach, and their names."""
    names = list(found.unreached["label"])
    return f"{counted(len(names), 'parameter')} that the data do not reach", few(names, FEW)


def spoken(found: Learned) -> str:
    """Say the numbers of each line, in words."""
    said = [
        f"{rows['label'].iloc[0]}: {rows['verdict'].iloc[0]}{_gone(rows.iloc[0])}, "
        f"{before_after(rows, found.ends).replace('  →  ', ' became ').replace(' → ', ' became ')}"
        for rows in found.drawn
    ]
    if len(found.unreached):
        said.append(": ".join(unreached(found)))
    return "; ".join(said) + "."
