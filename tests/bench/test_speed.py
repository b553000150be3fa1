"""Benchmarks: ratios against a peer or a bound, measured in the same process.

Run with ``uv run pytest -m bench -s``. Each number is the best of several rounds, the two
sides taken in turn so that a slow moment of the machine hits both.
"""

import subprocess
import sys
from itertools import count
from time import perf_counter

import numpy as np
import pytest
import SALib.analyze.sobol
import SALib.sample.sobol

import uncertainty as un
from uncertainty.design import BLOCK, Design
from uncertainty.pool import hold_memory
from uncertainty.reading import open_study

pytestmark = pytest.mark.bench
PARAMETERS, YEARS, POINTS = 20, 12, 2048
ALL = None


def once(function) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start


def best(*functions, rounds: int) -> list[float]:
    """Shortest time of each function over rounds in which all of them run in turn."""
    return [
        min(times)
        for times in zip(*([once(f) for f in functions] for _ in range(rounds)), strict=True)
    ]


@pytest.mark.parametrize("outcomes", [("electricity",), ("electricity", "net_effect"), ALL])
def test_energy_model_against_exp(outcomes):
    """Nanoseconds per sample-year of the energy model against one np.exp per element."""
    hold_memory()
    study = open_study("china-computing-2035")
    model = study.make_model(outcomes)
    design = Design("sobol", study.space.width, BLOCK, seed=1)
    values = study.space.at(design.points(design.first))
    array = np.random.default_rng(1).random((YEARS, BLOCK))
    run, exp = best(lambda: model.evaluate(values), lambda: np.exp(array), rounds=200)
    cells = array.size
    print(
        f"\nenergy model, outcomes {'all' if outcomes is ALL else ', '.join(outcomes)}: "
        f"{1e9 * run / cells:.0f} ns per sample-year; np.exp {1e9 * exp / cells:.2f} ns per element; "
        f"ratio {run / exp:.0f}"
    )
    assert np.isfinite(run)


def levers(x, xp=np):
    """A cheap model of 20 parameters and 12 years: (parameter, sample) to (year, sample)."""
    year = np.arange(float(YEARS))[:, None]
    level = sum((1 - 0.3 * x[i]) / (1 + xp.exp(-(year - 10 * x[i + 1]))) for i in range(0, 18, 2))
    return (1 + x[18]) * xp.exp(0.1 * x[19] * year) * level


def test_drivers_against_salib():
    """The same model and number of runs; sampling, model and analysis with 95% intervals."""
    names = [f"x{i}" for i in range(PARAMETERS)]
    priors = {name: un.Prior("uniform", lower=0, upper=1) for name in names}
    problem = {"num_vars": PARAMETERS, "names": names, "bounds": [[0, 1]] * PARAMETERS}

    seeds = count(1)  # a fresh scramble each time: nothing of the sampling is reused

    def ours():
        return un.drivers(
            lambda **x: levers(list(x.values())),
            priors,
            size=POINTS // 8,
            replicates=8,
            seed=next(seeds),
        )

    def salib(resamples):
        x = SALib.sample.sobol.sample(problem, POINTS, calc_second_order=False, seed=1)
        y = levers(np.ascontiguousarray(x.T))
        return [
            SALib.analyze.sobol.analyze(
                problem, row, calc_second_order=False, num_resamples=resamples, seed=1
            )
            for row in y
        ]

    assert ours().attrs["model_runs"] == POINTS * (PARAMETERS + 2)
    (mine,) = best(ours, rounds=7)
    for resamples in (100, 1000):
        (theirs,) = best(lambda n=resamples: salib(n), rounds=2 if resamples == 100 else 1)
        print(
            f"\ndrivers, {PARAMETERS} parameters, {YEARS} years, N = {POINTS}: {mine:.3f} s; "
            f"SALib with {resamples} resamples {theirs:.2f} s; ratio {theirs / mine:.0f}"
        )
    assert mine > 0


def test_start_up():
    """Import and --help as whole processes."""
    commands = {
        "python -c pass": ["-c", "pass"],
        "import uncertainty": ["-c", "import uncertainty"],
        "uncertainty --help": ["-m", "uncertainty", "--help"],
    }

    def process(words):
        subprocess.run([sys.executable, *words], check=True, capture_output=True)

    times = best(*(lambda w=words: process(w) for words in commands.values()), rounds=7)
    for name, time in zip(commands, times, strict=True):
        print(f"\n{name}: {time:.3f} s")
    assert min(times) > 0
