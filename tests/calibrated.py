"""A made-up calibrated result: a country's computing sector, fitted by weighting prior draws."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import xarray as xr
from scipy.stats import norm

import uncertainty as un
from uncertainty.parameters import parameter_table

YEARS = np.arange(2018, 2036)
BASE = 2024
LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
CHAINS, DRAWS = 4, 1000
PRIORS = {
    "base_electricity": ("lognormal", {"mu": np.log(70), "sigma": 0.12}, "TWh",
                         "Facility electricity in 2018"),
    "growth_start": ("normal", {"mu": 0.14, "sigma": 0.05}, "1/year",
                     "Growth of demand at the start"),
    "growth_end": ("normal", {"mu": 0.06, "sigma": 0.04}, "1/year",
                   "Growth of demand in the long run"),
    "half_life": ("lognormal", {"mu": np.log(6), "sigma": 0.4}, "year",
                  "Half-life of the passage from the first to the long-run growth"),
    "precision_saving": ("beta", {"alpha": 8, "beta": 5}, "1", "Saving by lower precision"),
    "elasticity": ("uniform", {"lower": 0.2, "upper": 1.4}, "1", "Price elasticity of inference"),
    "pue": ("uniform", {"lower": 1.15, "upper": 1.6}, "1", "PUE of large sites"),
    "demand_form": ("choice", {"values": [0, 1], "probabilities": [0.5, 0.5]}, "1", "Form of demand: 0 fading, 1 steady"),
}  # fmt: skip
SOURCES = {
    "Ministry of Industry, yearbook": 0.0,
    "Academy of ICT, white paper on computing power": 0.15,
    "国家电网研究院 State Grid": 0.25,
}
TRUTH = {"Academy of ICT, white paper on computing power": 1.18, "国家电网研究院 State Grid": 0.88}
ROWS = [
    *[("Ministry of Industry, yearbook", year, value)
      for year, value in zip(range(2018, 2024), [62, 70, 80, 92, 105, 120], strict=True)],
    *[("Academy of ICT, white paper on computing power", year, value)
      for year, value in zip(range(2021, 2025), [112, 127, 145, 201], strict=True)],
    ("国家电网研究院 State Grid", 2022, 94.0),
    ("国家电网研究院 State Grid", 2024, 119.0),
]  # fmt: skip
ERROR = 0.05
LABELS = {
    "Ministry of Industry, yearbook": "Ministry",
    "Academy of ICT, white paper on computing power": "Academy of ICT",
    "国家电网研究院 State Grid": "国家电网",
}
GROWTH = [("Energy Administration, internet services", 2023, 0.21),
          ("Energy Administration, internet services", 2024, 0.08)]  # fmt: skip
GROWTH_ERROR = 0.03


def trajectory(x: dict[str, np.ndarray], years: np.ndarray) -> np.ndarray:
    """Electricity (year, sample): growth that fades, or stays between its ends."""
    age = (years - YEARS[0])[:, None].astype(float)
    fade = x["half_life"] / np.log(2) * (1 - np.exp(-age * np.log(2) / x["half_life"]))
    steady = 0.5 * age
    work = np.where(x["demand_form"] > 0.5, steady, fade)
    grown = x["growth_end"] * age + (x["growth_start"] - x["growth_end"]) * work
    late = np.clip(age - 6, 0, None) * 0.02 * (x["elasticity"] - x["precision_saving"])
    return x["base_electricity"] * x["pue"] / 1.35 * np.exp(grown + late)


def bias(draws: int) -> np.ndarray:
    """Logarithms of the sources' factors, (source, draw), from the prior."""
    rng = np.random.default_rng(5)
    return np.array(list(SOURCES.values()))[:, None] * rng.standard_normal((len(SOURCES), draws))


def drawn(size: int) -> dict[str, np.ndarray]:
    return un.Space(priors()).at(np.random.default_rng(3).random((len(PRIORS), size)))


def priors() -> dict[str, un.Prior]:
    return {
        name: un.Prior(family, **arguments, unit=unit, label=label)
        for name, (family, arguments, unit, label) in PRIORS.items()
    }


def quantiles(values: np.ndarray) -> np.ndarray:
    return np.moveaxis(np.quantile(values, LEVELS, axis=-1), 0, -1)


