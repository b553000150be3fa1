"""From annual electricity to power: average, peak and installed IT capacity."""

from __future__ import annotations

from uncertainty.energy.arrays import Array

HOURS = 8.76
"""Thousand hours of a year: TWh over this is the average GW."""


def average_power(electricity: Array) -> Array:
    """Average facility power, GW, of annual electricity in TWh; any shape."""
    return electricity / HOURS


def peak_power(electricity: Array, load_factor: Array) -> Array:
    """Highest facility power, GW.

    Parameters
    ----------
    electricity : (year, sample)        facility electricity, TWh a year
    load_factor : (sample,)             average over peak power, 0 to 1
    """
    return electricity * (1.0 / (HOURS * load_factor))


def it_capacity(it_electricity: Array, load_factor: Array) -> Array:
    """Installed IT capacity, GW, from TWh = GW x 8.76 x load factor x PUE.

    The identity is the one by which the International Energy Agency goes from capacity to
    electricity (IEA, 2025, Energy and AI, annex). Facility electricity over PUE is IT
    electricity, which is why PUE does not appear.

    Parameters
    ----------
    it_electricity : (year, sample)   TWh a year
    load_factor : (sample,)           average over peak power, 0 to 1
    """
    return it_electricity * (1.0 / (HOURS * load_factor))
