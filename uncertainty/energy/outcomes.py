"""The outcomes of the energy model: one row each, one function from state to array."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from uncertainty.energy import balance, power
from uncertainty.energy.arrays import Array
from uncertainty.energy.lmdi import CONTRIBUTIONS
from uncertainty.energy.places import Places
from uncertainty.energy.state import State
from uncertainty.energy.workloads import INTELLIGENT, WORKLOADS, total


def coords(places: Places) -> dict[str, tuple[str, ...]]:
    """Coordinates that do not depend on the horizon."""
    return {
        "workload": WORKLOADS,
        "region": places.region_labels,
        "site": places.sites,
        "contribution": CONTRIBUTIONS,
    }


class Outcome(NamedTuple):
    """What an outcome is and how it follows from a state."""

    unit: str
    dims: tuple[str, ...]
    label: str
    of: Callable[[State], Array]


def electricity_by_workload(state: State) -> Array:
    """(workload, year, sample) TWh."""
    return state.xp.stack([state.workload_electricity[w] for w in WORKLOADS])


def pue(state: State) -> Array:
    """(year, sample) facility over IT electricity of the whole sector."""
    return state.electricity / state.it_total


def intelligent_share(state: State) -> Array:
    """(year, sample) training and inference in total facility electricity."""
    return total(state.workload_electricity[w] for w in INTELLIGENT) / state.electricity


def by_site(state: State, amounts: dict[str, Array]) -> Array:
    """(site, year, sample) of {site: (year, sample)}."""
    return state.xp.stack(list(amounts.values()))


def by_region_and_site(state: State, rows: list[dict[str, Array]]) -> Array:
    """(region, site, year, sample) of {site: (year, sample)} for each region."""
    # Stacked once and cut in two, for a stack of stacks would copy everything twice.
    flat = state.xp.stack([amount for row in rows for amount in row.values()])
    return flat.reshape((len(rows), len(state.places.sites), len(state.horizon.years), -1))


def early_growth(state: State) -> Array:
    """(sample,) mean log growth per year from the base year to the split."""
    horizon = state.horizon
    start, end = horizon.base_row, horizon.row(horizon.split)
    return balance.growth_between(state.electricity, start, end, state.xp)


def late_growth(state: State) -> Array:
    """(sample,) mean log growth per year from the split to the last year."""
    horizon = state.horizon
    start, end = horizon.row(horizon.split), horizon.row(horizon.last)
    return balance.growth_between(state.electricity, start, end, state.xp)


def growth_change(state: State) -> Array:
    """(sample,) late growth minus early growth, 1/year."""
    return late_growth(state) - early_growth(state)


def positive_year(state: State, effect: Array) -> Array:
    """(sample,) first year of a positive effect; the year after the last one if none."""
    row = state.horizon.base_row
    return balance.positive_year(effect[row:], state.horizon.years[row:], state.xp)


YEAR = ("year",)

OUTCOMES: dict[str, Outcome] = {
    "electricity": Outcome("TWh", YEAR, "Electricity use", lambda s: s.electricity),
    "electricity_by_workload": Outcome(
        "TWh",
        ("workload", "year"),
        "Electricity use by workload",
        electricity_by_workload,
    ),
    "electricity_by_region": Outcome(
        "TWh",
        ("region", "year"),
        "Electricity use by region",
        lambda s: s.xp.stack(s.region_electricity),
    ),
    "electricity_by_site": Outcome(
        "TWh",
        ("site", "year"),
        "Electricity use by site class",
        lambda s: by_site(s, s.site_electricity),
    ),
    "electricity_by_region_and_site": Outcome(
        "TWh",
        ("region", "site", "year"),
        "Electricity use by region and site class",
        lambda s: by_region_and_site(s, s.region_site_electricity),
    ),
    "without_levers": Outcome(
        "TWh", YEAR, "Electricity use without the levers", lambda s: s.without_levers
    ),
    "efficiency_only": Outcome(
        "TWh",
        YEAR,
        "Electricity use with levers, no rebound",
        lambda s: s.efficiency_only,
    ),
    "savings": Outcome(
        "TWh",
        YEAR,
        "Effect of the levers themselves",
        lambda s: s.efficient_frozen - s.without_levers,
    ),
    "dilution": Outcome("TWh", YEAR, "Effect of moving to other sites", lambda s: s.dilution),
    "rebound": Outcome(
        "TWh", YEAR, "Effect of rebound", lambda s: s.electricity - s.efficiency_only
    ),
    "rebound_levers": Outcome(
        "TWh",
        YEAR,
        "Rebound that the levers bring",
        lambda s: s.levers_only - s.efficiency_only,
    ),
    "rebound_chips": Outcome(
        "TWh", YEAR, "Rebound that cheaper chips bring", lambda s: s.electricity - s.levers_only
    ),
    "levers_effect": Outcome(
        "TWh",
        YEAR,
        "Net effect of the levers and their rebound",
        lambda s: s.levers_effect,
    ),
    "net_effect": Outcome(
        "TWh", YEAR, "Net effect of levers and cheaper chips", lambda s: s.net_effect
    ),
    "pue": Outcome("1", YEAR, "Power usage effectiveness", pue),
    "intelligent_share_of_electricity": Outcome(
        "1",
        YEAR,
        "Share of training and inference in electricity use",
        intelligent_share,
    ),
    "average_power": Outcome(
        "GW", YEAR, "Average power", lambda s: power.average_power(s.electricity)
    ),
    "peak_power": Outcome(
        "GW",
        ("region", "year"),
        "Upper bound of peak power by region",
        lambda s: s.xp.stack(s.region_peak),
    ),
    "peak_power_by_site": Outcome(
        "GW",
        ("site", "year"),
        "Upper bound of peak power by site class",
        lambda s: by_site(s, s.site_peak),
    ),
    "peak_power_by_region_and_site": Outcome(
        "GW",
        ("region", "site", "year"),
        "Upper bound of peak power by region and site class",
        lambda s: by_region_and_site(s, s.region_site_peak),
    ),
    "total_peak_power": Outcome("GW", YEAR, "Upper bound of peak power", lambda s: s.total_peak),
    "it_capacity": Outcome("GW", YEAR, "Installed IT capacity", lambda s: s.it_capacity),
    "early_growth": Outcome("1/year", (), "Early growth of electricity use", early_growth),
    "late_growth": Outcome("1/year", (), "Late growth of electricity use", late_growth),
    "growth_change": Outcome(
        "1/year", (), "Change from early to late growth of electricity use", growth_change
    ),
    "net_positive_year": Outcome(
        "year",
        (),
        "First year of a positive net effect",
        lambda s: positive_year(s, s.net_effect),
    ),
    "levers_positive_year": Outcome(
        "year",
        (),
        "First year of a positive effect of the levers",
        lambda s: positive_year(s, s.levers_effect),
    ),
    "contributions": Outcome(
        "TWh",
        ("contribution", "year"),
        "Contribution to the change since the base year",
        lambda s: s.xp.stack(s.contributions),
    ),
}

GROWTHS = frozenset({"early_growth", "late_growth", "growth_change"})
"""Outcomes that need a split inside the horizon."""