def intervals(draws: np.ndarray, years: np.ndarray, count: int) -> xr.Dataset:
    """Quantiles of electricity and of what it has grown by 2035, as `/intervals` has them."""
    told = {"units": "TWh", "long_name": "Electricity of the computing sector"}
    other = {"units": "TWh", "long_name": "Growth 2024 to 2035"}
    found = {
        "electricity": (("year", "quantile"), quantiles(draws), told),
        "electricity_mcse": (("year", "quantile"), 0.004 * quantiles(draws), told),
        "growth": (("quantile",), quantiles(draws[-1] - draws[-12]), other),
    }
    attrs = {"interval_kind": "eti", "interval_prob": 0.9, "draws": count, "replicates": CHAINS}
    return xr.Dataset(found, {"year": years, "quantile": LEVELS}, attrs)


@cache
def fitted() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Prior draws, posterior draws, and the logarithms of the factors before and after."""
    size = 120_000
    prior, factors = drawn(size), bias(size)
    levels = trajectory(prior, YEARS)
    loglik = np.zeros(size)
    for source, year, value in ROWS:
        centre = np.log(levels[year - YEARS[0]]) + factors[list(SOURCES).index(source)]
        loglik += norm.logpdf(np.log(value), centre, ERROR)
    weight = np.exp(loglik - loglik.max())
    chosen = np.random.default_rng(7).choice(size, CHAINS * DRAWS, p=weight / weight.sum())
    return prior, {k: v[chosen] for k, v in prior.items()}, factors, factors[:, chosen]


def make_calibrated(*, converged: bool = True, structures: bool = True) -> xr.DataTree:
    """The result as `calibrate` gives it, its prior's own run from 2024 on."""
    prior, posterior, _, factors = fitted()
    before, after = trajectory(prior, YEARS), trajectory(posterior, YEARS)
    nodes = {
        "/": xr.Dataset(attrs=root(converged)),
        "/intervals": intervals(before[6:], YEARS[6:], 131072),
        "/parameters": parameter_table(un.Space(priors())),
        "/observations": observations(),
        "/observed_data": observed(),
        "/projections": projections(),
        "/posterior": draws_of(posterior),
        "/calibration/intervals": intervals(after, YEARS, CHAINS * DRAWS),
        "/calibration/prior_intervals": intervals(before, YEARS, 131072),
        "/calibration/source_bias": source_bias(factors),
        "/calibration/diagnostics": diagnostics(converged),
        "/calibration/learned": learned(prior, posterior),
        "/calibration/power_scaling": power_scaling(),
        "/calibration/check": check(after, factors),
    }
    if structures:
        nodes["/calibration/structures"] = structures_of()
    return xr.DataTree.from_dict(nodes)


def root(converged: bool) -> dict[str, object]:
    wish = {"outcome": "electricity", "years": [2027, 2030, 2035], "margin": 0.95, "effects": {}}
    said = [] if converged else ["R-hat of growth_end is 1.08", "37 divergences"]
    settings = {"sampler": "nutpie", "draws": DRAWS, "tune": 1000, "chains": CHAINS,
                "target_accept": 0.9, "robust": False, "words": said}  # fmt: skip
    return {"study_title": "Electricity of computing to 2035", "converged": int(converged),
            "headline": json.dumps(wish), "calibration": json.dumps(settings)}  # fmt: skip


def rows(frame: dict[str, list[object]], dim: str) -> xr.Dataset:
    return xr.Dataset({name: (dim, np.array(values)) for name, values in frame.items()})


def observations() -> xr.Dataset:
    count = len(ROWS)
    return rows(
        {
            "outcome": ["electricity"] * count,
            "year": [year for _, year, _ in ROWS],
            "value": [float(value) for *_, value in ROWS],
            "unit": ["TWh"] * count,
            "relative_error": [ERROR] * count,
            "source": [source for source, *_ in ROWS],
            "label": [LABELS[source] for source, *_ in ROWS],
            "published": [f"{year + 1}-06" for _, year, _ in ROWS],
        },
        "row",
    )


def observed() -> xr.Dataset:
    every, count = [*ROWS, *GROWTH], len(ROWS) + len(GROWTH)
    texts = {
        "outcome": ["electricity"] * count,
        "source": [source for source, *_ in every],
        "label": [LABELS.get(source, "Internet services") for source, *_ in every],
        "published": [f"{year + 1}-06" for _, year, _ in every],
        "unit": ["TWh"] * len(ROWS) + ["1"] * len(GROWTH),
        "place": [""] * count,
        "kind": ["level"] * len(ROWS) + ["growth"] * len(GROWTH),
    }
    return xr.Dataset(
        {"observation": ("row", [float(value) for *_, value in every])},
        {
            "row": np.arange(count),
            **{name: ("row", np.array(values)) for name, values in texts.items()},
            "year": ("row", [float(year) for _, year, _ in every]),
        },
    )


