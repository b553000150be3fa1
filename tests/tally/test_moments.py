"""Moments against NumPy, also where naive sums would fail."""

import numpy as np

from uncertainty.tally import Moments


def test_mean_and_sd_survive_a_large_offset():
    draws = 1e9 + np.random.default_rng(1).standard_normal((3, 10_000))
    found = Moments.of(draws, np.median(draws, axis=-1), np.ones(len(draws))).result()
    np.testing.assert_allclose(found.mean, draws.mean(axis=-1), rtol=1e-15)
    np.testing.assert_allclose(found.sd, draws.std(axis=-1), rtol=1e-9)


def test_a_constant_has_a_spread_of_exactly_zero():
    draws = np.full((2, 999), 0.1)
    found = Moments.of(draws, np.median(draws, axis=-1), np.ones(len(draws))).result()
    np.testing.assert_array_equal(found.sd, 0.0)
    np.testing.assert_array_equal(found.sd_error, 0.0)
    np.testing.assert_array_equal(found.mean, 0.1)


def test_standard_errors_match_their_spread_over_repetitions():
    draws = np.random.default_rng(2).gamma(2.0, size=(2000, 400))
    found = Moments.of(draws, np.median(draws, axis=-1), np.ones(len(draws))).result()
    assert found.mean.std() / found.mean_error.mean() == np.clip(
        found.mean.std() / found.mean_error.mean(), 0.93, 1.07
    )
    assert found.sd.std() / found.sd_error.mean() == np.clip(
        found.sd.std() / found.sd_error.mean(), 0.9, 1.15
    )
