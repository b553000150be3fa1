"""Ranks of simulations: lines and bands as computed, the worst first and named."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.calibrated import ranks
from tests.views.layout import FINE, in_order, marks, title, words
from uncertainty.errors import ResultError
from uncertainty.uniformity import points, uniform
from uncertainty.views import ranks_chart

SHAPES = {"growth": 1.0, "pue": 1.0, "level": 0.4}


def test_the_table_is_what_uniform_says():
    data = ranks(SHAPES)
    _, table = ranks_chart(data)
    for name in SHAPES:
        rows = table[table["parameter"] == name]
        difference, band, inside = uniform(data["rank"].sel(parameter=name).values, 99)
        np.testing.assert_array_equal(rows["difference"], difference)
        np.testing.assert_array_equal(rows[["low", "high"]].T, band)
        np.testing.assert_array_equal(rows["share"], points(99))
        assert rows["inside"].iloc[0] == inside


def test_the_line_is_that_of_the_table():
    figure, table = ranks_chart(ranks(SHAPES))
    for line, (_, rows) in zip(
        marks(figure, "difference"), table.groupby("parameter", sort=False), strict=True
    ):
        np.testing.assert_array_equal(line.get_ydata()[1:-1], rows["difference"])
        np.testing.assert_array_equal(line.get_xdata(), [0, *rows["share"], 1])


def test_the_worst_comes_first_and_is_named():
    figure, table = ranks_chart(ranks(SHAPES))
    assert table["parameter"].iloc[0] == "level"
    assert title(figure) == "The ranks of 1 of 3 parameters are not uniform: “level”"
    assert "outside" in words(figure)
    styles = [line.get_linestyle() for line in marks(figure, "difference")]
    assert styles[0] != styles[1] == styles[2]


def test_ranks_that_could_be_uniform_are_said_to_be():
    figure, _ = ranks_chart(ranks({"a": 1.0, "b": 1.0}))
    assert title(figure) == "The ranks of all 2 parameters could well be uniform"
    assert "at least one leaves it in 10% of cases" in words(figure)


@pytest.mark.parametrize("count", [1, 2, 4, 5, 14])
def test_words_stand_apart_in_any_number_of_panels(count):
    data = ranks({f"a parameter with a name of some length {n}": 1.0 for n in range(count)})
    figure, _ = ranks_chart(data)
    assert in_order(figure) == FINE
    assert len(figure.axes) == min(count, 12)


def test_parameters_without_a_panel_are_counted():
    figure, table = ranks_chart(ranks({f"p{n}": 1.0 for n in range(14)}))
    assert "2 more parameters without a panel" in words(figure)
    assert table["parameter"].nunique() == 14


def test_labels_are_used():
    data = ranks(SHAPES).assign_coords(label=("parameter", ["Growth a year", "电能利用效率", ""]))
    said = words(ranks_chart(data)[0])
    assert "Growth a year" in said
    assert "电能利用效率" in said


def test_few_ranks_with_ties_are_drawn():
    figure, _ = ranks_chart(ranks(SHAPES, simulations=7, most=1))
    assert in_order(figure) == FINE


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (xr.Dataset(), "need a variable rank over parameter and simulation"),
        (ranks(SHAPES).drop_attrs(), "need the attribute most"),
        (ranks(SHAPES).assign_attrs(most=3), "no whole number from 0 to 3"),
        (ranks(SHAPES).isel(simulation=slice(0)), "no ranks|got 0 ranks"),
    ],
)
def test_what_is_no_rank_is_refused(data, message):
    with pytest.raises(ResultError, match=message):
        ranks_chart(data)
