"""Where text goes: wrapped to a width, spread along an edge, moved off what is already there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from re import findall
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from uncertainty.views.drawing.style import DPI, families

LINE = 1.42  # line pitch as a multiple of the size of the text
# A break is allowed between East Asian characters and at spaces, not before closing
# punctuation, and not at a no-break space.
EAST_ASIAN = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
TOKENS = rf"[ \t\n]+|[{EAST_ASIAN}][，。、；：）》」]*|[^ \t\n{EAST_ASIAN}]+"
DIRECTIONS = (
    (1, 0.9),
    (1, -0.9),
    (-1, 0.9),
    (-1, -0.9),
    (0, 1.2),
    (0, -1.2),
    (1.2, 0),
    (-1.2, 0),
)
REACHES = (7.0, 10.0, 14.0, 19.0, 25.0, 32.0)


@cache
def _renderer() -> Any:
    canvas: Any = FigureCanvasAgg(Figure(figsize=(1, 1), dpi=DPI))
    return canvas.get_renderer()


@cache
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of one line of text, in inches, for a size in points."""
    properties = FontProperties(family=list(families()), size=size, weight=weight)
    width, _, _ = _renderer().get_text_width_height_descent(text, properties, ismath=False)
    return float(width) / DPI


def widest(texts: Iterable[str], size: float, weight: str = "normal") -> float:
    """Return the width of the widest text, in inches; 0 without any."""
    return max((text_width(text, size, weight) for text in texts), default=0.0)


def wrap(text: str, width: float, size: float, weight: str = "normal") -> tuple[str, ...]:
    """Break text into lines no wider than `width` inches; a longer word is cut."""
    lines = [""]
    for token in _cut(findall(TOKENS, text.strip()), width, size, weight):
        if lines[-1] and text_width((lines[-1] + token).rstrip(), size, weight) > width:
            lines.append("")
        lines[-1] += token if lines[-1] else token.lstrip()
    return tuple(line.rstrip() for line in lines)


def _cut(tokens: Iterable[str], width: float, size: float, weight: str) -> Iterable[str]:
    for token in tokens:
        if text_width(token, size, weight) <= width:
            yield token
        else:
            yield from token


def spread(targets: ArrayLike, heights: ArrayLike, low: float, high: float) -> NDArray[np.float64]:
    """Move centres apart until intervals of the given heights no longer overlap.

    The order is kept and the sum of squared moves is least (isotonic regression by pooling
    adjacent violators); where the room allows it, all stay between `low` and `high`, else they
    are stacked down from `high`.

    Parameters
    ----------
    targets, heights : (label,)
        Wished centres and full heights, in one unit.
    low, high : float
        Ends of the room.

    Returns
    -------
    (label,) centres
    """
    wished, tall = np.asarray(targets, dtype=float), np.asarray(heights, dtype=float)
    order = np.argsort(wished, kind="stable")
    below = np.cumsum(tall[order]) - tall[order] / 2
    free = _isotonic(wished[order] - below)
    centres = np.empty_like(wished)
    centres[order] = np.minimum(np.maximum(free, low), high - tall.sum()) + below
    return centres


def _isotonic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    pools: list[tuple[float, int]] = []
    for value in values:
        pools.append((float(value), 1))
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            (mean, count), (other, more) = pools.pop(), pools.pop()
            pools.append(((mean * count + other * more) / (count + more), count + more))
    return np.repeat([mean for mean, _ in pools], [count for _, count in pools]).astype(float)


def free_spot(
    point: tuple[float, float],
    size: tuple[float, float],
    taken: Sequence[Bbox],
    room: Bbox,
) -> Bbox:
    """Return a box for a label near a point, clear of `taken` and inside `room` if that can be.

    All lengths are in points (1/72 inch). When every spot is taken, the one with the least
    overlap is returned.
    """
    spots = [_spot(point, size, direction, reach) for reach in REACHES for direction in DIRECTIONS]
    return min(spots, key=lambda spot: _overlap(spot, taken) + _outside(spot, room))


def _spot(
    point: tuple[float, float],
    size: tuple[float, float],
    way: tuple[float, float],
    reach: float,
) -> Bbox:
    across, up = np.sign(way[0]), np.sign(way[1])
    centre_x = point[0] + way[0] * reach * 0.75 + across * size[0] / 2
    centre_y = point[1] + way[1] * reach * 0.75 + up * size[1] / 2 * (1 if across == 0 else 0.4)
    return Bbox.from_bounds(centre_x - size[0] / 2, centre_y - size[1] / 2, *size)


def _overlap(spot: Bbox, taken: Sequence[Bbox]) -> float:
    shared = (Bbox.intersection(spot, other) for other in taken)
    return sum(box.width * box.height + 1e-3 for box in shared if box is not None)


def _outside(spot: Bbox, room: Bbox) -> float:
    inside = Bbox.intersection(spot, room)
    lost = spot.width * spot.height - (inside.width * inside.height if inside else 0.0)
    return 4 * lost if lost > 1e-6 else 0.0
