"""Anchors: places of a page that links lead to."""

from __future__ import annotations

import string

PLAIN = frozenset(string.ascii_letters + string.digits + "_-.")


def slug(name: str) -> str:
    """A name as part of an anchor; different names give different ones.

    Examples
    --------
    >>> slug("chip_price-2"), slug("电 价")
    ('chip_price-2', '~7535~20~4ef7')
    """
    return "".join(c if c in PLAIN else f"~{ord(c):x}" for c in name)


def anchor(kind: str, name: object) -> str:
    """The place of a thing of a kind, such as ``parameter-chip_price``."""
    return f"{kind}-{slug(str(name))}"


def to(kind: str, name: object) -> str:
    """The link to that place."""
    return f"#{anchor(kind, name)}"
