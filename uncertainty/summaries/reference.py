"""Reference: JSON of posteriors as databases of them keep it: draws of chains, and summaries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.summaries.stan import gathered, internal


def is_draws(found: Any) -> bool:
    """Whether JSON is a list of chains, {name: [draws]}, or one such chain."""
    chains = [found] if isinstance(found, dict) else found
    return (
        isinstance(chains, list)
        and bool(chains)
        and all(isinstance(chain, dict) and chain and "names" not in chain for chain in chains)
        and all(isinstance(d, list) for chain in chains for d in chain.values())
    )


def is_summary(found: Any) -> bool:
    """Whether JSON is a summary: names, and beside them lists of figures."""
    return isinstance(found, dict) and isinstance(found.get("names"), list) and len(found) > 1


def is_table(found: Any) -> bool:
    """Whether JSON is a list of rows of our table."""
    return isinstance(found, list) and bool(found) and isinstance(found[0], dict)


def draws_of(found: Any) -> tuple[xr.Dataset, list[str]]:
    """Chains of draws as (chain, draw), and what was left out."""
    chains = [found] if isinstance(found, dict) else found
    names = list(chains[0])
    if any(set(chain) != set(names) for chain in chains):
        msg = "the chains have draws of different names"
        raise ResultError(msg)
    sizes = {len(chain[name]) for chain in chains for name in names}
    if len(sizes) > 1:
        msg = f"all chains and names must have the same number of draws; got {sorted(sizes)}"
        raise ResultError(msg)
    kept = [name for name in names if not internal(name)]
    try:
        columns = {n: np.array([chain[n] for chain in chains], dtype=np.float64) for n in kept}
    except (TypeError, ValueError) as error:
        msg = f"draws must be numbers: {error}"
        raise ResultError(msg) from None
    dropped = [name for name in names if internal(name)]
    return gathered(columns), [f"left out: {', '.join(dropped)}"] if dropped else []


def summary_frame(found: dict[str, Any]) -> pd.DataFrame:
    """A summary as a table with the names that other summaries have."""
    count = len(found["names"])
    lists = {
        key.removesuffix("_value"): values
        for key, values in found.items()
        if isinstance(values, list) and key != "names"
    }
    if wrong := [key for key, values in lists.items() if len(values) != count]:
        msg = f"the summary has {count} names, but {len(lists[wrong[0]])} values of {wrong[0]}"
        raise ResultError(msg)
    return pd.DataFrame({"name": found["names"], **lists})
