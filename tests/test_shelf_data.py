"""What the shipped catalogues and tables of China say, read without the package itself.

Only where a prior is given by an interval does the package fit it. What holds for the form of any
catalogue (who is named, what sets a number, ends of a PERT) is asked of all that ship.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import beta, lognorm, triang, truncnorm

from uncertainty.prior import Prior

ROOT = Path(__file__).resolve().parent.parent
READINGS = {"china-computing-2035": "article", "china-computing-2035-evidence": "evidence"}
"""Study -> the catalogue that says what the levers do."""

CATALOGUES = ("computing", "china-computing", *READINGS.values())
GRADES = {"measurement", "model", "expert judgement", "assumption"}
CHINESE = re.compile(r"[\u4e00-\u9fff]{4}")

SHARES = {
    "base": "intelligent_share training_share supercomputing_share",
    "efficiency": "precision_saving activation_saving kernels_gain distillation_energy_ratio "
    "distillation_output_ratio load_idle load_utilisation load_utilisation_target overlap",
    "adoption": "precision_reach activation_reach kernels_reach distillation_reach general_reach "
    "supercomputing_reach",
    "demand": "demand_form",
    "rebound": "electricity_cost_share chip_price_drop training_elasticity inference_elasticity "
    "general_elasticity rebound_form rebound_saturation",
    "sites": "training_large_share training_small_share inference_large_share "
    "inference_small_share general_large_share general_small_share decentralisation "
    "decentralisation_small large_pue small_pue edge_pue pue_overhead_floor",
    "regions": "training_hub_share training_hub_shift training_digital_economy_share "
    "inference_digital_economy_share inference_digital_economy_shift inference_hub_share "
    "general_hub_share general_digital_economy_share",
    "power": "load_factor",
}
RATES = {
    "demand": "training_growth_start training_growth_end inference_growth_start "
    "inference_growth_end general_growth_start general_growth_end supercomputing_growth "
    "imitation",
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
EXPECTED = {
    "base_electricity": ("TWh", "base"),
    "general_growth_change": ("1/year**2", "demand"),
} | {
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
POINTS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])


def catalogue(name: str) -> dict[str, dict[str, Any]]:
    with (ROOT / "priors" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)["parameters"]


def study(name: str) -> dict[str, Any]:
    with (ROOT / "studies" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def fitted(entry: dict[str, Any]) -> Prior:
    """The distribution of an entry that is given by an interval."""
    return Prior.from_interval(
        *entry["prior"]["interval"],
        mass=entry["prior"]["mass"],
        family=entry["prior"]["family"],
        support=entry["prior"].get("support"),
    )


def table(name: str) -> list[dict[str, str]]:
    with (ROOT / "studies" / f"china-{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(name: str, **wanted: str) -> list[dict[str, str]]:
    return [row for row in table(name) if all(row[key] == wanted[key] for key in wanted)]


def entries() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in CATALOGUES:
        for parameter, entry in catalogue(name).items():
            yield name, parameter, entry


def merged(reading: str) -> dict[str, dict[str, Any]]:
    return catalogue("computing") | catalogue("china-computing") | catalogue(reading)


def cited(entry: dict[str, Any], mark: str) -> dict[str, Any]:
    """The one source of an entry that has the mark in its title, publisher or quote."""
    (found,) = [source for source in entry["sources"] if mark in str(source)]
    return dict(found)


ENTRIES = [pytest.param(entry, id=f"{name}-{key}") for name, key, entry in entries()]
NAMED = [pytest.param(key, entry, id=f"{name}-{key}") for name, key, entry in entries()]
ARTICLE = [pytest.param(entry, id=key) for key, entry in catalogue("article").items()]
both_readings = pytest.mark.parametrize("reading", READINGS.values())
both_studies = pytest.mark.parametrize("name", READINGS)


@both_readings
def test_catalogues_cover_every_parameter_and_no_other(reading: str) -> None:
    assert set(merged(reading)) == set(EXPECTED)


def test_what_holds_anywhere_and_what_is_chinese_do_not_overlap() -> None:
    general, chinese = set(catalogue("computing")), set(catalogue("china-computing"))
    assert not general & chinese
    assert not set(catalogue("article")) & (general | chinese)


def test_measurements_answer_all_that_the_article_says_and_override_three_more() -> None:
    measured = set(catalogue("evidence"))
    assert set(catalogue("article")) <= measured
    overridden = measured & (set(catalogue("computing")) | set(catalogue("china-computing")))
    assert overridden == {"intelligent_hardware", "distillation_output_ratio", "load_factor"}


def test_a_general_number_that_leans_on_chinese_figures_says_so() -> None:
    leaning = [
        entry
        for entry in catalogue("computing").values()
        if any(CHINESE.search(source.get("quote", "")) for source in entry["sources"])
    ]
    assert leaning
    assert all(re.search("China|Chinese", entry["reading"]) for entry in leaning)


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
        assert set(source) <= {*TOLD, *SAID}
        assert source["grade"] in GRADES
        assert isinstance(source["date"], (str, dt.date))
        assert source.get("url", "https://").startswith("http")


TOLD = ("title", "publisher", "date", "grade", "url", "quote", "context")
SAID = ("value", "low", "high")
"""What a source says of the parameter itself, in the parameter's unit."""


