"""Tallies side by side under keys: the sum of two tables is taken key by key."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """Tallies by key; a key that only one side has is carried over as it is.

    With the replicate in the key, blocks of different replicates stay apart.
    """

    parts: Mapping[Hashable, Any]

    @classmethod
    def of(cls, parts: Mapping[Hashable, Any]) -> Table:
        """A table of tallies of one block."""
        return cls(dict(parts))

    def __add__(self, other: Table) -> Table:
        merged = dict(self.parts)
        for key, tally in other.parts.items():
            merged[key] = merged[key] + tally if key in merged else tally
        return Table(merged)

    def result(self) -> dict[Hashable, Any]:
        """The result of each tally by key."""
        return {key: tally.result() for key, tally in self.parts.items()}
