"""The check of fitted rows: predictions as stored, what lies outside marked and told."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import binom

from tests.calibrated import GROWTH, ROWS, make_calibrated
from tests.views.layout import FINE, in_order, marks, title, words
from uncertainty.errors import ResultError
from uncertainty.views import check_chart
from uncertainty.views.check.histogram import allowed

COUNT = len(ROWS) + len(GROWTH)


@pytest.fixture
def result():
    return make_calibrated()


def many(result, times):
    node = result["calibration/check"].to_dataset().drop_vars("row")
    result["calibration/check"] = xr.DataTree(xr.concat([node] * times, "row"))
    return result


def test_rows_are_those_of_the_result(result):
    _, table = check_chart(result)
    found = result["calibration/check"].to_dataset()
    order = table.set_index("row").sort_index()
    np.testing.assert_array_equal(order["value"], found["value"])
    for p in (5, 25, 50, 75, 95):
        np.testing.assert_array_equal(order[f"p{p}"], found["predicted"].sel(quantile=p / 100))
    np.testing.assert_array_equal(order["source"], found["source"])


def test_groups_stand_by_year(result):
    figure, table = check_chart(result)
    assert len(figure.axes) == 2
    for _, rows in table.groupby(["outcome", "kind"], sort=False):
        assert rows["year"].is_monotonic_increasing
    assert "growth on the year before" in words(figure)


def test_marks_and_bars_are_those_of_the_table(result):
    figure, table = check_chart(result)
    for axes, kind in enumerate(("level", "growth")):
        rows = table[table["kind"] == kind]
        drawn = [*marks(figure, "inside", axes), *marks(figure, "outside", axes)]
        assert sorted(line.get_xdata()[0] for line in drawn) == sorted(rows["value"])
        bars = [p for p in figure.axes[axes].patches if p.get_gid() == "predicted"]
        np.testing.assert_allclose([b.get_x() for b in bars[::2]], rows["p5"])
        np.testing.assert_allclose([b.get_x() + b.get_width() for b in bars[::2]], rows["p95"])


def test_what_lies_outside_has_another_shape_and_the_word(result):
    figure, table = check_chart(result)
    out = (table["value"] < table["p5"]) | (table["value"] > table["p95"])
    assert out.any()
    assert (table["verdict"] == "outside").tolist() == out.tolist()
    assert len(marks(figure, "outside")) == int(out.sum())
    shapes = {line.get_marker() for line in marks(figure, "outside")}
    assert shapes.isdisjoint({line.get_marker() for line in marks(figure, "inside")})
    assert words(figure).count("outside") >= int(out.sum())
    assert title(figure).startswith(f"{COUNT - int(out.sum())} of {COUNT} fitted rows lie within")
    assert "about 13 are expected" in title(figure)


def test_a_row_that_decides_too_much_is_marked(result):
    figure, table = check_chart(result)
    assert table["untold"].sum() == 1
    assert "†" in words(figure)
    assert "Pareto k above 0.7 (1 row)" in words(figure)


def test_the_limit_of_the_result_holds(result):
    result["calibration/check"].attrs["good_k"] = 0.9
    assert "Pareto" not in words(check_chart(result)[0])


def test_a_histogram_stands_below_many_rows_only(result):
    few, _ = check_chart(result)
    assert len(few.axes) == 2
    figure, table = check_chart(many(result, 2))
    heights = [p.get_height() for p in figure.axes[-1].patches if p.get_gid() == "bin"]
    assert heights == np.histogram(table["loo_pit"], 5, (0, 1))[0].tolist()
    assert in_order(figure) == FINE


def test_the_grey_of_the_histogram_is_the_binomial_interval():
    for rows in (20, 57, 200):
        assert allowed(rows, 5) == tuple(binom.ppf([0.025, 0.975], rows, 0.2))


def test_of_very_many_rows_those_farthest_out_are_drawn(result):
    figure, table = check_chart(many(result, 6))
    assert table["drawn"].sum() == 60
    assert table.loc[~table["drawn"], "verdict"].eq("inside").all()
    assert f"Of {6 * COUNT} rows the 60 farthest out are drawn" in words(figure)


def test_rows_are_known_from_the_observed_data_too(result):
    node = result["calibration/check"].to_dataset()
    names = [str(name) for name in node.coords if name not in {"row", "quantile"}]
    result["calibration/check"] = xr.DataTree(node.drop_vars(names))
    _, table = check_chart(result)
    assert set(table["source"]) == {source for source, *_ in [*ROWS, *GROWTH]}


def test_rows_without_a_year_or_a_pareto_k_are_drawn(result):
    node = result["calibration/check"].to_dataset().drop_vars(["pareto_k", "year"])
    result["calibration/check"] = xr.DataTree(node)
    figure, table = check_chart(result)
    assert table["year"].isna().all()
    assert in_order(figure) == FINE


def test_words_stand_apart(result):
    figure, _ = check_chart(result)
    assert in_order(figure) == FINE
    assert "log density −34.2 ± 2.6" in words(figure)


def test_a_result_without_it_is_refused(result):
    del result["calibration"]["check"]
    with pytest.raises(ResultError, match="'/calibration/check' lacks value, predicted"):
        check_chart(result)


def test_tables_of_different_length_are_refused(result):
    node = result["calibration/check"].to_dataset()
    names = [str(name) for name in node.coords if name not in {"row", "quantile"}]
    result["calibration/check"] = xr.DataTree(node.drop_vars(names).isel(row=slice(3)))
    with pytest.raises(ResultError, match="has 3 rows, '/observed_data' 14"):
        check_chart(result)


def test_an_axis_without_zero_says_so(result):
    node = result["calibration/check"].to_dataset()
    near = {name: 1.5 + 0.001 * node[name] for name in ("value", "predicted")}
    result["calibration/check"] = xr.DataTree(node.assign(near))
    figure, _ = check_chart(result)
    assert words(figure).count("does not begin at zero") == 2
    assert figure.axes[0].get_xlim()[0] > 1
    assert in_order(figure) == FINE
