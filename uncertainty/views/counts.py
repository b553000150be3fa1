"""Counts in words: a number with its noun and its verb."""

from __future__ import annotations


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
