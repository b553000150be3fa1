"""Bytes that repeat, settings left alone, words that fit."""

from __future__ import annotations

import subprocess
import sys
import warnings
from re import findall
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.transforms import Bbox

from uncertainty.errors import ResultError
from uncertainty.views import driver_chart, drivers_over_time, fan_chart, render
from uncertainty.views.drawing.numbers import Scale, number
from uncertainty.views.drawing.place import free_spot, spread, text_width, wrap
from uncertainty.views.drawing.style import (
    CATEGORIES,
    contrast,
    families,
    ink_on,
    mark_tone,
    styled,
    text_tone,
    tinted,
)
from uncertainty.views.drivers.colours import group_colours, member_colours

CHARTS = {
    "fan": lambda result: fan_chart(result, "electricity")[0],
    "range": lambda result: fan_chart(result, "late_growth")[0],
    "drivers": lambda result: driver_chart(result, "electricity")[0],
    "over_time": lambda result: drivers_over_time(result, "electricity")[0],
}
NO_FONT_HAS_IT = "\U00013000"  # an Egyptian hieroglyph


@pytest.mark.parametrize("format", ["png", "svg"])
@pytest.mark.parametrize("chart", CHARTS)
def test_the_same_result_gives_the_same_bytes(result, chart, format):
    first, second = (render(CHARTS[chart](result), format) for _ in range(2))
    assert first == second


def test_a_second_rendering_changes_nothing(result):
    figure = CHARTS["fan"](result)
    before = render(figure, "svg")
    render(figure, "png")
    assert render(figure, "svg") == before


def test_svg_keeps_text_and_says_what_it_shows(result):
    content = render(CHARTS["fan"](result), "svg").decode()
    assert "median 427 TWh</text>" in content
    assert "<dc:description>Electricity of the computing sector (TWh). 2035: 5% 99.6" in content
    assert "'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif" in content
    assert "<dc:date>" not in content
    assert "Matplotlib v" not in content


def test_png_is_a_png_without_software_or_date(result):
    content = render(CHARTS["drivers"](result), "png")
    assert content.startswith(b"\x89PNG")
    assert b"matplotlib" not in content.lower()
    assert b"tEXt" not in content


def test_unknown_format_is_an_error(result):
    with pytest.raises(ResultError, match=r"figure format 'gif': allowed are png, svg"):
        render(CHARTS["range"](result), "gif")


def test_missing_glyphs_are_told_once_for_a_png_and_never_for_an_svg(result):
    figure, _ = fan_chart(result, "electricity", title=f"{NO_FONT_HAS_IT} and {NO_FONT_HAS_IT}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert NO_FONT_HAS_IT in render(figure, "svg").decode()
    with pytest.warns(UserWarning, match="no installed font shows") as caught:
        render(figure, "png")
    assert len(caught) == 1


def test_dollar_signs_are_no_mathematics(result):
    figure, _ = fan_chart(result, "electricity", title="From $5 to $9")
    assert "From $5 to $9" in render(figure, "svg").decode()


def test_global_settings_stay_as_they_were(result):
    before = dict(mpl.rcParams)
    for chart in CHARTS.values():
        render(chart(result), "png")
    assert dict(mpl.rcParams) == before


def test_views_never_load_pyplot():
    code = (
        "import sys, uncertainty.views as views\n"
        "assert views.render and 'matplotlib.pyplot' not in sys.modules\n"
        "assert 'pymc' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@given(
    st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, 2)), min_size=1, max_size=9),
)
def test_spread_keeps_order_and_distance(labels):
    wished, heights = (np.array(column) for column in zip(*labels, strict=True))
    centres = spread(wished, heights, 0.0, 30.0)
    order = np.argsort(wished, kind="stable")
    gaps = np.diff(centres[order])
    needed = (heights[order][1:] + heights[order][:-1]) / 2
    assert (gaps >= needed - 1e-9).all()
    assert (centres - heights / 2 >= -1e-9).all()
    assert (centres + heights / 2 <= 30 + 1e-9).all()


def test_spread_leaves_alone_what_has_room():
    np.testing.assert_allclose(spread([1, 5, 9], [1, 1, 1], 0, 10), [1, 5, 9])


