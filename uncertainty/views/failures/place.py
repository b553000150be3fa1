"""Place: in which range failed runs lie, and how many of all runs lie there too, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np

from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.shares import share_text
from uncertainty.views.failures.distance import Numbers, gaps

EDGE = 0.1  # of all runs must lie outside for an end of the range to be worth a word
ALL = 0.1  # by so much less may a range tell that holds all failed runs
EXTRA = 0.1  # of the runs in a range may come to it, or leave it, by rounding its end


@dataclass(frozen=True)
class Place:
    """A range, as words, and the shares in it.

    Attributes
    ----------
    words : str
        Such as "above 0.98".
    failed, tried : float
        Shares of failed and of all runs that lie there.
    count : int
        Of all runs that were looked at.
    single : bool
        Whether one run failed and no other.
    """

    words: str
    failed: float
    tried: float
    count: int
    single: bool = False

    @property
    def gap(self) -> float:
        """By how much the shares differ."""
        return self.failed - self.tried

    @property
    def short(self) -> str:
        """How many of the failed runs lie there."""
        whole = "the only one" if self.single else "all"
        return f"{whole if self.failed == 1 else share_text(self.failed)} {self.words}"

    @property
    def full(self) -> str:
        """The same, with the share of all runs."""
        return self.short if self.single else f"{self.short}; of all runs {self.rare}"

    @property
    def rare(self) -> str:
        """The share of all runs; none of so many is a bound, the rule of three."""
        return share_text(self.tried) if self.tried else f"<{ceil(300 / self.count)}%"


def place_of(failed: Numbers, tried: Numbers, scale: Scale) -> Place:
    """Find the range that sets failed runs apart best, one that holds all of them if it can."""
    found = Finder(failed, tried, scale)
    whole, part = found.whole, found.part
    return whole if whole and (whole.single or whole.gap >= part.gap - ALL) else part


@dataclass(frozen=True)
class Finder:
    """What looks for the range."""

    failed: Numbers
    tried: Numbers
    scale: Scale

    @property
    def whole(self) -> Place | None:
        """The range of all failed runs, None where nearly all runs lie in it."""
        low, high = float(self.failed.min()), float(self.failed.max())
        if low == high:
            return self.at(low)
        below = float((self.tried < low).mean()) >= EDGE
        above = float((self.tried > high).mean()) >= EDGE
        start, first = self.rounded(low, floor) if below else (-np.inf, "")
        stop, last = self.rounded(high, ceil) if above else (np.inf, "")
        words = {
            (True, True): f"from {first} to {last}",
            (True, False): f"above {first}" if start < low else f"from {first} up",
            (False, True): f"below {last}" if stop > high else f"up to {last}",
        }
        share = float(((self.tried >= start) & (self.tried <= stop)).mean())
        said = words.get((below, above))
        return Place(self.unit(said), 1.0, share, len(self.tried)) if said else None

    @property
    def part(self) -> Place:
        """The side of the value at which the shares differ most, told at a round number."""
        places, found = gaps(self.failed, self.tried)
        where = int(np.abs(found).argmax())
        value, text = self.rounded(float(places[where]), round)
        above = found[where] > 0
        failed, tried = (
            float((x > value).mean() if above else (x <= value).mean())
            for x in (self.failed, self.tried)
        )
        words = self.unit(f"{'above' if above else 'up to'} {text}")
        return Place(words, failed, tried, len(self.tried))

    def at(self, value: float) -> Place:
        """The one value of all failed runs."""
        text = plain(value, min(self.steps), self.scale)
        share = float((self.tried == value).mean())
        words = self.unit(f"at {text}")
        return Place(words, 1.0, share, len(self.tried), single=len(self.failed) == 1)

    def rounded(self, value: float, way: Callable[[float], float]) -> tuple[float, str]:
        """Round a value so that few runs come into the range or leave it; return it as text too."""
        side = min(int((self.tried <= value).sum()), int((self.tried >= value).sum()))
        for step in self.steps:
            number = way(round(value / step, 6)) * step + 0.0
            if crossed(self.tried, value, number) <= EXTRA * side and not crossed(
                self.failed, value, number
            ):
                break
        return number, plain(number, step, self.scale)

    @property
    def steps(self) -> list[float]:
        """Steps for rounding, ever finer; of calendar years no less than tenths."""
        if self.scale.calendar:
            return [1.0, 0.1]
        coarse = step_for(self.tried)
        return [coarse, coarse / 10, coarse / 100, coarse / 1000]

    def unit(self, words: str) -> str:
        """Put the unit behind."""
        return self.scale.with_unit(words)


def crossed(values: Numbers, one: float, other: float) -> int:
    """Return how many values lie between two."""
    low, high = sorted((one, other))
    return int(((values > low) & (values < high)).sum())


def step_for(values: Numbers) -> float:
    """Return the decimal step that divides the usual spread of values into ten parts or more."""
    middle = float(np.subtract(*np.quantile(values, [0.75, 0.25])))
    spread = middle or float(np.ptp(values)) or abs(float(values[0])) or 1.0
    return 10.0 ** (floor(log10(spread)) - 1)


def plain(value: float, step: float, scale: Scale) -> str:
    """Write a value to a step, without the zeros that say nothing."""
    if scale.calendar:
        return scale.text(value)
    text = scale.tick(value, step)
    return text.rstrip("0").rstrip(".") if "." in text else text
