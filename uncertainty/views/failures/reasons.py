"""The commonest reasons for which runs failed, with their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from re import sub

from uncertainty.views.drawing.page import MARGIN, WIDTH, Page, pitch, write
from uncertainty.views.drawing.place import widest, wrap
from uncertainty.views.drawing.style import INK, MUTED
from uncertainty.views.drawing.words import counted
from uncertainty.views.rows.frame import HEADING, NAME

MOST, LINES = 4, 2  # reasons that are told, and lines that each may take
NUMBER = r"(?<![\w.])[-+−]?\d[\d.,_]*(?:[eE][-+]?\d+)?"
APART = 0.12  # inches between a count and its reason


@dataclass(frozen=True)
class Reasons:
    """Lines of reasons, each with its count; without one a line goes on the one above.

    Attributes
    ----------
    lines : tuple of (count, text)
    margin : float
        Width of the counts, in inches.
    """

    lines: tuple[tuple[str, str], ...]
    margin: float

    @classmethod
    def of(cls, reasons: Sequence[str]) -> Reasons:
        """Count reasons; where there are many, those alike but for their numbers are one."""
        counts = counted_reasons(reasons)
        margin = widest((f"{count:,}" for _, count in counts), NAME, "bold")
        lines: list[tuple[str, str]] = []
        for text, count in counts[:MOST]:
            first, *more = _short(text, WIDTH - 2 * MARGIN - margin - APART)
            lines += [(f"{count:,}", first), *(("", line) for line in more)]
        return cls((*lines, *_rest(counts[MOST:])), margin)

    @property
    def height(self) -> float:
        """Height of all lines under their heading, in inches."""
        return pitch(HEADING) + 0.05 + len(self.lines) * pitch(NAME)


def counted_reasons(reasons: Sequence[str]) -> list[tuple[str, int]]:
    """Return reasons with their counts, the commonest first."""
    counts = Counter(reason or "no reason given" for reason in reasons)
    if len(counts) <= MOST:
        return counts.most_common()
    alike: dict[str, Counter[str]] = {}
    for text, count in counts.items():
        alike.setdefault(sub(NUMBER, "…", text), Counter())[text] = count
    merged = Counter({
        next(iter(group)) if len(group) == 1 else pattern: group.total()
        for pattern, group in alike.items()
    })  # fmt: skip
    return merged.most_common()


def _short(text: str, width: float) -> tuple[str, ...]:
    """Break a reason into lines; what does not fit is cut, with a mark."""
    lines = wrap(text, width, NAME)
    if len(lines) <= LINES:
        return lines
    return (*lines[: LINES - 1], f"{lines[LINES - 1][:-2].rstrip()} …")


def _rest(counts: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    if not counts:
        return []
    runs = sum(count for _, count in counts)
    return [(f"{runs:,}", f"for {counted(len(counts), 'other reason')}")]


def draw_reasons(page: Page, reasons: Reasons) -> None:
    """Write the reasons at the bottom of the page's room."""
    y = page.bottom + reasons.height - 0.75 * pitch(HEADING)
    write(page.figure, MARGIN, y, "Why runs failed", HEADING, INK, "bold")
    y -= 0.05 + pitch(NAME)
    for count, text in reasons.lines:
        width = widest([count], NAME, "bold") if count else 0.0
        if count:
            write(page.figure, MARGIN + reasons.margin - width, y, count, NAME, INK, "bold")
        write(page.figure, MARGIN + reasons.margin + APART, y, text, NAME, MUTED)
        y -= pitch(NAME)
