"""Spaces: from the unit cube to labelled values, with rank correlation."""

import numpy as np
import pytest
from scipy.stats import spearmanr

import uncertainty as un
from uncertainty.design import Design
from uncertainty.errors import SpaceError

NORMAL = un.Prior("normal", mu=0, sigma=1)
BETA = un.Prior("beta", alpha=8, beta=5)
SHARES = un.Prior("dirichlet", a=[1, 2, 3])


def points(space: un.Space, size: int = 4096, kind: str = "sobol") -> np.ndarray:
    design = Design(kind, space.width, size, seed=1, block=size)
    return design.points(design.first)


def test_independent_values_are_the_priors_quantiles():
    space = un.Space({"a": NORMAL, "b": BETA, "c": un.Prior("gamma", alpha=0.7, beta=2)})
    u = points(space)
    for row, (name, prior) in zip(u, space.priors.items(), strict=True):
        np.testing.assert_allclose(space.at(u)[name], prior.ppf(row), rtol=1e-8, atol=1e-9)


def test_values_cannot_be_written_to():
    values = un.Space({"a": NORMAL}).at(np.array([[0.5]]))
    with pytest.raises(ValueError, match="read-only"):
        values["a"][0] = 1


@pytest.mark.parametrize("rho", [0.6, -0.8, 0.2])
def test_rank_correlation_and_marginals_are_as_asked(rho):
    lognormal = un.Prior("lognormal", mu=0, sigma=0.5)
    space = un.Space({"a": BETA, "b": NORMAL, "c": lognormal}, {("a", "c"): rho})
    values = space.at(points(space, 2**14))
    assert spearmanr(values["a"], values["c"]).statistic == pytest.approx(rho, abs=0.005)
    assert abs(spearmanr(values["a"], values["b"]).statistic) < 0.005
    assert values["c"].mean() == pytest.approx(lognormal.mean, rel=2e-3)
    assert values["a"].std() == pytest.approx(BETA.sd, rel=2e-3)


def test_shares_sum_to_one_and_take_k_minus_one_coordinates():
    space = un.Space({"a": NORMAL, "s": SHARES, "f": un.Prior("fixed", value=3.0)})
    assert space.width == 3
    assert space.uncertain == ("a", "s")
    values = space.at(points(space))
    np.testing.assert_allclose(values["s"].sum(axis=0), 1, atol=1e-12)
    np.testing.assert_array_equal(values["f"], 3.0)


def test_a_matrix_that_is_not_positive_definite_names_its_pairs():
    priors = dict.fromkeys("abcd", NORMAL)
    pairs = {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.5, ("c", "d"): 0.1}
    with pytest.raises(SpaceError) as caught:
        un.Space(priors, pairs)
    text = str(caught.value)
    assert "not positive definite" in text
    for pair in ("(b, a) 0.9", "(c, b) 0.9", "(c, a) -0.5"):
        assert pair in text
    assert "(d, c)" not in text


def test_the_advice_on_a_bad_matrix_works():
    pairs = {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.5}
    with pytest.raises(SpaceError, match=r"multiplied by 0\.(\d\d) they fit") as caught:
        un.Space(dict.fromkeys("abc", NORMAL), pairs)
    scale = float(str(caught.value).split("multiplied by ")[1].split()[0])
    un.Space(dict.fromkeys("abc", NORMAL), {k: scale * v for k, v in pairs.items()})


@pytest.mark.parametrize(
    ("priors", "pairs", "words"),
    [
        ({}, {}, "at least one prior"),
        ({"a": 3.0}, {}, "'a' must be a Prior such as .* got float"),
        ({"a/b": NORMAL}, {}, "without '/'"),
        ({"f": un.Prior("fixed", value=1)}, {}, "at least one uncertain"),
        ({"alpha": NORMAL, "b": NORMAL}, {("alhpa", "b"): 0.5}, "did you mean 'alpha'"),
        ({"a": NORMAL, "b": NORMAL}, {("a", "b"): 1.5}, "between -1 and 1, got 1.5"),
        ({"a": NORMAL, "b": NORMAL}, {("a", "b"): np.nan}, "got nan"),
        ({"a": NORMAL}, {("a", "a"): 0.5}, "paired with itself"),
        ({"a": NORMAL, "s": SHARES}, {("a", "s"): 0.5}, "is a dirichlet"),
        ({"a": NORMAL, "b": NORMAL}, {("a", "b"): 0.5, ("b", "a"): 0.4}, "given twice"),
    ],
)
def test_faulty_spaces_say_why(priors, pairs, words):
    with pytest.raises(SpaceError, match=words):
        un.Space(priors, pairs)


def test_points_outside_the_open_cube_are_refused():
    space = un.Space({"a": NORMAL})
    with pytest.raises(SpaceError, match="strictly between 0 and 1"):
        space.at(np.array([[0.0, 0.5]]))
    with pytest.raises(SpaceError, match=r"expected \(1, sample\)"):
        space.at(np.array([0.5]))
