"""Documents: TOML files that know on which line a key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from uncertainty.errors import StudyError

HEADER = re.compile(r"^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(#.*)?$")
KEY = re.compile(r"^\s*([A-Za-z0-9_\-\"'.]+)\s*=")


@dataclass(frozen=True)
class Document:
    """A TOML file: where it lies, its text, its content."""

    path: Path
    text: str
    data: dict[str, Any]

    @classmethod
    def of(cls, path: Path, raw: bytes) -> Document:
        """Parse; `StudyError` with the place for a file that is no TOML."""
        try:
            text = raw.decode("utf-8-sig")
            return cls(path, text, tomllib.loads(text))
        except UnicodeDecodeError as error:
            msg = f"{shown(path)}: not UTF-8 text ({error.reason} at byte {error.start})"
            raise StudyError(msg) from None
        except (ValueError, RecursionError) as error:
            msg = f"{shown(path)}: not a TOML file: {str(error)[:200]}"
            raise StudyError(msg) from None

    @cached_property
    def lines(self) -> dict[tuple[str, ...], int]:
        """Line number of each header and key, by its dotted place."""
        return dict(reversed(list(self._places())))

    def _places(self) -> Iterator[tuple[tuple[str, ...], int]]:
        section: tuple[str, ...] = ()
        for number, line in enumerate(self.text.splitlines(), 1):
            if found := HEADER.match(line):
                section = split(found[1])
                yield section, number
            elif found := KEY.match(line):
                yield (*section, *split(found[1])), number

    def where(self, place: Sequence[str | int]) -> str:
        """`file:line: dotted.place`, with the line of the nearest key that is written out."""
        at, dotted = self.place(place), dotted_place(place)
        return f"{at}: {dotted}" if dotted else at

    def place(self, place: Sequence[str | int]) -> str:
        """`file:line` of the nearest key that is written out."""
        names = tuple(str(part) for part in place if not isinstance(part, int))
        line = next(
            (self.lines[names[:n]] for n in range(len(names), 0, -1) if names[:n] in self.lines),
            None,
        )
        return f"{shown(self.path)}:{line}" if line else shown(self.path)


def split(dotted: str) -> tuple[str, ...]:
    """The parts of a dotted TOML key, quotes taken off."""
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def dotted_place(place: Sequence[str | int]) -> str:
    """A place such as ``parameters.pue.sources[0].url``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(path: Path) -> str:
    """A path as messages show it: relative to the working folder where it lies within."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
