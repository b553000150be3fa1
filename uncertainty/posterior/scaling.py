"""Scaling: how a result moves when a prior, or the data, count for more or for less.

A density is raised to a power, and the draws are weighted by what that changes. Nothing is fitted
anew.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array, Numbers
from uncertainty.errors import ResultError
from uncertainty.labels import QUANTILES
from uncertainty.posterior.draws import by_chain, check_finite, group, labels, member, structures
from uncertainty.posterior.ordered import Ordered
from uncertainty.posterior.powers import DATA, LIMIT, NEAR, Scaled, sensitivities
from uncertainty.posterior.smoothing import good_k
from uncertainty.space import Space

if TYPE_CHECKING:
    import xarray as xr


def power_scaled(
    tree: xr.DataTree,
    space: Space,
    outcome: str,
    *,
    places: Mapping[str, Sequence[Any]] | None = None,
    joint: Array | None = None,
    alphas: Sequence[float] = (0.5, 2.0),
    quantiles: Sequence[float] = QUANTILES,
) -> xr.Dataset:
    """How the posterior moves when a prior, or the data, count for more or for less.

    Parameters
    ----------
    tree : DataTree
        With ``/posterior``, ``/log_prior`` (see `log_prior`), ``/log_likelihood``, and the outcome
        in ``/posterior_predictive``.
    space : Space
    outcome : str
        Whose quantiles are looked at.
    places : {dim: coordinates}, optional
        Where; everywhere when left out.
    joint : (chain, draw), optional
        Log density of all rows together. The sum of ``/log_likelihood`` over its rows when left
        out, which is right only where rows are independent given the parameters.
    alphas : sequence of float
        Powers: 0.5 makes a prior count half, 2 double.
    quantiles : sequence of float

    Returns
    -------
    Dataset
        Over ``parameter`` (those of the space, then "all data"): ``prior``, the sensitivity of
        the parameter to its own prior (ArviZ's psense with that prior alone), ``all_priors`` (to
        all priors together), ``likelihood`` and ``diagnosis`` in ArviZ's words (of `prior` and
        `likelihood`, limit 0.05). Over (parameter, alpha): ``pareto_k``, ``told``. ``moved``
        (parameter, alpha, quantile, ...), the change of the outcome's quantiles in its unit, with
        ``moved_mcse``, NaN where not told; ``base`` (quantile, ...), the quantiles as they are.

    Notes
    -----
    Weights are p(theta)^(alpha - 1), Pareto-smoothed [1]_ [2]_. Another weight of one margin leaves
    rank correlations as they are. Of a dirichlet the most sensitive share counts. Draws of several
    structures keep the shares of the structures, so that the probabilities of a choice cannot be
    scaled: told is False there and the diagnosis "structure".

    Raises
    ------
    ResultError
        When something is missing, or draws are too few or not finite.

    References
    ----------
    .. [1] Kallioinen, Paananen, Bürkner, Vehtari 2024, doi:10.1007/s11222-023-10366-5
    .. [2] Vehtari, Simpson, Gelman, Yao, Gabry 2024, https://jmlr.org/papers/v25/19-556.html
    """
    posterior = group(tree, "posterior", *space.uncertain)
    priors = group(tree, "log_prior", *space.uncertain)
    chosen = member(group(tree, "posterior_predictive"), outcome, "the posterior predictive")
    chosen = chosen.sel(dict(places or {}))
    scaled = Scaled(
        {
            **{name: by_chain(priors[name]) for name in space.uncertain},
            DATA: all_rows(tree) if joint is None else joint,
        },
        several(structures(space, posterior)),
    )
    check_alphas(alphas)
    check_finite("log_likelihood", scaled.densities[DATA])
    together = np.sum([by_chain(array) for array in priors.data_vars.values()], axis=0)
    ordered = Ordered(by_chain(chosen).reshape(-1, *together.shape), tuple(quantiles))
    table = sensitivities(scaled, together, posterior)
    return labelled_scaling(table, shifts(scaled, ordered, alphas), ordered, chosen, alphas, space)


def all_rows(tree: xr.DataTree) -> Array:
    """Sum of the log densities of all rows, (chain, draw)."""
    found = group(tree, "log_likelihood")
    total = [by_chain(a) for a in found.data_vars.values()]
    return np.sum([a.reshape(-1, *a.shape[-2:]).sum(axis=0) for a in total], axis=0)


def several(structure: Numbers) -> Numbers | None:
    """None where there is one structure only."""
    return structure if structure.any() else None


def check_alphas(alphas: Sequence[float]) -> None:
    """Raise `ResultError` for powers that are not above 0."""
    if not len(alphas) or not all(alpha > 0 for alpha in alphas):
        msg = f"alphas are powers above 0, at least one; got {list(alphas)}"
        raise ResultError(msg)


def shifts(scaled: Scaled, ordered: Ordered, alphas: Sequence[float]) -> dict[str, Array]:
    """What each power of each density moves: arrays (parameter, alpha, ...)."""
    found: dict[str, list[Any]] = {"moved": [], "moved_mcse": [], "pareto_k": [], "told": []}
    for density, alpha in itertools.product(scaled.densities.values(), alphas):
        weights = scaled.weights(density, alpha)
        flat = scaled.is_flat(density)
        told = weights._replace(k=np.inf) if flat else weights
        moved, error = ordered.moved(told)
        for column, value in zip(
            found.values(), (moved, error, np.nan if flat else told.k, told.told), strict=True
        ):
            column.append(value)
    shape = (len(scaled.densities), len(alphas))
    return {k: np.array(v).reshape(*shape, *np.shape(v[0])) for k, v in found.items()}


def labelled_scaling(
    table: Mapping[str, Sequence[Any]],
    moves: Mapping[str, Array],
    ordered: Ordered,
    outcome: xr.DataArray,
    alphas: Sequence[float],
    space: Space,
) -> xr.Dataset:
    """Labels on."""
    import xarray as xr

    dims = tuple(str(dim) for dim in outcome.dims if dim not in ("chain", "draw"))
    shape = tuple(outcome.sizes[dim] for dim in dims)
    unit = {"units": str(outcome.attrs.get("units", ""))}
    at = ("parameter", "alpha")

    def placed(values: Array) -> Array:
        last = np.moveaxis(values, -2, -1)
        return last.reshape(*last.shape[:-1], *shape)

    names = labels(space)
    return xr.Dataset(
        {
            **{name: ("parameter", list(column)) for name, column in table.items()},
            **{name: (at, moves[name]) for name in ("pareto_k", "told")},
            **{
                name: ((*at, "quantile", *dims), placed(moves[name]), unit)
                for name in ("moved", "moved_mcse")
            },
            "base": (("quantile", *dims), placed(ordered.plain[0]), unit),
        },
        coords={
            "parameter": [*space.uncertain, DATA],
            "label": ("parameter", [*(names[name] for name in space.uncertain), DATA]),
            "alpha": list(alphas),
            "quantile": list(ordered.levels),
            **{dim: outcome[dim].values for dim in dims if dim in outcome.coords},
        },
        attrs={
            "outcome": str(outcome.name),
            "limit": LIMIT,
            "good_k": good_k(ordered.cells[0].size),
            "alphas_of_sensitivity": list(NEAR),
        },
    )
