"""A fan before and after a fit, side by side on one axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from uncertainty.errors import ResultError
from uncertainty.labels import middle_year, posterior_side, prior_side
from uncertainty.narrowing import Narrowing, narrowing
from uncertainty.views.drawing import select
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.shares import percent, share_text
from uncertainty.views.drawing.style import styled
from uncertainty.views.drawing.words import sentence
from uncertainty.views.fan import words
from uncertainty.views.fan.chart import draw_fan
from uncertainty.views.fan.fitted import fitted_rows, without_bias
from uncertainty.views.fan.ranges import draw_range_rows
from uncertainty.views.fan.table import FanTable, fan_table

PRIOR = "Before: the priors alone"
POSTERIOR = "After: the priors and the observations"
HEIGHT = 3.1  # of a panel, inches


def calibrated_fan_chart(
    result: xr.DataTree,
    outcome: str,
    *,
    at: Mapping[str, Any] | None = None,
    title: str | None = None,
) -> tuple[Figure, pd.DataFrame]:
    """Draw the credible bands of an outcome before a fit (left) and after it (right).

    Both panels have the same axes and the same observations; at the right a hollow mark shows
    where the fit puts an observation without the bias of its source.

    Parameters
    ----------
    result : xarray.DataTree
        A calibrated one; uses `/observations` where there are any, else `/observed_data`.
    outcome : str
        Name of the outcome.
    at : mapping, optional
        Exact coordinates of other dims, such as ``{"region": "hub"}``.
    title : str, optional
        Instead of the quantity and how much it narrowed.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        As `fan_chart` returns it, with a column side, and corrected: the value without the bias of
        its source.

    Raises
    ------
    ResultError
        When the result is not calibrated, or lacks what is asked for.
    """
    found = _narrowed(result, outcome, at)
    tree = both_sides(result, outcome, at)
    along = any(dim == "year" for dim in select.intervals(tree, outcome).dims)
    fan = fan_table(
        tree,
        outcome,
        at=None,
        facet="side" if along else None,
        groups=["observations"],
        counterfactual=None,
        title=title or _title(tree, outcome, at, found),
    )
    fan = _with_note(fan, found)
    with styled():
        figure = draw_fan(fan, HEIGHT) if fan.along else draw_range_rows(fan)
    return figure, fan.table


def both_sides(result: xr.DataTree, outcome: str, at: Mapping[str, Any] | None) -> xr.DataTree:
    """Return a result whose outcome has a dim more, the side of the fit."""
    trees = {PRIOR: prior_side(result), POSTERIOR: posterior_side(result)}
    picked = {
        name: select.pick(select.intervals(tree, outcome), at, f"outcome '{outcome}'")
        for name, tree in trees.items()
    }
    shared = np.intersect1d(picked[PRIOR]["quantile"], picked[POSTERIOR]["quantile"])
    arrays = [array.sel(quantile=shared) for array in picked.values()]
    if set(arrays[0].dims) != set(arrays[1].dims):
        msg = f"'{outcome}' has other dims before the fit than after it"
        raise ResultError(msg)
    joined = xr.concat(arrays, pd.Index(list(picked), name="side"), join="outer",
                       combine_attrs="override")  # fmt: skip
    joined.attrs = {**arrays[0].attrs, **arrays[1].attrs}
    attrs = [tree["intervals"].attrs for tree in trees.values()]
    told = f"before: {words.drawn(attrs[0])}, after: {words.drawn(attrs[1])}"
    node = xr.Dataset(
        {outcome: joined}, attrs={**attrs[1], "side": "both", "drawn": sentence(told)}
    )
    nodes = {"/intervals": node, "/observations": _observations(trees[POSTERIOR], outcome, at)}
    if "observed_data" in result.children:
        nodes["/observed_data"] = result["observed_data"].to_dataset()
    nodes["/"] = xr.Dataset(attrs=result.attrs)
    return xr.DataTree.from_dict(nodes)


def _observations(after: xr.DataTree, outcome: str, at: Mapping[str, Any] | None) -> xr.Dataset:
    """Return the rows of one place once for each side; only after the fit without their bias."""
    array = select.intervals(after, outcome)
    if "observations" in after.children:
        frame = after["observations"].to_dataset().to_dataframe().reset_index(drop=True)
    elif "observed_data" in after.children:
        frame = fitted_rows(after, array)
    else:
        return xr.Dataset()
    frame = frame[frame["outcome"].astype(str) == outcome]
    for dim, value in (at or {}).items():
        frame = frame[frame[dim].astype(str) == str(value)] if dim in frame else frame.iloc[:0]
    told = without_bias(after, frame.assign(source=frame["source"].map(select.text)))
    if "corrected" in told:
        frame = frame.assign(corrected=np.nan)
    both = pd.concat([frame.assign(side=PRIOR), told.assign(side=POSTERIOR)], ignore_index=True)
    both.index.name = "row"
    return both.to_xarray()


def _narrowed(result: xr.DataTree, outcome: str, at: Mapping[str, Any] | None) -> Narrowing | None:
    array = select.intervals(posterior_side(result), outcome)
    years = array["year"].values.tolist() if "year" in array.dims else []
    year = {"year": middle_year(result, years)} if years else {}
    return narrowing(result, outcome, {**(at or {}), **year})


def _title(
    tree: xr.DataTree, outcome: str, at: Mapping[str, Any] | None, found: Narrowing | None
) -> str:
    array = select.intervals(tree, outcome)
    name = sentence(select.name_of(array, outcome)) + (f", {select.chosen(at)}" if at else "")
    unit = select.unit_of(array)
    head = name + (f" ({unit})" if unit not in {"", "1"} else "")
    if found is None or not np.isfinite(found.narrower):
        return f"{head}: before and after the fit"
    interval = f"the {percent(found.mass)} interval{_when(found)}"
    if abs(found.narrower) < 0.005:
        return f"{head}: the observations leave {interval} as wide as it was"
    verb = "narrow" if found.narrower > 0 else "widen"
    return f"{head}: the observations {verb} {interval} by {share_text(abs(found.narrower))}"


def _when(found: Narrowing) -> str:
    return f" of {found.at['year']}" if "year" in found.at else ""


def _with_note(fan: FanTable, found: Narrowing | None) -> FanTable:
    """Put how much it narrowed, and where the posterior lies in the prior, before the notes."""
    if found is None:
        return fan
    scale = Scale.of([*found.prior, *found.posterior], found.unit)
    (low, middle, high), (lower, median, upper) = found.prior, found.posterior
    where = f"In {found.at['year']} the" if "year" in found.at else "The"
    note = (
        f"{where} {percent(found.mass)} interval is {scale.text(low)} to {scale.full(high)} before "
        f"the fit and {scale.text(lower)} to {scale.full(upper)} after it. The median moves from "
        f"{scale.text(middle)} to {scale.full(median)}: {share_text(found.rank)} of the prior lies "
        "below that."
    )
    return replace(fan, notes=(note, *fan.notes))
