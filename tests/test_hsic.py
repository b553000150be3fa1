"""Dependence by HSIC: against another implementation, and the promises around its p-values."""

import numpy as np
import pytest

import uncertainty as un
from uncertainty.analysis.given_sample import GivenSample
from uncertainty.analysis.hsic import hsic
from uncertainty.analysis.independent import effective_share, independent_draws
from uncertainty.analysis.kernels import Dependence, gram, permutation_p_values, scaled
from uncertainty.analysis.region import Region
from uncertainty.errors import DesignError, UncertaintyError

NORMAL = un.Prior("normal", mu=0, sigma=1)


def ishigami_draws(size=300, seed=5):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-np.pi, np.pi, (size, 3))
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return dict(zip("abc", x.T, strict=True)), y


def normal_table(size, seed=1, names="abc"):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=size) for name in names}


# OpenTURNS 1.27 of the same draws: V-statistic, squared exponential kernels, bandwidth sd.
OPENTURNS = {
    "HSIC": [0.013858624638646217, 0.0009087828849525334, 0.0023988612077372466],
    "R2": [0.1683932030227622, 0.010994565609809744, 0.028942329513200492],
    "p_value": [0.0, 0.18630301843847538, 0.0023522647830941912],
}
OPENTURNS_TARGET = {
    "HSIC": [0.01389394395810799, 0.0007088660642517563, 0.0005502195002528542],
    "R2": [0.13275340456161042, 0.006743693458846268, 0.005220114625561228],
    "p_value": [0.0, 0.2852855036859193, 0.3894689638012655],
}


def test_openturns_says_the_same():
    table, y = ishigami_draws()
    found = hsic(table, y, drawn="random")
    np.testing.assert_allclose(found["HSIC"], OPENTURNS["HSIC"], rtol=1e-9)
    np.testing.assert_allclose(found["R2"], OPENTURNS["R2"], rtol=1e-9)
    np.testing.assert_allclose(found["p_value"], OPENTURNS["p_value"], atol=0.005)


def test_openturns_says_the_same_of_a_region():
    table, y = ishigami_draws()
    found = hsic(table, y, drawn="random", region={"worst": 0.2}, smooth=0.2)
    np.testing.assert_allclose(found["HSIC"], OPENTURNS_TARGET["HSIC"], rtol=1e-9)
    np.testing.assert_allclose(found["R2"], OPENTURNS_TARGET["R2"], rtol=1e-9)
    np.testing.assert_allclose(found["p_value"], OPENTURNS_TARGET["p_value"], atol=0.01)


def test_openturns_says_the_same_within_a_region():
    """Its kernels have the bandwidth of all draws."""
    table, y = ishigami_draws()
    x = scaled(np.stack(list(table.values())), "sd")
    inside = y > np.quantile(y, 0.8, method="hazen")
    found = Dependence.of(x[:, inside], scaled(y[None], "sd")[:, inside])
    other = [0.0032643552315397262, 0.0012952986717429263, 0.008837097853864691]
    np.testing.assert_allclose(found.hsic[0], other, rtol=1e-9)


def test_the_definition_in_full():
    rng = np.random.default_rng(2)
    x, y = scaled(rng.normal(size=(2, 40)), "sd"), scaled(rng.normal(size=(1, 40)), "median")
    centre = np.eye(40) - 1 / 40
    exact = [np.trace(k @ centre @ gram(y)[0] @ centre) / 40**2 for k in gram(x)]
    np.testing.assert_allclose(Dependence.of(x, y).hsic[0], exact, rtol=1e-12)


def test_blocks_do_not_matter(monkeypatch):
    rng = np.random.default_rng(2)
    x, y = scaled(rng.normal(size=(2, 150)), "sd"), scaled(rng.normal(size=(1, 150)), "sd")
    whole = Dependence.of(x, y)
    monkeypatch.setattr("uncertainty.analysis.kernels.CELLS", 3 * 150 * 7)
    np.testing.assert_allclose(Dependence.of(x, y).hsic, whole.hsic, rtol=1e-12)


def test_a_copy_has_r2_one():
    table = normal_table(300)
    assert hsic(table, 2 - 5 * table["a"], drawn="random")["R2"].values[0] == pytest.approx(1)


