"""What drives an outcome into its tail, against closed forms, and the promises around it."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import uncertainty as un
from uncertainty.analysis.tail import tail_drivers
from uncertainty.errors import DesignError, UncertaintyError

NORMAL = un.Prior("normal", mu=0, sigma=1)
WEIGHTS = np.array([1.0, 1.0, 0.5, 0.2, 0.0])
NAMES = ("a", "b", "c", "d", "e")
SD = np.sqrt((WEIGHTS**2).sum())


def exact_share(worst):
    """First-order indices of being among the largest values of a sum of normals, by quadrature."""
    z = np.linspace(-9, 9, 20_001)
    density = stats.norm.pdf(z) / stats.norm.pdf(z).sum()
    limit = stats.norm.isf(worst) * SD
    chance = [stats.norm.sf((limit - w * z) / np.sqrt(SD**2 - w**2)) for w in WEIGHTS]
    return np.array([((c - worst) ** 2 @ density) for c in chance]) / (worst * (1 - worst))


def exact_shift(worst):
    """Mean of each normal when their sum is among its largest values."""
    return WEIGHTS / SD * stats.norm.pdf(stats.norm.isf(worst)) / worst


def weighted_sum(a, b, c, d, e):
    return sum(w * x for w, x in zip(WEIGHTS, (a, b, c, d, e), strict=True))


def normal_draws(size, seed=1):
    rng = np.random.default_rng(seed)
    table = {name: rng.normal(size=size) for name in NAMES}
    return table, weighted_sum(**table)


def result(size=2048, **options):
    return un.propagate(weighted_sum, dict.fromkeys(NAMES, NORMAL), size=size, **options)


def covered(found, name, exact):
    low, high = (found[f"{name}_interval"].sel(bound=b).values for b in ("lower", "upper"))
    return (low <= exact) & (exact <= high)


@pytest.mark.parametrize("worst", [0.05, 0.3])
@pytest.mark.parametrize("design", ["sobol", "latin", "random"])
def test_a_sum_of_normals(design, worst):
    found = tail_drivers(result(design=design), worst=worst)
    np.testing.assert_allclose(found["S1"], exact_share(worst), atol=0.03)
    np.testing.assert_allclose(found["shift"], exact_shift(worst), atol=0.15)
    assert found["share"] == pytest.approx(worst, abs=0.001)
    assert found["threshold"] == pytest.approx(stats.norm.isf(worst) * SD, rel=0.02)


@pytest.mark.slow
def test_intervals_cover():
    hits = {"S1": [], "shift": []}
    for seed in range(200):
        table, y = normal_draws(2048, seed)
        found = tail_drivers(table, y, drawn="random")
        hits["S1"].append(covered(found, "S1", exact_share(0.05)))
        hits["shift"].append(covered(found, "shift", exact_shift(0.05)))
    assert np.mean(hits["S1"], axis=0).min() > 0.88
    assert np.mean(hits["S1"]) > 0.92
    assert np.mean(hits["shift"], axis=0).min() > 0.90


@pytest.mark.slow
def test_p_values_are_even_without_dependence():
    chance = []
    for seed in range(300):
        table, y = normal_draws(1024, seed)
        chance.append(float(tail_drivers(table, y, worst=0.1, drawn="random")["KS_p_value"][4]))
    for level in (0.05, 0.2, 0.5):
        assert abs((np.array(chance) < level).mean() - level) < 3.3 * np.sqrt(level / 300)


def test_scipy_says_the_same():
    table, y = normal_draws(1000)
    table["steps"] = np.round(table["a"] * 2)
    found = tail_drivers(table, y, worst=0.1, drawn="random")
    inside = y > found["threshold"].item()
    for name, x in table.items():
        other = stats.ks_2samp(x[inside], x[~inside], method="asymp")
        mine = found.sel(parameter=name)
        assert mine["KS"].item() == pytest.approx(other.statistic, rel=1e-12)
        assert mine["KS_p_value"].item() == pytest.approx(other.pvalue, rel=0.2, abs=1e-3)
        assert mine["shift"].item() == pytest.approx((x[inside].mean() - x.mean()) / x.std())


def test_values_inside_and_among_all():
    table, y = normal_draws(4096)
    found = tail_drivers(table, y, worst=0.1, drawn="random")
    inside = y > found["threshold"].item()
    expected = np.quantile(table["a"][inside], [0.05, 0.5, 0.95], method="hazen")
    np.testing.assert_allclose(found["values"].sel(parameter="a", draws="inside"), expected)
    every = found["values"].sel(parameter="a", draws="all")
    np.testing.assert_allclose(every, [-1.645, 0, 1.645], atol=0.1)


def test_the_lower_side_mirrors_the_upper():
    table, y = normal_draws(2048)
    low = tail_drivers(table, -y, side="lower", drawn="random")
    high = tail_drivers(table, y, drawn="random")
    np.testing.assert_allclose(low["S1"], high["S1"], rtol=1e-9)
    np.testing.assert_allclose(low["shift"], high["shift"], rtol=1e-9)
    assert low.attrs["region"] == "lowest 0.05 of the draws"


def test_thresholds():
    table, y = normal_draws(2048)
    above = tail_drivers(table, y, above=2.0, drawn="random")
    below = tail_drivers(table, y, below=2.0, drawn="random")
    assert above["count"] == (y > 2).sum()
    assert below["count"] == (y < 2).sum()
    np.testing.assert_allclose(above["S1"], below["S1"], rtol=1e-9)
    assert above.attrs["region"] == "above 2"


def test_every_coordinate_has_its_own_region():
    table, y = normal_draws(2048)
    both = xr.DataArray(
        np.stack([y, 10 * table["c"] ** 2]), dims=("year", "sample"), coords={"year": [2030, 2035]}
    )
    found = tail_drivers(table, both, drawn="random")
    assert found["S1"].dims == ("year", "parameter")
    assert covered(found.sel(year=2035, parameter="c"), "S1", 1.0)
    assert found["KS"].sel(year=2035).idxmax() == "c"
    alone = tail_drivers(table, y, drawn="random")
    for name in ("shift_interval", "values", "KS_p_value"):
        np.testing.assert_allclose(found[name].sel(year=2030), alone[name], rtol=1e-9)
    np.testing.assert_allclose(found["S1"].sel(year=2030), alone["S1"], rtol=1e-6, atol=1e-9)


def test_a_choice_a_dirichlet_and_a_fixed_number():
    priors = {
        "kind": un.Prior("choice", values=[1.0, 2.0, 5.0], probabilities=[0.2, 0.3, 0.5]),
        "mix": un.Prior("dirichlet", a=[2.0, 3.0, 5.0]),
        "one": un.Prior("fixed", value=2.0),
    }
    made = un.propagate(lambda kind, mix, one: one * kind + mix[0], priors, size=1024)
    with pytest.warns(UserWarning, match="one does not vary"):
        found = tail_drivers(made, above=9.0)
    assert found["S1"].sel(parameter="kind") == pytest.approx(1, abs=0.01)
    assert found["values"].sel(parameter="kind", draws="inside").values.tolist() == [5, 5, 5]
    for name in ("S1", "shift", "KS", "KS_p_value"):
        assert found[name].sel(parameter="one").isnull()


def test_chains_of_a_posterior_count_what_they_are_worth():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4, 2000))
    for step in range(1, 2000):
        x[:, step] = 0.8 * x[:, step - 1] + 0.6 * x[:, step]
    other = rng.normal(size=(4, 2000))
    dims = ("chain", "draw")
    tree = xr.DataTree.from_dict(
        {
            "/posterior": xr.Dataset({"x": (dims, x)}),
            "/posterior_predictive": xr.Dataset({"y": (dims, x + other)}),
        }
    )
    given = tail_drivers(tree, group="posterior")
    table = {"x": x.ravel(), "chain": np.repeat(range(4), 2000)}
    independent = tail_drivers(table, (x + other).ravel(), drawn="random")
    np.testing.assert_allclose(given["shift"], independent["shift"])
    wide, narrow = (np.ptp(f["shift_interval"].values) for f in (given, independent))
    assert wide > 1.3 * narrow


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_the_unit_does_not_matter(scale):
    table, y = normal_draws(2048)
    one = tail_drivers(table, y, drawn="random")
    other = tail_drivers({n: x * scale for n, x in table.items()}, y * scale, drawn="random")
    for name in ("S1", "shift_interval", "KS"):
        np.testing.assert_allclose(other[name], one[name], rtol=1e-9)


TABLE, OUTCOME = normal_draws(400)
FAULTS = {
    "few": ({}, r"highest 0.05 of the draws.*found inside 20 of 400"),
    "nothing": ({"above": 1e6}, "found inside 0 of 400"),
    "two": ({"worst": 0.2, "above": 1.0}, "got worst, above"),
    "share": ({"worst": 1.0}, "strictly between 0 and 1"),
    "side": ({"worst": 0.2, "side": "uper"}, "did you mean 'upper'"),
    "not finite": ({"above": np.nan}, "above must be finite, got nan"),
    "unknown origin": ({"worst": 0.2, "drawn": None}, "drawn='random'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_told(fault):
    options, message = FAULTS[fault]
    with pytest.raises(UncertaintyError, match=message):
        tail_drivers(TABLE, OUTCOME, **{"drawn": "random", **options})


def test_too_few_draws_are_told_with_their_place():
    both = xr.DataArray(
        np.stack([OUTCOME, OUTCOME * 100]), dims=("year", "sample"), coords={"year": [2030, 2035]}
    )
    with pytest.raises(DesignError, match=r"found inside 0 of 400 at year 2030;"):
        tail_drivers(TABLE, both, above=50.0, drawn="random")


def test_an_outcome_that_does_not_vary_has_no_tail():
    with pytest.raises(DesignError, match="found inside 0 of 400"):
        tail_drivers(TABLE, np.ones(400), worst=0.2, drawn="random")
