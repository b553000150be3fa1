"""Public cases with known answers, shared by all tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import uncertainty as un


@dataclass(frozen=True)
class Case:
    """A model whose indices are known."""

    model: Callable[..., Any]
    priors: dict[str, un.Prior]
    first: np.ndarray
    total: np.ndarray


def uniform(lower: float, upper: float) -> un.Prior:
    return un.Prior("uniform", lower=lower, upper=upper)


def ishigami() -> Case:
    """Ishigami and Homma (1990), a = 7, b = 0.1; variance parts in closed form."""
    a, b, p = 7.0, 0.1, np.pi

    def model(x1, x2, x3):
        return np.sin(x1) + a * np.sin(x2) ** 2 + b * x3**4 * np.sin(x1)

    v1, v2, v13 = 0.5 * (1 + b * p**4 / 5) ** 2, a**2 / 8, 8 * b**2 * p**8 / 225
    variance = v1 + v2 + v13
    first = np.array([v1, v2, 0]) / variance
    total = np.array([v1 + v13, v2, v13]) / variance
    return Case(model, {f"x{i}": uniform(-p, p) for i in (1, 2, 3)}, first, total)


def products(variances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of a product of independent factors with mean 1 and these variances."""
    whole = np.prod(1 + variances) - 1
    return variances / whole, variances * np.prod(1 + variances) / (1 + variances) / whole


def sobol_g(a: list[float]) -> Case:
    """Sobol' (1993): the product of (|4x - 2| + a) / (1 + a)."""
    scale = np.array(a)

    def model(**x):
        return np.prod(
            [(np.abs(4 * v - 2) + k) / (1 + k) for v, k in zip(x.values(), a, strict=True)], axis=0
        )

    priors = {f"x{i}": uniform(0, 1) for i in range(len(a))}
    return Case(model, priors, *products(1 / 3 / (1 + scale) ** 2))


def lognormal_product() -> Case:
    """Product of exp(sd z): each factor has squared variation exp(sd^2) - 1."""
    sd = np.array([0.05, 0.1, 0.15, 0.2, 0.3])

    def model(**x):
        return np.prod(list(x.values()), axis=0)

    priors = {f"x{i}": un.Prior("lognormal", mu=0, sigma=s) for i, s in enumerate(sd)}
    return Case(model, priors, *products(np.expm1(sd**2)))


CASES = {
    "ishigami": ishigami,
    "G": lambda: sobol_g([0, 1, 4.5, 9, 99, 99, 99, 99]),
    "G A2": lambda: sobol_g([0, 0.5, 3, 9, 99, 99]),
    "lognormal": lognormal_product,
}


@pytest.fixture(params=CASES)
def case(request) -> Case:
    return CASES[request.param]()


@pytest.fixture
def ishigami_case() -> Case:
    return ishigami()


@pytest.fixture
def lognormal_case() -> Case:
    return lognormal_product()
