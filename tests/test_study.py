"""Studies: faults come together, runs are whole, interrupted runs go on, results are safe."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import uncertainty as un
from uncertainty import directory, files
from uncertainty.errors import ResultError, RunError, StudyError, UncertaintyError

MODEL = """
import numpy as np
import uncertainty as un

@un.model(outcomes={"demand": "TWh"}, dims={"demand": ("year",)},
          coords={"year": [2025, 2026, 2027]}, units={"start": "TWh", "growth": "1/year"},
          labels={"demand": "Demand"})
def demand(start, growth, *, xp):
    return {"demand": start * xp.exp(growth * np.arange(3.0)[:, None])}

def plain(start, growth):
    return start * growth
"""
CATALOGUE = """
title = "Two numbers"
[parameters.start]
unit = "TWh"
group = "base"
prior = { family = "lognormal", interval = [80, 120] }
grade = "model"
sources = [{ title = "A report", publisher = "An office", date = 2025-03-18, quote = "约100" }]
[parameters.growth]
unit = "1/year"
label = "Growth a year"
prior = { family = "normal", mu = 0.1, sigma = 0.03 }
"""
STUDY = """
title = "A small study"
model = "toy:demand"
priors = ["two"]
[design]
size = 64
replicates = 4
keep = 16
[drivers]
outcomes = ["demand"]
size = 64
groups = { all = ["start", "growth"] }
[headline]
outcome = "demand"
years = [2026]
[overlays]
observations = "seen.csv"
"""
SEEN = "outcome,year,value,unit,source\ndemand,2024,88000,GWh,An office\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "toy.py": MODEL, "two.toml": CATALOGUE, "small.toml": STUDY, "seen.csv": SEEN
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
    yield tmp_path
    sys.modules.pop("toy", None)


def faults(folder: Path, *changes: tuple[str, str], file: str = "small.toml") -> list[str]:
    """Faults after replacing texts in a file of the folder."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        un.open_study(folder / "small.toml")
    return list(caught.value.faults)


def test_a_run_makes_a_whole_directory(folder):
    result = un.open_study(folder / "small.toml").run(folder / "out")
    out = folder / "out"
    found = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    assert {"manifest.json", "result.nc", "summary.csv", "drivers.csv", "parameters.csv"} <= set(
        found
    )
    assert "figures/fan-demand.png" in found
    assert "figures/drivers-demand-2026.svg" in found
    manifest = json.loads((out / "manifest.json").read_text())
    assert set(manifest["files"]) == set(found) - {"manifest.json"}
    for name, digest in manifest["files"].items():
        assert files.sha256((out / name).read_bytes()) == digest
    pilots = (128 + 64) + (64 + 32)
    assert manifest["model_runs"] == 4 * 64 + 8 * 64 * (2 + 2) + 8 * 64 * (1 + 2) + pilots
    assert result["observations"]["value"].values.tolist() == [88.0]


def test_what_is_written_is_what_was_computed(folder):
    result = un.open_study(folder / "small.toml").run(folder / "out")
    read = un.read_result(folder / "out")
    for node in result.subtree:
        xr.testing.assert_allclose(node.to_dataset(), read[node.path].to_dataset())
    assert read.attrs["study_title"] == "A small study"
    with xr.open_datatree(folder / "out" / "result.nc") as plain:
        assert plain["prior_predictive"]["demand"].sizes == {"chain": 4, "draw": 16, "year": 3}


def test_summary_table_has_the_agreed_columns(folder):
    un.open_study(folder / "small.toml").run(folder / "out")
    table = pd.read_csv(folder / "out" / "summary.csv")
    assert list(table.columns) == [
        "study", "run", "group", "variable", "year", "unit", "mean", "sd", "mcse_mean",
        "q05", "q25", "q50", "q75", "q95", "interval_kind", "interval_prob", "ess_bulk", "r_hat",
    ]  # fmt: skip
    assert table["study"].unique().tolist() == ["small"]
    start = table[(table["group"] == "prior") & (table["variable"] == "start")].iloc[0]
    assert start[["q05", "q95"]].tolist() == pytest.approx([80, 120])
    demand = table[(table["group"] == "prior_predictive") & (table["year"] == 2025)].iloc[0]
    assert demand["q50"] == pytest.approx(np.sqrt(80 * 120), rel=0.02)
    assert demand["unit"] == "TWh"


