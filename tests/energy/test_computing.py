"""The model's face: names, units, coordinates and what it refuses."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import pytest

from tests.energy.conftest import BASE, FORMS, LAST, RANGES, THREE, Values
from tests.energy.conftest import model as model_of
from uncertainty.energy import OUTCOMES, computing
from uncertainty.errors import ModelError
from uncertainty.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return model_of()


def test_names_are_shown(model: Model) -> None:
    shown = inspect.signature(model.function).parameters
    assert tuple(shown) == (*model.parameters, "xp")
    assert model.required == model.parameters
    assert set(model.parameters) == set(RANGES)


def test_every_parameter_matters(structure: dict[str, Any], drawn: Values) -> None:
    made = model_of(structure | {"since": BASE - 3})
    before = made.evaluate(drawn)
    for name, values in drawn.items():
        other = values.max() - values if name in FORMS else values * 1.0001
        after = made.evaluate(drawn | {name: other})
        assert any((after[o] != before[o]).any() for o in OUTCOMES), name


def test_shapes_are_as_declared(structure: dict[str, Any], drawn: Values) -> None:
    made = model_of(structure)
    out = made.run(drawn)
    lengths = {dim: len(values) for dim, values in made.coords.items()}
    for name in OUTCOMES:
        dims = tuple(lengths[dim] for dim in made.dims[name])
        assert out[name].shape == (*dims, 64)
        assert made.outcomes[name]
        assert made.labels[name]
    assert made.coords["year"] == tuple(range(BASE, LAST + 1))


def test_base_year_may_be_any(parameters: Values) -> None:
    out = computing((2020, 2060), outcomes=["electricity"], **THREE).evaluate(parameters)
    assert out["electricity"].shape == (41, 64)
    np.testing.assert_allclose(out["electricity"][0], parameters["base_electricity"], rtol=1e-12)


def test_it_travels_to_other_processes(model: Model, parameters: Values) -> None:
    copy = pickle.loads(pickle.dumps(model))
    found, expected = copy.evaluate(parameters), model.evaluate(parameters)
    np.testing.assert_array_equal(found["electricity"], expected["electricity"])


def test_unknown_outcome_names_the_nearest() -> None:
    with pytest.raises(ModelError, match=r"'electrcity'.*did you mean 'electricity'"):
        computing((BASE, LAST), outcomes=["electrcity"])


@pytest.mark.parametrize(
    ("since", "message"),
    [
        (BASE + 1, "since: first year 2025 comes after base year 2024"),
        (2010.5, r"since: must be a year, a whole number, got 2010\.5"),
        (1000, "horizon: 1000 to 2035 is longer than 500 years"),
    ],
)
def test_history_must_begin_with_a_year_up_to_the_base_year(since: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        computing((BASE, LAST), since=since)


def test_horizon_must_run_forward() -> None:
    with pytest.raises(ModelError, match="last year 2024 does not come after base year 2024"):
        computing((2024, 2024))


@pytest.mark.parametrize("split", [BASE, LAST, 2050])
@pytest.mark.parametrize("name", ["early_growth", "late_growth", "growth_change"])
def test_split_must_lie_inside(split: int, name: str) -> None:
    with pytest.raises(ModelError, match=f"split: {split} does not lie between"):
        computing((BASE, LAST), split=split, outcomes=[name])


def test_short_horizon_without_growth_needs_no_split(parameters: Values) -> None:
    out = computing((2024, 2025), outcomes=["electricity"], **THREE).evaluate(parameters)
    assert out["electricity"].shape == (2, 64)
