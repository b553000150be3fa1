"""The command line: the verbs; with `printed` the only room that prints."""

from __future__ import annotations

import re
import shlex
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from uncertainty.printed import (
    comparison_report,
    console,
    ledger_report,
    priors_table,
    report,
    shelf_table,
    sources_list,
)

if TYPE_CHECKING:
    from uncertainty.study import Study

FAILED, WRONG, INTERRUPTED = 1, 2, 130
#: A warning about one outcome.
OF_OUTCOME = re.compile(r"outcome '([^']+)' (.*)", re.DOTALL)
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


def say(text: str) -> None:
    """One line on standard error."""
    print(f"uncertainty: {text}", file=sys.stderr)


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
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only the result directory.")
    ] = False,
) -> None:
    """Run a study into a result directory."""
    with answered("what is done is kept; the same command goes on from there"):
        from uncertainty.pair import Pair, open_any
        from uncertainty.pool import cluster, processes

        opened = open_any(study)
        place = out if out is not None else Path("results") / opened.name
        pair = opened if isinstance(opened, Pair) else None
        parts = zip(pair.studies, pair.places(place), strict=True) if pair else [(opened, place)]
        with cluster(dask) if dask else processes(workers) as executor:
            for part, directory in parts:
                assert not isinstance(part, Pair)
                chosen = part.with_settings(size=size, seed=seed)
                run_study(chosen, directory, executor, not no_resume, quiet, pair is None)
        if pair:
            tree = pair.compare(place)
            print(place) if quiet else comparison_report(tree, place)


def run_study(
    study: Study,
    directory: Path,
    executor: Executor | None,
    resume: bool,
    quiet: bool,
    alone: bool,
) -> None:
    """Run one study with progress; alone, print its short table, else only where it lies."""
    with notes(quiet), progress(study, quiet) as listener:
        command = shlex.join(["uncertainty", *sys.argv[1:]])
        tree = study.run(directory, executor, resume=resume, listener=listener, command=command)
    print(directory) if quiet or not alone else report(tree, directory)


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

        directory = located(directory)
        tree = read_result(directory)
        (comparison_report if "side" in tree["intervals"].dims else report)(tree, directory)


@app.command("report", epilog="Example: uncertainty report results/china-computing-2035")
def report_page(
    directory: ResultPlace,
) -> None:
    """Make the report of a result again, one HTML page, and print where it lies."""
    with answered():
        from uncertainty.report import renew

        print(renew(directory))


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
        from uncertainty import files

        if name is None:
            shelf_table("priors")
            return
        entries = entries_of(files, name)
        (sources_list if sources else priors_table)(entries)


@app.command(epilog="Example: uncertainty studies")
def studies() -> None:
    """List the shipped studies."""
    with answered():
        shelf_table("studies")


def entries_of(files: Any, name: str) -> dict[str, Any]:
    """Entries of a catalogue, or of a study where no catalogue has the name."""
    from uncertainty.catalogue import read_catalogue
    from uncertainty.errors import StudyError

    try:
        document = files.read_document(files.locate("priors", name))
    except StudyError as error:
        try:
            files.locate("studies", name)
        except StudyError:
            raise error from None
        document = files.read_document(files.locate("studies", name))
    if "model" in document.data:
        from uncertainty.reading import open_study

        return dict(open_study(document.path).entries)
    catalogue, faults = read_catalogue(document)
    if faults or catalogue is None:
        raise StudyError(faults)
    return dict(catalogue.entries)


@contextmanager
def notes(quiet: bool) -> Iterator[None]:
    """Collect warnings of a run and say each once at its end."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    texts = [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    for text in [] if quiet else told_together(texts):
        say(f"note: {text}")


def told_together(texts: list[str]) -> list[str]:
    """Each text once; what is said of several outcomes in the same words in one line."""
    from uncertainty.names import listed

    groups: dict[tuple[str, str], list[str]] = {}
    for text in dict.fromkeys(texts):
        found = OF_OUTCOME.fullmatch(text)
        key = ("outcome", found[2]) if found else ("", text)
        groups.setdefault(key, []).append(found[1] if found else "")
    return [
        text if not kind else f"outcome{'' if len(names) == 1 else 's'} {listed(names, 6)}: {text}"
        for (kind, text), names in groups.items()
    ]


@contextmanager
def progress(study: Study, quiet: bool) -> Iterator[Callable[[str, bool], None]]:
    """A listener: bars on a terminal, plain lines when piped, nothing when quiet."""
    names = {
        "propagate": "draws",
        "drivers": "drivers",
        "groups": "groups of drivers",
        "shapley": "shares of variance",
        "sample": "readings",
        "charts": "charts",
    }
    if quiet:
        yield lambda stage, resumed: None
        return
    if not sys.stderr.isatty():
        yield plain_progress(study.stages, names)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:>18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bars:
        tasks = {s: bars.add_task(names[s], total=n, start=False) for s, n in study.stages.items()}

        def listener(stage: str, resumed: bool) -> None:
            bars.start_task(tasks[stage])
            bars.advance(tasks[stage])

        yield listener


def plain_progress(stages: dict[str, int], names: dict[str, str]) -> Callable[[str, bool], None]:
    """A listener that says one line when a stage is finished."""
    seen = dict.fromkeys(stages, 0)
    known = dict.fromkeys(stages, 0)

    def listener(stage: str, resumed: bool) -> None:
        seen[stage] += 1
        known[stage] += resumed
        if seen[stage] == stages[stage]:
            kept = f" ({known[stage]} parts taken from an interrupted run)" if known[stage] else ""
            say(f"{names[stage]}: {seen[stage]} of {stages[stage]} parts done{kept}")

    return listener
