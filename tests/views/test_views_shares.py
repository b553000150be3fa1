"""Shares of dependent parameters: three indices side by side, ranked, read against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr

import uncertainty as un
from tests.views.layout import FINE, in_order, marks, title, words
from uncertainty.dependent import dependent_drivers
from uncertainty.errors import ResultError
from uncertainty.views import render, shares_chart
from uncertainty.views.drawing.style import NOISE
from uncertainty.views.shares.marks import READ, two

INDICES = ("Sh", "closed", "total")
NORMAL = un.Prior("normal", mu=0, sigma=1)
YEARS = [2028, 2030, 2035]
LONG = "A label of eighty characters that says in full and at length what number {} is so"


def node(values, width=0.02, *, years=False, labels=None, groups=None, sh=True):
    """A node of `/dependent`: of each parameter Shapley effect, closed and total index."""
    count = len(values)
    names = [f"p{n}" for n in range(count)]
    weights = np.array([1.0, 0.9, 0.8]) if years else np.array([1.0])
    data = {}
    for place, index in enumerate(INDICES if sh else INDICES[1:], start=0 if sh else 1):
        found = np.array([row[place] for row in values], dtype=float) * weights[:, None]
        ends = np.stack([found - width, found + width], axis=-1)
        dims = ("year", "parameter") if years else ("parameter",)
        data[index] = (dims, found if years else found[0])
        data[f"{index}_interval"] = ((*dims, "bound"), ends if years else ends[0])
        if years and index != "Sh":
            data[f"aggregate_{index}"] = ("parameter", found.mean(axis=0))
            data[f"aggregate_{index}_interval"] = (("parameter", "bound"), ends.mean(axis=0))
    coords = {
        "parameter": names,
        "bound": ["lower", "upper"],
        "label": ("parameter", labels or [f"Parameter {n}" for n in range(count)]),
        "group": ("parameter", groups or [""] * count),
    } | ({"year": YEARS} if years else {})
    attrs = {
        "units": "TWh",
        "long_name": "electricity of the computing sector",
        "interval_kind": "t over 8 replicates",
        "interval_prob": 0.95,
        "model_runs": 22528,
    }
    return xr.Dataset(data, coords, attrs)


def tree(dataset):
    return xr.DataTree.from_dict({"/dependent/electricity": dataset})


VALUES = [(0.1, 0.1, 0.1), (0.4, 0.6, 0.2), (0.3, 0.1, 0.45), (0.19, 0.2, 0.18), (0.01, 0.0, 0.0)]


def chart(values=VALUES, **kinds):
    return shares_chart(tree(node(values, **kinds)), "electricity")


def test_two_that_depend_on_each_other_share_information():
    """For a sum of two normal parameters of correlation 1/2 closed, total and Sh are known."""
    space = un.Space(dict.fromkeys("ab", NORMAL), {("a", "b"): 6 * math.asin(0.25) / math.pi})
    figure, table = shares_chart(dependent_drivers(lambda a, b: a + b, space, size=512), "y")
    np.testing.assert_allclose(table["closed"], 0.75, atol=0.02)
    np.testing.assert_allclose(table["total"], 0.25, atol=0.02)
    np.testing.assert_allclose(table["Sh"], 0.5, atol=0.02)
    assert table["reading"].tolist() == ["shares information"] * 2
    assert READ in words(figure)
    assert in_order(figure) == FINE


def test_independent_ones_that_act_together_are_told_so():
    space = un.Space(dict.fromkeys("ab", NORMAL), {})
    _, table = shares_chart(dependent_drivers(lambda a, b: a * b, space, size=512), "y")
    assert table["reading"].tolist() == ["acts with others"] * 2


def test_ranked_by_shapley_with_noise_unranked_at_the_end():
    _, table = chart()
    assert table["parameter"].tolist() == ["p1", "p2", "p3", "p0", "p4"]
    np.testing.assert_array_equal(table["rank"], [1, 2, 3, 4, np.nan])
    assert table["drawn"].all()


def test_table_and_marks_are_the_stored_indices():
    stored = node(VALUES)
    figure, table = shares_chart(tree(stored), "electricity")
    cell = stored.sel(parameter=table["parameter"].tolist())
    for index in INDICES:
        ends = table[[f"{index}_lower", f"{index}_upper"]]
        np.testing.assert_array_equal(table[index], cell[index])
        np.testing.assert_array_equal(ends, cell[f"{index}_interval"])
        drawn = [line.get_xdata()[0] for line in marks(figure, index)]
        np.testing.assert_array_equal(drawn, table[index])
        whiskers = [line.get_xdata() for line in marks(figure, f"{index}-interval")]
        np.testing.assert_array_equal(whiskers, ends)


def test_a_reading_is_written_only_where_the_intervals_are_apart():
    _, table = chart()
    found = dict(zip(table["parameter"], table["reading"], strict=True))
    assert found == {"p0": "", "p1": "shares information", "p2": "acts with others",
                     "p3": "", "p4": ""}  # fmt: skip
    _, wide = chart(width=0.3)
    assert set(wide["reading"]) == {""}


def test_each_index_has_its_own_shape_and_lane():
    figure, table = chart()
    looks = {
        index: {
            (m.get_marker(), m.get_markerfacecolor() == "#FFFFFF") for m in marks(figure, index)
        }
        for index in INDICES
    }
    assert all(len(look) == 1 for look in looks.values())
    assert len({next(iter(look)) for look in looks.values()}) == 3
    heights = [m.get_ydata()[0] for index in INDICES for m in marks(figure, index)]
    assert len(set(heights)) == 3 * len(table)


def test_noise_is_grey_and_the_others_are_not():
    figure, table = chart()
    for index in INDICES:
        grey = [mark.get_color() == NOISE for mark in marks(figure, index)]
        assert grey == table["rank"].isna().tolist()
    assert "interval touches zero: not ranked" in words(figure)


def test_those_not_drawn_are_counted():
    values = [(0.2 / (n + 1), 0.1, 0.1) for n in range(8)] + [(0.001, 0, 0)] * 5
    figure, table = shares_chart(tree(node(values, width=0.01)), "electricity", top=3)
    assert table["drawn"].sum() == 3
    assert "5 more, Shapley at most 0.05" in words(figure)
    assert "5 more whose interval touches zero, Shapley below 0.01" in words(figure)


def test_words_around_the_ranking():
    figure, _ = shares_chart(tree(node(VALUES, years=True)), "electricity", at={"year": 2030})
    said = words(figure)
    assert "Electricity of the computing sector in 2030: what decides it" in title(figure)
    assert "22,528 model runs; whiskers: 95% interval, t over 8 replicates" in said
    assert "Parameter 1 Shapley 0.36, closed 0.54, total 0.18" in figure.get_label()


def test_a_place_is_chosen_by_its_coordinates():
    stored = node(VALUES, years=True)
    _, table = shares_chart(tree(stored), "electricity", at={"year": 2035})
    names = table["parameter"].tolist()
    for index in INDICES:
        np.testing.assert_array_equal(table[index], stored[index].sel(year=2035, parameter=names))
    assert set(table["year"]) == {2035}


def test_without_a_place_all_years_count_together_as_far_as_they_are_stored():
    stored = node(VALUES, years=True)
    figure, table = shares_chart(tree(stored), "electricity")
    assert "Sh" not in table
    assert table["closed"].is_monotonic_decreasing
    assert "all years together" in title(figure)
    assert "No Shapley effects are stored for this; parameters are ranked by closed." in words(
        figure
    )
    whole = stored.assign(
        aggregate_Sh=stored["Sh"].mean("year"),
        aggregate_Sh_interval=stored["Sh_interval"].mean("year"),
    )
    _, table = shares_chart(tree(whole), "electricity")
    assert table["Sh"][:4].is_monotonic_decreasing


def test_a_run_without_shapley_effects_is_ranked_by_closed():
    figure, table = chart(sh=False)
    assert table["parameter"].tolist()[:3] == ["p1", "p3", "p0"]
    assert "Closed and total indices; 22,528 model runs" in words(figure)
    assert "Shapley:" not in words(figure)
    assert in_order(figure) == FINE


def test_years_of_a_real_run():
    @un.model(outcomes={"e": "TWh"}, dims={"e": ("year",)}, coords={"year": [2024, 2030]})
    def growth(a, b):
        return {"e": np.stack([0 * a, a + b])}

    space = un.Space({"a": NORMAL, "b": NORMAL}, {("a", "b"): 0.5})
    with pytest.warns(UserWarning, match="does not vary at 2024"):
        found = dependent_drivers(growth, space, size=128)
    figure, _ = shares_chart(found, "e", at={"year": 2030})
    assert in_order(figure) == FINE
    with pytest.raises(ResultError, match="'e' has no indices 2024: they are not defined"):
        shares_chart(found, "e", at={"year": 2024})


def test_errors_say_what_is_there():
    stored = node(VALUES, years=True)
    whole = tree(stored)
    alone = stored.drop_vars(["aggregate_closed"])
    for result, outcome, kinds, message in (
        (xr.DataTree(), "electricity", {}, "the result has no '/dependent"),
        (whole, "electricty", {}, "no '/dependent/electricty': '/dependent' holds electricity"),
        (whole, "electricity", {"at": {"year": 1999}}, "no year 1999: year: 2028, 2030, 2035"),
        (whole, "electricity", {"at": {"region": "hub"}}, "at= must also say year"),
        (whole, "electricity", {"top": 0}, "top=0: a whole number of parameters"),
        (tree(alone), "electricity", {}, "hold no aggregate over year; use at="),
        (tree(stored.drop_vars("total")), "electricity", {}, "lacks total"),
    ):
        with pytest.raises(ResultError, match=message):
            shares_chart(result, outcome, **kinds)


def test_parameters_without_an_index_are_counted():
    stored = node(VALUES)
    for index in INDICES:
        stored[index][0] = np.nan
    figure, table = shares_chart(tree(stored), "electricity")
    assert table["rank"].isna().sum() == 2
    assert "1 parameter without a finite index." in words(figure)
    assert in_order(figure) == FINE


def test_axis_reaches_over_wide_and_negative_intervals():
    figure, table = chart([(0.3, -0.4, 0.2), (1.2, 0.9, 0.1)], width=0.9)
    low, high = figure.axes[0].get_xlim()
    ends = table[[f"{index}_{end}" for index in INDICES for end in ("lower", "upper")]]
    assert low < ends.min().min()
    assert high > ends.max().max()
    assert chart()[0].axes[0].get_xlim()[1] >= 1


SPREAD = np.random.default_rng(0).dirichlet([0.7] * 30)
THIRTY = [(s, 1.3 * s - 0.004, 0.8 * s - 0.002) for s in SPREAD]
CASES = {
    "one": node([(1.0, 1.0, 1.0)]),
    "thirty": node(THIRTY, width=0.003),
    "long labels": node(
        THIRTY[:9], labels=[LONG.format(n) for n in range(9)], groups=["demand"] * 9
    ),
    "other scripts": node(VALUES[:2], labels=["推理需求的年增长率" * 4, "Température extérieure"]),
    "no blanks": node(VALUES[:1], labels=["a_name_that_is_joined_by_underscores_and_goes_on" * 2]),
    "wide": node(VALUES, width=4.0),
    "very wide": node(VALUES, width=4e4),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_touches_and_nothing_is_cut(case):
    figure, _ = shares_chart(tree(CASES[case]), "electricity", top=30)
    assert in_order(figure) == FINE


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0"), (0.001, "<0.01"), (-0.001, ">−0.01"), (-0.3, "−0.30"), (0.456, "0.46"), (np.nan, "none")],
)  # fmt: skip
def test_an_index_that_is_not_zero_is_not_written_as_zero(value, said):
    assert two(value) == said


def test_the_same_indices_give_the_same_bytes():
    whole = tree(CASES["long labels"])
    figures = [shares_chart(whole, "electricity")[0] for _ in range(2)]
    assert render(figures[0]) == render(figures[1])
