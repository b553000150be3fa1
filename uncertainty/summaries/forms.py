"""Forms: the families that a row may be fitted by, in unknowns that a solver can walk in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from uncertainty.arrays import Array

Parameters = dict[str, float]
Support = tuple[float, float]

#: Bounds of a logarithmic unknown while the solver looks around.
LARGEST = 40.0


@dataclass(frozen=True)
class Form:
    """A family of two parameters.

    Attributes
    ----------
    start : callable
        Parameters of about this mean and sd on this support.
    pack, unpack : callable
        Between parameters and two unknowns without bounds.
    scaled : bool
        Whether its support is one of the arguments of a prior.
    """

    start: Callable[[float, float, Support], Parameters]
    pack: Callable[[Parameters], Array]
    unpack: Callable[[Array], Parameters]
    scaled: bool = False


def power(x: float) -> float:
    """The exponential function within the range of the solver."""
    return float(np.exp(np.clip(x, -LARGEST, LARGEST)))


def normal_start(mean: float, sd: float, _: Support) -> Parameters:
    """The normal itself."""
    return {"mu": mean, "sigma": sd}


def lognormal_start(mean: float, sd: float, _: Support) -> Parameters:
    """The lognormal of this mean and sd."""
    sigma = math.sqrt(math.log1p((sd / mean) ** 2))
    return {"mu": math.log(mean) - sigma**2 / 2, "sigma": sigma}


def gamma_start(mean: float, sd: float, _: Support) -> Parameters:
    """The gamma of this mean and sd."""
    return {"alpha": (mean / sd) ** 2, "beta": mean / sd / sd}


def shares(mean: float, sd: float, support: Support) -> tuple[float, float]:
    """Mean and sd as shares of a finite support, drawn in where they lie at its ends."""
    lower, upper = support
    share = min(max((mean - lower) / (upper - lower), 1e-6), 1 - 1e-6)
    return share, min(sd / (upper - lower), 0.95 * math.sqrt(share * (1 - share)))


def beta_start(mean: float, sd: float, support: Support) -> Parameters:
    """The beta of this mean and sd on the support."""
    share, spread = shares(mean, sd, support)
    total = share * (1 - share) / spread**2 - 1
    return {"alpha": share * total, "beta": (1 - share) * total}


def logit_normal_start(mean: float, sd: float, support: Support) -> Parameters:
    """By the slope of the logit at the mean."""
    share, spread = shares(mean, sd, support)
    return {"mu": float(logit(share)), "sigma": min(spread / (share * (1 - share)), 3.0)}


def uniform_start(mean: float, sd: float, _: Support) -> Parameters:
    """The uniform of this mean and sd."""
    return {"lower": mean - math.sqrt(3) * sd, "upper": mean + math.sqrt(3) * sd}


def log_uniform_start(mean: float, sd: float, support: Support) -> Parameters:
    """The uniform of the logarithm's mean and sd, were it a lognormal."""
    logs = lognormal_start(mean, sd, support)
    ends = uniform_start(logs["mu"], logs["sigma"], support)
    return {name: math.exp(end) for name, end in ends.items()}


def located(parameters: Parameters) -> Array:
    """Location and logarithm of the scale."""
    return np.array([parameters["mu"], math.log(parameters["sigma"])])


def at_location(x: Array) -> Parameters:
    """Undo `located`."""
    return {"mu": float(x[0]), "sigma": power(x[1])}


def shaped(parameters: Parameters) -> Array:
    """Logarithms of the ratio and the product of both shapes."""
    alpha, beta = math.log(parameters["alpha"]), math.log(parameters["beta"])
    return np.array([alpha - beta, alpha + beta])


def at_shape(x: Array) -> Parameters:
    """Undo `shaped`."""
    return {"alpha": power((x[1] + x[0]) / 2), "beta": power((x[1] - x[0]) / 2)}


def ended(parameters: Parameters) -> Array:
    """Lower end and logarithm of the length."""
    lower, upper = parameters["lower"], parameters["upper"]
    return np.array([lower, math.log(upper - lower)])


def at_ends(x: Array) -> Parameters:
    """Undo `ended`."""
    return {"lower": float(x[0]), "upper": float(x[0]) + power(x[1])}


def log_ended(parameters: Parameters) -> Array:
    """As `ended` for the logarithms of the ends."""
    return ended({name: math.log(end) for name, end in parameters.items()})


def at_log_ends(x: Array) -> Parameters:
    """Undo `log_ended`."""
    return {name: power(end) for name, end in at_ends(x).items()}


FORMS = {
    "normal": Form(normal_start, located, at_location),
    "lognormal": Form(lognormal_start, located, at_location),
    "gamma": Form(gamma_start, shaped, at_shape),
    "beta": Form(beta_start, shaped, at_shape, scaled=True),
    "uniform": Form(uniform_start, ended, at_ends),
    "logit_normal": Form(logit_normal_start, located, at_location, scaled=True),
    "log_uniform": Form(log_uniform_start, log_ended, at_log_ends),
    "truncated_normal": Form(normal_start, located, at_location, scaled=True),
}
"""Family -> its form, the simpler ones first."""
