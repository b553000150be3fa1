"""Screening: which parameters may matter at all, by SALib's cheap methods.

The points lie in the unit cube and are mapped through the space, so any prior will do.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from uncertainty.arrays import Array
from uncertainty.design import BLOCK
from uncertainty.door import Door, ModelLike, SpaceLike
from uncertainty.errors import DesignError
from uncertainty.labels import labelled
from uncertainty.names import listed
from uncertainty.pool import fold
from uncertainty.provenance import versions
from uncertainty.salib.methods import (
    INSIDE,
    Method,
    check_levels,
    check_seed,
    check_shares,
    check_space,
    checked_options,
    checked_size,
    known_method,
)
from uncertainty.space import Space, as_space
from uncertainty.tally import Keep, Table

if TYPE_CHECKING:
    import xarray as xr

#: Probability of SALib's intervals.
CONFIDENCE = 0.95
#: SALib warns of samples that lean to some values; ranks do not.
BESIDE = ("Potential Bias Notice", "Bin Merge Notice")
#: Seeds of NumPy's global generator end here.
MOST_GLOBAL_SEED = 2**32

Names = Sequence[str]


def screen(
    model: ModelLike,
    space: SpaceLike,
    *,
    method: str = "morris",
    size: int | None = None,
    seed: int = 1,
    outcomes: Names | None = None,
    executor: Executor | None = None,
    **options: Any,
) -> xr.DataTree:
    """Screen parameters by one of SALib's methods: which may matter, at few model runs.

    The numbers rank; `drivers` gives indices whose intervals mean what they say.

    Parameters
    ----------
    model, space, outcomes, executor
        As for `propagate`. Fixed parameters are left out. A choice is screened by its rank.
    method : {"morris", "pawn", "delta", "rbd_fast", "hdmr"}
        morris: elementary effects ``mu_star``, ``mu``, ``sigma``. pawn: ``median``, ``mean``,
        ``CV``, ``min``, ``max`` of distances between distributions; it depends on its own
        settings. delta: Borgonovo's ``delta``, and ``S1``. rbd_fast: ``S1``. hdmr: ``Sa``,
        ``Sb``, ``S``, ``ST`` of a surrogate.
    size : int, optional
        Trajectories of morris, which runs the model ``size * (parameters + 1)`` times; points
        of the others, which run it `size` times. 64; 2048 for pawn and rbd_fast, else 1024.
    seed : int
        The same seed gives the same numbers; NumPy's global generator stays as it was.
    **options
        Settings of the method by SALib's names: num_levels, num_resamples; S; M; maxorder,
        maxiter, m, K, lambdax. And `tail` of morris, see the notes.

    Returns
    -------
    xarray.DataTree
        ``/screening/<outcome>`` with the variables of the method over (..., parameter), and
        where SALib gives an interval ``<variable>_interval`` (..., parameter, bound), 95%. With
        pawn and delta a dirichlet has a row for each share, ``name[0]``. NaN where the outcome
        does not vary, and a warning says where.

    Raises
    ------
    DesignError
        For an unknown method or option, and for what SALib cannot do with them.
    SpaceError
        If parameters depend on each other (a correlation, a dirichlet) and the method needs
        independent ones.
    ModelError, UnitError

    Notes
    -----
    SALib puts morris on a grid from 0 to 1, where a normal prior is infinite. Here the grid goes
    from `tail` (0.01) to 1 - `tail`, and an effect is divided by the step in probability: for
    ``y = b x`` and x uniform, `mu` is b times the width of x. With ``tail=0``, which needs priors
    of finite support, the numbers are those of SALib. `sigma` tells of curvature and interaction.

    Examples
    --------
    >>> from uncertainty.prior import Prior
    >>> prior = {"a": Prior("uniform", lower=0, upper=1), "b": Prior("uniform", lower=0, upper=2)}
    >>> screen(lambda a, b: a + b, prior)["screening/y"]["mu_star"].round(6).values.tolist()
    [1.0, 2.0]
    """
    run = Screening.of(model, as_space(space), method, size, seed, outcomes, options)
    return run.tree(run.outcomes(executor))


@dataclass(frozen=True)
class Screening:
    """A screening, declared: the points in the cube and what is asked of SALib.

    Attributes
    ----------
    name : str
    method : Method
    settings : {option: value}
    door : Door
    size, seed : int
    points : (coordinate, sample)
    """

    name: str
    method: Method
    settings: Mapping[str, Any]
    door: Door
    size: int
    seed: int
    points: Array = field(repr=False)

    @classmethod
    def of(
        cls,
        model: ModelLike,
        space: Space,
        name: str,
        size: int | None,
        seed: int,
        outcomes: Names | None,
        options: Mapping[str, Any],
    ) -> Screening:
        """A screening whose method, settings, space and model fit together."""
        method = known_method(name)
        settings = {**method.options, **checked_options(name, method, options)}
        count = method.size if size is None else checked_size(name, method, size)
        check_seed(seed)
        check_space(space, name, method)
        check_shares(name, settings, count)
        if method.sampler == "morris":
            check_levels(space, settings["num_levels"], settings["tail"])
        points = sampled(method, space.width, count, seed, settings)
        door, _ = Door.of(model, space, points[:, :64], outcomes)
        return cls(name, method, settings, door, count, seed, points)

    def outcomes(self, executor: Executor | None) -> dict[str, Array]:
        """Outcomes (..., sample) at all points."""

        def task(part: slice) -> Table:
            values = self.door.values(np.ascontiguousarray(self.points[:, part]))
            return Table.of({name: Keep.of(y) for name, y in self.door.run(values).items()})

        parts = [slice(i, i + BLOCK) for i in range(0, self.points.shape[1], BLOCK)]
        return {str(name): y for name, y in fold(task, parts, executor).result().items()}

    def tree(self, outcomes: Mapping[str, Array]) -> xr.DataTree:
        """Labels on: the result tree."""
        import xarray as xr

        ranks = parameter_ranks(self.door.space, self.points)
        nodes = {f"/screening/{n}": self.dataset(n, y, ranks) for n, y in outcomes.items()}
        made = xr.DataTree.from_dict(nodes)
        made.attrs |= self.provenance
        return made

    @property
    def provenance(self) -> dict[str, Any]:
        """Root attributes, with the keys of every result."""
        return {
            "study": "",
            "study_sha256": "",
            "commit": "",
            "versions": versions(),
            "seed": self.seed,
            "design": self.method.sampler,
            "size": self.size,
            "replicates": 1,
            "model_runs": self.points.shape[1],
            "failed_runs": 0,
            "method": self.name,
        }

    def dataset(self, name: str, y: Array, ranks: Mapping[str, Array]) -> xr.Dataset:
        """The method's variables of one outcome."""
        import xarray as xr

        model, space = self.door.model, self.door.space
        dims = model.dims.get(name, ())
        coords = {**model.coords, "parameter": tuple(ranks), "bound": ("lower", "upper")}
        variables = {}
        for key, values in self.analysed(name, y, ranks).items():
            axes = (*dims, "parameter", *(("bound",) if key.endswith("_interval") else ()))
            attrs = self.interval_attrs if "bound" in axes else {"units": self.unit(name, key)}
            variables[key] = labelled(values, axes, coords, attrs)
        priors = {key: space.priors[name] for key, name in owners(space).items()}
        beside = {
            "label": ("parameter", [prior.label or key for key, prior in priors.items()]),
            "group": ("parameter", [prior.group for prior in priors.values()]),
        }
        return xr.Dataset(variables, attrs=self.attrs(name)).assign_coords(beside)

    def unit(self, outcome: str, variable: str) -> str:
        """Elementary effects are in the unit of the outcome, all else is a pure number."""
        return self.door.model.outcomes[outcome] if self.method.sampler == "morris" else "1"

    @property
    def interval_attrs(self) -> dict[str, Any]:
        """How SALib's intervals are made."""
        return {"interval_kind": "bootstrap of SALib, normal", "interval_prob": CONFIDENCE}

    def attrs(self, outcome: str) -> dict[str, Any]:
        """What the numbers rest on."""
        return {
            "units": self.door.model.outcomes[outcome],
            "method": self.name,
            "settings": ", ".join(f"{key}={value}" for key, value in self.settings.items()),
            "size": self.size,
            "model_runs": self.points.shape[1],
            "source": self.method.source,
            "note": self.method.note,
        }

    def analysed(self, name: str, y: Array, ranks: Mapping[str, Array]) -> dict[str, Array]:
        """Variables (..., parameter) and intervals (..., parameter, bound) of one outcome."""
        places, x = y.shape[:-1], np.stack(list(ranks.values()), axis=-1)
        made = {key: np.full((*places, x.shape[1]), np.nan) for key in self.keys}
        unmoved, undefined = [], []
        for cell in product(*map(range, places)):
            if np.ptp(y[cell]) == 0:
                unmoved.append(self.where(name, cell))
                continue
            place = self.where(name, cell)
            found = self.ask(x, y[cell], tuple(ranks), f"{name!r}{place and f' at {place}'}")
            for key in self.keys:
                made[key][cell] = found[key]
            if not all(np.isfinite(values).all() for values in found.values()):
                undefined.append(self.where(name, cell))
        warn_nan(name, "does not vary{}: what it is screened by is undefined there", unmoved)
        words = f"is too rare or too large for {self.name}{{}}: not all its numbers are finite"
        warn_nan(name, words, undefined)
        return with_intervals(made)

    @property
    def keys(self) -> tuple[str, ...]:
        """Variables, and the half-widths of their intervals."""
        return (*self.method.variables, *(f"{name}_conf" for name in self.method.intervals))

    def where(self, name: str, cell: tuple[int, ...]) -> str:
        """A cell of an outcome by its coordinates."""
        model = self.door.model
        dims = model.dims.get(name, ())
        return ", ".join(str(model.coords[d][i]) for d, i in zip(dims, cell, strict=True))

    def ask(self, x: Array, y: Array, names: Names, outcome: str) -> dict[str, Array]:
        """SALib's answer for one scalar outcome: {variable: (parameter,)}.

        Raises
        ------
        DesignError
            With what SALib said when it could not answer.
        """
        analyse = salib("analyze", self.method.analyser).analyze
        passed = {k: v for k, v in self.settings.items() if k not in self.method.ours}
        scale, x = self.step(x)
        try:
            with steady(self.seed) as told:
                seed = self.seed % MOST_GLOBAL_SEED
                found = analyse(problem(len(names)), x, y * scale, seed=seed, **passed)
        except Exception as error:
            msg = f"SALib's {self.name} failed for the outcome {outcome}: {error}"
            raise DesignError(named(msg, names)) from error
        for text in sorted(told):
            warnings.warn(f"outcome {outcome}: SALib: {named(text, names)}", stacklevel=6)
        return {key: self.taken(found, key, len(names)) for key in self.keys}

    def step(self, x: Array) -> tuple[float, Array]:
        """Factor of the outcome, and the points as the analyser knows them: on SALib's own grid.

        That is wider than ours, and so is the step by which SALib divides.
        """
        tail = self.settings.get("tail", 0.0)
        span = 1 - 2 * tail
        return 1 / span, (x - tail) / span

    def taken(self, found: Mapping[str, Any], key: str, count: int) -> Array:
        """One of our variables from SALib's answer; only terms of single parameters."""
        base = key.removesuffix("_conf")
        ending = key.removeprefix(base)
        known = next(n for n in self.method.variables[base] if n in found)
        return np.ma.filled(np.asanyarray(found[known + ending][:count], dtype=float), np.nan)


