"""Failed runs: counted, kept, shown in bounds, refused past a share; never zeros."""

import numpy as np
import pytest

import uncertainty as un
from uncertainty.attempts import attempt
from uncertainty.errors import DesignError, ModelError
from uncertainty.model import Model

UNIT = {n: un.Prior("uniform", lower=0, upper=1) for n in "abc"}


def sound(a, b, c):
    return a + 2 * b + a * c


def gappy(a, b, c):
    """Fails in one run of fifty, where a is large."""
    return np.where(a > 0.98, np.nan, sound(a, b, c))


def test_drivers_count_failures_and_keep_their_parameters():
    with pytest.warns(UserWarning, match=r"model runs failed .* outcome 'y' is nan with a=0.98"):
        found = un.drivers(gappy, UNIT, size=256)
    failed = found["failures"].to_dataset()
    assert found.attrs["failed_runs"] == failed.attrs["failed_runs"] > 0
    assert failed.sizes["failed"] == failed.attrs["failed_runs"]
    assert (failed["a"] > 0.98).all()
    assert set(failed["reason"].values) == {"outcome 'y' is nan"}
    assert failed.sizes["tried"] == 512
    assert np.isfinite(found["drivers/y"]["S1"]).all()


@pytest.mark.filterwarnings("ignore:.*model runs failed")
@pytest.mark.parametrize("design", ["sobol", "random"])
@pytest.mark.parametrize("second_order", [False, True])
def test_bounds_hold_the_indices_of_the_sound_model(design, second_order):
    """The failed outcomes lie within the range of the others, so the bounds must hold."""
    kinds = {"size": 512, "design": design, "second_order": second_order, "control": False}
    whole = un.drivers(sound, UNIT, **kinds)["drivers/y"].to_dataset()
    found = un.drivers(gappy, UNIT, **kinds)["drivers/y"].to_dataset()
    for index in ("S1", "ST"):
        low, high = (found[f"{index}_bounds"].sel(bound=end) for end in ("lower", "upper"))
        assert (low <= whole[index] + 1e-12).all()
        assert (whole[index] <= high + 1e-12).all()
        assert (low < found[index]).all()


def test_no_failures_no_bounds():
    found = un.drivers(sound, UNIT, size=64)
    assert "failures" not in found.children
    assert "S1_bounds" not in found["drivers/y"].data_vars
    assert found.attrs["failed_runs"] == 0


@pytest.mark.parametrize("call", [un.drivers, un.propagate])
def test_too_many_failures_are_refused_with_numbers(call):
    with pytest.raises(
        ModelError, match=r"\d+ of \d+ model runs failed \(.*%\).* at most 1.00% may"
    ):
        call(lambda a, b, c: np.where(a > 0.9, np.inf, b + c), UNIT, size=256, failures=0.01)


@pytest.mark.parametrize("call", [un.drivers, un.propagate])
def test_the_first_failure_ends_a_strict_run(call):
    with pytest.raises(ModelError, match="every run must give finite numbers"):
        call(gappy, UNIT, size=256, failures=0)


@pytest.mark.parametrize("share", [1.0, -0.1, "half", True, None])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(DesignError, match="failures is the share of runs that may fail"):
        un.propagate(sound, UNIT, size=64, failures=share)


def test_one_exception_does_not_take_its_block_along():
    def raising(a, b, c):
        if (a > 0.995).any():
            raise ZeroDivisionError("a is too large")
        return sound(a, b, c)

    with pytest.warns(UserWarning, match="ZeroDivisionError: a is too large"):
        found = un.propagate(raising, UNIT, size=512)
    with pytest.warns(UserWarning, match="is nan"):
        same = un.propagate(
            lambda a, b, c: np.where(a > 0.995, np.nan, sound(a, b, c)), UNIT, size=512
        )
    assert found.attrs["failed_runs"] == same.attrs["failed_runs"]
    np.testing.assert_array_equal(found["intervals"]["y"], same["intervals"]["y"])


def test_a_model_that_always_raises_is_told_once_and_soon():
    calls = []

    def broken(a, b, c):
        calls.append(len(a))
        raise KeyError("demand")

    with pytest.raises(ModelError, match="raised KeyError: 'demand'"):
        un.propagate(broken, UNIT, size=2048)
    assert len(calls) < 2000


@pytest.mark.filterwarnings("ignore:.*model runs failed")
@pytest.mark.parametrize("keep", [True, 100, False])
def test_quantiles_leave_failures_out_and_are_bounded(keep):
    found = un.propagate(gappy, UNIT, size=4096, keep=keep)
    alone = un.propagate(lambda a, b, c: sound(0.98 * a, b, c), UNIT, size=4096)
    np.testing.assert_allclose(found["intervals"]["y"], alone["intervals"]["y"], atol=0.008)
    whole = un.propagate(sound, UNIT, size=4096)["intervals"]["y"]
    bounds = found["bounds"]["y"]
    assert (bounds.sel(bound="lower") <= whole + 1e-3).all()
    assert (whole - 1e-3 <= bounds.sel(bound="upper")).all()
    if keep is True:
        assert np.isnan(found["prior_predictive"]["y"]).sum() == found.attrs["failed_runs"]


