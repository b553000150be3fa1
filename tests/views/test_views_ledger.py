"""The ledger: shares that add up, grades that keep their look, findings in the title."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex

from tests.views.layout import FINE, in_order, marks, title, words
from uncertainty.errors import ResultError
from uncertainty.views import render
from uncertainty.views.drawing.looks import REST_FILL
from uncertainty.views.drawing.shares import share_text
from uncertainty.views.drawing.style import luminance
from uncertainty.views.drawing.words import REST
from uncertainty.views.ledger import ledger_chart
from uncertainty.views.ledger.grades import GRADE_FILLS, NO_SOURCE

YEARS = np.arange(2024, 2036)
GRADES = ["measurement", "model", "expert judgement", "assumption"]
PUBLISHERS = [
    "International Energy Agency",
    "China Academy of Information and Communications Technology",
    "Lawrence Berkeley National Laboratory",
    "Epoch AI",
    "中国信息通信研究院",
    "State Grid Energy Research Institute",
    "Uptime Institute",
    "NVIDIA",
    NO_SOURCE,
]
EARLY = {"grade": [10, 20, 40, 30], "source": [22, 18, 10, 8, 7, 6, 5, 4, 20]}
LATE = {"grade": [4, 10, 30, 56], "source": [3, 19, 12, 10, 9, 7, 5, 3, 32]}
NAMES = {"grade": GRADES, "source": PUBLISHERS}


def shares(early, late):
    """Shares (year, name) that sum to one and are not defined in the base year."""
    weight = np.linspace(0, 1, len(YEARS))[:, None]
    ends = [np.array(end, dtype=float) / np.sum(end) for end in (early, late)]
    found = (1 - weight) * ends[0] + weight * ends[1]
    found[0] = np.nan
    return found


def node(found=None):
    """A node of `/ledger`; `found` gives names and shares by order."""
    found = found or {by: (NAMES[by], shares(EARLY[by], LATE[by])) for by in NAMES}
    found.setdefault("evidence", ([*GRADES, NO_SOURCE], shares([3, 2, 3, 1, 1], [2, 2, 1, 1, 4])))
    data, coords = {}, {"year": YEARS, "bound": ["lower", "upper"]}
    for by, (names, values) in found.items():
        half = 0.02 + 0.1 * np.abs(values)
        data[f"by_{by}"] = (("year", by), values)
        ends = np.stack([values - half, values + half], axis=-1)
        data[f"by_{by}_interval"] = (("year", by, "bound"), ends)
        coords[by] = names
    attrs = {"interval_kind": "t over 8 replicates", "interval_prob": 0.95, "replicates": 8}
    return xr.Dataset(data, coords, attrs)


@pytest.fixture
def tree(result):
    """A function that puts a ledger into the made-up result."""

    def put(ledger):
        result["ledger/electricity"] = xr.DataTree(ledger)
        return result

    return put


def areas(figure):
    """Solid areas by name."""
    found = [item for item in figure.axes[0].collections if isinstance(item, PolyCollection)]
    return {item.get_label(): item for item in found if item.get_gid() != "hatch"}


@pytest.mark.parametrize("by", ["grade", "evidence", "source"])
def test_bars_hold_the_shares_of_the_year_with_their_intervals(tree, by):
    ledger = node()
    figure, table = ledger_chart(tree(ledger), "electricity", by=by, at={"year": 2030})
    cell = ledger.sel({"year": 2030, by: table[by].tolist()})
    np.testing.assert_array_equal(table["share"], cell[f"by_{by}"])
    np.testing.assert_array_equal(table["share_lower"], cell[f"by_{by}_interval"][:, 0])
    np.testing.assert_array_equal(table["share_upper"], cell[f"by_{by}_interval"][:, 1])
    assert table["share"].is_monotonic_decreasing
    assert table["share"].sum() == pytest.approx(1)
    bars = [patch.get_width() for patch in figure.axes[0].patches if patch.get_gid() == "share"]
    np.testing.assert_allclose(bars, table["share"])
    whiskers = [line.get_xdata() for line in marks(figure, "interval")]
    np.testing.assert_array_equal(whiskers, table[["share_lower", "share_upper"]])


def test_areas_stack_the_shares_from_measured_up_to_assumed(tree):
    ledger = node()
    figure, table = ledger_chart(tree(ledger), "electricity")
    assert list(areas(figure)) == GRADES
    for name, area in areas(figure).items():
        corners = area.get_paths()[0].vertices
        for year in YEARS[1:]:
            height = np.ptp(corners[np.isclose(corners[:, 0], year), 1])
            assert height == pytest.approx(float(ledger["by_grade"].sel(year=year, grade=name)))
    sums = table.groupby("year")["height"].sum(min_count=1).dropna()
    np.testing.assert_allclose(sums, 1.0)


def test_six_publishers_have_areas_and_the_rest_is_their_sum(tree):
    ledger = node()
    figure, table = ledger_chart(tree(ledger), "electricity", by="source")
    means = ledger["by_source"].mean("year").drop_sel(source=NO_SOURCE).to_series()
    greatest = means.sort_values(ascending=False).index[:6].tolist()
    assert list(areas(figure)) == [*greatest, REST, NO_SOURCE]
    others = [name for name in PUBLISHERS if name not in [*greatest, NO_SOURCE]]
    rest = ledger["by_source"].sel(source=others).sum("source", skipna=False)
    np.testing.assert_allclose(table.loc[table["source"] == REST, "share"], rest)
    assert f"{REST} ({len(others)} more)" in words(figure)


def test_title_states_what_rests_on_judgement_in_the_last_and_the_first_year(tree):
    figure, _ = ledger_chart(tree(node()), "electricity")
    last = (30 + 56) / 100
    first = float(shares(EARLY["grade"], LATE["grade"])[1, 2:].sum())
    assert title(figure) == (
        "Electricity of the computing sector in 2035: "
        f"{last:.0%} of its variance rests on judgement or assumption (2025: {first:.0%})"
    )


def test_title_speaks_of_the_middle_year_of_the_headline(tree):
    result = tree(node())
    result.attrs["headline"] = '{"outcome": "electricity", "years": [2028, 2030, 2035]}'
    figure, _ = ledger_chart(result, "electricity")
    judged = float(shares(EARLY["grade"], LATE["grade"])[6, 2:].sum())
    assert f"in 2030: {judged:.0%} of its variance rests on" in title(figure)


def test_title_of_one_year_speaks_of_that_year(tree):
    figure, _ = ledger_chart(tree(node()), "electricity", at={"year": 2030})
    judged = float(shares(EARLY["grade"], LATE["grade"])[6, 2:].sum())
    assert f"in 2030: {judged:.0%} of its variance rests on" in title(figure)
    assert title(figure).endswith("assumption")


def test_title_by_source_names_the_largest_publisher_and_what_has_none(tree):
    figure, _ = ledger_chart(tree(node()), "electricity", by="source")
    assert "19% of its variance comes from numbers by China Academy" in title(figure)
    assert "32% has no source" in title(figure)


def test_a_grade_looks_the_same_in_bars_and_areas(tree):
    stacked, _ = ledger_chart(tree(node()), "electricity")
    ranked, table = ledger_chart(tree(node()), "electricity", at={"year": 2030})
    bars = [patch for patch in ranked.axes[0].patches if patch.get_gid() == "share"]
    by_name = dict(zip(table["grade"], bars, strict=True))
    for name, area in areas(stacked).items():
        assert to_hex(area.get_facecolor()[0]) == to_hex(by_name[name].get_facecolor())
        assert (by_name[name].get_hatch() or "") == GRADE_FILLS[name].hatch


def test_grades_go_from_dark_and_solid_to_pale_and_hatched():
    fills = [GRADE_FILLS[name] for name in GRADES]
    assert np.diff([luminance(fill.face) for fill in fills]).min() > 0.05
    assert [bool(fill.hatch) for fill in fills] == [False, False, True, True]
    assert len({fill.hatch for fill in fills[2:]}) == 2


def test_years_without_shares_are_greyed_out_with_a_word(tree):
    ledger = node()
    ledger["by_grade"][5:7] = np.nan
    figure, table = ledger_chart(tree(ledger), "electricity")
    blanks = [patch for patch in figure.axes[0].patches if patch.get_gid() == "no-variance"]
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in blanks]
    assert spans == [(2024, 2024.5), (2028.5, 2030.5)]
    assert "2029 to 2030: no variance" in words(figure)
    assert table.loc[table["year"].isin([2029, 2030]), "share"].isna().all()


def test_a_grade_without_any_share_is_named_below_and_not_drawn(tree):
    ledger = node({"grade": (GRADES, shares([0, 0, 0, 1], [0, 0, 0, 1]))})
    figure, table = ledger_chart(tree(ledger), "electricity")
    assert list(areas(figure)) == ["assumption"]
    assert "Below 0.5% in every year, not drawn: measurement, model, expert judgement." in words(
        figure
    )
    assert set(table["grade"]) == set(GRADES)
    assert "100% of its variance" in title(figure)


def test_shares_below_zero_are_drawn_as_zero_and_told(tree):
    ledger = node()
    ledger["by_grade"][3:5, 0] = -0.02
    figure, table = ledger_chart(tree(ledger), "electricity")
    assert (table["share"] < 0).sum() == 2
    assert table["height"].min() == 0
    assert "2 shares are below zero, of 48" in words(figure)
    assert figure.axes[0].get_ylim()[1] >= table.groupby("year")["height"].sum().max()


def test_publishers_beyond_the_twelfth_are_counted(tree):
    names = [f"Institute {place}" for place in range(40)]
    ledger = node({"source": (names, shares(np.arange(40, 0, -1), np.arange(40, 0, -1)))})
    figure, table = ledger_chart(tree(ledger), "electricity", by="source", at={"year": 2030})
    hidden = table[~table["drawn"]]
    assert len(hidden) == 28
    assert hidden["share"].sum() == pytest.approx(np.arange(1, 29).sum() / np.arange(1, 41).sum())
    assert "28 more, together 50%, each at most 3%" in words(figure)


def test_publishers_whose_interval_touches_zero_are_grey(tree):
    ledger = node()
    ledger["by_source_interval"][6, [1, 8], 0] = -0.01
    figure, table = ledger_chart(tree(ledger), "electricity", by="source", at={"year": 2030})
    bars = [patch for patch in figure.axes[0].patches if patch.get_gid() == "share"]
    fills = {n: to_hex(b.get_facecolor()) for n, b in zip(table["source"], bars, strict=True)}
    assert [name for name in fills if fills[name] == REST_FILL.face.lower()] == [PUBLISHERS[1]]
    assert fills[NO_SOURCE] == GRADE_FILLS[NO_SOURCE].face.lower()
    assert "Grey: the interval touches zero" in words(figure)


def test_a_finding_close_to_all_is_not_called_all(tree):
    ledger = node({"grade": (GRADES, shares([1, 1, 1, 1], [0, 1, 1, 998]))})
    figure, _ = ledger_chart(tree(ledger), "electricity")
    assert (
        "in 2035: more than 99% of its variance rests on judgement or assumption (2025: 55%)"
        in (title(figure))
    )


def test_a_finding_that_stays_is_told_once(tree):
    same = shares(LATE["grade"], LATE["grade"])
    figure, _ = ledger_chart(tree(node({"grade": (GRADES, same)})), "electricity")
    assert title(figure).endswith("in 2035: 86% of its variance rests on judgement or assumption")


def test_a_scalar_outcome_has_bars(tree):
    ledger = node().isel(year=-1, drop=True)
    figure, table = ledger_chart(tree(ledger), "electricity")
    assert "year" not in table
    assert len(marks(figure, "interval")) == len(GRADES)
    assert title(figure).startswith("Electricity of the computing sector: 86% of its")


def test_one_region_of_several_is_chosen_by_name(tree):
    ledger = node().expand_dims(region=["hub", "other"])
    figure, table = ledger_chart(tree(ledger), "electricity", at={"region": "hub"})
    assert set(table["region"]) == {"hub"}
    assert "(hub) in 2035" in title(figure)
    with pytest.raises(ResultError, match="all dims, or all but year"):
        ledger_chart(tree(ledger), "electricity")


def test_the_runs_of_the_shapley_effects_are_told_where_the_ledger_has_none(tree):
    whole = tree(node())
    whole["shapley/electricity"] = xr.DataTree(xr.Dataset(attrs={"model_runs": 1234567}))
    figure, _ = ledger_chart(whole, "electricity", at={"year": 2030})
    assert "1,234,567 model runs" in words(figure)
    assert "95% interval, t over 8 replicates" in words(figure)


def test_without_intervals_there_are_no_whiskers(tree):
    bare = node().drop_vars([f"by_{by}_interval" for by in ("grade", "evidence", "source")])
    figure, table = ledger_chart(tree(bare), "electricity", at={"year": 2030})
    assert not marks(figure, "interval")
    assert table["share_lower"].isna().all()
    assert "whiskers" not in words(figure)


ERRORS = [
    ({"by": "colour"}, "by='colour': a ledger is kept by grade, evidence, source"),
    ({"at": {"year": 1999}}, "no year 1999"),
    ({"at": {"year": 2024}}, "no shares there: they need an outcome that varies"),
    ({"outcome": "power"}, "no '/ledger/power'"),
]


@pytest.mark.parametrize(("arguments", "message"), ERRORS)
def test_errors_say_what_is_there(tree, arguments, message):
    with pytest.raises(ResultError, match=message):
        ledger_chart(tree(node()), **({"outcome": "electricity"} | arguments))


def test_an_order_that_is_not_kept_is_an_error(tree):
    with pytest.raises(ResultError, match="lacks by_source"):
        ledger_chart(tree(node().drop_vars("by_source")), "electricity", by="source")


LONG = "国家统计局能源统计司与 a department with a name of some length, number {} of its ministry"
CASES = {
    "usual": {},
    "one": {"grade": (["assumption"], shares([1], [1])), "source": (["A"], shares([1], [1]))},
    "many": {
        "source": (
            [*(LONG.format(place) for place in range(40)), NO_SOURCE],
            shares(np.arange(41, 0, -1) ** 2, np.roll(np.arange(41, 0, -1) ** 2, 5)),
        )
    },
    "tiny": {"grade": (GRADES, shares([1, 1e-4, 1e-6, 1e6], [1e6, 1e-4, 1, 2]))},
}


@pytest.mark.parametrize("at", [None, {"year": 2030}])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("by", ["grade", "source"])
def test_nothing_touches_and_nothing_is_cut(tree, case, by, at):
    found = {name: (NAMES[name], shares(EARLY[name], LATE[name])) for name in NAMES}
    figure, _ = ledger_chart(tree(node(found | CASES[case])), "electricity", by=by, at=at)
    assert in_order(figure) == FINE


@pytest.mark.parametrize("at", [None, {"year": 2030}])
def test_the_same_ledger_gives_the_same_bytes(tree, at):
    whole = tree(node())
    one, two = (render(ledger_chart(whole, "electricity", at=at)[0]) for _ in range(2))
    assert one == two


def test_the_text_alternative_has_the_numbers(tree):
    figure, _ = ledger_chart(tree(node()), "electricity")
    said = "2035: measurement 4%; model 10%; expert judgement 30%; assumption 56%."
    assert figure.get_label().endswith(said)


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0%"), (1, "100%"), (1e-9, "<1%"), (0.9999, ">99%"), (0.345, "34%"), (-0.021, "−2%"), (-0.002, "0%"), (1 - 1e-15, "100%"),
     (np.nan, "none")],
)  # fmt: skip
def test_a_share_is_never_rounded_to_none_or_all(share, said):
    assert share_text(share) == said


def test_all_frames_are_tidy(tree):
    _, table = ledger_chart(tree(node()), "electricity", by="source")
    expected = ["outcome", "year", "source", "share", "share_lower", "share_upper", "height"]
    assert table.columns.tolist() == expected
    assert isinstance(table.index, pd.RangeIndex)
