"""Simulated ranks: right fits have uniform ranks, wrong ones are caught, nothing is hidden."""

from __future__ import annotations

import json
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import uncertainty as un
from uncertainty.calibration.draws import Draws
from uncertainty.calibration.measurement import SCALE_SD
from uncertainty.errors import DesignError, EvidenceError, ModelError, ResultError, StudyError
from uncertainty.printed.simulated import simulated_report, simulated_steps
from uncertainty.simulated import folder, run
from uncertainty.simulated.ranking import ranks, thinned
from uncertainty.simulated.run import simulated_ranks
from uncertainty.simulated.sampling import STARTS, insisted, started
from uncertainty.simulated.truths import Truths
from uncertainty.simulated.verdict import adjusted, judged
from uncertainty.uniformity import uniform

# ---- a model whose posterior is known: y = mu + b + error, b the bias of source B ----

PRIOR_SD, ERROR, BIAS_SD = 1.0, 0.5, 0.4
SPACE = {"mu": un.Prior("normal", mu=2, sigma=PRIOR_SD, label="Middle")}


def table(**columns):
    """Rows of log-normal error, so that their logarithms are exactly normal."""
    sources = ["A", "A", "B", "B", "B"]
    frame = {"outcome": "y", "value": 5.0, "unit": "1", "relative_error": ERROR, "source": sources}
    frame["published"] = ["2020", "2021", "2020", "2021", "2022"]
    frame["bias_sd"] = [BIAS_SD if s == "B" else 0.0 for s in sources]
    return un.Evidence(pd.DataFrame({**frame, **columns}))


def model(mu, *, xp):
    return xp.exp(mu)


def exact(*, width=1.0, shift=0.0, bias_sd=BIAS_SD, blind=False, draws=400):
    """Draws of the posterior of mu and the bias of B, or of a wrong one."""

    def fit(measurement, structure, seed):
        rows = measurement.rows
        known = np.stack([np.ones(rows.size), rows.source == rows.biased[0]], axis=1)
        y = np.log(rows.value) - 2.0
        weight = 0.0 if blind else 1 / ERROR**2
        inner = np.diag(1 / np.array([PRIOR_SD, bias_sd]) ** 2) + weight * known.T @ known
        cov = np.linalg.inv(inner)
        mean = cov @ (weight * known.T @ y)
        z = np.random.default_rng(seed).multivariate_normal(np.zeros(2), cov, draws).T
        mu, b = mean[:, None] + width * z + shift * np.sqrt(np.diag(cov))[:, None]
        bias = np.zeros((len(rows.bias_sd), draws))
        bias[rows.biased[0]] = b
        return Draws(
            {"mu": mu + 2.0}, bias, np.zeros((len(rows.vintage_sd), draws)), np.ones(draws), 2
        ), {}

    return fit


def simulate(fit, *, simulations=150, **options):
    return simulated_ranks(model, SPACE, table(), simulations=simulations, fit=fit, **options)


def test_ranks_of_an_exact_posterior_are_uniform():
    found = simulate(exact())
    assert found["parameter"].values.tolist() == ["mu", "bias of B", "log likelihood"]
    assert found["label"].values.tolist() == ["Middle", "bias of B", "log likelihood"]
    assert found["rank"].dims == ("parameter", "simulation")
    assert found["uniform"].all()
    assert found.attrs["uniform"] == 1
    assert found.attrs["most"] == 100
    assert json.loads(found.attrs["words"]) == [
        "the ranks of all 3 quantities could well be uniform"
    ]


