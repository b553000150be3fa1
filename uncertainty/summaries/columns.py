"""Columns: names and order of the table that other programs import."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

#: Columns before the coordinates, figures, and columns behind the quantiles.
HEAD = ("study", "run", "group", "variable")
FIGURES = ("mean", "sd", "mcse_mean")
TAIL = ("interval_kind", "interval_prob", "ess_bulk", "r_hat")

#: Columns that hold text whatever it looks like ("1" is a unit).
TEXTS = (*HEAD, "unit", "interval_kind")

#: What the group of a row can be.
GROUPS = ("prior", "prior_predictive", "posterior", "posterior_predictive")

#: Name of a quantile's column: percent, two digits before any point (q05, q50, q97.5, q0.5).
QUANTILE = r"^q(\d\d|\d{1,2}\.\d+)$"

#: Figures of foreign tables that are kept beside ours: ends of an interval that are no quantiles.
ENDS = ("lower", "upper")


def label(quantile: float) -> str:
    """Column of a quantile: q05, q50, q97.5."""
    percent = f"{100 * quantile:.6g}"
    return f"q{percent.zfill(2) if '.' not in percent else percent}"


def level(column: object) -> float | None:
    """The probability of a quantile's column, None for any other column.

    Examples
    --------
    >>> level("q97.5"), level("q1")
    (0.975, None)
    """
    found = re.match(QUANTILE, str(column))
    return round(float(found[1]) / 100, 12) if found else None


def quantile_columns(columns: Iterable[object]) -> list[str]:
    """The quantiles among columns, rising."""
    found = {str(column): level(column) for column in columns}
    return sorted((c for c, p in found.items() if p is not None), key=lambda c: found[c] or 0.0)


def coordinate_columns(columns: Iterable[object]) -> list[str]:
    """Columns that are none of ours, in their order: the coordinates."""
    ours = {*HEAD, "unit", *FIGURES, *TAIL, *ENDS}
    return [str(c) for c in columns if str(c) not in ours and level(c) is None]


def coordinate_name(dim: object) -> str:
    """Column of a dim; one that is named as a column of ours gets an underscore behind it."""
    ours = {*HEAD, "unit", *FIGURES, *TAIL, *ENDS}
    return f"{dim}_" if dim in ours or level(dim) is not None else str(dim)


def arranged(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns in the order of the table; those of ours that are missing come empty."""
    empty = [c for c in (*HEAD, "unit", *FIGURES, *TAIL) if c not in frame]
    frame = frame.assign(**{c: "" if c in TEXTS else float("nan") for c in empty})
    coordinates = coordinate_columns(frame)
    ends = [c for c in ENDS if c in frame]
    order = [*HEAD, *coordinates, "unit", *FIGURES, *quantile_columns(frame), *ends, *TAIL]
    return whole_numbers(frame[order], coordinates)


def whole_numbers(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Coordinates such as years as whole numbers, although some rows are empty."""
    for column in columns:
        if frame[column].dtype.kind == "f" and (frame[column].dropna() % 1 == 0).all():
            frame = frame.assign(**{column: frame[column].astype("Int64")})
    return frame