def sampled(method: Method, width: int, size: int, seed: int, settings: Mapping[str, Any]) -> Array:
    """Points strictly inside the cube, (coordinate, sample), by SALib's sampler."""
    passed = {key: settings[key] for key in method.sampled}
    with steady(seed):
        u = salib("sample", method.sampler).sample(problem(width), size, seed=int(seed), **passed)
    tail = settings.get("tail", 0.0)
    return np.clip(tail + (1 - 2 * tail) * u.T, *INSIDE)


def parameter_ranks(space: Space, points: Array) -> dict[str, Array]:
    """Rank in (0, 1) of each parameter at each point: what is handed to SALib.

    Correlated parameters have dependent ranks. The shares of a dirichlet follow from several
    coordinates at once; theirs are the ranks of their values among the draws.
    """
    rows = {name: points[space.rows[name]] for name in space.uncertain}
    found: dict[str, Array] = {}
    for copula in space.copulas:
        u = np.concatenate([rows[name] for name in copula.names])
        found |= zip(copula.names, ndtr(copula.scores(u)), strict=True)
    values = None
    for name, u in rows.items():
        if len(u) == 1:
            found.setdefault(name, u[0])
            continue
        values = space.at(points) if values is None else values
        order = np.argsort(np.argsort(values[name], axis=-1), axis=-1)
        ranks = (order + 0.5) / order.shape[-1]
        found |= zip(parts(name, len(ranks)), ranks, strict=True)
    return {key: found[key] for key in owners(space)}


