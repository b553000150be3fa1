"""Unfinished: what an interrupted run has done, kept beside its result directory."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from uncertainty.design import Batch
from uncertainty.directory import beside
from uncertainty.tally import Table


class Unfinished:
    """One file per tally, valid for one fingerprint.

    Attributes
    ----------
    folder : Path
        Beside the result directory.
    """

    def __init__(self, directory: Path, fingerprint: str, resume: bool) -> None:
        self.folder = beside(directory, "unfinished")
        mark = self.folder / "fingerprint"
        if not (resume and mark.is_file() and mark.read_text() == fingerprint):
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(fingerprint)

    def place(self, key: str) -> Path:
        """File of a key."""
        return self.folder / f"{key}.pickle"

    def load(self, key: str) -> Table | None:
        """The tally saved under a key, None if there is none that can be read."""
        try:
            found = pickle.loads(self.place(key).read_bytes())
        except Exception:  # whatever a damaged file raises, its part is computed again
            return None
        return found if isinstance(found, Table) else None

    def save(self, key: str, tally: Table) -> None:
        """Save a tally; it is there wholly or not at all."""
        part = self.place(key).with_suffix(".part")
        part.parent.mkdir(exist_ok=True)
        part.write_bytes(pickle.dumps(tally))
        part.replace(self.place(key))

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

    def key(self, item: Batch) -> str:
        """Name of an item: its replicate and first point."""
        first = item.blocks[0]
        return f"{self.stage}-{first.replicate}-{first.start}"

    def recall(self, item: Batch) -> Table | None:
        """The tally of an interrupted run, announced to the listener."""
        known = self.unfinished.load(self.key(item))
        if known is not None:
            self.listener(self.stage, True)
        return known

    def record(self, item: Batch, tally: Table) -> None:
        """Save a new tally, then tell the listener."""
        self.unfinished.save(self.key(item), tally)
        self.listener(self.stage, False)
