"""Sampled: the runs that a propagation or its drivers ask for, as a table for a model elsewhere.

The engines themselves ask for the runs: a recorder in the place of the model notes each new row
of parameter values and gives it an id. Later the same engines are run on what came back.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.door import SpaceLike, check_outcome_units
from uncertainty.drivers import drivers
from uncertainty.errors import DesignError, ResultError, SpaceError
from uncertainty.labels import QUANTILES
from uncertainty.model import Model
from uncertainty.names import listed, suggestion
from uncertainty.prior import Prior
from uncertainty.propagate import checked_probabilities, propagate
from uncertainty.space import Space, as_space

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: Of the layout of a ticket.
FORMAT = 1
#: The column of the ids.
RUN = "run"
#: Under this key a ticket holds the hash of the rest.
SEAL = "ticket_sha256"
#: Characters of the hash that every id begins with.
MARK = 7


@dataclass(frozen=True)
class Ticket:
    """What makes a sample again, and with it the result once the outcomes are there.

    Attributes
    ----------
    priors : {name: mapping}
        Arguments of each prior, its unit, label and group among them.
    correlation : list of [name, name, rank correlation]
    engines : tuple of str
    size, seed, replicates : int
    design : str
    second_order : bool
    groups : {group: names} or None
    probabilities : tuple of float
    outcomes : {outcome: {"unit", "label", "places"}}
        Empty when any column may be one; places are {dim: coordinates} where they are known.
    facts : {name: text}
        Attributes of the result, such as the name of a study.
    mark : str
        What every id begins with, from the hash of the points and the priors.
    rows : int
    sha256 : str
        Of the ids and values of the table.
    """

    priors: Mapping[str, Mapping[str, Any]]
    correlation: Sequence[Sequence[Any]]
    engines: tuple[str, ...]
    size: int
    seed: int
    replicates: int
    design: str
    second_order: bool
    groups: Mapping[str, Sequence[str]] | None
    probabilities: tuple[float, ...]
    outcomes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    rows: int = 0
    sha256: str = ""

    @property
    def space(self) -> Remembering:
        """The space of the parameters."""
        priors = {name: Prior(**arguments) for name, arguments in self.priors.items()}
        return Remembering(priors, {(one, two): rho for one, two, rho in self.correlation})

    def text(self) -> str:
        """As JSON; numbers come back to the last bit."""
        kept = {"format": FORMAT, **asdict(self)}
        return json.dumps({**kept, SEAL: sealed(kept)}, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def of(cls, text: str) -> Ticket:
        """From JSON; `ResultError` if it is no ticket."""
        try:
            found = json.loads(text)
            if found["format"] != FORMAT:
                raise ValueError("another format")
            if found.pop(SEAL) != sealed(found):
                raise ValueError("it was changed")
            found.pop("format")
            ticket = cls(**found)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            msg = f"this is no ticket of a sample ({error}): {str(text)[:60]!r}"
            raise ResultError(msg) from None
        return replace(
            ticket, engines=tuple(ticket.engines), probabilities=tuple(ticket.probabilities)
        )

    def run(self, space: Space, model: Model) -> dict[str, xr.DataTree]:
        """The results of all engines for a model of these parameters."""
        return {name: ENGINES[name](self, space, model) for name in self.engines}


def sealed(kept: Mapping[str, Any]) -> str:
    """The hash of what a ticket says."""
    text = json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def run_draws(ticket: Ticket, space: Space, model: Model) -> xr.DataTree:
    """Intervals and moments."""
    return propagate(
        model,
        space,
        size=ticket.size,
        seed=ticket.seed,
        design=ticket.design,
        replicates=ticket.replicates,
        probabilities=ticket.probabilities,
    )


def run_drivers(ticket: Ticket, space: Space, model: Model) -> xr.DataTree:
    """Sobol' indices."""
    return drivers(
        model,
        space,
        size=ticket.size,
        seed=ticket.seed,
        design=ticket.design,
        replicates=ticket.replicates,
        second_order=ticket.second_order,
        groups=ticket.groups,
    )


ENGINES: dict[str, Callable[[Ticket, Space, Model], Any]] = {
    "propagate": run_draws,
    "drivers": run_drivers,
}
"""Engines that may ask for runs."""


