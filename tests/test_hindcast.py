"""Hindcasts of a model whose posterior is known exactly: what is split, set anew, said and scored."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import binom

import uncertainty as un
from uncertainty.errors import EvidenceError, ResultError, StudyError
from uncertainty.hindcast import summed
from uncertainty.hindcast.observed import Observed
from uncertainty.hindcast.predicted import Predicted
from uncertainty.hindcast.rebased import BASE_SD
from uncertainty.hindcast.run import hindcast, hindcast_table, plan
from uncertainty.hindcast.scores import judged
from uncertainty.hindcast.series import MEDIANS, OWN, benchmark
from uncertainty.hindcast.splitting import Split, published_year

MODULE = '''
from uncertainty.model import Model


def growing(horizon, *, outcomes=None, since=None):
    """A level that grows at a constant rate, told for the base year."""
    base, last = horizon
    years = range(base if since is None else since, last + 1)
    names = ["electricity", "by_region"] if outcomes is None else list(outcomes)

    def growing(base_electricity, growth, *, xp):
        level = xp.stack([base_electricity * xp.exp(growth * (y - base)) for y in years])
        every = {"electricity": level, "by_region": xp.stack([0.3 * level, 0.7 * level])}
        return {name: every[name] for name in names}

    dims = {"electricity": ("year",), "by_region": ("region", "year")}
    return Model(
        growing,
        outcomes={name: "TWh" for name in names},
        dims={name: dims[name] for name in names},
        coords={"year": list(years), "region": ["north", "south"]},
        units={"base_electricity": "TWh", "growth": "1/year"},
    )


def fixed(base_electricity, growth, *, xp):
    level = xp.stack([base_electricity * xp.exp(growth * (y - 2024)) for y in range(2015, 2031)])
    return {"electricity": level}


fixed_model = Model(
    fixed,
    outcomes={"electricity": "TWh"},
    dims={"electricity": ("year",)},
    coords={"year": list(range(2015, 2031))},
)
'''
STUDY = """
title = "A level that grows"
model = "{name}:growing"
horizon = [2024, 2035]
outcomes = ["electricity"]

[parameters.base_electricity]
unit = "TWh"
prior = {{ family = "lognormal", mu = 6.0, sigma = 0.2 }}

[parameters.growth]
unit = "1/year"
prior = {{ family = "normal", mu = 0.1, sigma = 0.1 }}

