"""Readings: how much it matters how a range was turned into a distribution.

The same draws are weighted by the ratio of the densities (importance sampling), parameter by
parameter; where too few draws would carry the weight nothing is said, or the model is run anew.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.alternatives import ANY, READINGS, alternatives, outside
from uncertainty.arrays import Array
from uncertainty.bounds import Bounds
from uncertainty.copula import Copula
from uncertainty.errors import ModelError
from uncertainty.estimates import spread
from uncertainty.labels import EVERY
from uncertainty.prior import Prior
from uncertainty.sample import Sample
from uncertainty.space import Space
from uncertainty.weighted import effective_share, sorted_quantiles

if TYPE_CHECKING:
    import xarray as xr

LEVELS = (0.05, 0.5, 0.95)
#: A change of a quantile beyond this share of it is worth telling.
LIMIT = 0.05
#: Least effective share of the draws, and least effective number of them.
LEAST_SHARE, LEAST_DRAWS = 0.4, 400
#: Standard error of a change that is too large to tell it from the limit.
NOISE = 0.4 * LIMIT
#: Mass of a reading that may lie where there is no draw at all.
UNSEEN = 1e-3


@dataclass(frozen=True)
class Case:
    """One range read in another way."""

    parameter: str
    reading: str
    prior: Prior


@dataclass(frozen=True)
class Told:
    """What a case comes to.

    Attributes
    ----------
    value, error : (place, quantile)
        The quantile, and the standard error of its relative change; NaN where nothing is said.
    chance : (effect, place)
        Share of draws in which each effect is below zero.
    share : float
        Effective share of the draws; 1 for a run anew.
    note : str
    """

    value: Array
    error: Array
    chance: Array
    share: float
    note: str


class Ranked:
    """Draws of one outcome at several places in rising order, whole and replicate by replicate.

    They are sorted once; weights then take their turn.
    """

    def __init__(self, draws: Array, replicates: int) -> None:
        size = draws.shape[-1]
        ends = [i * size // replicates for i in range(replicates + 1)]
        each = [slice(a, b) for a, b in itertools.pairwise(ends)] if replicates > 1 else []
        self.parts = [slice(0, size), *each]
        self.orders = [np.argsort(draws[:, part], axis=-1, kind="stable") for part in self.parts]
        self.sorted = [
            np.take_along_axis(draws[:, part], order, axis=-1)
            for part, order in zip(self.parts, self.orders, strict=True)
        ]

    def quantiles(self, weights: Array | None = None) -> list[Array]:
        """(place, quantile) of the whole, then of each replicate."""
        found = []
        for part, order, draws in zip(self.parts, self.orders, self.sorted, strict=True):
            plain = np.ones(draws.shape[-1]) if weights is None else weights[part]
            rows = zip(draws, order, strict=True)
            found.append(np.stack([sorted_quantiles(y, plain[o], LEVELS) for y, o in rows]))
        return found


@dataclass(frozen=True)
class Reweighting:
    """Draws of one outcome at several places, ready to be weighted.

    Attributes
    ----------
    sample : Sample
    space : Space
        The priors that the draws came from.
    factors : {parameter: float}
        From the prior's unit to the sample's, where that is not 1.
    draws : (place, sample)
    below : (effect, place, sample)
        Whether each effect is below zero.
    """

    sample: Sample
    space: Space
    factors: Mapping[str, float]
    draws: Array
    below: Array

    @cached_property
    def ranked(self) -> Ranked:
        """The draws in order."""
        return Ranked(self.draws, self.sample.replicates)

    @cached_property
    def plain(self) -> list[Array]:
        """Quantiles of the draws as they are, whole and by replicate, (place, quantile)."""
        return self.ranked.quantiles()

    def base(self) -> Array:
        """Quantiles of the draws as they are, (place, quantile)."""
        return self.plain[0]

    def estimated(
        self, found: Sequence[Array], chance: Array, share: float, note: str = ""
    ) -> Told:
        """Quantiles of all draws; the error of their change from its spread over replicates."""
        if len(found) == 1:
            return Told(found[0], np.full_like(found[0], np.nan), chance, share, note)
        pairs = zip(found[1:], self.plain[1:], strict=True)
        error = spread([relative(value, base) for value, base in pairs])
        return Told(found[0], error, chance, share, note)

    def untold(self, share: float, note: str) -> Told:
        """A case that the draws cannot tell."""
        nothing = np.full((len(self.draws), len(LEVELS)), np.nan)
        return Told(nothing, nothing, np.full(self.below.shape[:-1], np.nan), share, note)

    def values(self, name: str) -> Array:
        """Draws of a parameter in the unit of its prior."""
        return self.sample.parameters[name] / self.factors.get(name, 1.0)

    def weights(self, name: str, other: Prior) -> Array:
        """Density of the other prior over that of the present one at every draw, (sample,)."""
        x = self.values(name)
        log = other.logpdf(x) - self.space.priors[name].logpdf(x)
        for copula in self.space.copulas:
            if name in copula.names:
                log = log + self.dependence(copula, copula.names.index(name), other.cdf(x))
        return np.exp(log)

    def dependence(self, copula: Copula, place: int, rank: Array) -> Array:
        """Change of the log density of a copula when one margin changes, (sample,)."""
        ranks = [self.space.priors[name].cdf(self.values(name)) for name in copula.names]
        before = scores(np.stack(ranks))
        after = before.copy()
        after[place] = scores(rank)
        return copula.log_density(after) - copula.log_density(before)

    def told(self, case: Case) -> Told:
        """Quantiles of one case, if the draws carry it."""
        prior = self.space.priors[case.parameter]
        low, high = prior.support
        unseen = outside(case.prior, Bounds(low, high, False, False))
        if unseen > UNSEEN:
            return self.untold(0.0, f"{unseen:.1%} of this reading lies beyond the draws")
        weights = self.weights(case.parameter, case.prior)
        share = effective_share(weights)
        if share < LEAST_SHARE or share * len(weights) < LEAST_DRAWS:
            return self.untold(share, f"only {share:.0%} of the draws would count")
        chance = self.below @ (weights / weights.sum())
        found = self.estimated(self.ranked.quantiles(weights), chance, share)
        noise = np.max(found.error, initial=0.0, where=np.isfinite(found.error))
        if noise > NOISE:
            return self.untold(share, f"the weights leave an error of {noise:.1%} (1 sd)")
        return found


def scores(ranks: Array) -> Array:
    """Normal scores of probabilities, kept finite at 0 and 1."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(ranks, 1e-300, 1 - 1e-16)), dtype=np.float64)


