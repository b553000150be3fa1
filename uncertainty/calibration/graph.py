"""Graph: parameters, model and measurement as a PyMC model. The only room that builds one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pytensor.graph.traversal import ancestors

from uncertainty.arrays import Array, Numbers
from uncertainty.calibration.coordinates import LOGIT, LOGNORMAL, NORMAL, TABLE, Coordinates
from uncertainty.calibration.measurement import FREEDOM, SCALE_SD, Measurement
from uncertainty.calibration.rows import LOG, NATURAL, Rows
from uncertainty.calibration.rows import LOGIT as ODDS
from uncertainty.door import Door
from uncertainty.errors import ModelError
from uncertainty.tabulate import KNOTS, REACH

logging.getLogger("pymc").setLevel(logging.WARNING)
# Fused and cached code would else round differently, and a seed not reproduce its draws.
pytensor.config.numba__fastmath = False

Variable = Any


@dataclass(frozen=True, eq=False)
class Graph:
    """A PyMC model of some observations.

    Its variables are standard normal: `score` (coordinate,), from which the parameters follow,
    and where they are needed `source_score` (biased source,), `edition_score` (dated edition,)
    and `scale_score`. Where observations depend on choices alone it has an `idle_score`, since a
    sampler needs something to move.

    Attributes
    ----------
    model : pymc.Model
    coordinates : Coordinates
    choices : tuple of str
        Parameters that are data of the model: `model.set_data` changes them.
    refits : bool
        Whether the observed values are data of the model too.
    """

    model: Any
    coordinates: Coordinates
    choices: tuple[str, ...]
    refits: bool = False

    def observed(self, measurement: Measurement) -> dict[str, Array]:
        """Values of a measurement of the same rows, as data of a model that refits."""
        linked = measurement.linked()
        by_kind = {kind: linked[measurement.rows.link == kind] for kind in LINKED}
        return {OBSERVED.format(kind): values for kind, values in by_kind.items() if values.size}


def reached(door: Door, rows: Rows) -> tuple[str, ...]:
    """Uncertain parameters on which what is observed depends, or a correlated one does.

    Raises
    ------
    ModelError
        If the model cannot be traced by PyTensor.
    """
    inputs = {name: pt.tensor(name, shape=shape(door, name)) for name in door.space.priors}
    known = set(ancestors([gists(door, rows, inputs)]))
    direct = {name for name, variable in inputs.items() if variable in known}
    clusters = [set(cluster) for cluster in door.space.clusters if direct & set(cluster)]
    wide = direct.union(*clusters)
    return tuple(name for name in door.space.uncertain if name in wide)


def shape(door: Door, name: str) -> tuple[int, ...]:
    """Shape of one parameter at one sample."""
    size = door.space.priors[name].size
    return (size, 1) if size > 1 else (1,)


def gists(door: Door, rows: Rows, values: Mapping[str, Variable]) -> Variable:
    """What each row is about, (row,), as a function of parameters at one sample."""
    try:
        found = door.model.evaluate(values, xp=pt)
        cells = [
            pt.reshape(pt.as_tensor(found[name]), (int(np.prod(rows.shapes[name], dtype=int)),))
            for name in rows.outcomes
        ]
    except Exception as error:
        text = " ".join(str(error).split())[:300]
        msg = (
            f"model {door.model.name!r} cannot be calibrated: it must run on PyTensor too, written "
            "with operators and the functions of its argument xp (xp.exp, xp.where, ...); it "
            f"raised {type(error).__name__}: {text}"
        )
        raise ModelError(msg) from error
    joined = pt.concatenate(cells) if len(cells) > 1 else cells[0]
    return rows.gist(joined[:, None])[:, 0]


def graph(
    door: Door, measurement: Measurement, names: Sequence[str], *, refits: bool = False
) -> Graph:
    """The PyMC model of a measurement, for parameters `names`; all others are held fixed.

    One that `refits` is compiled once for any values that the rows may have; their errors stay.
    """
    space = door.space
    choices = tuple(n for n in names if space.priors[n].family == "choice")
    coordinates = Coordinates.of(space, [n for n in names if n not in choices])
    with pm.Model() as model:
        values = held(door)
        for name in choices:
            values[name] = pm.Data(name, np.array([first_choice(door, name)]))
        if coordinates.size:
            score = pm.Normal("score", 0.0, 1.0, shape=coordinates.size)
            values |= parameters(door, coordinates, score)
        observe(measurement, gists(door, measurement.rows, values), refits)
        if not model.free_RVs:
            pm.Normal("idle_score", 0.0, 1.0)
    return Graph(model, coordinates, choices, refits)


def held(door: Door) -> dict[str, Any]:
    """Every parameter at its median, in the model's unit, as a constant."""
    middle = door.values(np.full((door.space.width, 1), 0.5))
    return {name: np.asarray(value) for name, value in middle.items()}


def first_choice(door: Door, name: str) -> float:
    """The first value of a choice, in the model's unit."""
    values = door.space.priors[name].parameters["values"]
    assert isinstance(values, tuple)
    return values[0] * door.factors.get(name, 1.0)


def parameters(door: Door, coordinates: Coordinates, score: Variable) -> dict[str, Variable]:
    """Parameters in the model's units from independent normal scores, each at one sample."""
    mix = coordinates.mix
    joined = score if np.array_equal(mix, np.eye(len(mix))) else pt.dot(mix, score)
    groups = [
        QUANTILES[kind](coordinates, at, joined[slice(at[0], at[-1] + 1)])
        for kind in QUANTILES
        if len(at := np.flatnonzero(coordinates.kinds == kind))
    ]
    size = coordinates.size
    scales = [
        1.0 if door.space.priors[n].size > 1 else door.factors.get(n, 1.0)
        for n in coordinates.owners
    ]
    whole = pt.concatenate(groups) if len(groups) > 1 else groups[0]
    if any(scale != 1.0 for scale in scales):
        whole = whole * np.array(scales)
    cuts = pt.split(whole, splits_size=[1] * size, n_splits=size) if size > 1 else [whole]
    return named(door, coordinates, cuts)


