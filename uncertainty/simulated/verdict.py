"""Verdict: how far ranks are from uniform, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.names import listed
from uncertainty.uniformity import points, uniform

#: How often all quantities together may stay inside their bands when all is right.
LEVEL = 0.95
#: Chains of a short fit disagree above this (Vehtari et al. 2021, doi:10.1214/20-BA1221, ask for
#: 1.01 of long ones; the R-hat of a few hundred draws scatters by more).
R_HAT = 1.05
#: Simulations below which half a posterior sd goes mostly unseen.
FEW = 50
#: Differences of counts that are less than this are none.
ROUNDING = 1e-9


def adjusted(quantities: int, level: float = LEVEL) -> float:
    """Level of each band such that all hold together with probability `level` or more.

    Bonferroni's: it holds for quantities that depend on each other in any way.
    """
    return 1.0 - (1.0 - level) / quantities


def judged(ranks: Array, most: int, level: float = LEVEL) -> dict[str, Array]:
    """Where each quantity leaves its band farthest, or else differs most.

    Parameters
    ----------
    ranks : (quantity, simulation)
    most : int

    Returns
    -------
    {name: (quantity,)}
        difference, low, high at the share `place`; `outside`: share of places beyond the band;
        `uniform`: whether there is none.
    """
    each, shares = adjusted(len(ranks), level), points(most)
    rows = []
    for row in ranks:
        difference, (low, high), inside = uniform(row, most, level=each)
        beyond = np.maximum(difference - high, low - difference)
        at = int(np.argmax(np.abs(difference) if inside else beyond))
        outside = (beyond > ROUNDING).mean()
        rows.append((difference[at], shares[at], low[at], high[at], outside, inside))
    names = ("difference", "place", "low", "high", "outside")
    made = {name: np.array([row[i] for row in rows]) for i, name in enumerate(names)}
    return {**made, "uniform": np.array([bool(row[-1]) for row in rows])}


def words(found: Any) -> Iterator[str]:
    """What ranks say, and what speaks against relying on them, a sentence each."""
    wrong = [str(name) for name in found["parameter"].values[~found["uniform"].values]]
    count = found.sizes["parameter"]
    if wrong:
        yield f"the ranks of {len(wrong)} of {count} quantities are not uniform: {listed(wrong)}"
    else:
        yield f"the ranks of all {count} quantities could well be uniform"
    if found.sizes["simulation"] < FEW:
        yield f"with fewer than {FEW} simulations only gross errors are seen"
    yield from doubts(found)
    yield from conditions(found.attrs)


def doubts(found: Any) -> Iterator[str]:
    """Fits that may not have reached their posterior; their ranks count like all others."""
    simulations, most = found.sizes["simulation"], found.attrs["most"]
    kinds = {
        f"whose chains disagree (R-hat above {R_HAT})": found["r_hat"] > R_HAT,
        "with steps that diverged (raise target_accept)": found["divergences"] > 0,
        f"worth fewer than {most} independent draws (take more draws)": found["ess"] < most,
    }
    for text, at in kinds.items():
        number = int(at.sum())
        if number:
            verb = "is" if number == 1 else "are"
            yield f"of {simulations} fits {number} {verb} counted {text}"


def conditions(attrs: Mapping[Any, Any]) -> Iterator[str]:
    """What was held fixed, and what was passed over."""
    if attrs["structures"]:
        yield f"{attrs['structures']} held at the true value in each fit"
    if attrs["passed_over"]:
        yield (
            f"{attrs['passed_over']} draws of the prior passed over: a row has no logarithm or "
            "log-odds there, so that they are impossible to a fit too"
        )
