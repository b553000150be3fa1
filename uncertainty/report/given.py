"""Given: what a page is made of, and where its links lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.labels import headline_wish, middle, middle_year
from uncertainty.parameters import owner
from uncertainty.report.anchors import to
from uncertainty.report.blocks import Link
from uncertainty.report.pictures import Pictures
from uncertainty.report.register import Register, register
from uncertainty.report.words import spoken, told
from uncertainty.tables import headline_shares

#: Groups that share variance out, the best one first.
EXPLAINED = ("shapley", "drivers")
#: Outcomes that are explained when the study has no headline.
MOST = 6


@dataclass(frozen=True)
class Given:
    """A result with the facts of its run and its charts.

    Attributes
    ----------
    tree : xarray.DataTree
    manifest : mapping
        As `contents.manifest` makes it; what is missing is left out of the page.
    pictures : Pictures
    """

    tree: xr.DataTree
    manifest: Mapping[str, Any]
    pictures: Pictures

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the result and its manifest say of the run; the manifest has the last word."""
        return {**{str(key): value for key, value in self.tree.attrs.items()}, **self.manifest}

    @cached_property
    def wish(self) -> dict[str, Any]:
        """What the study's headline asked for."""
        return headline_wish(self.tree)

    @cached_property
    def parameters(self) -> xr.Dataset:
        """The table of parameters, those with the largest share in the headline first."""
        if "parameters" not in self.tree:
            return xr.Dataset()
        found = self.tree["parameters"].to_dataset()
        names = [owner(name) for name in found["parameter"].values]
        weight = [np.nan_to_num(self.shares.get(name, 0.0)) for name in names]
        return found.isel(parameter=sorted(range(len(names)), key=lambda i: -weight[i]))

    @cached_property
    def shares(self) -> dict[str, float]:
        """Share of each parameter in the variance of the headline outcome."""
        return headline_shares(self.tree)

    @cached_property
    def register(self) -> Register:
        """The numbered sources."""
        table = self.parameters
        names = table["parameter"].values.tolist() if "parameter" in table.coords else []
        return register(self.tree, [owner(name) for name in names])

    @cached_property
    def labels(self) -> dict[str, str]:
        """Label of each parameter by its name."""
        table = self.parameters
        if "label" not in table:
            return {}
        names = [str(name) for name in table["parameter"].values]
        labels = [told(label) for label in table["label"].values]
        owners = {owner(name): label for name, label in zip(names, labels, strict=True)}
        return owners | dict(zip(names, labels, strict=True))

    def outcome_of(self, group: str) -> str:
        """The headline's outcome where the group has it, else the group's first."""
        nodes = self.tree[group].children
        wished = self.wish.get("outcome")
        return str(wished if wished in nodes else next(iter(nodes)))

    def has(self, group: str, outcome: str) -> bool:
        """Whether a group tells of an outcome."""
        return group in self.tree and outcome in self.tree[group].children

    @cached_property
    def main(self) -> list[str]:
        """The outcomes of the headline table."""
        return [self.wish["outcome"], *self.wish.get("effects", {}).values()] if self.wish else []

    @cached_property
    def explained(self) -> list[str]:
        """Outcomes of the page of which it is known what decides them, the headline's first."""
        wish, reserve = self.wish, self.manifest.get("margins") or {}
        told_of = [chance["outcome"] for chance in wish.get("chances", [])]
        turns = [wish["turning"]] if wish.get("turning") else []
        asked = [*self.main, *turns, *wish.get("also", []), *told_of, *reserve.get("outcomes", [])]
        every = [str(n) for g in EXPLAINED if g in self.tree for n in self.tree[g].children]
        known = [n for n in dict.fromkeys(asked or every) if any(self.has(g, n) for g in EXPLAINED)]
        return known if asked else known[:MOST]

    def is_main(self, outcome: str) -> bool:
        """Whether an outcome stands in the headline table, or none does."""
        return not self.main or outcome in self.main

    def decider(self, outcome: str) -> str:
        """The place that lists the parameters that decide an outcome, as far as is known."""
        if outcome in self.explained:
            return to("decides", outcome)
        return "#parameters" if "parameters" in self.tree else "#making"

    def decides(self, outcome: str) -> Link:
        """A link to that place."""
        text = "what decides it" if outcome in self.explained else "the parameters behind it"
        return Link(text, self.decider(outcome))

    def parameter(self, name: str) -> Link | str:
        """A parameter's label, leading to its row."""
        label = self.labels.get(name, name)
        return Link(label, to("parameter", owner(name))) if name in self.labels else label

    def grade(self, name: str) -> str:
        """The grade of a parameter, as it is used."""
        table = self.parameters
        if "grade" not in table:
            return ""
        owners = [owner(found) for found in table["parameter"].values]
        return told(table["grade"].values[owners.index(name)]) if name in owners else ""

    def name_of(self, outcome: str) -> str:
        """An outcome in words."""
        found = self.tree["intervals"].to_dataset().data_vars.get(outcome)
        return told({} if found is None else found.attrs.get("long_name")) or spoken(outcome)

    def unit_of(self, outcome: str) -> str:
        """The unit of an outcome."""
        found = self.tree["intervals"].to_dataset().data_vars.get(outcome)
        return "" if found is None else told(found.attrs.get("units", ""))

    def middle(self, years: list[int]) -> int:
        """The year that one number stands for."""
        return middle_year(self.tree, years)

    def years(self, known: list[int]) -> list[int]:
        """The headline's years, else the first, the middle and the last of those known."""
        wished = [year for year in self.wish.get("years", []) if year in known]
        return wished or sorted({known[0], middle(known), known[-1]})
