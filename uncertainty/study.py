"""Study: one question, declared in one file, checked as a whole, run into one directory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from uncertainty import files
from uncertainty.catalogue import Catalogue, Entry
from uncertainty.contents import contents, graded, overlay
from uncertainty.design import Design, batch_count
from uncertainty.directory import locked, target, write_result
from uncertainty.documents import Document
from uncertainty.evidence import Evidence
from uncertainty.learning import ATTRS
from uncertainty.ledger import citations
from uncertainty.maker import Maker
from uncertainty.modules import own_code
from uncertainty.provenance import versions
from uncertainty.schema import StudyRow
from uncertainty.space import Space
from uncertainty.stages import STAGES
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
    evidence : Evidence or None
        What the study is calibrated to.
    tables_sha256 : {file name: hash}
        Of the tables that these were read from.
    """

    document: Document
    row: StudyRow
    entries: Mapping[str, Entry]
    catalogues: tuple[Catalogue, ...]
    sources: tuple[Document, ...]
    space: Space
    make_model: Maker = field(repr=False)
    code_sha256: str
    observations: pd.DataFrame | None = field(repr=False)
    projections: pd.DataFrame | None = field(repr=False)
    tables_sha256: Mapping[str, str] = field(default_factory=dict, repr=False)
    evidence: Evidence | None = field(default=None, repr=False)

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
        code = [self.code_sha256, own_code(), versions(), *self.tables_sha256.values()]
        return files.fingerprint([*texts, self.row.model_dump_json(), *code])

    def with_settings(self, *, size: int | None = None, seed: int | None = None) -> Study:
        """The same study with another size or seed; drivers get a quarter of the size."""
        row = self.row
        if seed is not None:
            row = row.model_copy(update={"seed": seed})
        if size is not None:
            Design(row.design.kind, self.space.width, size, row.seed)
            design = row.design.model_copy(update={"size": size})
            fewer = {
                name: part and part.model_copy(update={"size": max(size // share, 1)})
                for name, part, share in (("drivers", row.drivers, 4), ("shapley", row.shapley, 8))
            }
            row = row.model_copy(update={"design": design, **fewer})
        return replace(self, row=row)

    def prior_only(self) -> Study:
        """The same study without its calibration."""
        return replace(self, row=self.row.model_copy(update={"calibration": None}), evidence=None)

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
    def thresholds(self) -> dict[str, list[float]]:
        """Values above which draws are counted, by outcome: the study's and the headline's."""
        found = {name: set(values) for name, values in self.row.thresholds.items()}
        for name, values in self.headline_thresholds():
            found.setdefault(name, set()).update(values)
        return {name: sorted(values) for name, values in found.items()}

    def headline_thresholds(self) -> Iterator[tuple[str, list[float]]]:
        """What the headline has to count."""
        wish = self.row.headline
        if wish is None:
            return
        for effect in wish.effects.values():
            yield effect, [0.0]
        for chance in wish.chances:
            yield chance.outcome, [v for v in (chance.above, chance.below) if v is not None]
        if wish.turning is not None and self.row.horizon is not None:
            first, last = self.row.horizon
            yield wish.turning, [float(year) for year in range(first, last + 1)]

    @property
    def probabilities(self) -> list[float]:
        """Quantiles to report: those of the intervals and of the margins."""
        margins = self.row.margins.levels if self.row.margins else []
        return sorted({*self.row.intervals.probabilities, *margins})

    @property
    def read_outcome(self) -> tuple[str, str | None, list[Any]]:
        """The outcome whose quantiles other readings move, its dim, and where it is looked at."""
        row, wish = self.row.readings, self.row.headline
        outcome = (row and row.outcome) or (wish and wish.outcome) or ""
        dims = self.make_model(None).dims.get(outcome, ())
        years = (row and row.years) or (wish and wish.years) or []
        return (outcome, dims[0], list(years)) if dims else (outcome, None, [0])

    @property
    def read_effects(self) -> list[str]:
        """Effects whose sign other readings may turn: the headline's, if its outcome is read."""
        wish = self.row.headline
        if wish is None or self.read_outcome[0] != wish.outcome:
            return []
        return list(dict.fromkeys(wish.effects.values()))

    @property
    def sampled_outcomes(self) -> list[str]:
        """Outcomes of which every draw is looked at again."""
        read = [self.read_outcome[0], *self.read_effects] if self.row.readings else []
        table = self.projections
        computed = self.row.outcomes or list(self.make_model(None).outcomes)
        placed = [] if table is None else [n for n in table["outcome"].unique() if n in computed]
        return list(dict.fromkeys([*read, *placed]))

    @property
    def stages(self) -> dict[str, int]:
        """Stages of a run and how many parts each has."""
        sizes = {name: stage.size(self) for name, stage in STAGES.items()}
        batches = {name: batch_count(*size) for name, size in sizes.items() if size}
        return {**batches, "charts": 1}

    def compute(
        self,
        *,
        executor: Executor | None = None,
        journal: Callable[[str], Any] = lambda stage: None,
    ) -> xr.DataTree:
        """Run all stages and return the result, without touching the disk."""
        tree, total = xr.DataTree(), 0
        about: dict[str, Any] = {}
        for name in self.stages:
            if name in STAGES:
                added, runs = STAGES[name].run(self, executor, journal(name))
                total += runs
                about |= added.pop(ATTRS, {})
                for group, piece in added.items():
                    if group:
                        tree[group] = piece
                    else:
                        tree = piece
        for name in ("observations", "projections"):
            table = getattr(self, name)
            if table is not None:
                tree[name] = xr.DataTree(overlay(table))
        tree["parameters"] = xr.DataTree(graded(tree["parameters"].to_dataset(), self.entries))
        tree["sources"] = xr.DataTree(citations(self.entries.values()))
        tree.attrs |= {**about, **self.facts(), "model_runs": total}
        return tree

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
            "inputs": json.dumps(self.inputs),
        }

    @property
    def inputs(self) -> dict[str, Any]:
        """What makes model and space again, see `rebuilt`; the priors lie in `/parameters`."""
        row = self.row
        return {
            "model": row.model,
            "code_sha256": self.code_sha256,
            "horizon": row.horizon,
            "options": row.options,
            "correlation": [pair.model_dump() for pair in row.correlation],
            "design": row.design.model_dump(),
            "seed": row.seed,
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
