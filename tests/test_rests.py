"""On what a result rests: the ledger, other readings, published numbers, margins, findings."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import uncertainty as un
from uncertainty.errors import ResultError, StudyError
from uncertainty.headline import headline
from uncertainty.ledger import NO_SOURCE, publisher
from uncertainty.statements import statements
from uncertainty.tables import (
    ledger_table,
    margins_table,
    placements_table,
    readings_table,
    shares_table,
    sources_table,
)
from uncertainty.traced import trace

MODEL = """
import numpy as np
import uncertainty as un

YEARS = [2025, 2026, 2027]

@un.model(outcomes={"demand": "TWh", "extra": "TWh", "parts": "TWh", "turn": "year"},
          dims={"demand": ("year",), "extra": ("year",), "parts": ("part", "year")},
          coords={"year": YEARS, "part": ["one", "two"]},
          units={"start": "TWh", "growth": "1", "more": "TWh"},
          labels={"turn": "First year above 115"})
def demand(start, growth, more, *, xp):
    t = np.arange(3.0)[:, None]
    base, extra = start * (1 + growth * t), more * t
    total = base + extra
    above = total > 115
    turn = xp.where(above[0], 2025.0, xp.where(above[1], 2026.0, xp.where(above[2], 2027.0, 2028.0)))
    return {"demand": total, "extra": extra, "parts": xp.stack([base - base[0], extra]), "turn": turn}
