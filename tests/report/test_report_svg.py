"""Charts in a page: what is kept of them, and what is not."""

import pytest

from tests.report.pages import read
from uncertainty.errors import ResultError
from uncertainty.report.svg import inline, title_of

HEAD = (
    '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">'
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="10pt" height="20pt" viewBox="0 0 10 20" onload="alert(1)">'
)
CHART = (
    HEAD
    + """
<title>A title</title><desc>A "sentence" &amp; 5 &lt; 6</desc><metadata>who</metadata>
<defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>
<defs><path id="m" d="M 0.123456 -0.000001
L 1.5 2"/><clipPath id="c"><rect x="0.10000" y="1" width="2" height="3"/></clipPath></defs>
<g id="unused"><g><use xlink:href="#m" x="1" y="2" style="fill: #112233; stroke: none"/></g></g>
<g clip-path="url(#c)" onclick="alert(1)"><path d="M 0 0" style="fill: url(#c)"/></g>
<text style="font-size: 8px; font-family: 'A', sans-serif; fill: #000" transform="rotate(-0 1 2)">a &lt; b</text>
<text style="font-size: 9px; font-family: 'A', sans-serif" transform="rotate(-90 1.23456 2)">c</text>
<text style="font-family: 'B'">d <tspan>e</tspan> f</text>
<script>alert(1)</script><foreignObject><p>no</p></foreignObject>
<image xlink:href="http://a.org/x.png"/><a xlink:href="http://a.org"><path d="M 9 9"/></a>
<use xlink:href="http://a.org/x.svg#y"/><path style="fill: url(http://a.org/x)" d="M 7 7"/>
</svg>"""
)


@pytest.fixture
def svg():
    (found,) = read(inline("chart.svg", CHART.encode(), "f7-")).every("svg")
    return found


def test_the_whole_is_an_image_with_its_sentence(svg):
    facts = dict(svg.facts)
    assert (
        facts.pop("style")
        == "stroke-linejoin:round;stroke-linecap:butt;font-family:'A', sans-serif"
    )
    assert facts == {
        "role": "img", "aria-label": 'A "sentence" & 5 < 6',
        "width": "10pt", "height": "20pt", "viewbox": "0 0 10 20",
    }  # fmt: skip


def test_only_what_draws_is_kept(svg):
    assert {found.tag for found in svg.every()} == {
        "defs", "path", "clippath", "rect", "g", "use", "text", "tspan",
    }  # fmt: skip
    values = " ".join(value for found in svg.every() for value in found.facts.values())
    assert "http" not in values
    assert "alert" not in values


def test_identifiers_begin_with_the_prefix_and_only_those_in_use_stay(svg):
    assert [f.facts["id"] for f in svg.every() if "id" in f.facts] == ["f7-m", "f7-c"]
    assert [f.facts["href"] for f in svg.every("use") if "href" in f.facts] == ["#f7-m"]
    assert [f.facts["clip-path"] for f in svg.every("g")] == ["url(#f7-c)"]
    assert [f.facts["style"] for f in svg.every("path") if "style" in f.facts] == [
        "fill:url(#f7-c)"
    ]


def test_numbers_are_rounded_and_text_is_kept(svg):
    assert next(svg.every("path")).facts["d"] == "M 0.12 0 L 1.5 2"
    assert [found.text for found in svg.every("text")] == ["a < b", "c", "d e f"]
    first, second, third = (found.facts for found in svg.every("text"))
    assert first == {"style": "font-size:8px;fill:#000"}
    assert second == {"style": "font-size:9px", "transform": "rotate(-90 1.23 2)"}
    assert third == {"style": "font-family:'B'"}


def test_the_title_of_a_chart():
    assert title_of("x", CHART.encode()) == "A title"
    assert title_of("x", (HEAD + "</svg>").encode()) == "x"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"<svg", "cannot be read as SVG"), (b"<html></html>", "its root is <html>")],
)
def test_what_is_no_chart_is_refused(content, words):
    with pytest.raises(ResultError, match=words):
        inline("chart.svg", content, "f1-")
