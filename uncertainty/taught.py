"""Taught: what a fit tells in sentences; each function gives none without its group."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.labels import calibration, central, headline_wish, is_calibrated, middle_year
from uncertainty.narrowing import Narrowing, headline_narrowings

if TYPE_CHECKING:
    import xarray as xr

#: Parameters, sources and structures that are named.
NAMED = 4
LEARNED, SOME, FAR, STRUCTURE = "learned", "a little", "not reached by data", "structure"
CONFLICT, STRONG = "potential prior-data conflict", "potential strong prior / weak likelihood"
ALL_DATA = "all data"
#: A row left out lies within a 90% interval, if the share predicted below it lies between these.
INNER = (0.05, 0.95)
GOOD_K = 0.7


def has_converged(result: xr.DataTree) -> bool:
    """Whether nothing speaks against the convergence of a result's fit."""
    return bool(int(result.attrs.get("converged", 1)))


def diagnosis(result: xr.DataTree) -> list[str]:
    """What was said of the convergence, in sentences without their full stop."""
    stored = json.loads(result.attrs.get("calibration", "{}")).get("words", [])
    said = [stored] if isinstance(stored, str) else stored
    return [str(text).strip().rstrip(".") for text in said if str(text).strip()]


def converged(result: xr.DataTree) -> Iterator[str]:
    """Whether the posterior may be used."""
    if not is_calibrated(result):
        return
    said = diagnosis(result)
    if not has_converged(result):
        yield "the fit has NOT converged: no number of the posterior is to be used"
        yield from (f"  {text}" for text in said)
    else:
        yield "; ".join(said) or "the fit has converged"


def narrowed(result: xr.DataTree) -> Iterator[str]:
    """How much narrower the headline's outcome is."""
    if not is_calibrated(result):
        return
    found = headline_narrowings(result)
    for one in found:
        unit = "" if one.unit in {"1", ""} else f" {one.unit}"
        before, after = (ends_text(ends) for ends in (one.prior, one.posterior))
        yield (
            f"{one.label}{when(one)}: the observations {verb(one.narrower)} the {one.mass:.0%} "
            f"interval{by(one.narrower)}, from {before} before to {after}{unit} after; the median "
            f"moves from {amount(one.prior[1])} to {amount(one.posterior[1])}{unit}, with "
            f"{one.rank:.0%} of the prior below it"
        )


def when(one: Narrowing) -> str:
    """The place of a narrowing, in words."""
    return f" in {one.at['year']}" if "year" in one.at else ""


def ends_text(ends: tuple[float, float, float]) -> str:
    """An interval."""
    return f"({amount(ends[0])} to {amount(ends[2])})"


def amount(value: float) -> str:
    """Three figures, or all whole ones."""
    return f"{value:,.0f}" if 999.5 <= abs(value) < 1e7 else f"{value:.3g}"


def verb(narrower: float) -> str:
    """Which way an interval changed."""
    return "narrow" if not narrower < 0 else "widen"


def by(narrower: float) -> str:
    """How much an interval changed, relative to its width."""
    return f" by {abs(narrower):.0%}" if np.isfinite(narrower) else ""


def learned(result: xr.DataTree) -> Iterator[str]:
    """Which parameters the data reached and moved, and which they did not."""
    found = calibration(result, "learned")
    if found is None:
        return
    found = found.sortby("contraction", ascending=False)
    verdicts, labels = found["verdict"].values.astype(str), labelled(found)
    gone = found["contraction"].values
    groups = {
        name: [i for i, verdict in enumerate(verdicts) if verdict == name]
        for name in (LEARNED, SOME, FAR)
    }
    much = [f"{labels[i]} ({gone[i]:.0%} of its variance gone)" for i in groups[LEARNED]]
    total = sum(verdict != STRUCTURE for verdict in verdicts)
    yield (
        f"the observations say much of {len(much)} of {total} parameters"
        f"{f': {few(much)}' if much else ''}"
    )
    if groups[SOME]:
        yield f"they say a little of {len(groups[SOME])}: {few([labels[i] for i in groups[SOME]])}"
    if groups[FAR]:
        yield (
            f"no observation depends on {len(groups[FAR])} of the parameters, which keep their "
            f"priors: {few([labels[i] for i in groups[FAR]])}"
        )


def labelled(found: xr.Dataset) -> list[str]:
    """The label of each parameter, else its name."""
    names = [str(name).replace("_", " ") for name in found["parameter"].values]
    labels = [str(label) for label in found["label"].values] if "label" in found else names
    return [label or name for label, name in zip(labels, names, strict=True)]


def few(texts: Sequence[str], most: int = NAMED) -> str:
    """Texts in a row; those beyond `most` are counted."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return "; ".join(texts[:most]) + more


def sources(result: xr.DataTree) -> Iterator[str]:
    """How the boundaries of the sources differ from the model's: those of levels."""
    found = calibration(result, "source_bias")
    if found is None:
        return
    levels = found.isel(source=np.flatnonzero(found["kind"].values.astype(str) == "level"))
    for outcome in dict.fromkeys(levels["outcome"].values.astype(str)):
        own = levels.isel(source=np.flatnonzero(levels["outcome"].values.astype(str) == outcome))
        order = own.isel(source=np.argsort(-np.abs(np.log(own["factor"].values)), kind="stable"))
        told = [source_text(order.isel(source=i)) for i in range(order.sizes["source"])]
        yield f"{named(result, outcome)}, published over what the model counts: {few(told)}"


