"""Directory: a result on disk, whole or not at all, and nothing of the user's lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from uncertainty.documents import shown
from uncertainty.errors import ResultError, RunError, StudyError
from uncertainty.files import sha256
from uncertainty.interrupts import deferred

MANIFEST = "manifest.json"
TREE = "result.nc"
#: What the manifest of a comparison has beside that.
COMPARED = "runs"
#: What a manifest of ours always has.
MARKS = ("files", "study", "run")


#: Where a result lies when only the name of its study is given.
RESULTS = Path("results")


@dataclass(frozen=True)
class Contents:
    """What goes into a result directory.

    Attributes
    ----------
    tree : xarray.DataTree
    tables : {file name: table}
    figures : {file name: bytes}
    manifest : mapping
        Facts of the run; the hashes of the files are added.
    texts : {file name: text}
        Written as UTF-8.
    blobs : {file name: bytes}
        Other files.
    """

    tree: xr.DataTree
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    texts: Mapping[str, str] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)


def beside(directory: Path, ending: str) -> Path:
    """A hidden neighbour of a result directory, such as `.name.new`."""
    return directory.with_name(f".{directory.name}.{ending}")


def target(directory: str | Path, *, compares: bool = False) -> Path:
    """The place where a result may be written: nothing yet, an empty directory, or a result.

    A run takes the place of an older run only, a comparison (`compares`) that of a comparison.

    Raises
    ------
    StudyError
        If there is something else, which would be lost.
    """
    path = Path(directory).expanduser().resolve()
    if path in (Path.cwd(), Path(path.anchor)):
        msg = f"{shown(path)} is the working folder or the root; choose a directory within"
        raise StudyError(msg)
    if path.exists() and not path.is_dir():
        msg = f"{shown(path)} is a file; a result is a directory"
        raise StudyError(msg)
    if path.is_dir() and any(path.iterdir()) and not is_result(path):
        msg = f"{shown(path)} holds other files and no result; choose an empty or new directory"
        raise StudyError(msg)
    if is_result(path) and (COMPARED in manifest(path)) != compares:
        kind = "result of a run" if compares else "comparison"
        msg = f"{shown(path)} holds the {kind}, which would be lost; choose another directory"
        raise StudyError(msg)
    return path


def is_result(directory: Path) -> bool:
    """Whether a directory has a manifest of ours."""
    try:
        manifest(directory)
    except ResultError:
        return False
    return True


def manifest(directory: Path) -> dict[str, Any]:
    """The manifest of a result directory; `ResultError` if there is none."""
    path = directory / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{shown(directory)} is no result directory: {MANIFEST} cannot be read ({error})"
        raise ResultError(msg) from None
    if not isinstance(found, dict) or not all(mark in found for mark in MARKS):
        msg = f"{shown(directory)} is no result directory: {MANIFEST} is of another kind"
        raise ResultError(msg)
    return found


def write_result(contents: Contents, directory: Path) -> None:
    """Write a result directory so that no reader ever sees half of it.

    Everything is written into a new folder beside it, which then takes its place. What lies in
    `directory` and is not part of a result is carried over. Ctrl-C waits until it is done.

    Raises
    ------
    RunError
        If the disk is full or the folder cannot be written; an older result stays as it was.
    """
    fresh = beside(directory, "new")
    try:
        with deferred():
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True)
            fill(fresh, contents)
            swap(fresh, directory)
    except OSError as error:
        msg = f"{shown(directory)}: the result could not be written: {error.strerror or error}"
        raise RunError(msg) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def fill(folder: Path, contents: Contents) -> None:
    """Write all files of a result, the manifest last."""
    write_tree(contents.tree, folder / TREE)
    for name, table in contents.tables.items():
        table.to_csv(folder / name, index=False)
    for name, content in contents.figures.items():
        path = folder / "figures" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    for name, text in contents.texts.items():
        (folder / name).write_bytes(text.encode())
    for name, content in contents.blobs.items():
        (folder / name).write_bytes(content)
    files = {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    text = json.dumps({**contents.manifest, "files": files}, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def write_tree(tree: xr.DataTree, path: Path) -> None:
    """A result tree as netCDF, compressed where it is large."""
    packed = {"zlib": True, "complevel": 1, "shuffle": True}
    encoding = {
        node.path: {
            name: packed
            for name, a in node.dataset.items()
            if a.dtype.kind == "f" and a.size > 4096
        }
        for node in tree.subtree
    }
    try:
        tree.to_netcdf(path, engine="netcdf4", encoding={k: v for k, v in encoding.items() if v})
    except RuntimeError as error:  # how the netCDF library reports a full disk
        raise OSError(str(error)) from error


def swap(fresh: Path, directory: Path) -> None:
    """Put `fresh` in the place of `directory`, carrying over what is not part of a result."""
    if not directory.exists():
        fresh.rename(directory)
        return
    old = beside(directory, "old")
    directory.rename(old)
    try:
        fresh.rename(directory)
    except OSError:
        old.rename(directory)
        raise
    settle(old, directory)


def recover(directory: Path) -> None:
    """Finish what a run that was killed between two renames has left."""
    old = beside(directory, "old")
    if not old.exists():
        return
    if directory.exists():
        settle(old, directory)
    else:
        old.rename(directory)


def settle(old: Path, directory: Path) -> None:
    """Carry what is not ours from the old directory into the new one, then drop the old."""
    for path in foreign(old):
        place = free(directory / path)
        place.parent.mkdir(parents=True, exist_ok=True)
        (old / path).rename(place)
    shutil.rmtree(old, ignore_errors=True)


def free(path: Path) -> Path:
    """The path itself, or with `.kept` behind it where there is such a file already."""
    while path.exists() or path.is_symlink():
        path = path.with_name(f"{path.name}.kept")
    return path


def foreign(directory: Path) -> list[Path]:
    """Files, links and empty folders in a result directory that its manifest does not name."""
    own = {*manifest(directory)["files"], MANIFEST} if is_result(directory) else set()
    return [
        path.relative_to(directory)
        for path in sorted(directory.rglob("*"))
        if path.relative_to(directory).as_posix() not in own
        and (path.is_symlink() or not path.is_dir() or not any(path.iterdir()))
    ]


def located(name: str | Path) -> Path:
    """A result directory by path, or by the name of its study within `RESULTS`.

    Raises
    ------
    ResultError
        If there is no such directory.
    """
    for path in (Path(name).expanduser(), RESULTS / name):
        if path.is_dir():
            return path
    msg = f"{name}: no such directory, here or in {RESULTS}; run the study first"
    raise ResultError(msg)


def read_result(directory: str | Path) -> xr.DataTree:
    """The result tree of a directory, loaded into memory.

    Raises
    ------
    ResultError
        If the directory holds no result.
    """
    folder = Path(directory).expanduser()
    manifest(folder)
    try:
        with xr.open_datatree(folder / TREE, engine="netcdf4") as tree:
            return tree.load()
    except (OSError, ValueError) as error:
        msg = f"{shown(folder / TREE)}: cannot be read as a result: {error}"
        raise ResultError(msg) from None


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold a result directory for one run; a second run is refused, not mixed in."""
    from filelock import FileLock, Timeout

    path = beside(directory, "lock")
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        lock.acquire(timeout=0)
    except Timeout:
        msg = f"another run is writing to {shown(directory)}; wait for it or choose another --out"
        raise RunError(msg) from None
    except OSError as error:
        msg = f"{shown(directory)}: cannot be written to: {error.strerror}"
        raise RunError(msg) from None
    try:
        recover(directory)
        yield
    finally:
        lock.release()
        with suppress(OSError):
            path.unlink()
