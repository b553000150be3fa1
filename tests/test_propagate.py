"""Propagation: closed forms, errors of errors, shapes, and the same answer everywhere."""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import arviz
import numpy as np
import pytest
import xarray as xr
from distributed import LocalCluster
from scipy.special import ndtri
from scipy.stats import norm

import uncertainty as un
from uncertainty.design import Design
from uncertainty.errors import DesignError, ModelError, RunError, SpaceError, UnitError
from uncertainty.pool import cluster, processes

NORMALS = {"a": un.Prior("normal", mu=0, sigma=3), "b": un.Prior("normal", mu=1, sigma=4)}


def add(a, b):
    return a + b


@pytest.mark.parametrize("keep", [True, False, 256])
@pytest.mark.parametrize("design", ["sobol", "latin", "random"])
def test_a_sum_of_normals_within_its_standard_errors(design, keep):
    result = un.propagate(add, NORMALS, size=2048, design=design, keep=keep, replicates=8)
    quantiles = result["intervals"]["y"].values
    error = result["intervals"]["y_mcse"].values
    exact = 1 + 5 * ndtri([0.05, 0.25, 0.5, 0.75, 0.95])
    assert (np.abs(quantiles - exact) < 6 * error).all()
    moments, error = result["moments"]["y"].values, result["moments"]["y_mcse"].values
    assert (np.abs(moments - [1, 5]) < 6 * error + 1e-12).all()


def test_lognormal_product_quantiles(lognormal_case):
    result = un.propagate(lognormal_case.model, lognormal_case.priors, size=2**13, seed=2)
    found = result["intervals"]["y"].sel(quantile=[0.05, 0.5, 0.95]).values
    error = result["intervals"]["y_mcse"].sel(quantile=[0.05, 0.5, 0.95]).values
    assert (np.abs(found - [0.51266, 1.0, 1.95061]) < 5 * error).all()
    assert (error < 0.004).all()


@pytest.mark.slow
@pytest.mark.parametrize("design", ["sobol", "random"])
def test_standard_errors_cover_the_truth(design):
    """A t interval over 8 replicates must hold the true quantile in 95% of 200 seeds."""
    exact = 1 + 5 * norm.ppf([0.05, 0.5, 0.95])
    hits = []
    for seed in range(200):
        result = un.propagate(
            add, NORMALS, size=256, seed=seed, design=design, probabilities=(0.05, 0.5, 0.95)
        )
        interval = result["intervals"]
        hits.append(np.abs(interval["y"].values - exact) < 2.365 * interval["y_mcse"].values)
    coverage = np.mean(hits, axis=0)
    error = np.sqrt(0.95 * 0.05 / 200)
    assert (coverage > 0.95 - 3.5 * error).all()


def test_one_replicate_has_the_error_of_independent_draws():
    result = un.propagate(add, NORMALS, size=4096, design="random", replicates=1)
    error = result["intervals"]["y_mcse"].sel(quantile=0.5).item()
    assert error == pytest.approx(0.5 / np.sqrt(4096) / norm.pdf(0) * 5, rel=0.15)
    assert result["moments"]["y_mcse"].sel(moment="mean").item() == pytest.approx(5 / 64, rel=0.1)


def test_executors_give_the_same_bits():
    settings = {"size": 1024, "replicates": 3, "seed": 4, "keep": 100}
    inline = un.propagate(add, NORMALS, **settings)
    with ThreadPoolExecutor(2) as threads:
        xr.testing.assert_identical(
            inline, un.propagate(add, NORMALS, **settings, executor=threads)
        )
    with processes(2) as pool:
        closure = un.propagate(lambda a, b: a + b, NORMALS, **settings, executor=pool)
    xr.testing.assert_identical(inline["intervals"].to_dataset(), closure["intervals"].to_dataset())


def test_kept_draws_are_the_first_of_each_replicate():
    everything = un.propagate(add, NORMALS, size=4096, replicates=2)
    some = un.propagate(add, NORMALS, size=4096, replicates=2, keep=100)
    kept = some["prior_predictive"]["y"]
    assert kept.sizes == {"chain": 2, "draw": 100}
    np.testing.assert_array_equal(kept, everything["prior_predictive"]["y"][:, :100])
    np.testing.assert_array_equal(some["prior"]["a"] + some["prior"]["b"], kept)
    assert "prior" not in un.propagate(add, NORMALS, size=64, keep=False)


