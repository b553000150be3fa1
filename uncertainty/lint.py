"""Lint: priors that can be drawn and still make no sense, each with its place in the file."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from uncertainty.alternatives import outside
from uncertainty.bounds import Bounds
from uncertainty.catalogue import Entry
from uncertainty.ledger import publisher, setting
from uncertainty.names import listed
from uncertainty.prior import Prior

#: Mass beyond a bound that is no more than rounding.
ROUNDING = 1e-12
#: Tail probabilities between which the growth of mass from an end is measured; above the median
#: they can be told from 1 to so many digits only.
TAIL, TAIL_ABOVE = (1e-9, 1e-12), (1e-5, 1e-8)
SLACK = 0.01
#: Two figures for one number that differ by more than this factor contradict each other.
APART = 1.2
#: A standard deviation above this many means lives on draws that hardly ever come.
HEAVY = 10.0
#: A source's own figure should lie within this central part of the prior.
HELD = 0.98

#: What is expected of parameters by their name, where the model itself says nothing.
CUSTOMARY: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(^|_)pue(_|$)"), "[1, inf)"),
    (re.compile(r"(^|_)(load_factor|utilisation|utilization)(_|$)"), "(0, 1]"),
    (re.compile(r"(^|_)(share|fraction|probability|reach)(_|$)"), "[0, 1]"),
)

#: The name of one share of a whole, and how near to one the medians of all of them come.
SHARE = re.compile(r"share_[a-z0-9]+|[a-z0-9]+_share")
NEARLY = 0.02


@dataclass(frozen=True)
class Finding:
    """One thing to look at.

    Attributes
    ----------
    level : str
        ``warning`` (wrong as it stands) or ``note`` (to be known).
    place : str
        File and line.
    parameter : str
    text : str
    """

    level: str
    place: str
    parameter: str
    text: str

    def __str__(self) -> str:
        name = f"{self.parameter}: " if self.parameter else ""
        return f"{self.place}: {self.level}: {name}{self.text}"


def lint(
    entries: Mapping[str, Entry],
    bounds: Mapping[str, str] | None = None,
    scales: Mapping[str, float] | None = None,
    shares: Sequence[Sequence[str]] = (),
) -> list[Finding]:
    """All findings, in the order of the parameters; sets of shares last.

    Parameters
    ----------
    entries : {parameter: Entry}
    bounds : {parameter: interval}, optional
        What the model expects, in its own units.
    scales : {parameter: float}, optional
        From the prior's unit to the model's, where that is not 1.
    shares : sequence of lists of parameters, optional
        Sets that the user declares to sum to one.
    """
    found: list[Finding] = []
    for name, entry in entries.items():
        expected = (bounds or {}).get(name) or customary(name, entry)
        case = Case(entry, expected, (scales or {}).get(name, 1.0))
        for level, rule in RULES:
            found += [Finding(level, entry.place, name, text) for text in rule(case)]
    found += unsourced(entries.values())
    found += lookalikes(entries, shares)
    return found + [f for names in shares for f in share_findings(names, entries)]


@dataclass(frozen=True)
class Case:
    """An entry with what is expected of it."""

    entry: Entry
    expected: str | None
    scale: float

    @property
    def prior(self) -> Prior:
        """The prior."""
        return self.entry.prior

    @property
    def scalar(self) -> bool:
        """Whether it is one uncertain number with a density."""
        return self.prior.size == 1 and self.prior.width == 1 and self.prior.family != "choice"

    @property
    def bounds(self) -> Bounds | None:
        """What is expected, in the prior's unit."""
        return None if self.expected is None else Bounds.of(self.expected).scaled(self.scale)


def customary(name: str, entry: Entry) -> str | None:
    """Bounds that follow from the name of a pure number."""
    if entry.prior.unit not in {"1", ""}:
        return None
    return next((text for pattern, text in CUSTOMARY if pattern.search(name)), None)


