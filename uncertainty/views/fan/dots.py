"""What a fan draws beside the result: the rows of observations and projections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views.drawing import select
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.fan import words
from uncertainty.views.fan.assemble import SERIES
from uncertainty.views.fan.fitted import fitted_rows, without_bias
from uncertainty.views.fan.observed import with_whiskers
from uncertainty.views.fan.selection import Selection

NUMBERS = ("value", "low", "high", "error", "relative_error", "vintage_sd")
TEXTS = ("unit", "source", "label", "published", "note")


def dots_of(result: xr.DataTree, group: str, chosen: Selection) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of one group that can be drawn, and notes on those that cannot."""
    frame = _rows(result, group, chosen.whole, chosen.outcome)
    frame, lost = _placed(frame, chosen.whole, chosen.at)
    notes = []
    if lost:
        dims = ", ".join(str(dim) for dim in chosen.whole.dims if dim not in {"quantile", "year"})
        notes.append(f"Not shown: {lost} {group} that do not say to which {dims} they belong.")
    empty = ~np.isfinite(frame[["value", "low", "high"]]).any(axis=1)
    if empty.any():
        notes.append(f"Not shown: {int(empty.sum())} {group} without a number.")
    frame = frame[~empty]
    if chosen.along is not None:
        late = frame[chosen.along].astype(float) > max(chosen.places)
        notes += words.on_late(frame[late], group, chosen.along, Scale.of([], chosen.unit))
        frame = frame[~late]
    if group != "observations":
        frame = frame.assign(error=np.nan, relative_error=np.nan)
    else:
        frame = without_bias(result, frame)
    return with_whiskers(frame).assign(series=SERIES[group]).reset_index(drop=True), notes


def _rows(result: xr.DataTree, group: str, array: xr.DataArray, outcome: str) -> pd.DataFrame:
    """Return the rows of `/observations` or `/projections` for one outcome; none is no fault.

    Without `/observations` they are the rows of `/observed_data`, those that were fitted.

    Returns
    -------
    pandas.DataFrame
        Columns outcome, year, value, low, high, error, relative_error, unit, source, label,
        published, note, and any further ones as stored; texts are never missing, numbers may be
        NaN.

    Raises
    ------
    ResultError
        When a row is in another unit than the outcome: a view converts nothing.
    """
    unit = select.unit_of(array)
    if group in result.children and "outcome" in result.children[group].data_vars:
        frame = result.children[group].to_dataset().to_dataframe().reset_index(drop=True)
    elif group == "observations" and "observed_data" in result.children:
        frame = fitted_rows(result, array)
    else:
        frame = pd.DataFrame({"outcome": [], "year": []})
    frame = frame[frame["outcome"].astype(str) == outcome].reset_index(drop=True)
    frame = _complete(frame)
    foreign = sorted(set(frame["unit"]) - ({unit, ""} | ({"1"} if unit == "" else set())))
    if foreign:
        found, own = ", ".join(foreign), f"in {unit}" if unit else "states no unit"
        raise ResultError(f"'/{group}' rows of '{outcome}' are in {found}, the outcome {own}")
    return frame


def _complete(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = {name: frame[name].astype(float) if name in frame else np.nan for name in NUMBERS}
    texts = {name: frame[name].map(select.text) if name in frame else "" for name in TEXTS}
    return frame.assign(**numbers, **texts).astype(dict.fromkeys(TEXTS, object))


def _placed(
    frame: pd.DataFrame, array: xr.DataArray, at: Mapping[str, Any] | None
) -> tuple[pd.DataFrame, int]:
    """Keep the rows that belong to a selection; count those that do not say where they belong.

    A row belongs where its columns named like the dims of the outcome agree with `at`; an outcome
    without dims but year takes every row. `array` is the outcome before the selection.
    """
    needed = [str(dim) for dim in array.dims if dim != "quantile"]
    if any(dim not in frame for dim in needed):
        return frame.iloc[:0], len(frame)
    wanted = {dim: value for dim, value in (at or {}).items() if dim in needed}
    keep = np.ones(len(frame), dtype=bool)
    for dim, value in wanted.items():
        keep &= frame[dim].map(str).to_numpy() == str(value)
    return frame[keep].reset_index(drop=True), 0
