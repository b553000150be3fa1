"""Structures: which form of the model predicts left-out rows best, and how the forms share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import ResultError
from uncertainty.names import listed
from uncertainty.posterior.left_out import LeftOut, sum_error
from uncertainty.posterior.smoothing import good_k
from uncertainty.posterior.stacking import expected_weights, stacking_weights

if TYPE_CHECKING:
    import xarray as xr


def compared(fits: Mapping[str, Array]) -> xr.Dataset:
    """Which structure of a model predicts left-out rows best, and their stacking weights.

    Parameters
    ----------
    fits : {structure: (chain, draw, row)}
        Log density of each row at the draws of each fit, given the other rows.

    Returns
    -------
    Dataset
        Over ``structure``: ``elpd_loo`` (sum of the log densities of left-out rows), ``se``,
        ``p_loo``, ``elpd_diff`` (less than the best by so much: 0 or negative), ``dse`` (standard
        error of the difference, from the rows), ``weight`` (expected stacking weight, see
        `expected_weights`), ``best_weight`` (the weights that predict best),
        ``pareto_k_max``, ``untold`` (rows whose leaving out the draws cannot tell). Attributes
        ``rows``, ``good_k`` and ``words``.

    Raises
    ------
    ResultError
        When there is no fit, their rows differ, or draws are too few or not finite.

    References
    ----------
    .. [1] Vehtari, Gelman, Gabry 2017, doi:10.1007/s11222-016-9696-4
    .. [2] Yao, Vehtari, Simpson, Gelman 2018, doi:10.1214/17-BA1091
    .. [3] Yao, Pirs, Vehtari, Gelman 2022, doi:10.1214/21-BA1287

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> good, bad = (m + rng.normal(0, 0.1, (4, 100, 12)) for m in (-1.0, -3.0))
    >>> compared({"good": good, "bad": bad})["weight"].values.round(3).tolist()
    [0.955, 0.045]
    """
    import xarray as xr

    check_fits(fits)
    found = {name: LeftOut.of(np.moveaxis(array, -1, 0)) for name, array in fits.items()}
    rows = np.stack([one.elpd for one in found.values()])
    away = rows - rows[rows.sum(axis=1).argmax()]
    best = away.any(axis=1)
    variables = {
        "elpd_loo": rows.sum(axis=1),
        "se": [one.error for one in found.values()],
        "p_loo": [one.gain.sum() for one in found.values()],
        "elpd_diff": away.sum(axis=1),
        "dse": [
            sum_error(one) if differs else 0.0 for one, differs in zip(away, best, strict=True)
        ],
        "weight": expected_weights(rows.T),
        "best_weight": stacking_weights(rows.T),
        "pareto_k_max": [np.nanmax(one.k, initial=-np.inf) for one in found.values()],
        "untold": [int((~one.told).sum()) for one in found.values()],
    }
    draws = next(iter(fits.values()))[..., 0].size
    attrs = {"rows": rows.shape[1], "good_k": good_k(draws), "words": words(found)}
    data = {name: ("structure", np.asarray(values)) for name, values in variables.items()}
    return xr.Dataset(data, coords={"structure": list(fits)}, attrs=attrs)


def check_fits(fits: Mapping[str, Array]) -> None:
    """Raise `ResultError` unless there is a fit, and all have the same rows."""
    shapes = {name: np.shape(array) for name, array in fits.items()}
    rows = {shape[-1] if len(shape) == 3 else None for shape in shapes.values()}
    if len(rows) != 1 or rows <= {None, 0}:
        msg = (
            "fits are {structure: (chain, draw, row)} with the same rows, at least one; "
            f"got {listed(shapes.items())}"
        )
        raise ResultError(msg)


def words(found: Mapping[str, LeftOut]) -> str:
    """What is to be said of structures whose comparison is not reliable; empty if none."""
    bad: Sequence[str] = [name for name, one in found.items() if not one.told.all()]
    if len(found) == 1 or not bad:
        return ""
    return (
        f"{listed(bad, 5)}: single rows decide much of the fit, so that the draws cannot tell how "
        "well the others predict them; weights of the structures are less sure than they look"
    )
