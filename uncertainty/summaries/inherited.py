"""Inherited: the arguments of a prior from a row of a summary, how well it fits, from where."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from uncertainty.errors import PriorError
from uncertainty.families import family_named, read_support
from uncertainty.summaries.columns import label
from uncertainty.summaries.fitted import fitted
from uncertainty.summaries.row import Row, read_row
from uncertainty.summaries.targets import Fit, Targets

#: Error, in sd, above which a fit is warned of.
POOR = 0.15

#: By how much the sd of the row may exceed that of the fit before the tails are warned of.
TAILS = 1.5


def prior_arguments(
    row: Any,
    family: str | None = None,
    unit: str | None = None,
    support: Sequence[float] | None = None,
) -> dict[str, Any]:
    """What makes a prior of a row: family, its parameters, unit, label, reading and sources.

    Warns where the fit is poor. The arguments are those of `Prior`.

    Raises
    ------
    PriorError
        When the row, or the family asked for, gives no prior.
    """
    found = read_row(row, unit)
    about = {"unit": found.unit, "label": found.name, "sources": (source(found),)}
    if constant(found):
        return {**about, **fixed(found, family), "reading": f"a constant in {origin(found)}"}
    place = None if support is None else read_support("from_summary", support)
    fit = fitted(found, family, place)
    reading = told(found, fit)
    if fit.error > max(POOR, 2 * found.noise) or heavy(found, fit):
        warnings.warn(f"{found.name}: {reading}; it fits poorly", stacklevel=4)
    on = {} if fit.support is None else {"support": fit.support}
    return {**about, "family": fit.family, **fit.parameters, **on, "reading": reading}


def constant(row: Row) -> bool:
    """Whether the row is of one known number: an sd of 0, or quantiles that are all the same."""
    same = len({value for _, value in row.quantiles}) == 1
    return row.sd == 0 or (row.sd is None and same)


def fixed(row: Row, family: str | None) -> dict[str, Any]:
    """The known number; `PriorError` where a density was asked for."""
    if family is not None and family_named(family) != "fixed":
        msg = f"{row.name}: the row is of a constant, which no {family} has; use the family fixed"
        raise PriorError(msg)
    value = row.mean if row.mean is not None else row.quantiles[0][1]
    return {"family": "fixed", "value": value}


def told(row: Row, fit: Fit) -> str:
    """How the prior was made and how well it fits, in one line."""
    names = Targets(row).names
    text = f"{fit.family} fitted to {', '.join(names)} of {origin(row)}; largest error "
    text += f"{fit.error:.2g} sd" + (f" at {fit.worst}" if fit.error > 1e-6 else "")
    if len(names) <= 2:
        text += "; two figures alone do not tell the family"
    if heavy(row, fit):
        text += f"; its sd is {float(fit.made.sd):.3g} where the summary has {row.sd:.3g}"
    return text


def heavy(row: Row, fit: Fit) -> bool:
    """Whether the tails of the row are heavier than those of the fit: its sd is much larger."""
    with np.errstate(all="ignore"):
        return row.sd is not None and row.sd > TAILS * float(fit.made.sd)


def origin(row: Row) -> str:
    """Where a row comes from: group, variable, coordinates, study and run."""
    facts = dict(row.facts)
    group, variable = facts.pop("group").replace("_", " "), facts.pop("variable")
    text = (group or "summary") + (f" of {variable!r}" if variable else "")
    places = [f"{key} {value}" for key, value in facts.items() if value]
    return f"the {text}" + (f" ({', '.join(places)})" if places else "")


def source(row: Row) -> dict[str, str]:
    """A source as catalogues have it."""
    study, run = row.facts["study"], row.facts["run"]
    title = f"{study or 'another analysis'}{f', run {run}' if run else ''}: {origin(row)}"
    quantiles = ", ".join(f"{label(p)} = {value:.6g}" for p, value in row.quantiles)
    moments = [("mean", row.mean), ("sd", row.sd)]
    figures = ", ".join(f"{name} = {value:.6g}" for name, value in moments if value is not None)
    quote = ", ".join(part for part in (figures, quantiles) if part)
    return {"title": title, "quote": f"{quote} ({row.unit})"}
