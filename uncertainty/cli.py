"""The command line: the verbs; with `printed` the only room that prints."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from uncertainty.printed import (
    cases_table,
    comparison_report,
    coverage_table,
    hindcast_report,
    ledger_report,
    notes,
    priors_table,
    progress,
    report,
    say,
    shelf_table,
    simulated_report,
    simulated_steps,
    sources_list,
)

if TYPE_CHECKING:
    import xarray as xr

    from uncertainty.study import Study

FAILED, WRONG, INTERRUPTED = 1, 2, 130
#: Faults that are listed.
MOST_FAULTS = 40

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Probabilistic uncertainty analysis: priors through a model to credible intervals, "
    "fan charts and the drivers that decide.",
    epilog="Example: uncertainty run china-computing-2035",
)


def version(asked: bool) -> None:
    """Print the version and end."""
    if asked:
        from importlib.metadata import version as of

        print(f"uncertainty {of('uncertainty')}")
        raise typer.Exit


@app.callback()
def options(
    show: Annotated[
        bool,
        typer.Option("--version", callback=version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Options of the command itself."""


StudyName = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="Name of a shipped study, or a path to a study file."),
]


ResultPlace = Annotated[
    Path, typer.Argument(metavar="DIR", help="A result directory, or the name of its study.")
]


@contextmanager
def answered(partial: str = "") -> Iterator[None]:
    """Turn errors into one message and the exit status that says what kind it was."""
    from uncertainty.errors import RunError, UncertaintyError

    try:
        yield
    except KeyboardInterrupt:
        say(f"interrupted{'; ' + partial if partial else ''}")
        raise typer.Exit(INTERRUPTED) from None
    except UncertaintyError as error:
        lines = str(error).splitlines()
        if len(lines) > 1:
            say(f"{len(lines)} faults:")
        for line in lines[:MOST_FAULTS]:
            say(line)
        if len(lines) > MOST_FAULTS:
            say(f"and {len(lines) - MOST_FAULTS} more")
        raise typer.Exit(WRONG) from None
    except BrokenPipeError:
        raise
    except (RunError, OSError, MemoryError) as error:
        say(f"the run failed: {error}")
        raise typer.Exit(FAILED) from None


@app.command(
    epilog="Examples: uncertainty run china-computing-2035 · "
    "uncertainty run my-study.toml --out results/a --size 8192 --workers 2"
)
def run(
    study: StudyName,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Result directory [default: results/STUDY]."),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Points per replicate (a power of 2); drivers get a quarter, shares an eighth.",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(metavar="N", min=1, help="Processes to use.")] = 1,
    dask: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Use the workers of a running Dask scheduler."),
    ] = None,
    no_resume: Annotated[
        bool,
        typer.Option(
            "--no-resume",
            help="Start afresh, even if an interrupted run has left parts.",
        ),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Another seed than the study's."),
    ] = None,
    prior_only: Annotated[
        bool, typer.Option("--prior-only", help="Leave out the calibration.")
    ] = False,
    allow_unconverged: Annotated[
        bool,
        typer.Option(
            "--allow-unconverged", help="Exit with 0 even if a calibration has not converged."
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only the result directory.")
    ] = False,
) -> None:
    """Run a study into a result directory."""
    with answered("what is done is kept; the same command goes on from there"):
        from uncertainty.directory import RESULTS
        from uncertainty.pair import Pair, open_any
        from uncertainty.pool import cluster, processes

        opened = open_any(study)
        place = out if out is not None else RESULTS / opened.name
        pair = opened if isinstance(opened, Pair) else None
        parts = zip(pair.studies, pair.places(place), strict=True) if pair else [(opened, place)]
        failed = []
        with cluster(dask) if dask else processes(workers) as executor:
            for part, directory in parts:
                assert not isinstance(part, Pair)
                chosen = part.with_settings(size=size, seed=seed)
                chosen = chosen.prior_only() if prior_only else chosen
                tree = run_study(chosen, directory, executor, not no_resume, quiet, pair is None)
                failed += unconverged(chosen, tree)
        if pair:
            tree = pair.compare(place)
            print(place) if quiet else comparison_report(tree, place)
        if failed and not allow_unconverged:
            for words in failed:
                say(f"{words} The result is written; --allow-unconverged accepts it.")
            raise typer.Exit(FAILED)


