"""Models run elsewhere: samples out, outcomes in, and the same result as a run here."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import uncertainty as un
from uncertainty.directory import read_result
from uncertainty.errors import DesignError, ModelError, ResultError, SpaceError, UnitError
from uncertainty.exchange.folder import ingest_directory, read_table, write_sample
from uncertainty.exchange.ingested import ingest
from uncertainty.exchange.sampled import Ticket, sample_table

YEARS, REGIONS = (2030, 2040), ("hub", "edge")
PRIORS = {
    "rate": un.Prior("lognormal", mu=0, sigma=0.5, unit="TWh", label="Rate", group="pace"),
    "mix": un.Prior("dirichlet", a=[1.0, 2.0, 3.0]),
    "kind": un.Prior("choice", values=[1.0, 2.0], probabilities=[0.3, 0.7]),
    "one": un.Prior("fixed", value=2.0),
    "größe": un.Prior("normal", mu=1, sigma=2),
}


@un.model(
    outcomes={"demand": "TWh", "z": "1"},
    dims={"demand": ("year", "region")},
    coords={"year": YEARS, "region": REGIONS},
    labels={"demand": "Demand"},
    parameters=tuple(PRIORS),
)
def grown(*, rate, mix, kind, one, xp, **rest):
    first = xp.stack([rate * mix[0], kind + rest["größe"]])
    return {"demand": xp.stack([first, one * first + rate]), "z": rate * kind - rest["größe"]}


def elsewhere(table):
    """What another program returns for the rows of a table: runs shuffled, a column a place."""
    values = {name: table[name].to_numpy() for name in PRIORS if name != "mix"}
    values["mix"] = table[[f"mix[{i}]" for i in range(3)]].to_numpy().T
    found = grown.run({name: values[name] for name in PRIORS})
    columns = {
        f"demand[year={year}, region={region}]": found["demand"][i, j]
        for i, year in enumerate(YEARS)
        for j, region in enumerate(REGIONS)
    }
    made = table[["run"]].assign(**columns, z=found["z"])
    return made.sample(frac=1, random_state=1)


@pytest.fixture(scope="module")
def sample():
    units = {"demand": "TWh", "z": "1"}
    return sample_table(PRIORS, ["propagate", "drivers"], size=64, seed=3, outcomes=units)


def assert_same(found, wanted):
    """The same numbers to the last bit, the same labels; the long names were not handed over."""
    found, wanted = (tree.to_dataset().copy() for tree in (found, wanted))
    for array in (*found.variables.values(), *wanted.variables.values()):
        array.attrs.pop("long_name", None)
    xr.testing.assert_identical(found, wanted)


def test_the_result_is_that_of_a_run_here(sample, tmp_path):
    """Through a CSV file, to the last bit."""
    table, ticket = sample
    elsewhere(table).to_csv(tmp_path / "o.csv", index=False)
    tree = ingest(ticket, read_table(tmp_path / "o.csv"))
    drawn = un.propagate(grown, PRIORS, size=64, seed=3)
    ranked = un.drivers(grown, PRIORS, size=64, seed=3)
    for group in drawn.children:
        assert_same(tree[group], drawn[group])
    for outcome in ranked["drivers"].children:
        assert_same(tree[f"drivers/{outcome}"], ranked[f"drivers/{outcome}"])
    runs = drawn.attrs["model_runs"] + ranked.attrs["model_runs"]
    assert tree.attrs["model_runs"] == runs
    assert tree.attrs["seed"] == 3


@pytest.mark.parametrize("design", ["sobol", "latin", "random"])
@pytest.mark.parametrize("engine", ["propagate", "drivers"])
def test_every_design_and_engine(design, engine):
    priors = {"a": PRIORS["rate"], "b": PRIORS["größe"], "c": PRIORS["kind"]}
    table, ticket = sample_table(priors, engine, size=32, design=design, second_order=True)
    tree = ingest(ticket, table.assign(y=table["a"] * table["b"] + table["c"]))
    extra = {"second_order": True} if engine == "drivers" else {}
    run = getattr(un, engine)
    wanted = run(lambda a, b, c: a * b + c, priors, size=32, design=design, **extra)
    for group in wanted.children:
        for node in [wanted[group], *wanted[group].children.values()]:
            assert_same(tree[node.path], node)


def test_correlated_parameters_and_groups():
    priors = {"a": PRIORS["rate"], "b": PRIORS["größe"], "c": PRIORS["größe"]}
    space, groups = un.Space(priors, {("a", "b"): 0.6}), {"ab": ["a", "b"], "c": ("c",)}
    table, ticket = sample_table(space, "drivers", size=32, groups=groups)
    tree = ingest(ticket, table.assign(y=table["a"] * table["b"] + table["c"]))
    wanted = un.drivers(lambda a, b, c: a * b + c, space, size=32, groups=groups)
    assert_same(tree["drivers/y"], wanted["drivers/y"])
    with pytest.raises(SpaceError, match="a, b are correlated"):
        sample_table(space, "drivers")


def test_the_table_has_each_run_once_and_every_parameter(sample):
    table, ticket = sample
    assert list(table) == ["run", "rate", "mix[0]", "mix[1]", "mix[2]", "kind", "one", "größe"]
    assert table["run"].is_unique
    assert not table.drop(columns="run").duplicated().any()
    assert json.loads(ticket)["rows"] == len(table)
    np.testing.assert_allclose(table[[f"mix[{i}]" for i in range(3)]].sum(axis=1), 1)
    # No more than the engines count: replicates x size x (1 + parameters that vary + 2).
    assert len(table) <= 8 * 64 * (1 + 4 + 2)


def test_the_same_arguments_draw_the_same_and_others_have_other_ids():
    first, ticket = sample_table(PRIORS, size=8)
    again, same = sample_table(PRIORS, size=8)
    pd.testing.assert_frame_equal(first, again)
    assert ticket == same
    changed = {**PRIORS, "one": un.Prior("fixed", value=3.0)}
    others = [sample_table(PRIORS, size=8, seed=2), sample_table(changed, size=8)]
    for other, _ in others:
        assert not set(first["run"]) & set(other["run"])


def test_numbers_come_back_from_a_file_to_the_last_bit(sample, tmp_path):
    table, ticket = sample
    table.to_csv(tmp_path / "s.csv", index=False)
    read = read_table(tmp_path / "s.csv")
    columns = [column for column in table if column != "run"]
    assert np.array_equal(read[columns].map(float).to_numpy(), table[columns].to_numpy())
    assert Ticket.of(ticket).text() == ticket


def test_rounded_parameters_may_stand_beside(sample):
    table, ticket = sample
    rounded = table.drop(columns="run").map(lambda value: f"{value:.6g}")
    ingest(ticket, pd.concat([elsewhere(table).sort_index(), rounded], axis=1))


def test_columns_that_nobody_declared_are_outcomes():
    table, ticket = sample_table({"a": PRIORS["rate"]}, size=8)
    names = ["cost[x=0.5]", "cost[ x = 1e3 ]", "loss[at=a]", "loss[at=b]"]
    columns = {name: table["a"] + i for i, name in enumerate(names)}
    moments = ingest(ticket, table.assign(**columns))["moments"].to_dataset()
    assert moments["cost"]["x"].values.tolist() == [0.5, 1000]
    assert moments["loss"]["at"].values.tolist() == ["a", "b"]


def fault(table, ticket):
    with pytest.raises(ResultError) as caught:
        ingest(ticket, table)
    return str(caught.value)


def test_every_fault_is_told_at_once_with_its_rows(sample):
    table, ticket = sample
    made = elsewhere(table).reset_index(drop=True).astype({"z": object})
    runs = made["run"].tolist()
    made.loc[0, "z"], made.loc[1, "z"], made.loc[2, "z"] = "1,5", np.nan, np.inf
    made.loc[3, "run"], made.loc[4, "run"] = "s000000-00001", "first"
    made.loc[5, "run"], made.loc[6, "run"] = runs[7], np.nan
    made = made.assign(zz=1.0, rate=made["run"].map(table.set_index("run")["rate"]))
    made.loc[8, "rate"] += 1
    made = made.drop(columns="demand[year=2030, region=hub]")[:-1]
    told = fault(made, ticket)
    mark = json.loads(ticket)["mark"]
    for words in (
        "column 'zz' is no parameter and no outcome of demand, z; did you mean 'z'?",
        "'demand' lacks [year=2030, region=hub]",
        "row 2: z is no number: '1,5'",
        "row 3: z is empty or NaN",
        "row 4: z is infinite",
        f"row 5: run is of another sample (s000000); this one is {mark}",
        "row 6: run is unknown: first",
        f"rows 7, 9: run comes twice: {runs[7]}",
        "row 8: run is empty",
        "row 10: the parameter 'rate' is not the sampled one",
        f"5 of {len(table)} runs are missing:",
    ):
        assert words in told, told
    assert len(told.splitlines()) == 11


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t[["run"]], "there is no column of an outcome"),
        (lambda t: t.drop(columns="run"), "the column 'run' with the ids is missing"),
        (lambda t: t.rename(columns={"run": "Run"}), "found Run.*did you mean 'Run'"),
        (lambda t: t.assign(**{"y[year]": 1}), r"column 'y\[year\]' is not written name"),
        (lambda t: t.assign(**{"y[t=1]": 1}), "has other dims than the first column of 'y'"),
        (lambda t: t.assign(**{"u[t=1]": 1, "u[t= 1]": 1}), "is the same place as 'u.t=1.'"),
        (lambda t: t.assign(**{"u[t=1]": 1, "v[t=2]": 1}), "different coordinates of 't'"),
        (lambda t: t.assign(**{"u[draw=1]": 1}), "the name 'draw' is reserved"),
        (lambda t: t.assign(y=1j), "y is no number"),
        (lambda t: t.assign(y="x"), "y is no number: 'x'"),
        (lambda t: t[:0], "runs are missing"),
        (lambda t: pd.concat([t, t]), "run comes twice"),
        (lambda t: pd.concat([t, t["y"]], axis=1), "the column y comes twice"),
        (lambda t: t.to_dict(), "expected a pandas DataFrame, got dict"),
    ],
)
def test_faulty_tables_speak(change, words):
    table, ticket = sample_table({"a": PRIORS["rate"]}, size=4)
    with pytest.raises(ResultError, match=words):
        ingest(ticket, change(table[["run"]].assign(y=table["a"])))


@pytest.mark.parametrize(
    "change",
    [{"seed": 5}, {"size": 16}, {"probabilities": [0.5]}, {"outcomes": {"y": {"unit": "kg"}}}],
)
def test_a_changed_ticket_is_refused(change):
    table, ticket = sample_table({"a": PRIORS["rate"]}, size=8)
    other = json.dumps({**json.loads(ticket), **change})
    assert "this is no ticket of a sample (it was changed)" in fault(table.assign(y=1), other)


def test_an_outcome_that_was_asked_for_must_be_there():
    table, ticket = sample_table({"a": PRIORS["rate"]}, size=4, outcomes={"y": "1", "z": "1"})
    assert "the outcome 'z' is missing" in fault(table.assign(y=1.0), ticket)


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([2025], "'y' lacks year=2030"),
        ([2025, 2030, 2031], "'y' has year=2031, which was not asked for"),
        ([], "'y' has the dims none, asked for are year"),
    ],
)
def test_the_places_that_were_asked_for_must_be_there(places, words):
    table, text = sample_table({"a": PRIORS["rate"]}, size=4, outcomes={"y": "1"})
    fact = {"unit": "1", "label": "", "places": {"year": ["2025", "2030"]}}
    ticket = replace(Ticket.of(text), outcomes={"y": fact}).text()
    columns = {f"y[year={year}]": 1.0 for year in places} or {"y": 1.0}
    assert words in fault(table.assign(**columns), ticket)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "x": 2}'])
def test_what_is_no_ticket_is_refused(text):
    with pytest.raises(ResultError, match="this is no ticket of a sample"):
        ingest(text, pd.DataFrame())


def test_what_cannot_be_sampled_is_refused():
    with pytest.raises(DesignError, match=r"no engine driver; .*did you mean 'drivers'"):
        sample_table(PRIORS, "driver")
    with pytest.raises(DesignError, match="size must be a whole number"):
        sample_table(PRIORS, size=2.5)
    with pytest.raises(SpaceError, match="groups are a dictionary"):
        sample_table({"a": PRIORS["rate"]}, "drivers", groups=["a"])
    with pytest.raises(SpaceError, match="groups are a dictionary"):
        sample_table({"a": PRIORS["rate"]}, "drivers", groups={"g": "a"})
    with pytest.raises(UnitError, match="outcome 'y'"):
        sample_table({"a": PRIORS["rate"]}, outcomes={"y": "no unit"})
    with pytest.raises(ModelError, match="the name 'draw' is reserved"):
        sample_table({"a": PRIORS["rate"]}, outcomes={"draw": "1"})
    with pytest.raises(SpaceError, match="run takes the name of another column"):
        sample_table({"run": PRIORS["rate"]})
    with pytest.raises(SpaceError, match=r"mix\[1\] takes the name"):
        sample_table({"mix": PRIORS["mix"], "mix[1]": PRIORS["rate"]})


def test_a_constant_outcome_is_told():
    table, ticket = sample_table({"a": PRIORS["rate"]}, "drivers", size=8)
    with pytest.warns(UserWarning, match="outcome 'y' does not vary"):
        ingest(ticket, table.assign(y=1.0))


CATALOGUE = """
title = "Two numbers"
[parameters.a]
label = "First"
unit = "kWh"
prior = { family = "normal", mu = 3000, sigma = 400 }
[parameters.b]
unit = "1"
prior = { family = "uniform", lower = 0, upper = 1 }
"""
STUDY = """
title = "A sum"
model = "far:far"
priors = ["p"]
seed = 4
[design]
size = 32
"""
FAR = """
import uncertainty as un

