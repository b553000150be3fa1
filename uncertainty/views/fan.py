"""The fan: quantile bands of an outcome over the years, beside what was measured and projected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from uncertainty.views.bands import (
    LABEL,
    LEADER,
    EndLabel,
    end_labels,
)
from uncertainty.views.fan_table import FanTable, fan_table
from uncertainty.views.page import MARGIN, WIDTH, Page, in_columns, open_page, pitch
from uncertainty.views.panel import PANEL_TITLE, SMALL, Frame, Panel, draw_panel, dress
from uncertainty.views.place import text_width, wrap
from uncertainty.views.range_rows import draw_range_rows
from uncertainty.views.select import words
from uncertainty.views.sources import entries
from uncertainty.views.style import (
    COUNTERFACTUAL,
    Scale,
    styled,
    text_tone,
)

BODY, PANEL = 3.7, 2.35  # height of one panel alone and of one among several, inches
RULE_ROOM, TICK_ROOM = 0.28, 0.3  # above the axes, for the words at the rule; below, for ticks
GUTTER, UNIT_MOST = 0.2, 0.9
TICK_SIZE = 8.5
GRIDLINES = 3  # at least, beside the line of zero


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
    fan = fan_table(
        result,
        outcome,
        at=at,
        facet=facet,
        groups=tuple(
            name
            for name, wanted in (
                ("observations", observations),
                ("projections", projections),
            )
            if wanted
        ),
        counterfactual=counterfactual,
        title=title,
    )
    with styled():
        draw = draw_range_rows if fan.along is None else _draw_fan
        figure = draw(fan)
    return figure, fan.table


def _draw_fan(fan: FanTable) -> Figure:
    panels = _panels(fan)
    frame = _frame(fan, panels)
    columns = _columns(len(panels))
    lines = -(-len(panels) // columns)
    above = RULE_ROOM + max(len(p.title.splitlines()) for p in panels) * pitch(PANEL_TITLE)
    page = open_page(
        fan.title,
        fan.subtitle,
        fan.notes,
        room=lines * (frame.height + above + TICK_ROOM),
        spoken=fan.spoken(),
        key=in_columns(entries(fan.table)),
    )
    for place, panel in enumerate(panels):
        axes = _panel_axes(page, frame, divmod(place, columns), (lines, columns))
        draw_panel(axes, fan, frame, panel)
    return page.figure


def _panels(fan: FanTable) -> list[Panel]:
    count = len(fan.panels)
    return [
        Panel(name, _panel_words(name, count), tuple(_labels(fan, name)), first=place == 0)
        for place, name in enumerate(fan.panels)
    ]


def _panel_axes(page: Page, frame: Frame, spot: tuple[int, int], grid: tuple[int, int]) -> Axes:
    (line, column), (lines, columns) = spot, grid
    width = (WIDTH - 2 * MARGIN - frame.left) / columns
    left = MARGIN + frame.left + column * width
    bottom = (lines - 1 - line) * page.height / lines + TICK_ROOM
    axes = page.axes(left, bottom, width - frame.right, frame.height)
    dress(axes, frame)
    axes.tick_params(axis="y", labelleft=column == 0)
    return axes


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


def _frame(fan: FanTable, panels: Sequence[Panel]) -> Frame:
    x, y = fan.x_limits(), fan.y_limits()
    alone = len(panels) == 1
    ticks = _ticks(y, 6 if alone else 5)
    widest = max(label.width for panel in panels for label in panel.labels)
    return Frame(
        limits=(x, y),
        scale=fan.scale,
        ticks=ticks,
        left=_left_room(fan.scale, ticks),
        right=LEADER + widest + (0.02 if alone else GUTTER),
        height=BODY if alone else PANEL,
    )


def _ticks(limits: tuple[float, float], most: int) -> tuple[float, ...]:
    """Return round values within limits, at least three beside zero, about `most` of them."""
    for bins in range(most, 4 * most):
        found = MaxNLocator(nbins=bins, steps=[1, 2, 5, 10]).tick_values(*limits)
        ticks = tuple(float(tick) for tick in found if limits[0] <= tick <= limits[1])
        if sum(abs(tick) > 1e-9 * max(map(abs, limits)) for tick in ticks) >= GRIDLINES:
            break
    return ticks


def _left_room(scale: Scale, ticks: Sequence[float]) -> float:
    """Return the room for tick labels, and for the unit above them unless it is long."""
    step = ticks[1] - ticks[0]
    width = max(text_width(scale.tick(tick, step), TICK_SIZE) for tick in ticks)
    unit = text_width(scale.suffix, SMALL) if scale.suffix else 0.0
    return max(width, min(unit, UNIT_MOST)) + 0.1


def _columns(count: int) -> int:
    """Return how many panels stand side by side; two and four make a square."""
    return {1: 1, 2: 2, 4: 2}.get(count, 3)


def _panel_words(panel: object, count: int) -> str:
    """Return the title of a panel, broken to the width that a panel has."""
    width = (WIDTH - 2 * MARGIN) / _columns(count) - 0.6
    return "\n".join(wrap(words(panel), width, PANEL_TITLE, "bold")) if panel is not None else ""
