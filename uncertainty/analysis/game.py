"""Game: Shapley effects, closed and total indices from the variance that remains.

Players are parameters; what a set of them is worth is the variance that remains when they are known
(Owen 2014, doi:10.1137/130936233).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from uncertainty.analysis.nearest import Cloud, Player, Players
from uncertainty.arrays import Array
from uncertainty.ratios import share

#: Up to so many sets of players all of them are taken; beyond, random orders.
SETS = 128

Order = npt.NDArray[np.int64]


class Shares(NamedTuple):
    """Parts of the variance by player, each (cell, player), and what is left over.

    `left` (cell,) is the share that seems to remain when all players are known.
    """

    shapley: Array
    closed: Array
    total: Array
    left: Array


class Game:
    """Remaining variance by set of known players, each asked for once.

    Parameters
    ----------
    cloud : Cloud
    asked : (query,)
        Draws whose neighbours are sought, where neither few nor nearly all players are known;
        there it is all draws.
    complete : bool
        Whether nothing remains when all players are known.
    """

    def __init__(self, cloud: Cloud, asked: npt.NDArray[np.int64], *, complete: bool) -> None:
        self.cloud, self.asked, self.complete = cloud, asked, complete
        self.everyone = frozenset(range(cloud.players))
        self.known: dict[Players, Array] = {frozenset(): cloud.variance()}

    def remaining(self, players: Iterable[Player]) -> Array:
        """As it was estimated, (cell,)."""
        found = frozenset(players)
        if found not in self.known:
            middle = 1 < len(found) < len(self.everyone) - 1
            asked = self.asked if middle else np.arange(self.cloud.size)
            self.known[found] = self.cloud.remaining(found, asked)
        return self.known[found]

    def settled(self, players: Iterable[Player]) -> Array:
        """The same, but zero where all are known and that is known to leave nothing."""
        if self.complete and self.everyone == frozenset(players):
            return np.zeros(len(self.cloud.y))
        return self.remaining(players)

    def alone(self) -> Array:
        """Variance that remains when one player is known, (cell, player)."""
        return np.stack([self.settled([i]) for i in sorted(self.everyone)], axis=-1)

    def without(self) -> Array:
        """Variance that remains when all but one player are known, (cell, player)."""
        rows = [self.settled(self.everyone - {i}) for i in sorted(self.everyone)]
        return np.stack(rows, axis=-1)

    def importance(self) -> Array:
        """How much each player matters, alone or beside all others, over all cells."""
        variance = self.remaining([]).sum()
        alone = variance - self.alone().sum(axis=0)
        last = (self.without() - self.remaining(self.everyone)[:, None]).sum(axis=0)
        return np.maximum(alone, last) / max(variance, np.finfo(float).tiny)

    def shapley(self, orders: Sequence[Order] | None) -> Array:
        """Shapley effects, (cell, player): over all sets of players, or along random orders."""
        return self.by_sets() if orders is None else self.by_orders(orders)

    def by_sets(self) -> Array:
        """Each set counts by how many orders pass through it (Shapley 1953)."""
        effects = np.zeros((len(self.cloud.y), len(self.everyone)))
        for size in range(len(self.everyone)):
            weight = 1 / (len(self.everyone) * comb(len(self.everyone) - 1, size))
            for known in combinations(sorted(self.everyone), size):
                for player in self.everyone.difference(known):
                    step = self.settled(known) - self.settled((*known, player))
                    effects[:, player] += weight * step
        return effects

    def by_orders(self, orders: Sequence[Order]) -> Array:
        """The mean step of each player over the orders."""
        effects = np.zeros((len(self.cloud.y), len(self.everyone)))
        for order in orders:
            known: list[Player] = []
            for player in order.tolist():
                step = self.settled(known) - self.settled([*known, player])
                effects[:, player] += step
                known.append(player)
        return effects / len(orders)

    def shares(self, orders: Sequence[Order] | None) -> Shares:
        """All indices as shares of the variance, (cell, player)."""
        variance = self.remaining([])[:, None]
        return Shares(
            share(self.shapley(orders), variance),
            1 - share(self.alone(), variance),
            share(self.without(), variance),
            share(self.remaining(self.everyone), variance[:, 0]),
        )


def random_orders(players: int, count: int, rng: np.random.Generator) -> list[Order]:
    """Random orders, each followed by its reverse."""
    firsts = [rng.permutation(players) for _ in range(-(-count // 2))]
    return [order for first in firsts for order in (first, first[::-1])]