def test_spread_moves_two_that_touch_by_equal_parts():
    np.testing.assert_allclose(spread([5, 5], [2, 2], 0, 10), [4, 6])


def test_a_free_spot_is_clear_of_what_is_taken():
    room = Bbox.from_extents(0, 0, 200, 200)
    taken: list[Bbox] = [Bbox.from_extents(97, 97, 103, 103)]
    for _ in range(8):
        spot = free_spot((100, 100), (12, 8), taken, room)
        assert all(Bbox.intersection(spot, other) is None for other in taken)
        taken.append(spot)


@pytest.mark.parametrize(
    "text",
    [
        "A label of eighty characters that says in full and at length what the number is",
        "推理需求的年增长率（期初），不含效率杠杆的影响，按对数计算",
        "a" * 200,
    ],
)
def test_wrapped_lines_fit_and_lose_nothing(text):
    with styled():
        lines = wrap(text, 1.5, 8.0)
        assert len(lines) > 1
        assert all(text_width(line, 8.0) <= 1.5 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_closing_punctuation_starts_no_line():
    for width in np.linspace(0.4, 2.0, 17):
        with styled():
            lines = wrap("推理需求的年增长率（期初），不含效率杠杆的影响，按对数计算", width, 8.0)
        assert not any(line.startswith(("，", "）")) for line in lines)


@pytest.mark.parametrize("colour", CATEGORIES)
def test_colours_are_dark_enough(colour):
    assert contrast(text_tone(colour)) >= 4.5
    assert contrast(mark_tone(colour)) >= 3.0


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (843.2, "843"), (1243.4, "1,243"), (99.96, "100"), (-17.12, "−17.1"), (2.0, "2.00")],
)
def test_numbers_have_three_digits_and_separators(value, said):
    assert number(value) == said


def test_scales():
    assert Scale.of([0.0, 2e9], "TWh").full(1.5e9) == "1.50×10⁹ TWh"
    assert Scale.of([1.4, 1.2], "1").full(1.25) == "1.25"
    assert Scale.of([2031.0, 2035.0], "year").full(2031.0) == "2031"
    assert Scale.of([3.0], "year").full(3.0) == "3.00 year"


def elements(content):
    return list(ET.fromstring(content))


@pytest.mark.parametrize("chart", CHARTS)
def test_an_svg_is_one_image_that_begins_with_title_and_sentence(result, chart):
    figure = CHARTS[chart](result)
    content = render(figure, "svg")
    title, sentence, *_ = elements(content)
    assert ET.fromstring(content).get("role") == "img"
    assert title.tag.endswith("}title")
    assert sentence.tag.endswith("}desc")
    assert sentence.text == figure.get_label()
    assert figure.get_label().startswith(f"{title.text}. ")


def test_words_of_an_svg_are_escaped_and_whole(result):
    name = (
        "Power < 5 & more, in a title so long that it needs more than one line of the page to end"
    )
    figure, _ = fan_chart(result, "electricity", title=name)
    assert elements(render(figure, "svg"))[0].text == name


@pytest.mark.parametrize("chart", CHARTS)
def test_identifiers_in_an_svg_are_unique(result, chart):
    found = findall(r' id="([^"]*)"', render(CHARTS[chart](result), "svg").decode())
    assert len(found) == len(set(found))


def test_latin_text_has_a_latin_font():
    assert families()[0] == "DejaVu Sans"


@given(st.floats(0, 1))
def test_words_on_a_tint_can_be_read(share):
    for colour in CATEGORIES:
        ground = tinted(mark_tone(colour), share)
        assert contrast(ink_on(ground), ground) >= 4.5


def test_members_of_a_group_share_its_hue_and_differ():
    palette = group_colours(["demand", "base"])
    colours = member_colours({"a": "demand", "b": "base", "c": "demand"}, palette)
    assert colours["a"] == palette["demand"]
    assert colours["b"] == palette["base"]
    mixed = [tinted(palette["demand"], step / 100) for step in range(1, 100)]
    assert colours["c"] in mixed


def test_without_groups_each_parameter_has_a_colour():
    colours = member_colours(dict.fromkeys("abcdef", ""), {})
    assert len(set(colours.values())) == 6
