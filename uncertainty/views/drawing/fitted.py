"""The rows that a model was fitted to, as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.views.drawing import select

TEXTS = ("outcome", "place", "kind", "source", "label", "published", "unit")
NUMBERS = ("year", "error", "relative_error")
LEVEL = "level"


def observed_rows(result: xr.DataTree) -> pd.DataFrame:
    """Return the rows of `/observed_data`, none where there is no such group.

    Returns
    -------
    pandas.DataFrame
        Columns value, the texts outcome, place, kind, source, label, published, unit ("" where
        not stored), and of the numbers year, error, relative_error those that are stored.
    """
    if "observed_data" not in result.children:
        return pd.DataFrame({name: [] for name in ("value", "year", *TEXTS)})
    node = result.children["observed_data"].to_dataset()
    if "observation" not in node.variables:
        return pd.DataFrame({name: [] for name in ("value", "year", *TEXTS)})
    return described_rows(node, node["observation"].values)


def on_convergence(result: xr.DataTree) -> list[str]:
    """Say that a posterior is not to be used, where its fit has not converged."""
    if int(result.attrs.get("converged", 1)):
        return []
    return ["The fit has NOT converged: no number of the posterior is to be used."]


def described_rows(node: xr.Dataset, values: np.ndarray) -> pd.DataFrame:
    """Return values with what a dataset says of each of them along their one dim."""
    frame = pd.DataFrame({"value": np.asarray(values, dtype=float)})
    for name in TEXTS:
        frame[name] = [select.text(v) for v in node[name].values] if name in node else ""
    for name in NUMBERS:
        if name in node:
            frame[name] = node[name].values.astype(float)
    frame["kind"] = frame["kind"].replace("", LEVEL)
    return frame
