"""Matching: what a study file names must be there in its model, and computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from uncertainty.labels import waterfall_name
from uncertainty.model import Model
from uncertainty.names import listed, suggestion
from uncertainty.schema import ChanceRow, HeadlineRow, StudyRow

#: A place in the study file, and what is wrong there.
Fault = tuple[tuple[str | int, ...], str]

#: Parts of a study that compute their outcomes themselves.
OWN_RUNS = ("outcomes", "drivers", "shapley", "readings")
#: Most dims of an outcome that has margins: places in two ways, and the year.
MOST_DIMS = 3


def faults(row: StudyRow, model: Model) -> Iterator[Fault]:
    """All that does not fit between a study file and the outcomes of its model."""
    unknown = list(unknown_outcomes(row, model))
    yield from unknown
    if not unknown:
        for check in CHECKS:
            yield from check(row, model)


def named_outcomes(row: StudyRow) -> dict[tuple[str, ...], Sequence[str]]:
    """The outcomes that a study names, by the place where it does."""
    wish = row.headline
    return {
        ("outcomes",): row.outcomes or [],
        ("drivers", "outcomes"): (row.drivers and row.drivers.outcomes) or [],
        ("shapley", "outcomes"): (row.shapley and row.shapley.outcomes) or [],
        ("readings", "outcome"): given(row.readings.outcome if row.readings else None),
        ("thresholds",): list(row.thresholds),
        ("headline",): [wish.outcome, *wish.effects.values()] if wish else [],
        ("headline", "also"): wish.also if wish else [],
        ("headline", "chances"): [chance.outcome for chance in wish.chances] if wish else [],
        ("headline", "turning"): given(wish.turning if wish else None),
        ("charts",): row.charts or [],
        ("margins", "outcomes"): row.margins.outcomes if row.margins else [],
        ("waterfalls",): [name for fall in row.waterfalls for name in fall.outcomes],
    }


def given(name: str | None) -> list[str]:
    """A name as a list, empty without one."""
    return [name] if name else []


def unknown_outcomes(row: StudyRow, model: Model) -> Iterator[Fault]:
    """Outcomes that the model does not have, or that the study does not compute."""
    named_right = all(name in model.outcomes for name in row.outcomes or ())
    computed = row.outcomes if row.outcomes and named_right else list(model.outcomes)
    for place, names in named_outcomes(row).items():
        known = model.outcomes if place[0] in OWN_RUNS else computed
        for name in names:
            if name not in known:
                near = suggestion(name, known)
                yield place, f"no outcome {name!r}{near} (there are {listed(known, 40)})"


def yearly(place: Sequence[str], names: Sequence[str], model: Model) -> Iterator[Fault]:
    """Outcomes that must vary by year and by nothing else."""
    for name in names:
        dims = model.dims.get(name, ())
        if dims != ("year",):
            yield tuple(place), f"{name!r} has the dims {dims}, expected ('year',)"


def years(place: Sequence[str], wanted: Sequence[int], model: Model) -> Iterator[Fault]:
    """Years that the model must have."""
    known = list(model.coords.get("year", ()))
    for year in wanted:
        if year not in known:
            yield tuple(place), f"there is no year {year}; there are {listed(sorted(known), 40)}"


def headline_faults(row: StudyRow, model: Model) -> Iterator[Fault]:
    """The headline's years and quantiles must be computed."""
    wish = row.headline
    if wish is None:
        return
    yield from yearly(("headline", "outcome"), [wish.outcome], model)
    yield from yearly(("headline", "effects"), list(wish.effects.values()), model)
    if model.dims.get(wish.outcome) == ("year",):
        yield from years(("headline", "years"), wish.years, model)
        yield from quantile_faults(row, wish)
    for name in wish.also:
        if dims := model.dims.get(name, ()):
            yield ("headline", "also"), f"{name!r} has the dims {dims}, expected none"
    for i, chance in enumerate(wish.chances):
        yield from chance_faults(i, chance, model)
    if wish.turning is not None and (model.dims.get(wish.turning) or row.horizon is None):
        yield (
            ("headline", "turning"),
            f"{wish.turning!r} must be one year a draw, of a model with a horizon; it has the "
            f"dims {model.dims.get(wish.turning, ())}",
        )