@pytest.mark.parametrize("entry", ENTRIES)
def test_numbers_of_a_source_are_in_order_and_possible(entry: dict[str, Any]) -> None:
    least = 1 if entry["label"].startswith("PUE") else 0
    for source in entry["sources"]:
        numbers = [source[key] for key in ("low", "value", "high") if key in source]
        assert numbers == sorted(numbers)
        assert ("low" in source) == ("high" in source)
        assert all(least <= number for number in numbers)


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


def _beta(prior: dict[str, Any]) -> None:
    if "interval" in prior:
        _supported(prior)
    else:
        assert min(prior["alpha"], prior["beta"]) >= 1


def _bounds(prior: dict[str, Any]) -> None:
    mode = prior["c" if prior["family"] == "triangular" else "mode"]
    assert prior["lower"] <= mode <= prior["upper"]
    assert prior["lower"] < prior["upper"]


def _choice(prior: dict[str, Any]) -> None:
    assert prior["values"] == sorted(set(prior["values"]))
    assert len(prior["probabilities"]) == len(prior["values"]) > 1
    assert min(prior["probabilities"]) > 0
    assert math.fsum(prior["probabilities"]) == pytest.approx(1, abs=1e-9)


def _number(prior: dict[str, Any]) -> None:
    assert isinstance(prior["value"], (int, float))


