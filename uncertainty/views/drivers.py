"""The ranking of drivers: total and first-order indices side by side, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views import select
from uncertainty.views.driver_table import (
    cell_table,
    driver_node,
    long_name,
    method_line,
)
from uncertainty.views.page import (
    MARGIN,
    WIDTH,
    Entry,
    in_lines,
    open_page,
    pitch,
    stacked,
)
from uncertainty.views.place import wrap
from uncertainty.views.style import (
    CATEGORIES,
    GRID,
    INK,
    MUTED,
    NOISE,
    PAPER,
    mark_tone,
    number,
    styled,
    text_tone,
)

NAMES = 2.75  # inches for the labels
NUMBERS = 0.95  # inches for the two columns of numbers
LABEL, SMALL = 8.4, 7.2
LANE = 0.075  # distance of each index from the middle of its row, inches
FIRST, TOTAL = "S1", "ST"


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
        `uncertainty.views.driver_table.cell_table`.

    Raises
    ------
    ResultError
        When the result lacks what is asked for, or the outcome does not vary there.
    """
    node = driver_node(result, outcome, groups=groups)
    table = cell_table(node, outcome, at, top)
    with styled():
        return _draw(
            table, _title(result, node, outcome, at), select.headed(result, method_line(node))
        ), table


def _title(
    result: xr.DataTree, node: xr.Dataset, outcome: str, at: Mapping[str, Any] | None
) -> str:
    name = long_name(result, node, outcome)
    dims = [str(dim) for dim in node["ST"].dims if dim != "parameter"]
    if not dims:
        return f"What decides {name}"
    others = {dim: value for dim, value in (at or {}).items() if dim != "year"}
    where = f" ({select.chosen(others)})" if others else ""
    if not at:
        return f"What decides {name}, {' and '.join(f'all {dim}s' for dim in dims)} together"
    return f"What decides {name}{where}" + (f" in {at['year']}" if "year" in at else "")


@dataclass(frozen=True)
class Line:
    """One line of the chart: a driver, or a sentence about those not drawn."""

    lines: tuple[str, ...]
    colour: str
    row: dict[str, Any] | None = None
    group: str = ""

    @property
    def height(self) -> float:
        """Height of the line, in inches."""
        count = len(self.lines) * pitch(LABEL) + (pitch(SMALL) if self.group else 0.0)
        return max(0.36, count + 0.1) if self.row else pitch(LABEL) + 0.14


def _draw(table: pd.DataFrame, title: str, subtitle: str) -> Figure:
    colours = group_colours(table)
    lines = _lines(table, colours)
    tall = sum(line.height for line in lines)
    key = stacked(in_lines(_index_key()), in_lines(_group_key(table, colours)))
    page = open_page(
        title, subtitle, _notes(table), room=tall + 0.75, spoken=_spoken(table), key=key
    )
    left = MARGIN + NAMES + 0.12
    axes = page.axes(left, 0.42, WIDTH - left - MARGIN - NUMBERS, tall)
    _dress(axes, table, tall)
    y = tall
    for line in lines:
        _draw_line(axes, line, y - line.height / 2)
        y -= line.height
    return page.figure


def group_colours(table: pd.DataFrame) -> dict[str, str]:
    """Give each group of parameters a colour, in the order of their names."""
    names = sorted({name for name in table["group"] if name})
    return {name: mark_tone(CATEGORIES[n % len(CATEGORIES)]) for n, name in enumerate(names)}


def _lines(table: pd.DataFrame, colours: Mapping[str, str]) -> list[Line]:
    ranked, noise = table[table["rank"].notna()], table[table["rank"].isna()]
    lines = [_driver(row, colours) for row in select.records(ranked[ranked["drawn"]])]
    lines += _more(ranked[~ranked["drawn"]], "")
    lines += [_driver(row, {}) for row in select.records(noise[noise["drawn"]])]
    return lines + _more(noise[~noise["drawn"]], " whose interval touches zero")


def _driver(row: dict[str, Any], colours: Mapping[str, str]) -> Line:
    colour = colours.get(row["group"], NOISE if np.isnan(row["rank"]) else mark_tone(CATEGORIES[0]))
    group = "" if row["group"] == row["label"] else row["group"]
    return Line(wrap(row["label"], NAMES, LABEL), colour, row, group)


def _more(rows: pd.DataFrame, which: str) -> list[Line]:
    if rows.empty:
        return []
    most = rows["ST"].max()
    below = f", each with ST at most {number(most, most=3)}" if np.isfinite(most) else ""
    return [Line((f"and {len(rows)} more{which}{below}",), MUTED)]


