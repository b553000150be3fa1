"""Shapley effects, closed and total indices from draws that exist already; no model is run.

The estimator is that of `nearest`. Resampling is no measure of its error (a draw taken twice
is its own nearest neighbour), so that intervals come from separate parts of the draws and Student's
t; what is left of the bias is read off from how the estimates of the parts, whose neighbours are
farther apart, differ from that of the whole.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from uncertainty.analysis.divided import PARTS, Divided, check_draws, check_origin, thinned
from uncertainty.analysis.game import SETS, Game, Order, Shares, random_orders
from uncertainty.analysis.given_sample import GivenSample, Source
from uncertainty.analysis.nearest import Cloud
from uncertainty.arrays import Array
from uncertainty.design import generator
from uncertainty.errors import DesignError
from uncertainty.ratios import CONFIDENCE

if TYPE_CHECKING:
    import xarray as xr

#: Random orders in each part, where there are too many sets of players to take all.
ORDERS = 8
#: Neighbours that are sought in all, about.
QUERIES = 2**21
#: Rates of convergence slower than in so many coordinates cannot be told from noise.
SLOWEST = 8
#: Names the streams of random numbers among the streams of a seed.
JITTERED, ORDERED, ASKED = 1, 2, 3

INDICES = {"Sh": "shapley", "closed": "closed", "total": "total"}


@dataclass(frozen=True)
class Found:
    """Indices from the whole of the draws and from each part of them."""

    whole: Shares
    parts: tuple[Shares, ...]
    coordinates: int

    def each(self, index: str) -> Array:
        """An index in each part, (part, cell, player)."""
        return np.stack([getattr(part, INDICES[index]) for part in self.parts])

    def bias(self, index: str) -> Array:
        """What is left of the bias in the whole, (cell, player).

        The squared distance of neighbours falls as n^(-2/m) in m coordinates, and with it the bias.
        """
        m = 1 if index == "closed" else min(max(1, self.coordinates - 1), SLOWEST)
        grows = len(self.parts) ** (2 / m) - 1
        return (self.each(index).mean(axis=0) - getattr(self.whole, INDICES[index])) / grows

    def spread(self, index: str) -> Array:
        """Half the width of an interval by Student's t over the parts, (cell, player)."""
        from scipy.special import stdtrit

        reach = stdtrit(len(self.parts) - 1, 0.5 + CONFIDENCE / 2) / np.sqrt(len(self.parts))
        return reach * self.each(index).std(axis=0, ddof=1)

    def value(self, index: str) -> Array:
        """The index, (cell, player); only a total index has a bias that is worth its correction."""
        whole = getattr(self.whole, INDICES[index])
        return whole - self.bias(index) if index == "total" else whole

    def bounds(self, index: str) -> Array:
        """Interval over the spread and over the bias, (cell, player, bound)."""
        whole, half = getattr(self.whole, INDICES[index]), self.spread(index)
        ends = np.stack([whole, whole - self.bias(index)])
        return np.stack([ends.min(axis=0) - half, ends.max(axis=0) + half], axis=-1)


