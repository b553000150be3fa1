"""Blocks: of what a page is made, as plain data; the template knows how each is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Link:
    """A text that leads to a place of the page (``#...``), a file beside it, or an address."""

    text: str
    href: str


@dataclass(frozen=True)
class Mark:
    """A text set apart: a quote (`q`), what a machine reads (`code`), a side remark (`small`)."""

    text: str
    tag: str


#: A piece of a sentence.
type Part = str | Link | Mark


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    parts : sequence of Part
    share : float or None
        Between 0 and 1: drawn as a bar beneath the text.
    """

    parts: Sequence[Part]
    share: float | None = None

    @classmethod
    def of(cls, value: Cell | Part) -> Cell:
        """A cell from a text or a link."""
        return value if isinstance(value, Cell) else cls((value,))


@dataclass(frozen=True)
class Row:
    """A row; its first cell is its heading. `detail` stands beneath, over the whole width."""

    cells: Sequence[Cell]
    anchor: str = ""
    detail: Sequence[Sequence[Part]] = ()

    @classmethod
    def of(cls, *cells: Cell | Part) -> Row:
        """A row without an anchor."""
        return cls([Cell.of(cell) for cell in cells])


@dataclass(frozen=True)
class Column:
    """A heading; numbers are set to the right."""

    heading: str
    number: bool = True


@dataclass(frozen=True)
class Table:
    """A table with its caption."""

    kind: ClassVar[str] = "table"

    caption: Sequence[Part]
    columns: Sequence[Column]
    rows: Sequence[Row]
    look: str = ""

    @property
    def name(self) -> str:
        """The caption as text, for those who hear the page."""
        return "".join(part if isinstance(part, str) else part.text for part in self.caption)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `small` ones are notes."""

    kind: ClassVar[str] = "paragraph"

    parts: Sequence[Part]
    small: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    kind: ClassVar[str] = "heading"

    text: str


@dataclass(frozen=True)
class Item:
    """An item of a list, with items of its own."""

    parts: Sequence[Part]
    items: Sequence[Item] = ()


@dataclass(frozen=True)
class Items:
    """A list."""

    kind: ClassVar[str] = "items"

    items: Sequence[Item]


@dataclass(frozen=True)
class Terms:
    """Terms with what is to be said of each."""

    kind: ClassVar[str] = "terms"

    rows: Sequence[tuple[str, Sequence[Part]]]


@dataclass(frozen=True)
class Figure:
    """A chart within the page.

    Attributes
    ----------
    svg : str
        Markup that was made safe, see `svg.inline`.
    file : str
        Where the same chart lies as a file.
    table : tuple of blocks
        What the chart draws.
    """

    kind: ClassVar[str] = "figure"

    anchor: str
    svg: str
    file: str
    table: Sequence[Block] = ()


@dataclass(frozen=True)
class Folded:
    """Blocks that are opened on request."""

    kind: ClassVar[str] = "folded"

    summary: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Entry:
    """A numbered entry, such as a source."""

    anchor: str
    mark: str
    lines: Sequence[Paragraph]


@dataclass(frozen=True)
class Entries:
    """Numbered entries."""

    kind: ClassVar[str] = "entries"

    entries: Sequence[Entry]


@dataclass(frozen=True)
class Group:
    """Blocks that a link leads to together."""

    kind: ClassVar[str] = "group"

    anchor: str
    blocks: Sequence[Block]


type Block = Table | Paragraph | Heading | Items | Terms | Figure | Folded | Entries | Group


@dataclass(frozen=True)
class Section:
    """A part of the page under one heading."""

    anchor: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """The whole page; a `warning` stands in a box at its top."""

    title: str
    question: str
    about: Sequence[Paragraph]
    sections: Sequence[Section]
    warning: Sequence[Paragraph] = ()
