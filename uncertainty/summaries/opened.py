"""Opened: one file of a summary or of draws, told by what is in it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.summaries import foreign, reference, stan
from uncertainty.summaries.columns import HEAD, TEXTS, arranged
from uncertainty.summaries.posterior import DRAWS

#: Digits are read in full by pandas 3; before, it had to be told.
PRECISE: dict[str, Any] = {} if pd.__version__ >= "3" else {"float_precision": "round_trip"}

KNOWN = (
    "summary.csv or summary.parquet of a result; draws.csv or draws.parquet (columns chain, draw); "
    "arviz.summary saved as CSV (mean, sd, eti89_lb, hdi_3%, ...); stansummary as CSV (name, Mean, "
    "StdDev, 5%, ...); draws of CmdStan (CSV with lp__); JSON with chains of draws "
    "[{name: [draws]}, ...] or with names, mean and sd, also zipped; netCDF with a group posterior"
)


@dataclass(frozen=True)
class Found:
    """What a file holds: a summary or draws; what it was taken for; what was left out."""

    kind: str
    summary: pd.DataFrame | None = None
    draws: xr.Dataset | None = None
    notes: list[str] = field(default_factory=list)
    attrs: dict[str, Any] = field(default_factory=dict)


def opened(path: Path) -> Found:
    """What one file holds."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise ResultError(msg) from None
    for mark, reader in MARKS.items():
        if start.startswith(mark):
            return reader(path)
    return of_text(path, path.read_bytes())


def refused(path: Path, what: str) -> ResultError:
    """The one message for what is not known."""
    return ResultError(f"{path}: {what}; known are: {KNOWN}")


def of_parquet(path: Path) -> Found:
    """Our summary or draws as Parquet."""
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise refused(path, f"cannot be read as Parquet ({error})") from None
    return of_frame(path, frame, [])


def of_netcdf(path: Path) -> Found:
    """A tree of ArviZ groups."""
    try:
        with xr.open_datatree(path) as tree:
            tree.load()
    except (OSError, ValueError) as error:
        raise refused(path, f"cannot be read as netCDF ({error})") from None
    if "posterior" not in tree:
        groups = ", ".join(tree.children) or "none"
        raise refused(path, f"has no group posterior, only {groups}")
    found = tree["posterior"].to_dataset()
    names = [str(n) for n, a in found.data_vars.items() if set(DRAWS) <= set(a.dims)]
    left = [str(n) for n in found.data_vars if n not in names]
    notes = [f"variables without chain and draw left out: {', '.join(left)}"] if left else []
    attrs = {str(k): value for k, value in tree.attrs.items() if k in ("study", "run")}
    return Found("netCDF with ArviZ groups", draws=found[names], notes=notes, attrs=attrs)


def of_zip(path: Path) -> Found:
    """One file of JSON or CSV within a zip archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if n.endswith((".json", ".csv"))]
            content = archive.read(names[0]) if len(names) == 1 else b""
    except zipfile.BadZipFile as error:
        raise refused(path, f"is a broken archive ({error})") from None
    if not content:
        raise refused(path, f"is an archive of {len(names)} files of JSON or CSV, not of one")
    return of_text(path, content)


MARKS = {
    b"PAR1": of_parquet,
    b"CDF": of_netcdf,
    b"\x89HDF": of_netcdf,
    b"PK\x03\x04": of_zip,
}
"""First bytes of a file -> what reads it; everything else is read as text."""


def of_text(path: Path, content: bytes) -> Found:
    """JSON or a table in text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused(path, "is neither text in UTF-8 nor a known kind of file") from None
    if text.lstrip()[:1] in ("{", "["):
        return of_json(path, text)
    lines = text.splitlines()
    comments = [line for line in lines if line.startswith("#")]
    rows = [line for line in lines if line.strip() and not line.startswith("#")]
    if len(rows) < 2:
        raise refused(path, "has no rows below a header")
    try:
        frame = table("\n".join(rows))
    except ValueError as error:
        raise refused(path, f"cannot be read as a table ({error})") from None
    return of_frame(path, frame, comments)


def table(text: str) -> pd.DataFrame:
    """A CSV in which texts stay texts, though they look like numbers or like nothing."""
    header = pd.read_csv(io.StringIO(text), nrows=0).columns
    ours = set(HEAD) <= {str(c) for c in header}
    texts = [c for c in header if ours and c in TEXTS]
    empty = {c: ["", "nan", "NaN", "NA"] if not ours else ["", "nan"] for c in header}
    return pd.read_csv(
        io.StringIO(text),
        dtype=dict.fromkeys(texts, str),
        keep_default_na=False,
        na_values={c: marks for c, marks in empty.items() if c not in texts},
        index_col=False,
        **PRECISE,
    )


def of_json(path: Path, text: str) -> Found:
    """Draws, a summary or rows of our table as JSON."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise refused(path, f"is no valid JSON ({error})") from None
    if reference.is_draws(found):
        draws, notes = reference.draws_of(found)
        return Found("draws as JSON", draws=draws, notes=notes)
    if reference.is_summary(found):
        return of_frame(path, reference.summary_frame(found), [])
    if reference.is_table(found):
        return of_frame(path, pd.DataFrame(found), [])
    raise refused(path, "is JSON of another kind")


def of_frame(path: Path, frame: pd.DataFrame, comments: list[str]) -> Found:
    """A table by its columns: our summary, draws, or another summary."""
    columns = [str(c) for c in frame]
    if set(HEAD) <= set(columns):
        return Found("summary of a result", summary=arranged(frame))
    if stan.is_draws(columns):
        draws, notes = stan.draws_of(frame, comments)
        return Found("draws as a table", draws=draws, notes=notes)
    if foreign.is_summary(columns):
        summary, notes = foreign.summary_of(frame)
        return Found("summary of another program", summary=summary, notes=notes)
    raise refused(path, f"is a table with the columns {', '.join(columns[:12])}")
