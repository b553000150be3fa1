"""What cannot be calibrated is refused in one clear message, before anything is sampled."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

import uncertainty as un
from tests.calibration import known
from uncertainty.calibration.run import ConvergenceWarning, calibrate
from uncertainty.errors import DesignError, EvidenceError, ModelError, UncertaintyError
from uncertainty.model import Model

SMALL = {"draws": 50, "tune": 50, "chains": 2}


def refused(model=known.level, space=None, evidence=None, **options) -> UncertaintyError:
    """The error of a calibration that fails, which must be ours and told in plain words."""
    told: list[str] = []
    with pytest.raises(UncertaintyError) as caught:
        calibrate(
            model, space or known.one_prior(), known.five() if evidence is None else evidence,
            tell=told.append, **(SMALL | options),
        )  # fmt: skip
    assert "Traceback" not in str(caught.value)
    assert "Apply node" not in str(caught.value)
    return caught.value


def sampled_nothing(error: UncertaintyError, kind: type, *words: str) -> None:
    assert type(error) is kind
    for word in words:
        assert word in str(error), str(error)


# ---- models that cannot be traced ----


def norms(mu):
    return np.linalg.norm(mu[None], axis=0)


def forks(mu):
    if mu.mean() > 0:
        return mu
    return -mu


def chooses(mu):
    return np.where(mu > 0, mu, 0.0)


def fills(mu):
    out = np.zeros((2, *mu.shape))
    out[0] = mu
    return out[0]


@pytest.mark.parametrize("model", [norms, forks, chooses, fills])
def test_a_model_that_runs_on_numpy_alone_is_told_what_it_needs(model):
    found = refused(model)
    sampled_nothing(found, ModelError, f"model {model.__name__!r} cannot be calibrated", "PyTensor",
                    "xp.where")  # fmt: skip
    assert len(str(found)) < 700


def test_a_model_that_raises_on_numpy_too_is_told_so_first():
    def broken(mu):
        raise ValueError("no such table")

    sampled_nothing(refused(broken), ModelError, "'broken' raised ValueError: no such table")


# ---- evidence ----


@un.model(outcomes={"y": "TWh"}, dims={"y": ("year",)}, coords={"year": [2020, 2021, 2022]})
def yearly(mu):
    return {"y": mu * np.ones((3, 1))}


def in_years(years, **columns):
    return known.five(year=years, **({"unit": "TWh"} | columns))


EVIDENCE = {
    "outcome": (known.level, known.five(outcome="z"), ("row 2: no outcome 'z'", "there are y")),
    "year": (yearly, in_years([2020, 2021, 2022, 2022, 2025]), ("row 6: no year '2025' of 'y'",)),
    "no year": (yearly, known.five(unit="TWh"), ("year is empty, and 'y' varies by it",)),
    "unit": (yearly, in_years(2020, unit="km"), ("row 2", "km", "TWh")),
    "no error": (known.level, known.five(error=np.nan), ("a fit needs error or relative_error",)),
    "base": (yearly, in_years(2020, kind="growth", unit="%"), ("growth in 2020 needs 2019 too",)),
}  # fmt: skip


@pytest.mark.parametrize("fault", EVIDENCE)
def test_evidence_that_has_no_place_in_the_model_is_told_by_row(fault):
    model, evidence, words = EVIDENCE[fault]
    space = {"mu": un.Prior("normal", mu=8, sigma=1.5)}
    sampled_nothing(refused(model, space, evidence), EvidenceError, *words)


def test_empty_evidence_and_what_is_none_are_refused():
    empty = un.Evidence(known.five().frame.iloc[:0])
    sampled_nothing(refused(evidence=empty), EvidenceError, "there is no observation of y")
    sampled_nothing(refused(evidence=[1, 2]), EvidenceError, "evidence is a table", "got list")


def test_a_relative_error_on_what_is_never_positive_is_refused():
    evidence = known.five(error=np.nan, relative_error=0.1)
    found = refused(lambda mu: -1 - mu**2, evidence=evidence)
    sampled_nothing(found, EvidenceError, "y = 9.2", "logarithm", "give an absolute error")


def test_a_relative_error_on_what_is_positive_at_times_is_fitted_there():
    evidence = known.five(value=np.linspace(1.8, 2.2, 5), error=np.nan, relative_error=0.2)
    prior = {"mu": un.Prior("normal", mu=0, sigma=1.5)}
    with pytest.warns(ConvergenceWarning):
        result = calibrate(known.level, prior, evidence, **SMALL)
    draws = result["posterior"]["mu"]
    assert float(draws.min()) > 0
    assert float(draws.mean()) == pytest.approx(2.0, abs=0.2)


# ---- nothing to learn, too much to fit ----


def test_observations_of_what_does_not_vary_are_refused():
    def fork(mu, other):
        return {"y": other, "z": mu}

    space = known.one_prior() | {"other": un.Prior("fixed", value=3)}
    sampled_nothing(refused(fork, space), EvidenceError, "no observation depends on any uncertain")


def test_more_structures_than_can_be_fitted_are_refused():
    nine = un.Prior("choice", values=list(range(9)), probabilities=[1 / 9] * 9)
    space = known.one_prior() | {"one": nine, "two": nine}
    found = refused(lambda mu, one, two: mu + one + two, space)
    sampled_nothing(found, DesignError, "81 combinations", "one, two", "at most 64")


# ---- settings ----

SETTINGS = {
    "draws": ({"draws": 2}, "draws must be a whole number of at least 4, got 2"),
    "few draws": ({"draws": 10}, "draws=10 of chains=2 make 20 in all; a posterior needs at least"),
    "part of a draw": ({"draws": 100.5}, "draws must be a whole number"),
    "chains": ({"chains": 0}, "chains must be a whole number of at least 1"),
    "seed": ({"seed": -1}, "seed must be a whole number of at least 0"),
    "sampler": ({"sampler": "stan"}, "sampler must be one of nutpie, pymc, got 'stan'"),
    "near sampler": ({"sampler": "nutpy"}, "did you mean 'nutpie'?"),
    "list of samplers": ({"sampler": ["nutpie"]}, "sampler must be one of"),
    "acceptance": ({"target_accept": 2}, "target_accept must lie between 0 and 1, got 2"),
    "worded acceptance": ({"target_accept": "high"}, "target_accept must lie between 0 and 1"),
}


@pytest.mark.parametrize("fault", SETTINGS)
def test_settings_that_make_no_sense_are_refused(fault):
    options, words = SETTINGS[fault]
    sampled_nothing(refused(**options), DesignError, words)


def test_what_is_asked_for_is_checked_before_anything_is_sampled():
    told: list[str] = []
    for options in (
        {"outcomes": ["z"]},
        {"explain": "z"},
        {"thresholds": {"z": [1.0]}},
        {"held_back": known.five(outcome="z")},
        {"held_back": "rows.csv"},
        {"probabilities": [2.0]},
    ):
        with pytest.raises(UncertaintyError):
            calibrate(
                known.level, known.one_prior(), known.five(), tell=told.append, **SMALL, **options
            )
    assert "compiling the model" not in told


# ---- models that are no number somewhere ----


def test_a_model_that_is_no_number_on_part_of_the_prior_is_told_where():
    model = Model(lambda mu, *, xp: {"y": xp.log(mu)}, {"y": "1"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = refused(model, {"mu": un.Prior("normal", mu=2, sigma=1)})
    sampled_nothing(found, ModelError, "outcome 'y' is nan in", "mu=-")


@pytest.mark.parametrize("sampler", ["nutpie", "pymc"])
def test_a_model_that_is_no_number_where_sampling_begins_ends_in_words(sampler):
    """A model may differ between its engines; then the sampler is the first to see it."""

    def differs(mu, *, xp):
        return {"y": mu if xp is np else xp.log(-1 - mu**2)}

    found = refused(Model(differs, {"y": "1"}), sampler=sampler)
    sampled_nothing(found, ModelError, "sampling could not begin", "the sampler says")
    assert len(str(found).splitlines()) == 1


# ---- priors that the data contradict ----


@pytest.mark.parametrize(("far", "error"), [(1e3, 0.1), (1e8, 1e-3)])
def test_a_prior_that_the_data_contradict_altogether_ends_in_words(far, error):
    prior = {"mu": un.Prior("uniform", lower=0, upper=1)}
    evidence = known.five(value=far * np.linspace(1, 2, 5), error=error)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = calibrate(known.level, prior, evidence, draws=200, tune=200, chains=2)
    assert result.attrs["converged"] == 0
    words = json.loads(result.attrs["calibration"])["words"]
    assert words[0].startswith("The chains have not converged")
    assert any(issubclass(w.category, ConvergenceWarning) for w in caught)
    assert ((result["posterior"]["mu"] >= 0) & (result["posterior"]["mu"] <= 1)).all()