"""
CATALOGUE = """
title = "Three numbers"
[parameters.start]
unit = "TWh"
label = "Level at first"
prior = { family = "normal", mu = 100, sigma = 3 }
grade = "model"
reading = "As the agency has it"
sources = [
  { title = "A report", publisher = "Agency, read in a public copy", date = 2025-03-18, url = "https://a.org", quote = "约100", grade = "model" },
  { title = "A note", publisher = "Office, as quoted by a page", grade = "expert judgement" },
]
[parameters.growth]
label = "Growth a year"
prior = { family = "uniform", lower = 0.02, upper = 0.08 }
grade = "assumption"
reading = "Own judgement"
[parameters.more]
unit = "TWh"
prior = { family = "uniform", lower = 0, upper = 10 }
grade = "measurement"
reading = "Seen"
sources = [{ title = "Meters", publisher = "Agency", grade = "measurement" }]
"""
STUDY = """
title = "What it rests on"
model = "resting:demand"
priors = ["three"]
horizon_free = 0
[design]
size = 512
replicates = 8
keep = 16
[shapley]
size = 512
[readings]
[margins]
outcomes = ["demand", "parts"]
[headline]
outcome = "demand"
years = [2026, 2027]
also = ["turn"]
chances = [
  { text = "demand of 2027 is above 120 TWh", outcome = "demand", above = 120, year = 2027 },
  { text = "it never rises above 115 TWh", outcome = "turn", above = 2027 },
]
[overlays]
projections = "said.csv"
[[waterfalls]]
steps = "parts"
total = "demand"
year = 2027
""".replace("horizon_free = 0\n", "")
SAID = (
    "outcome,year,value,low,high,unit,source,label\n"
    "demand,2027,120000,,,GWh,An office,Office\ndemand,2026,,100,110,TWh,A bank,Bank\n"
    "demand,2050,500,,,TWh,A bank,Bank\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    place = tmp_path_factory.mktemp("resting")
    for name, text in {
        "resting.py": MODEL, "three.toml": CATALOGUE, "rests.toml": STUDY, "said.csv": SAID
    }.items():  # fmt: skip
        (place / name).write_text(text, encoding="utf-8")
    yield place
    sys.modules.pop("resting", None)


@pytest.fixture(scope="module")
def result(folder: Path):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* does not vary at")
        return un.open_study(folder / "rests.toml").compute()


def variances() -> np.ndarray:
    """Parts of the variance of demand in 2027, (start, growth, more), interaction shared out."""
    growth, more, start = 0.06**2 / 12, 100 / 12, 9.0
    both = start * 4 * growth
    alone = np.array([start * 1.1**2, 4 * 100**2 * growth, 4 * more])
    return alone + np.array([both / 2, both / 2, 0])


def test_the_ledger_sums_shares_by_grade(result):
    parts = variances() / variances().sum()
    found = result["ledger/demand"].to_dataset().sel(year=2027)
    assert found["grade"].values.tolist() == ["measurement", "model", "assumption"]
    expected = parts[[2, 0, 1]]
    half = found["by_grade_interval"].sel(bound="upper") - found["by_grade"]
    assert (np.abs(found["by_grade"] - expected) < 2 * half).all()
    assert float(found["by_grade"].sum()) == pytest.approx(1)


def test_best_evidence_and_sources(result):
    parts = variances() / variances().sum()
    found = result["ledger/demand"].to_dataset().sel(year=2027)
    by = found["by_evidence"].to_series()
    assert by.index.tolist() == ["measurement", "model", NO_SOURCE]
    np.testing.assert_allclose(by, parts[[2, 0, 1]], atol=0.03)
    by = found["by_source"].to_series()
    expected = {"Agency": parts[2] + parts[0] / 2, "Office": parts[0] / 2, NO_SOURCE: parts[1]}
    for name, value in expected.items():
        assert by[name] == pytest.approx(value, abs=0.03)
    order = result["ledger/demand/by_source"].mean("year")
    assert (np.diff(order) <= 1e-12).all(), "the largest source comes first"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ({"publisher": "Agency, read in a public copy"}, "Agency"),
        ({"publisher": "Agency, as quoted by a page"}, "Agency"),
        ({"publisher": "", "title": "A book"}, "A book"),
        ("a text", "a text"),
    ],
)
def test_publishers(source, name):
    assert publisher(source) == name


def test_every_parameter_has_its_place_and_grade(result):
    table = result["parameters"].to_dataset()
    assert table["grade"].values.tolist() == ["model", "assumption", "measurement"]
    assert [str(p).rpartition("/")[2] for p in table["place"].values] == [
        "three.toml:3", "three.toml:13", "three.toml:18",
    ]  # fmt: skip
    again = un.Prior(**json.loads(str(table["spec"].sel(parameter="growth").item())))
    assert again == un.Prior("uniform", lower=0.02, upper=0.08)


def test_sources_table_puts_the_heaviest_first(result):
    table = sources_table(result)
    assert table["parameter"].tolist() == ["more", "start", "start", "growth"]
    assert table["share"].is_monotonic_decreasing
    start = table[table["parameter"] == "start"]
    assert start["title"].tolist() == ["A report", "A note"]
    assert start["quote"].tolist() == ["约100", ""]
    assert table["title"].iloc[-1] == ""


def test_tables_are_tidy(result):
    shares = shares_table(result)
    assert not shares.duplicated(["outcome", "year", "part", "parameter"]).any()
    demand = shares[shares["outcome"] == "demand"]
    assert len(demand) == 9
    np.testing.assert_allclose(demand.groupby("year")["share"].sum(), 1.0, atol=1e-5)
    book = ledger_table(result).dropna(subset=["share"])
    sums = book.groupby(["outcome", "by", "year", "part"], dropna=False)["share"].sum()
    np.testing.assert_allclose(sums, 1.0, atol=1e-5)
    assert (book["lower"] <= book["share"]).all()


def test_margins_table(result):
    table = margins_table(result, ["demand", "parts"], [0.5, 0.8, 0.9, 0.95])
    assert table["probability"].drop_duplicates().tolist() == [0.5, 0.8, 0.9, 0.95]
    row = table[
        (table["outcome"] == "demand") & (table["year"] == 2025) & (table["probability"] == 0.95)
    ].iloc[0]
    assert row["value"] == pytest.approx(104.93, abs=0.1)
    assert row["margin"] == pytest.approx(4.93, abs=0.1)
    assert row["margin_share"] == pytest.approx(0.0493, abs=0.001)
    assert table[table["outcome"] == "parts"]["part"].unique().tolist() == ["one", "two"]
    with pytest.raises(ResultError, match=r"the quantiles 0\.99 were not computed"):
        margins_table(result, ["demand"], [0.5, 0.99])


def test_readings_of_a_study(result):
    table = readings_table(result)
    assert set(table["parameter"]) == {"all ranges", "growth", "more"}
    assert set(table["year"]) == {2026, 2027}
    row = table.query(
        "parameter == 'growth' and reading == 'PERT on the range' and year == 2027 and quantile == 0.95"
    ).iloc[0]
    assert row["told"]
    assert row["shift"] < 0, "a narrower distribution lowers the upper end"


def test_published_numbers_of_a_study(result):
    table = placements_table(result)
    assert table["end"].tolist() == ["value", "low", "high"]
    assert table["value"].tolist() == [120.0, 100.0, 110.0]
    mean = 100 * 1.1 + 10
    draws = result["prior_predictive/demand"].sel(year=2027)
    assert float(draws.mean()) == pytest.approx(mean, abs=1)
    assert table["percentile"].iloc[0] == pytest.approx(0.5, abs=0.03)
    assert table["draws_near_it_lean_to"].iloc[0] == "nothing in particular"
    assert "Growth a year: low" in table["draws_near_it_lean_to"].iloc[1]


def test_findings_in_sentences(result):
    lines = list(statements(result))
    (chance,) = (line for line in lines if line.startswith("demand of 2027"))
    share = float(chance.rpartition("in ")[2].partition("%")[0])
    assert share == pytest.approx(50, abs=3)
    assert any(line.startswith("First year above 115: 202") for line in lines)
    (rests,) = (line for line in lines if "rests on numbers graded" in line)
    judged = 100 * variances()[1] / variances().sum()
    assert float(rests.partition("%")[0]) == pytest.approx(judged, abs=3)
    assert any(line.startswith("another reading of its range moves") for line in lines)


def test_from_a_number_to_its_sources(result):
    found = trace(result, "demand", {"year": 2027}, top=2)
    assert [cause.share.key for cause in found.causes] == ["more", "growth"]
    assert found.causes[0].sources[0]["title"] == "Meters"
    assert found.causes[1].sources == ()
    with pytest.raises(ResultError, match="there is no year 2099"):
        trace(result, "demand", {"year": 2099})
    with pytest.raises(ResultError, match="name its part, such as part=one; there are one, two"):
        trace(result, "parts", {"year": 2027})
    with pytest.raises(ResultError, match="this outcome has no 'region'; it has year"):
        trace(result, "demand", {"region": "hub"})
    part = trace(result, "parts", {"part": "two", "year": 2027}, top=1)
    assert [cause.share.key for cause in part.causes] == ["more"]
    assert trace(result, "turn").at == {}
    with pytest.raises(ResultError, match=r"no ledger of 'demands'.*did you mean 'demand'"):
        trace(result, "demands")


def faults(folder: Path, old: str, new: str) -> list[str]:
    assert old in STUDY
    path = folder / "wrong.toml"
    path.write_text(STUDY.replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        un.open_study(path)
    return list(caught.value.faults)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("above = 120, ", "", "give either 'above' or 'below'"),
        ("above = 120, year = 2027", "above = 120", "give its 'year'"),
        ("above = 2027 ", "above = 2027, year = 2027 ", "it has no years; remove 'year'"),
        ("year = 2027 },\n  {", "year = 2099 },\n  {", "there is no year 2099"),
        ('outcome = "turn"', 'outcome = "turns"', "no outcome 'turns'"),
        ("[readings]", '[readings]\noutcome = "parts"', "has the dims ('part', 'year')"),
        ("[readings]", "[readings]\nyears = [2030]", "there is no year 2030"),
        ('"demand", "parts"]', '"turn"]', "expected 'year' and at most two more"),
        ("[margins]", "[margins]\nlevels = [0.8, 0.9]", "must begin with 0.5"),
        ("years = [2026, 2027]", "years = [2026, 2026]", "must be different years"),
        ('steps = "parts"', 'steps = "demand"', "expected the steps and 'year'"),
        ('total = "demand"\nyear = 2027', 'total = "demand"\nyear = 2020', "no year 2020"),
        ('also = ["turn"]', 'also = ["demand"]', "has the dims ('year',), expected none"),
        ("chances = [", 'turning = "turn"\nchances = [', "of a model with a horizon"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(folder, old, new, words):
    (fault,) = faults(folder, old, new)
    assert words in fault
    assert "wrong.toml:" in fault


def test_options_of_a_model(folder):
    text = MODEL + ("\ndef made(horizon, *, outcomes=None, scale=1):\n    return demand\n")
    (folder / "made.py").write_text(text.replace("resting", "made"))
    body = STUDY.replace("resting:demand", "made:made")
    path = folder / "made.toml"
    path.write_text("horizon = [2025, 2027]\noptions = { scal = 2 }\n" + body)
    with pytest.raises(StudyError, match=r"no option 'scal'.*did you mean 'scale'"):
        un.open_study(path)
    path.write_text("horizon = [2025, 2027]\noptions = { scale = 2 }\n" + body)
    assert un.open_study(path).row.options == {"scale": 2}
    path.write_text("options = { scale = 2 }\n" + STUDY)
    with pytest.raises(StudyError, match="takes no options"):
        un.open_study(path)


def test_what_is_left_out_must_have_been_there(folder):
    path = folder / "less.toml"
    path.write_text('leave_out = ["starts"]\n' + STUDY)
    with pytest.raises(
        StudyError, match=r"no catalogue has a parameter 'starts'.*did you mean 'start'"
    ):
        un.open_study(path)
    path.write_text('leave_out = ["start"]\n' + STUDY)
    with pytest.raises(StudyError, match="no prior for start"):
        un.open_study(path)


def computed(folder: Path, text: str, name: str = "other"):
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return un.open_study(folder / f"{name}.toml").compute()


def test_a_ledger_with_more_dims_says_nothing_in_a_sentence(folder):
    text = STUDY.partition("[headline]")[0].replace("[readings]\n", "")
    found = computed(folder, text.replace("[shapley]", '[shapley]\noutcomes = ["parts"]'))
    assert not any("rests on numbers" in line for line in statements(found))


def test_the_interval_stays_central_beside_a_margin_far_out(folder):
    text = STUDY.replace("[margins]", "[margins]\nlevels = [0.5, 0.8, 0.99]")
    found = computed(folder, text)
    row = headline(found).levels[-1]
    assert row.mass == 0.9
    assert row.low == pytest.approx(float(found["intervals/demand"].sel(year=2027, quantile=0.05)))
    assert row.high == pytest.approx(float(found["intervals/demand"].sel(year=2027, quantile=0.95)))
    attrs = found["intervals"].attrs
    assert (attrs["interval_kind"], attrs["interval_prob"]) == ("eti", 0.9)


def test_projections_of_outcomes_that_are_not_computed_are_no_hindrance(folder):
    body = STUDY.partition("[readings]")[0].replace(
        "[design]", 'outcomes = ["turn"]\n[overlays]\nprojections = "said.csv"\n[design]'
    )
    assert "placements" not in computed(folder, body)


def test_a_changed_table_is_another_run(folder):
    path = folder / "rests.toml"
    first = un.open_study(path).fingerprint
    table = folder / "said.csv"
    before = table.read_text()
    try:
        table.write_text(before + "demand,2026,105,,,TWh,A third,Third\n")
        assert un.open_study(path).fingerprint != first
    finally:
        table.write_text(before)
    assert un.open_study(path).fingerprint == first


def test_a_number_of_a_choice_is_not_said_to_lean(folder):
    text = STUDY.partition("[[waterfalls]]")[0] + (
        '[parameters.more]\nunit = "TWh"\nreading = "x"\n'
        'prior = { family = "choice", values = [4, 5], probabilities = [0.5, 0.5] }\n'
    )
    found = computed(folder, text.replace("[readings]\n", ""))["placements"].to_dataset()
    assert "more" not in found["parameter"].values


def test_below_and_above_are_told_apart(folder, result):
    text = STUDY.replace("above = 120, year = 2027", "below = 115, year = 2027")
    (line,) = (x for x in statements(computed(folder, text)) if x.startswith("demand of 2027"))
    draws = result["prior_predictive/demand"].sel(year=2027)
    share = float(line.rpartition("in ")[2].partition("%")[0])
    assert share == pytest.approx(100 * float((draws < 115).mean()), abs=6)


def test_two_waterfalls_of_one_name(folder):
    fall = '[[waterfalls]]\nsteps = "parts"\ntotal = "demand"\nyear = 2027\n'
    (fault,) = faults(folder, fall, fall + fall)
    assert "two of them would be one chart, steps-parts-2027" in fault


def test_shapley_of_too_many_points_is_told_before_the_run(folder):
    (fault,) = faults(folder, "[shapley]\nsize = 512", "[shapley]\nsize = 8589934592")
    assert "shapley.size: a Sobol' design holds at most" in fault


def test_a_smaller_run_keeps_the_proportions(folder):
    row = un.open_study(folder / "rests.toml").with_settings(size=256).row
    assert (row.design.size, row.shapley.size) == (256, 32)


def test_a_maker_that_fails_is_told(folder):
    (folder / "failing.py").write_text(
        "def made(horizon, *, scale=1):\n    raise ValueError('scale must be 1')\n"
    )
    path = folder / "failing.toml"
    path.write_text("horizon = [2025, 2027]\n" + STUDY.replace("resting:demand", "failing:made"))
    with pytest.raises(StudyError, match="failing:made raised ValueError: scale must be 1"):
        un.open_study(path)


def test_a_study_whose_priors_have_no_range_says_nothing_of_readings(folder):
    own = "".join(
        f'[parameters.{n}]\nunit = "{u}"\nprior = {{ family = "normal", mu = {m}, sigma = 0.01 }}\n'
        for n, u, m in (("start", "TWh", 100), ("growth", "1", 0.05), ("more", "TWh", 5))
    )
    found = computed(folder, STUDY.partition("[[waterfalls]]")[0] + own)
    assert not any("another reading" in line for line in statements(found))


def test_a_constant_outcome_has_no_chart_of_drivers_or_ledger_and_stops_nothing(folder):
    model = MODEL.replace("return {", "extra = extra * 0\n    return {")
    (folder / "flat.py").write_text(model)
    text = STUDY.replace("resting:demand", "flat:demand").partition("[headline]")[0]
    path = folder / "flat.toml"
    path.write_text(text + '[drivers]\noutcomes = ["extra", "demand"]\nsize = 64\n' + HEADLINE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        un.open_study(path).run(folder / "flat-result")
    names = {p.stem for p in (folder / "flat-result" / "figures").iterdir()}
    assert "drivers-over-time-demand" in names
    assert not any(name.startswith(("drivers", "ledger")) and "extra" in name for name in names)


HEADLINE = '[headline]\noutcome = "extra"\nyears = [2026, 2027]\n'


def test_a_reading_on_which_the_model_fails_is_not_told(folder):
    (folder / "logs.py").write_text(
        "import numpy as np\n\ndef f(a, b):\n    with np.errstate(all='ignore'):\n"
        "        return np.log(a) + np.log(b)\n"
    )
    prior = 'reading = "x"\nprior = { family = "uniform", lower = 1, upper = 120 }\n'
    (folder / "logs.toml").write_text(
        f'title = "t"\nmodel = "logs:f"\n[parameters.a]\n{prior}[parameters.b]\n{prior}'
        '[design]\nsize = 256\n[readings]\noutcome = "y"\nanew = true\n'
    )
    found = un.open_study(folder / "logs.toml").compute()["readings"].to_dataset()
    wide = found.isel(case=(found["reading"] == "80% interval").values)
    assert not wide["told"].any()
    assert all("the model fails on this reading" in note for note in wide["note"].values)
    assert found["told"].any()


def test_control_characters_are_refused_with_their_line(folder):
    (fault,) = faults(folder, 'title = "What it rests on"', 'title = "What \\u0007 rests"')
    assert "title: must not hold control characters" in fault
