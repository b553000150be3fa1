"""Study: one question, declared in one file, checked as a whole, run into one directory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from uncertainty import files
from uncertainty.catalogue import Catalogue, Entry
from uncertainty.contents import contents, overlay
from uncertainty.design import Design, batch_count
from uncertainty.directory import locked, target, write_result
from uncertainty.documents import Document
from uncertainty.drivers import drivers
from uncertainty.model import Model
from uncertainty.modules import own_code
from uncertainty.propagate import propagate
from uncertainty.provenance import versions
from uncertainty.schema import DriversRow, StudyRow
from uncertainty.space import Space
from uncertainty.unfinished import DiskJournal, Unfinished

#: Told of progress: stage and whether the part came from an earlier run.
Listener = Callable[[str, bool], None]


@dataclass(frozen=True)
class Study:
    """A question, bound to its model, priors, design and the tables it is compared with.

    Attributes
    ----------
    document : Document
        The study file.
    row : StudyRow
        What it says, with defaults filled in.
    entries : {parameter: Entry}
        Priors after overriding, with grade and catalogue.
    catalogues : tuple of Catalogue
    sources : tuple of Document
        The catalogue files.
    space : Space
    make_model : callable
        Gives the model for a choice of outcomes (all when None).
    code_sha256 : str
        Hash of the model's source.
    observations, projections : pandas.DataFrame or None
    """

    document: Document
    row: StudyRow
    entries: Mapping[str, Entry]
    catalogues: tuple[Catalogue, ...]
    sources: tuple[Document, ...]
    space: Space
    make_model: Callable[[Sequence[str] | None], Model] = field(repr=False)
    code_sha256: str
    observations: pd.DataFrame | None = field(repr=False)
    projections: pd.DataFrame | None = field(repr=False)

    @property
    def name(self) -> str:
        """Name of the file without its ending."""
        return self.document.path.stem

    @property
    def sha256(self) -> str:
        """Hash of the study file."""
        return files.sha256(self.document.text.encode())

    @property
    def fingerprint(self) -> str:
        """Hash of all that decides the numbers: files, settings, code, versions."""
        texts = [d.text for d in (self.document, *self.sources)]
        code = [self.code_sha256, own_code(), versions()]
        return files.fingerprint([*texts, self.row.model_dump_json(), *code])

    def with_settings(self, *, size: int | None = None, seed: int | None = None) -> Study:
        """The same study with another size or seed; drivers get a quarter of the size."""
        row = self.row
        if seed is not None:
            row = row.model_copy(update={"seed": seed})
        if size is not None:
            Design(row.design.kind, self.space.width, size, row.seed)
            design = row.design.model_copy(update={"size": size})
            fewer = row.drivers and row.drivers.model_copy(update={"size": max(size // 4, 1)})
            row = row.model_copy(update={"design": design, "drivers": fewer})
        return replace(self, row=row)

    @property
    def groups(self) -> dict[str, list[str]] | None:
        """Groups of parameters to rank too: the catalogues' own, those written, or none."""
        wish = self.row.drivers.groups if self.row.drivers else False
        if isinstance(wish, dict):
            return wish
        if not wish:
            return None
        found: dict[str, list[str]] = {}
        for name in self.space.uncertain:
            found.setdefault(self.space.priors[name].group or "other", []).append(name)
        return found

    @property
    def stages(self) -> dict[str, int]:
        """Stages of a run and how many parts each has."""
        row = self.row
        counts = {"propagate": (row.design.size, row.design.replicates)}
        if row.drivers:
            counts["drivers"] = (row.drivers.size, row.drivers.replicates)
            if self.groups:
                counts["groups"] = counts["drivers"]
        batches = {stage: batch_count(*sizes) for stage, sizes in counts.items()}
        return {**batches, "charts": 1}

    def compute(
        self,
        *,
        executor: Executor | None = None,
        journal: Callable[[str], Any] = lambda stage: None,
    ) -> xr.DataTree:
        """Run all stages and return the result, without touching the disk."""
        tree = self._propagate(executor, journal("propagate"))
        runs = tree.attrs["model_runs"]
        if self.row.drivers:
            found = self._drivers(self.row.drivers, executor, journal("drivers"), None)
            tree["drivers"] = found["drivers"]
            runs += found.attrs["model_runs"]
        if self.row.drivers and self.groups:
            found = self._drivers(self.row.drivers, executor, journal("groups"), self.groups)
            tree["driver_groups"] = found["drivers"]
            runs += found.attrs["model_runs"]
        for name in ("observations", "projections"):
            table = getattr(self, name)
            if table is not None:
                tree[name] = xr.DataTree(overlay(table))
        tree.attrs |= {**self.facts(), "model_runs": runs}
        return tree

    def _propagate(self, executor: Executor | None, journal: Any) -> xr.DataTree:
        design, headline = self.row.design, self.row.headline
        thresholds = dict(self.row.thresholds)
        for effect in headline.effects.values() if headline else ():
            thresholds[effect] = sorted({0.0, *thresholds.get(effect, ())})
        return propagate(
            self.make_model(self.row.outcomes),
            self.space,
            size=design.size,
            seed=self.row.seed,
            design=design.kind,
            replicates=design.replicates,
            probabilities=self.row.intervals.probabilities,
            keep=min(design.keep, design.size),
            thresholds=thresholds,
            outcomes=self.row.outcomes,
            executor=executor,
            journal=journal,
        )

    def _drivers(
        self,
        row: DriversRow,
        executor: Executor | None,
        journal: Any,
        groups: dict[str, list[str]] | None,
    ) -> xr.DataTree:
        wanted = row.outcomes or self.row.outcomes
        return drivers(
            self.make_model(wanted),
            self.space,
            size=row.size,
            seed=self.row.seed,
            design=self.row.design.kind,
            replicates=row.replicates,
            groups=groups,
            outcomes=wanted,
            executor=executor,
            journal=journal,
        )

    def facts(self) -> dict[str, Any]:
        """Root attributes that say what study this is."""
        headline = self.row.headline.model_dump() if self.row.headline else None
        return {
            "study": self.name,
            "study_title": self.row.title,
            "study_sha256": self.sha256,
            "run": self.fingerprint[:12],
            "commit": files.commit(),
            "headline": json.dumps(headline),
        }

    def run(
        self,
        directory: str | Path,
        executor: Executor | None = None,
        resume: bool = True,
        *,
        listener: Listener = lambda stage, resumed: None,
        command: str = "",
    ) -> xr.DataTree:
        """Run the study and write its result directory.

        Parameters
        ----------
        directory : path
            A new or empty directory, or an older result, which is replaced at the end.
        executor : concurrent.futures.Executor, optional
        resume : bool
            Go on from what an interrupted run of the same study has done.
        listener : callable
            Told of each finished part, see `stages`.
        command : str
            How the run was started, for the manifest.

        Returns
        -------
        xarray.DataTree

        Raises
        ------
        StudyError
            If the directory holds other files.
        RunError
            If another run writes there, or the disk fails.
        """
        place = target(directory)
        with locked(place):
            unfinished = Unfinished(place, self.fingerprint, resume)
            tree = self.compute(
                executor=executor,
                journal=lambda stage: DiskJournal(unfinished, stage, listener),
            )
            made = contents(self, tree, command)
            listener("charts", False)
            write_result(made, place)
            unfinished.clear()
        return tree
