"""Fitted: the family that meets the figures of a row best, and by how much it misses them."""

from __future__ import annotations

import math

import numpy as np

from uncertainty.errors import PriorError
from uncertainty.families import family_named
from uncertainty.fits import FITS
from uncertainty.summaries.columns import label
from uncertainty.summaries.forms import FORMS, Support
from uncertainty.summaries.members import EXACT, LINE, POSITIVE, UNIT, attempt
from uncertainty.summaries.row import Row
from uncertainty.summaries.targets import Fit, Targets
from uncertainty.units import DIMENSIONLESS

#: Mass beyond 0 (or 1) at which a normal is no longer taken for a number that may not go there.
BEYOND = 1e-6

#: Error, in sd, from which a row is held too skewed for families of two parameters.
SKEWED = 0.05

#: Families of three parameters that may lean either way, the one with the softer ends first.
LOPSIDED = ("pert", "triangular")


def fitted(row: Row, family: str | None = None, support: Support | None = None) -> Fit:
    """The member that meets the row: of one family, or of the family that meets it best.

    Raises
    ------
    PriorError
        When no member of the family can be fitted, or the row is of a quantity that steps.
    """
    check_steps(row)
    if family is not None:
        return of_family(row, family_named(family), support)
    found = [fit for name, on in candidates(row, support) if (fit := attempt(row, name, on))]
    if support is None and with_modes(row, min((fit.error for fit in found), default=1.0)):
        found += [fit for name in LOPSIDED if (fit := attempt(row, name, None))]
    if not found:
        msg = f"{row.name}: no family on the support {support} can be fitted to {told(row)}"
        raise PriorError(msg)
    least = min(fit.error for fit in found)
    ties = [fit for fit in found if fit.error <= least + max(row.noise, EXACT)]
    return min(ties, key=lambda fit: strays(row, fit, support))


def with_modes(row: Row, error: float) -> bool:
    """Whether families of three parameters are tried too.

    They are if there are figures enough to judge them and the others miss: an exact row at all,
    a row with noise by more than its noise and `SKEWED`.
    """
    return len(Targets(row).names) > 3 and error > (
        max(SKEWED, 2 * row.noise) if row.noise else EXACT
    )


def told(row: Row) -> str:
    """What a row says, in words."""
    values = [f"{label(p)} = {value:g}" for p, value in row.quantiles]
    moments = [("mean", row.mean), ("sd", row.sd)]
    return ", ".join(values + [f"{name} = {v:g}" for name, v in moments if v is not None])


def check_steps(row: Row) -> None:
    """Raise `PriorError` where two quantiles are the same: no density has that."""
    values = [value for _, value in row.quantiles]
    if len(set(values)) < len(values):
        msg = (
            f"{row.name}: equal quantiles ({told(row)}) are those of a number with steps; give it "
            "as Prior('choice', values=..., probabilities=...), or take it from its draws with "
            "Space.from_posterior"
        )
        raise PriorError(msg)


def candidates(row: Row, support: Support | None) -> list[tuple[str, Support | None]]:
    """Families with the support that each would have, the simpler ones first."""
    lower, upper = support or LINE
    if math.isfinite(lower) and math.isfinite(upper):
        names = ("beta", "logit_normal", "truncated_normal")
        return [("uniform", support), *((name, support) for name in names)]
    if support == POSITIVE:
        return [(name, None) for name in ("lognormal", "gamma")] + [("truncated_normal", support)]
    if support is not None and support != LINE:
        return [("truncated_normal", support)]
    free: list[tuple[str, Support | None]] = [("normal", None)]
    if row.smallest > 0:
        free += [("lognormal", None), ("gamma", None), ("log_uniform", None)]
        free += [("truncated_normal", POSITIVE)]
    if row.smallest > 0 and row.largest < 1 and row.unit in DIMENSIONLESS and support is None:
        free += [("beta", UNIT), ("logit_normal", UNIT), ("truncated_normal", UNIT)]
    free += [("uniform", None)]
    order = list(FORMS)
    return sorted(free, key=lambda pair: order.index(pair[0]))


def strays(row: Row, fit: Fit, support: Support | None) -> bool:
    """Whether a fit leaves the side of 0 on which all figures lie, though nothing said it may."""
    if support is not None or row.smallest <= 0 or not row.noise:
        return False
    with np.errstate(all="ignore"):
        return float(fit.made.cdf(np.array(0.0))) > BEYOND


def of_family(row: Row, family: str, support: Support | None) -> Fit:
    """The member of one family; `PriorError` if there is none."""
    if family not in FITS:
        msg = f"{row.name}: {family} cannot be fitted to a row; use one of {', '.join(FITS)}"
        raise PriorError(msg)
    place = support or guessed(row, family)
    found = attempt(row, family, place)
    if found is None:
        where = "" if place is None else f" on ({place[0]:g}, {place[1]:g})"
        msg = f"{row.name}: no {family}{where} can be fitted to {told(row)}"
        raise PriorError(msg)
    return found


def guessed(row: Row, family: str) -> Support | None:
    """Support of a family that has none of its own: what the figures allow."""
    if family not in FORMS or not FORMS[family].scaled:
        return None
    if family != "truncated_normal":
        return UNIT
    return POSITIVE if row.smallest > 0 else LINE
