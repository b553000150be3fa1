"""The fan: quantile bands of an outcome over the years, beside what was measured and projected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from uncertainty.views.drawing.ends import LABEL, LEADER, EndLabel
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.page import MARGIN, WIDTH, in_columns, open_page, pitch
from uncertainty.views.drawing.place import text_width, widest, wrap
from uncertainty.views.drawing.select import words
from uncertainty.views.drawing.style import COUNTERFACTUAL, styled, text_tone
from uncertainty.views.drawing.ticks import TICK_SIZE, round_ticks, tick_texts
from uncertainty.views.fan.bands import end_labels
from uncertainty.views.fan.panel import Panel, draw_panel
from uncertainty.views.fan.ranges import draw_range_rows
from uncertainty.views.fan.sources import entries
from uncertainty.views.fan.table import FanTable, fan_table
from uncertainty.views.panels.frame import GUTTER, PANEL_TITLE, SMALL, Frame, panel_axes
from uncertainty.views.panels.grid import columns_of

BODY, PANEL = 3.7, 2.35  # height of one panel alone and of one among several, inches
RULE_ROOM, TICK_ROOM = 0.28, 0.3  # above the axes, for the words at the rule; below, for ticks
UNIT_MOST = 0.9  # inches of room for the unit above the ticks


def fan_chart(
    result: xr.DataTree,
    outcome: str,
    *,
    at: Mapping[str, Any] | None = None,
    facet: str | None = None,
    observations: bool = True,
    projections: bool = True,
    counterfactual: str | None = None,
    title: str | None = None,
) -> tuple[Figure, pd.DataFrame]:
    """Draw the credible bands of an outcome.

    Over years (or another numeric dim) the bands form a fan; a scalar outcome, or one with a dim
    of names left, becomes one horizontal range a name.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/intervals`; uses `/observations` and `/projections` where there are any.
    outcome : str
        Name of the outcome.
    at : mapping, optional
        Exact coordinates of other dims, such as ``{"region": "hub"}``.
    facet : str, optional
        A dim that gets one panel a coordinate, on one shared vertical axis.
    observations, projections : bool
        Whether to draw the rows of those groups.
    counterfactual : str, optional
        Another outcome in the same unit whose median is drawn as a dashed line.
    title : str, optional
        Instead of the quantity with its unit.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a mark: series (quantile, counterfactual, observation, projection), outcome, the
        outcome's dims, quantile, value, mcse, low, high, unit, source, label, published,
        ends (what low and high are: stated, or 90% of error), key, position (place along the
        axis), mark (point, or arrow for what lies beyond the axis).

    Raises
    ------
    ResultError
        When the result lacks what is asked for, or more than one dim is left to draw along.
    """
    wanted = {"observations": observations, "projections": projections}
    fan = fan_table(
        result,
        outcome,
        at=at,
        facet=facet,
        groups=[name for name, drawn in wanted.items() if drawn],
        counterfactual=counterfactual,
        title=title,
    )
    with styled():
        draw = draw_range_rows if fan.along is None else _draw_fan
        figure = draw(fan)
    return figure, fan.table


def _draw_fan(fan: FanTable) -> Figure:
    return draw_fan(fan, BODY if len(fan.panels) == 1 else PANEL)


def draw_fan(fan: FanTable, height: float) -> Figure:
    """Draw a `FanTable` with a numeric dim, each of its panels so many inches high."""
    panels = _panels(fan)
    frame = _frame(fan, panels, height)
    columns = columns_of(len(panels))
    lines = -(-len(panels) // columns)
    above = RULE_ROOM + max(len(p.title) for p in panels) * pitch(PANEL_TITLE)
    page = open_page(
        fan.title,
        fan.subtitle,
        fan.notes,
        room=lines * (frame.height + above + TICK_ROOM),
        spoken=fan.spoken(),
        key=in_columns(entries(fan.table)),
    )
    for place, panel in enumerate(panels):
        axes = panel_axes(page, frame, divmod(place, columns), (lines, columns), TICK_ROOM)
        draw_panel(axes, fan, frame, panel)
    return page.figure


def _panels(fan: FanTable) -> list[Panel]:
    count = len(fan.panels)
    return [
        Panel(name, _panel_words(name, count), tuple(_labels(fan, name)), first=place == 0)
        for place, name in enumerate(fan.panels)
    ]


def _labels(fan: FanTable, panel: object) -> list[EndLabel]:
    rows = fan.panel_rows(panel)
    along = str(fan.along)
    alone = len(fan.panels) == 1
    labels = end_labels(rows[rows["series"] == "quantile"], along, fan.scale, unit=alone)
    other = rows[rows["series"] == "counterfactual"]
    if len(other):
        last = other.sort_values(along).iloc[-1]
        name = wrap(words(last["outcome"]), 1.5 if alone else 0.9, LABEL)
        lines = (*name, f"median {fan.scale.text(last['value'])}")
        labels.append(EndLabel(last["value"], lines, text_tone(COUNTERFACTUAL)))
    return labels


def _frame(fan: FanTable, panels: Sequence[Panel], height: float) -> Frame:
    limits = fan.x_limits(), fan.y_limits()
    alone = len(panels) == 1
    ticks = round_ticks(limits[1], 6 if alone else 5, least=4)
    wide = max(label.width for panel in panels for label in panel.labels)
    return Frame(
        limits=limits,
        scale=fan.scale,
        ticks=ticks,
        left=_left_room(fan.scale, ticks),
        right=LEADER + wide + (0.02 if alone else GUTTER),
        height=height,
    )


def _left_room(scale: Scale, ticks: Sequence[float]) -> float:
    """Return the room for tick labels, and for the unit above them unless it is long."""
    width = widest(tick_texts(ticks, scale), TICK_SIZE)
    unit = text_width(scale.suffix, SMALL) if scale.suffix else 0.0
    return max(width, min(unit, UNIT_MOST)) + 0.1


def _panel_words(panel: object, count: int) -> tuple[str, ...]:
    """Return the title of a panel, broken to the width that a panel has."""
    width = (WIDTH - 2 * MARGIN) / columns_of(count) - 0.6
    return wrap(words(panel), width, PANEL_TITLE, "bold") if panel is not None else ()
