"""Classes of sites: where IT electricity is used, and the overhead of cooling and supply there."""

from __future__ import annotations

from collections.abc import Mapping

from uncertainty.energy.adoption import position, progress
from uncertainty.energy.arrays import Array, Namespace
from uncertainty.energy.horizon import Horizon
from uncertainty.energy.places import Places
from uncertainty.energy.shares import nested
from uncertainty.energy.workloads import KINDS, MOVING, by_workload, total

Mix = dict[str, Array]
"""Class of sites -> (sample,) share of a kind of work's IT electricity."""


def base_mixes(p: Mapping[str, Array], places: Places) -> dict[str, Mix]:
    """Site mix of each kind of work in the base year, {kind: {site: (sample,)}}."""
    return {
        kind: dict(
            zip(places.sites, nested(p[n] for n in places.site_shares(kind)), strict=True),
        )
        for kind in KINDS
    }


def drift(p: Mapping[str, Array], places: Places, base: Mix) -> Mix:
    """Change of the moving work's mix once distillation is fully adopted, {site: (sample,)}.

    A part of the share at the first class leaves; what arrives at the others is what has left.

    Parameters
    ----------
    base : {site: (sample,)}   its mix in the base year
    """
    first, *others = places.sites
    if places.leaving is None:
        return {first: 0.0}
    leaving = p[places.leaving] * base[first]
    parts = nested(p[name] for name in places.arrivals)
    arriving = {site: leaving * part for site, part in zip(others, parts, strict=True)}
    return {first: -leaving, **arriving}


def moved(p: Mapping[str, Array], horizon: Horizon, xp: Namespace) -> Array:
    """(year, sample) part of the drift that has happened; it follows distillation's adoption.

    Before the base year none has: going back along the curve, shares could leave 0 to 1.
    """
    years = horizon.base + horizon.after
    where = position(years, p["distillation_midpoint"], p["distillation_duration"])
    return progress(where, horizon.base_row, xp)


def mixes(base: Mapping[str, Mix], change: Mix, part: Array) -> dict[str, Mix]:
    """Site mix of each kind of work over the years, {kind: {site: (sample,) or (year, sample)}}."""
    arrived = {site: share + change[site] * part for site, share in base[MOVING].items()}
    return {**base, MOVING: arrived}


def overheads(p: Mapping[str, Array], places: Places) -> Mix:
    """Electricity beyond IT per unit of IT electricity in the base year, {site: (sample,)}."""
    return {site: p[name] - 1.0 for site, name in places.pues.items()}


def improvement(p: Mapping[str, Array], horizon: Horizon, xp: Namespace) -> Array:
    """Overhead that is left, relative to the base year: it nears a floor and never passes it.

    Before the base year it fell in a straight line, as fast as in the base year: going back along
    the exponential, an overhead would be dozens of times that of the base year after 20 years.

    Returns
    -------
    (year, sample)   f + (1 - f) exp(-r t), 1 in the base year; f + (1 - f) (1 - r t) before it
    """
    floor, rate = p["pue_overhead_floor"], -p["pue_improvement"]
    return floor + (1.0 - floor) * horizon.continued(xp.exp(horizon.after * rate), rate)


def mean_overhead(mix: Mix, overhead: Mix) -> Array:
    """(sample,) overhead of a mix of classes; linear in the mix."""
    return total(share * overhead[site] for site, share in mix.items())


def frozen_pue(base: Mapping[str, Mix], overhead: Mix, left: Array) -> dict[str, Array]:
    """PUE of each workload while its site mix stays that of the base year.

    Parameters
    ----------
    base : {kind: {site: (sample,)}}   site mixes of the base year
    overhead : {site: (sample,)}       see `overheads`
    left : (year, sample)              see `improvement`

    Returns
    -------
    {workload: (year, sample)}         1 + overhead
    """
    return by_workload(
        {kind: 1.0 + left * mean_overhead(mix, overhead) for kind, mix in base.items()}
    )


def moving_pue(base: Mix, change: Mix, overhead: Mix, part: Array, left: Array) -> Array:
    """PUE of the moving work.

    Parameters
    ----------
    base, change : {site: (sample,)}   its mix in the base year, and the whole drift of it
    part : (year, sample)              part of the drift that has happened

    Returns
    -------
    (year, sample)                     1 + overhead; in the base year the same number as if frozen
    """
    mean = mean_overhead(base, overhead) + mean_overhead(change, overhead) * part
    return 1.0 + left * mean


def log_pue(pue: Mapping[str, Array], base_row: int, xp: Namespace) -> dict[str, Array]:
    """Logarithm of each workload's PUE relative to the base year, {workload: (year, sample)}."""
    logs = {kind: xp.log(pue[kind]) for kind in KINDS}
    return by_workload({kind: log - log[base_row] for kind, log in logs.items()})


def site_pue(overhead: Mix, left: Array) -> dict[str, Array]:
    """PUE of each class of sites, {site: (year, sample)}."""
    return {site: 1.0 + left * amount for site, amount in overhead.items()}


def it_by_site(it: Mapping[str, Array], mix: Mapping[str, Mix]) -> dict[str, dict[str, Array]]:
    """IT electricity of each kind of work at each class of sites.

    Parameters
    ----------
    it : {kind: (year, sample)}         IT electricity, TWh
    mix : {kind: {site: ...}}           see `mixes`

    Returns
    -------
    {kind: {site: (year, sample)}}      TWh
    """
    return {
        kind: {site: it[kind] * share for site, share in shares.items()}
        for kind, shares in mix.items()
    }
