"""Fits that several tests look at; each compiles its model once."""

from __future__ import annotations

import numpy as np
import pytest

import uncertainty as un
from tests.calibration import known
from uncertainty.calibration.fit import Settings
from uncertainty.calibration.run import calibrate, fitted


@pytest.fixture(scope="session")
def gaussian():
    """A result whose posterior is Gaussian, with rows that were held back."""
    return calibrate(
        known.gaussian_model,
        known.gaussian_space(),
        known.gaussian_evidence(),
        draws=1500,
        held_back=known.table(known.power_evidence(known.HELD)),
    )


@pytest.fixture(scope="session")
def curved():
    """A result with growth, shares and three biased sources."""
    return calibrate(known.curved_model, known.CURVED, known.curved_evidence(), draws=1500)


@pytest.fixture(scope="session")
def weighted():
    return known.curved_weighted(robust=False)


@pytest.fixture(scope="session")
def two():
    """Fits of one number under two structures: as it is, and less 2."""
    return fitted(two_structures, two_space(), known.five(), Settings(draws=1500, chains=4, seed=4))


def two_structures(mu, form):
    return mu - 2.0 * form


def two_space() -> un.Space:
    form = un.Prior("choice", values=[0, 1], probabilities=[0.5, 0.5])
    return un.Space({**known.one_prior(), "form": form})


FLAT = {
    "uniform": un.Prior("uniform", lower=2, upper=5),
    "normal": un.Prior("normal", mu=1, sigma=2),
    "truncated_normal": un.Prior("truncated_normal", mu=0, sigma=1, lower=0.5, upper=3),
    "lognormal": un.Prior("lognormal", mu=0.3, sigma=0.5),
    "log_uniform": un.Prior("log_uniform", lower=0.1, upper=10),
    "beta": un.Prior("beta", alpha=2, beta=5),
    "moved_beta": un.Prior("beta", alpha=0.8, beta=1.5, support=(-1, 3)),
    "gamma": un.Prior("gamma", alpha=0.9, beta=2),
    "triangular": un.Prior("triangular", lower=0, c=1, upper=4),
    "pert": un.Prior("pert", lower=0, mode=1, upper=4),
    "logit_normal": un.Prior("logit_normal", mu=0.5, sigma=1.2, support=(1, 3)),
    "shares": un.Prior("dirichlet", a=[2.0, 1.0, 4.0]),
    "form": un.Prior("choice", values=[0.0, 1.0], probabilities=[0.5, 0.5]),
    "constant": un.Prior("fixed", value=3),
}
PAIRS = {("uniform", "gamma"): 0.6, ("gamma", "normal"): -0.3}


def total(shares, **x):
    return sum(x.values()) + shares[0] - 2 * shares[2]


@pytest.fixture(scope="session")
def flat():
    """A result of observations that say next to nothing, over priors of every family."""
    evidence = known.five(error=np.full(5, 1e4))
    return calibrate(total, un.Space(FLAT, PAIRS), evidence, draws=1500)
