"""Contents: the tables, pictures and facts that a result directory holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from uncertainty import files
from uncertainty.catalogue import Entry
from uncertainty.directory import Contents
from uncertainty.gallery import Wishes, gallery
from uncertainty.ledger import citation
from uncertainty.parameters import owner
from uncertainty.provenance import versions
from uncertainty.report import REPORT, page
from uncertainty.summaries.draws import draws_csv, draws_parquet
from uncertainty.summaries.schema import table_schema
from uncertainty.summary import drivers_table, posterior_summary, summary_parquet
from uncertainty.tables import TABLES, margins_table

if TYPE_CHECKING:
    from uncertainty.study import Study

#: What the columns of the summary mean, for programs.
SCHEMA = "summary.schema.json"


def contents(study: Study, tree: xr.DataTree, command: str) -> Contents:
    """Tables, figures and manifest that go with a result tree."""
    tables = {
        "summary.csv": posterior_summary(tree),
        "drivers.csv": drivers_table(tree),
        "parameters.csv": parameters_table(tree, study.entries),
        **{name: table(tree) for name, table in TABLES.items()},
    }
    if wish := study.row.margins:
        tables["margins.csv"] = margins_table(tree, wish.outcomes, wish.levels)
    kept = {name: table for name, table in tables.items() if len(table.columns)}
    figures, facts = gallery(tree, wishes(study)), manifest(study, tree, command)
    schema = json.dumps(table_schema(), indent=2) + "\n"
    texts = {REPORT: page(tree, figures, facts), SCHEMA: schema}
    return Contents(tree, kept, figures, facts, texts, exchanged(tree))


def exchanged(tree: xr.DataTree) -> dict[str, bytes]:
    """What other programs import: the summary as Parquet, and joint draws of a posterior."""
    found = {"summary.parquet": summary_parquet(tree)}
    if "posterior" in tree:
        found |= {"draws.parquet": draws_parquet(tree), "draws.csv": draws_csv(tree)}
    return found


def wishes(study: Study) -> Wishes:
    """The charts that a study asks for."""
    row = study.row
    return Wishes(
        row.charts,
        row.margins.model_dump() if row.margins else None,
        [wish.model_dump() for wish in row.waterfalls],
    )


def manifest(study: Study, tree: xr.DataTree, command: str) -> dict[str, Any]:
    """Facts of a run: what was run, from what, with what."""
    return {
        "study": study.name,
        "title": study.row.title,
        "question": study.row.question,
        "run": tree.attrs["run"],
        "command": command,
        "seed": study.row.seed,
        "design": study.row.design.model_dump(),
        "drivers": study.row.drivers.model_dump() if study.row.drivers else None,
        "margins": study.row.margins.model_dump() if study.row.margins else None,
        "waterfalls": [wish.model_dump() for wish in study.row.waterfalls],
        "model": study.row.model,
        "model_runs": int(tree.attrs["model_runs"]),
        "failed_runs": int(tree.attrs["failed_runs"]),
        "study_sha256": study.sha256,
        "catalogues_sha256": {d.path.name: files.sha256(d.text.encode()) for d in study.sources},
        "tables_sha256": dict(study.tables_sha256),
        "code_sha256": study.code_sha256,
        "commit": tree.attrs["commit"],
        "versions": json.loads(versions()),
    }


def parameters_table(tree: xr.DataTree, entries: Mapping[str, Entry]) -> pd.DataFrame:
    """Each parameter with unit, distribution, interval, grade, reading and sources."""
    found = tree["parameters"].to_dataset()
    frame = found.drop_vars(["quantiles", "spec"]).drop_dims("quantile").to_dataframe()
    for q in found["quantile"].values:
        frame[f"q{100 * q:02.0f}"] = found["quantiles"].sel(quantile=q).values
    owners = owners_of(frame.index, entries)
    frame["sources"] = ["; ".join(map(citation, entry.prior.sources)) for entry in owners]
    return frame.reset_index()


def graded(parameters: xr.Dataset, entries: Mapping[str, Entry]) -> xr.Dataset:
    """The table of parameters with the grade, catalogue and place of each."""
    owners = owners_of(parameters["parameter"].values, entries)
    facts = {
        name: ("parameter", [getattr(entry, name) for entry in owners])
        for name in ("grade", "catalogue", "place")
    }
    return parameters.assign(facts)


def owners_of(names: Iterable[Any], entries: Mapping[str, Entry]) -> list[Entry]:
    """The entry behind each row of the table; a share of a dirichlet is ``name[0]``."""
    return [entries[owner(name)] for name in names]


def overlay(table: pd.DataFrame) -> xr.Dataset:
    """A table of observations or projections as a dataset over `row`."""
    clean = table.drop(columns=["quote"], errors="ignore").reset_index(drop=True)
    columns = {
        str(name): (
            "row",
            column.to_numpy(dtype=float)
            if column.dtype.kind in "fiub"
            else column.astype(str).to_numpy(dtype=object),
        )
        for name, column in clean.items()
    }
    if "year" in columns:
        columns["year"] = ("row", clean["year"].to_numpy(dtype=float))
    return xr.Dataset(columns)
