"""The contract of every tally: merging is grouping-free and equals the whole."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from uncertainty import tally
from uncertainty.tally import (
    Counts,
    Ends,
    Failures,
    Grid,
    Increments,
    Keep,
    Moments,
    OpenInfluence,
    Pairs,
    PickFreeze,
    Redraws,
    Share,
    Table,
)

RNG = np.random.default_rng(7)
DRAWS = np.exp(RNG.standard_normal((5, 3, 2, 600)))
SHIFT = np.median(DRAWS[0], axis=-1)
SCALE = np.full_like(SHIFT, 3.0)
GRID = Grid.of(DRAWS[0, ..., :100])


def of(kind: str, part: slice) -> Any:
    a, b, c, d, e = DRAWS[..., part]
    return {
        "Keep": lambda: Keep.of(a),
        "Moments": lambda: Moments.of(a, SHIFT, SCALE),
        "Counts": lambda: Counts.of(a, GRID),
        "Share": lambda: Share.of(a, (0.5, 2.0)),
        "PickFreeze": lambda: PickFreeze.of(a, b, [c, d], SHIFT),
        "Pairs": lambda: Pairs.of([c, d], [e, a], SHIFT),
        "Failures": lambda: Failures.of(
            {"x": a[0, 0], "y": b[0]}, {0: "low", 3: "high"}, sampled=2
        ),
        "Influence": lambda: influence(a, b, [c, d]),
        "Increments": lambda: Increments.of(a, np.stack([b, c, d], axis=-2), np.array([2, 0, 1])),
        "Redraws": lambda: Redraws.of(a, [b, c], [d, e], SHIFT),
        "Table": lambda: Table.of(
            {"x": Moments.of(a, SHIFT, SCALE), part.start: Share.of(a, (1.0,))}
        ),
    }[kind]()


def influence(a: np.ndarray, b: np.ndarray, mixed: list[np.ndarray]) -> Any:
    sums = OpenInfluence(Ends(a, b, 0.5 * a, 0.5 * b))
    for c in mixed:
        sums.step(c - a, 0.5 * (c - a))
    return sums.stop()


KINDS = (
    "Keep",
    "Failures",
    "Influence",
    "Moments",
    "Counts",
    "Share",
    "PickFreeze",
    "Pairs",
    "Increments",
    "Redraws",
    "Table",
)
HELPERS = {"Averages", "Ends", "Grid", "Indices", "OpenInfluence"}


def same(left: Any, right: Any) -> None:
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            same(left[key], right[key])
    elif isinstance(left, tuple):
        for one, two in zip(left, right, strict=True):
            same(one, two)
    elif hasattr(left, "__dataclass_fields__"):
        for field in fields(left):
            same(getattr(left, field.name), getattr(right, field.name))
    elif isinstance(left, str):
        assert left == right
    else:
        np.testing.assert_allclose(left, right, rtol=1e-11, atol=1e-13)


def test_every_tally_is_listed_here():
    assert set(KINDS) | HELPERS == set(tally.__all__)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("Table", "Failures")])
def test_merge_equals_whole(kind):
    merged = of(kind, slice(0, 250)) + of(kind, slice(250, 600))
    same(merged.result(), of(kind, slice(0, 600)).result())


@pytest.mark.parametrize("kind", KINDS)
def test_grouping_does_not_matter(kind):
    one, two, three = (of(kind, s) for s in (slice(0, 100), slice(100, 350), slice(350, 600)))
    same(((one + two) + three).result(), (one + (two + three)).result())


@pytest.mark.parametrize("kind", KINDS)
def test_adding_leaves_both_sides_as_they_were(kind):
    one, two = of(kind, slice(0, 300)), of(kind, slice(300, 600))
    one + two
    same(one.result(), of(kind, slice(0, 300)).result())
    same(two.result(), of(kind, slice(300, 600)).result())
