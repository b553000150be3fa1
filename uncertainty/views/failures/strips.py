"""The rows of the failures: a name, all runs above a line, failed runs below it, where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from uncertainty.views.drawing.numbers import number
from uncertainty.views.drawing.page import pitch
from uncertainty.views.drawing.place import widest, wrap
from uncertainty.views.drawing.style import INK, MUTED, NOISE, VERMILION, mark_tone
from uncertainty.views.failures.distance import Numbers
from uncertainty.views.failures.place import plain, step_for
from uncertainty.views.failures.table import Sample
from uncertainty.views.rows.frame import NAME, SMALL, Name, beside, draw_name, draw_number

NAMES, WHERE = 2.05, 1.9  # inches: names at most, words at the right
DISTANCE, GUTTER = 0.62, 0.14  # inches: column of distances, and to the words beside it
NEAR = 0.12  # inches between neighbours
BINS = 40
UP, DOWN = 0.15, 0.15  # inches: highest bars above and below the line
ROW = 0.46
ALL_RUNS, TOLD = "#BDBDBD", mark_tone(VERMILION)
SKEWED = 20.0  # range over the middle half, from which positive values stand on a log scale


@dataclass(frozen=True)
class Strip:
    """One parameter: its words, its values, its row of the table."""

    name: Name
    sample: Sample
    row: dict[str, Any]
    where: tuple[str, ...]

    @classmethod
    def of(cls, row: dict[str, Any], sample: Sample) -> Strip:
        """Set the words of a row to the room that they have."""
        below = ", ".join(t for t in (sample.scale.suffix, "log scale" * skewed(sample)) if t)
        grey = bool(np.isnan(row["rank"]))
        name = Name.of(row["label"], NAMES, below, colour=MUTED if grey else INK)
        return cls(name, sample, row, wrap(row["where"], WHERE, SMALL))

    @property
    def told(self) -> bool:
        """Whether more than chance sets the failed runs apart."""
        return not np.isnan(self.row["rank"])

    @property
    def height(self) -> float:
        """Height of the row, in inches."""
        return max(ROW, self.name.height + 0.12, len(self.where) * pitch(SMALL) + 0.12)


def skewed(sample: Sample) -> bool:
    """Tell whether values can be told apart on a logarithmic scale alone."""
    low, first, third, high = np.quantile(sample.tried, [0, 0.25, 0.75, 1])
    least = min(low, sample.failed.min())
    return bool(least > 0 and high - low > SKEWED * (third - first) and third > first)


def across(sample: Sample) -> tuple[Numbers, Numbers]:
    """Return where failed and tried values stand, 0 to 1 along their strip."""
    scaled = np.log if skewed(sample) else np.asarray
    failed, tried = scaled(sample.failed), scaled(sample.tried)
    low = min(failed.min(), tried.min())
    spread = max(failed.max(), tried.max()) - low
    return (failed - low) / spread, (tried - low) / spread


def draw_strip(axes: Axes, strip: Strip, y: float, end: float) -> None:
    """Draw a row about a height; axes run from 0 to 1, `end` inches beside them are for values."""
    draw_name(axes, strip.name, y, 72 * (end + NEAR))
    failed, tried = across(strip.sample)
    _draw_bars(axes, tried, y, UP, ALL_RUNS, "tried")
    _draw_bars(axes, failed, y, -DOWN, TOLD if strip.told else NOISE, "failed")
    axes.plot([0, 1], [y, y], color=MUTED, linewidth=0.7, zorder=3)
    _draw_ends(axes, strip, y)
    _draw_words(axes, strip, y, end)


def _draw_bars(axes: Axes, places: Numbers, y: float, most: float, colour: str, gid: str) -> None:
    """Draw how many values lie in each part of the strip; the highest bar has the full height."""
    counts, edges = np.histogram(places, bins=BINS, range=(0.0, 1.0))
    heights = most * counts / counts.max()
    axes.bar(edges[:-1], heights, 1 / BINS, y, align="edge", color=colour, linewidth=0, zorder=2,
             gid=gid)  # fmt: skip


def _draw_ends(axes: Axes, strip: Strip, y: float) -> None:
    """Write the least and the greatest value beside the strip."""
    for side, value in enumerate(ends_of(strip.sample)):
        points = 4 if side else -4
        beside(axes, end_text(strip.sample, value), (side, y), points, fontsize=SMALL,
               ha="left" if side else "right", color=MUTED, gid="end")  # fmt: skip


def end_text(sample: Sample, value: float) -> str:
    """Write a value at the end of a strip, as finely as its scale shows it."""
    if skewed(sample):
        return number(value / 10.0**sample.scale.exponent)
    return plain(value, step_for(sample.tried), sample.scale)


def ends_of(sample: Sample) -> tuple[float, float]:
    """Return the least and the greatest value."""
    values = np.concatenate([sample.failed, sample.tried])
    return float(values.min()), float(values.max())


def ends_width(strips: Sequence[Strip]) -> float:
    """Return the room that values take at either end of a strip, in inches."""
    return NEAR + max(
        widest((end_text(strip.sample, value) for value in ends_of(strip.sample)), SMALL)
        for strip in strips
    )


def names_width(strips: Sequence[Strip]) -> float:
    """Return the width of the column of names, in inches."""
    names = [strip.name for strip in strips]
    return max(max(widest(name.lines, NAME), widest(name.below, SMALL)) for name in names)


def _draw_words(axes: Axes, strip: Strip, y: float, end: float) -> None:
    colour, step = INK if strip.told else MUTED, pitch(SMALL)
    weight = "bold" if strip.told else "normal"
    edge = end + DISTANCE
    draw_number(axes, y + step / 2, f"{strip.row['ks']:.2f}", edge, colour=colour, weight=weight)
    draw_number(axes, y - step / 2, p_text(strip.row["p_value"]), edge, colour=MUTED, size=SMALL)
    for place, line in enumerate(strip.where):
        height = y + ((len(strip.where) - 1) / 2 - place) * step
        draw_number(axes, height, line, edge + GUTTER, colour=colour, size=SMALL, side="left")


def p_text(p: float) -> str:
    """Write a p-value; a small one by its bound."""
    return "p <0.001" if p < 0.001 else f"p {p:.3f}" if p < 0.0995 else f"p {p:.2f}"


def draw_heads(axes: Axes, y: float, end: float) -> None:
    """Write the heads of the two columns at the right."""
    edge = end + DISTANCE
    draw_number(axes, y, "distance", edge, colour=MUTED)
    draw_number(axes, y, "failed runs lie", edge + GUTTER, colour=MUTED, side="left")
