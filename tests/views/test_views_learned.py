"""What was learned: posteriors at their rank in the prior, the largest contraction first."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import lognorm

import uncertainty as un
from tests.calibrated import PRIORS, make_calibrated
from tests.views.layout import FINE, in_order, marks, title, words
from uncertainty.errors import ResultError
from uncertainty.views import learned_chart
from uncertainty.views.learned.ranks import between, middle_shares


@pytest.fixture
def result():
    return make_calibrated()


def changed(result, **columns):
    node = result["calibration/learned"].to_dataset()
    result["calibration/learned"] = xr.DataTree(node.assign(**columns))
    return result


def test_every_parameter_is_in_the_table(result):
    _, table = learned_chart(result)
    found = result["calibration/learned"].to_dataset()
    assert set(table["parameter"]) == set(PRIORS)
    wide = table.pivot(index="parameter", columns="quantile", values="posterior")
    np.testing.assert_array_equal(
        wide.loc[found["parameter"].values], found["posterior_quantiles"].values
    )
    gone = table.drop_duplicates("parameter")["contraction"].dropna()
    assert gone.is_monotonic_decreasing


def test_ranks_are_those_of_the_prior(result):
    _, table = learned_chart(result)
    rows = table[table["parameter"] == "base_electricity"]
    np.testing.assert_allclose(rows["rank"], lognorm(0.12, scale=70).cdf(rows["posterior"]))


def test_bars_and_dots_are_those_of_the_table(result):
    figure, table = learned_chart(result)
    drawn = table[table["drawn"] & (table["verdict"] != "structure")]
    wide = drawn.pivot(index="parameter", columns="quantile", values="rank")
    wide = wide.loc[list(dict.fromkeys(drawn["parameter"]))]
    bars = [p for p in figure.axes[0].patches if p.get_gid() == "posterior"]
    outer, inner = bars[::2], bars[1::2]
    np.testing.assert_allclose([b.get_x() for b in outer], wide[0.05])
    np.testing.assert_allclose([b.get_x() + b.get_width() for b in outer], wide[0.95])
    np.testing.assert_allclose([b.get_x() for b in inner], wide[0.25])
    dots = [line.get_xdata()[0] for line in marks(figure, "median")]
    np.testing.assert_allclose(dots, wide[0.5])
    assert {tuple(line.get_xdata()) for line in marks(figure, "prior")} == {(0.05, 0.95)}


def test_what_the_data_do_not_reach_is_one_line(result):
    figure, table = learned_chart(result)
    assert "2 parameters that the data do not reach" in words(figure)
    far = table["verdict"] == "not reached by data"
    assert not table.loc[far, "drawn"].any()


def test_a_choice_says_how_probable_its_values_are(result):
    figure, table = learned_chart(result)
    share = float((result["posterior/demand_form"] == 1).mean())
    text = table.loc[table["parameter"] == "demand_form", "shares"].iloc[0]
    assert text == f"0: 50% → {1 - share:.0%}; 1: 50% → {share:.0%}"
    assert text in words(figure)


def test_verdicts_are_words_and_shapes(result):
    figure, table = learned_chart(result)
    filled = [line.get_markerfacecolor() != "#FFFFFF" for line in marks(figure, "median")]
    drawn = table[table["drawn"] & (table["verdict"] != "structure")].drop_duplicates("parameter")
    assert filled == (drawn["verdict"] == "learned").tolist()
    for verdict in ("learned", "a little", "structure"):
        assert verdict in words(figure)


def test_those_beyond_the_top_are_named(result):
    figure, table = learned_chart(result, top=2)
    drawn = set(table.loc[table["drawn"], "parameter"])
    assert drawn == {"base_electricity", "growth_start", "demand_form"}
    assert "3 parameters without a line: PUE of large sites" in words(figure)


def test_without_the_priors_ranks_are_read_between_quantiles(result):
    exact = learned_chart(result)[1].set_index(["parameter", "quantile"])["rank"]
    del result["parameters"]
    rough = learned_chart(result)[1].set_index(["parameter", "quantile"])["rank"]
    names = ["base_electricity", "growth_start", "growth_end"]
    np.testing.assert_allclose(rough.loc[names], exact.loc[names], atol=0.02)


def test_a_prior_in_another_unit_is_not_asked(result):
    found = result["calibration/learned"].to_dataset()
    scaled = {n: 1000 * found[n] for n in ("prior_quantiles", "posterior_quantiles")}
    before = learned_chart(result)[1].set_index(["parameter", "quantile"])["rank"]
    after = learned_chart(changed(result, **scaled))[1].set_index(["parameter", "quantile"])["rank"]
    np.testing.assert_allclose(
        after.loc["base_electricity"], before.loc["base_electricity"], atol=0.02
    )


def test_half_an_atom_counts():
    prior = un.Prior("choice", values=[0, 1], probabilities=[0.2, 0.8])
    np.testing.assert_allclose(middle_shares(prior, np.array([0.0, 1.0])), [0.1, 0.6])


def test_beyond_the_quantiles_the_normal_score_goes_on():
    levels = np.array([0.05, 0.5, 0.95])
    quantiles = np.array([-1.6448536, 0.0, 1.6448536])
    from scipy.stats import norm

    values = np.array([-3.0, -1.0, 2.5])
    np.testing.assert_allclose(between(levels, quantiles, values), norm.cdf(values), atol=1e-6)
    assert np.isnan(between(levels, np.ones(3), values)).all()


def test_nothing_learned_is_said(result):
    count = len(PRIORS)
    far = np.array(["not reached by data"] * count)
    figure, table = learned_chart(changed(result, verdict=("parameter", far)))
    assert "leave each of 8 parameters as it was" in title(figure)
    assert not table["drawn"].any()
    assert in_order(figure) == FINE


def test_words_stand_apart(result):
    assert in_order(learned_chart(result)[0]) == FINE


def test_long_and_foreign_names_stand_apart(result):
    names = [f"参数 {i}: a very long name that has to be broken, once or twice, and " * 2
             for i in range(len(PRIORS))]  # fmt: skip
    node = result["calibration/learned"].to_dataset().assign_coords(label=("parameter", names))
    result["calibration/learned"] = xr.DataTree(node)
    assert in_order(learned_chart(result)[0]) == FINE


def test_the_title_counts_verdicts(result):
    assert title(learned_chart(result)[0]).startswith("The observations say much on ")


def test_a_result_without_it_is_refused(result):
    del result["calibration"]["learned"]
    with pytest.raises(ResultError, match="'/calibration/learned' lacks contraction"):
        learned_chart(result)
