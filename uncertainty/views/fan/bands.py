"""The bands of a fan as they are drawn, and the names of their quantiles at the end."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from uncertainty.views.drawing.bands import Bands
from uncertainty.views.drawing.ends import EndLabel
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.shares import percent
from uncertainty.views.drawing.style import BLUE, COUNTERFACTUAL, mark_tone, text_tone

BAND_OPACITY = (0.2, 0.34)  # outer, inner; where they overlap the inner one is darker still


def draw_bands(axes: Axes, rows: pd.DataFrame, along: str, bands: Bands) -> None:
    """Draw bands and median from the quantile rows of one panel."""
    wide = rows.pivot(index=along, columns="quantile", values="value").sort_index()
    wide = wide.reindex(index=_with_gaps(wide.index), columns=list(bands.probabilities))
    for opacity, (low, high) in zip(BAND_OPACITY, bands.pairs, strict=False):
        axes.fill_between(
            wide.index.to_numpy(dtype=float),
            wide[low].to_numpy(),
            wide[high].to_numpy(),
            color=BLUE,
            alpha=opacity,
            linewidth=0,
            zorder=1,
            label=f"{percent(low)} to {percent(high)}",
        )
    if bands.median is not None:
        x, y = wide.index.to_numpy(dtype=float), wide[bands.median].to_numpy()
        axes.plot(x, y, color=BLUE, linewidth=1.3, zorder=3, label="median")


def _with_gaps(index: pd.Index) -> pd.Index:
    """Put an empty place into every gap wider than the usual step, so that nothing bridges it."""
    steps = np.diff(index.to_numpy(dtype=float))
    if not steps.size:
        return index
    holes = index.to_numpy(dtype=float)[:-1][steps > 1.5 * np.median(steps)] + np.median(steps) / 2
    return pd.Index(np.sort(np.concatenate([index.to_numpy(dtype=float), holes])), name=index.name)


def draw_counterfactual(axes: Axes, rows: pd.DataFrame, along: str) -> None:
    """Draw the median of another outcome as a dashed line."""
    rows = rows.sort_values(along)
    axes.plot(
        rows[along].to_numpy(dtype=float),
        rows["value"].to_numpy(),
        color=mark_tone(COUNTERFACTUAL),
        linewidth=1.3,
        linestyle=(0, (5, 2.5)),
        zorder=3,
        label="counterfactual",
    )


def end_labels(rows: pd.DataFrame, along: str, scale: Scale, *, unit: bool) -> list[EndLabel]:
    """Name the quantiles in the last place of one panel; the median carries the unit."""
    last = rows[rows[along] == rows[along].max()].sort_values("quantile")
    labels = []
    for p, value in zip(last["quantile"], last["value"], strict=True):
        middle = bool(np.isclose(p, 0.5))
        head = "median" if middle else percent(p)
        body = scale.full(value) if middle and unit else scale.text(value)
        text = f"{head} {body}" if middle else f"{head}  {body}"
        labels.append(EndLabel(value, (text,), text_tone(BLUE), "bold" if middle else "normal"))
    return labels
