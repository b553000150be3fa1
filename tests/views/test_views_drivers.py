"""Drivers: ranked with intervals, noise kept apart, areas that never hide a negative share."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex

from uncertainty.errors import ResultError
from uncertainty.views import driver_chart, drivers_over_time
from uncertainty.views.drawing.style import NOISE, contrast


def words(figure):
    every = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    return "\n".join(text.get_text() for text in every)


def lines(figure, gid):
    return [line for line in figure.axes[0].lines if line.get_gid() == gid]


def overlapping(figure, gid):
    found = [text for text in figure.axes[0].texts if text.get_gid() == gid]
    spots = [text.get_window_extent() for text in found]
    return [
        (found[one].get_text(), found[other].get_text())
        for one in range(len(spots))
        for other in range(one + 1, len(spots))
        if min(spots[one].x1, spots[other].x1) - max(spots[one].x0, spots[other].x0) > 0.5
        and min(spots[one].y1, spots[other].y1) - max(spots[one].y0, spots[other].y0) > 2.5
    ]


@pytest.fixture
def node(result):
    return result["drivers/electricity"].to_dataset()


def test_table_holds_the_indices_of_the_year(result, node):
    _, table = driver_chart(result, "electricity", at={"year": 2030})
    cell = node.sel(year=2030, parameter=table["parameter"].tolist())
    for index in ("S1", "ST"):
        np.testing.assert_array_equal(table[index], cell[index])
        np.testing.assert_array_equal(table[f"{index}_lower"], cell[f"{index}_interval"][:, 0])
        np.testing.assert_array_equal(table[f"{index}_upper"], cell[f"{index}_interval"][:, 1])
    assert set(table["year"]) == {2030}


def test_without_a_selection_all_years_count_together(result, node):
    figure, table = driver_chart(result, "electricity")
    names = table["parameter"].tolist()
    np.testing.assert_array_equal(table["ST"], node["aggregate_ST"].sel(parameter=names))
    assert "all years together" in words(figure)


def test_a_scalar_outcome_needs_no_selection(result):
    figure, table = driver_chart(result, "late_growth")
    names = table["parameter"].tolist()
    np.testing.assert_array_equal(
        table["S1"], result["drivers/late_growth/S1"].sel(parameter=names)
    )
    assert "Growth 2030 to 2035" not in words(figure)  # the node names its outcome


def test_ranked_by_total_with_noise_unranked_at_the_end(result):
    _, table = driver_chart(result, "electricity", at={"year": 2030})
    ranked, noise = table[table["rank"].notna()], table[table["rank"].isna()]
    assert ranked["ST"].is_monotonic_decreasing
    assert (ranked["ST_lower"] > 0).all()
    assert (noise["ST_lower"] <= 0).all()
    assert len(noise) == 4
    assert table["rank"].isna().to_numpy()[-4:].all()


def test_drawn_marks_are_the_drawn_rows(result):
    figure, table = driver_chart(result, "electricity", at={"year": 2030}, top=5)
    drawn = table[table["drawn"]]
    assert len(drawn) == 5
    for index in ("ST", "S1"):
        marks = [line.get_xdata()[0] for line in lines(figure, index)]
        np.testing.assert_array_equal(marks, drawn[index])
        whiskers = [line.get_xdata() for line in lines(figure, f"{index}-interval")]
        np.testing.assert_array_equal(whiskers, drawn[[f"{index}_lower", f"{index}_upper"]])


def test_noise_is_grey_and_the_others_are_not(replaced, node):
    few = node.isel(parameter=[0, 1, 2, 3, 10, 12, 18, 19])
    figure, table = driver_chart(
        replaced("drivers/electricity", few), "electricity", at={"year": 2030}
    )
    colours = [line.get_color() for line in lines(figure, "ST")]
    noise = table.loc[table["drawn"], "rank"].isna().tolist()
    assert [colour == NOISE for colour in colours] == noise


def test_total_is_filled_and_first_order_open(result):
    figure, _ = driver_chart(result, "electricity")
    assert {line.get_markerfacecolor() for line in lines(figure, "S1")} == {"#FFFFFF"}
    assert "#FFFFFF" not in {line.get_markerfacecolor() for line in lines(figure, "ST")}


def test_those_not_drawn_are_counted(result):
    figure, table = driver_chart(result, "electricity", at={"year": 2030}, top=5)
    hidden = table[~table["drawn"] & table["rank"].notna()]
    said = words(figure).replace("\n", " ")
    assert f"{len(hidden)} more, each with ST at most 0.102" in said
    assert "4 more whose interval touches zero, each with ST below 0.01" in said


def test_words_around_the_ranking(result):
    figure, _ = driver_chart(result, "electricity", at={"year": 2030})
    said = words(figure)
    assert "Electricity of the computing sector in 2030: what decides it" in said
    assert "90,112 model runs" in said
    assert "95% interval, t over 8 replicates" in said
    assert "Growth of inference work at the start ST 0.20" in figure.get_label()


def test_axis_reaches_over_wide_and_negative_intervals(replaced, node):
    node["ST_interval"][6, 0, 1] = 1.3
    node["S1_interval"][6, 0, 0] = -0.2
    tree = replaced("drivers/electricity", node)
    figure, _ = driver_chart(tree, "electricity", at={"year": 2030})
    low, high = figure.axes[0].get_xlim()
    assert low < -0.2
    assert high > 1.3
    plain, _ = driver_chart(tree, "electricity", at={"year": 2034})
    assert plain.axes[0].get_xlim()[1] >= 1


def test_long_labels_are_wrapped_and_do_not_overlap(replaced, node):
    label = "A label of eighty characters that says in full and at length what number {} is so"
    names = [label.format(number) for number in range(20)]
    node = node.assign_coords(label=("parameter", names))
    figure, _ = driver_chart(replaced("drivers/electricity", node), "electricity")
    assert not overlapping(figure, "name")
    widest = min(text.get_window_extent().x0 for text in figure.axes[0].texts)
    assert widest >= 0


def test_one_parameter_is_enough(replaced, node):
    tree = replaced("drivers/electricity", node.isel(parameter=[0]))
    figure, table = driver_chart(tree, "electricity")
    assert len(table) == 1
    assert len(lines(figure, "ST")) == 1


def test_groups_of_parameters_have_a_node_of_their_own(replaced, node):
    grouped = node.isel(parameter=[0, 5, 8]).drop_vars(["label", "group"])
    grouped = grouped.assign_coords(parameter=["demand", "base", "site_mix"])
    tree = replaced("driver_groups/electricity", grouped)
    figure, table = driver_chart(tree, "electricity", groups=True)
    assert set(table["label"]) == {"demand", "base", "site mix"}
    assert "site mix" in words(figure)


def test_without_intervals_nothing_is_ranked(replaced, node):
    bare = node.drop_vars([name for name in node if str(name).endswith("_interval")])
    _, table = driver_chart(replaced("drivers/electricity", bare), "electricity")
    assert table["rank"].isna().all()


ERRORS = [
    ({"outcome": "power"}, r"no '/drivers/power': '/drivers' holds electricity, late_growth"),
    ({"outcome": "electricity", "at": {"year": 1999}}, r"no year 1999: year: 2024, 2025"),
    ({"outcome": "electricity", "at": {"year": 2024}}, r"not defined where the outcome does not"),
    ({"outcome": "late_growth", "at": {"year": 2030}}, r"no dim 'year' to select 2030"),
    ({"outcome": "electricity", "groups": True}, r"no '/driver_groups/electricity'"),
    ({"outcome": "electricity", "top": 0}, r"top=0"),
]


@pytest.mark.parametrize(("arguments", "message"), ERRORS)
def test_ranking_errors_say_what_is_there(result, arguments, message):
    with pytest.raises(ResultError, match=message):
        driver_chart(result, **arguments)


def test_areas_hold_the_first_order_indices(result, node):
    _, table = drivers_over_time(result, "electricity", top=4)
    assert table["parameter"].nunique() == 4 + 2
    for name, rows in table.groupby("parameter"):
        if name in node["parameter"]:
            np.testing.assert_array_equal(rows["S1"], node["S1"].sel(parameter=name))
    shown = [name for name in table["parameter"].unique() if name in node["parameter"]]
    others = node["S1"].drop_sel(parameter=shown).sum("parameter", skipna=False)
    rest = table[table["parameter"] == "the rest"]
    np.testing.assert_allclose(rest["S1"], others)
    sums = table.groupby("year")["height"].sum(min_count=1).dropna()
    np.testing.assert_allclose(sums, 1.0)


def test_areas_drawn_are_the_heights_of_the_table(result):
    figure, table = drivers_over_time(result, "electricity", top=3)
    areas = [item for item in figure.axes[0].collections if isinstance(item, PolyCollection)]
    names = list(dict.fromkeys(table["parameter"]))
    assert [area.get_label() for area in areas] == names
    for area, name in zip(areas, names, strict=True):
        corners = area.get_paths()[0].vertices
        rows = table[(table["parameter"] == name) & table["height"].notna()]
        for year, height in zip(rows["year"], rows["height"], strict=True):
            span = np.ptp(corners[np.isclose(corners[:, 0], year), 1])
            assert span == pytest.approx(height, abs=1e-9)


def test_negative_shares_are_drawn_as_zero_and_told(replaced, node):
    node["S1"][:, 0] = np.where(np.arange(12) < 3, -0.01, 0.3)
    figure, table = drivers_over_time(replaced("drivers/electricity", node), "electricity")
    rows = table[table["parameter"] == "inference_growth_start"]
    assert (rows["S1"] < 0).sum() == 3
    assert rows["height"].min() == 0
    assert "2 of the 77 shares are below zero" in words(figure)
    assert "−0.010" in words(figure)


def test_shares_above_one_are_told_and_not_clipped(replaced, node):
    node["S1"] = node["S1"] * 1.3
    figure, table = drivers_over_time(replaced("drivers/electricity", node), "electricity")
    shares = table[table["parameter"] != "interactions"].groupby("year")["height"].sum()
    assert figure.axes[0].get_ylim()[1] == pytest.approx(shares.max())
    assert "the shares add up to more than one" in words(figure)
    assert table.loc[table["parameter"] == "interactions", "height"].min() == 0


def test_years_without_variance_are_hatched_with_a_word(replaced, node):
    node["S1"][5:7] = np.nan
    figure, _ = drivers_over_time(replaced("drivers/electricity", node), "electricity")
    spans = [patch for patch in figure.axes[0].patches if patch.get_gid() == "no-variance"]
    edges = [(span.get_x(), span.get_x() + span.get_width()) for span in spans]
    assert edges == [(2024, 2024.5), (2028.5, 2030.5)]
    assert all(span.get_hatch() for span in spans)
    assert "2024: no variance" in words(figure)
    assert "2029 to 2030: no variance" in words(figure)


def test_end_labels_of_areas_do_not_overlap(replaced, node):
    names = [f"A parameter with a label of some length and the number {n}" for n in range(20)]
    node = node.assign_coords(label=("parameter", names))
    node["S1"] = node["S1"] * 0.1
    figure, _ = drivers_over_time(replaced("drivers/electricity", node), "electricity")
    assert not overlapping(figure, "end-label")
    assert "interactions" in words(figure)


@pytest.mark.parametrize("top", [0, 7])
def test_at_most_six_areas(result, top):
    with pytest.raises(ResultError, match=f"top={top}: from 1 to 6"):
        drivers_over_time(result, "electricity", top=top)


def test_areas_need_years(result):
    with pytest.raises(ResultError, match="need the dim year and no other"):
        drivers_over_time(result, "late_growth")


def test_areas_need_some_variance(replaced, node):
    node["S1"] = node["S1"] * np.nan
    with pytest.raises(ResultError, match="no finite index in any year"):
        drivers_over_time(replaced("drivers/electricity", node), "electricity")


def test_all_text_can_be_read(result):
    charts = [driver_chart(result, "electricity")[0], drivers_over_time(result, "electricity")[0]]
    for figure in charts:
        every = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
        for text in every:
            if text.get_gid() != "inside-label":
                assert contrast(text.get_color()) >= 4.5, text.get_text()


def test_dots_at_either_end_are_whole(result):
    figure, _ = driver_chart(result, "electricity", at={"year": 2030})
    axes = figure.axes[0]
    points = 72 * axes.get_position().width * figure.get_size_inches()[0]
    low, high = axes.get_xlim()
    radius = 3.6 / points * (high - low)
    assert low < -radius
    assert high > 1 + radius


def test_a_small_index_is_not_written_as_zero(replaced, node):
    few = node.isel(parameter=[0, 1, 2])
    few["ST"][:, 2], few["ST_interval"][:, 2] = 0.002, [0.001, 0.003]
    few["S1"][:, 2] = 0.0
    figure, table = driver_chart(
        replaced("drivers/electricity", few), "electricity", at={"year": 2030}
    )
    assert table["rank"].notna().all()
    numbers = [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "number"]
    assert numbers[-2:] == ["<0.01", "0"]
    assert "0.00" not in numbers


def test_lines_about_those_not_drawn_stand_off_the_grid(result):
    figure, _ = driver_chart(result, "electricity", at={"year": 2030}, top=5)
    axes = figure.axes[0]
    (text,) = [text for text in axes.texts if text.get_text().startswith("4 more whose")]
    assert text.get_window_extent().x1 < axes.get_window_extent().x0


def test_nothing_ranked_is_drawn_grey(replaced, node):
    bare = node.drop_vars([name for name in node if str(name).endswith("_interval")])
    _, table = driver_chart(replaced("drivers/electricity", bare), "electricity", top=7)
    assert table["drawn"].sum() == 7


def test_a_chart_of_groups_says_so_and_counts_the_members(replaced, node):
    names = sorted(set(node["group"].values))
    grouped = node.isel(parameter=range(len(names))).assign_coords(
        parameter=names, label=("parameter", names), group=("parameter", names)
    )
    figure, _ = driver_chart(
        replaced("driver_groups/electricity", grouped), "electricity", groups=True
    )
    assert "Groups of assumptions" in words(figure)
    assert "which groups decide it" in words(figure)
    said = words(figure).replace("\n", " ")
    assert "demand 5" in said
    assert "base 3" in said


def test_members_are_not_counted_where_the_groups_are_others(replaced, node):
    grouped = node.isel(parameter=[0]).drop_vars(["label", "group"]).assign_coords(parameter=["x"])
    tree = replaced("driver_groups/electricity", grouped)
    figure, _ = driver_chart(tree, "electricity", groups=True)
    assert "Parameters in each group" not in words(figure)


def test_a_colour_means_the_same_group_in_both_charts(result):
    ranked, table = driver_chart(result, "electricity", at={"year": 2030})
    areas, shares = drivers_over_time(result, "electricity", top=3)
    colours = [line.get_color() for line in lines(ranked, "ST")]
    by_group = dict(zip(table.loc[table["drawn"], "group"], colours, strict=True))
    drawn = {item.get_label(): item.get_facecolor()[0] for item in areas.axes[0].collections}
    first = shares.drop_duplicates("group")
    own = first[first["group"] != ""]
    assert len(own) > 1
    for name, group in zip(own["parameter"], own["group"], strict=True):
        assert to_hex(drawn[name]) == to_hex(by_group[group])


def faded(node):
    """A driver that decides half at first and nothing at the end, among small ones."""
    node["S1"] = node["S1"] * 0.3
    node["S1"][1:, 5] = np.linspace(0.55, 0.0, 11)
    return node


def test_an_area_that_fades_is_named_inside_where_it_is_largest(replaced, node):
    tree = replaced("drivers/electricity", faded(node))
    figure, table = drivers_over_time(tree, "electricity")
    axes = figure.axes[0]
    inside = [text for text in axes.texts if text.get_gid() == "inside-label"]
    (name,) = [text for text in inside if "Facility electricity" in text.get_text()]
    assert "55%\u00a0in\u00a02025" in name.get_text()
    edge = "\n".join(text.get_text() for text in axes.texts if text.get_gid() == "end-label")
    assert "Facility electricity" not in edge
    box = name.get_window_extent().transformed(axes.transData.inverted())
    heights = table.pivot(index="year", columns="parameter", values="height")
    above = heights[list(dict.fromkeys(table["parameter"]))].cumsum(axis=1)["base_electricity"]
    below = above - heights["base_electricity"]
    for x in np.linspace(box.x0, box.x1, 20):
        assert np.interp(x, below.index, below) <= box.y0
        assert np.interp(x, above.index, above) >= box.y1


def test_every_area_is_named_once(replaced, node):
    figure, table = drivers_over_time(replaced("drivers/electricity", faded(node)), "electricity")
    gids = {"inside-label", "end-label"}
    said = [text.get_text() for text in figure.axes[0].texts if text.get_gid() in gids]
    assert len(said) == table["parameter"].nunique()


def test_names_inside_can_be_read(replaced, node):
    figure, _ = drivers_over_time(replaced("drivers/electricity", faded(node)), "electricity")
    axes = figure.axes[0]
    fills = {to_hex(item.get_facecolor()[0]) for item in axes.collections}
    inside = [text for text in axes.texts if text.get_gid() == "inside-label"]
    assert inside
    for text in inside:
        assert any(contrast(text.get_color(), fill) >= 4.5 for fill in fills)


def test_shares_that_round_to_zero_are_not_worth_a_note(replaced, node):
    node["S1"][3, 0] = -0.004
    figure, _ = drivers_over_time(replaced("drivers/electricity", node), "electricity")
    assert "below zero" not in words(figure)
