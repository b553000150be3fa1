"""Foreign: summary tables of ArviZ, CmdStan and others in the columns of ours."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from uncertainty.summaries.columns import arranged, label, level
from uncertainty.summaries.stan import internal

#: Their column, in small letters -> ours.
NAMES = {
    "": "variable", "unnamed: 0": "variable", "name": "variable", "variable": "variable",
    "parameter": "variable", "parameters": "variable", "index": "variable",
    "mean": "mean", "sd": "sd", "std": "sd", "stddev": "sd",
    "mcse": "mcse_mean", "mcse_mean": "mcse_mean", "se_mean": "mcse_mean",
    "ess_bulk": "ess_bulk", "n_eff": "ess_bulk", "ess": "ess_bulk",
    "r_hat": "r_hat", "rhat": "r_hat", "median": "q50",
}  # fmt: skip

#: Quantiles: 5%, q5, q97.5, p05.
PERCENT = re.compile(r"^(?:[qp](\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)%)$")

#: Ends of intervals: eti89_lb, hdi94_ub; in older tables hdi_3%, hpd_97%, eti_5.5%.
ENDED = re.compile(r"^(eti|hdi|hpd)(\d+(?:\.\d+)?)_(lb|ub)$")
OLDER = re.compile(r"^(eti|hdi|hpd)_(\d+(?:\.\d+)?)%$")


def is_summary(columns: list[str]) -> bool:
    """Whether columns are those of a summary: names, and a mean or quantiles."""
    found = {renamed(c)[0] for c in columns}
    figures = {"mean", "q50"} & found or {"lower", "upper"} <= found
    return "variable" in found and bool(figures) and len(found & KNOWN) > 2


KNOWN = {*NAMES.values(), "lower", "upper"}


def renamed(column: str) -> tuple[str, dict[str, Any]]:
    """Our name of a column, and what it says of the interval; '' for one that is left out."""
    small = column.strip().lower()
    if small in NAMES:
        return NAMES[small], {}
    if found := PERCENT.match(small):
        return label(float(found[1] or found[2]) / 100), {}
    if found := ENDED.match(small):
        return interval_end(found[1], float(found[2]) / 100, found[3] == "lb")
    if found := OLDER.match(small):
        tail = float(found[2]) / 100
        return interval_end(found[1], abs(1 - 2 * tail), tail < 0.5)
    return "", {}


def interval_end(kind: str, prob: float, lower: bool) -> tuple[str, dict[str, Any]]:
    """Column and facts of an interval's end: a quantile if its tails are equal."""
    about = {"interval_kind": "eti" if kind == "eti" else "hdi", "interval_prob": round(prob, 9)}
    if kind == "eti":
        return label(round((1 - prob) / 2 if lower else (1 + prob) / 2, 9)), about
    return "lower" if lower else "upper", about


def summary_of(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A foreign summary in our columns, and what was left out, in words."""
    pairs = {str(column): renamed(str(column)) for column in frame}
    facts: dict[str, Any] = {"interval_kind": "", "interval_prob": float("nan")}
    columns: dict[str, Any] = {}
    for theirs, (ours, about) in pairs.items():
        if ours and ours not in columns:
            columns[ours], facts = frame[theirs], {**facts, **about}
    left = [theirs for theirs, (ours, _) in pairs.items() if not ours]
    found = pd.DataFrame(columns).dropna(subset=["variable"])
    keep = [not internal(str(name)) for name in found["variable"]]
    dropped = [str(name) for name in found["variable"][[not k for k in keep]]]
    found = found.loc[keep].reset_index(drop=True)
    names = [split(str(name)) for name in found["variable"]]
    found = found.assign(variable=[name for name, _ in names], group="posterior", **facts)
    if any(index for _, index in names):
        found["index"] = [index or None for _, index in names]
    numbers = [str(c) for c in found if c in NUMBERS or level(c) is not None]
    found[numbers] = found[numbers].apply(pd.to_numeric, errors="coerce")
    return arranged(standard(found)), notes(left, dropped)


NUMBERS = ("mean", "sd", "mcse_mean", "ess_bulk", "r_hat", "lower", "upper", "interval_prob")


def standard(frame: pd.DataFrame) -> pd.DataFrame:
    """With empty columns for the quantiles that our tables always have."""
    missing = [c for c in ("q05", "q25", "q50", "q75", "q95") if c not in frame]
    return frame.assign(**dict.fromkeys(missing, float("nan")))


def split(name: str) -> tuple[str, str]:
    """A name such as theta[1,2] as variable and index."""
    found = re.match(r"^(.+?)\[(.+)\]$", name)
    return (found[1], found[2]) if found else (name, "")


def notes(columns: list[str], rows: list[str]) -> list[str]:
    """What was left out, in words."""
    told = []
    if columns:
        told.append(f"columns left out: {', '.join(columns)}")
    if rows:
        told.append(f"rows of the sampler left out: {', '.join(rows)}")
    return told
