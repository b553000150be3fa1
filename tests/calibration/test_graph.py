"""The compiled likelihood is that of NumPy; normal scores give the parameters of the space."""

from __future__ import annotations

import numpy as np
import pytensor
import pytest
from pytensor.compile.mode import Mode
from scipy.special import ndtr
from scipy.stats import norm

import uncertainty as un
from tests.calibration import known
from tests.calibration.conftest import FLAT, PAIRS, total, two_space, two_structures
from uncertainty.calibration.coordinates import LOGIT, LOGNORMAL, NORMAL, TABLE, Coordinates
from uncertainty.calibration.draws import gists, scaled, shifts
from uncertainty.calibration.graph import graph, parameters
from uncertainty.calibration.measurement import Measurement
from uncertainty.calibration.run import opened, prepared

PLAIN = Mode(linker="py", optimizer="fast_compile")
CASES = {
    "gaussian": (known.gaussian_model, known.gaussian_space, known.gaussian_evidence),
    "curved": (known.curved_model, lambda: un.Space(known.CURVED), known.curved_evidence),
    "structures": (two_structures, two_space, known.five),
    "families": (total, lambda: un.Space(FLAT, PAIRS), known.five),
}


def numpy_log_density(door, measurement: Measurement, coordinates: Coordinates, point, structure):
    """Joint log density of scores and rows at one point."""
    z = np.zeros((door.space.width, 1))
    if "score" in point:
        z[coordinates.rows] = point["score"][:, None]
    values = scaled(door, door.space.at_scores(z))
    values |= {name: np.array([value]) for name, value in structure.items()}
    scores = {n: np.reshape(v, (-1, 1) if np.ndim(v) else (1,)) for n, v in point.items()}
    bias, vintage, _ = shifts(measurement, scores, 1)

    class At:
        pass

    at = At()
    at.values, at.size = values, 1
    gist = gists(door, measurement, at)
    rows = measurement.log_density(gist, measurement.shifts(bias, vintage))[:, 0]
    on_link = rows + measurement.log_slope()
    return sum(norm.logpdf(v).sum() for v in point.values()) + on_link.sum()


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_compiled_density_is_that_of_numpy(case, robust):
    model, space, evidence = CASES[case]
    door, measurement, names = prepared(model, space(), evidence(), robust=robust)
    made = graph(door, measurement, names)
    density = made.model.compile_logp(mode=PLAIN)
    rng = np.random.default_rng(3)
    for turn in range(5):
        point = {n: rng.standard_normal(np.shape(v)) for n, v in made.model.initial_point().items()}
        structure = {name: float(turn % 2) for name in made.choices}
        for name, value in structure.items():
            made.model.set_data(name, [value])
        found = float(density(point))
        wanted = numpy_log_density(door, measurement, made.coordinates, point, structure)
        assert found == pytest.approx(wanted, rel=1e-10, abs=1e-9)


def test_every_parameter_follows_from_its_score_as_the_space_has_it():
    """All families and correlations at once: quantiles by table within a hundred-thousandth sd."""
    door = opened(total, un.Space(FLAT, PAIRS))
    names = [n for n, p in FLAT.items() if p.family not in ("choice", "fixed")]
    coordinates = Coordinates.of(door.space, names)
    assert set(coordinates.kinds) == {TABLE, NORMAL, LOGNORMAL, LOGIT}
    score = pytensor.tensor.dvector("score")
    made = parameters(door, coordinates, score)
    run = pytensor.function([score], [made[name] for name in names], mode=PLAIN)
    rng = np.random.default_rng(4)
    for reach in (1, 1, 2, 3):
        z = np.zeros((door.space.width, 1))
        point = reach * rng.standard_normal(coordinates.size)
        z[coordinates.rows] = point[:, None]
        wanted = door.space.at_scores(z)
        for name, found in zip(names, run(point), strict=True):
            off = np.abs(np.reshape(found, -1) - np.reshape(wanted[name], -1)).max()
            assert off < 1e-5 * np.max(FLAT[name].sd), name


def test_scores_are_found_by_name_whatever_the_order_of_the_space():
    """Coordinates are sorted by kind; each keeps its row of the space."""
    space = un.Space(FLAT, PAIRS)
    names = [n for n, p in FLAT.items() if p.family not in ("choice", "fixed")]
    coordinates = Coordinates.of(space, names)
    for owner, row in zip(coordinates.owners, coordinates.rows, strict=True):
        assert space.rows[owner].start <= row < space.rows[owner].stop
    assert len(set(coordinates.rows)) == coordinates.size == len(names) + 1


@pytest.mark.parametrize("name", FLAT)
def test_values_at_scores_are_those_at_their_probabilities(name):
    space = un.Space(FLAT, PAIRS)
    z = 1.5 * np.random.default_rng(5).standard_normal((space.width, 400))
    found, wanted = space.at_scores(z)[name], space.at(ndtr(z))[name]
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-8)


def test_correlated_scores_keep_their_rank_correlation():
    space = un.Space(FLAT, PAIRS)
    values = space.at_scores(np.random.default_rng(6).standard_normal((space.width, 20_000)))
    for (one, two), rho in PAIRS.items():
        u, v = (FLAT[n].cdf(values[n]) for n in (one, two))
        terms = 12 * (u - 0.5) * (v - 0.5)
        assert abs(terms.mean() - rho) < 4 * terms.std() / np.sqrt(len(terms))


@pytest.mark.parametrize("far", [-9.0, 9.0])
@pytest.mark.parametrize("name", FLAT)
def test_values_far_in_the_tails_are_finite_and_within_their_support(name, far):
    space = un.Space(FLAT)
    values = space.at_scores(np.full((space.width, 2), far))[name]
    assert np.isfinite(values).all()
    prior = FLAT[name]
    if prior.family not in ("choice", "fixed"):
        low, high = prior.distribution.support
        assert ((values >= low) & (values <= high)).all()
        inner = space.at_scores(np.full((space.width, 2), 0.8 * far))[name]
        if prior.size == 1:
            assert np.all((values - inner) * far >= 0)
