"""Two results side by side, and what moved, against what is known exactly."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import uncertainty as un
from uncertainty.compared import compare_directories
from uncertainty.comparison import comparison
from uncertainty.directory import manifest, read_result
from uncertainty.errors import ResultError, StudyError
from uncertainty.rebuilt import Rebuilt

MODEL = """
import numpy as np
import uncertainty as un

@un.model(outcomes={"demand": "TWh"}, dims={"demand": ("year",)}, coords={"year": [2025, 2030]},
          units={"start": "TWh", "growth": "1", "more": "TWh"})
def demand(start, growth, more, *, xp):
    return {"demand": xp.stack([start, start * (1 + growth) + more])}

def other(a, b):
    return a + b
"""
PRIORS = """
title = "Numbers"
[parameters.start]
unit = "TWh"
label = "Level at first"
prior = { family = "normal", mu = 100, sigma = 5 }
[parameters.growth]
prior = { family = "uniform", lower = 0.1, upper = 0.3 }
[parameters.more]
unit = "TWh"
prior = { family = "normal", mu = 5, sigma = 1 }
"""
OTHER = """
title = "Other numbers"
[parameters.start]
unit = "TWh"
prior = { family = "normal", mu = 110, sigma = 5 }
[parameters.more]
unit = "GWh"
prior = { family = "normal", mu = 3000, sigma = 1000 }
"""
STUDY = """
title = "{title}"
model = "compared_model:demand"
priors = {priors}
seed = 3
[design]
size = 1024
[shapley]
size = 128
outcomes = ["demand"]
[headline]
outcome = "demand"
years = [2025, 2030]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    place = tmp_path_factory.mktemp("compared")
    (place / "compared_model.py").write_text(MODEL)
    (place / "one.toml").write_text(PRIORS)
    (place / "two.toml").write_text(OTHER)
    (place / "a.toml").write_text(STUDY.format(title="First", priors='["one"]'))
    (place / "b.toml").write_text(STUDY.format(title="Second", priors='["one", "two"]'))
    yield place
    sys.modules.pop("compared_model", None)


@pytest.fixture(scope="module")
def results(folder: Path):
    for name in "ab":
        un.open_study(folder / f"{name}.toml").run(folder / "results" / name)
    return read_result(folder / "results" / "a"), read_result(folder / "results" / "b")


@pytest.fixture
def at(folder, results, monkeypatch):
    monkeypatch.chdir(folder)
    return results


def test_intervals_of_both(at):
    tree = comparison(*at)
    value = tree["intervals/value"]
    assert value.dims == ("side", "year", "quantile")
    middle = value.sel(year=2025, quantile=0.5)
    np.testing.assert_allclose(middle, [100, 110], atol=0.1)
    assert (tree.attrs["title_a"], tree.attrs["title_b"]) == ("First", "Second")
    assert tree.attrs["units"] == "TWh"
    assert tree.attrs["note"] == ""


def test_shares_of_both(at):
    shares = comparison(*at)["drivers/Sh"]
    np.testing.assert_allclose(shares.sum("parameter"), 1.0)
    assert shares["label"].sel(parameter="start").item() == "Level at first"


def test_priors_that_differ(at):
    table = comparison(*at)["priors"].to_dataset()
    assert table["parameter"].values.tolist() == ["start", "more"]
    assert table["distribution_a"].sel(parameter="start").item() == "normal(mu=100, sigma=5)"
    assert table["distribution_b"].sel(parameter="start").item() == "normal(mu=110, sigma=5)"


def test_what_moved(at):
    moved = comparison(*at)["moved"].to_dataset()
    later = moved["shift"].sel(year=2030, quantile=0.5)
    assert float(later.sel(parameter="start")) == pytest.approx(12, abs=0.1)
    assert float(later.sel(parameter="more")) == pytest.approx(-2, abs=0.1)
    assert float(moved["all"].sel(year=2030, quantile=0.5)) == pytest.approx(10, abs=0.1)
    first = moved["shift"].sel(year=2025)
    np.testing.assert_allclose(first.sel(parameter="start"), 10, atol=0.2)
    np.testing.assert_allclose(first.sel(parameter="more"), 0, atol=1e-9)


