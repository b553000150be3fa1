"""What a view reads from a result: one array, one selection, the names of things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views.drawing.words import sentence


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


def unit_of(array: xr.DataArray) -> str:
    """Return the unit stored with an array, "" when none is stated."""
    return str(array.attrs.get("units", ""))


def name_of(array: xr.DataArray, outcome: str) -> str:
    """Return the long name of an outcome, or its name in words."""
    return str(array.attrs.get("long_name") or words(outcome))


def stored(result: xr.DataTree, outcome: str) -> xr.DataArray | None:
    """Return the intervals of an outcome, None where the result has none."""
    if "intervals" not in result.children:
        return None
    return result.children["intervals"].dataset.data_vars.get(outcome)


def long_name(result: xr.DataTree, node: xr.Dataset, outcome: str) -> str:
    """Return the outcome's long name, of its node or its intervals, for the start of a title."""
    named = node.attrs.get("long_name")
    if named is None and (array := stored(result, outcome)) is not None:
        named = array.attrs.get("long_name")
    return sentence(str(named or words(outcome)))


def labels(node: xr.Dataset) -> list[str]:
    """Return the label of each parameter, its name in words where it has none."""
    names = [words(name) for name in node["parameter"].values]
    given = texts(node, "label")
    return [label or name for label, name in zip(given, names, strict=True)]


def texts(node: xr.Dataset, name: str) -> list[str]:
    """Return a text of each parameter, "" where none is stored."""
    if name not in node:
        return [""] * node.sizes["parameter"]
    return [text(value) for value in node[name].values]


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


def text(value: object) -> str:
    """Return a stored text; one that is missing is empty."""
    return "" if value is None or value != value else str(value)


def at_front(table: pd.DataFrame, outcome: str, at: Mapping[str, Any] | None) -> pd.DataFrame:
    """Put the outcome and a selection in front of a table, as columns."""
    for place, (name, value) in enumerate({"outcome": outcome, **(at or {})}.items()):
        table.insert(place, name, value)
    return table


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as mappings by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
