"""The headline of a hand-made result in which no two numbers are the same."""

import json
from typing import Any

import numpy as np
import pytest
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.headline import TOP, headline

ALONE, WITH = "alone (S1)", "with interactions (ST)"

YEARS = [2025, 2026, 2028]
LEVELS = [0.05, 0.5, 0.8, 0.925]
DEMAND = np.array(
    [[81.0, 100.0, 121.0, 142.0], [83.0, 107.0, 137.0, 162.0], [87.0, 118.0, 171.0, 203.0]]
)
PEAK = np.array([3.25, 4.5, 5.75, 7.125])
NAMES = ["a", "b", "c", "d", "e", "f"]
#: Alone, the parameters rank f to a; with interactions, a to f in 2025, otherwise in 2026 and 2028.
FIRST = np.array([0.011, 0.022, 0.033, 0.044, 0.055, 0.066])
TOTAL = np.array([
    [0.61, 0.51, 0.41, 0.31, 0.21, 0.17],
    [0.32, 0.62, 0.52, 0.42, 0.22, 0.18],
    [0.43, 0.33, 0.63, 0.53, 0.23, 0.19],
])  # fmt: skip
ABOVE_ZERO, ABOVE_TWO = [0.12, 0.37, 0.58], [0.03, 0.29, 0.46]
WISH = {"outcome": "demand", "years": YEARS, "margin": 0.8, "effects": {"levers cut demand": "net"}}


def intervals() -> xr.Dataset:
    """A yearly outcome and a scalar one; the margin's quantile is not the outermost."""
    return xr.Dataset(
        {
            "demand": (("year", "quantile"), DEMAND, {"units": "TWh"}),
            "demand_mcse": (("year", "quantile"), DEMAND / 1009),
            "peak": (("quantile",), PEAK, {"units": "GW"}),
            "peak_mcse": (("quantile",), PEAK / 1013),
        },
        {"year": YEARS, "quantile": LEVELS},
    )


def indices(name: str, values: np.ndarray, dims: tuple[str, ...], reach: float) -> dict[str, Any]:
    """Indices with bounds that are not at the same distance below and above."""
    bounds = np.stack([values - reach, values + 2 * reach], axis=-1)
    return {name: (dims, values), f"{name}_interval": ((*dims, "bound"), bounds)}


def drivers() -> xr.Dataset:
    """Indices by year, and of all years together, where the order is another again."""
    yearly, whole = ("year", "parameter"), ("parameter",)
    first = FIRST + np.array([[0.001], [0.002], [0.003]])
    return xr.Dataset(
        {
            **indices("S1", first, yearly, 0.004),
            **indices("ST", TOTAL, yearly, 0.005),
            **indices("aggregate_S1", FIRST + 0.007, whole, 0.006),
            **indices("aggregate_ST", np.roll(TOTAL[0], 3) + 0.008, whole, 0.0065),
        },
        {
            "year": YEARS,
            "parameter": NAMES,
            "bound": ["lower", "upper"],
            "label": ("parameter", [f"driver {name}" for name in NAMES]),
        },
    )


def made(wish: dict[str, Any] | None) -> xr.DataTree:
    """The whole result with a wish for its headline, or without."""
    thresholds = xr.Dataset(
        {"net": (("year", "net_threshold"), np.stack([ABOVE_TWO, ABOVE_ZERO], axis=-1))},
        {"year": YEARS, "net_threshold": [2.0, 0.0]},
    )
    nodes = {"/intervals": intervals(), "/exceedance": thresholds, "/drivers/demand": drivers()}
    tree = xr.DataTree.from_dict(nodes)
    tree.attrs |= {
        "study_title": "[/foo] T",
        "headline": json.dumps(wish),
        "model_runs": 7654321,
        "seed": 19,
    }
    return tree


def labels(wish: dict[str, Any] | None) -> list[str]:
    return [driver.label.removeprefix("driver ") for driver in headline(made(wish)).drivers]


