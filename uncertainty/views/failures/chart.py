"""Where the model fails: values of failed runs against those of all runs, most telling first."""

from __future__ import annotations

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing.page import MARGIN, WIDTH, Entry, in_lines, open_page
from uncertainty.views.drawing.style import NOISE, styled
from uncertainty.views.failures import words
from uncertainty.views.failures.reasons import Reasons, draw_reasons
from uncertainty.views.failures.strips import (
    ALL_RUNS,
    DISTANCE,
    GUTTER,
    NEAR,
    TOLD,
    WHERE,
    Strip,
    draw_heads,
    draw_strip,
    ends_width,
    names_width,
)
from uncertainty.views.failures.table import Failures, failures_of
from uncertainty.views.rows.frame import dress_rows, rule_above

HEAD, APART = 0.3, 0.16  # inches: heads of columns; between rows and reasons


def failures_chart(result: xr.DataTree, top: int = 8) -> tuple[Figure, pd.DataFrame]:
    """Draw where among all runs the failed ones lie, parameter by parameter.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/failures`, as `propagate` and `drivers` leave it when single runs failed; uses the
        labels and units that the result holds elsewhere.
    top : int
        Most parameters to draw.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a parameter, drawn or not (column drawn), the most telling first: the
        Kolmogorov-Smirnov distance, its p-value, where the failed runs lie, and the least, middle
        and greatest value of failed and of all runs; see
        `uncertainty.views.failures.table.failures_of`.

    Raises
    ------
    ResultError
        When no run of the result failed, none of its parameters is one number that varies, or
        `top` is below 1.

    Notes
    -----
    Parameters of several numbers (a dirichlet) are left out, and named below the chart. A design
    uses a value in more than one run, so that p-values rest on the number of different values.
    """
    found = failures_of(result, top)
    with styled():
        return _draw(found, words.subtitle(result, found)), found.table


def _draw(found: Failures, subtitle: str) -> Figure:
    strips = [Strip.of(row, found.samples[row["parameter"]]) for row in found.drawn]
    reasons = Reasons.of(found.reasons)
    tall = sum(strip.height for strip in strips)
    page = open_page(words.title(found), subtitle, words.notes(found), spoken=words.spoken(found),
                     room=HEAD + tall + APART + reasons.height, key=in_lines(_key(strips)),
                     )  # fmt: skip
    end = ends_width(strips)
    left = MARGIN + names_width(strips) + NEAR + end
    right = MARGIN + WHERE + GUTTER + DISTANCE + end
    axes = page.axes(left, reasons.height + APART, WIDTH - left - right, tall)
    _draw_rows(axes, strips, tall, end)
    draw_reasons(page, reasons)
    return page.figure


def _draw_rows(axes: Axes, strips: list[Strip], tall: float, end: float) -> None:
    dress_rows(axes, (0.0, 1.0), tall)
    axes.set_xticks([])
    draw_heads(axes, tall + 0.12, end)
    y = tall
    for strip in strips:
        rule_above(axes, y)
        draw_strip(axes, strip, y - strip.height / 2, end)
        y -= strip.height


def _key(strips: list[Strip]) -> list[Entry]:
    told = [strip.told for strip in strips]
    entries = [Entry("all runs", "s", ALL_RUNS)]
    if any(told):
        entries.append(Entry("failed runs", "s", TOLD))
    if not all(told):
        entries.append(Entry("failed runs that chance may have put there", "s", NOISE))
    return entries
