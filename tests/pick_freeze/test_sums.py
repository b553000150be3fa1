"""Sums, errors and bounds of a pick-freeze run against what is written out on arrays."""

import numpy as np
import pytest

import uncertainty as un
from uncertainty.attempts import attempt
from uncertainty.design import Design
from uncertainty.door import Door
from uncertainty.errors import ModelError
from uncertainty.model import Model
from uncertainty.pick_freeze.control import CHECK, LEAST, PILOT, control, kinds
from uncertainty.pick_freeze.surrogate import fit, room
from uncertainty.ratios import mean_of
from uncertainty.space import Space, as_space
from uncertainty.tally import Ends, Failures, OpenInfluence, PickFreeze, Redraws, Table, failures
from uncertainty.tally.estimators import FIRST, TOTAL
from uncertainty.unknown import check_failed

UNIT = {n: un.Prior("uniform", lower=0, upper=1) for n in "abc"}
RNG = np.random.default_rng(3)
A, B = 7 + RNG.standard_normal((2, 2, 4000)) ** 3
C = 0.5 * A + 0.4 * B + RNG.standard_normal(A.shape)
SHIFT = np.array([6.5, 7.5])
KNOWN = RNG.random(4000) < 0.8


def partly() -> PickFreeze:
    open_sums = PickFreeze.start(A, B, SHIFT)
    open_sums.step(np.where(KNOWN, C, np.nan), KNOWN)
    return open_sums.stop()


def test_unknown_outcomes_of_a_mixed_sample_are_left_out_of_its_averages():
    tally, s = partly(), partly().result()
    a, b = A - SHIFT[:, None], B - SHIFT[:, None]
    d = (C - A)[:, KNOWN]
    assert tally.used.tolist() == [KNOWN.sum()]
    for found, values in (
        (s.d, d), (s.dd, d**2), (s.ad, a[:, KNOWN] * d), (s.bd, b[:, KNOWN] * d),
    ):  # fmt: skip
        np.testing.assert_allclose(found[:, 0], values.mean(axis=-1), rtol=1e-10)
    both = np.concatenate([a, b], axis=-1)
    np.testing.assert_allclose(s.variance, both.var(axis=-1), rtol=1e-10)


def test_the_range_is_that_of_a_and_b_in_all_blocks():
    parts = [
        PickFreeze.of(A[:, i], B[:, i], [C[:, i]], SHIFT) for i in np.split(np.arange(4000), 8)
    ]
    for order in (parts, parts[::-1]):
        tally = sum(order[1:], order[0])
        np.testing.assert_allclose(tally.low, np.minimum(A, B).min(axis=-1))
        np.testing.assert_allclose(tally.high, np.maximum(A, B).max(axis=-1))


def mean(x):
    return x.mean(axis=-1)


WHOLE = np.concatenate([A, B], axis=-1)
M, V = mean(WHOLE)[:, None], WHOLE.var(axis=-1)


def joint(x):
    m = 0.5 * (mean(x) + mean(C))
    return (mean(x * C) - m**2) / (0.5 * mean(x**2 + C**2) - m**2)


def correlation(x):
    return np.array([np.corrcoef(*pair)[0, 1] for pair in zip(x, C, strict=True)])


WRITTEN = {
    ("first", "saltelli"): lambda: mean((B - M) * (C - A)),
    ("first", "jansen"): lambda: V - 0.5 * mean((B - C) ** 2),
    ("first", "janon"): lambda: V * joint(B),
    ("first", "martinez"): lambda: V * correlation(B),
    ("total", "jansen"): lambda: 0.5 * mean((A - C) ** 2),
    ("total", "homma"): lambda: V - mean((A - M) * (C - M)),
    ("total", "janon"): lambda: V * (1 - joint(A)),
    ("total", "martinez"): lambda: V * (1 - correlation(A)),
}


