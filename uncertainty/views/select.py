"""What a view reads from a result: one array, one selection, the rows that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError

ROW_NUMBERS = ("value", "low", "high", "error", "relative_error")
ROW_TEXTS = ("unit", "source", "label", "published", "note")


def branch(result: xr.DataTree, path: str) -> xr.DataTree:
    """Return the node at `path`, or say which nodes there are."""
    node = result
    for name in path.split("/"):
        if name not in node.children:
            found = ", ".join(sorted(node.children)) or "nothing"
            raise ResultError(f"the result has no '/{path}': '{node.path}' holds {found}")
        node = node.children[name]
    return node


def intervals(result: xr.DataTree, outcome: str) -> xr.DataArray:
    """Return the quantiles of one outcome, dims (<outcome dims>, quantile)."""
    node = branch(result, "intervals")
    if outcome not in node.data_vars:
        names = [str(name) for name in node.data_vars if not str(name).endswith("_mcse")]
        raise ResultError(f"no intervals of outcome '{outcome}': there are {', '.join(names)}")
    array = node.dataset[outcome]
    if "quantile" not in array.dims:
        raise ResultError(f"'/intervals/{outcome}' has no dim 'quantile': {described(array)}")
    return array


def described(array: xr.DataArray | xr.Dataset, skip: tuple[str, ...] = ()) -> str:
    """List the dims of an array with their coordinates, for messages."""
    dims = [str(dim) for dim in array.dims if dim not in skip]
    return "; ".join(f"{dim}: {_listed(array, dim)}" for dim in dims) or "no dims"


def _listed(array: xr.DataArray | xr.Dataset, dim: str) -> str:
    if dim not in array.coords:
        return f"{array.sizes[dim]} places without coordinates"
    values = [str(value) for value in array[dim].values]
    return ", ".join(values) if len(values) <= 12 else f"{values[0]} to {values[-1]}"


def pick[Labelled: (xr.DataArray, xr.Dataset)](
    array: Labelled, at: Mapping[str, Any] | None, asked: str
) -> Labelled:
    """Select by exact coordinates; `asked` names the array in messages.

    Raises
    ------
    ResultError
        For a dim or a coordinate that the array lacks.
    """
    for dim, value in (at or {}).items():
        if dim not in array.dims or dim in {"quantile", "parameter", "bound"}:
            known = described(array, skip=("quantile", "parameter", "bound"))
            raise ResultError(f"{asked} has no dim '{dim}' to select {value!r} from: {known}")
        if value not in array[dim].values.tolist():
            raise ResultError(f"{asked} has no {dim} {value!r}: {dim}: {_listed(array, dim)}")
        array = array.sel({dim: value})
    return array


def single_dim(array: xr.DataArray, outcome: str, facet: str | None = None) -> str | None:
    """Return the one dim left to draw along, None for a scalar.

    Raises
    ------
    ResultError
        When more than one dim is left, or `facet` is not a dim.
    """
    left = [str(dim) for dim in array.dims if dim != "quantile"]
    if facet is not None and facet not in left:
        raise ResultError(f"facet '{facet}' is no free dim of '{outcome}': {described(array)}")
    along = [dim for dim in left if dim != facet]
    if len(along) > 1:
        known = described(array, skip=("quantile",))
        raise ResultError(
            f"outcome '{outcome}' has {len(left)} dims and a chart draws along one: "
            f"select with at={{...}} or give facet=... ({known})"
        )
    return along[0] if along else None


def unit_of(array: xr.DataArray) -> str:
    """Return the unit stored with an array, "" when none is stated."""
    return str(array.attrs.get("units", ""))


def name_of(array: xr.DataArray, outcome: str) -> str:
    """Return the long name of an outcome, or its name in words."""
    return str(array.attrs.get("long_name") or words(outcome))


def headed(result: xr.DataTree, line: str) -> str:
    """Return a line below the title, under the study's own title where there is one."""
    study = str(result.attrs.get("study_title", ""))
    return f"{study}\n{line}" if study else line


def words(name: object) -> str:
    """Return an identifier as words."""
    return str(name).replace("_", " ")


def chosen(at: Mapping[str, Any] | None) -> str:
    """Write a selection for a title: "hub, 2030"; a number says of which dim it is."""
    parts = (
        words(value) if dim == "year" or isinstance(value, str) else f"{words(dim)} {value}"
        for dim, value in (at or {}).items()
    )
    return ", ".join(parts)


def rows(result: xr.DataTree, group: str, outcome: str, unit: str) -> pd.DataFrame:
    """Return the rows of `/observations` or `/projections` for one outcome; none is no fault.

    Returns
    -------
    pandas.DataFrame
        Columns outcome, year, value, low, high, error, relative_error, unit, source, label,
        published, note, and any further ones as stored; texts are never missing, numbers may be
        NaN.

    Raises
    ------
    ResultError
        When a row is in another unit than the outcome: a view converts nothing.
    """
    if group not in result.children or "outcome" not in result.children[group].data_vars:
        return _blank()
    frame = result.children[group].to_dataset().to_dataframe().reset_index(drop=True)
    frame = frame[frame["outcome"].astype(str) == outcome].reset_index(drop=True)
    frame = _complete(frame)
    foreign = sorted(set(frame["unit"]) - ({unit, ""} | ({"1"} if unit == "" else set())))
    if foreign:
        found, own = ", ".join(foreign), f"in {unit}" if unit else "states no unit"
        raise ResultError(f"'/{group}' rows of '{outcome}' are in {found}, the outcome {own}")
    return frame


def _blank() -> pd.DataFrame:
    return _complete(pd.DataFrame({"outcome": [], "year": []}))


def _complete(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = {name: frame[name].astype(float) if name in frame else np.nan for name in ROW_NUMBERS}
    texts = {name: frame[name].map(text) if name in frame else "" for name in ROW_TEXTS}
    return frame.assign(**numbers, **texts).astype(dict.fromkeys(ROW_TEXTS, object))


def text(value: object) -> str:
    """Return a stored text; one that is missing is empty."""
    return "" if value is None or value != value else str(value)


def placed(
    frame: pd.DataFrame, array: xr.DataArray, at: Mapping[str, Any] | None
) -> tuple[pd.DataFrame, int]:
    """Keep the rows that belong to a selection; count those that do not say where they belong.

    A row belongs where its columns named like the dims of the outcome agree with `at`; an outcome
    without dims but year takes every row. `array` is the outcome before the selection.
    """
    needed = [str(dim) for dim in array.dims if dim != "quantile"]
    if any(dim not in frame for dim in needed):
        return frame.iloc[:0], len(frame)
    wanted = {dim: value for dim, value in (at or {}).items() if dim in needed}
    keep = np.ones(len(frame), dtype=bool)
    for dim, value in wanted.items():
        keep &= frame[dim].map(str).to_numpy() == str(value)
    return frame[keep].reset_index(drop=True), 0


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as mappings by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
