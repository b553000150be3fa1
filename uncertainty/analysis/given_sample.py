"""Given sample: draws of parameters and one outcome that exist already, and how they were drawn."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.errors import DesignError, ResultError
from uncertainty.names import listed, suggestion

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: How a sample may have been drawn; all but the last are designs.
DRAWN = ("random", "latin", "sobol", "posterior")
#: Groups of draws: of the parameters, and of the outcomes.
GROUPS = {"prior": "prior_predictive", "posterior": "posterior_predictive"}
#: Columns of a table that number the draws.
NUMBERS = ("chain", "draw")

#: An outcome that varies by less than this share of the largest value anywhere has no variance in
#: double precision.
STILL = 1e-150

#: What draws are read from.
type Source = xr.DataTree | pd.DataFrame | Mapping[str, Any]


@dataclass(frozen=True)
class GivenSample:
    """Draws of parameters and of one outcome.

    Attributes
    ----------
    parameters : {name: (chain, draw)}
        A dirichlet gives one entry a share, ``name[0]``.
    outcome : (..., chain, draw)
    name, units : str
        Of the outcome.
    dims : tuple of str
        Of the outcome, without chain and draw.
    coords : {dim: labels}
    drawn : str or None
        One of `DRAWN`; None when nobody knows. For a design, a chain is an independent replicate.
    labels : {parameter: text}
    """

    parameters: Mapping[str, Array]
    outcome: Array
    name: str
    units: str
    dims: tuple[str, ...]
    coords: Mapping[str, Sequence[Any]]
    drawn: str | None
    labels: Mapping[str, str]

    @classmethod
    def of(
        cls,
        source: Source,
        outcome: Any = None,
        *,
        parameters: Sequence[str] | None = None,
        drawn: str | None = None,
        group: str = "prior",
    ) -> GivenSample:
        """From a result tree or a table, checked.

        Raises
        ------
        ResultError
            When a group, outcome or parameter is missing, lengths differ or values are not
            finite numbers.
        DesignError
            When `drawn` is unknown or contradicts the result.
        """
        import xarray as xr

        check_drawn(drawn)
        if isinstance(source, xr.DataTree):
            found = from_tree(source, outcome, parameters, drawn, group)
        else:
            found = from_table(source, outcome, parameters, drawn)
        check_finite(found)
        return found

    @property
    def chains(self) -> int:
        """Independent replicates, or chains."""
        return self.outcome.shape[-2]

    @property
    def size(self) -> int:
        """Draws in all."""
        return self.chains * self.outcome.shape[-1]

    @property
    def split(self) -> tuple[int, int]:
        """Chains, and draws of each."""
        return self.chains, self.size // self.chains

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the outcome's dims."""
        return self.outcome.shape[:-2]

    @property
    def cells(self) -> Array:
        """The outcome at every coordinate, (cell, sample)."""
        return self.outcome.reshape(-1, self.size)

    @property
    def values(self) -> Array:
        """Parameters, (parameter, sample)."""
        return np.stack([x.reshape(-1) for x in self.parameters.values()])

    @property
    def varies(self) -> npt.NDArray[np.bool_]:
        """Which parameters vary, (parameter,)."""
        return np.array([x.min() < x.max() for x in self.parameters.values()])


def check_drawn(drawn: str | None) -> None:
    """Raise `DesignError` for an origin that does not exist."""
    if drawn is not None and drawn not in DRAWN:
        near = suggestion(str(drawn), DRAWN)
        msg = f"drawn must be one of {listed(DRAWN)}, got {drawn!r}{near}"
        raise DesignError(msg)


def check_finite(sample: GivenSample) -> None:
    """Raise `ResultError` for values that are not finite, with their number."""
    columns = {**sample.parameters, sample.name: sample.outcome}
    for name, values in columns.items():
        bad = int(values.size - np.isfinite(values).sum())
        if bad:
            kind = "parameter" if name in sample.parameters else "outcome"
            msg = (
                f"{kind} {name!r}: {bad} of {values.size} values are not finite; find out why, "
                "since leaving such draws out would bias every index"
            )
            raise ResultError(msg)


def from_tree(
    tree: xr.DataTree,
    outcome: str | None,
    parameters: Sequence[str] | None,
    drawn: str | None,
    group: str,
) -> GivenSample:
    """Draws of one group of a result."""
    inputs, outputs = group_draws(tree, group)
    name = chosen_outcome(outcome, [str(n) for n in outputs.data_vars])
    columns, labels = parameter_columns(inputs, parameters)
    y = outputs[name].transpose(..., "chain", "draw")
    dims = tuple(str(dim) for dim in y.dims[:-2])
    return GivenSample(
        columns,
        as_numbers(y.values, f"outcome {name!r}"),
        name,
        str(y.attrs.get("units", "")),
        dims,
        {dim: y[dim].values.tolist() for dim in dims},
        origin(tree, group, drawn),
        labels,
    )