ORDERED: dict[str, Callable[[dict[str, Any]], None]] = {
    "beta": _beta,
    "choice": _choice,
    "fixed": _number,
    "lognormal": _positive,
    "normal": _interval,
    "pert": _bounds,
    "triangular": _bounds,
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_bounds_of_a_prior_are_in_order(entry: dict[str, Any]) -> None:
    ORDERED[entry["prior"]["family"]](entry["prior"])


@both_readings
@pytest.mark.parametrize("name", FRACTIONS)
def test_fractions_stay_between_zero_and_one(name: str, reading: str) -> None:
    prior = merged(reading)[name]["prior"]
    if prior["family"] == "fixed":
        assert 0 <= prior["value"] <= 1
        return
    assert prior["family"] == "beta"
    least = -1 if name == "precision_saving" and reading == "evidence" else 0  # it may cost
    assert prior.get("support", [0, 1]) == [least, 1]


@pytest.mark.parametrize("kind", ["training", "general"])
def test_only_inference_runs_at_the_user_side(kind: str) -> None:
    prior = catalogue("china-computing")[f"{kind}_small_share"]["prior"]
    assert prior == {"family": "fixed", "value": 1}


@both_readings
@pytest.mark.parametrize("name", ["large_pue", "small_pue", "edge_pue"])
def test_pue_cannot_be_below_one(name: str, reading: str) -> None:
    prior = merged(reading)[name]["prior"]
    assert prior.get("lower", prior.get("support", [0])[0]) >= 1


def test_utilisation_now_cannot_pass_its_target() -> None:
    general = catalogue("computing")
    now, target = (general[f"load_utilisation{end}"]["prior"] for end in ("", "_target"))
    assert now["support"][0] > 0
    assert now["support"][1] <= target["support"][0]
    assert target["support"][1] <= 1


@both_readings
@pytest.mark.parametrize(
    "name",
    [name for name in EXPECTED if name.endswith(("_duration", "_half_life", "_hardware"))],
)
def test_durations_and_hardware_gains_are_positive(name: str, reading: str) -> None:
    prior = merged(reading)[name]["prior"]
    assert prior["family"] == "lognormal" or prior["support"][0] >= 0


@pytest.mark.parametrize("entry", ARTICLE)
def test_article_is_quoted_in_chinese_with_publisher_and_date(
    entry: dict[str, Any],
) -> None:
    quoted = [source for source in entry["sources"] if source["date"] == dt.date(2025, 3, 18)]
    assert quoted
    for source in quoted:
        assert source["publisher"].startswith(
            "State Grid Energy Research Institute (in China Power"
        )
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
    entry = merged("evidence")[name]
    above = 1 - _pert_cdf(1.0, **entry["prior"])
    assert f"{above:.0%} of the mass lies above one" in entry["reading"]


def _pert_cdf(x: float, *, family: str, lower: float, mode: float, upper: float) -> float:
    assert family == "pert"
    width = upper - lower
    alpha = 1 + 4 * (mode - lower) / width
    return float(beta.cdf((x - lower) / width, alpha, 6 - alpha))


@pytest.mark.parametrize(
    "name", [name for name, (unit, _) in EXPECTED.items() if "_growth" in name and unit == "1/year"]
)
def test_a_growth_says_it_is_a_log_rate_and_what_that_is_in_percent(name: str) -> None:
    entry = catalogue("china-computing")[name]
    lower, upper = (100 * math.expm1(end) for end in entry["prior"]["interval"])
    assert entry["label"].endswith("(log rate)")
    assert re.search(rf"{lower:.0f}% (to|and) {upper:.0f}% a year", entry["reading"])


def test_floor_of_the_overhead_is_not_above_what_2035_leaves() -> None:
    # IEA data annex rows 15-17: (1.09-1)/(1.14-1), (1.21-1)/(1.53-1), (1.54-1)/(1.92-1)
    left = min(0.09 / 0.14, 0.21 / 0.53, 0.54 / 0.92)
    _, upper = catalogue("computing")["pue_overhead_floor"]["prior"]["interval"]
    assert upper <= round(left, 2)


def test_growth_of_hubs_is_cited_where_regions_move() -> None:
    moving = ("training_hub_shift", "inference_digital_economy_shift", "inference_hub_share")
    for name in moving:
        entry = catalogue("china-computing")[name]
        assert "39.5% a year" in entry["reading"]
        assert any("39.5%" in source.get("quote", "") for source in entry["sources"])


# What was read in notes of others, by a mark in its title or address.
@pytest.mark.parametrize(
    "mark",
    [
        "p. 56",
        "p. 63",
        "Key Questions",
        "2601.10088",
        "2509.20241",
        "2407.21783",
        "Global Data Center Survey",
    ],
)
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
    assert all(source["publisher"].endswith("as quoted by okx") for source in german)
    assert all("in German" in source["title"] for source in german)


# ---- form of all catalogues that ship ----

SHIPPED = [
    (path.stem, name, entry)
    for path in sorted((ROOT / "priors").glob("*.toml"))
    for name, entry in catalogue(path.stem).items()
]
SOURCES = [source for _, _, entry in SHIPPED for source in entry["sources"]]
PUBLISHERS = sorted({source["publisher"] for source in SOURCES})
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
SECOND_HAND = re.compile(r", as quoted by |, read (?:at|in) | \(")


def originator(publisher: str) -> str:
    """Who found or said a number, without how it was read."""
    return SECOND_HAND.split(publisher)[0]


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_publisher_is_who_found_a_number_and_not_the_page_that_quotes_it(publisher: str) -> None:
    assert originator(publisher).strip()
    for host in HOST.finditer(publisher):
        assert re.search(r", (as quoted by|read at) ", publisher[: host.start()])


def test_an_originator_goes_by_one_name() -> None:
    names = {originator(publisher) for publisher in PUBLISHERS}
    assert len({re.sub(r"\W", "", name).casefold() for name in names}) == len(names)
    initials = {"".join(word[0] for word in name.split()) for name in names if " " in name}
    assert not names & initials


def test_one_page_is_cited_by_one_name() -> None:
    cited_as: dict[tuple[str, str], set[str]] = {}
    for source in SOURCES:
        key = source["title"], source.get("quote", "")
        cited_as.setdefault(key, set()).add(f"{source['publisher']}, {source['date']}")
    assert all(len(found) == 1 for found in cited_as.values())


def test_context_is_only_written_where_it_is_so() -> None:
    assert all(source.get("context", True) is True for source in SOURCES)


@pytest.mark.parametrize(
    "mark", ["Daily tokens", "compute spend", "shifted decisively", "hub nodes", "OpenRouter"]
)
def test_what_only_bounds_or_points_is_context(mark: str) -> None:
    found = [source for source in SOURCES if mark in str(source)]
    assert found
    assert all(source.get("context") for source in found)


def test_a_number_that_no_source_sets_is_an_own_judgement() -> None:
    unset = [
        entry
        for _, _, entry in SHIPPED
        if all(source.get("context") for source in entry["sources"])
    ]
    assert unset
    for entry in unset:
        assert entry["grade"] == "assumption"
        assert re.search(r"\b(own|our) judgement", entry["reading"].lower())


def test_a_source_whose_range_the_prior_is_sets_it() -> None:
    same = [
        source
        for _, _, entry in SHIPPED
        for source in entry["sources"]
        if "low" in source and [source["low"], source["high"]] == entry["prior"].get("interval")
    ]
    assert same
    assert not any(source.get("context") for source in same)


def _triangular_ppf(p: float, *, family: str, lower: float, c: float, upper: float) -> float:
    assert family == "triangular"
    width = upper - lower
    return float(triang.ppf(p, (c - lower) / width, lower, width))


def _pert_ppf(p: float, *, family: str, lower: float, mode: float, upper: float) -> float:
    assert family == "pert"
    width = upper - lower
    alpha = 1 + 4 * (mode - lower) / width
    return float(beta.ppf(p, alpha, 6 - alpha, lower, width))


ENDED: dict[str, Callable[..., float]] = {"pert": _pert_ppf, "triangular": _triangular_ppf}
"""Families that are given by their ends -> quantile function."""


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(entry, id=f"{name}-{key}")
        for name, key, entry in SHIPPED
        if entry["prior"]["family"] in ENDED
    ],
)
def test_ends_are_said_to_be_ends_and_the_90_percent_interval_is_given(
    entry: dict[str, Any],
) -> None:
    assert "smallest and the largest value held possible" in entry["reading"]
    (stated,) = re.findall(r"5% and 95% points are ([\d.]*\d) and ([\d.]*\d)", entry["reading"])
    quantile = ENDED[entry["prior"]["family"]]
    for p, text in zip((0.05, 0.95), stated, strict=True):
        rounding = 0.5 * 10.0 ** -len(text.partition(".")[2])
        assert float(text) == pytest.approx(quantile(p, **entry["prior"]), abs=rounding)


