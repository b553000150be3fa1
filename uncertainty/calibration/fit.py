"""Fit: draws of a graph's scores by NUTS, one fit for each combination of choices."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from uncertainty.arrays import Array, Numbers
from uncertainty.design import Batch, Block
from uncertainty.door import Door
from uncertainty.errors import DesignError, ModelError
from uncertainty.interrupts import insisted
from uncertainty.names import suggestion
from uncertainty.tally import Keep, Table

if TYPE_CHECKING:
    from uncertainty.calibration.graph import Graph

#: Told what a calibration is about to do.
Teller = Callable[[str], None]
#: A fit with divergences is sampled again with smaller steps, so often in all, each time with so
#: much less missing to an acceptance of 1.
ATTEMPTS, CLOSER = 3, 4.0
#: Growth of work and gain of hardware are known by their difference only: a mass matrix of low
#: rank takes half the steps of a diagonal one on such ridges, and gives twice the draws' worth.
ADAPTATION = "low_rank"
#: Draws of all chains, at least: fewer cannot tell what leaving a row out does.
FEWEST = 25
#: Combinations of choices that are fitted, at most.
MOST_STRUCTURES = 64


@dataclass(frozen=True)
class Settings:
    """How to sample.

    Attributes
    ----------
    draws, tune, chains : int
        Draws kept and thrown away of each chain, and chains.
    seed : int
    sampler : str
        One of `SAMPLERS`.
    target_accept : float
        Acceptance that the step size is tuned to at first, see `patient`.
    keep : int, optional
        Draws of each chain that go on into the result, evenly spaced; all of them if not given.
    """

    draws: int = 1000
    tune: int = 1000
    chains: int = 4
    seed: int = 1
    sampler: str = "nutpie"
    target_accept: float = 0.95
    keep: int | None = None

    def __post_init__(self) -> None:
        least = {"draws": 4, "tune": 1, "chains": 1, "seed": 0}
        for name, low in least.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
                msg = f"{name} must be a whole number of at least {low}, got {value!r}"
                raise DesignError(msg)
        if self.keep is not None and self.keep * self.chains < FEWEST:
            msg = f"keep={self.keep} of {self.chains} chains: a posterior needs at least {FEWEST}"
            raise DesignError(msg)
        if self.draws * self.chains < FEWEST:
            msg = (
                f"draws={self.draws} of chains={self.chains} make {self.draws * self.chains} in "
                f"all; a posterior needs at least {FEWEST}"
            )
            raise DesignError(msg)
        if not isinstance(self.sampler, str) or self.sampler not in SAMPLERS:
            near = suggestion(str(self.sampler), SAMPLERS)
            msg = f"sampler must be one of {', '.join(SAMPLERS)}, got {self.sampler!r}{near}"
            raise DesignError(msg)
        accept = self.target_accept
        if not isinstance(accept, int | float | np.number) or not 0 < accept < 1:
            msg = f"target_accept must lie between 0 and 1, got {self.target_accept!r}"
            raise DesignError(msg)

    @property
    def kept(self) -> Numbers:
        """(keep,) which draws of each chain go on."""
        keep = self.draws if self.keep is None else min(self.keep, self.draws)
        return np.arange(keep) * self.draws // keep

    @property
    def cores(self) -> int:
        """Chains that run side by side."""
        count = getattr(os, "process_cpu_count", os.cpu_count)()
        return min(self.chains, count or 1)


@dataclass(frozen=True, eq=False)
class Fit:
    """Draws of one fit.

    Attributes
    ----------
    structure : {choice: value}
        In the model's unit.
    scores : {variable: (chain, draw, ...)}
    statistics : {name: (chain, draw)}
        diverging, energy, tree_depth, step_size, acceptance_rate: what the sampler tells.
    seconds : float
        That sampling took, without compiling.
    """

    structure: Mapping[str, float]
    scores: Mapping[str, Array]
    statistics: Mapping[str, Array]
    seconds: float

    @property
    def name(self) -> str:
        """The structure as text, such as ``demand_form=1``."""
        return ", ".join(f"{name}={value:g}" for name, value in self.structure.items()) or "single"


#: Gives the draws for a seed and the graph's data: a structure, and observed values if it refits.
#: The third is a target acceptance in place of the settings'.
Runner = Callable[..., Any]


def fits(
    graph: Graph, door: Door, settings: Settings, tell: Teller, journal: Any = None
) -> Iterator[Fit]:
    """One fit for each combination of the choices; those in a journal are taken from there."""
    structures = combinations(graph, door)
    seeds = np.random.SeedSequence(settings.seed).generate_state(len(structures))
    run: Runner | None = None
    for number, (structure, seed) in enumerate(zip(structures, seeds, strict=True)):
        item = Batch((Block(number, 0, 1),))
        kept = None if journal is None else journal.recall(item)
        if kept is not None:
            yield from_table(structure, kept)
            continue
        if run is None:
            tell("compiling the model")
            run = SAMPLERS[settings.sampler](graph, settings)
        tell(f"sampling {number + 1} of {len(structures)}")
        start = perf_counter()
        trace = patient(run, structure, int(seed), settings.target_accept, tell)
        scores, statistics = drawn(trace)
        fit = Fit(structure, scores, statistics, perf_counter() - start)
        if journal is not None:
            journal.record(item, to_table(fit))
        yield fit


def patient(
    run: Runner, data: Mapping[str, float | Array], seed: int, target: float, tell: Teller
) -> Any:
    """A trace without divergences, if smaller steps bring one about."""
    for attempt in range(ATTEMPTS):
        trace = sampled(run, data, seed + attempt, target)
        diverged = int(trace["sample_stats"]["diverging"].sum())
        if not diverged or attempt == ATTEMPTS - 1:
            break
        target = 1 - (1 - target) / CLOSER
        tell(f"{diverged} steps diverged; sampling again with target_accept = {target:.4g}")
    return trace


def sampled(
    run: Runner, data: Mapping[str, float | Array], seed: int, target: float | None = None
) -> Any:
    """A trace; `ModelError` where the sampler finds no place to begin."""
    try:
        return run(data, seed, target)
    except RuntimeError as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        msg = (
            "sampling could not begin: near the medians of the priors the model or its gradient "
            f"is not a finite number, or an observation impossible (the sampler says: {said})"
        )
        raise ModelError(msg) from error


def to_table(fit: Fit) -> Table:
    """A fit as a table that a journal keeps."""
    parts: dict[Hashable, Any] = {
        ("score", name): Keep.of(value) for name, value in fit.scores.items()
    }
    parts |= {("statistic", name): Keep.of(value) for name, value in fit.statistics.items()}
    return Table.of({**parts, ("seconds", ""): Keep.of(np.array([fit.seconds]))})


def from_table(structure: Mapping[str, float], table: Table) -> Fit:
    """The fit that `to_table` made a table of."""
    found = table.result()
    kinds: dict[str, dict[str, Array]] = {"score": {}, "statistic": {}, "seconds": {}}
    for key, value in found.items():
        kind, name = cast("tuple[str, str]", key)
        kinds[kind][name] = value
    seconds = float(kinds["seconds"][""][0])
    return Fit(structure, kinds["score"], kinds["statistic"], seconds)


def combinations(graph: Graph, door: Door) -> list[dict[str, float]]:
    """All combinations of the graph's choices, in the model's units."""
    values = []
    for name in graph.choices:
        found = door.space.priors[name].parameters["values"]
        assert isinstance(found, tuple)
        values.append([value * door.factors.get(name, 1.0) for value in found])
    made = [dict(zip(graph.choices, combination, strict=True)) for combination in product(*values)]
    if len(made) > MOST_STRUCTURES:
        msg = (
            f"{len(made)} combinations of the choices {', '.join(graph.choices)} would be fitted "
            f"one by one; at most {MOST_STRUCTURES} are allowed: fix some of them"
        )
        raise DesignError(msg)
    return made


def drawn(trace: Any) -> tuple[dict[str, Array], dict[str, Array]]:
    """Scores and statistics of a trace."""
    posterior, told = (trace[group].to_dataset() for group in ("posterior", "sample_stats"))
    scores = {str(name): array.values for name, array in posterior.data_vars.items()}
    kept = {
        new: told[old].values.astype(float)
        for old, new in STATISTICS.items()
        if old in told and told[old].dims == ("chain", "draw")
    }
    return scores, kept


STATISTICS = {
    "diverging": "diverging",
    "energy": "energy",
    "depth": "tree_depth",
    "tree_depth": "tree_depth",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "mean_tree_accept": "acceptance_rate",
    "acceptance_rate": "acceptance_rate",
    "maxdepth_reached": "reached_max_treedepth",
    "reached_max_treedepth": "reached_max_treedepth",
}
"""What a sampler calls it -> what ArviZ calls it."""


def nutpie(graph: Graph, settings: Settings) -> Runner:
    """NUTS by nutpie: compiled once, its data changed for each structure."""
    import nutpie as sampler

    with insisted():
        compiled = sampler.compile_pymc_model(
            graph.model, freeze_model=not (graph.choices or graph.refits)
        )

    def run(data: Mapping[str, float | Array], seed: int, target: float | None = None) -> Any:
        arrays = {name: np.atleast_1d(value) for name, value in data.items()}
        chosen = compiled.with_data(**arrays) if arrays else compiled
        going = sampler.sample(
            chosen,
            draws=settings.draws,
            tune=settings.tune,
            chains=settings.chains,
            cores=settings.cores,
            seed=seed,
            save_warmup=False,
            progress_bar=False,
            blocking=False,
            target_accept=target or settings.target_accept,
            adaptation=ADAPTATION,
        )
        try:
            return going.wait()
        except BaseException:
            going.cancel()
            raise

    return run


def pymc(graph: Graph, settings: Settings) -> Runner:
    """PyMC's own NUTS."""
    import pymc as pm

    def run(data: Mapping[str, float | Array], seed: int, target: float | None = None) -> Any:
        with graph.model:
            pm.set_data({name: np.atleast_1d(value) for name, value in data.items()})
            return pm.sample(
                draws=settings.draws,
                tune=settings.tune,
                chains=settings.chains,
                cores=1,
                random_seed=seed,
                target_accept=target or settings.target_accept,
                nuts_sampler="pymc",
                progressbar=False,
                quiet=True,
                compute_convergence_checks=False,
            )

    return run


SAMPLERS: dict[str, Callable[[Graph, Settings], Runner]] = {"nutpie": nutpie, "pymc": pymc}
"""Name -> what compiles a graph and gives its runner."""