@un.model(outcomes={"y": "MWh"}, units={"a": "MWh"}, labels={"y": "Sum"})
def far(a, b):
    return {"y": a + b}
"""


@pytest.fixture
def study(tmp_path, monkeypatch):
    for name, text in {"p.toml": CATALOGUE, "s.toml": STUDY, "far.py": FAR}.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return un.open_study("s.toml")


def write_outcomes(study, tmp_path, **options):
    """A sample in a folder, and the outcomes of it: kWh become MWh."""
    folder = write_sample(study, tmp_path / "sample", **options)
    table = pd.read_csv(folder / "sample.csv")
    made = table[["run"]].assign(y=table["a"] / 1000 + table["b"])[::-1]
    made.to_csv(tmp_path / "y.csv", index=False)
    return folder, tmp_path / "y.csv"


def test_a_study_goes_out_and_comes_back_as_a_result(study, tmp_path):
    folder, outcomes = write_outcomes(study, tmp_path, drivers=True)
    place, tree = ingest_directory(folder, outcomes)
    assert place.relative_to(tmp_path.resolve()).as_posix() == "results/s-ingested"
    found = sorted(path.name for path in place.iterdir())
    assert found == ["drivers.csv", "manifest.json", "result.nc", "summary.csv"]
    facts = json.loads((place / "manifest.json").read_text())
    assert facts["study"] == tree.attrs["study"] == "s"
    assert facts["model"] == "run elsewhere"
    assert facts["run"] == tree.attrs["run"]
    read = read_result(place)
    assert read["moments/y"].attrs == {"units": "MWh", "long_name": "Sum"}
    wanted = un.propagate(
        study.make_model(None), study.space, size=32, seed=4, probabilities=study.probabilities
    )
    np.testing.assert_allclose(read["moments/y"], wanted["moments/y"], rtol=1e-12)
    summary = pd.read_csv(place / "summary.csv")
    assert summary["variable"].tolist() == ["a", "b", "y"]


def test_a_sample_alone_has_no_drivers(study, tmp_path):
    place, _ = ingest_directory(*write_outcomes(study, tmp_path, size=8), tmp_path / "r")
    assert not (place / "drivers.csv").exists()
    assert place == (tmp_path / "r").resolve()


def test_another_sample_is_not_overwritten(study, tmp_path):
    folder = write_sample(study, tmp_path / "sample", size=8)
    assert write_sample(study, folder, size=8) == folder
    with pytest.raises(ResultError, match="holds another sample, which would be lost"):
        write_sample(study, folder, size=16)


def test_a_changed_sample_is_refused(study, tmp_path):
    folder, outcomes = write_outcomes(study, tmp_path, size=8)
    table = pd.read_csv(folder / "sample.csv")
    table.loc[3, "b"] += 1e-9
    table.to_csv(folder / "sample.csv", index=False)
    with pytest.raises(ResultError, match="is not the table that was written"):
        ingest_directory(folder, outcomes)


def test_files_that_cannot_be_read_speak(study, tmp_path):
    folder, outcomes = write_outcomes(study, tmp_path, size=8)
    with pytest.raises(ResultError, match="holds no sample"):
        ingest_directory(tmp_path, outcomes)
    with pytest.raises(ResultError, match=r"none\.csv: cannot be read as a table"):
        ingest_directory(folder, tmp_path / "none.csv")
    for text, words in (
        ("", "is empty"),
        ("run,y,y\n", "the column 'y' comes twice"),
        ("run,y\na,1\nb,1,2\n", "row 3: there are more values than the 2 columns"),
        ("run;y\na;1\n", "'run' with the ids is missing; found run;y"),
        ("run,y\n", "runs are missing"),
    ):
        outcomes.write_text(text)
        with pytest.raises(ResultError, match=words):
            ingest_directory(folder, outcomes)
    assert not (tmp_path / "results" / "s-ingested").exists()


def test_a_parquet_table_is_read(study, tmp_path):
    pytest.importorskip("pyarrow")
    folder, outcomes = write_outcomes(study, tmp_path, size=8)
    assert (folder / "sample.parquet").exists()
    pd.read_csv(outcomes).to_parquet(tmp_path / "y.parquet")
    place, _ = ingest_directory(folder, tmp_path / "y.parquet")
    assert (place / "result.nc").exists()
