"""Files: the shelf of shipped data, results as directories, and what is kept for resuming.

Besides `report`, the only room that touches the disk.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uncertainty.documents import Document, shown
from uncertainty.errors import ResultError, RunError, StudyError
from uncertainty.names import listed, suggestion

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

PACKAGE = Path(__file__).parent
MANIFEST = "manifest.json"
TREE = "result.nc"


def shelf(kind: str) -> Path:
    """Folder of the shipped `priors` or `studies`: in the wheel, or beside the package."""
    inside = PACKAGE / "shelf" / kind
    return inside if inside.is_dir() else PACKAGE.parent / kind


def shelved(kind: str) -> dict[str, Path]:
    """Shipped files of a kind by name."""
    return {path.stem: path for path in sorted(shelf(kind).glob("*.toml"))}


def locate(kind: str, name: str, base: Path | None = None) -> Path:
    """The file of a name: a path, then beside `base`, the working folder, the shelf.

    Raises
    ------
    StudyError
        With the names on the shelf when there is no such file.
    """
    folders = [base, base.parent / kind] if base else []
    folders += [Path.cwd(), Path.cwd() / kind, shelf(kind)]
    candidates = [Path(name).expanduser()]
    candidates += [folder / file for folder in folders for file in (name, f"{name}.toml")]
    for path in candidates:
        if path.suffix == ".toml" and path.is_file():
            return path
    if Path(name).is_dir():
        msg = f"{name} is a folder; expected a TOML file of {kind}"
        raise StudyError(msg)
    known = shelved(kind)
    msg = (
        f"no {kind} file {name!r}: looked for it as a path, in the working folder and on the "
        f"shelf, which holds {listed(known)}{suggestion(name, known)}"
    )
    raise StudyError(msg)


def read_document(path: Path) -> Document:
    """A TOML file, parsed; `StudyError` if it cannot be read."""
    try:
        return Document.of(path, path.read_bytes())
    except OSError as error:
        msg = f"{shown(path)}: cannot be read: {error.strerror}"
        raise StudyError(msg) from None


def sha256(content: bytes) -> str:
    """Hash of a file's content as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


def commit() -> str:
    """The commit of the source tree the package runs from, empty when there is none."""
    if not (PACKAGE.parent / ".git").exists():
        return ""
    command = ["git", "-C", str(PACKAGE.parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


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
    """

    tree: xr.DataTree
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, bytes]
    manifest: Mapping[str, Any]


def write_result(contents: Contents, directory: Path) -> None:
    """Write a result directory so that no reader ever sees half of it.

    Everything is written into a new folder beside it, which then takes its place. Files in
    `directory` that are not part of a result are kept.

    Raises
    ------
    RunError
        If the disk is full or the folder cannot be written; an older result stays as it was.
    """
    fresh = directory.with_name(f".{directory.name}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        fill(fresh, contents)
        swap(fresh, directory)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        msg = f"{shown(directory)}: the result could not be written: {error.strerror or error}"
        raise RunError(msg) from error


def fill(folder: Path, contents: Contents) -> None:
    """Write all files of a result, the manifest last."""
    write_tree(contents.tree, folder / TREE)
    for name, table in contents.tables.items():
        table.to_csv(folder / name, index=False)
    for name, content in contents.figures.items():
        path = folder / "figures" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    files = {
        str(path.relative_to(folder)): sha256(path.read_bytes())
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
    old = directory.with_name(f".{directory.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    strangers = foreign(directory)
    directory.rename(old)
    fresh.rename(directory)
    for path in strangers:
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            (old / path).rename(target)
    shutil.rmtree(old, ignore_errors=True)


def foreign(directory: Path) -> list[Path]:
    """Files in a result directory that its manifest does not name."""
    own = {*manifest(directory).get("files", {}), MANIFEST}
    found = (path.relative_to(directory) for path in directory.rglob("*") if path.is_file())
    return [path for path in found if str(path) not in own]


def manifest(directory: Path) -> dict[str, Any]:
    """The manifest of a result directory; `ResultError` if there is none."""
    path = directory / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{shown(directory)} is no result directory: {MANIFEST} cannot be read ({error})"
        raise ResultError(msg) from None
    return dict(found)


def check_target(directory: Path) -> None:
    """Raise `RunError` unless a result may be written there: nothing, empty, or a result."""
    if not directory.exists():
        return
    if not directory.is_dir():
        msg = f"{shown(directory)} is a file; a result is a directory"
        raise StudyError(msg)
    if any(directory.iterdir()) and not (directory / MANIFEST).is_file():
        msg = (
            f"{shown(directory)} holds other files and no result; choose an empty or new directory"
        )
        raise StudyError(msg)


def read_result(directory: str | Path) -> xr.DataTree:
    """The result tree of a directory, loaded into memory.

    Raises
    ------
    ResultError
        If the directory holds no result.
    """
    import xarray as xr

    folder = Path(directory)
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

    path = directory.with_name(f".{directory.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        lock.acquire(timeout=0)
    except Timeout:
        msg = f"another run is writing to {shown(directory)}; wait for it or choose another --out"
        raise RunError(msg) from None
    except OSError as error:
        msg = f"{shown(directory)}: cannot be written to: {error.strerror}"
        raise RunError(msg) from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        lock.release()


class Unfinished:
    """What an interrupted run has done: one file per tally, valid for one fingerprint.

    Attributes
    ----------
    folder : Path
        Beside the result directory.
    """

    def __init__(self, directory: Path, fingerprint: str, resume: bool) -> None:
        self.folder = directory.with_name(f".{directory.name}.unfinished")
        mark = self.folder / "fingerprint"
        if not (resume and mark.is_file() and mark.read_text() == fingerprint):
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(fingerprint)

    def load(self, key: str) -> Any | None:
        """The tally saved under a key, None if there is none that can be read."""
        try:
            return pickle.loads((self.folder / f"{key}.pickle").read_bytes())
        except (OSError, pickle.UnpicklingError, EOFError, AttributeError):
            return None

    def save(self, key: str, tally: Any) -> None:
        """Save a tally; it is there wholly or not at all."""
        path = self.folder / f"{key}.pickle"
        part = path.with_suffix(".part")
        part.write_bytes(pickle.dumps(tally))
        part.replace(path)

    def clear(self) -> None:
        """Remove everything: the run is finished."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class DiskJournal:
    """A journal that saves each tally and tells a listener of it.

    Attributes
    ----------
    unfinished : Unfinished
    stage : str
        First part of each key.
    listener : callable
        Called as ``listener(stage, resumed)`` after each item.
    """

    unfinished: Unfinished
    stage: str
    listener: Callable[[str, bool], None]

    def key(self, item: Any) -> str:
        """File name of an item: its replicate and first point."""
        first = item.blocks[0]
        return f"{self.stage}-{first.replicate}-{first.start}"

    def recall(self, item: Any) -> Any | None:
        """The tally of an interrupted run."""
        return self.unfinished.load(self.key(item))

    def record(self, item: Any, tally: Any) -> None:
        """Save, unless it is there, and tell."""
        known = (self.unfinished.folder / f"{self.key(item)}.pickle").exists()
        if not known:
            self.unfinished.save(self.key(item), tally)
        self.listener(self.stage, known)


def fingerprint(parts: Sequence[str]) -> str:
    """One hash of all that decides a run's numbers."""
    return sha256("\n".join(parts).encode())
