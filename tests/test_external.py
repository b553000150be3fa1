"""Programs of any language as models: what goes in, what comes out, and what may go wrong."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from uncertainty.errors import ModelError
from uncertainty.external.command import command, study_model
from uncertainty.external.placeholders import filled
from uncertainty.model import Model
from uncertainty.prior import Prior
from uncertainty.propagate import propagate
from uncertainty.reading import open_study

PYTHON = sys.executable
UNIFORM = Prior("uniform", lower=0, upper=1)


def script(folder: Path, body: str, name: str = "sim.py") -> str:
    path = folder / name
    path.write_text(textwrap.dedent(body), encoding="utf-8")
    return str(path)


def inline(code: str, *words: str, **options) -> Model:
    """A model of Python code whose outcome is y."""
    return command([PYTHON, "-c", code, *words], **({"outcomes": {"y": "1"}} | options))


def reasons(model: Model, **parameters) -> list[str]:
    return model(**parameters)["failed"].tolist()


READ = "import json, sys; p = json.load(open(sys.argv[1]));"


def test_values_arrive_to_the_last_bit():
    x = np.array([0.1, 1 / 3, 1e-300, -1.7e308])
    by_word = inline("import sys; print(sys.argv[1])", "{x}")
    by_file = inline(READ + "print(json.dumps({'y': p['x']}))", "{input}")
    np.testing.assert_array_equal(by_word(x=x)["y"], x)
    np.testing.assert_array_equal(by_file(x=x)["y"], x)


def test_a_csv_table_and_an_output_file_and_shares():
    code = """
        import csv, json, sys
        names, values = csv.reader(open(sys.argv[1], encoding="utf-8"))
        row = dict(zip(names, map(float, values)))
        print("this is no JSON")
        json.dump({"y": row["größe"], "z": [row["mix[0]"], row["mix[1]"]]}, open(sys.argv[2], "w"))
    """
    model = inline(
        textwrap.dedent(code), "{input}", "{output}", table="csv", outcomes={"y": "1", "z": "1"},
        dims={"z": ("part",)}, coords={"part": ["a", "b"]},
    )  # fmt: skip
    mix = np.array([[0.25, 0.5], [0.75, 0.5]])
    found = model.run({"größe": np.array([1.5, 2.5]), "mix": mix})
    np.testing.assert_array_equal(found["y"], [1.5, 2.5])
    np.testing.assert_array_equal(found["z"], mix)


def test_a_program_may_talk_before_its_last_line():
    model = inline("import sys; print('step 1'); print(float(sys.argv[1]) + 1)", "{x}")
    np.testing.assert_array_equal(model(x=np.array([1.0]))["y"], [2.0])


def test_no_shell_reads_the_words():
    model = inline("import sys; print(len(sys.argv))", "{x}", "$HOME; echo 5", "{{x}}")
    np.testing.assert_array_equal(model(x=np.array([1.0]))["y"], [4.0])


def test_each_run_has_a_fresh_folder_and_files_are_found_from_home(tmp_path):
    script(tmp_path, "import os, sys; open('left', 'x'); print(len(os.listdir()))")
    model = command([PYTHON, "sim.py", "{x}"], outcomes={"y": "1"}, home=tmp_path)
    np.testing.assert_array_equal(model(x=np.array([1.0, 2.0]))["y"], [1.0, 1.0])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sim.py"]


FAILURES = {
    "import sys; sys.exit('out of fuel')": "exit status 1: out of fuel",
    "print('no number')": "no outcomes as JSON: 'no number'",
    "pass": "no outcomes as JSON: ''",
    "print('{\"z\": 1}')": "no outcome 'y'; it has z",
    "print('NaN')": "outcome 'y' is not finite",
    'print(\'{"y": "1"}\')': "outcome 'y' is no number",
    "print('{\"y\": null}')": "outcome 'y' is no number",
    "print('[1, 2]')": "outcome 'y' has shape (2,), expected ()",
    "print('[[1], [1, 2]]')": "inhomogeneous",
    "import os; os.kill(os.getpid(), 11)": "killed by signal 11",
    "import sys; sys.stdout.buffer.write(b'\\xff')": "can't decode",
}


@pytest.mark.parametrize("code", FAILURES)
def test_a_run_that_fails_is_nan_and_says_why(code):
    model = inline(f"import sys\nif float(sys.argv[1]) > 1: {code}\nelse: print(0.5)", "{x}")
    found = model(x=np.array([0.0, 2.0]))
    np.testing.assert_array_equal(found["y"], [0.5, np.nan])
    first, second = found["failed"]
    assert first == ""
    assert FAILURES[code] in second


def test_an_output_file_that_is_not_written():
    assert reasons(inline("pass", "{x}", "{output}"), x=np.ones(1)) == ["it wrote no file {output}"]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(pid: int, within: float = 5.0) -> bool:
    end = time.monotonic() + within
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


CHILD = """
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    open(sys.argv[1], "a").write(f"{child.pid}\\n")
    time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
