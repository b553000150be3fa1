"""Checks: whether replicated evidence looks like the evidence (posterior predictive checks)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import ResultError
from uncertainty.estimates import Sorted
from uncertainty.labels import QUANTILES
from uncertainty.posterior.draws import by_chain, group
from uncertainty.posterior.left_out import ROWS, check_rows, predicted

if TYPE_CHECKING:
    import xarray as xr

#: Lower end of the interval whose misses are counted, and the ends of one that is a spread wide.
OUTSIDE, SPREAD = 0.05, (0.15865525393145707, 0.8413447460685429)

#: From residuals (row, ...) in spreads, and whether each row lies outside, to a number (...).
type Statistic = Callable[[Array, Array], Array]

STATISTICS: dict[str, tuple[str, Statistic]] = {
    "largest": ("largest residual", lambda z, out: z.max(axis=0)),
    "smallest": ("smallest residual", lambda z, out: z.min(axis=0)),
    "mean": ("mean residual", lambda z, out: z.mean(axis=0)),
    "spread": ("root mean square residual", lambda z, out: np.sqrt((z**2).mean(axis=0))),
    "outside_90": ("rows outside their 90% interval", lambda z, out: out.sum(axis=0)),
}


def predictive_checks(tree: xr.DataTree, *, quantiles: Sequence[float] = QUANTILES) -> xr.Dataset:
    """Whether the evidence looks like what the fitted model replicates.

    Parameters
    ----------
    tree : DataTree
        With ``observation`` in ``/observed_data`` (row,) and ``/posterior_predictive``
        (chain, draw, row).
    quantiles : sequence of float

    Returns
    -------
    Dataset
        Over ``statistic`` (largest, smallest, mean, spread, outside_90): ``observed``,
        ``p_value``, ``replicated`` (statistic, quantile), with coordinate ``label``.

    Notes
    -----
    A residual is the distance from the median that is predicted for the row, of logarithms where
    the row and all its replicates are positive, divided by half the width of the central 68%
    interval, so that rows of all kinds count alike. ``p_value`` is the share of replicates whose
    statistic is larger, half of those that are equal counted. Values near 0 or 1 tell of a misfit;
    since the model was fitted to the same rows, values near one half are commoner than they would
    be for other rows [1]_.

    Raises
    ------
    ResultError
        When groups are missing or do not fit together, or all replicates of a row are equal.

    References
    ----------
    .. [1] Gelman, Meng, Stern 1996, Statistica Sinica 6, 733-807
    """
    import xarray as xr

    value = np.asarray(group(tree, "observed_data", ROWS)[ROWS].values, dtype=np.float64)
    replicated = by_chain(group(tree, "posterior_predictive", ROWS)[ROWS])
    check_rows(value, replicated)
    ours, theirs = residuals(value, replicated)
    ends = predicted(replicated, (OUTSIDE, 1 - OUTSIDE))
    observed = statistics(ours, outside(value, ends.T))
    flat = replicated.reshape(len(value), -1)
    many = statistics(theirs, outside(flat, ends.T[..., None]))
    more = (many > observed[:, None]) + 0.5 * (many == observed[:, None])
    return xr.Dataset(
        {
            "observed": ("statistic", observed),
            "p_value": ("statistic", more.mean(axis=1)),
            "replicated": (
                ("statistic", "quantile"),
                Sorted(many).quantiles(tuple(quantiles)),
            ),
        },
        coords={
            "statistic": list(STATISTICS),
            "label": ("statistic", [text for text, _ in STATISTICS.values()]),
            "quantile": list(quantiles),
        },
        attrs={"draws": flat.shape[1], "rows": len(value)},
    )


def residuals(value: Array, replicated: Array) -> tuple[Array, Array]:
    """Residuals of the rows (row,) and of their replicates (row, sample), in spreads."""
    flat = replicated.reshape(len(value), -1)
    positive = (value > 0) & (flat.min(axis=1) > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(positive, np.log(value), value)
        draws = np.where(positive[:, None], np.log(flat), flat)
    low, centre, high = Sorted(draws).quantiles((SPREAD[0], 0.5, SPREAD[1])).T
    width = (high - low) / 2
    if not (width > 0).all():
        msg = f"rows {np.flatnonzero(width <= 0).tolist()}: all replicates are equal"
        raise ResultError(msg)
    return (y - centre) / width, (draws - centre[:, None]) / width[:, None]


def outside(value: Array, ends: Array) -> Array:
    """Whether values lie outside their intervals (bound, row, ...)."""
    return ((value < ends[0]) | (value > ends[1])).astype(np.float64)


def statistics(residual: Array, out: Array) -> Array:
    """All statistics, (statistic, ...)."""
    return np.stack([tell(residual, out) for _, tell in STATISTICS.values()])