def test_a_result_against_itself_has_not_moved(at):
    tree = comparison(at[0], at[0])
    assert tree["priors"].sizes["parameter"] == 0
    assert tree["moved"].sizes["parameter"] == 0
    np.testing.assert_allclose(tree["moved/all"], 0, atol=1e-9)


def test_dependence_moves_too(at, folder):
    text = STUDY.format(title="Tied", priors='["one"]')
    (folder / "tied.toml").write_text(
        text.replace(
            "seed = 3\n", 'seed = 3\n[[correlation]]\nbetween = ["start", "more"]\nrank = 0.9\n'
        )
    )
    tied = un.open_study(folder / "tied.toml").compute()
    moved = comparison(at[0], tied)["moved"].to_dataset()
    assert moved["parameter"].values.tolist() == ["correlation"]
    wider = moved["shift"].sel(parameter="correlation", year=2030, quantile=0.95)
    assert float(wider) > 0.3


def test_a_result_knows_what_it_was_made_from(at):
    rebuilt = Rebuilt.of(at[1])
    assert (
        rebuilt.space.priors["more"].spec()
        == un.Prior("normal", mu=3000, sigma=1000, unit="GWh").spec()
    )
    assert rebuilt.inputs["seed"] == 3
    make, same = rebuilt.make_model()
    assert same
    assert make(None).outcomes == {"demand": "TWh"}


def test_changed_code_is_told(at, folder):
    (folder / "compared_model.py").write_text(MODEL + "\n# changed\n")
    try:
        assert "has changed" in comparison(*at).attrs["note"]
        (folder / "compared_model.py").unlink()
        tree = comparison(*at)
        assert "moved" not in tree
        assert "what moved cannot be told: no module 'compared_model'" in tree.attrs["note"]
    finally:
        (folder / "compared_model.py").write_text(MODEL)


def test_results_of_other_outcomes_or_years_are_refused(at):
    a, b = at
    changed = b.copy()
    changed.attrs["headline"] = '{"outcome": "peak", "years": [2025]}'
    with pytest.raises(ResultError, match="must be the same; found 'demand' and 'peak'"):
        comparison(a, changed)
    changed.attrs["headline"] = '{"outcome": "demand", "years": [2040]}'
    with pytest.raises(ResultError, match="no year in common: 2025, 2030 and 2040"):
        comparison(a, changed)


def test_a_directory_of_its_own(at, folder):
    directory, _ = compare_directories(Path("a"), Path("b"))
    assert directory == Path("results/a-against-b")
    names = {p.name for p in directory.iterdir()}
    assert {"intervals.csv", "shares.csv", "priors.csv", "moved.csv", "result.nc"} <= names
    moved = pd.read_csv(directory / "moved.csv")
    assert set(moved["parameter"]) == {"start", "more", "all"}
    assert (directory / "figures" / "comparison.png").stat().st_size > 10_000
    assert manifest(directory)["study"] == "a against b"
    again, _ = compare_directories(Path("results/a"), Path("results/b"))
    assert again == directory


def test_no_result_of_that_name(at):
    with pytest.raises(ResultError, match="nowhere: no such directory, here or in results"):
        compare_directories(Path("nowhere"), Path("b"))
    (Path("plain")).mkdir(exist_ok=True)
    with pytest.raises(ResultError, match="is no result directory"):
        compare_directories(Path("plain"), Path("b"))
    (Path("mine")).mkdir(exist_ok=True)
    (Path("mine") / "notes.txt").write_text("x")
    with pytest.raises(StudyError, match="holds other files"):
        compare_directories(Path("a"), Path("b"), Path("mine"))


PAIR = 'title = "Both"\nquestion = "Which?"\ncompare = ["a", "b"]\n'


