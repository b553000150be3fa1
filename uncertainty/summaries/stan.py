"""Stan: draws as CmdStan writes them, and other flat tables of draws."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError

#: Columns that say which draw a row is.
CHAIN = {"chain", ".chain"}
DRAW = {"draw", ".draw", ".iteration"}


def internal(name: str) -> bool:
    """Whether a name is the sampler's own: lp__, treedepth__."""
    return name.endswith("__")


def is_draws(columns: list[str]) -> bool:
    """Whether columns are those of draws: chain and draw, or Stan's lp__."""
    return bool(CHAIN & {*columns} and DRAW & {*columns}) or "lp__" in columns


def draws_of(frame: pd.DataFrame, comments: list[str]) -> tuple[xr.Dataset, list[str]]:
    """A flat table of draws as (chain, draw), and what was left out, in words."""
    columns = [str(c) for c in frame]
    dropped = [c for c in columns if internal(c)]
    chain = next((c for c in columns if c in CHAIN), None)
    own = {c for c in columns if c in CHAIN | DRAW}
    names = [c for c in columns if c not in own and not internal(c)]
    if not names:
        msg = f"the table of draws has no parameters, only {', '.join(columns)}"
        raise ResultError(msg)
    told = [f"columns of the sampler left out: {', '.join(dropped)}"] if dropped else []
    if chain is None:
        warm = min(warmup(comments), len(frame))
        told += [f"{warm} draws of the warm-up left out"] if warm else []
        blocks = [frame.iloc[warm:]]
    else:
        blocks = [block for _, block in frame.groupby(chain, sort=True)]
    values = np.array([numbers(block[names]) for block in equal(blocks)])
    found = {name: values[..., i] for i, name in enumerate(names)}
    return gathered(found), told


def numbers(frame: pd.DataFrame) -> Any:
    """A table of draws as floats; `ResultError` where a cell is no number."""
    try:
        return frame.to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"draws must be numbers: {error}"
        raise ResultError(msg) from None


def equal(blocks: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """The chains; `ResultError` unless all have the same number of draws."""
    sizes = [len(block) for block in blocks]
    if len(set(sizes)) > 1 or not sizes[0]:
        msg = f"chains must have the same number of draws, at least one; got {sizes}"
        raise ResultError(msg)
    return blocks


def warmup(comments: list[str]) -> int:
    """How many rows are warm-up, by the comments of a CmdStan file."""
    facts = {
        found[1]: found[2]
        for line in comments
        if (found := re.match(r"#\s*(\w+)\s*=\s*(\S+)", line))
    }
    if facts.get("save_warmup", "0").lower() not in ("1", "true"):
        return 0
    return -(-int(facts.get("num_warmup", 0)) // max(int(facts.get("thin", 1)), 1))


def gathered(columns: dict[str, Any]) -> xr.Dataset:
    """Columns (chain, draw) with elements of a vector put together over ``<name>_index``.

    Elements are named theta[1], theta[1,2] or, by CmdStan, theta.1, theta.1.2; their labels
    are kept as text.
    """
    groups: dict[str, dict[str, Any]] = {}
    for column, values in columns.items():
        name, index = element(column)
        groups.setdefault(name, {})[index] = values
    made: dict[str, xr.DataArray] = {}
    for name, items in groups.items():
        if list(items) == [""]:
            made[name] = xr.DataArray(items[""], dims=("chain", "draw"))
        else:
            dims = ("chain", "draw", f"{name}_index")
            stacked = np.stack(list(items.values()), axis=-1)
            made[name] = xr.DataArray(stacked, {dims[2]: list(items)}, dims)
    return xr.Dataset(made)


def element(column: str) -> tuple[str, str]:
    """Variable and index of a column: ('theta', '1,2') for theta.1.2 and theta[1,2]."""
    if found := re.match(r"^(.+?)\[(.+)\]$", column):
        return found[1], found[2]
    if found := re.match(r"^(.+?)((?:\.\d+)+)$", column):
        return found[1], found[2][1:].replace(".", ",")
    return column, ""
