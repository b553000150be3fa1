"""What the linter finds in priors that can be drawn and still make no sense."""

from pathlib import Path

import pytest

from uncertainty.checked import check
from uncertainty.errors import StudyError

MODEL = """
import uncertainty as un

@un.model(outcomes={"y": "TWh"}, units={"pue": "1", "level": "TWh", "load": "1"},
          bounds={"pue": "[1, inf)", "load": "(0, 1]"})
def energy(pue, level, load):
    return {"y": level * pue / load}
"""
STUDY = """
title = "Check"
model = "lintable:energy"
priors = ["mine"]
"""
GOOD = {
    "pue": '{ family = "uniform", lower = 1.1, upper = 1.5 }',
    "level": '{ family = "lognormal", interval = [80, 120] }',
    "load": '{ family = "beta", interval = [0.4, 0.6], support = [0, 1] }',
}


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Check a study whose priors, and the further lines of each, are given."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lintable.py").write_text(MODEL)

    def run(extra="", more=None, study="", **priors):
        text = 'title = "Mine"\n'
        for name, prior in {**GOOD, **priors}.items():
            unit = "TWh" if name == "level" else "1"
            lines = (more or {}).get(name, 'reading = "Own judgement"')
            text += f"\n[parameters.{name}]\nunit = '{unit}'\nprior = {prior}\n{lines}\n"
        (tmp_path / "mine.toml").write_text(text + extra)
        (tmp_path / "study.toml").write_text(STUDY + study)
        return check("study.toml")

    return run


def texts(found, level=None):
    return [str(f) for f in found.findings if level in (None, f.level)]


def test_good_priors_have_no_warning(checked):
    found = checked()
    assert found.warnings == 0
    assert texts(found) == [
        "mine.toml: note: 3 numbers rest on a reading without a source: pue, level, load"
    ]
    assert found.lines[-1] == "0 warnings, 1 note"


def test_pue_below_one(checked):
    found = checked(pue='{ family = "normal", mu = 1.2, sigma = 0.1 }')
    (line,) = texts(found, "warning")
    assert line.startswith("mine.toml:3: warning: pue: 2.28% of its mass lies outside [1, inf)")


