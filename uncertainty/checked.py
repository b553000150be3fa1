"""Checked: a study or a catalogue read and held against the rules, without a run."""

from __future__ import annotations

from dataclasses import dataclass

from uncertainty import files
from uncertainty.catalogue import read_catalogue
from uncertainty.documents import Document
from uncertainty.door import factors
from uncertainty.errors import StudyError
from uncertainty.lint import Finding, counted, lint
from uncertainty.pair import open_pair
from uncertainty.reading import open_study


@dataclass(frozen=True)
class Checked:
    """What a check says: a summary, the findings, and how many warnings there are."""

    summary: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return counted(self.findings)["warning"]

    @property
    def lines(self) -> list[str]:
        """All of it as lines of text."""
        counts = counted(self.findings)
        total = ", ".join(f"{n} {level}{'' if n == 1 else 's'}" for level, n in counts.items())
        return [*self.summary, *map(str, self.findings), total]


def check(name: str) -> Checked:
    """Check a study, or a catalogue of that name.

    Raises
    ------
    StudyError
        With every fault that keeps it from being run.
    """
    document = read_any(name)
    if "compare" in document.data:
        return check_pair(document)
    return check_study(document) if "model" in document.data else check_catalogue(document)


def check_pair(document: Document) -> Checked:
    """Both studies of a pair."""
    pair = open_pair(document)
    found = [check_study(study.document) for study in pair.studies]
    summary = (f"{pair.name}: {pair.row.title}", *(line for one in found for line in one.summary))
    return Checked(summary, tuple(dict.fromkeys(f for one in found for f in one.findings)))


def read_any(name: str) -> Document:
    """A study by name or path, or else a catalogue."""
    try:
        return files.read_document(files.locate("studies", name))
    except StudyError as error:
        try:
            return files.read_document(files.locate("priors", name))
        except StudyError:
            raise error from None


def check_study(document: Document) -> Checked:
    """A study with its model."""
    study = open_study(document.path)
    row, model = study.row, study.make_model(None)
    scales = factors(model, study.space)
    found = lint(study.entries, model.bounds, scales, row.sum_to_one)
    runs = row.design.size * row.design.replicates
    summary = (
        f"{study.name}: {row.title}",
        f"  in order: {len(study.space.uncertain)} uncertain parameters from "
        f"{len(study.catalogues)} catalogues, model {row.model}, {runs:,} draws",
    )
    return Checked(summary, tuple(found))


def check_catalogue(document: Document) -> Checked:
    """A catalogue alone: bounds are those that follow from names."""
    catalogue, faults = read_catalogue(document)
    if faults or catalogue is None:
        raise StudyError(faults)
    summary = (
        f"{catalogue.name}: {catalogue.title}",
        f"  in order: {len(catalogue.entries)} parameters",
    )
    return Checked(summary, tuple(lint(catalogue.entries)))
