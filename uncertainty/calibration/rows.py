"""Observations placed among a model's outcomes, as arrays."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array, Numbers
from uncertainty.errors import EvidenceError, UnitError
from uncertainty.evidence import Evidence
from uncertainty.model import Model
from uncertainty.names import listed
from uncertainty.units import factor

if TYPE_CHECKING:
    import pandas as pd

#: What tells sources, and editions, apart.
KEYS = {
    "source": ("source", "outcome", "kind"),
    "edition": ("source", "published"),
}
#: How the error of a row enters: on the value itself, its logarithm, its log-odds.
NATURAL, LOG, LOGIT = 0, 1, 2

#: Attributes that have one number a row.
ALONG = (
    "top", "bottom", "offset", "value", "sd", "link", "less", "source", "edition", "carries",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of evidence, and how each is read off a model's outcomes.

    The cells of the outcomes that are observed are laid out one after the other, (cell, sample).
    What row i is about is its *gist*, (top @ cells) / (bottom @ cells + offset): a level, a growth
    factor or a share.

    Attributes
    ----------
    frame : pandas.DataFrame
        The rows, in the units of the outcomes.
    outcomes : tuple of str
        Those observed, in the order of the cells.
    shapes : {outcome: (...)}
    top, bottom : (row, cell)
    offset : (row,)
    value, sd : (row,)
        As observed; `sd` on the scale of `link`.
    link : (row,) of NATURAL, LOG, LOGIT
    less : (row,)
        What is taken from a natural row's gist: 1 for growth, which is told as a rate.
    source, edition : (row,) of int
    carries : (row,)
        1 where what an edition is off by is felt, 0 for growth, in which it cancels.
    bias_sd : (source,), vintage_sd : (edition,)
        In logs (log-odds for shares); 0 for a reference.
    """

    frame: pd.DataFrame
    outcomes: tuple[str, ...]
    shapes: Mapping[str, tuple[int, ...]]
    top: Array
    bottom: Array
    offset: Array
    value: Array
    sd: Array
    link: Numbers
    less: Array
    source: Numbers
    edition: Numbers
    carries: Array
    bias_sd: Array
    vintage_sd: Array

    @classmethod
    def of(cls, evidence: Evidence, model: Model, outcomes: Sequence[str] | None = None) -> Rows:
        """Place the rows of `evidence` (of some outcomes only) in a model that declares its own.

        Raises
        ------
        EvidenceError
            If it is no evidence, or with every row that names an outcome, year or label that the
            model lacks.
        """
        if not isinstance(evidence, Evidence):
            msg = (
                "evidence is a table, un.Evidence(frame) or un.Evidence.from_csv(path), got "
                f"{type(evidence).__name__}"
            )
            raise EvidenceError(msg)
        found = evidence.fitted(model.outcomes, model.dims, model.coords, outcomes)
        if found.empty:
            msg = f"there is no observation of {listed(outcomes or model.outcomes)} to fit"
            raise EvidenceError(msg)
        frame = found.reset_index(drop=True)
        seen = tuple(dict.fromkeys(frame["outcome"]))
        shapes = {name: model.shape(name) or () for name in seen}
        top, bottom = places(frame, seen, shapes, model)
        growth = np.array(frame["kind"] == "growth", dtype=float)
        errors = [errors_of(row) for row in frame.to_dict("records")]
        sources, editions = (numbered(frame, columns) for columns in KEYS.values())
        return cls(
            frame=frame,
            outcomes=seen,
            shapes=shapes,
            top=top,
            bottom=bottom,
            offset=(~bottom.any(axis=1)).astype(float),
            value=frame["value"].to_numpy(float),
            sd=np.array([sd for _, sd in errors]),
            link=np.array([link for link, _ in errors]),
            less=growth,
            source=sources,
            edition=editions,
            carries=1.0 - growth,
            bias_sd=firsts(frame, "bias_sd", sources),
            vintage_sd=firsts(frame, "vintage_sd", editions),
        )

    @cached_property
    def size(self) -> int:
        """How many rows."""
        return len(self.value)

    @property
    def biased(self) -> Numbers:
        """(biased,) numbers of the sources whose boundary is not the reference."""
        return np.flatnonzero(self.bias_sd > 0)

    @property
    def dated(self) -> Numbers:
        """(dated,) numbers of the editions with an error of their own."""
        return np.flatnonzero(self.vintage_sd > 0)

    def only(self, at: Numbers) -> Rows:
        """Some of the rows; sources and editions keep their numbers."""
        parts = {name: getattr(self, name)[at] for name in ALONG}
        return replace(self, frame=self.frame.iloc[at], **parts)

    def cells(self, found: Mapping[str, Array]) -> Array:
        """Outcomes (..., sample) as (cell, sample)."""
        return np.concatenate([found[n].reshape(-1, found[n].shape[-1]) for n in self.outcomes])

    def gist(self, cells: Any) -> Any:
        """What the rows are about, (row, sample) from (cell, sample); any array library."""
        above = self.top @ cells
        if not self.bottom.any():
            return above
        return above / (self.bottom @ cells + self.offset[:, None])

    def keys(self, column: str) -> list[tuple[str, ...]]:
        """What tells each source or edition apart, in the order of their numbers."""
        numbers = getattr(self, column)
        texts = self.frame[list(KEYS[column])].astype(str).to_numpy()
        return [tuple(texts[int(np.argmax(numbers == n))]) for n in range(int(numbers.max()) + 1)]

    def labels(self, column: str, numbers: Numbers) -> list[str]:
        """Text of each source or edition: the first of its rows."""
        texts = self.frame["label"].where(self.frame["label"] != "", self.frame["source"])
        return unique([str(texts[int(np.argmax(getattr(self, column) == n))]) for n in numbers])


