"""The page of a calibrated result: what the data taught, and a warning where the fit failed."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr

from tests.calibrated import PRIORS, SOURCES, make_calibrated
from tests.report.pages import by_id, read, sections
from uncertainty.gallery import gallery
from uncertainty.report import page as made
from uncertainty.statements import TAUGHT, TELLERS, statements

SHOWN = {
    "prior-posterior-electricity",
    "learned",
    "source-bias-electricity",
    "check",
}
CHARTS = SHOWN | {"fan-posterior-electricity"}


@pytest.fixture(scope="module")
def result():
    return make_calibrated()


@pytest.fixture(scope="module")
def figures(result):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uncertainty.gallery.FORMATS", ("svg",))
        return gallery(result)


@pytest.fixture(scope="module")
def page(result, figures):
    return read(made(result, figures, {}))


def test_a_calibrated_result_has_charts_of_its_fit(figures):
    assert {name.removesuffix(".svg") for name in figures} == CHARTS | {"fan-electricity"}


def test_charts_of_a_fit_come_without_a_headline_too(result):
    tree = result.copy()
    tree.attrs = {k: v for k, v in result.attrs.items() if k != "headline"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uncertainty.gallery.FORMATS", ("svg",))
        names = {name.removesuffix(".svg") for name in gallery(tree)}
    assert names >= CHARTS


def test_the_section_stands_in_the_contents(page):
    assert "taught" in sections(page)
    (nav,) = page.every("nav")
    assert "#taught" in nav.links
    assert page.every("section").__next__().facts["id"] == "headline"


def test_sentences_come_before_charts_and_are_all_told(result, page):
    section = by_id(page)["taught"]
    kinds = [found.tag for found in section.every("ul", "figure")]
    assert kinds[0] == "ul"
    for line in statements(result, TAUGHT):
        text = " ".join(line.split())
        assert f"{text[:1].upper()}{text[1:]}" in section.text or text in section.text


def test_what_the_fit_tells_is_told_once(result, page):
    first = next(statements(result, TAUGHT[1:]))
    assert page.text.count(first[:1].upper() + first[1:]) == 1
    assert list(statements(result))[-1] == list(statements(result, TAUGHT))[-1]
    assert TELLERS[-len(TAUGHT) :] == TAUGHT


def test_each_chart_stands_in_the_page_with_its_numbers(page):
    section = by_id(page)["taught"]
    shown = {found.facts["id"].removeprefix("figure-") for found in section.every("figure")}
    assert shown == SHOWN
    assert "figures/fan-posterior-electricity.svg" in by_id(page)["charts"].links
    tables = {next(t.every("caption")).text: list(t.every("tr")) for t in section.every("table")}
    rows = {
        "What was learned of each parameter (90% intervals)": len(PRIORS),
        "What each source publishes over what the model counts": len(SOURCES),
        "Each fitted row and what the fit predicts for it": 14,
        "Forms of the model": 2,
        "Priors and data counted a little more or less, most sensitive first": len(PRIORS) + 1,
        "The chains, largest R-hat first": len(PRIORS),
        "Electricity of the computing sector (TWh), before the fit and after it": 3,
    }
    assert {name: len(found) - 1 for name, found in tables.items()} == rows


def test_numbers_of_the_headline_are_those_of_both_sides(result, page):
    table = next(t for t in by_id(page)["taught"].every("table") if "before the fit" in t.text)
    for row in list(table.every("tr"))[1:]:
        year, before, after, *_ = [cell.text for cell in row.every("th", "td")]
        for text, name in ((before, "prior_intervals"), (after, "intervals")):
            value = float(
                result[f"calibration/{name}/electricity"].sel(year=int(year), quantile=0.5)
            )
            assert float(text.replace(",", "")) == pytest.approx(value, rel=5e-3)


def test_no_link_leads_nowhere_and_no_words_are_wild(page):
    places = by_id(page)
    assert all(h[1:] in places for h in page.links if h.startswith("#"))
    assert not re.search(r"\bnan\b|None|e\+0", page.text)


def test_charts_that_are_not_there_leave_their_tables(result):
    section = by_id(read(made(result, {}, {})))["taught"]
    assert not list(section.every("figure"))
    assert len(list(section.every("table"))) == 7
    assert len(list(section.every("details"))) >= 4


def test_a_fit_that_did_not_converge_warns_at_the_top(figures):
    tree = make_calibrated(converged=False)
    page = read(made(tree, figures, {}))
    (box,) = [found for found in page.every("div") if found.facts.get("class") == "warning"]
    assert "has not converged" in box.text
    assert "R-hat of growth_end is 1.08." in box.text
    assert box.links == ["#taught"]
    (header,) = page.every("header")
    first = next(child for child in header.children if not isinstance(child, str))
    assert first is box
    assert next(statements(tree, TAUGHT)).startswith("the fit has NOT converged")


def test_a_fit_that_converged_has_no_box(page):
    assert not [found for found in page.every("div") if found.facts.get("class") == "warning"]
    assert ".warning" not in "".join(found.text for found in page.every("style"))


def test_a_result_without_a_fit_has_nothing_of_it():
    tree = make_calibrated()
    for name in ("calibration", "posterior", "observed_data"):
        del tree[name]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uncertainty.gallery.FORMATS", ("svg",))
        figures = gallery(tree)
    assert list(figures) == ["fan-electricity.svg"]
    text = made(tree, figures, {})
    assert "taught" not in text
    assert "warning" not in text
    assert not list(statements(tree, TAUGHT))


@pytest.mark.parametrize(
    "lost",
    ["learned", "source_bias", "check", "structures", "power_scaling", "diagnostics",
     "prior_intervals"],
)  # fmt: skip
def test_groups_may_be_absent(lost):
    tree = make_calibrated()
    del tree["calibration"][lost]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uncertainty.gallery.FORMATS", ("svg",))
        page = read(made(tree, gallery(tree), {}))
    assert "taught" in by_id(page)
    assert list(statements(tree, TAUGHT))


def test_a_result_that_was_saved_says_the_same(result, tmp_path):
    result.to_netcdf(tmp_path / "result.nc")
    with xr.open_datatree(tmp_path / "result.nc") as found:
        assert list(statements(found.load(), TAUGHT)) == list(statements(result, TAUGHT))


def test_the_sentences_hold_the_numbers():
    tree = make_calibrated()
    said = "\n".join(statements(tree, TAUGHT))
    pit = tree["calibration/check/loo_pit"].values
    inside = int(((pit >= 0.05) & (pit <= 0.95)).sum())
    assert f"{inside} of 14 rows lie within their 90% interval (13 are expected)" in said
    factor = tree["calibration/source_bias/factor"].values[0]
    assert f"Academy of ICT {factor:.2f} times" in said
    assert "demand_form=0 72%; demand_form=1 28%" in said
    share = tree["calibration/structures/variance_share"].sel(year=2030)
    assert f"between them lies {float(share):.0%} of the variance" in said
    assert "by 40 TWh at most (Facility electricity in 2018)" in said
    assert "no observation depends on 2 of the parameters" in said
    assert np.isfinite(pit).all()
