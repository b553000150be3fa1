"""Models and evidence whose posterior is known: exactly where all is Gaussian, else by weighting
many draws of the prior. Likelihoods are written out here anew, apart from what they check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from arviz_stats.base import array_stats
from scipy.special import expit, logit
from scipy.stats import norm, t

import uncertainty as un

YEARS = (2020, 2021, 2022, 2023)
REGIONS = ("north", "süd")
AXES = {"chain_axis": 0, "draw_axis": 1}


def near(draws: np.ndarray, wanted: float, other: float = 0.0) -> None:
    """The mean of draws (chain, draw) is what is wanted, within 4 of its standard errors."""
    error = np.hypot(float(array_stats.mcse(draws, **AXES, method="mean")), other)
    assert abs(draws.mean() - wanted) < 4 * error, (draws.mean(), wanted, error)


def near_moments(draws: np.ndarray, mean: float, variance: float) -> None:
    near(draws, mean)
    near((draws - mean) ** 2, variance)


def table(rows: list[dict[str, object]]) -> un.Evidence:
    return un.Evidence(pd.DataFrame(rows))


# ---- one observed number ----

SEEN = (9.2, 10.1, 11.3, 9.9, 10.4)


def five(error: float = 1.0, **other: object) -> un.Evidence:
    rows = {"outcome": "y", "value": SEEN, "unit": "1", "error": error, "source": list("abcde")}
    return un.Evidence(pd.DataFrame(rows | other))


def one_prior() -> dict[str, un.Prior]:
    return {"mu": un.Prior("normal", mu=8, sigma=1.5)}


def level(mu):
    return mu


# ---- normals, lognormals, one biased source: the posterior is Gaussian ----


@un.model(
    outcomes={"plain": "1", "demand": "MW", "power": "TWh"},
    dims={"demand": ("year", "region"), "power": ("year",)},
    coords={"year": YEARS, "region": REGIONS},
    units={"mu": "1", "a": "MW", "b": "MW/year", "c": "MW", "start": "TWh", "rate": "1/year"},
)
def gaussian_model(mu, a, b, c, start, rate, *, xp):
    year = np.arange(4.0)[:, None]
    demand = xp.stack([a + b * year, c + 0.5 * a - b * year], axis=1)
    return {"plain": mu, "demand": demand, "power": start * xp.exp(rate * year)}


def gaussian_space() -> un.Space:
    def normal(mu, sigma, unit):
        return un.Prior("normal", mu=mu, sigma=sigma, unit=unit)

    return un.Space(
        {
            "mu": normal(8, 1.5, "1"),
            "c": normal(40, 8, "MW"),
            "a": normal(0.05, 0.01, "GW"),
            "b": normal(3, 2, "MW/year"),
            "start": un.Prior("lognormal", mu=np.log(80), sigma=0.2, unit="TWh"),
            "rate": normal(10, 5, "%/year"),
        },
        {("a", "b"): 0.5, ("b", "c"): -0.4, ("c", "a"): 0.2},
    )


@dataclass(frozen=True)
class Gaussian:
    names: tuple[str, ...]
    mean: np.ndarray
    covariance: np.ndarray

    def given(self, rows: np.ndarray, values: np.ndarray, sds: np.ndarray) -> Gaussian:
        """After observing values = rows @ parameters + sds * error."""
        precision = np.linalg.inv(self.covariance) + (rows.T / sds**2) @ rows
        covariance = np.linalg.inv(precision)
        pull = np.linalg.solve(self.covariance, self.mean) + (rows.T / sds**2) @ values
        return Gaussian(self.names, covariance @ pull, covariance)

    def of(self, row: np.ndarray) -> tuple[float, float]:
        """Mean and variance of row @ parameters."""
        return float(row @ self.mean), float(row @ self.covariance @ row)


NAMES = ("mu", "a", "b", "c", "log start", "rate", "bias", "office", "june", "early")
PLAIN = [({"mu": 1.0}, value, 1.0) for value in SEEN]
#: year, region, value in kW, error in kW, what it is made of
DEMAND = [
    (2023, "süd", 52e3, 4e3, {"c": 1, "a": 0.5, "b": -3}),
    (2020, "north", 48e3, 3e3, {"a": 1}),
    (2021, "north", 55e3, 3e3, {"a": 1, "b": 1}),
    (2020, "süd", 66e3, 5e3, {"c": 1, "a": 0.5}),
    (2022, "north", 51e3, 6e3, {"a": 1, "b": 2}),
]
#: year, value in GWh, relative error, source, edition, shifts
POWER = [
    (2020, 78e3, 0.03, "Office", "2021", {"office": 1}),
    (2021, 88e3, 0.03, "Office", "2021", {"office": 1}),
    (2021, 101e3, 0.05, "Agency", "2023-06", {"bias": 1, "june": 1}),
    (2022, 118e3, 0.05, "Agency", "2023-06", {"bias": 1, "june": 1}),
    (2023, 121e3, 0.05, "Agency", "2023-06", {"bias": 1, "june": 1}),
    (2020, 96e3, 0.08, "Agency", "2022", {"bias": 1, "early": 1}),
]
VINTAGE = {"2021": 0.05, "2023-06": 0.04, "2022": 0.06}
BIAS = 0.15


def gaussian_prior() -> Gaussian:
    sd = np.array([1.5, 10, 2, 8, 0.2, 0.05, BIAS, *VINTAGE.values()])
    mean = np.array([8, 50, 3, 40, np.log(80), 0.10, 0, 0, 0, 0])
    correlation = np.eye(len(NAMES))
    for i, j, rho in ((1, 2, 0.5), (2, 3, -0.4), (1, 3, 0.2)):
        correlation[i, j] = correlation[j, i] = 2 * np.sin(np.pi / 6 * rho)
    return Gaussian(NAMES, mean, correlation * np.outer(sd, sd))


def row_of(weights: Mapping[str, float]) -> np.ndarray:
    return np.array([weights.get(name, 0.0) for name in NAMES])


def power_row(year: int, weights: Mapping[str, float]) -> np.ndarray:
    return row_of({"log start": 1, "rate": year - 2020, **weights})


def gaussian_rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the evidence is made of, and values and errors as they are natural, row by row."""
    told = [(row_of(weights), value, sd) for weights, value, sd in PLAIN]
    told += [(row_of(w), value / 1e3, sd / 1e3) for _, _, value, sd, w in DEMAND]
    told += [(power_row(y, w), np.log(value / 1e3), sd) for y, value, sd, _, _, w in POWER]
    rows, values, sds = (np.array(column) for column in zip(*told, strict=True))
    return rows, values, sds


