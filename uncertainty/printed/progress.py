"""What a run says on standard error while it goes on, and its warnings at the end."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from uncertainty.names import listed
from uncertainty.printed.console import console

if TYPE_CHECKING:
    from uncertainty.study import Study

#: Told of a finished part: its stage, and whether it came from an interrupted run.
Listener = Callable[[str, bool], None]

#: A warning about one outcome.
OF_OUTCOME = re.compile(r"outcome '([^']+)' (.*)", re.DOTALL)

#: What a stage is called.
NAMES = {
    "propagate": "draws",
    "drivers": "drivers",
    "groups": "groups of drivers",
    "shapley": "shares of variance",
    "sample": "readings",
    "calibration": "calibration",
    "charts": "charts",
}


def say(text: str) -> None:
    """One line on standard error."""
    print(f"uncertainty: {text}", file=sys.stderr)


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
def progress(study: Study, quiet: bool) -> Iterator[Listener]:
    """A listener: bars on a terminal, plain lines when piped, nothing when quiet."""
    if quiet:
        yield lambda stage, resumed: None
    elif not sys.stderr.isatty():
        yield plain_progress(study.stages)
    else:
        with bars(study.stages) as listener:
            yield listener


@contextmanager
def bars(stages: dict[str, int]) -> Iterator[Listener]:
    """A listener with a bar for each stage."""
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
    with Progress(*columns, console=console(stderr=True), transient=True) as shown:
        tasks = {s: shown.add_task(NAMES[s], total=n, start=False) for s, n in stages.items()}

        def listener(stage: str, resumed: bool) -> None:
            task = shown.tasks[tasks[stage]]
            if task.total is not None and task.completed >= task.total:
                shown.update(task.id, total=task.total + 1)
            shown.start_task(tasks[stage])
            shown.advance(tasks[stage])

        yield listener


def plain_progress(stages: dict[str, int]) -> Listener:
    """A listener that says one line when a stage is finished."""
    seen = dict.fromkeys(stages, 0)
    known = dict.fromkeys(stages, 0)

    def listener(stage: str, resumed: bool) -> None:
        seen[stage] += 1
        known[stage] += resumed
        if seen[stage] == stages[stage]:
            kept = f" ({known[stage]} parts taken from an interrupted run)" if known[stage] else ""
            say(f"{NAMES[stage]}: {seen[stage]} of {stages[stage]} parts done{kept}")

    return listener
