"""Whether the evidence looks like what the fitted model replicates."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from tests.posterior.linear import Linear
from uncertainty.errors import ResultError
from uncertainty.posterior.checks import predictive_checks


def tree(value, replicated):
    return xr.DataTree.from_dict(
        {
            "/observed_data": xr.Dataset({"observation": ("row", value)}),
            "/posterior_predictive": xr.Dataset(
                {"observation": (("chain", "draw", "row"), replicated)}
            ),
        }
    )


def p_values(case):
    found = predictive_checks(case.tree(draws=500))
    return dict(
        zip(found["statistic"].values.tolist(), found["p_value"].values.tolist(), strict=True)
    )


def test_p_values_of_rows_that_are_replicates_are_uniform():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(12, 4, 1000))
    found = []
    for _ in range(200):
        value = rng.normal(size=12)
        found.append(predictive_checks(tree(value, np.moveaxis(rows, 0, -1)))["p_value"].values)
    p = np.array(found)
    assert np.abs(p[:, :4].mean(axis=0) - 0.5).max() < 4 * np.sqrt(1 / 12 / 200)
    assert p[:, :4].std(axis=0) == pytest.approx(np.sqrt(1 / 12), rel=0.15)
    assert p[:, 4].mean() == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / 200))


def test_each_statistic_sees_its_misfit():
    case = Linear.made(rows=30)
    high, low = case.y.copy(), case.y.copy()
    high[3], low[3] = case.y[3] + 3, case.y[3] - 3
    assert p_values(replace(case, y=high))["largest"] < 0.01
    assert p_values(replace(case, y=low))["smallest"] > 0.99
    calm = case.x @ np.array([0.4, 1.2, 0.0]) + 0.05 * (case.y - case.y.mean())
    assert p_values(replace(case, y=calm))["spread"] > 0.99
    wide = p_values(replace(case, error=0.1))
    assert wide["spread"] < 0.01
    assert wide["outside_90"] < 0.01


def test_a_wrong_level_is_seen_by_the_mean():
    rng = np.random.default_rng(1)
    found = predictive_checks(tree(np.full(10, 1.5), rng.normal(size=(4, 500, 10))))
    assert found["p_value"].sel(statistic="mean").item() < 0.001
    assert found["observed"].sel(statistic="mean").item() == pytest.approx(1.5, abs=0.1)


def test_positive_rows_are_compared_by_their_logarithms_and_their_unit_does_not_matter():
    rng = np.random.default_rng(1)
    draws = rng.normal(size=(4, 500, 8))
    value = rng.normal(size=8)
    plain = predictive_checks(tree(value, draws))
    logs = predictive_checks(tree(1e6 * np.exp(value), 1e6 * np.exp(draws)))
    some = ["largest", "smallest", "mean", "spread"]
    assert logs["p_value"].sel(statistic=some).values == pytest.approx(
        plain["p_value"].sel(statistic=some).values, abs=1e-9
    )


def test_rows_without_spread_are_refused():
    with pytest.raises(ResultError, match=r"rows \[1\]: all replicates are equal"):
        predictive_checks(
            tree([1.0, 2.0], np.stack([np.arange(40.0).reshape(4, 10), np.ones((4, 10))], axis=-1))
        )