[overlays]
observations = "rows.csv"
projections = "said.csv"
"""
HEAD = "outcome,region,year,value,unit,relative_error,error,kind,bias_sd,source,label,published"
SAID = "outcome,region,year,value,low,high,unit,source,label,published"
ERROR = 0.05


def line(year, value, *, outcome="electricity", region="", unit="TWh", kind="level",
         bias=0.0, source="agency", label="Agency", published=""):  # fmt: skip
    return (
        f"{outcome},{region},{year},{value},{unit},{ERROR},,{kind},{bias},{source},{label},"
        f"{published}"
    )


LINES = [
    line(2010, 90), line(2015, 100, published="2016"), line(2016, 112, published="2017-03"),
    line(2018, 118, published="2024-06"), line(2020, 151, published="2020-12"),
    line(2020, 0.2, unit="1/year", kind="growth", source="office", label="Office"),
    line(2022, 170, published="2023"), line(2023, 185, source="other", label="Other", bias=0.2),
    line(2023, 0.12, unit="1/year", kind="growth", source="office", label="Office"),
    line(2022, 60, outcome="by_region", region="north"),
]  # fmt: skip
POINTS = [
    "electricity,,2022,200,,,TWh,bank,Bank,2019-05",
    "electricity,,2022,180,160,190,TWh,council,Council,2020",
    "electricity,,2022,171,,,TWh,seer,Seer,2021-01",
    "electricity,,2023,300,,,TWh,nobody,Nobody,",
]


@pytest.fixture
def written(tmp_path):
    """Writes a study and opens it."""

    def write(lines=LINES, points=POINTS, *, name="growing_study", text=STUDY):
        (tmp_path / f"{name}.py").write_text(MODULE)
        (tmp_path / "rows.csv").write_text("\n".join([HEAD, *lines]) + "\n")
        (tmp_path / "said.csv").write_text("\n".join([SAID, *points]) + "\n")
        path = tmp_path / f"{name}.toml"
        path.write_text(text.format(name=name))
        return un.open_study(path)

    return write


def exact_fit(model, space, evidence, *, held_back, draws, chains, seed, **_):
    """The posterior in closed form: logs of the model are linear in normal parameters.

    Source biases are normal, known rows share theirs with the rows held back. Growth rows are
    left out of the likelihood, as they are not linear.
    """
    base = space_years(model).get("base", 2024)
    known = evidence.frame[evidence.frame["kind"] == "level"]
    sources = sorted({*known["source"], *held_back.frame["source"]})
    priors = space.priors
    mean = np.array([priors["base_electricity"].distribution.mu, priors["growth"].mean])
    sds = np.array([priors["base_electricity"].distribution.sigma, priors["growth"].sd])
    bias = {**dict(zip(held_back.frame["source"], held_back.frame["bias_sd"], strict=True)),
            **dict(zip(known["source"], known["bias_sd"], strict=True))}  # fmt: skip
    mean = np.concatenate([mean, np.zeros(len(sources))])
    sds = np.concatenate([sds, [max(bias[s], 1e-9) for s in sources]])

    def design(frame):
        made = np.zeros((len(frame), len(mean)))
        made[:, 0], made[:, 1] = 1.0, frame["year"] - base
        for i, source in enumerate(frame["source"]):
            made[i, 2 + sources.index(source)] = 1.0
        return made

    def offset(frame):
        return np.array([{"north": np.log(0.3), "south": np.log(0.7)}.get(r, 0.0)
                         for r in frame.get("region", pd.Series([""] * len(frame)))])  # fmt: skip

    x, y = design(known), np.log(known["value"].to_numpy(float)) - offset(known)
    weight = 1 / known["relative_error"].to_numpy(float) ** 2
    precision = np.diag(1 / sds**2) + (x.T * weight) @ x
    covariance = np.linalg.inv(precision)
    centre = covariance @ (mean / sds**2 + (x.T * weight) @ y)
    rng = np.random.default_rng(seed)
    size = draws * chains
    posterior = rng.multivariate_normal(centre, covariance, size)
    prior = mean + sds * rng.standard_normal((size, len(mean)))
    frame = held_back.frame

    def replicated(points):
        logs = points @ design(frame).T + offset(frame)
        noise = frame["relative_error"].to_numpy(float) * rng.standard_normal((size, len(frame)))
        levels = np.exp(logs + noise)
        growth = np.exp(points[:, [1]]) - 1 + noise * np.abs(frame["value"].to_numpy(float))
        values = np.where(frame["kind"] == "growth", growth, levels)
        return values.reshape(chains, draws, len(frame))

    dims = ("chain", "draw", "row")
    node = xr.Dataset(
        {
            "observed": ("row", frame["value"].to_numpy(float)),
            "observation": (dims, replicated(posterior)),
            "prior_observation": (dims, replicated(prior)),
        },
        coords={name: ("row", frame[name].tolist()) for name in ("outcome", "kind", "source")},
    )
    tree = xr.DataTree.from_dict({"/held_back": node})
    tree.attrs["converged"] = 1
    return tree


def space_years(model):
    """The base year of the made-up model: the middle of its function."""
    cells = model.function.__closure__ or ()
    names = model.function.__code__.co_freevars
    return {n: c.cell_contents for n, c in zip(names, cells, strict=True)}


def test_rows_are_split_by_the_year_observed(written):
    made = plan(written(), 2020)
    assert made.known.frame["year"].tolist() == [2010, 2015, 2016, 2018, 2020, 2020]
    assert made.scored.frame["year"].tolist() == [2022, 2023, 2023, 2022]
    assert made.left_out == {}
    assert any("of these 1 row was published after 2020" in note for note in made.notes)


def test_rows_are_split_by_what_was_published(written):
    made = plan(written(), 2020, as_published=True)
    assert made.known.frame["year"].tolist() == [2015, 2016, 2020]
    assert made.left_out == {"published after 2020": 1, "publication year unknown": 2}
    assert len(made.scored.frame) == 4
    assert any("2 rows: publication year unknown" in note for note in made.notes)


def test_until_cuts_off_what_is_scored_and_says_so(written):
    made = plan(written(), 2020, until=2022)
    assert set(made.scored.frame["year"]) == {2022}
    assert made.left_out == {"observed after 2022": 2}


@pytest.mark.parametrize(
    ("text", "year"),
    [("2025-04", 2025), ("2021", 2021), ("", None), ("undated", None), ("20251", None)],
)
def test_publication_years_are_read_from_the_start_of_the_text(text, year):
    found = published_year(text)
    assert found == year if year else np.isnan(found)


@pytest.mark.parametrize(
    ("year", "more", "words"),
    [
        (2005, {}, r"fit to 2005: no observation is of that year or before; .* of 2010 to 2023"),
        (2023, {}, r"fit to 2023: no observation after that year to score; .* of 2010 to 2023"),
        (2030, {}, "no observation after"),
        (2020, {"until": 2021}, "no observation after that year and up to 2021"),
        (2020, {"until": 2020}, "until 2020: must come after 2020"),
        (2014, {"as_published": True}, "published by then"),
        (2020, {"since": 2021}, "since 2021: must not come after 2020"),
    ],
)
def test_a_year_with_nothing_to_fit_or_score_is_told_with_what_there_is(written, year, more, words):
    with pytest.raises((EvidenceError, StudyError), match=words):
        plan(written(), year, **more)


def test_the_model_begins_in_the_year_fitted_to_with_its_history_before(written):
    made = plan(written(), 2020)
    assert list(made.setting.model.coords["year"]) == list(range(2010, 2024))
    assert space_years(made.setting.model)["base"] == 2020
    assert tuple(made.setting.model.outcomes) == ("electricity", "by_region")


def test_rows_before_since_fall_away_and_are_counted(written):
    made = plan(written(), 2020, since=2016)
    assert made.known.frame["year"].tolist() == [2016, 2018, 2020, 2020]
    assert made.left_out == {"known, of 2010, 2015, which the model does not reach": 2}
    assert made.split.known["year"].min() == 2010  # the walk sees all that was known


def test_growth_of_the_first_year_falls_away(written):
    made = plan(written(), 2020, since=2020)
    assert made.known.frame["kind"].tolist() == ["level"]


def test_the_base_year_is_centred_on_what_was_known(written):
    made = plan(written(), 2020)
    prior = made.setting.space.priors["base_electricity"]
    np.testing.assert_allclose(prior.distribution.mu, np.median(np.log([112, 118, 151])))
    assert prior.distribution.sigma == BASE_SD
    assert "set by the hindcast from the rows known" in "; ".join(made.notes)
    assert made.setting.space.priors["growth"].mean == 0.1


def test_a_level_is_centred_in_the_unit_of_its_prior(written):
    lines = [line(2018, 118_000, unit="GWh"), line(2019, 125), line(2021, 150)]
    made = plan(written(lines), 2019)
    prior = made.setting.space.priors["base_electricity"]
    np.testing.assert_allclose(np.exp(prior.distribution.mu), np.sqrt(118 * 125))


def test_a_model_that_cannot_be_moved_stays_as_it_is(written):
    text = STUDY.replace(":growing", ":fixed_model").replace("horizon = [2024, 2035]", "")
    study = written(text=text, lines=LINES[:-1], name="fixed_study")
    made = plan(study, 2020)
    assert made.setting.space is study.space
    assert list(made.setting.model.coords["year"]) == list(range(2015, 2031))
    assert made.left_out == {"known, of 2010, which the model does not reach": 1}


def test_rows_that_the_model_lacks_are_counted_by_reason(written):
    lines = [
        *LINES,
        line(2022, 5, outcome="heat"),
        line(2022, 9, outcome="by_region", region="west"),
    ]
    study = written()
    path = study.document.path.with_name("more.csv")
    path.write_text("\n".join([HEAD, *lines]))
    made = plan(study, 2020, evidence=un.Evidence.from_csv(path))
    assert made.left_out == {
        "the model has no outcome 'heat'": 1,
        "the model has no region 'west' of 'by_region'": 1,
    }


def test_a_study_without_observations_says_what_is_missing(written):
    text = STUDY.replace('observations = "rows.csv"\n', "")
    with pytest.raises(StudyError, match="no observations to fit"):
        plan(written(text=text), 2020)


def test_the_walk_sees_its_own_source_or_else_all(written):
    table = Observed.of(
        un.Evidence.from_csv(written().document.path.parent / "rows.csv"),
        written().make_model(None),
    ).table
    split = Split.of(table, 2020)
    agency, growth, other, region = (
        split.scored[split.scored["label"].eq(label) & split.scored["outcome"].eq(outcome)].iloc[0]
        for label, outcome in (("Agency", "electricity"), ("Office", "electricity"),
                               ("Other", "electricity"), ("Agency", "by_region"))
    )  # fmt: skip
    assert benchmark(agency, split.known).series == f"{OWN}, 2010, 2015, 2016, 2018, 2020"
    assert benchmark(other, split.known).series.startswith(MEDIANS)
    told = benchmark(growth, split.known)
    np.testing.assert_allclose(np.median(told.quantiles), np.log(151 / 90) / 10, atol=1e-9)
    assert benchmark(region, split.known).series == "too few to fit: 0 of 3 years"
    assert np.isnan(benchmark(region, split.known).quantiles).all()


def test_all_is_scored_and_the_bad_is_told_with_the_good(written):
    made = hindcast(written(), 2020, fit=exact_fit, seed=1)
    table = hindcast_table(made)
    assert table["label"].tolist() == ["Agency", "Other", "Office", "Agency"]
    assert table["horizon"].tolist() == [2, 3, 3, 2]
    assert table["study"].unique().tolist() == ["growing_study"]
    assert ((table["low_90"] < table["median"]) & (table["median"] < table["high_90"])).all()
    assert (
        table["prior_high_90"] - table["prior_low_90"] > table["high_90"] - table["low_90"]
    ).all()
    np.testing.assert_allclose(table["ratio"], table["crps_log"] / table["walk_crps_log"])
    assert np.isnan(table["walk_crps_log"].iloc[3])
    words = json.loads(made.attrs["words"])
    assert any(word.startswith("the model") and "random walk" in word for word in words)
    assert any("says nothing of 1 row" in word for word in words)
    assert any(word.startswith("with 4 rows") for word in words)


def test_projections_known_then_are_scored_and_later_ones_are_not(written):
    made = hindcast(written(), 2020, fit=exact_fit, seed=1)
    found = made["projections"].to_dataset().to_dataframe()
    assert found["projection"].tolist() == ["Bank", "Council"]
    np.testing.assert_allclose(found["error"], [30.0, 10.0])
    np.testing.assert_allclose(found["interval_score"], [np.nan, 30.0])
    assert any("1 projection" in note for note in json.loads(made.attrs["notes"]))


def test_losing_to_the_walk_is_said_plainly(written):
    def far_off(*args, **more):
        tree = exact_fit(*args, **more)
        node = tree["held_back"].to_dataset()
        tree["held_back"] = xr.DataTree(node.assign(observation=3 * node["observation"]))
        return tree

    words = json.loads(hindcast(written(), 2020, fit=far_off).attrs["words"])
    assert any(word.startswith("the model loses to the random walk with drift") for word in words)
    assert any("4 of 4 rows lie below the median" in word for word in words)


def test_chains_that_do_not_agree_are_told_first(written):
    def torn(*args, **more):
        tree = exact_fit(*args, **more)
        tree.attrs = {"converged": 0, "calibration": json.dumps({"words": ["R-hat 1.2"]})}
        return tree

    words = json.loads(hindcast(written(), 2020, fit=torn).attrs["words"])
    assert words[0].startswith("the chains of the fit do not agree")
    assert words[1] == "R-hat 1.2"


class Wishing:
    """A study's row with a table for hindcasts."""

    def __init__(self, row, **wishes):
        self.row = row
        self.hindcast = SimpleNamespace(**{"priors": [], "outcomes": None, "until": None, **wishes})

    def __getattr__(self, name):
        return getattr(self.row, name)


