"""Bounds: which values of a parameter make sense, in the notation of intervals."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from uncertainty.errors import ModelError

NOTATION = re.compile(r"\s*([\[(])\s*([^,]+?)\s*,\s*([^,]+?)\s*([\])])\s*")


@dataclass(frozen=True)
class Bounds:
    """An interval whose ends belong to it or not.

    Attributes
    ----------
    low, high : float
        The ends; infinite where there is none.
    open_low, open_high : bool
        The end itself makes no sense, for example because the model divides by the parameter.

    Examples
    --------
    >>> Bounds.of("(0, 1]")
    Bounds(low=0.0, high=1.0, open_low=True, open_high=False)
    >>> str(Bounds.of("[1, inf)"))
    '[1, inf)'
    """

    low: float
    high: float
    open_low: bool
    open_high: bool

    @classmethod
    def of(cls, text: str) -> Bounds:
        """Read interval notation.

        Raises
        ------
        ModelError
            For anything but ``[a, b]`` with round or square brackets and a below b.
        """
        found = NOTATION.fullmatch(text) if isinstance(text, str) else None
        try:
            if found is None:
                raise ValueError
            low, high = float(found[2]), float(found[3])
            if not low < high:
                raise ValueError
        except ValueError:
            msg = f"bounds are written like '[0, 1]', '(0, inf)' or '[1, inf)', got {text!r}"
            raise ModelError(msg) from None
        return cls(low, high, found[1] == "(", found[4] == ")")

    def scaled(self, factor: float) -> Bounds:
        """The same bounds in a unit of which `factor` leads to the present one."""
        return replace(self, low=self.low / factor, high=self.high / factor)

    def holds(self, value: float) -> bool:
        """Whether a value makes sense."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below

    def __str__(self) -> str:
        left, right = "(" if self.open_low else "[", ")" if self.open_high else "]"
        return f"{left}{self.low:g}, {self.high:g}{right}"
