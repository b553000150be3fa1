"""Ingested: what a model elsewhere returned for a sample, as the result of a run here.

Rows are matched by the id of their run, never by their place.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import ResultError
from uncertainty.exchange.sampled import (
    RUN,
    Recorder,
    Remembering,
    Ticket,
    columns,
    marked,
    recorded,
    stacked,
    tabled,
)
from uncertainty.model import Model
from uncertainty.names import listed, name_fault, suggestion

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: How far a parameter that comes back may be from the sampled one, relative: rounded, not changed.
CLOSE = 1e-5
#: A column of one place of an outcome, and an id of any sample.
COLUMN = re.compile(r"(?P<outcome>[^\[\]]+)\[(?P<place>[^\[\]]+)\]")
ID = re.compile(r"(?P<mark>s[0-9a-f]{6})-\d+")

Place = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Outcome:
    """The columns of one outcome.

    Attributes
    ----------
    dims : tuple of str
    columns : {place: column}
        One without dims has the place ().
    """

    dims: tuple[str, ...]
    columns: Mapping[Place, str]

    def texts(self, dim: str) -> list[str]:
        """Coordinates of a dim as they stand in the columns, in the order found."""
        return list(dict.fromkeys(dict(place)[dim] for place in self.columns))

    @property
    def grid(self) -> Iterator[Place]:
        """All places, the last dim running fastest."""
        for texts in product(*map(self.texts, self.dims)):
            yield tuple(zip(self.dims, texts, strict=True))


@dataclass(frozen=True)
class Player:
    """A model that looks the outcomes of a row up.

    Attributes
    ----------
    recorder : Recorder
        Which knows the number of each row.
    outcomes : {outcome: (..., run)}
    """

    recorder: Recorder
    outcomes: Mapping[str, Array]

    def __call__(self, **values: Array) -> dict[str, Array]:
        """Outcomes of the rows, (..., sample)."""
        rows = stacked(values, self.recorder.names)
        numbers = [self.recorder.ids[row.tobytes()] for row in rows]
        return {name: np.take(y, numbers, axis=-1) for name, y in self.outcomes.items()}


def ingest(ticket: str, outcomes: pd.DataFrame) -> xr.DataTree:
    """The result of a sample whose model was run elsewhere.

    Parameters
    ----------
    ticket : str
        As `sample_table` gave it.
    outcomes : pandas.DataFrame
        One row a run, in any order: `run`, the id, and a column for each outcome; of an outcome
        with dims a column for each place, ``demand[year=2030]`` or
        ``demand[year=2030, region=hub]``. Parameters may stand beside; they must be those of
        the sample then.

    Returns
    -------
    xarray.DataTree
        What `propagate` and `drivers` return, had they run the model.

    Raises
    ------
    ResultError
        With every fault and the rows where it is, the header being row 1: runs that are missing,
        doubled, unknown or of another sample; numbers that are empty, infinite or texts; changed
        parameters; places that are missing; and for a ticket that was changed or whose sample
        this version would draw otherwise.

    Examples
    --------
    >>> from uncertainty.prior import Prior
    >>> from uncertainty.exchange.sampled import sample_table
    >>> table, ticket = sample_table({"a": Prior("normal", mu=1, sigma=2)})
    >>> result = ingest(ticket, table.assign(y=3 * table["a"]))
    >>> round(float(result["moments"]["y"].sel(moment="sd")), 1)
    6.0
    """
    asked = Ticket.of(ticket)
    space = asked.space
    recorder = again(asked, space)
    table = tabled(space, recorder, asked.mark)
    found, arrays = checked(outcomes, table, asked)
    trees = asked.run(space, played(found, arrays, recorder, asked))
    return joined(trees, {**asked.facts, "sample_sha256": asked.sha256})


def again(ticket: Ticket, space: Remembering) -> Recorder:
    """The rows of a ticket, drawn again; `ResultError` if they are not the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what there is to warn of was told when it was drawn
        recorder = recorded(ticket, space)
    if (marked(ticket, space), len(recorder.ids)) != (ticket.mark, ticket.rows):
        msg = (
            f"the sample {ticket.mark} cannot be drawn again: its ticket was changed, or it comes "
            "from another version of uncertainty or SciPy; sample anew, or use that version"
        )
        raise ResultError(msg)
    return recorder


def played(
    found: Mapping[str, Outcome], arrays: Mapping[str, Array], recorder: Recorder, ticket: Ticket
) -> Model:
    """A model that returns what came back, with its names, dims and units."""
    coords: dict[str, list[Any]] = {}
    for outcome in found.values():
        coords |= {dim: typed(outcome.texts(dim)) for dim in outcome.dims}
    facts = {name: ticket.outcomes.get(name, {}) for name in found}
    return Model(
        Player(recorder, arrays),
        {name: fact.get("unit", "1") for name, fact in facts.items()},
        {name: outcome.dims for name, outcome in found.items() if outcome.dims},
        coords,
        labels={name: fact["label"] for name, fact in facts.items() if fact.get("label")},
    )


