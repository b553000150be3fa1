"""Places of values within a prior: which share of it lies below."""

from __future__ import annotations

import json
from statistics import NormalDist

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from uncertainty.errors import UncertaintyError
from uncertainty.prior import Prior
from uncertainty.views.drawing.shares import share_text

type Numbers = NDArray[np.float64]

# How far a stored quantile may lie from its probability for the stored prior to be the right one.
AGREE = 0.03


def within_prior(
    result: xr.DataTree, name: str, levels: Numbers, quantiles: Numbers, values: Numbers
) -> Numbers:
    """Return the share of a parameter's prior below each value; half of an atom counts.

    Exact where the result holds the prior in the same unit, else from its stored quantiles.

    Parameters
    ----------
    levels, quantiles : (quantile,)
        Probabilities and quantiles of the prior.
    values : (value,)
    """
    prior = prior_of(result, name)
    if prior is not None and prior.size == 1:
        shares = middle_shares(prior, np.concatenate([quantiles, values]))
        atoms = np.unique(quantiles).size < quantiles.size
        if atoms or np.abs(shares[: levels.size] - levels).max() < AGREE:
            return shares[levels.size :]
    return between(levels, quantiles, values)


def prior_of(result: xr.DataTree, name: str) -> Prior | None:
    """Return the prior of a parameter, None where the result does not hold it as one number."""
    if "parameters" not in result.children:
        return None
    node = result.children["parameters"].to_dataset()
    if "spec" not in node or name not in node["parameter"].values:
        return None
    try:
        return Prior(**json.loads(str(node["spec"].sel(parameter=name).item())))
    except (UncertaintyError, TypeError, ValueError):
        return None


def choice_shares(result: xr.DataTree, name: str) -> str:
    """Say how probable each value of a choice was, and is; "" where that is not stored."""
    prior = prior_of(result, name)
    draws = result.children["posterior"].to_dataset() if "posterior" in result.children else {}
    if prior is None or name not in draws:
        return ""
    values, before = (np.asarray(prior.parameters[key]) for key in ("values", "probabilities"))
    now = [float(np.isclose(draws[name].values, value).mean()) for value in values]
    told = zip(values, before, now, strict=True)
    return "; ".join(f"{v:g}: {share_text(p)} → {share_text(q)}" for v, p, q in told)


def middle_shares(prior: Prior, values: Numbers) -> Numbers:
    """Return the mean of the shares below, and up to, each value."""
    below = prior.cdf(np.nextafter(values, -np.inf))
    return np.asarray((below + prior.cdf(values)) / 2, dtype=float)


def between(levels: Numbers, quantiles: Numbers, values: Numbers) -> Numbers:
    """Interpolate the normal score between quantiles, and go on straight beyond the outer ones."""
    if not np.isfinite(quantiles).all() or np.ptp(quantiles) == 0:
        return np.full(len(values), np.nan)
    known, places = np.unique(quantiles, return_index=True)
    normal = NormalDist()
    scores = np.array([normal.inv_cdf(float(levels[place])) for place in places])
    slopes = np.diff(scores) / np.diff(known)
    found = np.interp(values, known, scores)
    found += np.minimum(values - known[0], 0) * slopes[0]
    found += np.maximum(values - known[-1], 0) * slopes[-1]
    return np.array([normal.cdf(float(score)) for score in found])
