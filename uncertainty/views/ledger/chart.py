"""What the uncertainty of an outcome rests on: its variance by grade, best source or publisher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from uncertainty.views.drawing import select
from uncertainty.views.drawing.style import styled
from uncertainty.views.ledger import words
from uncertainty.views.ledger.areas import draw_ledger_areas
from uncertainty.views.ledger.bars import draw_ledger_bars
from uncertainty.views.ledger.table import area_table, bar_table, ledger_of


def ledger_chart(
    result: xr.DataTree,
    outcome: str,
    *,
    by: str = "grade",
    at: Mapping[str, Any] | None = None,
) -> tuple[Figure, pd.DataFrame]:
    """Draw what the uncertainty of an outcome rests on.

    An outcome over years gets stacked areas; a single cell gets ranked bars with intervals.

    Parameters
    ----------
    result : xarray.DataTree
        Needs `/ledger/<outcome>`.
    outcome : str
        Name of the outcome.
    by : {"grade", "evidence", "source"}
        Order of the ledger: the grade of a number as used here, the grade of the best source
        behind it, or its publisher.
    at : mapping, optional
        Exact coordinates of all dims, such as ``{"year": 2030}``, or of all but year.

    Returns
    -------
    figure : matplotlib.figure.Figure
    table : pandas.DataFrame
        See `uncertainty.views.ledger.table.bar_table` and `area_table`.

    Raises
    ------
    ResultError
        When the result lacks what is asked for, or the outcome does not vary there.
    """
    ledger = ledger_of(result, outcome, by, at)
    table = area_table(ledger) if ledger.over_years else bar_table(ledger)
    subtitle = select.headed(result, words.subtitle(ledger))
    with styled():
        draw = draw_ledger_areas if ledger.over_years else draw_ledger_bars
        return draw(ledger, table, subtitle), table
