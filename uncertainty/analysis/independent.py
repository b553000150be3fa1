"""Independent: which of some draws may be treated as independent, as tests of dependence ask."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from uncertainty.analysis.given_sample import GivenSample
from uncertainty.arrays import Array
from uncertainty.design import generator
from uncertainty.errors import DesignError

#: Of Sobol' points one in so many is taken, by chance. All of them are spread so evenly that tests
#: hardly ever find what is there, and every eighth in turn shares its first digits in base 2.
ONE_IN = 8
#: Fewest draws that say anything about dependence.
LEAST = 50
#: Names the stream of the choice among the streams of a seed.
CHOICE = 3


def independent_draws(
    sample: GivenSample, size: int, seed: int, inside: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.intp]:
    """Numbers of at most `size` draws that are nearly independent, in rising order.

    Parameters
    ----------
    sample : GivenSample
    size, seed : int
    inside : (sample,), optional
        Only among these.

    Raises
    ------
    DesignError
        When fewer than 50 are left.
    """
    known = np.arange(sample.size) if inside is None else np.flatnonzero(inside)
    worth = int(len(known) * independent_share(sample))
    count = min(size, worth)
    if count < LEAST:
        msg = (
            f"tests of dependence need {LEAST} independent draws; {len(known)} "
            f"{sample.drawn} draws are worth {worth}"
        )
        raise DesignError(msg)
    if sample.drawn == "sobol":
        return np.sort(generator(CHOICE, seed=seed).choice(known, count, replace=False))
    return known[np.arange(count) * len(known) // count]


def independent_share(sample: GivenSample) -> float:
    """How many independent draws a draw is worth."""
    if sample.drawn == "posterior":
        columns = [*sample.parameters.values(), *sample.outcome.reshape(-1, *sample.split)]
        return min(1.0, *(effective_share(column) for column in columns))
    return 1 / ONE_IN if sample.drawn == "sobol" else 1.0


def effective_share(draws: Array) -> float:
    """Effective number of draws over their number (Geyer 1992, doi:10.1214/ss/1177011137).

    Autocorrelations are added in pairs up to the first pair below 0.

    Parameters
    ----------
    draws : (chain, draw)
    """
    size = draws.shape[1]
    centred = draws - draws.mean()
    scale = np.abs(centred).max()
    if scale == 0 or size < LEAST:
        return 1.0
    power = np.abs(np.fft.rfft(centred / scale, 2 * size, axis=1)) ** 2
    covariance = np.fft.irfft(power, axis=1)[:, :size].mean(axis=0)
    rho = covariance / covariance[0]
    pairs = rho[: size // 2 * 2].reshape(-1, 2).sum(axis=1)
    last = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else len(pairs)
    return float(1 / max(2 * pairs[:last].sum() - 1, 1.0))
