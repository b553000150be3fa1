"""Powers: densities raised to a power, and how much each parameter moves with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array, Numbers
from uncertainty.posterior.draws import arviz, columns
from uncertainty.posterior.smoothing import Smoothed, smoothed

if TYPE_CHECKING:
    import xarray as xr

#: What is scaled beside single priors.
DATA = "all data"
#: Powers between which the sensitivity is a slope, and the sensitivity worth a word (ArviZ).
NEAR, LIMIT = (0.99, 1.01), 0.05
#: What is diagnosed, in ArviZ's words.
CONFLICT, STRONG, FINE = (
    "potential prior-data conflict",
    "potential strong prior / weak likelihood",
    "✓",
)


@dataclass(frozen=True)
class Scaled:
    """Log densities that may be raised to a power, and the draws that they weight.

    Attributes
    ----------
    densities : {name: (chain, draw)}
        Log density of each prior, and of `DATA`.
    structure : (chain, draw) or None
        Which fit each draw is from, where there are several.
    """

    densities: Mapping[str, Array]
    structure: Numbers | None

    def weights(self, density: Array, alpha: float) -> Smoothed:
        """Weights of the draws when a density is raised to a power."""
        return smoothed((alpha - 1) * density, structure=self.structure)

    def slope(self, density: Array) -> tuple[Array, Array]:
        """Weights at the two powers next to 1."""
        low, high = (self.weights(density, alpha).weights for alpha in NEAR)
        return low, high

    def is_flat(self, density: Array) -> bool:
        """Whether a density is the same at all draws of a structure, but not at all draws."""
        if self.structure is None:
            return False
        each = (density[self.structure == one] for one in np.unique(self.structure))
        return all(np.ptp(one) == 0 for one in each) and bool(np.ptp(density) > 0)


def sensitivities(
    scaled: Scaled, together: Array, posterior: xr.Dataset
) -> dict[str, list[float] | list[str]]:
    """ArviZ's psense of each parameter, and what it means; one more row for the data."""
    ends = {
        "all_priors": scaled.slope(together),
        "likelihood": scaled.slope(scaled.densities[DATA]),
    }
    table: dict[str, list[Any]] = {"prior": [], "all_priors": [], "likelihood": [], "diagnosis": []}
    for name, density in scaled.densities.items():
        if name == DATA:
            row: list[Any] = [np.nan, np.nan, np.nan, ""]
        elif scaled.is_flat(density):
            row = [np.nan, np.nan, np.nan, "structure"]
        else:
            draws = [x for _, x in columns(name, posterior[name])]
            found = [sensitivity(draws, *scaled.slope(density))]
            found += [sensitivity(draws, *pair) for pair in ends.values()]
            row = [*found, diagnosis(found[0], found[2])]
        for column, value in zip(table.values(), row, strict=True):
            column.append(value)
    return table


def sensitivity(draws: Sequence[Array], low: Array, high: Array) -> float:
    """Slope of the distance that the draws move, per doubling of the power; largest of them."""
    moving = [x for x in draws if np.ptp(x) > 0]
    found = [
        arviz().power_scale_sense(
            x, lower_w=low, upper_w=high, lower_alpha=NEAR[0], upper_alpha=NEAR[1]
        )
        for x in moving
    ]
    return float(max(found, default=np.nan))


def diagnosis(prior: float, likelihood: float) -> str:
    """What two sensitivities mean, in ArviZ's words; empty where they are unknown."""
    if np.isnan(prior) or np.isnan(likelihood):
        return ""
    if prior >= LIMIT and likelihood >= LIMIT:
        return CONFLICT
    return STRONG if prior > LIMIT > likelihood else FINE
