"""Left out: how well each row is predicted by the others (PSIS-LOO)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import ResultError
from uncertainty.estimates import Sorted
from uncertainty.labels import QUANTILES
from uncertainty.names import listed
from uncertainty.posterior.draws import Flags, by_chain, check_finite, group, worth
from uncertainty.posterior.smoothing import Smoothed, good_k, smoothed

if TYPE_CHECKING:
    import xarray as xr

#: The variable of rows of evidence, and its dim.
ROWS, ROW = "observation", "row"
#: Intervals whose coverage is told, by their lower end.
INTERVALS = {"inside_50": 0.25, "inside_90": 0.05}


@dataclass(frozen=True)
class LeftOut:
    """Leave-one-out of rows, by weights.

    Attributes
    ----------
    elpd : (row,)
        Log density of each row given all the others.
    gain : (row,)
        By how much its log density is larger when the row itself is known.
    weights : tuple of Smoothed
        That lead from the posterior to the one without the row.
    """

    elpd: Array
    gain: Array
    weights: tuple[Smoothed, ...]

    @classmethod
    def of(cls, log_likelihood: Array) -> LeftOut:
        """From log densities (row, chain, draw)."""
        from scipy.special import logsumexp

        check_finite("log_likelihood", log_likelihood)
        efficiency = relative_efficiency(log_likelihood)
        weights = tuple(smoothed(-row, efficiency) for row in log_likelihood)
        pairs = zip(log_likelihood, weights, strict=True)
        elpd = np.array([logsumexp(row, b=w.weights) for row, w in pairs])
        known = logsumexp(log_likelihood, axis=(1, 2)) - np.log(log_likelihood[0].size)
        return cls(elpd, known - elpd, weights)

    @property
    def k(self) -> Array:
        """Shape of the tail of the weights, (row,)."""
        return np.array([one.k for one in self.weights])

    @property
    def told(self) -> Flags:
        """Which rows the draws tell of, (row,) of bool."""
        return np.array([one.told for one in self.weights])

    @property
    def total(self) -> float:
        """Expected log predictive density of all rows."""
        return float(self.elpd.sum())

    @property
    def error(self) -> float:
        """Its standard error, from the scatter of the rows; NaN for one row."""
        return sum_error(self.elpd)


def sum_error(rows: Array) -> float:
    """Standard error of a sum of independent rows; NaN for fewer than two."""
    return float(np.sqrt(len(rows) * rows.var(ddof=1))) if len(rows) > 1 else float("nan")


def relative_efficiency(log_likelihood: Array) -> float:
    """How many independent draws a draw is worth for the densities, mean over rows."""
    density = np.exp(log_likelihood - log_likelihood.max(axis=(1, 2), keepdims=True))
    return float(worth(density).mean() / density[0].size)


def left_out(
    tree: xr.DataTree, *, below: Array | None = None, quantiles: Sequence[float] = QUANTILES
) -> xr.Dataset:
    """How well each row of the evidence is predicted by the posterior, and by the other rows.

    Parameters
    ----------
    tree : DataTree
        With ``observation`` in ``/observed_data`` (row,), ``/log_likelihood`` and
        ``/posterior_predictive`` (chain, draw, row). The log density of a row must be
        that given the parameters and the other rows; the chains need not be equally good.
    below : (chain, draw, row), optional
        Probability that a new row is below the value, given the parameters of the draw and the
        other rows. Where rows share an error (a bias of their source) that was fitted to the row
        itself, replicated rows know too much, and only this makes ``loo_pit`` exact. Replicated
        rows are counted when it is left out.
    quantiles : sequence of float
        Levels of ``predicted``; 0.05, 0.25, 0.75 and 0.95 are always looked at for the flags.

    Returns
    -------
    Dataset
        Over ``row``: ``value``, ``predicted`` (row, quantile), ``pit`` (share of
        replicated rows below the value), ``loo_pit`` (the same given the other rows only),
        ``inside_50``, ``inside_90``, ``elpd_loo``, ``pareto_k``, ``told`` (whether weights can
        tell what leaving the row out does). Attributes: ``elpd_loo`` and ``se`` of the sum,
        ``p_loo`` (effective number of parameters), ``good_k`` (largest trusted k), ``words``.

    Raises
    ------
    ResultError
        When groups are missing or do not fit together, or draws are too few or not finite.

    References
    ----------
    .. [1] Vehtari, Gelman, Gabry 2017, doi:10.1007/s11222-016-9696-4
    .. [2] Vehtari, Simpson, Gelman, Yao, Gabry 2024, https://jmlr.org/papers/v25/19-556.html
    """
    observed = group(tree, "observed_data", ROWS)[ROWS]
    density = by_chain(group(tree, "log_likelihood", ROWS)[ROWS])
    replicated = by_chain(group(tree, "posterior_predictive", ROWS)[ROWS])
    value = np.asarray(observed.values, dtype=np.float64)
    check_rows(value, density, replicated)
    found = LeftOut.of(density)
    chance = below_value(value, replicated) if below is None else np.moveaxis(below, -1, 0)
    check_rows(value, chance, replicated)
    made: dict[str, Array | Flags] = {
        "value": value,
        "pit": below_value(value, replicated).mean(axis=(1, 2)),
        "loo_pit": np.array(
            [(c * w.weights).sum() for c, w in zip(chance, found.weights, strict=True)]
        ),
        **inside(value, replicated),
        "elpd_loo": found.elpd,
        "pareto_k": found.k,
        "told": found.told,
    }
    return labelled_check(observed, made, predicted(replicated, quantiles), quantiles, found)


def check_rows(value: Array, *draws: Array) -> None:
    """Raise `ResultError` unless all have the same rows and draws."""
    shapes = {array.shape for array in draws}
    if len(shapes) > 1 or {shape[:1] for shape in shapes} != {value.shape} or not value.size:
        msg = (
            f"{value.shape} rows are observed, but the draws have (row, chain, draw) "
            f"{listed(sorted(shapes))}; all need the same rows, at least one, and the same draws"
        )
        raise ResultError(msg)


def below_value(value: Array, replicated: Array) -> Array:
    """Whether each replicated row is below the value, one half where it is equal."""
    at = value[:, None, None]
    return (replicated < at) + 0.5 * (replicated == at)


def predicted(replicated: Array, levels: Sequence[float]) -> Array:
    """Quantiles of replicated rows, (row, quantile)."""
    return Sorted(replicated.reshape(len(replicated), -1)).quantiles(tuple(levels))


def inside(value: Array, replicated: Array) -> dict[str, Flags]:
    """Whether each row lies within the central intervals of what is predicted."""
    ends = {name: predicted(replicated, (low, 1 - low)) for name, low in INTERVALS.items()}
    return {name: (end[:, 0] <= value) & (value <= end[:, 1]) for name, end in ends.items()}


def labelled_check(
    observed: xr.DataArray,
    made: Mapping[str, Array | Flags],
    quantile: Array,
    levels: Sequence[float],
    found: LeftOut,
) -> xr.Dataset:
    """Labels on."""
    import xarray as xr

    coords = {name: c for name, c in observed.coords.items() if c.dims == (ROW,)}
    data = xr.Dataset({name: (ROW, values) for name, values in made.items()}, coords=coords)
    data = data.assign_coords(quantile=list(levels))
    data["predicted"] = ((ROW, "quantile"), quantile)
    draws = found.weights[0].weights.size
    data.attrs = {
        "elpd_loo": found.total,
        "se": found.error,
        "p_loo": float(found.gain.sum()),
        "good_k": good_k(draws),
        "draws": draws,
        "words": untold_words(found, row_names(observed)),
    }
    return data


def row_names(observed: xr.DataArray) -> list[str]:
    """What each row is called: its label, or source and year, else its number."""
    texts = [
        [str(observed[name].values[i]) for name in ("source", "year") if name in observed.coords]
        for i in range(observed.size)
    ]
    return [" ".join(parts) or str(i) for i, parts in enumerate(texts)]


def untold_words(found: LeftOut, names: Sequence[str]) -> str:
    """What is to be said of rows whose leaving out the draws cannot tell; empty if none."""
    bad = [name for name, told in zip(names, found.told, strict=True) if not told]
    if not bad:
        return ""
    limit = good_k(found.weights[0].weights.size)
    largest = f", up to {np.nanmax(found.k):.2f}" if np.isfinite(found.k).any() else ""
    return (
        f"{len(bad)} of {len(names)} rows decide much of the fit by themselves (Pareto k above "
        f"{limit:.2f}{largest}): {listed(bad, 5)}; what is said of leaving "
        "them out is not reliable, fit once more without them"
    )