# Published for the use of language models across models: 0.05 to 0.07.
@pytest.mark.parametrize(
    ("where", "name", "words", "chance"),
    [
        ("evidence", "inference_elasticity", "five in a million", 5e-6),
        ("computing", "training_elasticity", "sixteen in a million", 16e-6),
    ],
)
def test_an_elasticity_that_is_all_but_excluded_is_said_to_be(
    where: str, name: str, words: str, chance: float
) -> None:
    entry = catalogue(where)[name]
    assert words in entry["reading"]
    assert _pert_cdf(0.07, **entry["prior"]) == pytest.approx(chance, abs=5e-7)


def test_the_articles_elasticity_excludes_the_smaller_figure_more_strongly() -> None:
    entry = catalogue("article")["inference_elasticity"]
    assert "below one in a million" in entry["reading"]
    assert _pert_cdf(0.07, **entry["prior"]) < 1e-6


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
    assert 0 <= float(row["vintage_sd"]) <= 0.2
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


def test_growth_of_another_sector_carries_a_bias_and_no_vintage() -> None:
    # 2024: information services 11.9%, internet services 21.7%, data services 30.9%; IEA 102 / 84
    growths = rows("observations", kind="growth")
    gaps = [math.log(1.309 / (102 / 84)), math.log(1.309 / 1.217)]
    (wide,) = {float(r["bias_sd"]) for r in growths if r["label"] == "Information services"}
    others = {float(r["bias_sd"]) for r in growths if r["label"] != "Information services"}
    assert others == {0.08}
    assert gaps == pytest.approx([0.08, 0.08], abs=0.01)
    middle = (math.log(102 / 84 / 1.119) + math.log(1.309 / 1.119)) / 2
    assert wide == pytest.approx(middle, abs=0.005)
    assert {float(r["vintage_sd"]) for r in growths} == {0}


def test_one_sector_of_the_statistics_shares_one_bias() -> None:
    found = [row for row in table("observations") if row["label"] == "Information services"]
    assert [row["year"] for row in found] == ["2024", "2025"]
    assert len({row["source"] for row in found}) == 1
    assert [row["published"] for row in found] == ["2025", "2026"]


@pytest.mark.parametrize("row", table("observations"), ids=lambda row: row["label"] + row["year"])
def test_a_row_says_how_it_was_dated(row: dict[str, str]) -> None:
    assert re.fullmatch(r"20\d\d(-\d\d)?", row["published"]) or (
        "year of publication is not known" in row["note"]
    )


