"""Published numbers among the draws, against what is known exactly."""

import numpy as np
import pandas as pd
import pytest

import uncertainty as un
from uncertainty.placements import LEAST, placements
from uncertainty.sample import Sample

YEARS = [2025, 2030]
PRIORS = {
    "level": un.Prior("normal", mu=100, sigma=10),
    "growth": un.Prior("normal", mu=0.5, sigma=0.1),
}


@un.model(outcomes={"e": "TWh"}, dims={"e": ("year",)}, coords={"year": YEARS})
def model(level, growth, *, xp):
    return {"e": xp.stack([level, level * (1 + growth)])}


def found(rows):
    sample = Sample.of(un.propagate(model, PRIORS, size=4096))
    ranks = {name: PRIORS[name].cdf(x) for name, x in sample.parameters.items()}
    table = pd.DataFrame(rows)
    for column in ("value", "low", "high"):
        if column not in table:
            table[column] = np.nan
    return placements(sample, ranks, table, {"e": ("year",)}, {"year": YEARS})


def row(**facts):
    return {"outcome": "e", "label": "x", "source": "s", "unit": "TWh", **facts}


def test_percentile_of_a_normal():
    made = found([row(year=2025, value=112.8155), row(year=2025, value=100.0)])
    np.testing.assert_allclose(made["percentile"], [0.9, 0.5], atol=0.005)
    gap = np.abs(made["percentile"] - [0.9, 0.5])
    assert (gap < 5 * made["percentile_mcse"] + 1e-3).all()
    np.testing.assert_allclose(made["median"], [100, 100], atol=0.1)


def test_a_range_gives_both_its_ends():
    made = found([row(year=2030, low=140.0, high=160.0)])
    assert made["end"].values.tolist() == ["low", "high"]
    assert made["value"].values.tolist() == [140.0, 160.0]
    assert made["percentile"].values[0] < made["percentile"].values[1]


def test_what_a_high_number_asks_for():
    """Near 200 of 2030, which is 2.3 sd up, both parameters must be high; level matters more in 2025."""
    made = found([row(year=2025, value=115.0), row(year=2030, value=180.0)])
    now, later = (made["rank"].isel(row=i) for i in (0, 1))
    assert float(now.sel(parameter="level")) > 0.85
    assert float(now.sel(parameter="growth")) == pytest.approx(0.5, abs=0.03)
    assert (later > 0.7).all()
    low, middle, high = made["needed"].isel(row=0).sel(parameter="level").values
    assert 115 * 0.95 <= low < middle < high <= 115 * 1.05 + 1e-9


def test_a_number_that_no_draw_comes_near_says_nothing_of_parameters():
    made = found([row(year=2030, value=500.0)])
    assert made["percentile"].item() == 1.0
    assert made["near"].item() < LEAST
    assert np.isnan(made["rank"]).all()
    assert np.isnan(made["needed"]).all()


def test_numbers_for_other_years_are_left_out():
    made = found([row(year=2050, value=150.0), row(year=2030, value=150.0)])
    assert made["year"].values.tolist() == [2030.0]


def test_ties_count_half():
    sample = Sample.of(un.propagate(lambda a: 0 * a + 3.0, {"a": PRIORS["growth"]}, size=64))
    table = pd.DataFrame([{"outcome": "y", "value": 3.0, "low": np.nan, "high": np.nan}])
    made = placements(sample, {}, table, {}, {})
    assert made["percentile"].item() == 0.5
