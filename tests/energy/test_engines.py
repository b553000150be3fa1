"""The same functions on NumPy, JAX and PyTensor, and the gradient through PyTensor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytensor.tensor as pt
import pytest
from pytensor.compile.maker import function
from pytensor.compile.mode import Mode
from pytensor.gradient import grad

from tests.energy.conftest import BASE, LAST, Values, draw
from uncertainty.energy import OUTCOMES, PARAMETERS, computing

MODEL = computing((BASE, LAST))


def assert_same(found: Any, expected: np.ndarray) -> None:
    """Equal to 1e-10, relative to each value or, near zero, to the outcome's size."""
    assert np.shape(found) == expected.shape
    size = float(np.abs(expected).max())
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-10, atol=1e-10 * size)


@pytest.fixture(scope="module")
def expected() -> Values:
    return dict(MODEL.evaluate(draw(samples=5)))


@pytest.fixture
def jax() -> Iterator[Any]:
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax
    jax.config.update("jax_enable_x64", before)


def test_jax_agrees(jax: Any, expected: Values) -> None:
    found = jax.jit(lambda p: MODEL.evaluate(p, jax.numpy))(draw(samples=5))
    for name in OUTCOMES:
        assert_same(found[name], expected[name])


@pytest.fixture(scope="module")
def symbolic() -> tuple[dict[str, Any], dict[str, Any]]:
    """Outcomes and gradients compiled once, evaluated at the first sample."""
    inputs = {name: pt.tensor(name, dtype="float64", shape=(1,)) for name in PARAMETERS}
    outcomes = MODEL.evaluate(inputs, pt)
    target = outcomes["electricity"].sum() + (outcomes["contributions"] ** 2).sum()
    slopes: Any = grad(target, list(inputs.values()), disconnected_inputs="ignore")
    run = function(
        list(inputs.values()),
        [outcomes[name] for name in OUTCOMES] + list(slopes),
        mode=Mode(linker="py", optimizer="None"),
        on_unused_input="ignore",
    )
    values = draw(samples=5)
    found = run(*(values[name][:1] for name in PARAMETERS))
    return dict(zip(OUTCOMES, found, strict=False)), dict(
        zip(PARAMETERS, found[len(OUTCOMES) :], strict=True)
    )


def test_pytensor_agrees(symbolic: tuple[dict[str, Any], dict[str, Any]], expected: Values) -> None:
    found, _ = symbolic
    for name in OUTCOMES:
        assert_same(found[name], expected[name][..., :1])


def test_gradient_is_finite(symbolic: tuple[dict[str, Any], dict[str, Any]]) -> None:
    _, slopes = symbolic
    assert all(np.isfinite(slope).all() for slope in slopes.values())


@pytest.mark.parametrize("name", ["base_electricity", "overlap", "rebound_speed", "large_pue"])
def test_gradient_is_a_difference_quotient(
    symbolic: tuple[dict[str, Any], dict[str, Any]], name: str
) -> None:
    values = {key: value[:1] for key, value in draw(samples=5).items()}
    step = 1e-5 * values[name]

    def target(shift: np.ndarray) -> float:
        out = MODEL.evaluate(values | {name: values[name] + shift})
        return float(out["electricity"].sum() + (out["contributions"] ** 2).sum())

    slope = (target(step) - target(-step)) / (2 * float(step[0]))
    np.testing.assert_allclose(symbolic[1][name][0], slope, rtol=1e-6)


def test_pytensor_as_compiled_by_default_agrees_on_many_draws() -> None:
    """Rewrites reorder arithmetic; no year may jump for that (the base year has no effect)."""
    names = ("net_positive_year", "net_effect", "levers_effect")
    small = computing((BASE, LAST), outcomes=names)
    inputs = {name: pt.tensor(name, dtype="float64", shape=(500,)) for name in PARAMETERS}
    outcomes = small.evaluate(inputs, pt)
    run = function(list(inputs.values()), [outcomes[n] for n in names], on_unused_input="ignore")
    values = draw(samples=500)
    for name, found in zip(names, run(*(values[n] for n in PARAMETERS)), strict=True):
        assert_same(found, small.evaluate(values)[name])
