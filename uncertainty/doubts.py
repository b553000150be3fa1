"""Doubts: warnings where indices are undefined, hardly known, or less sure than they look."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.names import listed
from uncertainty.ratios import share

if TYPE_CHECKING:
    import xarray as xr

    from uncertainty.index_labels import Run
    from uncertainty.pick_freeze.replicated import Replicated

#: An interval of a share of variance that is wider than this is worth a warning.
WIDE = 0.25
#: A bias below this is of no interest.
SMALL = 0.01


def warn_undefined(run: Run, name: str, variances: Array) -> None:
    """Warn where an outcome does not vary, so that NaN never comes in silence.

    A rare event may be missed by some replicates only; that is another matter, and is told so.
    """
    varies = variances > 0
    model = run.door.model
    for cells, words in (
        (~varies.any(axis=0), "does not vary {where}: its indices are undefined there (NaN)"),
        (
            varies.any(axis=0) & ~varies.all(axis=0),
            "does not vary {where} in some replicates, too few draws for what is rare: its "
            "intervals there are too narrow; raise size",
        ),
    ):
        if cells.any():
            where = places(cells, [model.coords[dim] for dim in model.dims.get(name, ())])
            warnings.warn(f"outcome {name!r} {words.format(where=where)}", stacklevel=5)


def places(cells: npt.NDArray[np.bool_], coords: Sequence[Sequence[Any]]) -> str:
    """The marked cells by their coordinates."""
    if cells.all():
        return "anywhere"
    marked = [
        ", ".join(str(c[i]) for c, i in zip(coords, cell, strict=True))
        for cell in np.argwhere(cells)
    ]
    return "at " + listed(marked, 5)


def warn_wide(name: str, bounds: xr.DataArray) -> None:
    """Warn of shares that are hardly known, as those of a very skewed outcome are."""
    width = bounds.sel(bound="upper") - bounds.sel(bound="lower")
    if bool((width > WIDE).any()):
        msg = (
            f"outcome {name!r} has shares of variance whose 95% intervals are wider than "
            f"{WIDE:.0%}; raise the size of its Shapley effects"
        )
        warnings.warn(msg, stacklevel=6)


def warn_skewed(
    name: str,
    found: Replicated,
    variables: Mapping[str, xr.DataArray],
    heavy: npt.NDArray[np.bool_] | None,
    coords: Sequence[Sequence[Any]],
) -> None:
    """Warn when the bias of the indices is no longer small beside their intervals.

    The mean over replicates of a ratio and the ratio of means differ by about the bias of a single
    replicate; the ratio of means keeps but its part for the number of replicates.
    """
    worst = 0.0
    for index, parts in (("S1", found.first), ("ST", found.total)):
        each = share(parts, found.variance[..., None])
        half = variables[f"{index}_interval"].sel(bound="upper") - variables[index]
        gap = np.abs(each.mean(axis=0) - variables[index].values)
        large = gap > np.maximum(half.values, SMALL)
        worst = max(worst, float(np.max(gap, where=large, initial=0.0)))
    if heavy is not None and heavy.any() and not worst:
        where = "" if heavy.all() else f" {places(heavy, coords)}"
        msg = (
            f"outcome {name!r} is so skewed{where} that a few draws decide its variance: "
            "intervals of its indices hold the exact value less often than they say; raise size"
        )
        warnings.warn(msg, stacklevel=5)
    if worst:
        msg = (
            f"outcome {name!r} is so skewed that its indices differ by up to {worst:.2g} between "
            "one replicate and all, more than their intervals say; raise size"
        )
        warnings.warn(msg, stacklevel=5)
