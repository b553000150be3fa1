"""Program: a function of named arrays that runs a command line once for each sample."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from uncertainty.arrays import Array
from uncertainty.external.placeholders import check_words, filled
from uncertainty.external.running import Running
from uncertainty.external.tables import TABLES, ended, numbers, parsed, rows
from uncertainty.model import FAILED
from uncertainty.names import listed


class Answer(NamedTuple):
    """What one run gave: the outcomes, or why there are none."""

    outcomes: Mapping[str, Array]
    reason: str = ""


@dataclass(frozen=True)
class Command:
    """A function of named arrays that runs a program once for each sample.

    Attributes
    ----------
    words : tuple of str
        The command line, with placeholders.
    shapes : {outcome: shape}
    timeout : float or None
        Seconds.
    workers : int
    folder : Path or None
        Where answers are kept.
    table : {"json", "csv"}
        Format of ``{input}``.
    seal : str
        Hash of the words and of the files among them: answers of another program are not used.
    """

    words: tuple[str, ...]
    shapes: Mapping[str, tuple[int, ...]]
    timeout: float | None
    workers: int
    folder: Path | None
    table: str
    seal: str

    @property
    def __name__(self) -> str:
        """What messages call the model."""
        return " ".join(Path(word).name for word in self.words[:2])

    def __call__(self, **parameters: Array) -> dict[str, Any]:
        """Outcomes (..., sample), NaN where a run failed, and the reasons under ``"failed"``."""
        check_words(self.words, list(parameters))
        samples = rows(parameters)
        keys = [self.key(sample) for sample in samples]
        answers = self.answered(dict(zip(keys, samples, strict=True)))
        found: dict[str, Any] = {
            name: np.stack([answers[key].outcomes[name] for key in keys], axis=-1)
            for name in self.shapes
        }
        return {**found, FAILED: np.array([answers[key].reason for key in keys], dtype=object)}

    def key(self, sample: Mapping[str, Any]) -> str:
        """Hash of program and parameter values, which are taken to the last bit."""
        return hashed(self.seal, json.dumps(sample, sort_keys=True))

    def answered(self, samples: Mapping[str, Mapping[str, Any]]) -> dict[str, Answer]:
        """Answers by key, several at a time; on an interrupt all programs are killed."""
        known = {key: answer for key in samples if (answer := self.recalled(key))}
        waiting = [key for key in samples if key not in known]
        running = Running()
        pool = ThreadPoolExecutor(min(self.workers, max(1, len(waiting))))
        try:
            made = pool.map(lambda key: self.asked(key, samples[key], running), waiting)
            known |= dict(zip(waiting, made, strict=True))
        except BaseException:
            running.stop()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return known

    def asked(self, key: str, sample: Mapping[str, Any], running: Running) -> Answer:
        """Run the program once in a folder of its own, and keep the answer if it is one."""
        with tempfile.TemporaryDirectory(prefix="run-", ignore_cleanup_errors=True) as name:
            place = Path(name)
            reason = self.run(place, sample, running)
            answer = self.failure(reason) if reason else self.read(place)
        if self.folder is not None and not answer.reason:
            kept = {name: value.tolist() for name, value in answer.outcomes.items()}
            write(self.folder / f"{key}.json", {"parameters": sample, "outcomes": kept})
        return answer

    def run(self, place: Path, sample: Mapping[str, Any], running: Running) -> str:
        """Run the program to its end; why it failed, or nothing."""
        paths = {"input": place / f"input.{self.table}", "output": place / "output.json"}
        paths["input"].write_text(TABLES[self.table](sample), encoding="utf-8")
        words = [
            filled(word, {**sample, **{n: str(p) for n, p in paths.items()}}) for word in self.words
        ]
        work = place / "work"
        work.mkdir()
        with (place / "stdout").open("wb") as out, (place / "stderr").open("wb") as err:
            try:
                with running.started(words, work, out, err) as process:
                    status = process.wait(self.timeout)
            except subprocess.TimeoutExpired:
                return f"it ran longer than {self.timeout:g} s and was stopped"
            except OSError as error:
                return f"it could not be started: {error}"
        return ended(status, place / "stderr")

    def read(self, place: Path) -> Answer:
        """Outcomes from the output file if the words name it, else from what was printed."""
        asked = any("{output}" in word for word in self.words)
        path = place / ("output.json" if asked else "stdout")
        try:
            return self.checked(parsed(path.read_text(encoding="utf-8"), self.shapes))
        except FileNotFoundError:
            return self.failure("it wrote no file {output}")
        except (ValueError, TypeError) as error:
            return self.failure(str(error))

    def checked(self, found: Mapping[str, Any]) -> Answer:
        """Outcomes as finite arrays of their declared shapes; `ValueError` if they are not."""
        outcomes = {}
        for name, shape in self.shapes.items():
            if name not in found:
                msg = f"its output has no outcome {name!r}; it has {listed(found)}"
                raise ValueError(msg)
            outcomes[name] = numbers(name, found[name], shape)
        return Answer(outcomes)

    def failure(self, reason: str) -> Answer:
        """No outcomes, and why."""
        return Answer({name: np.full(shape, np.nan) for name, shape in self.shapes.items()}, reason)

    def recalled(self, key: str) -> Answer | None:
        """An answer of an earlier run, None if there is none that can be used."""
        if self.folder is None:
            return None
        try:
            text = (self.folder / f"{key}.json").read_text(encoding="utf-8")
            return self.checked(json.loads(text)["outcomes"])
        except (OSError, ValueError, TypeError, KeyError):
            return None


def seal(words: Sequence[str], table: str) -> str:
    """Hash of a command line and of the content of the files that it names."""
    named = [Path(word) for word in words if os.sep in word and Path(word).is_file()]
    return hashed(json.dumps([*words, table]), *(file_hash(path) for path in named))


def file_hash(path: Path) -> str:
    """Hash of a file's content."""
    with path.open("rb") as file:
        digest = sha256()
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


def hashed(*texts: str) -> str:
    """One hash of some texts."""
    return sha256("\n".join(texts).encode()).hexdigest()


def write(path: Path, content: Any) -> None:
    """Write JSON whole or not at all."""
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=".", suffix=".part", delete=False, encoding="utf-8"
    ) as file:
        json.dump(content, file)
    Path(file.name).replace(path)