def ran(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "uncertainty", *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_study_of_two_studies(folder):
    (folder / "both.toml").write_text(PAIR)
    done = ran(folder, "run", "both", "--out", "pairs/both", "--size", "256", "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "pairs/both"
    assert {p.name for p in (folder / "pairs").iterdir()} >= {"a", "b", "both"}
    assert manifest(folder / "pairs" / "both")["study"] == "both"
    shown = ran(folder, "show", "pairs/both")
    assert "What moved demand in 2030, TWh" in shown.stdout
    assert "all together" in shown.stdout


def test_checking_a_pair_checks_both(folder):
    (folder / "both.toml").write_text(PAIR)
    done = ran(folder, "check", "both")
    assert done.returncode == 0
    assert "a: First" in done.stdout
    assert "b: Second" in done.stdout
    assert "neither source nor reading" in done.stdout
    assert ran(folder, "check", "both", "--strict").returncode == 2


@pytest.mark.parametrize(
    ("compare", "words"),
    [
        ('["a", "a"]', "both.toml:3: compare: names 'a' twice"),
        ('["a", "gone"]', "both.toml:3: compare[1]: no studies file 'gone'"),
        ('["a"]', "both.toml:3: compare"),
    ],
)
def test_faults_of_a_pair(folder, compare, words):
    (folder / "both.toml").write_text(PAIR.replace('["a", "b"]', compare))
    done = ran(folder, "run", "both")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_ledger_and_the_comparison_on_the_command_line(folder, results):
    done = ran(folder, "compare", "a", "b", "--out", "side")
    assert done.returncode == 0, done.stderr
    assert "one prior at a time takes b's place in a" in done.stdout
    done = ran(folder, "ledger", "results/a", "--year", "2030", "--top", "1")
    assert done.returncode == 0, done.stderr
    assert "What the variance of demand, year 2030 rests on" in done.stdout
    assert "one.toml:" in done.stdout
    done = ran(folder, "ledger", "results/a", "--year", "1999")
    assert (done.returncode, "there is no year 1999" in done.stderr) == (2, True)
    done = ran(folder, "ledger", "side")
    assert (done.returncode, "has no ledger" in done.stderr) == (2, True)


def test_a_pair_never_takes_the_place_of_its_own_studies(folder):
    (folder / "both.toml").write_text(PAIR)
    done = ran(folder, "run", "both", "--out", "pairs/a", "--size", "64", "--quiet")
    assert done.returncode == 2
    assert "is where 'a' itself goes; choose another --out" in done.stderr


def test_a_prior_that_cannot_be_tied_is_a_note(at, folder):
    text = STUDY.format(title="Tied", priors='["one"]')
    tie = 'seed = 3\n[[correlation]]\nbetween = ["start", "more"]\nrank = 0.5\n'
    (folder / "tied2.toml").write_text(text.replace("seed = 3\n", tie))
    (folder / "still.toml").write_text(
        text + '[parameters.start]\nunit = "TWh"\nprior = { family = "fixed", value = 100 }\n'
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        tied = un.open_study(folder / "tied2.toml").compute()
        still = un.open_study(folder / "still.toml").compute()
    tree = comparison(tied, still)
    assert "moved" not in tree
    assert "what moved cannot be told" in tree.attrs["note"]


def test_a_comparison_never_replaces_a_run_nor_a_run_a_comparison(at, folder):
    before = (folder / "results" / "a" / "result.nc").read_bytes()
    with pytest.raises(StudyError, match="holds the result of a run, which would be lost"):
        compare_directories(Path("a"), Path("b"), Path("results/a"))
    assert (folder / "results" / "a" / "result.nc").read_bytes() == before
    directory, _ = compare_directories(Path("a"), Path("b"), Path("kept"))
    with pytest.raises(StudyError, match="holds the comparison, which would be lost"):
        un.open_study(folder / "a.toml").run(directory)
    (folder / "both.toml").write_text(PAIR)
    done = ran(folder, "run", "both", "--out", "results/b")
    assert done.returncode == 2


def test_the_report_is_found_by_the_name_of_the_study(folder, results):
    done = ran(folder, "report", "a")
    assert (done.returncode, done.stdout.strip()) == (0, "results/a/report.html")
