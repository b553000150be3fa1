"""Draws: joint draws of a result as one flat table, thinned evenly."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.summaries.encoded import csv_bytes, parquet_bytes
from uncertainty.summaries.posterior import DRAWS, dataset, parameter_units

#: Draws of the table unless more are asked for.
MOST = 1000


def posterior_draws(
    result: xr.DataTree, most: int = MOST, group: str = "posterior"
) -> pd.DataFrame:
    """Joint draws, one row each.

    Draws are thinned evenly within each chain. Which were kept shows in the columns chain and
    draw; how, in ``frame.attrs["thinned"]``.

    Parameters
    ----------
    result : xarray.DataTree
        With draws over (chain, draw).
    most : int
        Most rows, at least one for each chain.
    group : str
        ``posterior``, or another group of draws of parameters, such as ``prior``.

    Returns
    -------
    pandas.DataFrame
        Columns chain, draw, and each number by name; elements of a vector as ``name[label]``.
        The units are in ``frame.attrs["units"]``.

    Raises
    ------
    ResultError
        If there are no draws, or `most` is less than the number of chains.
    """
    found = dataset(result, group)
    chains, draws = found.sizes["chain"], found.sizes["draw"]
    if isinstance(most, bool) or not isinstance(most, int) or most < chains:
        msg = f"most must be a whole number and at least one draw a chain ({chains}), got {most!r}"
        raise ResultError(msg)
    kept = evenly(draws, most // chains)
    thin = found.isel(draw=kept)
    known = parameter_units(result)
    columns: dict[str, Any] = {}
    units: dict[str, str] = {}
    for name, array in thin.data_vars.items():
        made = flat(str(name), array)
        columns |= made
        units |= {key: array.attrs.get("units", known.get(key, "")) for key in made}
    chain, draw = (thin[dim].values for dim in DRAWS)
    places = {"chain": np.repeat(chain, len(kept)), "draw": np.tile(draw, chains)}
    frame = pd.DataFrame({**places, **columns})
    frame.attrs |= {**told(result, group), "units": units, "thinned": how(chains, draws, len(kept))}
    return frame


def evenly(draws: int, most: int) -> list[int]:
    """Places of at most `most` of `draws`, in equal steps, the middle of each step."""
    count = min(draws, most)
    return [(2 * i + 1) * draws // (2 * count) for i in range(count)]


def how(chains: int, draws: int, kept: int) -> str:
    """How the draws were thinned, in words."""
    if kept == draws:
        return f"all {draws} draws of each of {chains} chains"
    return f"{kept} of {draws} draws of each of {chains} chains, evenly spaced"


def flat(name: str, array: xr.DataArray) -> dict[str, Any]:
    """A variable as columns of draws, chain after chain."""
    ordered = array.transpose(*DRAWS, ...)
    dims = ordered.dims[2:]
    if not dims:
        return {name: ordered.values.reshape(-1)}
    values = ordered.values.reshape(-1, *ordered.shape[2:])
    labels = [ordered[dim].values.tolist() for dim in dims]
    keys = [f"{name}[{', '.join(map(str, texts))}]" for texts in product(*labels)]
    places = np.ndindex(*values.shape[1:])
    return {key: values[(..., *place)] for key, place in zip(keys, places, strict=True)}


def told(result: xr.DataTree, group: str) -> dict[str, str]:
    """Which study, run and group the draws are of."""
    return {**{name: str(result.attrs.get(name, "")) for name in ("study", "run")}, "group": group}


def draws_csv(result: xr.DataTree, most: int = MOST) -> bytes:
    """`posterior_draws` as CSV; numbers in full."""
    return csv_bytes(posterior_draws(result, most))


def draws_parquet(result: xr.DataTree, most: int = MOST) -> bytes:
    """`posterior_draws` as Parquet, with study, run, group, units and thinning in its metadata."""
    frame = posterior_draws(result, most)
    facts = {str(k): value for k, value in frame.attrs.items() if isinstance(value, str)}
    return parquet_bytes(frame, {**facts, "units": json.dumps(frame.attrs["units"])})
