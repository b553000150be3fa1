"""The table behind a comparison of two results: intervals, shares of variance, what moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.labels import headline_wish, middle
from uncertainty.views.drawing import select
from uncertainty.views.drawing.bands import Bands, bands_of
from uncertainty.views.drawing.words import REST, sentence

SIDES = ("a", "b")
INTERVALS, SHARES, MOVED = "intervals", "shares", "moved"
ALL, INTERPLAY = "all together", "interplay"
MOST_YEARS, FEW_YEARS = 8, 4  # so many are all drawn, else so many evenly apart
MOST_SHARES, MOST_MOVED = 8, 10
CHANGED = ("distribution_a", "distribution_b", "grade_a", "grade_b")
COLUMNS = (
    "block",
    "side",
    "year",
    "parameter",
    "label",
    "quantile",
    "value",
    "unit",
    *CHANGED,
    "drawn",
)


@dataclass(frozen=True)
class Comparison:
    """Two results side by side.

    Attributes
    ----------
    names, titles : mapping
        By side, a and b.
    name, unit : str
        Of the outcome.
    year : object
        The year of the shares, of what moved, and of the title.
    bands : Bands
    note : str
        Why it cannot be told what moved, or what to bear in mind.
    table : pandas.DataFrame
        See `comparison_of`.
    """

    names: Mapping[str, str]
    titles: Mapping[str, str]
    name: str
    unit: str
    year: Any
    bands: Bands
    note: str
    table: pd.DataFrame

    def block(self, name: str) -> pd.DataFrame:
        """Return the rows of one block: intervals, shares or moved."""
        return self.table[self.table["block"] == name]

    @property
    def middle(self) -> float:
        """Probability of the median, as it is stored."""
        return 0.5 if self.bands.median is None else self.bands.median

    def median(self, side: str) -> float:
        """Return the median of one side in the year of the title."""
        rows = self.block(INTERVALS)
        own = (rows["side"] == side) & (rows["year"] == self.year)
        return float(rows.loc[own & (rows["quantile"] == self.middle), "value"].iloc[0])


def comparison_of(tree: xr.DataTree) -> Comparison:
    """Read a comparison.

    Returns
    -------
    Comparison
        Its table has the columns block (intervals, shares, moved), side (a, b, or "" for what
        moved), year, parameter, label, quantile, value (in `unit`; a share of one for shares),
        unit, distribution_a, distribution_b, grade_a, grade_b (of what moved) and drawn. Rows of
        a block are ordered as drawn; blocks that the tree lacks have no rows.

    Raises
    ------
    ResultError
        When the tree has no intervals of two sides over years.
    """
    values = _values(tree)
    bands = bands_of(values)
    if bands.median is None:
        raise ResultError("'/intervals' of the comparison lack the median")
    drivers, moved = _node(tree, "drivers", "Sh"), _node(tree, "moved", "shift")
    year = _year(values, drivers, moved)
    unit = str(tree.attrs.get("units", select.unit_of(values)))
    blocks = [_intervals(values, bands, _years(tree, values, year), unit)]
    blocks += [] if drivers is None else [_shares(drivers, year)]
    blocks += [] if moved is None else [_moved(moved, year, unit)]
    named = select.name_of(values, str(tree.attrs.get("outcome", "outcome")))
    return Comparison(
        names={side: str(tree.attrs.get(side) or side) for side in SIDES},
        titles={side: str(tree.attrs.get(f"title_{side}", "")) for side in SIDES},
        name=sentence(named),
        unit=unit,
        year=year,
        bands=bands,
        note=str(tree.attrs.get("note", "")),
        table=pd.concat([block.reindex(columns=list(COLUMNS)) for block in blocks]).reset_index(
            drop=True
        ),
    )


def _values(tree: xr.DataTree) -> xr.DataArray:
    node = select.branch(tree, "intervals").to_dataset()
    if "value" not in node:
        raise ResultError("'/intervals' of the comparison lack the variable value")
    values = node["value"]
    if set(values.dims) != {"side", "year", "quantile"} or set(values["side"].values) != {"a", "b"}:
        known = select.described(values)
        raise ResultError(f"intervals to compare need side (a, b), year and quantile: {known}")
    return values.sortby("year")


def _node(tree: xr.DataTree, group: str, variable: str) -> xr.Dataset | None:
    """Return a group that may be absent, None also when it holds no parameter."""
    if group not in tree.children or variable not in tree.children[group].data_vars:
        return None
    node = tree.children[group].to_dataset()
    return node if node.sizes["parameter"] else None


def _year(values: xr.DataArray, drivers: xr.Dataset | None, moved: xr.Dataset | None) -> Any:
    """Return the year that the shares belong to, else the middle one of what is there."""
    years = values["year"].values.tolist()
    asked = None if drivers is None else drivers.attrs.get("year")
    if asked in years and (moved is None or asked in moved["year"].values):
        return asked
    both = years if moved is None else [y for y in years if y in moved["year"].values]
    return middle(both or years)


def _years(tree: xr.DataTree, values: xr.DataArray, year: Any) -> list[Any]:
    """Return the years to draw: the headline's, else all of a few, else some evenly apart."""
    known = values["year"].values.tolist()
    wanted = [y for y in headline_wish(tree).get("years", []) if y in known]
    if not wanted and len(known) > MOST_YEARS:
        places = np.linspace(0, len(known) - 1, FEW_YEARS).round().astype(int)
        wanted = [known[place] for place in places]
    return sorted({*wanted, year}) if wanted else known