def test_the_same_study_gives_the_same_bytes(folder):
    study = un.open_study(folder / "small.toml")
    study.run(folder / "one")
    study.run(folder / "two")
    for name in json.loads((folder / "one" / "manifest.json").read_text())["files"]:
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes(), name


def test_an_interrupted_run_goes_on_where_it_was(folder):
    study = un.open_study(folder / "small.toml")
    seen = []

    def stop_after_six(stage, resumed):
        seen.append(stage)
        if len(seen) == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.run(folder / "out", listener=stop_after_six)
    assert not (folder / "out").exists()
    resumed = []
    result = study.run(folder / "out", listener=lambda stage, known: resumed.append(known))
    assert sum(resumed) == 6
    fresh = study.run(folder / "fresh", resume=False)
    xr.testing.assert_identical(
        result["drivers/demand"].to_dataset(), fresh["drivers/demand"].to_dataset()
    )
    assert not list(folder.glob(".out.*"))


def test_parts_of_another_study_are_not_taken_over(folder):
    study = un.open_study(folder / "small.toml")

    def stop(stage, resumed):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.run(folder / "out", listener=stop)
    resumed = []
    study.with_settings(seed=99).run(
        folder / "out", listener=lambda s, known: resumed.append(known)
    )
    assert not any(resumed)


def test_a_damaged_part_is_computed_again(folder):
    study = un.open_study(folder / "small.toml")

    def stop(stage, resumed):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.run(folder / "out", listener=stop)
    part = next((folder / ".out.unfinished").glob("*.pickle"))
    part.write_bytes(part.read_bytes()[:20])
    study.run(folder / "out")
    assert (folder / "out" / "manifest.json").exists()


def test_foreign_files_are_never_lost(folder):
    study = un.open_study(folder / "small.toml")
    study.run(folder / "out")
    (folder / "out" / "notes.txt").write_text("mine")
    study.with_settings(seed=5).run(folder / "out")
    assert (folder / "out" / "notes.txt").read_text() == "mine"
    (folder / "other").mkdir()
    (folder / "other" / "thesis.doc").write_text("mine")
    with pytest.raises(StudyError, match="holds other files and no result"):
        study.run(folder / "other")
    with pytest.raises(StudyError, match="is a file"):
        study.run(folder / "seen.csv")


def test_two_runs_into_one_directory(folder):
    study = un.open_study(folder / "small.toml")
    with directory.locked(folder / "out"), pytest.raises(RunError, match="another run is writing"):
        study.run(folder / "out")


