"""Methods: SALib's ways to screen parameters as one table, and what each may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from uncertainty.design import MOST_SEED
from uncertainty.errors import DesignError, SpaceError
from uncertainty.names import listed, suggestion
from uncertainty.space import Space

#: Points stay inside the cube.
INSIDE = (2.0**-54, 1 - 2.0**-53)
#: Settings below which there is no spread, and no interval.
LEAST = {"num_resamples": 2, "S": 2, "K": 2}
#: Settings of which the size must be a multiple, and how large a one.
SHARES = {"S": 10, "M": 8}


@dataclass(frozen=True)
class Method:
    """One of SALib's methods.

    Attributes
    ----------
    sampler, analyser : str
        Modules of `SALib.sample` and `SALib.analyze`.
    variables : {our name: SALib's names}
        The first name that the installed SALib knows is taken.
    intervals : tuple of str
        Those of `variables` that SALib gives an interval (``_conf``).
    size, least : int
        Default size; the smallest that makes sense.
    dependent : bool
        Whether the answer means something for dependent parameters.
    options : {option: default}
        What may be set; `sampled` of these go to the sampler too, `ours` not to SALib at all.
    source : str
    note : str
        What a reader should know of the numbers.
    fewest : int
        Uncertain parameters that it needs.
    """

    sampler: str
    analyser: str
    variables: Mapping[str, tuple[str, ...]]
    intervals: tuple[str, ...]
    size: int
    least: int
    dependent: bool
    options: Mapping[str, Any]
    source: str
    note: str
    sampled: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    fewest: int = 1


METHODS: dict[str, Method] = {
    "morris": Method(
        "morris", "morris",
        {name: (name,) for name in ("mu_star", "mu", "sigma")}, ("mu_star",),
        64, 2, False, {"num_levels": 4, "tail": 0.01, "num_resamples": 1000},
        "Morris 1991, doi:10.1080/00401706.1991.10484804; Campolongo, Cariboni and Saltelli 2007, "
        "doi:10.1016/j.envsoft.2006.10.004",
        "effects are changes of the outcome per unit of a parameter's probability, over steps of "
        "more than half of it; interval by bootstrap over trajectories",
        sampled=("num_levels",), ours=("tail",),
    ),
    "pawn": Method(
        "latin", "pawn",
        {"median": ("median",), "mean": ("mean",), "CV": ("CV",), "min": ("minimum",),
         "max": ("maximum",)}, (),
        2048, 100, True, {"S": 10},
        "Pianosi and Wagener 2015, doi:10.1016/j.envsoft.2015.01.004; 2018, "
        "doi:10.1016/j.envsoft.2018.07.019",
        "depends on the number of classes S and on the size, and is above 0 for a parameter "
        "without influence: screening only, compare with a parameter that cannot matter",
    ),
    "delta": Method(
        "latin", "delta",
        {"delta": ("delta_raw", "delta"), "S1": ("S1",)}, ("delta", "S1"),
        1024, 256, True, {"num_resamples": 100},
        "Borgonovo 2007, doi:10.1016/j.ress.2006.04.015; Plischke, Borgonovo and Smith 2013, "
        "doi:10.1016/j.ejor.2012.11.047",
        "interval by bootstrap; S1 rests on few classes (6 at 1024 points), which makes it too low "
        "for a parameter that acts up and down, and the interval does not say so",
    ),
    "rbd_fast": Method(
        "latin", "rbd_fast",
        {"S1": ("S1",)}, ("S1",),
        2048, 128, False, {"M": 10, "num_resamples": 100},
        "Tarantola, Gatelli and Mara 2006, doi:10.1016/j.ress.2005.06.003; Tissot and Prieur "
        "2012, doi:10.1016/j.ress.2012.06.010",
        "interval by bootstrap on halves of the sample, so that it is about 1.4 times too wide",
    ),
    "hdmr": Method(
        "latin", "hdmr",
        {name: (name,) for name in ("Sa", "Sb", "S", "ST")}, ("Sa", "Sb", "S", "ST"),
        1024, 300, False, {"maxorder": 2, "maxiter": 100, "m": 2, "K": 20, "lambdax": 0.01},
        "Li, Rabitz, Yelvington, Oluwole, Bacon, Kolb and Schoendorf 2010, "
        "doi:10.1021/jp9096919",
        "of a surrogate of B-splines, whose own error no interval holds; interval by K fits to "
        "halves of the sample",
        fewest=2,
    ),
}  # fmt: skip
"""Method -> sampler, analyser and variables."""


def known_method(name: str) -> Method:
    """A method by name, or `DesignError` with the nearest."""
    if name not in METHODS:
        near = suggestion(str(name), METHODS)
        msg = f"screen: unknown method {name!r}; there are {listed(METHODS)}{near}"
        raise DesignError(msg)
    return METHODS[name]


def checked_options(name: str, method: Method, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Options that the method has; `DesignError` for others."""
    for key, value in options.items():
        if key not in method.options:
            near = suggestion(key, method.options)
            msg = f"screen: {name} has no option {key!r}; it has {listed(method.options)}{near}"
            raise DesignError(msg)
        whole = isinstance(method.options[key], int)
        least = LEAST.get(key, 1 if whole else 0)
        if not is_number(value, whole) or not value >= least:
            wanted = f"a {'whole ' * whole}number of at least {least}"
            msg = f"screen: {key} of {name} must be {wanted}, got {value!r}"
            raise DesignError(msg)
    return options


def is_number(value: Any, whole: bool) -> bool:
    """Whether a value is a number, a whole one where that is asked for."""
    kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
    return isinstance(value, kinds) and not isinstance(value, bool)


def checked_size(name: str, method: Method, size: int) -> int:
    """A size that is large enough for the method."""
    if not is_number(size, whole=True) or size < method.least:
        what = "trajectories" if method.sampler == "morris" else "points"
        msg = f"screen: {name} needs at least {method.least} {what}, got size={size!r}"
        raise DesignError(msg)
    return int(size)


def check_shares(name: str, settings: Mapping[str, Any], size: int) -> None:
    """Raise `DesignError` for more classes or harmonics than the points can carry."""
    for key, each in SHARES.items():
        if key in settings and settings[key] * each > size:
            msg = (
                f"screen: {name} with {key}={settings[key]} needs at least "
                f"{settings[key] * each} points, got size={size}"
            )
            raise DesignError(msg)


def check_seed(seed: int) -> None:
    """Raise `DesignError` for a seed that is none."""
    if not is_number(seed, whole=True) or not 0 <= seed < MOST_SEED:
        msg = f"screen: seed must be a whole number of at least 0 and below 2^63, got {seed!r}"
        raise DesignError(msg)


def check_space(space: Space, name: str, method: Method) -> None:
    """Raise `SpaceError` for dependent parameters, and too few, where the method cannot."""
    shares = [n for n, prior in space.priors.items() if prior.width > 1]
    faults = [f"{listed(cluster)} are correlated" for cluster in space.clusters]
    faults += [f"the shares of {n!r} (dirichlet) depend on each other" for n in shares]
    if faults and not method.dependent:
        able = listed(n for n, other in METHODS.items() if other.dependent)
        msg = (
            f"screen: {name} needs independent parameters, but {'; '.join(faults)}; "
            f"use un.shapley, or screen by {able}"
        )
        raise SpaceError(msg)
    if len(space.uncertain) < method.fewest:
        msg = f"screen: {name} needs at least {method.fewest} uncertain parameters, got 1"
        raise SpaceError(msg)


def check_levels(space: Space, levels: int, tail: float) -> None:
    """Raise `DesignError` for a grid of morris that does not fit the priors."""
    if levels < 2 or levels % 2:
        msg = f"screen: num_levels of morris must be an even number of at least 2, got {levels}"
        raise DesignError(msg)
    endless = [n for n, p in space.priors.items() if not np.isfinite(p.support).all()]
    if not tail < 0.5 or (tail == 0 and endless):
        why = f", and above 0 since {listed(endless)} can be infinite" if endless else ""
        msg = f"screen: tail of morris must lie below 0.5{why}; got {tail}"
        raise DesignError(msg)
    grid = np.clip(np.linspace(tail, 1 - tail, levels), *INSIDE)
    for name in space.uncertain:
        prior = space.priors[name]
        values = prior.parameters.get("values", ()) if prior.family == "choice" else ()
        missed = [v for v in np.ravel(values).tolist() if v not in prior.ppf(grid)]
        if missed:
            msg = (
                f"screen: with num_levels={levels} morris never meets the values "
                f"{listed(missed)} of the choice {name!r}; raise num_levels, or screen by pawn"
            )
            raise DesignError(msg)
