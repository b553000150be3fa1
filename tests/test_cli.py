"""The command line's texts, and that a study's settings reach what it runs."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer

import uncertainty as un
from tests.test_headline import WISH, made
from uncertainty import cli, files, printed
from uncertainty.errors import ResultError, RunError, StudyError
from uncertainty.headline import Level
from uncertainty.printed.console import number
from uncertainty.printed.headline import level_cells
from uncertainty.printed.progress import told_together

HEAD = [
    "",
    "[/foo] T",
    "7,654,321 model runs, seed 19; intervals are central credible intervals given this model and these priors",
    "",
]


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Lines on standard output with runs of blanks made one."""
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_the_short_table_with_a_headline(capsys):
    printed.report(made(WISH), Path("out"))
    assert shown(capsys) == [
        *HEAD,
        "demand, TWh median 87.5% interval margin to 80% levers cut demand",
        "2025 100 81 to 142 +21 (+21%) in 88% of draws",
        "2026 107 83 to 162 +30 (+28%) in 63% of draws",
        "2028 118 87 to 203 +53 (+45%) in 42% of draws",
        "",
        "What decides demand in 2026 (share of variance, 95% interval)",
        "",
        "driver alone (S1) with interactions (ST)",
        "driver b 2.4% (2.0% to 3.2%) 62.0% (61.5% to 63.0%)",
        "driver c 3.5% (3.1% to 4.3%) 52.0% (51.5% to 53.0%)",
        "driver d 4.6% (4.2% to 5.4%) 42.0% (41.5% to 43.0%)",
        "driver a 1.3% (0.9% to 2.1%) 32.0% (31.5% to 33.0%)",
        "driver e 5.7% (5.3% to 6.5%) 22.0% (21.5% to 23.0%)",
        "",
        "result out",
    ]


def test_the_short_table_without_a_headline(capsys):
    tree = made(None)
    del tree["drivers"]
    printed.report(tree, Path("out"))
    assert shown(capsys) == [
        *HEAD,
        "outcome median 87.5% interval",
        "peak (GW) 4.5 3.25 to 7.12",
        "",
        "result out",
    ]


def test_the_short_table_names_charts_that_are_there(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("out/figures").mkdir(parents=True)
    printed.report(made(WISH), Path("out"))
    assert shown(capsys)[-2:] == ["result out", "charts out/figures"]


def test_a_margin_has_no_share_of_a_median_that_is_not_positive():
    level = Level("net", "2030", "TWh", 0.9, -70.0, -20.0, 15.0, 13.0, {"cut": 0.814})
    assert list(level_cells(level, True, True)) == [
        "2030", "-20", "-70 to 15", "+33", "in 81% of draws",
    ]  # fmt: skip
    assert list(level_cells(level, False, False))[:2] == ["net (TWh)", "-20"]


def test_texts_of_the_user_are_not_read_as_markup(capsys):
    tree = made(WISH)
    names = ["[red]a", "[/b]", "[c]", "d", "e", "f"]
    nodes = tree["drivers/demand"].to_dataset()
    tree["drivers/demand"] = nodes.assign_coords(label=("parameter", names))
    tree.attrs["study_title"] = "[bold] of [/foo]"
    printed.report(tree, Path("[/out]"))
    text = capsys.readouterr().out
    for part in ("[bold] of [/foo]", "[red]a", "[/b]", "[c]", "result   [/out]"):
        assert part in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.000123456, "0.000123"),
        (0.0456789, "0.0457"),
        (3.14159, "3.14"),
        (271.8, "272"),
        (999.4, "999"),
        (1000, "1,000"),
        (12345.6, "12,346"),
        (-2718.3, "-2,718"),
        (9_876_543.2, "9,876,543"),
        (12_345_678, "1.23e+07"),
        (np.array([0.5, 2500.0]), "0.5, 2,500"),
    ],
)
def test_numbers_have_three_or_four_figures(value, text):
    assert number(value) == text


def answer(capsys: pytest.CaptureFixture[str], error: BaseException) -> tuple[int, list[str]]:
    """Exit status and lines on standard error when something raises."""
    with pytest.raises(typer.Exit) as caught, cli.answered("kept"):
        raise error
    found = capsys.readouterr()
    assert found.out == ""
    return caught.value.exit_code, found.err.splitlines()


