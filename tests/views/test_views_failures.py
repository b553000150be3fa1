"""Failures: where failed runs lie among all, in words that hold, and chance kept apart."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_hex
from scipy.stats import ks_2samp

import uncertainty as un
from tests.views.layout import FINE, in_order, title, words
from uncertainty.errors import ResultError
from uncertainty.views import failures_chart, render
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.style import NOISE
from uncertainty.views.failures.distance import distance, independent, p_value
from uncertainty.views.failures.place import place_of
from uncertainty.views.failures.reasons import counted_reasons
from uncertainty.views.failures.strips import TOLD, end_text, skewed
from uncertainty.views.failures.table import Sample

UNIT = {name: un.Prior("uniform", lower=0, upper=1) for name in "abc"}
LONG = "Growth of inference work in the long run, once that everyone has adopted it, number {}"
SEVERAL = np.random.default_rng(0).dirichlet([1.0, 2.0, 3.0], 60).T


def tree(columns, reasons=None, *, failed=None, runs=5000, units=None, labels=None):
    """A result whose failed runs have the given (failed, tried) values."""
    kept = next(iter(columns.values()))[0].shape[-1]
    made = {"reason": ("failed", list(reasons or ["outcome 'y' is nan"] * kept))}
    for name, (bad, tried) in columns.items():
        attrs = {"units": (units or {}).get(name, ""), "long_name": (labels or {}).get(name, "")}
        for key, dim, x in ((name, "failed", bad), (f"{name}_tried", "tried", tried)):
            made[key] = ((f"{name}_part", dim) if x.ndim > 1 else (dim,), x, attrs)
    count = kept if failed is None else failed
    node = xr.Dataset(made, attrs={"failed_runs": count, "tried_runs": runs})
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs={"failed_runs": count}), "/failures": node})


def uniform(seed, kept=60, tried=512, low=0.0, high=1.0):
    """Failed and tried values of a parameter that fails between two values."""
    rng = np.random.default_rng(seed)
    return rng.uniform(low, high, kept), rng.random(tried)


def gappy(size=256, **priors):
    """Drivers of a model that fails where a is above 0.98."""
    with pytest.warns(UserWarning, match="model runs failed"):
        return un.drivers(
            lambda a, b, c: np.where(a > 0.98, np.nan, a + 2 * b + a * c), UNIT | priors, size=size
        )


def bars(figure, gid):
    return [bar for bar in figure.axes[0].patches if bar.get_gid() == gid]


def colours(figure):
    return {to_hex(bar.get_facecolor()) for bar in bars(figure, "failed")}


def end_texts(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "end"]


@pytest.mark.parametrize("call", [un.drivers, un.propagate])
def test_it_says_where_a_model_fails(call):
    with pytest.warns(UserWarning, match="model runs failed"):
        found = call(lambda a, b, c: np.where(a > 0.98, np.nan, a + b + c), UNIT, size=512)
    figure, table = failures_chart(found)
    counts = found["failures"].attrs
    said = f"{counts['failed_runs']:,} of {counts['tried_runs']:,} model runs failed"
    assert title(figure) == f"{said}; a tells most: all above 0.98"
    assert table["rank"].tolist()[0] == 1
    assert table["rank"].isna().tolist() == [False, True, True]
    assert "all above 0.98; of all runs 2%" in words(figure)
    assert in_order(figure) == FINE


def test_table_holds_what_was_found():
    found = gappy()
    node = found["failures"].to_dataset()
    _, table = failures_chart(found)
    for row in table.to_dict("records"):
        failed, tried = (node[f"{row['parameter']}{end}"].values for end in ("", "_tried"))
        apart = ks_2samp(failed, tried, method="asymp")
        assert row["ks"] == apart.statistic
        assert row["p_value"] == pytest.approx(apart.pvalue, rel=1e-9)
        for kind, values in (("failed", failed), ("tried", tried)):
            wanted = [values.min(), np.median(values), values.max()]
            assert [row[f"{kind}_{end}"] for end in ("min", "median", "max")] == wanted
    assert table["ks"].is_monotonic_decreasing


@pytest.mark.parametrize("seed", range(5))
def test_distance_is_that_of_kolmogorov_and_smirnov(seed):
    rng = np.random.default_rng(seed)
    failed, tried = rng.normal(0.3, 1, 40), np.round(rng.normal(0, 1, 300), 1)
    assert distance(failed, tried) == pytest.approx(ks_2samp(failed, tried).statistic, abs=1e-12)


def test_values_that_a_design_repeats_count_once():
    failed = np.repeat(np.arange(5.0), [1, 1, 1, 1, 4])
    assert independent(np.arange(7.0)) == 7
    assert independent(np.repeat(np.arange(7.0), 3)) == pytest.approx(7)
    assert independent(failed) == pytest.approx(64 / 20)


def test_p_values_hold_where_values_repeat():
    """Without a cause 5 in 100 charts may go below 0.05; counting repeats would give far more."""
    rng = np.random.default_rng(3)
    naive, honest = [], []
    for _ in range(300):
        failed, tried = np.repeat(rng.random(12), 5), rng.random(512)
        found = distance(failed, tried)
        naive.append(p_value(found, len(failed), len(tried)) < 0.05)
        honest.append(p_value(found, independent(failed), len(tried)) < 0.05)
    # Binomial error of 300: 0.013.
    assert np.mean(honest) < 0.05 + 3 * 0.013
    assert np.mean(naive) > 0.2


def test_what_chance_may_have_done_is_grey_and_has_no_rank():
    columns = {f"p{n}": uniform(n) for n in range(6)}
    figure, table = failures_chart(tree(columns))
    assert table["rank"].isna().all()
    assert colours(figure) == {NOISE.lower()}
    assert "no single parameter tells where" in title(figure)
    assert "above 0.0083 (0.05 shared among 6 parameters) the row is grey" in words(figure)
    figure, _ = failures_chart(tree({**columns, "p7": uniform(7, low=0.9)}))
    assert colours(figure) == {NOISE.lower(), TOLD.lower()}


def test_a_discrete_parameter_is_told_from_chance():
    rng = np.random.default_rng(4)
    levels = rng.choice([1.0, 2.0, 3.0], 512)
    _, table = failures_chart(tree({"x": uniform(1), "pick": (np.full(60, 3.0), levels)}))
    assert table["parameter"].tolist() == ["pick", "x"]
    assert table["rank"][0] == 1
    assert table["where"][0] == f"all at 3; of all runs {100 * np.mean(levels == 3):.0f}%"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.9, 1.0, "all above 0.9"),
        (0.0, 0.25, "all below 0.25"),
        (0.4, 0.6, "all from 0.4 to 0.6"),
    ],
)
def test_the_range_is_written_in_words(low, high, said):
    failed, tried = uniform(5, kept=500, low=low, high=high)
    assert place_of(failed, tried, Scale("1")).short == said


def test_the_shares_that_are_written_are_those_of_the_number_that_is_written():
    rng = np.random.default_rng(6)
    failed, tried = rng.normal(1.2, 1, 200), rng.normal(0, 1, 500)
    place = place_of(failed, tried, Scale("1"))
    number = float(place.words.removeprefix("above "))
    assert place.failed == np.mean(failed > number)
    assert place.tried == np.mean(tried > number)
    assert place.gap > 0.95 * distance(failed, tried)


@pytest.mark.parametrize("seed", range(20))
def test_a_range_of_all_failed_runs_holds_all_of_them(seed):
    rng = np.random.default_rng(seed)
    size = 10.0 ** rng.integers(-6, 9)
    start, stop = np.sort(rng.normal(0, 3, 2))
    failed, tried = size * rng.uniform(start, stop, 30), size * rng.normal(0, 3, 500)
    scale = Scale.of([*failed, *tried], "m")
    place = place_of(failed, tried, scale)
    if place.failed < 1:
        return
    texts = place.words.replace("−", "-").replace(scale.suffix, "").split()
    numbers = [float(t.replace(",", "")) * 10.0**scale.exponent for t in texts if t[-1].isdigit()]
    slack = 1e-9 * size
    assert "above" not in texts or numbers[0] <= failed.min() + slack
    assert "below" not in texts or numbers[0] >= failed.max() - slack
    if "from" in texts and "to" in texts:
        assert numbers[0] <= failed.min() + slack
        assert numbers[1] >= failed.max() - slack


def test_a_share_of_none_is_a_bound():
    place = place_of(np.full(40, 2.0), np.linspace(0, 1, 512), Scale("TWh"))
    assert place.full == "all at 2 TWh; of all runs <1%"


def test_a_single_failed_run_is_where_it_is_and_tells_nothing():
    figure, table = failures_chart(tree({"x": (np.array([0.5]), np.linspace(0, 1, 512))}))
    assert table["where"].tolist() == ["the only one at 0.5"]
    assert "1 of 5,000 model runs failed; no single" in title(figure)
    assert "values of 1 failed run against" in words(figure)
    assert in_order(figure) == FINE


def test_failed_runs_that_are_all_the_same_run_are_not_taken_for_many():
    columns = {
        "x": (np.full(40, 0.5), np.random.default_rng(1).random(512)),
        "c": (np.full(40, 3.0), np.random.default_rng(2).choice([1.0, 2.0, 3.0], 512)),
    }
    figure, table = failures_chart(tree(columns))
    assert table["rank"].isna().all()
    assert "their p is that of 1 different value." in words(figure)
    assert in_order(figure) == FINE


def test_bars_are_the_values_of_their_parts():
    failed, tried = uniform(8, low=0.5)
    figure, _ = failures_chart(tree({"x": (failed, tried)}))
    low, high = min(failed.min(), tried.min()), max(failed.max(), tried.max())
    for gid, values in (("failed", failed), ("tried", tried)):
        heights = np.abs([bar.get_height() for bar in bars(figure, gid)])
        counts = np.histogram(values, bins=len(heights), range=(low, high))[0]
        np.testing.assert_allclose(heights / heights.max(), counts / counts.max(), atol=1e-12)
    assert all(bar.get_height() <= 0 for bar in bars(figure, "failed"))


def test_a_long_tail_stands_on_a_log_scale_and_says_so():
    rng = np.random.default_rng(9)
    tried = rng.lognormal(0, 2.2, 512)
    failed = tried[tried > 4]
    assert skewed(Sample(failed, tried, Scale("")))
    assert not skewed(Sample(*uniform(1), Scale("")))
    figure, _ = failures_chart(tree({"x": (failed, tried)}, units={"x": "TWh"}))
    assert "TWh, log scale" in words(figure)
    low, _ = end_texts(figure)
    assert float(low) == pytest.approx(tried.min(), rel=0.01)


def test_ends_of_a_strip_are_rounded_to_what_can_be_seen():
    sample = Sample(*uniform(1), Scale("1"))
    assert [end_text(sample, value) for value in (0.0012, 0.9991)] == ["0", "1"]
    years = Scale.of([2024.0, 2031.0], "year")
    dated = Sample(np.array([2030.0]), np.linspace(2024, 2031, 50), years)
    assert end_text(dated, 2024.0) == "2024"


def test_reasons_are_counted_and_the_commonest_come_first():
    reasons = ["ZeroDivisionError: division by zero"] * 3 + ["outcome 'y' is nan"] * 57
    figure, _ = failures_chart(tree({"x": uniform(1)}, reasons))
    said = words(figure)
    assert "57 outcome 'y' is nan 3 ZeroDivisionError: division by zero" in said
    assert in_order(figure) == FINE


def test_reasons_alike_but_for_their_numbers_are_one():
    told = [f"ValueError: x={n / 7:.4f} lies outside" for n in range(50)]
    others = ["KeyError: 'x1'", "KeyError: 'x2'", "KeyError: 'x2'", "没有收敛", "a", "b"]
    assert counted_reasons([*told, *others])[:3] == [
        ("ValueError: x=… lies outside", 50),
        ("KeyError: 'x2'", 2),
        ("KeyError: 'x1'", 1),
    ]
    assert counted_reasons(["at year 2030", "at year 2031"]) == [
        ("at year 2030", 1),
        ("at year 2031", 1),
    ]


def test_further_reasons_are_counted_and_long_ones_are_cut_with_a_mark():
    reasons = [f"{letter} does not converge {'again and ' * 60}" for letter in "abcdef"] * 10
    figure, _ = failures_chart(tree({"x": uniform(1)}, reasons))
    assert "20 for 2 other reasons" in words(figure)
    assert words(figure).count(" …") == 4
    assert in_order(figure) == FINE


def test_parameters_of_several_numbers_and_fixed_ones_are_named_and_left_out():
    columns = {
        "x": uniform(1, low=0.9),
        "mix": (SEVERAL, np.resize(SEVERAL, (3, 512))),
        "one": (np.full(60, 2.0), np.full(512, 2.0)),
    }
    figure, table = failures_chart(tree(columns))
    assert table["parameter"].tolist() == ["x"]
    assert "Several numbers each, left out: mix." in words(figure)
    assert "The same in all runs, left out: one." in words(figure)


def test_dirichlet_choice_and_fixed_priors_pass():
    priors = {
        "mix": un.Prior("dirichlet", a=[2.0, 3.0, 5.0]),
        "pick": un.Prior("choice", values=[1.0, 2.0, 3.0], probabilities=[0.9, 0.07, 0.03]),
        "one": un.Prior("fixed", value=2.0),
    }
    with pytest.warns(UserWarning, match="model runs failed"):
        found = un.propagate(
            lambda mix, pick, one: np.where(pick == 3, np.inf, one * mix[0]), priors, size=512
        )
    figure, table = failures_chart(found)
    assert table["parameter"].tolist() == ["pick"]
    assert "pick tells most: all at 3" in title(figure)
    assert "left out: mix." in words(figure)


def test_only_so_many_are_drawn_and_the_others_counted():
    columns = {f"p{n}": uniform(n, low=0.9 if n < 3 else 0.0) for n in range(12)}
    figure, table = failures_chart(tree(columns), top=2)
    assert table["drawn"].sum() == 2
    hidden = table[~table["drawn"]]
    said = f"10 more parameters not drawn, 9 grey; distance at most {hidden['ks'].max():.2f}."
    assert said in words(figure)


def test_those_that_are_not_kept_are_said():
    figure, _ = failures_chart(tree({"x": uniform(1)}, failed=400))
    assert "400 of 5,000 model runs failed" in title(figure)
    assert "values of the first 60 failed runs against 512 of all runs" in words(figure)


def test_labels_and_units_come_from_where_the_result_has_them():
    prior = un.Prior("uniform", lower=0, upper=1000, unit="GWh", label="Base electricity")

    @un.model(outcomes={"y": "TWh"}, units={"a": "TWh"})
    def model(a, b):
        return {"y": np.where(a > 0.9, np.nan, a + b)}

    priors = {"a": prior, "b": UNIT["b"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kept = un.propagate(model, priors, size=512, keep=True, failures=0.5)
        plain = un.drivers(model, priors, size=128, failures=0.5)
    _, table = failures_chart(kept)
    assert table.loc[0, ["label", "unit"]].tolist() == ["Base electricity", "TWh"]
    assert table["where"][0] == "all above 0.9 TWh; of all runs 10%"
    assert failures_chart(plain)[1]["label"][0] == "Base electricity"


def test_a_result_without_failures_says_so():
    found = un.propagate(lambda a, b, c: a + b + c, UNIT, size=64)
    with pytest.raises(ResultError, match="no model run of this result failed"):
        failures_chart(found)
    with pytest.raises(ResultError, match="the result has no '/failures'"):
        failures_chart(xr.DataTree())


def test_errors_say_what_is_missing():
    whole = tree({"x": uniform(1)})
    with pytest.raises(ResultError, match="top=0: a whole number of parameters"):
        failures_chart(whole, top=0)
    for node, message in (
        (whole["failures"].to_dataset().drop_vars("reason"), "lacks reason"),
        (whole["failures"].to_dataset().isel(failed=[]), "lacks failed"),
        (tree({"mix": (SEVERAL, SEVERAL)})["failures"].to_dataset(), "holds no parameter that"),
    ):
        with pytest.raises(ResultError, match=message):
            failures_chart(xr.DataTree.from_dict({"/failures": node}))


def many(count, **kinds):
    return {f"p{n}": uniform(n, low=0.7 if n % 3 == 0 else 0.0, **kinds) for n in range(count)}


def scaled(size, shift=0.0):
    return {"x": tuple(size * values + shift for values in uniform(1, low=0.8))}


CASES = {
    "one": tree(many(1)),
    "thirty": tree(many(30)),
    "long labels": tree(many(9), labels={f"p{n}": LONG.format(n) for n in range(9)}),
    "other scripts": tree({"推理增长": uniform(1, low=0.8), "température_élevée": uniform(2)}),
    "huge": tree(scaled(-1e15), units={"x": "TWh per person and year"}),
    "tiny": tree(scaled(1e-15), units={"x": "m3"}),
    "far": tree(scaled(0.5, 987654.0)),
    "years": tree(scaled(12.0, 2024.0), units={"x": "year"}),
    "few": tree(many(3, kept=2, tried=64)),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_touches_and_nothing_is_cut(case):
    figure, _ = failures_chart(CASES[case], top=30)
    assert in_order(figure) == FINE


def test_the_label_of_the_figure_says_the_numbers():
    figure, _ = failures_chart(gappy())
    assert "a: distance 0.98, all above 0.98; of all runs 2%." in figure.get_label()
    figure, _ = failures_chart(tree({"x": uniform(1)}))
    assert "No parameter is told apart from chance." in figure.get_label()


def test_the_same_failures_give_the_same_bytes():
    whole = CASES["long labels"]
    assert render(failures_chart(whole)[0]) == render(failures_chart(whole)[0])
