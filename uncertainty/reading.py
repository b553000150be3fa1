"""Reading: from a study file to a study, with all faults of all its files together."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from uncertainty import files
from uncertainty.catalogue import Catalogue, merged, read_catalogue, read_entries
from uncertainty.design import Design
from uncertainty.documents import Document
from uncertainty.door import Door, check_names, check_outcome_units, factors
from uncertainty.drivers import moved_together
from uncertainty.errors import StudyError, UncertaintyError
from uncertainty.evidence import Evidence, projections
from uncertainty.model import Model, as_model, signature
from uncertainty.modules import Code, load
from uncertainty.names import listed, suggestion
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
    row, faults = read(document, StudyRow)
    if row is None:
        raise StudyError([*faults, *catalogue_faults(document), *own_faults(document)])
    return Binding(document, row).study()


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
        tables = self.tables(model) if model else (None, None)
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
        )

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
        if row.drivers is not None:
            sizes["drivers"] = (2 * width, row.drivers.size)
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

    def maker(self) -> Callable[[Sequence[str] | None], Model]:
        """A function that makes the model for a choice of outcomes."""
        found, name = self.code.target, self.row.model
        if isinstance(found, Model) or "horizon" not in signature(found):
            if self.row.horizon is not None:
                msg = f"{name} takes no horizon; remove the key 'horizon'"
                raise StudyError(msg)
            model = as_model(found)
            return lambda outcomes: model
        if self.row.horizon is None:
            msg = f"{name} needs a horizon, such as horizon = [2024, 2035]"
            raise StudyError(msg)
        first, last = self.row.horizon
        chosen = "outcomes" in signature(found)

        def make(outcomes: Sequence[str] | None) -> Model:
            made = found((first, last), **({"outcomes": outcomes} if chosen else {}))
            return as_model(made)

        return make

    def match_parameters(self, model: Model, space: Space) -> None:
        """Names, units and groups must fit between the priors, the model and the file."""
        self.attempt(["priors"], lambda: check_names(model, space))
        self.attempt(["priors"], lambda: factors(model, space))
        self.attempt(["model"], lambda: check_outcome_units(model))
        if self.row.drivers is not None:
            groups = self.row.drivers.groups
            wanted = groups if isinstance(groups, dict) else None
            self.attempt(["drivers", "groups"], lambda: moved_together(space, wanted))

    def match_outcomes(self, model: Model) -> None:
        """Each outcome that the file names must be one of the model's, and computed."""
        row = self.row
        named_right = all(name in model.outcomes for name in row.outcomes or ())
        computed = row.outcomes if row.outcomes and named_right else list(model.outcomes)
        headline = [row.headline.outcome, *row.headline.effects.values()] if row.headline else []
        named = {
            ("outcomes",): row.outcomes or [],
            ("drivers", "outcomes"): (row.drivers and row.drivers.outcomes) or [],
            ("thresholds",): list(row.thresholds),
            ("headline",): headline,
            ("charts",): row.charts or [],
        }
        for place, names in named.items():
            for name in names:
                known = model.outcomes if place[0] in {"outcomes", "drivers"} else computed
                if name not in known:
                    self.faults.append(
                        f"{self.document.where(place)}: no outcome {name!r}"
                        f"{suggestion(name, known)} (there are {listed(known, 25)})"
                    )
        self.match_headline(model)

    def match_headline(self, model: Model) -> None:
        """The headline's years and quantiles must be computed."""
        wish, levels = self.row.headline, self.row.intervals.probabilities
        if wish is None or wish.outcome not in model.outcomes:
            return
        for place, name in (
            ("outcome", wish.outcome),
            *(("effects", e) for e in wish.effects.values()),
        ):
            dims = model.dims.get(name, ())
            if name in model.outcomes and dims != ("year",):
                self.faults.append(
                    f"{self.document.where(['headline', place])}: {name!r} has the dims "
                    f"{dims}, expected ('year',)"
                )
        if model.dims.get(wish.outcome) != ("year",):
            return
        years = set(model.coords["year"])
        for year in wish.years:
            if year not in years:
                self.faults.append(
                    f"{self.document.where(['headline', 'years'])}: there is no year {year}; "
                    f"there are {listed(sorted(years), 40)}"
                )
        for needed in (0.5, wish.margin):
            if needed not in levels:
                self.faults.append(
                    f"{self.document.where(['headline', 'margin'])}: needs the quantile "
                    f"{needed:g}; add it to intervals.probabilities, now {levels}"
                )

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

    def beside(self, name: str) -> Path:
        """A table's path, relative to the study file."""
        return self.folder / name
