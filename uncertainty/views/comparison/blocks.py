"""The blocks of a comparison: what each side comes to, what decides it, what moved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from uncertainty.views.comparison import words
from uncertainty.views.comparison.table import (
    ALL,
    INTERPLAY,
    INTERVALS,
    MOVED,
    SHARES,
    SIDES,
    Comparison,
)
from uncertainty.views.drawing import select
from uncertainty.views.drawing.limits import zero_limits
from uncertainty.views.drawing.numbers import Scale, signed
from uncertainty.views.drawing.shares import percent, share_text
from uncertainty.views.drawing.style import (
    BLUE,
    INK,
    MUTED,
    PAPER,
    VERMILION,
    mark_tone,
    text_tone,
)
from uncertainty.views.drawing.ticks import set_percent_ticks
from uncertainty.views.drawing.words import REST
from uncertainty.views.rows.block import Block, Column, Line, plain_ticks
from uncertainty.views.rows.frame import Name

NAMES, TAG = 2.55, 0.4  # inches: names, of which years take
COLOURS = {"a": mark_tone(BLUE), "b": mark_tone(VERMILION)}
MARKERS, GLYPHS = {"a": "o", "b": "D"}, {"a": "●", "b": "◇"}
SIZES = {"a": 4.8, "b": 7.2}  # a filled dot stays visible on an open diamond, points
THICK, OPACITY = (0.055, 0.13), (0.3, 0.55)  # of the outer and the inner bar, inches
SUMS = (REST, INTERPLAY, ALL)


def interval_block(found: Comparison) -> Block:
    """Bars of both sides, year by year."""
    rows = found.block(INTERVALS)
    scale = Scale.of(rows["value"], found.unit)
    lines = [
        Line(
            Name.of(found.names[str(side)], NAMES - TAG, colour=text_tone(COLOURS[str(side)])),
            _interval_cells(part, found, scale),
            (str(side), part.set_index("quantile")["value"]),
            tag=f"{year}" if side == "a" else "",
            ruled=side == "a",
        )
        for (year, side), part in rows.groupby(["year", "side"], sort=False)
    ]
    limits = zero_limits(rows["value"], scale)
    return Block(
        heading="What each comes to",
        lines=lines,
        columns=[Column("median", weight="bold"),
                 Column(f"{percent(found.bands.masses[0])} interval")],
        limits=limits,
        axis=scale.suffix,
        set_ticks=plain_ticks(scale),
        mark=lambda axes, data, y: _draw_interval(axes, found, data, y),
    )  # fmt: skip


def _interval_cells(part: pd.DataFrame, found: Comparison, scale: Scale) -> tuple[str, ...]:
    median = part.loc[part["quantile"] == found.middle, "value"].iloc[0]
    return scale.text(median), words.interval_text(part["value"], scale)


def _draw_interval(
    axes: Axes, found: Comparison, data: tuple[str, pd.Series[float]], y: float
) -> None:
    side, values = data
    for (low, high), thick, opacity in zip(found.bands.pairs, THICK, OPACITY, strict=False):
        ends = np.clip([values[low], values[high]], *axes.get_xlim())
        axes.barh(y, ends[1] - ends[0], thick, ends[0], color=COLOURS[side], alpha=opacity,
                  linewidth=0, zorder=2, gid="interval")  # fmt: skip
    _draw_mark(axes, values[found.middle], y, side)


def _draw_mark(axes: Axes, value: float, y: float, side: str) -> None:
    if np.isfinite(value):
        axes.plot([value], [y], marker=MARKERS[side], markersize=SIZES[side], color=COLOURS[side],
                  markerfacecolor=COLOURS[side] if side == "a" else PAPER, linestyle="none",
                  markeredgewidth=1.3, zorder=4 if side == "a" else 3, gid=side)  # fmt: skip


def share_block(found: Comparison) -> Block:
    """Shares of the variance, one side against the other."""
    rows = found.block(SHARES)
    rows = rows[rows["drawn"]]
    lines = []
    for _, part in rows.groupby("parameter", sort=False):
        shares = part.set_index("side")["value"]
        cells = tuple(share_text(shares[side]) for side in SIDES)
        lines.append(Line(Name.of(str(part["label"].iloc[0]), NAMES), cells, shares, ruled=True))
    finite = rows["value"].dropna()
    low, high = min(0.0, float(finite.min())), max(float(finite.max()), 1e-6)
    room = 0.03 * (high - low)
    return Block(
        heading=f"What decides it in {rows['year'].iloc[0]}",
        lines=lines,
        columns=[Column(GLYPHS[side], text_tone(COLOURS[side])) for side in SIDES],
        limits=(low - room, high + room),
        axis="share of the variance",
        set_ticks=lambda axes: set_percent_ticks(axes, low, high),
        mark=_draw_dumbbell,
    )


def _draw_dumbbell(axes: Axes, shares: pd.Series[float], y: float) -> None:
    ends = [shares[side] for side in SIDES]
    if np.isfinite(ends).all():
        axes.plot(ends, [y, y], color=MUTED, linewidth=1.2, alpha=0.6, zorder=2, gid="between")
    for side in SIDES:
        _draw_mark(axes, shares[side], y, side)


def moved_block(found: Comparison) -> Block:
    """How far the median moves with each parameter, and with all."""
    rows = found.block(MOVED)
    rows = rows[rows["drawn"]]
    scale = Scale.of(rows["value"], found.unit)
    parts = {str(name): part for name, part in rows.groupby("parameter", sort=False)}
    first = next((name for name in parts if name in SUMS), None)
    quantiles = sorted(rows["quantile"].unique())
    middle = min(quantiles, key=lambda quantile: abs(quantile - 0.5))
    medians = rows.loc[rows["quantile"] == middle, "value"]
    heads = {q: "median" if q == middle else percent(float(q)) for q in quantiles}
    low, high = zero_limits(medians)
    return Block(
        heading=f"What moved the median in {found.year}, each parameter alone ({scale.suffix})"
        .replace(" ()", ""),
        lines=[_moved_line(part, scale, middle, ruled=name in {ALL, first})
               for name, part in parts.items()],
        columns=[Column(text, weight="bold" if q == middle else "normal")
                 for q, text in heads.items()],
        limits=(low - 0.03 * (high - low), high),
        axis="change of the median",
        set_ticks=plain_ticks(scale),
        mark=_draw_move,
    )  # fmt: skip


def _moved_line(part: pd.DataFrame, scale: Scale, middle: float, *, ruled: bool) -> Line:
    first = select.records(part)[0]
    summed = first["parameter"] in SUMS
    name = Name.of(first["label"], NAMES, _grades(first),
                   weight="bold" if first["parameter"] == ALL else "normal",
                   colour=MUTED if summed and first["parameter"] != ALL else INK)  # fmt: skip
    shifts = part.sort_values("quantile").set_index("quantile")["value"]
    cells = tuple(signed(shift, scale) for shift in shifts)
    return Line(name, cells, (shifts[middle], summed), ruled=ruled)


def _grades(row: dict[str, Any]) -> str:
    """Write how the grade of a parameter changes, once where it stays."""
    grades = [grade for grade in (select.text(row[f"grade_{side}"]) for side in SIDES) if grade]
    return " → ".join(dict.fromkeys(grades))


def _draw_move(axes: Axes, data: tuple[float, bool], y: float) -> None:
    shift, summed = data
    if not np.isfinite(shift):
        return
    colour = MUTED if summed else COLOURS["b"]
    axes.plot([0, shift], [y, y], color=colour, linewidth=2.0, alpha=0.6, zorder=2)
    axes.plot([shift], [y], marker="s" if summed else MARKERS["b"], markersize=5.2, color=colour,
              markerfacecolor=colour if summed else PAPER, markeredgewidth=1.2, linestyle="none",
              zorder=3, gid="move")  # fmt: skip
