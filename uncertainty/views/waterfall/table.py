"""The table behind a waterfall: where each step begins and ends, and its own interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.names import listed
from uncertainty.views.drawing import select
from uncertainty.views.drawing.levels import at_levels
from uncertainty.views.drawing.numbers import Scale, amount, number
from uncertainty.views.drawing.scope import SCOPE, draws_text
from uncertainty.views.drawing.words import sentence

TOLERANCE = 1e-6  # relative; exact steps differ by rounding only
ENDS = (0.05, 0.95)
COLUMNS = ("step", "label", "kind", "from", "to", "mean", "low", "high", "mcse", "unit")

type At = Mapping[str, Any]


@dataclass(frozen=True)
class WaterfallTable:
    """All that a waterfall shows.

    Attributes
    ----------
    table : pandas.DataFrame
        See `uncertainty.views.waterfall.chart.waterfall_chart`.
    """

    table: pd.DataFrame
    scale: Scale
    title: str
    subtitle: str
    notes: tuple[str, ...]

    def mean_text(self, row: Mapping[str, Any]) -> str:
        """Write the mean of a row; a change carries its sign."""
        return self._text(row, row["mean"])

    def range_text(self, row: Mapping[str, Any]) -> str:
        """Write the interval of a row."""
        return f"{self._text(row, row['low'])} to {self._text(row, row['high'])}"

    def _text(self, row: Mapping[str, Any], value: float) -> str:
        return amount(self.scale, value, signed=row["kind"] == "step")

    def spoken(self) -> str:
        """Return the numbers of the chart as a sentence for those who cannot see it."""
        said = (
            f"{row['label']} {self.mean_text(row)} (90% {self.range_text(row)})"
            for row in select.records(self.table)
        )
        return f"{'; '.join(said)}; in {self.scale.suffix or 'the unit of the outcome'}."


def waterfall_table(
    result: xr.DataTree, steps: str | Sequence[str], total: str, start: str | None, at: At
) -> WaterfallTable:
    """Gather the numbers and the words of a waterfall; arguments as in `waterfall_chart`."""
    along = None if start else _along(total, at)
    begin = {**at, along: _first(result, total, at, along)} if along else at
    first = _bar(result, start or total, begin, "start", along)
    rows = [first, *_steps(result, steps, at), _bar(result, total, at, "end", along)]
    _same_unit(rows)
    table = _placed(pd.DataFrame(rows))
    numbers = table[["from", "to", "mean", "low", "high"]].to_numpy().ravel()
    scale = Scale.of(numbers, rows[-1]["unit"])
    _sum_agrees(table, total, at)
    runs = draws_text(result.children["moments"].attrs)
    what = "title and bars: means; whiskers: central 90% intervals"
    return WaterfallTable(
        table=table[list(COLUMNS)],
        scale=scale,
        title=f"{_title(result, table, begin, at, along)} {_range(table, scale)}",
        subtitle=select.headed(result, f"{runs}; {what}"),
        notes=_notes(table, scale),
    )


def _along(total: str, at: At) -> str:
    """Return the dim whose first coordinate the bars start from."""
    found = [dim for dim in at if dim == "year"] or list(at)
    if len(found) != 1:
        raise ResultError(
            f"waterfall of '{total}': at={dict(at)} does not say along which dim it starts; "
            "give start=... or a year"
        )
    return found[0]


def _first(result: xr.DataTree, total: str, at: At, along: str) -> Any:
    """Return the first coordinate of the dim `along`, which is not the place of the total."""
    array = select.intervals(result, total)
    select.pick(array, at, f"outcome '{total}'")  # says what is wrong with the place
    first = array[along].values.tolist()[0]
    if first == at[along]:
        raise ResultError(
            f"waterfall of '{total}': {along} {first} is where it starts; give a later {along} "
            "or start=..."
        )
    return first


def _bar(
    result: xr.DataTree, outcome: str, at: At, kind: str, along: str | None = None
) -> dict[str, Any]:
    """Return the row of an outcome that is a single number at its place."""
    found = _numbers(result, outcome, at)
    if found.sizes:
        raise ResultError(
            f"waterfall: '{outcome}' is not a single number at {select.chosen(at) or 'its place'}: "
            f"{select.described(found)}"
        )
    where = f", {select.chosen({along: at[along]})}" if along else ""
    return _row(outcome, f"{_name(result, outcome)}{where}", kind, found)


def _steps(result: xr.DataTree, steps: str | Sequence[str], at: At) -> list[dict[str, Any]]:
    """Return the rows of the steps: outcomes, or the coordinates of one."""
    if not steps:
        raise ResultError(f"waterfall: steps={steps!r} names no outcome")
    if not isinstance(steps, str):
        return [_bar(result, name, at, "step") for name in steps]
    found = _numbers(result, steps, at)
    if len(found.sizes) != 1:
        raise ResultError(
            f"waterfall: steps='{steps}' must have one dim beside {', '.join(at) or 'none'}, it "
            f"has {select.described(found)}"
        )
    (dim,) = map(str, found.sizes)
    return [
        _row(place, select.chosen({dim: place}), "step", found.sel({dim: place}))
        for place in found[dim].values.tolist()
    ]


def _numbers(result: xr.DataTree, outcome: str, at: At) -> xr.Dataset:
    """Return mean, its standard error (NaN where none is stored), low and high."""
    asked = f"outcome '{outcome}'"
    ends = select.pick(at_levels(select.intervals(result, outcome), ENDS), at, asked)
    moments = select.branch(result, "moments").dataset
    if outcome not in moments.data_vars:
        raise ResultError(f"'/moments' lacks {asked}: the bars of a waterfall are means")
    mean = select.pick(moments[outcome], at, asked).sel(moment="mean", drop=True)
    errors = moments.data_vars.get(f"{outcome}_mcse")
    error = None if errors is None else select.pick(errors, at, asked)
    return xr.Dataset(
        {
            "mean": mean,
            "mcse": mean * np.nan if error is None else error.sel(moment="mean", drop=True),
            "low": ends.sel(quantile=ENDS[0], drop=True),
            "high": ends.sel(quantile=ENDS[1], drop=True),
        },
        attrs={"units": select.unit_of(ends)},
    )


def _row(step: object, label: str, kind: str, cell: xr.Dataset) -> dict[str, Any]:
    numbers = {name: float(cell[name]) for name in ("mean", "low", "high", "mcse")}
    if not np.isfinite([numbers["mean"], numbers["low"], numbers["high"]]).all():
        raise ResultError(
            f"waterfall: '{step}' is not finite: mean {numbers['mean']:g}, 90% interval "
            f"{numbers['low']:g} to {numbers['high']:g}"
        )
    return {"step": step, "label": label, "kind": kind, **numbers, "unit": cell.attrs["units"]}


def _same_unit(rows: Sequence[Mapping[str, Any]]) -> None:
    own = rows[-1]["unit"]
    foreign = [f"'{row['step']}' in {row['unit'] or 'no unit'}" for row in rows
               if row["unit"] != own]  # fmt: skip
    if foreign:
        raise ResultError(
            f"waterfall: '{rows[-1]['step']}' is in {own or 'no unit'}, but {listed(foreign)}"
        )


def _placed(table: pd.DataFrame) -> pd.DataFrame:
    """Add where each bar begins and ends: steps follow each other, the others stand on zero."""
    steps = table["kind"] == "step"
    reached = table["mean"].where(table["kind"] != "end", 0.0).cumsum()
    begins = (reached - table["mean"]).where(steps, 0.0)
    return table.assign(**{"from": begins, "to": begins + table["mean"]})


def _sum_agrees(table: pd.DataFrame, total: str, at: At) -> None:
    """Refuse steps that do not lead from the start to the total."""
    means, unit = table["mean"].to_numpy(), table["unit"].iloc[0]
    found, wanted, size = means[:-1].sum(), means[-1], np.abs(means).max()
    gap = abs(found - wanted)
    if gap > TOLERANCE * size:
        where = f" at {select.chosen(at)}" if at else ""
        raise ResultError(
            f"waterfall: start and steps add up to {found:.8g}, '{total}'{where} is {wanted:.8g}: "
            f"{gap:.3g} {unit} apart, {gap / size:.2g} of the largest bar (allowed {TOLERANCE:g}); "
            "a step is missing, counted twice, or of another place"
        )


def _name(result: xr.DataTree, outcome: str) -> str:
    return sentence(select.name_of(select.intervals(result, outcome), outcome))


def _title(result: xr.DataTree, table: pd.DataFrame, begin: At, at: At, along: str | None) -> str:
    """Name the outcomes as they are stored, whatever their grammar; the numbers follow."""
    first, last = table["label"].iloc[0], table["label"].iloc[-1]
    if along is None:
        where = f", {select.chosen(at)}" if at else ""
        return f"From “{first}” to “{last}”{where}:"
    others = {dim: place for dim, place in at.items() if dim != along}
    where = f" ({select.chosen(others)})" if others else ""
    begins, ends = (select.chosen({along: place[along]}) for place in (begin, at))
    name = _name(result, str(table["step"].iloc[-1]))
    return f"{name}{where}, {begins} to {ends}: what brings it from"


def _range(table: pd.DataFrame, scale: Scale) -> str:
    """Write the numbers at both ends: each with its power of ten, the unit once."""
    first, last = (amount(scale, mean) for mean in table["mean"].iloc[[0, -1]])
    return f"{replace(scale, unit='').with_unit(first)} to {scale.with_unit(last)}"


def _notes(table: pd.DataFrame, scale: Scale) -> tuple[str, ...]:
    return (
        "Bars are means over all draws: means add up exactly, medians do not. Where a distribution "
        f"is skewed its mean is not the median that a fan shows.{_sampling(table, scale)}",
        "Whisker of a step: central 90% interval of that step's own change, set where the step "
        "begins; of the bars at both ends: of the quantity itself. Each is read alone: ends of "
        "intervals do not add up.",
        SCOPE,
    )


def _sampling(table: pd.DataFrame, scale: Scale) -> str:
    """Say how far the means may be off, where the result says it."""
    error = float(table["mcse"].max()) / 10.0**scale.exponent
    if not np.isfinite(error):
        return ""
    size = scale.with_unit(number(error, digits=2))
    return f" Monte Carlo error of a mean: at most {size} (1 sd)."