def named(door: Door, coordinates: Coordinates, cuts: Sequence[Variable]) -> dict[str, Variable]:
    """One variable for each parameter; a dirichlet's stick is broken into its shares."""
    own: dict[str, list[tuple[int, Variable]]] = {}
    for name, row, cut in zip(coordinates.owners, coordinates.rows, cuts, strict=True):
        own.setdefault(name, []).append((int(row), cut))
    found = {}
    for name, pieces in own.items():
        ordered = [cut for _, cut in sorted(pieces, key=lambda piece: piece[0])]
        wide = door.space.priors[name].size > 1
        found[name] = broken(ordered, door.factors.get(name, 1.0)) if wide else ordered[0]
    return found


def broken(cuts: Sequence[Variable], factor: float) -> Variable:
    """Shares (part, 1) of a stick of length 1, each cut a part of what is left."""
    shares, left = [], np.ones(1)
    for cut in cuts:
        shares.append(left * cut)
        left = left - shares[-1]
    return pt.stack([*shares, left]) * factor


def tabled(coordinates: Coordinates, at: Numbers, z: Variable) -> Variable:
    """Quantiles by cubic pieces over the normal score."""
    step = 2 * REACH / (KNOTS - 1)
    place = pt.clip((z + REACH) / step, 0.0, KNOTS - 1 - 1e-9)
    cell = pt.cast(pt.floor(place), "int64")
    t = place - cell
    every = np.arange(len(at))
    c0, c1, c2, c3 = (pt.constant(c)[every, cell] for c in coordinates.pieces)
    return c0 + t * (c1 + t * (c2 + t * c3))


def affine(coordinates: Coordinates, at: Numbers, z: Variable) -> Variable:
    """Quantiles of normals: mu + sigma z."""
    return coordinates.centre[at] + coordinates.width[at] * z


def logistic(coordinates: Coordinates, at: Numbers, z: Variable) -> Variable:
    """Quantiles of logit-normals on their supports."""
    inner = pt.sigmoid(affine(coordinates, at, z))
    return coordinates.lower[at] + coordinates.span[at] * inner


QUANTILES: dict[int, Callable[[Coordinates, Numbers, Variable], Variable]] = {
    TABLE: tabled,
    NORMAL: affine,
    LOGNORMAL: lambda coordinates, at, z: pt.exp(affine(coordinates, at, z)),
    LOGIT: logistic,
}
"""Kind of coordinate -> its values from normal scores, in the order of the coordinates."""


def observe(measurement: Measurement, gist: Variable, refits: bool = False) -> None:
    """Biases, vintages and the likelihood of all rows."""
    rows = measurement.rows
    shift = shifts(measurement)
    for kind, read in LINKED.items():
        at = np.flatnonzero(rows.link == kind)
        if not len(at):
            continue
        whole = len(at) == rows.size
        part = gist if whole else gist[at]
        moved = shift if whole or isinstance(shift, float) else shift[at]
        centre = read(part, moved)
        if rows.less[at].any():
            centre = centre - rows.less[at]
        observed = measurement.linked()[at]
        held = pm.Data(OBSERVED.format(kind), observed) if refits else observed
        residual(measurement, f"rows_{kind}", centre, rows.sd[at], held)


def residual(
    measurement: Measurement, name: str, centre: Variable, sd: Array, observed: Variable
) -> None:
    """Observed rows about their centres."""
    if measurement.robust:
        pm.StudentT(name, nu=np.float64(FREEDOM), mu=centre, sigma=sd, observed=observed)
    else:
        pm.Normal(name, centre, sd, observed=observed)


def shifts(measurement: Measurement) -> Variable:
    """B + V of each row (row,), 0.0 where there is neither."""
    rows = measurement.rows
    parts: list[Variable] = []
    if len(rows.biased):
        score = pm.Normal("source_score", 0.0, 1.0, shape=len(rows.biased))
        spread = 1.0
        if measurement.hierarchical:
            spread = pt.exp(SCALE_SD * pm.Normal("scale_score", 0.0, 1.0))
        parts.append(spread * pt.dot(loads(rows.source, rows.biased, rows.bias_sd), score))
    if len(rows.dated):
        score = pm.Normal("edition_score", 0.0, 1.0, shape=len(rows.dated))
        felt = loads(rows.edition, rows.dated, rows.vintage_sd) * rows.carries[:, None]
        parts.append(pt.dot(felt, score))
    return sum(parts) if parts else 0.0


def loads(groups: Numbers, chosen: Numbers, sds: Array) -> Array:
    """(row, chosen group) matrix: the sd of the group that a row belongs to."""
    return (groups[:, None] == chosen[None, :]) * sds[chosen][None, :]


#: Name of the data that holds the observed values of a link.
OBSERVED = "observed_{}"
LINKED: dict[int, Callable[[Variable, Variable], Variable]] = {
    NATURAL: lambda gist, shift: gist * pt.exp(shift) if not isinstance(shift, float) else gist,
    LOG: lambda gist, shift: pt.log(gist) + shift,
    ODDS: lambda gist, shift: pt.log(gist) - pt.log1p(-gist) + shift,
}
"""Link -> centre of a row from gist and shift."""
