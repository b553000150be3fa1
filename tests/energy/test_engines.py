"""The same functions on NumPy, JAX and PyTensor, and the gradient through PyTensor."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytensor.tensor as pt
import pytest
from pytensor.compile.maker import function
from pytensor.compile.mode import Mode
from pytensor.gradient import grad

from tests.energy.conftest import BASE, LAST, STRUCTURES, Values, draw, model
from uncertainty.energy import OUTCOMES, computing
from uncertainty.model import Model
from uncertainty.reading import open_study

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
    target += (outcomes["peak_power_by_region_and_site"] ** 2).sum()
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
        peaks = (out["peak_power_by_region_and_site"] ** 2).sum()
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


# ---- all forms, with a history, on draws of the study of China ----

DRAWS, SINCE = 200, 2010
FORMS = list(product((0.0, 1.0, 2.0), (0.0, 1.0)))
CHECKED = ("electricity", "contributions", "savings", "rebound_levers", "pue")


@pytest.fixture(scope="module")
def moved() -> Model:
    """The study's model with years before its base year."""
    study = open_study("china-computing-2035")
    return computing((BASE, LAST), since=SINCE, outcomes=CHECKED, **study.row.options)


@pytest.fixture(scope="module")
def priors() -> Values:
    space = open_study("china-computing-2035").space
    points = np.random.default_rng(7).random((space.width, DRAWS))
    return dict(space.at(points))


def in_form(values: Values, demand: float, rebound: float) -> Values:
    forms = {"demand_form": demand, "rebound_form": rebound}
    size = len(values["base_electricity"])
    return values | {name: np.full(size, form) for name, form in forms.items()}


@pytest.fixture(scope="module")
def sloped(moved: Model) -> Any:
    """Outcomes, and the slope of log electricity in each draw: one function for all forms."""
    inputs = {name: pt.vector(name) for name in moved.parameters}
    outcomes = moved.evaluate(inputs, pt)
    target = pt.log(outcomes["electricity"]).sum() + outcomes["contributions"].sum()
    slopes: Any = grad(target, list(inputs.values()), disconnected_inputs="ignore")
    found = [*outcomes.values(), *slopes]
    mode = Mode(linker="py", optimizer="None")
    return function(list(inputs.values()), found, mode=mode, on_unused_input="ignore")


@pytest.mark.parametrize(("demand", "rebound"), FORMS)
def test_every_form_has_finite_gradients_and_is_the_same_on_pytensor(
    moved: Model, priors: Values, sloped: Any, demand: float, rebound: float
) -> None:
    values = in_form(priors, demand, rebound)
    expected = moved.evaluate(values)
    found = sloped(*(values[name] for name in moved.parameters))
    for name, array in zip(moved.outcomes, found, strict=False):
        assert_same(array, expected[name])
    slopes = found[len(moved.outcomes) :]
    assert all(np.isfinite(slope).all() for slope in slopes)
    unchosen = dict(zip(moved.parameters, slopes, strict=True))
    assert (unchosen["imitation"] != 0.0).any() == (demand == 2.0)
    assert (unchosen["rebound_saturation"] != 0.0).any() == (rebound == 1.0)


ODD: dict[str, dict[str, float]] = {
    "no fall of growth": {"inference_growth_start": 0.2, "inference_growth_end": 0.2},
    "growth that rises": {"general_growth_start": -0.4, "general_growth_end": 0.3},
    "no end in sight": {"training_growth_start": 3.0, "intelligent_half_life": 200.0},
    "work that goes for good": {"training_growth_start": -2.0, "intelligent_half_life": 50.0},
    "an end at once": {"intelligent_half_life": 1e-3},
    "no imitation": {"imitation": 0.0},
    "use that hardly answers": {"rebound_saturation": 1e-3},
    "use that answers without end": {"rebound_saturation": 1e6},
    "dearer service": {"chip_price_drop": -3.0},
}


@pytest.mark.parametrize("case", ODD)
def test_odd_values_leave_gradients_finite_in_the_forms_not_chosen_too(
    priors: Values, moved: Model, sloped: Any, case: str
) -> None:
    few = {name: array[:8] for name, array in priors.items()}
    odd = few | {name: np.full(8, value) for name, value in ODD[case].items()}
    for demand, rebound in FORMS:
        values = in_form(odd, demand, rebound)
        found = sloped(*(values[name] for name in moved.parameters))
        assert all(np.isfinite(array).all() for array in found)


def test_jax_agrees_in_all_forms_with_a_history(jax: Any, moved: Model, priors: Values) -> None:
    run = jax.jit(lambda p: moved.evaluate(p, jax.numpy))
    for demand, rebound in FORMS:
        values = in_form(priors, demand, rebound)
        found, expected = run(values), moved.evaluate(values)
        for name in moved.outcomes:
            assert_same(found[name], expected[name])
