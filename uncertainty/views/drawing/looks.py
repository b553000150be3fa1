"""Looks: of a marker, of an area or a bar."""

from __future__ import annotations

from dataclasses import dataclass

from uncertainty.views.drawing.style import MUTED

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "h")


@dataclass(frozen=True)
class Look:
    """Marker and colour of one source or reading."""

    marker: str
    colour: str
    filled: bool


@dataclass(frozen=True)
class Fill:
    """The look of an area or a bar.

    Attributes
    ----------
    face : str
        Colour of the ground.
    ink : str
        Colour of hatching and outline, and of a name beside the area.
    hatch : str
        Pattern, "" for a solid one.
    """

    face: str
    ink: str
    hatch: str = ""

    @classmethod
    def plain(cls, colour: str) -> Fill:
        """One colour all over."""
        return cls(colour, colour)


REST_FILL = Fill("#BDBDBD", MUTED)