@pytest.mark.parametrize(
    "row",
    rows("observations", outcome="electricity", kind="level"),
    ids=lambda row: row["label"] + row["year"],
)
def test_what_restatements_moved_is_the_vintage(row: dict[str, str]) -> None:
    ends = {"0.1": "lower end", "0.15": "middle", "0.2": "upper end"}
    said = f"{ends[row['vintage_sd']]} of the 10 to 20% by which figures were restated"
    assert f"Vintage sd {float(row['vintage_sd']):.2f} in logs: the {said}" in row["note"]
    assert f"Relative error {float(row['relative_error']):.2f}" in row["note"]
    assert "our judgement" in row["note"]


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
    assert 2019 <= int(row["year"]) <= 2035
    if row["value"]:
        assert float(row["value"]) > 0
        assert row["low"] == row["high"] == ""
    else:
        assert float(row["low"]) < float(row["high"])
    assert row["unit"] == {"electricity": "TWh", "pue": "1", "it_capacity": "GW"}[row["outcome"]]
    assert all(row[key] for key in ("boundary", "source", "label", "url", "quote", "note"))


# Greenpeace and NCEPU 2019: 10.64% a year from 160.89 TWh in 2018.
def test_the_projection_of_2019_grows_as_its_authors_say() -> None:
    found = rows("projections", label="Greenpeace-NCEPU")
    assert [int(row["year"]) for row in found] == list(range(2019, 2024))
    assert {row["published"] for row in found} == {"2019"}
    for row in found:
        grown = 160.89 * 1.1064 ** (int(row["year"]) - 2018)
        assert float(row["value"]) == pytest.approx(grown, rel=5e-4)
        assert row["value"] in row["quote"]


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


# Published for China in 2030 and 2035, with the boundary that sets them apart: IEA 277 (model),
# CAICT 300-700 (from 166), government 400, Goldman Sachs 600 (from 200), NEA and CEC 800;
# Greenpeace 485.5 (data centres) and 782 (with 5G).
def test_published_projections_are_all_there() -> None:
    found = {(r["year"], r["label"]): r for r in rows("projections", outcome="electricity")}
    later = {label for year, label in found if int(year) > 2025}
    assert later == {
        "IEA Base",
        "CAICT",
        "Government (Carbon Brief)",
        "Goldman Sachs",
        "NEA and CEC",
        "Greenpeace",
        "Greenpeace, with 5G",
    }
    assert "5G" in found["2035", "Greenpeace, with 5G"]["boundary"]
    assert "166" in found["2030", "CAICT"]["boundary"]
    assert "200" in found["2030", "Goldman Sachs"]["boundary"]


# ---- what sources say of a parameter itself ----

SAYINGS = [
    # IEA annex, Regional Data row 65, China, 2024: 102 TWh
    ("china-computing", "base_electricity", "row 65", {"value": 102}),
    # 1660亿度电 for 2024, and the base of CAICT's growth rates, 300 / 1.104^6 = 166
    ("china-computing", "base_electricity", "1660亿度电", {"value": 166}),
    # accelerated servers, world, 2024: 15% of data-centre electricity (IEA, p. 56)
    ("china-computing", "intelligent_share", "p. 56", {"value": 0.15}),
    # inference 0.60-0.70 of AI electricity (EDNA), so training 0.30-0.40
    ("china-computing", "training_share", "EDNA", {"low": 0.3, "high": 0.4}),
    # IEA annex, Regional Data row 49, China, 2024: 48%
    ("china-computing", "load_factor", "data annex", {"value": 0.48}),
    ("evidence", "load_factor", "row 49", {"value": 0.48}),
    # SemiAnalysis, September to October 2026: book utilisation about 50%
    ("evidence", "load_factor", "SemiAnalysis", {"value": 0.5}),
    # FLOP/s per W, tensor FP16, 2017-2025, 60 devices: +21% a year, 95% 16-27
    ("computing", "intelligent_hardware", "FP16", {"low": 0.16, "value": 0.21, "high": 0.27}),
    ("evidence", "intelligent_hardware", "FP16", {"low": 0.16, "value": 0.21, "high": 0.27}),
    # saving from 100% to 5.5% active: 43% (chat), 59% (all tasks)
    ("evidence", "activation_saving", "regression", {"low": 0.43, "high": 0.59}),
    # model FLOP/s utilisation of V3 about 60% above V2
    ("evidence", "kernels_gain", "60% improvement", {"value": 0.6}),
    # IEA annex, World Data rows 15-17, 2024: hyperscale 1.14, colocation 1.53, enterprise 1.92
    ("evidence", "large_pue", "row 15", {"value": 1.14}),
    ("evidence", "small_pue", "rows 16-17", {"low": 1.53, "high": 1.92}),
    # CAICT, 2023: ultra-large centres 1.33
    ("article", "large_pue", "CAICT", {"value": 1.33}),
    ("evidence", "large_pue", "CAICT", {"value": 1.33}),
    # Uptime 2025: sites of 20 MW and more 1.44; all 1.54
    ("evidence", "large_pue", "20 MW", {"value": 1.44}),
    ("evidence", "small_pue", "weighted average", {"value": 1.54}),
    # price elasticity of tokens: 1.1 within a model (note in German), 0.05-0.07 across models
    ("article", "inference_elasticity", "okx", {"value": 1.1}),
    ("evidence", "inference_elasticity", "OpenRouter", {"low": 0.05, "high": 0.07}),
]


