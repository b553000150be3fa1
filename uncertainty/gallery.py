"""Gallery: the charts that a study's result comes with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uncertainty.errors import ResultError
from uncertainty.labels import (
    calibration,
    headline_wish,
    is_calibrated,
    middle_year,
    posterior_side,
    waterfall_name,
)

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

FORMATS = ("png", "svg")
#: A share of the variance below this is too thin an area to be seen.
SEEN = 0.01


@dataclass(frozen=True)
class Wishes:
    """Which charts are drawn.

    Attributes
    ----------
    fans : sequence of outcomes or None
        Those with drivers when None.
    margins : mapping or None
        outcomes and levels, as the study's ``[margins]`` has them.
    waterfalls : sequence of mappings
        steps, total, start, year, as each of the study's ``[[waterfalls]]`` has them.
    """

    fans: Sequence[str] | None = None
    margins: Mapping[str, Any] | None = None
    waterfalls: Sequence[Mapping[str, Any]] = ()


def gallery(result: xr.DataTree, wishes: Wishes | None = None) -> dict[str, bytes]:
    """All charts of a result as files.

    Parameters
    ----------
    result : xarray.DataTree
    wishes : Wishes, optional

    Returns
    -------
    {file name: bytes}
        PNG and SVG of each.
    """
    from uncertainty.views import render

    return {
        f"{name}.{form}": render(figure, form)
        for name, figure in figures(result, wishes or Wishes())
        for form in FORMATS
    }


def figures(result: xr.DataTree, wishes: Wishes) -> Iterator[tuple[str, Figure]]:
    """Fans first, then what to reserve, steps, drivers, what the result rests on; each named."""
    explained = outcomes_of(result, "drivers")
    fans = wishes.fans if wishes.fans is not None else explained or headline_outcome(result)
    fans = fans or fitted_outcomes(result)
    for outcome in fans:
        if figure := fan(result, outcome):
            yield f"fan-{outcome}", figure
    yield from fit_figures(result, fans)
    yield from margin_figures(result, wishes.margins or {})
    yield from step_figures(result, wishes.waterfalls)
    yield from turning_figures(result)
    for outcome in explained:
        yield from driver_figures(result, outcome)
    yield from ledger_figures(result, fans)
    yield from reading_figures(result)
    yield from placement_figures(result)


def outcomes_of(result: xr.DataTree, group: str) -> list[str]:
    """Outcomes in a group, none when there is no such group."""
    return list(result[group].children) if group in result else []


def margin_figures(result: xr.DataTree, margins: Mapping[str, Any]) -> Iterator[tuple[str, Figure]]:
    """What to reserve, where and when."""
    from uncertainty.views import reserve_chart

    for outcome in margins.get("outcomes", ()):
        figure, _ = reserve_chart(result, outcome, levels=tuple(margins["levels"]))
        yield f"margins-{outcome}", figure


def step_figures(
    result: xr.DataTree, waterfalls: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Figure]]:
    """Waterfalls."""
    from uncertainty.views import waterfall_chart

    for wish in waterfalls:
        steps, year = wish["steps"], wish["year"]
        figure, _ = waterfall_chart(
            result, steps, total=wish["total"], start=wish["start"], at={"year": year}
        )
        yield waterfall_name(wish), figure


def turning_figures(result: xr.DataTree) -> Iterator[tuple[str, Figure]]:
    """The year in which something turns."""
    from uncertainty.views import turning_chart

    if outcome := headline_wish(result).get("turning"):
        yield f"turning-{outcome}", turning_chart(result, outcome)[0]


def headline_outcome(result: xr.DataTree) -> list[str]:
    """The headline's outcome, none without a headline."""
    outcome = headline_wish(result).get("outcome")
    return [outcome] if outcome else []


def fitted_outcomes(result: xr.DataTree) -> list[str]:
    """Outcomes that were observed, none without a fit."""
    if not is_calibrated(result) or "observed_data" not in result:
        return []
    names = result["observed_data"].to_dataset()["outcome"].values.tolist()
    return [name for name in dict.fromkeys(map(str, names)) if name in result["intervals"]]