def test_a_failing_disk_leaves_the_older_result(folder, monkeypatch):
    study = un.open_study(folder / "small.toml")
    study.run(folder / "out")
    before = (folder / "out" / "manifest.json").read_bytes()

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(directory, "write_tree", full)
    with pytest.raises(RunError, match="could not be written: No space left on device"):
        study.with_settings(seed=9).run(folder / "out")
    assert (folder / "out" / "manifest.json").read_bytes() == before
    assert not (folder / ".out.new").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[design]", "[desing]"), r"unknown key 'desing'; did you mean 'design'\?"),
        (("size = 64\nreplicates", "size = 6.5\nreplicates"), r"small.toml:6: design.size: .* found 6.5"),
        (('priors = ["two"]', 'priors = ["three"]'), "no priors file 'three'"),
        (('title = "A small study"\n', ""), "title: this key is missing"),
        (("toy:demand", "toy:demnd"), "has no 'demnd'; did you mean 'demand'"),
        (("toy:demand", "toyy:demand"), "no module 'toyy'"),
        (("toy:demand", "toy.demand"), "written 'module:attribute'"),
        (('outcomes = ["demand"]', 'outcomes = ["demands"]'), "no outcome 'demands'; did you mean"),
        (("years = [2026]", "years = [2040]"), "there is no year 2040; there are 2025, 2026, 2027"),
        (("years = [2026]", "years = [2026]\nmargin = 0.9"), "needs the quantile 0.9"),
        (('"start", "growth"]', '"start", "growht"]'), "unknown parameter 'growht'; did you mean"),
        (("[design]", "horizon = [2025, 2030]\n[design]"), "takes no horizon"),
        (('"seen.csv"', '"unseen.csv"'), "cannot be read as a CSV table"),
        (("[design]", '[[correlation]]\nbetween = ["start", "grow"]\nrank = 0.5\n[design]'), "unknown parameter 'grow'"),
        (("[design]", "= 3\n[design]"), "not a TOML file"),
    ],
)  # fmt: skip
def test_a_faulty_study(folder, change, words):
    found = faults(folder, change)
    assert len(found) == 1, found
    with pytest.raises(StudyError, match=words):
        raise StudyError(found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[80, 120]", "[120, 80]"), r"two.toml:6: parameters.start.prior: .*120"),
        (("[80, 120]", "[80, 120], mass = 1.5"), "mass"),
        (('family = "normal"', 'family = "norml"'), "did you mean 'normal'"),
        (('unit = "TWh"', 'unit = "GW"'), "parameter 'start': expected a number in 'TWh', received 'GW'"),
        (('unit = "TWh"', 'unit = "TWhh"'), "two.toml:4: parameters.start.unit: unknown unit 'TWhh'"),
        (('grade = "model"', 'grade = "guess"'), "found 'guess'"),
        (("sigma = 0.03", "sigma = 0.03, interval = [0, 1]"), "by its interval, by its quantiles or"),
        (("[parameters.growth]", "[parameters.grwth]"), "no prior for growth; did you mean 'grwth'"),
        (("sigma = 0.03", "sd = 0.03"), "sigma"),
        (("[parameters.growth]", "[parameters.start]"), "not a TOML file"),
        (('unit = "TWh"', 'unti = "TWh"'), "unknown key 'unti'; did you mean 'unit'"),
    ],
)  # fmt: skip
def test_a_faulty_catalogue(folder, change, words):
    found = faults(folder, change, file="two.toml")
    with pytest.raises(StudyError, match=words):
        raise StudyError(found)


def test_faults_of_all_files_come_together(folder):
    (folder / "seen.csv").write_text("outcome,year,value,unit,source\ndemnd,2024,x,GWh,\n")
    text = (folder / "two.toml").read_text().replace("[80, 120]", "[120, 80]")
    (folder / "two.toml").write_text(text.replace('"normal"', '"norml"'))
    found = faults(folder, ("years = [2026]", "years = [1999]"))
    text = "\n".join(found)
    for part in (
        "parameters.start.prior",
        "parameters.growth.prior",
        "1999",
        "row 2: source is empty",
        "row 2: value is no number: 'x'",
    ):
        assert part in text
    (folder / "small.toml").write_text(STUDY.replace("title =", "titel ="))
    found = faults(folder)
    text = "\n".join(found)
    assert "titel" in text
    assert "parameters.growth.prior" in text


def test_a_plain_function_and_own_parameters_make_a_study(folder):
    (folder / "plain.toml").write_text(
        'title = "Plain"\nmodel = "toy:plain"\n'
        '[parameters.start]\nprior = {family = "uniform", lower = 0, upper = 1}\n'
        '[parameters.growth]\nprior = {family = "fixed", value = 2}\n'
        "[design]\nsize = 256\n"
    )
    result = un.open_study(folder / "plain.toml").run(folder / "out")
    assert result["intervals"]["y"].sel(quantile=0.5).item() == pytest.approx(1, abs=0.01)
    assert not (folder / "out" / "drivers.csv").exists()


