"""Cases: public models whose sensitivity indices are known in closed form.

They hold the engine to its word: `table` sets each index beside its exact value, `coverage`
repeats that over many seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import DesignError
from uncertainty.model import Model
from uncertainty.names import listed, suggestion
from uncertainty.prior import Prior
from uncertainty.space import Space

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True)
class Case:
    """A model, its priors, and the exact values of its indices.

    Attributes
    ----------
    model : Model or callable
    space : Space
    exact : {index: (parameter,)}
        By the name of the index in the result.
    smooth : bool
        Whether the model has no kinks.
    source : str
    """

    model: Model | Callable[..., Any]
    space: Space
    exact: Mapping[str, Array]
    smooth: bool
    source: str

    @property
    def dependent(self) -> bool:
        """Whether parameters are correlated."""
        return bool(self.space.correlation)


def ishigami() -> Case:
    """Ishigami and Homma (1990): sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1."""
    a, b, p = 7.0, 0.1, np.pi

    def model(x1: Array, x2: Array, x3: Array) -> Array:
        return np.sin(x1) + a * np.sin(x2) ** 2 + b * x3**4 * np.sin(x1)

    v1, v2, v13 = 0.5 * (1 + b * p**4 / 5) ** 2, a**2 / 8, 8 * b**2 * p**8 / 225
    parts = {"S1": (v1, v2, 0.0), "ST": (v1 + v13, v2, v13)}
    exact = {name: np.array(part) / (v1 + v2 + v13) for name, part in parts.items()}
    priors = {f"x{i}": Prior("uniform", lower=-p, upper=p) for i in (1, 2, 3)}
    return Case(model, Space(priors), exact, True, "Ishigami and Homma 1990")


def sobol_g(a: Sequence[float]) -> Case:
    """Sobol' (1993): the product of (|4 x - 2| + a) / (1 + a), which has kinks."""
    names = [f"x{i + 1}" for i in range(len(a))]

    def factors(**x: Array) -> Array:
        each = [(np.abs(4 * x[n] - 2) + k) / (1 + k) for n, k in zip(names, a, strict=True)]
        return np.prod(each, axis=0)

    model = Model(factors, {"y": "1"}, parameters=tuple(names))
    exact = products(1 / 3 / (1 + np.array(a)) ** 2)
    space = Space({name: Prior("uniform", lower=0, upper=1) for name in names})
    return Case(model, space, exact, False, "Sobol' 1993")


def lognormal_product() -> Case:
    """Product of exp(sd z): each factor has the squared coefficient of variation exp(sd^2) - 1."""
    sds = (0.05, 0.1, 0.15, 0.2, 0.3)
    names = [f"x{i + 1}" for i in range(len(sds))]

    def product(**x: Array) -> Array:
        return np.prod([x[name] for name in names], axis=0)

    model = Model(product, {"y": "1"}, parameters=tuple(names))
    priors = {n: Prior("lognormal", mu=0, sigma=sd) for n, sd in zip(names, sds, strict=True)}
    return Case(model, Space(priors), products(np.expm1(np.square(sds))), True, "closed form")


def products(variances: Array) -> dict[str, Array]:
    """Indices of a product of independent factors of mean 1."""
    whole = np.prod(1 + variances) - 1
    total = variances * np.prod(1 + variances) / (1 + variances)
    return {"S1": variances / whole, "ST": total / whole}


def functional_polynomial() -> Case:
    """x1 + t x2 + t^2 x1 x3 at 21 times from 0 to 2; indices of all times together."""
    times = np.linspace(0, 2, 21).round(1)

    def path(x1: Array, x2: Array, x3: Array) -> dict[str, Array]:
        t = times[:, None]
        return {"y": x1 + t * x2 + t**2 * x1 * x3}

    model = Model(path, {"y": "1"}, {"y": ("t",)}, {"t": times.tolist()})
    one, two, both = (float(np.sum(v)) for v in (times**0 / 3, times**2 / 3, times**4 / 9))
    parts = {"aggregate_S1": (one, two, 0.0), "aggregate_ST": (one + both, two, both)}
    exact = {name: np.array(part) / (one + two + both) for name, part in parts.items()}
    space = Space({name: Prior("uniform", lower=-1, upper=1) for name in ("x1", "x2", "x3")})
    return Case(model, space, exact, True, "Gamboa, Janon, Klein and Lagnoux 2014, closed form")


def correlated_sum(rho: float) -> Case:
    """x1 + x2 + x3 with sd 1, 1, 2, the last two of Pearson correlation `rho`."""
    spearman = 6 / np.pi * np.arcsin(rho / 2)
    priors = {f"x{i + 1}": Prior("normal", mu=0, sigma=s) for i, s in enumerate((1, 1, 2))}
    whole = 6 + 4 * rho
    free = 1 - rho**2
    parts = {
        "closed": (1, (1 + 2 * rho) ** 2, (2 + rho) ** 2),
        "total": (1, free, 4 * free),
    }
    exact = {name: np.array(part) / whole for name, part in parts.items()}
    exact["Sh"] = 0.5 * (exact["closed"] + exact["total"])
    space = Space(priors, {("x2", "x3"): float(spearman)})
    return Case(lambda x1, x2, x3: x1 + x2 + x3, space, exact, True, "Iooss and Prieur 2019")


CASES: Mapping[str, Callable[[], Case]] = {
    "ishigami": ishigami,
    "G": lambda: sobol_g([0, 1, 4.5, 9, 99, 99, 99, 99]),
    "G A2": lambda: sobol_g([0, 0.5, 3, 9, 99, 99]),
    "lognormal": lognormal_product,
    "functional": functional_polynomial,
    "correlated +.5": lambda: correlated_sum(0.5),
    "correlated -.5": lambda: correlated_sum(-0.5),
}


