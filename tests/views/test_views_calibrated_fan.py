"""The fan after a fit: history, corrected observations, and the prior beside the posterior."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.calibrated import ROWS, make_calibrated
from tests.views.layout import FINE, cut, faint, in_order, marks, title, touching, words
from uncertainty.errors import ResultError
from uncertainty.labels import posterior_side, prior_side
from uncertainty.views import (
    bias_chart,
    calibrated_fan_chart,
    check_chart,
    fan_chart,
    learned_chart,
    render,
)
from uncertainty.views.fan.calibrated import POSTERIOR, PRIOR


@pytest.fixture
def result():
    return make_calibrated()


def rules(figure):
    return [
        line.get_xdata()[0]
        for axes in figure.axes
        for line in axes.lines
        if len(set(line.get_xdata())) == 1 and list(line.get_ydata()) == [0, 1]
    ]


def test_years_of_history_lie_before_the_rule(result):
    figure, table = fan_chart(posterior_side(result), "electricity")
    assert rules(figure) == [2024]
    said = words(figure)
    assert "projection from 2025" in said
    assert "Up to 2024 the band shows where the model puts years that are past" in said
    assert set(table.loc[table["series"] == "quantile", "year"]) == set(range(2018, 2036))


def test_the_last_fitted_year_is_the_rule_where_the_run_itself_has_history(result):
    del result["intervals"]
    result["intervals"] = result["calibration/prior_intervals"].copy()
    figure, _ = fan_chart(result, "electricity")
    assert rules(figure) == [2024]


def test_each_side_says_on_what_it_rests(result):
    after, before = (fan_chart(f(result), "electricity")[0] for f in (posterior_side, prior_side))
    assert "4,000 draws of the posterior in 4 chains" in words(after)
    assert "these priors and the observations fitted" in words(after)
    assert "131,072 draws of the prior in 4 replicates" in words(before)
    assert "given this model and these priors; shocks" in words(before)


def test_a_hollow_mark_lies_where_the_fit_puts_the_row(result):
    figure, table = fan_chart(posterior_side(result), "electricity")
    bias = result["calibration/source_bias"].to_dataset()
    factors = dict(zip(bias["cited"].values, bias["factor"].values, strict=True))
    measured = table[table["series"] == "observation"]
    expected = [value / factors[s] if s in factors else np.nan for s, _, value in ROWS]
    np.testing.assert_allclose(measured["corrected"], expected)
    drawn = [line.get_ydata()[0] for line in marks(figure, "corrected")]
    np.testing.assert_allclose(drawn, [y for y in expected if np.isfinite(y)])
    assert {line.get_markerfacecolor() for line in marks(figure, "corrected")} == {"#FFFFFF"}
    assert "2 ÷ 1.2" in words(figure)
    assert "without its source's bias" in words(figure)


def test_published_numbers_stay_where_they_were_published(result):
    figure, _ = fan_chart(posterior_side(result), "electricity")
    drawn = sorted(line.get_ydata()[0] for line in marks(figure, "observation"))
    np.testing.assert_allclose(drawn, sorted(value for *_, value in ROWS))


def test_nothing_is_corrected_before_the_fit(result):
    for tree in (prior_side(result), result):
        figure, table = fan_chart(tree, "electricity")
        assert "corrected" not in table
        assert "ollow" not in words(figure)


def test_rows_that_were_fitted_are_drawn_where_no_others_are(result):
    del result["observations"]
    _, table = fan_chart(posterior_side(result), "electricity")
    measured = table[table["series"] == "observation"]
    assert sorted(measured["value"]) == sorted(float(value) for *_, value in ROWS)
    assert measured["corrected"].notna().sum() == 6


def test_fitted_rows_of_a_place_are_drawn_there(result):
    shares = xr.DataArray([0.6, 0.4], {"region": ["hub", "other"]}, "region")
    node = result["calibration/intervals"].to_dataset()
    node["electricity"] = shares * node["electricity"]
    result["calibration/intervals"] = xr.DataTree(node.drop_vars("electricity_mcse"))
    rows = result["observed_data"].to_dataset()
    places = ["hub" if year > 2021 else "other" for year in rows["year"].values]
    result["observed_data"] = xr.DataTree(rows.assign_coords(place=("row", places)))
    del result["observations"]
    _, table = fan_chart(posterior_side(result), "electricity", at={"region": "hub"})
    years = table.loc[table["series"] == "observation", "year"]
    assert set(years) == {2022, 2023, 2024}


def test_before_and_after_share_axes_and_observations(result):
    figure, table = calibrated_fan_chart(result, "electricity")
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert len({axes.get_xlim() for axes in figure.axes}) == 1
    for side, group in ((PRIOR, "prior_intervals"), (POSTERIOR, "intervals")):
        part = table[(table["side"] == side) & (table["series"] == "quantile")]
        wide = part.pivot(index="year", columns="quantile", values="value")
        np.testing.assert_array_equal(wide, result[f"calibration/{group}/electricity"])
        assert ((table["side"] == side) & (table["series"] == "observation")).sum() == len(ROWS)
    assert not marks(figure, "corrected", 0)
    assert len(marks(figure, "corrected", 1)) == 6


def test_the_title_says_how_much_it_narrowed(result):
    figure, _ = calibrated_fan_chart(result, "electricity")
    ends = [
        result[f"calibration/{name}/electricity"].sel(year=2030, quantile=[0.05, 0.95]).values
        for name in ("prior_intervals", "intervals")
    ]
    part = 1 - np.diff(ends[1])[0] / np.diff(ends[0])[0]
    assert f"narrow the 90% interval of 2030 by {part:.0%}" in title(figure)
    assert "of the prior lies below that" in words(figure)
    named, _ = calibrated_fan_chart(result, "electricity", title="What was learned")
    assert title(named) == "What was learned"


def test_what_grew_wider_is_said_to_have(result):
    node = result["calibration/intervals"].to_dataset()
    middle = node["electricity"].sel(quantile=0.5)
    node["electricity"] = middle + 30 * (node["electricity"] - middle)
    result["calibration/intervals"] = xr.DataTree(node)
    assert "the observations widen the 90% interval" in title(
        calibrated_fan_chart(result, "electricity")[0]
    )


def test_a_scalar_has_a_range_before_and_one_after(result):
    figure, table = calibrated_fan_chart(result, "growth")
    assert list(dict.fromkeys(table["side"])) == [PRIOR, POSTERIOR]
    assert in_order(figure) == FINE
    assert "90% interval is" in words(figure)


def test_words_stand_apart(result):
    for figure, _ in (
        fan_chart(posterior_side(result), "electricity"),
        calibrated_fan_chart(result, "electricity"),
    ):
        assert cut(figure) == []
        assert faint(figure) == []
        # small keys stand among marks, as in every fan
        assert [pair for pair in touching(figure) if not all(len(t) > 1 for t in pair)] == []
        assert touching(figure) == []


def test_the_same_result_gives_the_same_picture(result):
    one, other = (render(calibrated_fan_chart(result, "electricity")[0]) for _ in range(2))
    assert one == other


def test_a_result_without_a_fit_is_refused(result):
    del result["calibration"]
    with pytest.raises(ResultError, match="is not calibrated"):
        calibrated_fan_chart(result, "electricity")


def test_an_outcome_that_is_not_there_is_refused(result):
    with pytest.raises(ResultError, match="no intervals of outcome 'water'"):
        calibrated_fan_chart(result, "water")


def test_the_run_itself_starts_where_it_starts(result):
    rows = result["observed_data"].to_dataset()
    years = rows["year"].values + 1  # fitted a year beyond the base
    result["observed_data"] = xr.DataTree(rows.assign_coords(year=("row", years)))
    for tree in (result, posterior_side(result)):
        assert rules(fan_chart(tree, "electricity")[0]) == [2024]


@pytest.mark.parametrize(
    ("draw", "told"),
    [
        (lambda tree: fan_chart(posterior_side(tree), "electricity"), True),
        (lambda tree: calibrated_fan_chart(tree, "electricity"), True),
        (learned_chart, True),
        (check_chart, True),
        (lambda tree: bias_chart(tree, "electricity"), True),
        (lambda tree: fan_chart(prior_side(tree), "electricity"), False),
        (lambda tree: fan_chart(tree, "electricity"), False),
    ],
)
def test_each_picture_of_a_fit_that_did_not_converge_says_so(draw, told):
    said = words(draw(make_calibrated(converged=False))[0])
    assert ("has NOT converged" in said) == told
    assert "converged" not in words(draw(make_calibrated())[0])
