"""The energy model of the computing sector: arrays only, no labels, any array namespace.

Rooms, in the order of the equations: `adoption`, `levers`, `demand`, `rebound`, `sites`,
`regions`, `power`, `balance`, `lmdi`. `state` strings them together, `outcomes` lists what can be
asked for and `parameters` what must be given. A new outcome is one function and one row.
"""

from __future__ import annotations

from uncertainty.energy.computing import Computing, computing
from uncertainty.energy.outcomes import COORDS, OUTCOMES, Outcome
from uncertainty.energy.parameters import PARAMETERS, Parameter

__all__ = [
    "COORDS",
    "OUTCOMES",
    "PARAMETERS",
    "Computing",
    "Outcome",
    "Parameter",
    "computing",
]
