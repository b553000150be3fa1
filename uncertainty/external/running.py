"""Running: programs in process groups of their own, so that all of them can be stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any


@dataclass
class Running:
    """The programs that run now, so that all of them can be stopped."""

    processes: set[subprocess.Popen[bytes]] = field(default_factory=set)
    stopped: bool = False
    turn: Lock = field(default_factory=Lock)

    @contextmanager
    def started(
        self, words: Sequence[str], folder: Path, out: Any, err: Any
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A program in a process group of its own, none of which outlives the block."""
        with self.turn:
            if self.stopped:
                raise OSError("interrupted")
            process = subprocess.Popen(
                words, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                start_new_session=True,
            )  # fmt: skip
            self.processes.add(process)
        try:
            yield process
        except BaseException:
            kill(process)
            raise
        finally:
            with self.turn:
                self.processes.discard(process)

    def stop(self) -> None:
        """Kill all, and start no more."""
        with self.turn:
            self.stopped = True
            for process in self.processes:
                kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
