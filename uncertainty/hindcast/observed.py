"""Observed rows as a hindcast reads them: in the outcome's unit, with a year and a place."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uncertainty.errors import EvidenceError, UnitError
from uncertainty.evidence import Evidence, as_text, scale
from uncertainty.model import Model

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Observed:
    """The rows that can be placed among a model's outcomes, and what is said of the others.

    Attributes
    ----------
    table : pandas.DataFrame
        As the evidence has them, with `value` and `unit` of the outcome (growth and shares as
        parts of one), `place` (labels of the outcome's dims beside year), `row` (the line of
        the table, the header being 1) and the old index.
    lacking : {reason: rows}
    """

    table: pd.DataFrame
    lacking: Mapping[str, int]

    @classmethod
    def of(cls, evidence: Evidence, model: Model) -> Observed:
        """Rows with a year whose outcome and labels the model has; years are not looked at.

        Raises
        ------
        EvidenceError
            For a unit that does not fit the outcome.
        """
        reasons: dict[str, int] = {}
        found = []
        for i, row in zip(evidence.frame.index, evidence.frame.to_dict("records"), strict=True):
            fault = fault_of(row, model)
            if fault:
                reasons[fault] = reasons.get(fault, 0) + 1
            else:
                found.append((i, told(row, model, int(i) + 2)))
        return cls(as_table(found, evidence), reasons)


def as_table(found: list[tuple[Any, dict[Hashable, Any]]], evidence: Evidence) -> pd.DataFrame:
    """Rows with their old index; a table without rows keeps its columns."""
    import pandas as pd

    columns = [*evidence.frame.columns, "place", "row"]
    return pd.DataFrame([row for _, row in found], index=[i for i, _ in found], columns=columns)


def fault_of(row: Mapping[Hashable, Any], model: Model) -> str:
    """Why a row cannot be placed, empty if it can."""
    outcome = str(row["outcome"])
    if outcome not in model.outcomes:
        return f"the model has no outcome {outcome!r}"
    dims = model.dims.get(outcome, ())
    if "year" not in dims:
        return f"{outcome!r} does not vary by year"
    if row.get("year") is None or row["year"] != row["year"]:
        return "rows without a year"
    return next(label_faults(row, model, outcome), "")


def label_faults(row: Mapping[Hashable, Any], model: Model, outcome: str) -> Iterator[str]:
    """Labels of a row that the model's dims lack."""
    for dim in model.dims[outcome]:
        known = [as_text(value) for value in model.coords[dim]]
        if dim != "year" and as_text(row.get(dim)) not in known:
            yield f"the model has no {dim} {as_text(row.get(dim))!r} of {outcome!r}"


def told(row: Mapping[Hashable, Any], model: Model, line: int) -> dict[Hashable, Any]:
    """A row with its value in the outcome's unit, its place and the line it stands in."""
    outcome = str(row["outcome"])
    dims = [dim for dim in model.dims[outcome] if dim != "year"]
    try:
        times = scale(str(row["kind"]), str(row["unit"]), model.outcomes[outcome])
    except UnitError as error:
        msg = f"observations: row {line}: {error}"
        raise EvidenceError(msg) from None
    unit = model.outcomes[outcome] if row["kind"] == "level" else "1"
    placed: dict[Hashable, Any] = {
        "value": float(row["value"]) * times,
        "year": int(row["year"]),
        "unit": unit,
        "place": ", ".join(as_text(row[dim]) for dim in dims),
        "row": line,
    }
    return {**row, **placed}