def test_dependence_without_any_share_of_variance_is_found():
    rng = np.random.default_rng(1)
    table = normal_table(1000, names="ab")
    found = hsic(table, rng.normal(size=1000) * (1 + table["a"] ** 2), drawn="random")
    assert found["p_value"].sel(parameter="a") < 1e-6
    assert found["p_value"].sel(parameter="b") > 0.01


def p_of_nothing(design, size, replicates, seeds, **options):
    """P-values of a parameter that does nothing."""
    priors = dict.fromkeys(("a", "b", "nothing"), un.Prior("uniform", lower=0, upper=1))
    found = []
    for seed in range(seeds):
        result = un.propagate(
            lambda a, b, nothing: np.sin(6.28 * a) + 2 * b**2 + 0 * nothing,
            priors, size=size, seed=seed, design=design, replicates=replicates,
        )  # fmt: skip
        found.append(float(hsic(result, seed=seed, **options)["p_value"].sel(parameter="nothing")))
    return np.array(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "size", "options"),
    [
        ("random", 120, {}),
        ("random", 300, {"bandwidth": "median"}),
        ("random", 800, {"region": {"worst": 0.1}}),
        ("random", 2000, {"region": {"worst": 0.1}, "method": "conditional"}),
        ("latin", 300, {}),
    ],
)
def test_p_values_are_even_without_dependence(design, size, options, monkeypatch):
    monkeypatch.setattr("uncertainty.analysis.hsic.TIMES", 199)
    chance = p_of_nothing(design, size, 1, 100, **options)
    for level in (0.05, 0.2, 0.5):
        assert abs((chance < level).mean() - level) < 3.3 * np.sqrt(level * (1 - level) / 100)


@pytest.mark.slow
def test_sobol_points_do_not_blind_the_test():
    chance = p_of_nothing("sobol", 256, 8, 100)
    assert abs((chance < 0.5).mean() - 0.5) < 3.3 * np.sqrt(0.25 / 100)
    assert (chance < 0.05).mean() < 0.11


def test_gamma_and_permutations_agree():
    table, y = ishigami_draws()
    one = hsic(table, y, drawn="random", p_values="gamma")["p_value"].values
    other = hsic(table, y, drawn="random", p_values="permutation")["p_value"].values
    np.testing.assert_allclose(one, other, atol=0.04)


def test_permutations_count_the_pairing_itself():
    rng = np.random.default_rng(1)
    x = scaled(rng.normal(size=(1, 60)), "sd")
    found = permutation_p_values(x, x, Dependence.of(x, x).hsic, 99, rng)
    np.testing.assert_allclose(found, 0.01)


def test_few_draws_are_permuted_and_many_are_not():
    table = normal_table(400)
    assert hsic(table, table["a"], drawn="random").attrs["p_values"] == "gamma"
    few = {name: x[:150] for name, x in table.items()}
    assert hsic(few, few["a"], drawn="random").attrs["p_values"] == "permutation"


def test_the_same_seed_gives_the_same():
    result = un.propagate(lambda a, b: a + b, {"a": NORMAL, "b": NORMAL}, size=256)
    one, same, other = (hsic(result, seed=seed)["HSIC"].values for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_draws_used_are_told():
    result = un.propagate(lambda a, b: a + b, {"a": NORMAL, "b": NORMAL}, size=1024)
    assert hsic(result)["draws_used"] == 1024
    assert hsic(result, size=500)["draws_used"] == 500


def test_sobol_points_are_not_taken_in_turn():
    """Every eighth would lie in an eighth of the first coordinate."""
    result = un.propagate(
        lambda a: a, {"a": un.Prior("uniform", lower=0, upper=1)}, size=4096, replicates=1
    )
    sample = GivenSample.of(result)
    chosen = sample.values[0, independent_draws(sample, 2000, 1)]
    assert chosen.min() < 0.02
    assert chosen.max() > 0.98
    assert chosen.size == 512


def test_autocorrelated_chains_are_worth_less():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4, 5000))
    assert effective_share(x) > 0.9
    for step in range(1, 5000):
        x[:, step] = 0.8 * x[:, step - 1] + 0.6 * x[:, step]
    assert effective_share(x) == pytest.approx(0.2 / 1.8, rel=0.25)


