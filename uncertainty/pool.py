"""fold(task, blocks, executor): the only room that knows of parallelism.

Tallies are added in the order of the items, never in the order of arrival, so the result is
the same, bit for bit, inline, in threads, in processes and on a cluster.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, reduce
from multiprocessing import get_context, parent_process
from operator import add
from typing import Any, Protocol, Self, cast

import cloudpickle
import numpy as np

from uncertainty.errors import ModelError, RunError
from uncertainty.interrupts import answered_by, ignore_interrupts

#: Numbers in the array that teaches the allocator; its 31 MB stay below glibc's limit of 32.
HELD = 30 * 2**17


class Tally(Protocol):
    """A mergeable summary: `a + b` must not care how the blocks were grouped."""

    def __add__(self, other: Self) -> Self: ...


class Journal[Item, T](Protocol):
    """What has been done already, and a place to note what is done now."""

    def recall(self, item: Item) -> T | None:
        """The tally of an item from an earlier run, None if there is none."""

    def record(self, item: Item, tally: T) -> None:
        """Called in order for each item that was computed, as soon as its tally is there."""


def fold[Item, T: Tally](
    task: Callable[[Item], T],
    items: Iterable[Item],
    executor: Executor | None = None,
    journal: Journal[Item, T] | None = None,
) -> T:
    """The sum of `task(item)` over `items`, in their order.

    Parameters
    ----------
    task : callable
        Makes a tally of one item. It may be a closure: it travels by cloudpickle.
    items : iterable
        At least one.
    executor : concurrent.futures.Executor, optional
        Anything with that protocol (`dask.distributed.Client.get_executor()` too); inline when
        left out.
    journal : Journal, optional
        Asked for each item before it is computed, told of each that is.
    """
    if executor is not None and not hasattr(executor, "submit"):
        msg = (
            "executor must have the protocol of concurrent.futures.Executor, "
            f"got {type(executor).__name__}"
        )
        raise RunError(msg)
    hold_memory()
    tallies = (
        inline(task, items, journal) if executor is None else spread(task, items, executor, journal)
    )
    with one_thread():
        return reduce(add, tallies)


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread.

    Its matrices are small here, and several threads would add up in another order.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield


def inline[Item, T](
    task: Callable[[Item], T], items: Iterable[Item], journal: Journal[Item, T] | None
) -> Iterator[T]:
    """One after the other in this process."""
    for item in items:
        known = journal.recall(item) if journal else None
        yield noted(item, task(item), journal) if known is None else known


def spread[Item, T](
    task: Callable[[Item], T],
    items: Iterable[Item],
    executor: Executor,
    journal: Journal[Item, T] | None,
) -> Iterator[T]:
    """Through an executor, with a window of submitted items, results in order."""
    payload = packed(task)
    window = 2 * (getattr(executor, "_max_workers", None) or os.cpu_count() or 1)
    waiting: deque[tuple[Item, Future[T] | None, T | None]] = deque()
    try:
        for item in items:
            known = journal.recall(item) if journal else None
            future = executor.submit(call, payload, item) if known is None else None
            waiting.append((item, future, known))
            if len(waiting) >= window:
                yield collected(*waiting.popleft(), journal)
        while waiting:
            yield collected(*waiting.popleft(), journal)
    except BrokenExecutor:
        msg = "a worker process died, perhaps for want of memory; what is done is kept"
        raise RunError(msg) from None
    finally:
        for _, future, _ in waiting:
            if future is not None:
                future.cancel()


def packed(task: Callable[[Any], Any]) -> bytes:
    """A task as bytes that another process can run; `ModelError` if it cannot travel."""
    try:
        return cloudpickle.dumps(task)
    except Exception as error:
        msg = f"the model cannot be sent to other processes ({error}); use one worker"
        raise ModelError(msg) from error


def collected[Item, T](
    item: Item, future: Future[T] | None, known: T | None, journal: Journal[Item, T] | None
) -> T:
    """The tally of an item: known before, or waited for and noted."""
    if future is None:
        return cast("T", known)
    return noted(item, future.result(), journal)


def noted[Item, T](item: Item, tally: T, journal: Journal[Item, T] | None) -> T:
    """The tally, written into the journal if there is one."""
    if journal is not None:
        journal.record(item, tally)
    return tally


@cache
def hold_memory() -> None:
    """Keep the C library from giving memory back to the system after every block.

    glibc raises its limits to the size of the largest array freed so far. Without this each
    block pays for fresh pages, up to three times the cost of the model itself.
    """
    np.empty(HELD)


def call(payload: bytes, item: Any) -> Any:
    """Run a pickled task on one item; a module-level name, so that any pool can find it."""
    hold_memory()
    if parent_process() is not None:
        hold_threads()
    return task_of(payload)(item)


@cache
def hold_threads() -> None:
    """Keep the linear algebra of a worker process to one thread for good."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")


_TASKS: dict[bytes, Callable[[Any], Any]] = {}


def task_of(payload: bytes) -> Callable[[Any], Any]:
    """The task of a payload, unpickled once per process."""
    if payload not in _TASKS:
        _TASKS.clear()
        _TASKS[payload] = cloudpickle.loads(payload)
    return _TASKS[payload]


@contextmanager
def processes(workers: int) -> Iterator[Executor | None]:
    """A pool of `workers` processes; None for one worker, which runs inline.

    On an interrupt the running blocks finish, the waiting ones are dropped, and the
    interrupt goes on to the caller.
    """
    if workers <= 1:
        yield None
        return
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=ignore_interrupts
    )
    try:
        yield pool
    except BaseException:
        with answered_by(signal.SIG_IGN):
            pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a running Dask scheduler as an executor.

    Raises
    ------
    RunError
        If dask.distributed is not installed or no scheduler answers at the address.
    """
    try:
        from distributed import Client
    except ImportError:
        msg = "--dask needs dask.distributed: pip install 'uncertainty[dask]'"
        raise RunError(msg) from None
    try:
        client = Client(address, timeout=5)
    except (OSError, ValueError) as error:
        msg = f"no Dask scheduler answers at {address!r}: {error}"
        raise RunError(msg) from None
    with client:
        yield client.get_executor()
