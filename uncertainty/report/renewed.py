"""Renewed: the report of a result directory made again from the directory alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uncertainty.directory import MANIFEST, free, locked, manifest, read_result
from uncertainty.documents import shown
from uncertainty.errors import ResultError, RunError
from uncertainty.files import sha256
from uncertainty.interrupts import deferred
from uncertainty.report.page import page
from uncertainty.report.pictures import ENDING, FOLDER

REPORT = "report.html"


def renew(directory: str | Path) -> Path:
    """Write the report of a result directory again, from its result, charts and manifest.

    Page and manifest each take the place of the older one as a whole. A file of that name that is
    not of the result is set aside, with `.kept` behind its name. Ctrl-C waits until all is done.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    ResultError
        If the directory holds no result, or a part of it is missing.
    RunError
        If a run is writing there, or the disk fails.
    """
    place = Path(directory).expanduser().resolve()
    manifest(place)
    with locked(place):
        facts = manifest(place)
        text = written(place, facts)
        try:
            with deferred():
                if REPORT not in facts["files"] and (place / REPORT).exists():
                    (place / REPORT).rename(free(place / REPORT))
                put(place / REPORT, text)
                put(place / MANIFEST, with_hash(facts, text))
        except OSError as error:
            msg = f"{shown(place)}: the report could not be written: {error.strerror or error}"
            raise RunError(msg) from error
    return Path(directory) / REPORT


def written(place: Path, facts: Mapping[str, Any]) -> str:
    """The page of a result."""
    try:
        return page(read_result(place), charts(place, facts), facts)
    except KeyError as error:
        msg = f"{shown(place)}: the result is of another version ({error}); run the study again"
        raise ResultError(msg) from error


def charts(place: Path, facts: Mapping[str, Any]) -> dict[str, bytes]:
    """The charts that the manifest names."""
    names = [n for n in facts["files"] if n.startswith(FOLDER) and n.endswith(ENDING)]
    try:
        return {name.removeprefix(FOLDER): (place / name).read_bytes() for name in sorted(names)}
    except OSError as error:
        msg = f"{shown(place)}: a chart of the result cannot be read ({error}); run the study again"
        raise ResultError(msg) from None


def with_hash(facts: Mapping[str, Any], text: str) -> str:
    """The manifest with the hash of the page."""
    files = {**facts["files"], REPORT: sha256(text.encode())}
    ordered = {name: files[name] for name in sorted(files)}
    return json.dumps({**facts, "files": ordered}, indent=2, ensure_ascii=False) + "\n"


def put(path: Path, text: str) -> None:
    """A file that is there as a whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
