"""The energy model of the computing sector: arrays only, no labels, any array namespace.

Rooms, in the order of the equations: `adoption`, `levers`, `demand`, `rebound`, `sites`,
`regions`, `power`, `balance`, `lmdi`. `places` says which classes of sites and regions there are,
`state` strings the equations together, `outcomes` lists what can be asked for and `parameters` what
must be given. A new outcome is one function and one row.
"""

from __future__ import annotations

from uncertainty.energy.computing import Computing, computing
from uncertainty.energy.outcomes import OUTCOMES, Outcome
from uncertainty.energy.parameters import Parameter
from uncertainty.energy.places import Places

__all__ = [
    "OUTCOMES",
    "Computing",
    "Outcome",
    "Parameter",
    "Places",
    "computing",
]