def test_each_number_of_a_row_is_its_own_quantile():
    rows = headline(made(WISH)).levels
    assert [(r.outcome, r.place, r.unit) for r in rows] == [
        ("demand", str(y), "TWh") for y in YEARS
    ]
    found = [(r.low, r.median, r.upper, r.high) for r in rows]
    np.testing.assert_array_equal(found, DEMAND)
    assert [r.mass for r in rows] == [0.875] * 3
    assert [r.margin for r in rows] == [21.0, 30.0, 53.0]


def test_an_effect_is_the_share_of_draws_below_zero():
    rows = headline(made(WISH)).levels
    found = [r.chances["levers cut demand"] for r in rows]
    np.testing.assert_allclose(found, [0.88, 0.63, 0.42], rtol=1e-12)


@pytest.mark.parametrize(
    ("years", "middle", "order"),
    [
        ([2025, 2026, 2028], 2026, "bcdae"),
        ([2028], 2028, "cdabe"),
        ([2025], 2025, "abcde"),
        ([2025, 2026], 2026, "bcdae"),
    ],
)
def test_drivers_are_those_of_the_middle_year_by_total_index(years, middle, order):
    wish = {**WISH, "years": years}
    assert labels(wish) == list(order)
    assert len(order) == TOP
    assert headline(made(wish)).drivers_of == f"demand in {middle}"


def test_a_driver_keeps_its_numbers_apart():
    first = headline(made(WISH)).drivers[0]
    assert first.label == "driver b"
    assert list(first.parts) == [ALONE, WITH]
    alone, whole = first.parts.values()
    assert (alone.value, alone.low, alone.high) == pytest.approx((0.024, 0.020, 0.032))
    assert (whole.value, whole.low, whole.high) == pytest.approx((0.62, 0.615, 0.63))


def test_without_a_wish_scalar_outcomes_and_drivers_of_all_years_are_shown():
    found = headline(made(None))
    assert len(found.levels) == 1
    (row,) = found.levels
    assert (row.outcome, row.place, row.unit) == ("peak", "", "GW")
    assert (row.low, row.median, row.high, row.upper) == (3.25, 4.5, 7.125, 7.125)
    assert row.chances == {}
    assert found.drivers_of == "demand"
    assert labels(None) == ["d", "e", "f", "a", "b"]
    assert found.drivers[0].parts[WITH].value == pytest.approx(0.618)
    assert found.drivers[0].parts[ALONE].value == pytest.approx(0.051)


def test_a_quantile_that_was_not_computed_is_told():
    with pytest.raises(ResultError, match=r"the quantile 0\.9 of 'demand' was not computed"):
        headline(made({**WISH, "margin": 0.9}))


def test_a_result_without_drivers_has_none():
    tree = made(WISH)
    del tree["drivers"]
    assert headline(tree).drivers == ()


def test_drivers_over_further_dims_are_taken_together():
    tree = made(WISH)
    wide = drivers().expand_dims(region=["hub", "other"])
    for name in ("aggregate_S1", "aggregate_ST"):
        wide[name] = wide[name].isel(region=0, drop=True)
        wide[f"{name}_interval"] = wide[f"{name}_interval"].isel(region=0, drop=True)
    tree["drivers/demand"] = xr.DataTree(wide)
    found = headline(tree)
    assert found.drivers_of == "demand"
    assert found.drivers[0].label == "driver d"


def test_drivers_that_are_not_defined_are_left_out():
    tree = made(WISH)
    partly = drivers().copy(deep=True)
    partly["ST"][:, 1] = np.nan
    tree["drivers/demand"] = xr.DataTree(partly)
    assert "driver b" not in [one.label for one in headline(tree).drivers]


def test_shapley_effects_stand_in_where_there_are_no_sobol_indices():
    tree = made(WISH)
    del tree["drivers"]
    shares = drivers().rename(ST="Sh", ST_interval="Sh_interval")[["Sh", "Sh_interval"]]
    tree["shapley/demand"] = xr.DataTree(shares)
    found = headline(tree)
    assert found.drivers_of == "demand in 2026"
    assert list(found.drivers[0].parts) == ["share (Shapley)"]
    assert found.drivers[0].label == "driver b"
