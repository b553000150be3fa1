"""Marginals: prior and posterior of every uncertain number, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import ResultError
from uncertainty.names import listed
from uncertainty.posterior.draws import columns, labels, member, unit_factor
from uncertainty.prior import Prior
from uncertainty.space import Space

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Marginal:
    """Prior and posterior of one number, both in the unit of the model.

    Attributes
    ----------
    name, parameter, label, unit : str
        `parameter` is `name` without the part of a vector.
    prior : Prior
        In its own unit.
    factor : float
        From there to the unit of the model.
    draws : (chain, draw)
    """

    name: str
    parameter: str
    label: str
    unit: str
    prior: Prior
    factor: float
    draws: Array

    @property
    def mean(self) -> float:
        """Mean of the prior."""
        return float(self.prior.mean) * self.factor

    @property
    def sd(self) -> float:
        """Standard deviation of the prior."""
        return float(self.prior.sd) * self.factor

    @property
    def is_choice(self) -> bool:
        """Whether it tells structures apart, so that its size means nothing."""
        return self.prior.family == "choice"

    def distance(self) -> float:
        """Total variation distance between the probabilities of a choice and its shares, 0 to 1."""
        values = np.array(self.prior.parameters["values"])
        shares = (np.isclose(self.draws[..., None], values * self.factor)).mean(axis=(0, 1))
        if abs(shares.sum() - 1) > 1e-9:
            msg = (
                f"parameter {self.name!r}: some draws are none of its values {listed(values)}; "
                f"got {listed(np.unique(self.draws))}"
            )
            raise ResultError(msg)
        return float(0.5 * np.abs(shares - np.array(self.prior.parameters["probabilities"])).sum())


def marginals(space: Space, posterior: xr.Dataset) -> Iterator[Marginal]:
    """Every uncertain number of a space; a dirichlet part by part."""
    for name in space.uncertain:
        array = member(posterior, name)
        factor = unit_factor(space, name, array)
        unit = str(array.attrs.get("units", space.priors[name].unit))
        parts = zip(columns(name, array), margins(space.priors[name]), strict=True)
        for (part, draws), prior in parts:
            label = labels(space)[name] + part[len(name) :]
            yield Marginal(part, name, label, unit, prior, factor, draws)


def margins(prior: Prior) -> list[Prior]:
    """The prior of each part; part i of a dirichlet is beta(a_i, sum of the others)."""
    if prior.size == 1:
        return [prior]
    a = np.array(prior.parameters["a"])
    return [Prior("beta", alpha=one, beta=a.sum() - one) for one in a]