def places(
    frame: pd.DataFrame,
    seen: Sequence[str],
    shapes: Mapping[str, tuple[int, ...]],
    model: Model,
) -> tuple[Array, Array]:
    """The matrices `top` and `bottom`, both (row, cell)."""
    sizes = [int(np.prod(shapes[name], dtype=int)) for name in seen]
    starts = dict(zip(seen, np.cumsum([0, *sizes[:-1]]), strict=True))
    top = np.zeros((len(frame), sum(sizes)))
    bottom = np.zeros_like(top)
    for i, row in enumerate(frame.to_dict("records")):
        name = row["outcome"]
        at = indices(row, model)
        cells = starts[name] + np.arange(max(int(np.prod(shapes[name], dtype=int)), 1)).reshape(
            shapes[name]
        )
        top[i, cells[tuple(at.values())]] = scale_of(row, model)
        for cell in beneath(row, at, cells, model):
            bottom[i, cell] = 1.0
    return top, bottom


def scale_of(row: Mapping[Hashable, Any], model: Model) -> float:
    """From the outcome's unit to that of the row: a share in percent becomes a part of one."""
    unit = model.outcomes[str(row["outcome"])]
    return factor(unit, "1") if row["kind"] == "share" and pure(unit) else 1.0


def indices(row: Mapping[Hashable, Any], model: Model) -> dict[str, int]:
    """Position along each dim of the row's outcome."""
    dims = model.dims.get(row["outcome"], ())
    return {dim: list(model.coords[dim]).index(row[dim]) for dim in dims}


def beneath(
    row: Mapping[Hashable, Any], at: Mapping[str, int], cells: Numbers, model: Model
) -> Numbers:
    """Cells that a row's level is divided by: those of the year before, or of the whole."""
    if row["kind"] == "growth":
        years = list(model.coords["year"])
        before = {**at, "year": years.index(row["year"] - 1)}
        return np.atleast_1d(cells[tuple(before.values())])
    if row["kind"] == "share" and not pure(model.outcomes[str(row["outcome"])]):
        whole = [dim for dim in at if dim != "year"][-1]
        return cells[tuple(slice(None) if dim == whole else i for dim, i in at.items())]
    return np.array([], dtype=int)


def pure(unit: str) -> bool:
    """Whether an outcome is a share by itself."""
    try:
        factor(unit, "1")
    except UnitError:
        return False
    return True


def errors_of(row: Mapping[Hashable, Any]) -> tuple[int, float]:
    """Scale on which a row errs, and its sd there."""
    relative, value = given(row, "relative_error"), float(row["value"])
    if row["kind"] == "share":
        return LOGIT, (relative or given(row, "error") / value) / (1 - value)
    if row["kind"] == "growth":
        return NATURAL, given(row, "error") or relative * abs(value)
    return (LOG, relative) if relative else (NATURAL, given(row, "error"))


def given(row: Mapping[Hashable, Any], column: str) -> float:
    """A number of a row, 0 where it is empty."""
    found = row.get(column)
    return 0.0 if found is None or found != found else float(found)


def numbered(frame: pd.DataFrame, columns: Sequence[str]) -> Numbers:
    """Number of the group that each row belongs to, in the order of the table."""
    groups = frame.groupby(list(columns), sort=False, dropna=False)
    return np.asarray(groups.ngroup(), dtype=np.int64)


def firsts(frame: pd.DataFrame, column: str, groups: Numbers) -> Array:
    """The number that the rows of each group share, 0 where it is empty."""
    if column not in frame:
        return np.zeros(int(groups.max()) + 1)
    values = frame[column].fillna(0.0).to_numpy(float)
    return np.array([values[groups == i][0] for i in range(int(groups.max()) + 1)])


def unique(texts: Sequence[str]) -> list[str]:
    """Texts made different by a number."""
    found: dict[str, int] = {}
    out = []
    for text in texts:
        found[text] = found.get(text, 0) + 1
        out.append(text if found[text] == 1 else f"{text} ({found[text]})")
    return out
