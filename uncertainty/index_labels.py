"""Index labels: coordinates and attributes of the indices of any run that makes some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from uncertainty.arrays import Array
from uncertainty.design import Design
from uncertainty.door import Door
from uncertainty.labels import labelled
from uncertainty.pick_freeze.freezing import DUMMY, Options
from uncertainty.ratios import CONFIDENCE, Ratio, interval

if TYPE_CHECKING:
    import xarray as xr


class Run(Protocol):
    """What is common to runs that make indices."""

    @property
    def door(self) -> Door: ...

    @property
    def design(self) -> Design: ...

    @property
    def moves(self) -> Mapping[str, tuple[str, ...]]: ...

    @property
    def runs(self) -> int: ...


def options_of(run: Run) -> Options:
    """How a run estimates; the defaults where it has no choice."""
    return getattr(run, "options", Options())


@dataclass(frozen=True)
class Labels:
    """Coordinates of the indices of one outcome, and how their intervals are made."""

    coords: Mapping[str, Sequence[Any]]
    kind: str
    bands: bool
    second_order: bool

    @classmethod
    def of(cls, run: Run, name: str) -> Labels:
        """Of one outcome of a run."""
        options = options_of(run)
        names = index_names(run)
        coords = {
            **run.door.model.coords,
            "parameter": names,
            "parameter2": names,
            "bound": ("lower", "upper"),
        }
        return cls(coords, interval_kind(run), options.simultaneous, options.second_order)

    def array(self, values: Array, dims: Sequence[str], attrs: Mapping[str, Any]) -> xr.DataArray:
        """An array with its dims and coordinates."""
        return labelled(values, dims, self.coords, attrs)

    def estimate(self, name: str, found: Ratio, dims: Sequence[str]) -> dict[str, xr.DataArray]:
        """Values, their interval, and on request a band that holds for all cells together."""
        attrs = {"interval_kind": self.kind, "interval_prob": CONFIDENCE}
        made = {
            name: self.array(found.value, dims, {"units": "1"}),
            f"{name}_interval": self.array(interval(found), (*dims, "bound"), attrs),
        }
        cells = found.value[..., 0].size if found.value.ndim > 1 else 1
        if self.bands and cells > 1:
            wide = {**attrs, "interval_kind": f"{self.kind}, simultaneous over {cells} cells"}
            made[f"{name}_band"] = self.array(interval(found, cells), (*dims, "bound"), wide)
        return made


def index_names(run: Run) -> tuple[str, ...]:
    """Names of the indices: the groups, and the dummy where it was asked for."""
    dummy = options_of(run).dummy
    return (*run.moves, DUMMY) if dummy else tuple(run.moves)


def interval_kind(run: Run) -> str:
    """How the intervals were made."""
    if getattr(run, "delta", False):
        return "delta method over independent draws"
    return f"t over {run.design.replicates} replicates"


def driver_attrs(run: Run, name: str) -> dict[str, Any]:
    """What the indices rest on."""
    options = options_of(run)
    return {
        "units": run.door.model.outcomes[name],
        "interval_kind": interval_kind(run),
        "interval_prob": CONFIDENCE,
        "replicates": run.design.replicates,
        "size": run.design.size,
        "model_runs": run.runs,
        "estimators": f"S1 {options.first}; ST {options.total}; centred; ratio of means",
    }


def parameter_labels(run: Run) -> dict[str, tuple[str, list[str]]]:
    """Label and group of each parameter, as coordinates beside its name."""
    priors = run.door.space.priors
    alone = {m: priors[m] for m, names in run.moves.items() if names == (m,)}
    names = index_names(run)
    return {
        "label": ("parameter", [(alone[m].label or m) if m in alone else m for m in names]),
        "group": ("parameter", [alone[m].group if m in alone else m for m in names]),
    }
