"""Diagnosis: whether chains have converged, told in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from uncertainty.arrays import Array

#: What has converged: Vehtari et al. 2021, doi:10.1214/20-BA1221, and Betancourt 2016,
#: arXiv:1604.00695, for the energy.
R_HAT, ESS_PER_CHAIN, E_BFMI = 1.01, 100, 0.3
#: Quantiles whose effective sample size is the tails'.
TAILS = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Convergence of one fit.

    Attributes
    ----------
    names : tuple of str
    r_hat, ess_bulk, ess_tail : (name,)
        NaN for what does not vary.
    divergences : int
    e_bfmi : float
        Smallest over the chains.
    chains, draws : int
    """

    names: tuple[str, ...]
    r_hat: Array
    ess_bulk: Array
    ess_tail: Array
    divergences: int
    e_bfmi: float
    chains: int
    draws: int

    @property
    def faults(self) -> tuple[str, ...]:
        """What speaks against convergence, in words; empty if nothing does."""
        return tuple(told(self))

    @property
    def converged(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.faults

    @property
    def words(self) -> str:
        """One sentence."""
        if not self.converged:
            return "The chains have not converged: " + "; ".join(self.faults) + "."
        if np.isnan(self.r_hat).all():
            return f"{self.chains} chains of {self.draws:,} draws: nothing varies."
        return (
            f"{self.chains} chains of {self.draws:,} draws agree: largest R-hat "
            f"{np.nanmax(self.r_hat):.3f}, smallest effective sample size "
            f"{least(self.ess_bulk):,.0f} in the bulk and {least(self.ess_tail):,.0f} in the "
            f"tails, no divergence, energy fraction (E-BFMI) {self.e_bfmi:.2f}."
        )


def least(values: Array) -> float:
    """Smallest number that is one."""
    return float(np.nanmin(values))


def diagnose(
    draws: Mapping[str, Array], statistics: Mapping[str, Array], names: tuple[str, ...] = ()
) -> Diagnosis:
    """Diagnosis of draws (chain, draw) by name and the sampler's statistics (chain, draw)."""
    import warnings

    from arviz_stats.base import array_stats

    chosen = names or tuple(draws)
    stacked = np.stack([draws[name] for name in chosen], axis=-1)
    axes = {"chain_axis": 0, "draw_axis": 1}
    varies = np.ptp(stacked.reshape(-1, len(chosen)), axis=0) > 0

    def figure(of: Any, **options: Any) -> Array:
        found = np.full(len(chosen), np.nan)
        if varies.any():
            found[varies] = of(stacked[..., varies], **axes, **options)
        return found

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        single = stacked.shape[0] == 1
        r_hat = np.full(len(chosen), np.nan) if single else figure(array_stats.rhat)
        bulk = figure(array_stats.ess, method="bulk")
        tail = figure(array_stats.ess, method="tail", prob=TAILS)
    return Diagnosis(
        chosen,
        r_hat,
        bulk,
        tail,
        int(statistics["diverging"].sum()) if "diverging" in statistics else 0,
        energy_fraction(statistics.get("energy")),
        *stacked.shape[:2],
    )


def energy_fraction(energy: Array | None) -> float:
    """Smallest E-BFMI over the chains, NaN if the sampler tells no energy."""
    if energy is None or energy.shape[1] < 3:
        return float("nan")
    spread = energy.var(axis=1)
    steps = np.square(np.diff(energy, axis=1)).mean(axis=1)
    return float((steps / np.where(spread > 0, spread, np.nan)).min())


def told(found: Diagnosis) -> Iterator[str]:
    """What speaks against convergence."""
    if found.chains == 1:
        yield "one chain alone cannot show that it has converged (run at least two)"
    high = [n for n, r in zip(found.names, found.r_hat, strict=True) if not r <= R_HAT and r == r]
    if high:
        worst = float(np.nanmax(found.r_hat))
        yield f"R-hat is above {R_HAT} for {few(high)} (largest {worst:.3f})"
    wanted = ESS_PER_CHAIN * found.chains
    for words, values in (("bulk", found.ess_bulk), ("tail", found.ess_tail)):
        low = [n for n, v in zip(found.names, values, strict=True) if v < wanted]
        if low:
            yield (
                f"the effective sample size in the {words} is below {wanted} for {few(low)} "
                f"(smallest {least(values):.0f}; take more draws)"
            )
    if found.divergences:
        yield (
            f"{found.divergences} of {found.chains * found.draws:,} steps diverged (raise "
            "target_accept, or look for a prior that the data contradict)"
        )
    if found.e_bfmi < E_BFMI:
        yield f"the energy fraction (E-BFMI) is {found.e_bfmi:.2f}, below {E_BFMI}"


def few(names: list[str]) -> str:
    """The first three names and how many more."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
