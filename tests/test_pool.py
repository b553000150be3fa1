"""The pool: tallies in order, what is known is not computed again, nothing is left running."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from uncertainty.design import Batch, Block, Design
from uncertainty.pool import fold
from uncertainty.tally import Table
from uncertainty.unfinished import DiskJournal, Unfinished

WINDOW = 4


class Awaited(Future[Any]):
    """Has the tasks run at the latest when its result is asked for."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self.work = work

    def result(self, timeout: float | None = None) -> Any:
        if not self.done():
            self.work()
        return super().result(timeout=5)


class Backwards(Executor):
    """Runs tasks by the window, the last of them first; lists what it was given."""

    _max_workers = WINDOW // 2

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []
        self.held: list[tuple[Future[Any], Any, Any]] = []
        self.given: list[Any] = []
        self.done: list[Any] = []

    def submit(self, function: Any, /, *args: Any, **named: Any) -> Future[Any]:
        future = Awaited(lambda: self.work())
        self.futures.append(future)
        self.given.append(args[-1])
        self.held.append((future, function, args))
        if len(self.held) == WINDOW:
            self.work()
        return future

    def work(self) -> None:
        for future, function, args in reversed(self.held):
            self.done.append(args[-1])
            future.set_result(function(*args))
        self.held.clear()


class Failing(Backwards):
    """The first task fails, the others stay where they are."""

    def work(self) -> None:
        self.futures[0].set_exception(ZeroDivisionError("first"))


class Diary:
    """A journal that knows some tallies and writes down how it is called."""

    def __init__(self, known: dict[int, Any], fail: int | None = None) -> None:
        self.known, self.fail = known, fail
        self.events: list[tuple[Any, ...]] = []

    def recall(self, item: int) -> Any:
        self.events.append(("recall", item))
        return self.known.get(item)

    def record(self, item: int, tally: Any) -> None:
        self.events.append(("record", item, tally))
        if item == self.fail:
            raise KeyboardInterrupt

    def of(self, kind: str) -> list[Any]:
        return [event[1] for event in self.events if event[0] == kind]


def test_tallies_are_added_in_order_although_they_arrive_backwards():
    executor = Backwards()
    assert fold(lambda item: (item,), range(8), executor) == tuple(range(8))
    assert executor.done == [3, 2, 1, 0, 7, 6, 5, 4]


def test_no_more_than_the_window_is_submitted_ahead():
    executor = Backwards()
    ahead = []

    def items() -> Iterator[int]:
        for item in range(12):
            ahead.append(len(executor.given) - len(diary.of("record")))
            yield item

    diary = Diary({})
    fold(lambda item: (item,), items(), executor, diary)
    assert max(ahead) == WINDOW - 1


def test_waiting_tasks_are_cancelled_when_one_raises():
    executor = Failing()
    with pytest.raises(ZeroDivisionError, match="first"):
        fold(lambda item: (item,), range(100), executor)
    assert executor.given == [0, 1, 2, 3]
    assert [future.cancelled() for future in executor.futures] == [False, True, True, True]


def test_waiting_tasks_are_cancelled_on_an_interrupt():
    executor = Backwards()
    with pytest.raises(KeyboardInterrupt):
        fold(lambda item: (item,), range(100), executor, Diary({}, fail=2))
    assert executor.given == [0, 1, 2, 3, 4, 5]
    assert [future.cancelled() for future in executor.futures] == [False] * 4 + [True] * 2


def test_inline_each_item_is_asked_for_computed_and_noted_in_turn():
    done = []

    def task(item):
        done.append(item)
        return (10 * item,)

    diary = Diary({1: ("known",), 3: ()})
    assert fold(task, range(5), None, diary) == (0, "known", 20, 40)
    assert done == [0, 2, 4]
    assert diary.events == [
        ("recall", 0), ("record", 0, (0,)),
        ("recall", 1),
        ("recall", 2), ("record", 2, (20,)),
        ("recall", 3),
        ("recall", 4), ("record", 4, (40,)),
    ]  # fmt: skip


def test_through_an_executor_what_is_known_is_neither_sent_nor_noted_again():
    """The tally of item 3 is empty, and known all the same."""
    executor, diary = Backwards(), Diary({1: ("known",), 3: ()})
    found = fold(lambda item: (10 * item,), range(10), executor, diary)
    assert found == (0, "known", 20, 40, 50, 60, 70, 80, 90)
    assert executor.given == [0, 2, 4, 5, 6, 7, 8, 9]
    assert diary.of("recall") == list(range(10))
    assert diary.of("record") == executor.given
    noted = {event[1]: event[2] for event in diary.events if event[0] == "record"}
    assert noted == {item: (10 * item,) for item in executor.given}


def test_without_an_executor_a_failing_task_leaves_what_was_done_in_the_journal():
    diary = Diary({})
    with pytest.raises(ZeroDivisionError):
        fold(lambda item: (1 // (2 - item),), range(5), None, diary)
    assert diary.of("record") == [0, 1]


@pytest.fixture
def journal(tmp_path: Path) -> DiskJournal:
    told: list[tuple[str, bool]] = []
    return DiskJournal(
        Unfinished(tmp_path / "out", "print", True), "draws", lambda *what: told.append(what)
    )


def test_each_batch_has_its_own_place_on_the_disk(journal):
    """Also the second batch of a replicate, and the same batch of another stage."""
    batches = list(Design("random", 1, 70_000, seed=1, replicates=2).batches)
    assert len(batches) == 6
    for i, batch in enumerate(batches):
        journal.record(batch, Table.of({"number": i}))
    assert [journal.recall(batch).parts["number"] for batch in batches] == list(range(6))
    other = DiskJournal(journal.unfinished, "drivers", journal.listener)
    assert all(other.recall(batch) is None for batch in batches)


def test_a_batch_that_was_not_done_is_not_known(journal):
    journal.record(Batch((Block(0, 0, 5),)), Table.of({"number": 1}))
    assert journal.recall(Batch((Block(0, 5, 10),))) is None
    assert journal.recall(Batch((Block(1, 0, 5),))) is None
