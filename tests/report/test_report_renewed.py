"""The verb: the page of a directory made again, from nothing but the directory."""

import json
import shutil
from pathlib import Path

import netCDF4
import pytest
from typer.testing import CliRunner

from tests.report.pages import sections
from uncertainty.cli import app
from uncertainty.directory import locked, manifest
from uncertainty.errors import ResultError, RunError
from uncertainty.files import sha256
from uncertainty.report import renew


@pytest.fixture
def result(small: Path, tmp_path: Path) -> Path:
    """A result that may be spoilt."""
    return Path(shutil.copytree(small, tmp_path / "result"))


def contents(directory: Path) -> dict[str, bytes]:
    """Every file of a directory."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def asked(directory: Path) -> tuple[int, str, str]:
    """What the verb answers: status, output, messages."""
    ran = CliRunner().invoke(app, ["report", str(directory)])
    return ran.exit_code, ran.stdout, ran.stderr


def test_a_run_writes_the_page_and_its_hash(small, small_page):
    assert sections(small_page)
    text = (small / "report.html").read_bytes()
    assert manifest(small)["files"]["report.html"] == sha256(text)


def test_the_verb_makes_the_same_page_again(result):
    before = contents(result)
    assert asked(result) == (0, f"{result / 'report.html'}\n", "")
    assert contents(result) == before
    assert sorted(path.name for path in result.parent.iterdir()) == ["result"]


def test_a_lost_page_and_a_manifest_without_it_are_made_whole(result):
    before = contents(result)
    (result / "report.html").unlink()
    facts = manifest(result)
    del facts["files"]["report.html"]
    (result / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    assert asked(result)[0] == 0
    assert contents(result) == before


def test_a_page_of_the_users_own_is_set_aside(result):
    facts = manifest(result)
    del facts["files"]["report.html"]
    (result / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    (result / "report.html").write_text("mine")
    renew(result)
    renew(result)
    assert (result / "report.html.kept").read_text() == "mine"
    assert not (result / "report.html.kept.kept").exists()
    assert "<h1>" in (result / "report.html").read_text(encoding="utf-8")


def test_the_page_follows_the_manifest(result):
    facts = manifest(result)
    changed = {**facts, "title": "Another title"}
    (result / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
    text = renew(result).read_text(encoding="utf-8")
    assert "<title>Another title</title>" in text
    assert manifest(result)["files"]["report.html"] == sha256(text.encode())


def test_a_directory_that_is_not_there_is_refused(tmp_path):
    status, output, message = asked(tmp_path / "place")
    assert (status, output) == (2, "")
    assert "place: no such directory, here or in results; run the study first" in message


@pytest.mark.parametrize("kind", ["empty", "another"])
def test_what_is_no_result_directory_is_refused(tmp_path, kind):
    place = tmp_path / "place"
    place.mkdir()
    if kind == "another":
        (place / "manifest.json").write_text('{"name": "an app"}')
    status, output, message = asked(place)
    assert (status, output) == (2, "")
    assert "place is no result directory" in message
    assert not (place / "report.html").exists()


def test_a_missing_chart_is_told_and_the_older_page_stays(result):
    (result / "figures" / "fan-demand.svg").unlink()
    before = contents(result)
    status, _, message = asked(result)
    assert status == 2
    assert "a chart of the result cannot be read" in message
    assert "fan-demand.svg" in message
    assert contents(result) == before


def test_a_chart_that_is_spoilt_is_told(result):
    (result / "figures" / "fan-demand.svg").write_text("<svg")
    with pytest.raises(ResultError, match=r"figures/fan-demand\.svg: cannot be read as SVG"):
        renew(result)


def test_a_result_of_another_version_is_told(result):
    with netCDF4.Dataset(result / "result.nc", "a") as file:
        file["placements"].renameVariable("percentile", "centile")
    before = contents(result)
    status, _, message = asked(result)
    assert status == 2
    assert "the result is of another version" in message
    assert "percentile" in message
    assert contents(result) == before


def test_a_directory_that_is_being_written_is_left_alone(result):
    before = contents(result)
    with locked(result), pytest.raises(RunError, match="another run is writing"):
        renew(result)
    assert contents(result) == before


def test_a_failing_disk_leaves_the_older_page(result, monkeypatch):
    before = contents(result)

    def full(self, *args, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RunError, match="could not be written: No space left"):
        renew(result)
    assert contents(result) == before