def test_correlations_of_what_is_fixed_for_then_fall_away_and_are_told(written):
    text = STUDY.replace(
        "[overlays]",
        '[[correlation]]\nbetween = ["base_electricity", "growth"]\nrank = 0.3\n\n[overlays]',
    )
    study = written(text=text)
    assert plan(study, 2020).setting.space.correlation == {("base_electricity", "growth"): 0.3}
    (study.document.path.parent / "then.toml").write_text(
        'title = "Then"\n[parameters.growth]\nunit = "1/year"\n'
        'prior = { family = "fixed", value = 0.05 }\n'
    )
    made = plan(replace(study, row=Wishing(study.row, priors=["then"])), 2020)
    assert made.setting.space.correlation == {}
    assert any("no correlation of base_electricity with growth" in note for note in made.notes)


def test_a_study_may_have_other_priors_outcomes_and_years_for_hindcasts(written):
    study = written()
    (study.document.path.parent / "then.toml").write_text(
        'title = "What was thought then"\n[parameters.growth]\nunit = "1/year"\n'
        'prior = { family = "normal", mu = 0.05, sigma = 0.2 }\n'
    )
    row = Wishing(study.row, priors=["then"], outcomes=["electricity"], until=2022)
    made = plan(replace(study, row=row), 2020)
    assert made.setting.space.priors["growth"].mean == 0.05
    assert made.scored.frame["year"].tolist() == [2022]
    assert "priors of then replace the study's: growth" in made.notes
    assert made.split.until == 2022
    assert plan(replace(study, row=row), 2020, until=2023).split.until == 2023
    lost = Wishing(study.row, priors=["nowhere"])
    with pytest.raises(StudyError, match="nowhere"):
        plan(replace(study, row=lost), 2020)


