"""Comparison: two results side by side, and which priors moved the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.arrays import Array
from uncertainty.errors import ResultError, UncertaintyError
from uncertainty.labels import headline_wish, middle
from uncertainty.maker import Maker
from uncertainty.names import listed
from uncertainty.propagate import propagate
from uncertainty.rebuilt import Rebuilt
from uncertainty.space import Space

SIDES = ("a", "b")
LEVELS = (0.05, 0.5, 0.95)
#: A shift below this share of the quantile is rounding.
ROUNDING = 1e-12
#: Points per replicate, and replicates, of the runs that swap single priors.
SIZE, REPLICATES = 2048, 8


def comparison(a: xr.DataTree, b: xr.DataTree) -> xr.DataTree:
    """Two results of one outcome side by side.

    Parameters
    ----------
    a, b : xarray.DataTree
        Results of studies with a headline of one and the same outcome, with common years.

    Returns
    -------
    xarray.DataTree
        ``/intervals`` value (side, year, quantile); ``/drivers`` Sh (side, parameter) where both
        have Shapley effects; ``/priors`` the parameters whose distributions differ; ``/moved``
        where both have one model and the same parameters: the change of each quantile when one
        prior of `a` is replaced by that of `b` (`shift`), and when all are (`all`).

    Raises
    ------
    ResultError
        If there is no outcome or no year in common.
    """
    outcome, years = common(a, b)
    tree = xr.DataTree()
    tree["intervals"] = xr.DataTree(intervals({"a": a, "b": b}, outcome, years))
    tree.attrs |= {
        **{side: result.attrs.get("study", "") for side, result in zip(SIDES, (a, b), strict=True)},
        "title_a": a.attrs.get("study_title", ""),
        "title_b": b.attrs.get("study_title", ""),
        "outcome": outcome,
        "units": a["intervals"].to_dataset()[outcome].attrs.get("units", ""),
    }
    if all("shapley" in r and outcome in r["shapley"].children for r in (a, b)):
        year = middle(years)
        tree["drivers"] = xr.DataTree(shares({"a": a, "b": b}, outcome, year))
    tree["priors"] = xr.DataTree(differing(a, b))
    moved, note = movement(a, b, outcome, years)
    if moved is not None:
        tree["moved"] = xr.DataTree(moved)
    tree.attrs["note"] = note
    return tree


def common(a: xr.DataTree, b: xr.DataTree) -> tuple[str, list[int]]:
    """The headline outcome of both, and the headline's years that both have."""
    wishes = [headline_wish(result) for result in (a, b)]
    outcomes = [wish.get("outcome") for wish in wishes]
    if outcomes[0] is None or outcomes[0] != outcomes[1]:
        msg = (
            "results are compared by their headline outcome, which must be the same; "
            f"found {outcomes[0]!r} and {outcomes[1]!r}"
        )
        raise ResultError(msg)
    units = [r["intervals"].to_dataset()[outcomes[0]].attrs.get("units") for r in (a, b)]
    if units[0] != units[1]:
        msg = f"{outcomes[0]!r} is in {units[0]!r} in one result and in {units[1]!r} in the other"
        raise ResultError(msg)
    years = [year for year in wishes[0]["years"] if year in wishes[1]["years"]]
    if not years:
        found = " and ".join(listed(wish["years"]) for wish in wishes)
        msg = f"the headlines have no year in common: {found}"
        raise ResultError(msg)
    return outcomes[0], years


def intervals(results: Mapping[str, xr.DataTree], outcome: str, years: Sequence[int]) -> xr.Dataset:
    """Quantiles of both, (side, year, quantile), at the probabilities that both have."""
    arrays = [result["intervals"].to_dataset()[outcome] for result in results.values()]
    levels = [q for q in arrays[0]["quantile"].values if q in arrays[1]["quantile"].values]
    values = [array.sel(year=list(years), quantile=levels) for array in arrays]
    joined = xr.concat(values, xr.DataArray(list(results), dims="side", name="side"))
    return xr.Dataset({"value": joined.transpose("side", "year", "quantile")})


def shares(results: Mapping[str, xr.DataTree], outcome: str, year: int) -> xr.Dataset:
    """Shapley effects of both in a year, (side, parameter); NaN where one lacks the parameter."""
    found = [r["shapley"].children[outcome].to_dataset().sel(year=year) for r in results.values()]
    labels: dict[str, str] = {}
    for one in reversed(found):
        labels |= dict(zip(one["parameter"].values, one["label"].values, strict=True))
    names = list(labels)
    values = np.stack([one["Sh"].reindex(parameter=names).values for one in found])
    return xr.Dataset(
        {"Sh": (("side", "parameter"), values)},
        {"side": list(results), "parameter": names, "label": ("parameter", list(labels.values()))},
        {"year": year},
    )