@pytest.mark.parametrize(("where", "name", "mark", "numbers"), SAYINGS)
def test_a_source_says_its_number(
    where: str, name: str, mark: str, numbers: dict[str, float]
) -> None:
    source = cited(catalogue(where)[name], mark)
    assert {key: source[key] for key in SAID if key in source} == numbers


@pytest.mark.parametrize(
    "name", ["precision_saving", "activation_saving", "large_pue", "small_pue"]
)
def test_the_articles_ranges_are_also_what_its_source_says(name: str) -> None:
    entry = catalogue("article")[name]
    said = entry["sources"][0]
    assert [said["low"], said["high"]] == entry["prior"]["interval"]


# ---- how the evidence was read ----


def savings_by_exponent() -> npt.NDArray[np.float64]:
    """Saving of sparse activation on an even grid over its two uncertain inputs.

    Exponent Normal(0.26, 0.10) cut at 0, about the bootstrap of the measured 0.19 (chat), 0.31
    (all tasks) and 0.23 (without MXFP4); new share 37 / 671 (DeepSeek-V3's model card); old share
    log-uniform from 0.1 to 1.
    """
    even = (np.arange(1000) + 0.5) / 1000
    exponent = truncnorm.ppf(even, -0.26 / 0.10, np.inf, loc=0.26, scale=0.10)
    old = 0.1 ** (1 - even)
    saving: npt.NDArray[np.float64] = 1 - (37 / 671 / old) ** exponent[:, np.newaxis]
    return saving


def test_saving_of_sparse_activation_follows_from_its_inputs() -> None:
    entry = catalogue("evidence")["activation_saving"]
    derived, prior = np.quantile(savings_by_exponent(), POINTS), fitted(entry)
    # The ends are asked for, rounded to 0.001; between them a beta is not quite the same shape.
    np.testing.assert_allclose(entry["prior"]["interval"], derived[[0, -1]], atol=6e-4)
    np.testing.assert_allclose(prior.ppf(POINTS), derived, atol=0.02)
    for quantiles in (derived, prior.ppf(POINTS)):
        stated = ", ".join(f"{value:.3f}" for value in quantiles)
        assert stated in entry["reading"]


# Measured saving from a share of 100% to 5.5%: chat 43% (30-64), all tasks 59% (40-79).
@pytest.mark.parametrize(("exponent", "saving"), [(0.19, 0.43), (0.31, 0.59)])
def test_measured_exponents_give_the_measured_savings(exponent: float, saving: float) -> None:
    # Exponents are printed to 0.01, which moves a saving by up to 0.008.
    assert 1 - (37 / 671) ** exponent == pytest.approx(saving, abs=0.012)


# Suggested ratio of FP8 to BF16 in training: LogNormal, median 0.75, sd 0.15. Reported speeds:
# 75% faster (FP8-LM) or, in another version of the abstract, 64%; over the Transformer Engine by 37%
# or 17%, which leaves that 28% (1.75 / 1.37) or 40% (1.64 / 1.17) faster.
def test_saving_of_eight_bits_follows_the_ratio_of_energy() -> None:
    entry = catalogue("evidence")["precision_saving"]
    ratio, prior = lognorm(0.15, scale=0.75), fitted(entry)
    wanted = 1 - ratio.ppf(1 - POINTS)
    np.testing.assert_allclose(entry["prior"]["interval"], wanted[[0, -1]], atol=0.005)
    np.testing.assert_allclose(prior.ppf(POINTS), wanted, atol=0.02)
    assert pytest.approx(1.28, abs=0.005) == 1.75 / 1.37
    for faster, saving in ((1.75, 0.43), (1.64, 0.39), (1.28, 0.22)):
        assert 1 - 1 / faster == pytest.approx(saving, abs=0.005)
        (derived,) = [s for s in entry["sources"] if s.get("value") == saving]
        assert derived["grade"] == "model"  # a speed, turned into energy at equal power
    for slower, left in ((1.64, "0.61"), (1.64 / 1.17, "0.71")):
        assert 1 / slower == pytest.approx(float(left), abs=0.005)
        assert left in entry["reading"]
    assert f"costs energy in {prior.cdf(np.array([0.0]))[0]:.0%} of draws" in entry["reading"]


