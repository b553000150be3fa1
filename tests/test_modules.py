"""Models by name: each study its own module, hashed, able to travel."""

import sys

import pytest

import uncertainty as un
from uncertainty.errors import StudyError
from uncertainty.modules import load
from uncertainty.pool import processes

STUDY = """
title = "T"
model = "samename:f"
[parameters.a]
prior = { family = "normal", mu = 1, sigma = 1 }
[design]
size = 64
replicates = 2
"""


def study(folder, code, helper=""):
    folder.mkdir(exist_ok=True)
    (folder / "samename.py").write_text(code)
    (folder / "samehelper.py").write_text(helper)
    (folder / "s.toml").write_text(STUDY)
    return un.open_study(folder / "s.toml")


def median(tree):
    return float(tree["intervals"]["y"].sel(quantile=0.5))


def test_two_studies_have_each_their_own_module_of_one_name(tmp_path):
    one = study(tmp_path / "1", "def f(a): return a")
    two = study(tmp_path / "2", "def f(a): return 100 * a")
    assert median(two.compute()) == pytest.approx(100 * median(one.compute()))
    assert "samename" not in sys.modules


def test_plain_functions_and_their_neighbours_travel_to_processes(tmp_path):
    opened = study(
        tmp_path,
        "from samehelper import twice\ndef f(a): return twice(a)",
        "def twice(a): return 2 * a",
    )
    with processes(2) as executor:
        assert median(opened.compute(executor=executor)) == median(opened.compute())


def test_a_change_of_code_makes_another_fingerprint(tmp_path):
    code = "from samehelper import twice\ndef f(a): return twice(a)"
    one = study(tmp_path, code, "def twice(a): return 2 * a")
    again = study(tmp_path, code, "def twice(a): return 2 * a")
    other = study(tmp_path, code, "def twice(a): return 3 * a")
    assert one.fingerprint == again.fingerprint
    assert one.fingerprint != other.fingerprint


def test_an_interrupted_run_of_another_model_is_not_taken_over(tmp_path):
    def stop(stage, resumed):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study(tmp_path, "def f(a): return a").run(tmp_path / "out", listener=stop)
    resumed = []
    changed = study(tmp_path, "def f(a): return 100 * a")
    changed.run(tmp_path / "out", listener=lambda stage, known: resumed.append(known))
    assert not any(resumed)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os\nos.nope", "importing 'samename' raised AttributeError"),
        ("import sys\nsys.exit(0)", "importing 'samename' raised SystemExit"),
        ("def f(a:", "importing 'samename' raised SyntaxError"),
        ("import nosuchmodule", "no module 'nosuchmodule'"),
        ("f = 3", "is a int, expected a function or a Model"),
        ("def g(a): return a", "has no 'f'"),
        ("import sys\ndef f(a): sys.exit(3)", "raised SystemExit: 3"),
        (
            "import math\ndef f(a): return math.exp(a)",
            "parameters are arrays of samples: use functions of numpy",
        ),
        ("def f(a): a + 1", "outcome 'y' is None; is a return missing"),
    ],
)
def test_a_faulty_module_is_one_message(tmp_path, code, words):
    with pytest.raises(StudyError, match=words):
        study(tmp_path, code)


def test_installed_modules_are_found_and_hashed(tmp_path):
    found = load("uncertainty.energy:computing", tmp_path)
    assert found.target is __import__("uncertainty.energy").energy.computing
    assert len(found.sha256) == 64
