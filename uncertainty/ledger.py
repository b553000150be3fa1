"""Ledger: on what the variance of an outcome rests, by grade, by evidence and by source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from uncertainty.arrays import Array
from uncertainty.catalogue import Entry
from uncertainty.labels import NO_SOURCE
from uncertainty.ratios import mean_of
from uncertainty.schema import Grade

if TYPE_CHECKING:
    import xarray as xr

GRADES: tuple[str, ...] = get_args(Grade)
#: How a publisher's name goes on when the source was read at second hand.
SECOND_HAND = (", read ", ", as quoted ", " (")
DOCUMENT = ("title", "publisher", "date", "url")
CITED = (*DOCUMENT, "quote", "grade", "context")

Shares = Mapping[str, Mapping[str, float]]
"""Parameter -> the entries of the ledger that it counts for, and with which part of it."""


def publisher(source: Any) -> str:
    """Who published a source, without how it was read."""
    if not isinstance(source, Mapping):
        return str(source)
    name = str(source.get("publisher") or source.get("title") or "")
    for mark in SECOND_HAND:
        name = name.partition(mark)[0]
    return name.strip()


def citation(source: Any) -> str:
    """A source in one line: title, publisher, date, address."""
    return ", ".join(found for key in DOCUMENT if (found := text(source, key)))


def grade_of(entry: Entry) -> dict[str, float]:
    """Grade of the number as it is used: its weakest link."""
    return {entry.grade: 1.0}


def setting(entry: Entry) -> list[Any]:
    """The sources that set a number; those cited for context are left out."""
    return [s for s in entry.sources if not (isinstance(s, Mapping) and s.get("context"))]


def evidence_of(entry: Entry) -> dict[str, float]:
    """Grade of the best source that sets a number; a source without a grade is a judgement."""
    grades = [s.get("grade") if isinstance(s, Mapping) else None for s in setting(entry)]
    best = next((grade for grade in GRADES if grade in grades), None)
    return {best or ("expert judgement" if grades else NO_SOURCE): 1.0}


def sources_of(entry: Entry) -> dict[str, float]:
    """Publishers of the sources that set a number, in equal parts."""
    names = list(dict.fromkeys(publisher(source) for source in setting(entry)))
    return dict.fromkeys(names, 1.0 / len(names)) if names else {NO_SOURCE: 1.0}


VIEWS = {"grade": grade_of, "evidence": evidence_of, "source": sources_of}
"""What variance is told apart by -> how a parameter counts for it."""


def ledger(effects: xr.Dataset, entries: Mapping[str, Entry]) -> xr.Dataset:
    """Shares of variance by grade, evidence and source.

    Parameters
    ----------
    effects : xarray.Dataset
        Shapley effects of one outcome, with `Sh_by_replicate`: they sum to one, so that they
        may be summed over any set of parameters.
    entries : {parameter: Entry}

    Returns
    -------
    xarray.Dataset
        ``by_grade`` (..., grade), ``by_evidence`` (..., evidence) and ``by_source`` (..., source,
        largest first), each with its interval (..., bound) by Student's t over replicates.
        A number with several sources counts for each of their publishers in equal parts;
        sources cited for context count for nothing.
    """
    import xarray as xr

    names = [str(name) for name in effects["parameter"].values]
    each = effects["Sh_by_replicate"].transpose("replicate", ..., "parameter")
    dims = each.dims[1:-1]
    variables: dict[str, Any] = {}
    coords: dict[str, Any] = {str(dim): effects[dim] for dim in dims}
    for view, of in VIEWS.items():
        shares = {name: of(entries[name]) for name in names}
        keys = ordered(view, shares, effects)
        summed = each.values @ matrix(names, shares, keys)
        mean, bounds = mean_of(summed)
        variables[f"by_{view}"] = ((*dims, view), mean, {"units": "1"})
        variables[f"by_{view}_interval"] = ((*dims, view, "bound"), bounds)
        coords[view] = keys
    attrs = {key: effects.attrs[key] for key in ("interval_kind", "interval_prob", "replicates")}
    return xr.Dataset(variables, {**coords, "bound": ["lower", "upper"]}, attrs)


def ordered(view: str, shares: Shares, effects: xr.Dataset) -> list[str]:
    """Keys of a view: grades from the best, sources from the largest."""
    present = {key for parts in shares.values() for key in parts}
    if view != "source":
        return [grade for grade in (*GRADES, NO_SOURCE) if grade in present]
    mean = effects["Sh"].mean([dim for dim in effects["Sh"].dims if dim != "parameter"])
    weight = dict.fromkeys(sorted(present), 0.0)
    for name, share in zip(mean["parameter"].values, np.nan_to_num(mean.values), strict=True):
        for key, part in shares[str(name)].items():
            weight[key] += part * share
    return sorted(weight, key=lambda key: -weight[key])


def matrix(names: Sequence[str], shares: Shares, keys: Sequence[str]) -> Array:
    """(parameter, key) parts."""
    return np.array([[shares[name].get(key, 0.0) for key in keys] for name in names])


def citations(entries: Iterable[Entry]) -> xr.Dataset:
    """All sources of all parameters, one row each, over `citation`."""
    import xarray as xr

    rows = [
        {"parameter": entry.name, **{key: text(source, key) for key in CITED}}
        for entry in entries
        for source in entry.sources
    ]
    return xr.Dataset(
        {
            key: ("citation", np.array([row[key] for row in rows], dtype=object))
            for key in ("parameter", *CITED)
        }
    )


def text(source: Any, key: str) -> str:
    """One fact of a source as text."""
    if not isinstance(source, Mapping):
        return str(source) if key == "title" else ""
    value = source.get(key)
    return str(value).lower() if isinstance(value, bool) else str(value or "")
