"""The table behind the readings: how far each other reading of a range moves the quantiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.labels import EVERY, middle
from uncertainty.views.drawing import select

LEAST, MOST = 5, 12  # rows, if there are so many parameters
LIMIT = 0.05  # when none is stored
NEEDED = ("parameter", "reading", "told", "base", "value", "shift")
TEXTS = ("parameter", "label", "reading", "distribution", "how", "note")
COLUMNS = (
    "parameter",
    "label",
    "reading",
    "distribution",
    "quantile",
    "year",
    "base",
    "value",
    "shift",
    "shift_mcse",
    "ess",
    "told",
    "how",
    "note",
    "drawn",
)


@dataclass(frozen=True)
class Readings:
    """What `/readings` holds of one year.

    Attributes
    ----------
    outcome, name, unit : str
    year : object
        The coordinate shown, None for a scalar outcome.
    limit : float
        A relative change of a quantile up to this size does not matter.
    quantiles : (float, float)
        The lowest and the highest that are stored.
    table : pandas.DataFrame
        See `readings_of`.
    draws : int or None
    """

    outcome: str
    name: str
    unit: str
    year: object
    limit: float
    quantiles: tuple[float, float]
    table: pd.DataFrame
    draws: int | None

    @property
    def together(self) -> pd.DataFrame:
        """Rows of the cases in which all ranges change."""
        return self.table[self.table["parameter"] == EVERY]

    @property
    def single(self) -> pd.DataFrame:
        """Rows of the cases in which one range changes."""
        return self.table[self.table["parameter"] != EVERY]

    def base(self, quantile: float) -> float:
        """Return a quantile under the readings used, in `unit`."""
        return float(self.table.loc[self.table["quantile"] == quantile, "base"].iloc[0])


def readings_of(result: xr.DataTree, year: object = None) -> Readings:
    """Read the cases of one year, the middle one if none is given.

    Returns
    -------
    Readings
        Its table has one row a case and quantile (the lowest and the highest): parameter, label,
        reading, distribution, quantile, year, base, value, shift (relative change), shift_mcse,
        ess, told, how, note, drawn. Cases of all ranges come first, then the parameters by their
        largest change. Drawn are those that go beyond the limit, at least five and at most twelve,
        but no case that cannot be told.

    Raises
    ------
    ResultError
        When the result holds no readings, or none for that year.
    """
    node = select.branch(result, "readings").to_dataset()
    missing = [name for name in NEEDED if name not in node]
    if missing or not node.sizes.get("case"):
        raise ResultError(f"'/readings' lacks {', '.join(missing) or 'cases'}")
    place = _place(node, year)
    node = select.pick(node, place, "readings")
    outcome = str(node.attrs.get("outcome", "outcome"))
    quantiles = sorted(float(q) for q in node["quantile"].values)
    low, high = quantiles[0], quantiles[-1]
    draws = node.attrs.get("draws")
    return Readings(
        outcome=outcome,
        name=select.long_name(result, node, outcome),
        unit=_unit(result, node, outcome),
        year=place.get("year"),
        limit=float(node.attrs.get("limit", LIMIT)),
        quantiles=(low, high),
        table=_table(node, place, (low, high)),
        draws=None if draws is None else int(draws),
    )


def _place(node: xr.Dataset, year: object) -> dict[str, Any]:
    """Return the one coordinate that is shown, by its dim."""
    dims = [str(dim) for dim in node["shift"].dims if dim not in {"case", "quantile"}]
    if len(dims) > 1:
        raise ResultError(f"'/readings' have more dims than year: {', '.join(dims)}")
    if not dims:
        return {} if year is None else {"year": year}
    known = node[dims[0]].values.tolist()
    return {dims[0]: middle(known) if year is None else year}


def _unit(result: xr.DataTree, node: xr.Dataset, outcome: str) -> str:
    array = select.stored(result, outcome)
    return str(node.attrs.get("units", "" if array is None else select.unit_of(array)))


def _table(node: xr.Dataset, place: Mapping[str, Any], ends: tuple[float, float]) -> pd.DataFrame:
    table = pd.concat([_rows(node, quantile) for quantile in ends])
    table["year"] = next(iter(place.values()), "")
    named = table["label"] != ""
    table["label"] = table["label"].where(named, table["parameter"].map(select.words))
    seen = table["told"] & np.isfinite(table["shift"])
    largest = table["shift"].abs().where(seen).groupby(table["parameter"]).max()
    order = _ranked(largest)
    limit = float(node.attrs.get("limit", LIMIT))
    rows = min(MOST, max(LEAST, int((largest[order] > limit).sum())))
    shown = table["parameter"].isin([EVERY, *order[:rows]])
    table["drawn"] = seen & shown
    table["place"] = table["parameter"].map({name: n for n, name in enumerate([EVERY, *order])})
    table = table.sort_values(["place", "case", "quantile"], kind="stable")
    return table[list(COLUMNS)].reset_index(drop=True)


def _ranked(largest: pd.Series[float]) -> list[str]:
    """Return the parameters by their largest change, those without any last."""
    single = largest.drop(index=EVERY, errors="ignore")
    ranked = single.sort_values(ascending=False, kind="stable", na_position="last")
    return [str(name) for name in ranked.index]


def _rows(node: xr.Dataset, quantile: float) -> pd.DataFrame:
    cell = node.sel(quantile=quantile)
    count = node.sizes["case"]
    frame = pd.DataFrame({"case": np.arange(count), "quantile": quantile})
    for name in TEXTS:
        frame[name] = [select.text(v) for v in cell[name].values] if name in cell else ""
    for name in ("base", "value", "shift", "shift_mcse", "ess"):
        frame[name] = cell[name].to_numpy().astype(float) if name in cell else np.nan
    frame["told"] = cell["told"].to_numpy().astype(bool)
    return frame
