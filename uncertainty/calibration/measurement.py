"""Measurement: how likely the observed rows are, given the outcomes and each source's bias."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, logsumexp, ndtr, stdtr

from uncertainty.arrays import Array, Numbers
from uncertainty.calibration.rows import LOG, LOGIT, NATURAL, Rows

#: Degrees of freedom of a robust residual: few enough to let a row be far off, enough for a
#: variance.
FREEDOM = 4.0
#: Spread, in logs, of the factor that all boundary biases share.
SCALE_SD = 0.5
#: Nodes of the integral over a bias, how many of its sds they reach, and samples taken at a time.
NODES, REACH, SAMPLES = 201, 8.0, 512
LOG_ROOT_TWO_PI = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, eq=False)
class Measurement:
    """The rows and whether their residuals are robust.

    level       log y = log f + B + V + r e, or y = f exp(B + V) + s e
    growth      y = f exp(B + V) - 1 + s e, with f the ratio of this year to the last
    share       logit y = logit f + B + V + s e

    B is the boundary bias of the row's source, V what all rows of one edition share, e a standard
    normal, or a Student t with 4 degrees of freedom when robust.
    """

    rows: Rows
    robust: bool = False

    @property
    def hierarchical(self) -> bool:
        """Whether the size of the biases is learned: with two sources that have one, or more."""
        return len(self.rows.biased) > 1

    def log_kernel(self, e: Array) -> Array:
        """Log density of a standard residual."""
        if not self.robust:
            return -0.5 * e**2 - LOG_ROOT_TWO_PI
        v = FREEDOM
        constant = gammaln((v + 1) / 2) - gammaln(v / 2) - 0.5 * np.log(v * np.pi)
        return constant - 0.5 * (v + 1) * np.log1p(e**2 / v)

    def log_density(self, gist: Array, shift: Array) -> Array:
        """Log density of each observed value.

        Parameters
        ----------
        gist : (row, sample)    see `Rows`
        shift : (row, sample)   B + V

        Returns
        -------
        (row, sample)           with respect to the value in the outcome's unit
        """
        rows = self.rows
        centre = self.centres(gist, shift)
        e = (self.linked()[:, None] - centre) / rows.sd[:, None]
        return self.log_kernel(e) - (np.log(rows.sd) + self.log_slope())[:, None]

    def linked(self) -> Array:
        """(row,) observed values on the scale on which they err."""
        y, link = self.rows.value, self.rows.link
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(
                link == LOG, np.log(y), np.where(link == LOGIT, np.log(y) - np.log1p(-y), y)
            )

    def log_slope(self) -> Array:
        """(row,) logarithm of d value / d linked value, which turns the density back."""
        y, link = self.rows.value, self.rows.link
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(
                link == LOG, np.log(y), np.where(link == LOGIT, np.log(y) + np.log1p(-y), 0.0)
            )

    def centres(self, gist: Array, shift: Array) -> Array:
        """(row, sample) centre of each row's distribution, on the scale on which it errs."""
        link, less = self.rows.link, self.rows.less
        centre = np.empty(np.broadcast_shapes(gist.shape, shift.shape))
        shift = np.broadcast_to(shift, centre.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            for kind, read in READ.items():
                at = link == kind
                centre[at] = read(gist[at], shift[at])
        return centre - less[:, None]

    def replicated(self, gist: Array, shift: Array, rng: np.random.Generator) -> Array:
        """(row, sample) values as they might have been observed, in the outcomes' units."""
        e = rng.standard_t(FREEDOM, gist.shape) if self.robust else rng.standard_normal(gist.shape)
        drawn = self.centres(gist, shift) + self.rows.sd[:, None] * e
        for kind, back in BACK.items():
            at = self.rows.link == kind
            drawn[at] = back(drawn[at])
        return drawn

    def shifts(self, bias: Array, vintage: Array) -> Array:
        """(row, sample) B + V from (source, sample) and (edition, sample)."""
        rows = self.rows
        return bias[rows.source] + vintage[rows.edition] * rows.carries[:, None]

    # ---- a row left out ----

    def left_out(self, gist: Array, vintage: Array, scale: Array) -> tuple[Array, Array]:
        """Each row given the parameters and its source's other rows.

        The bias of the source is integrated out, so that a row that is left out takes what it
        says of the bias with it (Merkle, Furr & Rabe-Hesketh 2019, doi:10.1007/s11336-019-09679-0).

        Parameters
        ----------
        gist : (row, sample)
        vintage : (edition, sample)   V; integrated out too where one source has an edition alone
        scale : (sample,)             what all biases are multiplied by

        Returns
        -------
        log_density, below : (row, sample)
            Log density of the observed value, and the probability of a smaller one.
        """
        density, below = np.empty(gist.shape), np.empty(gist.shape)
        for number in np.unique(self.rows.source):
            at = np.flatnonzero(self.rows.source == number)
            part = self.only(at)
            sd, fixed = part.shared(self.rows, vintage, scale)
            density[at], below[at] = part.given_others(gist[at], sd, fixed)
        return density, below

    def shared(self, whole: Rows, vintage: Array, scale: Array) -> tuple[Array, Array]:
        """Sd (sample,) of the shift that rows of one source share, and what else shifts them.

        What comes second is (row, sample). The error of an edition is of the first kind when all
        its rows, and all rows of the source, are the same ones.
        """
        rows = self.rows
        bias = rows.bias_sd[rows.source[0]] * scale
        editions = np.unique(rows.edition)
        alone = (whole.edition == editions[0]).sum() == rows.size and rows.carries.all()
        if len(editions) == 1 and alone:
            return np.hypot(bias, rows.vintage_sd[editions[0]]), np.zeros((rows.size, scale.size))
        return bias, vintage[rows.edition] * rows.carries[:, None]

    def given_others(self, gist: Array, sd: Array, fixed: Array) -> tuple[Array, Array]:
        """Log density of each row given the others, and the probability of a smaller value."""
        if not sd.any():
            return self.alone(gist, fixed)
        plain = not self.robust and (self.rows.link != NATURAL).all()
        return (self.gaussian if plain else self.integrated)(gist, sd, fixed)

    def alone(self, gist: Array, shift: Array) -> tuple[Array, Array]:
        """The same where rows share nothing."""
        e = (self.linked()[:, None] - self.centres(gist, shift)) / self.rows.sd[:, None]
        return self.log_density(gist, shift), self.below(e)

    def below(self, e: Array) -> Array:
        """Probability that a standard residual is smaller."""
        return stdtr(FREEDOM, e) if self.robust else ndtr(e)

    def gaussian(self, gist: Array, sd: Array, fixed: Array) -> tuple[Array, Array]:
        """In closed form: normal residuals that share one normal shift."""
        residual = self.linked()[:, None] - self.centres(gist, fixed)
        precision = (1.0 / self.rows.sd**2)[:, None]
        others = precision.sum() - precision
        pull = (residual * precision).sum(axis=0) - residual * precision
        known = 1.0 / sd**2 + others
        variance = 1.0 / known + 1.0 / precision
        e = (residual - pull / known) / np.sqrt(variance)
        slope = 0.5 * np.log(variance) + self.log_slope()[:, None]
        return -0.5 * e**2 - LOG_ROOT_TWO_PI - slope, ndtr(e)

    def integrated(self, gist: Array, sd: Array, fixed: Array) -> tuple[Array, Array]:
        """By the trapezoidal rule over the shift, some samples at a time."""
        parts = [slice(i, i + SAMPLES) for i in range(0, gist.shape[1], SAMPLES)]
        found = [self.summed(gist[:, part], sd[part], fixed[:, part]) for part in parts]
        density, below = (np.concatenate(pieces, axis=1) for pieces in zip(*found, strict=True))
        return density, below

    def summed(self, gist: Array, sd: Array, fixed: Array) -> tuple[Array, Array]:
        """Sums over nodes that lie as close as the rows tell the shift, and reach its prior's end.

        With nodes at the hyperbolic sine of equal steps the rule converges exponentially
        (Takahasi & Mori 1974, doi:10.2977/prims/1195192451).
        """
        middle, width = self.told(gist, sd, fixed)
        reach = np.arcsinh((REACH * sd + np.abs(middle)) / width)
        steps = np.linspace(-1.0, 1.0, NODES)[:, None] * reach
        shift = middle + width * np.sinh(steps)
        weight = np.log(np.cosh(steps)) - 0.5 * (shift / sd) ** 2
        pairs = [self.alone(gist, fixed + node) for node in shift]
        each = np.stack([density for density, _ in pairs])
        joint = each.sum(axis=1, keepdims=True) + weight[:, None]
        others = joint - each
        whole = logsumexp(others, axis=0)
        part = np.exp(others - whole)
        smaller = sum(w * below for w, (_, below) in zip(part, pairs, strict=True))
        return logsumexp(joint, axis=0) - whole, np.asarray(smaller)

    def told(self, gist: Array, sd: Array, fixed: Array) -> tuple[Array, Array]:
        """About where the rows see the shift, (sample,), and how closely; as if it were linear."""
        residual = self.linked()[:, None] - self.centres(gist, fixed)
        slope = np.where((self.rows.link == NATURAL)[:, None], gist * np.exp(fixed), 1.0)
        precision = (slope / self.rows.sd[:, None]) ** 2
        known = 1.0 / sd**2 + precision.sum(axis=0)
        pull = (slope * residual / self.rows.sd[:, None] ** 2).sum(axis=0)
        return np.clip(pull / known, -REACH * sd, REACH * sd), 1.0 / np.sqrt(known)

    def only(self, at: Numbers) -> Measurement:
        """The same for some rows."""
        return Measurement(self.rows.only(at), self.robust)


#: Link -> centre from gist and shift.
READ: dict[int, Callable[[Array, Array], Array]] = {
    NATURAL: lambda gist, shift: gist * np.exp(shift),
    LOG: lambda gist, shift: np.log(gist) + shift,
    LOGIT: lambda gist, shift: np.log(gist) - np.log1p(-gist) + shift,
}
#: Link -> value from its linked scale.
BACK: dict[int, Callable[[Array], Array]] = {LOG: np.exp, LOGIT: expit}