def _dress(axes: Axes, table: pd.DataFrame, tall: float) -> None:
    drawn = table[table["drawn"]]
    ends = drawn[[f"{i}{e}" for i in (TOTAL, FIRST) for e in ("", "_lower", "_upper")]]
    low, high = min(0.0, ends.min().min()), max(1.0, ends.max().max())
    room = 0.02 * (high - low)
    axes.set_xlim(low - room if low < 0 else 0.0, high + room)
    axes.set_ylim(0.0, tall)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.set_yticks([])
    ticks = [tick / 5 for tick in range(int(np.ceil(low * 5)), int(np.floor(high * 5)) + 1)]
    axes.set_xticks(ticks, [f"{tick:.1f}".replace("-", "−") for tick in ticks])
    axes.tick_params(axis="x", length=0, pad=3)
    axes.grid(axis="x", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.patch.set_alpha(0)
    axes.set_xlabel("share of the variance", fontsize=SMALL, color=MUTED, labelpad=2)
    axes.axvline(0, color=MUTED, linewidth=0.8, zorder=1)
    for place, head in enumerate((TOTAL, FIRST)):
        _number_text(axes, place, tall + 0.1, head, MUTED, "normal")


def _draw_line(axes: Axes, line: Line, y: float) -> None:
    tone = MUTED if line.colour in {NOISE, MUTED} else INK
    if line.row is None:
        _name(axes, line.lines[0], y, tone, LABEL - 0.4, side="left")
        return
    count = len(line.lines) * pitch(LABEL) + (pitch(SMALL) if line.group else 0.0)
    top = y + count / 2
    for place, text in enumerate(line.lines):
        _name(axes, text, top - (place + 0.5) * pitch(LABEL), tone, LABEL)
    if line.group:
        colour = MUTED if line.colour == NOISE else text_tone(line.colour)
        below = top - len(line.lines) * pitch(LABEL) - 0.45 * pitch(SMALL)
        _name(axes, line.group, below, colour, SMALL)
    _draw_index(axes, line, TOTAL, y + LANE)
    _draw_index(axes, line, FIRST, y - LANE)
    for place, index in enumerate((TOTAL, FIRST)):
        weight = "bold" if index == TOTAL and line.colour != NOISE else "normal"
        _number_text(axes, place, y, _two(line.row[index]), tone, weight)


def _two(value: float) -> str:
    """Write an index with two decimals; a zero has no sign."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−") if np.isfinite(value) else "none"


def _draw_index(axes: Axes, line: Line, index: str, y: float) -> None:
    row = line.row or {}
    value, low, high = (row[f"{index}{end}"] for end in ("", "_lower", "_upper"))
    if not np.isfinite(value):
        return
    filled = index == TOTAL
    if filled:
        axes.plot([0, value], [y, y], color=line.colour, linewidth=1.6, alpha=0.45, zorder=2)
    if np.isfinite([low, high]).all():
        axes.plot([low, high], [y, y], color=line.colour, linewidth=1.0, marker="|",
                  markersize=4, zorder=3, gid=f"{index}-interval")  # fmt: skip
    axes.plot(
        [value],
        [y],
        marker="o",
        markersize=6.0 if filled else 5.0,
        color=line.colour,
        markerfacecolor=line.colour if filled else PAPER,
        markeredgewidth=1.2,
        linestyle="none",
        zorder=4,
        gid=index,
    )


def _name(axes: Axes, text: str, y: float, colour: str, size: float, side: str = "right") -> None:
    left = side == "left"
    axes.annotate(
        text,
        (0, y),
        xycoords="data" if left else ("axes fraction", "data"),
        xytext=(6, 0) if left else (-9, 0),
        textcoords="offset points",
        ha="left" if left else "right",
        va="center_baseline",
        fontsize=size,
        color=colour,
        gid="name",
    )


def _number_text(axes: Axes, place: int, y: float, text: str, colour: str, weight: str) -> None:
    axes.annotate(
        text,
        (1, y),
        xycoords=("axes fraction", "data"),
        xytext=(36 + 30 * place, 0),
        textcoords="offset points",
        ha="right",
        va="center_baseline",
        fontsize=LABEL,
        color=colour,
        weight=weight,
        annotation_clip=False,
        gid="number",
    )


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
    said = "; ".join(f"{row['label']} ST {_two(row['ST'])}, S1 {_two(row['S1'])}" for row in rows)
    return f"{said}." if rows else "No driver has an interval above zero."


def _notes(table: pd.DataFrame) -> Sequence[str]:
    notes = [
        "A share says how much of the outcome's variance would go if the driver were known. The "
        "gap from open to filled is what it does only together with others; totals may add up to "
        "more than one."
    ]
    undefined = int((~np.isfinite(table["ST"])).sum())
    return [*notes, f"{undefined} without a finite index."] if undefined else notes
