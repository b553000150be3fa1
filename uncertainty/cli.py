"""The command line: verbs and what they print; the only room that prints."""

from __future__ import annotations

import shlex
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from uncertainty.headline import Headline, Level
    from uncertainty.study import Study

FAILED, WRONG, INTERRUPTED = 1, 2, 130
#: Faults that are listed.
MOST_FAULTS = 40
#: Columns of a table that is not printed on a terminal.
PIPED = 120

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


def console(stderr: bool = False) -> Console:
    """A rich console on standard output or standard error."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPED
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)


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
            help="Points per replicate (a power of 2); drivers get a quarter.",
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
        from uncertainty.pool import cluster, processes
        from uncertainty.reading import open_study

        opened = open_study(study).with_settings(size=size, seed=seed)
        directory = out if out is not None else Path("results") / opened.name
        with (
            notes(quiet),
            progress(opened, quiet) as listener,
            cluster(dask) if dask else processes(workers) as executor,
        ):
            tree = opened.run(
                directory,
                executor,
                resume=not no_resume,
                listener=listener,
                command=shlex.join(["uncertainty", *sys.argv[1:]]),
            )
        if quiet:
            print(directory)
        else:
            report(tree, directory)


@app.command(epilog="Example: uncertainty check my-study.toml")
def check(study: StudyName) -> None:
    """Check a study without running it."""
    with answered():
        from uncertainty.reading import open_study

        opened = open_study(study)
        row = opened.row
        runs = row.design.size * row.design.replicates
        print(f"{opened.name}: {row.title}")
        print(
            f"  in order: {len(opened.space.uncertain)} uncertain parameters from "
            f"{len(opened.catalogues)} catalogues, model {row.model}, {runs:,} draws"
        )


@app.command(epilog="Example: uncertainty show results/china-computing-2035")
def show(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A result directory.")],
) -> None:
    """Print the short table of a result."""
    with answered():
        from uncertainty.directory import read_result

        report(read_result(directory), directory)


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


def shelf_table(kind: str) -> None:
    """Names and titles of what ships with the package."""
    from rich.table import Table

    from uncertainty import files

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("name", no_wrap=True)
    table.add_column("title")
    for name, path in files.shelved(kind).items():
        table.add_row(name, files.read_document(path).data["title"])
    console().print(table)


def priors_table(entries: dict[str, Any]) -> None:
    """One line a parameter."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    right = {"median", "90% interval"}
    for heading in ("parameter", "median", "90% interval", "unit", "family", "grade", "source"):
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for name, entry in entries.items():
        low, high = entry.prior.interval(0.9)
        table.add_row(
            name,
            number(entry.prior.interval(1e-9)[0]),
            f"{number(low)} to {number(high)}",
            entry.prior.unit,
            entry.prior.family,
            entry.grade,
            ", ".join(
                dict.fromkeys(str(s.get("publisher") or s["title"]) for s in entry.prior.sources)
            ),
        )
    console().print(table)


def sources_list(entries: dict[str, Any]) -> None:
    """Each parameter with its reading, quotes and sources in full."""
    for name, entry in entries.items():
        low, high = entry.prior.interval(0.9)
        print(f"{name}: {entry.prior.label}")
        interval = f"{number(low)} to {number(high)} {entry.prior.unit} (90%)"
        print(f"  {interval}, {entry.prior.describe()}, {entry.grade}")
        print(f"  {' '.join(entry.prior.reading.split())}")
        for source in entry.prior.sources:
            facts = [source.get(k) for k in ("title", "publisher", "date", "url")]
            print(f"  - {', '.join(str(f) for f in facts if f)}")
            if source.get("quote"):
                print(f"    “{source['quote']}”")


def number(value: Any) -> str:
    """A number to three or four figures, without an exponent where that can be."""
    import numpy as np

    values = np.atleast_1d(value)
    return ", ".join(f"{v:,.0f}" if 999.5 <= abs(v) < 1e7 else f"{v:.3g}" for v in values)


@contextmanager
def notes(quiet: bool) -> Iterator[None]:
    """Collect warnings of a run and say each once at its end."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for text in dict.fromkeys(
        str(w.message) for w in caught if issubclass(w.category, UserWarning)
    ):
        if not quiet:
            say(f"note: {text}")


@contextmanager
def progress(study: Study, quiet: bool) -> Iterator[Callable[[str, bool], None]]:
    """A listener: bars on a terminal, plain lines when piped, nothing when quiet."""
    names = {
        "propagate": "draws",
        "drivers": "drivers",
        "groups": "groups of drivers",
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


def report(tree: Any, directory: Path) -> None:
    """The short table, the dominant drivers and where everything lies."""
    from uncertainty.headline import headline

    out, found = console(), headline(tree)
    out.print(f"\n{found.title}", style="bold")
    out.print(
        f"{tree.attrs['model_runs']:,} model runs, seed {tree.attrs['seed']}; "
        "intervals are central credible intervals given this model and these priors\n",
        style="dim",
    )
    if found.levels:
        levels_table(out, found)
    if found.drivers:
        drivers_table(out, found)
    out.print(f"\nresult   {directory}", soft_wrap=True)
    if (Path(directory) / "figures").is_dir():
        out.print(f"charts   {Path(directory) / 'figures'}", soft_wrap=True)


def levels_table(out: Console, found: Headline) -> None:
    """Medians, intervals, margins and chances."""
    from rich.table import Table

    first, margin = found.levels[0], found.wanted.get("margin")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(f"{first.outcome}, {first.unit}" if found.wanted else "outcome")
    headings = ["median", f"{100 * first.mass:g}% interval"]
    headings += [f"margin to {100 * margin:g}%"] if margin else []
    headings += list(first.chances)
    for heading in headings:
        table.add_column(heading, justify="right")
    for level in found.levels:
        table.add_row(*level_cells(level, bool(found.wanted), bool(margin)))
    out.print(table)


def level_cells(level: Level, yearly: bool, margin: bool) -> Iterator[str]:
    """The cells of one row."""
    unit = f" ({level.unit})" if level.unit not in {"", "1"} else ""
    yield level.place if yearly else f"{level.outcome}{unit}"
    yield number(level.median)
    yield f"{number(level.low)} to {number(level.high)}"
    if margin:
        part = f" (+{level.margin / level.median:.0%})" if level.median > 0 else ""
        yield f"+{number(level.margin)}{part}"
    for chance in level.chances.values():
        yield f"in {chance:.0%} of draws"


def drivers_table(out: Console, found: Headline) -> None:
    """The dominant drivers with their share of variance."""
    from rich.table import Table

    out.print(f"\nWhat decides {found.drivers_of}", style="bold", end="")
    out.print(" (share of variance, 95% interval)\n")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("driver")
    table.add_column("alone (S1)", justify="right")
    table.add_column("with interactions (ST)", justify="right")
    for driver in found.drivers:
        table.add_row(
            driver.label,
            share(driver.first, driver.first_interval),
            share(driver.total, driver.total_interval),
        )
    out.print(table)


def share(value: float, ends: tuple[float, float]) -> str:
    """A share of variance with its interval."""
    return f"{value:.1%} ({ends[0]:.1%} to {ends[1]:.1%})"