def differing(a: xr.DataTree, b: xr.DataTree) -> xr.Dataset:
    """Parameters whose distributions differ, or that only one has, with both as text."""
    tables = [result["parameters"].to_dataset() for result in (a, b)]
    texts = [
        {
            key: dict(zip(t["parameter"].values.tolist(), t[key].values.tolist(), strict=True))
            for key in ("label", "distribution", "unit", "grade", "place", "spec")
            if key in t
        }
        for t in tables
    ]
    names = dict.fromkeys([*texts[0]["distribution"], *texts[1]["distribution"]])
    changed = [n for n in names if texts[0]["spec"].get(n) != texts[1]["spec"].get(n)]
    columns: dict[str, Any] = {
        "label": [texts[0]["label"].get(n) or texts[1]["label"].get(n, n) for n in changed]
    }
    for side, found in zip(SIDES, texts, strict=True):
        for key in ("distribution", "unit", "grade", "place"):
            columns[f"{key}_{side}"] = [found.get(key, {}).get(name, "") for name in changed]
    return xr.Dataset(
        {key: ("parameter", np.array(column, dtype=object)) for key, column in columns.items()},
        {"parameter": np.array(changed, dtype=object)},
    )


def movement(
    a: xr.DataTree, b: xr.DataTree, outcome: str, years: Sequence[int]
) -> tuple[xr.Dataset | None, str]:
    """What each differing prior moves, or why that cannot be told."""
    try:
        one, two = Rebuilt.of(a), Rebuilt.of(b)
        if one.model != two.model:
            return None, "the two results have different models, horizons or options"
        if set(one.space.names) != set(two.space.names):
            return None, "the two results have different parameters"
        make, same = one.make_model()
        same = same and one.inputs["code_sha256"] == two.inputs["code_sha256"]
        mine, theirs = one.space.priors, two.space.priors
        changed = [name for name in mine if mine[name].spec() != theirs[name].spec()]
        moved = Swaps(make, one, two, outcome, tuple(years)).dataset(changed, differing(a, b))
    except UncertaintyError as error:
        return None, f"what moved cannot be told: {error}"
    return moved, "" if same else "the model's code has changed since the results were made"


class Swaps:
    """Runs of the first result's study with priors of the second."""

    def __init__(
        self, make: Maker, one: Rebuilt, two: Rebuilt, outcome: str, years: tuple[int, ...]
    ) -> None:
        self.model, self.one, self.two = make([outcome]), one, two
        self.outcome, self.years = outcome, years

    def quantiles(self, space: Space) -> Array:
        """(year, quantile) of the outcome on the same points for every space."""
        found = propagate(
            self.model,
            space,
            size=SIZE,
            seed=int(self.one.inputs["seed"]),
            replicates=REPLICATES,
            probabilities=LEVELS,
            keep=False,
            outcomes=[self.outcome],
            failures=0.0,
        )
        return found["intervals"].to_dataset()[self.outcome].sel(year=list(self.years)).values

    def swapped(self, names: Sequence[str]) -> Space:
        """The first space with some priors of the second."""
        mine, theirs = self.one.space, self.two.space
        priors = {n: theirs.priors[n] if n in names else p for n, p in mine.priors.items()}
        return Space(priors, mine.correlation)

    def dataset(self, changed: Sequence[str], facts: xr.Dataset) -> xr.Dataset:
        """Shifts, one prior at a time, of dependence, and all together."""
        base = self.quantiles(self.one.space)
        shifts = [self.quantiles(self.swapped([name])) - base for name in changed]
        names = list(changed)
        if self.one.space.correlation != self.two.space.correlation:
            tied = Space(self.one.space.priors, self.two.space.correlation)
            shifts.append(self.quantiles(tied) - base)
            names.append("correlation")
        theirs = {name: self.two.space.priors[name] for name in self.one.space.names}
        everything = self.quantiles(Space(theirs, self.two.space.correlation)) - base
        texts = facts.reindex(parameter=names, fill_value="")
        labels = [t or n for t, n in zip(texts["label"].values, names, strict=True)]
        shape = (len(names), *base.shape)
        shifts = [np.where(np.abs(s) > ROUNDING * np.abs(base), s, 0.0) for s in shifts]
        return texts.assign(
            label=("parameter", np.array(labels, dtype=object)),
            shift=(("parameter", "year", "quantile"), np.array(shifts).reshape(shape)),
            all=(("year", "quantile"), everything),
            base=(("year", "quantile"), base),
        ).assign_coords(year=list(self.years), quantile=list(LEVELS))