def projections() -> xr.Dataset:
    return rows(
        {
            "outcome": ["electricity"] * 2,
            "year": [2030, 2035],
            "value": [277.0, 410.0],
            "low": [np.nan] * 2,
            "high": [np.nan] * 2,
            "unit": ["TWh"] * 2,
            "source": ["Energy Agency, Energy and AI"] * 2,
            "label": ["Base"] * 2,
            "published": ["2025-04-10"] * 2,
        },
        "row",
    )


def source_bias(factors: np.ndarray) -> xr.Dataset:
    names = list(SOURCES)[1:]
    told = np.exp(np.quantile(factors[1:], [0.05, 0.5, 0.95], axis=-1))
    told = np.column_stack([told, [0.93, 1.02, 1.11]])
    return xr.Dataset(
        {
            "outcome": ("source", ["electricity"] * 3),
            "kind": ("source", ["level", "level", "growth"]),
            "cited": ("source", [*names, GROWTH[0][0]]),
            "rows": ("source", [*(sum(s == n for s, *_ in ROWS) for n in names), 2]),
            "prior_sd": ("source", [*(SOURCES[n] for n in names), 0.08]),
            "factor": ("source", told[1]),
            "factor_interval": (("source", "bound"), told[[0, 2]].T),
        },
        {"source": [*(LABELS[n] for n in names), "Internet services"], "bound": ["lower", "upper"]},
        {"interval_kind": "eti", "interval_prob": 0.9},
    )


def diagnostics(converged: bool) -> xr.Dataset:
    count = len(PRIORS)
    attrs = {"converged": int(converged), "divergences": 0 if converged else 37, "e_bfmi": 0.9,
             "words": json.dumps([] if converged else ["R-hat of growth_end is 1.08"])}  # fmt: skip
    return xr.Dataset(
        {
            "r_hat": (
                "parameter",
                np.where(np.arange(count) == 2, 1.0 if converged else 1.08, 1.0),
            ),
            "ess_bulk": ("parameter", np.full(count, 2400.0 if converged else 90.0)),
            "ess_tail": ("parameter", np.full(count, 2100.0)),
        },
        {"parameter": list(PRIORS)},
        attrs,
    )


def draws_of(values: dict[str, np.ndarray]) -> xr.Dataset:
    dims = ("chain", "draw")
    return xr.Dataset({n: (dims, x.reshape(CHAINS, DRAWS)) for n, x in values.items()})


def learned(prior: dict[str, np.ndarray], posterior: dict[str, np.ndarray]) -> xr.Dataset:
    names = list(PRIORS)
    sds = np.array([[prior[n].std(), posterior[n].std()] for n in names])
    gone = 1 - (sds[:, 1] / sds[:, 0]) ** 2
    reached = np.array([n not in {"precision_saving", "elasticity"} for n in names])
    after = {n: posterior[n] if r else prior[n] for n, r in zip(names, reached, strict=True)}
    gone[~reached] = 0.0
    shift = np.array([(after[n].mean() - prior[n].mean()) / prior[n].std() for n in names])
    verdict = np.select(
        [~reached, gone >= 0.5, (np.abs(gone) >= 0.1) | (np.abs(shift) > 0.5)],
        ["not reached by data", "learned", "a little"],
        "reached, not moved",
    ).astype("U40")
    gone[-1], verdict[-1] = np.nan, "structure"
    return xr.Dataset(
        {
            "prior_sd": ("parameter", sds[:, 0]),
            "posterior_sd": ("parameter", sds[:, 1]),
            "contraction": ("parameter", gone),
            "shift": ("parameter", shift),
            "verdict": ("parameter", verdict),
            "reached": ("parameter", reached),
            "prior_quantiles": (("parameter", "quantile"), [quantiles(prior[n]) for n in names]),
            "posterior_quantiles": (
                ("parameter", "quantile"), [quantiles(after[n]) for n in names]
            ),
        },
        {
            "parameter": names,
            "quantile": LEVELS,
            "label": ("parameter", [PRIORS[n][3] for n in names]),
            "units": ("parameter", [PRIORS[n][2] for n in names]),
        },
    )  # fmt: skip


