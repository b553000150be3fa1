"""Waterfalls: the steps add up, the drawing is the table, and nothing touches."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_hex
from scipy.stats import norm

import uncertainty as un
from tests.views.layout import misplaced, words
from uncertainty.errors import ResultError
from uncertainty.views import render
from uncertainty.views.drawing.numbers import Scale, amount
from uncertainty.views.drawing.place import text_width
from uncertainty.views.drawing.style import MARK_CONTRAST, contrast
from uncertainty.views.drawing.ticks import GAP, TICK_SIZE, fitted_ticks, tick_texts
from uncertainty.views.waterfall import waterfall_chart
from uncertainty.views.waterfall.chart import LESS, MORE, WHOLE

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
YEARS = (2024, 2030, 2035)
SHARES = {"activity": 700.0, "hardware": -300.0, "kernels": -0.001, "pue": 0.0}
LONG = "a_factor_with_a_very_long_name_that_needs_more_than_one_line_of_the_column_of_names"
ERROR = 0.002


def arrays(name, mean, sd, dims, unit="TWh", label="", quantiles=QUANTILES):
    """Return a normal outcome as `/intervals` and `/moments` hold it."""
    mean, sd = np.asarray(mean, dtype=float), np.asarray(sd, dtype=float)
    attrs = {"units": unit, **({"long_name": label} if label else {})}
    values = mean[..., None] + sd[..., None] * norm.ppf(quantiles)
    both = np.stack([mean, sd], axis=-1)
    moments = {
        name: xr.DataArray(both, dims=(*dims, "moment"), attrs=attrs),
        f"{name}_mcse": xr.DataArray(ERROR * np.abs(both), dims=(*dims, "moment")),
    }
    return {name: xr.DataArray(values, dims=(*dims, "quantile"), attrs=attrs)}, moments


def tree(outcomes, coords, quantiles=QUANTILES):
    """Return a result that holds outcomes, each the arguments of `arrays`."""
    intervals, moments = {}, {}
    for name, row in outcomes.items():
        here, there = arrays(name, *row, quantiles=quantiles)
        intervals |= here
        moments |= there
    attrs = {"draws": 131072, "replicates": 8}
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs={"study_title": "A made-up study"}),
            "/intervals": xr.Dataset(intervals, {**coords, "quantile": list(quantiles)}, attrs),
            "/moments": xr.Dataset(moments, {**coords, "moment": ["mean", "sd"]}, attrs),
        }
    )


def stepped(steps=SHARES, start=137.0, unit="TWh", label="Electricity use", gap=0.0):
    """Return a total that grows by the steps, evenly over the years."""
    ages = (np.array(YEARS) - YEARS[0]) / (YEARS[-1] - YEARS[0])
    values = np.array(list(steps.values()))
    changes = values[:, None] * ages
    total = start + changes.sum(axis=0) + np.array([0.0, 0.0, gap])
    outcomes = {
        "contributions": (changes, 0.4 * np.abs(changes), ("contribution", "year"), unit),
        "electricity": (total, 0.2 * np.abs(total), ("year",), unit, label),
        "first": (changes[0], 0.4 * np.abs(changes[0]), ("year",), unit, "Effect of activity"),
        "others": (changes[1:].sum(axis=0), 0.1 * ages, ("year",), unit, "All other effects"),
        "before": (np.full(3, start), np.full(3, 9.0), ("year",), unit, "Use without any step"),
    }
    return tree(outcomes, {"year": list(YEARS), "contribution": list(steps)})


def chart(result, at=2035):
    return waterfall_chart(result, "contributions", total="electricity", at={"year": at})


def test_table_holds_means_and_intervals_of_the_tree():
    result = stepped()
    _, table = chart(result)
    steps = table[table["kind"] == "step"]
    assert steps["step"].tolist() == list(SHARES)
    means = result["moments/contributions"].sel(year=2035, moment="mean")
    np.testing.assert_array_equal(steps["mean"], means)
    errors = result["moments/contributions_mcse"].sel(year=2035, moment="mean")
    np.testing.assert_array_equal(steps["mcse"], errors)
    for column, quantile in (("low", 0.05), ("high", 0.95)):
        ends = result["intervals/contributions"].sel(year=2035, quantile=quantile)
        np.testing.assert_array_equal(steps[column], ends)
    assert set(table["unit"]) == {"TWh"}


def test_columns_and_kinds():
    _, table = chart(stepped())
    head = ["step", "label", "kind", "from", "to", "mean", "low", "high", "mcse", "unit"]
    assert table.columns.tolist() == head
    assert table["kind"].tolist() == ["start", *["step"] * 4, "end"]


def test_bars_follow_each_other_from_start_to_end():
    _, table = chart(stepped())
    assert table["from"].iloc[[0, -1]].tolist() == [0, 0]
    np.testing.assert_array_equal(table["from"].iloc[1:-1], table["to"].iloc[:-2])
    # Sums of numbers below 1,000: rounding is some 1e-13 each.
    np.testing.assert_allclose(table["to"].iloc[-2], table["to"].iloc[-1], rtol=0, atol=1e-9)
    np.testing.assert_allclose(table["to"] - table["from"], table["mean"], rtol=0, atol=1e-9)


def test_without_a_start_the_base_year_is_the_start():
    result = stepped()
    figure, table = chart(result, at=2030)
    base = result["moments/electricity"].sel(year=2024, moment="mean")
    assert table["mean"].iloc[0] == base
    assert table["label"].iloc[[0, -1]].tolist() == [
        "Electricity use, 2024",
        "Electricity use, 2030",
    ]
    said = words(figure)
    assert "Electricity use, 2024 to 2030: what brings it from 137 to 355 TWh" in said


def test_outcomes_can_be_the_steps_from_another_outcome():
    result = stepped()
    figure, table = waterfall_chart(
        result, ["first", "others"], total="electricity", start="before", at={"year": 2035}
    )
    assert table["step"].tolist() == ["before", "first", "others", "electricity"]
    assert table["label"].iloc[1] == "Effect of activity"
    assert "From “Use without any step” to “Electricity use”, 2035: 137 to 537 TWh" in words(figure)


def test_the_draws_of_a_model_add_up():
    names = ("start", "step", "more", "end")

    @un.model(outcomes=dict.fromkeys(names, "TWh"))
    def product(a, b):
        return {"start": a, "step": -b, "more": a * b, "end": a - b + a * b}

    prior = un.Prior.from_interval(1, 9, mass=0.9, family="lognormal")
    result = un.propagate(product, {"a": prior, "b": prior}, size=256, seed=3)
    _, table = waterfall_chart(result, ["step", "more"], total="end", start="start", at={})
    np.testing.assert_allclose(table["to"].iloc[-2], table["mean"].iloc[-1], rtol=1e-9)
    assert table["step"].tolist() == list(names)


def test_bars_and_whiskers_drawn_are_those_of_the_table():
    figure, table = chart(stepped())
    (axes,) = figure.axes
    bars = [bar for bar in axes.patches if bar.get_gid() in {"start", "step", "end"}]
    assert [bar.get_gid() for bar in bars] == table["kind"].tolist()
    drawn = np.array([[bar.get_x(), bar.get_width()] for bar in bars])
    np.testing.assert_allclose(drawn[:, 0], table["from"], atol=1e-9)
    np.testing.assert_allclose(drawn[:, 1], table["mean"], atol=1e-9)
    whiskers = [line.get_xdata() for line in axes.lines if line.get_gid() == "whisker"]
    ends = table[["low", "high"]].add(table["from"], axis=0)
    np.testing.assert_allclose(whiskers, ends, atol=1e-9)


def test_links_join_neighbours_where_one_ends_and_the_next_begins():
    figure, table = chart(stepped())
    links = [line for line in figure.axes[0].lines if line.get_gid() == "link"]
    np.testing.assert_array_equal([link.get_xdata()[0] for link in links], table["to"].iloc[:-1])


def test_whiskers_and_bars_lie_within_the_axis_and_so_does_zero():
    figure, table = chart(stepped(start=-200.0))
    low, high = figure.axes[0].get_xlim()
    ends = table[["low", "high"]].add(table["from"], axis=0)
    assert low <= min(0, ends.to_numpy().min(), table["to"].min())
    assert high >= max(0, ends.to_numpy().max(), table["to"].max())


def test_more_and_less_differ_in_colour_and_in_sign():
    figure, table = chart(stepped())
    bars = [bar for bar in figure.axes[0].patches if bar.get_gid()]
    colours = [to_hex(bar.get_facecolor()) for bar in bars]
    wanted = [WHOLE, MORE, LESS, LESS, MORE, WHOLE]
    assert colours == [to_hex(colour) for colour in wanted]
    assert all(contrast(colour) >= MARK_CONTRAST for colour in wanted)
    numbers = [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "number"]
    assert "+700" in numbers
    assert "−300" in numbers
    assert len(table) * 2 + 2 == len(numbers)  # mean and interval of each bar, and two heads


def test_a_small_step_is_not_written_as_zero():
    figure, _ = chart(stepped())
    numbers = [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "number"]
    assert ">−0.1" in numbers  # the kernels: −0.001
    assert "0" in numbers  # the pue
    assert not {"0.0", "−0.0", "+0.0"} & set(numbers)


def test_notes_say_that_bars_are_means_and_how_far_they_may_be_off():
    figure, table = chart(stepped())
    said = words(figure)
    assert "means add up exactly, medians do not" in said
    assert "131,072 draws in 8 replicates; title and bars: means" in said
    assert table["mcse"].max() == pytest.approx(ERROR * 700)
    assert "at most 1.4 TWh (1 sd)" in said


def test_a_result_without_errors_says_nothing_of_them():
    result = stepped()
    moments = result["moments"].to_dataset()
    bare = moments.drop_vars([name for name in moments if str(name).endswith("_mcse")])
    result["moments"] = xr.DataTree(bare)
    figure, table = chart(result)
    assert table["mcse"].isna().all()
    assert "Monte Carlo error" not in words(figure)


def test_the_text_alternative_has_the_numbers():
    figure, _ = chart(stepped())
    assert "activity +700 (90% +239 to +1,161)" in figure.get_label()
    assert figure.get_label().endswith("in TWh.")


def test_further_dims_are_selected_and_named():
    regions = ["hub", "other"]
    total = np.array([[10.0, 30.0], [5.0, 6.0]])
    outcomes = {
        "use": (total, 0.1 * total, ("region", "year"), "TWh", "Use by region"),
        "rise": (
            np.stack([total - total[:, :1]] * 2) / 2,
            np.ones((2, 2, 2)),
            ("part", "region", "year"),
        ),
    }
    result = tree(outcomes, {"year": [2024, 2035], "region": regions, "part": ["a", "b"]})
    figure, table = waterfall_chart(result, "rise", total="use", at={"region": "hub", "year": 2035})
    assert table["mean"].tolist() == [10, 10, 10, 30]
    assert "Use by region (hub), 2024 to 2035: what brings it from 10.0 to 30.0 TWh" in words(
        figure
    )


def test_ends_are_written_with_their_power_of_ten():
    figure, _ = chart(stepped({"a": 3e12, "b": -1e12}, start=4e11, unit="kWh"))
    assert "from 0.400×10¹² to 2.40×10¹² kWh" in words(figure)


def test_steps_that_do_not_add_up_are_refused_with_the_gap():
    with pytest.raises(ResultError, match=r"add up to 536\.999, 'electricity' at 2035 is 541\.999: "
                       r"5 TWh apart, 0\.0071 of the largest bar \(allowed 1e-06\)"):  # fmt: skip
        chart(stepped(gap=5.0))


@pytest.mark.parametrize(("share", "fits"), [(0.9e-6, True), (1.1e-6, False)])
def test_rounding_is_no_gap(share, fits):
    result = stepped(gap=700 * share)
    if fits:
        chart(result)
    else:
        with pytest.raises(ResultError, match="apart"):
            chart(result)


def test_a_missing_quantile_is_told_with_what_to_ask_for():
    outcomes = {"a": (1.0, 0.1, ()), "b": (1.0, 0.1, ())}
    result = tree(outcomes, {}, quantiles=(0.1, 0.5, 0.95))
    with pytest.raises(ResultError, match=r"'/intervals/\w' lacks the quantiles 0\.05: add them to "
                       r"\[intervals\] of the study, probabilities = \[0\.05, 0\.1, 0\.5, 0\.95\]"
                       ):  # fmt: skip
        waterfall_chart(result, ["a"], total="b", start="a", at={})


def test_other_units_are_refused():
    outcomes = {"a": (1.0, 0.1, (), "TWh"), "b": (1.0, 0.1, (), "GW"), "c": (2.0, 0.1, (), "TWh")}
    with pytest.raises(ResultError, match="'c' is in TWh, but 'b' in GW"):
        waterfall_chart(tree(outcomes, {}), ["b"], total="c", start="a", at={})


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"at": {"year": 2024}}, "year 2024 is where it starts; give a later year or start="),
        ({"at": {"year": 2031}}, "has no year 2031"),
        ({"at": {}}, "does not say along which dim it starts"),
        ({"steps": []}, "names no outcome"),
        ({"steps": "electricity"}, r"must have one dim beside year, it has no dims"),
        ({"steps": ["contributions"]}, "'contributions' is not a single number at 2035"),
        ({"steps": "nothing"}, "no intervals of outcome 'nothing'"),
        ({"total": "contributions"}, "'contributions' is not a single number at 2024"),
        ({"start": "nothing"}, "no intervals of outcome 'nothing'"),
    ],
)
def test_what_cannot_be_drawn_is_told(asked, fault):
    wish = {"steps": "contributions", "total": "electricity", "at": {"year": 2035}, **asked}
    with pytest.raises(ResultError, match=fault):
        waterfall_chart(stepped(), wish.pop("steps"), **wish)


def test_moments_are_needed():
    result = stepped()
    result["moments"] = xr.DataTree(result["moments"].to_dataset().drop_vars("contributions"))
    with pytest.raises(ResultError, match="'/moments' lacks outcome 'contributions'"):
        chart(result)


def test_a_step_that_is_not_finite_is_told():
    result = stepped()
    result["intervals/contributions"][1, 2, -1] = np.inf
    with pytest.raises(ResultError, match="'hardware' is not finite: mean -300, 90% interval"):
        chart(result)


HARD = {
    "plain": {},
    "negative": {"steps": {"a": -300.0, "b": 120.0, "c": -80.0}, "start": -40.0},
    "huge": {"steps": {"a": 3e12, "b": -1e12}, "start": 4e11, "unit": "kWh"},
    "six digits": {"steps": {"a": -654321.0, "b": 234567.0}, "start": 876543.0},
    "tiny": {
        "steps": {"a": 3e-7, "b": -1e-7},
        "start": 4e-8,
        "unit": "GWh per server and year of operation at full load and in every region",
    },
    "twenty": {"steps": {f"factor_{n}": 40.0 * (-1) ** n + n for n in range(19)} | {LONG: 5.0}},
    "nothing": {"steps": {"a": 0.0, "b": 0.0}, "start": 0.0},
    "long": {"label": "Net effect of levers, chips, relocation, and all else that was named " * 2},
    "Chinese": {
        "steps": {"推理需求的增长": 300.0, "混合精度与稀疏激活等效率杠杆的节能效果（不含反弹）": -90.0},
        "label": "计算部门的用电量",
    },
}  # fmt: skip


@pytest.mark.parametrize("case", HARD)
def test_no_words_overlap_or_are_cut(case):
    figure, table = chart(stepped(**HARD[case]))
    assert not misplaced(figure)
    said = words(figure).replace(" ", "")
    assert all(label.replace(" ", "") in said for label in table["label"])


@pytest.mark.parametrize("limits", [(0.0, 999_999.0), (-4e-4, 1e-5), (-900_000.0, 10.0), (0, 1)])
@pytest.mark.parametrize("width", [2.0, 3.3, 5.0])
def test_tick_labels_stand_apart(limits, width):
    scale = Scale.of(limits, "TWh")
    ticks = fitted_ticks(limits, scale, width)
    assert len(ticks) >= 2
    widest = max(text_width(text, TICK_SIZE) for text in tick_texts(ticks, scale))
    assert np.diff(ticks).min() / (limits[1] - limits[0]) * width >= widest + GAP


def test_small_amounts_are_written_by_their_bound():
    scale = Scale("TWh", most=2)
    said = [amount(scale, value, signed=True) for value in (352.4, -17.1, 4e-4, -4e-4, 0.0)]
    assert said == ["+352", "−17.1", "<0.01", ">−0.01", "0"]
    assert amount(Scale("GW", most=0), 0.2) == "<1"


@pytest.mark.parametrize("format", ["png", "svg"])
def test_the_same_result_gives_the_same_bytes(format):
    first, second = (render(chart(stepped())[0], format) for _ in range(2))
    assert first == second
