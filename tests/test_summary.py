"""The tables of a hand-made result in which no two numbers are the same."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from uncertainty.summary import drivers_table, label, posterior_summary

YEARS = [2025, 2027]
LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]
COLUMNS = ["q05", "q25", "q50", "q75", "q95"]
DEMAND = np.array([[11.0, 12.0, 13.5, 15.5, 18.5], [21.0, 22.5, 24.5, 27.5, 31.5]])
MOMENTS = np.array([[14.1, 2.3], [25.7, 3.9]])
ERRORS = np.array([[0.41, 0.83], [0.57, 0.91]])
PEAK = np.array([1.01, 1.02, 1.04, 1.08, 1.16])
PRIORS = np.array([[0.1, 0.2, 0.4, 0.7, 1.1], [5.1, 5.3, 5.6, 6.2, 7.3]])


def estimates(values: np.ndarray, errors: np.ndarray, dims: tuple[str, ...]) -> dict[str, Any]:
    name = "demand" if "year" in dims else "peak"
    unit = {"demand": "TWh", "peak": "GW"}[name]
    return {name: (dims, values, {"units": unit}), f"{name}_mcse": (dims, errors)}


def intervals() -> xr.Dataset:
    return xr.Dataset(
        {
            **estimates(DEMAND, DEMAND / 1009, ("year", "quantile")),
            **estimates(PEAK, PEAK / 1013, ("quantile",)),
        },
        {"year": YEARS, "quantile": LEVELS},
        {"interval_kind": "eti", "interval_prob": 0.9},
    )


def moments() -> xr.Dataset:
    return xr.Dataset(
        {
            **estimates(MOMENTS, ERRORS, ("year", "moment")),
            **estimates(np.array([1.05, 0.06]), np.array([0.007, 0.009]), ("moment",)),
        },
        {"year": YEARS, "moment": ["mean", "sd"]},
    )


def parameters() -> xr.Dataset:
    return xr.Dataset(
        {
            "unit": ("parameter", ["TWh", "1/year"]),
            "mean": ("parameter", [0.45, 5.9]),
            "sd": ("parameter", [0.33, 0.77]),
            "quantiles": (("parameter", "quantile"), PRIORS),
        },
        {"parameter": ["start", "growth"], "quantile": LEVELS},
    )


def indices(start: float, names: list[str], prefix: str = "", years: int = 0) -> dict[str, Any]:
    """S1 and ST counted up from `start`, each with its lower and upper bound."""
    shape = (years, len(names), 6) if years else (len(names), 6)
    values = start + np.arange(float(np.prod(shape))).reshape(shape)
    dims = ("year", "parameter") if years else ("parameter",)
    found: dict[str, Any] = {}
    for i, name in ((0, f"{prefix}S1"), (3, f"{prefix}ST")):
        found[name] = (dims, values[..., i])
        found[f"{name}_interval"] = ((*dims, "bound"), values[..., i + 1 : i + 3])
    return found


def node(start: float, names: list[str], kind: str) -> xr.Dataset:
    """Indices by year from `start`, of all years together from `start + 50`."""
    return xr.Dataset(
        {**indices(start, names, years=2), **indices(start + 50, names, "aggregate_")},
        {
            "year": YEARS,
            "parameter": names,
            "bound": ["lower", "upper"],
            "label": ("parameter", [f"label of {name}" for name in names]),
            "group": ("parameter", [f"group of {name}" for name in names]),
        },
        {"interval_kind": kind, "interval_prob": 0.95},
    )


@pytest.fixture
def tree() -> xr.DataTree:
    found = xr.DataTree.from_dict(
        {
            "/intervals": intervals(),
            "/moments": moments(),
            "/parameters": parameters(),
            "/drivers/demand": node(100, ["start", "growth"], "t over 8 replicates"),
            "/driver_groups/demand": node(300, ["base", "rates"], "t over 6 replicates"),
        }
    )
    found.attrs |= {"study": "small", "run": "abc"}
    return found


def row(table: pd.DataFrame, **where: Any) -> pd.Series:
    """The one row with these entries."""
    for column, value in where.items():
        table = table[table[column].isna() if value is None else table[column] == value]
    assert len(table) == 1, where
    return table.iloc[0]


@pytest.mark.parametrize("i", [0, 1])
def test_each_outcome_figure_stands_in_its_column(tree, i):
    found = row(posterior_summary(tree), variable="demand", year=YEARS[i])
    assert found[["mean", "sd", "mcse_mean"]].tolist() == [*MOMENTS[i], ERRORS[i, 0]]
    assert found[COLUMNS].tolist() == DEMAND[i].tolist()
    assert found[["study", "run", "group", "unit"]].tolist() == [
        "small", "abc", "prior_predictive", "TWh",
    ]  # fmt: skip
    assert found[["interval_kind", "interval_prob"]].tolist() == ["eti", 0.9]


def test_a_scalar_outcome_has_one_row_without_coordinate(tree):
    found = row(posterior_summary(tree), variable="peak", year=None)
    assert found[["mean", "sd", "mcse_mean", "unit"]].tolist() == [1.05, 0.06, 0.007, "GW"]
    assert found[COLUMNS].tolist() == PEAK.tolist()


@pytest.mark.parametrize(
    ("i", "name", "unit", "mean", "sd"),
    [(0, "start", "TWh", 0.45, 0.33), (1, "growth", "1/year", 5.9, 0.77)],
)
def test_each_prior_figure_stands_in_its_column(tree, i, name, unit, mean, sd):
    found = row(posterior_summary(tree), variable=name)
    assert found[["group", "unit", "mean", "sd", "mcse_mean"]].tolist() == [
        "prior", unit, mean, sd, 0.0,
    ]  # fmt: skip
    assert found[COLUMNS].tolist() == PRIORS[i].tolist()


def test_nothing_is_left_out_and_nothing_is_there_twice(tree):
    found = posterior_summary(tree)
    assert len(found) == 2 + 2 + 1
    assert found[["variable", "year"]].duplicated().sum() == 0
    assert found["ess_bulk"].isna().all()
    assert found["r_hat"].isna().all()


INDICES = ["S1", "S1_lower", "S1_upper", "ST", "ST_lower", "ST_upper"]


@pytest.mark.parametrize(
    ("of", "names", "start", "kind"),
    [
        ("parameter", ["start", "growth"], 100, "t over 8 replicates"),
        ("group", ["base", "rates"], 300, "t over 6 replicates"),
    ],
)
def test_each_index_stands_in_its_column_and_row(tree, of, names, start, kind):
    table = drivers_table(tree)
    for j, name in enumerate(names):
        for i, year in enumerate(YEARS):
            found = row(table, of=of, scope="coordinate", year=year, parameter=name)
            assert found[INDICES].tolist() == [start + 12 * i + 6 * j + k for k in range(6)]
        whole = row(table, of=of, scope="aggregate", year=None, parameter=name)
        assert whole[INDICES].tolist() == [start + 50 + 6 * j + k for k in range(6)]
        assert whole[["label", "outcome", "study", "run", "interval_kind", "interval_prob"]].tolist() == [
            f"label of {name}", "demand", "small", "abc", kind, 0.95,
        ]  # fmt: skip
    assert len(table) == 2 * (2 * 2 + 2)


def test_a_result_without_drivers_gives_an_empty_table(tree):
    del tree["drivers"], tree["driver_groups"]
    assert drivers_table(tree).empty


@pytest.mark.parametrize(
    ("quantile", "name"), [(0.05, "q05"), (0.5, "q50"), (0.975, "q97.5"), (0.29, "q29")]
)
def test_columns_of_quantiles(quantile, name):
    assert label(quantile) == name