def power_scaling() -> xr.Dataset:
    names = [*PRIORS, "all data"]
    size = np.linspace(40, 1, len(names))[:, None, None, None]
    moved = size * np.array([-1.0, 1.0])[:, None, None] * np.ones((2, len(LEVELS), 3))
    moved[-2] = np.nan
    rest = ["✓"] * (len(names) - 3)
    told = np.full((len(names), 2), True)
    told[-2] = False
    return xr.Dataset(
        {
            "prior": ("parameter", [*np.linspace(0.2, 0.0, len(names) - 1), np.nan]),
            "likelihood": ("parameter", [*np.linspace(0.4, 0.0, len(names) - 1), np.nan]),
            "diagnosis": ("parameter", ["potential prior-data conflict", *rest, "structure", ""]),
            "moved": (("parameter", "alpha", "quantile", "year"), moved, {"units": "TWh"}),
            "pareto_k": (("parameter", "alpha"), np.full((len(names), 2), 0.2)),
            "told": (("parameter", "alpha"), told),
        },
        {
            "parameter": names,
            "label": ("parameter", [*(row[3] for row in PRIORS.values()), "all data"]),
            "alpha": [0.5, 2.0],
            "quantile": LEVELS,
            "year": [2027, 2030, 2035],
        },
        {"outcome": "electricity", "limit": 0.05, "good_k": 0.7},
    )


def check(after: np.ndarray, factors: np.ndarray) -> xr.Dataset:
    rng = np.random.default_rng(9)
    names = list(SOURCES)
    told = []
    for source, year, value in ROWS:
        mean = np.log(after[year - YEARS[0]]) + factors[names.index(source)]
        told.append((value, np.exp(mean + ERROR * rng.standard_normal(mean.size))))
    for _, year, value in GROWTH:
        mean = after[year - YEARS[0]] / after[year - YEARS[0] - 1] - 1
        told.append((value, mean + GROWTH_ERROR * rng.standard_normal(mean.size)))
    value = np.array([row[0] for row in told], dtype=float)
    replicas = np.array([row[1] for row in told])
    pit = (replicas < value[:, None]).mean(axis=1)
    k = np.where(np.arange(len(told)) == 9, 0.83, 0.25)
    known = observed().coords
    return xr.Dataset(
        {
            "value": ("row", value),
            "predicted": (("row", "quantile"), quantiles(replicas)),
            "pit": ("row", pit),
            "loo_pit": ("row", pit),
            "inside_50": ("row", (pit > 0.25) & (pit < 0.75)),
            "inside_90": ("row", (pit > 0.05) & (pit < 0.95)),
            "pareto_k": ("row", k),
            "elpd_loo": ("row", norm.logpdf(pit - 0.5)),
        },
        {**known, "quantile": LEVELS},
        {"elpd_loo": -34.2, "se": 2.6, "p_loo": 4.1, "good_k": 0.7, "words": ""},
    )


def structures_of() -> xr.Dataset:
    return xr.Dataset(
        {
            "elpd_loo": ("structure", [14.2, 12.9]),
            "se": ("structure", [2.6, 2.5]),
            "elpd_diff": ("structure", [0.0, -1.3]),
            "dse": ("structure", [0.0, 1.1]),
            "weight": ("structure", [0.72, 0.28]),
            "pareto_k_max": ("structure", [0.83, 0.6]),
            "converged": ("structure", [1, 1]),
            "variance_share": ("year", np.linspace(0, 0.24, len(YEARS))),
        },
        {"structure": ["demand_form=0", "demand_form=1"], "year": YEARS},
        {"outcome": "electricity"},
    )


def ranks(shapes: dict[str, float], simulations: int = 100, most: int = 99) -> xr.Dataset:
    """Ranks (parameter, simulation): uniform for shape 1, else of a Beta(shape, shape)."""
    rng = np.random.default_rng(2)
    drawn_ = [rng.beta(shape, shape, simulations) for shape in shapes.values()]
    found = np.floor(np.array(drawn_) * (most + 1)).astype(int)
    return xr.Dataset(
        {"rank": (("parameter", "simulation"), found)},
        {"parameter": list(shapes)},
        {"most": most},
    )
