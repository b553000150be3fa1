"""A calibration as a whole: seeds, interruption, and what is told when chains do not agree."""

from __future__ import annotations

import hashlib
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.calibration import known
from tests.calibration.conftest import two_space, two_structures
from uncertainty.calibration.diagnosis import diagnose
from uncertainty.calibration.fit import Settings
from uncertainty.calibration.run import calibrate, fitted, shares

FEW = Settings(draws=200, tune=200, chains=2, seed=5)


def digest(draws) -> str:
    """Of every bit of the draws of a parameter and of what was predicted."""
    return hashlib.sha256(np.ascontiguousarray(draws).tobytes()).hexdigest()


def once(seed: int):
    settings = Settings(draws=200, tune=200, chains=2, seed=seed)
    return fitted(known.level, known.one_prior(), known.five(), settings).draws.values["mu"]


def test_a_seed_gives_the_same_draws_again_and_another_seed_gives_others():
    first = once(5)
    assert digest(first) == digest(once(5))
    assert not np.isin(once(6), first).any()


def test_structures_have_streams_of_their_own():
    found = fitted(two_structures, two_space(), known.five(), FEW)
    z = [fit.scores["score"] for fit in found.fits]
    assert not np.isin(z[0], z[1]).any()


ELSEWHERE = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.calibration.test_running import digest, once
print(digest(once(5)))
"""


@pytest.mark.slow
def test_a_seed_gives_the_same_draws_in_another_process():
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-W", "ignore", "-c", ELSEWHERE, root]
    found = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
    assert found.stdout.strip() == digest(once(5))


def test_everything_in_a_result_follows_from_the_seed():
    def result():
        evidence = known.five(published="2024", vintage_sd=0.1)
        with pytest.warns(UserWarning, match="not converged"):
            return calibrate(known.level, known.one_prior(), evidence, draws=60, tune=60, chains=2)

    one, two = result(), result()
    for group in ("prior", "posterior", "posterior_predictive", "log_likelihood"):
        for name, array in one[group].data_vars.items():
            assert digest(array) == digest(two[group][name]), (group, name)


# ---- interruption ----


class Journal(dict):
    """Keeps what is recorded as another process would find it."""

    def recall(self, item):
        return pickle.loads(self[item]) if item in self else None

    def record(self, item, tally):
        self[item] = pickle.dumps(tally)


class StopError(Exception):
    pass


def test_an_interrupted_calibration_goes_on_with_the_structures_that_are_missing():
    journal, told = Journal(), []

    def stopping(words):
        if words == "sampling 2 of 2":
            raise StopError

    with pytest.raises(StopError):
        fitted(two_structures, two_space(), known.five(), FEW, tell=stopping, journal=journal)
    assert len(journal) == 1
    found = fitted(
        two_structures, two_space(), known.five(), FEW, tell=told.append, journal=journal
    )
    assert told == ["tracing the model", "compiling the model", "sampling 2 of 2"]
    whole = fitted(two_structures, two_space(), known.five(), FEW)
    for name, draws in whole.draws.values.items():
        np.testing.assert_array_equal(found.draws.values[name], draws)
    assert found.fits[0].statistics.keys() == whole.fits[0].statistics.keys()


def test_a_finished_calibration_is_taken_from_its_journal_without_compiling():
    journal, told = Journal(), []
    whole = fitted(two_structures, two_space(), known.five(), FEW, journal=journal)
    again = fitted(
        two_structures, two_space(), known.five(), FEW, tell=told.append, journal=journal
    )
    assert told == ["tracing the model"]
    assert digest(again.draws.values["mu"]) == digest(whole.draws.values["mu"])
    assert again.fits[1].seconds == whole.fits[1].seconds


# ---- sharing out ----


@pytest.mark.parametrize("weights", [(1.0,), (0.5, 0.5), (0.9, 0.1, 0.0), (0.001, 0.999)])
def test_draws_are_shared_out_within_one_of_their_weight_in_every_chain(weights):
    chosen = shares(np.array(weights), 3, 3 * 700, seed=2).reshape(3, 700)
    for chain in chosen:
        counts = np.bincount(chain, minlength=len(weights))
        assert np.abs(counts - 700 * np.array(weights)).max() <= 1


# ---- diagnosis ----


def good(chains: int = 4, draws: int = 1000) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((chains, draws))


def steady(draws: np.ndarray) -> dict[str, np.ndarray]:
    energy = np.random.default_rng(2).standard_normal(draws.shape)
    return {"diverging": np.zeros(draws.shape), "energy": energy}


def test_chains_that_agree_have_converged():
    found = diagnose({"a": good(), "b": 3 + good()}, steady(good()))
    assert found.converged
    assert found.faults == ()
    assert found.words.startswith("4 chains of 1,000 draws agree: largest R-hat 1.00")
    assert "no divergence" in found.words
    assert found.ess_bulk == pytest.approx(4000, rel=0.15)


def shifted() -> np.ndarray:
    return good() + np.array([0, 0, 0, 1.0])[:, None]


def sluggish() -> np.ndarray:
    return np.cumsum(good(), axis=1) - 0.5 * np.cumsum(good(), axis=1).mean(axis=1)[:, None]


def stuck() -> np.ndarray:
    return np.array([0.0, 0, 0, 1])[:, None] * np.ones((4, 1000))


BAD = {
    "a shifted chain": (shifted(), {}, r"R-hat is above 1.01 for a \(largest 1\.\d{3}\)"),
    "chains that drift": (sluggish(), {}, r"effective sample size in the bulk is below 400 for a"),
    "few draws": (good(draws=60), {}, r"in the bulk is below 400 for a \(smallest \d+; take more"),
    "a divergence": (good(), {"diverging": np.eye(4, 1000)}, r"4 of 4,000 steps diverged \(raise"),
    "energy": (good(), {"energy": np.cumsum(good(), axis=1)}, r"energy fraction \(E-BFMI\) is 0\.0\d"),
    "one chain": (good(chains=1), {}, r"one chain alone cannot show that it has converged"),
    "chains that never move": (stuck(), {}, r"R-hat is above 1.01 for a"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BAD)
def test_what_speaks_against_convergence_is_said_in_words(fault):
    draws, statistics, words = BAD[fault]
    found = diagnose({"a": draws}, steady(draws) | statistics)
    assert not found.converged
    assert found.words.startswith("The chains have not converged: ")
    assert re.search(words, found.words), found.words


@pytest.mark.parametrize("fault", ["a divergence", "energy", "one chain"])
def test_one_fault_is_told_and_no_other(fault):
    draws, statistics, _ = BAD[fault]
    assert len(diagnose({"a": draws}, steady(draws) | statistics).faults) == 1


def test_many_faulty_parameters_are_named_by_the_first_three():
    draws = {name: shifted() for name in "abcde"}
    assert "for a, b, c and 2 more" in diagnose(draws, steady(good())).words


def test_a_constant_is_no_fault_and_hides_none():
    constant = np.full((4, 1000), 2.0)
    found = diagnose({"a": constant, "b": good()}, steady(good()))
    assert found.converged
    assert np.isnan(found.r_hat[0])
    assert "R-hat 1.00" in found.words
    assert not diagnose({"a": constant, "b": shifted()}, steady(good())).converged
    alone = diagnose({"a": constant}, steady(good()))
    assert alone.words == "4 chains of 1,000 draws: nothing varies."


def test_a_sampler_that_tells_no_energy_is_not_blamed():
    assert diagnose({"a": good()}, {}).converged
