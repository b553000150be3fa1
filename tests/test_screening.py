"""Screening against SALib called by hand, closed forms, and the promises around it."""

# ruff: noqa: NPY002  (that the global generator stays as it was is one of the promises)

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import uncertainty as un
from uncertainty.errors import DesignError, ModelError, SpaceError
from uncertainty.salib.methods import METHODS
from uncertainty.salib.screening import screen

NORMAL = un.Prior("normal", mu=0, sigma=1)
UNIT = un.Prior("uniform", lower=0, upper=1)
#: Enough for every method, and cheap ones.
QUICK = {
    "morris": {"size": 16},
    "pawn": {"size": 512},
    "delta": {"size": 256, "num_resamples": 4},
    "rbd_fast": {"size": 512, "num_resamples": 10},
    "hdmr": {"size": 400, "K": 3},
}


def problem(priors):
    bounds = [list(prior.support) for prior in priors.values()]
    return {"num_vars": len(priors), "names": list(priors), "bounds": bounds}


def test_every_method_is_tried_here():
    assert set(QUICK) == set(METHODS)


def test_morris_without_a_tail_is_salib(ishigami_case):
    from SALib.analyze import morris as analyser
    from SALib.sample import morris as sampler

    asked = problem(ishigami_case.priors)
    x = sampler.sample(asked, 40, num_levels=6, seed=7)
    y = ishigami_case.model(*x.T)
    by_hand = analyser.analyze(asked, x, y, num_levels=6, num_resamples=200, seed=7)
    found = screen(
        ishigami_case.model,
        ishigami_case.priors,
        size=40,
        seed=7,
        num_levels=6,
        num_resamples=200,
        tail=0,
    )["screening/y"].to_dataset()
    for name in ("mu_star", "mu", "sigma"):
        np.testing.assert_allclose(found[name], by_hand[name], rtol=1e-9, atol=1e-9)
    half = found["mu_star_interval"].sel(bound="upper") - found["mu_star"]
    np.testing.assert_allclose(half, by_hand["mu_star_conf"], rtol=1e-6, atol=1e-9)


def test_given_data_methods_are_salib(ishigami_case):
    from SALib.analyze import pawn, rbd_fast
    from SALib.sample import latin

    asked = problem(ishigami_case.priors)
    x = latin.sample(asked, 512, seed=3)
    y = ishigami_case.model(*x.T)
    found = screen(ishigami_case.model, ishigami_case.priors, method="pawn", size=512, seed=3)
    np.testing.assert_allclose(
        found["screening/y"]["median"], pawn.analyze(asked, x, y)["median"], rtol=1e-9
    )
    found = screen(ishigami_case.model, ishigami_case.priors, method="rbd_fast", size=512, seed=3)
    by_hand = rbd_fast.analyze(asked, x, y, seed=3)
    np.testing.assert_allclose(found["screening/y"]["S1"], by_hand["S1"], rtol=1e-9)


@pytest.mark.parametrize("method", ["delta", "hdmr"])
def test_methods_that_draw_from_the_global_generator_are_salib(method, ishigami_case):
    from importlib import import_module

    from SALib.sample import latin

    asked, options = problem(ishigami_case.priors), dict(QUICK[method])
    size = options.pop("size")
    x = latin.sample(asked, size, seed=3)
    y = ishigami_case.model(*x.T)
    state, form = np.random.get_state(), warnings.formatwarning
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("ignore")
        np.random.seed(3)
        analyser = import_module(f"SALib.analyze.{method}")
        # By ranks: delta draws once more for each parameter that has values below 0.
        ranks = (x + np.pi) / (2 * np.pi)
        by_hand = analyser.analyze(asked, ranks, y, seed=3, **options)
    np.random.set_state(state)
    warnings.formatwarning = form
    found = screen(
        ishigami_case.model, ishigami_case.priors, method=method, size=size, seed=3, **options
    )["screening/y"].to_dataset()
    for name, theirs in METHODS[method].variables.items():
        np.testing.assert_allclose(found[name], by_hand[theirs[0]][:3], rtol=1e-6, atol=1e-9)


def test_mu_is_the_slope_over_the_width():
    priors = {"a": un.Prior("uniform", lower=-1, upper=3), "b": UNIT}
    found = screen(lambda a, b: 5 - 2 * a + b, priors)["screening/y"].to_dataset()
    np.testing.assert_allclose(found["mu"], [-8, 1], rtol=1e-9)
    np.testing.assert_allclose(found["mu_star"], [8, 1], rtol=1e-9)
    np.testing.assert_allclose(found["sigma"], [0, 0], atol=1e-9)
    np.testing.assert_allclose(found["mu_star_interval"].sel(bound="lower"), [8, 1], rtol=1e-6)


