"""The readings: every change in its panel, rows that matter, nothing drawn that cannot be told."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from tests.views.layout import FINE, in_order, marks, texts, title, words
from uncertainty.errors import ResultError
from uncertainty.views import render
from uncertainty.views.drawing.shares import change_text, ordinal
from uncertainty.views.drawing.ticks import set_percent_ticks
from uncertainty.views.readings import readings_chart

READINGS = [
    "uniform on the range",
    "PERT on the range",
    "80% interval",
    "95% interval",
    "same interval, beta or lognormal",
]
YEARS = [2028, 2030, 2035]
LEVELS = [0.05, 0.5, 0.95]
BASE = np.array([[120.0, 252, 540], [128, 301, 750], [138, 430, 1531]])
LIMIT = 0.05


def node(sizes, *, readings=READINGS, every=True, labels=None, seed=1):
    """A node of `/readings`: the changes of parameter n are at most `sizes[n]`."""
    rng = np.random.default_rng(seed)
    cases = [("all ranges", reading, 0.3) for reading in readings] if every else []
    cases += [(f"p{n}", reading, size) for n, size in enumerate(sizes) for reading in readings]
    shift = np.array([size * rng.uniform(-1, 1, BASE.shape) for _, _, size in cases])
    names = {f"p{n}": (labels or {}).get(n, f"Parameter {n}") for n in range(len(sizes))}
    columns = {
        "parameter": [name for name, _, _ in cases],
        "label": [names.get(name, name) for name, _, _ in cases],
        "reading": [reading for _, reading, _ in cases],
        "distribution": ["beta" for _ in cases],
        "how": ["reweighted" for _ in cases],
        "note": ["9 of 12 ranges; the others have it" if n == "all ranges" else "" for n, _, _ in cases],
    }  # fmt: skip
    over = ("case", "year", "quantile")
    data = {name: ("case", np.array(column, dtype=object)) for name, column in columns.items()}
    data |= {
        "ess": ("case", rng.uniform(0.2, 1, len(cases))),
        "told": ("case", np.ones(len(cases), dtype=bool)),
        "base": (("year", "quantile"), BASE),
        "value": (over, BASE * (1 + shift)),
        "shift": (over, shift),
        "shift_mcse": (over, 0.02 * np.abs(shift) + 1e-4),
    }
    attrs = {"outcome": "electricity", "units": "TWh", "limit": LIMIT, "draws": 65536}
    return xr.Dataset(data, {"year": YEARS, "quantile": LEVELS}, attrs)


SIZES = [0.4, 0.2, 0.02, 0.15, 0.01, 0.3]


@pytest.fixture
def tree(result):
    """A function that puts readings into the made-up result."""

    def put(readings):
        result["readings"] = xr.DataTree(readings)
        return result

    return put


def largest(readings, year):
    """Largest change of each parameter at the outer quantiles."""
    cell = np.abs(readings["shift"].sel(year=year, quantile=[0.05, 0.95])).max("quantile")
    single = cell.to_series().groupby(readings["parameter"].values).max()
    return single.drop("all ranges", errors="ignore").sort_values(ascending=False)


def test_table_holds_every_change_of_the_year(tree):
    readings = node(SIZES)
    _, table = readings_chart(tree(readings), year=2035)
    assert len(table) == 2 * readings.sizes["case"]
    assert set(table["year"]) == {2035}
    for quantile in (0.05, 0.95):
        rows = table[table["quantile"] == quantile].set_index(["parameter", "reading"])
        cell = readings.sel(year=2035, quantile=quantile)
        index = list(zip(cell["parameter"].values, cell["reading"].values, strict=True))
        for name in ("shift", "shift_mcse", "value", "ess"):
            np.testing.assert_array_equal(rows.loc[index, name], cell[name])
        assert set(rows["base"]) == {float(cell["base"])}


def test_the_middle_year_is_drawn_when_none_is_asked_for(tree):
    figure, table = readings_chart(tree(node(SIZES)))
    assert set(table["year"]) == {2030}
    assert " in 2030: " in title(figure)
    assert "5th percentile (128 TWh)" in words(figure)
    assert "95th percentile (750 TWh)" in words(figure)


def test_each_panel_shows_the_drawn_changes_of_its_quantile(tree):
    figure, table = readings_chart(tree(node(SIZES)))
    for panel, quantile in enumerate((0.05, 0.95)):
        rows = table[table["drawn"] & (table["quantile"] == quantile)]
        drawn = [float(line.get_xdata()[0]) for line in marks(figure, "reading", panel)]
        assert drawn == rows["shift"].tolist()
        ends = [line.get_xdata() for line in marks(figure, "whisker", panel)]
        reach = 1.96 * rows["shift_mcse"]
        np.testing.assert_allclose(ends, np.c_[rows["shift"] - reach, rows["shift"] + reach])


def test_no_two_marks_of_a_panel_share_a_height(tree):
    figure, _ = readings_chart(tree(node([1e-9] * 8)))
    for panel in (0, 1):
        heights = [float(line.get_ydata()[0]) for line in marks(figure, "reading", panel)]
        assert len(set(heights)) == len(heights)


def test_rows_go_by_their_largest_change_and_all_ranges_come_first(tree):
    readings = node(SIZES)
    _, table = readings_chart(tree(readings))
    drawn = list(dict.fromkeys(table.loc[table["drawn"], "parameter"]))
    assert drawn == ["all ranges", *largest(readings, 2030).index[:5]]


@pytest.mark.parametrize(
    ("sizes", "rows"), [([0.3] * 8 + [0.01] * 9, 8), ([0.4] * 20, 12), ([0.01] * 9, 5), ([0.3], 1)]
)
def test_rows_are_those_beyond_the_limit_at_least_five_and_at_most_twelve(tree, sizes, rows):
    readings = node(sizes)
    found = largest(readings, 2030)
    assert (found > LIMIT).sum() >= min(rows, sum(np.array(sizes) > LIMIT))
    _, table = readings_chart(tree(readings))
    drawn = table.loc[table["drawn"] & (table["parameter"] != "all ranges"), "parameter"]
    assert drawn.nunique() == rows


def test_parameters_without_a_row_are_counted(tree):
    readings = node([0.4] * 14 + [0.01] * 3)
    figure, _ = readings_chart(tree(readings))
    hidden = largest(readings, 2030).iloc[12:]
    beyond = int((hidden > LIMIT).sum())
    assert beyond == 2
    assert f"5 more parameters without a row: 3 within the limit, {beyond} beyond it" in words(
        figure
    )


def test_what_cannot_be_told_is_counted_and_not_drawn(tree):
    readings = node([0.3] * 5)
    readings["told"][7:9] = False
    readings["shift"][7:9] = np.nan
    figure, table = readings_chart(tree(readings))
    untold = table[~table["told"]]
    assert len(untold) == 4
    assert not untold["drawn"].any()
    assert "2 readings are not drawn, since these draws cannot tell them" in words(figure)
    assert len(marks(figure, "reading")) == table["drawn"].sum() == 2 * (readings.sizes["case"] - 2)


def test_when_nothing_can_be_told_the_chart_says_so(tree):
    readings = node([0.3] * 5, every=False)
    readings["told"][:] = False
    readings["shift"][:] = np.nan
    figure, table = readings_chart(tree(readings))
    assert not table["drawn"].any()
    assert "no other reading of a range can be told" in title(figure)
    assert in_order(figure) == FINE


def test_a_change_of_zero_has_no_size(tree):
    readings = node([0.3] * 5)
    readings["shift"][:, 1, 0] = np.nan
    figure, table = readings_chart(tree(readings))
    assert not table.loc[table["quantile"] == 0.05, "drawn"].any()
    assert f"{readings.sizes['case']} changes have no size" in words(figure)


def test_every_reading_has_its_own_shape_and_is_named(tree):
    names = [f"reading number {place}" for place in range(12)]
    figure, table = readings_chart(tree(node([0.3] * 5, readings=names)))
    looks = {}
    rows = table[table["drawn"] & (table["quantile"] == 0.05)]
    for name, line in zip(rows["reading"], marks(figure, "reading", 0), strict=True):
        hollow = line.get_markerfacecolor() != line.get_color()
        looks.setdefault(name, set()).add((line.get_marker(), hollow))
    assert all(len(look) == 1 for look in looks.values())
    assert len({next(iter(look)) for look in looks.values()}) == len(names)
    assert all(name in words(figure) for name in names)


def test_the_grey_band_is_the_limit_in_both_panels_on_one_axis(tree):
    figure, _ = readings_chart(tree(node(SIZES)))
    for axes in figure.axes:
        (band,) = [patch for patch in axes.patches if patch.get_gid() == "limit"]
        assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((-LIMIT, LIMIT))
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()


def test_marks_beyond_the_limit_and_the_largest_of_a_row_have_numbers(tree):
    figure, table = readings_chart(tree(node(SIZES)))
    for panel, quantile in enumerate((0.05, 0.95)):
        rows = table[table["drawn"] & (table["quantile"] == quantile)]
        size = rows["shift"].abs()
        wanted = (size > LIMIT) | (size == size.groupby(rows["parameter"]).transform("max"))
        found = [t.get_text() for t in figure.axes[panel].texts if t.get_gid() == "number"]
        assert found == [change_text(shift) for shift in rows.loc[wanted, "shift"]]


def test_title_says_how_far_one_range_and_all_together_move_a_quantile(tree):
    readings = node(SIZES)
    readings["shift"][:, 1, :] = 0.01
    readings["shift"][7, 1, 2] = -0.37
    readings["shift"][2, 1, 0] = 0.62
    figure, _ = readings_chart(tree(readings))
    assert "one range read another way moves the 95th percentile by up to −37%" in title(figure)
    assert "all ranges together move the 5th percentile by up to +62%" in title(figure)


def test_title_says_when_no_single_range_matters(tree):
    figure, _ = readings_chart(tree(node([0.03] * 5, every=False)))
    said = "no single range, read another way, moves the 5th percentile or 95th percentile by more"
    assert said in title(figure)
    assert title(figure).endswith("than 5%")


def test_how_many_ranges_change_together_is_told_once(tree):
    figure, _ = readings_chart(tree(node(SIZES)))
    assert "All ranges: uniform on the range, 9 of 12 ranges; PERT on the" in words(figure)
    assert words(figure).count("The others have it.") == 1


def test_a_scalar_outcome_has_no_year(tree):
    figure, table = readings_chart(tree(node(SIZES).isel(year=0, drop=True)))
    assert set(table["year"]) == {""}
    assert "sector: one range read another way" in title(figure)


@pytest.mark.parametrize(
    ("readings", "message"),
    [
        (node(SIZES).isel(case=[]), "'/readings' lacks cases"),
        (node(SIZES).drop_vars("shift"), "'/readings' lacks shift"),
    ],
)
def test_a_node_that_lacks_something_is_an_error(tree, readings, message):
    with pytest.raises(ResultError, match=message):
        readings_chart(tree(readings))


def test_errors_say_what_is_there(result, tree):
    with pytest.raises(ResultError, match="no '/readings'"):
        readings_chart(result)
    with pytest.raises(ResultError, match="no year 1999: year: 2028, 2030, 2035"):
        readings_chart(tree(node(SIZES)), year=1999)


LONG = "推理需求的年增长率 with a label of eighty characters that says in full what number {} is"
CASES = {
    "usual": node(SIZES),
    "one": node([0.2], readings=READINGS[:1], every=False),
    "many": node([5.0] * 40, labels={n: LONG.format(n) for n in range(40)}),
    "huge": node([4000.0] * 6),
    "tiny": node([1e-7] * 6, every=False),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_touches_and_nothing_is_cut(tree, case):
    figure, _ = readings_chart(tree(CASES[case]))
    assert in_order(figure) == FINE


def test_numbers_stay_inside_their_panel(tree):
    figure, _ = readings_chart(tree(CASES["huge"]))
    everything = texts(figure)
    for axes in figure.axes:
        frame = axes.get_window_extent()
        own = [t for t in everything if t in axes.texts and t.get_gid() == "number"]
        assert own
        for text in own:
            box = text.get_window_extent()
            assert frame.x0 <= box.x0
            assert box.x1 <= frame.x1


def test_the_same_readings_give_the_same_bytes(tree):
    whole = tree(node(SIZES))
    assert render(readings_chart(whole)[0]) == render(readings_chart(whole)[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [(0, "0%"), (0.12, "+12%"), (-0.034, "−3.4%"), (12, "+1,200%"), (-1e-9, "<0.1%"),
     (0.0995, "+10%"), (np.nan, "none")],
)  # fmt: skip
def test_a_change_has_its_sign(change, said):
    assert change_text(change) == said


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.05, "5th"),
        (0.95, "95th"),
        (0.01, "1st"),
        (0.11, "11th"),
        (0.93, "93rd"),
        (0.025, "2.5th"),
    ],
)
def test_quantiles_are_named_as_people_say_it(probability, said):
    assert ordinal(probability) == f"{said} percentile"


def test_ticks_are_round_and_their_labels_stay_near_the_axes():
    axes = Figure(figsize=(8.6, 3)).add_axes((0, 0, 0.3, 1))
    axes.set_xlim(-0.0123, 0.0456)
    set_percent_ticks(axes, -0.0123, 0.0456, most=5)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0%", "2%", "4%"]
    axes.set_xlim(0, 100)
    set_percent_ticks(axes, 0, 100, most=2)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0%", "5,000%"]
