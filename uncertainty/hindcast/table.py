"""The table of a hindcast: one row for each observation that came later, with all its scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.arrays import Array
from uncertainty.evidence import as_text
from uncertainty.hindcast.predicted import Predicted
from uncertainty.hindcast.scores import (
    MASSES,
    RANGE_MASS,
    central,
    crps,
    inside,
    interval_score,
    judged,
    scaled,
)
from uncertainty.hindcast.series import back, benchmark
from uncertainty.hindcast.splitting import Split, published_year

if TYPE_CHECKING:
    import pandas as pd

#: What a scored row is, in front of its scores.
FACTS = ("row", "outcome", "place", "year", "kind", "label", "source", "published", "unit")


def scored_table(split: Split, predicted: Predicted, study: str) -> pd.DataFrame:
    """Each scored row with what the fit, the prior alone and the random walk said of it.

    Returns
    -------
    pandas.DataFrame
        study, what the row is (row, outcome, place, year, kind, label, source, published, unit),
        horizon (years after the year fitted to), observed; of the fit the columns of
        `scores.judged`; `prior_...` and `walk_...` the same for the prior alone and the walk
        (its scores on the log scale only, see `walk_scores`), walk_series, walk_points;
        `ratio` (crps_log over walk_crps_log).
    """
    rows = split.scored
    observed, kinds = rows["value"].to_numpy(dtype=float), rows["kind"].tolist()
    label = rows["label"].where(rows["label"] != "", rows["source"])
    table = rows.assign(label=label)[list(FACTS)].reset_index(drop=True)
    table.insert(0, "study", study)
    table["horizon"] = table["year"].astype(int) - split.fit_to
    table["observed"] = observed
    prior = judged(predicted.prior, observed, kinds)
    table = table.assign(
        **judged(predicted.posterior, observed, kinds),
        **{f"prior_{name}": values for name, values in prior.items()},
        **walk_scores(split, observed, kinds),
    )
    return table.assign(ratio=table["crps_log"] / table["walk_crps_log"])


def walk_scores(split: Split, observed: Array, kinds: list[str]) -> dict[str, Any]:
    """What the random walk said of each scored row.

    Its prediction is a Student t on the scale of logarithms; back in units its tails are so heavy
    that the mean and the CRPS of the exact distribution are infinite. So the CRPS is taken on the
    log scale alone; medians, intervals and interval scores are in units.
    """
    made = [benchmark(row, split.known) for row in split.scored.to_dict("records")]
    logs = np.stack([one.quantiles for one in made])
    units = np.stack([back(one.quantiles, kind) for one, kind in zip(made, kinds, strict=True)])
    found: dict[str, Any] = {"walk_median": np.median(units, axis=-1)}
    for mass in MASSES:
        low, high = central(units, mass)
        name = f"{100 * mass:g}"
        found |= {
            f"walk_low_{name}": low,
            f"walk_high_{name}": high,
            f"walk_inside_{name}": inside(observed, low, high),
            f"walk_interval_score_{name}": interval_score(observed, low, high, mass),
        }
    found["walk_crps_log"] = crps(logs, scaled(observed, kinds), quantiles=True)
    found["walk_series"] = [one.series for one in made]
    found["walk_points"] = [one.points for one in made]
    return found


def projected_table(
    projections: pd.DataFrame | None, table: pd.DataFrame, dims: dict[str, tuple[str, ...]], to: int
) -> tuple[pd.DataFrame, int]:
    """Published projections known by the year fitted to, beside the rows that they were for.

    A point is scored by its absolute error, which is the CRPS of a point; a range of low and high
    by the score of a 90% interval, which is our reading: its author attached no probability.

    Returns
    -------
    pandas.DataFrame
        One row for each pair of a scored level and a projection published by then: row, outcome,
        place, year, projection, published, value, low, high, observed, error, interval_score,
        beside crps and interval_score_90 of the fit.
    int
        Projections of those rows that do not say when they were published.
    """
    import pandas as pd

    columns = ["row", "outcome", "place", "year", "observed", "projection", "published", "value",
               "low", "high", "error", "interval_score", "crps", "interval_score_90"]  # fmt: skip
    found, undated = [], set()
    rows = table[table["kind"] == "level"].to_dict("records")
    for i, line in enumerate([] if projections is None else projections.to_dict("records")):
        when = published_year(line["published"])
        place = ", ".join(
            as_text(line[d]) for d in dims.get(str(line["outcome"]), ()) if d != "year"
        )
        key = (line["outcome"], place, line.get("year"))
        for row in (r for r in rows if (r["outcome"], r["place"], r["year"]) == key):
            if np.isnan(when):
                undated.add(i)
            elif when <= to:
                found.append(row | beside(row, line))
    return pd.DataFrame(found, columns=columns), len(undated)


def beside(row: dict[Any, Any], line: dict[Any, Any]) -> dict[Any, Any]:
    """The scores of one projection of one row."""
    observed, low, high = (
        np.array([float(x)]) for x in (row["observed"], line["low"], line["high"])
    )
    return {
        "projection": line["label"] or line["source"],
        "published": line["published"],
        "value": line["value"],
        "low": line["low"],
        "high": line["high"],
        "error": abs(float(line["value"]) - row["observed"]),
        "interval_score": interval_score(observed, low, high, RANGE_MASS)[0],
    }
