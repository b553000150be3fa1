"""Mergeable summaries, one file each, one contract: `of(block)`, `a + b`, `result()`.

They are immutable, and `+` does not care how the blocks were grouped. Arrays are
(..., sample): a tally summarises the last axis.
"""

from uncertainty.tally.counts import Counts, Grid
from uncertainty.tally.increments import Increments
from uncertainty.tally.keep import Keep
from uncertainty.tally.moments import Moments
from uncertainty.tally.pairs import Pairs
from uncertainty.tally.share import Share
from uncertainty.tally.sobol import Indices, PickFreeze
from uncertainty.tally.table import Table

__all__ = [
    "Counts",
    "Grid",
    "Increments",
    "Indices",
    "Keep",
    "Moments",
    "Pairs",
    "PickFreeze",
    "Share",
    "Table",
]