def fit_figures(result: xr.DataTree, fans: Sequence[str]) -> Iterator[tuple[str, Figure]]:
    """What the observations taught: fans after the fit, parameters, sources, fitted rows."""
    from uncertainty.views import bias_chart, calibrated_fan_chart, check_chart, learned_chart

    if not is_calibrated(result):
        return
    after = posterior_side(result)
    known = after["intervals"].data_vars
    for outcome in (name for name in fans if name in known):
        if figure := fan(after, outcome):
            yield f"fan-posterior-{outcome}", figure
    main = [name for name in headline_outcome(result) or fans[:1] if name in known]
    for outcome in main:
        if set(known[outcome].dims) == {"year", "quantile"}:
            yield f"prior-posterior-{outcome}", calibrated_fan_chart(result, outcome)[0]
    if calibration(result, "learned") is not None:
        yield "learned", learned_chart(result)[0]
    bias = calibration(result, "source_bias")
    for outcome in () if bias is None else dict.fromkeys(bias["outcome"].values.tolist()):
        yield f"source-bias-{outcome}", bias_chart(result, str(outcome))[0]
    if calibration(result, "check") is not None:
        yield "check", check_chart(result)[0]


def ledger_figures(result: xr.DataTree, outcomes: Sequence[str]) -> Iterator[tuple[str, Figure]]:
    """On what the variance rests: by grade over the years, by source in the headline's middle."""
    from uncertainty.views import ledger_chart

    for outcome in (name for name in outcomes if name in outcomes_of(result, "ledger")):
        book = result["ledger"].children[outcome].to_dataset()
        told = book["by_grade"]
        if told.dims not in {("grade",), ("year", "grade")} or not bool(told.notnull().any()):
            continue
        views = ["grade", "evidence"] if several_grades(book) else ["evidence"]
        for view in views:
            yield f"ledger-{view}-{outcome}", ledger_chart(result, outcome, by=view)[0]
        years = book["year"].values.tolist() if "year" in book.dims else []
        at = {"year": middle_year(result, years)} if years else None
        yield f"ledger-source-{outcome}", ledger_chart(result, outcome, by="source", at=at)[0]


def several_grades(book: xr.Dataset) -> bool:
    """Whether more than one grade holds a part of the variance that can be seen."""
    shares = book["by_grade"].max([dim for dim in book["by_grade"].dims if dim != "grade"])
    return int((shares > SEEN).sum()) > 1


def reading_figures(result: xr.DataTree) -> Iterator[tuple[str, Figure]]:
    """How much it matters how ranges were read."""
    from uncertainty.views import readings_chart

    if "readings" in result and result["readings"].sizes["case"]:
        yield "readings", readings_chart(result)[0]


def placement_figures(result: xr.DataTree) -> Iterator[tuple[str, Figure]]:
    """Where published numbers fall."""
    from uncertainty.views import placements_chart

    if "placements" in result:
        for outcome in dict.fromkeys(result["placements"].to_dataset()["outcome"].values.tolist()):
            yield f"placements-{outcome}", placements_chart(result, outcome)[0]


def fan(result: xr.DataTree, outcome: str) -> Figure | None:
    """The fan of an outcome, one panel a coordinate if it has a second dim."""
    from uncertainty.views import fan_chart

    dims = [dim for dim in result[f"intervals/{outcome}"].dims if dim != "quantile"]
    others = [str(dim) for dim in dims if dim != "year"]
    if len(others) > 1 or (others and "year" not in dims):
        return None
    extra: dict[str, Any] = {"facet": others[0]} if others else {}
    if outcome == "electricity" and "without_levers" in result["intervals"]:
        extra["counterfactual"] = "without_levers"
    return fan_chart(result, outcome, **extra)[0]


def driver_figures(result: xr.DataTree, outcome: str) -> Iterator[tuple[str, Figure]]:
    """Ranked drivers, their groups, and drivers over time.

    The headline's outcome is ranked in each of the headline's years, others in the middle one,
    outcomes without years over all coordinates.
    """
    from uncertainty.views import driver_chart, drivers_over_time

    dims = [d for d in result[f"drivers/{outcome}/S1"].dims if d != "parameter"]
    wish = headline_wish(result)
    years = wish.get("years", []) if dims == ["year"] else []
    if outcome != wish.get("outcome"):
        years = years[len(years) // 2 :][:1]
    places: list[dict[str, int] | None] = [{"year": year} for year in years] or [None]
    for at in places:
        suffix = f"-{at['year']}" if at else ""
        try:
            yield f"drivers-{outcome}{suffix}", driver_chart(result, outcome, at=at)[0]
            if "driver_groups" in result:
                groups = driver_chart(result, outcome, at=at, groups=True)[0]
                yield f"groups-{outcome}{suffix}", groups
        except ResultError:
            if result[f"drivers/{outcome}/S1"].sel(at or {}).notnull().any():
                raise
    if dims == ["year"] and result[f"drivers/{outcome}/S1"].notnull().any():
        yield f"drivers-over-time-{outcome}", drivers_over_time(result, outcome)[0]
