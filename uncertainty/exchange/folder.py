"""Exchange: samples of a study into a folder, and what came back into a result directory."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from uncertainty.directory import RESULTS, Contents, locked, target, write_result
from uncertainty.documents import shown
from uncertainty.errors import ResultError, RunError
from uncertainty.exchange.ingested import exact, ingest
from uncertainty.exchange.sampled import RUN, Ticket, arguments, check_columns, issued, table_sha256
from uncertainty.files import fingerprint, sha256
from uncertainty.names import listed
from uncertainty.summary import drivers_table, posterior_summary

if TYPE_CHECKING:
    import xarray as xr

    from uncertainty.study import Study

#: Files of a sample: the runs, and the ticket.
TABLE, TICKET = "sample.csv", "sample.json"
#: The same runs, where pyarrow is installed.
PARQUET = "sample.parquet"


def write_sample(
    study: Study, directory: str | Path, *, size: int | None = None, drivers: bool = False
) -> Path:
    """Write the runs that a study needs into a folder, for a model that is run elsewhere.

    ``sample.csv`` has a row a run: `run`, then the parameters in the units of their priors;
    ``sample.json`` is the ticket with which `ingest_directory` makes a result of the outcomes;
    ``sample.parquet`` is the table once more, where pyarrow is installed.

    Parameters
    ----------
    study : Study
    directory : path
        New, or without another sample.
    size : int, optional
        Points per replicate; the study's own when left out.
    drivers : bool
        The runs of the drivers too.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultError
        If the folder holds another sample, whose runs would be lost.
    SpaceError, DesignError
    RunError
        If the folder cannot be written to.
    """
    folder = Path(directory).expanduser()
    table, ticket = issued(ticket_of(study, size, drivers))
    check_free(folder, ticket)
    with written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        table.to_csv(folder / TABLE, index=False, lineterminator="\n")
        if find_spec("pyarrow"):
            table.to_parquet(folder / PARQUET, index=False)
        (folder / TICKET).write_text(ticket, encoding="utf-8")
    return folder


def ticket_of(study: Study, size: int | None, drivers: bool) -> Ticket:
    """The ticket of a study's sample; its outcomes are those of the study's model."""
    design, space = study.row.design, study.space
    check_columns(space)
    model = study.make_model(study.row.outcomes)
    return Ticket(
        priors={name: arguments(prior) for name, prior in space.priors.items()},
        correlation=[[one, two, rho] for (one, two), rho in space.correlation.items()],
        engines=("propagate", "drivers") if drivers else ("propagate",),
        size=design.size if size is None else size,
        seed=study.row.seed,
        replicates=design.replicates,
        design=design.kind,
        second_order=False,
        groups=None,
        probabilities=tuple(study.probabilities),
        outcomes={
            name: {
                "unit": unit,
                "label": model.labels.get(name, ""),
                "places": {
                    dim: [str(value) for value in model.coords[dim]]
                    for dim in model.dims.get(name, ())
                },
            }
            for name, unit in model.outcomes.items()
        },
        facts={
            "study": study.name,
            "study_title": study.row.title,
            "study_sha256": study.sha256,
        },
    )


def check_free(folder: Path, ticket: str) -> None:
    """Raise `ResultError` if a folder holds another sample."""
    place = folder / TICKET
    if place.exists() and place.read_text(encoding="utf-8") != ticket:
        msg = f"{shown(folder)} holds another sample, which would be lost; choose another directory"
        raise ResultError(msg)


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """What the disk says, as an error of ours."""
    try:
        yield
    except OSError as error:
        msg = f"{shown(folder)}: the sample could not be written: {error.strerror or error}"
        raise RunError(msg) from error


def ingest_directory(
    directory: str | Path,
    outcomes: str | Path,
    out: str | Path | None = None,
    *,
    command: str = "",
) -> tuple[Path, xr.DataTree]:
    """Make a result directory of the outcomes of a sample.

    Parameters
    ----------
    directory : path
        Where `write_sample` has put the sample.
    outcomes : path
        A CSV table (or Parquet, by its ending), see `ingest`.
    out : path, optional
        The result directory, ``results/<study>-ingested`` when left out.
    command : str
        How it was started, for the manifest.

    Returns
    -------
    Path, xarray.DataTree
        The result directory, with ``result.nc``, ``summary.csv``, ``drivers.csv`` (of a sample
        that has their runs) and ``manifest.json``; and the result.

    Raises
    ------
    ResultError
        If the folder holds no sample or a changed one, and for every fault of the outcomes.
    StudyError, RunError
        As for a run of a study.
    """
    text = sampled_text(Path(directory).expanduser())
    ticket, table = Ticket.of(text), read_table(Path(outcomes).expanduser())
    name = ticket.facts.get("study", "sample")
    place = target(RESULTS / f"{name}-ingested" if out is None else out)
    with locked(place):
        tree = ingest(text, table)
        tree.attrs["run"] = fingerprint([text, table.to_csv(index=False)])[:12]
        write_result(Contents(tree, tables(tree), {}, facts(ticket, tree, command)), place)
    return place, tree


def sampled_text(folder: Path) -> str:
    """The ticket of a folder, once its table is the one that was written."""
    try:
        text = (folder / TICKET).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{shown(folder)} holds no sample: {TICKET} cannot be read ({error})"
        raise ResultError(msg) from None
    table = read_table(folder / TABLE)
    if RUN not in table or digest(table) != Ticket.of(text).sha256:
        msg = (
            f"{shown(folder / TABLE)} is not the table that was written: rows or values were "
            "changed, and the model may have been run on them; sample anew"
        )
        raise ResultError(msg)
    return text


def digest(table: pd.DataFrame) -> str:
    """Hash of a table that was read as texts; empty where a value is no number."""
    numbers = table.drop(columns=RUN).map(exact)
    numbers.insert(0, RUN, table[RUN])
    return "" if numbers.isna().any(axis=None) else table_sha256(numbers)


def read_table(path: Path) -> pd.DataFrame:
    """A table as it stands in a file: of a CSV all as texts, so that no digit is lost.

    Raises
    ------
    ResultError
        If it cannot be read, a column comes twice, or a row is longer than the header.
    """
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        text = path.read_text(encoding="utf-8-sig")
        check_lines(path, text)
        return pd.read_csv(StringIO(text), dtype=str, index_col=False, skipinitialspace=True)
    except ResultError:
        raise
    except (OSError, ImportError, csv.Error, ValueError) as error:
        msg = f"{shown(path)}: cannot be read as a table: {str(error)[:200]}"
        raise ResultError(msg) from None


def check_lines(path: Path, text: str) -> None:
    """Raise `ResultError` for a file without a header, doubled columns, and rows too long."""
    header, *lines = list(csv.reader(StringIO(text))) or [[]]
    names = [name.strip() for name in header]
    doubled = sorted({name for name in names if names.count(name) > 1})
    long = [number for number, line in enumerate(lines, 2) if len(line) > len(names)]
    faults = {
        "is empty": not names,
        f"the column {listed(map(repr, doubled))} comes twice": doubled,
        f"row {listed(long)}: there are more values than the {len(names)} columns": long,
    }
    found = [words for words, wrong in faults.items() if wrong]
    if found:
        msg = f"{shown(path)}: {'; '.join(found)}"
        raise ResultError(msg)


def tables(tree: xr.DataTree) -> dict[str, pd.DataFrame]:
    """The tables of a result directory."""
    found = {
        "summary.csv": posterior_summary(tree) if "intervals" in tree else pd.DataFrame(),
        "drivers.csv": drivers_table(tree),
    }
    return {name: table for name, table in found.items() if len(table.columns)}


def facts(ticket: Ticket, tree: xr.DataTree, command: str) -> dict[str, Any]:
    """What the manifest says of a result whose model was run elsewhere."""
    return {
        "study": ticket.facts.get("study", ""),
        "title": ticket.facts.get("study_title", ""),
        "run": tree.attrs["run"],
        "command": command,
        "seed": ticket.seed,
        "design": {"kind": ticket.design, "size": ticket.size, "replicates": ticket.replicates},
        "model": "run elsewhere",
        "model_runs": int(tree.attrs["model_runs"]),
        "failed_runs": 0,
        "study_sha256": ticket.facts.get("study_sha256", ""),
        "sample_sha256": ticket.sha256,
        "ticket_sha256": sha256(ticket.text().encode()),
    }
