"""Compared: two result directories in, a directory with tables and a chart out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from uncertainty.comparison import comparison
from uncertainty.directory import (
    COMPARED,
    RESULTS,
    Contents,
    located,
    locked,
    manifest,
    read_result,
    target,
    write_result,
)
from uncertainty.gallery import FORMATS
from uncertainty.provenance import versions


def compare_directories(
    a: Path, b: Path, out: Path | None = None, facts: dict[str, Any] | None = None
) -> tuple[Path, xr.DataTree]:
    """Compare two result directories and write what was found.

    Parameters
    ----------
    a, b : path
        Result directories, or names of studies whose results lie in `results`.
    out : path, optional
        ``results/A-against-B`` when left out.
    facts : mapping, optional
        Further facts for the manifest, such as the title of a comparing study.

    Returns
    -------
    (path, xarray.DataTree)
    """
    one, two = located(a), located(b)
    directory = out or RESULTS / f"{one.resolve().name}-against-{two.resolve().name}"
    place = target(directory, compares=True)
    tree = comparison(read_result(one), read_result(two))
    with locked(place):
        marks = {
            "study": f"{tree.attrs['a']} against {tree.attrs['b']}",
            "run": "",
            **(facts or {}),
        }
        runs = {side: manifest(path)["run"] for side, path in zip("ab", (one, two), strict=True)}
        written = {**marks, COMPARED: runs, "versions": versions()}
        write_result(Contents(tree, tables(tree), figures(tree), written), place)
    return directory, tree


def tables(tree: xr.DataTree) -> dict[str, pd.DataFrame]:
    """Every group as a tidy table."""
    made = {"intervals.csv": tree["intervals"].to_dataset().to_dataframe().reset_index()}
    if "drivers" in tree:
        made["shares.csv"] = tree["drivers"].to_dataset().to_dataframe().reset_index()
    made["priors.csv"] = tree["priors"].to_dataset().to_dataframe().reset_index()
    if "moved" in tree:
        moved = tree["moved"].to_dataset()
        kept = moved[["shift", "label"]].to_dataframe().reset_index()
        together = moved["all"].rename("shift").to_dataframe().reset_index()
        everything = together.assign(parameter="all", label="all together")
        made["moved.csv"] = pd.concat([kept, everything], ignore_index=True)
    return made


def figures(tree: xr.DataTree) -> dict[str, bytes]:
    """The chart in every format."""
    from uncertainty.views import comparison_chart, render

    figure, _ = comparison_chart(tree)
    return {f"comparison.{form}": render(figure, form) for form in FORMATS}
