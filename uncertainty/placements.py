"""Placements: where published projections fall among our draws, and what would make them true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.estimates import spread
from uncertainty.sample import Sample

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: A draw is near a published figure when it differs by at most this share of it and at most
#: this share of all draws lies between.
NEAR, BETWEEN = 0.05, 0.025
#: Fewer near draws than this say nothing about parameters.
LEAST = 50
#: Standard errors by which a mean rank must differ from one half to be told.
SURE = 3.0
LEVELS = (0.05, 0.5, 0.95)
ENDS = ("value", "low", "high")
TEXTS = ("outcome", "label", "source", "published", "unit", "end")


@dataclass(frozen=True)
class Placement:
    """One published number in the distribution of its outcome.

    Attributes
    ----------
    facts : {column: text or number}
        outcome, label, source, published, unit, end, year and the further coordinates.
    value : float
    percentile, error : float
        Share of draws below it, 0 to 1, and its standard error.
    median : float
    near : int
        Draws near it.
    rank : (parameter,)
        Mean rank of each parameter among those, 0 to 1; one half when nothing is asked of it.
    needed : (parameter, quantile)
    """

    facts: Mapping[str, Any]
    value: float
    percentile: float
    error: float
    median: float
    near: int
    rank: Array
    needed: Array


def placements(
    sample: Sample,
    ranks: Mapping[str, Array],
    projections: pd.DataFrame,
    dims: Mapping[str, tuple[str, ...]],
    coords: Mapping[str, Sequence[Any]],
    factors: Mapping[str, float] | None = None,
) -> xr.Dataset:
    """Each published number as a percentile, with the parameters of the draws that come near it.

    Parameters
    ----------
    sample : Sample
    ranks : {parameter: (sample,)}
        Probability of each draw under its prior.
    projections : pandas.DataFrame
        As `evidence.projections` gives it, in the units of the outcomes.
    dims, coords
        Of the model. Numbers for a coordinate that it lacks are left out.
    factors : {parameter: float}, optional
        From the prior's unit to the model's; `needed` is in the prior's.

    Returns
    -------
    xarray.Dataset
        Over `row`: texts and coordinates, value, percentile, percentile_mcse, median, near; over
        (row, parameter): rank, and `leans` where that is beyond chance; over (row, parameter,
        quantile): needed. NaN where fewer than 50 draws come near the number.
    """
    rows = [
        placed(sample, ranks, facts, place, value, factors or {})
        for facts, place, value in numbers(projections, dims, coords)
    ]
    return dataset(rows, list(ranks))


def numbers(
    projections: pd.DataFrame,
    dims: Mapping[str, tuple[str, ...]],
    coords: Mapping[str, Sequence[Any]],
) -> Iterator[tuple[dict[str, Any], dict[str, Any], float]]:
    """Facts, place and value of each published number; a range gives two."""
    for record in projections.to_dict("records"):
        facts = {str(key): fact for key, fact in record.items()}
        place = {dim: facts.get(dim) for dim in dims.get(facts["outcome"], ())}
        if not all(value in list(coords[dim]) for dim, value in place.items()):
            continue
        for end in ENDS:
            value = facts.get(end)
            if value is not None and np.isfinite(value):
                yield {**facts, "end": end, "place": place}, place, float(value)


def placed(
    sample: Sample,
    ranks: Mapping[str, Array],
    facts: Mapping[str, Any],
    place: Mapping[str, Any],
    value: float,
    factors: Mapping[str, float],
) -> Placement:
    """One published number in the draws of its outcome."""
    draws = sample.outcome(facts["outcome"], place)
    below = 0.5 * ((draws < value).astype(float) + (draws <= value))
    each = sample.by_replicate(below).mean(axis=1)
    share = float(below.mean())
    alone = np.sqrt(share * (1 - share) / len(below))
    error = spread(list(each)) if len(each) > 1 else alone
    near = nearby(draws, value)
    enough = int(near.sum()) >= LEAST
    nothing = np.full((len(ranks), len(LEVELS)), np.nan)
    return Placement(
        facts,
        value,
        share,
        float(error),
        float(np.median(draws)),
        int(near.sum()),
        np.array([u[near].mean() for u in ranks.values()]) if enough else nothing[:, 0],
        np.array(
            [
                np.quantile(sample.parameters[name][near], LEVELS) / factors.get(name, 1.0)
                for name in ranks
            ]
        )
        if enough
        else nothing,
    )


def nearby(draws: Array, value: float) -> npt.NDArray[np.bool_]:
    """Which draws are near a number, in value and in rank, (sample,) of truth."""
    ranks = (np.argsort(np.argsort(draws)) + 0.5) / len(draws)
    own = np.mean(draws < value)
    return (np.abs(draws - value) <= NEAR * abs(value)) & (np.abs(ranks - own) <= BETWEEN)


def leaning(rank: float, near: int) -> bool:
    """Whether draws near a number lean to one side of a parameter's prior, beyond chance.

    The mean rank of n independent draws has the standard error 1 / sqrt(12 n).
    """
    return bool(abs(rank - 0.5) > SURE / np.sqrt(12.0 * max(near, 1)))


def dataset(rows: Sequence[Placement], parameters: Sequence[str]) -> xr.Dataset:
    """Labels on."""
    import xarray as xr

    def column(name: str) -> Array:
        return np.array([getattr(row, name) for row in rows], dtype=float)

    shape = (len(rows), len(parameters), len(LEVELS))
    extra = sorted({dim for row in rows for dim in row.facts["place"]})
    return xr.Dataset(
        {
            **{
                text: (
                    "row",
                    np.array([str(row.facts.get(text, "") or "") for row in rows], object),
                )
                for text in TEXTS
            },
            **{dim: ("row", coordinates(rows, dim)) for dim in extra},
            "value": ("row", column("value")),
            "percentile": ("row", column("percentile")),
            "percentile_mcse": ("row", column("error")),
            "median": ("row", column("median")),
            "near": ("row", np.array([row.near for row in rows], dtype=int)),
            "rank": (("row", "parameter"), np.array([r.rank for r in rows]).reshape(shape[:2])),
            "leans": (("row", "parameter"), leans(rows, shape[:2])),
            "needed": (
                ("row", "parameter", "quantile"),
                np.array([r.needed for r in rows]).reshape(shape),
            ),
        },
        coords={"parameter": list(parameters), "quantile": list(LEVELS)},
        attrs={
            "near": f"within {NEAR:.0%} of the number and {BETWEEN:.1%} of the draws",
            "least": LEAST,
        },
    )


def leans(rows: Sequence[Placement], shape: tuple[int, ...]) -> Any:
    """Where a parameter leans, (row, parameter) of truth."""
    found = [[leaning(rank, row.near) for rank in row.rank] for row in rows]
    return np.array(found, dtype=bool).reshape(shape)


def coordinates(rows: Sequence[Placement], dim: str) -> Any:
    """One coordinate of each row: numbers where all are numbers, else texts."""
    values = [row.facts["place"].get(dim, "") for row in rows]
    if all(isinstance(value, int | float | np.number) for value in values):
        return np.array(values, dtype=float)
    return np.array([str(value) for value in values], dtype=object)
