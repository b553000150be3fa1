"""Truths: parameters and biases drawn from the prior, and the rows observed if they were true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from uncertainty.arrays import Array
from uncertainty.calibration.draws import Draws
from uncertainty.calibration.measurement import Measurement
from uncertainty.calibration.run import seen_gist
from uncertainty.design import Design
from uncertainty.door import Door
from uncertainty.errors import EvidenceError

#: Stream of random numbers of the simulated rows.
ROWS = 2**41 + 11
#: Draws of the prior that are looked at, for each simulation.
TRIES = 4


@dataclass(frozen=True, eq=False)
class Truths:
    """What is true in each simulation, and what is observed there.

    Attributes
    ----------
    measurement : Measurement
        Of the rows as they are in the evidence; their errors hold in every simulation.
    draws : Draws
        One draw of the prior a simulation.
    value : (row, simulation)
        In the outcomes' units.
    passed_over : int
        Draws of the prior at which some row cannot be observed at all.
    """

    measurement: Measurement
    draws: Draws
    value: Array
    passed_over: int

    @classmethod
    def of(cls, door: Door, measurement: Measurement, simulations: int, seed: int) -> Truths:
        """Simulate rows for so many independent draws of the prior.

        A draw at which a row has no logarithm, log-odds or value is passed over, as it is by a
        fit, to which it is impossible.

        Raises
        ------
        EvidenceError
            When most draws are so.
        """
        design = Design("random", door.space.width, TRIES * simulations, seed)
        draws = Draws.of_prior(door, measurement, design)
        value = simulated(door, measurement, draws, np.random.default_rng([seed, ROWS]))
        possible = np.flatnonzero(np.isfinite(value).all(axis=0))
        if len(possible) < simulations:
            msg = (
                f"only {len(possible)} of {draws.size} draws of the prior give rows that could be "
                "observed: the model gives nothing there of which a logarithm or log-odds exists; "
                "narrow the priors, or give absolute errors"
            )
            raise EvidenceError(msg)
        chosen = possible[:simulations]
        passed_over = int(chosen[-1]) + 1 - simulations
        return cls(measurement, draws.at(chosen), value[:, chosen], passed_over)

    def measured(self, number: int) -> Measurement:
        """The measurement in one simulation."""
        rows = replace(self.measurement.rows, value=self.value[:, number])
        return replace(self.measurement, rows=rows)

    def true(self, number: int) -> Draws:
        """What is true in one simulation, a single draw."""
        return self.draws.at(np.array([number]))

    def structure(self, number: int, choices: tuple[str, ...]) -> Mapping[str, float]:
        """The true value of each choice."""
        return {name: float(self.draws.values[name][number]) for name in choices}


def simulated(
    door: Door, measurement: Measurement, draws: Draws, rng: np.random.Generator
) -> Array:
    """(row, sample) values as they might have been observed, NaN where none could be."""
    gist = seen_gist(door, measurement, draws)
    with np.errstate(all="ignore"):
        value = measurement.replicated(gist, measurement.shifts(draws.bias, draws.vintage), rng)
        every = replace(measurement.rows, value=value.T)
        possible = np.isfinite(replace(measurement, rows=every).linked()).T
    return np.where(possible, value, np.nan)