def test_pue_and_shares_are_known_by_name_where_the_model_is_silent(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(
        'title = "t"\n[parameters.small_pue]\nreading = "x"\n'
        'prior = { family = "uniform", lower = 0.9, upper = 1.4 }\n'
        '[parameters.hub_share]\nreading = "x"\nprior = { family = "uniform", lower = 0.5, upper = 1.1 }\n'
    )
    first, second = texts(check("mine.toml"), "warning")
    assert "small_pue: 20% of its mass lies outside [1, inf)" in first
    assert first.startswith("mine.toml:2:")
    assert "hub_share: 16.7% of its mass lies outside [0, 1]" in second


def test_a_fixed_number_beyond_its_bounds(checked):
    (line,) = texts(checked(pue='{ family = "fixed", value = 0.5 }'), "warning")
    assert "pue: 0.5 lies outside [1, inf)" in line


@pytest.mark.parametrize(
    "prior",
    [
        '{ family = "uniform", lower = 0, upper = 1 }',
        '{ family = "beta", alpha = 1, beta = 3 }',
        '{ family = "beta", alpha = 0.5, beta = 3 }',
        '{ family = "triangular", lower = 0, c = 0.5, upper = 1 }',
        '{ family = "truncated_normal", mu = 0.5, sigma = 0.2, lower = 0, upper = 1 }',
    ],
)
def test_density_at_zero_under_a_division(checked, prior):
    (line,) = texts(checked(load=prior), "warning")
    assert "load: its density does not vanish fast enough at 0, which (0, 1] excludes" in line
    assert "infinite variance" in line


@pytest.mark.parametrize(
    "prior",
    [
        '{ family = "beta", alpha = 3, beta = 3 }',
        '{ family = "beta", alpha = 2.2, beta = 3 }',
        '{ family = "logit_normal", mu = 0, sigma = 3 }',
        '{ family = "uniform", lower = 0.01, upper = 1 }',
        '{ family = "pert", lower = 0, mode = 0.5, upper = 1 }',
    ],
)
def test_density_that_vanishes_fast_enough(checked, prior):
    assert texts(checked(load=prior), "warning") == []


@pytest.mark.parametrize(
    ("prior", "found"),
    [
        ('{ family = "fixed", value = 0 }', "0 lies outside (0, 1]"),
        (
            '{ family = "choice", values = [0, 0.5, 2], probabilities = [0.1, 0.8, 0.1] }',
            "0, 2 lies",
        ),
    ],
)
def test_numbers_that_are_not_drawn_from_a_density(checked, prior, found):
    (line,) = texts(checked(load=prior), "warning")
    assert found in line


def test_practically_infinite_variance(checked):
    (line,) = texts(checked(level='{ family = "lognormal", mu = 0, sigma = 4 }'), "warning")
    assert "level: its standard deviation is 2981 times its mean" in line


def test_a_range_in_percent_for_a_share(checked):
    (line,) = texts(checked(load='{ family = "uniform", lower = 50, upper = 75 }'), "warning")
    assert "load: 100% of its mass lies outside (0, 1]" in line


def test_units_are_converted_before_bounds_are_looked_at(checked, tmp_path):
    (tmp_path / "unused").touch()
    found = checked(
        extra='\n[parameters.more]\nprior = { family = "fixed", value = 1 }\n',
        study='leave_out = ["more"]\n',
        load='{ family = "uniform", lower = 50, upper = 75 }',
        more={"load": 'reading = "x"\n'},
    )
    assert found.warnings == 1
    text = (
        (tmp_path / "mine.toml")
        .read_text()
        .replace("[parameters.load]\nunit = '1'", "[parameters.load]\nunit = '%'")
    )
    (tmp_path / "mine.toml").write_text(text)
    assert check("study.toml").warnings == 0


def source(title, **facts):
    inner = "".join(f", {key} = {value}" for key, value in facts.items())
    return f'{{ title = "{title}"{inner} }}'


def test_two_sources_that_contradict_each_other(checked):
    lines = f'reading = "x"\nsources = [{source("One", value=102)}, {source("Two", value=166)}]'
    found = checked(level='{ family = "lognormal", interval = [75, 250] }', more={"level": lines})
    assert (
        "mine.toml:8: note: level: two sources contradict each other: 102 (One) and 166 (Two)"
        in texts(found)
    )


@pytest.mark.parametrize(
    "pair", [({"value": 102}, {"value": 110}), ({"low": 80, "high": 120}, {"value": 110})]
)
def test_two_sources_that_agree(checked, pair):
    cited = ", ".join(source(f"S{i}", **facts) for i, facts in enumerate(pair))
    found = checked(more={"level": f'reading = "x"\nsources = [{cited}]'})
    assert not any("contradict" in line for line in texts(found))


def test_a_source_that_the_prior_excludes(checked):
    found = checked(more={"level": f'reading = "x"\nsources = [{source("One", value=250)}]'})
    assert any("level: its source says 250 (One), but the prior holds" in t for t in texts(found))


def test_a_catalogue_that_contradicts_the_one_it_overrides(checked, tmp_path):
    (tmp_path / "later.toml").write_text(
        'title = "l"\n[parameters.level]\nunit = "TWh"\nreading = "x"\n'
        'prior = { family = "lognormal", interval = [300, 400] }\n'
    )
    checked()
    (tmp_path / "study.toml").write_text(STUDY.replace('["mine"]', '["mine", "later"]'))
    lines = texts(check("study.toml"))
    assert any(
        line.startswith("later.toml:2: note: level: contradicts what it overrides: 300 to 400 here")
        and "80 to 120 in mine.toml:8" in line
        for line in lines
    )


def test_no_source_and_no_reading(checked):
    found = checked(more={"level": ""})
    assert "mine.toml:8: warning: level: has neither source nor reading" in texts(found)


def test_a_grade_without_a_source(checked):
    found = checked(more={"level": 'grade = "measurement"\nreading = "x"'})
    assert any(
        "level: is graded measurement and has no source that sets it" in line
        for line in texts(found)
    )


def test_a_source_without_a_reading(checked):
    found = checked(more={"level": f"sources = [{source('One')}]"})
    assert any("level: has sources but no reading" in line for line in texts(found))


THREE = {
    name: f'{{ family = "uniform", lower = {low}, upper = {high} }}'
    for name, low, high in (("a", 0.4, 0.6), ("b", 0.5, 0.7), ("c", 0.3, 0.4))
}


def shares(tmp_path, monkeypatch, text, declared):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.py").write_text("def f(a, b, c):\n    return a + b + c\n")
    (tmp_path / "s.toml").write_text(
        f'title = "t"\nmodel = "m:f"\n{declared}\n'
        + "".join(f'[parameters.{n}]\nreading = "x"\nprior = {p}\n' for n, p in text.items())
    )
    return texts(check("s.toml"), "warning")


def test_shares_that_cannot_sum_to_one(tmp_path, monkeypatch):
    (line,) = shares(tmp_path, monkeypatch, THREE, 'sum_to_one = [["a", "b", "c"]]')
    assert "shares that must sum to 1 run from 1.2 to 1.7 in sum: a, b, c" in line


def test_shares_that_would_sum_to_one_by_accident_only(tmp_path, monkeypatch):
    near = {**THREE, "c": '{ family = "uniform", lower = 0.0, upper = 0.2 }'}
    (line,) = shares(tmp_path, monkeypatch, near, 'sum_to_one = [["a", "b", "c"]]')
    assert "are drawn one by one and will not" in line
    assert "dirichlet" in line


def test_shares_of_an_unknown_name(tmp_path, monkeypatch):
    with pytest.raises(StudyError, match=r"s.toml:3: sum_to_one\[0\]: there is no parameter 'd'"):
        shares(tmp_path, monkeypatch, THREE, 'sum_to_one = [["a", "d"]]')


def test_shares_that_look_as_if_they_should_sum_to_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(
        f'[parameters.{n}_share]\nreading = "x"\nprior = {{ family = "uniform", lower = {lo}, upper = {hi} }}\n'
        for n, lo, hi in (("hub", 0.4, 0.6), ("coast", 0.2, 0.4), ("rest", 0.1, 0.3))
    )
    (tmp_path / "m.toml").write_text(f'title = "t"\n{rows}')
    assert any("shares whose medians sum to 1" in line for line in texts(check("m.toml")))


def test_an_interval_that_the_family_cannot_hold_is_a_fault_with_its_line(checked):
    with pytest.raises(StudyError, match=r"mine.toml:10: parameters.level.prior: lognormal"):
        checked(level='{ family = "lognormal", interval = [-1, 5] }')


def test_a_unit_that_contradicts_the_model_is_a_fault(checked, tmp_path):
    checked()
    text = (tmp_path / "mine.toml").read_text().replace("unit = 'TWh'", "unit = 'GW'")
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(StudyError, match="parameter 'level': expected a number in 'TWh'"):
        check("study.toml")


def test_an_empty_set_of_shares_is_a_fault(tmp_path, monkeypatch):
    with pytest.raises(StudyError, match="sum_to_one"):
        shares(tmp_path, monkeypatch, THREE, "sum_to_one = [[]]")