def test_every_estimator_is_written_out():
    assert set(WRITTEN) == {("first", n) for n in FIRST} | {("total", n) for n in TOTAL}


@pytest.mark.parametrize("key", WRITTEN, ids=" ".join)
def test_an_estimator_is_its_formula(key):
    s = PickFreeze.of(A, B, [C], SHIFT).result()
    found = {"first": FIRST, "total": TOTAL}[key[0]][key[1]](s)
    np.testing.assert_allclose(found[:, 0], WRITTEN[key](), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("with_control", [False, True])
@pytest.mark.parametrize("known", [None, KNOWN])
def test_influence_gives_the_error_of_a_ratio(with_control, known):
    a, b, d = A - M, B - M, C - A
    ca, cb, cd = (0.7 * x + 0.1 for x in (a, b, d)) if with_control else (None, None, None)
    sums = OpenInfluence(Ends(a, b, ca, cb))
    sums.step(np.where(known, d, np.nan) if known is not None else d, cd, known)
    tally = sums.stop()
    less = 1.0 if with_control else 0.0
    q = 0.5 * (a**2 + b**2) - (less and 0.5 * (ca**2 + cb**2))
    parts = b * d - (less and cb * cd), 0.5 * d**2 - (less and 0.5 * cd**2)
    pick = slice(None) if known is None else known
    rows = [np.vstack([x, x.sum(axis=0)])[:, pick] for x in (q, *parts)]
    whole, index = np.array([3.0, 4.0, 5.0]), np.array([[0.2], [0.3], [0.4]])
    for order in (0, 1):
        expected = (rows[1 + order] - index * rows[0]).std(axis=-1) / np.sqrt(rows[0].shape[-1])
        np.testing.assert_allclose(
            tally.errors(order, index, whole)[:, 0], expected / whole, rtol=1e-9
        )


@pytest.mark.filterwarnings("ignore:.*model runs failed")
def test_delta_intervals_are_as_wide_as_those_over_many_replicates():
    """With failed runs, a control, and an outcome with dims; 64 replicates know an error to 9%."""

    @un.model(outcomes={"y": "1"}, dims={"y": ("t",)}, coords={"t": [0, 1]})
    def model(a, b, c):
        y = np.stack([a + 2 * b + a * c, 5 * np.abs(b - 0.4) + c])
        return {"y": np.where((a > 0.9) & (b > 0.8), np.nan, y)}

    found = un.drivers(model, UNIT, size=256, replicates=64, design="random")["drivers/y"]
    variance = found["variance_by_replicate"].values
    for name, kind in (("S1", "first"), ("ST", "total")):
        parts = found[f"{kind}_by_replicate"].values
        for prefix, p, v in (
            ("", parts, variance), ("aggregate_", parts.sum(axis=1), variance.sum(axis=1)),
        ):  # fmt: skip
            value = p.mean(axis=0) / v.mean(axis=0)[..., None]
            each = (p - value * v[..., None]) / v.mean(axis=0)[..., None]
            spread = each.std(axis=0, ddof=1) / 8
            half = 0.5 * found[f"{prefix}{name}_interval"].diff("bound").values[..., 0] / 1.96
            moved = spread > 1e-9
            np.testing.assert_allclose(half[moved], spread[moved], rtol=0.45)


@pytest.mark.filterwarnings("ignore:.*model runs failed")
@pytest.mark.parametrize(
    "kinds", [{}, {"control": False}, {"design": "random"}, {"second_order": True}]
)
def test_failures_of_mixed_samples_alone_are_left_out(kinds):
    """Both ends may be sound where the exchange of one parameter fails."""

    def sound(a, b, c):
        return a + 2 * b + a * c

    whole = un.drivers(sound, UNIT, size=512, **kinds)["drivers/y"].to_dataset()
    found = un.drivers(
        lambda a, b, c: np.where((a > 0.9) & (b > 0.9), np.nan, sound(a, b, c)),
        UNIT, size=512, **kinds,
    )["drivers/y"].to_dataset()  # fmt: skip
    for index in ("S1", "ST"):
        low, high = (found[f"{index}_bounds"].sel(bound=end) for end in ("lower", "upper"))
        assert np.isfinite(found[index]).all()
        assert ((low <= whole[index]) & (whole[index] <= high)).all()
        np.testing.assert_allclose(found[index], whole[index], atol=0.06)


def test_as_many_failures_as_may_be_are_no_error():
    few = Failures(100, 5, ("low",) * 5, {"a": np.zeros(5)}, {"a": np.zeros(0)})
    with pytest.warns(UserWarning, match="5 of 100"):
        check_failed(Table.of({("failures", "", 0): few}), 0.05)


def test_a_dummy_has_no_bounds_and_parameters_keep_theirs():
    with pytest.warns(UserWarning, match="failed"):
        found = un.drivers(
            lambda a, b, c: np.where(a > 0.98, np.nan, a + b * c), UNIT, size=256, dummy=True
        )["drivers/y"].to_dataset()
    bounded = np.isfinite(found["S1_bounds"]).all("bound")
    assert bounded.values.tolist() == [True, True, True, False]


def test_failed_runs_are_kept_in_order_and_not_more_than_so_many(monkeypatch):
    monkeypatch.setattr(failures, "MOST", 3)
    values = {"x": np.arange(6.0)}
    one, two = Failures.of(values, {4: "d", 1: "b"}, 2), Failures.of(values, {5: "e", 0: "a"})
    assert (one.reasons, one.values["x"].tolist()) == (("b", "d"), [1, 4])
    both = one + two
    assert (both.reasons, both.values["x"].tolist(), both.failed) == (("b", "d", "a"), [1, 4, 0], 4)


def test_the_rounding_of_redraws_is_measured_by_all_blocks():
    y = np.full((1, 64), 0.1)
    big = y + 1e6
    noise = big + 1e-10 * RNG.standard_normal(64)
    small, large = (Redraws.of(x, [x], [x], big[:, 0]) for x in (0 * y, noise))
    assert (large.size == (small + large).size).all()
    assert (large.size == (large + small).size).all()
    assert large.result().variance == 0


def test_a_mean_over_replicates_has_students_interval():
    each = np.array([[1.0], [2.0], [4.0], [5.0]])
    value, ends = mean_of(each)
    reach = 3.182446 * np.std([1, 2, 4, 5], ddof=1) / 2
    np.testing.assert_allclose([value[0], *ends[0]], [3, 3 - reach, 3 + reach], rtol=1e-5)


def test_a_fault_that_is_not_of_a_sample_is_told_after_one_call():
    calls = []

    def wrong(x):
        calls.append(len(x))
        return np.ones(3)

    with pytest.raises(ModelError, match="has shape"):
        attempt(Model(wrong), {"x": np.arange(64.0)}, 0.5)
    assert calls == [64]


def test_where_all_of_a_few_samples_raise_the_error_is_theirs():
    def broken(x):
        raise ValueError("no")

    with pytest.raises(ModelError, match="no"):
        attempt(Model(broken), {"x": np.arange(2.0)}, 0.9)


def test_a_trial_of_failures_alone_says_why():
    with pytest.raises(ModelError, match=r"every one of 64 runs .* outcome 'y' is nan"):
        un.drivers(lambda a, b, c: np.nan * a, UNIT, size=64)


def test_halves_of_a_model_that_uses_its_output_again_are_copied():
    kept = np.empty(64)

    def model(x):
        if np.isin(x, (3.0, 40.0)).any():
            raise ValueError("no")
        out = kept[: len(x)]
        out[:] = 2 * x
        return out

    x = np.arange(64.0)
    found = attempt(Model(model), {"x": x}, 0.2)
    np.testing.assert_array_equal(found.outcomes["y"][found.known], 2 * x[found.known])


def reusing(a, b, c, kept={}):  # noqa: B006
    out = kept.setdefault(len(a), np.empty(len(a)))
    out[:] = a + 2 * b + a * c
    return out


@pytest.mark.parametrize("kinds", [{}, {"second_order": True}])
def test_a_model_may_use_its_output_again(kinds):
    one = un.drivers(reusing, UNIT, size=256, **kinds)["drivers/y"]
    two = un.drivers(lambda a, b, c: a + 2 * b + a * c, UNIT, size=256, **kinds)["drivers/y"]
    np.testing.assert_array_equal(one["S1"], two["S1"])
    np.testing.assert_array_equal(one["ST"], two["ST"])


def made(model, size=1024):
    space = as_space(UNIT)
    plan = Design("sobol", 6, size, 1, 4)
    door, _ = Door.of(model, space, plan.points(plan.first)[:3, :64], None)
    return door, plan


def test_pilot_check_and_replicates_have_no_point_in_common():
    calls = []

    def model(a, b, c):
        calls.append(a.copy())
        return a + b

    door, plan = made(model)
    calls.clear()
    control(door, plan, 5 * 1024)
    pilot, check = calls
    own = [plan.points(next(plan.replicate_blocks(r))) for r in range(4)]
    every = np.concatenate([pilot, check, *(u[row] for u in own for row in (0, 3))])
    assert len(np.unique(every)) == len(every)
    assert min(PILOT, CHECK) > 2**32


def test_a_cell_that_no_polynomial_explains_goes_without_a_control():
    def model(a, b, c):
        return {"y": np.stack([a + 2 * b, np.sin(4e5 * a) + 5])}

    door, plan = made(
        un.model(outcomes={"y": "1"}, dims={"y": ("t",)}, coords={"t": [0, 1]})(model)
    )
    found = control(door, plan, 5 * 1024)
    used = found.surrogate.weights["y"].any(axis=-1)
    assert used.tolist() == [True, False]
    assert found.surrogate.means["y"][1] == 0
    typical = found.centred({"y": np.array([9.0, 9.0])})["y"]
    np.testing.assert_allclose(typical, [1.5, 9.0], atol=0.05)


def test_where_nothing_is_explained_there_is_no_surrogate():
    door, plan = made(lambda a, b, c: np.sin(4e5 * a))
    assert control(door, plan, 5 * 1024).surrogate is None


def test_a_small_run_has_no_control():
    door, plan = made(lambda a, b, c: a)
    assert control(door, plan, 2 * LEAST - 1) is None
    assert control(door, plan, 2 * LEAST) is not None


def test_correlated_parameters_have_hermite_polynomials():
    space = Space(UNIT, {("a", "b"): 0.5})
    assert kinds(space) == ("hermite", "hermite", "legendre")


def test_a_product_of_three_and_a_kink_are_found_exactly():
    u = RNG.random((3, 1024))
    x = 2 * u - 1
    y = np.abs(x[0]) + x[0] * x[1] * x[2]
    found = fit(u, {"y": y}, ("legendre",) * 3)
    np.testing.assert_allclose(found.at(found.factors(u))["y"], y, atol=1e-6)


def test_a_parameter_of_few_values_and_one_that_does_nothing_can_be_fitted():
    u = np.round(RNG.random((2, 512)) * 2) / 2 * 0.8 + 0.1
    found = fit(u, {"y": u[0] ** 2, "z": np.full(512, 3.0)}, ("legendre",) * 2)
    np.testing.assert_allclose(found.at(found.factors(u))["y"], u[0] ** 2, atol=1e-6)
    assert not found.weights["z"].any()


def test_terms_are_fewer_than_points_can_bear():
    u = RNG.random((12, 256))
    found = fit(u, {"y": np.exp(u.sum(axis=0)) * np.sin(9 * u[0] * u[1])}, ("legendre",) * 12)
    assert len(found.terms) <= room(256) == 42
