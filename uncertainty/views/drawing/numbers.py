"""Numbers that read well: three digits, a shared power of ten, a unit, a sign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor, log10

import numpy as np

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MISSING = "none"  # what stands for a number that is not finite


def number(value: float, *, digits: int = 3, most: int = 12) -> str:
    """Write a number with `digits` significant digits, thousands separated.

    Whole digits are never rounded away; at most `most` decimals are written.
    """
    if value == 0 or not np.isfinite(value):
        return "0" if value == 0 else str(value).replace("-", "−").replace("inf", "∞")
    size = floor(log10(abs(float(f"{value:.{digits - 1}e}"))))
    decimals = min(max(0, digits - 1 - size), max(0, most))
    return f"{value:,.{decimals}f}".replace("-", "−")


@dataclass(frozen=True)
class Scale:
    """How the numbers of one chart are written: a shared power of ten and the unit.

    Attributes
    ----------
    unit : str
        Unit of the values; "1" means that they have none, "" that none is stated.
    exponent : int
        Values are shown divided by 10 to this power; 0 for sizes that people read easily.
    calendar : bool
        The values are calendar years: no separators, and no zero on the axis.
    most : int
        Most decimals that make sense beside the largest value.
    """

    unit: str
    exponent: int = 0
    calendar: bool = False
    most: int = 4

    @classmethod
    def of(cls, values: Iterable[float], unit: str) -> Scale:
        """Choose the scale for values (any number of them) in one unit."""
        sizes = np.abs(np.fromiter(values, dtype=float))
        sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
        if not sizes.size:
            return cls(unit)
        if unit == "year" and sizes.min() > 1500:
            return cls(unit, calendar=True, most=0)
        size = floor(log10(sizes.max()))
        exponent = 0 if -3 <= size < 6 else 3 * (size // 3)
        return cls(unit, exponent, most=max(0, 4 - (size - exponent)))

    @property
    def suffix(self) -> str:
        """Unit with its power of ten, such as "10⁹ TWh"; empty for a plain ratio."""
        power = f"10{self.exponent}" if self.exponent else ""
        power = power[:2] + power[2:].translate(SUPERSCRIPTS)
        word = "" if self.unit in {"1", ""} or self.calendar else self.unit
        return " ".join(part for part in (power and f"×{power}", word) if part)

    def text(self, value: float) -> str:
        """Write one value, without the unit."""
        if self.calendar:
            return f"{value:.1f}".removesuffix(".0") if np.isfinite(value) else number(value)
        return number(value / 10.0**self.exponent, most=self.most)

    def full(self, value: float) -> str:
        """Write one value with its unit."""
        return self.with_unit(self.text(value))

    def with_unit(self, text: str) -> str:
        """Put the power of ten and the unit behind a written value."""
        gap = "" if self.suffix.startswith("×") else " "
        return f"{text}{gap}{self.suffix}".rstrip()

    def tick(self, value: float, step: float) -> str:
        """Write the value of a tick with as many decimals as the step between ticks needs."""
        if self.calendar:
            return f"{value:.0f}"
        size = 10.0**self.exponent
        return tick_text(value / size, step / size)


def tick_text(value: float, step: float) -> str:
    """Write the value of a tick with as many decimals as the step needs."""
    decimals = next((d for d in range(12) if abs(step - round(step, d)) < 1e-9 * step), 12)
    return f"{value + 0.0:,.{decimals}f}".replace("-", "−")


def amount(scale: Scale, value: float, *, signed: bool = False) -> str:
    """Write a value without its unit; one too small for the scale's decimals by its bound.

    Examples
    --------
    >>> scale = Scale("TWh", most=2)
    >>> [amount(scale, value, signed=True) for value in (352.4, -17.1, 0.0004, -0.0004, 0)]
    ['+352', '−17.1', '<0.01', '>−0.01', '0']
    """
    text = scale.text(value)
    if value and not any(digit in text for digit in "123456789"):
        bound = f"{10.0**-scale.most:.{scale.most}f}"
        return f"<{bound}" if value > 0 else f">−{bound}"
    return f"+{text}" if signed and value > 0 else text


def signed(value: float, scale: Scale) -> str:
    """Write a difference with its sign, without the unit; one that rounds to zero as zero."""
    text = scale.text(value)
    if not np.isfinite(value):
        return MISSING
    if not text.strip("−0."):
        return "0"
    return text if value < 0 else f"+{text}"
