"""Mergeable summaries, one file each, one contract: `of(block)`, `a + b`, `result()`.

They are immutable, and `+` does not care how the blocks were grouped. Arrays are
(..., sample): a tally summarises the last axis.
"""

from uncertainty.tally.counts import Counts, Grid
from uncertainty.tally.estimators import Indices
from uncertainty.tally.failures import Failures
from uncertainty.tally.increments import Increments
from uncertainty.tally.influence import Ends, Influence, OpenInfluence
from uncertainty.tally.keep import Keep
from uncertainty.tally.moments import Moments
from uncertainty.tally.pairs import Pairs
from uncertainty.tally.redraws import Redraws
from uncertainty.tally.share import Share
from uncertainty.tally.sobol import Averages, PickFreeze
from uncertainty.tally.table import Table

__all__ = [
    "Averages",
    "Counts",
    "Ends",
    "Failures",
    "Grid",
    "Increments",
    "Indices",
    "Influence",
    "Keep",
    "Moments",
    "OpenInfluence",
    "Pairs",
    "PickFreeze",
    "Redraws",
    "Share",
    "Table",
]