@pytest.mark.parametrize(
    ("count", "extra"), [(40, []), (41, ["and 1 more"]), (57, ["and 17 more"])]
)
def test_a_list_of_faults_ends_at_forty(capsys, count, extra):
    status, lines = answer(capsys, StudyError([f"fault {i}" for i in range(count)]))
    listed = [f"{count} faults:", *(f"fault {i}" for i in range(40)), *extra]
    assert status == 2
    assert lines == [f"uncertainty: {line}" for line in listed]


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (StudyError("one fault"), 2, "one fault"),
        (RunError("no room"), 1, "the run failed: no room"),
        (OSError("no disk"), 1, "the run failed: no disk"),
        (KeyboardInterrupt(), 130, "interrupted; kept"),
    ],
)
def test_each_kind_of_end_has_its_status(capsys, error, status, line):
    assert answer(capsys, error) == (status, [f"uncertainty: {line}"])


def test_a_closed_pipe_is_no_failed_run(capsys):
    with pytest.raises(BrokenPipeError), cli.answered():
        raise BrokenPipeError
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe that is closed at one end")
def test_nobody_reads_the_output():
    ours, theirs = os.pipe()
    os.close(ours)
    command = [sys.executable, "-m", "uncertainty", "priors", "article", "--sources"]
    ran = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False)
    os.close(theirs)
    assert ran.stderr == ""


MODEL = """
import numpy as np
import uncertainty as un

UNITS = {"start": "TWh", "growth": "1/year"}

@un.model(outcomes={"demand": "TWh", "net": "TWh"},
          dims={"demand": ("year",), "net": ("year",)}, coords={"year": [2025, 2026]}, units=UNITS)
def demand(start, growth, *, xp):
    whole = start * xp.exp(growth * np.arange(2.0)[:, None])
    return {"demand": whole, "net": whole - 100}

def plain(start, growth):
    return {"small": start * growth, "large": start + growth}

def factory(horizon, outcomes=None):
    known = {"cheap": "TWh", "dear": "TWh"}
    asked = {name: known[name] for name in (outcomes or known)}
    def only(start, growth):
        return {name: start + growth for name in asked}
    return un.Model(only, asked, units=UNITS)
"""
CATALOGUE = """
title = "Two numbers"
[parameters.start]
unit = "TWh"
prior = { family = "lognormal", interval = [80, 120] }
[parameters.growth]
unit = "1/year"
prior = { family = "normal", mu = 0.1, sigma = 0.03 }
"""
DESIGN = "[design]\nsize = 64\nreplicates = 2\nkeep = 0\n"
HEADLINE = '[headline]\noutcome = "demand"\nyears = [2026]\neffects = { cut = "net" }\n'
DRIVERS = '[drivers]\noutcomes = ["demand"]\nsize = 64\nreplicates = 2\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "settings_toy.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "two.toml").write_text(CATALOGUE, encoding="utf-8")
    return tmp_path


def study(folder: Path, model: str = "demand", before: str = "", after: str = "") -> un.Study:
    """A study with keys at the top level and tables after the design."""
    text = (
        f'title = "S"\nmodel = "settings_toy:{model}"\npriors = ["two"]\n{before}\n{DESIGN}{after}'
    )
    (folder / "s.toml").write_text(text, encoding="utf-8")
    return un.open_study(folder / "s.toml")


def limits(tree: object, name: str) -> list[float]:
    return tree[f"exceedance/{name}"][f"{name}_threshold"].values.tolist()


@pytest.mark.parametrize(
    ("own", "expected"),
    [("", [0.0]), ("net = [-7.0, 9.0]", [-7.0, 0.0, 9.0]), ("net = [0.0, 9.0]", [0.0, 9.0])],
)
def test_an_effect_keeps_its_threshold_zero_beside_the_studys_own(folder, own, expected):
    after = f"{HEADLINE}[thresholds]\ndemand = [105.0]\n{own}\n"
    tree = study(folder, after=after).compute()
    assert limits(tree, "net") == expected
    assert limits(tree, "demand") == [105.0]


