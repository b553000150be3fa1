"""The ranking of drivers: total and first-order indices side by side, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing import select
from uncertainty.views.drawing.page import MARGIN, WIDTH, Entry, in_lines, open_page, stacked
from uncertainty.views.drawing.place import wrap
from uncertainty.views.drawing.style import INK, MUTED, NOISE, category, styled, text_tone
from uncertainty.views.drivers.colours import group_colours
from uncertainty.views.drivers.lines import FIRST, TOTAL, Line, draw_line, draw_numbers, two
from uncertainty.views.drivers.table import cell_table, driver_node, group_sizes, method_line
from uncertainty.views.rows.frame import GAP, NAME, Name, dress_rows, label_axis

NAMES = 2.75  # inches for the labels
NUMBERS = 1.0  # inches for the two columns of numbers
MORE = NAME - 0.4  # size of the lines about those not drawn, points


def driver_chart(
    result: xr.DataTree,
    outcome: str,
    *,
    at: Mapping[str, Any] | None = None,
    top: int = 12,
    groups: bool = False,
) -> tuple[Figure, pd.DataFrame]:
    """Draw which parameters decide an outcome.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/drivers/<outcome>`.
    outcome : str
        Name of the outcome.
    at : mapping, optional
        Exact coordinates of all dims of the outcome, such as ``{"year": 2030}``; without it the
        indices over all its dims together.
    top : int
        Most ranked drivers to draw.
    groups : bool
        Rank groups of parameters, from `/driver_groups/<outcome>`.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a parameter, drawn or not (column drawn); see
        `uncertainty.views.drivers.table.cell_table`.

    Raises
    ------
    ResultError
        When the result lacks what is asked for, or the outcome does not vary there.
    """
    node = driver_node(result, outcome, groups=groups)
    table = cell_table(node, outcome, at, top)
    title = _title(select.long_name(result, node, outcome), node, at, groups=groups)
    notes = _notes(table, group_sizes(result, outcome, table) if groups else {})
    with styled():
        return _draw(
            table, title, select.headed(result, method_line(node, groups=groups)), notes
        ), table


def _title(name: str, node: xr.Dataset, at: Mapping[str, Any] | None, *, groups: bool) -> str:
    """Name the outcome as it is stored, whatever its grammar, and ask the question after it."""
    asked = "which groups decide it" if groups else "what decides it"
    dims = [str(dim) for dim in node["ST"].dims if dim != "parameter"]
    others = {dim: value for dim, value in (at or {}).items() if dim != "year"}
    where = f" ({select.chosen(others)})" if others else ""
    when = f" in {at['year']}" if at and "year" in at else ""
    if dims and not at:
        when = f", {' and '.join(f'all {dim}s' for dim in dims)} together"
    return f"{name}{where}{when}: {asked}"


def _draw(table: pd.DataFrame, title: str, subtitle: str, notes: Sequence[str]) -> Figure:
    colours = group_colours(table["group"])
    lines = _lines(table, colours)
    tall = sum(line.height for line in lines)
    key = stacked(in_lines(_index_key()), in_lines(_group_key(table, colours)))
    page = open_page(title, subtitle, notes, room=tall + 0.75, spoken=_spoken(table), key=key)
    left = MARGIN + NAMES + GAP
    axes = page.axes(left, 0.42, WIDTH - left - MARGIN - NUMBERS, tall)
    _dress(axes, table, tall)
    y = tall
    for line in lines:
        draw_line(axes, line, y - line.height / 2)
        y -= line.height
    return page.figure


def _lines(table: pd.DataFrame, colours: Mapping[str, str]) -> list[Line]:
    ranked, noise = table[table["rank"].notna()], table[table["rank"].isna()]
    lines = [_driver(row, colours) for row in select.records(ranked[ranked["drawn"]])]
    lines += _more(ranked[~ranked["drawn"]], "")
    lines += [_driver(row, {}) for row in select.records(noise[noise["drawn"]])]
    return lines + _more(noise[~noise["drawn"]], " whose interval touches zero")


def _driver(row: dict[str, Any], colours: Mapping[str, str]) -> Line:
    noise = bool(np.isnan(row["rank"]))
    colour = colours.get(row["group"], NOISE if noise else category(0))
    group = (row["group"],) if row["group"] not in {"", row["label"]} else ()
    grey = colour == NOISE
    name = Name(wrap(row["label"], NAMES, NAME), group, MUTED if grey else INK,
                tone=MUTED if grey else text_tone(colour))  # fmt: skip
    return Line(name, colour, row)


def _more(rows: pd.DataFrame, which: str) -> list[Line]:
    """Count those not drawn, in the column of names, where no gridline runs."""
    if rows.empty:
        return []
    most = rows["ST"].max()
    below = f", each with ST {_at_most(most)}" if np.isfinite(most) else ""
    text = f"{len(rows)} more{which}{below}"
    return [Line(Name(wrap(text, NAMES, MORE), colour=MUTED, size=MORE))]


def _at_most(value: float) -> str:
    """Write a bound of an index; small ones by the next round number above."""
    bound = next((limit for limit in (0.001, 0.01) if value < limit), None)
    return f"below {bound:g}" if bound else f"at most {np.ceil(round(1000 * value, 6)) / 1000:.3f}"


def _dress(axes: Axes, table: pd.DataFrame, tall: float) -> None:
    drawn = table[table["drawn"]]
    ends = drawn[[f"{i}{e}" for i in (TOTAL, FIRST) for e in ("", "_lower", "_upper")]]
    low, high = min(0.0, ends.min().min()), max(1.0, ends.max().max())
    room = 0.02 * (high - low)  # a dot at either end stays whole
    dress_rows(axes, (low - room, high + room), tall)
    ticks = [tick / 5 for tick in range(int(np.ceil(low * 5)), int(np.floor(high * 5)) + 1)]
    axes.set_xticks(ticks, [f"{tick:.1f}".replace("-", "−") for tick in ticks])
    label_axis(axes, "share of the variance")
    axes.axvline(0, color=MUTED, linewidth=0.8, zorder=1)
    draw_numbers(axes, tall + 0.1, (TOTAL, FIRST), ("normal", "normal"), MUTED)


def _index_key() -> list[Entry]:
    return [
        Entry("ST, total: the driver alone and together with others", "o", MUTED),
        Entry("S1, first order: the driver alone", "o", MUTED, filled=False),
    ]


def _group_key(table: pd.DataFrame, colours: Mapping[str, str]) -> list[Entry]:
    ranked = table[table["drawn"] & table["rank"].notna()]
    members = ranked[ranked["group"] != ranked["label"]]
    shown = sorted({name for name in members["group"] if name})
    entries = [Entry(name, "o", colours[name]) for name in shown]
    noise = bool((table["drawn"] & table["rank"].isna()).any())
    grey = [Entry("interval touches zero: not ranked", "o", NOISE)] if noise else []
    return entries + grey


def _spoken(table: pd.DataFrame) -> str:
    rows = select.records(table[table["drawn"] & table["rank"].notna()])
    said = "; ".join(f"{row['label']} ST {two(row['ST'])}, S1 {two(row['S1'])}" for row in rows)
    return f"{said}." if rows else "No driver has an interval above zero."


def _notes(table: pd.DataFrame, sizes: Mapping[str, int]) -> list[str]:
    notes = [
        "A share says how much of the outcome's variance would go if the driver were known. The "
        "gap from open to filled is what it does only together with others; totals may add up to "
        "more than one."
    ]
    if sizes:
        listed = ", ".join(f"{name} {count}" for name, count in sizes.items())
        notes.append(f"Parameters in each group: {listed}.")
    undefined = int((~np.isfinite(table["ST"])).sum())
    return [*notes, f"{undefined} without a finite index."] if undefined else notes