def relative(value: Array, base: Array) -> Array:
    """Change relative to the size of the base; NaN where that is zero."""
    size = np.abs(base)
    return np.divide(value - base, size, out=np.full_like(base, np.nan), where=size > 0)


def cases(space: Space, bounds: Mapping[str, Bounds]) -> Iterator[Case]:
    """Every range of a space in every other reading."""
    for name, prior in space.priors.items():
        if prior.width and prior.size == 1:
            for reading, other in alternatives(prior, bounds.get(name, ANY)):
                yield Case(name, reading, other)


#: Runs the model anew with some priors replaced: draws and signs of a `Reweighting`.
Runner = Callable[[Mapping[str, Prior]], tuple[Array, Array]]


def readings(
    run: Reweighting,
    bounds: Mapping[str, Bounds],
    places: tuple[str, Sequence[Any]],
    effects: Sequence[str] = (),
    runner: Runner | None = None,
    together: Runner | None = None,
) -> xr.Dataset:
    """How the quantiles of an outcome change when a range is read in another way.

    Parameters
    ----------
    run : Reweighting
    bounds : {parameter: Bounds}
        What the model allows; readings that leave it are not tried.
    places : (dim, coordinates)
        What the places of the draws are.
    effects : sequence of outcomes
        What the effects of the run are.
    runner : callable, optional
        Runs the model anew where reweighting does not carry; without it those cases stay untold.
    together : callable, optional
        Runs the model anew with all ranges read in one way.

    Returns
    -------
    xarray.Dataset
        Over case, the dim of the places and quantile: `base`, `value`, `shift` (relative change),
        `shift_mcse`; over case, effect and that dim: `chance` (share of draws in which the effect
        is below zero), `base_chance`; over case: parameter, label, reading, distribution, ess
        (effective share of the draws), told, how (reweighted, run anew), note.
    """
    found: list[tuple[Case, Told, str]] = []
    if together is not None:
        found += [(c, t, "run anew") for c, t in all_together(run, bounds, together)]
    for case in cases(run.space, bounds):
        told, how = run.told(case), "reweighted"
        allowed = bounds.get(case.parameter, ANY)
        if np.isnan(told.value).all() and runner is not None and inside(case.prior, allowed):
            told, how = anew(run, runner, {case.parameter: case.prior}), "run anew"
        found.append((case, told, how))
    return dataset(run, found, places, effects)


