"""Page: a result as one self-contained HTML text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.names import listed
from uncertainty.report import top
from uncertainty.report.blocks import Page
from uncertainty.report.given import Given
from uncertainty.report.pictures import pictures
from uncertainty.report.sections import SECTIONS
from uncertainty.report.words import language, told

if TYPE_CHECKING:
    from jinja2 import Template


def page(tree: xr.DataTree, figures: Mapping[str, bytes], manifest: Mapping[str, Any]) -> str:
    """The report of a result.

    Nothing is read and nothing is loaded: the page needs no script, no network and no file beside
    it. The same arguments give the same text.

    Parameters
    ----------
    tree : xarray.DataTree
        A result; what a section needs and the result lacks is left out.
    figures : {file name: bytes}
        Its charts; those that are SVG may stand in the page, see `pictures.wanted`.
    manifest : mapping
        Facts of the run, see `contents.manifest`; may be empty.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    ResultError
        If the tree holds no intervals, or a chart cannot be read.
    """
    return template().render(page=composed(tree, figures, manifest)) + "\n"


def composed(tree: xr.DataTree, figures: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Page:
    """The page as plain data."""
    if "intervals" not in tree:
        msg = f"a report needs intervals; the result holds {listed(tree.children)}"
        raise ResultError(msg)
    if "side" in tree["intervals"].dims:
        msg = "this sets two results side by side; a report is made of one"
        raise ResultError(msg)
    given = Given(tree, manifest, pictures(tree, figures, manifest))
    sections = [section for make in SECTIONS if (section := make(given))]
    question = " ".join(told(manifest.get("question")).split())
    return Page(top.title(given), question, top.about(given), sections, top.warning(given))


@cache
def template() -> Template:
    """The template, which escapes whatever it is given."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("uncertainty.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["language"] = language
    environment.tests["outward"] = outward
    environment.tests["followed"] = followed
    return environment.get_template("page.html")


def outward(href: str) -> bool:
    """Whether a link leaves the result."""
    return href.startswith(("http://", "https://"))


def followed(href: str) -> bool:
    """Whether a link is one at all: a place, a chart's file or a web address, nothing that runs."""
    return outward(href) or href.startswith(("#", "figures/"))
