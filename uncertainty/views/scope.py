"""Scope: on how many draws the numbers of a chart rest, and what they leave out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCOPE = (
    "All numbers are given this model and these priors: they show the uncertainty of the "
    "parameters. Shocks, policy to come and faults of the model itself are left out."
)


def draws_text(attrs: Mapping[Any, Any]) -> str:
    """Say how many draws a group of the result rests on."""
    draws = f"{int(attrs['draws']):,} draws" if "draws" in attrs else "number of draws not stored"
    return f"{draws} in {attrs['replicates']} replicates" if "replicates" in attrs else draws
