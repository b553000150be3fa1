"""Scores against closed forms and what is written out by hand; the random walk against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from uncertainty.hindcast.scores import (
    crps,
    inside,
    interval_score,
    judged,
    pit,
    scaled,
)
from uncertainty.hindcast.walk import QUANTILES, Walk


def crps_of_normal(mu, sigma, y):
    """Gneiting & Raftery (2007), equation 21."""
    z = (y - mu) / sigma
    return sigma * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))


@pytest.mark.parametrize("observed", [-1.0, 2.0, 5.5])
def test_crps_of_draws_is_that_of_the_normal_they_come_from(observed):
    draws = np.random.default_rng(1).normal(2, 1.5, (200, 500))
    found = crps(draws, np.full(200, observed))
    error = found.std(ddof=1) / np.sqrt(200)
    assert abs(found.mean() - crps_of_normal(2, 1.5, observed)) < 4 * error


def test_crps_of_few_draws_has_no_bias_that_a_plain_sample_would_have():
    draws = np.random.default_rng(2).normal(0, 1, (20_000, 5))
    found = crps(draws, np.zeros(20_000))
    error = found.std(ddof=1) / np.sqrt(20_000)
    exact = crps_of_normal(0, 1, 0)
    assert abs(found.mean() - exact) < 4 * error
    plain = crps(draws, np.zeros(20_000), quantiles=True).mean()
    assert plain - exact > 20 * error


def test_crps_of_quantiles_is_that_of_their_distribution():
    u = (np.arange(QUANTILES) + 0.5) / QUANTILES
    found = crps(norm.ppf(u)[None], np.array([0.7]), quantiles=True)
    np.testing.assert_allclose(found, crps_of_normal(0, 1, 0.7), rtol=2e-4)


def test_crps_of_a_point_is_its_absolute_error():
    np.testing.assert_allclose(crps(np.full((2, 9), 10.0), np.array([7.0, 10.0])), [3.0, 0.0])


def test_interval_score_by_hand():
    observed = np.array([4.0, 1.0, 9.0])
    found = interval_score(observed, np.full(3, 2.0), np.full(3, 6.0), 0.9)
    np.testing.assert_allclose(found, [4.0, 4.0 + 20 * 1.0, 4.0 + 20 * 3.0])
    assert interval_score(observed[:1], np.array([2.0]), np.array([6.0]), 0.9).shape == (1,)


def test_an_interval_holds_its_ends_and_an_unknown_one_is_neither_in_nor_out():
    found = inside(np.array([2.0, 6.1, 3.0]), np.array([2.0, 2.0, np.nan]), np.full(3, 6.0))
    np.testing.assert_array_equal(found, [1.0, 0.0, np.nan])


def test_pit_is_uniform_for_right_predictions_with_ties_and_without():
    rng = np.random.default_rng(3)
    smooth = pit(rng.normal(size=(4000, 99)), rng.normal(size=4000))
    coarse = pit(rng.poisson(2, (4000, 99)), rng.poisson(2, 4000).astype(float), rng)
    for found in (smooth, coarse):
        counts = np.histogram(found, 10, (0, 1))[0]
        assert ((counts - 400) ** 2 / 400).sum() < 30  # 99.96% point of chi-squared with 9


def test_scores_of_logs_do_not_depend_on_the_unit():
    rng = np.random.default_rng(4)
    draws, observed = np.exp(rng.normal(5, 0.2, (3, 400))), np.array([120.0, 150.0, 200.0])
    one = judged(draws, observed, ["level"] * 3)
    other = judged(1000 * draws, 1000 * observed, ["level"] * 3)
    np.testing.assert_allclose(one["crps_log"], other["crps_log"])
    np.testing.assert_allclose(1000 * one["crps"], other["crps"])


def test_each_kind_is_compared_on_its_own_scale():
    values = np.array([[2.0], [0.5], [0.25]])
    found = scaled(values, ["level", "growth", "share"])
    np.testing.assert_allclose(found[:, 0], [np.log(2), np.log(1.5), np.log(1 / 3)])


def test_a_value_without_a_logarithm_leaves_the_score_of_logs_empty():
    found = judged(np.array([[1.0, -1.0, 2.0]]), np.array([1.5]), ["level"])
    assert np.isnan(found["crps_log"]).all()
    assert np.isfinite(found["crps"]).all()


def test_walk_by_hand():
    """Increments .2 and .1 over 2 and 1 years, then .4 over 1: drift .7/4, two degrees of freedom."""
    walk = Walk.of([2012, 2010, 2013, 2014], [0.2, 0.0, 0.3, 0.7])
    m = 0.7 / 4
    s2 = ((0.2 - 2 * m) ** 2 / 2 + (0.1 - m) ** 2 + (0.4 - m) ** 2) / 2
    np.testing.assert_allclose(walk.sigma**2, s2)
    found = np.quantile(walk.level(2017), [0.05, 0.5, 0.95])
    wanted = 0.7 + 3 * m + np.sqrt(s2 * 3 * (1 + 3 / 4)) * t.ppf([0.05, 0.5, 0.95], 2)
    np.testing.assert_allclose(found, wanted, atol=4e-3)


def test_walk_needs_three_years():
    with pytest.raises(ValueError, match="3 points"):
        Walk.of([2010, 2011], [0.0, 0.1])
    with pytest.raises(ValueError, match="different times"):
        Walk.of([2010, 2011, 2011], [0.0, 0.1, 0.2])


def test_crps_of_the_walk_is_that_of_its_student_t():
    import scoringrules as sr

    walk = Walk.of([2010, 2011, 2013, 2014, 2016], [0.0, 0.1, 0.15, 0.4, 0.5])
    scale = walk.sigma * np.sqrt(2 * (1 + 2 / walk.span))
    exact = sr.crps_t(0.9, walk.freedom, 0.5 + 2 * walk.drift, scale)
    found = crps(walk.level(2018)[None], np.array([0.9]), quantiles=True)
    np.testing.assert_allclose(found, exact, rtol=2e-3)


@pytest.mark.parametrize("years", [[0, 1, 2], [0, 2, 3, 7], [0, 1, 2, 3, 4, 6, 7, 10]])
@pytest.mark.parametrize("ahead", [1, 5])
def test_walk_intervals_hold_what_they_say_whatever_the_gaps(years, ahead):
    rng = np.random.default_rng(len(years) + ahead)
    at, runs = np.array([*years, years[-1] + ahead], dtype=float), 2000
    gaps = np.diff(at)
    steps = 0.08 * gaps + 0.15 * np.sqrt(gaps) * rng.normal(size=(runs, len(gaps)))
    paths = np.concatenate([np.zeros((runs, 1)), steps.cumsum(axis=1)], axis=1)
    held = 0
    for path in paths:
        walk = Walk(at[:-1], path[:-1])
        scale = walk.sigma * np.sqrt(ahead * (1 + ahead / walk.span))
        middle = path[-2] + ahead * walk.drift
        held += abs(path[-1] - middle) <= scale * t.ppf(0.95, walk.freedom)
    assert abs(held / runs - 0.9) < 4 * np.sqrt(0.09 / runs)
