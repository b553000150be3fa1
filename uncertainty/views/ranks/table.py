"""The table behind the ranks: how far each parameter's are from uniform, and the band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.uniformity import points, uniform
from uncertainty.views.drawing import select

LEVEL = 0.95


@dataclass(frozen=True)
class Ranks:
    """Ranks of several parameters beside the uniform distribution.

    Attributes
    ----------
    simulations, most : int
        Ranks of each parameter; the largest rank there can be.
    level, together : float
        How often one band, and all bands together, hold when all is right; `together` is 0 where
        bands are not made for that.
    table : pandas.DataFrame
        See `ranks_of`.
    """

    simulations: int
    most: int
    level: float
    together: float
    table: pd.DataFrame

    @property
    def panels(self) -> list[pd.DataFrame]:
        """Rows of each parameter, the one farthest off first."""
        return [rows for _, rows in self.table.groupby("parameter", sort=False)]

    @property
    def outside(self) -> list[str]:
        """Labels of the parameters that leave the band."""
        firsts = self.table.drop_duplicates("parameter")
        return list(firsts.loc[~firsts["inside"], "label"])


def ranks_of(ranks: xr.Dataset) -> Ranks:
    """Compare the ranks of each parameter with the uniform distribution.

    Returns
    -------
    Ranks
        Its table has one row a parameter and place: parameter, label, share (the place), difference
        (share of ranks below it, less what it should be), low, high (ends of the band that holds
        all places together, at the attribute band_level or else in 95 of 100 cases), inside (of
        the parameter). Parameters outside
        come first, then by their largest difference.

    Raises
    ------
    ResultError
        When there are no ranks over parameter and simulation, or no attribute most.
    """
    if "rank" not in ranks or set(ranks["rank"].dims) != {"parameter", "simulation"}:
        raise ResultError("ranks to draw need a variable rank over parameter and simulation")
    if "most" not in ranks.attrs:
        raise ResultError("ranks to draw need the attribute most: the largest rank there can be")
    most, found = int(ranks.attrs["most"]), ranks["rank"].transpose("parameter", "simulation")
    named = zip(ranks["parameter"].values, select.labels(ranks), found.values, strict=True)
    level = float(ranks.attrs.get("band_level", LEVEL))
    parts = [_rows(str(name), label, values, most, level) for name, label, values in named]
    if not parts or not found.sizes["simulation"]:
        raise ResultError("there are no ranks to draw")
    parts.sort(key=lambda rows: (bool(rows["inside"].iloc[0]), -rows["difference"].abs().max()))
    together = float(ranks.attrs.get("level", 0.0)) if "band_level" in ranks.attrs else 0.0
    table = pd.concat(parts, ignore_index=True)
    return Ranks(found.sizes["simulation"], most, level, together, table)


def _rows(name: str, label: str, values: np.ndarray, most: int, level: float) -> pd.DataFrame:
    difference, band, inside = uniform(values, most, level=level)
    return pd.DataFrame(
        {
            "parameter": name,
            "label": label,
            "share": points(most),
            "difference": difference,
            "low": band[0],
            "high": band[1],
            "inside": inside,
        }
    )