def given_shapley(
    source: Source,
    outcome: Any = None,
    *,
    group: str = "prior",
    size: int | None = None,
    seed: int = 1,
    parameters: Sequence[str] | None = None,
    complete: bool | None = None,
    drawn: str | None = None,
) -> xr.Dataset:
    """Shapley effects, closed and total indices from draws that exist already.

    Parameters
    ----------
    source : xarray.DataTree, pandas.DataFrame or {column: values}
        A result with ``/prior`` and ``/prior_predictive`` (or posterior), or a table with one draw
        a row and perhaps a column ``chain``. Parameters may depend on each other in any way;
        chains are taken to be independent, and so are the rows of a table without chains.
    outcome : str, optional
        Its name, as for `given_data`; it may have dims.
    group : {"prior", "posterior"}
        Which draws of a result.
    size : int, optional
        At most so many draws, evenly spaced; all when left out. With more than 8 parameters the
        time grows as their square: 8,192 draws of 10 parameters take 10 s, of 30 a minute.
    seed : int
    parameters : sequence of str, optional
        Only these. All of the prior of a result, all other columns of a table when left out.
    complete : bool, optional
        Whether these parameters decide the outcome, with no noise beside them. When left out they
        do unless `parameters` leaves out some of those of a result.
    drawn : {"random", "latin", "sobol", "posterior"}, optional
        How the rows of a table were drawn, as for `given_data`; a result knows.

    Returns
    -------
    xarray.Dataset
        ``Sh``, ``closed``, ``total`` (..., parameter), each with an ``_interval`` (..., parameter,
        bound), 95% by Student's t over 8 separate parts of the draws and widened by a ``_bias``
        (..., parameter), the estimate of what is left of the bias; and ``left`` (...), the share
        of variance that seems to remain when all parameters are known. With `complete` the
        Shapley effects sum to one, and `left` is nothing but bias, about the most that the total
        index of a parameter without influence has before its correction. The bias shrinks
        slowly where many parameters act together in ways that are far from a parabola; a warning
        says where it exceeds the interval, and intervals of total indices hold less often there
        than they say. NaN where the outcome does not vary, with a warning.

    Raises
    ------
    ResultError
        If there is no such group, outcome or parameter, draws are too few or not finite, or no
        parameter varies.

    References
    ----------
    .. [1] Broto, Bachoc and Depecker 2020, doi:10.1137/18M1234631

    Examples
    --------
    >>> from uncertainty.prior import Prior
    >>> from uncertainty.propagate import propagate
    >>> from uncertainty.space import Space
    >>> normal = Prior("normal", mu=0, sigma=1)
    >>> space = Space({"a": normal, "b": normal}, {("a", "b"): 0.5})
    >>> draws = propagate(lambda a, b: a + 0 * b, space, size=512)
    >>> given_shapley(draws, "y")["closed"].round(1).values.tolist()
    [1.0, 0.3]
    """
    from uncertainty.analysis.neighboured import labelled_indices, warn_biased, warn_constant

    names, whole = asked_for(source, parameters, group)
    check_seed(seed)
    sample = GivenSample.of(source, outcome, parameters=names, group=group, drawn=drawn)
    check_origin(sample)
    draws = Divided.of(thinned(sample, size), seed)
    check_draws(draws)
    found = estimated(draws, seed, whole if complete is None else complete)
    made = labelled_indices(draws, found)
    warn_constant(draws)
    warn_biased(made)
    if complete is None and whole and bool((made["left"] > LEFT).any()):
        share = float(made["left"].max())
        msg = (
            f"given_shapley: {share:.0%} of the variance seems to remain when all these parameters "
            "are known; if something else decides too, say complete=False, else complete=True"
        )
        warnings.warn(msg, stacklevel=2)
    return made


#: A share of variance beyond this is more than nearest neighbours leave by themselves.
LEFT = 0.25


def check_seed(seed: Any) -> None:
    """Raise `DesignError` for what cannot be a seed."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        msg = f"given_shapley: seed must be a whole number of at least 0, got {seed!r}"
        raise DesignError(msg)


def asked_for(
    source: Source, parameters: Sequence[str] | None, group: str
) -> tuple[Sequence[str] | None, bool]:
    """Parameters to read, and whether they are all that there are.

    A posterior holds derived quantities too; its parameters are those that have a prior.
    """
    import xarray as xr

    if not isinstance(source, xr.DataTree) or group not in source.children:
        return parameters, True
    drawn = [str(name) for name in source[group].data_vars]
    if "prior" in source.children:
        drawn = [name for name in drawn if name in source["prior"].data_vars] or drawn
    if parameters is None:
        return drawn, True
    varies = [name for name in drawn if float(source[group][name].std()) > 0]
    return parameters, set(varies) <= set(parameters)


def estimated(draws: Divided, seed: int, complete: bool) -> Found:
    """Indices of the whole and of each part, with the same distance."""
    parts = [np.flatnonzero(draws.part == r) for r in range(PARTS)]
    cloud = Cloud.of(
        draws.values,
        draws.outcomes,
        draws.half,
        draws.owners,
        least=min(map(len, parts)),
        rng=generator(JITTERED, seed=seed),
    )
    asked = chosen(parts, share_asked(cloud), seed)
    everything = np.concatenate(asked)
    cloud = cloud.weighted(Game(cloud, everything, complete=complete).importance())
    orders = orders_of(cloud.players, seed)
    every = [order for some in orders for order in some] or None
    whole = Game(cloud, everything, complete=complete).shares(every)
    each = (
        Game(cloud.part(part), np.searchsorted(part, some), complete=complete).shares(order or None)
        for part, some, order in zip(parts, asked, orders, strict=True)
    )
    return Found(whole, tuple(each), len(cloud.owners))


def orders_of(players: int, seed: int) -> list[list[Order]]:
    """Random orders for each part; none where all sets of players are taken."""
    if 2**players <= SETS:
        return [[] for _ in range(PARTS)]
    return [random_orders(players, ORDERS, generator(ORDERED, r, seed=seed)) for r in range(PARTS)]


def share_asked(cloud: Cloud) -> float:
    """Share of the draws whose neighbours are sought."""
    sets = 2**cloud.players if 2**cloud.players <= SETS else PARTS * ORDERS * cloud.players
    return min(1.0, QUERIES / (sets * cloud.size))


def chosen(
    parts: Sequence[npt.NDArray[np.int64]], share: float, seed: int
) -> list[npt.NDArray[np.int64]]:
    """Draws of each part whose neighbours are sought, in order."""
    rng = generator(ASKED, seed=seed)
    return [np.sort(rng.choice(p, max(1, round(share * len(p))), replace=False)) for p in parts]