def beyond(case: Case) -> Iterator[str]:
    """Mass on the wrong side of a hard bound: a PUE below 1, a share above 1."""
    bounds = case.bounds
    if bounds is None or case.prior.size > 1:
        return
    if case.prior.width == 0 or case.prior.family == "choice":
        values = np.atleast_1d(case.prior.parameters.get("values", case.prior.mean))
        wrong = [f"{value:g}" for value in values if not bounds.holds(float(value))]
        if wrong:
            yield f"{listed(wrong)} lies outside {bounds}"
        return
    mass = outside(case.prior, bounds)
    if mass > ROUNDING:
        low, high = case.prior.support
        yield (
            f"{percent(mass)} of its mass lies outside {bounds}: the prior runs from {low:g} to "
            f"{high:g}"
        )


def percent(mass: float) -> str:
    """A small probability that does not read as zero."""
    return f"{mass:.2g}" if mass < 1e-4 else f"{100 * mass:.3g}%"


def divided(case: Case) -> Iterator[str]:
    """Density at an end that the model excludes: if it divides there, no variance is left."""
    bounds = case.bounds
    if bounds is None or not case.scalar:
        return
    ends = ((bounds.open_low, bounds.low, 1.0), (bounds.open_high, bounds.high, -1.0))
    for is_open, end, side in ends:
        near = is_open and math.isfinite(end) and reached(case.prior, end)
        if near and rise(case.prior, end, side) <= 2.0 + SLACK:
            yield (
                f"its density does not vanish fast enough at {end:g}, which {bounds} excludes: "
                "where the model divides by the distance to it, the result has infinite "
                f"variance; keep the prior away from {end:g}"
            )


def reached(prior: Prior, end: float) -> bool:
    """Whether the support comes as near to a value as one likes."""
    low, high = prior.support
    return low <= end <= high


def rise(prior: Prior, end: float, side: float) -> float:
    """Power with which mass grows from an end: 1 for a positive density, inf if faster than any.

    A reciprocal has a finite variance only above 2. Between two quantiles far out in the tail the
    power is the slope of log probability over log distance.
    """
    low, high = prior.support
    if end not in (low, high):
        return 1.0
    outer, inner = TAIL if side > 0 else TAIL_ABOVE
    far, near = (abs(float(prior.ppf(p if side > 0 else 1.0 - p)) - end) for p in (outer, inner))
    return math.inf if near <= 0 or far <= near else math.log(outer / inner) / math.log(far / near)


def heavy(case: Case) -> Iterator[str]:
    """Infinite variance, or so large a one that no sample shows it."""
    if not case.scalar:
        return
    mean, sd = float(case.prior.mean), float(case.prior.sd)
    if not (math.isfinite(mean) and math.isfinite(sd)):
        yield "its variance is infinite: means and shares of variance do not exist"
    elif case.prior.support[0] >= 0 and sd > HEAVY * mean:
        yield (
            f"its standard deviation is {sd / mean:.0f} times its mean: the mean rests on draws "
            "that hardly ever come; a narrower interval or another family is meant?"
        )


def unread(case: Case) -> Iterator[str]:
    """A source without a word on how it became a distribution."""
    if case.entry.sources and not case.entry.prior.reading:
        yield "has sources but no reading: say how their words became this distribution"


def graded_without_source(case: Case) -> Iterator[str]:
    """A grade that only a source can give."""
    if case.entry.grade != "assumption" and not setting(case.entry):
        yield f"is graded {case.entry.grade} and has no source that sets it"


@dataclass(frozen=True)
class Claim:
    """What a source itself says of a number."""

    who: str
    low: float
    high: float

    def __str__(self) -> str:
        text = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
        return f"{text} ({self.who})"


def claims(entry: Entry) -> list[Claim]:
    """The sources that state the number, as intervals."""
    found = []
    for source in entry.sources:
        if not isinstance(source, Mapping):
            continue
        value = source.get("value")
        low, high = source.get("low", value), source.get("high", value)
        if low is not None and high is not None:
            found.append(Claim(publisher(source), float(low), float(high)))
    return found


def contradiction(case: Case) -> Iterator[str]:
    """Two sources whose figures do not overlap; of several such pairs the widest apart."""
    pairs = [
        sorted(pair, key=lambda claim: claim.low) for pair in combinations(claims(case.entry), 2)
    ]
    far = [(small, large) for small, large in pairs if apart(small.high, large.low)]
    if far:
        small, large = max(far, key=lambda pair: pair[1].low - pair[0].high)
        yield f"two sources contradict each other: {small} and {large}"


