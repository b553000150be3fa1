"""What decides: the parameters of each explained outcome, largest share of variance first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.report.anchors import anchor
from uncertainty.report.blocks import (
    Block,
    Cell,
    Column,
    Folded,
    Heading,
    Link,
    Paragraph,
    Row,
    Section,
    Table,
)
from uncertainty.report.given import EXPLAINED, Given
from uncertainty.report.words import percent, sentence, told

#: Rows that stand open.
OPEN = 10
HEADS = {"Sh": "Share of variance", "S1": "Alone (S1)", "ST": "With interactions (ST)"}
INDICES = {"shapley": ("Sh",), "drivers": ("ST", "S1")}
"""Group -> its indices; the first one ranks."""
MEANING = {
    "shapley": "Shapley effects: parts of the variance that sum to one, interactions shared out.",
    "drivers": "Sobol' indices: S1 is the part of the variance that a parameter explains alone, "
    "ST the part it has a hand in, so that these sum to more than one.",
}


@dataclass(frozen=True)
class Scope:
    """Indices of one outcome, at the places that a table shows.

    Attributes
    ----------
    found : xarray.Dataset
        Variables over (place, parameter), with intervals; `place` holds the years, or one entry.
    years : tuple of int
        Empty when the outcome has none, or when all coordinates are taken together.
    middle : int
        Which of the places ranks.
    """

    found: xr.Dataset
    years: tuple[int, ...]
    middle: int

    @property
    def where(self) -> str:
        """The place that ranks, in words."""
        return f" in {self.years[self.middle]}" if self.years else ""


def decides(given: Given) -> Section | None:
    """One part an outcome, the headline's first."""
    outcomes = explained(given)
    if not outcomes:
        return None
    blocks = [block for outcome in outcomes for block in part(given, outcome)]
    return Section("decides", "What decides", blocks)


def explained(given: Given) -> list[str]:
    """Outcomes whose variance was told apart, the headline's first."""
    names = [n for g in EXPLAINED if g in given.tree for n in given.tree[g].children]
    head = given.wish.get("outcome")
    return sorted(dict.fromkeys(names), key=lambda name: name != head)


def part(given: Given, outcome: str) -> Iterator[Block]:
    """Heading, chart and tables of one outcome."""
    yield Heading(sentence(given.name_of(outcome)), anchor("decides", outcome))
    groups = [g for g in EXPLAINED if g in given.tree and outcome in given.tree[g].children]
    main, *others = [list(ranking(given, group, outcome)) for group in groups]
    yield from main
    more = [block for blocks in others for block in blocks]
    name = chart_name(given, outcome)
    if name in given.pictures.shown:
        yield from given.pictures.figure(name, more)
    elif more:
        yield Folded("Alone and with interactions (Sobol' indices)", more)


def chart_name(given: Given, outcome: str) -> str:
    """The chart of the drivers in the middle of the headline's years."""
    years = given.wish.get("years") or []
    return f"drivers-{outcome}{f'-{given.middle(years)}' if years else ''}"


def ranking(given: Given, group: str, outcome: str) -> Iterator[Block]:
    """The parameters by one kind of index: first ones open, the rest folded."""
    scope = scoped(given, given.tree[group].children[outcome].to_dataset(), INDICES[group])
    if scope is None:
        text = "It varies by more than years; its shares are in the tables beside this page."
        yield Paragraph([text, " ", Link("All parameters", "#parameters"), "."])
        return
    rank = INDICES[group][0]
    values = scope.found[rank].values[scope.middle]
    lows = scope.found[f"{rank}_interval"].sel(bound="lower").values[scope.middle]
    order = [i for i in np.argsort(-np.nan_to_num(values), kind="stable") if np.isfinite(values[i])]
    sure = [int(i) for i in order if lows[i] > 0][:OPEN]
    rest = [int(i) for i in order if int(i) not in sure]
    yield table(given, group, scope, sure, f"Share of variance{scope.where}, largest first")
    yield Paragraph([note(given, group, outcome)], small=True)
    if rest:
        zero = sum(lows[i] <= 0 for i in rest)
        text = f"The other {len(rest)} parameters, {zero} of them not told from zero"
        yield Folded(text, [table(given, group, scope, rest, "The other parameters")])


def note(given: Given, group: str, outcome: str) -> str:
    """What the numbers are and how sure they are."""
    attrs = given.tree[group].children[outcome].attrs
    prob = f"{100 * float(attrs.get('interval_prob', 0.95)):g}%"
    kind = told(attrs.get("interval_kind", "")).replace("t over", "Student's t over")
    return f"{MEANING[group]} Brackets: {prob} interval{f' ({kind})' if kind else ''}."


def scoped(given: Given, found: xr.Dataset, names: Sequence[str]) -> Scope | None:
    """The indices by year or of the whole; None when other dims are left."""
    dims = found[names[0]].dims
    if dims == ("year", "parameter"):
        years = given.years(found["year"].values.tolist())
        at = found.sel(year=years).rename(year="place")
        return Scope(at, tuple(years), years.index(given.middle(years)))
    if dims != ("parameter",):
        if f"aggregate_{names[0]}" not in found:
            return None
        wanted = {f"aggregate_{n}{end}": f"{n}{end}" for n in names for end in ("", "_interval")}
        found = found[list(wanted)].rename(wanted)
    return Scope(found.expand_dims("place"), (), 0)


def table(given: Given, group: str, scope: Scope, which: Sequence[int], title: str) -> Table:
    """Some of the parameters, with grade and sources."""
    columns = [Column("Parameter", number=False), *map(Column, heads(group, scope))]
    columns += [Column("Grade", number=False), Column("Sources", number=False)]
    rows = [row(given, group, scope, i) for i in which]
    return Table([title], columns, rows, look="ranking")


def heads(group: str, scope: Scope) -> list[str]:
    """Headings of the shares: of each year for shares that sum to one, else of each index."""
    if group == "shapley" and scope.years:
        return [str(year) for year in scope.years]
    return [HEADS[name] for name in INDICES[group]]


def row(given: Given, group: str, scope: Scope, place: int) -> Row:
    """One parameter."""
    found = scope.found.isel(parameter=place)
    name = str(found["parameter"].item())
    if group == "shapley":
        cells = [share(found.isel(place=i), "Sh", i == scope.middle)
                 for i in range(found.sizes["place"])]  # fmt: skip
    else:
        cells = [share(found.isel(place=scope.middle), index, index == INDICES[group][0])
                 for index in INDICES[group]]  # fmt: skip
    bar = part_of_one(float(found[INDICES[group][0]].isel(place=scope.middle)))
    head = Cell([given.parameter(name)], share=bar)
    return Row.of(head, *cells, grade_of(given, name), Cell(given.register.links(name)))


def share(found: Any, name: str, ranks: bool) -> str:
    """One share; the one that ranks with its interval."""
    text = percent(float(found[name]), 1)
    if not ranks:
        return text
    low, high = (percent(float(found[f"{name}_interval"].sel(bound=b)), 1)
                 for b in ("lower", "upper"))  # fmt: skip
    return f"{text} ({low} to {high})"


def part_of_one(value: float) -> float | None:
    """A share as a bar draws it: estimates may lie a little beside zero or one."""
    return min(max(value, 0.0), 1.0) if np.isfinite(value) else None


def grade_of(given: Given, name: str) -> str:
    """The grade of a parameter, as it is used."""
    if "grade" not in given.parameters:
        return ""
    found = given.parameters["grade"].values[given.parameters["parameter"].values == name]
    return told(found[0]) if len(found) else ""
