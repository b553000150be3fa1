"""How the figures look: colours with enough contrast, fonts that exist."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast
from warnings import catch_warnings, filterwarnings

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.colors import to_hex, to_rgb

# Okabe and Ito (2008), "Color Universal Design": eight colours told apart by colour-blind readers.
# Blue is kept for the bands, black for what was measured, yellow is too pale for white paper.
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
)
VIOLET, BROWN, SLATE = "#5B4B8A", "#7A5C2E", "#3D3D3D"  # for a seventh to ninth group
WINE, OLIVE, TEAL = "#8B1E3F", "#6B7A00", "#1F6F78"  # for the further sources of a crowded fan
COUNTERFACTUAL = VERMILION  # kept for this alone in a fan
BLACK, INK, MUTED, NOISE, GRID, PAPER = (
    "#000000",
    "#1A1A1A",
    "#595959",
    "#8C8C8C",
    "#E6E6E6",
    "#FFFFFF",
)
CATEGORIES = (
    BLUE,
    ORANGE,
    GREEN,
    PURPLE,
    SKY,
    VERMILION,
    VIOLET,
    BROWN,
    SLATE,
)

# A Latin face first, and the one that matplotlib brings along: the same widths on every machine.
# The others only fill in East Asian characters.
FAMILIES = (
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "Noto Sans CJK JP",
)
MISSING_GLYPH = r"Glyph .* missing from font"
TEXT_CONTRAST, MARK_CONTRAST = 4.5, 3.0  # WCAG 2.1, criteria 1.4.3 and 1.4.11
DPI = 100


@cache
def families() -> tuple[str, ...]:
    """Return the wanted font families that this machine has, best first."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return tuple(name for name in FAMILIES if name in installed) or ("DejaVu Sans",)


def settings() -> dict[str, Any]:
    """Return the matplotlib settings of every figure, to be used in a context only."""
    return {
        "font.family": list(families()),
        "font.size": 8.5,
        "text.parse_math": False,
        "text.color": INK,
        "axes.unicode_minus": True,
        "axes.edgecolor": MUTED,
        "axes.linewidth": 0.8,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "hatch.linewidth": 0.6,
        "figure.dpi": DPI,
        "savefig.dpi": "figure",
        "svg.fonttype": "none",
        "svg.hashsalt": "uncertainty",
        "path.simplify": False,
    }


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the house style; leave matplotlib's global settings as they were.

    A font that lacks a glyph is reported once, by `render`, and not at every measurement.
    """
    with house_settings(), catch_warnings():
        filterwarnings("ignore", message=MISSING_GLYPH, category=UserWarning)
        yield


@contextmanager
def house_settings() -> Iterator[None]:
    """Use the settings of every figure, for a while.

    Meanwhile matplotlib does not log that a family has no bold face: the plain one serves.
    """
    logger = logging.getLogger("matplotlib.font_manager")
    logger.addFilter(_no_weight)
    try:
        with mpl.rc_context(cast("Any", settings())):
            yield
    finally:
        logger.removeFilter(_no_weight)


def _no_weight(record: logging.LogRecord) -> bool:
    return "font weight" not in record.getMessage()


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white); WCAG 2.1."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(colour: str, ground: str = PAPER) -> float:
    """Return the contrast ratio of two colours, 1 to 21; WCAG 2.1."""
    low, high = sorted((luminance(colour), luminance(ground)))
    return (high + 0.05) / (low + 0.05)


@cache
def darkened(colour: str, ratio: float) -> str:
    """Darken a colour, hue kept, until its contrast with white paper is at least `ratio`."""
    steps = (np.array(to_rgb(colour)) * (1 - step / 100) for step in range(101))
    shades = (to_hex((red, green, blue)) for red, green, blue in steps)
    return next(shade for shade in shades if contrast(shade) >= ratio)


def tinted(colour: str, share: float) -> str:
    """Mix a colour with white: 0 leaves it as it is, 1 is white."""
    red, green, blue = np.array(to_rgb(colour)) * (1 - share) + share
    return to_hex((red, green, blue))


def ink_on(ground: str) -> str:
    """Return black or white, whichever reads better on a ground."""
    return max((BLACK, PAPER), key=lambda ink: contrast(ink, ground))


def text_tone(colour: str) -> str:
    """Return the colour as dark as text needs it."""
    # A little above the limit, because text may stand on a pale band.
    return darkened(colour, TEXT_CONTRAST + 0.6)


def mark_tone(colour: str) -> str:
    """Return the colour as dark as lines and markers need it."""
    return darkened(colour, MARK_CONTRAST)


def category(place: int) -> str:
    """Return the colour of the first (0), second, ... of several things, dark enough for marks."""
    return mark_tone(CATEGORIES[place % len(CATEGORIES)])


def ground(opacity: float, pad: float) -> dict[str, Any]:
    """Return the box of white behind a text (`pad` in points) that lines would run through."""
    return {"facecolor": PAPER, "alpha": opacity, "edgecolor": "none", "pad": pad}
