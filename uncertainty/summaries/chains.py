"""Chains: figures of draws, with their Monte Carlo error and what says whether they mixed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.labels import QUANTILES
from uncertainty.summaries.columns import label


def figures(draws: Array, levels: Sequence[float] = QUANTILES) -> dict[str, Array]:
    """Figures of draws, none of them rounded.

    Parameters
    ----------
    draws : (chain, draw, ...)
    levels : sequence of float
        Probabilities of the quantiles.

    Returns
    -------
    {column: (...)}
        mean, sd, mcse_mean, a quantile each, ess_bulk, r_hat. NaN where draws are not finite,
        and for what so few draws cannot tell. A constant has no effective size and no r_hat.
    """
    with np.errstate(all="ignore"):
        good = np.isfinite(draws).all(axis=(0, 1))
        clean = np.where(good, draws, np.nan)
        flat = clean.reshape(-1, *draws.shape[2:])
        many = len(flat) > 1
        same = np.ptp(flat, axis=0) == 0
        found = {
            "mean": np.where(same, flat[0], flat.mean(axis=0)),
            "sd": np.where(same, 0.0, flat.std(axis=0, ddof=1)) if many else np.nan * flat[0],
        }
        ends = np.quantile(flat, list(levels), axis=0)
    found |= {label(p): end for p, end in zip(levels, ends, strict=True)}
    return {**found, **mixing(clean)}


def mixing(draws: Array) -> dict[str, Array]:
    """Error of the mean, bulk effective size and rank-normalised split r_hat.

    Vehtari et al. 2021, doi:10.1214/20-BA1221, as ArviZ computes them. Each needs four draws a
    chain, and r_hat two chains.
    """
    array_stats: Any = import_module("arviz_stats.base").array_stats
    axes = {"chain_axis": 0, "draw_axis": 1}
    with np.errstate(all="ignore"):
        varies = np.ptp(draws, axis=(0, 1)) > 0
        error, size, ratio = (
            np.asarray(found, dtype=np.float64)
            for found in (
                array_stats.mcse(draws, method="mean", **axes),
                array_stats.ess(draws, method="bulk", **axes),
                array_stats.rhat(draws, method="rank", **axes),
            )
        )
    return {
        "mcse_mean": error,
        "ess_bulk": np.where(varies, size, np.nan),
        "r_hat": np.where(varies, ratio, np.nan),
    }
