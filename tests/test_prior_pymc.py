"""The PyMC variable of a prior is the same distribution; one model is sampled, once."""

from __future__ import annotations

import logging

import numpy as np
import pymc as pm
import pytest
from scipy import stats

from tests.test_prior import CHOICE, CONTINUOUS, FIXED, SHARES
from uncertainty.distributions.pymc_forms import FORMS
from uncertainty.families import FAMILIES
from uncertainty.prior import Prior

U = np.array([0.002, 0.1, 0.37, 0.5, 0.81, 0.99])


def log_density(prior, points):
    with pm.Model():
        variable = prior.to_pymc("x")
    return pm.logp(variable, points).eval()


def test_every_family_has_a_form():
    assert set(FORMS) == set(FAMILIES.values())


@pytest.mark.parametrize("name", [n for n in CONTINUOUS if not n.startswith("truncated")])
def test_log_density_is_the_same(name):
    prior, _ = CONTINUOUS[name]
    x = prior.ppf(U)
    np.testing.assert_allclose(log_density(prior, x), prior.logpdf(x), atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize(
    "name", ["truncated_normal", "truncated_normal, upper tail", "truncated_normal, one side"]
)
def test_log_density_of_a_truncated_normal_is_the_same_but_for_pymcs_constant(name):
    # PyMC 6 takes the root of 2 in the normal's cdf in single precision, hence 1e-7 in the
    # constant; the shape, which is all that sampling sees, agrees to the last digits.
    prior, _ = CONTINUOUS[name]
    x = prior.ppf(U)
    difference = log_density(prior, x) - prior.logpdf(x)
    np.testing.assert_allclose(difference, difference[0], atol=1e-9)
    np.testing.assert_allclose(difference, 0, atol=1e-7)


def test_log_density_of_shares_is_the_same():
    x = SHARES.ppf(np.random.default_rng(5).random((2, 6)))
    x = x / x.sum(axis=0)
    np.testing.assert_allclose(log_density(SHARES, x.T), SHARES.logpdf(x), atol=1e-9)


def test_choice_and_fixed_are_deterministic():
    with pm.Model() as model:
        choice, fixed = CHOICE.to_pymc("choice"), FIXED.to_pymc("fixed")
    assert [v.name for v in model.free_RVs] == ["choice_index"]
    assert {v.name for v in model.deterministics} == {"choice", "fixed"}
    draws, constant = pm.draw([choice, fixed], draws=4_000, random_seed=1)
    assert set(constant) == {1.3}
    for value, share in ((1, 0.2), (2, 0.3), (3, 0.5)):
        error = np.sqrt(share * (1 - share) / 4_000)
        assert abs((draws == value).mean() - share) < 4.5 * error


@pytest.mark.parametrize("name", [n for n in CONTINUOUS if "other" in n] + ["pert", "log_uniform"])
def test_draws_of_derived_forms(name):
    prior, _ = CONTINUOUS[name]
    with pm.Model():
        variable = prior.to_pymc("x")
    draws = pm.draw(variable, draws=2_000, random_seed=2)
    assert stats.kstest(draws, prior.cdf).pvalue > 1e-3


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_nuts_explores_bounded_priors(monkeypatch):
    monkeypatch.setattr(logging.getLogger("pymc"), "disabled", True)
    priors = {
        "pert": CONTINUOUS["pert"][0],
        "logit_normal": CONTINUOUS["logit_normal"][0],
        "moved": CONTINUOUS["logit_normal, other support"][0],
        "beta": Prior("beta", alpha=2, beta=5, support=(1, 3)),
        "log_uniform": CONTINUOUS["log_uniform"][0],
    }
    with pm.Model():
        for name, prior in priors.items():
            prior.to_pymc(name)
        tree = pm.sample(
            400,
            tune=400,
            chains=1,
            cores=1,
            random_seed=3,
            nuts_sampler="pymc",
            progressbar=False,
            compute_convergence_checks=False,
        )
    assert int(tree["sample_stats"]["diverging"].sum()) == 0
    for name, prior in priors.items():
        draws = tree["posterior"][name].values.ravel()
        lower, upper = prior.support
        assert ((draws > lower) & (draws < upper)).all()
        # Every fourth draw is close to independent; p = 1e-3 bounds the false alarms.
        assert stats.kstest(draws[::4], prior.cdf).pvalue > 1e-3, name