WRONG = {
    "too wide": {"width": 1.3},
    "too narrow": {"width": 0.75},
    "shifted": {"shift": 0.3},
    "ignores the bias": {"bias_sd": 0.02},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_posterior_is_caught(wrong):
    found = simulate(exact(**wrong), simulations=200)
    assert found.attrs["uniform"] == 0
    outside = found["parameter"].values[~found["uniform"].values]
    text = json.loads(found.attrs["words"])[0]
    assert text.startswith(f"the ranks of {len(outside)} of 3 quantities are not uniform: ")
    assert str(outside[0]) in text


def test_a_fit_that_ignores_the_data_is_seen_by_the_likelihood_alone():
    found = simulate(exact(blind=True))
    assert found["uniform"].sel(parameter="mu")
    assert not found["uniform"].sel(parameter="log likelihood")


@pytest.mark.slow
def test_an_exact_posterior_is_accused_in_no_more_than_five_of_a_hundred_runs():
    accused = [
        1 - simulate(exact(), simulations=60, seed=seed).attrs["uniform"] for seed in range(100)
    ]
    assert np.mean(accused) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def test_bands_are_adjusted_so_that_all_quantities_together_are_accused_in_five_of_a_hundred():
    assert adjusted(1) == pytest.approx(0.95)
    assert adjusted(10) == pytest.approx(0.995)
    rng = np.random.default_rng(1)
    accused = [not judged(rng.integers(0, 101, (12, 80)), 100)["uniform"].all() for _ in range(400)]
    assert 0.01 < np.mean(accused) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_the_verdict_is_that_of_the_band_and_names_the_worst_place():
    rng = np.random.default_rng(2)
    made = np.stack([rng.integers(0, 101, 300), np.floor(101 * rng.beta(3, 1, 300)).astype(int)])
    found = judged(made, 100)
    for i, row in enumerate(made):
        difference, band, inside = uniform(row, 100, level=0.975)
        assert found["uniform"][i] == inside
        at = int(np.flatnonzero(difference == found["difference"][i])[0])
        assert found["low"][i] == band[0][at]
        assert found["outside"][i] == ((difference < band[0]) | (difference > band[1])).mean()
    assert found["uniform"].tolist() == [True, False]
    assert found["difference"][1] < found["low"][1]
    assert found["outside"][1] > 0.3


# ---- ranks and thinning ----


def test_ranks_by_hand():
    true, among = np.array([0.5, -1.0, 9.0]), np.tile([0.0, 1.0, 2.0], (3, 1))
    assert ranks(true, among, np.random.default_rng(1)).tolist() == [1, 0, 3]


def test_equal_values_are_ranked_in_random_order():
    rng = np.random.default_rng(1)
    found = [int(ranks(np.array([1.0]), np.array([[0.0, 1, 1, 1, 2]]), rng)[0]) for _ in range(300)]
    assert set(found) == {1, 2, 3, 4}
    assert min(np.bincount(found)[1:]) > 50


@pytest.mark.parametrize(
    ("chains", "length", "most", "kept"),
    [(2, 500, 100, 100), (4, 250, 100, 100), (3, 500, 100, 99), (2, 30, 100, 60), (1, 7, 3, 3)],
)
def test_thinning_keeps_as_many_draws_of_each_chain_evenly_spaced(chains, length, most, kept):
    found = thinned(chains, chains * length, most)
    assert len(np.unique(found)) == len(found) == kept
    parts = np.split(found, chains)
    steps = {int(step) for part in parts for step in np.diff(part)}
    assert len(steps) == 1
    assert all((part // length == i).all() for i, part in enumerate(parts))


# ---- what is simulated ----


def rich():
    """Levels of two sources, one biased and with editions; growth, a share; a choice."""
    years = [2020, 2021, 2022, 2023]

    @un.model(
        outcomes={"demand": "TWh", "part": "1"},
        dims={"demand": ("year",), "part": ("year",)},
        coords={"year": years},
    )
    def demand(start, growth, share, form, idle, *, xp):
        age = np.arange(4.0)[:, None]
        straight, bent = start * (1 + growth * age), start * xp.exp(growth * age)
        return {"demand": straight + form * (bent - straight), "part": share + 0.0 * age}

    space = {
        "start": un.Prior("lognormal", mu=np.log(100), sigma=0.3),
        "growth": un.Prior("normal", mu=0.1, sigma=0.05, label="Growth a year"),
        "share": un.Prior("beta", alpha=4, beta=6),
        "form": un.Prior("choice", values=[0, 1], probabilities=[0.25, 0.75]),
        "idle": un.Prior("normal", mu=0, sigma=1),
    }
    return demand, space


LINES = [
    ("demand", 2021, 110.0, "TWh", None, 0.05, "level", "Office", "2022", 0.0, 0.0),
    ("demand", 2023, 130.0, "TWh", None, 0.05, "level", "Office", "2022", 0.0, 0.0),
    ("demand", 2022, 150.0, "TWh", None, 0.03, "level", "研究院", "2023", 0.2, 0.04),
    ("demand", 2023, 170.0, "TWh", 6.0, None, "level", "研究院", "2023", 0.2, 0.04),
    ("demand", 2023, 0.12, "1/year", None, 0.3, "growth", "Office", "2024", 0.1, 0.0),
    ("part", 2022, 0.38, "1", None, 0.05, "share", "Office", "2024", 0.0, 0.0),
]
COLUMNS = ["outcome", "year", "value", "unit", "error", "relative_error", "kind", "source",
           "published", "bias_sd", "vintage_sd"]  # fmt: skip


def evidence(lines=tuple(LINES)):
    return un.Evidence(pd.DataFrame(lines, columns=COLUMNS))


def truths(simulations=400, seed=3, **changes):
    demand, space = rich()
    door, measurement, _ = run.prepared(demand, {**space, **changes}, evidence())
    return measurement, Truths.of(door, measurement, simulations, seed)


def test_truths_are_draws_of_the_prior_and_rows_scatter_about_what_is_true():
    measurement, found = truths()
    assert found.passed_over == 0
    start, growth = (found.draws.values[name] for name in ("start", "growth"))
    error = 4 / np.sqrt(400)
    assert np.log(start).mean() == pytest.approx(np.log(100), abs=0.3 * error)
    assert growth.std() == pytest.approx(0.05, rel=error)
    b = found.draws.bias[measurement.rows.biased]
    assert b.std(axis=1) == pytest.approx(np.array([0.2, 0.1]) * np.exp(SCALE_SD**2), rel=0.4)
    straight = found.draws.values["form"] == 0
    level = np.where(straight, start * (1 + growth), start * np.exp(growth))
    off = np.log(found.value[0]) - np.log(level)
    assert off.std() == pytest.approx(0.05, rel=error)
    assert off.mean() == pytest.approx(0, abs=0.05 * error)


def test_errors_stay_those_of_the_evidence_where_they_were_told_as_a_part_of_the_value():
    measurement, found = truths()
    assert measurement.rows.sd[4] == pytest.approx(0.3 * 0.12)
    for number in (0, 7):
        made = found.measured(number)
        np.testing.assert_array_equal(made.rows.sd, measurement.rows.sd)
        np.testing.assert_array_equal(made.rows.value, found.value[:, number])
        assert np.isfinite(made.linked()).all()


def test_draws_at_which_a_row_cannot_be_observed_are_passed_over_and_counted():
    wide = un.Prior("normal", mu=60, sigma=60)
    _, found = truths(start=wide)
    assert found.passed_over > 50
    assert (found.draws.values["start"] > 0).all()
    assert np.isfinite(found.value).all()


def test_priors_that_mostly_give_no_such_row_are_refused():
    demand, space = rich()
    space["start"] = un.Prior("normal", mu=-100, sigma=60)
    with pytest.raises(EvidenceError, match=r"only \d+ of 80 draws of the prior give rows"):
        simulated_ranks(demand, space, evidence(), simulations=20, fit=lambda *_: None)


def prior_fit(truth_of):
    """Draws of the prior in place of a posterior, which note the structure they were given."""

    def fit(measurement, structure, seed):
        truth_of.append(dict(structure))
        demand, space = rich()
        door, made, _ = run.prepared(demand, space, evidence())
        from uncertainty.design import Design

        drawn = Draws.of_prior(door, made, Design("random", door.space.width, 60, seed, 2))
        values = {**drawn.values, "form": np.full(120, structure["form"])}
        diverging = np.zeros((2, 60))
        diverging[0, 0] = seed % 2
        return replace(drawn, values=values), {"diverging": diverging}

    return fit


def test_choices_are_held_at_their_true_value_and_what_no_row_reaches_is_left_out():
    given: list[dict[str, float]] = []
    demand, space = rich()
    found = simulated_ranks(demand, space, evidence(), simulations=20, fit=prior_fit(given))
    assert found["parameter"].values.tolist() == [
        "start", "growth", "share", "bias of 研究院", "bias of Office", "vintage of 研究院",
        "bias_scale", "log likelihood",
    ]  # fmt: skip
    assert {tuple(g) for g in given} == {("form",)}
    assert 8 <= sum(g["form"] for g in given) <= 20
    words = json.loads(found.attrs["words"])
    assert any("form held at the true value" in text for text in words)
    told = [text for text in words if "diverged" in text]
    number = int((found["divergences"] > 0).sum())
    assert 0 < number < 20
    assert told[0].startswith(f"of 20 fits {number} ")
    assert found["rank"].sizes["simulation"] == 20


def test_the_same_seed_gives_the_same_ranks_also_through_an_executor():
    one, other = simulate(exact(), simulations=12), simulate(exact(), simulations=12, seed=2)
    with ThreadPoolExecutor(2) as executor:
        again = simulate(exact(), simulations=12, executor=executor)
    np.testing.assert_array_equal(one["rank"], again["rank"])
    assert (one["rank"].values != other["rank"].values).any()


def test_it_tells_how_far_it_is():
    said: list[str] = []
    simulate(exact(), simulations=3, tell=said.append)
    assert said[-3:] == [f"simulation {i} of 3" for i in (1, 2, 3)]
    assert "simulating observations" in said


@pytest.mark.parametrize("simulations", [1, 0, 2.5, True])
def test_too_few_simulations_are_refused(simulations):
    with pytest.raises(DesignError, match="simulations must be a whole number of at least 2, got"):
        simulate(exact(), simulations=simulations)


def test_a_fit_that_gives_now_more_and_now_fewer_draws_is_refused():
    several = iter([20, 40, 60])
    with pytest.raises(ResultError, match="20, 40, 60 draws"):
        simulate(
            lambda *given: exact(draws=next(several))(*given),
            simulations=3,
        )


def test_a_sampler_that_finds_no_place_to_begin_gets_other_seeds_then_says_so():
    seeds = []

    def late(data, seed, target):
        seeds.append(seed)
        if len(seeds) < STARTS:
            raise RuntimeError("all initial points failed")
        return {"sample_stats": {"diverging": np.zeros(4)}}

    assert "sample_stats" in started(late, {}, 5, 0.9)
    assert len(set(seeds)) == STARTS

    def never(data, seed, target):
        raise RuntimeError("all initial points failed")

    with pytest.raises(ModelError, match=r"could not begin.*all initial points failed"):
        started(never, {}, 5, 0.9)


def test_an_interrupt_that_is_swallowed_comes_again():
    def swallowing():
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return "went on"

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), insisted():
        assert swallowing() == "went on"
    assert signal.getsignal(signal.SIGINT) is before
    with insisted():
        pass


# ---- a study ----

MODEL = """
import numpy as np
import uncertainty as un

@un.model(outcomes={"demand": "TWh", "part": "1"}, dims={"demand": ("year",), "part": ("year",)},
          coords={"year": [2020, 2021, 2022, 2023]})
def demand(start, growth, share, *, xp):
    age = np.arange(4.0)[:, None]
    return {"demand": start * xp.exp(growth * age), "part": share + 0.0 * age}
"""
STUDY = """
title = "A small study"
model = "simulated_toy:demand"
seed = 4
[parameters.start]
label = "Demand in 2020"
prior = { family = "lognormal", mu = 4.6, sigma = 0.3 }
[parameters.growth]
prior = { family = "normal", mu = 0.1, sigma = 0.05 }
[parameters.share]
prior = { family = "beta", alpha = 4, beta = 6 }
[calibration]
evidence = "seen.csv"
tune = 300
target_accept = 0.95
"""


@pytest.fixture
def study(tmp_path):
    frame = pd.DataFrame(LINES, columns=COLUMNS)
    frame.loc[4, "bias_sd"] = 0.0
    frame["vintage_sd"] = 0.0
    frame["source"] = frame["source"].replace("研究院", "Academy")
    frame.to_csv(tmp_path / "seen.csv", index=False)
    for name, text in {"simulated_toy.py": MODEL, "small.toml": STUDY}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    yield un.open_study(tmp_path / "small.toml")
    sys.modules.pop("simulated_toy", None)


def stood_in(options, uniform_=1):
    """What the run gives, for ranks that were drawn here."""
    rng = np.random.default_rng(1)
    most, shape = 100, (1.0 if uniform_ else 4.0)
    made = np.floor(rng.beta(shape, 1, (2, options["simulations"])) * 101).astype(int)

    def fake(model_, space, evidence_, *, simulations, tell, journal, seed, **given):
        import xarray as xr

        options["given"] = {"seed": seed, **given}
        columns = {k: ("parameter", v) for k, v in judged(made, most).items()}
        noted = {k: ("simulation", np.ones(simulations)) for k in folder.FITS}
        attrs = {"most": most, "level": 0.95, "rows": 6, "words": json.dumps(["so it is"]),
                 "uniform": uniform_, "seed": seed, "chains": 2,
                 **{k: given[k] for k in ("draws", "tune", "sampler", "target_accept")}}  # fmt: skip
        both = ("parameter", "simulation")
        return xr.Dataset(
            {"rank": (both, made), "true_value": (both, made / 2.0), **columns, **noted},
            {"parameter": ["start", "log likelihood"], "label": ("parameter", ["Demand", "l"])},
            attrs,
        )

    return fake


def test_a_study_writes_ranks_verdict_and_chart(study, tmp_path, monkeypatch, capsys):
    options = {"simulations": 40}
    monkeypatch.setattr(folder, "simulated_ranks", stood_in(options))
    place = tmp_path / "out"
    found = folder.simulated_directory(study, place, simulations=40)
    assert options["given"] == {"seed": 4, "tune": 300, "sampler": "nutpie",
                                "target_accept": 0.95, "robust": False, "draws": 500}  # fmt: skip
    table_ = pd.read_csv(place / "ranks.csv")
    assert list(table_) == ["parameter", "label", "simulation", "rank", "true_value"]
    assert len(table_) == 2 * 40
    assert pd.read_csv(place / "verdict.csv")["uniform"].all()
    assert {p.name for p in (place / "figures").iterdir()} == {"ranks.png", "ranks.svg"}
    assert json.loads((place / "manifest.json").read_text())["words"] == ["so it is"]
    assert not (tmp_path / ".out.unfinished").exists()
    read = un.read_result(place)
    np.testing.assert_array_equal(read["simulated"]["rank"], found["rank"])
    simulated_report(found, place)
    text = capsys.readouterr().out
    assert "A small study" in text
    assert "could be" in text
    assert "so it is" in text


def test_a_quantity_outside_comes_first_and_is_said(capsys):
    fake = stood_in({"simulations": 200}, uniform_=0)
    found = fake(None, None, None, simulations=200, tell=None, journal=None, seed=1, draws=1,
                 tune=1, sampler="", target_accept=0.9)  # fmt: skip
    simulated_report(found)
    lines = capsys.readouterr().out.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("quantity")) + 1
    assert lines[first].rstrip().endswith("no")


def test_of_many_quantities_those_outside_and_the_largest_differences_are_listed(capsys):
    import xarray as xr

    rng = np.random.default_rng(3)
    made = rng.integers(0, 101, (40, 60))
    made[7] = 3
    columns = {k: ("parameter", v) for k, v in judged(made, 100).items()}
    names = [f"p{i}" for i in range(40)]
    found = xr.Dataset(
        {"rank": (("parameter", "simulation"), made), **columns},
        {"parameter": names, "label": ("parameter", names)},
        {"most": 100, "level": 0.95, "rows": 6, "words": "[]"},
    )
    simulated_report(found)
    lines = capsys.readouterr().out.splitlines()
    listed = [line for line in lines if line.startswith("p")]
    assert len(listed) == 20
    assert listed[0].startswith("p7 ")
    assert "and 20 more with smaller differences, none of them outside" in lines


def test_few_simulations_are_said_to_show_gross_errors_only():
    words = json.loads(simulate(exact(), simulations=10).attrs["words"])
    assert words[1] == "with fewer than 50 simulations only gross errors are seen"


def test_a_study_without_calibration_is_refused(study, tmp_path):
    with pytest.raises(StudyError, match=r"has no \[calibration\]"):
        folder.simulated_directory(study.prior_only(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_interrupted_run_goes_on_where_it_stopped(study, tmp_path, monkeypatch):
    runs: list[int] = []

    def failing(*given, **options):
        def fit(measurement, structure, seed):
            runs.append(seed)
            if len(runs) == 4:
                raise KeyboardInterrupt
            values = {n: np.random.default_rng(seed).uniform(0.1, 0.2, 40)
                      for n in ("start", "growth", "share")}  # fmt: skip
            shape = (len(measurement.rows.bias_sd), 40)
            vintage = np.zeros((len(measurement.rows.vintage_sd), 40))
            return Draws(values, np.zeros(shape), vintage, np.ones(40), 2), {}

        return simulated_ranks(*given, **options, fit=fit)

    monkeypatch.setattr(folder, "simulated_ranks", failing)
    place = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        folder.simulated_directory(study, place, simulations=5)
    assert not place.exists()
    found = folder.simulated_directory(study, place, simulations=5)
    assert len(runs) == 4 + 2
    assert len(set(runs)) == 5
    assert found["rank"].sizes["simulation"] == 5


def test_a_tenth_of_the_simulations_is_said_and_nothing_when_quiet(capsys):
    for quiet in (False, True):
        tell = simulated_steps(quiet)
        tell("compiling the model")
        for i in range(1, 41):
            tell(f"simulation {i} of 40")
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "uncertainty: compiling the model"
    assert len(said) == 11
    assert said[-1] == "uncertainty: simulation 40 of 40"


# ---- NUTS ----


@pytest.mark.slow
def test_calibration_of_a_small_study_has_uniform_ranks(study, tmp_path):
    found = folder.simulated_directory(study, tmp_path / "out", simulations=80, draws=250)
    assert found["parameter"].values.tolist() == [
        "start", "growth", "share", "bias of Academy", "log likelihood"
    ]  # fmt: skip
    assert found.attrs["uniform"] == 1, found.attrs["words"]
    assert found.attrs["most"] == 100
    assert (found["r_hat"] < 1.05).all()
    assert float(found["ess"].min()) > 100
    read = un.read_result(tmp_path / "out")["simulated"].to_dataset()
    np.testing.assert_array_equal(read["rank"], found["rank"])
