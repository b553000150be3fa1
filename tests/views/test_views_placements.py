"""The placements: shares of our draws, ranges held together, only what is sure is asked for."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from tests.views.layout import FINE, in_order, marks, title, words
from uncertainty.errors import ResultError
from uncertainty.views import render
from uncertainty.views.placements import placements_chart
from uncertainty.views.placements.table import NOTHING, TOO_FEW

PARAMETERS = ["growth", "base", "saving", "elasticity", "fixed"]
LABELS = ["Growth of inference work", "Electricity in 2024", "Saving", "Elasticity", "Fixed"]
NEAR = 1200


def row(label, year, value, percentile, **more):
    """One published number."""
    return {"label": label, "year": year, "value": value, "percentile": percentile} | more


ROWS = [
    row("Agency", 2030, 277, 0.44, published="2025-04"),
    row("Council, older", 2025, 360, 0.992, near=12),
    row("Academy", 2030, 300, 0.5, end="low"),
    row("Academy", 2030, 700, 0.93, end="high"),
    row("Administration", 2030, 800, 0.962, published="2026-07-17"),
    row("Government", 2025, 200, 0.71, end="high", published="2025-04"),
    row("Government", 2025, 150, 0.35, end="low", published="2025-04"),
    row("Agency", 2030, 1.35, 0.9, outcome="pue", unit="1"),
]
FACTS = {
    "outcome": "electricity",
    "source": "source of the figure",
    "published": "",
    "end": "value",
    "unit": "TWh",
}


def node(rows=ROWS, *, ranks=None, parameters=PARAMETERS):
    """A node of `/placements`; `ranks` (row, parameter) are one half without it."""
    count = (len(rows), len(parameters))
    near = np.array([line.get("near", NEAR) for line in rows])
    rank = np.full(count, 0.5) if ranks is None else np.array(ranks, dtype=float)
    rank[near < 50] = np.nan
    needed = np.broadcast_to([0.2, 0.4, 0.7], (*count, 3)).copy()
    needed[:, [name == "fixed" for name in parameters]] = 1.0
    percentile = np.array([line["percentile"] for line in rows], dtype=float)
    texts = {
        key: ("row", np.array([str(line.get(key, FACTS.get(key, ""))) for line in rows], object))
        for key in ("label", *FACTS)
    }
    data = {
        **texts,
        "year": ("row", np.array([line["year"] for line in rows], dtype=float)),
        "value": ("row", np.array([line["value"] for line in rows], dtype=float)),
        "percentile": ("row", percentile),
        "percentile_mcse": ("row", np.full(len(rows), 0.01)),
        "median": ("row", np.full(len(rows), 301.0)),
        "near": ("row", near),
        "rank": (("row", "parameter"), rank),
        "needed": (("row", "parameter", "quantile"), needed),
    }
    coords = {"parameter": parameters, "quantile": [0.05, 0.5, 0.95]}
    return xr.Dataset(data, coords, {"near": "within 5% of the number", "least": 50})


@pytest.fixture
def tree(result):
    """A function that puts placements into the made-up result, with the labels of parameters."""

    def put(placements, labels=LABELS):
        names = placements["parameter"].values
        labelled = {"label": ("parameter", np.array(labels, dtype=object))}
        result["placements"] = xr.DataTree(placements)
        result["parameters"] = xr.DataTree(xr.Dataset(labelled, {"parameter": names}))
        return result

    return put


def test_table_holds_the_numbers_of_the_outcome_by_year_and_value(tree):
    _, table = placements_chart(tree(node()), "electricity")
    assert table["label"].tolist() == [
        "Government", "Government", "Council, older", "Agency", "Academy", "Academy",
        "Administration",
    ]  # fmt: skip
    assert table["value"].tolist() == [150, 200, 360, 277, 300, 700, 800]
    assert table["percentile"].tolist() == [0.35, 0.71, 0.992, 0.44, 0.5, 0.93, 0.962]
    assert table["figure"].tolist() == [1, 1, 2, 3, 4, 4, 5]
    assert set(table["outcome"]) == {"electricity"}


def test_intervals_are_of_95_percent_and_stay_between_none_and_all(tree):
    _, table = placements_chart(tree(node()), "electricity")
    reach = 1.96 * table["percentile_mcse"]
    np.testing.assert_allclose(table["lower"], table["percentile"] - reach)
    np.testing.assert_allclose(table["upper"], np.minimum(table["percentile"] + reach, 1.0))
    assert table["upper"].max() == 1.0


def test_marks_stand_at_the_shares_and_ranges_are_joined(tree):
    figure, table = placements_chart(tree(node()), "electricity")
    drawn = [float(line.get_xdata()[0]) for line in marks(figure, "figure")]
    assert drawn == table["percentile"].tolist()
    whiskers = [line.get_xdata() for line in marks(figure, "whisker")]
    np.testing.assert_array_equal(whiskers, table[["lower", "upper"]])
    assert [list(line.get_xdata()) for line in marks(figure, "range")] == [
        [0.35, 0.71],
        [0.5, 0.93],
    ]
    rows = {float(line.get_ydata()[0]) for line in marks(figure, "figure")}
    assert len(rows) == table["figure"].nunique()


def test_two_figures_of_one_label_and_year_are_no_range(tree):
    twice = [row("Agency", 2030, 300, 0.5), row("Agency", 2030, 400, 0.6)]
    figure, table = placements_chart(tree(node(twice)), "electricity")
    assert table["figure"].tolist() == [1, 2]
    assert not marks(figure, "range")


def test_a_value_with_its_own_range_is_one_figure(tree):
    ends = [row("A", 2030, 300, 0.4, end="low"), row("A", 2030, 350, 0.5),
            row("A", 2030, 500, 0.8, end="high")]  # fmt: skip
    figure, table = placements_chart(tree(node(ends)), "electricity")
    assert set(table["figure"]) == {1}
    assert "2030: 300 to 500 TWh, undated" in words(figure)


def test_rows_say_year_size_and_date(tree):
    figure, _ = placements_chart(tree(node()), "electricity")
    said = words(figure)
    assert "2025: 150 to 200 TWh, published 2025-04" in said
    assert "2030: 800 TWh, published 2026-07-17" in said
    assert "2025: 360 TWh, undated" in said


def test_the_middle_of_the_draws_is_shaded(tree):
    figure, _ = placements_chart(tree(node()), "electricity")
    bands = [patch for patch in figure.axes[0].patches if patch.get_gid() == "band"]
    ends = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in bands]
    assert ends == [pytest.approx((0.05, 0.95)), pytest.approx((0.25, 0.75))]
    assert "middle 90% of our draws" in words(figure)


def test_title_counts_the_figures_that_reach_into_the_middle(tree):
    figure, _ = placements_chart(tree(node()), "electricity")
    assert "3 of 5 published figures lie within the middle 90% of our draws" in title(figure)
    assert not title(figure).endswith("in part")


TITLES = [
    ([row("A", 2030, 1, 0.2, end="low"), row("A", 2030, 9, 0.99, end="high"), row("B", 2030, 2, 0.4)],
     "all 2 published figures lie within the middle 90% of our draws, wholly or in part"),
    ([row("A", 2030, 1, 0.01), row("B", 2030, 9, 0.99)], "none of 2 published figures lie within"),
    ([row("A", 2030, 1, 0.97)], "the published figure lies above the middle 90% of our draws"),
    ([row("A", 2030, 1, 0.01)], "the published figure lies below the middle 90% of our draws"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "said"), TITLES)
def test_titles_of_few_figures(tree, rows, said):
    figure, _ = placements_chart(tree(node(rows)), "electricity")
    assert said in title(figure)


def sure(deviation):
    """The rank that differs from one half by so many standard errors of a mean of NEAR ranks."""
    return 0.5 + deviation / np.sqrt(12 * NEAR)


def test_parameters_are_named_that_lean_for_sure_the_most_leaning_first(tree):
    ranks = [[sure(3.1), sure(-9), sure(2.9), 0.5, 0.99]]
    _, table = placements_chart(tree(node(ROWS[:1], ranks=ranks)), "electricity")
    assert table["needs"].tolist() == ["↓ Electricity in 2024; ↑ Growth of inference work"]


def test_at_most_three_parameters_are_named(tree):
    ranks = [[sure(5), sure(-9), sure(7), sure(20), 1.0]]
    _, table = placements_chart(tree(node(ROWS[:1], ranks=ranks)), "electricity")
    assert table["needs"].tolist() == ["↑ Elasticity; ↓ Electricity in 2024; ↑ Saving"]


def test_nothing_is_asked_when_no_parameter_leans(tree):
    figure, table = placements_chart(tree(node()), "electricity")
    assert table.loc[table["near"] >= 50, "needs"].eq(NOTHING).all()
    assert table.loc[table["near"] < 50, "needs"].tolist() == [TOO_FEW]
    assert TOO_FEW in words(figure)
    assert "fewer than 50 draws lie within 5% of the number" in words(figure)
    assert "mean rank" not in words(figure)


def test_a_range_asks_at_the_end_that_is_further_from_the_median(tree):
    ranks = np.full((2, 5), 0.5)
    ranks[1, 0], ranks[0, 1] = 0.8, 0.2
    figure, _ = placements_chart(tree(node(ROWS[2:4], ranks=ranks)), "electricity")
    said = words(figure)
    assert "at 700 TWh: ↑ Growth of inference work" in said
    assert "↓" not in said.split("Among the draws")[0]


def test_a_name_with_a_semicolon_stays_whole(tree):
    labels = ["Growth; of inference", "Base; year", "C", "D", "E"]
    ranks = [[0.9, 0.1, 0.5, 0.5, 0.5]]
    figure, _ = placements_chart(tree(node(ROWS[:1], ranks=ranks), labels), "electricity")
    lines = [t.get_text() for t in figure.axes[0].texts if t.get_gid() == "number"]
    assert {"↑ Growth; of inference", "↓ Base; year"} <= set(lines)


def test_other_outcomes_have_a_chart_of_their_own(tree):
    figure, table = placements_chart(tree(node()), "pue")
    assert len(table) == 1
    assert "2030: 1.35, undated" in words(figure)


def test_a_figure_for_one_region_says_so(tree):
    rows = [row("A", 2030, 100, 0.4, outcome="electricity_by_region")]
    placements = node(rows).assign(region=("row", np.array(["hub"], dtype=object)))
    figure, table = placements_chart(tree(placements), "electricity_by_region")
    assert table["region"].tolist() == ["hub"]
    assert "2030, hub: 100 TWh" in words(figure)


def test_a_number_without_a_share_is_counted(tree):
    rows = [row("A", 2030, 100, np.nan), row("B", 2030, 200, 0.4)]
    figure, table = placements_chart(tree(node(rows)), "electricity")
    assert len(table) == 2
    assert len(marks(figure, "figure")) == 1
    assert "Without a share: 1 number is not drawn." in words(figure)


def test_without_labels_parameters_have_their_names(tree):
    whole = tree(node(ROWS[:1], ranks=[[0.9, 0.5, 0.5, 0.5, 0.5]]))
    del whole["parameters"]
    _, table = placements_chart(whole, "electricity")
    assert table["needs"].tolist() == ["↑ growth"]


def test_errors_say_what_is_there(result, tree):
    with pytest.raises(ResultError, match="no '/placements'"):
        placements_chart(result, "electricity")
    with pytest.raises(ResultError, match="no placements of outcome 'power': there are elec"):
        placements_chart(tree(node()), "power")
    with pytest.raises(ResultError, match="'/placements' lacks percentile"):
        placements_chart(tree(node().drop_vars("percentile")), "electricity")


LONG = "{} 国家能源局与中国电力企业联合会关于算力用电的联合预测, with a label that goes on and on"
EDGES = [0.0, 1e-5, 0.03, 0.5, 0.9999, 1.0]
MANY = [
    row(LONG.format(place), 2025 + place // 8, scale * (1 + place / 40), EDGES[place % 6], end=end)
    for place in range(40)
    for end, scale in ([("low", 1e-9), ("high", 1.1e-9)] if place % 3 else [("value", 4e12)])
]
CASES = {"usual": ROWS, "one": ROWS[:1], "many": MANY}


@pytest.mark.parametrize("case", CASES)
def test_nothing_touches_and_nothing_is_cut(tree, case):
    labels = [f"{label}, in a label that says in full and at length what it is" for label in LABELS]
    ranks = np.tile([0.9, 0.1, 0.5, 0.8, 0.5], (len(CASES[case]), 1))
    figure, _ = placements_chart(tree(node(CASES[case], ranks=ranks), labels), "electricity")
    assert in_order(figure) == FINE


def test_the_same_placements_give_the_same_bytes(tree):
    whole = tree(node())
    one, two = (render(placements_chart(whole, "electricity")[0]) for _ in range(2))
    assert one == two


def test_the_text_alternative_has_the_numbers(tree):
    figure, _ = placements_chart(tree(node()), "electricity")
    assert "Academy, 2030: 300 to 700 TWh, undated: 50% to 93%" in figure.get_label()
