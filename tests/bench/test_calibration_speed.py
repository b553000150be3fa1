"""Effective draws a second of a calibration against PyMC's own on the same model.

Run with ``uv run pytest -m bench -s``. The model has a ridge that such models have: growth of work
and gain of hardware are known by their difference only. An effective draw is one of the parameter
that has the fewest (bulk). PyMC gets the model as its users write it: natural parameters, biases
not centred, ``pm.sample()`` with its defaults (as many chains as cores, two at least), and with
our number of chains. Both sides compile a first model before the clock
starts, since whoever comes first pays for the start of the compiler.
"""

from __future__ import annotations

import json
import logging
import warnings
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

import uncertainty as un
import uncertainty.calibration.fit as fit_room
from uncertainty.calibration.fit import SAMPLERS, Settings, drawn
from uncertainty.calibration.graph import graph
from uncertainty.calibration.run import calibrate, prepared

pytestmark = pytest.mark.bench

YEARS = np.arange(2013, 2025)
PRIORS = {
    "base": un.Prior("lognormal", mu=np.log(40), sigma=0.2),
    "growth": un.Prior("normal", mu=0.30, sigma=0.08),
    "late_growth": un.Prior("normal", mu=0.15, sigma=0.06),
    "half_life": un.Prior("lognormal", mu=np.log(5), sigma=0.4),
    "gain": un.Prior("normal", mu=0.18, sigma=0.06),
    "pue": un.Prior("beta", alpha=2, beta=3, support=(1.1, 1.8)),
    "share": un.Prior("beta", alpha=4, beta=8),
    "saving": un.Prior("uniform", lower=0, upper=0.5),
    "elasticity": un.Prior("uniform", lower=0.2, upper=1.2),
}
#: Seeds whose median is told; PyMC's own sampler takes too long for more than one.
SEEDS = {"nutpie": (1, 2, 3), "pymc": (1,)}
SOURCES = {"office": (0.0, 0.05), "academy": (0.15, 0.06), "agency": (0.2, 0.08)}


def electricity(base, growth, late_growth, half_life, gain, pue, share, saving, elasticity, *, xp):
    age = np.arange(float(len(YEARS)))[:, None]
    fade = half_life / np.log(2) * (1 - xp.exp(-age * np.log(2) / half_life))
    work = late_growth * age + (growth - late_growth) * fade - gain * age
    lever = 1 - share * saving / (1 + xp.exp(4 - age))
    return base * pue / 1.4 * xp.exp(work) * lever ** (1 - elasticity)


@un.model(
    outcomes={"electricity": "1"}, dims={"electricity": ("year",)}, coords={"year": YEARS.tolist()}
)
def model(base, growth, late_growth, half_life, gain, pue, share, saving, elasticity, *, xp):
    return {"electricity": electricity(base, growth, late_growth, half_life, gain, pue, share,
                                       saving, elasticity, xp=xp)}  # fmt: skip


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    truth = 40 * np.exp(0.11 * np.arange(12) - 0.002 * np.arange(12) ** 2)
    off = {"office": 0.0, "academy": 0.12, "agency": -0.15}
    years = {"office": range(9), "academy": range(5, 12), "agency": range(6, 12, 2)}
    return pd.DataFrame(
        {
            "outcome": "electricity",
            "year": int(YEARS[i]),
            "value": truth[i] * np.exp(off[source] + SOURCES[source][1] * rng.standard_normal()),
            "unit": "1",
            "relative_error": SOURCES[source][1],
            "source": source,
            "bias_sd": SOURCES[source][0],
        }
        for source in SOURCES
        for i in years[source]
    )


def in_pymc():
    """The same model as one writes it in PyMC."""
    import pymc as pm
    import pytensor.tensor as pt

    frame = rows()
    with pm.Model() as made:
        values = {
            "base": pm.LogNormal("base", np.log(40), 0.2),
            "growth": pm.Normal("growth", 0.30, 0.08),
            "late_growth": pm.Normal("late_growth", 0.15, 0.06),
            "half_life": pm.LogNormal("half_life", np.log(5), 0.4),
            "gain": pm.Normal("gain", 0.18, 0.06),
            "pue": pm.Deterministic("pue", 1.1 + 0.7 * pm.Beta("pue_share", 2, 3)),
            "share": pm.Beta("share", 4, 8),
            "saving": pm.Uniform("saving", 0, 0.5),
            "elasticity": pm.Uniform("elasticity", 0.2, 1.2),
        }
        scale = pm.LogNormal("scale", 0, 0.5)
        z = pm.Normal("z", 0, 1, shape=2)
        bias = pt.concatenate([np.zeros(1), scale * z * np.array([0.15, 0.2])])
        level = electricity(**{n: v[None] for n, v in values.items()}, xp=pt)[:, 0]
        of_row = frame["source"].map(list(SOURCES).index).to_numpy()
        centre = pt.log(level)[(frame["year"] - YEARS[0]).to_numpy()] + bias[of_row]
        pm.Normal("seen", centre, frame["relative_error"].to_numpy(),
                  observed=np.log(frame["value"].to_numpy()))  # fmt: skip
    return made


def smallest(draws: dict[str, np.ndarray]) -> float:
    from arviz_stats.base import array_stats

    stacked = np.stack([draws[name] for name in PRIORS], axis=-1)
    return float(array_stats.ess(stacked, chain_axis=0, draw_axis=1, method="bulk").min())


