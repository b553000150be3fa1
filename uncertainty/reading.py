"""Reading: from a study file to a study, with all faults of all its files together."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from uncertainty import files, matching
from uncertainty.catalogue import Catalogue, Entry, merged, read_catalogue, read_entries
from uncertainty.design import Design
from uncertainty.documents import Document
from uncertainty.door import Door, check_names, check_outcome_units, factors
from uncertainty.drivers import moved_together
from uncertainty.errors import StudyError, UncertaintyError
from uncertainty.evidence import Evidence, projections
from uncertainty.learning import chosen
from uncertainty.maker import Maker, maker
from uncertainty.model import Model
from uncertainty.modules import Code, load
from uncertainty.names import suggestion
from uncertainty.schema import StudyRow, read
from uncertainty.space import Space
from uncertainty.study import Study


def open_study(name: str | Path) -> Study:
    """A study by path or name, read, checked and bound to its model.

    A name is looked up as a path, in the working folder, then among the shipped studies.

    Raises
    ------
    StudyError
        With every fault of the study file, its catalogues and tables together.
    """
    document = files.read_document(files.locate("studies", str(name)))
    if "compare" in document.data:
        msg = (
            f"{document.where(['compare'])}: this file sets two studies side by side; open one of "
            "them, or run it from the command line"
        )
        raise StudyError(msg)
    row, faults = read(document, StudyRow)
    if row is None:
        raise StudyError([*faults, *catalogue_faults(document), *own_faults(document)])
    return Binding(document, row).study()


def open_entries(name: str) -> dict[str, Entry]:
    """Entries of a catalogue, or of a study where no catalogue has the name.

    Raises
    ------
    StudyError
        With every fault of the file.
    """
    try:
        document = files.read_document(files.locate("priors", name))
    except StudyError as error:
        try:
            document = files.read_document(files.locate("studies", name))
        except StudyError:
            raise error from None
    if "model" in document.data:
        return dict(open_study(document.path).entries)
    catalogue, faults = read_catalogue(document)
    if faults or catalogue is None:
        raise StudyError(faults)
    return dict(catalogue.entries)


def catalogue_faults(document: Document) -> list[str]:
    """Faults of the catalogues that a faulty study names, as far as they can be found."""
    names = document.data.get("priors")
    wanted = [n for n in names if isinstance(n, str)] if isinstance(names, list) else []
    return open_catalogues(document, wanted)[2]


def own_faults(document: Document) -> list[str]:
    """Faults of the parameters that a faulty study gives itself."""
    rows = document.data.get("parameters")
    return read_entries(document, rows)[1] if isinstance(rows, dict) else []


def open_catalogues(
    document: Document, names: Sequence[str]
) -> tuple[list[Catalogue], list[Document], list[str]]:
    """The catalogues a study names, their files, and all faults."""
    catalogues, sources, faults = [], [], []
    for i, name in enumerate(names):
        try:
            source = files.read_document(files.locate("priors", name, document.path.parent))
        except StudyError as error:
            faults += [f"{document.where(['priors', i])}: {fault}" for fault in error.faults]
            continue
        catalogue, found = read_catalogue(source)
        faults += found
        sources.append(source)
        if catalogue:
            catalogues.append(catalogue)
    return catalogues, sources, faults


NO_CODE = Code(None, "")


class Binding:
    """A study in the making: each step adds what it finds, faults too."""

    def __init__(self, document: Document, row: StudyRow) -> None:
        self.document, self.row, self.folder = document, row, document.path.parent
        self.space: Space | None = None
        self.code = NO_CODE
        self.catalogues, self.sources, self.faults = open_catalogues(document, row.priors)
        own, found = read_entries(document, row.parameters)
        self.faults += found
        self.entries = merged([*(c.entries for c in self.catalogues), own])
        self.leave_out()

    def leave_out(self) -> None:
        """Take out the parameters of the catalogues that the study's model does not have."""
        for i, name in enumerate(self.row.leave_out):
            if self.entries.pop(name, None) is None:
                place = self.document.where(["leave_out", i])
                near = suggestion(name, self.entries)
                self.faults.append(f"{place}: no catalogue has a parameter {name!r}{near}")

    def study(self) -> Study:
        """The finished study, or `StudyError` with all faults."""
        whole = not self.faults  # with priors missing, every later fault would follow from that
        if not self.entries and whole:
            self.faults.append(f"{self.document.where(['priors'])}: the study has no parameters")
        self.space = self.spanned() if whole and self.entries else None
        self.designs()
        self.code = self.attempt(["model"], lambda: load(self.row.model, self.folder)) or NO_CODE
        model = self.attempt(["model"], self.model) if self.code is not NO_CODE else None
        if model and self.space:
            self.match_parameters(model, self.space)
        if model and model.outcomes:
            self.match_outcomes(model)
        hashes = self.hashes()
        tables = self.tables(model) if model else (None, None)
        evidence = self.evidence(model) if model and self.row.calibration else None
        if self.faults or self.space is None:
            raise StudyError(self.faults)
        return Study(
            self.document,
            self.row,
            self.entries,
            tuple(self.catalogues),
            tuple(self.sources),
            self.space,
            self.maker(),
            self.code.sha256,
            *tables,
            hashes,
            evidence,
        )

    def hashes(self) -> dict[str, str]:
        """Hash of each table as it is read; one that cannot be read is told of by `tables`."""
        fitted = [self.row.calibration.evidence] if self.row.calibration else []
        names = [*(n for n in self.row.overlays.model_dump().values() if n is not None), *fitted]
        found = [(name, self.beside(name)) for name in names]
        return {n: files.sha256(path.read_bytes()) for n, path in found if path.is_file()}

    def spanned(self) -> Space | None:
        """Priors and their correlation as a space."""
        priors = {name: entry.prior for name, entry in self.entries.items()}
        if self.attempt(["priors"], lambda: Space(priors)) is None:
            return None
        return self.attempt(["correlation"], lambda: Space(priors, self.pairs()))

    def pairs(self) -> dict[tuple[str, str], float]:
        """Correlations by pair; a pair that is given twice is an error."""
        pairs: dict[tuple[str, str], float] = {}
        for row in self.row.correlation:
            pair = (row.between[0], row.between[1])
            if pair in pairs:
                msg = f"correlation of {pair}: given twice, {pairs[pair]} and {row.rank}"
                raise StudyError(msg)
            pairs[pair] = row.rank
        return pairs

    def designs(self) -> None:
        """Sizes that cannot be drawn are told before anything runs."""
        row, width = self.row, self.space.width if self.space else 1
        sizes = {"design": (width, row.design.size)}
        for name, part in (("drivers", row.drivers), ("shapley", row.shapley)):
            if part is not None:
                sizes[name] = (2 * width, part.size)
        for place, (columns, size) in sizes.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                draw = partial(Design, row.design.kind, columns, size, row.seed)
                self.attempt([place, "size"], draw)

    def attempt[T](self, place: Sequence[str | int], step: Callable[[], T]) -> T | None:
        """The result of a step, or None and a fault at a place of the file."""
        try:
            return step()
        except UncertaintyError as error:
            self.faults += [
                f"{self.document.where(place)}: {line}" for line in str(error).splitlines()
            ]
            return None

    def model(self) -> Model:
        """The model with all its outcomes; one that declares none is tried on two points."""
        model = self.maker()(None)
        if model.outcomes or self.space is None:
            return model
        trial = Design("random", self.space.width, 2, 0)
        return Door.of(model, self.space, trial.points(trial.first))[0].model

    def maker(self) -> Maker:
        """A function that makes the model for a choice of outcomes."""
        return maker(self.code.target, self.row.model, self.row.horizon, self.row.options)

    def match_parameters(self, model: Model, space: Space) -> None:
        """Names, units and groups must fit between the priors, the model and the file."""
        self.attempt(["priors"], lambda: check_names(model, space))
        self.attempt(["priors"], lambda: factors(model, space))
        for i, names in enumerate(self.row.sum_to_one):
            for name in names:
                if name not in space.priors:
                    place = self.document.where(["sum_to_one", i])
                    near = suggestion(name, space.names)
                    self.faults.append(f"{place}: there is no parameter {name!r}{near}")
        self.attempt(["model"], lambda: check_outcome_units(model))
        if self.row.drivers is not None:
            groups = self.row.drivers.groups
            wanted = groups if isinstance(groups, dict) else None
            self.attempt(["drivers", "groups"], lambda: moved_together(space, wanted))

    def match_outcomes(self, model: Model) -> None:
        """Each outcome, year and quantile that the file names must be there."""
        for place, text in matching.faults(self.row, model):
            self.faults.append(f"{self.document.where(place)}: {text}")

    def tables(self, model: Model) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
        """Observations and projections, in the model's units."""
        overlays = self.row.overlays
        units = dict(model.outcomes)

        def observed() -> pd.DataFrame | None:
            if overlays.observations is None:
                return None
            return Evidence.from_csv(self.beside(overlays.observations)).levels(units, model.dims)

        def projected() -> pd.DataFrame | None:
            if overlays.projections is None:
                return None
            return projections(self.beside(overlays.projections), units, model.dims)

        return (
            self.attempt(["overlays", "observations"], observed),
            self.attempt(["overlays", "projections"], projected),
        )

    def evidence(self, model: Model) -> Evidence | None:
        """What the study is calibrated to: rows that the model can give, all checked."""
        row = self.row.calibration
        assert row is not None
        place = ["calibration", "evidence"]
        found = self.attempt(place, lambda: Evidence.from_csv(self.beside(row.evidence)))
        if found is None:
            return None
        return self.attempt(place, lambda: chosen(found, row, self.maker(), model))

    def beside(self, name: str) -> Path:
        """A table's path, relative to the study file."""
        return self.folder / name
