"""Gallery: the charts that a study's result comes with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from uncertainty.errors import ResultError
from uncertainty.labels import headline_wish

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

FORMATS = ("png", "svg")


def gallery(result: xr.DataTree, charts: Sequence[str] | None = None) -> dict[str, bytes]:
    """All charts of a result as files.

    Parameters
    ----------
    result : xarray.DataTree
    charts : sequence of outcomes, optional
        Outcomes that get a fan chart; those with drivers when left out.

    Returns
    -------
    {file name: bytes}
        PNG and SVG of each.
    """
    from uncertainty.views import render

    return {
        f"{name}.{form}": render(figure, form)
        for name, figure in figures(result, charts)
        for form in FORMATS
    }


def figures(result: xr.DataTree, charts: Sequence[str] | None) -> Iterator[tuple[str, Figure]]:
    """Fans first, then drivers, then drivers over time, each with its name."""
    explained = list(result["drivers"].children) if "drivers" in result else []
    for outcome in explained if charts is None else charts:
        if figure := fan(result, outcome):
            yield f"fan-{outcome}", figure
    for outcome in explained:
        yield from driver_figures(result, outcome)


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
    """Ranked drivers in the headline's years (else over all), their groups, and over time."""
    from uncertainty.views import driver_chart, drivers_over_time

    dims = [d for d in result[f"drivers/{outcome}/S1"].dims if d != "parameter"]
    years = headline_wish(result).get("years", []) if dims == ["year"] else []
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
    if dims == ["year"]:
        yield f"drivers-over-time-{outcome}", drivers_over_time(result, outcome)[0]
