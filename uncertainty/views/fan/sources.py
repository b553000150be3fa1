"""The sources of dots: what each looks like, its small label, its line in the key."""

from __future__ import annotations

from collections.abc import Sequence
from re import IGNORECASE, escape, match
from string import ascii_uppercase

import numpy as np
import pandas as pd

from uncertainty.views.drawing.looks import MARKERS, Look
from uncertainty.views.drawing.page import Entry
from uncertainty.views.drawing.style import (
    BLACK,
    BROWN,
    GREEN,
    OLIVE,
    PURPLE,
    SKY,
    TEAL,
    VIOLET,
    WINE,
    mark_tone,
)
from uncertainty.views.drawing.words import NO_BREAK, few
from uncertainty.views.fan.observed import ERROR

PROJECTED_MARKERS = ("D", "o", "s", "^", "v", "p", "h")
PROJECTED_COLOURS = (GREEN, WINE, PURPLE, BROWN, SKY, VIOLET, OLIVE, TEAL)
SHOWN_LABELS = 4
HOLLOW = "hollow: where the fit puts it without its source's bias"


def looks(table: pd.DataFrame) -> dict[tuple[str, str], Look]:
    """Give every source its marker: black and solid when measured, coloured and open otherwise."""
    found: dict[tuple[str, str], Look] = {}
    for place, source in enumerate(_sources(table, "observation")):
        marker = MARKERS[place % len(MARKERS)]
        found["observation", source] = Look(marker, BLACK, filled=True)
    for place, source in enumerate(_sources(table, "projection")):
        marker = PROJECTED_MARKERS[place % len(PROJECTED_MARKERS)]
        colour = mark_tone(PROJECTED_COLOURS[place % len(PROJECTED_COLOURS)])
        found["projection", source] = Look(marker, colour, filled=False)
    return found


def _sources(table: pd.DataFrame, series: str) -> list[str]:
    return list(dict.fromkeys(table.loc[table["series"] == series, "source"]))


def keyed(observations: pd.DataFrame, projections: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the small labels: a number for a measuring source, letters for a named projection."""
    numbers = {name: str(n) for n, name in enumerate(dict.fromkeys(observations["source"]), 1)}
    pairs = list(zip(projections["source"], projections["label"], strict=True))
    by_source = [pair for source in dict.fromkeys(p[0] for p in pairs) for pair in pairs
                 if pair[0] == source]  # fmt: skip
    letters = {pair: _letters(n) for n, pair in enumerate(dict.fromkeys(by_source))}
    return [numbers[name] for name in observations["source"]], [letters[pair] for pair in pairs]


def _letters(place: int) -> str:
    head = "" if place < 26 else ascii_uppercase[place // 26 - 1]
    return head + ascii_uppercase[place % 26]


def entries(table: pd.DataFrame) -> tuple[list[Entry], list[Entry]]:
    """Return the key of the measured and of the projected rows, each under its heading."""
    found = looks(table)
    columns: dict[str, list[Entry]] = {}
    for (series, source), look in found.items():
        rows = table[(table["series"] == series) & (table["source"] == source)]
        text = KEY_TEXT[series](source, rows)
        columns.setdefault(series, [Entry(HEADINGS[series])]).append(
            Entry(text, look.marker, look.colour, look.filled, shapes(rows))
        )
    if "corrected" in table and table["corrected"].notna().any():
        columns["observation"].append(Entry(HOLLOW, MARKERS[0], BLACK, filled=False))
    return columns.get("observation", []), columns.get("projection", [])


HEADINGS = {
    "observation": "Observed or estimated",
    "projection": "Published projections, no probability attached by the author",
}


def shapes(rows: pd.DataFrame) -> tuple[str, ...]:
    """Return how the rows of one source look, each look once; see `drawing.page.Entry`."""
    point = rows["value"].notna()
    ranged = rows[["low", "high"]].notna().all(axis=1)
    whisker = rows["ends"] == ERROR
    looks_of = np.select(
        [point & whisker, point & ranged, ranged], ["whisker", "point on range", "range"], "point"
    )
    return tuple(sorted({str(name) for name in looks_of}))


def _measured_text(source: str, rows: pd.DataFrame) -> str:
    labels = [label for label in dict.fromkeys(rows["label"]) if label and label != source]
    what = "" if _said(labels, source) else f"{few(labels, SHOWN_LABELS, ' and')}: "
    return f"{rows['key'].iloc[0]}  {what}{source or 'source not named'}{_dated(rows)}"


def _projected_text(source: str, rows: pd.DataFrame) -> str:
    pairs = list(dict.fromkeys(zip(rows["key"], rows["label"], strict=True)))
    end = f"{source or 'source not named'}{_dated(rows)}"
    if _said([label for _, label in pairs], source):
        return f"{pairs[0][0]}{NO_BREAK}{end}"
    names = ", ".join(f"{key}{NO_BREAK}{label}".rstrip() for key, label in pairs)
    return f"{names}: {end}"


def _said(labels: Sequence[str], source: str) -> bool:
    """Tell whether the source alone says all that its labels say."""
    return not any(labels) or (
        len(labels) == 1 and match(rf"{escape(labels[0])}(?!\w)", source, IGNORECASE) is not None
    )


KEY_TEXT = {"observation": _measured_text, "projection": _projected_text}


def _dated(rows: pd.DataFrame) -> str:
    dates = sorted({date for date in rows["published"] if date})
    if not dates:
        return ", undated"
    return f", published {dates[0]}" + (f" to {dates[-1]}" if len(dates) > 1 else "")