def gaussian_posterior() -> Gaussian:
    return gaussian_prior().given(*gaussian_rows())


def power_evidence(rows: list[tuple[object, ...]], bias: float = BIAS) -> list[dict[str, object]]:
    return [
        {"outcome": "power", "year": year, "value": value, "unit": "GWh", "relative_error": sd,
         "source": source, "published": edition, "vintage_sd": VINTAGE.get(str(edition), 0.1),
         "bias_sd": 0.0 if source == "Office" else 0.3 if source == "Newcomer" else bias}
        for year, value, sd, source, edition, _ in rows
    ]  # fmt: skip


def gaussian_evidence() -> un.Evidence:
    plain = [
        {"outcome": "plain", "value": value, "unit": "1", "error": sd, "source": letter}
        for (_, value, sd), letter in zip(PLAIN, "abcde", strict=True)
    ]
    demand = [
        {"outcome": "demand", "year": year, "region": region, "value": value, "unit": "kW",
         "error": sd, "source": "Grid"}
        for year, region, value, sd, _ in DEMAND
    ]  # fmt: skip
    return table(plain + demand + power_evidence(POWER))


#: Rows that are not fitted: a source and edition that are known, a known source anew, a new one.
HELD = [
    (2020, 90e3, 0.05, "Agency", "2023-06", {"bias": 1, "june": 1}),
    (2022, 110e3, 0.05, "Agency", "2024", {"bias": 1}),
    (2022, 99e3, 0.05, "Newcomer", "", {}),
]


# ---- growth, shares and two biased sources: by weighting draws of the prior ----


@un.model(
    outcomes={"power": "TWh", "part": "%", "sites": "TWh"},
    dims={"power": ("year",), "part": ("year",), "sites": ("year", "site")},
    coords={"year": YEARS, "site": ("hub", "edge")},
    units={"start": "TWh", "rate": "1/year", "mix": "1", "tilt": "1"},
)
def curved_model(start, rate, mix, tilt, *, xp):
    year = np.arange(4.0)[:, None]
    power = start * (1 + rate) ** year
    hub = 1 / (1 + xp.exp(-(tilt + 0.2 * year)))
    sites = xp.stack([power * hub, power * (1 - hub)], axis=1)
    return {"power": power, "part": 100 * mix * (1 - 0.1 * year), "sites": sites}


