"""Sampling: NUTS on a graph that is compiled once and fitted to many simulated tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from uncertainty.arrays import Array
from uncertainty.calibration.draws import Draws
from uncertainty.calibration.fit import SAMPLERS, Fit, Runner, Settings, drawn, patient
from uncertainty.calibration.measurement import Measurement
from uncertainty.door import Door
from uncertainty.errors import ModelError
from uncertainty.interrupts import insisted

if TYPE_CHECKING:
    from uncertainty.calibration.graph import Graph

#: How often a sampler may begin elsewhere, where it finds no place to begin.
STARTS = 3

#: Fits simulated rows: takes their measurement, the structure {choice: value} and a seed; gives
#: draws and the sampler's statistics {name: (chain, draw)}, of which `diverging` is counted.
Sampler = Callable[[Measurement, Mapping[str, float], int], tuple[Draws, Mapping[str, Array]]]


@dataclass(frozen=True, eq=False)
class Nuts:
    """The sampler of `calibrate`.

    Attributes
    ----------
    door : Door
    measurement : Measurement
        Of the rows as they are in the evidence.
    names : tuple of str
        Parameters that are fitted, choices included.
    settings : Settings
    """

    door: Door
    measurement: Measurement
    names: tuple[str, ...]
    settings: Settings

    @cached_property
    def compiled(self) -> tuple[Graph, Runner]:
        """The graph and what samples it, made on first use: once in a process."""
        from uncertainty.calibration.graph import graph

        made = graph(self.door, self.measurement, self.names, refits=True)
        return made, SAMPLERS[self.settings.sampler](made, self.settings)

    def __call__(
        self, measurement: Measurement, structure: Mapping[str, float], seed: int
    ) -> tuple[Draws, Mapping[str, Array]]:
        """Draws of the posterior of simulated rows."""
        with insisted():
            made, run = self.compiled
            data: dict[str, float | Array] = {**structure, **made.observed(measurement)}
            trace = started(run, data, seed, self.settings.target_accept)
        scores, statistics = drawn(trace)
        fit = Fit(structure, scores, statistics, 0.0)
        return Draws.of_fit(fit, self.door, made.coordinates, measurement, seed), statistics


def started(run: Runner, data: Mapping[str, float | Array], seed: int, target: float) -> Any:
    """A trace as `calibrate` takes it, from other places if it cannot begin at the first ones."""
    for start in range(STARTS):
        try:
            return patient(run, data, seed + STARTS * start, target, lambda words: None)
        except ModelError as error:
            last = error
    raise last
