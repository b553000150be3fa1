"""Schema: what a user may write, key by key, and how a wrong key is answered."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from uncertainty.documents import Document
from uncertainty.names import listed, suggestion
from uncertainty.stopping import Rule

#: Characters that no page or chart can hold.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

#: How well a number is founded, best first.
Grade = Literal["measurement", "model", "expert judgement", "assumption"]


class Row(BaseModel):
    """A table of a file: unknown keys are refused, numbers are not guessed from text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def printable(cls, value: Any) -> Any:
        """Texts hold no control characters but line breaks and tabs: charts cannot show them."""
        if isinstance(value, str) and CONTROL.search(value):
            msg = "must not hold control characters"
            raise ValueError(msg)
        return value


class SourceRow(Row):
    """Where a number comes from, and what it says of the parameter, in the parameter's unit.

    A source that is `context` does not set the number.
    """

    title: str
    publisher: str = ""
    date: dt.date | int | str | None = None
    url: str = ""
    quote: str = ""
    grade: Grade | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    context: bool = False


class PriorRow(BaseModel):
    """A distribution: by its parameters, an interval with its mass, or quantiles."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, allow_inf_nan=False)

    family: str
    interval: list[float] | None = Field(default=None, min_length=2, max_length=2)
    mass: float | None = None
    mode: float | None = None
    quantiles: dict[str, float] | None = None
    support: list[float] | None = Field(default=None, min_length=2, max_length=2)


class ParameterRow(Row):
    """One uncertain number of a catalogue."""

    prior: PriorRow
    label: str = ""
    unit: str = "1"
    group: str = ""
    reading: str = ""
    grade: Grade = "assumption"
    sources: list[SourceRow] = []


class CatalogueRow(Row):
    """A file of priors."""

    title: str
    description: str = ""
    parameters: dict[str, dict[str, Any]] = Field(min_length=1)


class CorrelationRow(Row):
    """Spearman rank correlation of two parameters."""

    between: list[str] = Field(min_length=2, max_length=2)
    rank: float


class DesignRow(Row):
    """Design of the propagation; `keep` draws of each replicate are stored."""

    kind: Literal["sobol", "latin", "random"] = "sobol"
    size: int = Field(default=4096, ge=1)
    replicates: int = Field(default=8, ge=1)
    keep: int = Field(default=512, ge=0)


class IntervalsRow(Row):
    """Quantiles to report."""

    probabilities: list[float] = Field(default=[0.05, 0.25, 0.5, 0.75, 0.95], min_length=1)

    @field_validator("probabilities")
    @classmethod
    def inside(cls, values: list[float]) -> list[float]:
        """Different numbers strictly between 0 and 1."""
        if len(set(values)) < len(values) or not all(0 < p < 1 for p in values):
            msg = "must be different numbers strictly between 0 and 1"
            raise ValueError(msg)
        return values


class DriversRow(Row):
    """Which outcomes are explained (all if not given), and which groups are ranked too."""

    outcomes: list[str] | None = Field(default=None, min_length=1)
    size: int = Field(default=1024, ge=1)
    replicates: int = Field(default=8, ge=2)
    groups: bool | dict[str, list[str]] = False
    control: bool = True
    second_order: bool = False
    until: float | str | None = None
    most: int = Field(default=64, ge=2)

    @field_validator("until")
    @classmethod
    def a_rule(cls, value: float | str | None) -> float | str | None:
        """Raise unless it says when to stop."""
        Rule.of(value, 2)
        return value


class ShapleyRow(Row):
    """Outcomes whose variance is shared out (all if not given)."""

    outcomes: list[str] | None = Field(default=None, min_length=1)
    size: int = Field(default=512, ge=1)
    replicates: int = Field(default=8, ge=2)


class ReadingsRow(Row):
    """Whether it matters how ranges were read: of which outcome, at which years.

    `anew` runs the model again where the draws do not carry another reading.
    """

    outcome: str | None = None
    years: list[int] | None = Field(default=None, min_length=1)
    anew: bool = False


class ChanceRow(Row):
    """How often an outcome lies above or below a number, told in words."""

    text: str
    outcome: str
    above: float | None = None
    below: float | None = None
    year: int | None = None


class MarginsRow(Row):
    """Outcomes whose upper quantiles say what to reserve, in a table and as charts."""

    outcomes: list[str] = Field(min_length=1)
    levels: list[float] = Field(default=[0.5, 0.8, 0.9, 0.95], min_length=2)

    @field_validator("levels")
    @classmethod
    def rising(cls, values: list[float]) -> list[float]:
        """The median first, then rising numbers below 1."""
        if values[0] != 0.5 or sorted(set(values)) != values or values[-1] >= 1:
            msg = "must begin with 0.5 and rise to less than 1"
            raise ValueError(msg)
        return values


class WaterfallRow(Row):
    """A chart of the steps from one level to another: steps that sum to `total` less `start`.

    Without `start` the steps lead from the first year's total.
    """

    steps: str | list[str]
    total: str
    start: str | None = None
    year: int

    @property
    def outcomes(self) -> list[str]:
        """All outcomes that it draws."""
        steps = [self.steps] if isinstance(self.steps, str) else self.steps
        return [*steps, self.total, *([self.start] if self.start else [])]


class HeadlineRow(Row):
    """What the short table shows: `outcome` in `years`, with the margin above the median.

    `effects` gives a column each, by its heading: the share of draws in which an outcome is
    below zero. `also` are outcomes of one number a draw, told in a line each, and so are
    `chances`. `turning` is an outcome that is a year: how it is distributed is told.
    """

    outcome: str
    years: list[int] = Field(min_length=1)
    margin: float = Field(default=0.95, gt=0.5, lt=1)
    effects: dict[str, str] = {}
    also: list[str] = []
    chances: list[ChanceRow] = []
    turning: str | None = None

    @field_validator("years")
    @classmethod
    def different(cls, values: list[int]) -> list[int]:
        """No year twice."""
        if len(set(values)) < len(values):
            msg = "must be different years"
            raise ValueError(msg)
        return values


class OverlaysRow(Row):
    """Tables that charts lay over the projection."""

    observations: str | None = None
    projections: str | None = None


class CalibrationRow(Row):
    """Observations that the model learns from, and how its posterior is sampled.

    `outcomes` and `since` leave out rows of the table. Of each chain's `draws`, `keep` go on into
    the result. A run whose chains have not converged
    fails, unless `unconverged` is "tell".
    """

    evidence: str
    outcomes: list[str] | None = Field(default=None, min_length=1)
    since: int | None = None
    draws: int = Field(default=1000, ge=4)
    keep: int = Field(default=1000, ge=4)
    tune: int = Field(default=1000, ge=1)
    chains: int = Field(default=4, ge=2)
    sampler: Literal["nutpie", "pymc"] = "nutpie"
    target_accept: float = Field(default=0.95, gt=0, lt=1)
    robust: bool = False
    unconverged: Literal["fail", "tell"] = "fail"


class HindcastRow(Row):
    """What is set otherwise when a study is fitted to an earlier year, and what is scored.

    `priors` are catalogues that override the study's own; `until` is the last year scored.
    """

    priors: list[str] = []
    outcomes: list[str] | None = Field(default=None, min_length=1)
    until: int | None = None


class StudyRow(Row):
    """A study file."""

    title: str
    model: str
    priors: list[str] = []
    question: str = ""
    parameters: dict[str, dict[str, Any]] = {}
    correlation: list[CorrelationRow] = []
    horizon: list[int] | None = Field(default=None, min_length=2, max_length=2)
    options: dict[str, Any] = {}
    leave_out: list[str] = []
    sum_to_one: list[Annotated[list[str], Field(min_length=2)]] = []
    seed: int = Field(default=1, ge=0, lt=2**63)
    outcomes: list[str] | None = Field(default=None, min_length=1)
    thresholds: dict[str, list[float]] = {}
    design: DesignRow = DesignRow()
    intervals: IntervalsRow = IntervalsRow()
    drivers: DriversRow | None = None
    shapley: ShapleyRow | None = None
    readings: ReadingsRow | None = None
    calibration: CalibrationRow | None = None
    hindcast: HindcastRow | None = None
    margins: MarginsRow | None = None
    waterfalls: list[WaterfallRow] = []
    headline: HeadlineRow | None = None
    overlays: OverlaysRow = OverlaysRow()
    charts: list[str] | None = None


class PairRow(Row):
    """A file that sets two studies side by side."""

    title: str
    compare: list[str] = Field(min_length=2, max_length=2)
    question: str = ""


def faults(
    document: Document,
    kind: type[BaseModel],
    error: ValidationError,
    place: Sequence[str] = (),
) -> list[str]:
    """One line for each fault that the schema found at a place of a document."""
    return [
        f"{document.where([*place, *fault['loc']])}: {answer(kind, fault)}"
        for fault in error.errors(include_url=False)
    ]


def answer(kind: type[BaseModel], fault: Any) -> str:
    """What was wrong, what was found, what is allowed."""
    place = [part for part in fault["loc"] if isinstance(part, str)]
    if fault["type"] == "extra_forbidden":
        known = list(keys(kind, place[:-1]))
        near = suggestion(place[-1], known)
        return f"unknown key {place[-1]!r}{near} (allowed: {listed(known, 20)})"
    if fault["type"] == "missing":
        return "this key is missing"
    words = fault["msg"].removeprefix("Value error, ")
    return f"{words[0].lower()}{words[1:]}; found {repr(fault['input'])[:80]}"


def keys(kind: type[BaseModel], place: Sequence[str]) -> Iterator[str]:
    """The keys allowed at a place of the schema."""
    for step in place:
        if step in kind.model_fields:
            inner = models(kind.model_fields[step].annotation)
            kind = inner[0] if inner else kind
    yield from kind.model_fields


def models(annotation: Any) -> list[type[BaseModel]]:
    """The row types within an annotation such as ``list[SourceRow]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in models(part)]


def read[Kind: BaseModel](
    document: Document, kind: type[Kind], data: Any = None, place: Sequence[str] = ()
) -> tuple[Kind | None, list[str]]:
    """The rows of a document, or of a part of it, or the faults that keep them from being read."""
    try:
        return kind.model_validate(document.data if data is None else data), []
    except ValidationError as error:
        return None, faults(document, kind, error, place)


def extras(row: PriorRow) -> Mapping[str, Any]:
    """The distribution's own parameters in a prior row."""
    return row.model_extra or {}