def test_rbd_fast_and_hdmr_know_a_sum():
    priors = {"a": UNIT, "b": un.Prior("uniform", lower=0, upper=2)}
    for method, name in (("rbd_fast", "S1"), ("hdmr", "ST")):
        found = screen(lambda a, b: a + b, priors, method=method)["screening/y"][name]
        # The bootstrap of SALib says 0.02 at these sizes.
        np.testing.assert_allclose(found, [0.2, 0.8], atol=0.05)


@pytest.mark.parametrize("method", METHODS)
def test_infinite_priors_labels_and_units(method):
    @un.model(outcomes={"energy": "TWh"})
    def energy(a, b):
        return {"energy": a + 3 * b}

    priors = {"a": un.Prior("lognormal", mu=0, sigma=1, label="growth", group="pace"), "b": NORMAL}
    tree = screen(energy, priors, method=method, **QUICK[method])
    found = tree["screening/energy"].to_dataset()
    assert set(METHODS[method].variables) <= set(found.data_vars)
    assert found["label"].values.tolist() == ["growth", "b"]
    assert found["group"].values.tolist() == ["pace", ""]
    first = next(iter(METHODS[method].variables))
    assert found[first].sel(parameter="b") > found[first].sel(parameter="a")
    assert found[first].attrs["units"] == ("TWh" if method == "morris" else "1")
    for name in METHODS[method].intervals:
        ends = found[f"{name}_interval"]
        assert ends.attrs == {"interval_kind": "bootstrap of SALib, normal", "interval_prob": 0.95}
        middle = ends.mean("bound")
        np.testing.assert_allclose(middle, found[name], atol=1e-12)


def test_runs_are_counted():
    calls = []

    def count(a, b):
        calls.append(len(a))
        return a + b

    tree = screen(count, {"a": UNIT, "b": UNIT}, size=10)
    assert tree.attrs["model_runs"] == 10 * 3 == calls[-1]
    assert tree["screening/y"].attrs["model_runs"] == 30
    assert tree.attrs["seed"] == 1
    assert tree.attrs["design"] == "morris"
    assert tree.attrs["failed_runs"] == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [0, 5, 2**40])
def test_a_seed_gives_the_same_and_leaves_the_global_generator(method, seed):
    priors = {"a": UNIT, "b": UNIT}
    form, filters = warnings.formatwarning, list(warnings.filters)
    np.random.seed(99)
    before = np.random.get_state()[1].copy()
    ask = {"method": method, "seed": seed, **QUICK[method]}
    first = screen(lambda a, b: a + b**2, priors, **ask)["screening/y"].to_dataset()
    assert np.array_equal(before, np.random.get_state()[1])
    np.random.random(10)
    again = screen(lambda a, b: a + b**2, priors, **ask)["screening/y"].to_dataset()
    assert first.identical(again)
    assert warnings.formatwarning is form
    assert list(warnings.filters) == filters


def test_executors_do_not_change_a_bit(ishigami_case):
    ask = {"method": "rbd_fast", "size": 5000}
    inline = screen(ishigami_case.model, ishigami_case.priors, **ask)
    with ThreadPoolExecutor(2) as executor:
        spread = screen(ishigami_case.model, ishigami_case.priors, executor=executor, **ask)
    assert inline["screening/y"].to_dataset().identical(spread["screening/y"].to_dataset())


@pytest.mark.parametrize("method", METHODS)
def test_years_and_one_in_which_nothing_varies(method):
    @un.model(outcomes={"e": "TWh"}, dims={"e": ("year",)}, coords={"year": [2024, 2030]})
    def growth(a, b, *, xp):
        return {"e": 5 + xp.stack([0 * a, a + 3 * b])}

    with pytest.warns(UserWarning, match="'e' does not vary at 2024: .*NaN"):
        tree = screen(growth, {"a": NORMAL, "b": NORMAL}, method=method, **QUICK[method])
    found = tree["screening/e"].to_dataset()
    for variable in found.data_vars.values():
        assert np.isnan(variable.sel(year=2024)).all()
        assert np.isfinite(variable.sel(year=2030)).all()


def test_a_constant_outcome_is_told():
    with pytest.warns(UserWarning, match="'y' does not vary: "):
        found = screen(lambda a, b: 0 * a + 1, {"a": UNIT, "b": UNIT})
    assert np.isnan(found["screening/y"]["mu_star"]).all()