# MFU of V3 about 37%, "about a 60% improvement over V2" (23%); Llama 3 405B 38-43%.
def test_gain_of_kernels_is_centred_on_a_quarter_and_holds_the_sixty_percent() -> None:
    entry = catalogue("evidence")["kernels_gain"]
    prior = fitted(entry)
    suggested = lognorm(0.2, scale=1.25)
    # Printed with two digits.
    np.testing.assert_allclose(prior.ppf(np.array([0.5])), 0.25, atol=0.005)
    np.testing.assert_allclose(entry["prior"]["interval"][1], suggested.ppf(0.95) - 1, atol=0.005)
    at = 100 * prior.cdf(np.array([0.6]))[0]
    assert f"0.6 lies at the {at:.0f}% point" in entry["reading"]
    assert pytest.approx(0.23, abs=0.005) == 0.37 / 1.6


# 46 measured comparisons of a small model with a large one: 5, 50 and 95% points 0.06, 0.22, 0.52.
def test_energy_of_small_models_is_the_measured_spread() -> None:
    entry = catalogue("evidence")["distillation_energy_ratio"]
    source = entry["sources"][0]
    assert [source["low"], source["high"]] == entry["prior"]["interval"]
    middle = fitted(entry).ppf(np.array([0.5]))[0]
    assert middle == pytest.approx(source["value"], abs=0.02)
    assert f"the beta has 0.06, {middle:.2f} and 0.52" in entry["reading"]
    assert source["grade"] == "measurement"
    # A spread between models is not the doubt about the mean of a fleet: that step is ours.
    assert entry["grade"] == "assumption"
    assert "Own judgement" in entry["reading"]


def test_small_models_are_counted_by_name() -> None:
    # DeepSeek-V3.1 and R1 against Qwen 3 (8B, 14B, 32B, 30B Instruct and Thinking), Gemma 3 (12B,
    # 27B), Llama 3.1 (8B, 70B), Llama 3.3 70B, Nemotron Nano (9B, 12B), all on B200
    names = 5 + 2 + 2 + 1 + 2
    assert (
        f"Only {names} small models by name"
        in (catalogue("evidence")["distillation_energy_ratio"]["reading"])
    )


# Output of small models over that of the large one of their family, 13 pairs: 0.90 (0.71-1.26).
# 300 -> 5,000 output tokens: 0.31 -> 3.91 Wh.
def test_longer_outputs_reach_as_far_as_one_request_in_ten_that_reasons() -> None:
    entry = catalogue("evidence")["distillation_output_ratio"]
    prior, pairs = entry["prior"], entry["sources"][0]
    assert (prior["lower"], prior["mode"]) == (round(pairs["low"], 1), pairs["value"])
    changed = 0.9 * (0.9 + 0.1 * 3.91 / 0.31)
    assert prior["upper"] == pytest.approx(changed, abs=0.06)


# B200 (2024.83) over H100 (2022.67), energy per token: -2%, -11%, -43%.
def test_hardware_runs_from_the_equal_batch_to_the_best_layout() -> None:
    entry = catalogue("evidence")["intelligent_hardware"]
    yearly = [(1 - less) ** (-1 / (2024.83 - 2022.67)) - 1 for less in (0.02, 0.11, 0.43)]
    # Reductions are printed to 1%, which moves the largest gain by 0.01 a year.
    assert yearly == pytest.approx([0.01, 0.05, 0.30], abs=0.01)
    assert entry["prior"]["interval"] == pytest.approx(yearly[1:], abs=0.01)
    at = 100 * fitted(entry).cdf(np.array([0.21]))[0]
    assert f"the regression lies at the {at:.0f}% point" in entry["reading"]


# Median load of IT in one city, 2019: 39%; rack occupancy, 2022-23: about 58%.
def test_load_factor_runs_between_the_single_records() -> None:
    entry = catalogue("evidence")["load_factor"]
    assert entry["prior"]["interval"] == [0.39, 0.58]
    assert "39%" in cited(entry, "zhaoxny")["quote"]
    assert "58%" in cited(entry, "kdwc")["quote"]


# Suggested classes: large 1.10, 1.20, 1.35; small 1.35, 1.55, 1.95 (lowest, likeliest, highest).
@pytest.mark.parametrize(
    ("name", "ends"), [("large_pue", (1.10, 1.20, 1.35)), ("small_pue", (1.35, 1.55, 1.95))]
)
def test_classes_of_pue(name: str, ends: tuple[float, float, float]) -> None:
    prior = catalogue("evidence")[name]["prior"]
    assert (prior["lower"], prior["c"], prior["upper"]) == ends