@pytest.mark.parametrize("model", ["demand", "plain"])
@pytest.mark.parametrize(
    ("before", "after"), [("", "[thresholds]\nlarg = [1.0]\n"), ('charts = ["larg"]', "")]
)
def test_thresholds_and_charts_are_checked_against_the_outcomes(folder, model, before, after):
    with pytest.raises(StudyError, match="no outcome 'larg'") as caught:
        study(folder, model, before, after)
    assert len(caught.value.faults) == 1
    known = {"demand": "demand, net", "plain": "small, large"}[model]
    assert f"there are {known}" in caught.value.faults[0]


@pytest.mark.parametrize(
    ("before", "after"), [("", "[thresholds]\nnet = [1.0]\n"), ('charts = ["net"]', "")]
)
def test_thresholds_and_charts_are_checked_against_what_is_computed(folder, before, after):
    with pytest.raises(StudyError, match="no outcome 'net'"):
        study(folder, "demand", f'outcomes = ["demand"]\n{before}', after)


def test_a_factory_is_told_which_outcomes_are_wanted(folder):
    opened = study(folder, "factory", 'outcomes = ["cheap"]\nhorizon = [2025, 2026]')
    assert list(opened.make_model(["dear"]).outcomes) == ["dear"]
    assert list(opened.make_model(None).outcomes) == ["cheap", "dear"]
    asked = []

    def noting(outcomes):
        asked.append(outcomes)
        return opened.make_model(outcomes)

    tree = replace(opened, make_model=noting).compute()
    assert asked == [["cheap"]]
    assert set(tree["moments"].data_vars) == {"cheap", "cheap_mcse"}


@pytest.mark.parametrize(("size", "quarter"), [(256, 64), (64, 16), (2, 1), (1, 1)])
def test_another_size_gives_the_drivers_a_quarter(folder, size, quarter):
    opened = study(folder, after=DRIVERS)
    other = opened.with_settings(size=size)
    assert (other.row.design.size, other.row.drivers.size) == (size, quarter)
    assert (opened.row.design.size, opened.row.drivers.size) == (64, 64)
    assert other.with_settings(seed=5).row.seed == 5
    assert other.with_settings(seed=5).row.drivers.size == quarter


def test_the_size_of_the_command_line_reaches_the_drivers(folder):
    tree = study(folder, after=DRIVERS).with_settings(size=32).compute()
    assert tree["drivers/demand"].attrs["size"] == 8
    assert tree["moments"].attrs["draws"] == 2 * 32


@pytest.mark.parametrize("changed", ["two.toml", "settings_toy.py", "size", "seed", "nothing"])
def test_the_fingerprint_changes_with_all_that_decides_the_numbers(folder, changed):
    before = study(folder).fingerprint
    swaps = {"two.toml": ("[80, 120]", "[80, 121]"), "settings_toy.py": ("- 100", "- 101")}
    if changed in swaps:
        path = folder / changed
        path.write_text(path.read_text().replace(*swaps[changed]))
    settings = {"size": {"size": 128}, "seed": {"seed": 9}}.get(changed, {})
    after = un.open_study(folder / "s.toml").with_settings(**settings).fingerprint
    assert (after == before) is (changed == "nothing")


@pytest.mark.parametrize("kind", ["studies", "priors"])
@pytest.mark.parametrize("place", [".", "kind", "beside"])
def test_a_file_at_hand_comes_before_a_shipped_one_of_its_name(tmp_path, monkeypatch, kind, place):
    name = next(iter(files.shelved(kind)))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    assert files.locate(kind, name) == files.shelved(kind)[name]
    base = tmp_path / "base" if place == "beside" else None
    mine = {".": work, "kind": work / kind, "beside": tmp_path / "base"}[place] / f"{name}.toml"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text('title = "mine"\n')
    assert files.locate(kind, name, base) == mine


def test_what_is_said_of_several_outcomes_is_said_once():
    texts = [
        "outcome 'a' does not vary at 2024",
        "outcome 'b' does not vary at 2024",
        "outcome 'a' does not vary at 2024",
        "outcome 'c' is so skewed",
        "something else",
    ]
    assert told_together(texts) == [
        "outcomes a, b: does not vary at 2024",
        "outcome c: is so skewed",
        "something else",
    ]


def test_coordinates_as_they_are_typed():
    assert cli.coordinates(["region=hub", "year=2030"]) == {"region": "hub", "year": 2030}
    with pytest.raises(ResultError, match="--at is written dim=name"):
        cli.coordinates(["hub"])