def group_draws(tree: xr.DataTree, group: str) -> tuple[xr.Dataset, xr.Dataset]:
    """Draws of the parameters and of the outcomes, of the same chains and draws."""
    if group not in GROUPS:
        near = suggestion(str(group), GROUPS)
        msg = f"group must be one of {listed(GROUPS)}, got {group!r}{near}"
        raise ResultError(msg)
    missing = [name for name in (group, GROUPS[group]) if name not in tree.children]
    if missing:
        msg = (
            f"the result has no draws in {listed(missing)}; it has {listed(tree.children)}; "
            "run it with keep=True"
        )
        raise ResultError(msg)
    pair = tree[group].to_dataset(), tree[GROUPS[group]].to_dataset()
    sizes = [tuple(ds.sizes.get(dim, 0) for dim in NUMBERS) for ds in pair]
    if sizes[0] != sizes[1] or 0 in sizes[0]:
        msg = (
            f"{group} has (chain, draw) {sizes[0]} and {GROUPS[group]} {sizes[1]}; "
            "both need the same, at least one"
        )
        raise ResultError(msg)
    return pair


def chosen_outcome(outcome: Any, known: Sequence[str]) -> str:
    """The outcome asked for; the only one when none is named."""
    if outcome is None and len(known) == 1:
        return known[0]
    if outcome is None:
        msg = f"the result has several outcomes, {listed(known)}; name one"
        raise ResultError(msg)
    if not isinstance(outcome, str):
        got = type(outcome).__name__
        msg = f"the outcome of a result is a name, one of {listed(known)}, got {got}"
        raise ResultError(msg)
    if outcome not in known:
        msg = f"no outcome {outcome!r}; there are {listed(known)}{suggestion(str(outcome), known)}"
        raise ResultError(msg)
    return str(outcome)


def parameter_columns(
    inputs: xr.Dataset, wanted: Sequence[str] | None
) -> tuple[dict[str, Array], dict[str, str]]:
    """Columns (chain, draw) and labels of the parameters; each part of a vector by itself."""
    known = [str(name) for name in inputs.data_vars]
    columns: dict[str, Array] = {}
    labels: dict[str, str] = {}
    for name in checked_parameters(wanted, known):
        array = inputs[name].transpose(..., "chain", "draw")
        values = as_numbers(array.values, f"parameter {name!r}")
        label = str(array.attrs.get("long_name", "")) or name
        for part, column in parts(name, values):
            columns[part] = column
            labels[part] = label + part[len(name) :]
    return columns, labels


def checked_parameters(wanted: Sequence[str] | None, known: Sequence[str]) -> list[str]:
    """The parameters asked for, all known ones when none are named."""
    if isinstance(wanted, str):
        wanted = [wanted]
    names = list(dict.fromkeys(known if wanted is None else wanted))
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        near = suggestion(str(unknown[0]), known) if unknown else ""
        msg = f"no parameter {listed(unknown)}; there are {listed(known)}{near}"
        raise ResultError(msg)
    return names


def parts(name: str, values: Array) -> Iterator[tuple[str, Array]]:
    """A scalar as it is; each part of a vector as ``name[0]``, of a matrix as ``name[0,1]``."""
    for place in np.ndindex(values.shape[:-2]):
        mark = f"[{','.join(map(str, place))}]" if place else ""
        yield f"{name}{mark}", values[place]


def as_numbers(values: Any, what: str) -> Array:
    """As floating-point numbers."""
    kind = getattr(values, "dtype", type(values).__name__)
    try:
        if np.iscomplexobj(values):
            raise TypeError
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        msg = f"{what} must be numbers, got {kind}; give categories as whole numbers"
        raise ResultError(msg) from None


def origin(tree: xr.DataTree, group: str, drawn: str | None) -> str | None:
    """How the draws of a group came about."""
    design = tree.attrs.get("design") or None
    said = "posterior" if group == "posterior" else design
    if said is not None and drawn not in (None, said):
        msg = f"drawn={drawn!r}, but the result says of its {group} draws: {said}"
        raise DesignError(msg)
    check_drawn(said)
    return said or drawn