CURVED = {
    "start": un.Prior("lognormal", mu=np.log(50), sigma=0.25, unit="TWh"),
    "rate": un.Prior("uniform", lower=-10, upper=40, unit="%/year"),
    "mix": un.Prior("beta", alpha=3, beta=4),
    "tilt": un.Prior("normal", mu=0, sigma=0.7),
}
LEVELS = [(2021, 58.0, "Ministry", 0.12), (2023, 69.0, "Ministry", 0.12), (2020, 44.0, "Agency", 0.2),
          (2022, 55.0, "Agency", 0.2)]  # fmt: skip
ERROR = 0.12
GROWTH = [(2021, 9.0, 12.0, "Office", 0.0), (2023, 22.0, 15.0, "Bureau", 0.1)]


def curved_evidence() -> un.Evidence:
    rows: list[dict[str, object]] = [
        {"outcome": "power", "year": year, "value": value * 1e9, "unit": "kWh", "source": source,
         "relative_error": ERROR, "bias_sd": bias}
        for year, value, source, bias in LEVELS
    ]  # fmt: skip
    rows += [
        {"outcome": "power", "year": year, "value": value, "unit": "%/year", "kind": "growth",
         "error": error, "source": source, "bias_sd": bias}
        for year, value, error, source, bias in GROWTH
    ]  # fmt: skip
    share = {"kind": "share", "source": "Survey"}
    rows += [
        {"outcome": "part", "year": 2020, "value": 38.0, "unit": "%", "error": 9.0, **share},
        {"outcome": "part", "year": 2022, "value": 0.35, "unit": "1", "relative_error": 0.3,
         **share},
        {"outcome": "sites", "year": 2021, "site": "edge", "value": 40.0, "unit": "%",
         "error": 8.0, **share},
        {"outcome": "sites", "year": 2020, "site": "hub", "value": 31e9, "unit": "kWh",
         "error": 8e9, "source": "Survey"},
    ]  # fmt: skip
    return table(rows)


def curved_log_likelihood(x: dict[str, np.ndarray], robust: bool) -> np.ndarray:
    """Of the rows above, by hand; biases are those of Ministry, Agency and Bureau."""
    density = (lambda e: t.logpdf(e, 4)) if robust else norm.logpdf

    def power(year):
        return x["start"] * (1 + x["rate"]) ** (year - 2020)

    def hub(year):
        return expit(x["tilt"] + 0.2 * (year - 2020))

    bias = {"Ministry": x["ministry"], "Agency": x["agency"], "Bureau": x["bureau"], "Office": 0.0}
    total = np.zeros_like(x["start"])
    for year, value, source, _ in LEVELS:
        total += density((np.log(value / power(year)) - bias[source]) / ERROR)
    for year, value, error, source, _ in GROWTH:
        growth = power(year) / power(year - 1) * np.exp(bias[source]) - 1
        total += density((value / 100 - growth) / (error / 100))
    total += density((logit(0.38) - logit(x["mix"])) / (0.09 / (0.38 * 0.62)))
    total += density((logit(0.35) - logit(0.8 * x["mix"])) / (0.3 / 0.65))
    total += density((logit(0.40) - logit(1 - hub(2021))) / (0.08 / (0.4 * 0.6)))
    total += density((31.0 - power(2020) * hub(2020)) / 8.0)
    return total


@dataclass(frozen=True)
class Weighted:
    """Draws of the prior and their weights."""

    values: dict[str, np.ndarray]
    weights: np.ndarray

    def mean(self, name: str, power: int = 1, about: float = 0.0) -> tuple[float, float]:
        """Weighted mean of (x - about)^power and its standard error."""
        terms = (self.values[name] - about) ** power
        mean = float(self.weights @ terms)
        return mean, float(np.sqrt(self.weights**2 @ (terms - mean) ** 2))

    @property
    def effective(self) -> float:
        return float(1 / (self.weights**2).sum())


def curved_weighted(robust: bool, size: int = 10**6) -> Weighted:
    """A million draws of the prior, weighted by how likely they make the rows."""
    rng = np.random.default_rng(11)
    scale = np.exp(0.5 * rng.standard_normal(size))
    x = {
        "start": 50 * np.exp(0.25 * rng.standard_normal(size)),
        "rate": rng.uniform(-0.1, 0.4, size),
        "mix": rng.beta(3, 4, size),
        "tilt": 0.7 * rng.standard_normal(size),
        "bias_scale": scale,
        "ministry": 0.12 * scale * rng.standard_normal(size),
        "agency": 0.2 * scale * rng.standard_normal(size),
        "bureau": 0.1 * scale * rng.standard_normal(size),
    }
    log_weights = curved_log_likelihood(x, robust)
    weights = np.exp(log_weights - log_weights.max())
    return Weighted(x, weights / weights.sum())