def test_a_fit_in_other_units_is_refused(written):
    def other(*args, **more):
        tree = exact_fit(*args, **more)
        node = tree["held_back"].to_dataset()
        tree["held_back"] = xr.DataTree(node.assign(observed=1000 * node["observed"]))
        return tree

    with pytest.raises(ResultError, match="unit or order"):
        hindcast(written(), 2020, fit=other)


def test_coverage_counts_by_hand():
    table = pd.DataFrame(
        {f"{who}inside_{mass}": [1.0, 0.0, 1.0, np.nan] for who in ("", "prior_", "walk_")
         for mass in (50, 80, 90)}
    )  # fmt: skip
    found = summed.coverage(table).query("who == 'walk' and mass == 0.9").iloc[0]
    assert (found["inside"], found["rows"]) == (2, 3)
    assert (found["expected_low"], found["expected_high"]) == tuple(
        binom.ppf([0.025, 0.975], 3, 0.9)
    )


@pytest.mark.slow
def test_intervals_hold_what_they_say_over_200_simulated_truths(written):
    """Level, growth, errors and bias drawn from what the exact fit takes them to be."""
    study, seeds, seen = written(), 200, ("other", "newcomer")
    held, pits = {name: [] for name in seen}, {name: [] for name in seen}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        # The prior of the base year follows the rows known, so that it cannot be drawn from; it
        # is weak, and the rows after it tell.
        level, growth, bias = 150.0, rng.normal(0.1, 0.1), rng.normal(0, 0.2, 2)
        rows, new = [], ("newcomer", bias[1], 0.2)
        for year in (*range(2014, 2021), 2025):
            known = [("agency", 0.0, 0.0), ("other", bias[0], 0.2)]
            for source, shift, sd in known if year < 2025 else [*known, new]:
                noise = ERROR * rng.standard_normal()
                value = level * np.exp(growth * (year - 2020) + shift + noise)
                rows.append({"outcome": "electricity", "year": year, "value": value, "unit": "TWh",
                             "relative_error": ERROR, "source": source, "bias_sd": sd})  # fmt: skip
        evidence = un.Evidence(pd.DataFrame(rows))
        made = plan(study, 2020, evidence=evidence)
        tree = exact_fit(made.setting.model, made.setting.space, made.known, draws=250, chains=4,
                         held_back=made.scored, seed=seed)  # fmt: skip
        rows = made.split.scored
        draws = Predicted.of(tree, rows).posterior
        table = rows.assign(**judged(draws, rows["value"].to_numpy(float), rows["kind"].tolist()))
        for name in seen:
            last = table[(table["year"] == 2025) & (table["source"] == name)]
            held[name].append([last[f"inside_{mass}"].item() for mass in (50, 80, 90)])
            pits[name].append(last["pit"].item())
    for name in seen:
        for count, mass in zip(np.sum(held[name], axis=0), (0.5, 0.8, 0.9), strict=True):
            low, high = binom.ppf([0.0005, 0.9995], seeds, mass)
            assert low <= count <= high
        assert abs(np.mean(pits[name]) - 0.5) < 4 * np.sqrt(1 / 12 / seeds)
