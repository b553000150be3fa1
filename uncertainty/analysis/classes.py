"""Classes: first-order indices from lines fitted in classes of one parameter's draws.

The draws are cut into classes along one parameter, and E[Y | x] is a line in each. A constant in
each class would leave what E[Y | x] varies within classes, which is more than the intervals say;
lines take that in. What the noise of the fits adds is removed: by the residual degrees of freedom
for independent draws, by products of different replicates for others.

Sources: Li and Mahadevan 2016, doi:10.1016/j.ress.2016.04.012 (classes of given draws); Da Veiga
and Gamboa 2013, doi:10.1080/10485252.2013.784762 (efficient influence function); Efron and Stein
1981, doi:10.1214/aos/1176345462 (jackknife of symmetric statistics).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uncertainty.arrays import Array

Index = npt.NDArray[np.intp]
#: Draws a class must have: a line takes two of them.
LEAST = 4
#: Normal quantile of a two-sided 95% interval.
REACH = 1.959963984540054
#: Standard errors by which classes of double width must explain less, and how many times this gap
#: then widens the interval on either side.
SURE, WIDER = 3.0, 2.0


@dataclass(frozen=True)
class Shares:
    """Parts of variance explained by one parameter at each cell, and their error.

    Attributes
    ----------
    value, half : (cell,)
        Share and half of its 95% interval.
    """

    value: Array
    half: Array


def class_count(size: float) -> int:
    """About the root of the number of draws, a power of two so that nets are cut evenly."""
    return int(2 ** np.round(np.log2(size) / 2))


def equal_starts(size: int, count: int) -> Index:
    """Where each of `count` classes of equal size begins among sorted draws."""
    return np.arange(count, dtype=np.intp) * size // count


def level_edges(x: Array, worth: float = 1.0, *, shared: bool = False) -> Array | None:
    """Upper ends of the classes of a parameter with few values; None when it has many.

    Parameters
    ----------
    x : (replicate, sample)
    worth : float
        How many independent draws a draw is worth.
    shared : bool
        Replicates share the ends of their classes also when there are many values, as they must
        where their draws differ by more than the order of a design.

    Returns
    -------
    (class,) or None
        A class has enough draws in each replicate; where it had too few, it joined a neighbour.
    """
    most = class_count(worth * x.shape[1])
    ends = np.unique(x)
    if len(ends) > most and not shared:
        return None
    if len(ends) > most:
        ends = np.unique(np.quantile(x, np.arange(1, most + 1) / most))
    counts = [np.bincount(np.searchsorted(ends, row), minlength=len(ends)) for row in x]
    return ends[joined(np.stack(counts, axis=1))]


def joined(counts: Index) -> list[int]:
    """Which of the ends stay when classes (class, replicate) with too few draws join the next."""
    kept, held = [], np.zeros(counts.shape[1], dtype=np.intp)
    for end, count in enumerate(counts):
        held = held + count
        if held.min() >= LEAST:
            kept.append(end)
            held = np.zeros_like(held)
    return [*kept[:-1], len(counts) - 1]


def value_starts(ordered: Array, edges: Array) -> Index:
    """Where classes with these upper ends begin among sorted draws."""
    return np.concatenate([[0], np.searchsorted(ordered, edges[:-1], side="right")])


@dataclass(frozen=True)
class Fit:
    """Lines in the classes of sorted draws.

    Attributes
    ----------
    count : (class,)
    mean, slope : (cell, class)
        Of y; the slope belongs to `x`.
    x : (sample,)
        Scaled so that in each class its mean is 0 and its mean square 1; 0 where it is constant.
    spread : (class,)
        Standard deviation of x in each class.
    """

    count: Index
    mean: Array
    slope: Array
    x: Array
    spread: Array

    @classmethod
    def of(cls, x: Array, y: Array, starts: Index) -> Fit:
        """Fit sorted x (sample,) and y (cell, sample)."""
        count = np.diff(np.append(starts, len(x)))
        left = x - np.repeat(np.add.reduceat(x, starts) / count, count)
        reach = np.maximum.reduceat(np.abs(left), starts)
        scaled = divided(left, np.repeat(reach, count))
        root = np.sqrt(np.add.reduceat(scaled**2, starts) / count)
        scaled = divided(scaled, np.repeat(root, count))
        mean = np.add.reduceat(y, starts, axis=1) / count
        slope = np.add.reduceat(scaled * y, starts, axis=1) / count
        return cls(count, mean, slope, scaled, reach * root)

    @property
    def used(self) -> Array:
        """Numbers that each class took from its draws, 1 or 2."""
        return np.where(self.spread > 0, 2.0, 1.0)

    def residuals(self, y: Array) -> Array:
        """What the lines leave, (cell, sample)."""
        fitted = np.repeat(self.slope, self.count, axis=1)
        fitted *= self.x
        fitted += np.repeat(self.mean, self.count, axis=1)
        return np.subtract(y, fitted, out=fitted)


def divided(part: Array, whole: Array) -> Array:
    """`part / whole`, 0 where the whole is zero."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def ratio(part: Array, whole: Array) -> Array:
    """`part / whole`, NaN where the whole is zero."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)


def with_sum(y: Array) -> Array:
    """One more cell (cell + 1, ...): the sum of all."""
    return np.concatenate([y, y.sum(axis=0, keepdims=True)])


def fitted(x: Array, y: Array, levels: Array | None) -> tuple[Fit, Array, Array, Index]:
    """Lines of one sample; its x, and y (cell, sample), sorted by x; where the classes begin."""
    order = np.argsort(x)
    x, y = x[order], np.take(y, order, axis=1)
    starts = (
        equal_starts(len(x), class_count(len(x))) if levels is None else value_starts(x, levels)
    )
    return Fit.of(x, y, starts), x, y, starts


def one_sample(x: Array, y: Array, levels: Array | None) -> Shares:
    """Shares from one sample of independent draws.

    Parameters
    ----------
    x : (sample,)
    y : (cell, sample)
        Each cell with mean 0.
    levels : (class,) or None
        As `level_edges` gives them.

    Returns
    -------
    Shares
        One more cell than y has: all cells together, sum of parts over sum of variances.
    """
    fit, x, y, starts = fitted(x, y, levels)
    total, left = with_sum(y**2), unexplained(fit, y)
    variance = total.sum(axis=1) / (len(x) - 1)
    value = 1 - ratio(left.mean(axis=1), variance)
    gap = np.zeros_like(value)
    if levels is None:
        for pairs in doubled(starts):
            more = unexplained(Fit.of(x, y, pairs), y)
            more -= left
            error = np.sqrt(mean_square(more) / len(x))
            gap = np.maximum(gap, sure(more.mean(axis=1), error))
    noise = np.add.reduceat(left, starts, axis=1) / fit.count
    error = influence_error(total, left, value, (fit.used * noise**2).sum(axis=1))
    return Shares(value, ratio(REACH * error + WIDER * gap, variance))


def unexplained(fit: Fit, y: Array) -> Array:
    """Squares that the lines leave, free of bias, and their sum over all cells as one more."""
    left = with_sum(fit.residuals(y) ** 2)
    left *= np.repeat(fit.count / (fit.count - fit.used), fit.count)
    return left


def mean_square(y: Array) -> Array:
    """Mean square of each row."""
    return np.einsum("cs,cs->c", y, y) / y.shape[1]


def sure(gap: Array, error: Array) -> Array:
    """A gap that is beyond chance, else 0: what classes of double width explain less.

    Where E[Y | x] jumps, the width of the classes is an error of the same size.
    """
    return np.where(gap > SURE * error, gap, 0.0)


def one_net(x: Array, y: Array, levels: Array | None) -> Shares:
    """Shares from one set of quasi-random points, which does not show its error (NaN).

    Class means of such points have hardly any noise, so that none is taken off. Slopes would
    suffer where two coordinates of the points do not mix well. Arguments as for `one_sample`.
    """
    fit, _, y, _ = fitted(x, y, levels)
    weight = fit.count / fit.count.sum()
    part = with_sum((fit.mean**2 * weight).sum(axis=1))
    value = ratio(part, with_sum((y**2).mean(axis=1)))
    return Shares(value, np.full_like(value, np.nan))


def influence_error(total: Array, left: Array, value: Array, noise: Array) -> Array:
    """Standard error of a share times the variance, (cell,).

    The influence of a draw is (1 - S1) (y - mean)^2 - (y - line)^2. The noise of the lines makes
    it vary by twice what that noise adds to the error, so that half of it is taken off again.

    Parameters
    ----------
    total, left : (cell, sample)
        Squares of y and of what the lines leave, the latter free of bias.
    value : (cell,)
    noise : (cell,)
        Sum over all coefficients of the squared variances in their classes.
    """
    size = total.shape[1]
    influence = total
    influence *= (1 - value)[:, None]
    influence -= left
    spread = mean_square(influence) - influence.mean(axis=1) ** 2
    return np.sqrt(np.maximum(spread - 2 * noise / size, spread / 2) / size)


def replicated(x: Array, y: Array, levels: Array | None) -> Shares:
    """Shares from independent replicates of any design, or from parts of chains.

    Parameters
    ----------
    x : (replicate, sample)
    y : (cell, replicate, sample)
        Each cell with mean 0 over all.
    levels : (class,) or None

    Returns
    -------
    Shares
        One more cell than y has: all cells together. The half width is Student's t times the
        jackknife error over replicates.
    """
    each = [fitted(one, y[:, r], levels) for r, one in enumerate(x)]
    features = common([fit for fit, *_ in each], stratified=levels is None)
    means = y.mean(axis=2).T[..., None]
    part = with_sum(products(features) - products(means))
    variance = with_sum((y**2).mean(axis=2))
    value, error = jackknife(part, variance)
    half = student(len(x)) * error
    if levels is None:
        less = [with_sum(products(features) - products(wide)) for wide in doubled_features(each)]
        half += WIDER * np.max([sure(*jackknife(part, variance)) for part in less], axis=0)
    return Shares(value, half)


def doubled(starts: Index) -> tuple[Index, Index]:
    """Classes joined in pairs, and in pairs the other way, since a jump may lie at a pair's end."""
    return starts[::2], np.concatenate([starts[:1], starts[1::2]])


