"""The words around the failures: how many runs failed, and which parameter tells where."""

from __future__ import annotations

import xarray as xr

from uncertainty.views.drawing import select
from uncertainty.views.drawing.shares import fine_share_text
from uncertainty.views.drawing.words import counted, few
from uncertainty.views.failures.table import CHANCE, Failures

REPEATED = 0.5  # of the failed runs; where they are worth less, a note says so
MEANING = (
    "Grey bars: values of all runs; bars below the line: of failed runs; each set to its own "
    "highest bar. Distance (Kolmogorov-Smirnov): the most by which the shares of failed runs and "
    "of all runs below any one value differ, 0 alike to 1 apart."
)
ALONE = (
    "Each parameter is looked at alone: failures that take two together may show in neither. "
    "p: how often chance alone would give such a distance"
)


def title(found: Failures) -> str:
    """Count the failed runs and name the parameter that tells most about them."""
    first = found.drawn[0]
    if first["rank"] != 1:
        tells = "no single parameter tells where"
    else:
        place = found.samples[first["parameter"]].place
        tells = f"{first['label']} tells most: {place.short}"
    return f"{_failed(found)} failed; {tells}"


def _failed(found: Failures) -> str:
    return f"{found.failed:,} of {counted(found.runs, 'model run')}"


def subtitle(result: xr.DataTree, found: Failures) -> str:
    """Say what is held against what."""
    kept = counted(len(found.reasons), "failed run")
    which = f"the first {kept}" if len(found.reasons) < found.failed else kept
    tried = len(next(iter(found.samples.values())).tried)
    share = fine_share_text(found.failed / found.runs)
    line = f"Where the model fails: {share} of its runs; values of {which} against"
    return select.headed(result, f"{line} {tried:,} of all runs, failed ones among them")


def notes(found: Failures) -> list[str]:
    """Say how to read the rows, and what has none."""
    grey = found.table["rank"].isna()
    level = CHANCE / len(found.table)
    among = counted(len(found.table), "parameter")
    shared = f" ({CHANCE:g} shared among {among})" if len(found.table) > 1 else ""
    unsure = f"; above {level:.2g}{shared} the row is grey"
    texts = [MEANING, f"{ALONE}{unsure if grey.any() else ''}."]
    hidden = found.table[~found.table["drawn"]]
    if len(hidden):
        most = f"distance at most {hidden['ks'].max():.2f}"
        chance = int(hidden["rank"].isna().sum())
        texts.append(f"{counted(len(hidden), 'more parameter')} not drawn, {chance} grey; {most}.")
    return [*texts, *_repeats(found), *_left_out(found)]


def _repeats(found: Failures) -> list[str]:
    """Say so where a design used the same values again and again."""
    if found.worth > REPEATED * len(found.reasons):
        return []
    return [
        "The failed runs share values, since a design uses them again: their p is that of "
        f"{counted(max(1, round(found.worth)), 'different value')}."
    ]


def _left_out(found: Failures) -> list[str]:
    """Name the parameters that are not compared at all."""
    kinds = {"Several numbers each": found.several, "The same in all runs": found.fixed}
    return [f"{why}, left out: {few(names)}." for why, names in kinds.items() if names]


def spoken(found: Failures) -> str:
    """Say where failed runs lie, in words."""
    said = [
        f"{row['label']}: distance {row['ks']:.2f}, {row['where']}"
        for row in found.drawn
        if row["rank"] == row["rank"]
    ]
    return f"{'. '.join(said)}." if said else "No parameter is told apart from chance."
