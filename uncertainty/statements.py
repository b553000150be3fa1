"""Statements: findings of a result as sentences with their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty import taught
from uncertainty.labels import EVERY, LEDGER, NO_SOURCE, central, headline_wish, middle_year

if TYPE_CHECKING:
    import xarray as xr

#: A function from a result to sentences; none where the result has nothing to tell.
type Teller = Callable[[xr.DataTree], Iterator[str]]

#: Grades that are no measurement and no model.
JUDGED = ("expert judgement", "assumption")
FOUND = ("measurement", "model")
#: Sources and readings that are named.
NAMED = 3


def statements(result: xr.DataTree, tellers: Sequence[Teller] | None = None) -> Iterator[str]:
    """The findings that a result can tell in a sentence, in a fixed order; of all `TELLERS`."""
    for tell in TELLERS if tellers is None else tellers:
        yield from tell(result)


def share_above(result: xr.DataTree, outcome: str, value: float, place: dict[str, Any]) -> float:
    """Share of draws above a threshold that was counted."""
    found = result["exceedance"].to_dataset()[outcome]
    return float(found.sel({f"{outcome}_threshold": value, **place}))


def scalars(result: xr.DataTree) -> Iterator[str]:
    """Outcomes of one number a draw that the headline asks for: median and interval."""
    intervals = result["intervals"].to_dataset()
    for name in headline_wish(result).get("also", ()):
        array = intervals[name]
        unit = array.attrs.get("units", "1")
        ends = central(array["quantile"].values.tolist())
        low, middle, high = (
            amount(float(array.sel(quantile=q)), unit) for q in (ends[0], 0.5, ends[1])
        )
        mass = ends[1] - ends[0]
        words = "" if unit in {"1", "year"} else f" {unit}"
        label = array.attrs.get("long_name") or name
        yield f"{label}: {middle}{words} ({mass:.0%} interval {low} to {high})"


def amount(value: float, unit: str) -> str:
    """Three figures; a calendar year whole."""
    return f"{value:.0f}" if unit == "year" else f"{value:.3g}"


def chances(result: xr.DataTree) -> Iterator[str]:
    """How often what the headline asks about happens."""
    for chance in headline_wish(result).get("chances", ()):
        place = {} if chance["year"] is None else {"year": chance["year"]}
        limit = chance["above"] if chance["above"] is not None else chance["below"]
        share = share_above(result, chance["outcome"], limit, place)
        part = share if chance["above"] is not None else 1.0 - share
        yield f"{chance['text']}: in {part:.0%} of draws"


def turning(result: xr.DataTree) -> Iterator[str]:
    """How the year of a turn is distributed."""
    outcome = headline_wish(result).get("turning")
    if not outcome:
        return
    found = result["exceedance"].to_dataset()[outcome]
    years = found[f"{outcome}_threshold"].values
    come = 1.0 - found.values
    label = result["intervals"].to_dataset()[outcome].attrs.get("long_name") or outcome
    parts = [f"{done:.0%} by {year:.0f}" for year, done in zip(years, come, strict=True)]
    shown = [parts[i] for i in sorted({len(parts) // 3, 2 * len(parts) // 3, len(parts) - 1})]
    yield f"{label}: {', '.join(shown)}; never within the horizon in {1 - come[-1]:.0%} of draws"


def judgement(result: xr.DataTree) -> Iterator[str]:
    """How much of the variance rests on judgement, and on which sources."""
    if "ledger" not in result:
        return
    wish, nodes = headline_wish(result), result["ledger"].children
    outcome = wish["outcome"] if wish else next(iter(nodes))
    if outcome not in nodes:
        return
    found, where = at_middle(result, nodes[outcome].to_dataset())
    if found["by_grade"].dims != ("grade",):
        return
    grades, evidence, sources = (found[f"by_{view}"].to_series() for view in LEDGER)
    judged = sum(float(grades.get(grade, 0.0)) for grade in JUDGED)
    found_out = sum(float(evidence.get(grade, 0.0)) for grade in FOUND)
    yield (
        f"{whole(judged)} of the variance of {outcome}{where} rests on numbers graded judgement or "
        f"assumption as used; {whole(found_out)} on numbers whose centre a measurement or a model "
        f"sets, {whole(float(evidence.get(NO_SOURCE, 0.0)))} on numbers that no source sets"
    )
    named = sources.drop(NO_SOURCE, errors="ignore").sort_values(ascending=False)
    first = [f"{name} {whole(share)}" for name, share in named.iloc[:NAMED].items()]
    yield f"its largest sources: {', '.join(first) or 'none'}"


def whole(share: float) -> str:
    """A share in whole percent; an estimate beyond none or all is none or all."""
    return f"{min(max(share, 0.0), 1.0):.0%}"


def at_middle(result: xr.DataTree, found: xr.Dataset) -> tuple[xr.Dataset, str]:
    """A dataset in the middle one of the headline's years."""
    if "year" not in found.dims:
        return found, ""
    year = middle_year(result, found["year"].values.tolist())
    return found.sel(year=year), f" in {year}"


