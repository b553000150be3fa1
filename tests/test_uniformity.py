"""Uniformity: the band holds uniform ranks as often as it says, ties included, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from uncertainty.errors import ResultError
from uncertainty.uniformity import (
    counted_band,
    coverage,
    log_factorials,
    points,
    pointwise,
    uniform,
)

SIZES = [(30, 9), (100, 99), (200, 20), (250, 1000), (40, 1)]


def inside_share(size, most, draws=4000, seed=1):
    """Share of samples of uniform ranks that stay inside the band, looked at one by one."""
    ranks = np.random.default_rng(seed).integers(0, most + 1, (draws, size))
    return np.mean([uniform(row, most)[2] for row in ranks])


@pytest.mark.parametrize(("size", "most"), SIZES)
def test_uniform_ranks_stay_inside_as_often_as_the_band_says(size, most):
    low, high = counted_band(size, most, 0.95)
    exact = coverage(low, high, size, points(most), log_factorials(size))
    assert exact >= 0.95
    error = np.sqrt(exact * (1 - exact) / 4000)
    assert inside_share(size, most) == pytest.approx(exact, abs=4 * error)


@pytest.mark.parametrize(("size", "most"), SIZES[:4])
def test_a_band_of_many_places_holds_little_more_than_it_says(size, most):
    low, high = counted_band(size, most, 0.95)
    assert coverage(low, high, size, points(most), log_factorials(size)) < 0.956


def test_one_place_is_the_binomial_interval():
    from scipy.stats import binom

    low, high = counted_band(40, 1, 0.95)
    assert (low[0], high[0]) == (binom.ppf(0.025, 40, 0.5), binom.ppf(0.975, 40, 0.5))


def test_pointwise_ends_leave_out_no_more_than_they_may():
    from scipy.stats import binom

    shares = np.array([0.1, 0.5, 0.93])
    masses = binom.cdf(np.arange(51)[:, None], 50, shares)
    for gamma in (0.3, 0.05, 1e-3):
        low, high = pointwise(masses, gamma)
        assert (binom.cdf(low - 1, 50, shares) <= gamma / 2 + 1e-12).all()
        assert (binom.sf(high, 50, shares) <= gamma / 2 + 1e-9).all()
        assert (binom.cdf(low, 50, shares) >= gamma / 2).all()


@pytest.mark.parametrize("shape", [(0.4, 0.4), (2.5, 2.5), (1.8, 1.0), (1.0, 1.8)])
def test_ranks_of_a_wrong_posterior_leave_the_band(shape):
    rng = np.random.default_rng(4)
    left = [not uniform(np.floor(rng.beta(*shape, 200) * 100), 99)[2] for _ in range(40)]
    assert np.mean(left) > 0.95


def test_the_difference_is_that_of_the_shares():
    ranks = np.array([0, 0, 1, 3])
    difference, band, _ = uniform(ranks, 3)
    np.testing.assert_allclose(points(3), [0.25, 0.5, 0.75])
    np.testing.assert_allclose(difference, [0.25, 0.25, 0.0])
    assert (band[0] <= 0).all()
    assert (band[1] >= 0).all()


@pytest.mark.parametrize(
    ("ranks", "most", "message"),
    [
        ([0, 5], 4, "1 ranks are no whole number from 0 to 4, the first is 5"),
        ([0.5], 4, "no whole number"),
        ([np.nan], 4, "no whole number"),
        ([], 4, "got 0 ranks"),
        ([0], 0, "up to 0"),
    ],
)
def test_what_is_no_rank_is_refused(ranks, most, message):
    with pytest.raises(ResultError, match=message):
        uniform(ranks, most)


def test_a_level_that_is_none_is_refused():
    with pytest.raises(ResultError, match=r"between 0 and 1, got 1\.5"):
        uniform([0, 1], 1, level=1.5)