def apart(low: float, high: float) -> bool:
    """Whether a gap is more than two ways of rounding or measuring one thing."""
    return high > low and (low <= 0 or high > APART * low)


def overruled(case: Case) -> Iterator[str]:
    """A catalogue that overrides another one with something quite different."""
    before = case.entry.replaces
    if before is None or not case.scalar or before.prior.width != 1 or before.prior.size != 1:
        return
    if before.prior.unit != case.prior.unit:
        yield f"overrides a prior in {before.prior.unit!r} ({before.place}) by one in another unit"
        return
    old, new = (tuple(float(x) for x in p.interval(0.9)) for p in (before.prior, case.prior))
    if old[1] < new[0] or new[1] < old[0]:
        yield (
            f"contradicts what it overrides: {new[0]:.3g} to {new[1]:.3g} here, {old[0]:.3g} to "
            f"{old[1]:.3g} in {before.place} (90% intervals)"
        )


def unheld(case: Case) -> Iterator[str]:
    """A source's own figure that the prior all but excludes."""
    if not case.scalar:
        return
    low, high = (float(x) for x in case.prior.interval(HELD))
    for claim in claims(case.entry):
        if claim.high < low or claim.low > high:
            yield f"its source says {claim}, but the prior holds {low:.3g} to {high:.3g}"


Rule = Callable[[Case], Iterator[str]]

RULES: tuple[tuple[str, Rule], ...] = (
    ("warning", beyond),
    ("warning", divided),
    ("warning", heavy),
    ("warning", graded_without_source),
    ("warning", unread),
    ("note", contradiction),
    ("note", overruled),
    ("note", unheld),
)
"""What each parameter is held against."""


def unsourced(entries: Iterable[Entry]) -> Iterator[Finding]:
    """Numbers without a source: a warning without a reading too, else one note for all."""
    judged = []
    for entry in entries:
        if entry.sources or entry.grade != "assumption":
            continue
        if entry.prior.reading:
            judged.append(entry)
        else:
            yield Finding("warning", entry.place, entry.name, "has neither source nor reading")
    if judged:
        names = listed([entry.name for entry in judged], 8)
        text = f"{len(judged)} numbers rest on a reading without a source: {names}"
        yield Finding("note", judged[0].place.partition(":")[0], "", text)


def share_findings(names: Sequence[str], entries: Mapping[str, Entry]) -> Iterator[Finding]:
    """Shares that are declared to sum to one and cannot, or do so by accident only."""
    known = [entries[name] for name in names if name in entries]
    supports = np.array([entry.prior.support for entry in known])
    low, high = supports.sum(axis=0)
    place, label = known[0].place, listed(names, 8)
    if low > 1 or high < 1:
        text = f"shares that must sum to 1 run from {low:g} to {high:g} in sum: {label}"
        yield Finding("warning", place, "", text)
    elif sum(entry.prior.width > 0 for entry in known) > 0:
        text = (
            f"shares that must sum to 1 are drawn one by one and will not: {label}; use one "
            "dirichlet, or nested shares of what is left"
        )
        yield Finding("warning", place, "", text)


def lookalikes(
    entries: Mapping[str, Entry], declared: Sequence[Sequence[str]]
) -> Iterator[Finding]:
    """Single numbers called shares whose medians sum to one, as shares of one whole would."""
    known = {name for names in declared for name in names}
    names = [
        name
        for name, entry in entries.items()
        if SHARE.fullmatch(name) and entry.prior.size == 1 and name not in known
    ]
    middle = sum(float(entries[name].prior.interval(1e-9)[0]) for name in names)
    if len(names) > 1 and abs(middle - 1.0) <= NEARLY:
        text = (
            f"shares whose medians sum to {middle:.3g}: {listed(names, 8)}; if they must sum to "
            "1 in every draw, use one dirichlet or nested shares, else ignore this"
        )
        yield Finding("note", entries[names[0]].place, "", text)


def counted(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings of each level."""
    return {level: sum(f.level == level for f in findings) for level in ("warning", "note")}
