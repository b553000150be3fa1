"""Files: the shelf of shipped priors and studies, documents, hashes."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from uncertainty.documents import Document, shown
from uncertainty.errors import StudyError
from uncertainty.names import listed, suggestion

PACKAGE = Path(__file__).parent


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
    try:
        for path in candidates(kind, name, base):
            if path.suffix == ".toml" and path.is_file():
                return path
        folder = Path(name).is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"no {kind} file {name[:80]!r}: {reason}"
        raise StudyError(msg) from None
    if folder:
        msg = f"{name} is a folder; expected a TOML file of {kind}"
        raise StudyError(msg)
    known = shelved(kind)
    msg = (
        f"no {kind} file {name!r}: looked for it as a path, in the working folder and on the "
        f"shelf, which holds {listed(known)}{suggestion(name, known)}"
    )
    raise StudyError(msg)


def candidates(kind: str, name: str, base: Path | None) -> Iterator[Path]:
    """Where a name may lie, in the order in which it is looked for."""
    yield Path(name).expanduser()
    folders = [base, base.parent / kind] if base else []
    for folder in (*folders, Path.cwd(), Path.cwd() / kind, shelf(kind)):
        yield from (folder / name, folder / f"{name}.toml")


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


def fingerprint(parts: Sequence[str]) -> str:
    """One hash of all that decides a run's numbers."""
    return sha256("\n".join(parts).encode())
