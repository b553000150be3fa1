"""The parameters of the energy model: unit, meaning and bounds, in the order of the equations.

Most are the same everywhere; those of sites, regions and load factors follow from `Places`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from uncertainty.energy.places import Places
from uncertainty.energy.workloads import KINDS
from uncertainty.names import listed

ANY = "(-inf, inf)"
POSITIVE = "(0, inf)"
NOT_NEGATIVE = "[0, inf)"
SHARE = "[0, 1]"
LOAD = "(0, 1]"
"""Load factors and utilisations: the model divides by them."""
SAVING = "(-inf, 1)"
"""What is left, 1 - saving, goes into a logarithm; a negative saving costs energy."""
GAIN = "(-1, inf)"
"""Work per unit of energy grows by 1 + gain."""
PUE = "[1, inf)"


class Parameter(NamedTuple):
    """Unit of a parameter, its meaning in one line, and the interval in which it makes sense."""

    unit: str
    meaning: str
    bounds: str


BASE = {
    "base_electricity": Parameter(
        "TWh", "facility electricity of the sector in the base year", POSITIVE
    ),
    "intelligent_share": Parameter("1", "training and inference in base-year electricity", SHARE),
    "training_share": Parameter("1", "training within training and inference", SHARE),
    "supercomputing_share": Parameter("1", "supercomputing within what is not intelligent", SHARE),
}

DEMAND = {
    "training_growth_start": Parameter("1/year", "log growth of training at first, no levers", ANY),
    "training_growth_end": Parameter("1/year", "log growth of training in the long run", ANY),
    "inference_growth_start": Parameter(
        "1/year", "log growth of inference at first, no levers", ANY
    ),
    "inference_growth_end": Parameter("1/year", "log growth of inference in the long run", ANY),
    "general_growth_start": Parameter("1/year", "log growth of general computing at first", ANY),
    "general_growth_end": Parameter(
        "1/year", "log growth of general computing in the long run", ANY
    ),
    "general_growth_change": Parameter(
        "1/year**2", "yearly change of general computing's log growth before the base year", ANY
    ),
    "supercomputing_growth": Parameter("1/year", "log growth of supercomputing, constant", ANY),
    "intelligent_half_life": Parameter(
        "year", "half-life of the passage of intelligent growth", POSITIVE
    ),
    "general_half_life": Parameter("year", "half-life of the passage of general growth", POSITIVE),
    "demand_form": Parameter(
        "1", "law by which growth passes: 0 decaying, 1 logistic, 2 Bass", "[0, 2]"
    ),
    "imitation": Parameter(
        "1/year", "Bass's coefficient of imitation, in the last of these laws", NOT_NEGATIVE
    ),
}

HARDWARE = {
    "intelligent_hardware": Parameter("1/year", "annual gain in work per kWh, intelligent", GAIN),
    "general_hardware": Parameter("1/year", "annual gain in work per kWh, general and super", GAIN),
}

SAVINGS = {
    "precision_saving": Parameter("1", "training energy saved by lower precision", SAVING),
    "activation_saving": Parameter(
        "1", "inference energy saved by fewer active parameters", SAVING
    ),
    "kernels_gain": Parameter("1", "relative gain in utilisation from low-level kernels", GAIN),
    "distillation_energy_ratio": Parameter(
        "1", "energy per token, small model over large", POSITIVE
    ),
    "distillation_output_ratio": Parameter("1", "output length, small model over large", POSITIVE),
    "load_idle": Parameter("1", "idle power over full power", SHARE),
    "load_utilisation": Parameter("1", "device utilisation now", LOAD),
    "load_utilisation_target": Parameter("1", "device utilisation in the end", LOAD),
    "overlap": Parameter("1", "0: savings multiply; 1: only the strongest counts", SHARE),
}

ADOPTION = {
    "precision_reach": Parameter("1", "training still at higher precision that can move", SHARE),
    "activation_reach": Parameter("1", "inference that fewer active parameters can reach", SHARE),
    "kernels_reach": Parameter("1", "training and inference that ever adopt such kernels", SHARE),
    "distillation_reach": Parameter("1", "requests that move to small models", SHARE),
    "precision_midpoint": Parameter("year", "calendar year of 50% adoption", ANY),
    "precision_duration": Parameter("year", "years from 10% to 90% adoption", POSITIVE),
    "activation_midpoint": Parameter("year", "calendar year of 50% adoption", ANY),
    "activation_duration": Parameter("year", "years from 10% to 90% adoption", POSITIVE),
    "kernels_midpoint": Parameter("year", "calendar year of 50% adoption", ANY),
    "kernels_duration": Parameter("year", "years from 10% to 90% adoption", POSITIVE),
    "distillation_midpoint": Parameter("year", "calendar year of 50% adoption", ANY),
    "distillation_duration": Parameter("year", "years from 10% to 90% adoption", POSITIVE),
    "load_midpoint": Parameter("year", "calendar year of 50% adoption", ANY),
    "load_duration": Parameter("year", "years from 10% to 90% adoption", POSITIVE),
    "general_reach": Parameter("1", "reach of every lever on general computing", SHARE),
    "supercomputing_reach": Parameter("1", "reach of every lever on supercomputing", SHARE),
    "adaptation_delay": Parameter(
        "year", "later midpoint on general and supercomputing", NOT_NEGATIVE
    ),
}

REBOUND = {
    "electricity_cost_share": Parameter("1", "electricity in the cost of a unit of service", SHARE),
    "chip_price_drop": Parameter("1", "fall of chip prices beyond trend under competition", SAVING),
    "chip_midpoint": Parameter("year", "calendar year of half that fall", ANY),
    "chip_duration": Parameter("year", "years from 10% to 90% of that fall", POSITIVE),
    "training_elasticity": Parameter("1", "size of the price elasticity of training", NOT_NEGATIVE),
    "inference_elasticity": Parameter(
        "1", "size of the price elasticity of inference", NOT_NEGATIVE
    ),
    "general_elasticity": Parameter("1", "the same, general and supercomputing", NOT_NEGATIVE),
    "rebound_speed": Parameter("1/year", "part of the gap in use closed each year", SHARE),
    "rebound_form": Parameter("1", "answer to price: 0 constant elasticity, 1 saturating", SHARE),
    "rebound_saturation": Parameter(
        "1", "fall of log cost that calls forth 63% of all extra use, if saturating", POSITIVE
    ),
}

COOLING = {
    "pue_overhead_floor": Parameter("1", "part of the overhead PUE - 1 that never goes", SHARE),
    "pue_improvement": Parameter(
        "1/year", "rate at which the overhead nears its floor", NOT_NEGATIVE
    ),
}

WORK = {
    "training": "training",
    "inference": "inference",
    "general": "general computing and supercomputing",
}
"""Kind of work -> what meanings call it."""


def parameters(places: Places) -> dict[str, Parameter]:
    """All parameters of a model with these places, by name."""
    return {
        **BASE,
        **DEMAND,
        **HARDWARE,
        **SAVINGS,
        **ADOPTION,
        **REBOUND,
        **dict(_sites(places)),
        **COOLING,
        **dict(_regions(places)),
        **dict(_load_factors(places)),
    }


def _sites(places: Places) -> Iterator[tuple[str, Parameter]]:
    first, *others = places.sites
    for kind in KINDS:
        whole = f"IT electricity of {WORK[kind]}"
        yield from _shares(places.site_shares(kind), places.sites, f"{whole} at", "sites")
    if places.leaving is not None:
        leaves = f"part of inference at {first} sites that leaves them in the end"
        yield places.leaving, Parameter("1", leaves, SHARE)
        yield from _shares(places.arrivals, others, "inference that leaves, to", "sites")
    for site, name in places.pues.items():
        yield name, Parameter("1", f"PUE of {site} sites in the base year", PUE)


def _regions(places: Places) -> Iterator[tuple[str, Parameter]]:
    for kind in KINDS:
        names = places.regions[kind]
        yield from _shares(places.region_shares(kind), names, f"{WORK[kind]} in", "at first")
        if shift := places.region_shift(kind):
            moves = f"part of the other {WORK[kind]} that moves to {names[0]} in ten years"
            yield shift, Parameter("1", moves, SHARE)


def _load_factors(places: Places) -> Iterator[tuple[str, Parameter]]:
    for site, name in places.load_factors.items():
        where = f" at {site} sites" if places.load_factor_by_site else ""
        yield name, Parameter("1", f"average over peak facility power{where}", LOAD)


def _shares(
    names: Sequence[str], places: Sequence[str], whole: str, tail: str
) -> Iterator[tuple[str, Parameter]]:
    """Nested shares: each is taken within what the places before it leave."""
    for i, name in enumerate(names):
        within = f", of what is left by {listed(places[:i])}" if i else ""
        yield name, Parameter("1", f"{whole} {places[i]} {tail}{within}", SHARE)
