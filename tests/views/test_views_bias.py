"""The bias of sources: factors as stored, priors beside them, on a log axis that says so."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.calibrated import make_calibrated
from tests.views.layout import FINE, in_order, marks, title, words
from uncertainty.errors import ResultError
from uncertainty.views import bias_chart
from uncertainty.views.bias.table import NORMAL_90, spread


@pytest.fixture
def result():
    return make_calibrated()


def test_factors_and_intervals_are_those_of_the_result(result):
    _, table = bias_chart(result, "electricity")
    found = result["calibration/source_bias"].to_dataset()
    own = table[table["role"] != "reference"].set_index("source").loc[found["source"].values]
    np.testing.assert_array_equal(own["factor"], found["factor"])
    np.testing.assert_array_equal(own[["low", "high"]], found["factor_interval"])
    np.testing.assert_array_equal(own["rows"], found["rows"])


def test_a_source_without_a_bias_is_a_reference_at_one(result):
    figure, table = bias_chart(result, "electricity")
    rows = table[table["role"] == "reference"]
    assert list(rows["source"]) == ["Ministry"]
    assert list(rows["rows"]) == [6]
    (mark,) = marks(figure, "reference")
    assert list(mark.get_xdata()) == [0]
    assert "Reference: a source that is taken to count what the model counts" in words(figure)


def test_without_a_reference_that_is_said(result):
    node = result["observed_data"].to_dataset()
    keep = node["source"].values != "Ministry of Industry, yearbook"
    result["observed_data"] = xr.DataTree(node.isel(row=np.flatnonzero(keep)))
    assert "No source is a reference" in words(bias_chart(result, "electricity")[0])


def test_marks_are_logarithms_of_the_table(result):
    figure, table = bias_chart(result, "electricity")
    drawn = [line.get_xdata()[0] for line in marks(figure, "factor")]
    free = table[table["role"] != "reference"]
    np.testing.assert_allclose(drawn, np.log(free["factor"]))
    assert "log axis" in words(figure)


def test_kinds_have_blocks_of_their_own(result):
    figure, _ = bias_chart(result, "electricity")
    assert len(figure.axes) == 2
    assert "Growth: the factor is of the ratio to the year before" in words(figure)


def test_the_prior_of_one_bias_is_normal_and_of_several_wider():
    rng = np.random.default_rng(2)
    draws = np.exp(0.5 * rng.standard_normal(1_000_000)) * rng.standard_normal(1_000_000)
    assert spread(False) == NORMAL_90
    assert spread(True) == pytest.approx(np.quantile(draws, 0.95), rel=0.01)


def test_the_title_says_from_what_to_what(result):
    found = result["calibration/source_bias/factor"].values
    said = title(bias_chart(result, "electricity")[0])
    assert f"sources publish {found[1]:.2f} to {found[0]:.1f} times what the model counts" in said


@pytest.mark.parametrize("width", [0.001, 0.3, 3.0, 12.0])
def test_ticks_and_words_stand_apart_at_any_width(result, width):
    node = result["calibration/source_bias"].to_dataset()
    node["prior_sd"] = node["prior_sd"] * 0 + width
    result["calibration/source_bias"] = xr.DataTree(node)
    assert in_order(bias_chart(result, "electricity")[0]) == FINE


def test_long_names_stand_apart(result):
    node = result["calibration/source_bias"].to_dataset()
    names = [f"{i} 中国信息通信研究院 white paper on computing power and its many boundaries " * 2
             for i in range(3)]  # fmt: skip
    node = node.assign_coords(source=names)
    result["calibration/source_bias"] = xr.DataTree(node)
    assert in_order(bias_chart(result, "electricity")[0]) == FINE


def test_an_outcome_without_sources_is_refused(result):
    with pytest.raises(ResultError, match="no sources of outcome 'pue': there are those of electr"):
        bias_chart(result, "pue")
    del result["calibration"]["source_bias"]
    with pytest.raises(ResultError, match="has no '/calibration/source_bias'"):
        bias_chart(result, "electricity")
