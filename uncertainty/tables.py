"""Tables: what a result holds beside its summary, tidy, one row a number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.errors import ResultError
from uncertainty.labels import LEDGER, headline_wish
from uncertainty.names import listed
from uncertainty.parameters import owner
from uncertainty.summary import whole_numbers


def tidy(result: xr.DataTree, frames: Sequence[pd.DataFrame], tail: Sequence[str]) -> pd.DataFrame:
    """Frames below one another: study and run first, coordinates, then the columns of `tail`."""
    if not frames:
        return pd.DataFrame()
    table = pd.concat(frames, ignore_index=True)
    table.insert(0, "study", result.attrs.get("study", ""))
    table.insert(1, "run", result.attrs.get("run", ""))
    head = [name for name in ("study", "run", "outcome", "by") if name in table]
    coordinates = [str(c) for c in table if c not in {*head, *tail}]
    return whole_numbers(table[[*head, *coordinates, *tail]], coordinates)


#: Decimals of a share of variance: far below its own error.
DIGITS = 6


def bounded(found: xr.Dataset, name: str) -> pd.DataFrame:
    """A share with the two ends of its interval as columns."""
    ends = found[f"{name}_interval"]
    columns = {
        "share": found[name],
        "lower": ends.sel(bound="lower", drop=True),
        "upper": ends.sel(bound="upper", drop=True),
    }
    frame = xr.Dataset(columns).reset_coords(drop=True).to_dataframe()
    return frame.round(DIGITS).reset_index()


SHARES = ("share", "lower", "upper", "interval_kind", "interval_prob")


def shares_table(result: xr.DataTree) -> pd.DataFrame:
    """Shapley effects: outcome, coordinates, parameter, label, share, lower, upper."""
    frames = []
    for outcome, node in children(result, "shapley"):
        found = node.to_dataset()
        labels = found["label"].to_series()
        frame = bounded(found, "Sh")
        kept = {key: found.attrs[key] for key in ("interval_kind", "interval_prob")}
        frames.append(frame.assign(outcome=outcome, label=frame["parameter"].map(labels), **kept))
    return tidy(result, frames, ["parameter", "label", *SHARES])


def ledger_table(result: xr.DataTree) -> pd.DataFrame:
    """The ledger: outcome, by (grade, evidence, source), coordinates, key, share, lower, upper."""
    frames = []
    for outcome, node in children(result, "ledger"):
        found = node.to_dataset()
        kept = {key: found.attrs[key] for key in ("interval_kind", "interval_prob")}
        for view in LEDGER:
            part = found[[f"by_{view}", f"by_{view}_interval"]]
            frame = bounded(part, f"by_{view}").rename(columns={view: "key"})
            frames.append(frame.assign(outcome=outcome, by=view, **kept))
    return tidy(result, frames, ["key", *SHARES])


def sources_table(result: xr.DataTree) -> pd.DataFrame:
    """Every parameter with its sources, the most important for the headline first.

    One row a source (one row for a number without any): parameter, label, unit, distribution,
    share of the headline outcome's variance (mean over the headline's years), grade, place in the
    catalogue, reading, title, publisher, date, url, quote, source_grade.
    """
    if "sources" not in result:
        return pd.DataFrame()
    facts = result["parameters"].to_dataset()[
        ["label", "unit", "distribution", "grade", "catalogue", "place", "reading"]
    ]
    parameters = facts.to_dataframe().reset_index()
    parameters["share"] = parameters["parameter"].map(headline_shares(result))
    cited = result["sources"].to_dataset().to_dataframe().rename(columns={"grade": "source_grade"})
    parameters["owner"] = parameters["parameter"].map(owner)
    cited = cited.rename(columns={"parameter": "owner"})
    table = parameters.merge(cited, on="owner", how="left").drop(columns="owner")
    texts = [str(column) for column in table if column != "share"]
    table[texts] = table[texts].fillna("")
    ordered = table.sort_values("share", ascending=False, kind="stable", na_position="last")
    tail = ["share", *(c for c in texts if c != "parameter")]
    return tidy(result, [ordered], ["parameter", *tail])


def headline_shares(result: xr.DataTree) -> dict[str, float]:
    """Share of each parameter in the variance of the headline outcome, {} where unknown."""
    wish, nodes = headline_wish(result), dict(children(result, "shapley"))
    if not nodes:
        return {}
    outcome = wish.get("outcome")
    node = nodes[outcome] if outcome in nodes else next(iter(nodes.values()))
    found = node.to_dataset()["Sh"]
    if "year" in found.dims and wish.get("years"):
        found = found.sel(year=wish["years"])
    mean = found.mean([dim for dim in found.dims if dim != "parameter"])
    return dict(zip(mean["parameter"].values.tolist(), mean.values.tolist(), strict=True))


def readings_table(result: xr.DataTree) -> pd.DataFrame:
    """Other readings of ranges: parameter, reading, place, quantile, base, value, shift."""
    if "readings" not in result:
        return pd.DataFrame()
    found = result["readings"].to_dataset()
    for effect in found["effect"].values:
        chosen = found.sel(effect=effect)
        found[f"below_zero_{effect}"] = chosen["chance"]
        found[f"base_below_zero_{effect}"] = chosen["base_chance"]
    plain = found.drop_vars(["chance", "base_chance", "effect"])
    frame = plain.to_dataframe().reset_index().drop(columns="case")
    frame = frame.assign(outcome=found.attrs["outcome"], unit=found.attrs["units"])
    tail = [
        "parameter", "label", "reading", "distribution", "quantile", "unit", "base", "value",
        "shift", "shift_mcse", *(str(c) for c in frame if "below_zero" in str(c)), "ess", "told",
        "how", "note",
    ]  # fmt: skip
    return tidy(result, [frame], tail)


def placements_table(result: xr.DataTree) -> pd.DataFrame:
    """Published numbers: where each falls, and to what the draws near it lean."""
    if "placements" not in result:
        return pd.DataFrame()
    found = result["placements"].to_dataset()
    plain = found.drop_dims(["parameter", "quantile"], errors="ignore")
    frame = plain.to_dataframe().reset_index(drop=True)
    labels = labels_with_units(result["parameters"].to_dataset())
    frame["draws_near_it_lean_to"] = [
        leaning(found.isel(row=row), labels) for row in range(len(frame))
    ]
    tail = [
        "label", "source", "published", "end", "unit", "value", "percentile", "percentile_mcse",
        "median", "near", "draws_near_it_lean_to",
    ]  # fmt: skip
    return tidy(result, [frame], tail)


#: Parameters that are named for each published number.
NAMED = 3


def labels_with_units(parameters: xr.Dataset) -> pd.Series[str]:
    """Label of each parameter with its unit, by name."""
    facts = parameters[["label", "unit"]].to_dataframe()
    units = facts["unit"].map(lambda unit: "" if unit == "1" else f" ({unit})")
    return facts["label"] + units


def leaning(row: xr.Dataset, labels: pd.Series[str]) -> str:
    """The parameters whose draws lean most near a published number, with what they are there."""
    if row["rank"].isnull().all():
        return "too few draws come near"
    known = row.isel(parameter=np.flatnonzero(row["leans"].values))
    order = np.argsort(-np.abs(known["rank"].values - 0.5))[:NAMED]
    words = []
    for found in (known.isel(parameter=int(place)) for place in order):
        low, middle, high = found["needed"].values.tolist()
        side = "high" if float(found["rank"]) > 0.5 else "low"
        label = labels[str(found["parameter"].item())]
        words.append(f"{label}: {side}, {middle:.3g} ({low:.3g} to {high:.3g})")
    return "; ".join(words) or "nothing in particular"


def margins_table(result: xr.DataTree, outcomes: Sequence[str], levels: Sequence[float]) -> Any:
    """What to reserve: outcome, coordinates, probability, value, margin over the median."""
    frames = []
    for outcome in outcomes:
        array = result["intervals"].to_dataset()[outcome]
        missing = [level for level in levels if level not in array["quantile"].values]
        if missing:
            msg = f"margins of {outcome!r}: the quantiles {listed(missing)} were not computed"
            raise ResultError(msg)
        value, error = (
            a.sel(quantile=list(levels)) for a in (array, result[f"intervals/{outcome}_mcse"])
        )
        middle = value.sel(quantile=0.5, drop=True)
        columns = {"value": value, "margin": value - middle, "mcse": error}
        frame = xr.Dataset(columns).to_dataframe().reset_index()
        frame = frame.rename(columns={"quantile": "probability"})
        frame["margin_share"] = np.divide(
            frame["margin"], frame["value"] - frame["margin"],
            out=np.full(len(frame), np.nan), where=(frame["value"] - frame["margin"]) != 0,
        )  # fmt: skip
        frames.append(frame.assign(outcome=outcome, unit=array.attrs.get("units", "")))
    tail = ["probability", "unit", "value", "margin", "margin_share", "mcse"]
    return tidy(result, frames, tail)


def children(result: xr.DataTree, group: str) -> Iterator[tuple[str, xr.DataTree]]:
    """The outcomes of a group."""
    if group in result:
        yield from result[group].children.items()


TABLES: dict[str, Callable[[xr.DataTree], pd.DataFrame]] = {
    "shares.csv": shares_table,
    "ledger.csv": ledger_table,
    "sources.csv": sources_table,
    "readings.csv": readings_table,
    "placements.csv": placements_table,
}
"""File -> what it holds; a table without columns is not written."""