def from_table(
    table: pd.DataFrame | Mapping[str, Any],
    outcome: Any,
    parameters: Sequence[str] | None,
    drawn: str | None,
) -> GivenSample:
    """Draws in columns; a column `chain` tells replicates or chains apart."""
    columns = table_columns(table)
    y, name, units, dims, coords = table_outcome(columns, outcome)
    known = [key for key in columns if key not in (*NUMBERS, name)]
    names = checked_parameters(parameters, known)
    order, chains = chain_order(columns, y.shape[-1])
    values = {key: as_numbers(columns[key], f"parameter {key!r}") for key in names}
    for key, x in values.items():
        check_length(key, x, y.shape[-1])
    split = (chains, y.shape[-1] // chains)
    return GivenSample(
        {key: x[order].reshape(split) for key, x in values.items()},
        y[..., order].reshape(*y.shape[:-1], *split),
        name,
        units,
        dims,
        coords,
        drawn,
        {key: key for key in names},
    )


def table_columns(table: Any) -> dict[str, Any]:
    """Columns by name."""
    import pandas as pd

    if not isinstance(table, Mapping | pd.DataFrame):
        msg = (
            "draws are a result (DataTree), a pandas DataFrame or a dictionary of columns, "
            f"got {type(table).__name__}"
        )
        raise ResultError(msg)
    columns = {str(key): table[key] for key in table}
    if len(columns) < len(table.keys()):
        msg = f"the table has columns of the same name: {listed(table.keys())}"
        raise ResultError(msg)
    return columns


def table_outcome(
    columns: Mapping[str, Any], outcome: Any
) -> tuple[Array, str, str, tuple[str, ...], dict[str, list[Any]]]:
    """Outcome (..., sample) with name, units, dims and coords: a column or an array."""
    import xarray as xr

    if outcome is None or isinstance(outcome, str):
        if outcome is None:
            msg = f"a table needs the name of its outcome column; it has {listed(columns)}"
            raise ResultError(msg)
        name = chosen_outcome(outcome, list(columns))
        y = as_numbers(columns[name], f"outcome {name!r}")
        check_length(name, y, y.size)
        return y, name, "", (), {}
    if isinstance(outcome, xr.DataArray):
        return array_outcome(outcome)
    y = as_numbers(outcome, "outcome")
    if y.ndim == 0 or y.size == 0:
        msg = f"outcome must be an array (..., sample), got shape {y.shape}"
        raise ResultError(msg)
    dims = tuple(f"dim_{i}" for i in range(y.ndim - 1))
    coords = {dim: list(range(n)) for dim, n in zip(dims, y.shape, strict=False)}
    return y, "y", "", dims, coords


def array_outcome(
    outcome: xr.DataArray,
) -> tuple[Array, str, str, tuple[str, ...], dict[str, list[Any]]]:
    """A labelled outcome; its dim `sample`, else its last one, counts the draws."""
    y = outcome.transpose(..., "sample") if "sample" in outcome.dims else outcome
    if y.ndim == 0 or y.size == 0:
        msg = f"outcome must be an array (..., sample), got shape {y.shape}"
        raise ResultError(msg)
    dims = tuple(str(dim) for dim in y.dims[:-1])
    coords = {dim: y[dim].values.tolist() for dim in dims}
    name = str(outcome.name or "y")
    units = str(outcome.attrs.get("units", ""))
    return as_numbers(y.values, f"outcome {name!r}"), name, units, dims, coords


def check_length(name: str, values: Array, size: int) -> None:
    """Raise `ResultError` unless a column has one number a draw, and there are draws."""
    if values.shape != (size,) or not size:
        msg = (
            f"column {name!r} has shape {values.shape}, expected one number a draw and {size} "
            "draws as the outcome has (along its dim 'sample', else its last one)"
        )
        raise ResultError(msg)


def chain_order(columns: Mapping[str, Any], size: int) -> tuple[npt.NDArray[np.intp], int]:
    """The order that puts chains one after the other, and their number."""
    if "chain" not in columns:
        return np.arange(size), 1
    chain = np.asarray(columns["chain"])
    check_length("chain", chain, size)
    found, counts = np.unique(chain, return_counts=True)
    if len(set(counts.tolist())) > 1:
        per_chain = [f"{c}: {n}" for c, n in zip(found, counts, strict=True)]
        msg = f"chains must have equally many draws, got {listed(per_chain)}"
        raise ResultError(msg)
    return np.argsort(chain, kind="stable"), len(found)


def check_known_origin(sample: GivenSample) -> None:
    """Raise `DesignError` when nobody knows how the draws came about."""
    if sample.drawn is None:
        msg = (
            "how were the draws drawn? Intervals and p-values depend on it; pass drawn='random' "
            "(independent draws), 'latin', 'sobol' or 'posterior'"
        )
        raise DesignError(msg)


def warn_constant(sample: GivenSample) -> None:
    """Warn of parameters and outcomes that do not vary, so that NaN never comes in silence."""
    names = np.array(list(sample.parameters), dtype=object)[~sample.varies]
    if names.size:
        warnings.warn(
            f"{listed(names)} does not vary: what it drives is undefined (NaN)", stacklevel=3
        )
    still: npt.NDArray[np.bool_] = (
        np.ptp(sample.cells, axis=1) <= STILL * np.abs(sample.cells).max()
    )
    if still.any():
        where = "anywhere" if still.all() else f"in {still.sum()} of {still.size} places"
        msg = f"outcome {sample.name!r} does not vary {where}: what drives it is undefined (NaN)"
        warnings.warn(msg, stacklevel=3)
