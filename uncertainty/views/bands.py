"""Quantile bands: which ones a chart shows, how they are drawn and named at their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from uncertainty.errors import ResultError
from uncertainty.views.page import WIDTH, pitch
from uncertainty.views.place import spread, text_width
from uncertainty.views.style import BLUE, COUNTERFACTUAL, Scale, mark_tone, text_tone

BAND_OPACITY = (
    0.2,
    0.34,
)  # outer, inner; where they overlap the inner one is darker still
LABEL = 8.0
LEADER = 0.16  # inches from the axes to the end labels


@dataclass(frozen=True)
class Bands:
    """The probabilities that a chart shows.

    Attributes
    ----------
    pairs : tuple of (lower, upper)
        One or two symmetric pairs, the wider first.
    median : float or None
        0.5 when it is stored.
    """

    pairs: tuple[tuple[float, float], ...]
    median: float | None

    @property
    def probabilities(self) -> tuple[float, ...]:
        """All probabilities shown, ascending."""
        middle = () if self.median is None else (self.median,)
        return tuple(sorted({p for pair in self.pairs for p in pair} | set(middle)))

    @property
    def masses(self) -> tuple[float, ...]:
        """Probability inside each band, the wider first."""
        return tuple(round(upper - lower, 9) for lower, upper in self.pairs)


def bands_of(array: xr.DataArray) -> Bands:
    """Choose the widest symmetric pair of quantiles and, beside it, the one nearest to a half.

    Raises
    ------
    ResultError
        When no two probabilities lie symmetrically about one half.
    """
    stored = sorted(float(p) for p in array["quantile"].values)
    pairs = [
        (low, high) for low in stored for high in stored if low < 0.5 and np.isclose(low + high, 1)
    ]
    if not pairs:
        found = ", ".join(f"{p:g}" for p in stored)
        raise ResultError(f"'{array.name}': no symmetric pair among the quantiles {found}")
    outer, *others = pairs
    inner = sorted(others, key=lambda pair: abs(pair[1] - pair[0] - 0.5))[:1]
    median = next((p for p in stored if np.isclose(p, 0.5)), None)
    return Bands((outer, *inner), median)


def percent(probability: float) -> str:
    """Write a probability in percent, such as "95%" or "2.5%"."""
    return f"{100 * probability:.6g}%"


def meaning(bands: Bands) -> str:
    """Say how often a value is expected outside the widest band."""
    share = Fraction(1 - bands.masses[0]).limit_denominator(1000)
    runs = "1 run" if share.numerator == 1 else f"{share.numerator} runs"
    return f"{runs} in {share.denominator} is expected outside the {percent(bands.masses[0])} band"


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


@dataclass(frozen=True)
class EndLabel:
    """A text at the right edge of a panel that names a value."""

    value: float
    lines: tuple[str, ...]
    colour: str
    weight: str = "normal"

    @property
    def width(self) -> float:
        """Width of the text, in inches."""
        return max(text_width(line, LABEL, self.weight) for line in self.lines)

    @property
    def height(self) -> float:
        """Height that the text takes, in inches."""
        return len(self.lines) * pitch(LABEL)


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


def draw_end_labels(
    axes: Axes, x: float, labels: Sequence[EndLabel], height: float, leader: float = LEADER
) -> None:
    """Write end labels beside axes of a height in inches, apart from each other, with leaders.

    `x` is the place along the axis where the values stand; a leader reaches `leader` inches
    beyond the axes.
    """
    low, high = axes.get_ylim()
    inch = height / (high - low)
    wished = [(label.value - low) * inch for label in labels]
    centres = spread(wished, [label.height for label in labels], 0.0, height + 0.06)
    frame = blended_transform_factory(axes.transAxes, axes.transData)
    width = axes.get_position().width * WIDTH
    start = axes.transLimits.transform((x, 0.0))[0]
    for label, centre in zip(labels, centres, strict=True):
        y = low + centre / inch
        ends = [start + 0.03 / width, 1.0 + 0.06 / width, 1.0 + (leader - 0.03) / width]
        axes.plot(
            ends,
            [label.value, label.value, y],
            color=label.colour,
            alpha=0.55,
            linewidth=0.6,
            transform=frame,
            clip_on=False,
            zorder=2,
        )
        axes.text(
            1.0 + leader / width,
            y,
            "\n".join(label.lines),
            transform=frame,
            fontsize=LABEL,
            color=label.colour,
            weight=label.weight,
            va="center_baseline" if len(label.lines) == 1 else "center",
            linespacing=1.15,
            gid="end-label",
        )
