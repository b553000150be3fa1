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

from tests.energy.conftest import STRUCTURES, draw, model
from uncertainty.energy import OUTCOMES
from uncertainty.model import Model

MODEL = model()


def assert_same(found: Any, expected: np.ndarray) -> None:
    """Equal to 1e-10, relative to each value or, near zero, to the outcome's size."""
    assert np.shape(found) == expected.shape
    size = float(np.abs(expected).max())
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-10, atol=1e-10 * size)


@pytest.fixture
def jax() -> Iterator[Any]:
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax
    jax.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("name", STRUCTURES)
def test_jax_agrees(jax: Any, name: str) -> None:
    made, values = model(STRUCTURES[name]), draw(samples=5, structure=STRUCTURES[name])
    found, expected = jax.jit(lambda p: made.evaluate(p, jax.numpy))(values), made.evaluate(values)
    for outcome in OUTCOMES:
        assert_same(found[outcome], expected[outcome])


def symbols(made: Model, size: int) -> dict[str, Any]:
    """A symbolic vector for each parameter."""
    return {name: pt.tensor(name, dtype="float64", shape=(size,)) for name in made.parameters}


@pytest.mark.parametrize("name", [n for n in STRUCTURES if n != "three classes"])
def test_pytensor_agrees_on_other_structures(name: str) -> None:
    made, values = model(STRUCTURES[name]), draw(samples=5, structure=STRUCTURES[name])
    inputs = symbols(made, 5)
    outcomes = list(made.evaluate(inputs, pt).values())
    mode = Mode(linker="py", optimizer="None")
    run = function(list(inputs.values()), outcomes, mode=mode, on_unused_input="ignore")
    expected = made.evaluate(values)
    for outcome, found in zip(OUTCOMES, run(*values.values()), strict=True):
        assert_same(found, expected[outcome])


@pytest.fixture(scope="module")
def symbolic() -> tuple[dict[str, Any], dict[str, Any]]:
    """Outcomes and gradients compiled once, evaluated at the first sample."""
    inputs = symbols(MODEL, 1)
    outcomes = MODEL.evaluate(inputs, pt)
    target = outcomes["electricity"].sum() + (outcomes["contributions"] ** 2).sum()
    target += outcomes["peak_power_by_region_and_site"].sum()
    slopes: Any = grad(target, list(inputs.values()), disconnected_inputs="ignore")
    run = function(
        list(inputs.values()),
        [outcomes[name] for name in OUTCOMES] + list(slopes),
        mode=Mode(linker="py", optimizer="None"),
        on_unused_input="ignore",
    )
    values = draw(samples=5)
    found = run(*(values[name][:1] for name in MODEL.parameters))
    return dict(zip(OUTCOMES, found, strict=False)), dict(
        zip(MODEL.parameters, found[len(OUTCOMES) :], strict=True)
    )


def test_pytensor_agrees(symbolic: tuple[dict[str, Any], dict[str, Any]]) -> None:
    found, _ = symbolic
    expected = MODEL.evaluate(draw(samples=5))
    for name in OUTCOMES:
        assert_same(found[name], expected[name][..., :1])


def test_gradient_is_finite(symbolic: tuple[dict[str, Any], dict[str, Any]]) -> None:
    _, slopes = symbolic
    assert all(np.isfinite(slope).all() for slope in slopes.values())


@pytest.mark.parametrize(
    "name", ["base_electricity", "overlap", "rebound_speed", "large_pue", "training_hub_share"]
)
def test_gradient_is_a_difference_quotient(
    symbolic: tuple[dict[str, Any], dict[str, Any]], name: str
) -> None:
    values = {key: value[:1] for key, value in draw(samples=5).items()}
    step = 1e-5 * values[name]

    def target(shift: np.ndarray) -> float:
        out = MODEL.evaluate(values | {name: values[name] + shift})
        peaks = out["peak_power_by_region_and_site"].sum()
        return float(out["electricity"].sum() + (out["contributions"] ** 2).sum() + peaks)

    slope = (target(step) - target(-step)) / (2 * float(step[0]))
    np.testing.assert_allclose(symbolic[1][name][0], slope, rtol=1e-6)


def test_pytensor_as_compiled_by_default_agrees_on_many_draws() -> None:
    """Rewrites reorder arithmetic; no year may jump for that (the base year has no effect)."""
    names = ("net_positive_year", "net_effect", "levers_positive_year", "levers_effect")
    small = model(outcomes=names)
    inputs = symbols(small, 500)
    outcomes = small.evaluate(inputs, pt)
    run = function(list(inputs.values()), [outcomes[n] for n in names], on_unused_input="ignore")
    values = draw(samples=500)
    for name, found in zip(names, run(*values.values()), strict=True):
        assert_same(found, small.evaluate(values)[name])
