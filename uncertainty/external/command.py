"""External: a program of any language as a model, one run of a command line a sample."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from uncertainty.errors import ModelError
from uncertainty.external.placeholders import check_words
from uncertainty.external.program import Command, seal
from uncertainty.external.tables import TABLES
from uncertainty.model import FAILED, Model


def command(
    words: Sequence[str],
    *,
    outcomes: Mapping[str, str],
    parameters: Sequence[str] = (),
    units: Mapping[str, str] | None = None,
    dims: Mapping[str, tuple[str, ...]] | None = None,
    coords: Mapping[str, Sequence[Any]] | None = None,
    labels: Mapping[str, str] | None = None,
    bounds: Mapping[str, str] | None = None,
    timeout: float | None = None,
    workers: int = 1,
    folder: str | Path | None = None,
    table: str = "json",
    home: str | Path = ".",
) -> Model:
    """A model that runs a command line once for each sample.

    Parameters
    ----------
    words : sequence of str
        Program and arguments, no shell. ``{name}`` becomes the value of a parameter to the last
        digit, ``{input}`` the path of a file with all of them, ``{output}`` the path where the
        program leaves its outcomes; ``{{name}}`` stands for ``{name}`` itself, and
        braces around anything but a name are left as they are.
    outcomes : {outcome: unit}
        Read from ``{output}`` if the words name it, else from what the program prints (its
        last line will do): JSON such as ``{"y": 1.2}``, or a bare number for a single outcome.
        An outcome with dims is a nested list.
    parameters : sequence of str, optional
        Names that must have a prior, and no others; any name when left out.
    units, dims, coords, labels, bounds
        As for `Model`.
    timeout : float, optional
        Seconds after which a run, with all processes that it has started, is killed.
    workers : int
        Runs at a time.
    folder : path, optional
        Keeps the answer of each run that succeeded, by parameter values and program (words, and
        the content of files among them), so that a second time only the rest is run. Runs that
        failed are tried again.
    table : {"json", "csv"}
        Format of ``{input}``: an object, or a line of names and a line of values.
    home : path
        Words that are names of files here become full paths: each run has a fresh folder.

    Returns
    -------
    Model
        A run that fails (other exit status than 0, timeout, no or unreadable outcomes, numbers
        that are not finite) is NaN in all outcomes; what its function returns holds the reasons
        under the key ``"failed"``, texts of shape (sample,), empty where the run succeeded.

    Raises
    ------
    ModelError
        For a program that is not there, words that do not hand all parameters over, and options
        that make no sense.

    Examples
    --------
    >>> import sys
    >>> import numpy as np
    >>> code = "import sys; print(float(sys.argv[1]) * 2)"
    >>> double = command([sys.executable, "-c", code, "{x}"], outcomes={"y": "TWh"})
    >>> double(x=np.array([1.0, 2.5]))["y"]
    array([2., 5.])
    """
    check_options(words, outcomes, timeout, workers, table)
    settled = located(words, Path(home))
    check_words(settled, parameters)
    lengths = {dim: len(values) for dim, values in (coords or {}).items()}
    shapes = {n: tuple(lengths.get(d, 0) for d in (dims or {}).get(n, ())) for n in outcomes}
    kept = None if folder is None else Path(folder).absolute()
    if kept is not None:
        if kept.exists() and not kept.is_dir():
            msg = f"command: folder={str(folder)!r} is a file; a folder is needed"
            raise ModelError(msg)
        kept.mkdir(parents=True, exist_ok=True)
    program = Command(settled, shapes, timeout, workers, kept, table, seal(settled, table))
    declared = (outcomes, dims or {}, coords or {}, units or {}, labels or {})
    return Model(program, *declared, tuple(parameters), bounds or {})


#: The same function for one that has an option of that name.
command_model = command


def study_model(
    horizon: Sequence[int],
    outcomes: Sequence[str] | None = None,
    *,
    command: Sequence[str],
    outcome_units: Mapping[str, str],
    yearly: Sequence[str] = (),
    parameters: Sequence[str] = (),
    units: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    bounds: Mapping[str, str] | None = None,
    timeout: float | None = None,
    workers: int = 1,
    folder: str | None = None,
    table: str = "json",
    home: str = ".",
) -> Model:
    """The model of a study file whose program is in its options.

    In the file: ``model = "uncertainty.external:study_model"``, a horizon, and under
    ``[options]`` what `command` takes, with ``command`` for the words and ``outcome_units`` for
    the outcomes and their units.

    Parameters
    ----------
    horizon : (int, int)
        First and last year.
    outcomes : sequence of str, optional
        The program computes all outcomes in one go, so that this changes nothing.
    yearly : sequence of str
        Outcomes that are lists with one number for each year of the horizon.

    Returns
    -------
    Model
    """
    return command_model(
        command,
        outcomes=outcome_units,
        dims=dict.fromkeys(yearly, ("year",)),
        coords={"year": list(range(horizon[0], horizon[1] + 1))} if yearly else {},
        parameters=parameters,
        units=units,
        labels=labels,
        bounds=bounds,
        timeout=timeout,
        workers=workers,
        folder=folder,
        table=table,
        home=home,
    )


def check_options(
    words: Sequence[str], outcomes: Mapping[str, str], timeout: Any, workers: Any, table: str
) -> None:
    """Raise `ModelError` for options of `command` that make no sense."""
    faults = []
    if isinstance(words, str) or not words or not all(isinstance(w, str) and w for w in words):
        faults.append(f"the words are a list of texts such as ['sim', '{{input}}'], got {words!r}")
    if not isinstance(outcomes, Mapping) or not outcomes:
        faults.append(f"outcomes are a dictionary {{outcome: unit}}, got {outcomes!r}")
    elif FAILED in outcomes:
        faults.append(f"the outcome name {FAILED!r} is taken by the reasons of failed runs")
    real = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if timeout is not None and not (real and 0 < timeout < math.inf):
        faults.append(f"timeout must be a number of seconds above 0, got {timeout!r}")
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
        faults.append(f"workers must be a whole number of at least 1, got {workers!r}")
    if table not in TABLES:
        faults.append(f"table must be {' or '.join(TABLES)}, got {table!r}")
    if faults:
        raise ModelError("command: " + "; ".join(faults))


def located(words: Sequence[str], home: Path) -> tuple[str, ...]:
    """Words with names of files made full paths; `ModelError` if there is no such program."""
    program, *rest = words
    beside = (home / program).absolute()
    if os.sep in program and beside.is_file():
        program = str(beside)
    if shutil.which(program) is None:
        msg = f"command: there is no program {program!r} that can be run"
        raise ModelError(msg)
    here = [home / word for word in rest]
    full = (str(p.absolute()) if p.is_file() else w for p, w in zip(here, rest, strict=True))
    return (program, *full)
