"""Rebuilt: model and space of a result, from what the result itself says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.maker import Maker, maker
from uncertainty.modules import load
from uncertainty.parameters import owner
from uncertainty.prior import Prior
from uncertainty.space import Space


@dataclass(frozen=True)
class Rebuilt:
    """What a result was made from.

    Attributes
    ----------
    inputs : mapping
        model, horizon, options, correlation, design, seed, as the study had them.
    space : Space
    """

    inputs: Mapping[str, Any]
    space: Space

    @classmethod
    def of(cls, result: xr.DataTree) -> Rebuilt:
        """From the attributes and the table of parameters; `ResultError` if they are missing."""
        text = result.attrs.get("inputs")
        if text is None or "parameters" not in result or "spec" not in result["parameters"]:
            msg = "the result does not say what it was made from; run its study again"
            raise ResultError(msg)
        inputs = json.loads(text)
        pairs = {tuple(row["between"]): row["rank"] for row in inputs["correlation"]}
        return cls(inputs, Space(priors_of(result["parameters"].to_dataset()), pairs))

    @property
    def model(self) -> tuple[Any, ...]:
        """What decides the model: two results with the same may be compared prior by prior."""
        keys = ("model", "horizon", "options")
        return tuple(json.dumps(self.inputs[key], sort_keys=True) for key in keys)

    def make_model(self) -> tuple[Maker, bool]:
        """A function that makes the model, and whether its code is still the same."""
        name = self.inputs["model"]
        code = load(name, Path.cwd())
        made = maker(code.target, name, self.inputs["horizon"], self.inputs["options"])
        return made, code.sha256 == self.inputs["code_sha256"]


def priors_of(table: xr.Dataset) -> dict[str, Prior]:
    """The priors by name; the rows of a dirichlet are one prior."""
    names, specs = table["parameter"].values.tolist(), table["spec"].values.tolist()
    texts = {key: table[key].values.tolist() for key in ("label", "group")}
    priors: dict[str, Prior] = {}
    for i, name in enumerate(names):
        own = owner(name)
        described = {key: values[i] for key, values in texts.items()}
        priors[own] = Prior(**json.loads(specs[i]), **described)
    return priors
