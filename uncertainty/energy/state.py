"""One block of samples on its way through the equations, each stage computed when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from uncertainty.energy import balance, demand, levers, lmdi, power, rebound, regions, sites
from uncertainty.energy.arrays import Array, Namespace
from uncertainty.energy.horizon import Horizon
from uncertainty.energy.places import Places
from uncertainty.energy.workloads import MOVING, WORKLOADS, base_shares, by_kind, total

CHIPS = "chips"
"""What stands beside the workloads where costs are felt."""

PerWorkload = dict[str, Array]
PerKind = dict[str, Array]
PerSite = dict[str, Array]


@dataclass(frozen=True, eq=False)
class State:
    """Stages of the model for one set of parameters.

    A stage is computed on first use and kept, so an outcome costs only what it needs. Arrays are
    (year, sample) unless told otherwise, electricity is in TWh, logarithms are relative to the base
    year.

    Attributes
    ----------
    p : {parameter: (sample,)}
    horizon : Horizon
    places : Places   classes of sites and regions
    xp : namespace    `numpy`, `jax.numpy` or `pytensor.tensor`
    """

    p: Mapping[str, Array]
    horizon: Horizon
    places: Places
    xp: Namespace

    # ---- work ----

    @cached_property
    def log_activity(self) -> PerWorkload:
        """Work demanded without the levers."""
        return demand.log_activity(self.p, self.horizon, self.xp)

    @cached_property
    def log_hardware(self) -> PerWorkload:
        """Energy per unit of work by the trend of hardware."""
        return demand.log_hardware(self.p, self.horizon.elapsed, self.xp)

    @cached_property
    def log_factors(self) -> dict[str, PerWorkload]:
        """Each lever's own factor, {workload: {lever: ...}}."""
        return levers.log_factors(self.p, self.horizon, self.xp)

    @cached_property
    def strongest(self) -> PerWorkload:
        """Smallest of the lever factors."""
        return {w: levers.strongest(f.values(), self.xp) for w, f in self.log_factors.items()}

    @cached_property
    def log_levers(self) -> PerWorkload:
        """Joint factor of the levers."""
        overlap, smallest = self.p["overlap"], self.strongest
        return {
            w: levers.combined(f.values(), smallest[w], overlap)
            for w, f in self.log_factors.items()
        }

    @cached_property
    def felt(self) -> PerWorkload:
        """Cost that the levers bring, and the chips, as users have taken it in."""
        chips = rebound.log_chip_price(self.p, self.horizon, self.xp)
        costs = {**self.log_levers, CHIPS: chips}
        return rebound.lagged(costs, self.p["rebound_speed"], self.horizon, self.xp)

    @cached_property
    def log_rebound(self) -> PerWorkload:
        """Extra work because levers and chips make service cheaper than its trend."""
        felt = {w: self.felt[w] + self.felt[CHIPS] for w in WORKLOADS}
        return rebound.log_rebound(self.p, felt, self.xp)

    # ---- growth of IT electricity, from least to most ----

    @cached_property
    def log_without(self) -> PerWorkload:
        """Growth without levers: activity and hardware."""
        return {w: self.log_activity[w] + self.log_hardware[w] for w in WORKLOADS}

    @cached_property
    def log_efficient(self) -> PerWorkload:
        """Growth with levers and without rebound."""
        return {w: self.log_without[w] + self.log_levers[w] for w in WORKLOADS}

    @cached_property
    def log_it(self) -> PerWorkload:
        """Growth with levers and rebound."""
        return {w: self.log_efficient[w] + self.log_rebound[w] for w in WORKLOADS}

    @cached_property
    def log_levers_only(self) -> PerWorkload:
        """Growth with levers and their own rebound, at the chip price of the base year."""
        felt = {w: self.felt[w] for w in WORKLOADS}
        extra = rebound.log_rebound(self.p, felt, self.xp)
        return {w: self.log_efficient[w] + extra[w] for w in WORKLOADS}

    # ---- sites ----

    @cached_property
    def base_mixes(self) -> dict[str, sites.Mix]:
        """Site mix of the base year, {kind: {site: (sample,)}}."""
        return sites.base_mixes(self.p, self.places)

    @cached_property
    def drift(self) -> sites.Mix:
        """Change of inference's site mix in the end, {site: (sample,)}."""
        return sites.drift(self.p, self.places, self.base_mixes[MOVING])

    @cached_property
    def overheads(self) -> sites.Mix:
        """Overhead of the base year, {site: (sample,)}."""
        return sites.overheads(self.p, self.places)

    @cached_property
    def overhead_left(self) -> Array:
        """Overhead relative to the base year."""
        return sites.improvement(self.p, self.horizon, self.xp)

    @cached_property
    def moved(self) -> Array:
        """Part of the drift of inference to other sites that has happened."""
        return sites.moved(self.p, self.horizon, self.xp)

    @cached_property
    def frozen_pue(self) -> PerWorkload:
        """PUE at the site mix of the base year."""
        return sites.frozen_pue(self.base_mixes, self.overheads, self.overhead_left)

    @cached_property
    def workload_pue(self) -> PerWorkload:
        """PUE at the site mix of each year."""
        base = self.base_mixes[MOVING]
        moving = sites.moving_pue(base, self.drift, self.overheads, self.moved, self.overhead_left)
        return self.frozen_pue | {MOVING: moving}

    @cached_property
    def site_pue(self) -> PerSite:
        """PUE of each class of sites."""
        return sites.site_pue(self.overheads, self.overhead_left)

    @cached_property
    def it_by_site(self) -> dict[str, PerSite]:
        """IT electricity of each kind of work at each class of sites."""
        mixes = sites.mixes(self.base_mixes, self.drift, self.moved)
        return sites.it_by_site(by_kind(self.it_electricity), mixes)

    @cached_property
    def site_it(self) -> PerSite:
        """IT electricity at each class of sites."""
        return {
            site: total(amounts[site] for amounts in self.it_by_site.values())
            for site in self.places.sites
        }

    @cached_property
    def site_electricity(self) -> PerSite:
        """Facility electricity at each class of sites."""
        return {site: amount * self.site_pue[site] for site, amount in self.site_it.items()}

    # ---- electricity ----

    @cached_property
    def base_electricity(self) -> PerWorkload:
        """(sample,) facility electricity of the base year."""
        return {w: self.p["base_electricity"] * share for w, share in base_shares(self.p).items()}

    @cached_property
    def base_it(self) -> PerWorkload:
        """(sample,) IT electricity of the base year."""
        pue, row = self.frozen_pue, self.horizon.base_row
        return {w: amount / pue[w][row] for w, amount in self.base_electricity.items()}

    @cached_property
    def it_electricity(self) -> PerWorkload:
        """IT electricity of each workload."""
        return balance.it_electricity(self.base_it, self.log_it, self.xp)

    @cached_property
    def it_efficient(self) -> PerWorkload:
        """IT electricity of each workload with levers and without rebound."""
        return balance.it_electricity(self.base_it, self.log_efficient, self.xp)

    @cached_property
    def workload_electricity(self) -> PerWorkload:
        """Facility electricity of each workload."""
        return balance.facility(self.it_electricity, self.workload_pue)

    @cached_property
    def electricity(self) -> Array:
        """Facility electricity of the sector."""
        return total(self.workload_electricity.values())

    @cached_property
    def it_total(self) -> Array:
        """IT electricity of the sector."""
        return total(self.it_electricity.values())

    # ---- regions ----

    @cached_property
    def region_shares(self) -> dict[str, regions.Shares]:
        """Regional shares, {kind: {region: (sample,) or (year, sample)}}."""
        return regions.shares(self.p, self.places, self.horizon.after)

    def by_region(self, electricity: PerKind) -> list[Array]:
        """Electricity of kinds of work as electricity of regions, in the order of coordinates."""
        labels = self.places.region_labels
        return regions.electricity_by_region(electricity, self.region_shares, labels)

    @cached_property
    def region_electricity(self) -> list[Array]:
        """Facility electricity of each region."""
        return self.by_region(by_kind(self.workload_electricity))

    @cached_property
    def region_site_electricity(self) -> list[PerSite]:
        """Facility electricity of each region at each class of sites.

        Within one kind of work every region has the same site mix.
        """
        columns = {
            site: self.by_region({kind: at[site] for kind, at in self.it_by_site.items()})
            for site in self.places.sites
        }
        return [
            {site: column[i] * self.site_pue[site] for site, column in columns.items()}
            for i in range(len(self.places.region_labels))
        ]

    # ---- power ----

    @cached_property
    def load_factors(self) -> PerSite:
        """(sample,) load factor of each class of sites."""
        return {site: self.p[name] for site, name in self.places.load_factors.items()}

    @cached_property
    def site_peak(self) -> PerSite:
        """Peak power at each class of sites, GW."""
        return self.peaks(self.site_electricity)

    @cached_property
    def region_site_peak(self) -> list[PerSite]:
        """Peak power of each region at each class of sites, GW."""
        return [self.peaks(row) for row in self.region_site_electricity]

    def peaks(self, electricity: PerSite) -> PerSite:
        """Peak power, GW, of facility electricity at each class of sites."""
        factors = self.load_factors
        return {site: power.peak_power(e, factors[site]) for site, e in electricity.items()}

    @cached_property
    def region_peak(self) -> list[Array]:
        """Peak power of each region, GW."""
        if self.places.load_factor_by_site:
            return [total(row.values()) for row in self.region_site_peak]
        factor = self.p["load_factor"]
        return [power.peak_power(e, factor) for e in self.region_electricity]

    @cached_property
    def total_peak(self) -> Array:
        """Peak power of the sector, GW."""
        if self.places.load_factor_by_site:
            return total(self.site_peak.values())
        return power.peak_power(self.electricity, self.p["load_factor"])

    @cached_property
    def it_capacity(self) -> Array:
        """Installed IT capacity, GW."""
        if self.places.load_factor_by_site:
            factors = self.load_factors
            return total(power.it_capacity(it, factors[site]) for site, it in self.site_it.items())
        return power.it_capacity(self.it_total, self.p["load_factor"])

    # ---- counterfactuals ----

    @cached_property
    def without_levers(self) -> Array:
        """Electricity with adoption, chip price and site mix of the base year."""
        it = balance.it_electricity(self.base_it, self.log_without, self.xp)
        return total(balance.facility(it, self.frozen_pue).values())

    @cached_property
    def efficient_frozen(self) -> Array:
        """Electricity with levers, without rebound, at the site mix of the base year."""
        return total(balance.facility(self.it_efficient, self.frozen_pue).values())

    @cached_property
    def dilution(self) -> Array:
        """Electricity that the move to other site classes costs."""
        it, pue, frozen = self.it_efficient, self.workload_pue, self.frozen_pue
        return balance.dilution(it[MOVING], pue[MOVING], frozen[MOVING])

    @cached_property
    def efficiency_only(self) -> Array:
        """Electricity with levers and moving sites, without rebound."""
        return self.efficient_frozen + self.dilution

    @cached_property
    def levers_only(self) -> Array:
        """Electricity with levers and their own rebound, at the chip price of the base year."""
        it = balance.it_electricity(self.base_it, self.log_levers_only, self.xp)
        return total(balance.facility(it, self.workload_pue).values())

    @cached_property
    def levers_effect(self) -> Array:
        """Electricity with the levers and their own rebound against that without them."""
        return self.levers_only - self.without_levers

    @cached_property
    def net_effect(self) -> Array:
        """Electricity against the counterfactual without levers and cheaper chips."""
        return self.electricity - self.without_levers

    # ---- decomposition ----

    @cached_property
    def log_pue(self) -> PerWorkload:
        """PUE relative to the base year, site mix and improvement together."""
        return sites.log_pue(self.workload_pue, self.horizon.base_row, self.xp)

    def terms(self, workload: str) -> PerWorkload:
        """Logarithms of all factors of one workload's electricity, {factor: ...}."""
        factors, strongest = self.log_factors[workload], self.strongest[workload]
        return {
            "activity": self.log_activity[workload],
            "rebound": self.log_rebound[workload],
            "hardware": self.log_hardware[workload],
            **lmdi.lever_terms(factors, strongest, self.p["overlap"]),
            "pue": self.log_pue[workload],
        }

    @cached_property
    def contributions(self) -> list[Array]:
        """Contribution of each factor to the change since the base year."""
        parts = (
            lmdi.Part(
                self.base_electricity[w],
                self.log_it[w] + self.log_pue[w],
                self.terms(w),
            )
            for w in WORKLOADS
        )
        return lmdi.contributions(parts, self.xp)
