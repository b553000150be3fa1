"""How grades look: one fixed fill each, from measured (dark, solid) to assumed (pale, hatched)."""

from __future__ import annotations

from uncertainty.labels import NO_SOURCE
from uncertainty.views.drawing.looks import Fill
from uncertainty.views.drawing.style import BLUE, MUTED, ORANGE, PAPER, darkened, mark_tone, tinted

JUDGED = ("expert judgement", "assumption")

_JUDGED_INK = darkened(ORANGE, 4.5)
GRADE_FILLS = {
    "measurement": Fill.plain(darkened(BLUE, 9.5)),
    "model": Fill(tinted(BLUE, 0.38), mark_tone(BLUE)),
    "expert judgement": Fill(tinted(ORANGE, 0.45), _JUDGED_INK, "\\\\\\"),
    "assumption": Fill(tinted(ORANGE, 0.82), _JUDGED_INK, "////"),
    NO_SOURCE: Fill(PAPER, MUTED, "xx"),
}
