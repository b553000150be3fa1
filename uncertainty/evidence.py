"""Evidence: tables of observations and of published projections, checked row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.errors import EvidenceError, UnitError
from uncertainty.names import listed, suggestion
from uncertainty.units import DIMENSIONLESS, check_unit, factor

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("level", "growth", "share")
TEXTS = ("source", "label", "published", "url", "quote", "note")
NUMBERS = ("year", "value", "low", "high", "error", "relative_error", "bias_sd", "vintage_sd")
#: Standard deviations: numbers that cannot be below zero.
SPREADS = frozenset({"error", "relative_error", "bias_sd", "vintage_sd"})
#: Units of growth on the year before, and their factor into 1/year.
GROWTH = {"1/year": 1.0, "%/year": 0.01, "1": 1.0, "%": 0.01}
#: Faults of one table that a message lists.
MOST = 20
#: Column: whether every row must fill it.
OBSERVATION = {"outcome": True, "value": True, "unit": True, "source": True}
PROJECTION = {"outcome": True, "value": False, "unit": True, "source": True}
#: Columns that are no coordinate of an observation.
PLAIN = frozenset({"outcome", "unit", "kind", *TEXTS, *NUMBERS}) - {"year"}
#: A number that some rows have in common -> the columns that say which rows.
SHARED = {"bias_sd": ("source", "outcome", "kind"), "vintage_sd": ("source", "published")}


@dataclass(frozen=True)
class Evidence:
    """Observed outcomes with error, boundary and source; one row per observation.

    Attributes
    ----------
    frame : pandas.DataFrame
        Columns outcome, one per coordinate (such as year), value, unit, `error` (absolute,
        1 sd, Normal) or `relative_error` (LogNormal), kind (level, growth on the year before, or
        share), source, and texts. `bias_sd` is the sd in logs of what all rows of a source,
        outcome and kind are off by (0 or empty: a reference), `vintage_sd` that of what all rows
        of an edition (source and published) are off by.

    Raises
    ------
    EvidenceError
        With every faulty row by its number, as an editor shows it (the header is row 1).

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"outcome": "demand", "value": 88.0, "unit": "TWh", "source": "Statistics office"}
    >>> Evidence(pd.DataFrame([row])).frame.loc[0, "kind"]
    'level'
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        frame = tidy(self.frame, OBSERVATION, "observations")
        if "kind" not in frame:
            frame["kind"] = "level"
        frame["kind"] = frame["kind"].replace("", "level")
        raise_for([*cell_faults(frame, OBSERVATION), *row_faults(frame)], "observations")
        object.__setattr__(self, "frame", numeric(frame))

    @classmethod
    def from_csv(cls, path: str | Path) -> Evidence:
        """Observations from a CSV file (UTF-8, a header line)."""
        return cls(read_table(path))

    def levels(self, units: Mapping[str, str], dims: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
        """The rows that are levels, converted into the unit of each outcome."""
        levels = self.frame[self.frame["kind"] == "level"]
        return converted(levels, units, dims, "observations")

    def fitted(
        self,
        units: Mapping[str, str],
        dims: Mapping[str, tuple[str, ...]],
        coords: Mapping[str, Sequence[Any]],
        outcomes: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Rows of all kinds as a fit needs them.

        Parameters
        ----------
        units : {outcome: unit}
        dims : {outcome: (dim, ...)}
        coords : {dim: values}
            The years and labels that the model has.
        outcomes : iterable of str, optional
            Rows of these outcomes only; all rows if not given.

        Returns
        -------
        pandas.DataFrame
            Levels and their `error` in the unit of the outcome, growth in 1/year, shares as parts
            of one; coordinates as the model has them. The index is that of `frame`: row number
            less 2.

        Raises
        ------
        EvidenceError
            With every row that has no single error (`fittable`) or that names an outcome, year
            or label that the model lacks, or leaves one empty. Growth needs the year before too.

        Examples
        --------
        >>> import pandas as pd
        >>> row = {"outcome": "demand", "year": 2024, "value": 20.0, "unit": "%/year",
        ...        "kind": "growth", "error": 5.0, "source": "Statistics office"}
        >>> evidence = Evidence(pd.DataFrame([row]))
        >>> model = {"demand": "TWh"}, {"demand": ("year",)}, {"year": [2023, 2024]}
        >>> found = evidence.fitted(*model)
        >>> [float(x) for x in found.loc[0, ["value", "error"]]]
        [0.2, 0.05]
        """
        frame = self.frame
        if outcomes is not None:
            frame = frame[frame["outcome"].isin(list(outcomes))]
        faults = fittable(frame)
        for line, row in zip(lines(frame), frame.to_dict("records"), strict=True):
            faults += [f"row {line}: {text}" for text in misplaced(row, units, dims, coords)]
        raise_for(faults, "observations")
        return named(scaled(frame, units), coords)


def projections(
    path: str | Path, units: Mapping[str, str], dims: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    """Published projections from a CSV file, in the unit of each outcome.

    Columns as for observations, with `low` and `high` for a range; `value` may be empty then.
    """
    frame = tidy(read_table(path), PROJECTION, str(path))
    for column in ("low", "high"):
        frame[column] = frame.get(column, np.nan)
    raise_for([*cell_faults(frame, PROJECTION), *range_faults(frame)], str(path))
    return converted(numeric(frame), units, dims, str(path))


def fittable(frame: pd.DataFrame) -> list[str]:
    """Why rows cannot be fitted: each needs one error above zero, and a value that it can have.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `Evidence.frame` has it.

    Returns
    -------
    list of str
        Faults with the numbers of their rows; empty if there are none.
    """
    return broken(frame, {**RULES, **FIT_RULES})


def read_table(path: str | Path) -> pd.DataFrame:
    """A CSV file as a table; what is text stays as it was written."""
    texts = dict.fromkeys(("outcome", "unit", "kind", *TEXTS), "str")
    try:
        return pandas().read_csv(path, index_col=False, dtype=texts, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        msg = f"{path}: cannot be read as a CSV table: {str(error)[:200]}"
        raise EvidenceError(msg) from None


def tidy(frame: pd.DataFrame, columns: Iterable[str], name: str) -> pd.DataFrame:
    """A copy of the table with its texts filled and stripped, once it has its columns."""
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
    clean = frame.reset_index(drop=True)
    for column in TEXTS:
        clean[column] = clean[column].map(as_text) if column in clean else ""
    for column in {"outcome", "unit", "kind"} & set(clean):
        clean[column] = clean[column].map(as_text)
    clean["unit"] = clean["unit"].where(frame["unit"].to_numpy() != "", "1")
    return clean.astype(dict.fromkeys(TEXTS, object))


def as_text(cell: Any) -> str:
    """A cell as it is written: nothing for an empty one, a whole number without a point."""
    if pandas().isna(cell):
        return ""
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell).strip()


def numeric(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with numbers where numbers belong."""
    to_numeric = pandas().to_numeric
    return frame.assign(**{name: to_numeric(frame[name]) for name in NUMBERS if name in frame})


def lines(frame: pd.DataFrame) -> list[int]:
    """Row numbers as an editor shows them: the header is row 1."""
    return [int(i) + 2 for i in frame.index]


def rows(frame: pd.DataFrame, mask: Any) -> list[int]:
    """Numbers of the rows where a mask holds."""
    return lines(frame[np.asarray(mask, dtype=bool)])


# ---- single cells ----


def cell_faults(frame: pd.DataFrame, columns: Mapping[str, bool]) -> list[str]:
    """Faults of cells read alone: empty ones, numbers that are none, unknown units."""
    faults = [
        f"row {i}: {column} is empty"
        for column, needed in columns.items()
        if needed
        for i in rows(frame, frame[column].map(as_text) == "")
    ]
    for column in NUMBERS:
        faults += wrong_numbers(frame, column)
    return faults + wrong_units(frame)


def numbers_of(frame: pd.DataFrame, column: str) -> pd.Series[float]:
    """A column as numbers: NaN where it is empty, no number, or not there at all."""
    pd = pandas()
    if column not in frame:
        return pd.Series(np.nan, index=frame.index, dtype=float)
    return pd.to_numeric(frame[column], errors="coerce").astype(float)


NUMBER_RULES: dict[str, Callable[[Any, str], Any]] = {
    "is infinite": lambda x, column: np.isinf(x),
    "is below zero": lambda x, column: (x < 0) & (column in SPREADS),
    "is no whole number": lambda x, column: (x % 1 > 0) & (column == "year"),
}


def wrong_numbers(frame: pd.DataFrame, column: str) -> list[str]:
    """Faults of a numeric column: texts, infinities, standard deviations below zero, part years."""
    if column not in frame:
        return []
    numbers = numbers_of(frame, column)
    text = numbers.isna() & frame[column].notna()
    faults = [f"row {i}: {column} is no number: {frame.at[i - 2, column]!r}"
              for i in rows(frame, text)]  # fmt: skip
    for words, test in NUMBER_RULES.items():
        faults += [
            f"row {i}: {column} {words}, got {numbers[i - 2]:g}"
            for i in rows(frame, test(numbers, column))
        ]
    return faults


def wrong_units(frame: pd.DataFrame) -> list[str]:
    """Faults of the unit column; one that is empty is told elsewhere."""
    faults = []
    for unit in set(frame["unit"]) - {""}:
        try:
            check_unit(unit)
        except UnitError as error:
            faults += [f"row {i}: {error}" for i in rows(frame, frame["unit"] == unit)]
    return faults


# ---- whole rows, and rows that belong together ----


def row_faults(frame: pd.DataFrame) -> list[str]:
    """Faults of observations: kinds, values that cannot be, what a source's rows share, repeats."""
    faults = wrong_kinds(frame) + wrong_kind_units(frame) + broken(frame, RULES)
    for column, keys in SHARED.items():
        faults += unlike(frame, column, keys)
    return faults + repeated(frame)


def wrong_kinds(frame: pd.DataFrame) -> list[str]:
    """Faults of the kind column."""
    return [
        f"row {i}: kind is {frame.at[i - 2, 'kind']!r}, expected one of {listed(KINDS)}"
        for i in rows(frame, ~frame["kind"].isin(KINDS))
    ]


def wrong_kind_units(frame: pd.DataFrame) -> list[str]:
    """Growth and shares in units that they cannot have."""
    allowed = {"growth": list(GROWTH), "share": ["1", "%"]}
    return [
        f"row {i}: a row of kind {kind} cannot be in {frame.at[i - 2, 'unit']!r}; "
        f"it may be in {listed(units)}"
        for kind, units in allowed.items()
        for i in rows(frame, (frame["kind"] == kind) & ~frame["unit"].isin([*units, ""]))
    ]


def parts(frame: pd.DataFrame) -> pd.Series[float]:
    """Values of growth and shares as parts of one."""
    return numbers_of(frame, "value") * frame["unit"].map(GROWTH).astype(float)


def has(frame: pd.DataFrame, column: str) -> pd.Series[bool]:
    """Where a numeric column is filled."""
    return numbers_of(frame, column).notna()


def zero(frame: pd.DataFrame, column: str) -> pd.Series[bool]:
    """Where a numeric column is zero."""
    return numbers_of(frame, column) == 0


#: What a row breaks -> where.
RULES: dict[str, Callable[[Any], Any]] = {
    "a share lies strictly between 0 and 1": lambda f: (
        (f["kind"] == "share") & ((parts(f) <= 0) | (parts(f) >= 1))
    ),
    "growth is above -1, the loss of all": lambda f: (f["kind"] == "growth") & (parts(f) <= -1),
    "a level with a relative_error is above 0": lambda f: (
        (f["kind"] == "level") & has(f, "relative_error") & (numbers_of(f, "value") <= 0)
    ),
    "error and relative_error are both given; give one": lambda f: (
        has(f, "error") & has(f, "relative_error")
    ),
}
FIT_RULES: dict[str, Callable[[Any], Any]] = {
    "a fit needs error or relative_error, both are empty": lambda f: (
        ~has(f, "error") & ~has(f, "relative_error")
    ),
    "error is 0; a fit needs one above 0": lambda f: zero(f, "error"),
    "relative_error is 0; a fit needs one above 0": lambda f: zero(f, "relative_error"),
    "growth of 0 has no relative_error; give error": lambda f: (
        (f["kind"] == "growth") & has(f, "relative_error") & zero(f, "value")
    ),
}


def broken(frame: pd.DataFrame, rules: Mapping[str, Callable[[Any], Any]]) -> list[str]:
    """Rows that break rules, with the value that they have."""
    values, units = numbers_of(frame, "value"), frame["unit"].map(as_text)
    return [
        f"row {i}: {words} (value {values[i - 2]:g} {units[i - 2]})"
        for words, test in rules.items()
        for i in rows(frame, test(frame))
    ]


def unlike(frame: pd.DataFrame, column: str, keys: Sequence[str]) -> list[str]:
    """Rows that must have one number in common and have several; an empty cell is 0."""
    numbers: Any = numbers_of(frame, column).fillna(0.0)
    faults = []
    for group, values in numbers.groupby([frame[key] for key in keys], sort=False):
        if values.nunique() > 1:
            texts = (f"{key} {text or 'not given'}" for key, text in zip(keys, group, strict=True))
            which = ", ".join(texts)
            found = listed(f"{value:g}" for value in values.unique())
            numbered = listed((i + 2 for i in values.index), MOST)
            faults.append(f"rows {numbered}: {column} must be one number, got {found} ({which})")
    return faults


def repeated(frame: pd.DataFrame) -> list[str]:
    """Rows that tell one observation more than once."""
    places = [column for column in frame if column not in PLAIN]
    keys = frame[["outcome", "kind", "source", "published", *places]].map(as_text)
    groups = keys.groupby(list(keys), sort=False).groups.values()
    return [
        f"rows {listed((i + 2 for i in group), MOST)}: the same observation more than once; "
        f"outcome, coordinates, kind, source and published agree"
        for group in groups
        if len(group) > 1
    ]


def range_faults(frame: pd.DataFrame) -> list[str]:
    """Faults of the ranges of projections."""
    value, low, high = (numbers_of(frame, name) for name in ("value", "low", "high"))
    wrong = {
        "value, low and high are all empty": value.isna() & low.isna() & high.isna(),
        "low and high go together": low.isna() != high.isna(),
        "low is above high": low > high,
    }
    return [f"row {i}: {words}" for words, mask in wrong.items() for i in rows(frame, mask)]


def first_row(fault: str) -> int:
    """The first row number in a fault."""
    found = re.search(r"\d+", fault)
    return int(found[0]) if found else 0


def raise_for(faults: Sequence[str], name: str) -> None:
    """Raise `EvidenceError` with the faults by row, if there are any; a long list is cut."""
    if faults:
        faults = sorted(faults, key=first_row)
        more = [f"and {len(faults) - MOST} more"] if len(faults) > MOST else []
        raise EvidenceError("\n".join(f"{name}: {fault}" for fault in [*faults[:MOST], *more]))


# ---- among the outcomes of a model ----


def misplaced(
    row: Mapping[Any, Any],
    units: Mapping[str, str],
    dims: Mapping[str, tuple[str, ...]],
    coords: Mapping[str, Sequence[Any]],
) -> Iterator[str]:
    """Why a row has no place among a model's outcomes."""
    outcome, kind = row["outcome"], row["kind"]
    if outcome not in units:
        yield no_outcome(outcome, units)
        return
    own = dims.get(outcome, ())
    places = {dim: as_text(row.get(dim)) for dim in coords}
    for dim in coords:
        if dim in own:
            yield from unknown(outcome, dim, places[dim], coords[dim])
        elif places[dim]:
            yield f"{outcome!r} does not vary by {dim}, got {places[dim]!r}; leave it empty"
    if kind == "growth":
        yield from without_base(outcome, own, places, coords)
    elif kind == "share" and units[outcome] not in {*DIMENSIONLESS, "%"} and set(own) <= {"year"}:
        yield f"a share of {outcome!r} has no whole: it varies by no dim besides year"
    yield from wrong_unit(kind, row["unit"], units[outcome])


def no_outcome(outcome: str, units: Mapping[str, str]) -> str:
    """Say that a model has no such outcome, and what it has."""
    return f"no outcome {outcome!r}{suggestion(outcome, units)}; there are {listed(units, 25)}"


def unknown(outcome: str, dim: str, place: str, values: Sequence[Any]) -> Iterator[str]:
    """Fault of a coordinate that is empty or that the model lacks."""
    texts = [as_text(value) for value in values]
    if not place:
        yield f"{dim} is empty, and {outcome!r} varies by it; there are {spanned(values)}"
    elif place not in texts:
        near = suggestion(place, texts) if dim != "year" else ""
        yield f"no {dim} {place!r} of {outcome!r}{near}; there are {spanned(values)}"


def without_base(
    outcome: str,
    own: Sequence[str],
    places: Mapping[str, str],
    coords: Mapping[str, Sequence[Any]],
) -> Iterator[str]:
    """Fault of a growth whose year before the model lacks."""
    if "year" not in own:
        yield f"growth of {outcome!r}, which does not vary by year"
        return
    years = {as_text(year) for year in coords["year"]}
    if places["year"] in years and str(int(places["year"]) - 1) not in years:
        before = int(places["year"]) - 1
        yield f"growth in {places['year']} needs {before} too; there are {spanned(coords['year'])}"


def spanned(values: Sequence[Any]) -> str:
    """Coordinates as text: ends only, where they are years without a gap."""
    texts = [as_text(value) for value in values]
    if len(texts) > 2 and all(text.isdecimal() for text in texts):
        first, last = int(texts[0]), int(texts[-1])
        if texts == [str(year) for year in range(first, last + 1)]:
            return f"{first} to {last}"
    return listed(texts, 25)


def wrong_unit(kind: str, unit: str, into: str) -> Iterator[str]:
    """Fault of a unit that cannot become that of the outcome."""
    try:
        scale(kind, unit, into)
    except UnitError as error:
        yield str(error)


def scale(kind: str, unit: str, into: str) -> float:
    """Factor of a level into the outcome's unit, of growth into 1/year, of a share into 1."""
    return factor(unit, into) if kind == "level" else GROWTH[unit]


def scaled(frame: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Values and absolute errors of all kinds in the units in which they are compared."""
    told = list(zip(frame["outcome"], frame["kind"], frame["unit"], strict=True))
    scales = np.array([scale(kind, unit, units[outcome]) for outcome, kind, unit in told])
    fixed = {"growth": "1/year", "share": "1"}
    columns = [name for name in ("value", "low", "high", "error") if name in frame]
    return frame.assign(
        **{name: frame[name].astype(float) * scales for name in columns},
        unit=[fixed.get(kind, units[outcome]) for outcome, kind, _ in told],
    )


def named(frame: pd.DataFrame, coords: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Coordinates as the model has them, whatever the table's reader made of them."""
    out = frame.copy()
    for dim in [dim for dim in coords if dim in frame and dim != "year"]:
        own = {as_text(value): value for value in coords[dim]}
        out[dim] = [own.get(as_text(cell), cell) for cell in frame[dim]]
    return out


def converted(
    frame: pd.DataFrame,
    units: Mapping[str, str],
    dims: Mapping[str, tuple[str, ...]],
    name: str,
) -> pd.DataFrame:
    """Values in the unit of each row's outcome, which must exist and have its coordinates."""
    numbers = lines(frame)  # as an editor shows them, whatever was filtered out
    out = frame.reset_index(drop=True)
    faults: list[str] = []
    scales = np.ones(len(out))
    for (outcome, unit), group in out.groupby(["outcome", "unit"], sort=False):
        try:
            scales[group.index] = row_factor(str(outcome), str(unit), units, dims, out)
        except (EvidenceError, UnitError) as error:
            faults += [f"row {numbers[i]}: {error}" for i in group.index]
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
        raise EvidenceError(no_outcome(outcome, units))
    missing = [dim for dim in dims.get(outcome, ()) if dim not in frame]
    if missing:
        msg = f"{outcome!r} varies by {listed(missing)}, which is no column of the table"
        raise EvidenceError(msg)
    return factor(unit, units[outcome])


def pandas() -> Any:
    """Pandas, imported on first use."""
    import pandas as pd

    return pd
