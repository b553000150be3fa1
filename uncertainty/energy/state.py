"""One block of samples on its way through the equations, each stage computed when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from uncertainty.energy import balance, demand, levers, lmdi, rebound, regions, sites
from uncertainty.energy.arrays import Array, Namespace
from uncertainty.energy.horizon import Horizon
from uncertainty.energy.workloads import WORKLOADS, base_shares, total

PerWorkload = dict[str, Array]


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
    xp : namespace    `numpy`, `jax.numpy` or `pytensor.tensor`
    """

    p: Mapping[str, Array]
    horizon: Horizon
    xp: Namespace

    # ---- work ----

    @cached_property
    def log_activity(self) -> PerWorkload:
        """Work demanded without the levers."""
        return demand.log_activity(self.p, self.horizon.elapsed, self.xp)

    @cached_property
    def log_hardware(self) -> PerWorkload:
        """Energy per unit of work by the trend of hardware."""
        return demand.log_hardware(self.p, self.horizon.elapsed, self.xp)

    @cached_property
    def log_factors(self) -> dict[str, PerWorkload]:
        """Each lever's own factor, {workload: {lever: ...}}."""
        return levers.log_factors(self.p, self.horizon.years, self.xp)

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
    def felt_levers(self) -> PerWorkload:
        """Cost that the levers bring, as users have taken it in."""
        return rebound.felt_levers(self.p, self.log_levers, len(self.horizon.years), self.xp)

    @cached_property
    def log_rebound(self) -> PerWorkload:
        """Extra work because levers and chips make service cheaper than its trend."""
        chips = rebound.felt_chips(self.p, self.horizon.years, self.xp)
        felt = {w: levers + chips for w, levers in self.felt_levers.items()}
        return rebound.log_rebound(self.p, felt)

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
        extra = rebound.log_rebound(self.p, self.felt_levers)
        return {w: self.log_efficient[w] + extra[w] for w in WORKLOADS}

    # ---- sites ----

    @cached_property
    def base_mixes(self) -> dict[str, sites.Mix]:
        """Site mix of the base year, {workload: {site: (sample,)}}."""
        return sites.base_mixes(self.p)

    @cached_property
    def overheads(self) -> sites.Mix:
        """Overhead of the base year, {site: (sample,)}."""
        return sites.overheads(self.p)

    @cached_property
    def overhead_left(self) -> Array:
        """Overhead relative to the base year."""
        return sites.improvement(self.p, self.horizon.elapsed, self.xp)

    @cached_property
    def moved(self) -> Array:
        """Part of the drift of inference to other sites that has happened."""
        return sites.moved(self.p, self.horizon.years, self.xp)

    @cached_property
    def frozen_pue(self) -> PerWorkload:
        """PUE at the site mix of the base year."""
        return sites.frozen_pue(self.base_mixes, self.overheads, self.overhead_left)

    @cached_property
    def workload_pue(self) -> PerWorkload:
        """PUE at the site mix of each year."""
        base, change = self.base_mixes[sites.MOVING], sites.drift(self.p)
        moving = sites.moving_pue(base, change, self.overheads, self.moved, self.overhead_left)
        return self.frozen_pue | {sites.MOVING: moving}

    @cached_property
    def site_electricity(self) -> list[Array]:
        """Facility electricity of each site class."""
        mixes = sites.mixes(self.base_mixes, sites.drift(self.p), self.moved)
        return sites.electricity_by_site(
            self.it_electricity, mixes, self.overheads, self.overhead_left
        )

    # ---- electricity ----

    @cached_property
    def base_electricity(self) -> PerWorkload:
        """(sample,) facility electricity of the base year."""
        return {w: self.p["base_electricity"] * share for w, share in base_shares(self.p).items()}

    @cached_property
    def base_it(self) -> PerWorkload:
        """(sample,) IT electricity of the base year."""
        return {w: amount / self.frozen_pue[w][0] for w, amount in self.base_electricity.items()}

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

    @cached_property
    def region_electricity(self) -> list[Array]:
        """Facility electricity of each region."""
        share = regions.shares(self.p, self.horizon.elapsed)
        return regions.electricity_by_region(self.workload_electricity, share)

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
        w = sites.MOVING
        return balance.dilution(self.it_efficient[w], self.workload_pue[w], self.frozen_pue[w])

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
    def net_effect(self) -> Array:
        """Electricity against the counterfactual without levers and cheaper chips."""
        return self.electricity - self.without_levers

    # ---- decomposition ----

    @cached_property
    def log_pue(self) -> PerWorkload:
        """PUE relative to the base year, site mix and improvement together."""
        return sites.log_pue(self.workload_pue, self.xp)

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