def test_thresholds_give_the_share_above():
    result = un.propagate(add, NORMALS, size=4096, thresholds={"y": [1.0, 6.0]})
    found, error = result["exceedance"]["y"].values, result["exceedance"]["y_mcse"].values
    assert (np.abs(found - norm.sf([0, 1])) < 6 * error).all()


def test_dims_units_and_labels_reach_the_result():
    years = [2025, 2026, 2027]

    @un.model(
        outcomes={"energy": "TWh", "peak": "GW"},
        dims={"energy": ("year",)},
        coords={"year": years},
        units={"start": "TWh", "rate": "1/year"},
        labels={"energy": "Energy use"},
    )
    def growth(start, rate, *, xp):
        energy = start * xp.exp(rate * np.arange(3.0)[:, None])
        return {"energy": energy, "peak": energy[-1] / 8.76}

    priors = {
        "start": un.Prior("uniform", lower=360, upper=720, unit="PJ"),
        "rate": un.Prior("normal", mu=10, sigma=1, unit="%/year"),
    }
    result = un.propagate(growth, priors, size=512)
    energy = result["intervals"]["energy"]
    assert energy.dims == ("year", "quantile")
    assert energy.attrs == {"units": "TWh", "long_name": "Energy use"}
    assert energy.sel(year=2025, quantile=0.5).item() == pytest.approx(150, rel=1e-3)
    assert result["prior"]["start"].attrs["units"] == "TWh"
    assert result["prior"]["rate"].mean().item() == pytest.approx(0.1, abs=1e-3)
    assert result["intervals"].attrs["interval_kind"] == "eti"
    assert result["intervals"].attrs["interval_prob"] == pytest.approx(0.9)


def test_arviz_reads_the_result():
    result = un.propagate(add, NORMALS, size=256)
    table = arviz.summary(result, group="prior_predictive", ci_kind="eti", ci_prob=0.9)
    assert float(table.loc["y", "mean"]) == pytest.approx(1, abs=0.2)
    assert arviz.summary(result, group="prior", kind="stats").shape[0] == 2


def test_a_vector_prior_reaches_the_model_whole():
    priors = {"s": un.Prior("dirichlet", a=[2, 3, 5]), "x": un.Prior("uniform", lower=1, upper=2)}
    result = un.propagate(lambda s, x: s * x, priors, size=256)
    assert result["intervals"]["y"].dims == ("y_dim_0", "quantile")
    assert result["prior"]["s"].dims == ("chain", "draw", "s_dim_0")
    mean = result["moments"]["y"].sel(moment="mean").values
    np.testing.assert_allclose(mean, 1.5 * np.array([0.2, 0.3, 0.5]), rtol=0.02)


def not_finite(a, b):
    return np.where(a > 3, np.nan, b)


