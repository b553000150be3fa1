"""Each family as a PyMC variable; the one module here that needs PyMC, imported on first use."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.transforms import Interval, logodds

from uncertainty.distributions.bounded import UNIT, Beta, LogitNormal, Pert, Triangular
from uncertainty.distributions.contract import Distribution
from uncertainty.distributions.discrete import Choice, Fixed
from uncertainty.distributions.line import Gamma, LogNormal, LogUniform, Normal, Uniform
from uncertainty.distributions.simplex import Dirichlet
from uncertainty.distributions.truncated import TruncatedNormal

Variable = Any
"""A PyTensor variable; PyMC's own annotations do not carry its type."""


def exact(value: float) -> np.float64:
    """A number that PyTensor keeps in double precision.

    It stores a Python float that single precision can hold, such as 2.0, as float32, and then
    takes logarithms of such constants in single precision.
    """
    return np.float64(value)


def _uniform(name: str, d: Uniform) -> Variable:
    return pm.Uniform(name, lower=exact(d.lower), upper=exact(d.upper))


def _normal(name: str, d: Normal) -> Variable:
    return pm.Normal(name, mu=exact(d.mu), sigma=exact(d.sigma))


def _truncated_normal(name: str, d: TruncatedNormal) -> Variable:
    lower = exact(d.lower) if math.isfinite(d.lower) else None
    upper = exact(d.upper) if math.isfinite(d.upper) else None
    return pm.TruncatedNormal(name, mu=exact(d.mu), sigma=exact(d.sigma), lower=lower, upper=upper)


def _lognormal(name: str, d: LogNormal) -> Variable:
    return pm.LogNormal(name, mu=exact(d.mu), sigma=exact(d.sigma))


def _gamma(name: str, d: Gamma) -> Variable:
    return pm.Gamma(name, alpha=exact(d.alpha), beta=exact(d.beta))


def _triangular(name: str, d: Triangular) -> Variable:
    return pm.Triangular(name, lower=exact(d.lower), c=exact(d.c), upper=exact(d.upper))


def _log_uniform(name: str, d: LogUniform) -> Variable:
    def draw(low: Any, high: Any, size: Any) -> Any:
        return pt.exp(pm.Uniform.dist(low, high, size=size))

    return _custom(name, draw, math.log(d.lower), math.log(d.upper), support=d.support)


def _beta(name: str, d: Beta) -> Variable:
    if d.support == UNIT:
        return pm.Beta(name, alpha=exact(d.alpha), beta=exact(d.beta))
    lower, scale = exact(d.support[0]), exact(d.scale)

    def draw(alpha: Any, beta: Any, size: Any) -> Any:
        return lower + scale * pm.Beta.dist(alpha=alpha, beta=beta, size=size)

    return _custom(name, draw, d.alpha, d.beta, support=d.support)


def _pert(name: str, d: Pert) -> Variable:
    return _beta(name, d.scaled_beta)


def _logit_normal(name: str, d: LogitNormal) -> Variable:
    if d.support == UNIT:
        # PyMC gives this one no transform by itself, so NUTS would step out of (0, 1).
        return pm.LogitNormal(name, mu=exact(d.mu), sigma=exact(d.sigma), default_transform=logodds)
    lower, scale = exact(d.support[0]), exact(d.scale)

    def draw(mu: Any, sigma: Any, size: Any) -> Any:
        return lower + scale * pm.LogitNormal.dist(mu=mu, sigma=sigma, size=size)

    return _custom(name, draw, d.mu, d.sigma, support=d.support)


def _custom(
    name: str,
    draw: Callable[..., Any],
    *parameters: float,
    support: tuple[float, float],
) -> Variable:
    """A variable whose density PyMC derives from how it is drawn; sampled without its bounds."""
    values = [exact(value) for value in parameters]
    bounds = Interval(exact(support[0]), exact(support[1]))
    return pm.CustomDist(name, *values, dist=draw, default_transform=bounds)


def _dirichlet(name: str, d: Dirichlet) -> Variable:
    return pm.Dirichlet(name, a=np.array(d.a))


def _choice(name: str, d: Choice) -> Variable:
    index = pm.Categorical(f"{name}_index", p=np.array(d.probabilities))
    return pm.Deterministic(name, pt.constant(np.array(d.values))[index])


def _fixed(name: str, d: Fixed) -> Variable:
    return pm.Deterministic(name, pt.constant(exact(d.value)))


FORMS: dict[type[Any], Callable[[str, Any], Variable]] = {
    Uniform: _uniform,
    Normal: _normal,
    TruncatedNormal: _truncated_normal,
    LogNormal: _lognormal,
    LogUniform: _log_uniform,
    Beta: _beta,
    Gamma: _gamma,
    Triangular: _triangular,
    Pert: _pert,
    LogitNormal: _logit_normal,
    Dirichlet: _dirichlet,
    Choice: _choice,
    Fixed: _fixed,
}


def variable(name: str, distribution: Distribution) -> Variable:
    """The distribution as a variable of the current PyMC model."""
    return FORMS[type(distribution)](name, distribution)
