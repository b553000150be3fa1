"""The table behind what was learned: each parameter before and after the fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.labels import calibration, central
from uncertainty.views.drawing import select
from uncertainty.views.learned.ranks import choice_shares, within_prior

NEEDED = ("contraction", "verdict", "prior_quantiles", "posterior_quantiles")
UNREACHED, STRUCTURE = "not reached by data", "structure"
TOP = 15


@dataclass(frozen=True)
class Learned:
    """What `/calibration/learned` holds.

    Attributes
    ----------
    table : pandas.DataFrame
        See `learned_of`.
    ends : (float, float)
        Probabilities of the ends of the widest interval.
    """

    table: pd.DataFrame
    ends: tuple[float, float]

    @property
    def parameters(self) -> pd.DataFrame:
        """One row a parameter, in order."""
        return self.table.drop_duplicates("parameter")

    @property
    def drawn(self) -> list[pd.DataFrame]:
        """Rows of each parameter with a line of its own."""
        shown = self.table[self.table["drawn"]]
        return [rows for _, rows in shown.groupby("parameter", sort=False)]

    @property
    def unreached(self) -> pd.DataFrame:
        """Parameters on which no observation depends."""
        return self.parameters[self.parameters["verdict"] == UNREACHED]

    @property
    def hidden(self) -> pd.DataFrame:
        """Parameters that the data reached, without a line."""
        rest = self.parameters[~self.parameters["drawn"]]
        return rest[rest["verdict"] != UNREACHED]


def learned_of(result: xr.DataTree, top: int = TOP) -> Learned:
    """Read what was learned of each parameter.

    Returns
    -------
    Learned
        Its table has one row a parameter and quantile: parameter, label, unit, verdict, reached,
        contraction (part of the prior's variance that is gone; NaN of a choice), shift (of the
        mean, in prior standard deviations; of a choice the part of the probability that moved),
        prior_sd, posterior_sd, quantile, prior, posterior (quantiles), rank
        (share of the prior below that posterior quantile), shares (of a choice: each value with
        its probability before and after, in words), drawn; the largest contraction first.

    Raises
    ------
    ResultError
        When the result holds nothing of the kind.
    """
    node = calibration(result, "learned")
    missing = list(NEEDED) if node is None else [name for name in NEEDED if name not in node]
    if node is None or missing:
        raise ResultError(f"'/calibration/learned' lacks {', '.join(missing)}")
    table = pd.concat([_rows(result, node, str(n)) for n in node["parameter"].values])
    table = table.sort_values("contraction", ascending=False, kind="stable", na_position="last")
    order = [str(name) for name in dict.fromkeys(table["parameter"])]
    finite = table.groupby("parameter")["rank"].transform(lambda ranks: ranks.notna().all())
    told = table[(table["verdict"] != UNREACHED) & (finite | (table["verdict"] == STRUCTURE))]
    form = told["verdict"] == STRUCTURE
    chosen = list(dict.fromkeys(told.loc[~form, "parameter"]))[: max(1, top)]
    chosen += list(told.loc[form, "parameter"])
    table["drawn"] = table["parameter"].isin(chosen)
    places = {name: place for place, name in enumerate(order)}
    table["place"] = table["parameter"].map(places)
    table = table.sort_values(["place", "quantile"], kind="stable").drop(columns="place")
    return Learned(table.reset_index(drop=True), central(node["quantile"].values.tolist()))


def _rows(result: xr.DataTree, node: xr.Dataset, name: str) -> pd.DataFrame:
    row = node.sel(parameter=name)
    levels = node["quantile"].values.astype(float)
    prior, posterior = (row[f"{side}_quantiles"].values for side in ("prior", "posterior"))
    label = select.text(row["label"].item()) if "label" in row else ""
    verdict = select.text(row["verdict"].item())
    facts = {
        key: float(row[key]) if key in row else np.nan
        for key in ("contraction", "shift", "prior_sd", "posterior_sd")
    }
    return pd.DataFrame(
        {
            "parameter": name,
            "label": label or select.words(name),
            "unit": select.text(row["units"].item()) if "units" in row else _unit(result, name),
            "verdict": verdict,
            "reached": bool(row["reached"]) if "reached" in row else True,
            **facts,
            "quantile": levels,
            "prior": prior,
            "posterior": posterior,
            "rank": within_prior(result, name, levels, prior, posterior),
            "shares": choice_shares(result, name) if verdict == STRUCTURE else "",
        }
    )


def _unit(result: xr.DataTree, name: str) -> str:
    """Return the unit of the prior."""
    if "parameters" not in result.children:
        return ""
    node = result.children["parameters"].to_dataset()
    if "unit" not in node or name not in node["parameter"].values:
        return ""
    return select.text(node["unit"].sel(parameter=name).item())