def run_study(
    study: Study,
    directory: Path,
    executor: Executor | None,
    resume: bool,
    quiet: bool,
    alone: bool,
) -> xr.DataTree:
    """Run one study with progress; alone, print its short table, else only where it lies."""
    with notes(quiet), progress(study, quiet) as listener:
        command = shlex.join(["uncertainty", *sys.argv[1:]])
        tree = study.run(directory, executor, resume=resume, listener=listener, command=command)
    print(directory) if quiet or not alone else report(tree, directory)
    return tree


def unconverged(study: Study, tree: xr.DataTree) -> list[str]:
    """What there is to say of chains that have not converged, if the study minds."""
    wish = study.row.calibration
    if tree.attrs.get("converged", 1) or (wish and wish.unconverged == "tell"):
        return []
    return list(json.loads(tree.attrs["calibration"])["words"])


@app.command(
    epilog="Examples: uncertainty check my-study.toml · uncertainty check priors/mine.toml --strict"
)
def check(
    study: Annotated[
        str, typer.Argument(metavar="STUDY", help="A study, or a catalogue of priors.")
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings end with exit status 2.")
    ] = False,
) -> None:
    """Check a study or a catalogue without running it: faults, warnings and notes."""
    with answered():
        from uncertainty import checked

        found = checked.check(study)
        for line in found.lines:
            print(line)
        if strict and found.warnings:
            raise typer.Exit(WRONG)


@app.command(epilog="Example: uncertainty show results/china-computing-2035")
def show(
    directory: ResultPlace,
) -> None:
    """Print the short table of a result."""
    with answered():
        from uncertainty.directory import located, read_result
        from uncertainty.errors import ResultError
        from uncertainty.names import listed

        directory = located(directory)
        tree = read_result(directory)
        if "intervals" not in tree:
            raise ResultError(
                f"{directory} holds no intervals to show, but {listed(tree.children)}"
            )
        (comparison_report if "side" in tree["intervals"].dims else report)(tree, directory)


@app.command("report", epilog="Example: uncertainty report results/china-computing-2035")
def report_page(
    directory: ResultPlace,
) -> None:
    """Make the report of a result again, one HTML page, and print where it lies."""
    with answered():
        from uncertainty.directory import located
        from uncertainty.report import renew

        print(renew(located(directory)))


@app.command(
    epilog="Example: uncertainty compare china-computing-2035 china-computing-2035-evidence"
)
def compare(
    a: ResultPlace,
    b: ResultPlace,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where tables and chart go [default: results/A-against-B]."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the directory.")] = False,
) -> None:
    """Set two results side by side: intervals, drivers, and which priors moved the outcome."""
    with answered():
        from uncertainty.compared import compare_directories

        directory, tree = compare_directories(a, b, out)
        if quiet:
            print(directory)
        else:
            comparison_report(tree, directory)


@app.command(
    epilog="Examples: uncertainty ledger results/china-computing-2035 · "
    "uncertainty ledger results/china-computing-2035 --outcome peak_power --at region=hub"
)
def ledger(
    directory: ResultPlace,
    outcome: Annotated[
        str | None, typer.Option(metavar="NAME", help="The outcome [default: the headline's].")
    ] = None,
    year: Annotated[
        int | None, typer.Option(metavar="YEAR", help="The year [default: the headline's middle].")
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(metavar="DIM=NAME", help="Coordinate of a further dim, such as region=hub."),
    ] = None,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="Parameters to show.")] = 10,
) -> None:
    """Show on what a number rests: shares of variance, then each parameter with its sources."""
    with answered():
        from uncertainty.directory import located, read_result
        from uncertainty.traced import trace

        place: dict[str, Any] = coordinates(at or [])
        place |= {} if year is None else {"year": year}
        ledger_report(trace(read_result(located(directory)), outcome, place, top))


