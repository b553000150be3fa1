"""The page around a chart: title, line below, room for the axes, key and notes, all in inches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from uncertainty.views.drawing.key_marks import Glyph, glyph_lines
from uncertainty.views.drawing.place import LINE, widest, wrap
from uncertainty.views.drawing.style import DPI, INK, MUTED, PAPER

WIDTH = 8.6
MARGIN = 0.32
TITLE, SUBTITLE, KEY, NOTE = 13.0, 8.8, 8.0, 7.8
MARK_ROOM, MARK_STEP = 0.2, 0.12
COLUMN_GAP = 0.3
# Names of projections are longer than those of measurements.
COLUMN_SHARES = {1: (1.0,), 2: (0.44, 0.56)}


def pitch(size: float) -> float:
    """Return the distance between two lines of text, in inches, for a size in points."""
    return size * LINE / 72


@dataclass(frozen=True)
class Entry:
    """One item of a key; without a marker it is a heading.

    Attributes
    ----------
    shapes : tuple of {"point", "range", "point on range", "whisker"}
        How the marks look in the plot, each drawn once: a dot, a bar with ends, both together, a
        dot on a thin line without ends.
    """

    text: str
    marker: str = ""
    colour: str = INK
    filled: bool = True
    shapes: tuple[str, ...] = ("point",)

    @property
    def weight(self) -> str:
        """Weight of the text."""
        return "normal" if self.marker else "bold"

    @property
    def indent(self) -> float:
        """Room for the marks, in inches."""
        return MARK_ROOM + MARK_STEP * (len(self.shapes) - 1) if self.marker else 0.0


@dataclass(frozen=True)
class Placed:
    """An entry at its place: inches from the left margin and down from the top of the key.

    The text begins `indent` inches further right.
    """

    entry: Entry
    x: float
    down: float
    lines: tuple[str, ...]
    indent: float


@dataclass(frozen=True)
class Key:
    """Entries at their places and the height they take, in inches."""

    items: tuple[Placed, ...] = ()
    height: float = 0.0


def in_columns(columns: Sequence[Sequence[Entry]]) -> Key:
    """Set entries in columns, top aligned; a single column takes the whole width."""
    filled = [column for column in columns if column]
    if not filled:
        return Key()
    room = WIDTH - 2 * MARGIN - COLUMN_GAP * (len(filled) - 1)
    shares = COLUMN_SHARES[len(filled)]
    keys, x = [], 0.0
    for column, share in zip(filled, shares, strict=True):
        keys.append(_column(column, x, room * share))
        x += room * share + COLUMN_GAP
    return Key(
        tuple(item for key in keys for item in key.items),
        max(key.height for key in keys),
    )


def _column(entries: Sequence[Entry], x: float, width: float) -> Key:
    items: list[Placed] = []
    down = 0.0
    deepest = max(entry.indent for entry in entries)
    for entry in entries:
        indent = deepest if entry.marker else 0.0
        lines = wrap(entry.text, width - indent, KEY, entry.weight)
        items.append(Placed(entry, x, down, lines, indent))
        down += len(lines) * pitch(KEY) + 0.02
    return Key(tuple(items), down)


def in_lines(entries: Sequence[Entry]) -> Key:
    """Set entries one after the other, in as many lines as they need."""
    items: list[Placed] = []
    x, down, room = 0.0, 0.0, WIDTH - 2 * MARGIN
    for entry in entries:
        lines = wrap(entry.text, room - entry.indent, KEY, entry.weight)
        width = entry.indent + widest(lines, KEY, entry.weight)
        if x and x + width > room:
            x, down = 0.0, down + pitch(KEY) + 0.02
        items.append(Placed(entry, x, down, lines, entry.indent))
        x += width + 0.22
        down += (len(lines) - 1) * pitch(KEY)
    return Key(tuple(items), down + pitch(KEY) + 0.02) if items else Key()


def stacked(first: Key, second: Key) -> Key:
    """Set one key below another."""
    if not (first.items and second.items):
        return first if first.items else second
    shift = first.height + 0.05
    below = tuple(replace(item, down=item.down + shift) for item in second.items)
    return Key(first.items + below, shift + second.height)


@dataclass(frozen=True)
class Page:
    """A figure with its text set and room left for axes.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    bottom, height : float
        Room for the axes, in inches from the lower edge of the page; its width is the page's.
    """

    figure: Figure
    bottom: float
    height: float

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Add axes in inches, measured from the left edge and from the bottom of the room."""
        page_width, page_height = self.figure.get_size_inches()
        return self.figure.add_axes(
            (
                left / page_width,
                (self.bottom + bottom) / page_height,
                width / page_width,
                height / page_height,
            )
        )


