"""Ranking: where a true value lies among nearly independent draws of its posterior."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array
from uncertainty.calibration.draws import Draws, gists
from uncertainty.calibration.measurement import Measurement
from uncertainty.door import Door

#: Draws that a true value is ranked among.
MOST = 100
#: Name of the joint log density of the rows, the test quantity that sees the data.
LIKELIHOOD = "log likelihood"

type Whole = npt.NDArray[np.int64]


def thinned(chains: int, size: int, most: int = MOST) -> Whole:
    """Places of about `most` evenly spaced draws, as many from each chain.

    Draws lie chain after chain, (sample,). All are taken where there are no more than `most`.

    Examples
    --------
    >>> thinned(2, 12, 4)
    array([ 2,  5,  8, 11])
    """
    length = size // chains
    each = max(min(most // chains, length), 1)
    step = length // each
    within = step * np.arange(1, each + 1) - 1
    return (length * np.arange(chains)[:, None] + within).ravel()


def ranks(true: Array, draws: Array, rng: np.random.Generator) -> Whole:
    """Rank of each true value among its draws: how many are smaller, equal ones in random order.

    Parameters
    ----------
    true : (quantity,)
    draws : (quantity, draw)

    Returns
    -------
    (quantity,)     whole numbers from 0 to the number of draws
    """
    below = (draws < true[:, None]).sum(axis=1)
    equal = (draws == true[:, None]).sum(axis=1)
    return below + rng.integers(0, equal + 1)


def likelihood(door: Door, measurement: Measurement, draws: Draws) -> Array:
    """(sample,) log density of all rows together."""
    shift = measurement.shifts(draws.bias, draws.vintage)
    return measurement.log_density(gists(door, measurement, draws), shift).sum(axis=0)