def test_an_extreme_quantile_has_no_bound_beyond_which_failures_may_lie():
    with pytest.warns(UserWarning, match="failed"):
        found = un.propagate(gappy, UNIT, size=512, probabilities=(0.01, 0.5, 0.99))
    bounds = found["bounds"]["y"]
    assert bounds.sel(bound="lower", quantile=0.01) == -np.inf
    assert bounds.sel(bound="upper", quantile=0.99) == np.inf
    assert np.isfinite(bounds.sel(quantile=0.5)).all()


def test_failures_of_single_years_name_the_year():
    @un.model(outcomes={"e": "TWh"}, dims={"e": ("year",)}, coords={"year": [2030, 2031]})
    def model(a, b, c):
        return {"e": np.stack([a, np.where(b > 0.99, np.inf, c)])}

    with pytest.warns(UserWarning, match="outcome 'e' is inf at year 2031"):
        found = un.drivers(model, UNIT, size=128)
    assert found["drivers/e"]["ST_bounds"].dims == ("year", "parameter", "bound")


def test_failures_are_the_same_in_threads():
    from concurrent.futures import ThreadPoolExecutor

    with pytest.warns(UserWarning, match="failed"):
        one = un.drivers(gappy, UNIT, size=256)
    with ThreadPoolExecutor(2) as pool, pytest.warns(UserWarning, match="failed"):
        two = un.drivers(gappy, UNIT, size=256, executor=pool)
    for group in ("drivers/y", "failures"):
        assert one[group].to_dataset().identical(two[group].to_dataset())


def test_attempts_find_exactly_the_samples_that_raise():
    def model(x):
        if np.isin(x, (3.0, 40.0, 41.0)).any():
            raise ValueError("no")
        return 2 * x

    found = attempt(Model(model), {"x": np.arange(64.0)}, 0.1)
    assert sorted(found.reasons) == [3, 40, 41]
    np.testing.assert_array_equal(
        found.outcomes["y"][found.known], 2 * np.delete(np.arange(64.0), [3, 40, 41])
    )


def test_a_wrong_shape_is_no_failed_run():
    with pytest.raises(ModelError, match="has shape"):
        un.propagate(lambda a, b, c: np.ones(3), UNIT, size=64)


@pytest.mark.filterwarnings("ignore:.*model runs failed")
@pytest.mark.parametrize("design", ["sobol", "random"])
def test_where_runs_failed_no_control_speaks_for_the_whole_cube(design):
    def model(a, b, c):
        return np.where(a > 0.96, np.nan, a + 2 * b + c)

    kinds = {"size": 512, "design": design}
    plain = un.drivers(model, UNIT, control=False, **kinds)["drivers/y"].to_dataset()
    found = un.drivers(model, UNIT, **kinds)["drivers/y"].to_dataset()
    for name in ("S1", "ST", "S1_interval", "ST_interval"):
        np.testing.assert_allclose(found[name], plain[name], rtol=1e-9, atol=1e-12)


def test_the_share_is_that_of_independent_runs():
    """Runs mixed from failed ones are never tried; they must not lessen the share."""

    def model(a, b, c):
        return np.where(a > 0.92, np.nan, b + c)

    with pytest.raises(ModelError, match=r"\((7\.|8\.)\d+%\).* at most 5.00% may"):
        un.drivers(model, UNIT, size=512)
    with pytest.warns(UserWarning, match="model runs failed"):
        found = un.drivers(model, UNIT, size=512, failures=0.1)
    assert found.attrs["model_runs"] == found["failures"].attrs["tried_runs"]


@pytest.mark.parametrize("second_order", [False, True])
def test_a_whole_block_may_fail(second_order):
    seen = []

    def model(a, b, c):
        seen.append(a)
        return np.full_like(a, np.nan) if len(seen) == 9 else a + b * c

    kinds = {"size": 4096, "replicates": 4, "failures": 0.3, "second_order": second_order}
    with pytest.warns(UserWarning, match="failed"):
        found = un.drivers(model, UNIT, **kinds)
    assert np.isfinite(found["drivers/y"]["ST"]).all()


@pytest.mark.filterwarnings("ignore:.*model runs failed")
def test_a_whole_replicate_that_fails_is_told():
    seen = []

    def model(a, b, c):
        seen.append(a)
        return np.full_like(a, np.nan) if len(seen) in (4, 5) else a + b * c

    with pytest.raises(ModelError, match="every pair of runs of replicate 0 failed; raise size"):
        un.drivers(model, UNIT, size=64, failures=0.9)