def table(
    names: Sequence[str] = (), *, size: int = 1024, seed: int = 1, **options: Any
) -> pd.DataFrame:
    """Each index of each case beside its exact value.

    Parameters
    ----------
    names : sequence of str
        Keys of `CASES`, all when empty.
    size, seed : int
    **options
        Of `drivers`; cases with dependent parameters take design and replicates only.

    Returns
    -------
    pandas.DataFrame
        case, runs, index, parameter, value, lower, upper, exact, covered.

    Raises
    ------
    DesignError
        For a case that there is not.
    """
    import pandas as pd

    return pd.DataFrame([row for name in chosen(names) for row in rows(name, size, seed, options)])


def chosen(names: Sequence[str]) -> list[str]:
    """The cases that are asked for."""
    unknown = [name for name in names if name not in CASES]
    if unknown:
        near = suggestion(unknown[0], CASES)
        msg = f"no case {listed(unknown)}; there are {listed(CASES)}{near}"
        raise DesignError(msg)
    return list(dict.fromkeys(names or CASES))


def rows(name: str, size: int, seed: int, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of one case and seed."""
    case = CASES[name]()
    found, runs = indices_of(case, size, seed, options)
    made = []
    for index, exact in case.exact.items():
        bounds = found[f"{index}_interval"].values
        for i, parameter in enumerate(found["parameter"].values):
            lower, upper = bounds[i]
            covered = bool(lower - ROUNDING <= exact[i] <= upper + ROUNDING)
            row = (name, runs, index, str(parameter), float(found[index].values[i]))
            made.append(dict(zip(COLUMNS, (*row, lower, upper, exact[i], covered), strict=True)))
    return made


#: What the exact value of a polynomial is hit by, to the last digits.
ROUNDING = 1e-9
COLUMNS = ("case", "runs", "index", "parameter", "value", "lower", "upper", "exact", "covered")


def indices_of(
    case: Case, size: int, seed: int, options: Mapping[str, Any]
) -> tuple[xr.Dataset, int]:
    """Indices of a case, by the engine that its dependence asks for, and the model runs."""
    from uncertainty.dependent import dependent_drivers
    from uncertainty.drivers import drivers

    if case.dependent:
        kept = {name: value for name, value in options.items() if name in ("design", "replicates")}
        tree = dependent_drivers(case.model, case.space, size=size, seed=seed, **kept)
        group = "dependent"
    else:
        tree, group = drivers(case.model, case.space, size=size, seed=seed, **options), "drivers"
    runs = int(tree.attrs["model_runs"]) + int(tree.attrs.get("pilot_runs", 0))
    return tree[group]["y"].to_dataset(), runs


def coverage(
    names: Sequence[str] = (),
    *,
    seeds: int = 200,
    size: int = 256,
    told: Callable[[str, int], None] = lambda name, seed: None,
    **options: Any,
) -> pd.DataFrame:
    """How often the intervals hold the exact value, over many seeds.

    Returns
    -------
    pandas.DataFrame
        One row a case and index: runs, root mean square error over parameters and seeds, mean
        half-width, share of intervals that hold the exact value.
    """
    import pandas as pd

    found = []
    for name in chosen(names):
        for seed in range(1, seeds + 1):
            found += rows(name, size, seed, options)
            told(name, seed)
    frame = pd.DataFrame(found)
    frame["square"] = (frame["value"] - frame["exact"]) ** 2
    frame["half"] = 0.5 * (frame["upper"] - frame["lower"])
    grouped = frame.groupby(["case", "index"], sort=False)
    made = grouped.agg(
        runs=("runs", "first"), rmse=("square", "mean"), half_width=("half", "mean"),
        coverage=("covered", "mean"),
    ).reset_index()  # fmt: skip
    made["rmse"] **= 0.5
    return made


def beside_salib(names: Sequence[str] = (), *, seeds: int = 20, size: int = 1024) -> pd.DataFrame:
    """Root mean square error and mean half-width of SALib's Sobol' indices on the same cases.

    As many base points as ours, so that it runs the model as often but for our pilot; 95%
    intervals by its bootstrap with 100 resamples, its default. Cases with dependent parameters or
    with dims it has no answer for.

    Returns
    -------
    pandas.DataFrame
        case, index, salib_runs, salib_rmse, salib_half_width, salib_coverage.
    """
    import pandas as pd

    made = []
    for name in chosen(names):
        case = CASES[name]()
        if "S1" not in case.exact:
            continue
        each = [salib_indices(case, 8 * size, seed) for seed in range(1, seeds + 1)]
        for index, exact in case.exact.items():
            values, halves = (np.stack([e[key] for e in each]) for key in (index, f"{index}_conf"))
            gap = np.abs(values - exact)
            runs = 8 * size * (len(case.space.names) + 2)
            row = (
                name,
                index,
                runs,
                np.sqrt(np.mean(gap**2)),
                halves.mean(),
                (gap <= halves).mean(),
            )
            made.append(row)
    ends = ("runs", "rmse", "half_width", "coverage")
    return pd.DataFrame(made, columns=["case", "index", *(f"salib_{end}" for end in ends)])


def salib_indices(case: Case, points: int, seed: int) -> Mapping[str, Array]:
    """S1, ST and their half-widths by SALib."""
    from SALib.analyze import sobol as analyser
    from SALib.sample import sobol as sampler

    names = list(case.space.names)
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    u = sampler.sample(problem, points, calc_second_order=False, scramble=True, seed=seed).T
    values = case.space.at(np.clip(u, 2.0**-54, 1 - 2.0**-53))
    y = np.asarray(case.model(**values))
    return analyser.analyze(
        problem, y, calc_second_order=False, num_resamples=100, seed=seed, print_to_console=False
    )