def inside(prior: Prior, allowed: Bounds) -> bool:
    """Whether a prior keeps within bounds wholly, so that the model can be run on it."""
    return outside(prior, allowed) == 0.0


def anew(run: Reweighting, runner: Runner, priors: Mapping[str, Prior], note: str = "") -> Told:
    """Quantiles of a new run on the same points, with some priors replaced.

    A model that fails there leaves the case untold: nobody asked for those values.
    """
    try:
        draws, below = runner(priors)
    except ModelError as error:
        return run.untold(0.0, f"the model fails on this reading; declare its bounds ({error})")
    found = Ranked(draws, run.sample.replicates).quantiles()
    return run.estimated(found, below.mean(axis=-1), 1.0, note)


def all_together(
    run: Reweighting, bounds: Mapping[str, Bounds], runner: Runner
) -> Iterator[tuple[Case, Told]]:
    """Every range read in one and the same way, for each way."""
    known = list(cases(run.space, bounds))
    ranges = {case.parameter for case in known}
    for reading in READINGS:
        priors = {
            case.parameter: case.prior
            for case in known
            if case.reading == reading and inside(case.prior, bounds.get(case.parameter, ANY))
        }
        if len(priors) > 1:
            note = (
                f"{len(priors)} of {len(ranges)} ranges; the others have this reading already, "
                "cannot have it, or would leave the model's bounds"
            )
            some = next(iter(priors.values()))
            yield Case(EVERY, reading, some), anew(run, runner, priors, note)


def dataset(
    run: Reweighting,
    found: Sequence[tuple[Case, Told, str]],
    places: tuple[str, Sequence[Any]],
    effects: Sequence[str],
) -> xr.Dataset:
    """Labels on."""
    import xarray as xr

    dim, coordinates = places
    base = run.base()
    labels = {name: prior.label or name for name, prior in run.space.priors.items()}
    values = np.array([told.value for _, told, _ in found]).reshape(-1, *base.shape)
    texts = {
        "parameter": [case.parameter for case, _, _ in found],
        "label": [labels.get(case.parameter, case.parameter) for case, _, _ in found],
        "reading": [case.reading for case, _, _ in found],
        "distribution": ["" if c.parameter == EVERY else c.prior.describe() for c, _, _ in found],
        "how": [how for _, _, how in found],
        "note": [told.note for _, told, _ in found],
    }
    over, signs = ("case", dim, "quantile"), ("case", "effect", dim)
    shape = (len(found), *run.below.shape[:-1])
    chance = np.array([told.chance for _, told, _ in found]).reshape(shape)
    return xr.Dataset(
        {
            **{name: ("case", np.array(column, dtype=object)) for name, column in texts.items()},
            "ess": ("case", np.array([told.share for _, told, _ in found])),
            "told": ("case", ~np.isnan(values).all(axis=(1, 2))),
            "base": (over[1:], base),
            "value": (over, values),
            "shift": (over, relative(values, np.broadcast_to(base, values.shape))),
            "base_chance": (signs[1:], run.below.mean(axis=-1)),
            "chance": (signs, chance),
            "shift_mcse": (over, np.array([t.error for _, t, _ in found]).reshape(values.shape)),
        },
        coords={
            dim: list(coordinates),
            "quantile": list(LEVELS),
            "effect": np.array(list(effects), dtype=object),
        },
        attrs={"limit": LIMIT, "draws": run.draws.shape[-1]},
    )
