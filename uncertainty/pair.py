"""Pair: a study of two studies, run one after the other and set side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from uncertainty import files
from uncertainty.compared import compare_directories
from uncertainty.directory import target
from uncertainty.documents import Document
from uncertainty.errors import StudyError
from uncertainty.reading import open_study
from uncertainty.schema import PairRow, read
from uncertainty.study import Study

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Pair:
    """Two studies and where their results lie.

    Attributes
    ----------
    document : Document
        The file that names them.
    row : PairRow
    studies : (Study, Study)
    """

    document: Document
    row: PairRow
    studies: tuple[Study, Study]

    @property
    def name(self) -> str:
        """Name of the file without its ending."""
        return self.document.path.stem

    def places(self, directory: Path) -> list[Path]:
        """Result directories of the two, beside that of the comparison.

        Raises
        ------
        StudyError
            If the comparison would take the place of one of them, or of another result.
        """
        places = [directory.parent / study.name for study in self.studies]
        if directory.resolve() in [place.resolve() for place in places]:
            msg = (
                f"{directory} is where {directory.name!r} itself goes; choose another --out for "
                "the comparison"
            )
            raise StudyError(msg)
        target(directory, compares=True)
        return places

    def compare(self, directory: Path) -> xr.DataTree:
        """Compare the two results and write the comparison."""
        one, two = self.places(directory)
        facts = {"study": self.name, "title": self.row.title, "question": self.row.question}
        return compare_directories(one, two, directory, facts)[1]


def open_any(name: str) -> Study | Pair:
    """A study, or a pair of studies when the file has the key ``compare``.

    Raises
    ------
    StudyError
        With every fault of the file, or of the studies that it names.
    """
    document = files.read_document(files.locate("studies", name))
    return open_pair(document) if "compare" in document.data else open_study(document.path)


def open_pair(document: Document) -> Pair:
    """The pair that a file declares."""
    row, faults = read(document, PairRow)
    if row is None:
        raise StudyError(faults)
    opened = []
    for i, name in enumerate(row.compare):
        try:
            opened.append(open_study(files.locate("studies", name, document.path.parent)))
        except StudyError as error:
            faults += [f"{document.where(['compare', i])}: {fault}" for fault in error.faults]
    if faults:
        raise StudyError(faults)
    if opened[0].name == opened[1].name:
        msg = f"{document.where(['compare'])}: names {opened[0].name!r} twice"
        raise StudyError(msg)
    return Pair(document, row, (opened[0], opened[1]))
