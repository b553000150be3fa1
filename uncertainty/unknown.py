"""Unknown: what failed runs could change about the indices, and where the model fails."""

from __future__ import annotations

import warnings
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import ModelError
from uncertainty.labels import describe
from uncertainty.tally import Failures, PickFreeze, Table

if TYPE_CHECKING:
    import xarray as xr

    from uncertainty.door import Door
    from uncertainty.index_labels import Labels
    from uncertainty.pick_freeze.freezing import Freezing


#: Runs of the first block that are kept to hold failed ones against.
TRIED = 512


def failures(table: Table, kind: str = "failures") -> Failures | None:
    """All failed runs, or those of A and B alone; None when none may fail."""
    found = [tally for (what, *_), tally in sorted_parts(table) if what == kind]
    return reduce(add, found) if found else None


def check_failed(table: Table, share: float) -> None:
    """Raise `ModelError` when more runs failed than may; warn when any did."""
    counts = [failures(table, kind) for kind in ("base failures", "failures")]
    known = [found for found in counts if found is not None and found.failed]
    if not known:
        return
    found = max(known, key=lambda one: one.failed / one.runs)
    what = (
        f"{found.failed} of {found.runs} model runs failed ({found.failed / found.runs:.2%}), "
        f"for example: {example(found)}"
    )
    if found.failed > share * found.runs:
        msg = f"{what}; at most {share:.2%} may (failures={share:g})"
        raise ModelError(msg)
    warnings.warn(
        f"{what}; they are kept in /failures, and bounds say what they could change", stacklevel=4
    )


def example(found: Failures) -> str:
    """Why the first failed run failed, and its parameters."""
    values = ", ".join(
        f"{name}={x[0]:.6g}" for name, x in list(found.values.items())[:8] if x.ndim == 1
    )
    return f"{found.reasons[0]} with {values}"


def sorted_parts(table: Table) -> list[tuple[tuple[str, str, int], Any]]:
    """Tallies in the order of their replicates."""
    parts: list[tuple[Any, Any]] = list(table.parts.items())
    return sorted(parts, key=lambda part: (part[0][0], part[0][-1]))


def failure_table(found: Failures, door: Door) -> xr.Dataset:
    """The failed runs with their parameters and reasons, and some others to hold them against."""
    import xarray as xr

    made: dict[str, Any] = {"reason": ("failed", list(found.reasons))}
    for name, values in found.values.items():
        prior = door.space.priors[name]
        about = describe(door.model.units.get(name, prior.unit), prior.label)
        for ending, dim, x in (("", "failed", values), ("_tried", "tried", found.tried[name])):
            dims = (f"{name}_part", dim) if x.ndim > 1 else (dim,)
            made[f"{name}{ending}"] = (dims, x, about)
    return xr.Dataset(made, attrs={"failed_runs": found.failed, "tried_runs": found.runs})


def unknown(
    run: Freezing, table: Table, labels: Labels, name: str, dims: tuple[str, ...]
) -> dict[str, xr.DataArray]:
    """Bounds on the indices over all that failed runs may have been; empty when none failed."""
    found = failures(table)
    if found is None or not found.failed:
        return {}
    tallies = [t for (kind, which, _), t in sorted_parts(table) if (kind, which) == ("first", name)]
    tally, planned = reduce(add, tallies), run.design.size * len(tallies)
    attrs = {"interval_kind": "bounds: failed runs anywhere within the range of the outcome"}
    width = len(run.moves)
    first, total = bounds(tally, planned)
    return {
        f"{index}_bounds": labels.array(values, (*dims, "parameter", "bound"), attrs)
        for index, values in (
            ("S1", padded(first, labels, width)),
            ("ST", padded(total, labels, width)),
        )
    }


def padded(values: Array, labels: Labels, width: int) -> Array:
    """NaN for the dummy, of which nothing is bounded."""
    more = len(labels.coords["parameter"]) - width
    return np.pad(
        values, [*[(0, 0)] * (values.ndim - 2), (0, more), (0, 0)], constant_values=np.nan
    )


def bounds(tally: PickFreeze, planned: int) -> tuple[Array, Array]:
    """Least and greatest indices (..., group, bound) that any outcomes of failed runs could give.

    Failed runs may have any outcome within the range of those that are known. The part of the
    variance of a group is an average over `planned` exchanges, of which those that are not known
    add at most what the range allows; the same holds for the variance.

    Parameters
    ----------
    tally : PickFreeze
    planned : int
        Pairs of A and B with and without failures.
    """
    s = tally.result()
    reach = tally.high - tally.low
    mean = tally.shift + 0.5 * (s.a + s.b)
    far = np.maximum(tally.high - mean, mean - tally.low)
    lost = 1.0 - tally.used / planned
    missing = 1.0 - tally.n / planned
    least, most = (1 - missing) * s.variance, (1 - missing) * s.variance + missing * far**2
    centre = 0.5 * (s.a + s.b)[..., None]
    known_first, known_total = (1 - lost) * (s.bd - centre * s.d), (1 - lost) * 0.5 * s.dd
    moved = (missing * reach)[..., None] * np.abs(s.d)
    step = lost * (far * reach)[..., None] + moved
    first = known_first - step, known_first + step
    total = known_total, known_total + lost * 0.5 * (reach**2)[..., None]
    return extremes(first, least, most), extremes(total, least, most)


def extremes(part: tuple[Array, Array], least: Array, most: Array) -> Array:
    """Least and greatest ratio of two bounded numbers, the second positive."""
    low, high = part
    ratios = [
        np.divide(x, v[..., None], out=np.full_like(x, np.nan), where=v[..., None] > 0)
        for x in (low, high)
        for v in (least, most)
    ]
    return np.stack([np.minimum.reduce(ratios), np.maximum.reduce(ratios)], axis=-1)
