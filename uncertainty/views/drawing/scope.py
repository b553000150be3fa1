"""Scope: on how many runs the numbers of a chart rest, how far off they are, what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCOPE = (
    "All numbers are given this model and these priors: they show the uncertainty of the "
    "parameters. Shocks, policy to come and faults of the model itself are left out."
)
NORMAL_95 = 1.96  # standard errors from the middle to either end of a 95% interval


def draws_text(attrs: Mapping[Any, Any]) -> str:
    """Say how many draws a group of the result rests on."""
    draws = f"{int(attrs['draws']):,} draws" if "draws" in attrs else "number of draws not stored"
    return f"{draws} in {attrs['replicates']} replicates" if "replicates" in attrs else draws


def runs_text(attrs: Mapping[Any, Any]) -> str:
    """Say of how many model runs shares of the variance are; "" where it is not stored."""
    return f"; {int(attrs['model_runs']):,} model runs" if "model_runs" in attrs else ""


def whiskers_text(attrs: Mapping[Any, Any]) -> str:
    """Say what the whiskers of such shares are, as far as it is stored."""
    prob = f"{100 * float(attrs['interval_prob']):g}% " if "interval_prob" in attrs else ""
    kind = f", {attrs['interval_kind']}" if "interval_kind" in attrs else ""
    return f"; whiskers: {prob}interval{kind}"
