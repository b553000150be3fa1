"""Replicates: how estimates are made of tallies, chosen, extended and stopped at."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

import uncertainty as un
from uncertainty.errors import DesignError
from uncertainty.pick_freeze.freezing import Options, both_ways
from uncertainty.pick_freeze.replicated import Replicated, better, controlled, own
from uncertainty.stopping import narrow, ordered
from uncertainty.tally import Table

UNIT = {n: un.Prior("uniform", lower=0, upper=1) for n in "abc"}


def mean(x):
    return x.mean(axis=-1)


def test_azzini_is_its_formula_and_total_is_taken_both_ways():
    a, b, ab, ba = 5 + np.random.default_rng(5).standard_normal((4, 2000)) ** 3
    ab, ba = 0.6 * a + 0.4 * ab, 0.6 * b + 0.4 * ba
    tallies = both_ways("", "y", (a, b), ([ab], [ba]), np.array(4.0))
    run = SimpleNamespace(options=Options(first="azzini"))
    found = own(run, Table.of({(*key, 0): tally for key, tally in tallies.items()}), "y", "", 0)
    variance = np.concatenate([a, b]).var()
    share = 2 * mean((ba - b) * (a - ab)) / mean((a - b) ** 2 + (ba - ab) ** 2)
    np.testing.assert_allclose(found.variance, variance)
    np.testing.assert_allclose(found.first[0], variance * share)
    np.testing.assert_allclose(found.total[0], 0.25 * (mean((a - ab) ** 2) + mean((b - ba) ** 2)))


def flat(variance, first, total, closed=None):
    """Replicates (replicate, cell) with one group."""
    parts = (np.asarray(p, dtype=float)[..., None] for p in (first, total))
    return Replicated(np.asarray(variance, dtype=float), *parts, closed)


def test_the_scatter_of_total_indices_counts():
    ones, still = np.ones((4, 1)), np.full((4, 1), 0.5)
    little, much = 0.5 + np.outer([1, -1, 1, -1], [0.01]), 0.5 + np.outer([1, -1, 1, -1], [0.2])
    best = better(flat(ones, still, much), flat(ones, little, still))
    np.testing.assert_array_equal(best.first[..., 0], little)


def test_a_control_is_taken_off_where_it_leaves_a_variance():
    ones = np.ones((2, 1))
    exact = Replicated(
        np.full(1, 1.0), np.full((1, 1), 0.4), np.full((1, 1), 0.6), np.full((1, 1, 1), 0.9)
    )
    closed = np.full((2, 1, 1, 1), 0.8)
    plain = flat(2 * ones, 0.5 * ones, 0.7 * ones, closed)
    seen = flat(1.1 * ones, 0.45 * ones, 0.5 * ones, closed - 0.1)
    found = controlled(plain, seen, exact)
    for part, value in (("variance", 1.9), ("first", 0.45), ("total", 0.8), ("closed", 1.0)):
        np.testing.assert_allclose(getattr(found, part), value)
    for variance, much in (([[2.0], [0.0]], 1.1), ([[2.0], [2.0]], 4.0)):
        plain = flat(variance, 0.5 * ones, 0.7 * ones)
        kept = controlled(plain, flat(much * ones, 0.45 * ones, 0.5 * ones), exact)
        np.testing.assert_array_equal(kept.first, plain.first)
        np.testing.assert_array_equal(kept.variance, plain.variance)
    idle = controlled(flat(2 * ones, 0 * ones, 0 * ones), seen, exact)
    assert not idle.total.any()
    assert not idle.first.any()


def model(a, b, c):
    return a + 2 * np.abs(b - 0.4) + a * c


def test_replicates_of_an_extended_result_stay_in_order():
    few = un.drivers(model, UNIT, size=64, replicates=6)
    more = un.drivers(model, UNIT, size=64, replicates=12, extend=few)
    for kind in ("first", "total", "variance"):
        name = f"{kind}_by_replicate"
        np.testing.assert_array_equal(
            more["drivers/y"][name].sel(replicate=slice(0, 5))
            if "replicate" in more["drivers/y"].coords
            else more["drivers/y"][name].isel(replicate=slice(0, 6)),
            few["drivers/y"][name],
        )


def test_what_cannot_be_extended_is_refused():
    kinds = {"size": 64, "replicates": 4}
    few = un.drivers(model, UNIT, design="random", **kinds)
    with pytest.raises(DesignError, match="come from single draws"):
        un.drivers(model, UNIT, design="random", extend=few, **kinds)
    few = un.drivers(model, UNIT, first="azzini", **kinds)
    with pytest.raises(DesignError, match="has no second order"):
        un.drivers(model, UNIT, second_order=True, extend=few, **kinds)
    gaps = lambda a, b, c: np.where(a > 0.98, np.nan, model(a, b, c))  # noqa: E731
    with pytest.warns(UserWarning, match="failed"):
        few = un.drivers(gaps, UNIT, **kinds)
    with pytest.raises(DesignError, match="it has failed runs"):
        un.drivers(gaps, UNIT, extend=few, **kinds)


def totals(*each):
    parts = np.stack(each, axis=-1)
    return xr.Dataset(
        {
            "total_by_replicate": (("replicate", "parameter"), parts),
            "variance_by_replicate": (("replicate",), np.ones(len(parts))),
        }
    )


def test_the_last_of_the_foremost_is_told_apart_from_the_next():
    wave = 0.01 * np.array([1.0, -1, 1, -1])
    found = totals(0.2 + wave, 0.9 + wave, 0.201 - wave)
    assert ordered(found, 1)
    assert not ordered(found, 2)


def test_a_wide_interval_of_a_pair_is_not_narrow():
    ends = {"bound": ["lower", "upper"]}
    found = xr.Dataset(
        {
            "S1": 0.5, "S1_interval": ("bound", [0.49, 0.51]),
            "S2": 0.1, "S2_interval": ("bound", [0.0, 0.2]),
        },
        coords=ends,
    )  # fmt: skip
    assert narrow(found, 0.1)
    assert not narrow(found, 0.05)