FAULTS = {
    "shape": (lambda a, b: (a + b)[:-1], "has shape .* the sample axis is last"),
    "scalar": (lambda a, b: 3.0, r"has shape \(\), expected \(..., sample\)"),
    "nan": (not_finite, r"'y' is nan in \d+ of 64 runs, for example with a="),
    "infinite": (lambda a, b: np.where(a > 3, np.inf, b), "'y' is inf in"),
    "raises": (lambda a, b: 1 / 0, "raised ZeroDivisionError: division by zero"),
    "text": (lambda a, b: "twelve", "expected real numbers"),
    "complex": (lambda a, b: a * 1j, "complex128, expected real numbers"),
    "missing prior": (lambda a, b, c: a, "no prior for c"),
    "stray prior": (lambda a: a, "has no parameter b; it takes a"),
    "by place": (lambda a, /, b: a, "takes a by place"),
    "writes": (lambda a, b: a.__setitem__(0, 1.0), "read-only"),
    "not callable": (3, "a model is a function, got int"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_model_is_one_clear_message(fault):
    model, words = FAULTS[fault]
    with pytest.raises(ModelError, match=words):
        un.propagate(model, NORMALS, size=64, failures=0)


def test_the_first_failing_coordinate_is_named():
    @un.model(outcomes={"e": "TWh"}, dims={"e": ("year",)}, coords={"year": [2030, 2031]})
    def broken(a, b):
        return {"e": np.stack([a, np.full_like(a, np.nan)])}

    with pytest.raises(ModelError, match=r"first at year 2031"):
        un.propagate(broken, NORMALS, size=64, failures=0)
    with pytest.raises(ModelError, match=r"every one of 64 runs .* 'e' is nan at year 2031"):
        un.propagate(broken, NORMALS, size=64)


def test_wrong_units_name_parameter_expected_and_received():
    @un.model(outcomes={"y": "1"}, units={"a": "TWh", "b": "GW"})
    def model(a, b):
        return {"y": a + b}

    priors = {
        "a": un.Prior("normal", mu=1, sigma=1, unit="GW"),
        "b": un.Prior("normal", mu=1, sigma=1),
    }
    with pytest.raises(UnitError) as caught:
        un.propagate(model, priors, size=64)
    text = str(caught.value)
    assert "parameter 'a': expected a number in 'TWh', received 'GW'" in text
    assert "parameter 'b': expected a number in 'GW', received '1'" in text


@pytest.mark.parametrize("probabilities", [(), (0.0, 0.5), (0.5, 0.5), (0.5, 1.2), (np.nan,)])
def test_faulty_probabilities(probabilities):
    with pytest.raises(DesignError, match="strictly between 0 and 1"):
        un.propagate(add, NORMALS, size=64, probabilities=probabilities)


def test_an_unknown_outcome_is_answered_with_the_known_ones():
    with pytest.raises(ModelError, match="has no outcome z; it has y"):
        un.propagate(add, NORMALS, size=64, outcomes=["z"])


def test_a_constant_model_has_no_spread():
    result = un.propagate(lambda a, b: np.full_like(a, 0.1), NORMALS, size=512, keep=False)
    np.testing.assert_array_equal(result["intervals"]["y"].values, 0.1)
    assert result["moments"]["y"].sel(moment="sd").item() == 0.0


def test_a_dask_cluster_gives_the_same_bits():
    settings = {"size": 512, "replicates": 2, "seed": 4, "keep": 10}
    with (
        LocalCluster(1, threads_per_worker=2, processes=False, dashboard_address=None) as local,
        cluster(local.scheduler_address) as executor,
    ):
        remote = un.propagate(lambda a, b: a + b, NORMALS, **settings, executor=executor)
    xr.testing.assert_identical(remote, un.propagate(add, NORMALS, **settings))


def test_a_missing_dask_scheduler_is_told():
    with pytest.raises(RunError, match="no Dask scheduler answers"), cluster("tcp://127.0.0.1:9"):
        pass


def test_a_model_may_use_its_output_array_again():
    buffer = np.empty(8192)

    def reusing(a, b):
        out = buffer[: a.size]
        np.add(a, b, out=out)
        return out

    settings = {"size": 4096, "replicates": 2}
    reused, fresh = (un.propagate(f, NORMALS, **settings) for f in (reusing, add))
    xr.testing.assert_identical(reused, fresh)
    for extra in ({}, {"second_order": True}):
        one, two = (un.drivers(f, NORMALS, size=512, **extra)["drivers/y"] for f in (reusing, add))
        xr.testing.assert_identical(one.to_dataset(), two.to_dataset())


@pytest.mark.parametrize("name", ["chain", "draw", "quantile", "moment", "a/b", "", ".", "a\0b"])
def test_names_that_a_result_could_not_hold_are_refused(name):
    with pytest.raises(ModelError, match="name"):
        un.propagate(lambda a, b: {name: a + b}, NORMALS, size=64)
    with pytest.raises(SpaceError, match="name"):
        un.Space({name: NORMALS["a"]})


def test_an_outcome_cannot_be_taken_for_the_error_of_another():
    with pytest.raises(ModelError, match="taken for the error of 'e'"):
        un.propagate(lambda a, b: {"e": a, "e_mcse": b}, NORMALS, size=64)


@pytest.mark.parametrize(
    "values", [[1, 1], [1.0, np.nan], [None, 2], [(1, 2), (3, 4)], [[1, 2]], []]
)
def test_coordinates_that_label_nothing_are_refused(values):
    with pytest.raises(ModelError, match="coords of 'year'"):
        un.Model(add, {"y": "1"}, {"y": ("year",)}, {"year": values})


@pytest.mark.parametrize("units", [{"start": "TWh", "rat": "1/year"}, {"start": "TWh"}])
def test_a_gap_or_typo_in_the_units_of_a_model_is_an_error(units):
    priors = {
        "start": un.Prior("lognormal", mu=4.6, sigma=0.1, unit="TWh"),
        "rate": un.Prior("normal", mu=8, sigma=3, unit="%/year"),
    }

    def grow(start, rate):
        return {"e": start * np.exp(rate)}

    with pytest.raises((ModelError, UnitError), match="rat"):
        un.propagate(un.model(outcomes={"e": "TWh"}, units=units)(grow), priors, size=64)


def test_unknown_units_of_outcomes_and_priors_are_errors():
    with pytest.raises(UnitError, match="outcome 'e': unknown unit 'TWhh'"):
        un.propagate(un.model(outcomes={"e": "TWhh"})(lambda a, b: {"e": a}), NORMALS, size=64)
    priors = {"a": un.Prior("normal", mu=0, sigma=1, unit="TWhh")}
    with pytest.raises(UnitError, match=r"parameter 'a': .*TWhh"):
        un.propagate(lambda a: a, priors, size=64)


@pytest.mark.parametrize("keep", [-5, "yes", None, 1.5])
def test_faulty_keep(keep):
    with pytest.raises(DesignError, match="keep must be True, False or a whole number"):
        un.propagate(add, NORMALS, size=64, keep=keep)


def test_faulty_thresholds():
    with pytest.raises(ModelError, match="thresholds: no outcome z"):
        un.propagate(add, NORMALS, size=64, thresholds={"z": [1]})
    with pytest.raises(DesignError, match="must be finite"):
        un.propagate(add, NORMALS, size=64, thresholds={"y": [np.nan]})


@pytest.mark.parametrize("scale", [1e160, 1e-160])
def test_extreme_scales_have_finite_moments(scale):
    found = un.propagate(lambda a, b: scale * (a + b), NORMALS, size=512, replicates=1)["moments"]
    assert found["y"].sel(moment="sd").item() == pytest.approx(5 * scale, rel=0.05)
    assert np.isfinite(found["y_mcse"]).all()


@pytest.mark.parametrize("keep", [True, False])
def test_outer_quantiles_have_honest_errors(keep):
    """The 0.1% and 99.9% quantiles of a skewed outcome, counted as well as kept."""
    priors = {"a": un.Prior("lognormal", mu=0, sigma=1.3)}
    settings = {"size": 2**14, "design": "random", "probabilities": (0.001, 0.999), "keep": keep}
    found = un.propagate(lambda a: a, priors, **settings)["intervals"]
    exact = np.exp(1.3 * ndtri([0.001, 0.999]))
    assert (np.abs(found["y"] - exact) < 6 * found["y_mcse"]).all()


def test_threads_draw_the_same_sobol_points():
    design = Design("sobol", 3, 2**15, seed=1, replicates=2, block=256)
    expected = [design.points(block).sum() for block in design.blocks]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(lambda b: design.points(b).sum(), design.blocks)) == expected


def test_a_model_that_cannot_travel_is_told():
    lock = Lock()
    with processes(2) as pool, pytest.raises(ModelError, match="cannot be sent to other processes"):
        un.propagate(lambda a, b: (lock, a)[1], NORMALS, size=64, executor=pool)


def test_a_dying_worker_is_told():
    def dying(a, b):
        if multiprocessing.parent_process() is not None:
            os._exit(1)
        return a

    with pytest.raises(RunError, match="a worker process died"), processes(2) as pool:
        un.propagate(dying, NORMALS, size=64, executor=pool)
