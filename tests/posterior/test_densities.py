"""Log densities of priors at the draws of a posterior."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import beta, dirichlet, multivariate_normal

from uncertainty.errors import ResultError
from uncertainty.posterior.densities import log_prior
from uncertainty.prior import Prior
from uncertainty.space import Space

DRAWS = ("chain", "draw")


def test_all_parts_sum_to_the_joint_density_of_correlated_parameters():
    space = Space(
        {"a": Prior("normal", mu=1, sigma=2), "b": Prior("normal", mu=0, sigma=1)},
        {("a", "b"): 0.6},
    )
    r = 2 * np.sin(np.pi / 6 * 0.6)
    joint = multivariate_normal([1, 0], [[4, 2 * r], [2 * r, 1]])
    x = joint.rvs((2, 50), random_state=1)
    found = log_prior(space, xr.Dataset({"a": (DRAWS, x[..., 0]), "b": (DRAWS, x[..., 1])}))
    assert list(found) == ["a", "b", "dependence"]
    total = found["a"] + found["b"] + found["dependence"]
    assert total.values == pytest.approx(joint.logpdf(x), abs=1e-9)


def test_densities_are_in_the_unit_of_the_draws():
    space = Space({"s": Prior("beta", alpha=2, beta=3, support=(0, 100), unit="%")})
    draws = xr.Dataset({"s": (DRAWS, [[0.2, 0.7]], {"units": "1"})})
    assert log_prior(space, draws)["s"].values[0] == pytest.approx(beta(2, 3).logpdf([0.2, 0.7]))


def test_vectors_and_choices_have_one_density_a_draw():
    space = Space(
        {
            "mix": Prior("dirichlet", a=[2, 3, 5]),
            "form": Prior("choice", values=[0, 1], probabilities=[0.25, 0.75]),
            "k": Prior("fixed", value=1),
        }
    )
    x = np.random.default_rng(1).dirichlet([1, 1, 1], (2, 5))
    draws = xr.Dataset(
        {"mix": ((*DRAWS, "part"), x), "form": (DRAWS, np.tile([0.0, 1, 0, 1, 1], (2, 1)))}
    )
    found = log_prior(space, draws)
    assert list(found) == ["mix", "form"]
    exact = [[dirichlet([2, 3, 5]).logpdf(p / p.sum()) for p in chain] for chain in x]
    assert found["mix"].values == pytest.approx(np.array(exact))
    assert np.exp(found["form"].values[0]) == pytest.approx([0.25, 0.75, 0.25, 0.75, 0.75])


def test_a_draw_past_an_end_by_rounding_is_at_the_end_and_one_beyond_is_refused():
    space = Space({"u": Prior("uniform", lower=0, upper=3)})
    near = xr.Dataset({"u": (DRAWS, [[3 * (1 + 1e-15), 1.0]])})
    assert log_prior(space, near)["u"].values[0] == pytest.approx(-np.log(3))
    with pytest.raises(ResultError, match="parameter 'u': 1 of 2 draws lie where its prior"):
        log_prior(space, xr.Dataset({"u": (DRAWS, [[3.01, 1.0]])}))


def test_a_parameter_may_be_called_dependence():
    normal = Prior("normal", mu=0, sigma=1)
    space = Space({"dependence": normal, "b": normal}, {("dependence", "b"): 0.2})
    zero = (DRAWS, np.zeros((1, 3)))
    assert list(log_prior(space, xr.Dataset({"dependence": zero, "b": zero}))) == [
        "dependence",
        "b",
        "dependence_",
    ]
