"""Members: the member of a family that meets a row best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import PriorError
from uncertainty.families import build
from uncertainty.fits import FITS, Question
from uncertainty.summaries.forms import FORMS, Parameters, Support
from uncertainty.summaries.row import Row
from uncertainty.summaries.targets import Fit, Targets

#: Largest error, in sd, at which a fit counts as exact, and at which two exact fits are a tie.
EXACT = 1e-6

#: Where the solver stops.
STRICT: dict[str, Any] = {"xtol": 1e-14, "ftol": 1e-14, "gtol": 1e-14}

LINE: Support = (-math.inf, math.inf)
POSITIVE: Support = (0.0, math.inf)
UNIT: Support = (0.0, 1.0)


def attempt(row: Row, family: str, support: Support | None) -> Fit | None:
    """The best member of a family on a support, None if there is none."""
    pinned = family == "uniform" and support is not None
    inside = support is None or support[0] < row.smallest <= row.largest < support[1]
    if not inside or (natural(family) == POSITIVE and row.smallest <= 0):
        return None
    if pinned and support is not None:
        return judged(Targets(row), family, {"lower": support[0], "upper": support[1]}, None)
    try:
        with np.errstate(all="ignore"):
            return best_member(row, family, support)
    except ArithmeticError:  # the figures are beyond what a double can square
        return None


def best_member(row: Row, family: str, support: Support | None) -> Fit | None:
    """The member with the least error, of those to begin from and what the solver makes of it."""
    targets = Targets(row)
    found = [
        fit
        for parameters in starts(row, family, support)
        if (fit := judged(targets, family, parameters, support))
    ]
    best = min(found, key=lambda fit: fit.error, default=None)
    if best is None or best.error <= EXACT * EXACT or family not in FORMS:
        return best
    return min((best, polished(targets, best)), key=lambda fit: fit.error)


def natural(family: str) -> Support | None:
    """The support that a family has by itself."""
    return POSITIVE if family in ("lognormal", "gamma", "log_uniform") else None


def starts(row: Row, family: str, support: Support | None) -> list[Parameters]:
    """Members to begin from: of the outer two quantiles (three with a mode), and of the moments."""
    place = support or natural(family) or LINE
    found = []
    if len(row.quantiles) > 1:
        asked = through(row, family)
        solved = FITS[family](Question(asked, None, place))
        found += [solved] if solved else []
    if family in FORMS:
        found.append(FORMS[family].start(*about(row), place))
    return found


def through(row: Row, family: str) -> tuple[tuple[float, float], ...]:
    """The quantiles that fix a member: the outer two, and the middle one where it has a mode."""
    outer = (row.quantiles[0], row.quantiles[-1])
    if family in FORMS or len(row.quantiles) < 3:
        return outer
    return outer[0], row.quantiles[len(row.quantiles) // 2], outer[1]


def about(row: Row) -> tuple[float, float]:
    """Mean and sd as the row tells them, else as its quantiles suggest."""
    if row.mean is not None and row.sd is not None and not row.quantiles:
        return row.mean, row.sd
    middle = min(row.quantiles, key=lambda pair: abs(pair[0] - 0.5))[1]
    return middle, row.scale


def judged(
    targets: Targets, family: str, parameters: Parameters | Mapping[str, float], on: Support | None
) -> Fit | None:
    """A member with its largest error, None where there is no such member."""
    try:
        misses = np.abs(targets.misses(build(family, parameters, on)))
    except (PriorError, OverflowError):
        return None
    if not np.isfinite(misses).all():
        return None
    place = int(np.argmax(misses))
    return Fit(family, parameters, on, float(misses[place]), targets.names[place])


def polished(targets: Targets, begun: Fit) -> Fit:
    """The member with the least squared errors, from one that comes near."""
    from scipy.optimize import least_squares

    form = FORMS[begun.family]
    begin = form.pack(dict(begun.parameters))
    step = np.array([targets.row.scale, 1.0]) if begun.family in LOCATED else np.ones(2)

    def misses(x: Array) -> Array:
        found = judged_misses(targets, begun, form.unpack(begin + step * x))
        return np.clip(found, -1e6, 1e6)

    with np.errstate(all="ignore"):
        x = least_squares(misses, np.zeros(2), method="lm", **STRICT).x
    ended = judged(targets, begun.family, form.unpack(begin + step * x), begun.support)
    return ended or begun


#: Families whose first unknown is in the unit of the value.
LOCATED = ("normal", "uniform", "truncated_normal")


def judged_misses(targets: Targets, begun: Fit, parameters: Parameters) -> Array:
    """Errors of a member; large ones where the search ran off to where the family ends."""
    try:
        found = targets.misses(build(begun.family, parameters, begun.support))
    except (PriorError, OverflowError):
        return np.full(len(targets.names), 1e6)
    return np.where(np.isfinite(found), found, 1e6)