def owners(space: Space) -> dict[str, str]:
    """The rows of a screening, and the parameter of each: a share of a dirichlet is ``name[0]``."""
    return {key: name for name in space.uncertain for key in parts(name, space.priors[name].size)}


def parts(name: str, size: int) -> list[str]:
    """Names of the numbers that a parameter gives."""
    return [name] if size == 1 else [f"{name}[{i}]" for i in range(size)]


def salib(part: str, module: str) -> Any:
    """A module of SALib, imported on first use."""
    from importlib import import_module

    return import_module(f"SALib.{part}.{module}")


def problem(width: int) -> dict[str, Any]:
    """The unit cube as a SALib problem; its names are codes, see `named`."""
    return {
        "num_vars": width,
        "names": [f"<{i}>" for i in range(width)],
        "bounds": [[0.0, 1.0]] * width,
    }


def named(text: str, names: Names) -> str:
    """A text of SALib with the names of the parameters in place of their codes."""
    for i, name in enumerate(names):
        text = text.replace(f"[<{i}>]", f"<{i}>").replace(f"<{i}>", repr(name))
    return text


@contextmanager
def steady(seed: int) -> Iterator[set[str]]:
    """Seed NumPy's global generator, and leave it and the warnings as they were.

    Some of SALib's analysers draw from the global generator and change the filters. Gives a set
    that holds in the end what they have warned of; arithmetic on empty classes is not in it,
    since NaN is told of later.
    """
    state, form = np.random.get_state(), warnings.formatwarning  # noqa: NPY002
    told: set[str] = set()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            np.random.seed(seed % MOST_GLOBAL_SEED)  # noqa: NPY002
            yield told
    finally:
        np.random.set_state(state)  # noqa: NPY002
        warnings.formatwarning = form
    texts = (str(w.message) for w in caught if issubclass(w.category, UserWarning))
    told |= {text for text in texts if not any(words in text for words in BESIDE)}


def with_intervals(made: Mapping[str, Array]) -> dict[str, Array]:
    """Half-widths as intervals around their values."""
    found: dict[str, Array] = {}
    for key, values in made.items():
        base = key.removesuffix("_conf")
        if base == key:
            found[key] = values
        else:
            ends = [made[base] - values, made[base] + values]
            found[f"{base}_interval"] = np.stack(ends, axis=-1)
    return found


def warn_nan(name: str, words: str, places: Sequence[str]) -> None:
    """Warn of the places where a number is NaN."""
    if places:
        where = f" at {listed(places, 5)}" if any(places) else ""
        warnings.warn(f"outcome {name!r} {words.format(where)} (NaN)", stacklevel=6)
