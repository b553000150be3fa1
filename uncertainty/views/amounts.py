"""Amounts: one value as words, never as zero unless it is zero."""

from __future__ import annotations

from uncertainty.views.style import Scale


def amount(scale: Scale, value: float, *, signed: bool = False) -> str:
    """Write a value without its unit; one too small for the scale's decimals by its bound.

    Examples
    --------
    >>> from uncertainty.views.style import Scale
    >>> scale = Scale("TWh", most=2)
    >>> [amount(scale, value, signed=True) for value in (352.4, -17.1, 0.0004, -0.0004, 0)]
    ['+352', '−17.1', '<0.01', '>−0.01', '0']
    """
    text = scale.text(value)
    if value and not any(digit in text for digit in "123456789"):
        bound = f"{10.0**-scale.most:.{scale.most}f}"
        return f"<{bound}" if value > 0 else f">−{bound}"
    return f"+{text}" if signed and value > 0 else text


def with_unit(scale: Scale, text: str) -> str:
    """Put the power of ten and the unit of a scale behind a written value."""
    gap = "" if scale.suffix.startswith("×") else " "
    return f"{text}{gap}{scale.suffix}".rstrip()
