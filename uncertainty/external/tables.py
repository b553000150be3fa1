"""Exchanged: what a program is given as a file, and what is read from its answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from uncertainty.arrays import Array

#: Characters of a program's own words that a message repeats.
QUOTED = 200


def rows(parameters: Mapping[str, Array]) -> list[dict[str, Any]]:
    """One dictionary of plain numbers a sample; k shares are a list."""
    columns = {name: np.moveaxis(x, -1, 0).tolist() for name, x in parameters.items()}
    values = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in values]


def csv_table(sample: Mapping[str, Any]) -> str:
    """A line of names and a line of values; k shares take a column each, ``name[0]``."""
    cells = {
        f"{name}[{i}]" if isinstance(value, list) else name: number
        for name, value in sample.items()
        for i, number in enumerate(value if isinstance(value, list) else [value])
    }
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([cells.keys(), map(repr, cells.values())])
    return text.getvalue()


#: Formats of ``{input}``.
TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "json": lambda sample: json.dumps(sample, ensure_ascii=False),
    "csv": csv_table,
}


def parsed(text: str, shapes: Mapping[str, Any]) -> dict[str, Any]:
    """Outcomes by name from JSON: all of the text, or else its last line."""
    lines = text.strip().splitlines() or [""]
    for candidate in (text, lines[-1]):
        try:
            found = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
        if len(shapes) == 1:
            return {next(iter(shapes)): found}
    msg = f"its output holds no outcomes as JSON: {lines[-1][:QUOTED]!r}"
    raise ValueError(msg)


def numbers(name: str, value: Any, shape: tuple[int, ...]) -> Array:
    """An outcome as a finite array; `ValueError` if it is none."""
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        msg = f"outcome {name!r} is no number: {str(value)[:QUOTED]!r}"
        raise ValueError(msg)
    if array.shape != shape:
        msg = f"outcome {name!r} has shape {array.shape}, expected {shape}"
        raise ValueError(msg)
    if not np.isfinite(array).all():
        msg = f"outcome {name!r} is not finite: {str(value)[:QUOTED]}"
        raise ValueError(msg)
    return array.astype(np.float64)


def ended(status: int, errors: Path) -> str:
    """Why a program failed, from its exit status and the last it said; nothing for 0."""
    if status == 0:
        return ""
    said = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    words = f": {said[-1][:QUOTED]}" if said else ""
    if status < 0:
        return f"it was killed by signal {-status}{words}"
    return f"exit status {status}{words}"
