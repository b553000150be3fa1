"""A calibrated study: it learns, says so, resumes, and fails where chains do not agree."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import uncertainty as un
from uncertainty.errors import StudyError
from uncertainty.learning import first_year, structures
from uncertainty.space import Space
from uncertainty.unfinished import Unfinished

MODEL = """
import numpy as np
import uncertainty as un

def demand(horizon, *, outcomes=None, since=None):
    base, last = horizon
    years = list(range(base if since is None else since, last + 1))
    elapsed = np.array([y - base for y in years], dtype=float)[:, None]

    def run(start, growth, bent, *, xp):
        return {"demand": start * xp.exp(growth * elapsed - 0.005 * bent * elapsed**2)}

    run.__name__ = "demand"
    return un.Model(run, outcomes={"demand": "TWh"}, dims={"demand": ("year",)},
                    coords={"year": years}, units={"start": "TWh", "growth": "1/year", "bent": "1"})
"""
STUDY = """
title = "A study that learns"
model = "toy:demand"
horizon = [2024, 2030]
[parameters.start]
unit = "TWh"
prior = { family = "lognormal", interval = [50, 200] }
[parameters.growth]
unit = "1/year"
prior = { family = "normal", mu = 0.1, sigma = 0.05 }
[parameters.bent]
prior = { family = "choice", values = [0, 1], probabilities = [0.5, 0.5] }
[design]
size = 64
replicates = 4
[headline]
outcome = "demand"
years = [2026, 2030]
[calibration]
evidence = "seen.csv"
draws = 500
tune = 500
[overlays]
observations = "seen.csv"
"""
SEEN = """outcome,year,value,unit,relative_error,source,bias_sd,vintage_sd,published
demand,2020,70,TWh,0.02,Büro,0,0.05,2025
demand,2022,84000,GWh,0.02,Büro,0,0.05,2025
demand,2024,100,TWh,0.02,Büro,0,0.05,2025
demand,2024,160,TWh,0.02,Another,0.4,,2024
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("learns")
    for name, text in {"toy.py": MODEL, "s.toml": STUDY, "seen.csv": SEEN}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def cli(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "uncertainty", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def ran(place) -> subprocess.CompletedProcess[str]:
    return cli("run", "s.toml", "--out", "out", cwd=place)


@pytest.fixture(scope="module")
def result(place, ran) -> xr.DataTree:
    assert ran.returncode == 0, ran.stderr
    return un.read_result(place / "out")


def test_a_run_shows_the_numbers_after_and_before_the_observations(ran):
    assert ran.returncode == 0, ran.stderr
    after, before = ran.stdout.index("after the observations"), ran.stdout.index("before them")
    assert after < before
    assert "calibration: 2 of 2 parts done" in ran.stderr
    assert "Another" in ran.stdout


def test_the_posterior_is_narrower_and_covers_the_years_before_the_base(result):
    prior, posterior = result["intervals/demand"], result["calibration/intervals/demand"]
    assert prior["year"].values.tolist() == list(range(2024, 2031))
    assert posterior["year"].values.tolist() == list(range(2020, 2031))

    def width(found):
        ends = found.sel(year=2026)
        return float(ends.sel(quantile=0.95) - ends.sel(quantile=0.05))

    assert width(posterior) < 0.3 * width(prior)


def test_the_level_is_that_of_the_reference_and_the_other_source_gets_a_factor(result):
    level = result["calibration/intervals/demand"].sel(year=2024, quantile=0.5)
    assert float(level) == pytest.approx(100, rel=0.06)
    factor = result["calibration/source_bias"]["factor"].sel(source="Another")
    assert float(factor) == pytest.approx(1.6, rel=0.1)


def test_structure_is_stacked_and_its_share_told(result):
    found = result["calibration/structures"].to_dataset()
    assert found["structure"].values.tolist() == ["bent=0", "bent=1"]
    assert float(found["weight"].sum()) == pytest.approx(1)
    shares = [float((result["posterior/bent"] == value).mean()) for value in (0, 1)]
    assert np.allclose(shares, found["weight"].values, atol=2 / 500)
    share = result["calibration/structure_share/share"].sel(year=2030)
    assert 0 < float(share) < 1


def test_every_group_that_arviz_knows_lies_in_the_file(result):
    wanted = {"prior", "prior_predictive", "posterior", "posterior_predictive", "observed_data",
              "log_likelihood", "log_prior", "sample_stats"}  # fmt: skip
    assert wanted <= set(result.children)
    assert result.attrs["converged"] == 1


def test_other_programs_find_tables_and_draws(place, result):
    table = pd.read_csv(place / "out/summary.csv")
    assert {"prior", "prior_predictive", "posterior", "posterior_predictive"} == set(table["group"])
    after = table[table["group"] == "posterior_predictive"]
    assert set(after["year"].dropna()) == set(range(2020, 2031))
    pd.testing.assert_series_equal(
        pd.read_parquet(place / "out/summary.parquet")["mean"], table["mean"], check_names=False
    )
    draws = pd.read_parquet(place / "out/draws.parquet")
    assert {"start", "growth", "bent"} <= set(draws)
    schema = json.loads((place / "out/summary.schema.json").read_text())
    assert "mean" in json.dumps(schema)


def test_the_report_tells_what_the_data_taught(place, result):
    page = (place / "out/report.html").read_text()
    assert "What the data taught" in page
    assert (place / "out/figures/learned.svg").exists()


def test_prior_only_leaves_the_fit_out(place):
    done = cli("run", "s.toml", "--out", "priors", "--prior-only", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "calibration" not in un.read_result(place / "priors").children
    assert "after the observations" not in done.stdout


def test_a_fit_that_has_not_converged_is_written_and_fails_the_run(place):
    text = STUDY.replace("draws = 500\ntune = 500", "draws = 20\ntune = 10\nchains = 2")
    (place / "short.toml").write_text(text)
    failed = cli("run", "short.toml", "--out", "short", cwd=place)
    assert failed.returncode == 1
    assert "not converged" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert (place / "short/manifest.json").exists()
    assert un.read_result(place / "short").attrs["converged"] == 0
    assert "NOT converged" in (place / "short/report.html").read_text()


def test_finished_fits_are_taken_from_an_interrupted_run(place, monkeypatch):
    from uncertainty.calibration import fit

    study = un.open_study(place / "s.toml")
    sampled: list[dict[str, float]] = []
    original = fit.sampled

    def stops(run, data, seed, target=None):
        if len(sampled) == 1 and not resumed:
            raise KeyboardInterrupt
        sampled.append(dict(data))
        return original(run, data, seed, target)

    resumed = False
    monkeypatch.setattr(fit, "sampled", stops)
    with pytest.raises(KeyboardInterrupt):
        study.run(place / "resumed")
    assert Unfinished(place / "resumed", study.fingerprint, True).load("calibration-0-0")
    resumed = True
    again = study.run(place / "resumed")
    assert [found["bent"] for found in sampled] == [0.0, 1.0]
    whole = un.read_result(place / "out")
    for name in ("start", "growth", "bent"):
        assert np.array_equal(again["posterior"][name], whole["posterior"][name])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("demand,2020", "demands,2020"), "no outcome 'demands'"),
        (("2024,160,TWh", "2024,160,kg"), "kg"),
        (("demand,2024,100,TWh,0.02", "demand,2024,100,TWh,"), "error"),
    ],
)
def test_rows_that_cannot_be_fitted_are_told_before_anything_runs(place, change, message):
    assert change[0] in SEEN
    (place / "faulty.csv").write_text(SEEN.replace(*change), encoding="utf-8")
    (place / "faulty.toml").write_text(STUDY.replace('"seen.csv"', '"faulty.csv"', 1))
    with pytest.raises(StudyError, match=r"faulty.toml:\d+: calibration\.evidence.*") as found:
        un.open_study(place / "faulty.toml")
    assert message in str(found.value)


def test_a_missing_table_and_an_unknown_key_are_told(place):
    (place / "m.toml").write_text(STUDY.replace('evidence = "seen.csv"', 'evidence = "no.csv"'))
    with pytest.raises(StudyError, match=r"no\.csv"):
        un.open_study(place / "m.toml")
    (place / "m.toml").write_text(STUDY.replace("tune = 500", "tunes = 500"))
    with pytest.raises(StudyError, match=r"tunes.*did you mean 'tune'"):
        un.open_study(place / "m.toml")


def test_combinations_of_choices_are_counted():
    two = un.Prior("choice", values=[0, 1], probabilities=[0.5, 0.5])
    three = un.Prior("choice", values=[0, 1, 2], probabilities=[0.5, 0.25, 0.25])
    assert structures(Space({"a": two, "b": three})) == 6
    assert structures(Space({"a": un.Prior("normal", mu=0, sigma=1)})) == 1


def test_growth_needs_the_year_before():
    frame = pd.DataFrame({"year": [2021, 2021], "kind": ["level", "growth"]})
    assert first_year(frame) == 2020