def coordinates(texts: list[str]) -> dict[str, Any]:
    """Coordinates given as ``dim=name``."""
    from uncertainty.errors import ResultError

    found: dict[str, Any] = {}
    for text in texts:
        dim, equals, name = text.partition("=")
        if not (dim and equals and name):
            msg = f"--at is written dim=name, such as region=hub; found {text!r}"
            raise ResultError(msg)
        found[dim] = int(name) if name.isdigit() else name
    return found


@app.command(epilog="Examples: uncertainty priors · uncertainty priors article")
def priors(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="A catalogue or a study; all catalogues are listed when left out.",
        ),
    ] = None,
    sources: Annotated[
        bool,
        typer.Option("--sources", help="Show reading, quote and source of each number too."),
    ] = False,
) -> None:
    """Print priors with unit, grade and source."""
    with answered():
        from uncertainty.reading import open_entries

        if name is None:
            shelf_table("priors")
            return
        entries = open_entries(name)
        (sources_list if sources else priors_table)(entries)


@app.command(epilog="Example: uncertainty studies")
def studies() -> None:
    """List the shipped studies."""
    with answered():
        shelf_table("studies")


@app.command(
    epilog="Examples: uncertainty sample my-study.toml · "
    "uncertainty sample my-study.toml --out sample --size 128 --drivers"
)
def sample(
    study: StudyName,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder [default: samples/STUDY].")
    ] = None,
    size: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Points per replicate.")
    ] = None,
    drivers: Annotated[
        bool, typer.Option("--drivers", help="The runs that drivers need too.")
    ] = False,
) -> None:
    """Write the runs that a study needs as a table, for a model that is run elsewhere."""
    with answered(), notes(False):
        from uncertainty.exchange.folder import write_sample
        from uncertainty.reading import open_study

        opened = open_study(study)
        place = out if out is not None else Path("samples") / opened.name
        print(write_sample(opened, place, size=size, drivers=drivers))


@app.command(epilog="Example: uncertainty ingest samples/my-study outcomes.csv")
def ingest(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder that `uncertainty sample` wrote.")
    ],
    outcomes: Annotated[
        Path, typer.Argument(metavar="OUTCOMES", help="CSV or Parquet, a row for each run.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Result directory [default: results/STUDY-ingested]."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only the result directory.")
    ] = False,
) -> None:
    """Make a result of the outcomes that another program computed for a sample."""
    with answered(), notes(quiet):
        from uncertainty.exchange.folder import ingest_directory

        command = shlex.join(["uncertainty", *sys.argv[1:]])
        place, tree = ingest_directory(directory, outcomes, out, command=command)
        print(place) if quiet else report(tree, place)