def test_names_are_found_in_the_working_folder(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert un.open_study("small").row.title == "A small study"
    with pytest.raises(StudyError, match="the shelf, which holds china-computing-2035"):
        un.open_study("smell")


def test_reading_what_is_no_result(tmp_path):
    with pytest.raises(ResultError, match="is no result directory"):
        un.read_result(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(ResultError, match="of another kind"):
        un.read_result(tmp_path)
    (tmp_path / "manifest.json").write_text('{"files": {}, "study": "", "run": ""}')
    with pytest.raises(ResultError, match="cannot be read as a result"):
        un.read_result(tmp_path)


def cli(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "uncertainty", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_command_line_from_run_to_show(folder):
    ran = cli("run", "small", "--out", "out", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    for part in ("A small study", "2026", "median", "90% interval", "Growth a year", "charts"):
        assert part in ran.stdout
    assert "draws: 4 of 4 parts done" in ran.stderr
    assert cli("show", "out", cwd=folder).stdout == ran.stdout
    quiet = cli("run", "small", "--out", "out", "--seed", "3", "--quiet", cwd=folder)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "out\n", "")


def test_command_line_answers_wrong_input_with_status_2(folder):
    (folder / "two.toml").write_text(CATALOGUE.replace("[80, 120]", "[120, 80]"))
    (folder / "small.toml").write_text(STUDY.replace("2026", "1999"))
    ran = cli("run", "small", cwd=folder)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert "2 faults" in ran.stderr
    assert "Traceback" not in ran.stderr
    for words in (
        ("run", "nothing"),
        ("check", "nothing"),
        ("show", "nothing"),
        ("priors", "nothing"),
        ("run",),
        ("run", "small", "--size", "0"),
    ):
        ran = cli(*words, cwd=folder)
        assert ran.returncode == 2, words
        assert "Traceback" not in ran.stderr


def test_command_line_lists_and_checks(folder):
    assert "small: A small study" in cli("check", "small", cwd=folder).stdout
    assert "start" in cli("priors", "two", cwd=folder).stdout
    assert "“约100”" in cli("priors", "two", "--sources", cwd=folder).stdout
    assert "china-computing-2035" in cli("studies", cwd=folder).stdout
    assert "article" in cli("priors", cwd=folder).stdout


def test_nan_from_the_model_is_answered_not_written(folder):
    (folder / "toy.py").write_text(MODEL.replace("xp.exp(", "xp.log(0.1 - "))
    ran = cli("run", "small", "--out", "out", cwd=folder)
    assert ran.returncode == 2
    assert "is nan in" in ran.stderr
    assert "start=" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (folder / "out").exists()


PLAIN = """
title = "Plain"
model = "toy:plain"
[parameters.start]
prior = { family = "uniform", lower = 0, upper = 1 }
[parameters.growth]
prior = { family = "uniform", lower = 0, upper = 1 }
[design]
size = 64
replicates = 2
"""


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ('[headline]\noutcome = "y"\nyears = [2026]', "'y' has the dims \\(\\), expected"),
        ('[headline]\noutcome = "z"\nyears = [2026]', "no outcome 'z'"),
        ("[thresholds]\nz = [1.0]", "no outcome 'z'"),
        ("[thresholds]\ny = [nan]", "finite number"),
        ('[drivers]\noutcomes = ["z"]', "no outcome 'z'"),
        ("[intervals]\nprobabilities = [0.0, 0.5]", "strictly between 0 and 1"),
        ("[drivers]\nsize = 0", "drivers.size"),
        ('[[correlation]]\nbetween = ["start", "growth"]\nrank = 0.5\n' * 2, "given twice"),
        ("seed = 99999999999999999999999999", "seed"),
    ],
)  # fmt: skip
def test_a_plain_function_is_checked_as_a_declared_model_is(folder, extra, words):
    head = extra if extra.startswith("seed") else ""
    (folder / "small.toml").write_text(head + PLAIN + ("" if head else extra))
    found = faults(folder)
    assert len(found) == 1, found
    with pytest.raises(StudyError, match=words):
        raise StudyError(found)


def test_charts_of_a_plain_function_are_checked(folder):
    (folder / "small.toml").write_text('charts = ["zz"]' + PLAIN)
    assert "no outcome 'zz'" in faults(folder)[0]


def test_drivers_of_all_outcomes_when_none_are_named(folder):
    (folder / "small.toml").write_text(PLAIN + "[drivers]\nsize = 64\n")
    result = un.open_study(folder / "small.toml").compute()
    assert result["drivers/y"]["S1"].sizes == {"parameter": 2}


def test_an_effect_without_years_is_refused(folder):
    (folder / "toy.py").write_text(
        MODEL.replace('"demand": "TWh"}', '"demand": "TWh", "e": "1"}').replace(
            "}\n\ndef plain", ', "e": start}\n\ndef plain'
        )
    )
    found = faults(folder, ("years = [2026]", 'years = [2026]\neffects = { "less" = "e" }'))
    assert "'e' has the dims (), expected ('year',)" in found[0]


def test_unknown_keys_do_not_hide_faulty_priors(folder):
    text = CATALOGUE.replace('"normal"', '"norml"').replace("grade =", "grad =")
    (folder / "two.toml").write_text(text)
    text = "\n".join(faults(folder))
    assert "unknown key 'grad'" in text
    assert "norml" in text


def test_a_byte_order_mark_is_no_fault(folder):
    for name in ("small.toml", "two.toml", "seen.csv"):
        path = folder / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert un.open_study(folder / "small.toml").row.title == "A small study"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "cannot be read as a CSV table"),
        ("outcome,value\n", "the column unit, source is missing"),
        ("outcome;year;value\n", "the column outcome, value, unit, source is missing"),
        ("outcome,value,unit,source\ndemand,1,TWh,x\n", "varies by year, which is no column"),
        ("outcome,year,value,unit,source\ndemand,2024,1,GW,x\n", "row 2: 'GW' cannot become 'TWh'"),
        ("outcome,year,value,unit,source,kind\ndemand,2024,1,TWh,x,guess\n", "kind is 'guess'"),
        ("outcome,year,value,unit,source,relative_error\ndemand,2024,1,TWh,x,-0.1\n", "below zero"),
        ("outcome,year,value,unit,source,a/b\ndemand,2024,1,TWh,x,1\n", "has a slash"),
    ],
)  # fmt: skip
def test_a_faulty_table(folder, table, words):
    (folder / "seen.csv").write_text(table)
    with pytest.raises(StudyError, match=words):
        raise StudyError(faults(folder))