def _intervals(values: xr.DataArray, bands: Bands, years: list[Any], unit: str) -> pd.DataFrame:
    cell = values.sel(year=years, quantile=list(bands.probabilities))
    frame = cell.transpose("year", "side", "quantile").to_series().rename("value").reset_index()
    return frame.assign(block=INTERVALS, unit=unit, drawn=np.isfinite(frame["value"]))


def _shares(node: xr.Dataset, year: Any) -> pd.DataFrame:
    """Return the shares of variance, the parameter that is largest on either side first."""
    frame = _labelled(node)
    for side in SIDES:
        frame[side] = node["Sh"].sel(side=side).to_numpy()
    frame["most"] = frame[list(SIDES)].max(axis=1)
    frame = frame.sort_values("most", ascending=False, kind="stable").reset_index()
    frame["drawn"] = (frame.index < MOST_SHARES) & frame["most"].notna()
    long = frame.melt(
        ["parameter", "label", "drawn"], list(SIDES), "side", "value", ignore_index=False
    )
    long = long.sort_index(kind="stable")
    return long.assign(block=SHARES, year=node.attrs.get("year", year), unit="1")


def _labelled(node: xr.Dataset) -> pd.DataFrame:
    names = pd.Index([str(name) for name in node["parameter"].values], name="parameter")
    return pd.DataFrame({"label": select.labels(node)}, index=names)


def _moved(node: xr.Dataset, year: Any, unit: str) -> pd.DataFrame:
    """Return the change of each quantile, the parameter that moves the median most first.

    The rest sums those not drawn; interplay is what all do together beyond the sum of each.
    """
    cell = node.sel(year=year)
    names = _labelled(node)
    shifts = cell["shift"].transpose("parameter", "quantile").to_numpy()
    wide = pd.DataFrame(shifts, index=names.index, columns=cell["quantile"].values)
    for column in CHANGED:
        names[column] = select.texts(node, column)
    median = min(wide.columns, key=lambda q: abs(float(q) - 0.5))
    order = wide[median].abs().sort_values(ascending=False, kind="stable").index
    wide, names = wide.loc[order], names.loc[order].assign(drawn=np.arange(len(order)) < MOST_MOVED)
    hidden = wide.iloc[MOST_MOVED:]
    extra: dict[str, pd.Series[Any]] = {REST: hidden.sum(skipna=False)} if len(hidden) else {}
    if "all" in cell:
        together = pd.Series(cell["all"].to_numpy(), index=wide.columns)
        extra |= {INTERPLAY: together - wide.sum(skipna=False), ALL: together}
    last = pd.DataFrame({"label": list(extra), "drawn": True}, index=pd.Index(list(extra)))
    if REST in extra:
        last.loc[REST, "label"] = f"{REST} ({len(hidden)} more)"
    wide = pd.concat([wide, pd.DataFrame(extra).T]) if extra else wide
    frame = pd.concat([names, last]).join(wide)
    frame = frame.rename_axis("parameter").reset_index()
    fixed = ["parameter", "label", *CHANGED, "drawn"]
    long = frame.melt(fixed, list(wide.columns), "quantile", "value", ignore_index=False)
    long = long.sort_index(kind="stable")
    return long.assign(block=MOVED, side="", year=year, unit=unit)