@pytest.mark.parametrize("method", METHODS)
def test_dependent_parameters_need_a_method_that_knows_them(method):
    space = un.Space({"a": NORMAL, "b": NORMAL, "c": NORMAL}, {("a", "b"): 0.9})

    def only_a(a, b, c):
        return a + 0 * b + 0 * c

    if not METHODS[method].dependent:
        with pytest.raises(SpaceError, match=r"a, b are correlated; use un\.shapley"):
            screen(only_a, space, method=method)
        return
    found = screen(only_a, space, method=method, **QUICK[method])["screening/y"].to_dataset()
    a, b, c = found[next(iter(METHODS[method].variables))].values
    # b acts through a, c does not.
    assert a > b > 2 * c


def test_a_dirichlet_has_a_row_a_share_and_a_fixed_number_none():
    priors = {"one": un.Prior("fixed", value=2.0), "mix": un.Prior("dirichlet", a=[2.0, 3.0, 5.0])}

    def share(one, mix):
        return one * mix[1]

    found = screen(share, priors, method="pawn")["screening/y"]["median"]
    assert found["parameter"].values.tolist() == ["mix[0]", "mix[1]", "mix[2]"]
    assert np.argmax(found.values) == 1
    with pytest.raises(SpaceError, match=r"the shares of 'mix' \(dirichlet\)"):
        screen(share, priors)


def test_a_choice_is_screened_by_its_rank():
    rare = un.Prior("choice", values=[1.0, 2.0], probabilities=[0.4, 0.6])
    found = screen(lambda a, c: a + c, {"a": UNIT, "c": rare})["screening/y"].to_dataset()
    assert (found["mu_star"] > 0).all()
    rare = un.Prior("choice", values=[1.0, 2.0, 3.0], probabilities=[0.45, 0.01, 0.54])
    with pytest.raises(DesignError, match=r"never meets the values 2\.0 of the choice 'c'"):
        screen(lambda a, c: a + c, {"a": UNIT, "c": rare})


def test_any_name_will_do():
    priors = {"x_raw": UNIT, "Wärme [kW]": UNIT, "<0>": UNIT}
    found = screen(
        lambda **x: x["x_raw"] + 2 * x["Wärme [kW]"] + 0 * x["<0>"],
        priors,
        method="delta",
        **QUICK["delta"],
    )["screening/y"]["delta"]
    assert found["parameter"].values.tolist() == list(priors)
    assert found.sel(parameter="Wärme [kW]") > found.sel(parameter="x_raw")


def test_what_salib_warns_of_is_told_with_names():
    """An outcome that is almost always 0: most classes of delta hold no density."""

    def rare(alpha, beta):
        return np.where(alpha > 0.9, beta, 0.0)

    with pytest.warns(UserWarning, match="outcome 'y': SALib: .*bins skipped"):
        screen(rare, {"alpha": UNIT, "beta": UNIT}, method="delta", **QUICK["delta"])


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"method": "moris"}, DesignError, "unknown method 'moris'.*did you mean 'morris'"),
        ({"num_level": 4}, DesignError, "has no option 'num_level'.*did you mean 'num_levels'"),
        ({"num_levels": 5}, DesignError, "even number of at least 2, got 5"),
        ({"num_levels": True}, DesignError, "whole number of at least 1, got True"),
        ({"tail": 0.5}, DesignError, "below 0.5.*got 0.5"),
        ({"tail": 0}, DesignError, "above 0 since n can be infinite; got 0"),
        ({"tail": float("nan")}, DesignError, "tail of morris must be a number of at least 0"),
        ({"num_resamples": 1}, DesignError, "at least 2, got 1"),
        ({"size": 1}, DesignError, "at least 2 trajectories, got size=1"),
        ({"size": 2.5}, DesignError, "got size=2.5"),
        ({"seed": -1}, DesignError, "seed must be a whole number"),
        ({"method": "hdmr", "size": 299}, DesignError, "at least 300 points"),
        ({"method": "hdmr", "maxorder": 4}, DesignError, "SALib's hdmr failed.*maxorder"),
        ({"method": "rbd_fast", "M": 100, "size": 512}, DesignError, "M=100 needs at least 800"),
        ({"outcomes": ["z"]}, ModelError, "no outcome z"),
    ],
)
def test_faults_speak(options, error, words):
    with pytest.raises(error, match=words):
        screen(lambda n, u: n + u, {"n": NORMAL, "u": UNIT}, **options)


def test_one_parameter_and_a_model_that_fails():
    assert screen(lambda a: 3 * a, {"a": UNIT})["screening/y"]["mu"].round(9).item() == 3
    with pytest.raises(SpaceError, match="hdmr needs at least 2 uncertain parameters"):
        screen(lambda a: a, {"a": UNIT}, method="hdmr")
    with pytest.raises(ModelError, match="every run must give finite numbers"):
        screen(lambda a: np.where(a > 0.5, np.nan, a), {"a": UNIT}, method="pawn")
