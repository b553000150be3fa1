"""Designs: points depend on seed and place alone, whatever the blocks."""

import numpy as np
import pytest

from uncertainty.design import KINDS, Design
from uncertainty.errors import DesignError


def whole(design: Design, replicate: int = 0) -> np.ndarray:
    return np.concatenate([design.points(b) for b in design.replicate_blocks(replicate)], axis=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("replicate", [0, 1])
def test_a_block_is_a_slice_of_the_whole_in_any_order(kind, replicate):
    one = Design(kind, 5, 1024, seed=3, replicates=2, block=1024)
    many = Design(kind, 5, 1024, seed=3, replicates=2, block=100)
    blocks = list(many.replicate_blocks(replicate))
    points = {i: many.points(blocks[i]) for i in (7, 2, 10, 0, 1, 3, 9, 8, 4, 6, 5)}
    pieces = np.concatenate([points[i] for i in range(11)], axis=1)
    np.testing.assert_array_equal(pieces, whole(one, replicate))


@pytest.mark.parametrize("kind", KINDS)
def test_points_lie_strictly_inside_and_differ_by_replicate_and_seed(kind):
    design = Design(kind, 3, 512, seed=3, replicates=2)
    u = whole(design)
    assert u.shape == (3, 512)
    assert u.min() > 0
    assert u.max() < 1
    assert not np.array_equal(u, whole(design, 1))
    assert not np.array_equal(u, whole(Design(kind, 3, 512, seed=4)))


def test_latin_meets_each_cell_once():
    u = whole(Design("latin", 4, 300, seed=1, block=77))
    cells = np.sort(np.floor(u * 300).astype(int), axis=1)
    np.testing.assert_array_equal(cells, np.tile(np.arange(300), (4, 1)))


def test_sobol_meets_each_dyadic_cell_once():
    u = whole(Design("sobol", 6, 256, seed=1))
    cells = np.sort(np.floor(u * 256).astype(int), axis=1)
    np.testing.assert_array_equal(cells, np.tile(np.arange(256), (6, 1)))


def test_random_points_are_uniform():
    u = whole(Design("random", 2, 40_000, seed=5))
    error = np.sqrt(1 / 12 / 40_000)
    assert np.abs(u.mean(axis=1) - 0.5).max() < 5 * error


def test_batches_hold_every_block_once_and_stay_within_a_replicate():
    design = Design("random", 1, 100, seed=1, replicates=3, block=3)
    blocks = [block for batch in design.batches for block in batch.blocks]
    assert blocks == list(design.blocks)
    assert len(list(design.batches)) == 3 * 3
    assert all(len({b.replicate for b in batch.blocks}) == 1 for batch in design.batches)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "sobl"}, "did you mean 'sobol'"),
        ({"size": 0}, "size must be a whole number of at least 1, got 0"),
        ({"size": 2.5}, "got 2.5"),
        ({"replicates": 0}, "replicates"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"dimension": 30_000}, "at most 21201 coordinates"),
    ],
)
def test_faulty_designs_say_what_is_allowed(change, words):
    settings = {"kind": "sobol", "dimension": 2, "size": 8, "seed": 1, **change}
    with pytest.raises(DesignError, match=words):
        Design(**settings)


def test_unbalanced_sobol_sizes_are_pointed_out():
    with pytest.warns(UserWarning, match="512 or 1024"):
        Design("sobol", 2, 1000, seed=1)