def test_what_drives_the_tail_may_not_drive_the_rest():
    rng = np.random.default_rng(4)
    table = {name: rng.random(4000) for name in "ab"}
    y = table["a"] + 3 * np.maximum(table["b"] - 0.95, 0) / 0.05
    body = hsic(table, y, drawn="random")
    tail = hsic(table, y, drawn="random", region={"worst": 0.04})
    inside = hsic(table, y, drawn="random", region={"worst": 0.04}, method="conditional")
    assert body["R2"].idxmax() == "a"
    assert tail["R2"].idxmax() == "b"
    assert inside["R2"].idxmax() == "b"
    assert inside["draws_used"] == 160


@pytest.mark.parametrize("smooth", [0.0, 0.2])
def test_weights_of_a_region(smooth):
    y = np.array([[0.0, 1.0, 2.0, 3.0, 4.0]])
    weights = Region.of(above=2.5).weights(y, smooth)[0]
    np.testing.assert_array_equal(weights[3:], 1)
    expected = np.exp(-np.array([2.5, 1.5, 0.5]) / (smooth * y.std())) if smooth else 0
    np.testing.assert_allclose(weights[:3], expected)


def test_every_coordinate_by_itself():
    table = normal_table(400)
    y = np.stack([table["a"], table["b"] ** 2])
    found = hsic(table, y, drawn="random")
    assert found["R2"].dims == ("dim_0", "parameter")
    assert found["R2"].idxmax("parameter").values.tolist() == ["a", "b"]
    alone = hsic(table, y[1], drawn="random")
    np.testing.assert_allclose(found["p_value"][1], alone["p_value"], rtol=1e-9)


def test_what_does_not_vary_is_told():
    table = {**normal_table(300), "still": np.ones(300)}
    with pytest.warns(UserWarning, match="still does not vary"):
        found = hsic(table, table["a"], drawn="random")
    assert found["HSIC"].isnull().sum() == 1


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_the_unit_does_not_matter(scale):
    table, y = ishigami_draws()
    one = hsic(table, y, drawn="random")
    other = hsic({n: x * scale for n, x in table.items()}, y * scale, drawn="random")
    np.testing.assert_allclose(other["HSIC"], one["HSIC"], rtol=1e-9)


TABLE = normal_table(300)
FAULTS = {
    "method": ({"method": "globl"}, "did you mean 'global'"),
    "no region": ({"method": "target"}, "needs a region"),
    "a region too many": ({"method": "global", "region": {"above": 1}}, "takes no region"),
    "bandwidth": ({"bandwidth": "ds"}, "bandwidth must be one of sd, median, got 'ds'"),
    "law": ({"p_values": "gama"}, "did you mean 'gamma'"),
    "size": ({"size": 0}, "size must be a whole number of at least 50, got 0"),
    "smooth": ({"region": {"above": 1}, "smooth": -1}, "smooth must be a number of at least 0"),
    "seed": ({"seed": -1}, "seed must be a whole number"),
    "unknown key": ({"region": {"wurst": 0.1}}, "did you mean 'worst'"),
    "two keys": ({"region": {"worst": 0.1, "above": 2}}, "one of worst, above, below"),
    "empty": ({"region": {}}, "got none"),
    "no mapping": ({"region": 0.05}, "dictionary such as"),
    "share": ({"region": {"worst": 5}}, "strictly between 0 and 1, got 5"),
    "text": ({"region": {"above": "high"}}, "above must be a number, got 'high'"),
    "few": ({"region": {"worst": 0.05}}, "found inside 15 of 300"),
    "all": ({"region": {"above": -100}}, "found inside 300 of 300"),
    "unknown origin": ({"drawn": None}, "drawn='random'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_told(fault):
    options, message = FAULTS[fault]
    with pytest.raises(UncertaintyError, match=message):
        hsic(TABLE, TABLE["a"], **{"drawn": "random", **options})


def test_too_few_sobol_points_are_refused():
    result = un.propagate(lambda a, b: a + b, {"a": NORMAL, "b": NORMAL}, size=128, replicates=1)
    with pytest.raises(DesignError, match="128 sobol draws are worth 16"):
        hsic(result)