def quantile_faults(row: StudyRow, wish: HeadlineRow) -> Iterator[Fault]:
    """The median and the margin must be among the quantiles."""
    levels = row.intervals.probabilities
    for needed in (0.5, wish.margin):
        if needed not in levels:
            yield (
                ("headline", "margin"),
                f"needs the quantile {needed:g}; add it to intervals.probabilities, now {levels}",
            )


def chance_faults(number: int, chance: ChanceRow, model: Model) -> Iterator[Fault]:
    """A chance is above or below one number, in one year of an outcome that has years."""
    place = ("headline", "chances", number)
    if (chance.above is None) == (chance.below is None):
        yield place, "give either 'above' or 'below', a number"
    dims = model.dims.get(chance.outcome, ())
    if dims not in ((), ("year",)):
        yield place, f"{chance.outcome!r} has the dims {dims}, expected ('year',) or none"
    elif (chance.year is None) == (dims == ("year",)):
        word = "give its 'year'" if dims else "it has no years; remove 'year'"
        yield place, f"{chance.outcome!r}: {word}"
    elif chance.year is not None:
        yield from years(("headline", "chances"), [chance.year], model)


def reading_faults(row: StudyRow, model: Model) -> Iterator[Fault]:
    """Readings need an outcome over the years or without dims, and its years."""
    if row.readings is None:
        return
    outcome = row.readings.outcome or (row.headline.outcome if row.headline else None)
    if outcome is None:
        yield ("readings",), "name an outcome, or give the study a headline"
        return
    dims = model.dims.get(outcome, ())
    wanted = row.readings.years or (row.headline.years if row.headline else [])
    if dims not in ((), ("year",)):
        yield ("readings", "outcome"), f"{outcome!r} has the dims {dims}, expected ('year',)"
    elif dims:
        yield from years(("readings", "years"), wanted, model)
        if not wanted:
            yield ("readings",), f"{outcome!r} varies by year; name the years"


def margin_faults(row: StudyRow, model: Model) -> Iterator[Fault]:
    """Margins are of outcomes over years and at most two more dims."""
    for name in row.margins.outcomes if row.margins else ():
        dims = model.dims.get(name, ())
        if "year" not in dims or len(dims) > MOST_DIMS:
            yield (
                ("margins", "outcomes"),
                f"{name!r} has the dims {dims}, expected 'year' and at most two more",
            )


def waterfall_faults(row: StudyRow, model: Model) -> Iterator[Fault]:
    """Waterfalls stand at a year and have charts of their own; their outcomes vary by year."""
    names = [waterfall_name(fall.model_dump()) for fall in row.waterfalls]
    for name in {n for n in names if names.count(n) > 1}:
        yield ("waterfalls",), f"two of them would be one chart, {name}; give another start or year"
    for i, fall in enumerate(row.waterfalls):
        place = ("waterfalls", i)
        yield from ((place, text) for _, text in years((), [fall.year], model))
        plain = [fall.total, *given(fall.start)]
        plain += [] if isinstance(fall.steps, str) else fall.steps
        yield from ((place, text) for _, text in yearly((), plain, model))
        if isinstance(fall.steps, str):
            dims = model.dims.get(fall.steps, ())
            if "year" not in dims or len(dims) != 2:
                yield place, f"{fall.steps!r} has the dims {dims}, expected the steps and 'year'"


CHECKS: tuple[Callable[[StudyRow, Model], Iterator[Fault]], ...] = (
    headline_faults,
    reading_faults,
    margin_faults,
    waterfall_faults,
)
"""Checks of a study whose outcomes are all there."""
