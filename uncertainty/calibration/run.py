"""Calibration: a space, a model and evidence to draws of the posterior."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array, Numbers
from uncertainty.calibration.diagnosis import Diagnosis, diagnose
from uncertainty.calibration.draws import Draws, seen
from uncertainty.calibration.fit import Fit, Settings, Teller, fits
from uncertainty.calibration.measurement import Measurement
from uncertainty.calibration.rows import Rows
from uncertainty.design import Design
from uncertainty.door import Door, ModelLike, SpaceLike, check_outcomes
from uncertainty.errors import EvidenceError, ModelError
from uncertainty.evidence import Evidence
from uncertainty.labels import QUANTILES
from uncertainty.model import Model
from uncertainty.names import listed, suggestion
from uncertainty.propagate import checked_probabilities, checked_thresholds
from uncertainty.space import as_space

if TYPE_CHECKING:
    import xarray as xr

    from uncertainty.calibration.graph import Graph

#: Draws of the prior that the posterior is set beside, a replicate.
PRIOR_DRAWS = 1024
#: Number of the stream of the places of stacked draws.
STACKED = 2**41 + 5


class ConvergenceWarning(UserWarning):
    """The chains of a calibration have not converged."""


@dataclass(frozen=True, eq=False)
class Calibrated:
    """Draws of a posterior, before labels.

    Attributes
    ----------
    door : Door
        Of the model that was fitted.
    measurement : Measurement
    fits : tuple of Fit
        One for each structure.
    every : tuple of Draws
        Of each fit.
    left_out : tuple of (row, sample)
        Log densities of left-out rows under each fit.
    weights : (fit,)
        Stacking weights.
    draws : Draws
        Stacked.
    structure, places : (sample,)
        Number of the fit that each draw is from, and its place among that fit's draws.
    reached : tuple of str
        Parameters on which what is observed depends.
    settings : Settings
    comparison : xarray.Dataset or None
        Of the structures, by their predictions of left-out rows.
    """

    door: Door
    measurement: Measurement
    fits: tuple[Fit, ...]
    every: tuple[Draws, ...]
    left_out: tuple[Array, ...]
    weights: Array
    draws: Draws
    structure: Numbers
    places: Numbers
    reached: tuple[str, ...]
    settings: Settings
    comparison: xr.Dataset | None

    @cached_property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Of each fit."""
        return tuple(
            diagnose(named(self, draws), fit.statistics)
            for fit, draws in zip(self.fits, self.every, strict=True)
        )

    @property
    def statistics(self) -> dict[str, Array]:
        """Sampler's statistics (chain, draw) of the stacked draws."""
        found = {}
        for name in self.fits[0].statistics:
            every = np.stack([fit.statistics[name].reshape(-1) for fit in self.fits])
            found[name] = every[self.structure, self.places].reshape(self.draws.chains, -1)
        return found


def named(found: Calibrated, draws: Draws) -> dict[str, Array]:
    """Draws (chain, draw) of all that a fit has moved, by name."""
    moved = quantities(found.measurement, found.reached, draws)
    return {name: value.reshape(draws.chains, -1) for name, value in moved.items()}


def quantities(measurement: Measurement, names: Sequence[str], draws: Draws) -> dict[str, Array]:
    """Parameters, biases, vintages and the biases' scale by name, each (sample,)."""
    rows, out = measurement.rows, {}
    for name in names:
        value = draws.values[name]
        pieces = value[None] if value.ndim == 1 else value
        for i, piece in enumerate(pieces):
            out[name if value.ndim == 1 else f"{name}[{i}]"] = piece
    for name, values, numbers in (
        ("source", draws.bias, rows.biased),
        ("edition", draws.vintage, rows.dated),
    ):
        labels = rows.labels(name, numbers)
        kind = "bias" if name == "source" else "vintage"
        out |= {f"{kind} of {t}": values[n] for t, n in zip(labels, numbers, strict=True)}
    if measurement.hierarchical:
        out["bias_scale"] = draws.scale
    return out


def fitted(
    model: ModelLike,
    space: SpaceLike,
    evidence: Evidence,
    settings: Settings,
    *,
    robust: bool = False,
    tell: Teller = lambda words: None,
    journal: Any = None,
) -> Calibrated:
    """Fit a model to evidence, structure by structure."""
    from uncertainty.calibration.graph import graph

    door, measurement, names = prepared(model, space, evidence, robust=robust, tell=tell)
    made = graph(door, measurement, names)
    every = tuple(fits(made, door, settings, tell, journal))
    return stacked(door, measurement, made, every, names, settings)


