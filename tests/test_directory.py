"""Result directories: nothing of the user's is lost, whatever happens to a run."""

import json
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from uncertainty import directory
from uncertainty.directory import Contents, locked, recover, target, write_result
from uncertainty.errors import RunError, StudyError


def contents(number: float, tables: dict[str, pd.DataFrame] | None = None) -> Contents:
    tree = xr.DataTree.from_dict(
        {"/intervals": xr.Dataset({"y": ("quantile", np.array([number]))})}
    )
    table = {"summary.csv": pd.DataFrame({"y": [number]})} if tables is None else tables
    return Contents(tree, table, {"fan.svg": b"<svg/>"}, {"study": "s", "run": "r"})


def number(folder: Path) -> float:
    return float(directory.read_result(folder)["intervals"]["y"][0])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    write_result(contents(1.0), tmp_path / "out")
    return tmp_path / "out"


def test_what_is_not_ours_is_carried_over(out, tmp_path):
    (out / "notes.txt").write_text("mine")
    (out / "figures" / "mine.png").write_text("mine")
    (out / "empty" / "deep").mkdir(parents=True)
    (out / "link").symlink_to(tmp_path)
    (out / "broken").symlink_to("/nowhere")
    write_result(contents(2.0), out)
    assert number(out) == 2.0
    assert (out / "notes.txt").read_text() == "mine"
    assert (out / "figures" / "mine.png").read_text() == "mine"
    assert (out / "empty" / "deep").is_dir()
    assert (out / "link").is_symlink()
    assert (out / "broken").is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_a_file_of_the_users_with_a_name_of_ours_is_set_aside(out):
    (out / "drivers.csv").write_text("mine")
    tables = {"drivers.csv": pd.DataFrame({"S1": [0.5]})}
    write_result(contents(2.0, tables), out)
    assert (out / "drivers.csv").read_text() == "S1\n0.5\n"
    assert (out / "drivers.csv.kept").read_text() == "mine"


@pytest.mark.parametrize("moment", ["between the renames", "before carrying over"])
def test_a_run_killed_while_it_swaps_is_recovered(out, moment):
    (out / "notes.txt").write_text("mine")
    old = directory.beside(out, "old")
    out.rename(old)
    if moment == "before carrying over":
        write_result(contents(2.0), out)
        assert old.exists()
    recover(out)
    assert (out / "notes.txt").read_text() == "mine"
    assert number(out) == (1.0 if moment == "between the renames" else 2.0)
    assert not old.exists()


def test_a_failing_rename_puts_the_older_result_back(out, monkeypatch):
    fresh = directory.beside(out, "new")
    rename = Path.rename

    def failing(self, where):
        if self == fresh:
            raise OSError(13, "Permission denied")
        return rename(self, where)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(RunError, match="Permission denied"):
        write_result(contents(2.0), out)
    assert number(out) == 1.0
    assert not fresh.exists()


def test_an_interrupt_waits_until_the_result_is_written(out, monkeypatch):
    write = directory.write_tree

    def interrupted(tree, path):
        signal.raise_signal(signal.SIGINT)
        write(tree, path)

    monkeypatch.setattr(directory, "write_tree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_result(contents(2.0), out)
    assert number(out) == 2.0


@pytest.mark.parametrize("text", ["", "[1, 2]", "null", "{}", '{"name": "my web app"}'])
def test_another_manifest_makes_no_result(tmp_path, text):
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "manifest.json").write_text(text)
    with pytest.raises(StudyError, match="holds other files and no result"):
        target(tmp_path / "o")


def test_links_and_dots_lead_to_the_directory_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert target("link") == tmp_path / "real"
    write_result(contents(3.0), target("link"))
    assert number(tmp_path / "real") == 3.0
    assert (tmp_path / "link").is_symlink()
    assert target("x/../real") == tmp_path / "real"
    assert target("~/somewhere").is_absolute()
    for nowhere in (".", "x/..", "/"):
        with pytest.raises(StudyError, match="working folder or the root"):
            target(nowhere)


def test_the_lock_is_gone_afterwards_and_one_left_by_a_kill_is_harmless(tmp_path):
    lock = directory.beside(tmp_path / "out", "lock")
    lock.write_text("left behind")
    with locked(tmp_path / "out"):
        assert lock.exists()
    assert not lock.exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written to"), locked(tmp_path / "file" / "out"):
        pass


def test_hashes_in_the_manifest_are_of_the_files(out):
    found = json.loads((out / "manifest.json").read_text())["files"]
    assert set(found) == {"result.nc", "summary.csv", "figures/fan.svg"}
