"""One panel of a fan: axes, bands, rule, zero line, dots and the labels at its end."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from uncertainty.views.bands import (
    LEADER,
    EndLabel,
    draw_bands,
    draw_counterfactual,
    draw_end_labels,
)
from uncertainty.views.fan_table import FanTable
from uncertainty.views.page import WIDTH, pitch
from uncertainty.views.place import text_width
from uncertainty.views.points import Room, draw_points
from uncertainty.views.select import words
from uncertainty.views.sources import looks
from uncertainty.views.style import DPI, GRID, INK, MUTED, PAPER, Scale

SMALL, PANEL_TITLE = 7.8, 9.0
LIFT = 9.0  # points between the axes and the baseline of the words above them
MORE_OR_LESS = ("above zero: more demand", "below zero: less demand")
SIGN_WORDS = {"net_effect": MORE_OR_LESS, "levers_effect": MORE_OR_LESS}


@dataclass(frozen=True)
class Frame:
    """Limits and scale that all panels share, their height and the margins for labels (inches)."""

    limits: tuple[tuple[float, float], tuple[float, float]]
    scale: Scale
    ticks: tuple[float, ...]
    left: float
    right: float
    height: float

    @property
    def step(self) -> float:
        """Distance between two ticks."""
        return float(self.ticks[1] - self.ticks[0])


@dataclass(frozen=True)
class Panel:
    """One coordinate of the facet (None without one), its title, and its end labels."""

    coordinate: object
    title: str
    labels: tuple[EndLabel, ...]
    first: bool


def dress(axes: Axes, frame: Frame) -> None:
    """Set limits, ticks, grid and spines."""
    axes.set_xlim(*frame.limits[0])
    axes.set_ylim(*frame.limits[1])
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_visible(frame.limits[1][0] == 0)
    axes.yaxis.set_major_locator(FixedLocator(list(frame.ticks)))
    axes.set_yticks(list(frame.ticks), [frame.scale.tick(tick, frame.step) for tick in frame.ticks])
    axes.tick_params(axis="y", length=0, pad=5)
    axes.tick_params(axis="x", length=3, width=0.7)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.patch.set_alpha(0)


def draw_panel(axes: Axes, fan: FanTable, frame: Frame, panel: Panel) -> None:
    """Draw all marks and words of one panel into axes that are dressed."""
    rows = fan.panel_rows(panel.coordinate)
    along = str(fan.along)
    quantiles = rows[rows["series"] == "quantile"]
    if quantiles.empty:
        _blank_word(axes)
    else:
        draw_bands(axes, quantiles, along, fan.bands)
    other = rows[rows["series"] == "counterfactual"]
    if len(other):
        draw_counterfactual(axes, other, along)
    _year_ticks(axes, fan)
    _zero_line(axes, fan.outcome, fan.first)
    _rule(axes, fan, words_too=panel.first)
    _panel_title(axes, panel.title)
    if panel.first:
        _unit_text(axes, frame)
    draw_points(_room(axes, frame.scale, fan.base), rows, looks(fan.table))
    if panel.labels:
        last = float(rows.loc[rows["mark"].isin(["band", "line"]), along].max())
        draw_end_labels(axes, last, panel.labels, frame.height)
        _end_head(axes, along, last)


def _blank_word(axes: Axes) -> None:
    axes.text(
        0.5,
        0.5,
        "no finite value",
        transform=axes.transAxes,
        fontsize=SMALL,
        color=MUTED,
        ha="center",
    )


def _end_head(axes: Axes, along: str, last: float) -> None:
    """Say above the end labels which place their numbers belong to."""
    axes.annotate(
        f"in {last:g}" if along == "year" else f"at {last:g}",
        (1, 1),
        xycoords="axes fraction",
        xytext=(72 * LEADER, LIFT),
        textcoords="offset points",
        fontsize=SMALL,
        color=MUTED,
        va="baseline",
    )


def _room(axes: Axes, scale: Scale, base: float | None) -> Room:
    room = Room(axes, scale)

    for text in axes.texts:
        box = text.get_window_extent()
        room.taken.append(type(box).from_extents(*(edge * 72 / DPI for edge in box.extents)))
    if base is not None:
        room.block(base, *axes.get_ylim(), 0.6)
    return room


def _year_ticks(axes: Axes, fan: FanTable) -> None:
    low, high = axes.get_xlim()
    width = axes.get_position().width * WIDTH
    most = max(2, int(width / 0.55))
    found = MaxNLocator(nbins=most, steps=[1, 2, 5, 10], integer=True).tick_values(low, high)
    ticks = [float(tick) for tick in found if low <= tick <= high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    if fan.along != "year":
        axes.set_xlabel(words(fan.along), fontsize=SMALL, color=MUTED, labelpad=1)


def _zero_line(axes: Axes, outcome: str, left: float) -> None:
    """Draw zero where values lie on both sides of it; some outcomes name the sides."""
    low, high = axes.get_ylim()
    if low == 0:
        return
    axes.axhline(0, color=INK, linewidth=0.9, zorder=2)
    for sign, word in zip((1, -1), SIGN_WORDS.get(outcome, ()), strict=False):
        if (high if sign > 0 else -low) > 0.08 * (high - low):
            axes.annotate(
                word,
                (left, 1 if sign > 0 else 0),
                xycoords=("data", "axes fraction"),
                xytext=(6, -5 * sign),
                textcoords="offset points",
                va="top" if sign > 0 else "bottom",
                fontsize=SMALL,
                color=MUTED,
                zorder=6,
                bbox={
                    "facecolor": PAPER,
                    "alpha": 0.7,
                    "edgecolor": "none",
                    "pad": 0.6,
                },
            )


def _rule(axes: Axes, fan: FanTable, *, words_too: bool) -> None:
    """Draw the upright line where what is measured ends and the projection begins."""
    if fan.base is None:
        return
    axes.axvline(fan.base, color=MUTED, linewidth=0.8, zorder=2)
    if words_too:
        axes.annotate(
            fan.rule_words,
            (fan.base, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, LIFT),
            textcoords="offset points",
            fontsize=SMALL,
            color=MUTED,
            va="baseline",
            ha="left" if _fits(axes, fan.base, fan.rule_words) else "right",
        )


def _fits(axes: Axes, x: float, text: str) -> bool:
    width = axes.get_position().width * WIDTH
    left = axes.transLimits.transform((x, 0.0))[0] * width
    return bool(left + text_width(text, SMALL) < width + 0.5)


def _panel_title(axes: Axes, text: str) -> None:
    for place, line in enumerate(reversed(text.splitlines())):
        axes.annotate(
            line,
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 72 * (pitch(SMALL) + place * pitch(PANEL_TITLE)) + LIFT + 2.0),
            textcoords="offset points",
            fontsize=PANEL_TITLE,
            weight="bold",
            va="baseline",
            gid="panel-title",
        )


def _unit_text(axes: Axes, frame: Frame) -> None:
    if not frame.scale.suffix or text_width(frame.scale.suffix, SMALL) > frame.left:
        return
    axes.annotate(
        frame.scale.suffix,
        (0, 1),
        xycoords="axes fraction",
        xytext=(-5, LIFT),
        textcoords="offset points",
        fontsize=SMALL,
        color=MUTED,
        ha="right",
        va="baseline",
    )