@app.command(
    epilog="Examples: uncertainty hindcast us-computing-2035 --fit-to 2018 · "
    "uncertainty hindcast china-computing-2035 --fit-to 2020 --as-published"
)
def hindcast(
    study: StudyName,
    fit_to: Annotated[
        int, typer.Option(metavar="YEAR", help="Last year whose observations are fitted.")
    ],
    until: Annotated[
        int | None, typer.Option(metavar="YEAR", help="Last year that is scored.")
    ] = None,
    since: Annotated[
        int | None,
        typer.Option(metavar="YEAR", help="First year that is fitted [default: ten before]."),
    ] = None,
    as_published: Annotated[
        bool,
        typer.Option("--as-published", help="Only what had been published by then counts."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Directory [default: results/STUDY-hindcast-YEAR]."),
    ] = None,
    draws: Annotated[
        int, typer.Option(metavar="N", min=4, help="Draws of each of four chains.")
    ] = 2000,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Another seed than the study's.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the directory.")] = False,
) -> None:
    """Fit a study to what was known up to a year and score what was observed later."""
    with answered(), notes(quiet):
        from uncertainty.directory import RESULTS
        from uncertainty.hindcast.folder import hindcast_directory
        from uncertainty.reading import open_study

        opened = open_study(study)
        place = out if out is not None else RESULTS / f"{opened.name}-hindcast-{fit_to}"
        tree = hindcast_directory(
            opened,
            fit_to,
            place,
            until=until,
            since=since,
            as_published=as_published,
            draws=draws,
            seed=seed,
            command=shlex.join(["uncertainty", *sys.argv[1:]]),
        )
        print(place) if quiet else hindcast_report(tree, place)


@app.command(
    epilog="Examples: uncertainty sbc china-computing-2035 · "
    "uncertainty sbc my-study.toml --simulations 400 --out results/my-study-sbc"
)
def sbc(
    study: StudyName,
    simulations: Annotated[
        int, typer.Option(metavar="N", min=2, help="Tables of observations to simulate and fit.")
    ] = 100,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Directory [default: results/STUDY-sbc].")
    ] = None,
    draws: Annotated[
        int, typer.Option(metavar="N", min=50, help="Draws of each of two chains of a fit.")
    ] = 500,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Another seed than the study's.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the directory.")] = False,
) -> None:
    """Check a study's calibration on observations simulated from its prior: uniform ranks."""
    with answered("what is done is kept; the same command goes on from there"), notes(quiet):
        from uncertainty.directory import RESULTS
        from uncertainty.reading import open_study
        from uncertainty.simulated.folder import simulated_directory

        opened = open_study(study).with_settings(seed=seed)
        place = out if out is not None else RESULTS / f"{opened.name}-sbc"
        found = simulated_directory(
            opened,
            place,
            simulations=simulations,
            draws=draws,
            command=shlex.join(["uncertainty", *sys.argv[1:]]),
            tell=simulated_steps(quiet),
        )
        print(place) if quiet else simulated_report(found, place)
        if not found.attrs["uniform"]:
            say(json.loads(found.attrs["words"])[0])
            raise typer.Exit(FAILED)


@app.command(
    epilog="Examples: uncertainty cases · "
    "uncertainty cases ishigami lognormal --seeds 200 --size 256 · "
    "uncertainty cases --seeds 20 --salib"
)
def cases(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[CASE]...", help="Cases [default: all].")
    ] = None,
    size: Annotated[int, typer.Option(metavar="N", min=1, help="Points per replicate.")] = 1024,
    seeds: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Over so many seeds: error, width and coverage."),
    ] = None,
    design: Annotated[str, typer.Option(metavar="KIND", help="sobol, latin or random.")] = "sobol",
    control: Annotated[bool, typer.Option(help="Use polynomials as control variates.")] = True,
    first: Annotated[
        str | None, typer.Option(metavar="NAME", help="Estimator of S1, as in un.drivers.")
    ] = None,
    total: Annotated[
        str, typer.Option(metavar="NAME", help="Estimator of ST, as in un.drivers.")
    ] = "jansen",
    salib: Annotated[
        bool, typer.Option("--salib", help="With --seeds: SALib beside it, at equal base points.")
    ] = False,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the table to a file too.")
    ] = None,
) -> None:
    """Hold the engine against public cases whose indices are known exactly."""
    with answered(), notes(True):
        from uncertainty import cases as public
        from uncertainty.errors import DesignError

        if salib and seeds is None:
            raise DesignError("--salib needs --seeds: SALib is set beside errors over many seeds")
        if csv is not None and not csv.absolute().parent.is_dir():
            raise DesignError(f"--csv {csv}: there is no folder {csv.absolute().parent}")

        kinds: dict[str, Any] = {
            "size": size,
            "design": design,
            "control": control,
            "first": first,
            "total": total,
        }
        if seeds is None:
            found = public.table(names or (), **kinds)
            cases_table(found)
        else:
            found = public.coverage(names or (), seeds=seeds, **kinds)
            if salib:
                other = public.beside_salib(names or (), seeds=seeds, size=size)
                found = found.merge(other, how="left", on=["case", "index"])
            coverage_table(found, seeds)
        if csv is not None:
            found.to_csv(csv, index=False)
