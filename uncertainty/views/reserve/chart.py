"""The reserve: high quantiles of an outcome over the years, place by place, on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing import select
from uncertainty.views.drawing.axes import width_of
from uncertainty.views.drawing.ends import LABEL, LEADER, EndLabel, draw_end_labels
from uncertainty.views.drawing.limits import roomy
from uncertainty.views.drawing.page import Page, open_page, pitch
from uncertainty.views.drawing.place import text_width, widest, wrap
from uncertainty.views.drawing.style import BLUE, INK, styled, text_tone
from uncertainty.views.drawing.ticks import TICK_SIZE, round_ticks, step_of, tick_texts, year_ticks
from uncertainty.views.panels.frame import (
    GUTTER,
    LIFT,
    PANEL_TITLE,
    SMALL,
    Frame,
    draw_above,
    draw_panel_title,
    panel_axes,
)
from uncertainty.views.panels.grid import Spot
from uncertainty.views.reserve.table import MEDIAN, ReserveTable, level_name, reserve_table

BODY, PANEL = 3.7, 1.75  # height of one panel alone and of one among several, inches
HEAD_ROOM, TICK_ROOM = 0.3, 0.36  # above the axes, for the words there; below, for ticks
UNIT_MOST = 1.15  # inches of a label with the unit
DARK, PALE = 0.46, 0.14  # opacity of the shading next to P50 and of the outermost


@dataclass(frozen=True)
class Head:
    """Words above a panel: the place in lines, then its margin in lines."""

    place: tuple[str, ...]
    margin: tuple[str, ...]

    @property
    def height(self) -> float:
        """Height of the words, in inches."""
        return len(self.place) * pitch(PANEL_TITLE) + len(self.margin) * pitch(SMALL)


def reserve_chart(
    result: xr.DataTree,
    outcome: str,
    *,
    levels: Sequence[float] = (0.5, 0.8, 0.9, 0.95),
    facet: str | Sequence[str] | None = None,
) -> tuple[Figure, pd.DataFrame]:
    """Draw how much to reserve, where and when.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/intervals` with 0.5 and all levels among the quantiles.
    outcome : str
        An outcome over year and at most two further dims.
    levels : sequence of float
        Probabilities of the lines.
    facet : str or sequence of str, optional
        Which of the further dims runs across; the other runs down. In the order of the outcome
        when left out.

    Returns
    -------
    figure : matplotlib.figure.Figure
        One panel a place, all on one axis that holds zero.
    table : pandas.DataFrame
        One row a place, year and level: the further dims, year, quantile, value, margin (value
        minus P50), margin_share (margin over P50; NaN where P50 is not above zero), mcse (of the
        value; NaN where not stored), unit.

    Raises
    ------
    ResultError
        When the result lacks what is asked for; for missing levels it says what to ask the study
        for.
    """
    reserve = reserve_table(result, outcome, levels, facet)
    with styled():
        return _draw(reserve), reserve.table


def _draw(reserve: ReserveTable) -> Figure:
    grid, unit = reserve.grid, _unit_fits(reserve)
    labels = [_labels(reserve, spot, unit=unit) for spot in grid.spots]
    frame = _frame(reserve, max(label.width for panel in labels for label in panel))
    heads = [_head(reserve, frame, spot) for spot in grid.spots]
    above = HEAD_ROOM + max(head.height for head in heads)
    page = open_page(
        reserve.title,
        reserve.subtitle,
        reserve.notes,
        room=grid.lines * (frame.height + above + TICK_ROOM),
        spoken=reserve.spoken(),
    )
    for spot, head, ends in zip(grid.spots, heads, labels, strict=True):
        axes = _axes(page, frame, reserve, spot)
        _draw_levels(axes, reserve, spot)
        _draw_ends(axes, reserve, frame, ends)
        _draw_head(axes, head)
    _unit_text(page.figure.axes[0], frame)
    return page.figure


def _frame(reserve: ReserveTable, wide: float) -> Frame:
    """Return what all panels share; the room at the right holds the widest label."""
    alone = len(reserve.grid.spots) == 1
    limits = _limits(reserve.table["value"])
    ticks = round_ticks(limits, 6 if alone else 4, least=4)
    pad = 0.15 * step_of(reserve.years)
    tall = len(reserve.levels) * pitch(LABEL)
    return Frame(
        limits=((reserve.years[0] - pad, reserve.years[-1] + pad), limits),
        scale=reserve.scale,
        ticks=ticks,
        left=widest(tick_texts(ticks, reserve.scale), TICK_SIZE) + 0.1,
        right=LEADER + wide + (0.02 if alone else GUTTER),
        height=max(BODY if alone else PANEL, tall),
    )


def _limits(values: pd.Series[float]) -> tuple[float, float]:
    """Return limits that hold zero and all values."""
    low, high = min(0.0, values.min()), max(0.0, values.max())
    return roomy(low, high) if low < high else (0.0, 1.0)


def _labels(reserve: ReserveTable, spot: Spot, *, unit: bool) -> list[EndLabel]:
    """Name the levels in the last year."""
    return [
        EndLabel(
            row["value"],
            (f"{level_name(row['quantile'])} {reserve.value_text(row['value'], unit=unit)}",),
            text_tone(BLUE),
            "bold" if row["quantile"] == MEDIAN else "normal",
        )
        for row in reserve.last_rows(spot.at)
    ]


def _unit_fits(reserve: ReserveTable) -> bool:
    """Tell whether all panels have room for the unit in their labels."""
    rows = (row for spot in reserve.grid.spots for row in reserve.last_rows(spot.at))
    texts = (f"P95 {reserve.value_text(row['value'])}" for row in rows)
    return widest(texts, LABEL, "bold") <= UNIT_MOST


def _head(reserve: ReserveTable, frame: Frame, spot: Spot) -> Head:
    width = frame.across(reserve.grid.columns) - GUTTER
    place = wrap(select.chosen(spot.at), width, PANEL_TITLE, "bold") if spot.at else ()
    margin = reserve.margin_text(spot.at)
    return Head(place, wrap(margin, width, SMALL) if margin else ())


def _axes(page: Page, frame: Frame, reserve: ReserveTable, spot: Spot) -> Axes:
    grid = reserve.grid
    axes = panel_axes(page, frame, (spot.line, spot.column), (grid.lines, grid.columns), TICK_ROOM)
    ticks = year_ticks(reserve.years, frame.across(grid.columns) - frame.right)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    return axes


def _draw_levels(axes: Axes, reserve: ReserveTable, spot: Spot) -> None:
    """Draw a line for each level and the shading between them."""
    wide = reserve.panel_rows(spot.at).pivot(index="year", columns="quantile", values="value")
    years = wide.index.to_numpy(dtype=float)
    gaps = list(pairwise(reserve.levels))
    for (low, high), opacity in zip(gaps, _opacities(gaps), strict=True):
        axes.fill_between(years, wide[low].to_numpy(), wide[high].to_numpy(), color=BLUE,
                          alpha=opacity, linewidth=0, zorder=1,
                          label=f"{level_name(low)} to {level_name(high)}")  # fmt: skip
    for level in reserve.levels:
        axes.plot(years, wide[level].to_numpy(), color=BLUE, zorder=3, gid=level_name(level),
                  linewidth=1.5 if level == MEDIAN else 0.8, solid_capstyle="butt",
                  marker="_" if len(years) == 1 else "", markersize=12)  # fmt: skip
    if axes.get_ylim()[0] < 0:
        axes.axhline(0, color=INK, linewidth=0.9, zorder=2)


def _draw_ends(axes: Axes, reserve: ReserveTable, frame: Frame, labels: Sequence[EndLabel]) -> None:
    """Write the numbers of the last year at the right, and of which year they are."""
    draw_end_labels(axes, reserve.years[-1], labels, frame.height)
    draw_above(axes, f"in {reserve.years[-1]:g}", 1, (72 * LEADER, LIFT), gid="above")


def _opacities(gaps: Sequence[tuple[float, float]]) -> list[float]:
    """Return the opacity of each gap: the further from P50, the paler."""
    away = [round(abs(low + high - 2 * MEDIAN), 9) for low, high in gaps]
    steps = np.linspace(DARK, PALE, len(set(away))) if gaps else np.array([])
    return [float(steps[sorted(set(away)).index(distance)]) for distance in away]


def _draw_head(axes: Axes, head: Head) -> None:
    up = LIFT + 72 * pitch(SMALL) + 2.0
    for place, line in enumerate(reversed(head.margin)):
        draw_above(axes, line, 0, (0, up + place * 72 * pitch(SMALL)), gid="above")
    draw_panel_title(axes, head.place, up + len(head.margin) * 72 * pitch(SMALL))


def _unit_text(axes: Axes, frame: Frame) -> None:
    """Name the unit of the axis above the first panel; a long one is in the title only."""
    room = frame.left + width_of(axes)
    if frame.scale.suffix and text_width(frame.scale.suffix, SMALL) < room:
        draw_above(axes, frame.scale.suffix, 0, (-72 * (frame.left - 0.02), LIFT), gid="above")