def open_page(
    title: str,
    subtitle: str,
    notes: Sequence[str],
    *,
    room: float,
    spoken: str,
    key: Key | None = None,
) -> Page:
    """Set the text of a page around a room of given height (inches) for the axes.

    Each line of `subtitle` begins anew. `spoken` says the main numbers in words; with the title
    it becomes the label of the figure. The lines of the title carry the label "title".
    """
    key = key or Key()
    width = WIDTH - 2 * MARGIN
    heads = [(line, TITLE, "bold", INK) for line in wrap(title, width, TITLE, "bold")]
    heads += [
        (line, SUBTITLE, "normal", MUTED)
        for part in subtitle.splitlines()
        for line in wrap(part, width, SUBTITLE)
    ]
    feet = [line for note in notes for line in wrap(note, width, NOTE)]
    head = sum(pitch(size) for _, size, _, _ in heads) + 0.1
    foot = len(feet) * pitch(NOTE)
    key_room = key.height + 0.1 if key.items else 0.0
    height = 2 * MARGIN + head + room + 0.1 + key_room + foot
    figure = Figure(figsize=(WIDTH, round(height, 3)), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    _set_heads(figure, heads)
    _set_key(figure, key, MARGIN + foot + key_room)
    _set_feet(figure, feet)
    figure.set_label(f"{title}. {spoken}")
    return Page(figure, MARGIN + foot + key_room + 0.1, room)


def write(
    figure: Figure, x: float, y: float, text: str, size: float, color: str, weight: str = "normal"
) -> Text:
    """Write one line with its baseline at inches from the lower left corner of the page."""
    width, height = figure.get_size_inches()
    return figure.text(
        x / width, y / height, text, fontsize=size, va="baseline", color=color, weight=weight
    )


def _set_heads(figure: Figure, heads: Sequence[tuple[str, float, str, str]]) -> None:
    y = figure.get_size_inches()[1] - MARGIN
    for text, size, weight, colour in heads:
        y -= pitch(size)
        line = write(figure, MARGIN, y + 0.28 * size / 72, text, size, colour, weight)
        line.set_label("title" if size == TITLE else "")


def _set_feet(figure: Figure, feet: Sequence[str]) -> None:
    for place, text in enumerate(reversed(feet)):
        y = MARGIN + place * pitch(NOTE) + 0.3 * NOTE / 72
        write(figure, MARGIN, y, text, NOTE, MUTED)


def _set_key(figure: Figure, key: Key, top: float) -> None:
    for item in key.items:
        entry, x = item.entry, MARGIN + item.x
        y = top - item.down - 0.82 * pitch(KEY)
        _set_marks(figure, entry, x + 0.06, y + 0.36 * KEY / 72)
        for place, text in enumerate(item.lines):
            write(figure, x + item.indent, y - place * pitch(KEY), text, KEY, INK, entry.weight)


def _set_marks(figure: Figure, entry: Entry, x: float, y: float) -> None:
    """Draw the marks of an entry side by side, from inches on the page."""
    width, height = figure.get_size_inches().tolist()
    for place, shape in enumerate(entry.shapes if entry.marker else ()):
        glyph = Glyph(entry.marker, entry.colour, entry.filled, shape)
        for line in glyph_lines(glyph, x + place * MARK_STEP, y, (width, height)):
            figure.add_artist(line)
