"""Sections: each a function from what is given to a part of the page, None without its group."""

from collections.abc import Callable

from uncertainty.report.blocks import Section
from uncertainty.report.given import Given
from uncertainty.report.sections.charts import charts
from uncertainty.report.sections.decides import decides
from uncertainty.report.sections.findings import findings
from uncertainty.report.sections.levels import levels
from uncertainty.report.sections.making import making
from uncertainty.report.sections.parameters import parameters
from uncertainty.report.sections.projection import projection
from uncertainty.report.sections.published import published
from uncertainty.report.sections.readings import readings
from uncertainty.report.sections.reserve import reserve
from uncertainty.report.sections.rests import rests
from uncertainty.report.sections.sources import sources
from uncertainty.report.sections.steps import steps
from uncertainty.report.sections.taught import taught
from uncertainty.report.sections.turning import turning

SECTIONS: tuple[Callable[[Given], Section | None], ...] = (
    levels,
    findings,
    projection,
    taught,
    decides,
    reserve,
    steps,
    turning,
    rests,
    parameters,
    sources,
    readings,
    published,
    charts,
    making,
)
"""In the order of the page."""

__all__ = ["SECTIONS"]
