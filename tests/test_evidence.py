"""Tables of observations: what is refused and how, and what a fit is given."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from uncertainty.errors import EvidenceError
from uncertainty.evidence import Evidence, fittable, projections, read_table

STUDIES = Path(__file__).resolve().parent.parent / "studies"
PLACES = ("china", "us", "world")
UNITS = {"demand": "TWh", "by_region": "GWh", "price": "USD", "ai_share": "1"}
DIMS = {"demand": ("year",), "by_region": ("region", "year"), "ai_share": ("year",)}
COORDS: dict[str, Any] = {"year": np.arange(2020, 2031), "region": ["north", "south"]}
ROW = {"outcome": "demand", "year": 2024, "value": 88.0, "unit": "TWh", "source": "Office"}


def rows(*changes: dict[str, Any]) -> pd.DataFrame:
    """One row for each change of a sound one; sources differ unless they are given."""
    made = [{**ROW, "source": f"Office {i}", **change} for i, change in enumerate(changes)]
    return pd.DataFrame(made)


def refused(*changes: dict[str, Any]) -> list[str]:
    """What a table of these rows is refused for, line by line."""
    with pytest.raises(EvidenceError) as caught:
        Evidence(rows(*changes))
    return str(caught.value).splitlines()


def misfits(*changes: dict[str, Any]) -> list[str]:
    """What a fit refuses in a table that is sound in itself."""
    made = [{"error": 1.0, **change} for change in changes]
    with pytest.raises(EvidenceError) as caught:
        Evidence(rows(*made)).fitted(UNITS, DIMS, COORDS)
    return str(caught.value).splitlines()


GROWTH = {"kind": "growth", "value": 0.1, "unit": "1/year"}
SHARE = {"kind": "share", "value": 0.4, "unit": "1"}


# ---- what a table is refused for ----


@pytest.mark.parametrize("column", ["bias_sd", "vintage_sd", "error", "relative_error"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-0.1, "is below zero, got -0.1"),
        (math.inf, "is infinite"),
        ("wide", "is no number: 'wide'"),
    ],
)
def test_a_standard_deviation_is_a_finite_number_not_below_zero(
    column: str, value: object, words: str
) -> None:
    (found,) = refused({}, {column: value})
    assert found.startswith(f"observations: row 3: {column} {words}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({**SHARE, "value": 0}, "a share lies strictly between 0 and 1 (value 0 1)"),
        ({**SHARE, "value": 1.0}, "a share lies strictly between 0 and 1"),
        ({**SHARE, "value": 130, "unit": "%"}, "a share lies strictly between 0 and 1 (value 130 %)"),
        ({**GROWTH, "value": -1}, "growth is above -1"),
        ({**GROWTH, "value": -120, "unit": "%/year"}, "growth is above -1, the loss of all (value -120"),
        ({"value": 0, "relative_error": 0.1}, "a level with a relative_error is above 0"),
        ({"error": 1, "relative_error": 0.1}, "error and relative_error are both given"),
        ({"year": 2024.5}, "year is no whole number, got 2024.5"),
        ({"source": " "}, "source is empty"),
        ({"unit": None}, "unit is empty"),
        ({"unit": "TWhh"}, "unknown unit 'TWhh'"),
        ({"kind": "guess"}, "kind is 'guess', expected one of level, growth, share"),
        ({**GROWTH, "unit": "TWh"}, "a row of kind growth cannot be in 'TWh'; it may be in 1/year, %/year, 1, %"),
        ({**SHARE, "unit": "%/year"}, "a row of kind share cannot be in '%/year'; it may be in 1, %"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be(change: dict[str, Any], words: str) -> None:
    (found,) = refused({}, change)
    assert found.startswith("observations: row 3: ")
    assert words in found


@pytest.mark.parametrize(
    "change",
    [
        {"value": -5.0, "error": 1.0},  # a net effect may be below zero
        {**GROWTH, "value": -0.99},
        {**GROWTH, "value": 250, "unit": "%"},
        {**SHARE, "value": 99.9, "unit": "%"},
        {"unit": ""},
        {"unit": 1},
        {"year": None},
        {"kind": None},
    ],
)
def test_a_row_that_can_be(change: dict[str, Any]) -> None:
    assert len(Evidence(rows({}, change)).frame) == 2


def test_all_faults_are_told_together_in_the_order_of_the_rows() -> None:
    found = refused({"kind": "guess"}, {"year": 2024.5, "bias_sd": -1}, {**SHARE, "value": 2})
    assert [int(re.findall(r"row (\d+)", line)[0]) for line in found] == [2, 3, 3, 4]


def test_a_source_has_one_bias_for_an_outcome_and_kind() -> None:
    same = {"source": "Office", "bias_sd": 0.2}
    (found,) = refused(same, {**same, "year": 2025, "bias_sd": 0.45}, {}, {**same, "year": 2026})
    assert found == (
        "observations: rows 2, 3, 5: bias_sd must be one number, got 0.2, 0.45 "
        "(source Office, outcome demand, kind level)"
    )


def test_an_empty_bias_is_that_of_a_reference() -> None:
    (found,) = refused({"source": "Office", "bias_sd": 0.2}, {"source": "Office", "year": 2025})
    assert "rows 2, 3: bias_sd must be one number, got 0.2, 0" in found
    Evidence(rows({"source": "A", "bias_sd": 0}, {"source": "A", "year": 2025, "bias_sd": None}))


def test_other_outcomes_and_kinds_of_a_source_may_have_another_bias() -> None:
    same = {"source": "Office", "bias_sd": 0.2}
    Evidence(rows(same, {**same, **GROWTH, "bias_sd": 0}, {**same, "outcome": "x", "bias_sd": 1}))


def test_an_edition_has_one_vintage_whatever_the_outcome() -> None:
    same = {"source": "Office", "published": "2024", "vintage_sd": 0.1}
    other = {**same, "outcome": "price", "unit": "USD", "vintage_sd": 0.2}
    (found,) = refused(same, other)
    assert "rows 2, 3: vintage_sd must be one number, got 0.1, 0.2" in found
    assert "(source Office, published 2024)" in found
    Evidence(rows(same, {**other, "published": "2025"}))


def test_a_row_told_twice_is_refused_with_both_numbers() -> None:
    same = {"source": "Office", "published": 2024}
    (found,) = refused(same, {}, {**same, "value": 90.0})
    assert found.startswith("observations: rows 2, 4: the same observation more than once")


@pytest.mark.parametrize(
    "change",
    [{"year": 2025}, {"region": "north"}, {"published": 2025}, {"source": "Bureau"}, GROWTH],
)
def test_rows_that_differ_in_what_they_are_of_are_no_repeats(change: dict[str, Any]) -> None:
    same = {"source": "Office", "published": 2024}
    assert len(Evidence(rows(same, {**same, **change})).frame) == 2


def test_projections_are_of_whole_years_too(tmp_path: Path) -> None:
    path = tmp_path / "said.csv"
    path.write_text("outcome,year,value,unit,source\ndemand,2030.5,1,TWh,x\n", encoding="utf-8")
    with pytest.raises(
        EvidenceError, match=r"said.csv: row 2: year is no whole number, got 2030.5"
    ):
        projections(path, UNITS, DIMS)


# ---- reading ----


def test_a_file_may_begin_with_a_byte_order_mark_and_name_sources_in_any_script(
    tmp_path: Path,
) -> None:
    path = tmp_path / "seen.csv"
    lines = [
        "outcome,year,value,unit,source,published,relative_error,vintage_sd",
        "demand,2024,1,TWh,国家能源局,2025,0.1,0.2",
        "demand,2023,1,TWh, Malmodin und Lundén ,,0.1,",
    ]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    frame = Evidence.from_csv(path).frame
    assert list(frame["source"]) == ["国家能源局", "Malmodin und Lundén"]
    assert list(frame["published"]) == ["2025", ""]  # not 2025.0, though one is empty
    (found,) = refused({"source": "国家", "bias_sd": 1}, {"source": "国家", "year": 2020})
    assert "(source 国家, outcome demand, kind level)" in found


def test_numbers_written_as_texts_become_numbers() -> None:
    frame = Evidence(rows({"value": "70", "vintage_sd": "0.1"})).frame
    assert frame["value"].tolist() == [70.0]
    assert frame["vintage_sd"].tolist() == [0.1]


def test_missing_values_of_nullable_columns_are_empty() -> None:
    frame = rows({}, {}).assign(
        year=pd.array([2024, None], dtype="Int64"),
        error=pd.array([1.5, None], dtype="Float64"),
        label=pd.array(["a", None], dtype="string"),
    )
    found = Evidence(frame).frame
    assert list(found["label"]) == ["a", ""]
    assert fittable(found) == [
        "row 3: a fit needs error or relative_error, both are empty (value 88 TWh)"
    ]


# ---- what a fit is given ----


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "a fit needs error or relative_error, both are empty"),
        ({"error": 0}, "error is 0; a fit needs one above 0"),
        ({"relative_error": 0}, "relative_error is 0; a fit needs one above 0"),
        ({**GROWTH, "value": 0, "relative_error": 0.1}, "growth of 0 has no relative_error; give error"),
    ],
)  # fmt: skip
def test_a_fit_needs_one_error_above_zero(change: dict[str, Any], words: str) -> None:
    evidence = Evidence(rows({"error": 1.0}, change))  # good enough to be drawn
    (found,) = fittable(evidence.frame)
    assert found.startswith(f"row 3: {words}")
    with pytest.raises(EvidenceError, match=re.escape(words)):
        evidence.fitted(UNITS, DIMS, COORDS)


def test_rows_of_all_kinds_are_converted() -> None:
    made = rows(
        {"value": 88_000.0, "unit": "GWh", "error": 500.0},
        {**GROWTH, "value": 12.0, "unit": "%/year", "error": 3.0},
        {**GROWTH, "value": 12.0, "unit": "%", "error": 3.0},
        {**GROWTH, "value": 0.12, "unit": "1", "relative_error": 0.1},
        {
            **SHARE,
            "outcome": "by_region",
            "region": "north",
            "value": 40,
            "unit": "%",
            "error": 2.0,
        },
        {**SHARE, "outcome": "ai_share", "relative_error": 0.1},
    )
    found = Evidence(made).fitted(UNITS, DIMS, COORDS)
    assert found["value"].tolist() == pytest.approx([88.0, 0.12, 0.12, 0.12, 0.4, 0.4])
    assert found["error"].tolist()[:3] == pytest.approx([0.5, 0.03, 0.03])
    assert found["error"].tolist()[4] == pytest.approx(0.02)
    assert found["unit"].tolist() == ["TWh", "1/year", "1/year", "1/year", "1", "1"]
    assert found["relative_error"].tolist()[3] == 0.1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": "demnd"}, "no outcome 'demnd'; did you mean 'demand'?; there are demand, by_region"),
        ({"year": 2019}, "no year '2019' of 'demand'; there are 2020 to 2030"),
        ({"year": None}, "year is empty, and 'demand' varies by it; there are 2020 to 2030"),
        ({"outcome": "by_region"}, "region is empty, and 'by_region' varies by it; there are north, south"),
        ({"outcome": "by_region", "region": "nort"}, "no region 'nort' of 'by_region'; did you mean 'north'?"),
        ({"region": "north"}, "'demand' does not vary by region, got 'north'; leave it empty"),
        ({**GROWTH, "year": 2020}, "growth in 2020 needs 2019 too; there are 2020 to 2030"),
        ({**GROWTH, "outcome": "price", "year": None}, "growth of 'price', which does not vary by year"),
        (SHARE, "a share of 'demand' has no whole: it varies by no dim besides year"),
        ({"unit": "GW"}, "'GW' cannot become 'TWh'"),
    ],
)  # fmt: skip
def test_a_row_without_a_place_in_the_model(change: dict[str, Any], words: str) -> None:
    (found,) = misfits({}, change)
    assert found.startswith("observations: row 3: ")
    assert words in found


def test_all_misfits_are_told_together() -> None:
    found = misfits({"year": 2019}, {}, {"outcome": "x"}, {"error": None})
    assert [line[len("observations: ") :][:6] for line in found] == ["row 2:", "row 4:", "row 5:"]


def test_an_empty_column_of_a_dim_is_as_if_it_were_missing() -> None:
    with_column = misfits({"outcome": "by_region", "region": None})
    assert with_column == misfits({"outcome": "by_region"})


def test_labels_come_back_as_the_model_has_them() -> None:
    made = rows({"region": 1, "outcome": "by_region", "error": 1.0})
    found = Evidence(made).fitted(UNITS, DIMS, {**COORDS, "region": ["1", "2"]})
    assert found["region"].tolist() == ["1"]


def test_rows_of_chosen_outcomes_keep_their_numbers() -> None:
    made = Evidence(rows({"outcome": "other"}, {"error": 1.0}, {"year": 1999, "error": 1.0}))
    with pytest.raises(EvidenceError, match="row 4: no year '1999'") as caught:
        made.fitted(UNITS, DIMS, COORDS, outcomes=["demand"])
    assert "row 2" not in str(caught.value)


# ---- the tables that ship ----


def shipped(place: str, name: str = "observations") -> list[dict[str, str]]:
    with (STUDIES / f"{place}-{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("place", PLACES)
def test_shipped_observations_can_be_fitted(place: str) -> None:
    frame = Evidence.from_csv(STUDIES / f"{place}-observations.csv").frame
    assert len(frame) == len(shipped(place)) > 10
    assert fittable(frame) == []


@pytest.mark.parametrize("place", PLACES)
def test_the_reference_of_levels_is_the_iea_and_has_a_vintage(place: str) -> None:
    levels = [r for r in shipped(place) if r["kind"] == "level" and r["outcome"] == "electricity"]
    references = [row for row in levels if float(row["bias_sd"]) == 0]
    assert references
    assert {row["label"] for row in references} == {"IEA"}
    assert {row["vintage_sd"] for row in references} == {"0.1"}


# As the review of Mytton and Ashtine, LBNL and the IEA have them.
@pytest.mark.parametrize(
    ("place", "year", "label", "value"),
    [
        ("us", "2000", "Koomey 2008", 28.2),
        ("us", "2005", "Koomey 2008", 56.0),
        ("us", "2006", "EPA 2007", 61.4),
        ("us", "2008", "Masanet 2011", 69.0),
        ("us", "2014", "LBNL, 2016 report", 70),
        ("us", "2014", "LBNL, 2024 report", 58),
        ("us", "2016", "LBNL, 2024 report", 60),
        ("us", "2018", "LBNL, 2024 report", 76),
        ("us", "2020", "IEA", 108),
        ("world", "2010", "Masanet", 193.7),
        ("world", "2018", "Masanet", 205.2),
        ("world", "2010", "Borderstep", 222.8),
        ("world", "2012", "Van Heddeghem", 268),
        ("world", "2014", "IEA, 2017", 194),
        ("world", "2015", "Malmodin and Lundén", 245),
        ("world", "2015", "Borderstep", 287),
        ("world", "2016", "Koot and Wijnhoven", 286.42),
        ("world", "2018", "Borderstep", 400),
    ],
)
def test_history(place: str, year: str, label: str, value: float) -> None:
    wanted = {"year": year, "label": label, "outcome": "electricity", "kind": "level"}
    (row,) = [r for r in shipped(place) if all(r[k] == wanted[k] for k in wanted)]
    assert float(row["value"]) == value
    assert re.match(r"20\d\d", row["published"])
    assert int(row["published"][:4]) >= int(year)
    assert re.search(rf"\b{re.escape(f'{value:g}')}", row["quote"])


# Koomey 2011, Table 2, lower and upper bound; read as a central 90% interval of a lognormal.
@pytest.mark.parametrize(("place", "low", "high"), [("us", 67.1, 85.6), ("world", 203.4, 271.8)])
def test_a_published_range_is_one_row_with_its_middle(place: str, low: float, high: float) -> None:
    (row,) = [r for r in shipped(place) if r["label"] == "Koomey 2011"]
    value, error = float(row["value"]), float(row["relative_error"])
    # printed with two or three digits
    assert value == pytest.approx(math.sqrt(low * high), rel=1e-3)
    ends = value * math.exp(-1.645 * error), value * math.exp(1.645 * error)
    assert ends == pytest.approx((low, high), rel=2e-3)
    assert f"{low}" in row["quote"]
    assert f"{high}" in row["quote"]


def test_two_reports_of_one_laboratory_are_two_sources_and_one_report_is_one() -> None:
    found: dict[str, set[tuple[str, str]]] = {
        row["label"]: set() for row in shipped("us") if "LBNL, 20" in row["label"]
    }
    for row in shipped("us"):
        if row["label"] in found:
            found[row["label"]].add((row["source"], row["published"]))
    assert {label: len(sources) for label, sources in found.items()} == {
        "LBNL, 2016 report": 1,
        "LBNL, 2024 report": 1,
    }
    assert len(set.union(*found.values())) == 2


def test_a_family_in_several_editions_is_one_source_with_a_vintage_for_each() -> None:
    found = [row for row in shipped("world") if row["label"] == "Borderstep"]
    assert len({row["source"] for row in found}) == 1
    assert {row["published"] for row in found} == {"2016", "2019", "2020"}


# LBNL 2016 said 73 TWh for 2020; Masanet 2020 from 205.2 TWh in 2018; IEA 2017 said 200 for 2020.
@pytest.mark.parametrize(
    ("place", "year", "published", "value"),
    [
        ("us", "2020", "2016", "73"),
        ("world", "2019", "2020", "199.3"),
        ("world", "2020", "2020", "196.2"),
        ("world", "2023", "2020", "209.6"),
        ("world", "2020", "2017", "200"),
        ("world", "2020", "2015", "660"),
        ("world", "2025", "2019", "429"),
        ("world", "2025", "2020", "412"),
    ],
)
def test_projections_of_the_past(place: str, year: str, published: str, value: str) -> None:
    wanted = {"year": year, "published": published, "value": value, "outcome": "electricity"}
    found = [r for r in shipped(place, "projections") if all(r[k] == wanted[k] for k in wanted)]
    (row,) = found
    assert value in row["quote"]


@pytest.mark.parametrize("place", PLACES)
def test_a_projection_is_not_also_an_observation(place: str) -> None:
    key = ("outcome", "year", "value")
    seen = {tuple(row.get(k) for k in key) for row in shipped(place)}
    said = {tuple(r.get(k) for k in key) for r in shipped(place, "projections") if r["value"]}
    assert not seen & said


def test_what_was_kept_back_for_testing_forecasts_is_not_there() -> None:
    levels = [r for r in shipped("us") if r["outcome"] in {"electricity", "it_capacity"}]
    assert max(int(row["year"]) for row in levels) == 2020
    china = [r for r in shipped("china") if r["outcome"] == "electricity" and r["year"] == "2025"]
    assert {row["kind"] for row in china} == {"growth"}


def test_reading_a_file_leaves_its_texts_alone() -> None:
    frame = read_table(STUDIES / "us-observations.csv")
    assert set(frame["published"]) <= {row["published"] for row in shipped("us")}
