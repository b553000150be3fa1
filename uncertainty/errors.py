"""Errors that speak: what was wrong, where, what was found, what is allowed."""

from __future__ import annotations

from collections.abc import Sequence


class UncertaintyError(ValueError):
    """Base of all errors that the package raises on purpose."""


class PriorError(UncertaintyError):
    """A prior that cannot exist: unknown family, reversed interval, impossible quantiles."""


class SpaceError(UncertaintyError):
    """Priors that do not fit together: names, correlation, groups."""


class DesignError(UncertaintyError):
    """A design that cannot be drawn: kind, size or number of replicates."""


class ModelError(UncertaintyError):
    """A model that breaks its contract: names, shape of an outcome, values not finite."""


class EvidenceError(UncertaintyError):
    """A table of observations or projections with faulty rows."""


class UnitError(UncertaintyError):
    """A unit that is unknown or that does not fit what is expected."""


class StudyError(UncertaintyError):
    """A study or catalogue file with one fault or more; all of them are in ``faults``."""

    def __init__(self, faults: str | Sequence[str]) -> None:
        self.faults = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(self.faults))


class ResultError(UncertaintyError):
    """A result directory that cannot be read, or a result that lacks what was asked for."""


class RunError(RuntimeError):
    """A run that was well declared and still could not be finished (disk, lock, interrupt)."""
