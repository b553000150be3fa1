"""Further charts: those that lie beside the page."""

from __future__ import annotations

from uncertainty.report.blocks import Items, Paragraph, Section
from uncertainty.report.given import Given


def charts(given: Given) -> Section | None:
    """Links to the charts that do not stand in the page."""
    others = given.pictures.others()
    if not others:
        return None
    text = "These lie beside this page, in the folder figures of the result."
    return Section("charts", "Further charts", [Paragraph([text]), Items(others)])
