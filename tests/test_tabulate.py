"""The fast quantile functions give what the exact ones give."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from tests.test_prior import CHOICE, CONTINUOUS, FIXED, SHARES
from uncertainty.errors import PriorError
from uncertainty.prior import Prior
from uncertainty.tabulate import ERROR, REACH, fast_ppf, fast_ppf_normal, table_of

TABULATED = [
    Prior("beta", alpha=8, beta=5),
    Prior("beta", alpha=2, beta=8),
    Prior("beta", alpha=24.8, beta=14.7),
    Prior("beta", alpha=1, beta=3),
    Prior("beta", alpha=1e5, beta=3e5),
    Prior("beta", alpha=1.2, beta=60, support=(1000, 1001)),
    Prior("pert", lower=-1, mode=-0.8, upper=4),
    Prior("gamma", alpha=1.1, beta=2),
    Prior("gamma", alpha=66, beta=1e-5),
]
EXACT = [
    Prior("beta", alpha=0.3, beta=2),
    Prior("beta", alpha=5, beta=0.2),
    Prior("gamma", alpha=0.2, beta=2),
]
PRIORS = [*TABULATED, *EXACT, *(prior for prior, _ in CONTINUOUS.values()), CHOICE, FIXED]


def spread_probabilities():
    rng = np.random.default_rng(7)
    tail = 10 ** -rng.uniform(0, 15, 2_000)
    return np.concatenate([rng.random(50_000), tail, 1 - tail, [0, 1e-300, 0.5, 1]])


@pytest.mark.parametrize("prior", PRIORS, ids=Prior.describe)
def test_equal_to_the_exact_quantiles(prior):
    u = spread_probabilities()
    exact = prior.ppf(u)
    finite = np.isfinite(exact)
    got = fast_ppf(prior)(u)
    np.testing.assert_array_equal(finite, np.isfinite(got))
    # 1 ulp of a value far from 0 is above the error of a table that is close to exact.
    rounding = 4 * np.spacing(np.abs(exact[finite]).max())
    assert np.abs(got[finite] - exact[finite]).max() <= ERROR * prior.sd + rounding


@pytest.mark.parametrize("prior", PRIORS, ids=Prior.describe)
def test_normal_scores_give_the_same(prior):
    z = np.concatenate([np.random.default_rng(8).normal(size=20_000), [-8.5, -7.5, 7.5]])
    low = z[z < 3]  # above, u = Phi(z) has lost digits that z still has
    got, exact = fast_ppf_normal(prior)(low), prior.ppf(ndtr(low))
    assert np.abs(got - exact).max() <= ERROR * prior.sd + 4 * np.spacing(np.abs(exact).max())


@pytest.mark.parametrize("prior", TABULATED, ids=Prior.describe)
def test_smooth_shapes_get_a_table(prior):
    assert table_of(prior.distribution) is not None


@pytest.mark.parametrize("prior", EXACT, ids=Prior.describe)
def test_shapes_that_no_table_holds_stay_exact(prior):
    assert table_of(prior.distribution) is None
    u = np.linspace(0, 1, 101)
    np.testing.assert_array_equal(fast_ppf(prior)(u), prior.ppf(u))


@pytest.mark.parametrize("prior", TABULATED, ids=Prior.describe)
def test_the_answer_does_not_depend_on_the_block(prior):
    u = np.concatenate([np.random.default_rng(9).random(999), [0.0]])
    fast = fast_ppf(prior)
    whole = fast(u)
    np.testing.assert_array_equal(whole[:-1], fast(u[:-1]))
    np.testing.assert_array_equal(whole, [fast(np.array([value]))[0] for value in u])
    np.testing.assert_array_equal(fast(u.reshape(4, 250)), whole.reshape(4, 250))
    assert fast(np.array([])).shape == (0,)
    assert fast(np.array(0.25)) == fast(np.array([0.25]))[0]


@pytest.mark.parametrize("prior", TABULATED, ids=Prior.describe)
def test_values_rise_and_stay_on_the_support(prior):
    x = fast_ppf_normal(prior)(np.linspace(-REACH - 0.5, REACH + 0.5, 40_001))
    assert np.diff(x).min() >= -1e-12 * prior.sd - np.spacing(np.abs(x).max())
    assert x.min() >= prior.support[0]
    assert x.max() <= prior.support[1]


def test_relative_accuracy_near_an_end():
    # A model may divide by the value or take its logarithm.
    prior = Prior("beta", alpha=1.0, beta=40)
    u = 10.0 ** -np.arange(1, 12)
    np.testing.assert_allclose(fast_ppf(prior)(u), prior.ppf(u), rtol=1e-7)


def test_shares():
    u = np.random.default_rng(10).random((2, 3_000))
    fast = fast_ppf(SHARES)(u)
    np.testing.assert_allclose(fast, SHARES.ppf(u), atol=1e-9)
    np.testing.assert_allclose(fast.sum(axis=0), 1, atol=1e-12)
    np.testing.assert_allclose(fast_ppf_normal(SHARES)(ndtri(u)), fast, atol=1e-12)


@pytest.mark.parametrize("bad", [-0.1, 1.1, np.nan])
@pytest.mark.parametrize("prior", [TABULATED[0], EXACT[0], CHOICE])
def test_bad_probabilities_are_refused(prior, bad):
    with pytest.raises(PriorError, match="must lie in"):
        fast_ppf(prior)(np.array([0.5, bad]))


@pytest.mark.parametrize("prior", [TABULATED[0], EXACT[0], CONTINUOUS["normal"][0]])
def test_scores_that_are_no_numbers_are_refused(prior):
    with pytest.raises(PriorError, match="found 1 NaN"):
        fast_ppf_normal(prior)(np.array([0.5, np.nan]))


def test_a_table_is_built_once_and_not_pickled():
    prior = Prior("beta", alpha=8, beta=5, unit="TWh")
    before = len(pickle.dumps(prior))
    table = table_of(prior.distribution)
    fast_ppf(prior)(np.array([0.5]))
    assert table_of(Prior("beta", alpha=8, beta=5).distribution) is table
    assert len(pickle.dumps(prior)) == before < 1_000
