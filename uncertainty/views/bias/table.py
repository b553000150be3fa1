"""The table behind the bias: the factor of each source, before and after the fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.labels import calibration
from uncertainty.views.drawing import select
from uncertainty.views.drawing.fitted import observed_rows

NORMAL_90 = 1.6448536269514722
SCALE_SD = 0.5  # of the logarithm of the scale that several biases share
REFERENCE = "reference"
KINDS = ("level", "growth", "share")
COLUMNS = ("source", "cited", "outcome", "kind", "rows", "prior_sd", "prior_low", "prior_high",
           "factor", "low", "high", "role")  # fmt: skip


@dataclass(frozen=True)
class Bias:
    """The sources of one outcome.

    Attributes
    ----------
    table : pandas.DataFrame
        See `bias_of`.
    """

    outcome: str
    name: str
    table: pd.DataFrame

    @property
    def free(self) -> pd.DataFrame:
        """Sources whose bias was estimated."""
        return self.table[self.table["role"] != REFERENCE]


def bias_of(result: xr.DataTree, outcome: str) -> Bias:
    """Read the factors of the sources of one outcome.

    Returns
    -------
    Bias
        Its table has one row a source and kind:
        source (a short name), cited, outcome, kind, rows, prior_sd (of the
        logarithm), prior_low, prior_high, factor (median), low, high (90% intervals), role
        ("reference" for a source without a bias, else "").

    Raises
    ------
    ResultError
        When there is no source of the outcome.
    """
    node = calibration(result, "source_bias")
    if node is None:
        raise ResultError("the result has no '/calibration/source_bias'")
    known = [select.text(name) for name in node["outcome"].values]
    if outcome not in known:
        found = ", ".join(dict.fromkeys(known)) or "nothing"
        raise ResultError(f"no sources of outcome '{outcome}': there are those of {found}")
    table = _table(node)
    table = table[table["outcome"] == outcome]
    more = references(result, table, outcome)
    table = pd.concat([more, table], ignore_index=True) if len(more) else table
    order = table.assign(first=table["role"] != REFERENCE, group=table["kind"].map(KINDS.index))
    by = ["group", "first", "factor"]
    table = order.sort_values(by, ascending=[True, True, False], kind="stable")
    named = select.long_name(result, node.drop_attrs(), outcome)
    return Bias(outcome, named, table[list(COLUMNS)].reset_index(drop=True))


def _table(node: xr.Dataset) -> pd.DataFrame:
    names = texts(node, "source")
    cited = texts(node, "cited") if "cited" in node else [""] * len(names)
    sd = node["prior_sd"].values.astype(float)
    ends = node["factor_interval"].transpose("source", ...).values
    reach = sd * spread(int((sd > 0).sum()) > 1)
    return pd.DataFrame(
        {
            "source": names,
            "cited": cited,
            "outcome": texts(node, "outcome"),
            "kind": texts(node, "kind"),
            "rows": node["rows"].values.astype(int),
            "prior_sd": sd,
            "prior_low": np.exp(-reach),
            "prior_high": np.exp(reach),
            "factor": node["factor"].values.astype(float),
            "low": ends[:, 0],
            "high": ends[:, 1],
            "role": np.where(sd > 0, "", REFERENCE),
        }
    )


def texts(node: xr.Dataset, name: str) -> list[str]:
    """Return a text of each source."""
    return [select.text(value) for value in node[name].values]


def references(result: xr.DataTree, known: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return the sources of fitted rows that have no bias."""
    rows = observed_rows(result)
    rows = rows[rows["outcome"] == outcome]
    told = set(zip(known["cited"], known["kind"], strict=True))
    told |= set(zip(known["source"], known["kind"], strict=True))
    found = []
    for (source, kind), part in rows.groupby(["source", "kind"], sort=False):
        if (source, kind) not in told and (part["label"].iloc[0], kind) not in told:
            label = part["label"].iloc[0] or source
            found.append({"source": label, "cited": source, "kind": kind, "rows": len(part)})
    ones = dict.fromkeys(("prior_low", "prior_high", "factor", "low", "high"), 1.0)
    made = pd.DataFrame(found, columns=["source", "cited", "kind", "rows"])
    return made.assign(outcome=outcome, prior_sd=0.0, **ones, role=REFERENCE)


@cache
def spread(shared: bool) -> float:
    """Return half the 90% interval of a bias, in its standard deviations.

    Where several sources have one, all are multiplied by one scale that is lognormal with a
    median of 1, so that the interval is wider than the normal one.
    """
    if not shared:
        return NORMAL_90
    normal = NormalDist()
    scales = [np.exp(SCALE_SD * normal.inv_cdf((i + 0.5) / 400)) for i in range(400)]
    low, high = 0.0, 20.0
    for _ in range(40):
        middle = (low + high) / 2
        held = sum(normal.cdf(middle / scale) for scale in scales) / len(scales)
        low, high = (middle, high) if held < 0.95 else (low, middle)
    return low
