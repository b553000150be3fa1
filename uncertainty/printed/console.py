"""The console, and how numbers are written on it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

#: Columns of a table that is not printed on a terminal.
PIPED = 120


def console(stderr: bool = False) -> Console:
    """A rich console on standard output or standard error."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPED
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)


def number(value: Any) -> str:
    """A number to three or four figures, without an exponent where that can be."""
    import numpy as np

    values = np.atleast_1d(value)
    return ", ".join(f"{v:,.0f}" if 999.5 <= abs(v) < 1e7 else f"{v:.3g}" for v in values)
