"""The words around the check: how many rows lie within what is predicted for them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.views.check.table import MOST, OUTSIDE, Check, column, name_of
from uncertainty.views.drawing import select
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.shares import percent
from uncertainty.views.drawing.words import counted, sentence

DAGGER = "†"
KINDS = {"level": "", "growth": "growth on the year before", "share": "share"}


def title(found: Check) -> str:
    """Count the rows inside the widest interval, beside what is expected."""
    rows = len(found.table)
    inside = rows - int((found.table["verdict"] == OUTSIDE).sum())
    expected = found.outer * rows
    few = counted(rows, "fitted row")
    return (
        f"{inside} of {few} lie within their {percent(found.outer)} interval; "
        f"about {expected:.0f} are expected"
    )


def subtitle(result: xr.DataTree, found: Check) -> str:
    """Say what is drawn."""
    masses = " and ".join(percent(mass) for mass in sorted(found.bands.masses))
    line = f"Bars: {masses} intervals of what the fit predicts for a row, its source's bias and "
    return select.headed(result, f"{line}error included; marks: what was published")


def notes(found: Check) -> list[str]:
    """Say how it is read, and what is marked."""
    texts = [
        "The rows were fitted, so that they lie a little closer than rows that the model has not "
        "seen: this finds misfit, and is no proof of good forecasts."
    ]
    hidden = int((~found.table["drawn"]).sum())
    if hidden:
        texts.append(f"Of {len(found.table)} rows the {MOST} farthest out are drawn.")
    untold = found.table[found.table["untold"]]
    if len(untold):
        texts.append(
            f"{DAGGER} Pareto k above {found.good_k:.2g} ({counted(len(untold), 'row')}): the row "
            "decides much of the fit by itself, so that the draws cannot tell how the other rows "
            "would predict it."
        )
    if "elpd_loo" in found.attrs:
        error = f" ± {float(found.attrs['se']):.1f}" if "se" in found.attrs else ""
        texts.append(
            f"Each row predicted from the others: log density {float(found.attrs['elpd_loo']):.1f}"
            f"{error} in all (PSIS-LOO).".replace("-", "−").replace("PSIS−LOO", "PSIS-LOO")
        )
    return texts


def heading(result: xr.DataTree, rows: pd.DataFrame) -> str:
    """Name the outcome, the kind and the unit of a group."""
    first = rows.iloc[0]
    kind = KINDS.get(first["kind"], str(first["kind"]))
    name = sentence(name_of(result, str(first["outcome"])))
    return f"{name}, {kind}" if kind else name


def scale_of(rows: pd.DataFrame, found: Check) -> Scale:
    """Choose how the numbers of a group are written; growth has no unit."""
    names = ["value", *(column(p) for p in found.bands.probabilities)]
    unit = str(rows["unit"].iloc[0]) if rows["kind"].iloc[0] == "level" else "1"
    return Scale.of(rows[names].to_numpy().ravel(), unit)


def axis(scale: Scale, *, zero: bool) -> str:
    """Say what an axis measures, and that it does not begin at zero."""
    return " ".join(t for t in (scale.suffix, "" if zero else "(does not begin at zero)") if t)


def named(row: pd.Series) -> str:
    """Name a row by its label and place."""
    return ", ".join(text for text in (str(row["label"]), select.words(row["place"])) if text)


def interval(row: pd.Series, found: Check, scale: Scale) -> str:
    """Write the widest interval that is predicted."""
    low, high = (float(row[column(p)]) for p in found.bands.pairs[0])
    return f"{scale.text(low)} to {scale.text(high)}"


def spoken(found: Check) -> str:
    """Say every row, in words."""
    said = []
    for rows in found.groups:
        scale = scale_of(rows, found)
        for _, row in rows.iterrows():
            year = f" {row['year']:g}" if np.isfinite(row["year"]) else ""
            said.append(
                f"{named(row)}{year}: {scale.full(row['value'])}, {row['verdict']} "
                f"{interval(row, found, scale)}"
            )
    return "; ".join(said) + "."
