"""Bounds in the notation of intervals, and models that declare them."""

import math

import pytest

import uncertainty as un
from uncertainty.bounds import Bounds
from uncertainty.errors import ModelError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[0, 1]", (0, 1, False, False)),
        ("(0,inf)", (0, math.inf, True, True)),
        (" [1 , inf )", (1, math.inf, False, True)),
        ("(-inf, -2.5]", (-math.inf, -2.5, True, False)),
    ],
)
def test_intervals_are_read(text, expected):
    found = Bounds.of(text)
    assert (found.low, found.high, found.open_low, found.open_high) == expected
    assert Bounds.of(str(found)) == found


@pytest.mark.parametrize("text", ["0, 1", "[1, 0]", "[1, 1]", "[a, b]", "", "[0, 1", 3, "[nan, 1]"])
def test_other_texts_are_refused(text):
    with pytest.raises(ModelError, match="bounds are written like"):
        Bounds.of(text)


def test_a_model_declares_bounds_of_its_own_parameters():
    made = un.model(outcomes={"y": "1"}, bounds={"a": "(0, 1]"})(lambda a: {"y": a})
    assert made.bounds == {"a": "(0, 1]"}
    with pytest.raises(ModelError, match="bounds: it has no parameter 'b'"):
        un.model(outcomes={"y": "1"}, bounds={"b": "[0, 1]"})(lambda a: {"y": a})
    with pytest.raises(ModelError, match="bounds are written like"):
        un.model(outcomes={"y": "1"}, bounds={"a": "positive"})(lambda a: {"y": a})