def prepared(
    model: ModelLike,
    space: SpaceLike,
    evidence: Evidence,
    *,
    robust: bool = False,
    tell: Teller = lambda words: None,
) -> tuple[Door, Measurement, tuple[str, ...]]:
    """The door of the observed outcomes, their measurement, and the parameters it reaches."""
    from uncertainty.calibration.graph import reached

    space = as_space(space)
    door = opened(model, space)
    rows = Rows.of(evidence, door.model)
    door = Door(door.model, space, door.factors, rows.outcomes)
    measurement = Measurement(rows, robust)
    tell("tracing the model")
    names = reached(door, rows)
    if not names:
        msg = "no observation depends on any uncertain parameter: there is nothing to learn"
        raise EvidenceError(msg)
    check_start(door, measurement)
    return door, measurement, names


def opened(model: ModelLike, space: Any) -> Door:
    """Model and space, tried on a few points."""
    trial = Design("random", space.width, 8, 1)
    return Door.of(model, space, trial.points(trial.first))[0]


def check_start(door: Door, measurement: Measurement) -> None:
    """Raise `EvidenceError` for rows that the model cannot give at all, where fits begin."""
    trial = Design("latin", door.space.width, 256, 1)
    draws = Draws.of_prior(door, measurement, trial)
    gist = seen_gist(door, measurement, draws)
    density = measurement.log_density(gist, measurement.shifts(draws.bias, draws.vintage))
    impossible = np.flatnonzero(~np.isfinite(density).any(axis=1))
    if len(impossible):
        rows = measurement.rows
        lines = [
            f"{rows.frame['outcome'].iloc[i]} = {rows.value[i]:g}: the model gives nothing of that "
            "kind (a logarithm or log-odds of its value does not exist); give an absolute error"
            for i in impossible
        ]
        raise EvidenceError("\n".join(lines))


def seen_gist(door: Door, measurement: Measurement, draws: Draws) -> Array:
    """What the rows are about; infinities are left to the caller."""
    from uncertainty.calibration.draws import gists

    with np.errstate(all="ignore"):
        return gists(door, measurement, draws)


def stacked(
    door: Door,
    measurement: Measurement,
    made: Graph,
    every: tuple[Fit, ...],
    names: tuple[str, ...],
    settings: Settings,
) -> Calibrated:
    """Draws of all fits, joined in proportion to how well each predicts left-out rows."""
    drawn = tuple(
        Draws.of_fit(fit, door, made.coordinates, measurement, settings.seed) for fit in every
    )
    left_out = tuple(seen(door, measurement, draws, settings.seed).left_out for draws in drawn)
    weights, comparison = np.ones(1), None
    if len(every) > 1:
        from uncertainty.posterior.structures import compared

        arrays = {
            fit.name: by_chain(values, draws.chains)
            for fit, values, draws in zip(every, left_out, drawn, strict=True)
        }
        comparison = compared(arrays)
        weights = comparison["weight"].sel(structure=[fit.name for fit in every]).values
    chains, kept = drawn[0].chains, settings.kept
    structure = shares(weights, chains, chains * len(kept), settings.seed)
    places = (np.arange(chains)[:, None] * settings.draws + kept).reshape(-1)
    return Calibrated(
        door,
        measurement,
        every,
        drawn,
        left_out,
        weights,
        Draws.joined(drawn).at(structure * drawn[0].size + places),
        structure,
        places,
        names,
        settings,
        comparison,
    )


def by_chain(values: Array, chains: int) -> Array:
    """(row, sample) as (chain, draw, row)."""
    return np.moveaxis(values.reshape(len(values), chains, -1), 0, -1)


def shares(weights: Array, chains: int, size: int, seed: int) -> Numbers:
    """Number of the fit that each draw is taken from, (sample,), by systematic resampling.

    Each draw keeps its place in its chain, so no draw is used twice.
    """
    rng = np.random.default_rng([seed, STACKED])
    draws = size // chains
    ends = np.cumsum(weights / weights.sum())
    picks = []
    for _ in range(chains):
        points = (np.arange(draws) + rng.uniform()) / draws
        chosen = np.minimum(np.searchsorted(ends, points), len(weights) - 1)
        picks.append(rng.permutation(chosen))
    return np.concatenate(picks)


