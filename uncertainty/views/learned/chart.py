"""What the data taught: where each parameter's posterior lies within its prior."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from uncertainty.views.drawing.bands import bands_of
from uncertainty.views.drawing.fitted import on_convergence
from uncertainty.views.drawing.page import Entry, in_lines, open_page
from uncertainty.views.drawing.style import BLUE, MUTED, NOISE, PAPER, styled, tinted
from uncertainty.views.drawing.ticks import set_percent_ticks
from uncertainty.views.learned import words
from uncertainty.views.learned.table import STRUCTURE, TOP, Learned, learned_of
from uncertainty.views.rows.block import Block, Column, Line, draw_block
from uncertainty.views.rows.frame import Name

NAMES = 3.05  # inches
THICK, PALE = (0.06, 0.13), (0.6, 0.3)  # of the outer and the inner bar: inches, white in it
PAD = 0.045
LEARNED = "learned"


def learned_chart(result: xr.DataTree, *, top: int = TOP) -> tuple[Figure, pd.DataFrame]:
    """Draw where the posterior of each parameter lies within its prior.

    All parameters share one axis, the share of the prior below a value; the largest contraction
    stands first, parameters that the data do not reach share the last line.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/calibration/learned`.
    top : int
        Parameters with a line of their own, at most; choices have one besides.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        All parameters; see `uncertainty.views.learned.table.learned_of`.

    Raises
    ------
    ResultError
        When the result holds nothing of what was learned.
    """
    found = learned_of(result, top)
    with styled():
        return _draw(result, found), found.table


def _draw(result: xr.DataTree, found: Learned) -> Figure:
    block = _block(result, found)
    page = open_page(
        words.title(found),
        words.subtitle(result, found),
        [*on_convergence(result), *words.notes(found)],
        room=block.height,
        spoken=words.spoken(found),
        key=in_lines([
            Entry("prior", "|", NOISE, shapes=("range",)),
            Entry("posterior, much learned", "o", BLUE),
            Entry("posterior, little or nothing learned", "o", BLUE, filled=False),
        ]),
    )  # fmt: skip
    draw_block(page, block, 0.0, NAMES)
    return page.figure


def _block(result: xr.DataTree, found: Learned) -> Block:
    bands = bands_of(result["calibration/learned"].dataset["prior_quantiles"])
    lines = [_line(rows, found) for rows in found.drawn]
    if len(found.unreached):
        head, names = words.unreached(found)
        name = Name.of(head, NAMES, names, colour=MUTED)
        lines.append(Line(name, ("", ""), None, ruled=True))
    return Block(
        heading="90% interval before → after, and where it lies in the prior",
        lines=lines,
        columns=[Column("variance gone", weight="bold"), Column("")],
        limits=(-PAD, 1 + PAD),
        axis="share of the prior below",
        set_ticks=lambda axes: set_percent_ticks(axes, 0.0, 1.0, most=4),
        mark=lambda axes, rows, y: _mark(axes, rows, y, bands.pairs),
    )


def _line(rows: pd.DataFrame, found: Learned) -> Line:
    first = rows.iloc[0]
    name = Name.of(str(first["label"]), NAMES, words.before_after(rows, found.ends))
    drawn = None if first["verdict"] == STRUCTURE else rows
    return Line(name, (words.gone(first), str(first["verdict"])), drawn, ruled=True)


def _mark(
    axes: Axes, rows: pd.DataFrame | None, y: float, pairs: tuple[tuple[float, float], ...]
) -> None:
    if rows is None:
        return
    axes.plot(pairs[0], [y, y], color=NOISE, linewidth=1.0, zorder=1.5, gid="prior")
    for end in pairs[0]:
        axes.plot([end], [y], marker="|", markersize=5, color=NOISE, zorder=1.5, gid="prior-end")
    ranks = rows.set_index("quantile")["rank"]
    for (low, high), thick, pale in zip(pairs, THICK, PALE, strict=False):
        axes.barh(y, ranks[high] - ranks[low], thick, ranks[low], color=tinted(BLUE, pale),
                  linewidth=0, zorder=2, gid="posterior")  # fmt: skip
    middle = ranks[np.isclose(ranks.index, 0.5)]
    filled = rows["verdict"].iloc[0] == LEARNED
    axes.plot(middle, [y] * len(middle), marker="o", markersize=5.2, color=BLUE, linestyle="none",
              markerfacecolor=BLUE if filled else PAPER, markeredgewidth=1.2, zorder=3,
              gid="median")  # fmt: skip
