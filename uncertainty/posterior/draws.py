"""Draws: arrays of a fitted result with chain and draw last, and how many draws they are worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array, Numbers
from uncertainty.errors import ResultError
from uncertainty.names import listed, suggestion
from uncertainty.space import Space
from uncertainty.units import factor

if TYPE_CHECKING:
    import xarray as xr

#: Dims that number the draws.
NUMBERS = ("chain", "draw")

Flags = npt.NDArray[np.bool_]


def by_chain(array: xr.DataArray) -> Array:
    """Values with chain and draw last, (..., chain, draw).

    Raises
    ------
    ResultError
        When there is no such dim, or a value is not finite.
    """
    missing = [dim for dim in NUMBERS if dim not in array.dims]
    if missing:
        msg = f"{array.name!r} has no dim {listed(missing)}; draws are (chain, draw, ...)"
        raise ResultError(msg)
    values = np.asarray(array.transpose(..., *NUMBERS).values, dtype=np.float64)
    check_finite(str(array.name), values)
    return values


def check_finite(name: str, values: Array) -> None:
    """Raise `ResultError` when some of the values are not finite numbers."""
    bad = int(values.size - np.isfinite(values).sum())
    if bad:
        msg = f"{name!r}: {bad} of {values.size} draws are not finite numbers"
        raise ResultError(msg)


def group(tree: xr.DataTree, name: str, *variables: str) -> xr.Dataset:
    """A group of a result, with the variables that are asked for.

    Raises
    ------
    ResultError
        When it is not there, or a variable is missing.
    """
    if name not in tree.children:
        msg = f"the result has no group {name!r}; it has {listed(tree.children)}"
        raise ResultError(msg)
    found = tree[name].to_dataset()
    for variable in variables:
        member(found, variable, f"/{name}")
    return found


def member(data: xr.Dataset, name: str, where: str = "the posterior") -> xr.DataArray:
    """A variable of a dataset; `ResultError` with the nearest name when it is missing."""
    known = [str(variable) for variable in data.data_vars]
    if name not in known:
        msg = f"{where} has no {name!r}; it has {listed(known)}{suggestion(name, known)}"
        raise ResultError(msg)
    return data[name]


def columns(name: str, array: xr.DataArray) -> Iterator[tuple[str, Array]]:
    """A scalar parameter as it is, each part of a vector as ``name[0]``; each (chain, draw)."""
    values = by_chain(array)
    for place in np.ndindex(values.shape[:-2]):
        mark = f"[{','.join(map(str, place))}]" if place else ""
        yield f"{name}{mark}", values[place]


def unit_factor(space: Space, name: str, array: xr.DataArray) -> float:
    """The number that leads from the prior's unit to that of the draws."""
    unit = space.priors[name].unit
    return factor(unit, str(array.attrs.get("units", unit)))


def arviz() -> Any:
    """ArviZ's functions of arrays, on first use (they take seconds to import)."""
    import arviz_stats.base

    module: Any = arviz_stats.base
    return module.array_stats


def worth(
    values: Array, method: Literal["bulk", "mean", "sd", "tail"] = "mean", **settings: Any
) -> Array:
    """Effective number of draws (..., chain, draw), by ArviZ; their number where it has none.

    References
    ----------
    .. [1] Vehtari, Gelman, Simpson, Carpenter, Bürkner 2021, doi:10.1214/20-BA1221
    """
    found = np.asarray(arviz().ess(values, method=method, **settings), dtype=np.float64)
    return np.where(np.isfinite(found), found, values.shape[-2] * values.shape[-1])


def structures(space: Space, posterior: xr.Dataset) -> Numbers:
    """Number of the structure that each draw is from, (chain, draw).

    A structure is one combination of values of the parameters that are a choice; all draws are
    of structure 0 where there is no choice.
    """
    names = [name for name, prior in space.priors.items() if prior.family == "choice"]
    shape = tuple(posterior.sizes[dim] for dim in NUMBERS)
    if not names:
        return np.zeros(shape, dtype=np.int64)
    values = np.stack([by_chain(member(posterior, name)).ravel() for name in names])
    return np.unique(values, axis=1, return_inverse=True)[1].reshape(shape).astype(np.int64)


def labels(space: Space) -> Mapping[str, str]:
    """Label of each parameter, its name where it has none."""
    return {name: prior.label or name for name, prior in space.priors.items()}
