"""Joint: draws of a posterior as the marginals and rank correlations of a space."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.arrays import Array
from uncertainty.errors import PriorError, ResultError, SpaceError
from uncertainty.families import build, family_named
from uncertainty.names import listed
from uncertainty.summaries.chains import figures
from uncertainty.summaries.elements import Element, chosen, chosen_for, elements
from uncertainty.summaries.inherited import prior_arguments
from uncertainty.summaries.posterior import ETI, dataset, parameter_units
from uncertainty.summaries.ranks import STEPPED, correlation

#: Draws below which nothing is made of them.
FEWEST = 20

#: Most distinct values of a choice, and how often each must come up on average.
DISTINCT, OFTEN = 12, 10


@dataclass(frozen=True)
class Joint:
    """What makes a space: the arguments of each prior, and rank correlations."""

    priors: Mapping[str, Mapping[str, Any]]
    correlation: Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Place:
    """What the rows of one posterior share."""

    group: str
    attrs: Mapping[str, Any]
    specs: Mapping[str, Mapping[str, Any]]


def joint(
    tree: Any,
    names: Sequence[str] | None = None,
    families: Mapping[str, str] | None = None,
    group: str = "posterior",
) -> Joint:
    """Marginals and rank correlations of draws.

    See `Space.from_posterior`, whose arguments these are.

    Raises
    ------
    SpaceError
        For names that are not there, draws that are too few or not finite, and a quantity that
        gives no prior.
    """
    try:
        found = dataset(tree, group)
    except ResultError as error:
        raise SpaceError(str(error)) from None
    place = Place(group, getattr(tree, "attrs", {}), specs(tree))
    known = elements(found, parameter_units(tree))
    ours = {e.variable for e in known} & set(place.specs)
    wanted = chosen(known, names if names is not None or not ours else sorted_as(known, ours))
    check_draws(wanted)
    check_families(known, families or {})
    priors = dict(marginal(group, place, families or {}) for group in whole(wanted, place))
    made = {e.name: priors.get(e.name, {"family": "dirichlet"})["family"] for e in wanted}
    return Joint(priors, correlation(wanted, made))


def specs(tree: Any) -> dict[str, dict[str, Any]]:
    """The arguments of each prior of a result of ours, {} elsewhere."""
    if not isinstance(tree, xr.DataTree) or "parameters" not in tree:
        return {}
    table = tree["parameters"].to_dataset()
    if "spec" not in table:
        return {}
    pairs = zip(table["parameter"].values.tolist(), table["spec"].values.tolist(), strict=True)
    return {str(name).partition("[")[0]: json.loads(spec) for name, spec in pairs}


def sorted_as(known: Sequence[Element], names: set[str]) -> list[str]:
    """Names in the order of the draws."""
    return list(dict.fromkeys(e.variable for e in known if e.variable in names))


def whole(wanted: Sequence[Element], place: Place) -> list[list[Element]]:
    """Elements that become one prior: all shares of a dirichlet together, others alone."""
    groups: dict[str, list[Element]] = {}
    for e in wanted:
        shares = place.specs.get(e.variable, {}).get("family") == "dirichlet"
        groups.setdefault(e.variable if shares else e.key, []).append(e)
    return list(groups.values())


def check_draws(wanted: Sequence[Element]) -> None:
    """Raise `SpaceError` for draws that are too few or not finite."""
    for e in wanted:
        if e.draws.size < FEWEST:
            msg = (
                f"{e.key}: {e.draws.size} draws are too few for a prior; it takes {FEWEST} or more"
            )
            raise SpaceError(msg)
        if bad := int((~np.isfinite(e.draws)).sum()):
            msg = f"{e.key}: {bad} of {e.draws.size} draws are not finite"
            raise SpaceError(msg)


def check_families(known: Sequence[Element], families: Mapping[str, str]) -> None:
    """Raise `SpaceError` for families of names that are not there."""
    names = {name for e in known for name in (e.variable, e.key, e.name)}
    if unknown := [name for name in families if name not in names]:
        msg = f"families: no draws of {listed(unknown)}; there are {listed(sorted(names))}"
        raise SpaceError(msg)


def marginal(
    parts: Sequence[Element], place: Place, families: Mapping[str, str]
) -> tuple[str, dict[str, Any]]:
    """Name and arguments of one prior."""
    first = parts[0]
    spec = place.specs.get(first.variable, {})
    if spec.get("family") == "dirichlet":
        return first.variable, shares(parts, spec, place)
    family = chosen_for(first, families)
    asked = None if family is None else family_named(family)
    if asked == "choice" or (asked is None and steps(first.draws)):
        return first.name, choice(first, place)
    row = {**facts(first.key, first.unit, place), **figures(first.draws)}
    try:
        return first.name, prior_arguments(row, asked, support=bounds(spec, asked))
    except PriorError as error:
        msg = f"{place.group}: {error}"
        raise SpaceError(msg) from None


def facts(key: str, unit: str, place: Place) -> dict[str, Any]:
    """The cells of a row that are no figures."""
    study, run = (str(place.attrs.get(name, "")) for name in ("study", "run"))
    text = {"study": study, "run": run, "group": place.group, "variable": key}
    return {**text, "unit": unit, **ETI}


def bounds(spec: Mapping[str, Any], asked: str | None) -> tuple[float, float] | None:
    """Where the prior of the draws lived, which its posterior cannot leave; None if not known."""
    if not spec or spec["family"] in STEPPED:
        return None
    arguments = {key: value for key, value in spec.items() if key not in ("family", "unit")}
    support = arguments.pop("support", None)
    lower, upper = build(spec["family"], arguments, support).support
    finite = np.isfinite([lower, upper])
    placed = asked is None or (asked == "truncated_normal" and finite.any())
    scaled = asked in ("beta", "logit_normal") and finite.all()
    return (lower, upper) if placed or scaled else None


def steps(draws: Array) -> bool:
    """Whether draws take few distinct values, as a choice does."""
    found = len(np.unique(draws))
    return 1 < found <= DISTINCT and draws.size >= OFTEN * found


def choice(element: Element, place: Place) -> dict[str, Any]:
    """A choice with the shares of the draws; a constant as a fixed number."""
    values, counts = np.unique(element.draws, return_counts=True)
    told = facts(element.key, element.unit, place)
    origin = f"shares of {element.draws.size} draws of the {place.group} of {element.key!r}"
    about = {
        "unit": element.unit or "1",
        "label": element.key,
        "reading": origin,
        "sources": ({"title": f"{told['study'] or 'another analysis'}: {origin}"},),
    }
    if len(values) == 1:
        return {**about, "family": "fixed", "value": float(values[0])}
    probabilities = counts / counts.sum()
    return {
        **about,
        "family": "choice",
        "values": values.tolist(),
        "probabilities": probabilities.tolist(),
    }


def shares(parts: Sequence[Element], spec: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """A dirichlet of the draws' means, whose summed variance is that of the draws."""
    if len(parts) != len(spec["a"]):
        msg = f"{parts[0].variable}: shares go together; ask for {parts[0].variable!r} as a whole"
        raise SpaceError(msg)
    draws = np.array([e.draws.ravel() for e in parts])
    mean, variance = draws.mean(axis=1), draws.var(axis=1, ddof=1)
    total = float((mean * (1 - mean)).sum() / variance.sum()) - 1
    made = np.sqrt(mean * (1 - mean) / (total + 1))
    worst = float(np.max(np.abs(made / np.sqrt(variance) - 1)))
    origin = f"the {place.group} of {parts[0].variable!r}"
    return {
        "family": "dirichlet",
        "a": (mean / mean.sum() * total).tolist(),
        "unit": "1",
        "label": parts[0].variable,
        "reading": f"means and summed variance of {origin}; an sd is off by {worst:.0%}",
        "sources": ({"title": f"{place.attrs.get('study') or 'another analysis'}: {origin}"},),
    }