def test_a_timeout_ends_what_the_program_has_started_too(tmp_path):
    pids = tmp_path / "pids"
    words = [PYTHON, script(tmp_path, CHILD), str(pids), "{x}"]
    started = time.monotonic()
    model = command(words, outcomes={"y": "1"}, timeout=1.0)
    assert reasons(model, x=np.ones(1)) == ["it ran longer than 1 s and was stopped"]
    assert time.monotonic() - started < 10
    assert gone(int(pids.read_text()))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
def test_an_interrupt_ends_all_programs(tmp_path):
    pids = tmp_path / "pids"
    main = f"""
        import signal
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores it
        import numpy as np
        from uncertainty.external.command import command
        words = {[PYTHON, script(tmp_path, CHILD), str(pids), "{x}"]!r}
        command(words, outcomes={{"y": "1"}}, workers=2)(x=np.arange(5.0))
    """
    run = subprocess.Popen(
        [PYTHON, script(tmp_path, main, "main.py")],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stderr=subprocess.PIPE,
    )
    end = time.monotonic() + 30
    while not (pids.exists() and len(pids.read_text().split()) >= 2) and time.monotonic() < end:
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=20)
    assert b"KeyboardInterrupt" in errors
    numbers = [int(text) for text in pids.read_text().split()]
    assert len(numbers) == 2
    assert all(gone(pid) for pid in numbers)


def test_workers_run_side_by_side():
    model = inline("import sys, time; time.sleep(0.5); print(sys.argv[1])", "{x}", workers=4)
    started = time.monotonic()
    np.testing.assert_array_equal(model(x=np.arange(4.0))["y"], np.arange(4.0))
    assert time.monotonic() - started < 1.9


COUNTED = """
    import json, sys
    open(sys.argv[1], "a").write("x")
    x = json.load(open(sys.argv[2]))["x"]
    if x == 2 and len(open(sys.argv[1]).read()) < 4: sys.exit("not yet")
    print(x * 2)
"""


def test_a_second_run_computes_only_what_is_not_there(tmp_path):
    log, kept = tmp_path / "log", tmp_path / "kept"
    words = [PYTHON, script(tmp_path, COUNTED), str(log), "{input}"]
    x = np.array([1.0, 2.0, 3.0, 1.0])

    log.write_text("")
    first = command(words, outcomes={"y": "1"}, folder=kept)
    np.testing.assert_array_equal(first(x=x)["y"], [2.0, np.nan, 6.0, 2.0])
    assert len(log.read_text()) == 3
    np.testing.assert_array_equal(first(x=x)["y"], [2.0, 4.0, 6.0, 2.0])
    assert len(log.read_text()) == 4
    np.testing.assert_array_equal(first(x=x)["y"], [2.0, 4.0, 6.0, 2.0])
    assert len(log.read_text()) == 4
    assert not [path for path in kept.iterdir() if path.suffix != ".json"]


def test_another_program_or_a_broken_file_is_not_taken_for_an_answer(tmp_path):
    kept, path = tmp_path / "kept", script(tmp_path, "import sys; print(float(sys.argv[1]))")
    ones = np.ones(1)

    def answer() -> float:
        model = command([PYTHON, path, "{x}"], outcomes={"y": "1"}, folder=kept)
        return float(model(x=ones)["y"][0])

    assert answer() == 1.0
    (record,) = kept.glob("*.json")
    assert json.loads(record.read_text())["parameters"] == {"x": 1.0}
    record.write_text('{"outcomes": {"y": ')
    assert answer() == 1.0
    script(tmp_path, "import sys; print(float(sys.argv[1]) + 1)")
    assert answer() == 2.0


