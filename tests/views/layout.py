"""What a figure holds and where: words, marks by their name, texts that touch or are cut."""

from __future__ import annotations

from itertools import combinations

from uncertainty.views.drawing.style import contrast, styled

SLACK = 1.0  # pixels by which boxes of text may overlap: their padding, not their ink


def texts(figure):
    """Return all texts that are shown, ticks and axis labels among them."""
    with styled():
        figure.draw_without_rendering()
    every = list(figure.texts)
    for axes in figure.axes:
        every += [*axes.texts, axes.xaxis.label, axes.yaxis.label]
        every += [label for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels()]
    return [text for text in every if text.get_text() and text.get_visible()]


def words(figure):
    """Return everything that is written, from the top of the page, lines joined by blanks."""
    page = sorted(figure.texts, key=lambda text: (-text.get_position()[1], text.get_position()[0]))
    others = [text for text in texts(figure) if text not in page]
    return " ".join(text.get_text() for text in [*page, *others]).replace("\n", " ")


def title(figure):
    """Return the title, with no-break spaces as blanks."""
    lines = [text.get_text() for text in figure.texts if text.get_label() == "title"]
    return " ".join(lines).replace("\u00a0", " ")


def marks(figure, gid, axes=None):
    """Return the lines of one name, of all axes or of one."""
    chosen = figure.axes if axes is None else [figure.axes[axes]]
    return [line for one in chosen for line in one.lines if line.get_gid() == gid]


def boxes(figure):
    """Return each text with its box in pixels."""
    found = texts(figure)
    with styled():
        return [(text.get_text(), text.get_window_extent()) for text in found]


def touching(figure):
    """Return the pairs of texts whose boxes overlap."""
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes(figure), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > SLACK and min(a.y1, b.y1) - max(a.y0, b.y0) > SLACK
    ]


def cut(figure):
    """Return the texts that reach beyond the page."""
    width, height = figure.get_size_inches() * figure.dpi
    return [
        text
        for text, box in boxes(figure)
        if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height
    ]


def misplaced(figure):
    """Return words that overlap others, and words that the page cuts."""
    overlapping = [
        (one, other)
        for (one, a), (other, b) in combinations(boxes(figure), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 2.5
    ]
    return cut(figure) + overlapping


def faint(figure):
    """Return the texts that are too pale for white paper (WCAG 2.1, 1.4.3)."""
    found = [text for text in texts(figure) if text.get_gid() != "inside-label"]
    return [text.get_text() for text in found if contrast(text.get_color()) < 4.5]


def in_order(figure):
    """Tell whether nothing touches, nothing is cut and all can be read."""
    return {"touching": touching(figure), "cut": cut(figure), "faint": faint(figure)}


FINE = {"touching": [], "cut": [], "faint": []}
