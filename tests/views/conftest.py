"""A made-up result of realistic shape: twelve years, regions, twenty parameters, dots beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import norm

YEARS = np.arange(2024, 2036)
PROBABILITIES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
REGIONS = ["hub", "digital_economy", "other"]
# name: (label, group, first-order share early, late)
PARAMETERS: dict[str, tuple[str, str, float, float]] = {
    "inference_growth_start": ("Growth of inference work at the start", "demand", 0.22, 0.12),
    "inference_growth_end": ("Growth of inference work in the long run", "demand", 0.01, 0.16),
    "training_growth_start": ("Growth of training work at the start", "demand", 0.11, 0.06),
    "intelligent_half_life": (
        "Half-life of the passage from the first to the long-run growth of training",
        "demand",
        0.03,
        0.09,
    ),
    "general_growth_start": ("Growth of general computing at the start", "demand", 0.04, 0.03),
    "base_electricity": ("Facility electricity in the base year", "base", 0.2, 0.05),
    "intelligent_share": ("Share of AI in base-year electricity", "base", 0.1, 0.07),
    "training_share": ("Share of training within AI", "base", 0.0, 0.004),
    "intelligent_hardware": ("Yearly gain of AI hardware in work per kWh", "hardware", 0.06, 0.13),
    "general_hardware": ("Yearly gain of general hardware", "hardware", 0.01, 0.01),
    "precision_saving": ("Saving by lower precision", "efficiency", 0.006, 0.01),
    "activation_saving": ("Saving by fewer active parameters", "efficiency", 0.02, 0.04),
    "kernels_gain": ("Gain by low-level kernels", "efficiency", 0.004, 0.005),
    "activation_reach": ("Share of inference with sparse activation", "adoption", 0.012, 0.02),
    "activation_midpoint": ("Year of half adoption of sparse activation", "adoption", 0.02, 0.0),
    "inference_elasticity": ("Price elasticity of inference", "rebound", 0.004, 0.05),
    "rebound_speed": ("Share of the rebound gap closed each year", "rebound", 0.002, -0.003),
    "large_pue": ("PUE of large sites", "sites", 0.01, 0.01),
    "small_pue": ("PUE of small sites", "sites", -0.002, 0.001),
    "load_factor": ("Average over peak facility power", "power", 0.0, 0.0),
}


def bands(median: np.ndarray, sigma: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return lognormal quantiles, (..., quantile)."""
    return median[..., None] * np.exp(sigma[..., None] * norm.ppf(probabilities))


def intervals_of(
    outcome: str, values: np.ndarray, dims: Sequence[str], unit: str, long_name: str
) -> dict[str, xr.DataArray]:
    """Return an outcome and its standard errors as `/intervals` holds them."""
    attrs = {"units": unit, "long_name": long_name}
    names = (*dims, "quantile")
    return {
        outcome: xr.DataArray(values, dims=names, attrs=attrs),
        f"{outcome}_mcse": xr.DataArray(0.004 * np.abs(values), dims=names),
    }


def electricity() -> np.ndarray:
    """Return quantiles (year, quantile): median 267 and 90% interval 146 to 843 or so in 2030."""
    age = (YEARS - 2024).astype(float)
    return bands(152 * np.exp(0.0939 * age), 0.06 + 0.075 * age, PROBABILITIES)


def make_intervals() -> xr.Dataset:
    """Return `/intervals` with outcomes of several shapes."""
    total = electricity()
    shares = np.array([0.42, 0.35, 0.23])
    regional = shares[:, None, None] * total[None]
    net = (total - total[:, [2]]) * 0.12 - 0.04 * total[:, [2]]
    blank_base = total - total[:1]
    blank_base[0] = np.nan
    data = {
        **intervals_of(
            "electricity", total, ["year"], "TWh", "Electricity of the computing sector"
        ),
        **intervals_of("without_levers", total * 1.18, ["year"], "TWh", "Without levers"),
        **intervals_of(
            "electricity_by_region", regional, ["region", "year"], "TWh", "Electricity by region"
        ),
        **intervals_of("net_effect", net, ["year"], "TWh", "Net effect of the levers"),
        **intervals_of("savings", blank_base, ["year"], "TWh", "Growth since the base year"),
        **intervals_of(
            "late_growth",
            np.array([0.01, 0.05, 0.08, 0.12, 0.21]),
            [],
            "1/year",
            "Growth 2030 to 2035",
        ),
        **intervals_of(
            "net_positive_year",
            np.array([2026.2, 2028.1, 2030.5, 2033.0, np.inf]),
            [],
            "year",
            "Year when the net effect turns positive",
        ),
    }
    coords = {"year": YEARS, "region": REGIONS, "quantile": PROBABILITIES}
    attrs = {"interval_kind": "eti", "draws": 131072, "replicates": 8}
    return xr.Dataset(data, coords=coords, attrs=attrs)


