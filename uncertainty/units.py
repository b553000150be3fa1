"""Units: one factor at the door, plain numbers inside."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from uncertainty.errors import UnitError

if TYPE_CHECKING:
    import pint

#: What pint lacks: computing power, currencies and tokens (a currency has no fixed rate here).
DEFINITIONS = (
    "flop = [computation]",
    "FLOPS = flop / second",
    "token = [token]",
    "CNY = [currency_cny]",
    "USD = [currency_usd]",
)
DIMENSIONLESS = frozenset({"", "1"})


@cache
def registry() -> pint.UnitRegistry:
    """The package's unit registry, made on first use (pint takes about a second to import)."""
    import pint

    units = pint.UnitRegistry()
    for line in DEFINITIONS:
        units.define(line)
    return units


def check_unit(unit: str) -> str:
    """Return `unit` when it is known, else raise `UnitError` that names it."""
    if unit in DIMENSIONLESS:
        return unit
    return _known(unit)


@lru_cache(maxsize=1024)
def _known(unit: str) -> str:
    try:
        registry().parse_units(unit)
    except Exception as error:
        msg = f"unknown unit {unit!r} ({error}); write units such as 'TWh', 'GW', '1/year', '%'"
        raise UnitError(msg) from None
    return unit


def factor(unit: str, into: str) -> float:
    """The number by which a value in `unit` is multiplied to be in `into`.

    Raises
    ------
    UnitError
        If either unit is unknown, the two measure different things, or the scale has an
        offset (degC), which a factor cannot express.
    """
    if unit == into or {unit, into} <= DIMENSIONLESS:
        return 1.0
    return _factor(check_unit(unit), check_unit(into))


@lru_cache(maxsize=1024)
def _factor(unit: str, into: str) -> float:
    import pint

    one = registry().Quantity
    try:
        at_zero, at_one = (float(one(x, unit or "1").m_as(into or "1")) for x in (0.0, 1.0))
    except pint.DimensionalityError:
        msg = f"{unit!r} cannot become {into!r}"
        raise UnitError(msg) from None
    if at_zero != 0.0:
        msg = f"{unit!r} to {into!r} shifts the zero point; give the number in {into!r}"
        raise UnitError(msg)
    return at_one
