"""The table behind the check: each fitted row, what is predicted for it, and where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.labels import calibration
from uncertainty.views.drawing import select
from uncertainty.views.drawing.bands import Bands, bands_of
from uncertainty.views.drawing.fitted import described_rows, observed_rows

NEEDED = ("value", "predicted")
GOOD_K = 0.7
MOST = 60
OUTSIDE, NEAR = "outside", "inside"
TEXTS = ("outcome", "place", "kind", "source", "label", "published", "unit")


@dataclass(frozen=True)
class Check:
    """What `/calibration/check` holds.

    Attributes
    ----------
    bands : Bands
        Of the predictions.
    good_k : float
        Up to this Pareto k, leaving a row out can be told.
    attrs : mapping
        elpd_loo, se, p_loo.
    table : pandas.DataFrame
        See `check_of`.
    """

    bands: Bands
    good_k: float
    attrs: Mapping[str, Any]
    table: pd.DataFrame

    @property
    def outer(self) -> float:
        """Probability of the wide interval."""
        return self.bands.masses[0]

    @property
    def groups(self) -> list[pd.DataFrame]:
        """Rows that are drawn, by outcome and kind, each group by year."""
        drawn = self.table[self.table["drawn"]]
        return [rows for _, rows in drawn.groupby(["outcome", "kind"], sort=False)]

    @property
    def pit(self) -> np.ndarray:
        """(row,) share predicted below each value; leaving the row out, where that was told."""
        left_out = self.table["loo_pit"]
        return left_out.fillna(self.table["pit"]).dropna().to_numpy()


def check_of(result: xr.DataTree) -> Check:
    """Read the fitted rows.

    Returns
    -------
    Check
        Its table has one row an observation: row (its number), outcome, kind, year, place, source,
        label, published, unit, value, a column a predicted quantile (``p5``), pit, loo_pit,
        pareto_k, elpd_loo, verdict ("inside" or "outside" the widest interval), untold (its Pareto
        k is too large), drawn. Groups are in the order of the rows, each by year.

    Raises
    ------
    ResultError
        When the result holds no check.
    """
    node = calibration(result, "check")
    missing = list(NEEDED) if node is None else [n for n in NEEDED if n not in node.variables]
    if node is None or missing:
        raise ResultError(f"'/calibration/check' lacks {', '.join(missing)}")
    bands = bands_of(node["predicted"])
    good = float(node.attrs.get("good_k", GOOD_K))
    table = _rows(result, node)
    quantiles = node["predicted"].transpose(..., "quantile")
    for p in bands.probabilities:
        table[column(p)] = quantiles.sel(quantile=p).values
    low, high = (table[column(p)] for p in bands.pairs[0])
    within = table["value"].between(low, high)
    table["verdict"] = np.where(within, NEAR, OUTSIDE)
    table["untold"] = table["pareto_k"] > good
    table["drawn"] = _drawn(table, bands)
    order = pd.factorize(table["outcome"] + "\n" + table["kind"])[0]
    by = ["order", "year", "label", "row"]
    table = table.assign(order=order).sort_values(by, kind="stable").drop(columns="order")
    return Check(bands, good, dict(node.attrs), table.reset_index(drop=True))


def column(probability: float) -> str:
    """Return the name of the column of a predicted quantile."""
    return f"p{100 * probability:g}"


def _rows(result: xr.DataTree, node: xr.Dataset) -> pd.DataFrame:
    values = node["value"].values
    own = "outcome" in node.variables
    table = described_rows(node, values) if own else observed_rows(result)
    if len(table) != len(values):
        raise ResultError(
            f"'/calibration/check' has {len(values)} rows, '/observed_data' {len(table)}"
        )
    table = table.assign(value=values, row=np.arange(1, len(values) + 1))
    for name in ("pit", "loo_pit", "pareto_k", "elpd_loo"):
        table[name] = node[name].values.astype(float) if name in node.variables else np.nan
    if "year" not in table:
        table["year"] = np.nan
    table["label"] = table["label"].where(table["label"] != "", table["source"])
    head = ["row", "outcome", "kind", "year", "place", "source", "label", "published", "unit"]
    return table[[*head, "value", "pit", "loo_pit", "pareto_k", "elpd_loo"]]


def _drawn(table: pd.DataFrame, bands: Bands) -> pd.Series[bool]:
    """Tell which rows have a line: of very many, those that lie farthest out."""
    if len(table) <= MOST:
        return pd.Series(True, index=table.index)
    middle = (table[column(bands.pairs[0][0])] + table[column(bands.pairs[0][1])]) / 2
    width = table[column(bands.pairs[0][1])] - table[column(bands.pairs[0][0])]
    away = ((table["value"] - middle) / width).abs() + 10 * table["untold"]
    return away.rank(method="first", ascending=False) <= MOST


def name_of(result: xr.DataTree, outcome: str) -> str:
    """Return an outcome in words."""
    after = calibration(result, "intervals")
    if after is not None and outcome in after:
        return select.name_of(after[outcome], outcome)
    array = select.stored(result, outcome)
    return select.words(outcome) if array is None else select.name_of(array, outcome)
