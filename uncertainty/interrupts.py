"""Interrupts: what Ctrl-C does for a while.

Only the main thread ever sees it; in any other thread these do nothing.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def answered_by(handler: Callable[[int, Any], None] | signal.Handlers) -> Iterator[None]:
    """Let `handler` answer an interrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def deferred() -> Iterator[None]:
    """Leave an interrupt for after."""
    asked: list[int] = []
    with answered_by(lambda number, frame: asked.append(number)):
        yield
    if asked:
        raise KeyboardInterrupt


@contextmanager
def insisted() -> Iterator[None]:
    """Let an interrupt come again at the end, if a compiler's callback swallows it."""
    asked: list[int] = []

    def handler(number: int, frame: Any) -> None:
        asked.append(number)
        raise KeyboardInterrupt

    with answered_by(handler):
        yield
    if asked:
        raise KeyboardInterrupt


def ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent process, from now on, and leave when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=leave_with, args=(os.getppid(),), daemon=True).start()


def leave_with(parent: int, pause: float = 2.0) -> None:
    """End this process once it has another parent: the one that it works for was killed."""
    while os.getppid() == parent:
        time.sleep(pause)
    os._exit(1)
