"""Fans: the table is the tree, the drawing is the table, and nothing is lost without a word."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba

from uncertainty.errors import ResultError
from uncertainty.views import fan_chart
from uncertainty.views.fan.sources import shapes


def texts(figure, gid=None):
    every = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    return [text for text in every if gid is None or text.get_gid() == gid]


def words(figure):
    return "\n".join(text.get_text() for text in texts(figure))


def lines(axes, gid):
    return [line for line in axes.lines if line.get_gid() == gid]


def boxes(found):
    return [text.get_window_extent() for text in found if text.get_text()]


def overlaps(found):
    spots = boxes(found)
    return [
        (one, other)
        for place, one in enumerate(spots)
        for other in spots[place + 1 :]
        if min(one.x1, other.x1) - max(one.x0, other.x0) > 0.5
        and min(one.y1, other.y1) - max(one.y0, other.y0) > 2.5
    ]


def crowded(make_rows):
    rng = np.random.default_rng(3)
    return make_rows(
        [
            {
                "year": int(rng.choice([2025, 2030, 2035])),
                "value": float(rng.uniform(200, 700)),
                "label": f"case {number % 4}",
                "source": f"Institute {number % 6}",
                "published": "2024",
            }
            for number in range(14)
        ]
    )


def test_table_holds_the_intervals_of_the_tree(result):
    _, table = fan_chart(result, "electricity")
    found = table[table["series"] == "quantile"]
    wide = found.pivot(index="year", columns="quantile", values="value")
    np.testing.assert_array_equal(wide, result["intervals/electricity"])
    errors = found.pivot(index="year", columns="quantile", values="mcse")
    np.testing.assert_array_equal(errors, result["intervals/electricity_mcse"])


def test_table_holds_observations_and_projections(result):
    _, table = fan_chart(result, "electricity")
    measured = result["observations"].to_dataset().to_dataframe()
    found = table[table["series"] == "observation"]
    for column in ("year", "value", "low", "high", "source", "label", "published"):
        np.testing.assert_array_equal(found[column], measured[column])
    projected = result["projections"].to_dataset().to_dataframe()
    drawn = table[table["series"] == "projection"]
    np.testing.assert_array_equal(drawn["value"], projected.loc[projected["year"] <= 2035, "value"])


def test_bands_and_median_drawn_are_those_of_the_table(result):
    figure, table = fan_chart(result, "electricity")
    wide = table[table["series"] == "quantile"].pivot(
        index="year", columns="quantile", values="value"
    )
    areas = [item for item in figure.axes[0].collections if isinstance(item, PolyCollection)]
    for area, (low, high) in zip(areas, [(0.05, 0.95), (0.25, 0.75)], strict=True):
        corners = {tuple(np.round(point, 6)) for point in area.get_paths()[0].vertices}
        for year, row in wide.iterrows():
            assert (float(year), round(row[low], 6)) in corners
            assert (float(year), round(row[high], 6)) in corners
        assert len(corners) == 2 * len(wide)
    (median,) = [line for line in figure.axes[0].lines if line.get_label() == "median"]
    np.testing.assert_array_equal(median.get_ydata(), wide[0.5])


def test_bands_are_one_hue_in_two_opacities(result):
    figure, _ = fan_chart(result, "electricity")
    colours = [area.get_facecolor()[0] for area in figure.axes[0].collections]
    assert [tuple(colour[:3]) for colour in colours] == [to_rgba("#0072B2")[:3]] * 2
    assert colours[0][3] != colours[1][3]
    assert figure.axes[0].get_legend() is None


def test_dots_drawn_are_those_of_the_table(result):
    figure, table = fan_chart(result, "electricity")
    for series in ("observation", "projection"):
        rows = table[(table["series"] == series) & table["value"].notna()]
        drawn = [line.get_xydata()[0] for line in lines(figure.axes[0], series)]
        top = figure.axes[0].get_ylim()[1]
        held = np.where(rows["value"] > top, top - 0.018 * top, rows["value"])
        np.testing.assert_allclose(drawn, np.column_stack([rows["position"], held]))


def test_ranges_of_projections_are_dashed_and_measured_ones_solid(result):
    figure, table = fan_chart(result, "electricity")
    rows = table[table["low"].notna()]
    drawn = lines(figure.axes[0], "range")
    assert len(drawn) == len(rows) == 3
    for line, (_, row) in zip(drawn, rows.iterrows(), strict=True):
        np.testing.assert_allclose(line.get_ydata(), [row["low"], row["high"]])
        assert (line.get_linestyle() == "-") == (row["series"] == "observation")


def test_projections_of_one_year_stand_side_by_side(result):
    _, table = fan_chart(result, "electricity")
    rows = table[(table["series"] == "projection") & (table["year"] == 2030)]
    assert rows["position"].is_unique
    assert (rows["position"] - 2030).abs().max() <= 0.361
    assert rows["position"].mean() == pytest.approx(2030)


def test_measured_marks_are_black_and_full_projected_open_and_coloured(result):
    figure, _ = fan_chart(result, "electricity")
    axes = figure.axes[0]
    assert {line.get_color() for line in lines(axes, "observation")} == {"#000000"}
    inside = [line for line in lines(axes, "projection") if line.get_marker() != "^"]
    assert {line.get_markerfacecolor() for line in inside} == {"#FFFFFF"}
    assert "#000000" not in {line.get_color() for line in lines(axes, "projection")}


def test_a_dot_beyond_the_axis_is_an_arrow_with_its_number(result):
    figure, table = fan_chart(result, "electricity")
    row = table[table["value"] == 2900].iloc[0]
    assert row["mark"] == "arrow"
    assert f"{row['key']} 2,900 TWh" in words(figure)
    assert figure.axes[0].get_ylim()[1] < 2900


def test_what_lies_beyond_the_years_is_told(result):
    figure, table = fan_chart(result, "electricity")
    assert "State grid research institute central 2050: 900 TWh" in words(figure)
    assert 2050 not in set(table["year"])


def test_key_names_sources_dates_and_the_lack_of_probability(result):
    figure, _ = fan_chart(result, "electricity")
    said = words(figure).replace("\n", " ").replace("\u00a0", " ")
    assert "no probability attached by the author" in said
    assert "A Base, B Lift-Off: Energy Agency, Energy and AI, published 2025-04-10" in said
    assert "Academy of ICT, white paper" in said


def test_groups_can_be_left_out(result):
    _, table = fan_chart(result, "electricity", observations=False, projections=False)
    assert set(table["series"]) == {"quantile"}


def test_rows_may_be_absent(result):
    del result["observations"]
    del result["projections"]
    _, table = fan_chart(result, "electricity")
    assert set(table["series"]) == {"quantile"}


def test_zero_stays_on_the_axis_and_bands_are_whole(result):
    figure, table = fan_chart(result, "electricity")
    low, high = figure.axes[0].get_ylim()
    assert low == 0
    assert high > table.loc[table["series"] == "quantile", "value"].max()
    assert figure.axes[0].get_yscale() == "linear"


def test_title_subtitle_rule_and_caption(result):
    figure, _ = fan_chart(result, "electricity")
    said = words(figure).replace("\n", " ")
    assert "Electricity of the computing sector (TWh)" in said
    assert "131,072 draws" in said
    assert "50% and 90% equal-tailed intervals" in said
    assert "projection from 2025" in said
    assert "1 run in 10 is expected outside the 90% band" in said
    assert "Each year is read alone" in said
    assert "95% 1,831 TWh" in figure.get_label()
    named, _ = fan_chart(result, "electricity", title="What the grid must carry")
    assert "What the grid must carry" in words(named)


def test_end_labels_name_every_quantile(result):
    figure, _ = fan_chart(result, "electricity")
    labels = [text.get_text() for text in texts(figure, "end-label")]
    assert labels == ["5%  99.6", "25%  235", "median 427 TWh", "75%  776", "95%  1,831"]


def test_counterfactual_is_a_dashed_line_with_its_median(result):
    figure, table = fan_chart(result, "electricity", counterfactual="without_levers")
    (line,) = [line for line in figure.axes[0].lines if line.get_label() == "counterfactual"]
    expected = result["intervals/without_levers"].sel(quantile=0.5)
    np.testing.assert_array_equal(line.get_ydata(), expected)
    rows = table[table["series"] == "counterfactual"]
    np.testing.assert_array_equal(rows["value"], expected)
    assert line.get_linestyle() != "-"
    assert "without levers\nmedian 504" in words(figure)


def test_counterfactual_of_another_shape_is_refused(result):
    with pytest.raises(ResultError, match="does not match 'electricity_by_region'"):
        fan_chart(result, "electricity_by_region", facet="region", counterfactual="without_levers")


@pytest.mark.parametrize("asked", ["electricity", "net_effect", "savings"])
def test_labels_do_not_overlap_and_stay_on_the_page(result, asked):
    figure, _ = fan_chart(result, asked)
    assert not overlaps(texts(figure, "end-label"))
    width, height = figure.get_size_inches() * figure.dpi
    for box in boxes(texts(figure)):
        assert box.x0 >= -1
        assert box.x1 <= width + 1
        assert box.y0 >= -1
        assert box.y1 <= height + 1


def test_small_labels_do_not_overlap_in_a_crowd(replaced, make_rows):
    figure, _ = fan_chart(replaced("projections", crowded(make_rows)), "electricity")
    assert not overlaps(texts(figure, "tag"))


def test_labels_of_equal_values_are_spread(replaced, result):
    node = result["intervals"].to_dataset()
    node["electricity"] = xr.full_like(node["electricity"], 100.0)
    figure, _ = fan_chart(replaced("intervals", node), "electricity")
    assert not overlaps(texts(figure, "end-label"))


def test_facets_share_the_vertical_axis(result):
    figure, table = fan_chart(result, "electricity_by_region", facet="region")
    assert len(figure.axes) == 3
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    for region, axes in zip(result["intervals"]["region"].values, figure.axes, strict=True):
        (median,) = [line for line in axes.lines if line.get_label() == "median"]
        expected = result["intervals/electricity_by_region"].sel(region=region, quantile=0.5)
        np.testing.assert_array_equal(median.get_ydata(), expected)
        rows = table[(table["region"] == region) & (table["quantile"] == 0.5)]
        np.testing.assert_array_equal(rows["value"], expected)
    assert not overlaps(texts(figure, "end-label"))


def test_a_panel_without_values_says_so(replaced, result):
    node = result["intervals"].to_dataset()
    node["electricity_by_region"][1] = np.nan
    figure, _ = fan_chart(replaced("intervals", node), "electricity_by_region", facet="region")
    assert "no finite value" in [text.get_text() for text in figure.axes[1].texts]


def test_selection_draws_one_region(result):
    figure, table = fan_chart(result, "electricity_by_region", at={"region": "hub"})
    expected = result["intervals/electricity_by_region"].sel(region="hub", quantile=0.95)
    np.testing.assert_array_equal(table.loc[table["quantile"] == 0.95, "value"], expected)
    assert set(table["region"]) == {"hub"}
    assert "Electricity by region: hub (TWh)" in words(figure)


def test_rows_that_name_no_region_are_counted_not_drawn(result, replaced, make_rows):
    tree = replaced("projections", make_rows([{"outcome": "electricity_by_region", "year": 2030,
                                               "value": 100.0, "source": "Agency"}]))  # fmt: skip
    figure, table = fan_chart(tree, "electricity_by_region", at={"region": "hub"})
    assert "Not shown: 1 projections that do not say to which region they belong." in words(figure)
    assert set(table["series"]) == {"quantile"}


def test_rows_that_name_a_region_are_drawn_there(replaced, make_rows):
    records = [
        {"outcome": "electricity_by_region", "year": 2030, "value": value, "source": "Agency",
         "region": region}
        for region, value in (("hub", 140.0), ("other", 90.0))
    ]  # fmt: skip
    tree = replaced("projections", make_rows(records))
    _, table = fan_chart(tree, "electricity_by_region", at={"region": "hub"})
    assert table.loc[table["series"] == "projection", "value"].tolist() == [140.0]
    figure, _ = fan_chart(tree, "electricity_by_region", facet="region")
    assert [len(lines(axes, "projection")) for axes in figure.axes] == [1, 0, 1]


def test_years_without_values_leave_a_gap_and_a_note(result):
    figure, table = fan_chart(result, "savings")
    assert 2024 not in set(table["year"])
    assert "No finite value of some or all quantiles, so not drawn: year 2024." in words(figure)


def test_a_hole_in_the_years_is_not_bridged(replaced, result):
    node = result["intervals"].to_dataset()
    node["electricity"][5] = np.nan
    figure, _ = fan_chart(replaced("intervals", node), "electricity")
    (median,) = [line for line in figure.axes[0].lines if line.get_label() == "median"]
    assert np.isnan(median.get_ydata()).sum() == 1
    assert len(figure.axes[0].collections[0].get_paths()) == 2


def test_net_effect_names_both_sides_of_zero(result):
    figure, _ = fan_chart(result, "net_effect")
    assert "above zero: more demand" in words(figure)
    assert "below zero: less demand" in words(figure)
    assert figure.axes[0].get_ylim()[0] < 0
    other, _ = fan_chart(result, "savings")
    assert "demand" not in words(other)


def test_a_scalar_is_one_range_with_its_numbers(result):
    figure, table = fan_chart(result, "late_growth")
    np.testing.assert_array_equal(table["value"], result["intervals/late_growth"])
    widths = sorted(bar.get_width() for bar in figure.axes[0].patches)
    np.testing.assert_allclose(widths, [0.12 - 0.05, 0.21 - 0.01])
    assert "median 0.0800 1/year" in words(figure)
    assert not overlaps(texts(figure, "end-label"))


def test_an_open_end_is_an_arrow_and_calendar_years_have_no_separators(result):
    figure, table = fan_chart(result, "net_positive_year")
    assert np.isinf(table["value"].iloc[-1])
    assert table["mark"].iloc[-1] == "arrow"
    assert len(lines(figure.axes[0], "open-end")) == 1
    assert "median 2030.5" in words(figure)
    assert "95%  ∞" in words(figure)


def test_names_get_one_range_each(result):
    figure, table = fan_chart(result, "electricity_by_region", at={"year": 2030})
    expected = result["intervals/electricity_by_region"].sel(year=2030, quantile=0.5)
    np.testing.assert_array_equal(table.loc[table["quantile"] == 0.5, "value"], expected)
    assert len(figure.axes[0].patches) == 6
    assert "digital economy" in words(figure)


def test_other_probabilities_are_found(replaced, result):
    node = result["intervals"].to_dataset().isel(year=slice(1, None))
    node = node.assign_coords(quantile=[0.025, 0.1, 0.5, 0.9, 0.975])
    figure, table = fan_chart(replaced("intervals", node), "electricity")
    assert sorted(set(table["quantile"].dropna())) == [0.025, 0.1, 0.5, 0.9, 0.975]
    assert "1 run in 20 is expected outside the 95% band" in words(figure)
    assert "97.5%  1,831" in words(figure)


def test_without_a_symmetric_pair_there_is_no_band(replaced, result):
    node = result["intervals"].to_dataset().isel(quantile=[0, 2, 3])
    with pytest.raises(ResultError, match=r"no symmetric pair among the quantiles 0.05, 0.5, 0.75"):
        fan_chart(replaced("intervals", node), "electricity")


@pytest.mark.parametrize(("factor", "said"), [(1e9, "0.427×10¹² TWh"), (1e-9, "0.427×10⁻⁶ TWh")])
def test_huge_and_tiny_numbers_share_a_power_of_ten(replaced, result, factor, said):
    node = result["intervals"].to_dataset()
    node["electricity"] = (node["electricity"] * factor).assign_attrs(units="TWh")
    tree = replaced("intervals", node)
    figure, _ = fan_chart(tree, "electricity", observations=False, projections=False)
    assert f"median {said}" in words(figure)


ERRORS = [
    ({"outcome": "power"}, r"no intervals of outcome 'power': there are electricity, "),
    ({"outcome": "electricity_by_region"}, r"region: hub, digital_economy, other; year: 2024"),
    ({"outcome": "electricity_by_region", "at": {"region": "moon"}}, r"no region 'moon'.*: hub"),
    ({"outcome": "electricity", "at": {"region": "hub"}}, r"no dim 'region' to select 'hub'"),
    ({"outcome": "electricity", "facet": "region"}, r"facet 'region' is no free dim"),
    ({"outcome": "electricity", "counterfactual": "nothing"}, r"outcome 'nothing'"),
    ({"outcome": "electricity_by_region", "facet": "year"}, r"numeric dim beside facet 'year'"),
]


@pytest.mark.parametrize(("arguments", "message"), ERRORS)
def test_errors_say_what_is_there(result, arguments, message):
    with pytest.raises(ResultError, match=message):
        fan_chart(result, **arguments)


def test_an_empty_result_is_an_error():
    with pytest.raises(ResultError, match="the result has no '/intervals': '/' holds nothing"):
        fan_chart(xr.DataTree(), "electricity")


def test_an_outcome_without_any_value_is_an_error(replaced, result):
    node = result["intervals"].to_dataset()
    node["electricity"] = xr.full_like(node["electricity"], np.nan)
    with pytest.raises(ResultError, match="has no finite value"):
        fan_chart(replaced("intervals", node), "electricity")


def test_rows_in_another_unit_are_refused(replaced, make_rows):
    rows = make_rows([{"year": 2030, "value": 3.0, "unit": "GW", "source": "Agency"}])
    with pytest.raises(ResultError, match="are in GW, the outcome in TWh"):
        fan_chart(replaced("projections", rows), "electricity")


def observed(**more):
    return {"year": 2022, "value": 100.0, "source": "Agency", "label": "Agency", **more}


WHISKERS = [
    ({"relative_error": 0.2}, (100 * np.exp(-0.329), 100 * np.exp(0.329)), "90% of error"),
    ({"error": 10.0}, (83.55, 116.45), "90% of error"),
    ({"error": 10.0, "relative_error": 0.2, "low": 70.0, "high": 120.0}, (70, 120), "stated"),
    ({"relative_error": 0.2, "low": 70.0}, (70, np.nan), "stated"),
    ({}, (np.nan, np.nan), ""),
]


@pytest.mark.parametrize(("more", "ends", "kind"), WHISKERS)
def test_whiskers_come_from_the_error_unless_the_row_has_a_range(
    replaced, make_rows, more, ends, kind
):
    tree = replaced("observations", make_rows([observed(**more)]))
    figure, table = fan_chart(tree, "electricity")
    (row,) = table[table["series"] == "observation"].to_dict("records")
    np.testing.assert_allclose([row["low"], row["high"]], ends)
    assert row["ends"] == kind
    drawn = lines(figure.axes[0], "whisker")
    assert len(drawn) == (kind == "90% of error")
    for line in drawn:
        np.testing.assert_allclose(line.get_ydata(), ends)
    assert ("differences of boundary" in words(figure).replace("\n", " ")) == bool(drawn)


def test_an_error_below_zero_is_refused(replaced, make_rows):
    tree = replaced("observations", make_rows([observed(error=-1.0)]))
    with pytest.raises(ResultError, match="error below zero: -1"):
        fan_chart(tree, "electricity")


def test_an_error_of_a_projection_draws_nothing(replaced, make_rows):
    tree = replaced("projections", make_rows([observed(year=2030, relative_error=0.2)]))
    _, table = fan_chart(tree, "electricity", observations=False)
    assert table.loc[table["series"] == "projection", "low"].isna().all()


def measured(values, year=2020, **more):
    return [observed(year=year, value=v, source=f"S{n}", **more) for n, v in enumerate(values)]


def test_measurements_stand_aside_only_where_they_would_hide_each_other(replaced, make_rows):
    tree = replaced("observations", make_rows(measured([200.0, 201.0, 900.0])))
    figure, table = fan_chart(tree, "electricity")
    places = table.loc[table["series"] == "observation", "position"].tolist()
    assert places == pytest.approx([2019.88, 2020.12, 2020])
    assert "Marks of one year stand side by side." in words(figure)


def test_whiskers_that_overlap_stand_side_by_side(replaced, make_rows):
    tree = replaced("observations", make_rows(measured([300.0, 500.0], relative_error=0.2)))
    _, table = fan_chart(tree, "electricity")
    assert table.loc[table["series"] == "observation", "position"].nunique() == 2


def test_nothing_is_said_of_marks_that_did_not_move(replaced, make_rows):
    tree = replaced("observations", make_rows(measured([100.0])))
    figure, _ = fan_chart(tree, "electricity", projections=False)
    assert "side by side" not in words(figure)


YEARLY, SPARSE = list(range(2024, 2036)), [2025, 2030, 2035]
RULES = [
    ([2020, 2024], YEARLY, "projection from 2025"),
    ([2020], YEARLY, "projection"),
    ([], YEARLY, "projection"),
    ([2024], SPARSE, "projection"),
    ([2025], SPARSE, "projection from 2030"),
]


@pytest.mark.parametrize(("years", "model", "said"), RULES)
def test_rule_names_a_year_only_where_measurements_reach_it(result, make_rows, years, model, said):
    node = result["intervals"].to_dataset().sel(year=model)
    result["intervals"] = xr.DataTree(node)
    rows = make_rows([observed(year=year) for year in years] or [observed(outcome="other")])
    result["observations"] = xr.DataTree(rows)
    figure, _ = fan_chart(result, "electricity")
    found = [text for text in texts(figure) if text.get_text().startswith("projection")]
    assert [text.get_text() for text in found] == [said]
    assert found[0].xy[0] == model[0]


def key_shapes(table, source):
    return shapes(table[table["source"] == source])


def test_key_marks_look_like_the_plot(result):
    figure, table = fan_chart(result, "electricity", observations=False)
    assert key_shapes(table, "Academy of ICT") == ("range",)
    assert key_shapes(table, "Investment bank research") == ("point",)
    assert key_shapes(table, "State grid research institute") == ("point", "point on range")
    assert sum(line.get_gid() == "key-bar" for line in figure.get_children()
               if hasattr(line, "get_xdata")) == 2  # fmt: skip


def test_projections_differ_in_colour_and_leave_the_counterfactual_alone(replaced, make_rows):
    rows = [observed(year=2030, value=200.0 + 40 * n, source=f"S{n}") for n in range(8)]
    figure, _ = fan_chart(
        replaced("projections", make_rows(rows)), "electricity", counterfactual="without_levers"
    )
    colours = [line.get_color() for line in lines(figure.axes[0], "projection")]
    (other,) = [line for line in figure.axes[0].lines if line.get_label() == "counterfactual"]
    assert len({*colours, other.get_color()}) == 9


SAID_TWICE = [
    ("IEA", "IEA, Energy and AI", "A\u00a0IEA, Energy and AI, undated"),
    ("IE", "IEA, Energy and AI", "A\u00a0IE: IEA, Energy and AI, undated"),
    ("Base", "IEA, Energy and AI", "A\u00a0Base: IEA, Energy and AI, undated"),
]


@pytest.mark.parametrize(("label", "source", "said"), SAID_TWICE)
def test_a_label_that_begins_the_source_is_not_said_twice(replaced, make_rows, label, source, said):
    rows = make_rows([observed(year=2030, label=label, source=source)])
    figure, _ = fan_chart(replaced("projections", rows), "electricity")
    assert said in words(figure).split("\n")


@pytest.mark.parametrize("unit", [None, "", "1"])
def test_no_unit_is_no_words(replaced, result, unit):
    node = result["intervals"].to_dataset()
    node["savings"].attrs = {"long_name": "Ratio of two"} | (
        {} if unit is None else {"units": unit}
    )
    figure, _ = fan_chart(replaced("intervals", node), "savings")
    assert words(figure).split("\n")[0] == "Ratio of two"


def test_every_fan_has_three_gridlines(result):
    for outcome, facet in (("electricity", None), ("electricity_by_region", "region")):
        figure, _ = fan_chart(result, outcome, facet=facet)
        for axes in figure.axes:
            assert sum(tick != 0 for tick in axes.get_yticks()) >= 3


def test_panel_titles_stand_on_one_line(result):
    figure, _ = fan_chart(result, "electricity_by_region", facet="region")
    titles = texts(figure, "panel-title")
    assert {text.get_va() for text in titles} == {"baseline"}
    assert len({text.xyann for text in titles}) == 1