def ours(sampler: str, seed: int) -> dict[str, float]:
    marks: dict[str, float] = {}
    told: list[float] = []

    def watched(trace):
        """What PyMC says that drawing took: its clock of a fit holds its compiling too."""
        told.append(trace["posterior"].attrs.get("sampling_time", np.nan))
        return drawn(trace)

    start = perf_counter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit_room, "drawn", watched)
        result = calibrate(
            model, PRIORS, un.Evidence(rows()), sampler=sampler, seed=seed,
            tell=lambda words: marks.setdefault(words.split()[0], perf_counter()),
        )  # fmt: skip
    whole = perf_counter() - start
    fit = json.loads(result.attrs["calibration"])["sampling_seconds"]
    sample = fit if np.isnan(told[0]) else told[0]
    compiling = marks["sampling"] - start + fit - sample
    return summed(result, {"compile": compiling, "sample": sample, "whole": whole})


def theirs(sampler: str, seed: int, **chains: int) -> dict[str, float]:
    import pymc as pm

    start = perf_counter()
    with in_pymc():
        trace = pm.sample(
            nuts_sampler=sampler, progressbar=False, quiet=True, random_seed=seed, **chains
        )
    whole = perf_counter() - start
    sampling = float(trace["posterior"].attrs["sampling_time"])
    return summed(trace, {"compile": whole - sampling, "sample": sampling, "whole": whole})


def summed(tree, seconds: dict[str, float]) -> dict[str, float]:
    """Seconds with what was drawn in them."""
    draws = tree["posterior"].to_dataset()
    return seconds | {
        "rest": seconds["whole"] - seconds["compile"] - seconds["sample"],
        "ess": smallest({name: draws[name].values for name in PRIORS}),
        "chains": draws.sizes["chain"],
        "mean": float(draws["base"].mean()),
        "sd": float(draws["base"].std()),
    }


def in_turn(sampler: str, seeds: tuple[int, ...]) -> list[dict[str, float]]:
    """Ours, PyMC's, and PyMC's with as many chains as ours, seed by seed so that load hits all."""
    sides = (ours, theirs, lambda sampler, seed: theirs(sampler, seed, chains=4))
    every = [[side(sampler, seed) for side in sides] for seed in seeds]
    return [middle(list(found)) for found in zip(*every, strict=True)]


def middle(every: list[dict[str, float]]) -> dict[str, float]:
    """Median of each number over some seeds."""
    return {name: float(np.median([found[name] for found in every])) for name in every[0]}


def warm_up() -> None:
    import pymc as pm

    first = pd.DataFrame({"outcome": "y", "value": [1.0], "unit": "1", "error": 1.0, "source": "a"})
    calibrate(lambda mu: mu, {"mu": un.Prior("normal", mu=0, sigma=1)}, un.Evidence(first))
    with pm.Model():
        pm.Normal("y", pm.Beta("mu", 2, 3), 1, observed=[1.0])
        pm.sample(progressbar=False, quiet=True)


def line(name: str, found: dict[str, float]) -> None:
    print(
        f"{name:<20}{found['compile']:9.1f}{found['sample']:10.2f}{found['rest']:7.1f}"
        f"{found['whole']:8.1f}{found['ess']:9.0f}{found['ess'] / found['sample']:12.0f}"
        f"{found['ess'] / found['whole']:12.0f}"
    )


def test_effective_draws_a_second_against_pymc():
    logging.getLogger("pymc").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warm_up()
        both = {sampler: in_turn(sampler, seeds) for sampler, seeds in SEEDS.items()}
    print(f"\n{'':<20}  compile    sample   rest   whole  min ESS  ESS/s drawn  ESS/s whole")
    for sampler, (mine, *others) in both.items():
        line(f"ours, {sampler}", mine)
        for other in others:
            line(f"PyMC, {sampler}, {other['chains']:.0f} ch.", other)
            drawing, whole = (
                mine["ess"] / mine[part] / (other["ess"] / other[part])
                for part in ("sample", "whole")
            )
            print(f"  ours to this in ESS/s: drawing {drawing:.2f}, whole call {whole:.2f}")
            error = 6 * other["sd"] / np.sqrt(min(mine["ess"], other["ess"]))
            assert abs(mine["mean"] - other["mean"]) < error  # the same posterior


def test_low_rank_mass_matrix_against_diagonal(monkeypatch):
    door, measurement, names = prepared(model, PRIORS, un.Evidence(rows()))
    made = graph(door, measurement, names)
    run = SAMPLERS["nutpie"](made, Settings())
    print()
    found = {}
    for adaptation in ("diag", "low_rank"):
        monkeypatch.setattr(fit_room, "ADAPTATION", adaptation)
        rates, steps, lows = [], [], []
        for seed in (1, 2, 3, 4, 5):
            start = perf_counter()
            scores, statistics = drawn(run({}, seed))
            seconds = perf_counter() - start
            draws = scores["score"]
            lows.append(smallest({n: draws[..., i] for i, n in enumerate(PRIORS)}))
            rates.append(lows[-1] / seconds)
            steps.append(float(statistics["n_steps"].mean()))
        found[adaptation] = float(np.median(rates))
        print(f"{adaptation:<10} min ESS {np.median(lows):5.0f}  steps a draw {np.mean(steps):5.1f}  "
              f"ESS a second {found[adaptation]:6.0f}")  # fmt: skip
    print(f"low rank to diagonal: {found['low_rank'] / found['diag']:.2f}")
    assert min(found.values()) > 0
