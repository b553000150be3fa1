"""What an observation's error adds: the ends of its whisker."""

from __future__ import annotations

import numpy as np
import pandas as pd

from uncertainty.errors import ResultError

NORMAL_90 = 1.645  # standard deviations from the middle to either end of a 90% interval
STATED, ERROR = "stated", "90% of error"


def with_whiskers(frame: pd.DataFrame) -> pd.DataFrame:
    """Give rows without low and high the ends of the 90% interval of their error.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns value, low, high, error (1 sd, in the unit of the value) and relative_error
        (1 sd of the logarithm), and where there is one vintage_sd (the same, shared by the rows
        of an edition); NaN where not given.

    Returns
    -------
    pandas.DataFrame
        The same rows with low and high filled and a column ends: "stated" for a range of the
        source's own, "90% of error" for one from the error, "" without any.

    Raises
    ------
    ResultError
        When an error is below zero.
    """
    errors = frame[["error", "relative_error"]]
    if (errors < 0).any(axis=None):
        raise ResultError(f"'/observations' hold an error below zero: {errors.min().min():g}")
    stated = frame[["low", "high"]].notna().any(axis=1)
    ends = _ends(frame)
    drawn = ~stated & np.isfinite(ends).all(axis=1)
    filled = frame.assign(ends=np.select([stated, drawn], [STATED, ERROR], ""))
    filled.loc[drawn, ["low", "high"]] = ends[drawn].to_numpy()
    return filled


def _ends(frame: pd.DataFrame) -> pd.DataFrame:
    """Return low and high from the relative error, else from the absolute one.

    What the rows of one edition share counts in the relative error.
    """
    shared = frame["vintage_sd"].fillna(0.0) if "vintage_sd" in frame else 0.0
    factor = np.exp(NORMAL_90 * np.hypot(frame["relative_error"], shared))
    ratio = pd.DataFrame({"low": frame["value"] / factor, "high": frame["value"] * factor})
    reach = NORMAL_90 * frame["error"]
    plain = pd.DataFrame({"low": frame["value"] - reach, "high": frame["value"] + reach})
    both = ratio.where(frame["relative_error"].notna(), plain, axis=0)
    return pd.DataFrame({"low": both.min(axis=1), "high": both.max(axis=1)}).where(both.notna())
