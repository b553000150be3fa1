"""Reserves: quantiles and margins of the tree, places in a grid, one axis, words that fit."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PolyCollection
from scipy.stats import norm

from tests.views.layout import misplaced, texts, words
from uncertainty.errors import ResultError
from uncertainty.views import render
from uncertainty.views.drawing.style import contrast
from uncertainty.views.drawing.ticks import YEAR_GAP, year_ticks
from uncertainty.views.panels.grid import MOST, grid_of
from uncertainty.views.reserve import reserve_chart

LEVELS = (0.5, 0.8, 0.9, 0.95)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95)
YEARS = tuple(range(2024, 2036))
REGIONS = ("hub", "digital_economy", "other")
SITES = ("large", "small", "edge")
ERROR = 0.003


def tree(base, coords, unit="GW", label="Peak power", years=YEARS, quantiles=QUANTILES):
    """Return a lognormal outcome "peak" over the dims of `coords` and year."""
    ages = np.array(years) - years[0]
    median = np.asarray(base, dtype=float)[..., None] * np.exp(0.09 * ages)
    values = median[..., None] * np.exp((0.1 + 0.05 * ages)[:, None] * norm.ppf(quantiles))
    dims = (*coords, "year", "quantile")
    data = {
        "peak": xr.DataArray(values, dims=dims, attrs={"units": unit, "long_name": label}),
        "peak_mcse": xr.DataArray(ERROR * np.abs(values), dims=dims),
    }
    places = {**coords, "year": list(years), "quantile": list(quantiles)}
    attrs = {"draws": 131072, "replicates": 8}
    nodes = {
        "/": xr.Dataset(attrs={"study_title": "A made-up study"}),
        "/intervals": xr.Dataset(data, places, attrs),
    }
    return xr.DataTree.from_dict(nodes)


def regional(**options):
    return tree([25.0, 8.0, 3.0], {"region": list(REGIONS)}, **options)


def regional_by_site(**options):
    base = np.outer([25.0, 8.0, 3.0], [1.0, 0.4, 0.05])
    return tree(base, {"region": list(REGIONS), "site": list(SITES)}, **options)


def titles(figure):
    return [
        text.get_text()
        for axes in figure.axes
        for text in axes.texts
        if text.get_gid() == "panel-title"
    ]


def test_table_holds_the_quantiles_of_the_tree():
    result = regional_by_site()
    _, table = reserve_chart(result, "peak")
    head = ["region", "site", "year", "quantile"]
    assert table.columns.tolist() == [*head, "value", "margin", "margin_share", "mcse", "unit"]
    for column, stored in (("value", "peak"), ("mcse", "peak_mcse")):
        array = result[f"intervals/{stored}"].sel(quantile=list(LEVELS))
        np.testing.assert_array_equal(table[column], array.to_numpy().ravel())
    assert len(table) == 3 * 3 * 12 * 4
    assert set(table["unit"]) == {"GW"}


def test_margins_are_what_lies_above_the_median():
    result = regional()
    _, table = reserve_chart(result, "peak")
    row = table.set_index(["region", "year", "quantile"]).loc["hub", 2035, 0.95]
    stored = result["intervals/peak"].sel(region="hub", year=2035)
    high, median = (float(stored.sel(quantile=p)) for p in (0.95, 0.5))
    assert row["margin"] == high - median
    assert row["margin_share"] == pytest.approx(high / median - 1, rel=1e-12)
    # The closed form of the lognormal quantile.
    assert row["margin_share"] == pytest.approx(np.exp(0.65 * norm.ppf(0.95)) - 1, rel=1e-9)
    assert (table.loc[table["quantile"] == 0.5, "margin"] == 0).all()


def test_no_share_of_a_median_that_is_not_above_zero():
    _, table = reserve_chart(tree([-5.0, 0.0, 2.0], {"region": list(REGIONS)}), "peak")
    defined = table["margin_share"].notna().groupby(table["region"]).agg(["all", "any"])
    assert defined.loc[["hub", "digital_economy"], "any"].tolist() == [False, False]
    assert defined.loc["other", "all"]


def test_lines_and_shading_drawn_are_those_of_the_table():
    figure, table = reserve_chart(regional(), "peak")
    for axes, region in zip(figure.axes, REGIONS, strict=True):
        rows = table[table["region"] == region]
        wide = rows.pivot(index="year", columns="quantile", values="value")
        for level in LEVELS:
            (line,) = [one for one in axes.lines if one.get_gid() == f"P{100 * level:g}"]
            np.testing.assert_array_equal(line.get_xydata(), wide[level].reset_index())
        areas = [item for item in axes.collections if isinstance(item, PolyCollection)]
        for area, low, high in zip(areas, LEVELS[:-1], LEVELS[1:], strict=True):
            corners = {tuple(point) for point in area.get_paths()[0].vertices}
            edges = {(float(year), value) for p in (low, high) for year, value in wide[p].items()}
            assert corners == edges


def test_shading_is_paler_away_from_the_median():
    figure, _ = reserve_chart(regional(), "peak", levels=(0.05, 0.25, 0.5, 0.75, 0.95))
    opacity = [area.get_alpha() for area in figure.axes[0].collections]
    assert opacity == opacity[::-1]
    assert opacity[0] < opacity[1]


def test_one_axis_from_zero_for_all_panels():
    figure, table = reserve_chart(regional(), "peak")
    limits = {axes.get_ylim() for axes in figure.axes}
    assert len(limits) == 1
    assert min(limits)[0] == 0
    assert min(limits)[1] > table["value"].max()


def test_values_below_zero_are_inside_the_axis():
    figure, table = reserve_chart(tree([-20.0, 8.0], {"region": ["hub", "other"]}), "peak")
    low, high = figure.axes[0].get_ylim()
    assert low < table["value"].min() < 0 < table["value"].max() < high


def test_labels_at_the_end_say_level_value_and_unit():
    figure, table = reserve_chart(regional(), "peak")
    last = table[(table["year"] == 2035) & (table["region"] == "hub")].set_index("quantile")
    labels = [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "end-label"]
    assert labels == [f"P{100 * p:g} {last.loc[p, 'value']:.{d}f} GW" for p, d in
                      zip(LEVELS, (1, 0, 0, 0), strict=True)]  # fmt: skip
    assert "in 2035" in [text.get_text() for text in figure.axes[0].texts]


def test_each_panel_says_its_margin():
    figure, table = reserve_chart(regional(), "peak")
    top = table[(table["year"] == 2035) & (table["quantile"] == 0.95)].set_index("region")
    said = words(figure)
    for region, digits in (("hub", 0), ("digital_economy", 1), ("other", 1)):
        row = top.loc[region]
        assert (
            f"P50 to P95 in 2035: +{row['margin']:.{digits}f} GW (+{100 * row['margin_share']:.0f}%)"
            in said
        )


def test_small_places_keep_their_digits():
    figure, _ = reserve_chart(tree([900.0, 0.002], {"region": ["hub", "other"]}), "peak")
    labels = [text.get_text() for text in figure.axes[1].texts if text.get_gid() == "end-label"]
    assert labels[0] == "P50 0.00538 GW"  # 0.002 exp(0.99)


def test_first_dim_runs_across_and_second_down():
    figure, _ = reserve_chart(regional_by_site(), "peak")
    assert titles(figure)[:4] == [
        "hub, large",
        "digital economy, large",
        "other, large",
        "hub, small",
    ]
    corners = [axes.get_position() for axes in figure.axes]
    assert corners[0].y0 == corners[2].y0 > corners[3].y0
    assert corners[0].x0 == corners[3].x0 < corners[1].x0


def test_facet_says_which_dim_runs_across():
    figure, _ = reserve_chart(regional_by_site(), "peak", facet="site")
    assert titles(figure)[:4] == ["large, hub", "small, hub", "edge, hub", "large, digital economy"]
    both, _ = reserve_chart(regional_by_site(), "peak", facet=("site", "region"))
    assert titles(both) == titles(figure)


def test_an_outcome_over_years_alone_has_one_panel():
    figure, table = reserve_chart(tree(10.0, {}), "peak")
    assert len(figure.axes) == 1
    assert not titles(figure)
    assert table.columns[0] == "year"
    said = words(figure)
    assert "Peak power (GW): what to reserve, and when" in said
    assert "sum of the places" not in said


def test_notes_say_that_places_do_not_add_up():
    figure, _ = reserve_chart(regional(), "peak")
    said = words(figure)
    assert "Each place and year is read alone" in said
    assert "the sum of the places at P95 is as a rule more than the total" in said
    assert "131,072 draws in 8 replicates; lines: P50, P80, P90, P95 (P95: 95% of draws" in said


def test_years_are_drawn_in_their_order():
    result = regional()
    stored = result["intervals"].to_dataset()
    result["intervals"] = xr.DataTree(stored.isel(year=[5, 0, 11, 3]))
    _, table = reserve_chart(result, "peak")
    assert table["year"].unique().tolist() == [2024, 2027, 2029, 2035]


def test_other_levels():
    figure, table = reserve_chart(regional(), "peak", levels=(0.95, 0.05))
    assert sorted(set(table["quantile"])) == [0.05, 0.95]
    assert (table.loc[table["quantile"] == 0.05, "margin"] < 0).all()
    assert "P5" in words(figure)


def test_levels_up_to_the_median_have_no_margin_to_tell():
    figure, _ = reserve_chart(regional(), "peak", levels=(0.05, 0.5))
    assert "P50 to" not in words(figure)


def test_a_result_without_errors_has_none_in_the_table():
    result = regional()
    result["intervals"] = xr.DataTree(result["intervals"].to_dataset().drop_vars("peak_mcse"))
    _, table = reserve_chart(result, "peak")
    assert table["mcse"].isna().all()


def test_missing_levels_are_told_with_what_to_ask_for():
    result = regional(quantiles=(0.05, 0.5, 0.95))
    with pytest.raises(ResultError, match=r"'/intervals/peak' lacks the quantiles 0\.8, 0\.9: add them "
                       r"to \[intervals\] of the study, probabilities = "
                       r"\[0\.05, 0\.5, 0\.8, 0\.9, 0\.95\]"):  # fmt: skip
        reserve_chart(result, "peak")


def test_the_median_is_needed_for_margins():
    with pytest.raises(ResultError, match=r"lacks the quantiles 0\.5"):
        reserve_chart(regional(quantiles=(0.05, 0.95)), "peak", levels=(0.95,))


@pytest.mark.parametrize("levels", [(), (0.5, 0.5), (0.0, 0.5), (0.5, 1.0)])
def test_levels_are_different_probabilities(levels):
    with pytest.raises(ResultError, match="a reserve needs different probabilities"):
        reserve_chart(regional(), "peak", levels=levels)


def test_a_foreign_facet_is_told():
    with pytest.raises(
        ResultError, match=r"facet tier is no free dim: region: hub, digital_economy"
    ):
        reserve_chart(regional(), "peak", facet="tier")


def test_at_most_two_dims_get_panels():
    result = tree(np.ones((2, 2, 2)), {"a": [1, 2], "b": [1, 2], "c": [1, 2]})
    with pytest.raises(
        ResultError, match="at most 2 dims beside year get panels: a: 1, 2; b: 1, 2"
    ):
        reserve_chart(result, "peak")


def test_years_are_needed():
    result = regional()
    stored = result["intervals"].to_dataset()
    result["intervals"] = xr.DataTree(stored.sel(year=2030, drop=True))
    with pytest.raises(ResultError, match="'peak' has no dim year to reserve along: region: hub"):
        reserve_chart(result, "peak")


def test_what_is_not_finite_is_counted():
    result = regional()
    result["intervals/peak"][0, 0, 2] = np.nan
    with pytest.raises(ResultError, match="has 1 quantiles that are not finite"):
        reserve_chart(result, "peak")


def test_the_text_alternative_has_the_numbers():
    figure, _ = reserve_chart(regional(), "peak")
    assert "hub, 2035: P50 67.3 GW, P80 116 GW" in figure.get_label()  # 25 exp(0.99)


def test_all_text_can_be_read():
    figure, _ = reserve_chart(regional_by_site(), "peak")
    assert all(contrast(text.get_color()) >= 4.5 for text in texts(figure))


MANY = [f"region_{number}" for number in range(7)]
HARD = {
    "one panel": tree(10.0, {}),
    "one year": tree([3.0, 5.0], {"region": ["a", "b"]}, years=(2030,)),
    "two years": tree([3.0, 5.0], {"region": ["a", "b"]}, years=(2030, 2035)),
    "long horizon": tree([3.0, 5.0, 1.0], {"region": ["a", "b", "c"]}, years=range(2000, 2101)),
    "nine panels": regional_by_site(),
    "seven by two": tree(np.ones((7, 2)), {"region": MANY, "tier": ["hyperscale", "colocation"]}),
    "huge": tree([2e12, 8e11, 1e3], {"region": list(REGIONS)}, unit="kWh"),
    "tiny": tree([2e-9, 8e-9], {"region": ["a", "b"]}, unit="GWh per server and year at full load"),
    "zero": tree([0.0, 0.0], {"region": ["a", "b"]}),
    "negative": tree([-20.0, 8.0], {"region": ["a", "b"]}),
    "no unit": tree([1.3, 1.5], {"region": ["a", "b"]}, unit="1"),
    "numbered": tree([1.0, 2.0], {"tier": [1, 2]}),
    "long names": tree(
        np.ones((2, 2)),
        {"region": ["a_region_whose_name_is_so_long_that_it_needs_lines_above_it", "b"],
         "site": ["class_with_a_long_name_as_well", "c"]},
        label="Upper bound of the peak power of all sites, whatever the hour, " * 2,
    ),
    "Chinese": tree(
        [3.0, 5.0, 2.0],
        {"region": ["西部枢纽节点（贵州、甘肃、宁夏、内蒙古）", "长江三角洲与粤港澳大湾区", "其他"]},
        label="各区域峰值功率上限",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HARD)
def test_no_words_overlap_or_are_cut(case):
    figure, table = reserve_chart(HARD[case], "peak")
    assert not misplaced(figure)
    dims = [name for name in table if name in {"region", "site", "tier"}]
    assert len(figure.axes) == (table.groupby(dims).ngroups if dims else 1)


@pytest.mark.parametrize("levels", [(0.5,), (0.05, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95)])
def test_any_number_of_levels_fits(levels):
    figure, _ = reserve_chart(regional_by_site(), "peak", levels=levels)
    assert not misplaced(figure)


def test_a_unit_too_long_for_the_labels_is_in_the_title():
    figure, _ = reserve_chart(HARD["tiny"], "peak")
    labels = [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "end-label"]
    assert labels[0] == "P50 5.38"
    assert "Peak power (×10⁻⁹ GWh per server and year at full load)" in words(figure)


@given(st.lists(st.integers(1, 8), max_size=2))
def test_a_grid_has_a_place_of_its_own_for_every_panel(counts):
    coords = {f"dim{place}": list(range(count)) for place, count in enumerate(counts)}
    grid = grid_of(coords)
    places = {(spot.line, spot.column) for spot in grid.spots}
    assert len(places) == len(grid.spots) == np.prod(counts, dtype=int)
    assert {tuple(spot.at.items()) for spot in grid.spots} == {
        tuple(zip(coords, values, strict=True))
        for values in np.ndindex(*counts)
    }  # fmt: skip
    assert max(column for _, column in places) < grid.columns <= MOST
    assert {line for line, _ in places} == set(range(grid.lines))


def test_a_dim_too_long_for_a_line_goes_on_in_another_block():
    grid = grid_of({"region": list("abcde"), "site": ["x", "y"]})
    rows = [
        ["".join(spot.at.values()) for spot in grid.spots if spot.line == line] for line in range(4)
    ]
    assert rows == [["ax", "bx", "cx"], ["ay", "by", "cy"], ["dx", "ex"], ["dy", "ey"]]


def test_a_dim_with_one_coordinate_takes_no_room():
    grid = grid_of({"region": ["a"], "site": ["x", "y"]})
    assert [(spot.at, spot.line, spot.column) for spot in grid.spots] == [
        ({"region": "a", "site": "x"}, 0, 0),
        ({"region": "a", "site": "y"}, 0, 1),
    ]


@given(st.integers(1990, 2100), st.integers(1, 120), st.floats(0.8, 8.0))
def test_labelled_years_stand_apart(first, count, width):
    years = tuple(range(first, first + count))
    ticks = year_ticks(years, width)
    assert set(ticks) <= set(years)
    assert ticks
    gaps = np.diff(ticks) * width / max(count - 1, 1)
    assert (gaps >= YEAR_GAP - 1e-9).all()


@pytest.mark.parametrize("format", ["png", "svg"])
def test_the_same_result_gives_the_same_bytes(format):
    first, second = (render(reserve_chart(regional(), "peak")[0], format) for _ in range(2))
    assert first == second
