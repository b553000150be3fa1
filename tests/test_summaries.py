"""Posterior summaries: exact, importable without this package, and the way back to priors."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from textwrap import dedent

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from uncertainty.directory import write_tree
from uncertainty.errors import PriorError, ResultError, SpaceError
from uncertainty.imported import priors_from
from uncertainty.parameters import parameter_table
from uncertainty.prior import Prior
from uncertainty.space import Space
from uncertainty.summaries.columns import QUANTILE, coordinate_columns, label, level
from uncertainty.summaries.draws import draws_csv, draws_parquet, evenly, posterior_draws
from uncertainty.summaries.nearest import admissible
from uncertainty.summaries.recognised import read_draws, read_summary
from uncertainty.summaries.schema import table_schema
from uncertainty.summary import posterior_summary, summary_parquet

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
COLUMNS = [label(p) for p in LEVELS]
FIGURES = ["mean", "sd", *COLUMNS]
YEARS = [2025, 2027]
CHAINS, DRAWS = 4, 500
RHO = np.array([[1.0, 0.7, 0.0], [0.7, 1.0, -0.4], [0.0, -0.4, 1.0]])

SPACE = Space(
    {
        "growth": Prior("normal", mu=0.1, sigma=0.2, unit="1/year"),
        "saving": Prior("beta", alpha=4, beta=4),
        "load": Prior("lognormal", mu=3, sigma=0.8, unit="TWh"),
        "form": Prior("choice", values=[0, 1], probabilities=[0.5, 0.5]),
        "mix": Prior("dirichlet", a=[4, 2, 2]),
        "known": Prior("fixed", value=0.1),
    }
)


def correlated(seed=1, chains=CHAINS, draws=DRAWS):
    """Standard normal scores (chain, draw, 3) with the correlation RHO."""
    made = np.random.default_rng(seed).standard_normal((chains, draws, 3))
    return made @ np.linalg.cholesky(RHO).T


def estimates(values, name, unit, dims=("year",)):
    """Intervals and moments of draws (chain, draw, ...), as a result has them."""
    flat = values.reshape(-1, *values.shape[2:])
    q = np.moveaxis(np.quantile(flat, LEVELS, axis=0), 0, -1)
    m = np.stack([flat.mean(axis=0), flat.std(axis=0)], axis=-1)
    attrs = {"units": unit}
    return (
        {name: ((*dims, "quantile"), q, attrs), f"{name}_mcse": ((*dims, "quantile"), q / 997)},
        {name: ((*dims, "moment"), m, attrs), f"{name}_mcse": ((*dims, "moment"), m / 991)},
    )


def tree(seed=1, chains=CHAINS, draws=DRAWS):
    """A result as `calibrate` gives it, from a known multivariate normal."""
    z = correlated(seed, chains, draws)
    rng = np.random.default_rng(seed + 1000)
    two = ("chain", "draw")
    coords = {"chain": range(chains), "draw": range(draws), "source": ["IEA 2024", "中国 电力"]}
    growth, load = 0.1 + 0.05 * z[..., 0], np.exp(3 + 0.3 * z[..., 2])
    posterior = {
        "growth": (two, growth),
        "saving": (two, stats.beta(8, 5).ppf(stats.norm.cdf(z[..., 1]))),
        "load": (two, load),
        "form": (two, np.ones((chains, draws))),
        "mix": ((*two, "part"), rng.dirichlet([20, 10, 10], (chains, draws))),
        "known": (two, np.full((chains, draws), 0.1)),
        "source_bias": ((*two, "source"), rng.normal(0, 0.1, (chains, draws, 2))),
        "bias_scale": (two, rng.lognormal(0, 0.5, (chains, draws))),
    }
    demand = load[..., None] * np.exp(growth[..., None] * np.array([0, 2]))
    peak = load / 8.76
    about = {"interval_kind": "eti", "interval_prob": 0.9}
    iq, im = estimates(demand, "demand", "TWh")
    pq, pm = estimates(peak, "peak", "GW", ())
    places = {"year": YEARS, "quantile": list(LEVELS)}
    found = {
        "/parameters": parameter_table(SPACE),
        "/intervals": xr.Dataset(iq, places, about),
        "/moments": xr.Dataset(im, {"year": YEARS, "moment": ["mean", "sd"]}),
        "/posterior": xr.Dataset(posterior, coords),
        "/posterior_predictive": xr.Dataset(
            {
                "demand": ((*two, "year"), demand),
                "peak": (two, peak),
                "observation": ((*two, "observation"), rng.normal(size=(chains, draws, 3))),
            },
            {"year": YEARS},
        ),
        "/calibration/intervals": xr.Dataset({**iq, **pq}, places, about),
        "/calibration/moments": xr.Dataset({**im, **pm}, {"year": YEARS, "moment": ["mean", "sd"]}),
    }
    made = xr.DataTree.from_dict(found)
    made.attrs |= {"study": "small", "run": "00123e4", "seed": 1, "converged": 1}
    return made


@pytest.fixture(scope="module")
def result():
    return tree()


@pytest.fixture(scope="module")
def table(result):
    return posterior_summary(result)


def row(table, **where):
    """The one row with these entries."""
    for column, value in where.items():
        table = table[table[column].isna() if value is None else table[column] == value]
    assert len(table) == 1, where
    return table.iloc[0]


def exact(prior, **more):
    """The row of a prior, as `posterior_summary` has it."""
    quantiles = {label(p): float(prior.ppf(p)) for p in LEVELS}
    facts = {"group": "prior", "variable": "x", "unit": prior.unit, "mcse_mean": 0.0}
    return {**facts, "mean": prior.mean, "sd": prior.sd, **quantiles, **more}


def sampled(draws, **more):
    """The row of independent draws."""
    quantiles = dict(zip(COLUMNS, np.quantile(draws, LEVELS), strict=True))
    sd = draws.std(ddof=1)
    facts = {"variable": "x", "unit": "1", "mcse_mean": sd / np.sqrt(draws.size)}
    return {**facts, "mean": draws.mean(), "sd": sd, **quantiles, **more}


# The table


def test_each_posterior_figure_is_that_of_the_draws(result, table):
    found = row(table, group="posterior", variable="load")
    draws = result["posterior/load"].values
    assert found[COLUMNS].tolist() == np.quantile(draws, LEVELS).tolist()
    assert found["mean"] == pytest.approx(draws.mean(), rel=1e-14)
    assert found["sd"] == pytest.approx(draws.std(ddof=1), rel=1e-14)
    assert found["mcse_mean"] == pytest.approx(found["sd"] / np.sqrt(found["ess_bulk"]), rel=0.1)
    assert 1500 < found["ess_bulk"] < 2600
    assert found["r_hat"] == pytest.approx(1, abs=0.01)
    assert found[["unit", "interval_kind", "interval_prob"]].tolist() == ["TWh", "eti", 0.9]


def test_chains_that_disagree_show_in_r_hat(result):
    apart = result.copy(deep=True)
    apart["posterior/growth"].values[0] += 1.0
    assert row(posterior_summary(apart), group="posterior", variable="growth")["r_hat"] > 1.5


def test_measurement_parameters_have_their_source_as_coordinate(result, table):
    found = row(table, group="posterior", variable="source_bias", source="中国 电力")
    wanted = result["posterior/source_bias"].values[..., 1].mean()
    assert found["mean"] == pytest.approx(wanted, rel=1e-9)
    assert found["unit"] == "1"
    assert row(table, group="posterior", variable="bias_scale")["unit"] == "1"


def test_outcomes_given_the_evidence_come_from_the_calibration_groups(result, table):
    rows = table[table["group"] == "posterior_predictive"]
    assert sorted(rows["variable"].unique()) == ["demand", "peak"]
    for i, year in enumerate(YEARS):
        found = row(rows, variable="demand", year=year)
        wanted = result["calibration/intervals/demand"].values[i]
        assert found[COLUMNS].tolist() == wanted.tolist()
        assert found["mcse_mean"] == result["calibration/moments/demand_mcse"].values[i, 0]
        assert 1000 < found["ess_bulk"] < 3000
        assert found["r_hat"] == pytest.approx(1, abs=0.02)
    assert row(rows, variable="peak")["unit"] == "GW"


def test_outcomes_without_draws_keep_their_figures_and_have_no_r_hat(result):
    plain = result.copy()
    del plain["posterior_predictive"]
    found = row(posterior_summary(plain), group="posterior_predictive", variable="peak")
    assert found["mean"] > 0
    assert np.isnan([found["ess_bulk"], found["r_hat"]]).all()


def test_a_constant_is_told_exactly_and_its_r_hat_is_an_empty_cell(table):
    for name, value in (("form", 1.0), ("known", 0.1)):
        found = row(table, group="posterior", variable=name)
        assert found[FIGURES].tolist() == [value, 0.0, *[value] * 5]
    text = table[table["group"] == "posterior"].to_csv(index=False)
    assert "nan" not in text.lower()
    assert next(line for line in text.splitlines() if ",form," in line).endswith(",0.9,,")


def test_shares_are_named_as_in_the_rows_of_the_priors(table):
    both = [table[table["group"] == group]["variable"].tolist() for group in ("prior", "posterior")]
    shares = [f"mix[{i}]" for i in range(3)]
    assert all(set(shares) <= set(names) for names in both)
    assert "part" not in table


def test_no_row_is_there_twice(table):
    keys = ["group", "variable", *coordinate_columns(table)]
    assert not table[keys].duplicated().any()
    assert len(table) == (5 + 3) + 2 + (5 + 3 + 2 + 1) + 3


def test_without_posterior_the_rows_stay_those_of_the_prior(result, table):
    plain = xr.DataTree.from_dict(
        {f"/{g}": result[g].to_dataset() for g in ("parameters", "intervals", "moments")}
    )
    plain.attrs |= result.attrs
    ours = table[table["group"].isin(["prior", "prior_predictive"])].drop(columns="source")
    pd.testing.assert_frame_equal(posterior_summary(plain), ours, check_dtype=False)


def test_draws_that_are_not_finite_are_refused(result):
    broken = result.copy(deep=True)
    broken["posterior/load"].values[1, 7] = np.nan
    with pytest.raises(ResultError, match="'load': 1 of 2000 draws are not finite"):
        posterior_summary(broken)


def test_one_draw_gives_its_value_and_nothing_else():
    found = row(posterior_summary(tree(chains=1, draws=1)), group="posterior", variable="load")
    assert found["mean"] == found["q50"]
    assert found[["sd", "mcse_mean", "ess_bulk", "r_hat"]].isna().all()


def test_a_dim_named_as_a_column_of_ours_does_not_overwrite_it(result):
    clash = result.copy()
    draws = np.random.default_rng(1).normal(size=(CHAINS, DRAWS, 2))
    clash["posterior/odd"] = xr.DataArray(
        draws, {"unit": ["a", "b"]}, ("chain", "draw", "unit"), attrs={"units": "kW"}
    )
    found = row(posterior_summary(clash), variable="odd", unit_="b")
    assert (found["unit"], found["mean"]) == ("kW", pytest.approx(draws[..., 1].mean()))


# A row becomes a prior


PRIORS = [
    Prior("normal", mu=2, sigma=1),
    Prior("normal", mu=2, sigma=0.45),
    Prior("normal", mu=-3e6, sigma=1e-2, unit="TWh"),
    Prior("lognormal", mu=0.3, sigma=0.2),
    Prior("lognormal", mu=-20, sigma=2),
    Prior("beta", alpha=8, beta=5),
    Prior("beta", alpha=0.4, beta=0.2),
    Prior("beta", alpha=800, beta=50_000),
    Prior("gamma", alpha=2.5, beta=0.3),
    Prior("gamma", alpha=0.3, beta=30),
    Prior("gamma", alpha=2500, beta=0.3),
    Prior("uniform", lower=2, upper=5),
    Prior("log_uniform", lower=2, upper=500),
    Prior("logit_normal", mu=0.3, sigma=0.8),
    Prior("truncated_normal", mu=-0.4, sigma=0.5, lower=0, upper=np.inf),
    Prior("triangular", lower=0, c=1, upper=5),
    Prior("pert", lower=0, mode=1, upper=5),
]


@pytest.mark.parametrize("prior", PRIORS, ids=Prior.describe)
def test_the_row_of_a_prior_comes_back_as_that_prior(prior):
    found = Prior.from_summary(exact(prior))
    assert found.family == prior.family
    for name, value in prior.parameters.items():
        assert found.parameters[name] == pytest.approx(value, rel=1e-6, abs=1e-9)
    assert found.unit == prior.unit


@pytest.mark.parametrize("family", ["normal", "lognormal", "beta", "gamma"])
def test_every_row_of_a_result_comes_back(family, table):
    prior = next(p for p in PRIORS if p.family == family)
    space = Space({"x": prior})
    result = xr.DataTree.from_dict({"/parameters": parameter_table(space)})
    text = posterior_summary(result).to_csv(index=False)
    found = Prior.from_summary(pd.read_csv(io.StringIO(text)))
    assert (found.family, found.unit) == (family, prior.unit)
    for name, value in prior.parameters.items():
        assert found.parameters[name] == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize("make", [dict, pd.Series, lambda r: pd.DataFrame([r])])
def test_a_row_may_be_a_mapping_a_series_or_a_frame_of_one_row(make):
    prior = Prior("gamma", alpha=2, beta=3)
    assert Prior.from_summary(make(exact(prior))).family == "gamma"


def test_the_prior_tells_how_well_it_fits_and_where_it_comes_from(table):
    found = Prior.from_summary(row(table, group="posterior", variable="saving"))
    assert "of the posterior of 'saving' (study small, run 00123e4); largest error" in found.reading
    (source,) = found.sources
    assert source["title"].startswith("small, run 00123e4")
    assert "q95 = " in source["quote"]
    outcome = Prior.from_summary(
        row(table, group="posterior_predictive", variable="demand", year=2027)
    )
    assert outcome.unit == "TWh"
    assert (
        "posterior predictive of 'demand' (study small, run 00123e4, year 2027)" in outcome.reading
    )


def test_the_largest_error_that_is_told_is_the_largest_error():
    draws = np.random.default_rng(4).weibull(1.5, 4000)
    found = Prior.from_summary(sampled(draws))
    values, sd = np.quantile(draws, LEVELS), draws.std(ddof=1)
    scale = min(sd, (values[-1] - values[0]) / (2 * stats.norm.ppf(0.95)))
    error = np.abs(found.ppf(LEVELS) - values).max() / scale
    told = float(found.reading.split("largest error ")[1].split(" sd")[0])
    assert told == pytest.approx(error, rel=0.05)


@pytest.mark.parametrize(
    ("draw", "family"),
    [
        (lambda r, n: r.normal(-1, 2, n), "normal"),
        (lambda r, n: r.lognormal(0, 0.7, n), "lognormal"),
        (lambda r, n: 5 * r.gamma(2, 1, n), "gamma"),
        (lambda r, n: r.uniform(-2, 3, n), "uniform"),
    ],
    ids=["normal", "lognormal", "gamma", "uniform"],
)
def test_draws_of_a_family_are_recognised_and_fit_within_their_noise(draw, family):
    draws = draw(np.random.default_rng(5), 20_000)
    found = Prior.from_summary(sampled(draws))
    assert found.family == family
    assert float(stats.kstest(draws, found.cdf).statistic) < 0.02


def test_numbers_on_one_side_of_zero_do_not_get_a_prior_that_crosses_it():
    draws = np.random.default_rng(7).gamma(9, 1, 400)
    found = Prior.from_summary(sampled(draws))
    assert float(found.cdf(0.0)) < 1e-6


def test_shares_get_a_prior_within_zero_and_one():
    draws = np.random.default_rng(7).beta(8, 3, 4000)
    found = Prior.from_summary(sampled(draws))
    assert found.family == "beta"
    assert Prior.from_summary(sampled(draws, unit="TWh")).family == "pert"


def test_the_support_may_be_given():
    draws = np.random.default_rng(7).beta(2, 3, 4000) * 4 + 1
    found = Prior.from_summary(sampled(draws), support=(1, 5))
    assert (found.family, found.support) == ("beta", (1, 5))
    assert found.parameters["alpha"] == pytest.approx(2, rel=0.1)


def test_the_family_may_be_given():
    prior = Prior("gamma", alpha=400, beta=3)
    found = Prior.from_summary(exact(prior), family="Log-Normal")
    assert found.family == "lognormal"
    assert found.sd == pytest.approx(prior.sd, rel=0.01)


def test_mean_and_sd_alone_are_met_and_said_not_to_tell_the_family():
    found = Prior.from_summary({"mean": 3.0, "sd": 0.5})
    assert (found.family, found.mean, found.sd) == ("normal", 3.0, 0.5)
    assert "do not tell the family" in found.reading
    gamma = Prior.from_summary({"mean": 3.0, "sd": 0.5}, family="gamma")
    assert (gamma.mean, gamma.sd) == (pytest.approx(3.0), pytest.approx(0.5))


def test_two_quantiles_with_mean_and_sd_tell_a_skewed_family():
    prior = Prior("lognormal", mu=0, sigma=0.6)
    kept = {k: v for k, v in exact(prior).items() if k in ("mean", "sd", "q05", "q95", "mcse_mean")}
    found = Prior.from_summary(kept)
    assert found.family == "lognormal"
    assert found.parameters["sigma"] == pytest.approx(0.6, rel=1e-6)


def test_figures_are_converted_into_the_unit_asked_for():
    prior = Prior("lognormal", mu=1, sigma=0.3, unit="TWh")
    found = Prior.from_summary(exact(prior), unit="GWh")
    assert found.unit == "GWh"
    assert found.mean == pytest.approx(1000 * prior.mean)
    percent = Prior.from_summary(exact(Prior("normal", mu=40, sigma=5, unit="%")), unit="1")
    assert (percent.mean, percent.sd) == (pytest.approx(0.4), pytest.approx(0.05))
    assert Prior.from_summary({"mean": 1, "sd": 2}, unit="TWh").unit == "TWh"
    with pytest.raises(PriorError, match="x: 'TWh' cannot become 'kg'"):
        Prior.from_summary(exact(prior), unit="kg")


@pytest.mark.parametrize(
    "cells",
    [
        {"mean": 2.0, "sd": 0.0},
        {"mean": 2.0, "sd": 0.0, **dict.fromkeys(COLUMNS, 2.0)},
        {"q05": 2.0, "q95": 2.0},
        {"mean": "2.0", "sd": "0"},
    ],
)
def test_a_constant_row_is_fixed(cells):
    found = Prior.from_summary(cells)
    assert (found.family, found.mean) == ("fixed", 2.0)


NORMAL = exact(Prior("normal", mu=2, sigma=1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"q05": np.nan}, "q05 is empty .NaN. where q95 is given"),
        ({"q95": None}, "q95 is empty"),
        ({"mean": np.nan}, "mean is empty .NaN. where sd is given"),
        ({"sd": ""}, "sd is empty"),
        ({"q50": np.inf}, "q50 must be a finite number, got inf"),
        ({"mean": "two"}, "mean must be a finite number, got 'two'"),
        ({"q25": 3.5}, "quantiles must rise; got q25 = 3.5 and q50 = 2"),
        ({"sd": -1}, "sd must not be negative, got -1"),
        ({"sd": 0.1}, "q05 = .* which no distribution with sd 0.1 can have"),
        ({"mean": 200.0}, "lies .* from the mean 200, which no distribution"),
        ({"sd": 0.0}, "no distribution with sd 0 can have"),
        ({"q25": 2.0}, "equal quantiles .* are those of a number with steps"),
        ({"q00": -9.0}, "leave q00 out"),
        ({"unit": "furlongs per fnord"}, None),
        (dict.fromkeys(FIGURES, np.nan), "needs two quantiles .* given are none"),
    ],
)
def test_rows_that_make_no_sense_are_refused(change, message):
    if message is None:
        assert Prior.from_summary({**NORMAL, **change}).unit == change["unit"]
        return
    with pytest.raises(PriorError, match=message):
        Prior.from_summary({**NORMAL, **change})


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"family": "choice"}, "choice cannot be fitted to a row; use one of uniform"),
        ({"family": "betta"}, "did you mean 'beta'"),
        ({"family": "beta"}, "no beta on .0, 1. can be fitted"),
        ({"support": (3, 4)}, "no family on the support"),
        ({"support": (4, 3)}, "two numbers in order"),
        ({"family": "truncated_normal"}, None),
    ],
)
def test_what_cannot_be_fitted_is_refused(asked, message):
    if message is None:
        assert Prior.from_summary(NORMAL, **asked).support == (0, np.inf)
        return
    with pytest.raises(PriorError, match=message):
        Prior.from_summary(NORMAL, **asked)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({}, "needs two quantiles"),
        ({"variable": "x", "q50": 1}, "given are q50"),
        (pd.DataFrame([NORMAL, NORMAL]), "from one row, got 2"),
        (3, "got int"),
        ({"mean": 1, "sd": 0}, "of a constant, which no normal has"),
    ],
)
def test_what_is_no_row_is_refused(row, message):
    with pytest.raises(PriorError, match=message):
        Prior.from_summary(row, family="normal")


@pytest.mark.filterwarnings("ignore:.*fits poorly")
@pytest.mark.parametrize("scale", [1e-250, 1e-160, 1e-9, 1e9, 1e160, 1e250])
@pytest.mark.parametrize("values", [[1, 2, 3, 4, 5], [1, 1.1, 7, 8, 900], [-9, -3, -2, -1.5, -1.2]])
def test_quantiles_of_any_size_give_a_prior_that_is_finite(scale, values):
    found = Prior.from_summary(dict(zip(COLUMNS, np.array(values) * scale, strict=True)))
    assert np.isfinite(found.ppf(LEVELS)).all()
    assert found.ppf(0.5) == pytest.approx(values[2] * scale, abs=scale * np.ptp(values))


def test_heavy_tails_are_warned_of():
    draws = np.random.default_rng(3).standard_t(1.5, 8000)
    with pytest.warns(UserWarning, match="its sd is .* where the summary has .* fits poorly"):
        Prior.from_summary(sampled(draws))


def test_two_humps_are_warned_of():
    draws = np.concatenate([np.random.default_rng(i).normal(4 * i, 0.3, 2000) for i in (0, 1)])
    with pytest.warns(UserWarning, match="largest error 0.* fits poorly"):
        Prior.from_summary(sampled(draws))


@pytest.mark.slow
@pytest.mark.parametrize("prior", [PRIORS[3], *PRIORS[5:9]], ids=Prior.describe)
def test_priors_of_draws_cover_the_truth_as_often_as_their_noise_says(prior):
    # The middle of the fit scatters about the truth by no more than the noise of the draws.
    size, misses = 1000, []
    for seed in range(25):
        draws = prior.ppf(np.random.default_rng(seed).random(size))
        found = Prior.from_summary(sampled(draws, unit=prior.unit))
        misses.append(float(prior.cdf(found.ppf(0.5))) - 0.5)
    assert np.std(misses) < 1.3 * 0.5 / np.sqrt(size)
    assert abs(np.mean(misses)) < 4 * 0.5 / np.sqrt(size * len(misses)) + 0.01


# Draws become a space


def test_the_posterior_of_one_study_is_the_prior_of_the_next(result):
    space = Space.from_posterior(result)
    assert list(space.priors) == list(SPACE.priors)
    families = {name: prior.family for name, prior in space.priors.items()}
    assert families == {
        "growth": "normal", "saving": "beta", "load": "lognormal",
        "form": "fixed", "mix": "dirichlet", "known": "fixed",
    }  # fmt: skip
    assert space.priors["load"].unit == "TWh"
    assert space.priors["growth"].parameters["sigma"] == pytest.approx(0.05, rel=0.06)
    wanted = 6 / np.pi * np.arcsin(RHO / 2)
    assert set(space.correlation) == {("growth", "saving"), ("saving", "load")}
    assert space.correlation["growth", "saving"] == pytest.approx(wanted[0, 1], abs=0.05)
    assert space.correlation["saving", "load"] == pytest.approx(wanted[1, 2], abs=0.07)


def test_the_space_draws_what_the_posterior_drew(result):
    space = Space.from_posterior(result)
    values = space.at(np.random.default_rng(9).random((space.width, 20_000)))
    for name in ("growth", "saving", "load"):
        draws = result[f"posterior/{name}"].values.ravel()
        assert stats.ks_2samp(values[name], draws).statistic < 0.04
    shares = result["posterior/mix"].values.reshape(-1, 3)
    assert values["mix"].mean(axis=1) == pytest.approx(shares.mean(axis=0), abs=0.005)
    assert values["mix"].std(axis=1) == pytest.approx(shares.std(axis=0), rel=0.05)


def test_the_support_of_the_old_prior_is_kept():
    prior = Prior("uniform", lower=2, upper=3, unit="GW")
    draws = np.random.default_rng(2).uniform(2, 3, (4, 400))
    tilted = 2 + np.random.default_rng(2).beta(5, 1.5, (4, 400))
    for values, family in ((draws, "uniform"), (tilted, "beta")):
        made = xr.DataTree.from_dict(
            {
                "/posterior": xr.Dataset({"x": (("chain", "draw"), values)}),
                "/parameters": parameter_table(Space({"x": prior})),
            }
        )
        found = Space.from_posterior(made).priors["x"]
        assert (found.family, found.support) == (family, (2, 3))


def test_vectors_are_taken_element_by_element(result):
    space = Space.from_posterior(result, names=["source_bias", "growth"])
    assert list(space.priors) == ["source_bias_IEA_2024", "source_bias_中国_电力", "growth"]
    assert space.priors["source_bias_IEA_2024"].label == "source_bias[IEA 2024]"
    one = Space.from_posterior(result, names=["source_bias[IEA 2024]"])
    assert list(one.priors) == ["source_bias_IEA_2024"]


def test_a_tree_of_another_program_gives_all_its_variables():
    z = correlated()
    data = xr.Dataset(
        {
            "mu": (("chain", "draw"), z[..., 0]),
            "tau": (("chain", "draw"), np.exp(z[..., 1])),
            "θ": (("draw", "school", "chain"), np.moveaxis(z[..., 1:], 0, -1)),
        },
        {"school": ["A", "B"]},
    )
    for group in (data, {"posterior": data}, xr.DataTree.from_dict({"/posterior": data})):
        # tau has the ranks of θ_A, and no copula a correlation of 1.
        with pytest.warns(UserWarning, match=r"most moved: \(tau, θ_A\) from 1.000"):
            space = Space.from_posterior(group, families={"tau": "gamma"})
        assert list(space.priors) == ["mu", "tau", "θ_A", "θ_B"]
        assert space.priors["tau"].family == "gamma"


def test_few_values_become_a_choice_whose_lost_dependence_is_told():
    z = correlated()
    data = xr.Dataset(
        {
            "form": (("chain", "draw"), np.where(z[..., 0] > 0.5, 3.0, 1.0)),
            "x": (("chain", "draw"), z[..., 1]),
        }
    )
    with pytest.warns(UserWarning, match=r"cannot be correlated in a space.*\(x, form\) 0\.\d"):
        space = Space.from_posterior(data)
    share = float((z[..., 0] > 0.5).mean())
    assert space.priors["form"].parameters["values"] == (1.0, 3.0)
    assert space.priors["form"].parameters["probabilities"] == pytest.approx((1 - share, share))


def test_independent_draws_give_independent_priors():
    pairs = 0
    for seed in range(20):
        draws = np.random.default_rng(seed).normal(size=(4, 250, 6))
        data = xr.Dataset({f"x{i}": (("chain", "draw"), draws[..., i]) for i in range(6)})
        pairs += len(Space.from_posterior(data).correlation)
    assert pairs <= 4  # 300 pairs at three standard errors: 0.8 expected


def test_slow_chains_need_a_larger_correlation():
    # An effective size of about 2000 / 200: a correlation of 0.6 by chance is nothing.
    rng = np.random.default_rng(3)
    steps = rng.normal(size=(4, 500, 2))
    walk = np.zeros_like(steps)
    for i in range(1, 500):
        walk[:, i] = 0.99 * walk[:, i - 1] + steps[:, i]
    data = xr.Dataset({n: (("chain", "draw"), walk[..., i]) for i, n in enumerate("ab")})
    raw = stats.spearmanr(walk[..., 0].ravel(), walk[..., 1].ravel()).statistic
    assert abs(raw) > 3 / np.sqrt(2000)
    assert not Space.from_posterior(data).correlation


def test_the_nearest_correlation_is_one_and_near():
    rho = np.array([[1, 0.9, -0.9, 0], [0.9, 1, 0.9, 0], [-0.9, 0.9, 1, 0], [0, 0, 0, 1.0]])
    found = admissible(rho)
    normal = 2 * np.sin(np.pi / 6 * found)
    np.fill_diagonal(normal, 1)
    assert np.linalg.eigvalsh(normal)[0] > 1e-8
    assert np.allclose(found[3, :3], 0)
    assert np.abs(found[:3, :3]).max() <= 1
    valid = np.array([[1, 0.5], [0.5, 1]])
    assert admissible(valid) is valid


def test_the_nearest_correlation_is_that_of_an_independent_solver():
    # Higham 2002, section 4: the nearest to this matrix in the Frobenius norm.
    from uncertainty.summaries.nearest import projected

    given = np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
    wanted = np.array([[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]])
    assert projected(given) == pytest.approx(wanted, abs=2e-4)


def test_parameters_that_are_one_number_get_a_space_all_the_same():
    z = correlated()[..., 0]
    data = xr.Dataset({"a": (("chain", "draw"), z), "b": (("chain", "draw"), 2 * z)})
    with pytest.warns(UserWarning, match="no Gaussian copula has"):
        space = Space.from_posterior(data)
    assert 0.999 < space.correlation["a", "b"] < 1


def dataset(**columns):
    return xr.Dataset({name: (("chain", "draw"), v) for name, v in columns.items()})


@pytest.mark.parametrize(
    ("data", "more", "message"),
    [
        (dataset(x=np.zeros((1, 1))), {}, "1 draws are too few"),
        (dataset(x=np.full((4, 50), np.nan)), {}, "x: 200 of 200 draws are not finite"),
        (dataset(x=np.ones((4, 50))), {}, "at least one uncertain"),
        (dataset(x=np.zeros((4, 50))), {"names": ["y"]}, "no draws of 'y'.*there are x"),
        (dataset(x=np.zeros((4, 50))), {"names": "x"}, "names is a list"),
        (dataset(x=np.zeros((4, 50))), {"families": {"y": "beta"}}, "families: no draws of y"),
        (
            xr.Dataset({"x": ("sample", np.zeros(9))}),
            {},
            "no draws over .chain, draw.: 'x' has dims",
        ),
        ({"prior": dataset(x=np.zeros((4, 50)))}, {}, "no group 'posterior'"),
        (xr.DataTree.from_dict({"/prior": None}), {}, "no group 'posterior'; its groups are prior"),
    ],
)
def test_draws_that_give_no_space_are_refused(data, more, message):
    with pytest.raises(SpaceError, match=message):
        Space.from_posterior(data, **more)


def test_names_that_would_fall_together_are_refused():
    draws = np.random.default_rng(1).normal(size=(4, 50))
    data = dataset(a_1=draws).assign(a=(("chain", "draw", "i"), draws[..., None]))
    with pytest.raises(SpaceError, match=r"would both be named 'a_1'"):
        Space.from_posterior(data.assign_coords(i=[1]))


def test_a_family_that_does_not_fit_names_the_parameter():
    with pytest.raises(SpaceError, match="posterior: x: no beta"):
        Space.from_posterior(dataset(x=correlated()[..., 0]), families={"x": "beta"})


# Draws as a table


def test_draws_are_thinned_evenly_and_stay_joint(result):
    frame = posterior_draws(result, most=400)
    assert len(frame) == 400
    assert frame.groupby("chain").size().tolist() == [100] * 4
    assert set(np.diff(frame[frame["chain"] == 2]["draw"])) == {5}
    some = frame.iloc[123]
    for name in ("growth", "load"):
        drawn = result[f"posterior/{name}"].sel(chain=some["chain"], draw=some["draw"])
        assert some[name] == float(drawn)
    bias = result["posterior/source_bias"].sel(
        chain=some["chain"], draw=some["draw"], source="中国 电力"
    )
    assert some["source_bias[中国 电力]"] == float(bias)
    assert {"mix[0]", "mix[1]", "mix[2]"} <= set(frame)
    assert frame.attrs["thinned"] == "100 of 500 draws of each of 4 chains, evenly spaced"
    assert frame.attrs["units"]["load"] == "TWh"


def test_all_draws_come_where_as_many_are_asked_for(result):
    frame = posterior_draws(result, most=10_000)
    assert len(frame) == CHAINS * DRAWS
    assert frame["load"].to_numpy().tolist() == result["posterior/load"].values.ravel().tolist()
    assert frame.attrs["thinned"] == "all 500 draws of each of 4 chains"


@pytest.mark.parametrize(("draws", "most"), [(500, 7), (500, 499), (3, 2), (1, 1), (10, 100)])
def test_thinning_keeps_as_many_as_asked_without_repeats(draws, most):
    kept = evenly(draws, most)
    assert len(kept) == min(draws, most)
    assert kept == sorted(set(kept))
    assert kept[0] >= 0
    assert kept[-1] < draws
    assert abs((kept[0] + kept[-1]) - (draws - 1)) <= 1


@pytest.mark.parametrize("most", [3, 0, 2.5, True])
def test_fewer_draws_than_chains_are_refused(result, most):
    with pytest.raises(ResultError, match=r"at least one draw a chain \(4\)"):
        posterior_draws(result, most=most)


def test_draws_as_files_say_what_they_are(result):
    from pyarrow import parquet

    content = draws_parquet(result, 40)
    facts = parquet.read_schema(io.BytesIO(content)).metadata
    assert facts[b"thinned"] == b"10 of 500 draws of each of 4 chains, evenly spaced"
    assert (facts[b"study"], facts[b"group"]) == (b"small", b"posterior")
    assert json.loads(facts[b"units"])["load"] == "TWh"
    stored, text = (
        pd.read_parquet(io.BytesIO(content)),
        pd.read_csv(io.BytesIO(draws_csv(result, 40))),
    )
    wanted = posterior_draws(result, 40)
    for found in (stored, text):
        pd.testing.assert_frame_equal(found, wanted, check_dtype=False, rtol=1e-15)
    assert draws_parquet(result, 40) == content


# Files of other programs


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_our_own_summary_comes_back_from_csv_and_parquet(result, table, tmp_path):
    csv = write(tmp_path / "summary.csv", table.to_csv(index=False))
    parquet = write(tmp_path / "summary.parquet", summary_parquet(result))
    rows = write(tmp_path / "summary.json", table.to_json(orient="records", double_precision=15))
    for path in (csv, parquet, rows):
        found = read_summary(path)
        assert found.attrs["read_as"] == "summary of a result"
        rough = 1e-12 if path is rows else 1e-15
        pd.testing.assert_frame_equal(found, table, check_dtype=False, rtol=rough)
        assert found["run"].iloc[0] == "00123e4"
        assert found["unit"].iloc[1] == "1"


def test_the_parquet_file_says_what_it_rests_on(result):
    from pyarrow import parquet

    facts = parquet.read_schema(io.BytesIO(summary_parquet(result))).metadata
    assert (facts[b"study"], facts[b"run"], facts[b"converged"]) == (b"small", b"00123e4", b"1")
    assert json.loads(facts[b"schema"]) == table_schema()


def test_texts_that_look_like_nothing_stay_texts(tmp_path):
    header = "study,run,group,variable,country,unit,mean,sd\n"
    path = write(tmp_path / "a.csv", header + "NA,1e5,posterior,null,NA,1,1.5,2\n")
    found = read_summary(path).iloc[0]
    assert found[["study", "run", "variable", "country"]].tolist() == ["NA", "1e5", "null", "NA"]


ARVIZ = dedent("""\
    ,mean,sd,{0},{1},ess_bulk,ess_tail,r_hat,mcse_mean,mcse_sd
    mu,2,1,0.3551463730485274,3.6448536269514725,1800,1700,1.0,0.02,0.01
    "theta[A, 1]",2,1,0.3551463730485274,3.6448536269514725,1800,1700,,0.02,0.01
    c,1,0,1,1,2000,2000,nan,0,nan
    """)


@pytest.mark.parametrize(
    ("ends", "kind", "prob", "columns"),
    [
        (("eti90_lb", "eti90_ub"), "eti", 0.9, ("q05", "q95")),
        (("eti89_lb", "eti89_ub"), "eti", 0.89, ("q5.5", "q94.5")),
        (("eti_5.5%", "eti_94.5%"), "eti", 0.89, ("q5.5", "q94.5")),
        (("hdi94_lb", "hdi94_ub"), "hdi", 0.94, ("lower", "upper")),
        (("hdi_3%", "hdi_97%"), "hdi", 0.94, ("lower", "upper")),
        (("hpd_2.5%", "hpd_97.5%"), "hdi", 0.95, ("lower", "upper")),
    ],
)
def test_summaries_of_arviz_are_read_whatever_their_interval(ends, kind, prob, columns, tmp_path):
    found = read_summary(write(tmp_path / "a.csv", ARVIZ.format(*ends)))
    one = row(found, variable="mu")
    assert one[["mean", "sd", "ess_bulk", "r_hat"]].tolist() == [2, 1, 1800, 1]
    assert (one["interval_kind"], one["interval_prob"]) == (kind, pytest.approx(prob))
    assert one[list(columns)].tolist() == [0.3551463730485274, 3.6448536269514725]
    assert row(found, variable="theta")["index"] == "A, 1"
    assert found.attrs["notes"] == ["columns left out: ess_tail, mcse_sd"]
    assert set(table_schema()["items"]["required"]) <= set(found)


def test_an_interval_of_highest_density_is_not_read_as_quantiles(tmp_path):
    prior = Prior("gamma", alpha=3, beta=1)
    u = np.linspace(1e-4, 0.06, 200_001)
    low, high = (
        prior.ppf(v)[np.argmin(prior.ppf(u + 0.94 - 1e-9) - prior.ppf(u))]
        for v in (u, u + 0.94 - 1e-9)
    )
    text = f",mean,sd,hdi94_lb,hdi94_ub\nx,{prior.mean},{prior.sd},{low},{high}\n"
    found = Prior.from_summary(read_summary(write(tmp_path / "a.csv", text)))
    assert found.family == "gamma"
    assert found.parameters["alpha"] == pytest.approx(3, rel=1e-3)


STANSUMMARY = dedent("""\
    name,Mean,MCSE,StdDev,{mad}5%,50%,95%,{ess},R_hat
    "lp__",-7.27,0.03,0.7,{m}-9.0,-6.9,-6.7,{e},1.0
    "accept_stat__",0.9,nan,0.1,{m}0.7,0.9,1,{e},nan
    "mu",2,0.02,1,{m}0.35514637,2,3.64485363,{e},1.001
    "theta[1]",5,0.02,1,{m}3.35514637,5,6.64485363,{e},1.001
    "theta[2]",6,0.02,1,{m}4.35514637,6,7.64485363,{e},1.001
    # Inference for Stan model: m
    # Samples were drawn using hmc with nuts.
    """)


@pytest.mark.parametrize(
    "columns",
    [
        {"mad": "", "m": "", "ess": "N_Eff,N_Eff/s", "e": "443,192"},
        {"mad": "MAD,", "m": "0.9,", "ess": "ESS_bulk,ESS_tail,ESS_bulk/s", "e": "443,400,192"},
    ],
)
def test_summaries_of_cmdstan_are_read(columns, tmp_path):
    path = write(tmp_path / "a.csv", STANSUMMARY.format(**columns))
    found = read_summary(path)
    assert found["variable"].tolist() == ["mu", "theta", "theta"]
    one = row(found, variable="theta", index="2")
    assert one[["mean", "sd", "mcse_mean", "q50", "ess_bulk", "r_hat"]].tolist() == [
        6, 1, 0.02, 6, 443, 1.001,
    ]  # fmt: skip
    assert np.isnan(one["q25"])
    assert "rows of the sampler left out: lp__, accept_stat__" in found.attrs["notes"]
    space = priors_from(path, names=["mu", "theta[2]"])
    assert list(space.priors) == ["mu", "theta_2"]
    assert space.priors["theta_2"].mean == pytest.approx(6, abs=1e-3)


def test_summaries_of_r_are_read(tmp_path):
    text = "variable,mean,median,sd,mad,q5,q95,rhat,ess_bulk,ess_tail\nmu,2,2,1,1,0.355,3.645,1,900,800\n"
    found = read_summary(write(tmp_path / "a.csv", text)).iloc[0]
    assert found[["q05", "q50", "q95", "r_hat"]].tolist() == [0.355, 2, 3.645, 1]


def stan_csv(draws, *, warm=0, saved="0"):
    """A file as CmdStan writes it: comments before, between and behind the draws."""
    lines = [
        "# stan_version_major = 2", "#   sample", f"#     num_warmup = {2 * warm}",
        f"#     save_warmup = {saved}", "#     thin = 2 (Default)",
        "lp__,accept_stat__,mu,theta.1,theta.2,L.1.1,L.2.1", "# Adaptation terminated",
    ]  # fmt: skip
    lines += [f"-1,0.9,{a!r},{b!r},{c!r},1,0" for a, b, c in draws.tolist()]
    return "\n".join([*lines, "# ", "#  Elapsed Time: 0.1 seconds (Sampling)", ""])


def test_draws_of_cmdstan_are_chains(tmp_path):
    z = correlated()
    paths = [write(tmp_path / f"{i}.csv", stan_csv(chain)) for i, chain in enumerate(z)]
    found = read_draws(paths)
    assert dict(found["posterior"].sizes) == {
        "chain": 4, "draw": 500, "theta_index": 2, "L_index": 2,
    }  # fmt: skip
    assert (found["posterior/theta"].sel(theta_index="2").values == z[..., 2]).all()
    assert found.attrs["notes"] == ["columns of the sampler left out: lp__, accept_stat__"]
    summary = read_summary(paths)
    one = row(summary, variable="theta", index="1")
    assert one["mean"] == pytest.approx(z[..., 1].mean())
    assert one["r_hat"] == pytest.approx(1, abs=0.01)
    assert row(summary, variable="L", index="2,1")["sd"] == 0
    space = priors_from(paths, names=["mu", "theta"])
    assert list(space.priors) == ["mu", "theta_1", "theta_2"]
    assert ("mu", "theta_1") in space.correlation


@pytest.mark.parametrize("saved", ["1", "true"])
def test_warm_up_draws_are_left_out_and_told(saved, tmp_path):
    z = correlated()[0]
    text = stan_csv(np.concatenate([np.full((30, 3), 99.0), z]), warm=30, saved=saved)
    found = read_draws(write(tmp_path / "a.csv", text))
    assert (found["posterior/mu"].values[0] == z[:, 0]).all()
    assert "30 draws of the warm-up left out" in found.attrs["notes"]


def test_json_of_reference_posteriors_is_read_also_zipped(tmp_path):
    z = correlated()
    chains = [{"mu": c[:, 0].tolist(), "theta[1]": c[:, 1].tolist()} for c in z]
    text = json.dumps(chains)
    with zipfile.ZipFile(tmp_path / "a.json.zip", "w") as archive:
        archive.writestr("a.json", text)
    for path in (write(tmp_path / "a.json", text), tmp_path / "a.json.zip"):
        found = read_draws(path)
        assert (found["posterior/mu"].values == z[..., 0]).all()
        assert row(read_summary(path), variable="theta", index="1")["mean"] == pytest.approx(
            z[..., 1].mean()
        )
    summary = {"names": ["mu", "theta[1]"], "mean_value": [1, 2], "sd": [0.5, 0.1]}
    rows = read_summary(write(tmp_path / "b.json", json.dumps(summary)))
    assert row(rows, variable="theta", index="1")[["mean", "sd"]].tolist() == [2, 0.1]
    assert Prior.from_summary(rows.iloc[0]).mean == 1


def test_a_netcdf_of_arviz_groups_is_read(result, table, tmp_path):
    write_tree(result, tmp_path / "a.nc")
    found = read_summary(tmp_path / "a.nc")
    ours = row(table, group="posterior", variable="load")
    assert row(found, variable="load")[FIGURES].tolist() == ours[FIGURES].tolist()
    assert row(found, variable="source_bias", source="IEA 2024")["run"] == "00123e4"
    assert list(priors_from(tmp_path / "a.nc", names=["load"]).priors) == ["load"]


def test_draws_of_ours_come_back(result, tmp_path):
    for name, content in (("d.csv", draws_csv(result)), ("d.parquet", draws_parquet(result))):
        found = read_draws(write(tmp_path / name, content))
        assert dict(found["posterior"].sizes)["draw"] == 250
        kept = evenly(500, 250)
        assert (found["posterior/load"].values == result["posterior/load"].values[:, kept]).all()
        assert found["posterior/mix"].shape == (4, 250, 3)


def test_gaps_in_foreign_draws_leave_their_figures_empty_and_are_told(tmp_path):
    z = correlated()[0]
    z[3, 1] = np.nan
    found = read_summary(write(tmp_path / "a.csv", stan_csv(z)))
    assert row(found, variable="theta", index="1")[FIGURES].isna().all()
    assert row(found, variable="mu")[FIGURES].notna().all()
    assert "not finite, figures left empty: theta" in found.attrs["notes"][-1]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello\n", b"a,b\n1,2\n", b"\xff\xfe\x00", b"PAR1nonsense", b"CDF\x01x",
        b"\x89HDF\r\n\x1a\nxx", b"PK\x03\x04xx", b"{", b"{}", b"[]", b"[1, 2]", b'{"a": 1}',
        b"name,x\na,1\n", b"# only comments\n",
    ],
)  # fmt: skip
def test_an_unknown_file_gets_one_message_that_lists_what_is_known(content, tmp_path):
    with pytest.raises(
        ResultError, match=r"(?s)known are: summary.csv .* netCDF with a group"
    ) as e:
        read_summary(write(tmp_path / "a.bin", content))
    assert str(tmp_path / "a.bin") in str(e.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("chain,draw,x\n0,0,1\n0,1,2\n1,0,3\n", "same number of draws.*got .2, 1."),
        ("chain,draw\n0,0\n", "has no parameters"),
        ("lp__,x\n1,a\n", "draws must be numbers"),
        ('[{"a": [1, 2]}, {"b": [1, 2]}]', "draws of different names"),
        ('[{"a": [1, 2]}, {"a": [1]}]', "same number of draws"),
        ('{"names": ["a", "b"], "mean": [1]}', "2 names, but 1 values of mean"),
    ],
)
def test_broken_files_say_what_is_wrong(content, message, tmp_path):
    with pytest.raises(ResultError, match=message):
        read_summary(write(tmp_path / "a", content))


def test_what_is_not_there_is_said(tmp_path, table):
    with pytest.raises(ResultError, match="cannot be read"):
        read_summary(tmp_path / "none.csv")
    path = write(tmp_path / "summary.csv", table.to_csv(index=False))
    with pytest.raises(ResultError, match="holds no draws; it was read as summary of a result"):
        read_draws(path)
    with pytest.raises(ResultError, match="several files must each hold draws"):
        read_summary([path])
    with pytest.raises(SpaceError, match="no row of 'lod'; did you mean 'load'"):
        priors_from(path, names=["lod"])
    prior = write(tmp_path / "p.csv", table[table["group"] == "prior"].to_csv(index=False))
    with pytest.raises(SpaceError, match="no rows of group 'posterior', only of prior"):
        priors_from(prior)


def test_a_summary_gives_a_space_of_independent_priors(table, tmp_path):
    path = write(tmp_path / "summary.csv", table.to_csv(index=False))
    space = priors_from(path, names=["load", "growth", "source_bias"], families={"load": "gamma"})
    assert list(space.priors) == ["growth", "load", "source_bias_IEA_2024", "source_bias_中国_电力"]
    assert space.priors["load"].family == "gamma"
    assert not space.correlation


# The schema, and programs that know nothing of this package


def test_the_stored_schema_is_the_one_that_is_generated():
    import uncertainty.summaries as room

    path = Path(room.__file__).parent / "schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == table_schema()


def test_every_row_is_as_the_schema_says(result, table):
    items = table_schema()["items"]
    stored = pd.read_parquet(io.BytesIO(summary_parquet(result)))
    for record in stored.astype(object).where(stored.notna(), None).to_dict("records"):
        assert set(items["required"]) <= set(record)
        for name, value in record.items():
            if name in items["properties"]:
                about = items["properties"][name]
            elif level(name) is not None:
                about = items["patternProperties"][QUANTILE]
            else:
                about = items["additionalProperties"]
            kinds = {str: "string", type(None): "null"}
            kind = kinds.get(type(value), "number")
            assert kind in about["type"], (name, value)
            assert value in about.get("enum", [value])
            assert value is None or not value < about.get(
                "minimum", -np.inf if kind == "number" else ""
            )


def alone(script, *arguments):
    """What a script prints in a process of its own, away from the package."""
    ran = subprocess.run(
        [sys.executable, "-I", "-c", dedent(script), *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_another_program_reads_the_tables_with_pandas_alone(result, table, tmp_path):
    table.to_csv(tmp_path / "summary.csv", index=False)
    write(tmp_path / "summary.parquet", summary_parquet(result))
    write(tmp_path / "draws.parquet", draws_parquet(result, 10_000))
    write(tmp_path / "schema.json", json.dumps(table_schema()))
    said = alone(
        """
        import json, sys
        import numpy as np, pandas as pd
        folder = sys.argv[1]
        schema = json.load(open(folder + "/schema.json"))["items"]
        texts = {k: str for k, v in schema["properties"].items() if v["type"] == "string"}
        csv = pd.read_csv(folder + "/summary.csv", dtype=texts, float_precision=None)
        parquet = pd.read_parquet(folder + "/summary.parquet")
        draws = pd.read_parquet(folder + "/draws.parquet")
        out = []
        for frame in (csv, parquet):
            assert set(schema["required"]) <= set(frame)
            assert set(frame["group"]) <= set(schema["properties"]["group"]["enum"])
            row = frame.query("group == 'posterior_predictive' and variable == 'demand' and year == 2027")
            out.append(row[["q05", "q50", "q95"]].iloc[0].tolist())
        again = draws["load"] * np.exp(2 * draws["growth"])
        out.append(np.quantile(again, [0.05, 0.5, 0.95]).tolist())
        assert "uncertainty" not in sys.modules and "xarray" not in sys.modules
        print(json.dumps(out))
        """,
        tmp_path,
    )
    csv, parquet, again = json.loads(said)
    wanted = result["calibration/intervals/demand"].values[1, [0, 2, 4]].tolist()
    assert csv == parquet == wanted
    assert again == pytest.approx(wanted, rel=1e-12)


def test_another_program_reads_the_tree_with_arviz_alone(result, table, tmp_path):
    write_tree(result, tmp_path / "result.nc")
    said = alone(
        """
        import json, sys, warnings
        warnings.simplefilter("ignore")
        import arviz, xarray as xr
        tree = xr.open_datatree(sys.argv[1])
        frame = arviz.summary(tree, ci_kind="eti", ci_prob=0.9, round_to="none")
        assert "uncertainty" not in sys.modules
        print(json.dumps(frame.T.to_dict()))
        """,
        tmp_path / "result.nc",
    )
    theirs = json.loads(said)
    pairs = {"eti90_lb": "q05", "eti90_ub": "q95"}
    names = {"load": {"variable": "load"}, "mix[1]": {"variable": "mix[1]"}} | {
        f"source_bias[{source}]": {"variable": "source_bias", "source": source}
        for source in ("IEA 2024", "中国 电力")
    }
    for name, where in names.items():
        ours = row(table, group="posterior", **where)
        for column in ("mean", "sd", "mcse_mean", "ess_bulk", "r_hat", *pairs):
            assert ours[pairs.get(column, column)] == pytest.approx(theirs[name][column], rel=1e-9)
