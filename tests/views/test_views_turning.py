"""Turning years: probabilities from shares above thresholds, with what lies beyond them."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import uncertainty as un
from tests.views.layout import misplaced, texts, words
from uncertainty.errors import ResultError
from uncertainty.views import render
from uncertainty.views.drawing.shares import fine_share_text
from uncertainty.views.drawing.style import contrast
from uncertainty.views.turning import turning_chart
from uncertainty.views.turning.chart import ACROSS, Layout

YEARS = tuple(range(2024, 2036))
PROBABILITIES = (0.0, 0.04, 0.004, 0.1, 0.15, 0.1, 0.1, 0.08, 0.07, 0.05, 0.03, 0.02)
ERROR = 0.0007


def tree(shares, years=YEARS, label="First year of a positive net effect", thresholds=None):
    """Return a result with an outcome "turn" that has the probabilities of the years."""
    above = 1.0 - np.cumsum(shares)
    found = xr.Dataset(
        {
            "turn": ("turn_threshold", above, {"units": "1"}),
            "turn_mcse": ("turn_threshold", np.full(len(above), ERROR)),
        },
        {"turn_threshold": np.array(years, dtype=float)},
        {"draws": 131072, "replicates": 8},
    )
    if thresholds is not None:
        found = found.sel(turn_threshold=list(thresholds))
    attrs = {"units": "year", "long_name": label}
    quantiles = xr.DataArray([2027.0, 2030.0, 2036.0], dims="quantile", attrs=attrs)
    level = xr.DataArray(np.ones(len(years)), dims="year", attrs={"units": "TWh"})
    stored = xr.Dataset(
        {"turn": quantiles, "use": level.expand_dims(quantile=3)},
        {"quantile": [0.05, 0.5, 0.95], "year": list(years)},
    )
    nodes = {"/": xr.Dataset(attrs={"study_title": "A made-up study"}), "/intervals": stored}
    return xr.DataTree.from_dict(nodes | {"/exceedance": found})


def exchanged(path, node):
    result = tree(PROBABILITIES)
    result[path] = xr.DataTree(node)
    return result


def bars(figure, gid):
    return [bar for bar in figure.axes[0].patches if bar.get_gid() == gid]


def numbers(figure):
    return [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "number"]


def test_the_draws_of_a_model_have_the_probabilities_of_its_law():
    """The year is 2025, 2026, ... with one in eight each; 2029 and later ones are beyond 2028."""

    @un.model(
        outcomes={"turn": "year", "use": "TWh"},
        dims={"use": ("year",)},
        coords={"year": [2024, 2025, 2026, 2027, 2028]},
    )
    def law(x, *, xp):
        turn = xp.minimum(2025.0 + xp.floor(8.0 * x), 2029.0)
        return {"turn": turn, "use": x + np.arange(5.0)[:, None]}

    wish = {"turn": [2024, 2025, 2026, 2027, 2028]}
    prior = {"x": un.Prior("uniform", lower=0, upper=1)}
    result = un.propagate(law, prior, size=1024, seed=2, thresholds=wish)
    _, table = turning_chart(result, "turn")
    assert table["year"].tolist() == [2025, 2026, 2027, 2028, "none"]
    # Each eighth of the unit interval holds exactly an eighth of 1,024 Sobol' points.
    np.testing.assert_allclose(table["probability"], [*[1 / 8] * 4, 1 / 2], atol=1e-12)
    np.testing.assert_allclose(table["cumulative"], [1 / 8, 2 / 8, 3 / 8, 4 / 8, 1], atol=1e-12)
    np.testing.assert_allclose(table["mcse"], 0.0, atol=1e-12)


def test_table_holds_differences_of_the_shares():
    _, table = turning_chart(tree(PROBABILITIES), "turn")
    assert table.columns.tolist() == ["year", "probability", "cumulative", "mcse"]
    assert table["year"].tolist() == [*YEARS[1:], "none"]
    none = 1 - sum(PROBABILITIES)
    np.testing.assert_allclose(table["probability"], [*PROBABILITIES[1:], none], atol=1e-12)
    np.testing.assert_allclose(table["cumulative"], table["probability"].cumsum(), atol=1e-12)
    assert table["mcse"].tolist() == [*[ERROR] * 11, 0.0]


def test_draws_at_the_base_year_or_before_have_a_bar():
    figure, table = turning_chart(tree((0.03, *PROBABILITIES[1:])), "turn")
    assert table["year"].iloc[0] == 2024
    assert table["probability"].iloc[0] == pytest.approx(0.03)
    assert "≤2024" in words(figure)
    assert "≤2024" not in words(turning_chart(tree(PROBABILITIES), "turn")[0])


def test_bars_drawn_are_those_of_the_table():
    figure, table = turning_chart(tree(PROBABILITIES), "turn")
    heights = [bar.get_height() for bar in (*bars(figure, "year"), *bars(figure, "none"))]
    np.testing.assert_array_equal(heights, table["probability"])
    assert figure.axes[0].get_ylim()[0] == 0


def test_none_is_hatched_and_stands_apart_at_the_right():
    figure, _ = turning_chart(tree(PROBABILITIES), "turn")
    *_, before, last = bars(figure, "year")
    (none,) = bars(figure, "none")
    assert none.get_hatch()
    assert not last.get_hatch()
    assert none.get_x() - last.get_x() > 1.5 * (last.get_x() - before.get_x())


def test_bars_of_one_in_a_hundred_or_more_have_a_number():
    figure, table = turning_chart(tree(PROBABILITIES), "turn")
    shown = table[table["probability"] >= 0.01]
    assert len(shown) == len(table) - 1
    assert numbers(figure) == [f"{100 * share:.0f}%" for share in shown["probability"]]


def test_shares_up_to_each_year_stand_beneath():
    figure, table = turning_chart(tree(PROBABILITIES), "turn")
    below = [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "below"]
    for year, share in zip(table["year"][:-1], table["cumulative"][:-1], strict=True):
        assert str(year) in below
        assert f"{100 * share:.0f}%" in below
    assert below[-3:] == ["by then", "not by", "2035"]


def test_the_title_is_the_finding():
    figure, _ = turning_chart(tree(PROBABILITIES), "turn")
    assert "First year of a positive net effect: by 2035 in 74% of draws" in words(figure)
    assert figure.get_label().endswith("2034 3%, 2035 2%; not by 2035 26%.")


def test_notes_say_what_is_left_out_and_how_far_the_shares_may_be_off():
    figure, _ = turning_chart(tree(PROBABILITIES), "turn")
    said = words(figure)
    assert "no such year up to 2035; nothing is said of later ones" in said
    assert "0.070 percentage points (1 sd)" in said
    assert "131,072 draws in 8 replicates" in said


def test_a_result_without_errors_says_nothing_of_them():
    bare = tree(PROBABILITIES)["exceedance"].to_dataset().drop_vars("turn_mcse")
    figure, table = turning_chart(exchanged("exceedance", bare), "turn")
    assert table["mcse"].iloc[:-1].isna().all()
    assert "Monte Carlo" not in words(figure)


def test_further_thresholds_are_left_aside():
    result = tree(PROBABILITIES)
    found = result["exceedance"].to_dataset()
    wide = found.reindex(turn_threshold=[2000.0, *YEARS[:3], 2026.5, *YEARS[3:], 2050.0])
    wide = wide.isel(turn_threshold=slice(None, None, -1)).fillna(0.5)
    _, table = turning_chart(exchanged("exceedance", wide), "turn")
    _, plain = turning_chart(result, "turn")
    assert table.equals(plain)


def test_missing_thresholds_are_told_with_what_to_ask_for():
    result = tree(PROBABILITIES, thresholds=[y for y in YEARS if y not in {2026, 2031}])
    listed = ", ".join(map(str, YEARS))
    with pytest.raises(ResultError, match=r"'/exceedance/turn' lacks thresholds at 2026, 2031: ask "
                       rf"for them in the study, thresholds = {{ turn = \[{listed}\] }}"
                       ):  # fmt: skip
        turning_chart(result, "turn")


def test_a_result_without_thresholds_is_told_what_to_ask_for():
    result = tree(PROBABILITIES)
    bare = xr.DataTree.from_dict({name: result[name].to_dataset() for name in ("/", "intervals")})
    with pytest.raises(ResultError, match=r"'/exceedance' lacks 'turn': .* turn = \[2024, 2025, "):
        turning_chart(bare, "turn")


def test_without_years_in_the_result_the_thresholds_are_the_horizon():
    result = tree(PROBABILITIES)
    result["intervals"] = xr.DataTree(result["intervals"].to_dataset().drop_dims("year"))
    _, table = turning_chart(result, "turn")
    assert len(table) == 12
    gap = result["exceedance"].to_dataset().drop_sel(turn_threshold=2030.0)
    result["exceedance"] = xr.DataTree(gap)
    with pytest.raises(
        ResultError, match=r"lacks thresholds at 2030: .* \[every year from the base"
    ):
        turning_chart(result, "turn")


def test_one_threshold_is_no_horizon():
    result = tree(PROBABILITIES[:1], years=YEARS[:1])
    with pytest.raises(ResultError, match="'/exceedance/turn' lacks thresholds: ask"):
        turning_chart(result, "turn")


def test_years_are_needed():
    with pytest.raises(ResultError, match="'use' is in TWh: a turning chart needs years"):
        turning_chart(tree(PROBABILITIES), "use")
    with pytest.raises(ResultError, match="no intervals of outcome 'nothing'"):
        turning_chart(tree(PROBABILITIES), "nothing")


def test_a_year_for_each_region_is_no_single_year():
    wide = tree(PROBABILITIES)["exceedance"].to_dataset().expand_dims(region=["a", "b"])
    with pytest.raises(ResultError, match="'turn' is not a single year in each draw: region: a, b"):
        turning_chart(exchanged("exceedance", wide), "turn")


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0%"),
        (0.0001, "<0.1%"),
        (0.004, "0.4%"),
        (0.0099, "1.0%"),
        (0.123, "12%"),
        (0.994, "99%"),
        (0.996, "99.6%"),
        (0.9999, ">99.9%"),
        (1.0, "100%"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(share, said):
    assert fine_share_text(share) == said


def spread(count, base=0.0, none=0.3):
    draws = np.random.default_rng(7).dirichlet(np.ones(count - 1)) * (1 - none - base)
    return [base, *draws]


HARD = {
    "plain": tree(PROBABILITIES),
    "all in one year": tree([0.0] * 11 + [0.9999]),
    "never": tree([0.0] * 12),
    "base year only": tree([1.0] + [0.0] * 11),
    "two years": tree([0.0, 0.0002], years=(2024, 2025)),
    "27 years": tree(spread(27, 0.02), years=range(2024, 2051)),
    "40 years": tree(spread(40), years=range(2024, 2064)),
    "77 years": tree(spread(77), years=range(2024, 2101)),
    "long label": tree(PROBABILITIES, label="First year in which electricity use is higher " * 4),
    "Chinese": tree(PROBABILITIES, label="净效应首次为正的年份"),
}


@pytest.mark.parametrize("case", HARD)
def test_no_words_overlap_or_are_cut(case):
    figure, table = turning_chart(HARD[case], "turn")
    assert not misplaced(figure)
    assert table["probability"].sum() == pytest.approx(1, abs=1e-12)
    assert all(contrast(text.get_color()) >= 4.5 for text in texts(figure))


def test_numbers_turn_upright_and_leave_with_a_word_when_bars_are_narrow():
    narrow, _ = turning_chart(HARD["40 years"], "turn")
    upright = [text.get_rotation() for text in narrow.axes[0].texts if text.get_gid() == "number"]
    assert upright[:-1] == [90.0] * (len(upright) - 1)
    assert upright[-1] == 0
    narrowest, _ = turning_chart(HARD["77 years"], "turn")
    assert numbers(narrowest) == ["30%"]
    assert "The bars stand too close for numbers" in words(narrowest)


@given(st.integers(2, 200))
def test_bars_are_even_and_stay_on_the_axes(count):
    layout = Layout.of(count)
    years = np.array(layout.places[:-1])
    np.testing.assert_allclose(np.diff(years), layout.slot, rtol=1e-9)
    assert layout.places[-1] - years[-1] > layout.slot
    assert layout.slot / 2 < years[0] + 1e-9
    assert layout.places[-1] + min(layout.slot, 0.7) / 2 <= ACROSS + 1e-9


@pytest.mark.parametrize("format", ["png", "svg"])
def test_the_same_result_gives_the_same_bytes(format):
    first, second = (
        render(turning_chart(tree(PROBABILITIES), "turn")[0], format) for _ in range(2)
    )
    assert first == second
