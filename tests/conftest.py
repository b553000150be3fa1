"""Public cases with known answers, shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import uncertainty as un
from uncertainty import cases


def pytest_xdist_auto_num_workers(config):
    """Two processes; one, in which prints are seen, for benchmarks and single files."""
    alone = "not bench" not in config.option.markexpr or len(config.args) == 1
    return 0 if alone else min(2, os.cpu_count() or 1)


@dataclass(frozen=True)
class Case:
    """A model whose indices are known."""

    model: Callable[..., Any]
    priors: dict[str, un.Prior]
    first: np.ndarray
    total: np.ndarray


def known(name: str) -> Case:
    found = cases.CASES[name]()
    return Case(found.model, dict(found.space.priors), found.exact["S1"], found.exact["ST"])


CASES = {name: lambda name=name: known(name) for name in ("ishigami", "G", "G A2", "lognormal")}


@pytest.fixture(params=CASES)
def case(request) -> Case:
    return CASES[request.param]()


@pytest.fixture
def ishigami_case() -> Case:
    return known("ishigami")


@pytest.fixture
def lognormal_case() -> Case:
    return known("lognormal")
