"""The words around the ranks: whether posteriors can be trusted."""

from __future__ import annotations

import pandas as pd

from uncertainty.views.drawing.shares import percent
from uncertainty.views.drawing.words import counted, few
from uncertainty.views.ranks.table import Ranks

SHAPES = (
    "A line above zero: true values are often low among the draws, so that posteriors are too "
    "high; below zero: too low; above at the left and below at the right: too narrow; the other "
    "way round: too wide."
)


def title(found: Ranks) -> str:
    """Count the parameters whose ranks leave the band."""
    count, out = len(found.panels), found.outside
    if not out:
        every = "the parameter" if count == 1 else f"all {count} parameters"
        return f"The ranks of {every} could well be uniform"
    named = f", farthest “{out[0]}”" if len(out) > 1 else f": “{out[0]}”"
    return f"The ranks of {len(out)} of {counted(count, 'parameter')} are not uniform{named}"


def subtitle(found: Ranks) -> str:
    """Say what is drawn."""
    return (
        f"{counted(found.simulations, 'simulation')}, each true value ranked among "
        f"{counted(found.most, 'draw')}; line: share of ranks below a place, less what it should "
        f"be; grey: where {of_cases(found)} of cases when all is right"
    )


def of_cases(found: Ranks) -> str:
    """Say how often the bands hold."""
    if found.together and len(found.panels) > 1:
        return f"all {len(found.panels)} lines together lie in {percent(found.together)}"
    return f"the whole line lies in {percent(found.level)}"


def notes(found: Ranks, hidden: list[pd.DataFrame]) -> list[str]:
    """Say how it is read, and which parameters have no panel."""
    texts = [
        "A true value drawn from the prior, data simulated from it and the model fitted to them: "
        "if all is right, every rank is equally likely. " + SHAPES
    ]
    count = len(found.panels)
    if count > 1 and not found.together:
        chance = 1 - found.level**count
        texts.append(
            f"Each band is for one parameter: of {count} independent ones at least one leaves it "
            f"in {100 * chance:.0f}% of cases though all is right."
        )
    if hidden:
        names = few([str(rows["label"].iloc[0]) for rows in hidden])
        texts.append(f"{counted(len(hidden), 'more parameter')} without a panel: {names}.")
    return texts


def verdict(rows: pd.DataFrame) -> str:
    """Say in a word whether one parameter stays inside."""
    return "inside" if rows["inside"].iloc[0] else "outside"


def spoken(found: Ranks) -> str:
    """Say the verdict and the largest difference of each parameter, in words."""
    said = []
    for rows in found.panels:
        largest = rows.iloc[int(rows["difference"].abs().to_numpy().argmax())]
        said.append(
            f"{rows['label'].iloc[0]}: {verdict(rows)}, largest difference "
            f"{100 * largest['difference']:.1f}% at {100 * largest['share']:.0f}%"
        )
    return "; ".join(said).replace("-", "−") + "."