def calibrate(
    model: ModelLike,
    space: SpaceLike,
    evidence: Evidence,
    *,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    seed: int = 1,
    sampler: str = "nutpie",
    target_accept: float = 0.95,
    robust: bool = False,
    outcomes: Sequence[str] | None = None,
    probabilities: Sequence[float] = QUANTILES,
    thresholds: Mapping[str, Sequence[float]] | None = None,
    held_back: Evidence | None = None,
    explain: str | None = None,
    executor: Executor | None = None,
    tell: Teller = lambda words: None,
) -> xr.DataTree:
    """Learn from observations: draws of the posterior, and what follows from them.

    A prior of the family `choice` is structure: each combination of choices is fitted for
    itself, and the fits are stacked by how well they predict left-out rows (Yao et al. 2018,
    doi:10.1214/17-BA1091).

    Parameters
    ----------
    model : Model or callable
        Must run on PyTensor too: written with operators and the functions of `xp`.
    space : Space or {name: Prior}
        Rank correlations are taken in.
    evidence : Evidence
        Levels, growth rates and shares, see there; each source may have a boundary bias, each
        edition an error that its rows share.
    draws, tune, chains : int
        Draws kept and thrown away of each chain.
    seed : int
        The same seed gives the same draws.
    sampler : {"nutpie", "pymc"}
        Whose NUTS.
    target_accept : float
    robust : bool
        Student t residuals with 4 degrees of freedom instead of normal ones.
    outcomes : sequence of str, optional
        Outcomes to predict; all when left out.
    probabilities, thresholds
        As in `propagate`.
    held_back : Evidence, optional
        Rows that are predicted and not fitted: the group ``/held_back``.
    explain : str, optional
        An outcome of which it is told on which parameters its variance still rests, how far its
        quantiles move when a prior counts half or double, and how much lies between structures.
    executor : concurrent.futures.Executor, optional
    tell : callable
        Told in words what is being done.

    Returns
    -------
    xarray.DataTree
        The prior's groups as `propagate` gives them; ``/posterior``,
        ``/posterior_predictive``, ``/observed_data``, ``/log_likelihood``, ``/log_prior``,
        ``/sample_stats`` as ArviZ knows them; and ``/calibration`` with the posterior's
        intervals and moments, what each source's bias and each parameter was found to be, how
        well rows are predicted that are left out, and whether the chains agree. The root
        attribute `converged` is 1 if they do.

    Raises
    ------
    EvidenceError, ModelError, SpaceError, DesignError
        With what was wrong, what was found and what is allowed.

    Warns
    -----
    ConvergenceWarning
        When the chains do not agree.

    Examples
    --------
    >>> import pandas as pd
    >>> from uncertainty.prior import Prior
    >>> rows = {"outcome": "y", "value": [9.2, 10.1, 11.3, 9.9, 10.4], "unit": "1",
    ...         "error": 1.0, "source": list("abcde")}
    >>> prior = {"mu": Prior("normal", mu=8, sigma=1.5)}
    >>> result = calibrate(lambda mu: mu, prior, Evidence(pd.DataFrame(rows)))
    >>> round(float(result["posterior"]["mu"].mean()), 1)
    10.0
    """
    from uncertainty.calibration.assembly import Explained, assemble

    levels = checked_probabilities(probabilities)
    settings = Settings(draws, tune, chains, seed, sampler, target_accept)
    check_wishes(opened(model, as_space(space)).model, outcomes, thresholds, held_back, explain)
    found = fitted(model, space, evidence, settings, robust=robust, tell=tell)
    door = wide_door(found, found.door.model, outcomes)
    limits = checked_thresholds(thresholds or {}, door.outcomes)
    tell("predicting")
    tree = assemble(
        found,
        door,
        levels,
        limits,
        held_back=held_back,
        explain=Explained(explain),
        executor=executor,
    )
    warn(tree)
    return tree


def check_wishes(
    model: Model,
    outcomes: Sequence[str] | None,
    thresholds: Mapping[str, Sequence[float]] | None,
    held_back: Evidence | None,
    explain: str | None,
) -> None:
    """Raise for what the model cannot give, before anything is sampled."""
    wanted = tuple(model.outcomes) if outcomes is None else tuple(outcomes)
    check_outcomes(model, wanted)
    checked_thresholds(thresholds or {}, wanted)
    if explain is not None and explain not in wanted:
        near = suggestion(str(explain), wanted)
        msg = f"explain names an outcome that is predicted, {listed(wanted)}; got {explain!r}{near}"
        raise ModelError(msg)
    if held_back is not None:
        Rows.of(held_back, model)


def wide_door(found: Calibrated, model: Model, outcomes: Sequence[str] | None) -> Door:
    """The door of a model with the outcomes that are predicted: those asked for, or all."""
    wanted = tuple(model.outcomes) if outcomes is None else tuple(outcomes)
    check_outcomes(model, wanted)
    return Door(model, found.door.space, found.door.factors, wanted)


def warn(tree: xr.DataTree) -> None:
    """Say so when the chains do not agree."""
    if not tree.attrs["converged"]:
        words = json.loads(tree.attrs["calibration"])["words"]
        warnings.warn(" ".join(words), ConvergenceWarning, stacklevel=3)


def about(found: Calibrated, words: Sequence[str]) -> dict[str, Any]:
    """What the result says of how it was calibrated."""
    return {
        **asdict(found.settings),
        "robust": found.measurement.robust,
        "structures": [fit.name for fit in found.fits],
        "words": list(words),
        "divergences": sum(d.divergences for d in found.diagnoses),
        "sampling_seconds": round(sum(fit.seconds for fit in found.fits), 3),
        "rows": found.measurement.rows.size,
    }
