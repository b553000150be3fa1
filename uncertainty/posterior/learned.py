"""Learned: what the data changed in what is believed of each parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import ResultError
from uncertainty.estimates import Sorted
from uncertainty.labels import QUANTILES
from uncertainty.names import listed
from uncertainty.posterior.draws import Flags, arviz
from uncertainty.posterior.marginals import Marginal, marginals
from uncertainty.space import Space

if TYPE_CHECKING:
    import xarray as xr

#: Half the variance is gone: the posterior is narrower by 30%, which the eye sees.
LEARNED = 0.5
#: A tenth of the variance, or half a prior standard deviation: less changes no interval much.
LITTLE, SHIFTED = 0.1, 0.5
#: Monte Carlo standard errors beyond which a change is no noise. With 75 parameters one of 150
#: changes exceeds them by chance in one run of a hundred (3 errors: in one of three).
ERRORS = 4.0
#: Fewest draws of a chain that have a Monte Carlo error.
LEAST = 4

#: The verdicts.
STRUCTURE, FAR, YES, SOME, NO = (
    "structure",
    "not reached by data",
    "learned",
    "a little",
    "reached, not moved",
)


def learned(
    space: Space,
    posterior: xr.Dataset,
    reached: Mapping[str, bool],
    *,
    quantiles: Sequence[float] = QUANTILES,
) -> xr.Dataset:
    """What the data changed in what is believed of each parameter.

    Parameters
    ----------
    space : Space
        The priors; their moments and quantiles are exact.
    posterior : Dataset
        Draws (chain, draw[, part]) of every uncertain parameter of the space, in the unit that
        their attribute ``units`` says, else in that of the prior. Other variables are ignored.
    reached : {parameter: bool}
        Whether any observed outcome depends on it. A parameter that is correlated with one that
        is reached counts as reached.
    quantiles : sequence of float

    Returns
    -------
    Dataset
        Over ``parameter`` (a dirichlet part by part, ``name[0]``): ``prior_mean``, ``prior_sd``,
        ``posterior_mean``, ``posterior_sd``, ``contraction`` = 1 - (posterior_sd / prior_sd)^2,
        ``shift`` = (posterior_mean - prior_mean) / prior_sd, ``contraction_mcse`` and
        ``shift_mcse``, ``reached``, ``verdict``; ``prior_quantiles`` and ``posterior_quantiles``
        (parameter, quantile); coordinates ``label`` and ``units``.

    Raises
    ------
    ResultError
        When a parameter is missing from the posterior or from `reached`, or is not finite, or a
        chain has fewer than 4 draws.

    Notes
    -----
    The verdict is "learned" when the contraction is 0.5 or more, "a little" when it is 0.1 or more
    either way (a posterior can be wider than its prior) or the shift is half a standard deviation,
    each only where it exceeds four Monte Carlo standard errors
    (of the logarithm of the variance, for the contraction); else "reached, not moved".
    "not reached by data" is told of what no observed outcome depends on, whatever the draws say.
    Of a choice the verdict is "structure", ``contraction`` is NaN, and ``shift`` is the total
    variation distance between its prior probabilities and its posterior shares, 0 to 1.

    Examples
    --------
    >>> import xarray as xr
    >>> from uncertainty.prior import Prior
    >>> space = Space({"a": Prior("normal", mu=0, sigma=1)})
    >>> z = np.random.default_rng(1).normal(size=(4, 1000))
    >>> draws = xr.Dataset({"a": (("chain", "draw"), 2 + 0.3 * z)})
    >>> found = learned(space, draws, {"a": True})
    >>> found["contraction"].round(1).item(), found["shift"].round(1).item()
    (0.9, 2.0)
    >>> found["verdict"].item()
    'learned'
    """
    import xarray as xr

    known = list(marginals(space, posterior))
    moments = changes(known)
    near = near_data(space, reached)
    hit = np.array([near[one.parameter] for one in known])
    levels = tuple(quantiles)
    return xr.Dataset(
        {
            **{name: ("parameter", values) for name, values in moments.items()},
            "reached": ("parameter", hit),
            "verdict": ("parameter", verdicts(known, moments, hit)),
            "prior_quantiles": (
                ("parameter", "quantile"),
                np.stack([one.prior.ppf(levels) * one.factor for one in known]),
            ),
            "posterior_quantiles": (
                ("parameter", "quantile"),
                np.stack([Sorted(one.draws.ravel()).quantiles(levels) for one in known]),
            ),
        },
        coords={
            "parameter": [one.name for one in known],
            "quantile": list(levels),
            "label": ("parameter", [one.label for one in known]),
            "units": ("parameter", [one.unit for one in known]),
        },
        attrs={"draws": known[0].draws.size, "errors": ERRORS},
    )


def changes(known: Sequence[Marginal]) -> dict[str, Array]:
    """Moments of prior and posterior, what changed, and Monte Carlo errors; each (parameter,)."""
    draws = np.stack([one.draws for one in known])
    if draws.shape[-1] < LEAST:
        msg = f"each chain needs at least {LEAST} draws, got {draws.shape[-1]}"
        raise ResultError(msg)
    mean, sd = np.array([one.mean for one in known]), np.array([one.sd for one in known])
    choice = np.array([one.is_choice for one in known])
    now, width = draws.mean(axis=(1, 2)), draws.std(axis=(1, 2), ddof=1)
    away = (draws - mean[:, None, None]) / sd[:, None, None]
    errors = {way: monte_carlo_error(away, way) for way in ("mean", "sd")}
    shift = away.mean(axis=(1, 2))
    shift[choice] = [one.distance() for one in known if one.is_choice]
    return {
        "prior_mean": mean,
        "prior_sd": sd,
        "posterior_mean": now,
        "posterior_sd": width,
        "contraction": np.where(choice, np.nan, 1 - (width / sd) ** 2),
        "contraction_mcse": np.where(choice, np.nan, 2 * width / sd * errors["sd"]),
        "shift": shift,
        "shift_mcse": np.where(choice, np.nan, errors["mean"]),
    }


def monte_carlo_error(values: Array, way: str) -> Array:
    """Standard error (parameter,) of a mean or sd, by ArviZ; 0 where nothing varies."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.asarray(arviz().mcse(values, method=way), dtype=np.float64)
    return np.where(np.ptp(values, axis=(1, 2)) == 0, 0.0, found)


