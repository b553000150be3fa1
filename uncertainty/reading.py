"""Reading: from a study file to a study, with all faults of all its files together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from uncertainty import files
from uncertainty.catalogue import Catalogue, merged, read_catalogue, read_entries
from uncertainty.documents import Document
from uncertainty.door import check_names, factors
from uncertainty.drivers import moved_together
from uncertainty.errors import StudyError, UncertaintyError
from uncertainty.evidence import Evidence, projections
from uncertainty.model import Model, as_model, signature
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
        raise StudyError([*faults, *catalogue_faults(document)])
    return Binding(document, row).study()


def catalogue_faults(document: Document) -> list[str]:
    """Faults of the catalogues that a faulty study names, as far as they can be found."""
    names = document.data.get("priors")
    wanted = [n for n in names if isinstance(n, str)] if isinstance(names, list) else []
    return open_catalogues(document, wanted)[2]


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


class Binding:
    """A study in the making: each step adds what it finds, faults too."""

    def __init__(self, document: Document, row: StudyRow) -> None:
        self.document, self.row = document, row
        self.catalogues, self.sources, self.faults = open_catalogues(document, row.priors)
        own, found = read_entries(document, row.parameters)
        self.faults += found
        self.entries = merged([*(c.entries for c in self.catalogues), own])

    def study(self) -> Study:
        """The finished study, or `StudyError` with all faults."""
        whole = not self.faults  # with priors missing, every later fault would follow from that
        if not self.entries and whole:
            self.faults.append(f"{self.document.where(['priors'])}: the study has no parameters")
        space = self.attempt(["correlation"], self.space) if whole and self.entries else None
        model = self.attempt(["model"], self.model)
        if model and space:
            self.match_parameters(model, space)
        if model and model.outcomes:
            self.match_outcomes(model)
        tables = self.tables(model) if model else (None, None)
        if self.faults or space is None:
            raise StudyError(self.faults)
        return Study(
            self.document,
            self.row,
            self.entries,
            tuple(self.catalogues),
            tuple(self.sources),
            space,
            self.maker(),
            *tables,
        )

    def attempt[T](self, place: Sequence[str | int], step: Callable[[], T]) -> T | None:
        """The result of a step, or None and a fault at a place of the file."""
        try:
            return step()
        except UncertaintyError as error:
            self.faults += [
                f"{self.document.where(place)}: {line}" for line in str(error).splitlines()
            ]
            return None

    def space(self) -> Space:
        """Priors and their correlation."""
        pairs = {(c.between[0], c.between[1]): c.rank for c in self.row.correlation}
        return Space({name: entry.prior for name, entry in self.entries.items()}, pairs)

    def model(self) -> Model:
        """The model with all its outcomes."""
        return self.maker()(None)

    def maker(self) -> Callable[[Sequence[str] | None], Model]:
        """A function that makes the model for a choice of outcomes."""
        found = imported(self.row.model, self.document.path.parent)
        if isinstance(found, Model) or "horizon" not in signature(found):
            if self.row.horizon is not None:
                msg = f"{self.row.model} takes no horizon; remove the key 'horizon'"
                raise StudyError(msg)
            model = as_model(found)
            return lambda outcomes: model
        if self.row.horizon is None:
            msg = f"{self.row.model} needs a horizon, such as horizon = [2024, 2035]"
            raise StudyError(msg)
        first, last = self.row.horizon
        if "outcomes" not in signature(found):
            return lambda outcomes: found((first, last))
        return lambda outcomes: found((first, last), outcomes=outcomes)

    def match_parameters(self, model: Model, space: Space) -> None:
        """Names, units and groups must fit between the priors, the model and the file."""
        self.attempt(["priors"], lambda: check_names(model, space))
        self.attempt(["priors"], lambda: factors(model, space))
        if self.row.drivers.outcomes:
            groups = self.row.drivers.groups
            wanted = groups if isinstance(groups, dict) else None
            self.attempt(["drivers", "groups"], lambda: moved_together(space, wanted))

    def match_outcomes(self, model: Model) -> None:
        """Each outcome that the file names must be one of the model's, and computed."""
        row = self.row
        computed = row.outcomes if row.outcomes is not None else list(model.outcomes)
        headline = [row.headline.outcome, *row.headline.effects.values()] if row.headline else []
        named = {
            ("outcomes",): row.outcomes or [],
            ("drivers", "outcomes"): row.drivers.outcomes,
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
        if model.dims.get(wish.outcome) != ("year",):
            self.faults.append(
                f"{self.document.where(['headline', 'outcome'])}: {wish.outcome!r} has the dims "
                f"{model.dims.get(wish.outcome, ())}, expected ('year',)"
            )
            return
        years = set(model.coords["year"])
        for year in wish.years:
            if year not in years:
                self.faults.append(
                    f"{self.document.where(['headline', 'years'])}: {year} is outside the "
                    f"horizon {min(years)} to {max(years)}"
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
            return Evidence.from_csv(self.beside(overlays.observations)).levels(units)

        def projected() -> pd.DataFrame | None:
            if overlays.projections is None:
                return None
            return projections(self.beside(overlays.projections), units)

        return (
            self.attempt(["overlays", "observations"], observed),
            self.attempt(["overlays", "projections"], projected),
        )

    def beside(self, name: str) -> Path:
        """A table's path, relative to the study file."""
        return self.document.path.parent / name


def imported(target: str, folder: Path) -> Any:
    """The object that ``module:attribute`` names; modules beside the study are found too."""
    module, colon, attribute = target.partition(":")
    if not colon or not module or not attribute:
        msg = f"a model is written 'module:attribute', found {target!r}"
        raise StudyError(msg)
    try:
        with searched(folder):
            found = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        msg = (
            f"no module {error.name!r} (looked beside the study, in the working folder "
            "and among installed packages)"
        )
        raise StudyError(msg) from None
    except AttributeError:
        names = [n for n in vars(sys.modules[module]) if not n.startswith("_")]
        msg = f"module {module!r} has no {attribute!r}{suggestion(attribute, names)}"
        raise StudyError(msg) from None
    except Exception as error:
        msg = f"importing {module!r} raised {type(error).__name__}: {error}"
        raise StudyError(msg) from error
    if not callable(found):
        msg = f"{target} is a {type(found).__name__}, expected a function or a Model"
        raise StudyError(msg)
    return found


@contextmanager
def searched(folder: Path) -> Iterator[None]:
    """Import from a study's folder and the working folder, for as long as it takes."""
    before = list(sys.path)
    sys.path[:0] = [str(folder.resolve()), str(Path.cwd())]
    try:
        yield
    finally:
        sys.path[:] = before
