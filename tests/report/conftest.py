"""Results to report on, each run once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import uncertainty as un
from tests.report.pages import FILES, Element, read, run


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The result of a study that has all groups and texts that could break a page."""
    place = tmp_path_factory.mktemp("reported")
    for name, text in FILES.items():
        (place / name).write_text(text, encoding="utf-8")
    yield run(un.open_study(place / "small.toml"), place / "out")
    sys.modules.pop("reported", None)


@pytest.fixture(scope="session")
def small_page(small: Path) -> Element:
    """Its page."""
    return read((small / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def flagship(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of the shipped study, small."""
    study = un.open_study("china-computing-2035").prior_only().with_settings(size=256)
    return run(study, tmp_path_factory.mktemp("flagship") / "out")


@pytest.fixture(scope="session")
def flagship_page(flagship: Path) -> Element:
    """Its page."""
    return read((flagship / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(params=["small", "flagship"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which result."""
    return str(request.param)


@pytest.fixture
def page(request: pytest.FixtureRequest, kind: str) -> Element:
    """Either page."""
    return request.getfixturevalue(f"{kind}_page")


@pytest.fixture
def directory(request: pytest.FixtureRequest, kind: str) -> Path:
    """Either result."""
    return request.getfixturevalue(kind)
