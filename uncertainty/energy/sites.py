"""Site classes: where IT electricity is used, and the overhead of cooling and supply there."""

from __future__ import annotations

from collections.abc import Mapping

from uncertainty.energy.adoption import position, progress
from uncertainty.energy.arrays import Array, Column, Namespace
from uncertainty.energy.workloads import total

SITES = ("large", "small", "edge")

MOVING = "inference"
"""The workload whose site mix changes as small models spread."""

TWIN = "supercomputing"
"""The workload that stands at the same sites as general computing, so that both share a PUE."""

Mix = dict[str, Array]
"""Site class -> (sample,) share of a workload's IT electricity; absent where there is none."""


def base_mixes(p: Mapping[str, Array]) -> dict[str, Mix]:
    """Site mix of each workload in the base year, {workload: {site: (sample,)}}."""
    large, edge = p["inference_large_share"], p["inference_edge_share"]
    general = _two_classes(p["general_large_share"])
    return {
        "training": _two_classes(p["training_large_share"]),
        "inference": {
            "large": large,
            "small": (1.0 - large) * (1.0 - edge),
            "edge": (1.0 - large) * edge,
        },
        "general": general,
        TWIN: general,
    }


def drift(p: Mapping[str, Array]) -> Mix:
    """Change of the moving workload's mix once distillation is fully adopted, {site: (sample,)}.

    A part of the share at large sites leaves; what arrives elsewhere is what has left.
    """
    leaving = p["decentralisation"] * p["inference_large_share"]
    edge = p["decentralisation_edge"]
    return {"large": -leaving, "small": leaving * (1.0 - edge), "edge": leaving * edge}


def moved(p: Mapping[str, Array], years: Column, xp: Namespace) -> Array:
    """(year, sample) part of the drift that has happened; it follows distillation's adoption."""
    where = position(years, p["distillation_midpoint"], p["distillation_duration"])
    return progress(where, xp)


def mixes(base: Mapping[str, Mix], change: Mix, part: Array) -> dict[str, Mix]:
    """Site mix of each workload over the years, {workload: {site: (sample,) or (year, sample)}}."""
    arrived = {site: share + change[site] * part for site, share in base[MOVING].items()}
    return {**base, MOVING: arrived}


def overheads(p: Mapping[str, Array]) -> Mix:
    """Electricity beyond IT per unit of IT electricity in the base year, {site: (sample,)}."""
    return {site: p[f"{site}_pue"] - 1.0 for site in SITES}


def improvement(p: Mapping[str, Array], elapsed: Column, xp: Namespace) -> Array:
    """Overhead that is left, relative to the base year: it nears a floor and never passes it.

    Returns
    -------
    (year, sample)   f + (1 - f) exp(-r t), 1 in the base year
    """
    floor = p["pue_overhead_floor"]
    return floor + (1.0 - floor) * xp.exp(elapsed * -p["pue_improvement"])


def mean_overhead(mix: Mix, overhead: Mix) -> Array:
    """(sample,) overhead of a mix of site classes; linear in the mix."""
    return total(share * overhead[site] for site, share in mix.items())


def frozen_pue(base: Mapping[str, Mix], overhead: Mix, left: Array) -> dict[str, Array]:
    """PUE of each workload while its site mix stays that of the base year.

    Parameters
    ----------
    base : {workload: {site: (sample,)}}   site mixes of the base year
    overhead : {site: (sample,)}           see `overheads`
    left : (year, sample)                  see `improvement`

    Returns
    -------
    {workload: (year, sample)}             1 + overhead
    """
    steady = {workload: mix for workload, mix in base.items() if workload != TWIN}
    pue = {workload: 1.0 + left * mean_overhead(mix, overhead) for workload, mix in steady.items()}
    return pue | {TWIN: pue["general"]}


def moving_pue(base: Mix, change: Mix, overhead: Mix, part: Array, left: Array) -> Array:
    """PUE of the moving workload.

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


def log_pue(pue: Mapping[str, Array], xp: Namespace) -> dict[str, Array]:
    """Logarithm of each workload's PUE relative to the base year, {workload: (year, sample)}."""
    logs = {workload: xp.log(value) for workload, value in pue.items() if workload != TWIN}
    relative = {workload: log - log[0] for workload, log in logs.items()}
    return relative | {TWIN: relative["general"]}


def electricity_by_site(
    it: Mapping[str, Array], mix: Mapping[str, Mix], overhead: Mix, left: Array
) -> list[Array]:
    """Facility electricity of each site class.

    Parameters
    ----------
    it : {workload: (year, sample)}   IT electricity, TWh

    Returns
    -------
    [(year, sample)]                  TWh, in the order of `SITES`
    """
    return [
        total(it[workload] * shares[site] for workload, shares in mix.items() if site in shares)
        * (1.0 + left * overhead[site])
        for site in SITES
    ]


def _two_classes(large: Array) -> Mix:
    return {"large": large, "small": 1.0 - large}
