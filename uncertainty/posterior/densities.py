"""Densities: how likely the prior holds each draw of a posterior to be, parameter by parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from uncertainty.arrays import Array
from uncertainty.copula import Copula
from uncertainty.errors import ResultError
from uncertainty.posterior.draws import NUMBERS, by_chain, labels, member, unit_factor
from uncertainty.prior import Prior
from uncertainty.space import Space

if TYPE_CHECKING:
    import xarray as xr

#: Name of the part of the joint density that is due to rank correlation.
DEPENDENCE = "dependence"
#: Draws this far beyond an end of the support, relative to the end, are there by rounding.
ROUNDING = 1e-9


def log_prior(space: Space, posterior: xr.Dataset) -> xr.Dataset:
    """Log density of each parameter's prior at every draw.

    Parameters
    ----------
    space : Space
    posterior : Dataset
        Draws (chain, draw[, part]) of every uncertain parameter of the space, in the unit that
        their attribute ``units`` says, else in that of the prior.

    Returns
    -------
    Dataset
        One variable (chain, draw) a parameter: the log of its own marginal density in the unit of
        the draws (log probability of a choice, joint density of a dirichlet). With correlated
        parameters also ``dependence``, the log density of their Gaussian copula. All together
        sum to the log of the joint density.

    Raises
    ------
    ResultError
        When a parameter is missing, or a draw lies where its prior has no density.

    Examples
    --------
    >>> import xarray as xr
    >>> space = Space({"a": Prior("uniform", lower=0, upper=2)})
    >>> found = log_prior(space, xr.Dataset({"a": (("chain", "draw"), [[0.5, 1.5]])}))
    >>> found["a"].round(3).values.tolist()
    [[-0.693, -0.693]]
    """
    import xarray as xr

    values = {name: in_prior_unit(space, name, posterior) for name in space.uncertain}
    made: dict[str, xr.DataArray] = {}
    for name, x in values.items():
        unit = unit_factor(space, name, posterior[name])
        density = log_density(name, space.priors[name], x) - unit_shift(space.priors[name], unit)
        made[name] = xr.DataArray(density, dims=NUMBERS, attrs={"long_name": labels(space)[name]})
    if space.copulas:
        joint = np.sum([dependence(space, copula, values) for copula in space.copulas], axis=0)
        text = "log density of the rank correlations"
        name = dependence_name(space)
        made[name] = xr.DataArray(joint, dims=NUMBERS, attrs={"long_name": text})
    coords = {dim: posterior[dim] for dim in NUMBERS if dim in posterior.coords}
    return xr.Dataset(made, coords=coords)


def dependence_name(space: Space) -> str:
    """Name of the copula's part, one that no parameter has."""
    name = DEPENDENCE
    while name in space.priors:
        name += "_"
    return name


def in_prior_unit(space: Space, name: str, posterior: xr.Dataset) -> Array:
    """Draws of a parameter in the unit of its prior, (chain, draw), or (part, chain, draw)."""
    array = member(posterior, name)
    x = by_chain(array) / unit_factor(space, name, array)
    low, high = space.priors[name].support
    near = {end: np.isclose(x, end, rtol=ROUNDING, atol=0.0) for end in (low, high)}
    return np.where(near[low] | near[high], np.clip(x, low, high), x)


def unit_shift(prior: Prior, factor: float) -> float:
    """What the log density loses by another unit; probabilities have none."""
    return 0.0 if prior.family == "choice" or prior.size > 1 else float(np.log(factor))


def log_density(name: str, prior: Prior, x: Array) -> Array:
    """Log density of a prior, (chain, draw), checked."""
    density = np.asarray(prior.logpdf(x), dtype=np.float64)
    bad = int(density.size - np.isfinite(density).sum())
    if bad:
        msg = (
            f"parameter {name!r}: {bad} of {density.size} draws lie where its prior "
            f"{prior.describe()} has no finite density; is this posterior from these priors?"
        )
        raise ResultError(msg)
    return density


def dependence(space: Space, copula: Copula, values: dict[str, Array]) -> Array:
    """Log density of one copula at every draw, (chain, draw)."""
    from scipy.special import ndtri

    ranks = np.stack([space.priors[name].cdf(values[name]) for name in copula.names])
    scores = ndtri(np.clip(ranks, 1e-300, 1 - 1e-16))
    return copula.log_density(scores.reshape(len(scores), -1)).reshape(scores.shape[1:])
