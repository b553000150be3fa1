"""One panel of a fan: bands, rule, zero line, dots and the labels at its end."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from uncertainty.views.drawing.axes import width_of
from uncertainty.views.drawing.ends import LEADER, EndLabel, draw_end_labels
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.page import pitch
from uncertainty.views.drawing.place import text_width
from uncertainty.views.drawing.select import words
from uncertainty.views.drawing.style import DPI, INK, MUTED, ground
from uncertainty.views.drawing.ticks import set_whole_ticks
from uncertainty.views.fan.bands import draw_bands, draw_counterfactual
from uncertainty.views.fan.points import Room, draw_points
from uncertainty.views.fan.sources import looks
from uncertainty.views.fan.table import FanTable
from uncertainty.views.panels.frame import LIFT, SMALL, Frame, draw_above, draw_panel_title

MORE_OR_LESS = ("above zero: more demand", "below zero: less demand")
SIGN_WORDS = {"net_effect": MORE_OR_LESS, "levers_effect": MORE_OR_LESS}


@dataclass(frozen=True)
class Panel:
    """One coordinate of the facet (None without one), its title in lines, and its end labels."""

    coordinate: object
    title: tuple[str, ...]
    labels: tuple[EndLabel, ...]
    first: bool


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
    _year_ticks(axes, along)
    _zero_line(axes, fan.outcome, fan.first)
    _rule(axes, fan, words_too=panel.first)
    draw_panel_title(axes, panel.title, 72 * pitch(SMALL) + LIFT + 2.0)
    if panel.first:
        _unit_text(axes, frame)
    draw_points(_room(axes, frame.scale, fan.base), rows, looks(fan.table))
    if panel.labels:
        last = float(rows.loc[rows["mark"].isin(["band", "line"]), along].max())
        draw_end_labels(axes, last, panel.labels, frame.height)
        _end_head(axes, along, last)


def _blank_word(axes: Axes) -> None:
    axes.text(0.5, 0.5, "no finite value", transform=axes.transAxes, fontsize=SMALL, color=MUTED,
              ha="center")  # fmt: skip


def _end_head(axes: Axes, along: str, last: float) -> None:
    """Say above the end labels which place their numbers belong to."""
    draw_above(axes, f"{'in' if along == 'year' else 'at'} {last:g}", 1, (72 * LEADER, LIFT))


def _room(axes: Axes, scale: Scale, base: float | None) -> Room:
    room = Room(axes, scale)
    for text in axes.texts:
        box = text.get_window_extent()
        room.taken.append(type(box).from_extents(*(edge * 72 / DPI for edge in box.extents)))
    if base is not None:
        room.block(base, *axes.get_ylim(), 0.6)
    return room


def _year_ticks(axes: Axes, along: str) -> None:
    set_whole_ticks(axes, axes.get_xlim(), max(2, int(width_of(axes) / 0.55)))
    if along != "year":
        axes.set_xlabel(words(along), fontsize=SMALL, color=MUTED, labelpad=1)


def _zero_line(axes: Axes, outcome: str, left: float) -> None:
    """Draw zero where values lie on both sides of it; some outcomes name the sides."""
    low, high = axes.get_ylim()
    if low == 0:
        return
    axes.axhline(0, color=INK, linewidth=0.9, zorder=2)
    for sign, word in zip((1, -1), SIGN_WORDS.get(outcome, ()), strict=False):
        if (high if sign > 0 else -low) > 0.08 * (high - low):
            _side_word(axes, word, left, sign)


def _side_word(axes: Axes, word: str, left: float, sign: int) -> None:
    """Name the upper (1) or the lower (-1) side of zero, in its corner."""
    axes.annotate(word, (left, 1 if sign > 0 else 0), xycoords=("data", "axes fraction"),
                  xytext=(6, -5 * sign), textcoords="offset points", fontsize=SMALL, color=MUTED,
                  va="top" if sign > 0 else "bottom", zorder=6,
                  bbox=ground(0.7, 0.6))  # fmt: skip


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
    width = width_of(axes)
    left = axes.transLimits.transform((x, 0.0))[0] * width
    return bool(left + text_width(text, SMALL) < width + 0.5)


def _unit_text(axes: Axes, frame: Frame) -> None:
    suffix = frame.scale.suffix
    if suffix and text_width(suffix, SMALL) <= frame.left:
        draw_above(axes, suffix, 0, (-5, LIFT), ha="right")
