"""Placeholders: the words of a command line, and the values that go into them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from uncertainty.errors import ModelError
from uncertainty.names import listed, suggestion

#: Placeholders for paths, which no parameter may be called.
FILES = ("input", "output")
#: A name in double braces stands for itself in single ones; braces around other text are text.
PATTERN = re.compile(r"\{\{(?P<plain>\w+)\}\}|\{(?P<name>[^\W\d]\w*)\}")


def filled(word: str, values: Mapping[str, Any]) -> str:
    """A word with its placeholders replaced: numbers to the last digit, lists as JSON.

    Examples
    --------
    >>> filled('{"rate": {rate}, "x": {{x}}}', {"rate": 0.1})
    '{"rate": 0.1, "x": {x}}'
    """

    def put(match: re.Match[str]) -> str:
        if match["plain"] is not None:
            return match[0][1:-1]
        value = values[match["name"]]
        return value if isinstance(value, str) else json.dumps(value)

    return PATTERN.sub(put, word)


def placeholders(words: Sequence[str]) -> set[str]:
    """The names in braces."""
    found = (match["name"] for word in words for match in PATTERN.finditer(word))
    return {name for name in found if name is not None}


def check_words(words: Sequence[str], parameters: Sequence[str]) -> None:
    """Raise `ModelError` unless every parameter reaches the command and no placeholder is left.

    With no `parameters`, only what holds for any.
    """
    asked = placeholders(words)
    if not asked - {"output"}:
        msg = (
            "command: no word hands parameters over; write {input} for a file with all of them, "
            "or {name} for a single one"
        )
        raise ModelError(msg)
    if not parameters:
        return
    faults = [f"a parameter cannot be called {name!r}" for name in FILES if name in parameters]
    stray = sorted(asked - {*parameters, *FILES})
    if stray:
        near = suggestion(stray[0], [*parameters, *FILES])
        faults.append(f"{{{stray[0]}}} is no parameter{near}; there are {listed(parameters)}")
    unheard = [name for name in parameters if name not in asked]
    if unheard and "input" not in asked:
        faults.append(
            f"the parameter {listed(unheard)} does not reach the program; "
            "write {input}, or its name in braces"
        )
    if faults:
        raise ModelError("command: " + "; ".join(faults))