def source_text(row: xr.Dataset) -> str:
    """One source with its factor."""
    low, high = (float(end) for end in row["factor_interval"].values)
    return f"{row['source'].item()} {float(row['factor']):.2f} times ({low:.2f} to {high:.2f})"


def named(result: xr.DataTree, outcome: str) -> str:
    """An outcome in words."""
    groups = (calibration(result, "intervals"), calibration(result, "prior_intervals"))
    for found in groups:
        if found is not None and outcome in found and "long_name" in found[outcome].attrs:
            return str(found[outcome].attrs["long_name"])
    return outcome.replace("_", " ")


def priors(result: xr.DataTree) -> Iterator[str]:
    """Whether the conclusion hangs on a prior, and on which one most."""
    found = calibration(result, "power_scaling")
    if found is None:
        return
    names = found["parameter"].values.astype(str)
    single = found.isel(parameter=np.flatnonzero(names != ALL_DATA))
    said, labels = single["diagnosis"].values.astype(str), np.array(labelled(single))
    near = reached(result, single["parameter"].values.astype(str))
    conflict, strong = (labels[near & (said == word)].tolist() for word in (CONFLICT, STRONG))
    if conflict:
        yield f"prior and data may be in conflict for {few(conflict)}"
    if strong:
        yield (
            f"the prior decides more than the data for {len(strong)} of the {int(near.sum())} "
            "parameters that the data reach"
        )
    if not (conflict or strong):
        yield "no prior is in conflict with the data, and none decides alone"
    yield from moved(result, single)


def reached(result: xr.DataTree, names: Any) -> Any:
    """(parameter,) whether any observation depends on each, as far as that is known."""
    found = calibration(result, "learned")
    if found is None or "reached" not in found:
        return np.full(len(names), True)
    owners = [str(name).partition("[")[0] for name in found["parameter"].values]
    known = dict(zip(owners, found["reached"].values.astype(bool).tolist(), strict=True))
    return np.array([known.get(name, True) for name in names])


def moved(result: xr.DataTree, found: xr.Dataset) -> Iterator[str]:
    """Which prior moves an end of the headline's interval most when it counts half or double."""
    if "moved" not in found:
        return
    shift, where = found["moved"], ""
    if "year" in shift.dims:
        year = middle_year(result, shift["year"].values.tolist())
        year = year if year in shift["year"].values else shift["year"].values.tolist()[-1]
        shift, where = shift.sel(year=year), f" in {year}"
    if set(shift.dims) != {"parameter", "alpha", "quantile"}:
        return
    ends = central(shift["quantile"].values.tolist())
    edges = shift.sel(quantile=list(ends)).transpose("parameter", "alpha", "quantile")
    size = np.nan_to_num(np.abs(edges.values)).max(axis=(1, 2))
    i = int(size.argmax())
    outcome = named(result, str(found.attrs.get("outcome", "outcome")))
    told = str(shift.attrs.get("units", ""))
    unit = "" if told in {"", "1"} else f" {told}"
    yield (
        f"counting one prior half or double moves an end of the {ends[1] - ends[0]:.0%} interval "
        f"of {outcome}{where} by {amount(size[i])}{unit} at most "
        f"({labelled(found)[i]}){untold(edges.values)}"
    )


def untold(values: Any) -> str:
    """How many priors could not be counted otherwise."""
    blank = int(np.isnan(values).all(axis=(1, 2)).sum())
    priors = "prior" if blank == 1 else "priors"
    return f"; for {blank} {priors} these draws cannot tell" if blank else ""


def structures(result: xr.DataTree) -> Iterator[str]:
    """How the forms of the model share the posterior, and how much they matter."""
    found = calibration(result, "structures")
    if found is None or found.sizes.get("structure", 0) < 2:
        return
    order = found.sortby("weight", ascending=False)
    parts = [
        f"{name} {weight:.0%}"
        for name, weight in zip(order["structure"].values, order["weight"].values, strict=True)
    ]
    share = structure_share(result, found)
    yield f"forms of the model by how well they predict rows left out: {few(parts)}{share}"


def structure_share(result: xr.DataTree, found: xr.Dataset) -> str:
    """The part of the variance between structures, in words."""
    apart = calibration(result, "structure_share")
    held = found.get("variance_share") if apart is None else apart.get("share")
    if held is None:
        return ""
    share, where = held, ""
    if share.dims == ("year",):
        year = middle_year(result, share["year"].values.tolist())
        if year not in share["year"].values:
            return ""
        share, where = share.sel(year=year), f" in {year}"
    if share.ndim or not np.isfinite(float(share)):
        return ""
    of = found if apart is None else apart
    outcome = of.attrs.get("outcome") or headline_wish(result).get("outcome", "the outcome")
    part = min(max(float(share), 0.0), 1.0)
    return f"; between them lies {part:.0%} of the variance of {named(result, outcome)}{where}"


def left_out(result: xr.DataTree) -> Iterator[str]:
    """How well rows are predicted by the others."""
    found = calibration(result, "check")
    if found is None or "loo_pit" not in found:
        return
    pit = found["loo_pit"].values.astype(float)
    known = pit[np.isfinite(pit)]
    inside = int(((known >= INNER[0]) & (known <= INNER[1])).sum())
    k = found["pareto_k"].values if "pareto_k" in found else np.array([])
    heavy = int((k > float(found.attrs.get("good_k", GOOD_K))).sum())
    rows = "row decides" if heavy == 1 else "rows decide"
    caution = f"; {heavy} {rows} too much of the fit for this to be told well" if heavy else ""
    yield (
        f"predicted from the others, {inside} of {known.size} rows lie within their 90% interval "
        f"({0.9 * known.size:.0f} are expected){caution}"
    )
