"""Until it is good enough: replicates are added to what there is, and earlier results go on."""

import numpy as np
import pytest
from typer.testing import CliRunner

import uncertainty as un
from tests.conftest import CASES
from uncertainty.cli import app
from uncertainty.errors import DesignError

UNIT = {n: un.Prior("uniform", lower=0, upper=1) for n in "abc"}


def model(a, b, c):
    return a + 2 * np.abs(b - 0.4) + a * c


def widest(found):
    return max(
        float((found[f"{i}_interval"].sel(bound="upper") - found[i]).max()) for i in ("S1", "ST")
    )


def test_replicates_are_added_until_every_interval_is_short_enough(ishigami_case):
    kinds = {"size": 128, "control": False}
    start = un.drivers(ishigami_case.model, ishigami_case.priors, **kinds)
    assert widest(start["drivers/y"].to_dataset()) > 0.03
    found = un.drivers(ishigami_case.model, ishigami_case.priors, until=0.03, **kinds)
    assert widest(found["drivers/y"].to_dataset()) <= 0.03
    assert found.attrs["replicates"] > 8
    assert found.attrs["model_runs"] == found.attrs["replicates"] * 128 * 5


def test_a_stopped_run_is_the_run_of_that_many_replicates(ishigami_case):
    kinds = {"size": 128, "control": False}
    found = un.drivers(ishigami_case.model, ishigami_case.priors, until=0.03, **kinds)
    again = un.drivers(
        ishigami_case.model, ishigami_case.priors, replicates=found.attrs["replicates"], **kinds
    )
    assert found["drivers/y"].to_dataset().identical(again["drivers/y"].to_dataset())


def test_what_is_good_at_once_is_not_run_on():
    found = un.drivers(model, UNIT, size=512, until=0.2)
    assert found.attrs["replicates"] == 8


def test_it_gives_up_with_a_warning_and_keeps_what_it_has():
    with pytest.warns(UserWarning, match=r"10 replicates are not enough for until: 1e-06"):
        found = un.drivers(model, UNIT, size=64, until=1e-6, most=10)
    assert found.attrs["replicates"] == 10


def test_the_foremost_are_told_apart():
    found = un.drivers(model, UNIT, size=64, until="top 2", control=False)
    parts = found["drivers/y"].to_dataset()
    order = np.argsort(-parts["ST"].values)
    each = parts["total_by_replicate"].values / parts["variance_by_replicate"].values[:, None]
    apart = each[:, order[:2]] - each[:, order[1:3]]
    error = apart.std(axis=0, ddof=1) / np.sqrt(len(apart))
    assert (apart.mean(axis=0) > 1.5 * error).all()


@pytest.mark.parametrize("until", [0, 1, -0.1, "top", "top 0", "the best", True, [0.1]])
def test_a_rule_that_is_none_is_refused(until):
    with pytest.raises(DesignError, match=r'until is a half-width .* such as "top 5", got'):
        un.drivers(model, UNIT, size=64, until=until)


@pytest.mark.parametrize(
    "kinds",
    [
        {},
        {"control": False},
        {"second_order": True},
        {"dummy": True},
        {"second_order": True, "dummy": True},
    ],
)
def test_an_extended_result_is_that_of_one_run(kinds, tmp_path):
    few = un.drivers(model, UNIT, size=64, replicates=6, **kinds)
    path = tmp_path / "few.nc"
    few.to_netcdf(path)
    import xarray as xr

    with xr.open_datatree(path) as tree:
        stored = tree.load()
    calls = []

    def counted(a, b, c):
        calls.append(np.size(a))
        return model(a, b, c)

    more = un.drivers(counted, UNIT, size=64, replicates=12, extend=stored, **kinds)
    whole = un.drivers(model, UNIT, size=64, replicates=12, **kinds)
    for name in ("S1", "ST", "S1_interval"):
        np.testing.assert_allclose(
            more["drivers/y"][name], whole["drivers/y"][name], rtol=1e-9, atol=1e-12
        )
    each = 2 * 3 + 2 if "second_order" in kinds else 5
    pilot = more.attrs["pilot_runs"]
    assert sum(calls) == 6 * 64 * each + pilot + 64


def test_until_goes_on_from_an_earlier_result():
    case = CASES["ishigami"]()
    few = un.drivers(case.model, case.priors, size=128, control=False)
    more = un.drivers(case.model, case.priors, size=128, control=False, extend=few, until=0.03)
    assert more.attrs["replicates"] > 8
    assert widest(more["drivers/y"].to_dataset()) <= 0.03


def test_an_earlier_result_of_another_run_is_refused_with_all_reasons():
    few = un.drivers(model, UNIT, size=64, replicates=6)
    with pytest.raises(DesignError, match=r"its seed is 1, here 2; its size is 64, here 128"):
        un.drivers(model, UNIT, size=128, seed=2, replicates=8, extend=few)
    with pytest.raises(DesignError, match="it has 6 replicates, more than 4"):
        un.drivers(model, UNIT, size=64, replicates=4, extend=few)
    with pytest.raises(DesignError, match="other priors, correlations or groups"):
        un.drivers(model, UNIT, size=64, groups={"ab": ["a", "b"], "c": ["c"]}, extend=few)
    with pytest.raises(DesignError, match="its estimators are"):
        un.drivers(model, UNIT, size=64, total="janon", extend=few)
    with pytest.raises(DesignError, match="gave other outcomes for the same parameters"):
        un.drivers(lambda a, b, c: a + b + c, UNIT, size=64, extend=few)
    wider = {**UNIT, "a": un.Prior("uniform", lower=0, upper=2)}
    with pytest.raises(DesignError, match="other priors"):
        un.drivers(model, wider, size=64, extend=few)
    with pytest.raises(DesignError, match="choice of control"):
        un.drivers(model, UNIT, size=64, extend=few, control=False)
    with pytest.raises(DesignError, match="extend is an earlier result of drivers, got dict"):
        un.drivers(model, UNIT, size=64, extend={})
    with pytest.raises(DesignError, match="or no drivers"):
        un.drivers(model, UNIT, size=64, extend=un.propagate(model, UNIT, size=64))


def test_a_study_says_when_to_stop(tmp_path):
    (tmp_path / "own.py").write_text("def model(a, b):\n    return {'y': a + b + 4 * a * b}\n")
    (tmp_path / "own.toml").write_text(
        'title = "Own"\n'
        + "".join(
            f'[parameters.{n}]\nlabel = "{n}"\nunit = "1"\nreading = "own judgement"\n'
            "prior = { family = 'uniform', lower = 0, upper = 1 }\n"
            for n in "ab"
        )
    )
    study = tmp_path / "study.toml"
    text = (
        'title = "Stops"\nmodel = "own:model"\npriors = ["own.toml"]\n'
        "[design]\nsize = 64\n[drivers]\nsize = 32\ncontrol = false\nuntil = UNTIL\nmost = 40\n"
        "second_order = true\n"
    )
    study.write_text(text.replace("UNTIL", "0.05"))
    done = CliRunner().invoke(app, ["run", str(study), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    found = un.read_result(tmp_path / "out")["drivers/y"].to_dataset()
    assert found.attrs["replicates"] > 8
    assert widest(found) <= 0.05
    assert "S2" in found
    study.write_text(text.replace("UNTIL", '"soon"'))
    done = CliRunner().invoke(app, ["check", str(study)])
    assert done.exit_code == 2
    assert "until is a half-width" in done.output
