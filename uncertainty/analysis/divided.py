"""Divided: draws cut into parts, for intervals, and into halves, for neighbours."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from uncertainty.analysis.given_sample import GivenSample
from uncertainty.arrays import Array
from uncertainty.design import generator
from uncertainty.errors import DesignError, ResultError
from uncertainty.names import listed

#: Separate parts of the draws, whose spread gives the intervals, and the draws that each needs.
PARTS, LEAST = 8, 32
#: Names the stream that deals draws out among the streams of a seed.
SPLIT = 4


@dataclass(frozen=True)
class Divided:
    """Draws, cut into parts and halves.

    Attributes
    ----------
    sample : GivenSample
    players : {parameter: coordinates}
        A dirichlet has several; parameters that do not vary are left out.
    part : (sample,)
        Which part a draw belongs to.
    half : (sample,) of bool
        Neighbours are sought in the other half.
    """

    sample: GivenSample
    players: dict[str, list[int]]
    part: npt.NDArray[np.int64]
    half: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, sample: GivenSample, seed: int) -> Divided:
        """Halves of different chains where there are several.

        Draws of one chain of a posterior hang together, and points of one replicate of a design
        are no independent draws; neighbours from another chain know nothing of each other. A
        part is a stretch of each chain of a sampler; points of a design are dealt out at random,
        since every stretch of Sobol' points has the same pattern.
        """
        sampler = sample.drawn == "posterior" or (sample.drawn is None and sample.chains > 1)
        rng = None if sampler else generator(SPLIT, seed=seed)
        names = [n for n, varies in zip(sample.parameters, sample.varies, strict=True) if varies]
        players: dict[str, list[int]] = {}
        for place, name in enumerate(sample.parameters):
            if name in names:
                players.setdefault(name.partition("[")[0], []).append(place)
        part, half = divided(sample.chains, sample.size // sample.chains, rng)
        return cls(sample, players, part, half)

    @property
    def outcomes(self) -> Array:
        """Outcomes (cell, sample) with mean 0 and deviation 1; 0 where they do not vary."""
        return standardised(self.sample.cells)

    @property
    def owners(self) -> list[int]:
        """The player that each coordinate belongs to."""
        return [i for i, places in enumerate(self.players.values()) for _ in free(places)]

    @property
    def values(self) -> Array:
        """Parameter values, (coordinate, sample)."""
        rows = self.sample.values
        return rows[[place for places in self.players.values() for place in free(places)]]


def divided(
    chains: int, draws: int, rng: np.random.Generator | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Part and half of each of (chain x draw); with `rng` draws of each chain are dealt out."""
    chain, draw = np.divmod(np.arange(chains * draws), draws)
    if chains >= 2 * PARTS:
        return chain // 2 % PARTS, chain % 2 == 0
    if rng is not None:
        draw = rng.permuted(draw.reshape(chains, draws), axis=-1).ravel()
    half = chain % 2 == 0 if chains > 1 else draw * 2 * PARTS // draws % 2 == 0
    return draw * PARTS // draws, half


def free(places: list[int]) -> list[int]:
    """Coordinates that tell all: of shares that sum to one the last is known from the others."""
    return places[:-1] if len(places) > 1 else places


def thinned(sample: GivenSample, size: int | None) -> GivenSample:
    """At most `size` draws, evenly spaced in each chain."""
    if size is None:
        return sample
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        msg = f"size is a number of draws, a whole number of at least 1, got {size!r}"
        raise ResultError(msg)
    if size >= sample.size:
        return sample
    draws = sample.size // sample.chains
    kept = np.linspace(0, draws - 1, max(1, size // sample.chains)).round().astype(int)
    columns = {name: x[:, kept] for name, x in sample.parameters.items()}
    return replace(sample, parameters=columns, outcome=sample.outcome[..., kept])


def check_origin(sample: GivenSample) -> None:
    """Raise `DesignError` for draws whose neighbours are bound to each other."""
    if sample.drawn == "sobol" and sample.chains == 1:
        msg = (
            "Sobol' points of one replicate: points that are close in some parameters are set "
            "apart in the others, so that nearest neighbours are biased; use replicates=2 or more "
            "(a column chain in a table), or design='random'"
        )
        raise DesignError(msg)


def check_draws(draws: Divided) -> None:
    """Raise `ResultError` for too few draws, and when there is nothing to tell apart."""
    size, least = draws.sample.size, PARTS * LEAST
    counts = [np.count_nonzero((draws.part == r) & draws.half) for r in range(PARTS)]
    others = [np.count_nonzero((draws.part == r) & ~draws.half) for r in range(PARTS)]
    if size < least or min(counts + others) < LEAST // 2:
        msg = (
            f"given_shapley needs at least {least} draws, as many in every chain, got "
            f"{draws.sample.chains} x {size // draws.sample.chains}: "
            f"its intervals come from {PARTS} parts of the draws"
        )
        raise ResultError(msg)
    if not draws.players:
        msg = f"none of the parameters varies: {listed(draws.sample.parameters)}"
        raise ResultError(msg)


def standardised(y: Array) -> Array:
    """Outcomes (cell, sample) with mean 0 and standard deviation 1; 0 where they do not vary."""
    varies = y.min(axis=-1, keepdims=True) < y.max(axis=-1, keepdims=True)
    reach = np.where(varies, np.abs(y).max(axis=-1, keepdims=True), 1.0)
    y = np.where(varies, y / reach, 0.0)
    centred = y - y.mean(axis=-1, keepdims=True)
    sd = centred.std(axis=-1, keepdims=True)
    return np.divide(centred, sd, out=np.zeros_like(centred), where=sd > 1e-14)
