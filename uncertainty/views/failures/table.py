"""The table behind the failures: parameter by parameter, failed runs against all runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.views.drawing import select
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.failures.distance import (
    Numbers,
    discrete,
    distance,
    independent,
    p_value,
)
from uncertainty.views.failures.place import Place, place_of

FAILED, TRIED, REASON = "failed", "tried", "reason"
CHANCE = 0.05  # that any parameter at all stands out by chance
SUMMARY: dict[str, Callable[[Numbers], Any]] = {"min": np.min, "median": np.median, "max": np.max}


@dataclass(frozen=True)
class Sample:
    """Values of one parameter in failed runs and in some of all runs."""

    failed: Numbers
    tried: Numbers
    scale: Scale

    @property
    def place(self) -> Place:
        """Where the failed runs lie."""
        return place_of(self.failed, self.tried, self.scale)


@dataclass(frozen=True)
class Failures:
    """What `/failures` holds.

    Attributes
    ----------
    failed, runs : int
        Model runs that failed, and all that were tried.
    reasons : tuple of str
        One a failed run whose parameters are kept.
    samples : {parameter: Sample}
        Of parameters that are one number and vary.
    worth : float
        Of how many independent ones the failed runs are worth, for the parameter that repeats most.
    several, fixed : tuple of str
        Labels of parameters left out: of several numbers each, or of one number for all runs.
    table : pandas.DataFrame
        See `failures_of`.
    """

    failed: int
    runs: int
    reasons: tuple[str, ...]
    samples: Mapping[str, Sample]
    worth: float
    several: tuple[str, ...]
    fixed: tuple[str, ...]
    table: pd.DataFrame

    @property
    def drawn(self) -> list[dict[str, Any]]:
        """Rows of the parameters that are drawn."""
        return select.records(self.table[self.table["drawn"]])


def failures_of(result: xr.DataTree, top: int) -> Failures:
    """Read the failed runs.

    Returns
    -------
    Failures
        Its table has one row a parameter, the most telling first: parameter, label, unit ("" when
        it is not known), ks (distance of failed runs from all, 0 to 1), p_value, where (in words),
        failed_min, failed_median, failed_max, tried_min, tried_median, tried_max, rank (NaN where
        chance alone may have done it) and drawn.

    Raises
    ------
    ResultError
        When no run failed, or `top` is below 1.
    """
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise ResultError(f"top={top!r}: a whole number of parameters, at least 1, is drawn")
    node = _node(result)
    names = [str(n) for n in node.variables if n != REASON and f"{n}_{TRIED}" in node.variables]
    labels = {name: _label(result, node, name) for name in names}
    several = [name for name in names if node[name].ndim > 1]
    samples = {name: _sample(result, node, name) for name in names if name not in several}
    fixed = [name for name, x in samples.items() if np.ptp([*x.failed, *x.tried]) == 0]
    varied = {name: x for name, x in samples.items() if name not in fixed}
    kept, worth = node.sizes[FAILED], _worth(varied)
    return Failures(
        failed=int(node.attrs.get("failed_runs", kept)),
        runs=int(node.attrs.get("tried_runs", node.sizes[TRIED])),
        reasons=tuple(select.text(reason) for reason in node[REASON].values),
        samples=varied,
        worth=min(worth.values(), default=0.0),
        several=tuple(labels[name] for name in several),
        fixed=tuple(labels[name] for name in fixed),
        table=_ranked(pd.DataFrame(list(_rows(varied, worth, labels))), top),
    )


def _node(result: xr.DataTree) -> xr.Dataset:
    """Return the failed runs, or say that there are none."""
    if "failures" not in result.children and result.attrs.get("failed_runs") == 0:
        raise ResultError("no model run of this result failed: there is no '/failures' to draw")
    node = select.branch(result, "failures").to_dataset()
    missing = [name for name in (FAILED, TRIED) if not node.sizes.get(name)]
    if missing or REASON not in node:
        raise ResultError(f"'/failures' lacks {', '.join([*missing] or [REASON])} runs")
    return node


def _sample(result: xr.DataTree, node: xr.Dataset, name: str) -> Sample:
    failed, tried = (
        node[f"{name}{end}"].to_numpy().astype(float).ravel() for end in ("", f"_{TRIED}")
    )
    return Sample(failed, tried, Scale.of([*failed, *tried], _unit(result, node, name)))


def _rows(
    samples: Mapping[str, Sample], worth: Mapping[str, float], labels: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for name, x in samples.items():
        ks = distance(x.failed, x.tried)
        ends = {
            f"{kind}_{end}": float(of(values))
            for kind, values in ((FAILED, x.failed), (TRIED, x.tried))
            for end, of in SUMMARY.items()
        }
        yield {
            "parameter": name,
            "label": labels[name],
            "unit": x.scale.unit,
            "ks": ks,
            "p_value": p_value(ks, worth[name], len(x.tried)),
            "where": x.place.full,
            **ends,
        }


def _worth(samples: Mapping[str, Sample]) -> dict[str, float]:
    """Return of how many independent failed runs each parameter tells.

    Values of a discrete parameter repeat by nature: the least of the others stands for them.
    """
    worth = {n: independent(x.failed) for n, x in samples.items() if not discrete(x.tried)}
    least = min(worth.values(), default=None)
    return {
        n: worth.get(n, least if least is not None else float(len(x.failed)))
        for n, x in samples.items()
    }


def _ranked(table: pd.DataFrame, top: int) -> pd.DataFrame:
    """Order by distance; those that chance may have moved come last, without a rank."""
    if table.empty:
        raise ResultError("'/failures' holds no parameter that is one number and varies")
    table["chance"] = table["p_value"] * len(table) > CHANCE
    table = table.sort_values(["chance", "ks"], ascending=[True, False], kind="stable")
    told = ~table["chance"].to_numpy()
    table["rank"] = np.where(told, np.cumsum(told).astype(float), np.nan)
    table["drawn"] = np.arange(len(table)) < top
    return table.drop(columns="chance").reset_index(drop=True)


def _label(result: xr.DataTree, node: xr.Dataset, name: str) -> str:
    """Return the label of a parameter, from wherever the result has it."""
    tables = [result.children.get("parameters"), *_driver_nodes(result)]
    for table in (t.to_dataset() for t in tables if t is not None):
        if "label" in table and name in table.get("parameter", ()):
            return select.text(table["label"].sel(parameter=name).item()) or select.words(name)
    return str(node[name].attrs.get("long_name") or select.words(name))


def _driver_nodes(result: xr.DataTree) -> list[xr.DataTree]:
    return list(result.children["drivers"].children.values()) if "drivers" in result else []


def _unit(result: xr.DataTree, node: xr.Dataset, name: str) -> str:
    """Return the unit in which the model takes a parameter; a prior may be in another."""
    kept = result.children.get("prior", xr.DataTree()).to_dataset()
    known = kept[name].attrs if name in kept else {}
    return str(node[name].attrs.get("units", known.get("units", "")))
