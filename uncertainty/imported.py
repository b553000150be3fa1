"""Imported: a space of priors from a file that another analysis left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from uncertainty.errors import SpaceError
from uncertainty.names import listed, suggestion
from uncertainty.prior import Prior
from uncertainty.space import Space
from uncertainty.summaries.columns import coordinate_columns
from uncertainty.summaries.elements import identifier
from uncertainty.summaries.recognised import Paths, recognised, shown, table_of, tree_of


def priors_from(
    path: Paths, names: Sequence[str] | None = None, families: Mapping[str, str] | None = None
) -> Space:
    """Space of the posterior in a file, whoever wrote it.

    Draws give marginals and rank correlations (`Space.from_posterior`), a summary gives independent
    marginals (`Prior.from_summary` of its rows of group ``posterior``).

    Parameters
    ----------
    path : path, or several of them
        As for `read_summary`.
    names : sequence of str, optional
        Variables, or elements as ``theta[1]``; all if not given.
    families : {name: family}, optional
        For single parameters.

    Returns
    -------
    Space
        An element such as ``theta[1]`` is the parameter ``theta_1``.

    Raises
    ------
    ResultError
        If the file is of no known kind.
    PriorError, SpaceError
        If it holds no such names, or a row gives no prior.
    """
    found = recognised(path)
    if found.draws is not None:
        return Space.from_posterior(tree_of(found), names, families)
    table = table_of(found)
    rows = table[table["group"] == "posterior"]
    if rows.empty:
        groups = listed(table["group"].unique())
        msg = f"{shown(path)}: no rows of group 'posterior', only of {groups}"
        raise SpaceError(msg)
    return Space(priors_of(rows, names, families or {}))


def priors_of(
    rows: pd.DataFrame, names: Sequence[str] | None, families: Mapping[str, str]
) -> dict[str, Prior]:
    """A prior for each row, by the name of its element."""
    keys = [key_of(row) for _, row in rows.iterrows()]
    known = {name for key in keys for name in called(key)}
    for name in [*(names or ()), *families]:
        if name not in known:
            msg = f"no row of {name!r}{suggestion(name, known)}; there are {listed(keys)}"
            raise SpaceError(msg)
    priors: dict[str, Prior] = {}
    for key, (_, row) in zip(keys, rows.iterrows(), strict=True):
        if names is not None and not {*names} & {*called(key)}:
            continue
        name = identifier(key)
        if name in priors:
            msg = f"two rows would be named {name!r} ({key} and another); choose by names"
            raise SpaceError(msg)
        family = next((families[one] for one in called(key) if one in families), None)
        priors[name] = Prior.from_summary(row, family)
    return priors


def key_of(row: pd.Series) -> str:
    """A row's variable with its coordinates, as theta[1]."""
    places = [str(row[c]) for c in coordinate_columns(row.index) if not pd.isna(row[c])]
    return f"{row['variable']}[{', '.join(places)}]" if places else str(row["variable"])


def called(key: str) -> tuple[str, str, str]:
    """What an element may be called: its name, its key, its variable."""
    return identifier(key), key, key.partition("[")[0]
