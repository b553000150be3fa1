"""Benchmarks: ratios against a peer or a bound, measured in the same process.

Run with ``uv run pytest -m bench -s``. Each number is the best of several rounds, the two
sides taken in turn so that a slow moment of the machine hits both.
"""

import subprocess
import sys
from itertools import count
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import SALib.analyze.sobol
import SALib.sample.sobol

import uncertainty as un
from uncertainty import cases
from uncertainty.design import BLOCK, Design
from uncertainty.model import Model
from uncertainty.pool import hold_memory
from uncertainty.reading import open_study

pytestmark = pytest.mark.bench
PARAMETERS, YEARS = 20, 12
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


PROBLEM = {
    "num_vars": PARAMETERS,
    "names": [f"x{i}" for i in range(PARAMETERS)],
    "bounds": [[0, 1]] * PARAMETERS,
}
PRIORS = {name: un.Prior("uniform", lower=0, upper=1) for name in PROBLEM["names"]}


def named(**x):
    """The same model as a function of named parameters."""
    return levers(list(x.values()))


class Recorded:
    """A model whose outcomes are at hand: it gives back, call by call, what it gave before."""

    def __init__(self, function):
        self.function, self.outcomes, self.calls = function, [], None

    def __call__(self, **x):
        if self.calls is None:
            self.outcomes.append(self.function(**x))
            return self.outcomes[-1]
        return next(self.calls)

    def again(self):
        self.calls = iter(self.outcomes)


def salib_sample(points):
    return SALib.sample.sobol.sample(PROBLEM, points, calc_second_order=False, seed=1)


def salib_analysis(y, resamples):
    return [
        SALib.analyze.sobol.analyze(
            PROBLEM, row, calc_second_order=False, num_resamples=resamples, seed=1
        )
        for row in y
    ]


@pytest.mark.parametrize("points", [2048, 8192])
def test_drivers_against_salib(points):
    """The same model and base points; sampling, model and analysis with 95% intervals."""
    seeds = count(1)  # a fresh scramble each time: nothing of the sampling is reused

    def ours():
        return un.drivers(named, PRIORS, size=points // 8, replicates=8, seed=next(seeds))

    def salib(resamples):
        return salib_analysis(levers(np.ascontiguousarray(salib_sample(points).T)), resamples)

    assert ours().attrs["model_runs"] == points * (PARAMETERS + 2)
    (mine,) = best(ours, rounds=7)
    for resamples in (100, 1000):
        (theirs,) = best(lambda n=resamples: salib(n), rounds=1)
        print(
            f"\ndrivers, {PARAMETERS} parameters, {YEARS} years, N = {points}, end to end: "
            f"{mine:.3f} s; SALib with {resamples} resamples {theirs:.2f} s; "
            f"ratio {theirs / mine:.0f}"
        )
    assert mine > 0


def test_analysis_against_salib():
    """All outcomes at hand: what is left is our sampling and analysis, and SALib's analysis."""
    points = 8192
    model = Recorded(named)
    parameters = list(PRIORS)
    declared = Model(model, {"y": "1"}, {"y": ("t",)}, {"t": range(YEARS)}, parameters=parameters)

    def ours():
        if model.outcomes:
            model.again()
        return un.drivers(declared, PRIORS, size=points // 8, replicates=8, seed=1)

    ours()
    (mine,) = best(ours, rounds=7)
    y = levers(np.ascontiguousarray(salib_sample(points).T))
    (theirs,) = best(lambda: salib_analysis(y, 1000), rounds=1)
    print(
        f"\nanalysis, {PARAMETERS} parameters, {YEARS} outcomes, N = {points}: {mine:.3f} s with "
        f"our sampling; SALib's analysis alone with 1000 resamples {theirs:.1f} s; "
        f"ratio {theirs / mine:.0f}"
    )
    assert mine > 0


def test_errors_and_widths_against_salib():
    """Public cases, N = 8,192: error of S1 and half-width of its interval at equal base points."""
    names = ("ishigami", "G", "G A2", "lognormal")
    found = cases.coverage(names, seeds=40, size=1024)
    both = found.merge(cases.beside_salib(names, seeds=40, size=1024), on=["case", "index"])
    for row in both.itertuples():
        print(
            f"\n{row.case}, {row.index}: error {row.rmse:.2g} in {row.runs:,} runs, SALib "
            f"{row.salib_rmse:.2g} in {row.salib_runs:,}, ratio {row.rmse / row.salib_rmse:.2f}; "
            f"half-width {row.half_width:.2g} and {row.salib_half_width:.2g}, "
            f"ratio {row.half_width / row.salib_half_width:.3f}; coverage {row.coverage:.3f}"
        )
    assert len(both) == 2 * len(names)


GROWTH = """
import re, sys
sys.path.insert(0, sys.argv[2])
from tests.bench.test_speed import PRIORS, named
import uncertainty as un
un.drivers(named, PRIORS, size=int(sys.argv[1]) // 8)
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024)
"""


def test_memory_does_not_grow_with_the_number_of_points():
    """Peak memory of whole processes, N = 2^12 against 2^20: 20 parameters, 12 outcomes."""
    root = str(Path(__file__).parents[2])
    peaks = [
        float(
            subprocess.run(
                [sys.executable, "-W", "ignore", "-c", GROWTH, str(points), root],
                check=True, capture_output=True, text=True, cwd=root,
            ).stdout
        )
        for points in (2**12, 2**20)
    ]  # fmt: skip
    print(f"\npeak memory: {peaks[0]:.0f} MB at 2^12 points, {peaks[1]:.0f} MB at 2^20")
    assert min(peaks) > 0


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
