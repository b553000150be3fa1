"""What the data changed in what is believed of each parameter."""

import numpy as np
import pytest
import xarray as xr

from tests.posterior.linear import Linear, normal_draws
from uncertainty.errors import ResultError
from uncertainty.posterior.learned import learned
from uncertainty.prior import Prior
from uncertainty.space import Space

DRAWS = ("chain", "draw")


def posterior(**columns):
    return xr.Dataset({name: (DRAWS, x) for name, x in columns.items()})


@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_contraction_and_shift_are_those_of_the_known_posterior(rho):
    case = Linear.made()
    mean, cov = case.exact()
    draws = case.tree(rho=rho, seed=8)["posterior"].to_dataset()
    found = learned(case.space, draws, {"a": True, "b": True, "far": False})
    exact = 1 - np.diag(cov) / case.prior_sd**2
    assert (np.abs(found["contraction"] - exact) < 4 * found["contraction_mcse"]).all()
    assert (np.abs(found["shift"] - mean / case.prior_sd) < 4 * found["shift_mcse"]).all()
    assert found["contraction_mcse"].max() < 0.06
    assert found["verdict"].values.tolist() == ["learned", "learned", "not reached by data"]


@pytest.mark.parametrize("rho", [0.0, 0.9])
def test_monte_carlo_errors_are_the_spread_over_seeds(rho):
    space = Space({"a": Prior("normal", mu=0, sigma=1)})
    runs = [
        learned(
            space, posterior(a=normal_draws([0.3], [[0.5]], rho=rho, seed=s)[..., 0]), {"a": True}
        )
        for s in range(60)
    ]
    for name in ("contraction", "shift"):
        scatter = np.std([run[name].item() for run in runs], ddof=1)
        told = np.mean([run[f"{name}_mcse"].item() for run in runs])
        assert told == pytest.approx(scatter, rel=0.3)  # 3.3 standard errors of a spread of 60


def test_noise_is_not_called_learning():
    names = [f"p{i}" for i in range(75)]
    space = Space({name: Prior("normal", mu=0, sigma=1) for name in names})
    beyond, called = 0, 0
    for seed in range(10):  # chains worth some 40 draws, whose posterior is the prior
        draws = normal_draws(np.zeros(75), np.eye(75), draws=200, rho=0.9, seed=seed)
        columns = posterior(**{n: draws[..., i] for i, n in enumerate(names)})
        found = learned(space, columns, dict.fromkeys(names, True))
        large = (np.abs(found["contraction"]) >= 0.1) | (np.abs(found["shift"]) >= 0.5)
        beyond += int(large.sum())
        called += int((found["verdict"] != "reached, not moved").sum())
    assert beyond > 250
    assert called < 8  # 1% of 750


@pytest.mark.parametrize(
    ("mean", "sd", "verdict"),
    [
        (0.0, 0.6, "learned"),
        (0.0, 0.9, "a little"),
        (0.8, 1.0, "a little"),
        (0.2, 1.0, "reached, not moved"),
        (0.0, 1.3, "a little"),
    ],
)
def test_verdict_follows_contraction_and_shift(mean, sd, verdict):
    space = Space({"a": Prior("normal", mu=0, sigma=1)})
    found = learned(space, posterior(a=normal_draws([mean], [[sd**2]])[..., 0]), {"a": True})
    assert found["verdict"].item() == verdict


def test_a_parameter_correlated_with_a_reached_one_counts_as_reached():
    normal = Prior("normal", mu=0, sigma=1)
    space = Space({"a": normal, "b": normal, "c": normal}, {("a", "b"): 0.8})
    draws = normal_draws(np.zeros(3), 0.1 * np.eye(3))
    columns = posterior(**{n: draws[..., i] for i, n in enumerate("abc")})
    found = learned(space, columns, {"a": True, "b": False, "c": False})
    assert found["reached"].values.tolist() == [True, True, False]
    assert found["verdict"].values.tolist() == ["learned", "learned", "not reached by data"]


def test_moments_are_in_the_unit_of_the_draws():
    space = Space({"share": Prior("uniform", lower=20, upper=60, unit="%")})
    draws = posterior(share=np.random.default_rng(1).uniform(0.3, 0.5, (4, 500)))
    draws["share"].attrs["units"] = "1"
    found = learned(space, draws, {"share": True}, quantiles=(0.25, 0.5))
    assert found["prior_mean"].item() == pytest.approx(0.4)
    assert found["prior_quantiles"].values[0] == pytest.approx([0.3, 0.4])
    assert found["contraction"].item() == pytest.approx(
        0.75, abs=4 * found["contraction_mcse"].item()
    )
    assert found["units"].item() == "1"


def test_a_dirichlet_is_told_part_by_part():
    space = Space({"mix": Prior("dirichlet", a=[2, 3, 5], label="Mix")})
    draws = np.random.default_rng(1).dirichlet([2, 3, 5], (4, 1000))
    found = learned(space, xr.Dataset({"mix": ((*DRAWS, "mix_part"), draws)}), {"mix": True})
    assert found["parameter"].values.tolist() == ["mix[0]", "mix[1]", "mix[2]"]
    assert found["label"].values[2] == "Mix[2]"
    assert found["prior_mean"].values == pytest.approx([0.2, 0.3, 0.5])
    assert (np.abs(found["contraction"]) < 4 * found["contraction_mcse"]).all()


def test_a_choice_is_structure_and_its_shift_a_distance_of_probabilities():
    space = Space({"form": Prior("choice", values=[0, 1, 2], probabilities=[0.5, 0.3, 0.2])})
    draws = np.repeat([0.0, 1.0], [200, 200]).reshape(4, 100)
    found = learned(space, posterior(form=draws), {"form": True})
    assert found["verdict"].item() == "structure"
    assert np.isnan(found["contraction"].item())
    assert found["shift"].item() == pytest.approx(0.2)


def test_fixed_parameters_and_measurement_parameters_are_left_out():
    space = Space({"a": Prior("normal", mu=0, sigma=1), "k": Prior("fixed", value=3)})
    found = learned(
        space,
        posterior(a=normal_draws([0], [[1]])[..., 0], bias_scale=np.ones((4, 1000))),
        {"a": True},
    )
    assert found["parameter"].values.tolist() == ["a"]


def test_faults_are_told():
    space = Space({"größe": Prior("normal", mu=0, sigma=1)})
    good = posterior(größe=np.zeros((4, 50)))
    with pytest.raises(ResultError, match=r"has no 'größe'.*did you mean 'grösse'"):
        learned(space, posterior(grösse=np.zeros((4, 50))), {"größe": True})
    with pytest.raises(ResultError, match="at least 4 draws, got 1"):
        learned(space, posterior(größe=np.zeros((4, 1))), {"größe": True})
    with pytest.raises(ResultError, match="reached says nothing of größe"):
        learned(space, good, {})
    with pytest.raises(ResultError, match="1 of 200 draws are not finite"):
        learned(
            space,
            good.where(np.arange(50) > 0, 1.0).copy(
                data={"größe": np.where(np.arange(200) == 7, np.nan, 0).reshape(4, 50)}
            ),
            {"größe": True},
        )
    wrong = Space({"form": Prior("choice", values=[0, 1], probabilities=[0.5, 0.5])})
    with pytest.raises(ResultError, match=r"none of its values 0\.0, 1\.0; got 2\.0"):
        learned(wrong, posterior(form=np.full((4, 50), 2.0)), {"form": True})
