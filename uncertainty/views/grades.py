"""How grades look: one fixed fill each, from measured (dark, solid) to assumed (pale, hatched)."""

from __future__ import annotations

from dataclasses import dataclass

from uncertainty.views.style import BLUE, MUTED, ORANGE, PAPER, darkened, mark_tone, tinted

NO_SOURCE, REST = "no source", "the rest"
JUDGED = ("expert judgement", "assumption")


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


_JUDGED_INK = darkened(ORANGE, 4.5)
GRADE_FILLS = {
    "measurement": Fill(darkened(BLUE, 9.5), darkened(BLUE, 9.5)),
    "model": Fill(tinted(BLUE, 0.38), mark_tone(BLUE)),
    "expert judgement": Fill(tinted(ORANGE, 0.45), _JUDGED_INK, "\\\\\\"),
    "assumption": Fill(tinted(ORANGE, 0.82), _JUDGED_INK, "////"),
    NO_SOURCE: Fill(PAPER, MUTED, "xx"),
}
REST_FILL = Fill("#BDBDBD", MUTED)
