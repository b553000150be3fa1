"""The page of a result: what it says, in which order, and how little it trusts."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest
import xarray as xr

import uncertainty as un
from tests.report.pages import by_id, read, sections
from uncertainty.directory import manifest
from uncertainty.errors import ResultError
from uncertainty.headline import headline
from uncertainty.report import page as made
from uncertainty.statements import statements

ORDER = [
    "headline", "findings", "projection", "taught", "decides", "reserve", "steps", "turning", "rests",
    "parameters", "sources", "readings", "published", "charts", "making",
]  # fmt: skip
CHINESE = re.compile("[\u4e00-\u9fff]")


def cells(element):
    """The rows of the tables within an element, as texts."""
    return [[cell.text for cell in row.every("th", "td")] for row in element.every("tr")]


def test_the_sections_come_in_their_order(page):
    taught = "taught" in by_id(page)  # only where the result is calibrated
    order = [name for name in ORDER if name != "taught" or taught]
    assert sections(page) == order
    (nav,) = page.every("nav")
    assert nav.links == [f"#{name}" for name in order]


def test_title_question_and_what_this_is(small_page):
    (title,), (heading,) = small_page.every("title"), small_page.every("h1")
    assert title.text == heading.text == "<script>alert(1)</script> A small & full study"
    (header,) = small_page.every("header")
    assert "Is 5 < 6, 还是不是?" in header.text
    assert "4 parameters: 1,024 draws went through it" in header.text
    assert "A 90% interval holds 90% of the draws, so that 10% lie outside" in header.text
    assert "From any number to its source in two steps" in header.text


def test_the_headline_has_the_numbers_of_the_result(small, small_page):
    found = headline(un.read_result(small))
    rows = cells(by_id(small_page)["headline"])
    assert rows[0] == [
        "Year",
        "Median",
        "90% interval",
        "Margin, median to 95%",
        "<extra> is saved",
    ]
    for row, level in zip(rows[1:], found.levels, strict=True):
        year, median, interval, margin, chance = row
        assert year == level.place
        assert float(median) == pytest.approx(level.median, rel=5e-3)
        assert [float(x) for x in interval.split(" to ")] == pytest.approx(
            [level.low, level.high], rel=5e-3
        )
        amount, part = margin.split(" ")
        assert float(amount) == pytest.approx(level.margin, rel=5e-3)
        assert part == f"(+{level.margin / level.median:.0%})"
        assert chance == f"in {level.chances['<extra> is saved']:.0%} of draws"


def test_every_finding_is_told(directory, page):
    places = by_id(page)
    told = " ".join(places[name].text for name in ("findings", "taught") if name in places)
    lines = list(statements(un.read_result(directory)))
    assert lines
    for line in lines:
        text = " ".join(line.split())
        assert f"{text[:1].upper()}{text[1:]}" in told or text in told


def test_every_parameter_is_a_row_with_all_that_is_known_of_it(directory, page):
    table = un.read_result(directory)["parameters"].to_dataset()
    places = by_id(page)
    for i, name in enumerate(table["parameter"].values):
        row = places[f"parameter-{name}"]
        for key in ("label", "distribution", "grade", "place", "reading"):
            assert " ".join(str(table[key].values[i]).split()) in row.text
        unit = str(table["unit"].values[i])
        assert unit == "1" or unit in row.text
        fixed = float(table["sd"].values[i]) == 0
        assert fixed == ("fixed" in [cell.text for cell in row.every("td")])


def test_parameters_stand_in_the_order_of_their_share(page):
    rows = [row for row in cells(by_id(page)["parameters"]) if len(row) > 1]
    at = rows[0].index("Share of variance")
    shares = [float(row[at].strip("<%").replace("−", "-")) for row in rows[1:] if row[at] != "–"]
    assert shares[0] > 20
    assert all(a >= b - 0.1 for a, b in pairwise(shares))


def test_every_source_is_told_with_its_quote_and_grade(directory, page):
    found = un.read_result(directory)["sources"].to_dataset().to_dataframe()
    entries = [e for name, e in by_id(page).items() if name.startswith("source-")]
    documents = found[["title", "publisher", "date", "url"]].drop_duplicates()
    assert len(entries) == len(documents)
    for row in found.itertuples():
        own = [
            e
            for e in entries
            if all(str(t) in e.text for t in (row.title, row.publisher, row.date, row.url))
        ]
        assert any(" ".join(row.quote.split()) in e.text for e in own)
        assert any(row.grade.lower() in e.text.lower() for e in own)


def test_chinese_is_marked_as_such(page):
    marked = [found for found in page.every() if found.facts.get("lang") == "zh-Hans"]
    quotes = [found for found in page.every("q") if CHINESE.search(found.text)]
    assert quotes
    for quote in quotes:
        kana = re.search("[\u3040-\u30ff]", quote.text)
        assert quote.facts.get("lang", "") == ("" if kana else "zh-Hans")
    assert all(CHINESE.search(found.text) for found in marked)


def test_texts_of_the_study_come_out_as_text(small, small_page):
    tags = {found.tag for found in small_page.every()}
    assert not tags & {"script", "img", "b", "i", "iframe", "object", "link", "base", "form"}
    places = by_id(small_page)
    assert "<b>Level</b> & start" in places["parameter-start"].text
    assert 'As the agency </td></table> has it & no "other"' in places["parameter-start"].text
    assert '"><img src=x onerror=alert(1)>' in places["sources"].text
    assert "javascript:alert(1)" in places["sources"].text
    assert "约100 <i>亿</i>" in places["sources"].text
    assert not any(key.startswith("on") for found in small_page.every() for key in found.facts)


def test_how_it_was_made(directory, page):
    facts = manifest(directory)
    text = by_id(page)["making"].text
    hashes = [facts["study_sha256"], facts["code_sha256"], *facts["catalogues_sha256"].values()]
    hashes += facts["tables_sha256"].values()
    for value in (*hashes, facts["command"], facts["model"], facts["run"], str(facts["seed"])):
        assert value in text
    assert f"{facts['model_runs']:,}" in text
    assert f"numpy {facts['versions']['numpy']}" in text


def test_what_the_fan_draws_is_beneath_it(small, small_page):
    tree = un.read_result(small)
    quantiles, seen, said = (
        cells(t)[1:] for t in by_id(small_page)["figure-fan-demand"].every("table")
    )
    for row in quantiles:
        told = [float(text) for text in row[1:8]]
        assert told == pytest.approx(
            tree["intervals/demand"].sel(year=int(row[0])).values, rel=5e-3
        )
    assert [row[0] for row in quantiles] == ["2025", "2026", "2027"]
    assert seen == [["2025", "99", "An office"]]
    assert said == [["2027", "120", "A bank, 2025-01"], ["2026", "100 to 110", "An office"]]


def test_steps_add_up(small, small_page):
    rows = cells(by_id(small_page)["steps"])[1:]
    assert [row[0] for row in rows] == [
        "Demand of <all>, 2025",
        "One",
        "Two",
        "Demand of <all>, 2027",
    ]
    start, *steps, end = [float(row[1]) for row in rows]
    assert start + sum(steps) == pytest.approx(end, abs=0.2)


def test_the_turning_year_adds_up(small_page):
    rows = cells(by_id(small_page)["turning"])[1:]
    assert [row[0] for row in rows] == ["2025", "2026", "2027", "not by 2027"]
    assert sum(float(row[1].strip("%")) for row in rows) == pytest.approx(100, abs=0.2)


def test_reserves_at_every_place(small, small_page):
    tree = un.read_result(small)
    rows = [row for row in cells(by_id(small_page)["reserve"]) if row[0] == "one"]
    expected = tree["intervals/parts"].sel(part="one", quantile=[0.5, 0.8, 0.9, 0.95])
    for row in rows:
        told = [float(text) for text in row[2:6]]
        assert told == pytest.approx(expected.sel(year=int(row[1])).values, rel=5e-3)
    assert {row[1] for row in rows} == {"2025", "2026", "2027"}


def test_shares_of_variance_are_those_of_the_result(small, small_page):
    tree = un.read_result(small)
    found = tree["shapley/demand"].to_dataset()["Sh"].sel(year=2027)
    label = {"start": "<b>Level</b> & start", "growth": "Growth a year", "more": "more"}
    (part,) = (
        t
        for t in by_id(small_page)["decides-demand"].children
        if not isinstance(t, str) and t.facts.get("class") == "scroll"
    )
    rows = {row[0]: row for row in cells(part)}
    for name, text in label.items():
        told = float(rows[text][2].partition("%")[0])
        assert told == pytest.approx(100 * float(found.sel(parameter=name)), abs=0.06)


def minimal() -> xr.DataTree:
    """Nothing but intervals."""
    values = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])
    return xr.DataTree.from_dict({"/intervals": xr.Dataset(
        {"y": (("year", "quantile"), values, {"units": "kg"})},
        {"year": [2025, 2026], "quantile": [0.05, 0.5, 0.95]},
    )})  # fmt: skip


def test_a_result_of_nothing_but_intervals():
    page = read(made(minimal(), {}, {}))
    assert sections(page) == ["headline", "making"]
    assert cells(by_id(page)["headline"]) == [
        ["Outcome", "Median", "90% interval"],
        ["Y, 2025 (kg)", "2", "1 to 3"],
        ["Y, 2026 (kg)", "4", "2 to 6"],
    ]
    assert set(page.links) == {"#headline", "#making"}


def test_a_plain_function_without_a_study():
    priors = {
        "a b": un.Prior("normal", mu=0, sigma=1),
        "电价": un.Prior("uniform", lower=0, upper=2),
    }
    tree = un.propagate(lambda **x: x["a b"] + x["电价"], priors, size=64)
    tree["drivers"] = un.drivers(lambda **x: x["a b"] + x["电价"], priors, size=256)["drivers"]
    page = read(made(tree, {}, {}))
    assert sections(page) == ["headline", "decides", "parameters", "making"]
    places = by_id(page)
    assert all(link.removeprefix("#") in places for link in page.links)
    rows = {row[0]: row for row in cells(places["decides-y"])}
    assert float(rows["a b"][1].partition("%")[0]) == pytest.approx(75, abs=2)  # 1 of 1 + 1/3
    assert float(rows["电价"][1].partition("%")[0]) == pytest.approx(25, abs=2)


def test_shares_of_one_prior_are_all_reached():
    priors = {
        "mix": un.Prior("dirichlet", a=[1.0, 2.0]),
        "x": un.Prior("uniform", lower=0, upper=1),
    }
    tree = un.propagate(lambda mix, x: mix[0] * x, priors, size=64)
    found = un.shapley(lambda mix, x: mix[0] * x, priors, size=64)
    tree["shapley/y"] = xr.DataTree(found)
    page = read(made(tree, {}, {}))
    places = by_id(page)
    assert {"parameter-mix", "parameter-mix~5b1~5d", "parameter-x"} <= set(places)
    assert "#parameter-mix" in places["decides-y"].links
    assert all(link.removeprefix("#") in places for link in page.links)


def test_outcomes_with_places_are_ranked_by_place(flagship_page):
    part = by_id(flagship_page)["decides-electricity_by_region"]
    heads = cells(part)[0]
    assert heads == ["Parameter", "Hub", "Digital economy", "Other", "Grade", "Sources"]


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"/moments": xr.Dataset({"y": 1.0})}, "needs intervals; the result holds moments"),
        ({"/intervals": xr.Dataset({"value": ("side", [1.0])}, {"side": ["a"]})}, "made of one"),
    ],
)
def test_what_is_no_result_is_refused(groups, words):
    with pytest.raises(ResultError, match=words):
        made(xr.DataTree.from_dict(groups), {}, {})


def test_a_chart_that_is_none_is_refused():
    tree = minimal()
    tree.attrs["headline"] = json.dumps({"outcome": "y", "years": [2026], "margin": 0.95})
    with pytest.raises(ResultError, match=r"figures/fan-y\.svg: cannot be read as SVG"):
        made(tree, {"fan-y.svg": b"<svg"}, {})


def test_chances_of_effects_under_other_readings(small, small_page):
    found = un.read_result(small)["readings"].to_dataset()
    tables = list(by_id(small_page)["readings"].every("table"))
    rows = next(cells(t) for t in tables if next(t.every("caption")).text == "Share of draws")
    assert rows[0] == [
        "How all ranges are read",
        "<extra> is saved, 2026",
        "<extra> is saved, 2027",
    ]
    told = [float(text.strip("%")) / 100 for text in rows[1][1:]]
    assert told == pytest.approx(found["base_chance"].sel(effect="saved").values, abs=0.005)
    cases = found.isel(case=np.flatnonzero(found["parameter"] == "all ranges"))
    for row, case in zip(rows[2:], range(cases.sizes["case"]), strict=True):
        one = cases.isel(case=case)
        assert row[0].lower() == str(one["reading"].item()).lower()
        told = [float(text.strip("%")) / 100 for text in row[1:]]
        assert told == pytest.approx(one["chance"].sel(effect="saved").values, abs=0.005)


def test_readings_that_matter_stand_open(small, small_page):
    found = un.read_result(small)["readings"].to_dataset()
    single = found.isel(case=np.flatnonzero(found["parameter"] != "all ranges"))
    ends = single.sel(quantile=[0.05, 0.95])
    clear = np.abs(ends["shift"]) - 2 * ends["shift_mcse"].fillna(0)
    moved = clear.max(["year", "quantile"]) > found.attrs["limit"]
    tables = {
        next(t.every("caption")).text: cells(t)[1:]
        for t in by_id(small_page)["readings"].every("table")
    }
    open_rows = tables.get("One range at a time: those that move an end by more than 5%", [])
    assert len(open_rows) == int(moved.sum())
    assert len(tables["The other readings"]) == int((~moved).sum())
