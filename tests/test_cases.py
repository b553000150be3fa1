"""Public cases: the table, the coverage, and the command that prints them."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from uncertainty.cases import CASES, COLUMNS, beside_salib, coverage, table
from uncertainty.cli import app
from uncertainty.errors import DesignError

#: Published values to four digits.
PUBLISHED = {
    ("ishigami", "S1"): [0.3139, 0.4424, 0],
    ("ishigami", "ST"): [0.5576, 0.4424, 0.2437],
    ("G", "S1"): [0.7162, 0.1790, 0.0237, 0.0072, 0.0001, 0.0001, 0.0001, 0.0001],
    ("G A2", "ST"): [0.6901, 0.3562, 0.0563, 0.0092, 0.0001, 0.0001],
    ("lognormal", "ST"): [0.0164, 0.0654, 0.1463, 0.2578, 0.5658],
    ("functional", "aggregate_S1"): [0.2846, 0.3889, 0],
    ("functional", "aggregate_ST"): [0.6111, 0.3889, 0.3265],
    ("correlated +.5", "closed"): [0.125, 0.5, 0.7812],
    ("correlated +.5", "total"): [0.125, 0.0938, 0.375],
    ("correlated +.5", "Sh"): [0.125, 0.2969, 0.5781],
    ("correlated -.5", "closed"): [0.25, 0, 0.5625],
    ("correlated -.5", "Sh"): [0.25, 0.0938, 0.6562],
}


@pytest.mark.parametrize("key", PUBLISHED, ids=" ".join)
def test_exact_values_are_the_published_ones(key):
    name, index = key
    np.testing.assert_allclose(CASES[name]().exact[index], PUBLISHED[key], atol=6e-5)


def test_the_table_holds_every_index_of_every_case():
    found = table(size=128)
    assert tuple(found.columns) == COLUMNS
    expected = sum(len(v) for make in CASES.values() for v in make().exact.values())
    assert len(found) == expected
    assert found["covered"].mean() > 0.8
    held = (found["lower"] - 1e-9 <= found["exact"]) & (found["exact"] <= found["upper"] + 1e-9)
    assert (held == found["covered"]).all()


def test_coverage_counts_over_seeds():
    found = coverage(["lognormal"], seeds=4, size=64, control=False)
    assert list(found["index"]) == ["S1", "ST"]
    each = pd.concat([table(["lognormal"], size=64, seed=s, control=False) for s in (1, 2, 3, 4)])
    first = each[each["index"] == "S1"]
    assert found["coverage"][0] == first["covered"].mean()
    assert found["rmse"][0] == pytest.approx(
        np.sqrt(np.mean((first["value"] - first["exact"]) ** 2))
    )
    assert (found["runs"] == 8 * 64 * 7).all()


def test_salib_stands_beside_it_at_equal_base_points():
    found = beside_salib(["ishigami", "functional"], seeds=2, size=32)
    assert list(found["case"]) == ["ishigami", "ishigami"]
    assert (found["salib_runs"] == 8 * 32 * 5).all()
    assert (found["salib_half_width"] > 0).all()


def test_a_case_that_is_none_is_refused():
    with pytest.raises(
        DesignError, match=r"no case ishigam; there are .*; did you mean 'ishigami'"
    ):
        table(["ishigam"])


def test_the_command_prints_and_writes_the_table(tmp_path):
    path = tmp_path / "cases.csv"
    done = CliRunner().invoke(app, ["cases", "ishigami", "--size", "64", "--csv", str(path)])
    assert done.exit_code == 0, done.output
    assert "of 6 intervals hold the exact value" in done.output
    assert len(pd.read_csv(path)) == 6


def test_the_command_sets_salib_beside_it():
    words = ["cases", "ishigami", "functional", "--size", "32", "--seeds", "2", "--salib"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0].split()[-2:] == ["error", "width"]
    assert "over 2 seeds" in done.output


@pytest.mark.parametrize("words", [["ishigam"], ["--design", "sobl"], ["--size", "0"]])
def test_wrong_words_end_with_status_2(words):
    done = CliRunner().invoke(app, ["cases", *words])
    assert done.exit_code == 2
    assert "Traceback" not in done.output
