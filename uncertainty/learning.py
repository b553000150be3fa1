"""Learning: the part of a study's run in which its model is calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from math import prod
from typing import TYPE_CHECKING, Any

from uncertainty.evidence import Evidence
from uncertainty.maker import Maker
from uncertainty.model import Model
from uncertainty.schema import CalibrationRow
from uncertainty.space import Space

if TYPE_CHECKING:
    import pandas as pd

    from uncertainty.calibration.assembly import Explained
    from uncertainty.study import Study


#: Among the groups that are added: attributes of the root.
ATTRS = "@"


def structures(space: Space) -> int:
    """How many combinations the choices of a space have."""
    values = (p.parameters["values"] for p in space.priors.values() if p.family == "choice")
    return prod(len(found) for found in values if isinstance(found, tuple))


def chosen(evidence: Evidence, row: CalibrationRow, make: Maker, model: Model) -> Evidence:
    """The rows that a study wants fitted, once the model is known to give them all.

    Raises
    ------
    EvidenceError
        With every row that names what the model lacks.
    """
    frame = evidence.frame
    if row.outcomes is not None:
        frame = frame[frame["outcome"].isin(row.outcomes)]
    if row.since is not None and "year" in frame:
        frame = frame[frame["year"] >= row.since]
    found = Evidence(frame)
    spanned = make(None, since=first_year(frame)) if "year" in model.coords else model
    found.fitted(spanned.outcomes, spanned.dims, spanned.coords)
    return found


def first_year(frame: pd.DataFrame) -> int | None:
    """The first year that the model must have: growth needs the one before."""
    if "year" not in frame or frame["year"].isna().all():
        return None
    return int((frame["year"] - (frame["kind"] == "growth")).min())


def last_year(frame: pd.DataFrame) -> int | None:
    """The last year that is observed."""
    if "year" not in frame or frame["year"].isna().all():
        return None
    return int(frame["year"].max())


def learn(study: Study, executor: Executor | None, journal: Any) -> tuple[dict[str, Any], int]:
    """The groups that a calibration adds to a study's result, and how many model runs it took."""
    from uncertainty.calibration.assembly import calibration_attrs, posterior_groups, prior_side
    from uncertainty.calibration.fit import Settings
    from uncertainty.calibration.run import fitted, wide_door
    from uncertainty.propagate import checked_thresholds

    row, evidence = study.row.calibration, study.evidence
    assert row is not None
    assert evidence is not None
    settings = Settings(
        row.draws,
        row.tune,
        row.chains,
        study.row.seed,
        row.sampler,
        row.target_accept,
        row.keep,
    )
    found = fitted(
        fit_model(study, evidence.frame),
        study.space,
        evidence,
        settings,
        robust=row.robust,
        journal=journal,
    )
    model = study.make_model(study.row.outcomes, since=since(study, evidence.frame))
    door = wide_door(found, model, study.row.outcomes)
    limits = checked_thresholds(study.thresholds, door.outcomes)
    levels = tuple(study.probabilities)
    explain = explained(study, door.outcomes)
    groups = posterior_groups(found, door, levels, limits, explain, executor)
    groups |= prior_side(found, door, levels, executor)
    return {**groups, ATTRS: calibration_attrs(found)}, 0


def explained(study: Study, outcomes: Sequence[str]) -> Explained:
    """The headline's outcome in the headline's years, where there is a headline."""
    from uncertainty.calibration.assembly import Explained

    wish = study.row.headline
    if wish is None or wish.outcome not in outcomes:
        return Explained()
    return Explained(wish.outcome, {"year": wish.years})


def since(study: Study, frame: pd.DataFrame) -> int | None:
    """The first year that is computed, where the model has years: the first observed."""
    if study.row.horizon is None:
        return None
    found = first_year(frame)
    return None if found is None else min(found, study.row.horizon[0])


def fit_model(study: Study, frame: pd.DataFrame) -> Model:
    """The model over the years that are observed only, with the outcomes that are."""
    outcomes: Sequence[str] = list(dict.fromkeys(frame["outcome"]))
    if study.row.horizon is None:
        return study.make_model(outcomes)
    base, last = study.row.horizon
    end = min(max(last_year(frame) or base, base + 1), last)
    return study.make_model(outcomes, horizon=(base, end), since=since(study, frame))