def readings(result: xr.DataTree) -> Iterator[str]:
    """Which readings of a range move an end of the interval by more than the limit."""
    if "readings" not in result:
        return
    single = single_readings(result)
    limit = single.attrs["limit"]
    if not single.sizes["case"]:
        return
    shift, error = (
        single[name].sel(quantile=[0.05, 0.95]).transpose("case", ...)
        for name in ("shift", "shift_mcse")
    )
    clear = np.abs(shift.values) - 2.0 * np.nan_to_num(error.values)
    largest = clear.reshape(len(clear), -1).max(axis=1)
    moved = {str(single["label"].values[i]) for i in np.flatnonzero(largest > limit)}
    total = len(set(single["parameter"].values.tolist()))
    untold = int((~single["told"]).sum())
    said = f"; {untold} of {single.sizes['case']} readings could not be told" if untold else ""
    yield (
        f"another reading of its range moves an end of the 90% interval of "
        f"{single.attrs['outcome']} by more than {limit:.0%} for {len(moved)} of {total} "
        f"parameters{said}"
    )
    order = [i for i in np.argsort(-np.nan_to_num(largest)) if largest[i] > limit]
    first = {single["parameter"].values[i]: i for i in reversed(order)}
    for i in sorted(first.values(), key=lambda i: -largest[i])[:NAMED]:
        yield f"  {strongest(single.isel(case=int(i)))}"


def single_readings(result: xr.DataTree) -> xr.Dataset:
    """The readings of one range at a time."""
    found = result["readings"].to_dataset()
    return found.isel(case=np.flatnonzero(found["parameter"] != EVERY))


def signs(result: xr.DataTree) -> Iterator[str]:
    """Which reading of a single range moves the sign of each effect most."""
    if "readings" not in result:
        return
    single = single_readings(result)
    headings = {name: text for text, name in headline_wish(result).get("effects", {}).items()}
    for effect in single["effect"].values if single.sizes["case"] else ():
        gap = (single["chance"] - single["base_chance"]).sel(effect=effect)
        if not bool(gap.notnull().any()):
            continue
        gap = gap.transpose("case", "year")
        i, j = np.unravel_index(int(np.nanargmax(np.abs(gap.values))), gap.shape)
        best, year = single.isel(case=int(i)), gap["year"].values[j]
        now, then = (
            float(array.sel(effect=effect, year=year))
            for array in (single["base_chance"], best["chance"])
        )
        yield (
            f"“{headings.get(str(effect), str(effect))}” in {year}: {now:.0%} of draws, "
            f"{then:.0%} with the range of “{best['label'].item()}” read as "
            f"{best['reading'].item()}"
        )


def strongest(case: xr.Dataset) -> str:
    """The largest shift of one case in words."""
    ends = case["shift"].sel(quantile=[0.05, 0.95])
    flat = ends.stack(cell=ends.dims)
    best = flat.isel(cell=int(np.nanargmax(np.abs(flat.values))))
    dims = dict(zip(ends.dims, best["cell"].item(), strict=True))
    where = f" in {dims['year']}" if "year" in dims else ""
    return (
        f"{case['label'].item()}, {case['reading'].item()}: "
        f"P{100 * dims['quantile']:.0f}{where} {float(best):+.0%}"
    )


#: What a calibrated result tells of its fit.
TAUGHT: tuple[Teller, ...] = (
    taught.converged,
    taught.narrowed,
    taught.learned,
    taught.sources,
    taught.priors,
    taught.structures,
    taught.left_out,
)
TELLERS: tuple[Teller, ...] = (scalars, chances, turning, judgement, readings, signs, *TAUGHT)
