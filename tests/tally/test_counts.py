"""Counted quantiles against sorted draws."""

import numpy as np
import pytest

from uncertainty.tally import Counts, Grid

LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def counted(draws: np.ndarray, pilot: np.ndarray) -> np.ndarray:
    grid = Grid.of(pilot)
    blocks = np.array_split(draws, 7, axis=-1)
    total = Counts.of(blocks[0], grid)
    for block in blocks[1:]:
        total += Counts.of(block, grid)
    return total.quantiles(LEVELS)


@pytest.mark.parametrize("sigma", [0.2, 0.5, 0.9, 2.0])
def test_quantiles_of_a_lognormal_are_within_their_sampling_error(sigma):
    rng = np.random.default_rng(1)
    draws = np.exp(sigma * rng.standard_normal((2, 200_000)))
    exact = np.quantile(draws, LEVELS, axis=-1).T
    p = np.array(LEVELS)
    error = np.sqrt(p * (1 - p) / draws.shape[-1])
    low, high = (np.quantile(draws, np.clip(p + s * error, 0, 1), axis=-1).T for s in (-1, 1))
    found = counted(draws, draws[:, :2048])
    assert (np.abs(found - exact) < high - low).all()


def test_atoms_are_exact():
    rng = np.random.default_rng(2)
    draws = rng.integers(2025, 2037, (1, 50_000)).astype(float)
    exact = np.quantile(draws, LEVELS, axis=-1, method="inverted_cdf").T
    np.testing.assert_array_equal(counted(draws, draws[:, :2048]), exact)


def test_an_atom_beside_a_density_keeps_its_mass():
    rng = np.random.default_rng(3)
    draws = np.where(rng.random(40_000) < 0.4, 0.0, rng.gamma(2.0, size=40_000))[None]
    found = counted(draws, draws[:, :2048])[0]
    np.testing.assert_array_equal(found[:3], 0.0)
    np.testing.assert_allclose(found[3:], np.quantile(draws, LEVELS[3:]), rtol=0.02)


def test_constant_draws():
    draws = np.full((1, 5000), 7.25)
    np.testing.assert_array_equal(counted(draws, draws[:, :100]), 7.25)


def test_draws_far_outside_the_pilot_are_found_to_within_a_tail_step():
    pilot = np.linspace(0, 1, 500)[None]
    draws = np.concatenate([np.linspace(0, 1, 900), np.full(100, 50.0)])[None]
    found = counted(draws, pilot)[0]
    assert 50.0 / 1.35 <= found[-1] <= 50.0


def test_extreme_quantiles_of_a_heavy_tail():
    rng = np.random.default_rng(4)
    draws = rng.pareto(2.0, (1, 400_000))
    grid = Grid.of(draws[:, :2048])
    found = Counts.of(draws, grid).quantiles((0.9999,))[0, 0]
    assert found == pytest.approx(np.quantile(draws, 0.9999), rel=0.02)
