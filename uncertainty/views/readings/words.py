"""The words around the readings: whether it matters how a range was read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from uncertainty.views.drawing import select
from uncertainty.views.drawing.scope import draws_text
from uncertainty.views.drawing.shares import change_text, ordinal, share_text
from uncertainty.views.drawing.words import counted, few, sentence
from uncertainty.views.readings.table import Readings


def title(found: Readings) -> str:
    """State how far one range, and all ranges together, move a quantile at most."""
    when = "" if found.year is None else f" in {found.year}"
    one, every = _largest(found.single), _largest(found.together)
    parts = [_one(found, one)] if one is not None else []
    if every is not None:
        parts.append(f"all ranges together move the {_moved(every)}")
    said = "; ".join(parts) or "no other reading of a range can be told from these draws"
    return f"{found.name}{when}: {said}"


def _one(found: Readings, row: pd.Series) -> str:
    if abs(row["shift"]) > found.limit:
        return f"one range read another way moves the {_moved(row)}"
    ends = " or ".join(ordinal(quantile) for quantile in found.quantiles)
    limit = share_text(found.limit)
    return f"no single range, read another way, moves the {ends} by more than {limit}"


def _moved(row: pd.Series) -> str:
    return f"{ordinal(row['quantile'])} by up to {change_text(row['shift'])}"


def _largest(rows: pd.DataFrame) -> pd.Series | None:
    drawn = rows[rows["drawn"]]
    if drawn.empty:
        return None
    return drawn.iloc[int(drawn["shift"].abs().to_numpy().argmax())]


def subtitle(result: xr.DataTree, found: Readings) -> str:
    """Say what is drawn, from how many draws, and what the whiskers are."""
    attrs = {} if found.draws is None else {"draws": found.draws}
    whiskers = found.table.loc[found.table["drawn"], "shift_mcse"].notna().any()
    kind = "; whiskers: 95% interval of the Monte Carlo error" if whiskers else ""
    what = "Change of a quantile when a range is read another way, against the reading used"
    return select.headed(result, f"{what}; {draws_text(attrs)}{kind}")


def notes(found: Readings) -> list[str]:
    """Say what a reading is, and count all that is not drawn."""
    meaning = (
        "A reading makes a distribution of the two numbers that a source gives; all other "
        f"distributions stay as they are. Grey: within ±{share_text(found.limit)}, too little "
        "to matter. Numbers stand at marks beyond it and at the largest of each row."
    )
    return [meaning, *_on_together(found), *_on_hidden(found), *_on_untold(found)]


def _on_together(found: Readings) -> list[str]:
    """Say how many ranges change; the part after the semicolon once if it is always the same."""
    rows = found.together[found.together["drawn"] & (found.together["note"] != "")]
    pairs = dict(zip(rows["reading"], rows["note"], strict=True))
    tails = {note.partition("; ")[2] for note in pairs.values()}
    if not pairs:
        return []
    if len(tails) > 1:
        return ["All ranges: " + "; ".join(f"{k}: {note}" for k, note in pairs.items()) + "."]
    heads = "; ".join(f"{k}, {note.partition('; ')[0]}" for k, note in pairs.items())
    return [f"All ranges: {heads}." + "".join(f" {sentence(tail)}." for tail in tails if tail)]


def _on_hidden(found: Readings) -> list[str]:
    """Count the parameters that have no row, and how many of them stay within the limit."""
    rows = found.single[found.single["told"] & np.isfinite(found.single["shift"])]
    sizes = rows[~rows["drawn"]].groupby("parameter")["shift"].agg(lambda s: s.abs().max())
    if sizes.empty:
        return []
    beyond = int((sizes > found.limit).sum())
    most = f"at most {change_text(float(sizes.max())).lstrip('+')}".replace("at most <", "below ")
    more = f"{counted(len(sizes), 'more parameter')} without a row"
    if not beyond:
        return [f"{more}: within the limit, {most}."]
    within = len(sizes) - beyond
    return [f"{more}: {within} within the limit, {beyond} beyond it, by {most}."]


def _on_untold(found: Readings) -> list[str]:
    """Count the readings that say nothing, and the changes that have no size."""
    cases = found.table.drop_duplicates(["parameter", "reading"])
    untold = cases[~cases["told"]]
    notes = []
    if len(untold):
        count = counted(len(untold), "reading", ("is", "are"))
        notes.append(
            f"{count} not drawn, since these draws cannot tell them (too few would count, or they "
            f"lie beyond the draws): {few(list(dict.fromkeys(untold['label'])))}."
        )
    blank = int((found.table["told"] & ~np.isfinite(found.table["shift"])).sum())
    if blank:
        changes = counted(blank, "change", ("has", "have"))
        notes.append(f"{changes} no size, since the quantile itself is zero.")
    return notes


def spoken(found: Readings) -> str:
    """Say the largest change of each parameter drawn, in words."""
    drawn = found.table[found.table["drawn"]]
    if drawn.empty:
        return "Nothing can be drawn."
    worst = drawn.loc[drawn["shift"].abs().groupby(drawn["parameter"], sort=False).idxmax()]
    said = (
        f"{row['label']}, {row['reading']}: {ordinal(row['quantile'])} {change_text(row['shift'])}"
        for row in select.records(worst)
    )
    return "; ".join(said) + "."
