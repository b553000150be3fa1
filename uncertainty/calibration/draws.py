"""Draws: what fits say of the parameters, the sources' biases and the observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from uncertainty.arrays import Array, Numbers
from uncertainty.calibration.coordinates import Coordinates
from uncertainty.calibration.fit import Fit
from uncertainty.calibration.measurement import SCALE_SD, Measurement
from uncertainty.design import BLOCK, Design
from uncertainty.door import Door

#: Streams of random numbers: of parameters that no observation reaches, of replicated rows.
FREE, REPLICATED = 2**41, 2**41 + 1


@dataclass(frozen=True, eq=False)
class Draws:
    """Joint draws; the sample axis runs through the chains one after the other.

    Attributes
    ----------
    values : {parameter: (..., sample)}
        In the model's units.
    bias : (source, sample), vintage : (edition, sample)
        B and V.
    scale : (sample,)
        What all biases are multiplied by.
    chains : int
    """

    values: Mapping[str, Array]
    bias: Array
    vintage: Array
    scale: Array
    chains: int

    @property
    def size(self) -> int:
        """Draws of all chains."""
        return len(self.scale)

    def at(self, chosen: Numbers) -> Draws:
        """The draws at some places, in that order."""
        return replace(
            self,
            values={name: value[..., chosen] for name, value in self.values.items()},
            bias=self.bias[:, chosen],
            vintage=self.vintage[:, chosen],
            scale=self.scale[chosen],
        )

    @classmethod
    def joined(cls, every: Sequence[Draws]) -> Draws:
        """Draws of several fits one after the other."""
        first = every[0]

        def along(pieces: list[Array]) -> Array:
            return np.concatenate(pieces, axis=-1)

        return cls(
            {name: along([d.values[name] for d in every]) for name in first.values},
            along([d.bias for d in every]),
            along([d.vintage for d in every]),
            along([d.scale for d in every]),
            first.chains,
        )

    @classmethod
    def of_fit(
        cls, fit: Fit, door: Door, coordinates: Coordinates, measurement: Measurement, seed: int
    ) -> Draws:
        """From the scores of a fit; parameters that no observation reaches keep their prior."""
        scores = {name: flat(value) for name, value in fit.scores.items()}
        chains, draws = next(iter(fit.scores.values())).shape[:2]
        z = normal(seed, FREE, (door.space.width, chains * draws))
        if "score" in scores:
            z[coordinates.rows] = scores["score"]
        values = scaled(door, door.space.at_scores(z))
        for name, value in fit.structure.items():
            values[name] = np.full(z.shape[1], value)
        return cls(values, *shifts(measurement, scores, z.shape[1]), chains)

    @classmethod
    def of_prior(cls, door: Door, measurement: Measurement, design: Design) -> Draws:
        """As many draws of the prior, with biases and vintages of theirs."""
        points = [design.points(block) for block in design.blocks]
        u = np.concatenate(points, axis=1)
        size = u.shape[1]
        rows = measurement.rows
        scores = {
            "source_score": normal(design.seed, FREE + 2, (len(rows.biased), size)),
            "edition_score": normal(design.seed, FREE + 3, (len(rows.dated), size)),
            "scale_score": normal(design.seed, FREE + 4, (size,)),
        }
        values = {name: np.asarray(value) for name, value in door.values(u).items()}
        return cls(values, *shifts(measurement, scores, size), design.replicates)


def normal(seed: int, stream: int, shape: tuple[int, ...]) -> Array:
    """Independent standard normals of a stream of a seed."""
    return np.random.default_rng([seed, stream]).standard_normal(shape)


def flat(values: Array) -> Array:
    """(chain, draw, ...) as (..., sample)."""
    merged = values.reshape(-1, *values.shape[2:])
    return np.ascontiguousarray(np.moveaxis(merged, 0, -1))


def scaled(door: Door, values: Mapping[str, Array]) -> dict[str, Array]:
    """Values in the model's units."""
    return {name: value * door.factors.get(name, 1.0) for name, value in values.items()}


def shifts(
    measurement: Measurement, scores: Mapping[str, Array], size: int
) -> tuple[Array, Array, Array]:
    """Biases (source, sample), vintages (edition, sample) and the biases' scale (sample,)."""
    rows = measurement.rows
    bias, vintage = np.zeros((len(rows.bias_sd), size)), np.zeros((len(rows.vintage_sd), size))
    scale = np.ones(size)
    if measurement.hierarchical:
        scale = np.exp(SCALE_SD * scores["scale_score"])
    if len(rows.biased):
        bias[rows.biased] = scale * rows.bias_sd[rows.biased, None] * scores["source_score"]
    if len(rows.dated):
        vintage[rows.dated] = rows.vintage_sd[rows.dated, None] * scores["edition_score"]
    return bias, vintage, scale


@dataclass(frozen=True, eq=False)
class Seen:
    """What the observed rows are about in each draw, and the rows as they might have been.

    Attributes
    ----------
    gist : (row, sample)
    replicated : (row, sample)
        In the outcomes' units.
    joint : (sample,)
        Log density of all rows given the parameters, biases and vintages.
    left_out, below : (row, sample)
        Log density of each row given its source's other rows, and probability of a smaller one.
    """

    gist: Array
    replicated: Array
    joint: Array
    left_out: Array
    below: Array


def seen(door: Door, measurement: Measurement, draws: Draws, seed: int) -> Seen:
    """Evaluate the measurement at some draws."""
    gist = gists(door, measurement, draws)
    shift = measurement.shifts(draws.bias, draws.vintage)
    rng = np.random.default_rng([seed, REPLICATED])
    replicated = measurement.replicated(gist, shift, rng)
    joint = measurement.log_density(gist, shift).sum(axis=0)
    return Seen(gist, replicated, joint, *measurement.left_out(gist, draws.vintage, draws.scale))


def gists(door: Door, measurement: Measurement, draws: Draws) -> Array:
    """(row, sample) what the rows are about, block by block."""
    rows = measurement.rows
    pieces = []
    for start in range(0, draws.size, BLOCK):
        part = slice(start, start + BLOCK)
        found = door.run({n: np.ascontiguousarray(v[..., part]) for n, v in draws.values.items()})
        pieces.append(rows.gist(rows.cells(found)))
    return np.concatenate(pieces, axis=1)
