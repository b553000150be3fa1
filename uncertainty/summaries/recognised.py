"""Recognised: files of summaries and draws, whoever wrote them, as our table or tree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.summaries.columns import arranged
from uncertainty.summaries.opened import Found, opened
from uncertainty.summaries.posterior import ETI, draws_frame

type Paths = str | Path | Sequence[str | Path]


def read_summary(path: Paths) -> pd.DataFrame:
    """A file of a posterior as the summary table, whoever wrote it.

    Parameters
    ----------
    path : path, or several of them
        What it is shows from its content: our own summary or draws, a summary of ArviZ or
        CmdStan as CSV, draws of CmdStan (several files are several chains), JSON of reference
        posteriors, netCDF with ArviZ groups.

    Returns
    -------
    pandas.DataFrame
        The columns of `posterior_summary`, empty where the file does not tell. Elements such as
        ``theta[1]`` have ``theta`` as variable and ``1`` in a column of their coordinate. An
        interval of highest density is no pair of quantiles: its ends are in ``lower`` and
        ``upper``. ``attrs["read_as"]`` says what the file was taken for, ``attrs["notes"]``
        what was left out.

    Raises
    ------
    ResultError
        If the file is none of these.
    """
    return table_of(recognised(path))


def read_draws(path: Paths) -> xr.DataTree:
    """A file of draws as a tree with the group ``posterior`` over (chain, draw).

    Parameters
    ----------
    path : path, or several of them
        As for `read_summary`; several files are several chains.

    Raises
    ------
    ResultError
        If the file holds no draws.
    """
    found = recognised(path)
    if found.draws is None:
        msg = f"{shown(path)}: holds no draws; it was read as {found.kind}"
        raise ResultError(msg)
    return tree_of(found)


def table_of(found: Found) -> pd.DataFrame:
    """What a file holds as the summary table."""
    table = summary_of_draws(found) if found.summary is None else found.summary
    table.attrs = {"read_as": found.kind, "notes": found.notes}
    return table


def tree_of(found: Found) -> xr.DataTree:
    """The draws of a file as a tree."""
    tree = xr.DataTree.from_dict({"/posterior": found.draws})
    tree.attrs |= {**found.attrs, "read_as": found.kind, "notes": found.notes}
    return tree


def shown(path: Paths) -> str:
    """Paths as messages name them."""
    return str(path) if isinstance(path, str | Path) else ", ".join(map(str, path))


def recognised(path: Paths) -> Found:
    """What one file, or several chains in a file each, hold."""
    if isinstance(path, str | Path):
        return opened(Path(path).expanduser())
    found = [opened(Path(one).expanduser()) for one in path]
    blocks = [one.draws for one in found if one.draws is not None]
    if not found or len(blocks) < len(found):
        msg = f"several files must each hold draws of a chain; got {shown(path) or 'none'}"
        raise ResultError(msg)
    try:
        chains = xr.concat(blocks, dim="chain", join="exact")
    except ValueError as error:
        msg = f"{shown(path)}: the files are not chains of the same draws: {error}"
        raise ResultError(msg) from None
    notes = list(dict.fromkeys(note for one in found for note in one.notes))
    numbered = chains.assign_coords(chain=range(chains.sizes["chain"]))
    return Found(found[0].kind, draws=numbered, notes=notes)


def summary_of_draws(found: Found) -> pd.DataFrame:
    """The summary of draws, with a note of what is not finite."""
    if found.draws is None:
        msg = f"{found.kind}: neither a summary nor draws"
        raise ResultError(msg)
    frames = [
        draws_frame(array).assign(variable=str(name), unit=array.attrs.get("units", ""))
        for name, array in found.draws.data_vars.items()
    ]
    made = pd.concat(frames, ignore_index=True).assign(group="posterior", **ETI)
    made = made.assign(**{key: str(found.attrs.get(key, "")) for key in ("study", "run")})
    if gaps := made.loc[made["mean"].isna(), "variable"].unique().tolist():
        found.notes.append(f"draws that are not finite, figures left empty: {', '.join(gaps)}")
    return arranged(shared_index(made))


def shared_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns ``<name>_index`` of flat draws as one column ``index``."""
    own = [f"{name}_index" for name in frame["variable"].unique() if f"{name}_index" in frame]
    if not own:
        return frame
    merged = frame[own].bfill(axis=1).iloc[:, 0]
    return frame.drop(columns=own).assign(index=merged)
