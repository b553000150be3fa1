"""What the shipped catalogues and tables say, read without the package itself."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import beta

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ("china-computing", "article")
GRADES = {"measurement", "model", "expert judgement", "assumption"}
CHINESE = re.compile(r"[\u4e00-\u9fff]{4}")

SHARES = {
    "base": "intelligent_share training_share supercomputing_share",
    "efficiency": "precision_saving activation_saving kernels_gain distillation_energy_ratio "
    "distillation_output_ratio load_idle load_utilisation load_utilisation_target overlap",
    "adoption": "precision_reach activation_reach kernels_reach distillation_reach general_reach "
    "supercomputing_reach",
    "rebound": "electricity_cost_share chip_price_drop training_elasticity inference_elasticity "
    "general_elasticity",
    "sites": "training_large_share inference_large_share general_large_share inference_edge_share "
    "decentralisation decentralisation_edge large_pue small_pue edge_pue pue_overhead_floor",
    "regions": "training_hub_share training_hub_shift training_digital_share "
    "inference_digital_share inference_digital_shift inference_hub_share general_hub_share "
    "general_digital_share",
    "power": "load_factor",
}
RATES = {
    "demand": "training_growth_start training_growth_end inference_growth_start "
    "inference_growth_end general_growth_start general_growth_end supercomputing_growth",
    "hardware": "intelligent_hardware general_hardware",
    "rebound": "rebound_speed",
    "sites": "pue_improvement",
}
YEARS = {
    "demand": "intelligent_half_life general_half_life",
    "adoption": "precision_midpoint precision_duration activation_midpoint activation_duration "
    "kernels_midpoint kernels_duration distillation_midpoint distillation_duration load_midpoint "
    "load_duration adaptation_delay",
    "rebound": "chip_midpoint chip_duration",
}
EXPECTED = {"base_electricity": ("TWh", "base")} | {
    name: (unit, group)
    for unit, table in (("1", SHARES), ("1/year", RATES), ("year", YEARS))
    for group, names in table.items()
    for name in names.split()
}
"""Parameter -> (unit, group) that the energy model expects."""

FRACTIONS = [
    name
    for name, (unit, _) in EXPECTED.items()
    if unit == "1"
    and name.endswith(("_share", "_reach", "_saving", "_shift", "_drop", "overlap", "floor"))
]


def catalogue(name: str) -> dict[str, dict[str, Any]]:
    with (ROOT / "priors" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)["parameters"]


def study() -> dict[str, Any]:
    with (ROOT / "studies" / "china-computing-2035.toml").open("rb") as file:
        return tomllib.load(file)


def table(name: str) -> list[dict[str, str]]:
    with (ROOT / "studies" / f"china-{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(name: str, **wanted: str) -> list[dict[str, str]]:
    return [row for row in table(name) if all(row[key] == wanted[key] for key in wanted)]


def entries() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in CATALOGUES:
        for parameter, entry in catalogue(name).items():
            yield name, parameter, entry


def merged() -> dict[str, dict[str, Any]]:
    return catalogue("china-computing") | catalogue("article")


ENTRIES = [pytest.param(entry, id=f"{name}-{key}") for name, key, entry in entries()]
NAMED = [pytest.param(key, entry, id=f"{name}-{key}") for name, key, entry in entries()]
ARTICLE = [pytest.param(entry, id=key) for key, entry in catalogue("article").items()]


def test_catalogues_cover_every_parameter_and_no_other() -> None:
    assert set(merged()) == set(EXPECTED)


def test_only_the_elasticity_of_inference_is_overridden() -> None:
    shared = set(catalogue("article")) & set(catalogue("china-computing"))
    assert shared == {"inference_elasticity"}


@pytest.mark.parametrize(("name", "entry"), NAMED)
def test_unit_and_group_are_the_models(name: str, entry: dict[str, Any]) -> None:
    assert (entry["unit"], entry["group"]) == EXPECTED[name]


@pytest.mark.parametrize("entry", ENTRIES)
def test_entry_is_complete(entry: dict[str, Any]) -> None:
    assert set(entry) == {
        "label",
        "unit",
        "group",
        "prior",
        "reading",
        "grade",
        "sources",
    }
    assert 0 < len(entry["label"]) <= 62
    assert len(entry["reading"]) > 20
    assert "\n" not in entry["reading"]
    assert entry["grade"] in GRADES


@pytest.mark.parametrize("entry", ENTRIES)
def test_sources_say_who_and_when(entry: dict[str, Any]) -> None:
    for source in entry["sources"]:
        assert {"title", "publisher", "date", "grade"} <= set(source)
        assert set(source) <= {"title", "publisher", "date", "grade", "url", "quote"}
        assert source["grade"] in GRADES
        assert isinstance(source["date"], (str, dt.date))
        assert source.get("url", "https://").startswith("http")


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_number_without_a_source_says_whose_judgement_it_is(
    entry: dict[str, Any],
) -> None:
    if not entry["sources"]:
        assert entry["reading"].startswith("Own judgement: ")
        assert entry["grade"] == "assumption"


@pytest.mark.parametrize("entry", ENTRIES)
def test_own_judgement_is_graded_as_an_assumption(entry: dict[str, Any]) -> None:
    if re.search(r"\b(own|our) judgement", entry["reading"].lower()):
        assert entry["grade"] == "assumption"


def _interval(prior: dict[str, Any]) -> None:
    lower, upper = prior["interval"]
    assert lower < upper
    assert 0 < prior["mass"] < 1


def _supported(prior: dict[str, Any]) -> None:
    _interval(prior)
    lower, upper = prior["interval"]
    bottom, top = prior["support"]
    assert bottom < lower < upper < top


def _positive(prior: dict[str, Any]) -> None:
    _interval(prior)
    assert prior["interval"][0] > 0


def _bounds(prior: dict[str, Any]) -> None:
    assert prior["lower"] <= prior["mode"] <= prior["upper"]
    assert prior["lower"] < prior["upper"]


ORDERED: dict[str, Callable[[dict[str, Any]], None]] = {
    "beta": _supported,
    "lognormal": _positive,
    "normal": _interval,
    "pert": _bounds,
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_bounds_of_a_prior_are_in_order(entry: dict[str, Any]) -> None:
    ORDERED[entry["prior"]["family"]](entry["prior"])


@pytest.mark.parametrize("name", FRACTIONS)
def test_fractions_stay_between_zero_and_one(name: str) -> None:
    prior = merged()[name]["prior"]
    assert prior["family"] == "beta"
    assert prior["support"] == [0, 1]


@pytest.mark.parametrize("name", ["large_pue", "small_pue", "edge_pue"])
def test_pue_cannot_be_below_one(name: str) -> None:
    prior = merged()[name]["prior"]
    assert prior.get("lower", prior.get("support", [0])[0]) >= 1


def test_utilisation_now_cannot_pass_its_target() -> None:
    now, target = (merged()[f"load_utilisation{end}"]["prior"] for end in ("", "_target"))
    assert now["support"][0] > 0
    assert now["support"][1] <= target["support"][0]
    assert target["support"][1] <= 1


@pytest.mark.parametrize(
    "name",
    [name for name in EXPECTED if name.endswith(("_duration", "_half_life", "_hardware"))],
)
def test_durations_and_hardware_gains_are_positive(name: str) -> None:
    assert merged()[name]["prior"]["family"] == "lognormal"


@pytest.mark.parametrize("entry", ARTICLE)
def test_article_is_quoted_in_chinese_with_publisher_and_date(
    entry: dict[str, Any],
) -> None:
    quoted = [source for source in entry["sources"] if source["date"] == dt.date(2025, 3, 18)]
    assert quoted
    for source in quoted:
        assert source["publisher"] == "China Power News (中国电力报)"
        assert CHINESE.search(source["quote"])


# The article's own numbers, China Power News, 18 March 2025.
@pytest.mark.parametrize(
    ("name", "interval", "words"),
    [
        ("precision_saving", [0.50, 0.75], "训练量将降低50%,甚至75%"),
        ("activation_saving", [0.60, 0.70], "整体降低推理能耗的60%~70%"),
        ("large_pue", [1.1, 1.3], "大型算力中心PUE(约1.1~1.3)"),
        ("small_pue", [1.3, 1.5], "中小型算力中心PUE(约1.3~1.5)"),
    ],
)
def test_article_is_taken_at_its_word(name: str, interval: list[float], words: str) -> None:
    entry = catalogue("article")[name]
    assert entry["prior"]["interval"] == interval
    assert entry["prior"]["mass"] == 0.9
    assert words in entry["sources"][0]["quote"]


def test_kernels_gain_is_centred_on_about_60_percent() -> None:
    entry = catalogue("article")["kernels_gain"]
    lower, upper = entry["prior"]["interval"]
    assert (lower * upper) ** 0.5 == pytest.approx(0.60, abs=0.005)
    assert "(MFU)约60%" in entry["sources"][0]["quote"]


def test_more_than_half_of_the_articles_elasticity_lies_above_one() -> None:
    # The Jevons paradox that the article invokes needs an elasticity above one.
    entry = catalogue("article")["inference_elasticity"]
    above = 1 - _pert_cdf(1.0, **entry["prior"])
    assert above > 0.5
    assert f"{above:.0%} of the mass lies above one" in entry["reading"]


@pytest.mark.parametrize("name", ["training_elasticity", "inference_elasticity"])
def test_share_of_an_elasticity_above_one_is_the_stated_one(name: str) -> None:
    entry = catalogue("china-computing")[name]
    above = 1 - _pert_cdf(1.0, **entry["prior"])
    assert f"{above:.0%} of the mass lies above one" in entry["reading"]


def _pert_cdf(x: float, *, family: str, lower: float, mode: float, upper: float) -> float:
    assert family == "pert"
    width = upper - lower
    alpha = 1 + 4 * (mode - lower) / width
    return float(beta.cdf((x - lower) / width, alpha, 6 - alpha))


@pytest.mark.parametrize("name", [name for name in EXPECTED if "_growth" in name])
def test_a_growth_says_it_is_a_log_rate_and_what_that_is_in_percent(name: str) -> None:
    entry = catalogue("china-computing")[name]
    lower, upper = (100 * math.expm1(end) for end in entry["prior"]["interval"])
    assert entry["label"].endswith("(log rate)")
    assert re.search(rf"{lower:.0f}% (to|and) {upper:.0f}% a year", entry["reading"])


def test_floor_of_the_overhead_is_not_above_what_2035_leaves() -> None:
    # IEA data annex rows 15-17: (1.09-1)/(1.14-1), (1.21-1)/(1.53-1), (1.54-1)/(1.92-1)
    left = min(0.09 / 0.14, 0.21 / 0.53, 0.54 / 0.92)
    _, upper = catalogue("china-computing")["pue_overhead_floor"]["prior"]["interval"]
    assert upper <= round(left, 2)


def test_growth_of_hubs_is_cited_where_regions_move() -> None:
    moving = ("training_hub_shift", "inference_digital_shift", "inference_hub_share")
    for name in moving:
        entry = catalogue("china-computing")[name]
        assert "39.5% a year" in entry["reading"]
        assert any("39.5%" in source.get("quote", "") for source in entry["sources"])


# What was read in notes of others, by a mark in its title or address.
@pytest.mark.parametrize("mark", ["p. 56", "p. 63", "Key Questions", "2601.10088", "2509.20241"])
def test_a_figure_from_anothers_notes_says_so(mark: str) -> None:
    found = [
        source for _, _, entry in entries() for source in entry["sources"] if mark in str(source)
    ]
    assert found
    assert all("as quoted by" in source["publisher"] for source in found)


def test_the_german_sentence_is_the_notes_own() -> None:
    sources = [source for _, _, entry in entries() for source in entry["sources"]]
    german = [source for source in sources if "Preiselastizität" in source.get("quote", "")]
    assert german
    assert all(source["publisher"].startswith("okx") for source in german)


def test_base_year_holds_both_published_levels() -> None:
    lower, upper = catalogue("china-computing")["base_electricity"]["prior"]["interval"]
    # IEA data annex row 65; CAICT-type figure for 2024
    assert lower < 102
    assert upper > 166


def test_base_year_is_as_wide_as_the_boundaries_disagree() -> None:
    lower, upper = catalogue("china-computing")["base_electricity"]["prior"]["interval"]
    levels = [float(r["value"]) for r in rows("observations", outcome="electricity", year="2020")]
    assert upper / lower > max(levels) / min(levels)


# IEA, Energy and AI (April 2025), data annex, sheet Regional Data, China: rows 65 and 39.
@pytest.mark.parametrize(
    ("outcome", "year", "value"),
    [
        ("electricity", "2020", 62),
        ("electricity", "2023", 84),
        ("electricity", "2024", 102),
        ("pue", "2020", 1.67),
        ("pue", "2023", 1.56),
        ("pue", "2024", 1.50),
    ],
)
def test_iea_is_the_reference(outcome: str, year: str, value: float) -> None:
    (row,) = rows("observations", outcome=outcome, year=year, label="IEA")
    assert float(row["value"]) == value
    assert float(row["bias_sd"]) == 0
    assert f"{value}" in row["quote"]


@pytest.mark.parametrize("row", table("observations"), ids=lambda row: row["label"] + row["year"])
def test_observation_is_well_formed(row: dict[str, str]) -> None:
    assert None not in row
    assert None not in row.values()
    assert row["kind"] in {"level", "growth", "share"}
    assert int(row["year"]) >= 2018
    assert float(row["value"]) > 0
    assert float(row["bias_sd"]) >= 0
    assert 0 < float(row["relative_error"]) < 1
    assert row["unit"] == _unit(row)
    assert 0 < len(row["label"]) <= 30
    assert row["url"].startswith("http")
    assert all(row[key] for key in ("source", "quote", "note"))


def _unit(row: dict[str, str]) -> str:
    return (
        "1/year" if row["kind"] == "growth" else {"electricity": "TWh", "pue": "1"}[row["outcome"]]
    )


def test_a_growth_row_says_what_it_is_relative_to() -> None:
    growths = rows("observations", kind="growth")
    assert growths
    for row in growths:
        assert "relative growth on" in row["note"]
        assert "the year before" in row["note"]
        percent = f"{100 * float(row['value']):.3g}"
        assert percent in row["quote"].replace(",", ".")


def test_single_quarters_weigh_less_than_the_months_that_hold_them() -> None:
    errors = {r["label"]: float(r["relative_error"]) for r in rows("observations", year="2025")}
    for quarter in ("Internet services, Q1", "Internet services, Q3"):
        assert errors[quarter] > errors["Internet services, Jan-Jul"]


def test_levels_other_than_the_reference_carry_a_bias() -> None:
    others = [row for row in rows("observations", kind="level") if row["label"] != "IEA"]
    assert others
    assert all(float(row["bias_sd"]) > 0 for row in others)


def test_projected_history_is_not_observed() -> None:
    # Greenpeace-NCEPU 2019 observed 160.89 TWh for 2018; its 178.02 to 266.79 are projections.
    values = {float(row["value"]) for row in table("observations")}
    assert 160.89 in values
    assert not values & {178.02, 196.96, 217.93, 241.13, 266.79}


@pytest.mark.parametrize("name", ["observations", "projections"])
def test_boundary_with_5g_is_marked(name: str) -> None:
    # one report has 5G in its title and gives both boundaries
    wider = [row for row in table(name) if "5G" in row["source"].replace("China 5G", "")]
    assert wider
    assert all("with 5G" in row["label"] and "5G" in row["note"] for row in wider)


@pytest.mark.parametrize("row", table("projections"), ids=lambda row: row["label"] + row["year"])
def test_projection_is_a_value_or_a_range(row: dict[str, str]) -> None:
    assert None not in row.values()
    assert 2025 <= int(row["year"]) <= 2035
    if row["value"]:
        assert float(row["value"]) > 0
        assert row["low"] == row["high"] == ""
    else:
        assert float(row["low"]) < float(row["high"])
    assert row["unit"] == {"electricity": "TWh", "pue": "1", "it_capacity": "GW"}[row["outcome"]]
    assert all(row[key] for key in ("source", "label", "url", "quote", "note"))


def test_a_source_projects_a_year_once() -> None:
    keys = [(row["outcome"], row["year"], row["label"]) for row in table("projections")]
    assert len(keys) == len(set(keys))


# IEA annex row 65 (277 TWh); CAICT 300-700 billion kWh; NEA and CEC 8000亿千瓦时, all for 2030.
@pytest.mark.parametrize(
    ("label", "numbers"),
    [
        ("IEA Base", {"value": "277"}),
        ("CAICT", {"low": "300", "high": "700"}),
        ("NEA and CEC", {"value": "800"}),
    ],
)
def test_projections_for_2030(label: str, numbers: dict[str, str]) -> None:
    (row,) = rows("projections", outcome="electricity", year="2030", label=label)
    assert {key: row[key] for key in numbers} == numbers


def test_study_names_catalogues_and_tables_that_exist() -> None:
    declared = study()
    assert declared["priors"] == list(CATALOGUES)
    for file in declared["overlays"].values():
        assert (ROOT / "studies" / file).is_file()


def test_study_covers_the_years_it_reports() -> None:
    declared = study()
    first, last = declared["horizon"]
    assert all(first < year <= last for year in declared["headline"]["years"])
    assert set(declared["drivers"]["outcomes"]) <= set(declared["outcomes"])
    assert declared["headline"]["margin"] in declared["intervals"]["probabilities"]
