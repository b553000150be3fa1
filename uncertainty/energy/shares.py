"""Nested shares: parts of a whole from independent fractions."""

from __future__ import annotations

from collections.abc import Iterable

from uncertainty.energy.arrays import Array


def nested(fractions: Iterable[Array]) -> list[Array]:
    """Shares of a whole, each taken within what those before it leave.

    Parameters
    ----------
    fractions : (sample,) each   one less than there are parts, 0 to 1; none for a single part

    Returns
    -------
    [(sample,)]                  f1, (1 - f1) f2, (1 - f1) (1 - f2) f3, ..., and what is left;
                                 they sum to one

    Examples
    --------
    >>> nested([0.5, 0.5])
    [0.5, 0.25, 0.25]
    >>> nested([])
    [1.0]
    """
    shares: list[Array] = []
    left: Array = 1.0
    for fraction in fractions:
        shares.append(left * fraction)
        left = left * (1.0 - fraction)
    return [*shares, left]
