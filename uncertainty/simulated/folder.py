"""Folder: the simulated ranks of a study as a directory of tables, a chart and the result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uncertainty import files
from uncertainty.directory import Contents, locked, target, write_result
from uncertainty.errors import StudyError
from uncertainty.learning import fit_model
from uncertainty.provenance import versions
from uncertainty.simulated.run import simulated_ranks
from uncertainty.unfinished import DiskJournal, Unfinished

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from uncertainty.calibration.fit import Teller
    from uncertainty.study import Study

#: Name of the group, and what its parts are called while they are unfinished.
GROUP = "simulated"
#: Columns of the tables.
VERDICT = ("label", "difference", "place", "low", "high", "outside", "uniform")
FITS = ("r_hat", "ess", "divergences", "seconds")


def simulated_directory(
    study: Study,
    directory: str | Path,
    *,
    simulations: int = 100,
    draws: int = 500,
    command: str = "",
    tell: Teller = lambda words: None,
) -> xr.Dataset:
    """Run a study's simulations (see `simulated_ranks`) and write their directory.

    The study's own model, evidence and sampler are used. What an interrupted run has done is
    kept beside the directory and not done again.

    Parameters
    ----------
    study : Study
    directory : path
        A new or empty directory, or an older result of the same kind, which is replaced.
    simulations, draws : int
    command : str
        How it was started, for the manifest.
    tell : callable

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    StudyError
        For a study without a calibration, and a directory that holds other files.
    """
    options = {**sampling(study), "simulations": simulations, "draws": draws}
    place = target(directory)
    with locked(place), kept(study, place, options) as journal:
        assert study.evidence is not None
        found = simulated_ranks(
            fit_model(study, study.evidence.frame),
            study.space,
            study.evidence,
            seed=study.row.seed,
            tell=tell,
            journal=journal,
            **options,
        )
        found.attrs |= {"study": study.name, "study_title": study.row.title}
        tree = tree_of(found)
        facts = manifest(study, found, command)
        write_result(Contents(tree, tables(found), figures(found), facts), place)
    return found


@contextmanager
def kept(study: Study, place: Path, options: dict[str, Any]) -> Iterator[DiskJournal]:
    """Simulations that an interrupted run has done; dropped once all are written."""
    mark = files.fingerprint([study.fingerprint, json.dumps(options), GROUP])
    unfinished = Unfinished(place, mark, resume=True)
    yield DiskJournal(unfinished, GROUP, lambda stage, resumed: None)
    unfinished.clear()


def sampling(study: Study) -> dict[str, Any]:
    """How the study's own calibration is sampled; `StudyError` if it has none."""
    row = study.row.calibration
    if row is None or study.evidence is None:
        msg = f"{study.name} has no [calibration]: there is no fit to simulate observations for"
        raise StudyError(msg)
    return {name: getattr(row, name) for name in ("tune", "sampler", "target_accept", "robust")}


def tree_of(found: xr.Dataset) -> xr.DataTree:
    """The result as a tree, with its attributes at the root too."""
    import xarray as xr

    tree = xr.DataTree.from_dict({f"/{GROUP}": found})
    tree.attrs = dict(found.attrs)
    return tree


def tables(found: xr.Dataset) -> dict[str, pd.DataFrame]:
    """Every rank, the verdict on each quantity, and figures of each fit."""
    ranks = found[["rank", "true_value"]].to_dataframe().reset_index()
    return {
        "ranks.csv": ranks[["parameter", "label", "simulation", "rank", "true_value"]],
        "verdict.csv": found[list(VERDICT)].to_dataframe().reset_index(),
        "fits.csv": found[list(FITS)].to_dataframe().reset_index(),
    }


def figures(found: xr.Dataset) -> dict[str, bytes]:
    """The chart in every format."""
    from uncertainty.views import ranks_chart, render

    figure, _ = ranks_chart(found)
    return {f"ranks.{form}": render(figure, form) for form in ("png", "svg")}


def manifest(study: Study, found: xr.Dataset, command: str) -> dict[str, Any]:
    """What the directory says of where it came from."""
    keys = ("seed", "draws", "tune", "chains", "sampler", "target_accept", "uniform")
    return {
        "study": study.name,
        "title": study.row.title,
        "run": "sbc",
        "command": command,
        "simulations": found.sizes["simulation"],
        **{key: found.attrs[key] for key in keys},
        "words": json.loads(found.attrs["words"]),
        "model": study.row.model,
        "study_sha256": study.sha256,
        "commit": files.commit(),
        "versions": json.loads(versions()),
    }
