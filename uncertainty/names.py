"""Names: the nearest known one, and lists that fit in a message."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def listed(names: Iterable[object], most: int = 12) -> str:
    """Names as text, cut after `most` with a count of the rest."""
    texts = [str(name) for name in names]
    rest = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + rest if texts else "none"


def suggestion(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the nearest known name, else the empty string."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


#: Names of dims and variables in a result; an outcome or parameter of that name would be lost.
RESERVED = frozenset(
    {
        "bound", "chain", "draw", "failed", "moment", "parameter", "parameter2", "quantile",
        "reason", "row", "sample", "tried", "xp",
    }
)  # fmt: skip


def name_fault(name: object) -> str | None:
    """What is wrong with the name of an outcome or parameter, None if nothing is."""
    if not isinstance(name, str):
        return f"a name is a text, got {name!r}"
    if not name.strip(".") or "/" in name or not name.isprintable():
        return f"a name is a printable text without '/', got {name!r}"
    if name in RESERVED:
        return f"the name {name!r} is reserved for dims of the result"
    return None
