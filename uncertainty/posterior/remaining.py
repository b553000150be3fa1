"""Remaining: on which parameters the variance rests that the data leave."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from uncertainty.analysis.given import given_data
from uncertainty.analysis.given_shapley import given_shapley
from uncertainty.arrays import Array
from uncertainty.errors import UncertaintyError
from uncertainty.labels import middle
from uncertainty.names import listed
from uncertainty.posterior.draws import by_chain, columns, group, member
from uncertainty.space import Space

if TYPE_CHECKING:
    import xarray as xr

#: Parameters whose Shapley effects are estimated, and draws that are used for them.
MOST, DRAWS = 8, 4096
#: Coordinates of a dim that are looked at when none are named: first, middle and last.
FEW = 3
#: A parameter whose ranks or whose shares say less of the variance than this is left out.
LEAST = 0.005


class Remaining(NamedTuple):
    """Shares of the variance that remains, by outcome, and what is to be said of them."""

    shapley: dict[str, xr.Dataset]
    given: dict[str, xr.Dataset]
    words: list[str]


def remaining(
    tree: xr.DataTree,
    outcomes: Sequence[str],
    space: Space,
    *,
    places: Mapping[str, Sequence[Any]] | None = None,
    most: int = MOST,
    draws: int = DRAWS,
    seed: int = 1,
) -> Remaining:
    """On which parameters the variance rests that the data leave.

    Parameters
    ----------
    tree : DataTree
        With ``/posterior`` and ``/posterior_predictive``.
    outcomes : sequence of str
    space : Space
        Its uncertain parameters are looked at, and no other variable of the posterior.
    places : {dim: coordinates}, optional
        Where; the first, middle and last coordinate of every dim when left out.
    most : int
        So many parameters get Shapley effects: those that say most of the outcome by themselves.
        The variance that all others add is ``left``; a parameter that acts only together with
        others may be among them.
    draws : int
        At most so many draws are used for Shapley effects, evenly spaced in each chain.
    seed : int

    Returns
    -------
    Remaining
        ``shapley`` and ``given``, a Dataset by outcome as from `given_shapley` and `given_data`,
        each with an attribute ``words``; an outcome that the draws cannot tell of is not there,
        and ``words`` says why.

    Notes
    -----
    The time of `given` grows with parameters x places x draws, and is a second for 75 x 18 x 4,000.
    That of `shapley` grows with the draws, with 2^most up to 7 parameters and with the square of
    `most` and faster beyond; with places hardly at all.

    Raises
    ------
    ResultError
        When a group, an outcome or a parameter is missing.
    """
    found = Remaining({}, {}, [])
    inputs = group(tree, "posterior", *space.uncertain)
    for name in outcomes:
        wanted = member(group(tree, "posterior_predictive"), name, "the posterior predictive")
        sub, known = narrowed(tree, inputs, some_places(wanted, places), space)
        still = [one for one in space.uncertain if one not in known]
        if still:
            found.words.append(f"{name}: {listed(still)} did not vary and was left out")
        tell(found, "given", name, partial(told_given, sub, known))
        tell(found, "shapley", name, partial(told_shapley, sub, known, most, draws, seed))
    return found


def some_places(outcome: xr.DataArray, places: Mapping[str, Sequence[Any]] | None) -> xr.DataArray:
    """An outcome at the places asked for, else at the first, middle and last of each dim."""
    dims = [str(dim) for dim in outcome.dims if dim not in ("chain", "draw")]
    if places is not None:
        return outcome.sel({dim: list(places[dim]) for dim in dims if dim in places})
    chosen = {dim: range(outcome.sizes[dim]) for dim in dims}
    few = {dim: sorted({at[0], middle(at), at[-1]}) for dim, at in chosen.items() if len(at) > FEW}
    return outcome.isel(few)


def narrowed(
    tree: xr.DataTree, inputs: xr.Dataset, outcome: xr.DataArray, space: Space
) -> tuple[xr.DataTree, list[str]]:
    """A tree of one outcome and the parameters that vary, and their names."""
    import xarray as xr

    known = [name for name in space.uncertain if varies(inputs[name])]
    groups = {"/posterior": inputs[known], "/posterior_predictive": outcome.to_dataset()}
    return xr.DataTree.from_dict(groups), known


def varies(array: xr.DataArray) -> bool:
    """Whether any part of a parameter varies."""
    return bool(np.any(np.ptp(by_chain(array), axis=(-2, -1)) > 0))


def tell(found: Remaining, kind: str, name: str, run: Callable[[], xr.Dataset]) -> None:
    """Run an analysis; what it warns of, or why it cannot be done, becomes words."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            made = run()
        except UncertaintyError as error:
            found.words.append(f"{name}: no {kind} shares of what remains: {error}")
            return
    texts = [str(one.message) for one in caught]
    made.attrs["words"] = "; ".join([text for text in (made.attrs.get("words"), *texts) if text])
    getattr(found, kind)[name] = made


def told_given(sub: xr.DataTree, known: Sequence[str]) -> xr.Dataset:
    """First-order shares of all parameters."""
    return given_data(sub, group="posterior", parameters=list(known))


def told_shapley(
    sub: xr.DataTree, known: Sequence[str], most: int, draws: int, seed: int
) -> xr.Dataset:
    """Shapley effects of the parameters that say most, and what the others add."""
    chosen = foremost(sub, known, most)
    others = len(known) - len(chosen)
    made = given_shapley(
        sub,
        group="posterior",
        parameters=chosen,
        complete=not others,
        size=draws,
        seed=seed,
    )
    if others:
        made.attrs["words"] = (
            f"the {len(chosen)} parameters that say most by themselves; what the other {others} "
            f"add is left: up to {float(made['left'].max()):.0%} of the variance"
        )
    return made


def foremost(sub: xr.DataTree, known: Sequence[str], most: int) -> list[str]:
    """The parameters that say most of the outcome by themselves, in the order of the space."""
    outcome = next(iter(sub["posterior_predictive"].to_dataset().data_vars.values()))
    cells = by_chain(outcome)
    cells = cells.reshape(-1, cells.shape[-2] * cells.shape[-1])
    inputs = sub["posterior"].to_dataset()
    score = {name: said(list(columns(name, inputs[name])), cells) for name in known}
    ranked = sorted(known, key=lambda name: -score[name])[:most]
    clear = [name for name in ranked if score[name] >= LEAST] or ranked[:1]
    return [name for name in known if name in clear]


def said(parts: Sequence[tuple[str, Array]], cells: Array) -> float:
    """Most of any cell's variance that a parabola in the ranks of a parameter explains."""
    best = 0.0
    centred = cells - cells.mean(axis=1, keepdims=True)
    whole = (centred**2).sum(axis=1)
    for _, draws in parts:
        rank = np.argsort(np.argsort(draws.ravel(), kind="stable"), kind="stable")
        t = (rank + 0.5) / rank.size * 2 - 1
        curves = np.stack([t, t**2 - (t**2).mean()])
        curves /= np.sqrt((curves**2).sum(axis=1, keepdims=True))
        square = ((centred @ curves.T) ** 2).sum(axis=1)
        share = np.divide(square, whole, out=np.zeros_like(whole), where=whole > 0)
        best = max(best, float(share.max()))
    return best
