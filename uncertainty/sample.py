"""Sample: draws of parameters and of single outcomes that later stages look at again."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.door import Door
from uncertainty.prior import Prior
from uncertainty.tabulate import fast_ppf

if TYPE_CHECKING:
    import xarray as xr

#: Ranks that a quantile function is asked for.
INSIDE = (2.0**-54, 1 - 2.0**-53)


@dataclass(frozen=True)
class Sample:
    """All draws of a propagation, the replicates one after the other.

    Attributes
    ----------
    parameters : {name: (..., sample)}
        In the unit of the model; (part, sample) for a dirichlet.
    tree : xarray.DataTree
        Where the outcomes are.
    replicates : int
    known : {parameter: (sample,)}
        Ranks that were asked for already.
    """

    parameters: Mapping[str, Array]
    tree: xr.DataTree
    replicates: int
    known: dict[str, Array] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, tree: xr.DataTree) -> Sample:
        """From a result whose draws were kept."""
        prior = tree["prior"].to_dataset()
        values = {str(name): flat(array) for name, array in prior.data_vars.items()}
        return cls(values, tree, prior.sizes["chain"])

    @property
    def scalars(self) -> dict[str, Array]:
        """Parameters that are one number a draw, (sample,)."""
        return {name: x for name, x in self.parameters.items() if x.ndim == 1}

    def outcome(self, name: str, place: Mapping[str, Any]) -> Array:
        """Draws of an outcome at one coordinate of some of its dims, (..., sample)."""
        return flat(self.tree["prior_predictive"].to_dataset()[name].sel(dict(place)))

    def by_replicate(self, values: Array) -> Array:
        """(replicate, draw) view of (sample,) values."""
        return values.reshape(self.replicates, -1)

    def moved(self, name: str, before: Prior, after: Prior, factor: float) -> Array:
        """Draws of a parameter, each at the same rank of another prior, (sample,).

        `factor` leads from the prior's unit to the model's. What the parameter shares with
        others by a copula stays as it is.
        """
        return fast_ppf(after)(self.ranks(name, before, factor)) * factor

    def ranks(self, name: str, prior: Prior, factor: float) -> Array:
        """Probability of each draw of a parameter under its prior, within (0, 1)."""
        if name not in self.known:
            self.known[name] = np.clip(prior.cdf(self.parameters[name] / factor), *INSIDE)
        return self.known[name]

    def run_again(
        self, door: Door, changes: Mapping[str, Array], executor: Executor | None = None
    ) -> dict[str, Array]:
        """Outcomes (..., sample) of the door's model with some parameters changed."""
        return door.run_all({**self.parameters, **changes}, executor)


def flat(array: xr.DataArray) -> Array:
    """(chain, draw, ...) as (..., sample)."""
    values = array.transpose(..., "chain", "draw").values
    return np.asarray(values.reshape(*values.shape[:-2], -1), dtype=np.float64)