def near_data(space: Space, reached: Mapping[str, bool]) -> dict[str, bool]:
    """Which parameters data can tell of: those reached, and those correlated with one of them."""
    missing = [name for name in space.uncertain if name not in reached]
    if missing:
        msg = f"reached says nothing of {listed(missing)}; it knows {listed(reached)}"
        raise ResultError(msg)
    near = {name: bool(reached[name]) for name in space.uncertain}
    for cluster in space.clusters:
        near |= dict.fromkeys(cluster, any(near[name] for name in cluster))
    return near


def verdicts(known: Sequence[Marginal], moments: Mapping[str, Array], near: Flags) -> list[str]:
    """The verdict of each number."""
    moved, shifted = np.abs(moments["contraction"]), np.abs(moments["shift"])
    left = 1 - moments["contraction"]
    with np.errstate(divide="ignore"):
        clear = np.abs(np.log(left)) * left >= ERRORS * moments["contraction_mcse"]
    clear_shift = shifted > ERRORS * moments["shift_mcse"]
    choice = np.array([one.is_choice for one in known])
    some = (moved >= LITTLE) & clear | (shifted >= SHIFTED) & clear_shift
    cases = {
        STRUCTURE: choice,
        FAR: ~near,
        YES: (moments["contraction"] >= LEARNED) & clear,
        SOME: some,
    }
    return [str(word) for word in np.select(list(cases.values()), list(cases), NO)]
