"""Evidence: tables of observations and of published projections, checked row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.errors import EvidenceError, UnitError
from uncertainty.names import listed, suggestion
from uncertainty.units import check_unit, factor

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("level", "growth", "share")
TEXTS = ("source", "label", "published", "url", "quote", "note")
#: Faults of one table that a message lists.
MOST = 20
#: Column: whether every row must fill it.
OBSERVATION = {"outcome": True, "value": True, "unit": True, "source": True}
PROJECTION = {"outcome": True, "value": False, "unit": True, "source": True}


@dataclass(frozen=True)
class Evidence:
    """Observed outcomes with error, boundary and source; one row per observation.

    Attributes
    ----------
    frame : pandas.DataFrame
        Columns outcome, one per coordinate (such as year), value, unit, `error` (absolute,
        1 sd, Normal) or `relative_error` (LogNormal), kind (level, growth or share), source,
        `bias_sd` (multiplicative boundary bias of that source; 0 is a reference), and texts.

    Raises
    ------
    EvidenceError
        With every faulty row by its number.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        frame = checked(self.frame, OBSERVATION, "observations")
        if "kind" not in frame:
            frame["kind"] = "level"
        frame["kind"] = frame["kind"].fillna("level")
        raise_for(wrong_kinds(frame), "observations")
        object.__setattr__(self, "frame", frame)

    @classmethod
    def from_csv(cls, path: str | Path) -> Evidence:
        """Observations from a CSV file (UTF-8, a header line)."""
        return cls(read_table(path))

    def levels(self, units: Mapping[str, str], dims: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
        """The rows that are levels, converted into the unit of each outcome."""
        levels = self.frame[self.frame["kind"] == "level"]
        return converted(levels, units, dims, "observations")


def projections(
    path: str | Path, units: Mapping[str, str], dims: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    """Published projections from a CSV file, in the unit of each outcome.

    Columns as for observations, with `low` and `high` for a range; `value` may be empty then.
    """
    frame = checked(read_table(path), PROJECTION, str(path))
    for column in ("low", "high"):
        frame[column] = frame.get(column, np.nan)
    low, high = frame["low"].astype(float), frame["high"].astype(float)
    wrong = {
        "value, low and high are all empty": frame[["value", "low", "high"]].isna().all(axis=1),
        "low and high go together": low.isna() != high.isna(),
        "low is above high": low > high,
    }
    raise_for([f"row {i}: {w}" for w, mask in wrong.items() for i in rows(frame, mask)], str(path))
    return converted(frame, units, dims, str(path))


def read_table(path: str | Path) -> pd.DataFrame:
    """A CSV file as a table."""
    import pandas as pd

    try:
        return pd.read_csv(path, index_col=False)
    except (OSError, ValueError) as error:
        msg = f"{path}: cannot be read as a CSV table: {str(error)[:200]}"
        raise EvidenceError(msg) from None


def checked(frame: pd.DataFrame, columns: Mapping[str, bool], name: str) -> pd.DataFrame:
    """A copy of the table with its texts filled, once its columns and numbers are sound."""
    if not isinstance(frame, pandas().DataFrame):
        msg = f"{name}: expected a pandas DataFrame, got {type(frame).__name__}"
        raise EvidenceError(msg)
    missing = [column for column in columns if column not in frame]
    odd = [column for column in frame if "/" in str(column)]
    if odd:
        msg = f"{name}: the column {listed(odd)} has a slash in its name"
        raise EvidenceError(msg)
    if missing:
        msg = f"{name}: the column {listed(missing)} is missing; found {listed(frame.columns, 20)}"
        raise EvidenceError(msg)
    faults = [
        f"row {i}: {column} is empty"
        for column, needed in columns.items()
        if needed
        for i in rows(frame, frame[column].isna())
    ]
    for column in (
        "year",
        "value",
        "low",
        "high",
        "error",
        "relative_error",
        "bias_sd",
    ):
        faults += wrong_numbers(frame, column)
    faults += wrong_units(frame)
    raise_for(faults, name)
    clean = frame.reset_index(drop=True)
    for column in TEXTS:
        clean[column] = clean[column].fillna("").astype(str) if column in clean else ""
    return clean


def rows(frame: pd.DataFrame, mask: Any) -> list[int]:
    """Row numbers as an editor shows them: the header is row 1."""
    return [int(i) + 2 for i in np.flatnonzero(np.asarray(mask, dtype=bool))]


def wrong_numbers(frame: pd.DataFrame, column: str) -> list[str]:
    """Faults of a numeric column: texts, infinities, errors below zero."""
    import pandas as pd

    if column not in frame:
        return []
    numbers = pd.to_numeric(frame[column], errors="coerce")
    text = numbers.isna() & frame[column].notna()
    faults = [
        f"row {i}: {column} is no number: {frame[column].iloc[i - 2]!r}" for i in rows(frame, text)
    ]
    bad: dict[str, Callable[[Any], Any]] = {
        "is infinite": np.isinf,
        "is below zero": lambda x: (x < 0) & (column in {"error", "relative_error", "bias_sd"}),
    }
    for words, test in bad.items():
        faults += [f"row {i}: {column} {words}" for i in rows(frame, test(numbers))]
    return faults


def wrong_units(frame: pd.DataFrame) -> list[str]:
    """Faults of the unit column."""
    faults = []
    for unit in frame["unit"].dropna().unique():
        try:
            check_unit(str(unit))
        except UnitError as error:
            faults += [f"row {i}: {error}" for i in rows(frame, frame["unit"] == unit)]
    return faults


def wrong_kinds(frame: pd.DataFrame) -> list[str]:
    """Faults of the kind column."""
    return [
        f"row {i}: kind is {frame['kind'].iloc[i - 2]!r}, expected one of {listed(KINDS)}"
        for i in rows(frame, ~frame["kind"].isin(KINDS))
    ]


def raise_for(faults: list[str], name: str) -> None:
    """Raise `EvidenceError` with the faults, if there are any; a long list is cut."""
    if faults:
        more = [f"and {len(faults) - MOST} more"] if len(faults) > MOST else []
        raise EvidenceError("\n".join(f"{name}: {fault}" for fault in faults[:MOST] + more))


def converted(
    frame: pd.DataFrame,
    units: Mapping[str, str],
    dims: Mapping[str, tuple[str, ...]],
    name: str,
) -> pd.DataFrame:
    """Values in the unit of each row's outcome, which must exist and have its coordinates."""
    lines = frame.index.to_numpy() + 2  # as an editor shows them, whatever was filtered out
    out = frame.reset_index(drop=True)
    faults: list[str] = []
    scales = np.ones(len(out))
    for (outcome, unit), group in out.groupby(["outcome", "unit"], sort=False):
        try:
            scales[group.index] = row_factor(str(outcome), str(unit), units, dims, out)
        except (EvidenceError, UnitError) as error:
            faults += [f"row {lines[i]}: {error}" for i in group.index]
    raise_for(faults, name)
    for column in ("value", "low", "high", "error"):
        if column in out:
            out[column] = out[column].astype(float) * scales
    return out.assign(unit=[units[o] for o in out["outcome"]])


def row_factor(
    outcome: str,
    unit: str,
    units: Mapping[str, str],
    dims: Mapping[str, tuple[str, ...]],
    frame: pd.DataFrame,
) -> float:
    """Factor into an outcome's unit; an error for rows that cannot be placed."""
    if outcome not in units:
        near = suggestion(outcome, units)
        msg = f"no outcome {outcome!r}{near}; there are {listed(units, 25)}"
        raise EvidenceError(msg)
    missing = [dim for dim in dims.get(outcome, ()) if dim not in frame]
    if missing:
        msg = f"{outcome!r} varies by {listed(missing)}, which is no column of the table"
        raise EvidenceError(msg)
    return factor(unit, units[outcome])


def pandas() -> Any:
    """Pandas, imported on first use."""
    import pandas as pd

    return pd
