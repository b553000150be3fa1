"""The table behind a fan: every number that will be drawn, and the words around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xarray as xr

from uncertainty.labels import calibration
from uncertainty.views.drawing import select
from uncertainty.views.drawing.bands import Bands
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.shares import percent
from uncertainty.views.drawing.ticks import step_of
from uncertainty.views.drawing.words import sentence
from uncertainty.views.fan import words
from uncertainty.views.fan.assemble import joined
from uncertainty.views.fan.dots import dots_of
from uncertainty.views.fan.fitted import last_fitted
from uncertainty.views.fan.limits import marks, value_limits
from uncertainty.views.fan.quantiles import counterfactual_of, quantiles_of
from uncertainty.views.fan.selection import Selection


@dataclass(frozen=True)
class FanTable:
    """All that a fan shows.

    Attributes
    ----------
    table : pandas.DataFrame
        See `uncertainty.views.fan.chart.fan_chart`.
    along : str or None
        The numeric dim drawn along; None when each name (or the scalar) has its own range.
    facet : str or None
        The dim with one panel, or one range, a coordinate.
    panels : tuple
        Coordinates of `facet`; a single None without one.
    places : tuple of float
        Coordinates of `along`, ascending, with a finite value or not.
    began : float
        Where the projection starts: the first place, or after a fit of years before it a later one.
    """

    outcome: str
    table: pd.DataFrame
    bands: Bands
    along: str | None
    facet: str | None
    panels: tuple[Any, ...]
    places: tuple[float, ...]
    began: float
    scale: Scale
    title: str
    subtitle: str
    notes: tuple[str, ...]

    def panel_rows(self, panel: object) -> pd.DataFrame:
        """Return the rows of one panel."""
        return self.table if self.facet is None else self.table[self.table[self.facet] == panel]

    @property
    def base(self) -> float | None:
        """The base year, where the projection starts; None when the dim is no year."""
        return self.began if self.along == "year" else None

    @property
    def rule_words(self) -> str:
        """What stands at the rule; the first projected year where measurements reach the rule."""
        measured = self.table.loc[self.table["series"] == "observation", "year"]
        reached = self.began > self.first or bool((measured >= self.first).any())
        return f"projection from {self.begins:g}" if reached else "projection"

    @property
    def first(self) -> float:
        """First place of the outcome, whether or not it has a value."""
        return self.places[0]

    @property
    def begins(self) -> float:
        """First year that is projected: the one after the base year."""
        later = [place for place in self.places if place > self.began]
        return later[0] if later else self.places[-1]

    def x_limits(self) -> tuple[float, float]:
        """Return the ends of the axis: all places, with a little room for dots."""
        places = [*self.table["position"].dropna(), *self.places]
        room = 0.35 * step_of(self.places)
        return min(places) - room, max(places) + room

    def spoken(self) -> str:
        """Return the numbers that the chart names, as a sentence for those who cannot see it."""
        return " ".join(f"{head}: {numbers}." for head, numbers in map(self._said, self.panels))

    def _said(self, panel: object) -> tuple[str, str]:
        rows = self.panel_rows(panel)
        rows = rows[rows["series"] == "quantile"].sort_values("quantile")
        last = rows[rows["position"] == rows["position"].max()]
        pairs = zip(last["quantile"], last["value"], strict=True)
        place = f"{last['position'].max():g}" if self.along else ""
        head = ", ".join(text for text in (select.words(panel or ""), place) if text) or "Quantiles"
        numbers = ", ".join(f"{percent(p)} {self.scale.full(value)}" for p, value in pairs)
        return head, numbers or "no finite value"

    def y_limits(self) -> tuple[float, float]:
        """Return the ends of the value axis: zero, all bands, and dots within reach."""
        return value_limits(self.table)


def fan_table(
    result: xr.DataTree,
    outcome: str,
    *,
    at: Mapping[str, Any] | None,
    facet: str | None,
    groups: Sequence[str],
    counterfactual: str | None,
    title: str | None,
) -> FanTable:
    """Gather the numbers and the words of a fan; arguments as in `fan_chart`."""
    chosen = Selection.of(result, outcome, at, facet)
    quantiles, missing = quantiles_of(result, chosen)
    dots = [dots_of(result, group, chosen) for group in groups]
    rows = [frame for frame, _ in dots]
    other = counterfactual_of(result, counterfactual, chosen)
    table = joined([quantiles, other, *rows], chosen)
    table["mark"] = marks(table)
    began = began_of(result, chosen)
    return FanTable(
        outcome=outcome,
        table=table,
        bands=chosen.bands,
        along=chosen.along,
        facet=chosen.facet,
        panels=chosen.panels,
        places=chosen.places,
        began=began,
        scale=Scale.of(table.loc[table["series"] == "quantile", "value"], chosen.unit),
        title=title or _title(chosen),
        subtitle=words.subtitle(result, chosen.bands),
        notes=(
            *words.on_side(result),
            words.reading(chosen.bands, chosen.along, words.conditions(result)),
            *words.on_history(chosen, began),
            *words.on_counterfactual(counterfactual),
            *words.on_whiskers(rows),
            *words.on_corrected(table),
            *words.on_moved(table, chosen.along),
            *words.on_missing(missing, chosen.along or chosen.facet),
            *words.on_open_ends(quantiles),
            *(note for _, notes in dots for note in notes),
        ),
    )


def began_of(result: xr.DataTree, chosen: Selection) -> float:
    """Return the place where the projection starts.

    A fit may reach further back than the run that projects: then it is the first year of that run.
    Where the run itself reaches so far, it is the last year that was fitted.
    """
    first = chosen.places[0]
    if chosen.along != "year" or _is_run(result, chosen):
        return first
    base = chosen.array.attrs.get("base")
    return last_fitted(result, chosen.outcome, chosen.places) if base is None else float(base)


def _is_run(result: xr.DataTree, chosen: Selection) -> bool:
    """Tell whether the fit reaches further back than what is drawn."""
    after = calibration(result, "intervals")
    if after is None or chosen.outcome not in after or "year" not in after[chosen.outcome].dims:
        return False
    return float(after["year"].min()) < chosen.places[0]


def _title(chosen: Selection) -> str:
    """Name the quantity, the place and the unit."""
    name = sentence(select.name_of(chosen.array, chosen.outcome))
    where = f": {select.chosen(chosen.at)}" if chosen.at else ""
    return f"{name}{where}" + ("" if chosen.unit in {"", "1"} else f" ({chosen.unit})")
