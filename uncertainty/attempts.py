"""Attempts: runs of a model of which single ones may fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.errors import DesignError, ModelError
from uncertainty.model import FAILED, sample_size

#: Calls that may raise before a model is taken to be wrong altogether, whatever the share.
LEAST_CALLS = 16

#: Outcomes, and why which sample failed.
Found = tuple[dict[str, Array], dict[int, str]]


class Run(Protocol):
    """Runs a model."""

    def __call__(
        self, parameters: Mapping[str, Array], /, *, finite: bool = True
    ) -> dict[str, Array]: ...


class Runner(Protocol):
    """What runs a model and names the cells of an outcome: a `Model` or a `Door`."""

    @property
    def run(self) -> Run: ...

    def not_finite(self, name: str, cells: Array, /) -> tuple[float, str]: ...


class Attempt(NamedTuple):
    """Outcomes {name: (..., sample)}, and why which sample failed: {sample: reason}."""

    outcomes: dict[str, Array]
    reasons: dict[int, str]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which samples have outcomes."""
        good = np.ones(sample_size(self.outcomes), dtype=bool)
        good[list(self.reasons)] = False
        return good

    @property
    def complete(self) -> dict[str, Array]:
        """Outcomes of the samples that did not fail.

        Raises
        ------
        ModelError
            If all of them did.
        """
        if not self.reasons:
            return self.outcomes
        known = self.known
        if not known.any():
            example = next(iter(self.reasons.values()))
            msg = f"every one of {known.size} runs of the model failed: {example}"
            raise ModelError(msg)
        return {name: y[..., known] for name, y in self.outcomes.items()}


def attempt(runner: Runner, values: Mapping[str, Array], share: float) -> Attempt:
    """Run a model; where some samples fail, find them and go on with the others.

    A model that raises is called again on halves, down to single samples, so that one bad
    sample does not take the others with it.

    Parameters
    ----------
    runner : Model or Door
    values : {parameter: (..., sample)}
    share : float
        Of the samples that may fail; 0 lets the first failure end the run.

    Raises
    ------
    ModelError
        For a fault that is not of single samples, such as an outcome of the wrong shape, and
        when too many samples raise for it to be one.
    """
    if share == 0:
        return Attempt(runner.run(values), {})
    outcomes: dict[str, Array]
    reasons: dict[int, str]
    try:
        outcomes, reasons = runner.run(values, finite=False), {}
    except ModelError as error:
        outcomes, reasons = singled_out(runner.run, values, error, share)
    told = outcomes.pop(FAILED, None)
    if told is not None:
        reasons |= {i: str(text) for i, text in enumerate(told) if text}
    for i in np.flatnonzero(~finite(outcomes)).tolist():
        reasons.setdefault(i, not_finite(runner, outcomes, i))
    return Attempt(outcomes, reasons)


def singled_out(run: Run, values: Mapping[str, Array], error: ModelError, share: float) -> Found:
    """Single out the samples that raise; the error itself if it is not theirs alone."""
    size = sample_size(values)
    calls = iter(range(LEAST_CALLS + int(share * size * np.log2(size + 1))))
    try:
        found = search(run, values, error, calls)
    except ModelError as last:
        if last.__cause__ is None:
            raise
        msg = f"{last}; in more samples than may fail (failures={share:g})"
        raise ModelError(msg) from last.__cause__
    if not found[0]:
        raise error
    return found


def search(run: Run, values: Mapping[str, Array], error: ModelError, calls: Iterator[int]) -> Found:
    """Outcomes of the samples that do not raise, NaN for the others, and what those raised."""
    size = sample_size(values)
    if error.__cause__ is None or next(calls, None) is None:
        raise error
    if size == 1:
        return {}, {0: reason(error)}
    parts: list[Found] = []
    for part in (slice(0, size // 2), slice(size // 2, size)):
        chosen = {name: np.ascontiguousarray(x[..., part]) for name, x in values.items()}
        for x in chosen.values():
            x.flags.writeable = False
        try:
            parts.append(({n: y.copy() for n, y in run(chosen, finite=False).items()}, {}))
        except ModelError as again:
            parts.append(search(run, chosen, again, calls))
    return merged(parts, (size // 2, size - size // 2))


def merged(parts: Sequence[Found], sizes: tuple[int, int]) -> Found:
    """Two halves as one; outcomes of a half in which all failed are NaN."""
    (left, why), (right, because) = parts
    outcomes = {}
    for name, known in (left or right).items():
        fill = "" if name == FAILED else np.nan
        halves = [
            half[name] if half else np.full((*known.shape[:-1], size), fill, dtype=known.dtype)
            for half, size in zip((left, right), sizes, strict=True)
        ]
        outcomes[name] = np.concatenate(halves, axis=-1)
    return outcomes, {**why, **{sizes[0] + i: text for i, text in because.items()}}


def finite(outcomes: Mapping[str, Array]) -> npt.NDArray[np.bool_]:
    """Which samples have finite numbers in every cell of every outcome."""
    size = sample_size(outcomes)
    good = np.ones(size, dtype=bool)
    for y in outcomes.values():
        good &= np.isfinite(y).reshape(-1, size).all(axis=0)
    return good


def not_finite(runner: Runner, outcomes: Mapping[str, Array], i: int) -> str:
    """Which outcome of a sample is not finite, and where."""
    name = next(name for name, y in outcomes.items() if not np.isfinite(y[..., i]).all())
    value, where = runner.not_finite(name, outcomes[name][..., i])
    return f"outcome {name!r} is {value}{f' at {where}' if where else ''}"


def reason(error: ModelError) -> str:
    """What a sample raised."""
    cause = error.__cause__
    text = " ".join(str(cause).split())
    return f"{type(cause).__name__}: {text}" if text else type(cause).__name__


def check_share(failures: float) -> None:
    """Raise `DesignError` unless the share of runs that may fail is one."""
    if isinstance(failures, bool) or not isinstance(failures, int | float) or not 0 <= failures < 1:
        msg = f"failures is the share of runs that may fail, from 0 to below 1, got {failures!r}"
        raise DesignError(msg)
