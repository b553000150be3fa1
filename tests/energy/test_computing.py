"""The model's face: names, units, coordinates and what it refuses."""

from __future__ import annotations

import inspect
import pickle

import numpy as np
import pytest

from tests.energy.conftest import BASE, LAST, RANGES, Values
from uncertainty.energy import OUTCOMES, PARAMETERS, computing
from uncertainty.errors import ModelError
from uncertainty.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return computing((BASE, LAST))


def test_names_are_shown(model: Model) -> None:
    shown = inspect.signature(model.function).parameters
    assert set(shown) == {*PARAMETERS, "xp"}
    assert model.required == tuple(PARAMETERS)
    assert set(PARAMETERS) == set(RANGES)


def test_every_parameter_matters(model: Model, parameters: Values) -> None:
    before = model.evaluate(parameters)
    for name, values in parameters.items():
        after = model.evaluate(parameters | {name: values * 1.0001})
        assert any((after[o] != before[o]).any() for o in OUTCOMES), name


def test_shapes_are_as_declared(model: Model, parameters: Values) -> None:
    out = model.run(parameters)
    lengths = {dim: len(values) for dim, values in model.coords.items()}
    for name in OUTCOMES:
        dims = tuple(lengths[dim] for dim in model.dims[name])
        assert out[name].shape == (*dims, 64)
        assert model.outcomes[name]
        assert model.labels[name]
    assert model.coords["year"] == tuple(range(BASE, LAST + 1))


def test_base_year_may_be_any(parameters: Values) -> None:
    out = computing((2020, 2060), outcomes=["electricity"]).evaluate(parameters)
    assert out["electricity"].shape == (41, 64)
    np.testing.assert_allclose(out["electricity"][0], parameters["base_electricity"], rtol=1e-12)


def test_it_travels_to_other_processes(model: Model, parameters: Values) -> None:
    copy = pickle.loads(pickle.dumps(model))
    found, expected = copy.evaluate(parameters), model.evaluate(parameters)
    np.testing.assert_array_equal(found["electricity"], expected["electricity"])


def test_unknown_outcome_names_the_nearest() -> None:
    with pytest.raises(ModelError, match=r"'electrcity'.*did you mean 'electricity'"):
        computing((BASE, LAST), outcomes=["electrcity"])


def test_horizon_must_run_forward() -> None:
    with pytest.raises(ModelError, match="last year 2024 does not come after base year 2024"):
        computing((2024, 2024))


@pytest.mark.parametrize("split", [BASE, LAST, 2050])
def test_split_must_lie_inside(split: int) -> None:
    with pytest.raises(ModelError, match=f"split: {split} does not lie between"):
        computing((BASE, LAST), split=split)


def test_short_horizon_without_growth_needs_no_split(parameters: Values) -> None:
    out = computing((2024, 2025), outcomes=["electricity"]).evaluate(parameters)
    assert out["electricity"].shape == (2, 64)
