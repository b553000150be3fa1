"""The comparison: both sides as stored, moves that add up, blocks that may be absent."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm

from tests.views.layout import FINE, in_order, marks, title, words
from uncertainty.errors import ResultError
from uncertainty.views import render
from uncertainty.views.comparison import comparison_chart
from uncertainty.views.comparison.blocks import COLOURS
from uncertainty.views.comparison.table import ALL, INTERPLAY
from uncertainty.views.drawing.numbers import Scale, signed
from uncertainty.views.drawing.style import styled
from uncertainty.views.drawing.words import REST
from uncertainty.views.rows.frame import NAME, broken

LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]
OUTER = [0.05, 0.5, 0.95]
NAMES = ("china-computing-2035", "china-computing-2035-evidence")
GRADES = ["assumption", "expert judgement", "measurement"]


def intervals(years, scale):
    """Quantiles (side, year, quantile) of two lognormals; the second has 1.34 times the median."""
    medians = scale * np.linspace(252, 430, len(years))
    spreads = np.exp(np.outer([0.6, 0.42], norm.ppf(LEVELS)))
    return medians[:, None] * np.array([1.0, 1.34])[:, None, None] * spreads[:, None, :]


def comparison(count=14, *, years=(2028, 2030, 2035), scale=1.0, names=NAMES, labels=None, seed=3):
    """A comparison tree with `count` parameters."""
    rng = np.random.default_rng(seed)
    parameters = [f"p{place}" for place in range(count)]
    named = ("parameter", np.array(labels or [f"Parameter {p}" for p in range(count)], object))
    shift = scale * rng.normal(size=(count, 1, 1)) ** 3 * np.array([5.0, 12.0, 40.0])
    shift = shift * np.linspace(0.5, 1.5, len(years))[:, None]
    grades = [rng.choice(GRADES, count).astype(object) for _ in "ab"]
    coords = {"parameter": parameters, "year": list(years), "quantile": OUTER}
    moved = {
        "label": named,
        "shift": (("parameter", "year", "quantile"), shift),
        "all": (("year", "quantile"), 0.9 * shift.sum(axis=0) + 3 * scale),
        "distribution_a": ("parameter", np.array(["beta"] * count, dtype=object)),
        "distribution_b": ("parameter", np.array(["normal"] * count, dtype=object)),
        "grade_a": ("parameter", grades[0]),
        "grade_b": ("parameter", grades[1]),
    }
    shares = rng.dirichlet(np.full(count, 0.4), 2)
    attrs = {"a": names[0], "b": names[1], "title_a": "As the article has it",
             "title_b": "As measured", "outcome": "electricity", "units": "TWh"}  # fmt: skip
    value = (
        ("side", "year", "quantile"),
        intervals(years, scale),
        {"long_name": "Electricity use"},
    )
    sides = {"side": ["a", "b"]}
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs=attrs),
            "/intervals": xr.Dataset(
                {"value": value}, sides | {"year": list(years), "quantile": LEVELS}
            ),
            "/drivers": xr.Dataset(
                {"Sh": (("side", "parameter"), shares), "label": named},
                sides | {"parameter": parameters},
                {"year": years[len(years) // 2]},
            ),
            "/moved": xr.Dataset(moved, coords),
        }
    )


def without(tree, *groups):
    """The tree without some groups."""
    for group in groups:
        del tree[group]
    return tree


def test_table_holds_the_quantiles_of_both_sides():
    tree = comparison()
    _, table = comparison_chart(tree)
    rows = table[table["block"] == "intervals"]
    assert len(rows) == 2 * 3 * len(LEVELS)
    for line in rows.itertuples():
        place = {"side": line.side, "year": line.year, "quantile": line.quantile}
        assert line.value == float(tree["intervals/value"].sel(place))
    assert set(rows["unit"]) == {"TWh"}


def test_bars_reach_from_quantile_to_quantile_and_marks_stand_at_the_median():
    tree = comparison()
    figure, _ = comparison_chart(tree)
    axes = figure.axes[0]
    bars = [patch for patch in axes.patches if patch.get_gid() == "interval"]
    ends = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in bars]
    values = tree["intervals/value"].transpose("year", "side", "quantile").to_numpy().reshape(-1, 5)
    wanted = [pair for row in values for pair in (row[[0, 4]], row[[1, 3]])]
    np.testing.assert_allclose(ends, wanted)
    for place, side in enumerate("ab"):
        medians = [float(line.get_xdata()[0]) for line in marks(figure, side, 0)]
        np.testing.assert_allclose(medians, values[place::2, 2])


def test_sides_differ_in_hue_shape_and_fill_and_are_named():
    figure, _ = comparison_chart(comparison())
    looks = {
        side: {
            (m.get_marker(), m.get_color(), m.get_markerfacecolor()) for m in marks(figure, side)
        }
        for side in "ab"
    }
    assert all(len(look) == 1 for look in looks.values())
    (a,), (b,) = looks.values()
    assert all(one != other for one, other in zip(a, b, strict=True))
    names = [t for t in figure.axes[0].texts if t.get_gid() == "name"]
    assert {t.get_text() for t in names} == set(NAMES)
    assert len({t.get_color() for t in names}) == len(COLOURS)


def test_two_marks_in_one_place_are_both_seen():
    tree = comparison()
    tree["drivers/Sh"][1] = tree["drivers/Sh"][0]
    figure, _ = comparison_chart(tree)
    for a, b in zip(marks(figure, "a", 1), marks(figure, "b", 1), strict=True):
        assert a.get_xdata() == b.get_xdata()
        assert a.get_zorder() > b.get_zorder()
        assert a.get_markersize() < b.get_markersize() - 2


def test_shares_go_by_the_larger_side_and_eight_are_drawn():
    tree = comparison()
    figure, table = comparison_chart(tree)
    rows = table[table["block"] == "shares"]
    most = tree["drivers/Sh"].max("side").to_series().sort_values(ascending=False)
    assert list(dict.fromkeys(rows["parameter"])) == most.index.tolist()
    assert rows.loc[rows["drawn"], "parameter"].nunique() == 8
    for side in "ab":
        drawn = [float(line.get_xdata()[0]) for line in marks(figure, side, 1)]
        wanted = tree["drivers/Sh"].sel(side=side, parameter=most.index[:8].tolist())
        np.testing.assert_array_equal(drawn, wanted)
    assert "6 more without a row, at most" in words(figure)


def test_a_parameter_of_one_side_alone_has_one_mark():
    tree = comparison(6)
    tree["drivers/Sh"][0, 2] = np.nan
    figure, _ = comparison_chart(tree)
    assert len(marks(figure, "a", 1)) == 5
    assert len(marks(figure, "b", 1)) == 6
    assert len(marks(figure, "between", 1)) == 5
    assert "none" in [t.get_text() for t in figure.axes[1].texts]


def test_moves_rest_and_interplay_add_up_to_all():
    tree = comparison()
    _, table = comparison_chart(tree)
    rows = table[(table["block"] == "moved") & table["drawn"]]
    single = tree["moved/shift"].sel(year=2030)
    for quantile in OUTER:
        values = rows[rows["quantile"] == quantile].set_index("parameter")["value"]
        parts = values.drop(ALL)
        assert len(parts) == 10 + 2
        assert parts.sum() == pytest.approx(values[ALL])
        hidden = single.sel(quantile=quantile).drop_sel(parameter=parts.index[:10].tolist())
        assert values[REST] == pytest.approx(float(hidden.sum()))
        alone = float(tree["moved/all"].sel(year=2030, quantile=quantile))
        whole = float(single.sel(quantile=quantile).sum())
        assert values[INTERPLAY] == pytest.approx(alone - whole)


def test_moves_go_by_the_median_and_are_drawn_there():
    tree = comparison()
    figure, table = comparison_chart(tree)
    medians = tree["moved/shift"].sel(year=2030, quantile=0.5).to_series()
    order = medians.abs().sort_values(ascending=False).index.tolist()
    rows = table[(table["block"] == "moved") & (table["quantile"] == 0.5)]
    assert rows["parameter"].tolist() == [*order, REST, INTERPLAY, ALL]
    drawn = [float(line.get_xdata()[0]) for line in marks(figure, "move", 2)]
    np.testing.assert_array_equal(drawn, rows.loc[rows["drawn"], "value"])


def test_few_moves_need_no_rest():
    _, table = comparison_chart(comparison(3))
    moved = table.loc[table["block"] == "moved", "parameter"]
    assert moved.drop_duplicates().tolist()[3:] == [INTERPLAY, ALL]


def test_a_move_that_is_not_known_leaves_the_interplay_open():
    tree = comparison(4)
    tree["moved/shift"][1] = np.nan
    figure, table = comparison_chart(tree)
    rows = table[table["parameter"] == INTERPLAY]
    assert rows["value"].isna().all()
    assert len(marks(figure, "move", 2)) == 4


def test_moves_say_how_grade_and_distribution_change():
    tree = comparison(1)
    tree["moved/grade_a"][0], tree["moved/grade_b"][0] = "assumption", "measurement"
    figure, table = comparison_chart(tree)
    assert "assumption → measurement" in words(figure)
    first = table[table["parameter"] == "p0"].iloc[-1]
    assert (first["distribution_a"], first["distribution_b"]) == ("beta", "normal")


def test_title_states_both_medians_and_the_change():
    figure, _ = comparison_chart(comparison())
    assert title(figure) == (
        "Electricity use in 2030: median 341 TWh with china-computing-2035, "
        "457 TWh with china-computing-2035-evidence (+34%)"
    )


def test_no_change_in_percent_across_zero():
    tree = comparison()
    tree["intervals/value"][0] -= 5000
    figure, _ = comparison_chart(tree)
    assert title(figure).endswith("with china-computing-2035-evidence")
    assert figure.axes[0].get_xlim()[0] < -4000


@pytest.mark.parametrize(
    ("groups", "axes"), [(["drivers"], 2), (["moved"], 2), (["drivers", "moved"], 1)]
)
def test_blocks_that_are_absent_are_left_out_with_a_note(groups, axes):
    figure, table = comparison_chart(without(comparison(), *groups))
    notes = {"drivers": "Shares of the variance are left out", "moved": "What moved is left out"}
    assert len(figure.axes) == axes
    for group, said in notes.items():
        assert (said in words(figure)) == (group in groups)
    assert {"drivers": "shares"}.get(groups[0], groups[0]) not in set(table["block"])


def test_the_reason_that_is_stored_is_told():
    tree = without(comparison(), "moved")
    tree.attrs["note"] = "the two results have different parameters"
    assert "left out: the two results have different parameters." in words(
        comparison_chart(tree)[0]
    )
    tree = comparison()
    tree.attrs["note"] = "the model's code has changed"
    assert "The model's code has changed." in words(comparison_chart(tree)[0])


def test_no_exchanged_prior_is_like_no_group():
    tree = comparison()
    tree["moved"] = xr.DataTree(tree["moved"].to_dataset().isel(parameter=[]))
    figure, _ = comparison_chart(tree)
    assert "What moved is left out" in words(figure)


YEARS = tuple(range(2024, 2036))


@pytest.mark.parametrize(
    ("headline", "drawn"),
    [([2026, 2031], [2026, 2030, 2031]), ([], [2024, 2028, 2030, 2031, 2035])],
)
def test_of_many_years_the_headlines_are_drawn_and_the_one_of_the_title(headline, drawn):
    tree = comparison(years=YEARS)
    if headline:
        tree.attrs["headline"] = json.dumps({"outcome": "electricity", "years": headline})
    figure, table = comparison_chart(tree)
    assert sorted(set(table.loc[table["block"] == "intervals", "year"])) == drawn
    assert [t.get_text() for t in figure.axes[0].texts if t.get_gid() == "tag"] == list(
        map(str, drawn)
    )


def test_quantiles_that_are_missing_are_told():
    tree = comparison()
    tree["intervals/value"][0, 2, 4] = np.nan
    tree["intervals/value"][1, 2, 4] = np.inf
    figure, _ = comparison_chart(tree)
    assert "Without a finite value: 2 quantiles are not drawn." in words(figure)


def test_errors_say_what_is_needed():
    with pytest.raises(ResultError, match="no '/intervals'"):
        comparison_chart(without(comparison(), "intervals"))
    tree = comparison()
    tree["intervals"] = xr.DataTree(tree["intervals"].to_dataset().isel(side=[0]))
    with pytest.raises(ResultError, match=r"need side \(a, b\), year and quantile: side: a"):
        comparison_chart(tree)
    tree = comparison()
    tree["intervals"] = xr.DataTree(tree["intervals"].to_dataset().sel(quantile=[0.05, 0.95]))
    with pytest.raises(ResultError, match="lack the median"):
        comparison_chart(tree)


LONG = "{} 推理需求的年增长率 and a label of eighty characters that says in full what the number is"
WIDE = (
    "中国算力电力研究（按文章所述的效率杠杆取值）",
    "a-study-without-any-blank-longer-than-its-column",
)
CASES = {
    "usual": comparison(),
    "one": comparison(1, years=(2030,), names=("A", "B")),
    "many": comparison(40, labels=[LONG.format(place) for place in range(40)], names=WIDE),
    "tiny": comparison(scale=1e-9),
    "huge": comparison(scale=1e12),
    "bare": without(comparison(years=YEARS), "drivers", "moved"),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_touches_and_nothing_is_cut(case):
    figure, _ = comparison_chart(CASES[case])
    assert in_order(figure) == FINE


def test_the_same_comparison_gives_the_same_bytes():
    one, two = (render(comparison_chart(CASES["usual"])[0]) for _ in range(2))
    assert one == two


def test_the_text_alternative_has_the_numbers():
    figure, _ = comparison_chart(comparison())
    low, high = intervals((2028, 2030, 2035), 1.0)[1, 2, [0, 4]]
    said = f"2035, china-computing-2035-evidence: 90% interval {low:.0f} to {high:,.0f} TWh"
    assert said in figure.get_label()


@pytest.mark.parametrize(
    ("value", "said"), [(3.2, "+3.20"), (-0.5, "−0.50"), (0, "0"), (np.nan, "none")]
)
def test_a_difference_has_its_sign(value, said):
    assert signed(value, Scale.of([123.0], "TWh")) == said


@pytest.mark.parametrize("text", [NAMES[1], WIDE[0], "a name with a-word-that-is-far-too-long too"])
def test_names_break_behind_hyphens_before_they_break_inside_words(text):
    with styled():
        lines = broken(text, 1.2, NAME)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert len(lines) > 1
    inner = [line for line in lines[:-1] if line.isascii()]
    assert all(line.endswith("-") or f"{line} " in text for line in inner)
