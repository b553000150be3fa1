"""Ranks: the rank correlations that a space takes over from draws, and what it must leave."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from uncertainty.arrays import Array
from uncertainty.names import listed
from uncertainty.summaries.chains import figures
from uncertainty.summaries.elements import Element
from uncertainty.summaries.nearest import admissible, distinguishable, rank_correlation

#: Families whose dependence a Gaussian copula does not carry.
STEPPED = ("choice", "fixed", "dirichlet")


def correlation(wanted: Sequence[Element], made: Mapping[str, str]) -> dict[tuple[str, str], float]:
    """Rank correlations that are more than noise, of those whose family (`made`) can have them."""
    varied = [e for e in wanted if made[e.name] != "fixed"]
    if len(varied) < 2:
        return {}
    draws = np.array([e.draws for e in varied])
    rho = rank_correlation(draws.reshape(len(varied), -1))
    rho = distinguishable(rho, effective(draws))
    smooth = [i for i, e in enumerate(varied) if made[e.name] not in STEPPED]
    warn_lost(varied, smooth, rho)
    names, kept = [varied[i].name for i in smooth], rho[np.ix_(smooth, smooth)]
    if len(names) < 2:
        return {}
    found = admissible(kept)
    warn_moved(names, kept, found)
    pairs = [(i, j) for i in range(len(names)) for j in range(i) if abs(found[i, j]) > 1e-9]
    return {(names[j], names[i]): round(float(found[i, j]), 12) for i, j in pairs}


def effective(draws: Array) -> Array:
    """Bulk effective sizes, at most the draws there are; those of too short chains as counted."""
    size = draws[0].size
    found = figures(np.moveaxis(draws, 0, -1))["ess_bulk"]
    return np.clip(np.where(np.isfinite(found), found, size), 4, size)


def warn_lost(varied: Sequence[Element], smooth: Sequence[int], rho: Array) -> None:
    """Say which dependence on choices and shares the space does not carry."""
    lost = [
        f"({varied[i].key}, {varied[j].key}) {rho[i, j]:.2f}"
        for i in range(len(varied))
        for j in range(i)
        if rho[i, j]
        and not (i in smooth and j in smooth)
        and (i in smooth or j in smooth or varied[i].variable != varied[j].variable)
    ]
    if lost:
        msg = (
            "a choice or dirichlet cannot be correlated in a space; rank correlations left out: "
            f"{listed(lost)}"
        )
        warnings.warn(msg, stacklevel=5)


def warn_moved(names: Sequence[str], kept: Array, found: Array) -> None:
    """Say by how much correlations were moved so that a joint distribution has them."""
    moved = np.abs(found - kept)
    if moved.size and moved.max() > 1e-9:
        i, j = divmod(int(moved.argmax()), len(names))
        msg = (
            "no Gaussian copula has the rank correlations of the draws; the nearest that one has "
            f"were taken; most moved: ({names[i]}, {names[j]}) from {kept[i, j]:.6f} to "
            f"{found[i, j]:.6f}"
        )
        warnings.warn(msg, stacklevel=5)