@dataclass(frozen=True)
class Remembering(Space):
    """A space that gives the same bits at the same point, however many points are asked for.

    The last bit of a logarithm may depend on its place in an array. It also hashes the points.
    """

    known: dict[bytes, Array] = field(default_factory=dict, compare=False, repr=False)
    points: Any = field(default_factory=hashlib.sha256, compare=False, repr=False)

    def at(self, u: Array) -> dict[str, Array]:
        """Parameter values at points of the unit cube, see `Space.at`."""
        values = super().at(u)
        sizes = [prior.size for prior in self.priors.values()]
        rows = stacked(values, self.names)
        columns = np.ascontiguousarray(u.T)
        self.points.update(columns.tobytes())
        kept = [
            self.known.setdefault(point.tobytes(), row)
            for point, row in zip(columns, rows, strict=True)
        ]
        table: Array = np.ascontiguousarray(np.array(kept).T)
        table.flags.writeable = False
        found: dict[str, Array] = {}
        for (name, prior), piece in zip(self.priors.items(), split(table, sizes), strict=True):
            found[name] = piece if prior.size > 1 else piece[0]
        return found


def split(table: Array, sizes: Sequence[int]) -> Iterator[Array]:
    """A table in pieces of so many rows each."""
    end = 0
    for size in sizes:
        begin, end = end, end + size
        yield table[begin:end]


@dataclass(frozen=True)
class Recorder:
    """A model that notes the rows it is asked for; ids are in the order of the asking.

    Attributes
    ----------
    names : tuple of str
        Parameters in the order of the columns.
    ids : {bytes of a row: number}
    """

    names: tuple[str, ...]
    ids: dict[bytes, int] = field(default_factory=dict)

    def __call__(self, **values: Array) -> dict[str, Array]:
        """Note the rows; what is returned only has to vary."""
        rows = stacked(values, self.names)
        found = [self.ids.setdefault(row.tobytes(), len(self.ids)) for row in rows]
        return {"y": np.random.default_rng(0).random(len(found))}

    @property
    def rows(self) -> Array:
        """All rows, (run, column)."""
        return np.array([np.frombuffer(row) for row in self.ids])


def stacked(values: Mapping[str, Array], names: Sequence[str]) -> Array:
    """Parameter values as rows, (sample, column), in the order of the names."""
    return np.ascontiguousarray(np.vstack([np.atleast_2d(values[name]) for name in names]).T)


def sample_table(
    space: SpaceLike,
    engines: str | Sequence[str] = "propagate",
    *,
    size: int = 2**7,
    seed: int = 1,
    design: str = "sobol",
    replicates: int = 8,
    second_order: bool = False,
    groups: Mapping[str, Sequence[str]] | None = None,
    probabilities: Sequence[float] = QUANTILES,
    outcomes: Mapping[str, str] | None = None,
) -> tuple[pd.DataFrame, str]:
    """The runs that a result needs, as a table for a model that is run elsewhere.

    Write the table (``table.to_csv(path, index=False)``) and keep the ticket; when the outcomes
    of every run are there, `ingest` makes the result that `propagate` and `drivers` would have
    given, had they run the model.

    Parameters
    ----------
    space : Space or {name: Prior}
    engines : "propagate", "drivers" or both
        What is to come of it.
    size, seed, design, replicates, second_order, groups, probabilities
        As for `propagate` and `drivers`: the first takes ``replicates * size`` runs, the second
        ``replicates * size * (parameters + 2)``.
    outcomes : {outcome: unit}, optional
        What the model will return. Left out, any column may be an outcome, without unit.

    Returns
    -------
    table : pandas.DataFrame
        One row a run: `run`, its id, then the parameters in the units of their priors (a
        dirichlet as ``name[0]``, ``name[1]``, ...). No row comes twice.
    ticket : str
        JSON text with all that makes the sample again.

    Raises
    ------
    DesignError, SpaceError, ModelError, UnitError

    Examples
    --------
    >>> table, ticket = sample_table({"a": Prior("uniform", lower=0, upper=1)}, size=4)
    >>> table.shape, list(table)
    ((32, 2), ['run', 'a'])
    """
    space = as_space(space)
    check_columns(space)
    check_outcome_units(Model(Recorder(()), outcomes or {}))
    ticket = Ticket(
        priors={name: arguments(prior) for name, prior in space.priors.items()},
        correlation=[[one, two, rho] for (one, two), rho in space.correlation.items()],
        engines=known_engines(engines),
        size=plain(size),
        seed=plain(seed),
        replicates=plain(replicates),
        design=design,
        second_order=bool(second_order),
        groups=listed_groups(groups),
        probabilities=checked_probabilities(probabilities),
        outcomes={name: {"unit": unit, "label": ""} for name, unit in (outcomes or {}).items()},
    )
    return issued(ticket)


