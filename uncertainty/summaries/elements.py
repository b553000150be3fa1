"""Elements: the single numbers of draws, each with a name that a model can have."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.arrays import Array
from uncertainty.errors import SpaceError
from uncertainty.names import listed, suggestion
from uncertainty.summaries.posterior import DRAWS


@dataclass(frozen=True)
class Element:
    """One number of a posterior.

    Attributes
    ----------
    variable : str
        Name of the variable that it is part of.
    key : str
        With its coordinates, as ``theta[1]``; the variable itself where it is a scalar.
    name : str
        As an identifier: ``theta_1``.
    unit : str
    draws : (chain, draw)
    """

    variable: str
    key: str
    name: str
    unit: str
    draws: Array


def elements(found: xr.Dataset, units: Mapping[str, str]) -> list[Element]:
    """All numbers of a dataset of draws, vectors element by element.

    Raises
    ------
    SpaceError
        If two of them would have the same name.
    """
    made = [e for name, array in found.data_vars.items() for e in parts(str(name), array, units)]
    seen: dict[str, str] = {}
    for one in made:
        if one.name in seen:
            msg = f"{seen[one.name]!r} and {one.key!r} would both be named {one.name!r}; rename one"
            raise SpaceError(msg)
        seen[one.name] = one.key
    return made


def parts(name: str, array: xr.DataArray, units: Mapping[str, str]) -> Iterator[Element]:
    """The numbers of one variable."""
    ordered = array.transpose(*DRAWS, ...)
    dims = ordered.dims[2:]
    draws = np.asarray(ordered.values, dtype=np.float64)
    unit = str(array.attrs.get("units", units.get(name, "")))
    labels = [ordered[dim].values.tolist() for dim in dims]
    for places, texts in zip(
        np.ndindex(*draws.shape[2:]), product(*labels) if dims else [()], strict=True
    ):
        key = f"{name}[{', '.join(map(str, texts))}]" if dims else name
        yield Element(name, key, identifier(key), unit, draws[(..., *places)])


def identifier(key: str) -> str:
    """A key as a name that a Python function's parameter can have.

    Examples
    --------
    >>> identifier("theta[1, 2]"), identifier("bias[IEA 2024]"), identifier("2x")
    ('theta_1_2', 'bias_IEA_2024', '_2x')
    """
    name = re.sub(r"\W+", "_", key).rstrip("_") or "_"
    name = f"_{name}" if not name[0].isalpha() and name[0] != "_" else name
    return f"{name}_" if keyword.iskeyword(name) else name


def chosen(found: Sequence[Element], names: Sequence[str] | None) -> list[Element]:
    """The elements asked for, by variable (all of its elements), by key or by name.

    Raises
    ------
    SpaceError
        For a name that is not there.
    """
    if names is None:
        return list(found)
    if isinstance(names, str):
        msg = f"names is a list of names, got the text {names!r}"
        raise SpaceError(msg)
    picked: dict[str, Element] = {}
    for name in names:
        fits = [e for e in found if name in (e.variable, e.key, e.name)]
        if not fits:
            known = list(dict.fromkeys(e.variable for e in found))
            msg = f"no draws of {name!r}{suggestion(name, known)}; there are {listed(known)}"
            raise SpaceError(msg)
        picked |= {e.name: e for e in fits}
    return list(picked.values())


def chosen_for(element: Element, families: Mapping[str, Any]) -> Any:
    """What a mapping says of an element, by name, key or variable; None if nothing."""
    for name in (element.name, element.key, element.variable):
        if name in families:
            return families[name]
    return None