def middle(entry: dict[str, Any]) -> float:
    """About the mean of a prior."""
    prior = entry["prior"]
    if "value" in prior:
        return float(prior["value"])
    ends = prior.get("interval") or [
        prior[k] for k in ("lower", "c", "mode", "upper") if k in prior
    ]
    return sum(ends) / len(ends)


def base_pue(reading: str) -> float:
    """About the mean PUE of the base year: facility electricity over IT electricity."""
    sites = {name: entry for name, entry in merged(reading).items() if entry["group"] == "sites"}
    shares = ("intelligent_share", "training_share")
    p = {name: middle(merged(reading)[name]) for name in (*sites, *shares)}

    def of(kind: str) -> float:
        large, small = p[f"{kind}_large_share"], p[f"{kind}_small_share"]
        beyond = small * p["small_pue"] + (1 - small) * p["edge_pue"]
        return large * p["large_pue"] + (1 - large) * beyond

    training = p["intelligent_share"] * p["training_share"]
    parts = {
        "training": training,
        "inference": p["intelligent_share"] - training,
        "general": 1 - p["intelligent_share"],
    }
    return 1 / sum(share / of(kind) for kind, share in parts.items())


# Published for China, 2024: 1.46 (CAICT, expected) and 1.50 (IEA annex, Regional Data row 39).
@pytest.mark.parametrize(("reading", "stated"), [("article", "1.31"), ("evidence", "1.45")])
def test_mean_pue_of_the_base_year_is_the_stated_one(reading: str, stated: str) -> None:
    # Middles stand for means, which are off by up to 0.01 where a prior is lopsided.
    assert base_pue(reading) == pytest.approx(float(stated), abs=0.015)
    assert f"near {stated}" in catalogue(reading)["small_pue"]["reading"]


def test_what_was_not_measured_is_as_in_the_articles_reading() -> None:
    article, measured = catalogue("article"), catalogue("evidence")
    kept = [name for name in measured if "nothing measured was found" in measured[name]["reading"]]
    assert len(kept) == 5
    for name in kept:
        assert measured[name]["prior"] == article[name]["prior"]
        assert measured[name]["sources"] == []


# ---- studies ----


@both_studies
def test_study_names_catalogues_and_tables_that_exist(name: str) -> None:
    declared = study(name)
    assert declared["priors"] == ["computing", "china-computing", READINGS[name]]
    for file in declared["overlays"].values():
        assert (ROOT / "studies" / file).is_file()


@both_studies
def test_study_covers_the_years_it_reports(name: str) -> None:
    declared = study(name)
    first, last = declared["horizon"]
    assert all(first < year <= last for year in declared["headline"]["years"])
    assert set(declared.get("drivers", {}).get("outcomes", [])) <= set(declared["outcomes"])
    assert declared["headline"]["margin"] in declared["intervals"]["probabilities"]


def test_two_readings_of_one_question_differ_in_the_levers_alone() -> None:
    article, measured = (study(name) for name in READINGS)
    for key in ("model", "horizon", "seed", "options", "intervals", "overlays"):
        assert article[key] == measured[key]


def test_only_levers_and_growth_are_correlated_and_then_without_sobol_indices() -> None:
    declared = study("china-computing-2035-evidence")
    assert "drivers" not in declared
    assert "correlation" not in study("china-computing-2035")
    pairs = declared["correlation"]
    assert 0 < len(pairs) <= 4
    assert {name for pair in pairs for name in pair["between"]} <= set(EXPECTED)


# Growth of work is growth of electricity plus log(1 + gain), so that its rank correlation with the
# gain is about sd(log(1 + gain)) over the sd of the growth.
@pytest.mark.parametrize("kind", ["training", "inference", "general"])
def test_growth_goes_with_the_gain_that_it_was_read_from(kind: str) -> None:
    growth = f"{kind}_growth_start"
    (pair,) = [
        row
        for row in study("china-computing-2035-evidence")["correlation"]
        if growth in row["between"]
    ]
    (gain,) = set(pair["between"]) - {growth}
    priors = merged("evidence")
    even = (np.arange(4000) + 0.5) / 4000
    sd = np.log1p(fitted(priors[gain]).ppf(even)).std()
    # Ranks are given to one digit.
    assert pair["rank"] == pytest.approx(sd / fitted(priors[growth]).sd, abs=0.05)