def joined(trees: Mapping[str, xr.DataTree], facts: Mapping[str, str]) -> xr.DataTree:
    """The results of several engines as one, with all their runs."""
    first, *rest = trees.values()
    for tree in rest:
        for name, node in tree.children.items():
            first[name] = node
    runs = sum(int(tree.attrs["model_runs"]) for tree in (first, *rest))
    first.attrs |= {**facts, "model_runs": runs}
    return first


def typed(texts: Sequence[str]) -> list[Any]:
    """Coordinates as whole numbers or numbers where all of them are, else as they stand."""
    for kind, form in ((int, r"[+-]?\d+"), (float, r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")):
        if all(re.fullmatch(form, text) for text in texts):
            return [kind(text) for text in texts]
    return list(texts)


def checked(
    outcomes: pd.DataFrame, table: pd.DataFrame, ticket: Ticket
) -> tuple[dict[str, Outcome], dict[str, Array]]:
    """Outcomes by name and their arrays (..., run) in the order of the sample.

    Raises
    ------
    ResultError
        With all faults of the table.
    """
    check_frame(outcomes)
    parameters = columns(ticket.space)
    others = [str(c) for c in outcomes if c != RUN and c not in parameters]
    found, faults = by_outcome(others, ticket)
    ids = outcomes[RUN].map(as_id)
    faults += [*id_faults(ids, table, ticket.mark), *number_faults(outcomes, others)]
    faults += changed(outcomes, ids, table)
    if faults:
        raise ResultError("\n".join(f"outcomes: {fault}" for fault in faults))
    ordered = outcomes.set_axis(ids.to_numpy()).loc[table[RUN].to_numpy()]
    return found, {name: arrayed(ordered, outcome) for name, outcome in found.items()}


def check_frame(outcomes: Any) -> None:
    """Raise `ResultError` for what is no table with ids."""
    import pandas as pd

    if not isinstance(outcomes, pd.DataFrame):
        msg = f"outcomes: expected a pandas DataFrame, got {type(outcomes).__name__}"
        raise ResultError(msg)
    names = [str(column) for column in outcomes]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        msg = f"outcomes: the column {listed(doubled)} comes twice"
        raise ResultError(msg)
    if RUN not in names:
        near = suggestion(RUN, names)
        msg = f"outcomes: the column {RUN!r} with the ids is missing; found {listed(names)}{near}"
        raise ResultError(msg)


def by_outcome(names: Sequence[str], ticket: Ticket) -> tuple[dict[str, Outcome], list[str]]:
    """Outcomes of the columns, and what is wrong with their names and places."""
    cells: dict[str, dict[Place, str]] = {}
    faults: list[str] = []
    for column in names:
        name, place = placed(column)
        if name is None:
            faults.append(f"column {column!r} is not written name or name[dim=value, dim=value]")
        elif ticket.outcomes and name not in ticket.outcomes:
            near = suggestion(name, [*ticket.outcomes, *columns(ticket.space)])
            known = listed(ticket.outcomes)
            faults.append(f"column {column!r} is no parameter and no outcome of {known}{near}")
        elif place in cells.setdefault(name, {}):
            faults.append(f"column {column!r} is the same place as {cells[name][place]!r}")
        else:
            cells[name][place] = column
    if not names:
        faults.append("there is no column of an outcome")
    found = {
        name: Outcome(tuple(dim for dim, _ in next(iter(places))), places)
        for name, places in cells.items()
    }
    return found, [*faults, *place_faults(found), *declared_faults(found, ticket)]


def declared_faults(found: Mapping[str, Outcome], ticket: Ticket) -> Iterator[str]:
    """Outcomes and places that the ticket asks for and that are not there, and others that are."""
    for name, fact in ticket.outcomes.items():
        if name not in found:
            yield f"the outcome {name!r} is missing"
            continue
        if "places" not in fact:
            continue
        asked, outcome = dict(fact["places"]), found[name]
        if set(asked) != set(outcome.dims):
            yield f"{name!r} has the dims {listed(outcome.dims)}, asked for are {listed(asked)}"
            continue
        for dim, values in asked.items():
            seen = set(outcome.texts(dim))
            if lacking := [v for v in values if v not in seen]:
                yield f"{name!r} lacks {dim}={listed(lacking, 5)}"
            if stray := sorted(seen - set(values)):
                yield f"{name!r} has {dim}={listed(stray, 5)}, which was not asked for"


def placed(column: str) -> tuple[str | None, Place]:
    """Outcome and place of a column, (None, ()) when it is written otherwise."""
    if "[" not in column and "]" not in column:
        return column.strip(), ()
    match = COLUMN.fullmatch(column.strip())
    parts = [part.partition("=") for part in match["place"].split(",")] if match else []
    place = tuple((dim.strip(), value.strip()) for dim, _, value in parts)
    if match is None or not all(dim and value for dim, value in place):
        return None, ()
    return match["outcome"].strip(), place


def place_faults(found: Mapping[str, Outcome]) -> Iterator[str]:
    """Names that cannot be, dims that differ between columns, and places that are missing."""
    whole: dict[str, tuple[str, set[str]]] = {}
    for name, outcome in found.items():
        for fault in filter(None, map(name_fault, (name, *outcome.dims))):
            yield f"column of {name!r}: {fault}"
        odd = [c for place, c in outcome.columns.items() if tuple(dict(place)) != outcome.dims]
        if odd:
            yield f"{listed(odd)} has other dims than the first column of {name!r}"
            continue
        lacking = [place for place in outcome.grid if place not in outcome.columns]
        if lacking:
            texts = (", ".join(f"{dim}={value}" for dim, value in place) for place in lacking)
            yield f"{name!r} lacks {listed((f'[{text}]' for text in texts), 5)}"
        for dim in outcome.dims:
            other, texts_there = whole.setdefault(dim, (name, set(outcome.texts(dim))))
            if texts_there != set(outcome.texts(dim)):
                yield f"{other!r} and {name!r} have different coordinates of {dim!r}"


def as_id(value: Any) -> str:
    """An id as text; empty where there is none."""
    return value.strip() if isinstance(value, str) else "" if value != value else str(value)


def id_faults(ids: pd.Series[str], table: pd.DataFrame, mark: str) -> Iterator[str]:
    """Runs that are empty, of another sample, unknown, doubled or missing."""
    known = ids.isin(table[RUN])
    marks = ids.map(lambda text: match["mark"] if (match := ID.fullmatch(text)) else "")
    foreign = (marks != "") & (marks != mark)
    empty = ids == ""
    others = listed(sorted(set(marks[foreign])), 3)
    cases = {
        f"{RUN} is empty": empty,
        f"{RUN} is of another sample ({others}); this one is {mark}": foreign,
        f"{RUN} is unknown": ~known & ~foreign & ~empty,
        f"{RUN} comes twice": known & ids.duplicated(keep=False),
    }
    for words, mask in cases.items():
        if mask.any():
            shown = f": {listed(dict.fromkeys(ids[mask]), 5)}" if words.endswith(("n", "e")) else ""
            yield f"{rows(mask)}: {words}{shown}"
    missing = table[RUN][~table[RUN].isin(ids)]
    if len(missing):
        yield f"{len(missing)} of {len(table)} runs are missing: {listed(missing, 5)}"


def number_faults(outcomes: pd.DataFrame, names: Sequence[str]) -> Iterator[str]:
    """Values that are empty, infinite or no numbers."""
    for name in names:
        values = outcomes[name]
        numbers = numeric(values)
        text = numbers.isna() & values.notna()
        cases: dict[str, Any] = {
            f"{name} is no number: {listed(map(repr, dict.fromkeys(values[text])), 3)}": text,
            f"{name} is empty or NaN": values.isna(),
            f"{name} is infinite": np.isinf(numbers),
        }
        for words, mask in cases.items():
            if mask.any():
                yield f"{rows(mask)}: {words}"


def changed(outcomes: pd.DataFrame, ids: pd.Series[str], table: pd.DataFrame) -> Iterator[str]:
    """Parameters beside the outcomes that are not those of the sample."""
    sampled = table.set_index(RUN).reindex(ids)
    known = ids.isin(table[RUN]).to_numpy()
    for name in (str(column) for column in sampled if column in outcomes):
        wanted, found = sampled[name].to_numpy(), numeric(outcomes[name]).to_numpy()
        reach = 1e-9 * np.abs(table[name]).max()
        mask = known & ~np.isclose(found, wanted, rtol=CLOSE, atol=reach)
        if mask.any():
            place = int(np.flatnonzero(mask)[0])
            first = f"{outcomes[name].iloc[place]} for {wanted[place]:.6g}"
            yield f"{rows(mask)}: the parameter {name!r} is not the sampled one ({first})"


def numeric(values: pd.Series[Any]) -> pd.Series[float]:
    """Values as floats, NaN where they are none; texts to the last bit."""
    import pandas as pd

    if values.dtype.kind in "fiub":
        return values.astype(np.float64)
    return pd.Series([exact(value) for value in values], values.index, dtype=np.float64)


def exact(value: Any) -> float:
    """One value as a float, NaN if it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan


def rows(mask: Any) -> str:
    """Rows as an editor shows them: the header is row 1."""
    numbers = np.flatnonzero(np.asarray(mask, dtype=bool)) + 2
    return f"row{'s' * (len(numbers) > 1)} {listed(numbers, 8)}"


def arrayed(ordered: pd.DataFrame, outcome: Outcome) -> Array:
    """Values of an outcome, (..., run)."""
    values = [numeric(ordered[outcome.columns[place]]).to_numpy() for place in outcome.grid]
    lengths = [len(outcome.texts(dim)) for dim in outcome.dims]
    table: Array = np.array(values, dtype=np.float64)
    return table.reshape(*lengths, len(ordered))