def indices(shape_years: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return first-order and total indices, (year, parameter) or (parameter,)."""
    early, late = (np.array([row[place] for row in PARAMETERS.values()]) for place in (2, 3))
    weight = np.linspace(0, 1, len(YEARS))[:, None]
    first = (1 - weight) * early + weight * late
    total = np.abs(first) * 1.22 + 0.0005
    if not shape_years:
        return first[-1], total[-1]
    first[0], total[0] = np.nan, np.nan
    return first, total


def with_bounds(values: np.ndarray, half: np.ndarray | float) -> np.ndarray:
    """Return lower and upper ends on a new last axis."""
    return np.stack([values - half, values + half], axis=-1)


def driver_node(*, years: bool = True) -> xr.Dataset:
    """Return a node of `/drivers`."""
    first, total = indices(years)
    dims = ("year", "parameter") if years else ("parameter",)
    mean_first, mean_total = indices(False)
    half = 0.004 + 0.06 * np.abs(total)
    data = {
        "S1": (dims, first),
        "ST": (dims, total),
        "S1_interval": ((*dims, "bound"), with_bounds(first, half)),
        "ST_interval": ((*dims, "bound"), with_bounds(total, half)),
    }
    if years:
        mean_half = 0.004 + 0.06 * np.abs(mean_total)
        data |= {
            "aggregate_S1": (("parameter",), mean_first),
            "aggregate_ST": (("parameter",), mean_total),
            "aggregate_S1_interval": (("parameter", "bound"), with_bounds(mean_first, mean_half)),
            "aggregate_ST_interval": (("parameter", "bound"), with_bounds(mean_total, mean_half)),
        }
    coords = {
        "parameter": list(PARAMETERS),
        "label": ("parameter", [row[0] for row in PARAMETERS.values()]),
        "group": ("parameter", [row[1] for row in PARAMETERS.values()]),
        "bound": ["lower", "upper"],
    } | ({"year": YEARS} if years else {})
    attrs = {
        "units": "TWh",
        "long_name": "Electricity of the computing sector",
        "interval_kind": "t over 8 replicates",
        "interval_prob": 0.95,
        "replicates": 8,
        "size": 512,
        "model_runs": 8 * 512 * 22,
    }
    return xr.Dataset(data, coords=coords, attrs=attrs)


def rows(records: Sequence[Mapping[str, object]]) -> xr.Dataset:
    """Return rows as `/observations` and `/projections` hold them."""
    blank = {"low": np.nan, "high": np.nan, "unit": "TWh", "label": "", "published": "", "note": ""}
    frame = pd.DataFrame([{"outcome": "electricity", **blank, **record} for record in records])
    frame.index.name = "row"
    return frame.to_xarray()


def observations() -> xr.Dataset:
    """Return measured rows of three sources, 2018 to 2024."""
    ministry = [
        {"year": year, "value": value, "source": "Ministry of Industry, yearbook"}
        for year, value in zip(range(2018, 2025), [61, 68, 77, 95, 110, 128, 149], strict=True)
    ]
    academy = [
        {"year": year, "value": value, "source": "Academy of ICT, white paper"}
        for year, value in zip(range(2020, 2024), [82, 99, 117, 139], strict=True)
    ]
    agency = [
        {"year": 2023, "value": 105, "low": 90, "high": 120, "source": "Energy Agency"},
        {"year": 2024, "value": 102, "source": "Energy Agency"},
    ]
    return rows(
        [
            {**row, "label": "facility electricity", "published": f"{row['year'] + 1}-06"}
            for row in [*ministry, *academy, *agency]
        ]
    )


def projections() -> xr.Dataset:
    """Return published projections, points and ranges, of four sources."""
    agency = {"source": "Energy Agency, Energy and AI", "published": "2025-04-10"}
    academy = {"source": "Academy of ICT", "published": "2024-11"}
    bank = {"source": "Investment bank research", "published": "2024-04"}
    network = {"source": "State grid research institute", "published": "2023-12"}
    return rows(
        [
            {"year": 2025, "value": 178, "label": "Base", **agency},
            {"year": 2030, "value": 277, "label": "Base", **agency},
            {"year": 2030, "value": 325, "label": "Lift-Off", **agency},
            {"year": 2035, "value": 410, "label": "Base", **agency},
            {"year": 2035, "value": 560, "label": "Lift-Off", **agency},
            {"year": 2030, "value": np.nan, "low": 300, "high": 700, "label": "range", **academy},
            {"year": 2030, "value": 800, "label": "high growth", **bank},
            {"year": 2025, "value": 310, "label": "central", **network},
            {"year": 2030, "value": 526, "low": 450, "high": 600, "label": "central", **network},
            {"year": 2035, "value": 2900, "label": "frozen efficiency", **network},
            {"year": 2050, "value": 900, "label": "central", **network},
        ]
    )


def make_result() -> xr.DataTree:
    """Return the whole made-up result."""
    nodes = {
        "/": xr.Dataset(attrs={"study": "made-up", "seed": 1}),
        "/intervals": make_intervals(),
        "/drivers/electricity": driver_node(),
        "/drivers/late_growth": driver_node(years=False),
        "/observations": observations(),
        "/projections": projections(),
    }
    return xr.DataTree.from_dict(nodes)


@pytest.fixture
def result() -> xr.DataTree:
    """Return a fresh made-up result."""
    return make_result()


@pytest.fixture
def replaced() -> Callable[[str, xr.Dataset], xr.DataTree]:
    """Return a function that gives the made-up result with one node exchanged."""

    def exchange(path: str, node: xr.Dataset) -> xr.DataTree:
        tree = make_result()
        tree[path] = xr.DataTree(node)
        return tree

    return exchange


@pytest.fixture
def make_rows() -> Callable[[Sequence[Mapping[str, object]]], xr.Dataset]:
    """Return the maker of observation and projection rows."""
    return rows
