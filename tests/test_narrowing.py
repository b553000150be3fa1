"""Either side of a fit: which groups a chart sees, and how much narrower an outcome is."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from tests.calibrated import BASE, make_calibrated
from uncertainty.errors import ResultError
from uncertainty.labels import posterior_side, prior_side
from uncertainty.narrowing import headline_narrowings, narrowing


@pytest.fixture
def result():
    return make_calibrated()


def test_the_posterior_side_shows_what_was_fitted(result):
    side = posterior_side(result)
    found = side["intervals/electricity"]
    xr.testing.assert_equal(
        found.drop_attrs(), result["calibration/intervals/electricity"].drop_attrs()
    )
    assert side["intervals"].attrs["side"] == "posterior"
    assert found.attrs["base"] == BASE
    assert "observations" in side


def test_the_prior_side_has_the_years_of_history(result):
    side = prior_side(result)
    assert side["intervals/electricity"]["year"].values[0] == 2018
    assert side["intervals"].attrs["side"] == "prior"
    del result["calibration"]["prior_intervals"]
    assert prior_side(result)["intervals/electricity"]["year"].values[0] == BASE


def test_the_result_itself_stays_as_it_is(result):
    before = result.copy(deep=True)
    posterior_side(result)
    prior_side(result)
    xr.testing.assert_identical(result, before)


def test_groups_of_the_prior_do_not_pass_for_the_posterior(result):
    result["moments"] = xr.DataTree(xr.Dataset({"electricity": 1.0}))
    assert "moments" not in posterior_side(result)
    assert "moments" in prior_side(result)


@pytest.mark.parametrize("side", [posterior_side, prior_side])
def test_a_result_without_a_fit_is_refused(side):
    with pytest.raises(ResultError, match=r"is not calibrated.*it holds nothing"):
        side(xr.DataTree())


def test_numbers_are_those_of_the_intervals(result):
    found = narrowing(result, "electricity", {"year": 2030})
    before = result["calibration/prior_intervals/electricity"].sel(year=2030)
    after = result["calibration/intervals/electricity"].sel(year=2030)
    assert found.prior == tuple(before.sel(quantile=[0.05, 0.5, 0.95]).values)
    assert found.posterior == tuple(after.sel(quantile=[0.05, 0.5, 0.95]).values)
    width = [float(a.sel(quantile=0.95) - a.sel(quantile=0.05)) for a in (before, after)]
    assert found.narrower == pytest.approx(1 - width[1] / width[0])


def test_the_rank_is_that_of_the_draws_where_they_are_kept(result):
    coarse = narrowing(result, "electricity", {"year": 2030}).rank
    draws = np.linspace(100, 500, 4001)[None, :, None]
    result["prior_predictive"] = xr.DataTree(
        xr.Dataset({"electricity": (("chain", "draw", "year"), draws)}, {"year": [2030]})
    )
    found = narrowing(result, "electricity", {"year": 2030})
    assert found.rank == pytest.approx((found.posterior[1] - 100) / 400, abs=1e-3)
    assert 0.5 < coarse < 0.95


@pytest.mark.parametrize(
    ("outcome", "at"), [("nothing", {}), ("electricity", {}), ("electricity", {"year": 1900})]
)
def test_what_one_side_lacks_is_not_told(result, outcome, at):
    assert narrowing(result, outcome, at) is None


def test_the_headline_says_which_years(result):
    assert [one.at["year"] for one in headline_narrowings(result)] == [2027, 2030, 2035]
    result.attrs["headline"] = json.dumps(None)
    assert [(one.outcome, one.at) for one in headline_narrowings(result)] == [
        ("electricity", {"year": 2027}),
        ("growth", {}),
    ]
