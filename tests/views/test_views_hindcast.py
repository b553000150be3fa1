"""The hindcast chart: what was known, what came, and what was said of it, each at its place."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import norm

from tests.views.layout import FINE, in_order, marks, title, words
from uncertainty.errors import ResultError
from uncertainty.printed.hindcast import hindcast_report
from uncertainty.views import render
from uncertainty.views.hindcast import hindcast_chart

P = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])
YEARS = np.arange(2012, 2026)


def score(year, observed, label="Agency", *, kind="level", outcome="electricity", place="",
          low=0.7, high=1.4, walk=(0.6, 1.9)):  # fmt: skip
    middle = 150.0 * 1.08 ** (year - 2020)
    ends = {"low_90": low * middle, "high_90": high * middle, "median": middle}
    return {
        "outcome": outcome, "place": place, "year": year, "kind": kind, "label": label,
        "source": f"{label}, a source", "published": "2025", "unit": "TWh", "observed": observed,
        **ends, "walk_median": middle, "walk_low_90": walk[0] * middle,
        "walk_high_90": walk[1] * middle, "ratio": 0.8, "pit": 0.6,
        "inside_90": float(ends["low_90"] <= observed <= ends["high_90"]),
    }  # fmt: skip


SCORES = [
    score(2022, 170.0), score(2023, 190.0), score(2023, 260.0, "Office"), score(2025, 210.0),
    score(2025, 420.0, "Council"), score(2025, 0.1, kind="growth"),
    score(2025, 60.0, outcome="by_region", place="north", low=0.2),
]  # fmt: skip
KNOWN = [
    {"outcome": "electricity", "place": "", "kind": "level", "year": year, "value": 80.0 * 1.08 ** i,
     "label": "Agency", "source": "Agency, a source", "published": "2021"}
    for i, year in enumerate(range(2012, 2021, 2))
]  # fmt: skip
SAID = [
    {"outcome": "electricity", "place": "", "year": 2025, "projection": "Bank", "published": "2019",
     "value": 330.0, "low": np.nan, "high": np.nan},
    {"outcome": "electricity", "place": "", "year": 2025, "projection": "Council of all",
     "published": "2020-05", "value": np.nan, "low": 200.0, "high": 300.0},
]  # fmt: skip


def over_rows(rows):
    frame = pd.DataFrame(rows)
    frame.index.name = "row"
    return frame.to_xarray()


def made(scores=SCORES, said=SAID):
    age = YEARS - 2020.0
    values = (150 * 1.08**age)[:, None] * np.exp((0.1 + 0.02 * abs(age))[:, None] * norm.ppf(P))
    attrs = {"units": "TWh", "long_name": "Electricity use"}
    regional = np.stack([0.4 * values, 0.6 * values])
    coords = {"year": YEARS, "quantile": P, "region": ["north", "south"]}
    intervals = xr.Dataset(
        {
            "electricity": (("year", "quantile"), values, attrs),
            "by_region": (("region", "year", "quantile"), regional, attrs),
        },
        coords,
        {"draws": 4000, "replicates": 4},
    )
    coverage = [
        {"who": who, "mass": mass, "inside": 3, "rows": 7}
        for who in ("model", "prior", "walk")
        for mass in (0.5, 0.8, 0.9)
    ]
    nodes = {
        "/scores": over_rows(scores),
        "/known": over_rows(KNOWN),
        "/coverage": over_rows(coverage),
        "/fit/calibration/intervals": intervals,
    }
    nodes |= {"/projections": over_rows(said)} if said else {}
    tree = xr.DataTree.from_dict(nodes)
    tree.attrs = {
        "fit_to": 2020,
        "until": 2025,
        "study_title": "A made-up study",
        "notes": json.dumps(["fitted to 5 rows"]),
        "words": json.dumps(["the model loses to the random walk with drift"]),
    }
    return tree


def test_filled_marks_are_known_and_open_ones_came_later():
    figure, table = hindcast_chart(made(), "electricity")
    assert table["series"].value_counts().to_dict() == {
        "quantile": 6 * 5, "known": 5, "later": 5, "prediction": 5, "random walk": 5,
        "projection": 2,
    }  # fmt: skip
    known, later = marks(figure, "known"), marks(figure, "later")
    assert {mark.get_markerfacecolor() for mark in known} == {"#000000"}
    assert {mark.get_markerfacecolor() for mark in later} == {"#FFFFFF"}
    assert [float(mark.get_ydata()[0]) for mark in later] == [170.0, 190.0, 260.0, 210.0, 420.0]
    assert title(figure) == (
        "Electricity use, fitted to 2020: 4 of 5 later observations lie in their 90% interval"
    )


def test_all_that_is_written_can_be_read():
    figure, _ = hindcast_chart(made(), "electricity")
    assert in_order(figure) == FINE
    assert "fitted up to 2020" in words(figure)
    assert "Not drawn: 1 later row of growth or shares." in words(figure)
    assert b"<svg" in render(figure, "svg")


def test_the_fan_begins_in_the_year_fitted_to():
    _, table = hindcast_chart(made(), "electricity")
    fan = table[table["series"] == "quantile"]
    assert fan["year"].min() == 2020
    assert sorted(fan["quantile"].unique()) == [0.05, 0.25, 0.5, 0.75, 0.95]


def test_what_the_axis_cuts_is_marked_and_told():
    far = [*SCORES[:3], score(2025, 210.0, walk=(0.01, 5e4))]
    figure, table = hindcast_chart(made(far), "electricity")
    assert figure.axes[0].get_ylim()[1] < 1000
    assert (table["mark"] == "arrow").sum() == 1
    assert "Arrows: beyond the axis (random walk 2025 up to" in words(figure)
    assert in_order(figure) == FINE


def test_rows_that_the_walk_says_nothing_of_are_told():
    lost = [score(2022, 170.0, walk=(np.nan, np.nan)), score(2023, 190.0)]
    figure, table = hindcast_chart(made(lost, said=[]), "electricity")
    assert (table["series"] == "random walk").sum() == 1
    assert "Without a random walk: 1 row has too few years." in words(figure)


def test_a_place_is_chosen_by_its_coordinates():
    figure, table = hindcast_chart(made(), "by_region", at={"region": "north"})
    assert table["place"].unique().tolist() == ["north"]
    assert title(figure) == (
        "Electricity use (north), fitted to 2020: the later observation lies in its 90% interval"
    )


@pytest.mark.parametrize(
    ("tree", "outcome", "at", "message"),
    [
        (xr.DataTree(), "electricity", None, "no hindcast"),
        (made(), "heat", None, "no intervals of outcome 'heat'"),
        (made(), "by_region", None, "choose it by `at`"),
        (made(), "by_region", {"region": "south"}, "no level of 'by_region' south was scored"),
    ],
)
def test_what_cannot_be_drawn_is_told(tree, outcome, at, message):
    with pytest.raises(ResultError, match=message):
        hindcast_chart(tree, outcome, at=at)


def test_the_printed_report_names_each_row_and_says_the_bad_too(capsys, tmp_path):
    hindcast_report(made(), tmp_path)
    printed = capsys.readouterr().out
    assert "electricity: Council" in printed
    assert "no, above" in printed
    assert "3 of 7" in printed
    assert "the model loses to the random walk with drift" in printed
    assert str(tmp_path) in printed.replace("\n", "")