def doubled_features(each: Sequence[tuple[Fit, Array, Array, Index]]) -> list[Array]:
    """Coefficients of all replicates in classes of double width."""
    ways = zip(*(doubled(starts) for *_, starts in each), strict=True)
    return [
        common(
            [Fit.of(x, y, pairs) for (_, x, y, _), pairs in zip(each, way, strict=True)],
            stratified=True,
        )
        for way in ways
    ]


def student(replicates: int) -> float:
    """Quantile of Student's t of a two-sided 95% interval over replicates."""
    from scipy.special import stdtrit

    return float(stdtrit(replicates - 1, 0.975))


def common(fits: Sequence[Fit], stratified: bool) -> Array:
    """Coefficients (replicate, cell, 2 class) whose squares sum to the explained mean square.

    They belong to weights and spreads of the classes over all replicates, so that the product of
    two replicates has no bias from how their draws of x differ. Draws that are not stratified
    have a spread that is too small by one degree of freedom.
    """
    count = np.mean([fit.count for fit in fits], axis=0)
    weight = np.sqrt(count / count.sum())
    spread = np.sqrt(np.mean([fit.spread**2 for fit in fits], axis=0))
    steep = weight if stratified else weight * np.sqrt(count / np.maximum(count - 1, 1))
    return np.stack(
        [
            np.concatenate(
                [weight * fit.mean, steep * divided(fit.spread, spread) * fit.slope], axis=1
            )
            for fit in fits
        ]
    )


def products(features: Array) -> Array:
    """Mean product of two different replicates: of all, and without each one in turn.

    Parameters
    ----------
    features : (replicate, cell, feature)

    Returns
    -------
    (cell, 1 + replicate)
    """
    many = len(features)
    whole, squares = features.sum(axis=0), (features**2).sum(axis=2)
    every = (whole**2).sum(axis=1) - squares.sum(axis=0)
    rest = ((whole - features) ** 2).sum(axis=2) - (squares.sum(axis=0) - squares)
    return np.concatenate([every[:, None], rest.T / (many - 2) * many], axis=1) / (
        many * (many - 1)
    )


def jackknife(part: Array, variance: Array) -> tuple[Array, Array]:
    """Share and its standard error.

    Parameters
    ----------
    part : (cell, 1 + replicate)
        Of all, and without each replicate.
    variance : (cell, replicate)
        Of each replicate.
    """
    many = variance.shape[1]
    without = (variance.sum(axis=1, keepdims=True) - variance) / (many - 1)
    each = ratio(part[:, 1:], without)
    error = np.sqrt((many - 1) * each.var(axis=1))
    return ratio(part[:, 0], variance.mean(axis=1)), error
