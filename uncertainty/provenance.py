"""Provenance: what a result says of where it came from."""

from __future__ import annotations

import json
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from uncertainty.design import Design

PACKAGES = (
    "uncertainty",
    "numpy",
    "scipy",
    "pandas",
    "xarray",
    "pymc",
    "arviz",
    "pint",
)


@cache
def versions() -> str:
    """Versions of Python and the packages a result depends on, as JSON text."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return json.dumps(found, sort_keys=True)


def provenance(design: Design, model_runs: int) -> dict[str, Any]:
    """Root attributes of a result; those of a study are filled in by the study.

    `failed_runs` is 0 here; engines that go on past failures put their own count.
    """
    return {
        "study": "",
        "study_sha256": "",
        "commit": "",
        "versions": versions(),
        "seed": design.seed,
        "design": design.kind,
        "size": design.size,
        "replicates": design.replicates,
        "model_runs": model_runs,
        "failed_runs": 0,
    }
