"""Predicted: what a fit says of each row that was held back, drawn from posterior and prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import ResultError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: The group of a calibration that holds rows outside its likelihood.
GROUP = "held_back"
#: What its rows may be called.
ROWS = ("row", "observation")


@dataclass(frozen=True)
class Predicted:
    """Draws of each scored row, with its source's bias, its edition's error and its own.

    Attributes
    ----------
    posterior : (row, draw)
    prior : (row, draw)
        Of the same rows from the priors alone; NaN where the fit brings none.
    """

    posterior: Array
    prior: Array

    @classmethod
    def of(cls, tree: xr.DataTree, scored: pd.DataFrame) -> Predicted:
        """From the group `/held_back` of a calibration, in the order of the scored rows.

        Raises
        ------
        ResultError
            When the group is missing or its rows are not the scored ones, in the same units.
        """
        if GROUP not in tree.children:
            msg = f"the fit has no group {GROUP!r}, which holds what it says of the scored rows"
            raise ResultError(msg)
        node = tree[GROUP].to_dataset()
        same_rows(node, scored)
        posterior = flat(node["observation"])
        prior = node.data_vars.get("prior_observation")
        unknown = np.full((len(scored), 2), np.nan)
        return cls(posterior, unknown if prior is None else flat(prior))


def flat(draws: xr.DataArray) -> Array:
    """Draws (row, draw) of all chains; what is no row is chain or draw."""
    row = next(dim for dim in draws.dims if dim in ROWS)
    values = draws.transpose(row, ...).to_numpy()
    return values.reshape(len(values), -1)


def same_rows(node: xr.Dataset, scored: pd.DataFrame) -> None:
    """Raise `ResultError` unless the rows held back are those scored, one by one."""
    found, wanted = node["observed"].to_numpy(), scored["value"].to_numpy(dtype=float)
    if found.shape != wanted.shape:
        msg = f"the fit speaks of {found.size} held-back rows, expected {wanted.size}"
        raise ResultError(msg)
    for column in ("outcome", "kind"):
        if column in node.coords and node[column].values.tolist() != scored[column].tolist():
            msg = f"the held-back rows of the fit have another {column} than the scored rows"
            raise ResultError(msg)
    off = np.flatnonzero(~np.isclose(found, wanted, rtol=1e-6))
    if off.size:
        row: Any = scored.iloc[int(off[0])]
        msg = (
            f"the fit has {found[off[0]]:g} for row {row['row']} ({row['outcome']}, "
            f"{row['year']}), expected {row['value']:g}: unit or order of the rows differs"
        )
        raise ResultError(msg)