def test_a_killed_run_leaves_its_finished_answers(tmp_path):
    kept = tmp_path / "kept"
    sim = script(tmp_path, "import sys, time; time.sleep(0.1); print(float(sys.argv[1]))")
    main = f"""
        import numpy as np
        from uncertainty.external.command import command
        model = command({[PYTHON, sim, "{x}"]!r}, outcomes={{"y": "1"}}, folder={str(kept)!r})
        model(x=np.arange(200.0))
    """
    run = subprocess.Popen(
        [PYTHON, script(tmp_path, main, "main.py")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    end = time.monotonic() + 30
    while len(list(kept.glob("*.json"))) < 3 and time.monotonic() < end:
        time.sleep(0.02)
    run.kill()
    run.wait()
    done = len(list(kept.glob("*.json")))
    assert 3 <= done < 200
    again = command([PYTHON, sim, "{x}"], outcomes={"y": "1"}, folder=kept)
    found = again.function.recalled(again.function.key({"x": 0.0}))
    assert float(found.outcomes["y"]) == 0.0


def test_a_model_like_any_other():
    model = inline("import sys; print(float(sys.argv[1]) * 2)", "{x}", outcomes={"y": "TWh"},
                   parameters=("x",), units={"x": "TWh"}, workers=2)  # fmt: skip
    with pytest.raises(ModelError, match="no prior for x"):
        propagate(model, {"z": UNIFORM}, size=4, replicates=1)
    prior = Prior("uniform", lower=0, upper=1000, unit="GWh")
    result = propagate(model, {"x": prior}, size=8, replicates=1, seed=3)
    draws = result["prior_predictive"]["y"].values
    np.testing.assert_allclose(draws, 2 * result["prior"]["x"].values)
    assert draws.min() > 0
    assert draws.max() < 2


WRONG = {
    "a text": (("sim {x}",), {}, "there is no program 'sim {x}'"),
    "one string": ("echo {x}", {}, "the words are a list of texts"),
    "no words": ((), {}, "the words are a list of texts"),
    "nothing handed over": ((PYTHON, "-V"), {}, "no word hands parameters over"),
    "unknown placeholder": ((PYTHON, "{ratio}"), {"parameters": ("ration",)}, "did you mean 'ration'"),
    "unheard parameter": ((PYTHON, "{a}"), {"parameters": ("a", "b")}, "the parameter b does not reach"),
    "name of a file": ((PYTHON, "{input}"), {"parameters": ("input",)}, "cannot be called 'input'"),
    "timeout": ((PYTHON, "{x}"), {"timeout": 0}, "timeout must be .* got 0"),
    "workers": ((PYTHON, "{x}"), {"workers": 0}, "workers must be .* got 0"),
    "table": ((PYTHON, "{x}"), {"table": "xml"}, "json or csv, got 'xml'"),
    "outcomes": ((PYTHON, "{x}"), {"outcomes": {}}, "outcomes are a dictionary"),
    "reserved": ((PYTHON, "{x}"), {"outcomes": {"failed": "1"}}, "'failed' is taken"),
    "dims": ((PYTHON, "{x}"), {"dims": {"y": ("year",)}}, "without coords"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_refused_before_anything_runs(case):
    words, options, message = WRONG[case]
    with pytest.raises(ModelError, match=message):
        command(words, **({"outcomes": {"y": "1"}} | options))


def test_a_parameter_that_never_reaches_the_program_is_told():
    model = inline("print(1)", "{a}")
    with pytest.raises(ModelError, match="the parameter b does not reach the program"):
        model.run({"a": np.ones(2), "b": np.ones(2)})


def test_placeholders_are_filled_once():
    assert filled("{a}{b}", {"a": "{b}", "b": 2.0}) == "{b}2.0"


def test_a_study_file_can_name_a_program(tmp_path, monkeypatch):
    script(tmp_path, READ + "print(json.dumps({'use': [p['start'], p['start'] + p['rise']]}))")
    (tmp_path / "study.toml").write_text(
        f"""
        title = "A program"
        model = "uncertainty.external:study_model"
        horizon = [2030, 2031]
        [options]
        command = [{json.dumps(PYTHON)}, "sim.py", "{{input}}"]
        outcome_units = {{ use = "TWh" }}
        yearly = ["use"]
        workers = 2
        [parameters.start]
        prior = {{ family = "uniform", lower = 1, upper = 2 }}
        [parameters.rise]
        prior = {{ family = "uniform", lower = 0, upper = 1 }}
        [design]
        size = 4
        replicates = 2
        """,
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    result = open_study(tmp_path / "study.toml").compute()
    use, start = result["prior_predictive"]["use"], result["prior"]["start"]
    np.testing.assert_allclose(use.sel(year=2030), start)
    np.testing.assert_allclose(use.sel(year=2031), start + result["prior"]["rise"])


def test_a_study_model_takes_all_that_a_command_takes():
    model = study_model((2030, 2030), command=[PYTHON, "{x}"], outcome_units={"y": "1"}, timeout=2)
    assert model.function.timeout == 2
