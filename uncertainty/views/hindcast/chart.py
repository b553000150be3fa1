"""The hindcast chart: the fan from the year fitted to, beside what came and what else was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing.axes import width_of
from uncertainty.views.drawing.ends import LEADER, EndLabel, draw_end_labels
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.page import in_columns, open_page
from uncertainty.views.drawing.place import text_width, widest
from uncertainty.views.drawing.shares import percent
from uncertainty.views.drawing.style import BLUE, MUTED, styled, text_tone
from uncertainty.views.drawing.ticks import TICK_SIZE, round_ticks, set_whole_ticks, tick_texts
from uncertainty.views.hindcast import words
from uncertainty.views.hindcast.marks import draw_fan, draw_marks, entries
from uncertainty.views.hindcast.table import FAN, Hindcast, hindcast_of
from uncertainty.views.panels.frame import LIFT, SMALL, Frame, draw_above, panel_axes

BODY, ABOVE, BELOW = 3.7, 0.28, 0.3  # inches: the panel, the words above it, its ticks
UNIT_MOST = 0.9


def hindcast_chart(
    result: xr.DataTree, outcome: str, *, at: Mapping[str, Any] | None = None
) -> tuple[Figure, pd.DataFrame]:
    """Draw what a fit up to a year said of the years after it, and what was observed then.

    Parameters
    ----------
    result : xarray.DataTree
        As `hindcast` returns it.
    outcome : str
        Name of an outcome with a scored level.
    at : mapping, optional
        Exact coordinates of its dims beside year, such as ``{"region": "hub"}``.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a mark: series (quantile, known, later, prediction, random walk, projection),
        outcome, place, year, position (place along the axis), quantile, value, low, high (90%),
        unit, label, source, published, mark (band, point, interval, or arrow beyond the axis).

    Raises
    ------
    ResultError
        When the result is no hindcast or holds no scored level of the outcome at that place.
    """
    found = hindcast_of(result, outcome, at)
    with styled():
        return _draw(found, result), found.table


def _draw(found: Hindcast, result: xr.DataTree) -> Figure:
    scale = Scale.of([*found.limits], found.unit)
    frame = _frame(found, scale)
    page = open_page(
        words.title(found),
        words.subtitle(result, found),
        list(words.notes(found, scale)),
        room=BODY + ABOVE + BELOW,
        spoken=words.spoken(found, scale),
        key=in_columns(entries(found)),
    )
    axes = panel_axes(page, frame, (0, 0), (1, 1), BELOW)
    set_whole_ticks(axes, axes.get_xlim(), max(2, int(width_of(axes) / 0.55)))
    draw_fan(axes, found)
    _draw_rule(axes, found)
    draw_marks(axes, found)
    if scale.suffix and text_width(scale.suffix, SMALL) <= frame.left:
        draw_above(axes, scale.suffix, 0, (-5, LIFT), ha="right")
    last = float(found.rows(FAN)["year"].max())
    draw_end_labels(axes, last, _ends(found, scale), BODY)
    draw_above(axes, f"in {last:g}", 1, (72 * LEADER, LIFT))
    return page.figure


def _frame(found: Hindcast, scale: Scale) -> Frame:
    ticks = round_ticks(found.limits, 6, least=4)
    unit = text_width(scale.suffix, SMALL) if scale.suffix else 0.0
    return Frame(
        limits=(found.widest, found.limits),
        scale=scale,
        ticks=ticks,
        left=max(widest(tick_texts(ticks, scale), TICK_SIZE), min(unit, UNIT_MOST)) + 0.1,
        right=LEADER + max(label.width for label in _ends(found, scale)) + 0.02,
        height=BODY,
    )


def _ends(found: Hindcast, scale: Scale) -> list[EndLabel]:
    """Name the fan's quantiles in its last year."""
    rows = found.rows(FAN)
    last = rows[rows["year"] == rows["year"].max()].sort_values("quantile")
    labels = []
    for p, value in zip(last["quantile"], last["value"], strict=True):
        head, weight = ("median ", "bold") if p == 0.5 else (f"{percent(p)}  ", "normal")
        text = f"{head}{scale.full(value) if p == 0.5 else scale.text(value)}"
        labels.append(EndLabel(float(value), (text,), text_tone(BLUE), weight))
    return labels


def _draw_rule(axes: Axes, found: Hindcast) -> None:
    """Draw the upright line behind which nothing was fitted."""
    axes.axvline(found.fit_to, color=MUTED, linewidth=0.8, zorder=2, gid="rule")
    text = f"fitted up to {found.fit_to}"
    left = axes.transLimits.transform((found.fit_to, 0.0))[0] * width_of(axes)
    side = "right" if text_width(text, SMALL) < left else "left"
    axes.annotate(text, (found.fit_to, 1), xycoords=("data", "axes fraction"), xytext=(0, LIFT),
                  textcoords="offset points", fontsize=SMALL, color=MUTED, va="baseline",
                  ha=side)  # fmt: skip