def test_errors_of_observations_are_converted_and_rows_keep_their_numbers():
    frame = pd.DataFrame(
        {"outcome": ["e", "e", "z"], "year": 2024, "value": [0.1, 1000, 1], "unit": ["1/year", "GWh", "GWh"],
         "error": [0.01, 50.0, 1.0], "source": "x", "kind": ["growth", "level", "level"]}
    )  # fmt: skip
    levels = un.Evidence(frame[:2]).levels({"e": "TWh"}, {"e": ("year",)})
    assert levels[["value", "error"]].to_numpy().tolist() == [[1.0, 0.05]]
    with pytest.raises(UncertaintyError, match="row 4: no outcome 'z'"):
        un.Evidence(frame).levels({"e": "TWh"}, {"e": ("year",)})


def test_projections_need_whole_ranges(folder):
    text = "outcome,year,value,low,high,unit,source\ndemand,2026,,5,,TWh,x\ndemand,2026,,5,4,TWh,x\ndemand,2026,,,,TWh,x\n"
    (folder / "p.csv").write_text(text)
    found = "\n".join(faults(folder, ('observations = "seen.csv"', 'projections = "p.csv"')))
    for words in (
        "row 2: low and high go together",
        "row 3: low is above high",
        "row 4: value, low and high are all empty",
    ):
        assert words in found
