"""Stopping: when a run of drivers is good enough."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import DesignError

if TYPE_CHECKING:
    import xarray as xr

#: Replicates at which a run gives up.
MOST = 64
#: Replicates are raised by this share at a time.
STEP = 0.5

#: How often a run may look before it gives up, and a difference of indices that is rounding.
LOOKS, ALIKE = 8, 1e-9

TOP = re.compile(r"top\s+([1-9]\d*)")


@dataclass(frozen=True)
class Rule:
    """What must hold for every outcome, and the replicates at which it is given up.

    Attributes
    ----------
    text : str
    met : callable
        Dataset of one outcome -> whether it is good enough.
    most : int
    """

    text: str
    met: Callable[[xr.Dataset], bool]
    most: int

    @classmethod
    def of(cls, until: float | str | None, most: int) -> Rule | None:
        """From what a user writes: a half-width, or "top 5".

        Raises
        ------
        DesignError
        """
        if until is None:
            return None
        if not isinstance(most, int) or isinstance(most, bool) or most < 2:
            msg = f"most must be a whole number of replicates of at least 2, got {most!r}"
            raise DesignError(msg)
        if isinstance(until, int | float) and not isinstance(until, bool) and 0 < until < 1:
            width = float(until)
            return cls(f"{until:g} on either side", lambda ds: narrow(ds, width), most)
        found = TOP.fullmatch(until.strip().lower()) if isinstance(until, str) else None
        if found is None:
            msg = (
                "until is a half-width of the intervals between 0 and 1, such as 0.01, "
                f'or a text such as "top 5", got {until!r}'
            )
            raise DesignError(msg)
        count = int(found[1])
        return cls(f"top {count} told apart", lambda ds: ordered(ds, count), most)

    def further(self, tree: xr.DataTree, replicates: int) -> int:
        """How many replicates to add, 0 to stop; a warning says when it is given up."""
        if all(self.met(node.to_dataset()) for node in tree["drivers"].children.values()):
            return 0
        more = min(self.most - replicates, max(2, int(STEP * replicates)))
        if more <= 0:
            warnings.warn(
                f"{replicates} replicates are not enough for until: {self.text}; "
                "raise size or most",
                stacklevel=4,
            )
            return 0
        return more


def narrow(found: xr.Dataset, width: float) -> bool:
    """Whether no interval reaches further than `width` from its index; NaN has none."""
    halves = [
        found[f"{name}_interval"].sel(bound="upper") - found[name]
        for name in ("S1", "ST", "S2")
        if name in found
    ]
    return all(bool(((half <= width) | half.isnull()).all()) for half in halves)


def ordered(found: xr.Dataset, count: int) -> bool:
    """Whether each of the foremost parameters is told apart from the next one by its total index.

    The difference of two neighbours in each replicate gives a Student t interval; it must not
    hold zero, at a level that is shared among the neighbours and the looks that a run may take.
    For an outcome with dims by the aggregated index.
    """
    if found.sizes["replicate"] < 2:
        return False
    parts = found["total_by_replicate"].transpose("replicate", ..., "parameter").values
    variances = found["variance_by_replicate"].transpose("replicate", ...).values
    shares, each = whole(parts, variances)
    if not np.isfinite(shares).all():
        return True
    order = np.argsort(-shares)[: count + 1]
    apart = each[:, order[:-1]] - each[:, order[1:]]
    from scipy.special import stdtrit

    level = 0.05 / (LOOKS * max(1, apart.shape[-1]))
    reach = stdtrit(len(each) - 1, 1 - level / 2) / np.sqrt(len(each))
    least = np.maximum(reach * apart.std(axis=0, ddof=1), ALIKE)
    return bool((apart.mean(axis=0) > least).all())


def whole(parts: Array, variances: Array) -> tuple[Array, Array]:
    """Indices of all cells together, and what each replicate says of them."""
    from uncertainty.ratios import linearised, together

    return linearised(together(list(parts)), variances.reshape(len(variances), -1).sum(axis=-1))