def issued(ticket: Ticket) -> tuple[pd.DataFrame, str]:
    """The table of a ticket, and the ticket with its mark, number of rows and hash."""
    space = ticket.space
    table = tabled(space, recorded(ticket, space), mark := marked(ticket, space))
    return table, replace(ticket, mark=mark, rows=len(table), sha256=table_sha256(table)).text()


def recorded(ticket: Ticket, space: Remembering) -> Recorder:
    """All rows that the engines ask for."""
    recorder = Recorder(space.names)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="outcome 'y'")
        ticket.run(space, Model(recorder))
    return recorder


def tabled(space: Space, recorder: Recorder, mark: str) -> pd.DataFrame:
    """Recorded rows as a table with their ids."""
    import pandas as pd

    table = pd.DataFrame(recorder.rows, columns=list(columns(space)))
    width = max(5, len(str(len(table))))
    table.insert(0, RUN, [f"{mark}-{number:0{width}d}" for number in range(1, len(table) + 1)])
    return table


def marked(ticket: Ticket, space: Remembering) -> str:
    """What the ids of a sample begin with: a letter and the start of a hash.

    Of points and priors, not of values, whose last bits may differ between machines.
    """
    parts = [space.points.hexdigest(), ticket.priors, ticket.correlation, ticket.engines]
    text = json.dumps(parts, sort_keys=True)
    return "s" + hashlib.sha256(text.encode()).hexdigest()[: MARK - 1]


def table_sha256(table: pd.DataFrame) -> str:
    """Hash of the ids and values of a table."""
    values = np.ascontiguousarray(table.drop(columns=RUN).to_numpy(dtype=np.float64))
    texts = "\n".join([*map(str, table.columns), *map(str, table[RUN])])
    return hashlib.sha256(texts.encode() + values.tobytes()).hexdigest()


def columns(space: Space) -> dict[str, str]:
    """Columns of the table, and the parameter of each: a share of a dirichlet is ``name[0]``."""
    return {
        key: name
        for name, prior in space.priors.items()
        for key in ([name] if prior.size == 1 else [f"{name}[{i}]" for i in range(prior.size)])
    }


def check_columns(space: Space) -> None:
    """Raise `SpaceError` for parameters that the table could not tell apart."""
    faults = [RUN] if RUN in space.priors else []
    shares = [f"{n}[{i}]" for n, p in space.priors.items() if p.size > 1 for i in range(p.size)]
    faults += [name for name in shares if name in space.priors]
    if faults:
        msg = f"sample_table: the parameter {listed(faults)} takes the name of another column"
        raise SpaceError(msg)


def arguments(prior: Prior) -> dict[str, Any]:
    """The arguments that make a prior again, those that a result shows included."""
    kept = {"label": prior.label, "group": prior.group, "reading": prior.reading}
    return {**prior.spec(), **{key: text for key, text in kept.items() if text}}


def known_engines(engines: str | Sequence[str]) -> tuple[str, ...]:
    """Names of engines, each once, or `DesignError`."""
    if not isinstance(engines, str | list | tuple):
        msg = f"sample_table: engines are names, {listed(ENGINES)}, got {engines!r}"
        raise DesignError(msg)
    names = (engines,) if isinstance(engines, str) else tuple(dict.fromkeys(engines))
    unknown = [name for name in names if name not in ENGINES]
    if unknown or not names:
        near = suggestion(str(unknown[0]), ENGINES) if unknown else ""
        msg = f"sample_table: no engine {listed(unknown)}; there are {listed(ENGINES)}{near}"
        raise DesignError(msg)
    return names


def listed_groups(groups: Any) -> Any:
    """Groups as JSON knows them; what is none is refused by the drivers."""
    if not isinstance(groups, Mapping):
        return groups
    return {k: names if isinstance(names, str) else list(names) for k, names in groups.items()}


def plain(number: int) -> int:
    """A whole number as JSON knows it; what is none is refused by the design."""
    return int(number) if isinstance(number, np.integer) else number
