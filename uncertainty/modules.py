"""Modules: a study's model by name, read afresh, with a hash of the code it is made of."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from uncertainty.errors import StudyError
from uncertainty.names import suggestion


@dataclass(frozen=True)
class Code:
    """A callable and the hash of the source files it may depend on.

    Modules beside the study (or in the working folder) are hashed as they were loaded; of an
    installed package, all its Python files.
    """

    target: Any
    sha256: str


def load(name: str, folder: Path) -> Code:
    """The callable that ``module:attribute`` names.

    Modules beside the study and in the working folder are found too. They are loaded for this
    study alone, so that two studies may each have their own module of one name, and travel to
    other processes by value. Such modules must import their neighbours at the top.

    Raises
    ------
    StudyError
        If there is no such module or attribute, importing it fails, or it is not callable.
    """
    module, colon, attribute = name.partition(":")
    if not colon or not module or not attribute:
        msg = f"a model is written 'module:attribute', found {name!r}"
        raise StudyError(msg)
    loaded, own = imported(module, folder)
    if not hasattr(loaded, attribute):
        names = [n for n in vars(loaded) if not n.startswith("_")]
        msg = f"module {module!r} has no {attribute!r}{suggestion(attribute, names)}"
        raise StudyError(msg)
    target = getattr(loaded, attribute)
    if not callable(target):
        msg = f"{name} is a {type(target).__name__}, expected a function or a Model"
        raise StudyError(msg)
    return Code(target, hashed(own or package_files(loaded)))


def imported(module: str, folder: Path) -> tuple[ModuleType, list[Path]]:
    """A module and the files of those modules beside the study that came with it."""
    folders = [folder.resolve(), Path.cwd()]
    before = set(sys.modules)
    try:
        with searched(folders):
            loaded = import_module(module)
    except ModuleNotFoundError as error:
        msg = (
            f"no module {error.name!r} (looked beside the study, in the working folder "
            "and among installed packages)"
        )
        raise StudyError(msg) from None
    except (Exception, SystemExit) as error:
        msg = f"importing {module!r} raised {type(error).__name__}: {error}"
        raise StudyError(msg) from error
    finally:
        own = forget(set(sys.modules) - before, folders)
    return loaded, own


@contextmanager
def searched(folders: Iterable[Path]) -> Iterator[None]:
    """Import from some folders first, for as long as it takes."""
    before = list(sys.path)
    sys.path[:0] = [str(folder) for folder in folders]
    try:
        yield
    finally:
        sys.path[:] = before


def forget(names: set[str], folders: Iterable[Path]) -> list[Path]:
    """Take freshly loaded modules that lie in `folders` out of the list of modules again.

    What is not in that list is pickled by value, and the next study loads its own.
    """
    own = []
    for name in sorted(names):
        path = source_of(sys.modules[name])
        if path and any(within(path, folder) for folder in folders):
            own.append(path)
            del sys.modules[name]
    return own


def source_of(module: ModuleType) -> Path | None:
    """The source file of a module, if it has one."""
    file = getattr(module, "__file__", None)
    return Path(file) if file and file.endswith(".py") else None


def within(path: Path, folder: Path) -> bool:
    """Whether a file belongs to a folder, and not to an environment installed in it."""
    if not path.is_relative_to(folder):
        return False
    return not {"site-packages", "uncertainty"} & set(path.relative_to(folder).parts)


def package_files(module: ModuleType) -> list[Path]:
    """All Python files of the package that an installed module belongs to."""
    root = sys.modules.get(module.__name__.partition(".")[0], module)
    folders = [Path(folder) for folder in getattr(root, "__path__", [])]
    single = source_of(module)
    found = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return found or ([single] if single else [])


def hashed(paths: Iterable[Path]) -> str:
    """One hash over the content of files."""
    digest = sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def own_code() -> str:
    """Hash of this package's own source files."""
    return hashed(sorted(Path(__file__).parent.rglob("*.py")))
