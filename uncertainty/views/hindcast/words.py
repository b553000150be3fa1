"""The words around a hindcast: how many observations were held, and how the marks are read."""

from __future__ import annotations

from collections.abc import Iterator

import xarray as xr

from uncertainty.views.drawing import select
from uncertainty.views.drawing.numbers import Scale
from uncertainty.views.drawing.scope import draws_text
from uncertainty.views.drawing.shares import percent
from uncertainty.views.drawing.words import counted, few
from uncertainty.views.hindcast.table import LATER, PREDICTION, WALK, Hindcast


def title(found: Hindcast) -> str:
    """Count the later observations that the intervals held."""
    count = len(found.rows(LATER))
    where = f" ({found.place})" if found.place else ""
    lie = "lies" if count == 1 else "lie"
    said = "the later observation" if count == 1 else f"{found.held} of {count} later observations"
    held = "in its" if count == 1 and found.held else "outside its" if count == 1 else "in their"
    return f"{found.name}{where}, fitted to {found.fit_to}: {said} {lie} {held} 90% interval"


def subtitle(result: xr.DataTree, found: Hindcast) -> str:
    """Say what the bands are and from how many draws."""
    attrs = result["fit/calibration/intervals"].attrs
    masses = " and ".join(percent(mass) for mass in sorted(found.bands.masses))
    line = f"{draws_text(attrs)}; bands: {masses} intervals of the outcome itself; line: median"
    return select.headed(result, line)


def notes(found: Hindcast, scale: Scale) -> Iterator[str]:
    """Say how marks and intervals are read, and what is not drawn."""
    yield (
        "Open marks were observed later and not fitted. The bar at each is the 90% interval of "
        "that observation: of the outcome, of what its source counts otherwise, and of its error. "
        "So it is wider than the band and may lie beside it."
    )
    if len(found.rows(WALK)):
        yield (
            "Random walk with drift: what the years up to then alone would have said, its drift "
            "and scatter unknown."
        )
    lacking = len(found.rows(PREDICTION)) - len(found.rows(WALK))
    if lacking:
        yield f"Without a random walk: {counted(lacking, 'row', ('has', 'have'))} too few years."
    cut = found.table[found.table["mark"] == "arrow"]
    if len(cut):
        ends = [f"{row['series']} {row['year']:g} up to {scale.full(row['high'])}"
                if row["high"] == row["high"] else f"{row['label']} {scale.full(row['value'])}"
                for row in select.records(cut)]  # fmt: skip
        yield f"Arrows: beyond the axis ({few(ends)})."
    if found.others:
        yield f"Not drawn: {counted(found.others, 'later row')} of growth or shares."
    yield (
        "Given this model and these priors; shocks, policy to come and faults of the model itself "
        "are in what was observed, not in the bands."
    )


def spoken(found: Hindcast, scale: Scale) -> str:
    """Say each later observation with its interval, in words."""
    pairs = zip(
        select.records(found.rows(LATER)), select.records(found.rows(PREDICTION)), strict=True
    )
    said = (
        f"{seen['year']:g}, {seen['label']}: observed {scale.full(seen['value'])}, predicted "
        f"{scale.text(row['low'])} to {scale.full(row['high'])}"
        for seen, row in pairs
    )
    return "; ".join(said) + "."
