"""The bias of the sources: by what factor each differs, before and after the fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.bias import words
from uncertainty.views.bias.table import REFERENCE, Bias, bias_of
from uncertainty.views.drawing.axes import width_of
from uncertainty.views.drawing.fitted import on_convergence
from uncertainty.views.drawing.numbers import SUPERSCRIPTS, number
from uncertainty.views.drawing.page import Entry, in_lines, open_page
from uncertainty.views.drawing.place import text_width
from uncertainty.views.drawing.style import BLUE, INK, NOISE, PAPER, styled
from uncertainty.views.drawing.ticks import GAP, TICK_SIZE
from uncertainty.views.rows.block import Block, Column, Line, draw_block
from uncertainty.views.rows.frame import Name

NAMES = 3.0  # inches
STEPS = (
    (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.7),
    (1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0),
    (1.0, 1.5, 2.0, 3.0, 5.0, 8.0),
    (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0),
    *(tuple(10.0 ** (decades * place) for place in range(30)) for decades in (1, 2, 3, 6, 10)),
)
PLAIN = 1e5  # the largest factor that is written out
LEAST = 0.2  # of the logarithm: no axis is narrower to either side


def bias_chart(result: xr.DataTree, outcome: str) -> tuple[Figure, pd.DataFrame]:
    """Draw by what factor each source of an outcome differs from what the model counts.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/calibration/source_bias`.
    outcome : str
        Name of the outcome.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        One row a source and kind; see `uncertainty.views.bias.table.bias_of`.

    Raises
    ------
    ResultError
        When there is no source of the outcome.
    """
    found = bias_of(result, outcome)
    with styled():
        return _draw(result, found), found.table


def _draw(result: xr.DataTree, found: Bias) -> Figure:
    kinds = found.table.groupby("kind", sort=False)
    blocks = [_block(str(kind), rows) for kind, rows in kinds]
    page = open_page(
        words.title(found),
        words.subtitle(result),
        [*on_convergence(result), *words.notes(found)],
        room=sum(block.height for block in blocks),
        spoken=words.spoken(found),
        key=in_lines([
            Entry("prior", "|", NOISE, shapes=("range",)),
            Entry("posterior", "o", BLUE),
            *([Entry(REFERENCE, "s", INK, filled=False)] if len(found.free) < len(found.table)
              else []),
        ]),
    )  # fmt: skip
    top = page.height
    for block in blocks:
        top -= block.height
        draw_block(page, block, top, NAMES)
    return page.figure


def _block(kind: str, table: pd.DataFrame) -> Block:
    lines = [
        Line(
            Name.of(str(row["source"]), NAMES, words.below(row)),
            (number(row["factor"]), words.interval(row)),
            row,
            ruled=True,
        )
        for _, row in table.iterrows()
    ]
    return Block(
        heading=words.HEADINGS[kind],
        lines=lines,
        columns=[Column("factor", weight="bold"), Column("90% interval")],
        limits=_limits(table),
        axis="published number ÷ what the model counts (log axis)",
        set_ticks=_set_ticks,
        mark=_mark,
    )


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the axis, in logarithms, with room beyond the marks."""
    names = ["prior_low", "prior_high", "factor", "low", "high"]
    logs = np.log(table[names].to_numpy(dtype=float))
    logs = logs[np.isfinite(logs)]
    low, high = min(-LEAST, *logs), max(LEAST, *logs)
    room = 0.05 * (high - low)
    return float(low - room), float(high + room)


def _set_ticks(axes: Axes) -> None:
    """Set round factors and their inverses, as many as fit."""
    low, high = axes.get_xlim()
    inch = width_of(axes) / (high - low)
    for steps in STEPS:
        ticks = sorted({sign * np.log(step) for step in steps for sign in (-1, 1)})
        ticks = [float(tick) for tick in ticks if low <= tick <= high]
        texts = [_tick_text(tick) for tick in ticks]
        widths = [text_width(text, TICK_SIZE) for text in texts]
        gaps = np.diff(ticks) * inch - (np.array(widths[:-1]) + widths[1:]) / 2
        if not gaps.size or gaps.min() >= GAP / 2:
            break
    axes.set_xticks(ticks, texts)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=1)


def _tick_text(tick: float) -> str:
    """Write a factor; a small one by its inverse, as it is exact so."""
    factor = float(np.exp(abs(tick)))
    power = str(round(np.log10(factor))).translate(SUPERSCRIPTS)
    text = f"{factor:,.4g}" if factor < 0.99 * PLAIN else f"10{power}"
    return text if tick >= 0 or text == "1" else f"÷{text}"


def _mark(axes: Axes, row: pd.Series, y: float) -> None:
    if row["role"] == REFERENCE:
        axes.plot([0], [y], marker="s", markersize=5.2, color=INK, markerfacecolor=PAPER,
                  markeredgewidth=1.2, zorder=3, gid="reference")  # fmt: skip
        return
    prior = np.log([row["prior_low"], row["prior_high"]])
    axes.plot(prior, [y, y], color=NOISE, linewidth=1.0, marker="|", markersize=5, zorder=1.5,
              gid="prior")  # fmt: skip
    low, middle, high = np.log([row["low"], row["factor"], row["high"]])
    axes.barh(y, high - low, 0.075, low, color=BLUE, alpha=0.5, linewidth=0, zorder=2,
              gid="posterior")  # fmt: skip
    axes.plot([middle], [y], marker="o", markersize=5.2, color=BLUE, zorder=3, gid="factor")
