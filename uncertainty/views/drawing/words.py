"""Words: counts and lists as people write them, and what all charts call by one name."""

from __future__ import annotations

from collections.abc import Sequence

NO_BREAK = "\u00a0"
REST = "the rest"  # the sum of those that have no row or area of their own


def sentence(text: str) -> str:
    """Return the text with a capital at its start."""
    return text[:1].upper() + text[1:]


def counted(count: int, word: str, verb: tuple[str, str] | None = None) -> str:
    """Write a count with its noun and verb, such as "1 share is" or "2 shares are".

    Parameters
    ----------
    count : int
    word : str
        The noun in the singular; it takes an s.
    verb : (singular, plural), optional
    """
    end = "" if verb is None else f" {verb[count != 1]}"
    return f"{count:,} {word}{'' if count == 1 else 's'}{end}"


def few(texts: Sequence[str], most: int = 6, last: str = "; and") -> str:
    """Join texts by semicolons; all beyond `most` are counted behind the word `last`."""
    more = len(texts) - most
    return "; ".join(texts[:most]) + (f"{last} {more} more" if more > 0 else "")
