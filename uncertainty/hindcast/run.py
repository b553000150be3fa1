"""The run of a hindcast: split, set anew, fit, predict what was held back, score."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.contents import overlay
from uncertainty.errors import StudyError
from uncertainty.evidence import Evidence
from uncertainty.hindcast import summed
from uncertainty.hindcast.observed import Observed
from uncertainty.hindcast.predicted import Predicted
from uncertainty.hindcast.rebased import Setting, Wishes, rebased, within
from uncertainty.hindcast.splitting import Split, published_year, spanned
from uncertainty.hindcast.table import projected_table, scored_table
from uncertainty.study import Study

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: Quantiles that the fan of a hindcast shows.
PROBABILITIES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
#: Groups of the fit that a hindcast keeps.
KEPT = ("posterior", "held_back", "calibration", "parameters", "intervals")

#: Fits, as `calibrate` does; takes model, space, evidence and by name held_back, draws, ...
Fit = Callable[..., "xr.DataTree"]


@dataclass(frozen=True)
class Plan:
    """What is fitted and what is scored, before anything is computed.

    Attributes
    ----------
    split : Split
    setting : Setting
    known, scored : Evidence
        The rows of `split` as the table has them, in their own units.
    left_out : {reason: rows}
    """

    split: Split
    setting: Setting
    known: Evidence
    scored: Evidence
    left_out: Mapping[str, int]

    @property
    def hindsight(self) -> Iterator[str]:
        """How many of the fitted rows were published only later."""
        dates = self.known.frame["published"].map(published_year).astype(float)
        late = int((dates > self.split.fit_to).sum())
        if late:
            verb = "was" if late == 1 else "were"
            yield f"of these {summed.rows_of(late)} {verb} published after {self.split.fit_to}"

    @property
    def notes(self) -> Iterator[str]:
        """What was set anew and what was left out, a sentence a line."""
        rule = "and published by then" if self.split.as_published else "by the year observed"
        yield (
            f"fitted to {summed.rows_of(len(self.known.frame))} up to {self.split.fit_to} ({rule})"
            f"; scored: {summed.rows_of(len(self.split.scored))} up to {self.split.until}"
        )
        yield from self.hindsight
        yield from self.setting.notes
        for reason, count in self.left_out.items():
            yield f"left out, {summed.rows_of(count)}: {reason}"


def plan(
    study: Study,
    fit_to: int,
    *,
    until: int | None = None,
    since: int | None = None,
    as_published: bool = False,
    evidence: Evidence | None = None,
) -> Plan:
    """Say what a hindcast would fit and score; arguments as in `hindcast`."""
    wishes = Wishes.of(study)
    evidence = evidence_of(study) if evidence is None else evidence
    observed = Observed.of(evidence, study.make_model(None))
    table = observed.table
    if wishes.outcomes is not None:
        table = table[table["outcome"].isin(wishes.outcomes)]
    last = wishes.until if until is None else until
    split = Split.of(table, fit_to, until=last, as_published=as_published)
    setting = rebased(study, split, since)
    kept, gone = within(split, setting.model)
    if kept.known.empty or kept.scored.empty:
        which = "known" if kept.known.empty else "to score"
        years = list(setting.model.coords.get("year", ()))
        reach = f"{years[0]} to {years[-1]}" if years else "no years"
        msg = f"fit to {fit_to}: no row {which} is within the model, {reach}; {spanned(table)}"
        raise StudyError(msg)
    parts = [Evidence(evidence.frame.loc[part.index]) for part in (kept.known, kept.scored)]
    left_out = {**observed.lacking, **split.left_out, **gone}
    # The walk may look back further than the model: it sees all that was known.
    return Plan(replace(kept, known=split.known), setting, parts[0], parts[1], left_out)


def evidence_of(study: Study) -> Evidence:
    """All rows of the table that the study is calibrated to, else of its observations."""
    row = study.row
    name = row.calibration.evidence if row.calibration else row.overlays.observations
    if name is None:
        msg = (
            f"{study.name} has no observations to fit and to score; name a table in the study, "
            'overlays = { observations = "observations.csv" }'
        )
        raise StudyError(msg)
    return Evidence.from_csv(Path(study.document.path).parent / name)


def hindcast(
    study: Study,
    fit_to: int,
    *,
    until: int | None = None,
    since: int | None = None,
    as_published: bool = False,
    draws: int = 1000,
    chains: int = 4,
    seed: int | None = None,
    evidence: Evidence | None = None,
    fit: Fit | None = None,
    **settings: Any,
) -> xr.DataTree:
    """Fit a study to what was known up to a year and score what was observed later.

    Parameters
    ----------
    study : Study
    fit_to : int
        Last year whose observations are fitted.
    until, since : int, optional
        Last year that is scored, first year that is fitted. Else the last observed year, and the
        first known year, at most ten years before `fit_to`.
    as_published : bool
        Count a row as known only once it was published; rows that do not say when are left out.
    draws, chains : int
        Of the fit.
    seed : int, optional
        Of the fit; the study's if not given.
    evidence : Evidence, optional
        Observations in place of the study's own.
    fit : callable, optional
        What fits, in place of `calibrate`; called with model, space and evidence, and by name
        held_back, outcomes, probabilities, draws, chains, seed.
    **settings
        Further arguments of `fit`.

    Returns
    -------
    xarray.DataTree
        `/scores` over `row` (see `table.scored_table`), `/coverage` and `/skill` over `row` (see
        `summed`), `/projections` over `row` (see `table.projected_table`), `/known` over `row`
        (the rows known by then), `/fit` with posterior, calibration and held_back; attributes
        study, fit_to, until, since, as_published, seed, notes and words (JSON lists).

    Raises
    ------
    EvidenceError, StudyError
        When there is nothing up to the year or nothing after it, or no such study of it can be
        made.

    Examples
    --------
    >>> import uncertainty as un
    >>> made = plan(un.open_study("china-computing-2035"), 2022)
    >>> made.split.fit_to, bool(len(made.known.frame)), bool(len(made.scored.frame))
    (2022, True, True)
    """
    made = plan(
        study, fit_to, until=until, since=since, as_published=as_published, evidence=evidence
    )
    seed = study.row.seed if seed is None else seed
    names = list(dict.fromkeys([*made.known.frame["outcome"], *made.scored.frame["outcome"]]))
    tree = (fit or calibrated())(
        made.setting.model,
        made.setting.space,
        made.known,
        held_back=made.scored,
        outcomes=names,
        probabilities=PROBABILITIES,
        draws=draws,
        chains=chains,
        seed=seed,
        **{**sampling(study), **settings},
    )
    return result(study, made, tree, seed)


def sampling(study: Study) -> dict[str, Any]:
    """How the study's own calibration is sampled, where it has one."""
    row = study.row.calibration
    keys = ("tune", "sampler", "target_accept", "robust")
    return {key: getattr(row, key) for key in keys} if row else {}


def calibrated() -> Fit:
    """The package's own fit, imported on first use."""
    from uncertainty.calibration.run import calibrate

    return calibrate


def result(study: Study, made: Plan, tree: xr.DataTree, seed: int) -> xr.DataTree:
    """The result of a hindcast from its plan and its fit."""
    import xarray as xr

    split = made.split
    table = scored_table(split, Predicted.of(tree, split.scored), study.name)
    dims = dict(study.make_model(None).dims)
    projected, undated = projected_table(study.projections, table, dims, split.fit_to)
    notes = list(made.notes)
    if undated:
        ones = f"{undated} projection{'' if undated == 1 else 's'}"
        notes.append(f"left out, {ones} of these rows: publication year unknown")
    found: dict[str, Any] = {
        "/scores": dataset(table),
        "/coverage": dataset(summed.coverage(table)),
        "/skill": dataset(summed.skill(table)),
        "/known": overlay(split.known),
    }
    found |= {"/projections": dataset(projected)} if len(projected) else {}
    found |= {f"/fit/{name}": tree[name] for name in KEPT if name in tree.children}
    out = xr.DataTree.from_dict(found)
    words = [*fit_words(tree), *summed.words(table, split.fit_to), *projection_words(projected)]
    out.attrs = {
        **facts(study, made, seed),
        "notes": json.dumps(notes),
        "words": json.dumps(words),
    }
    out["fit"].attrs = dict(tree.attrs)
    return out


def facts(study: Study, made: Plan, seed: int) -> dict[str, Any]:
    """Attributes that say what was asked."""
    split, years = made.split, made.setting.model.coords.get("year", ())
    return {
        "study": study.name,
        "study_title": study.row.title,
        "study_sha256": study.sha256,
        "fit_to": split.fit_to,
        "until": split.until,
        "since": int(min(years)),
        "as_published": int(split.as_published),
        "seed": seed,
    }


def fit_words(tree: xr.DataTree) -> list[str]:
    """A warning first when the fit did not converge, in its own words."""
    if int(tree.attrs.get("converged", 1)):
        return []
    said = json.loads(tree.attrs.get("calibration", "{}")).get("words", [])
    return ["the chains of the fit do not agree, take all scores with care", *said]


def projection_words(projected: pd.DataFrame) -> list[str]:
    """How the fit did against the points published by then."""
    points = projected.dropna(subset=["error"])
    if points.empty:
        return []
    ours, theirs = points["crps"].mean(), points["error"].mean()
    verb = "beats" if ours < theirs else "loses to" if ours > theirs else "does as well as"
    return [
        f"the model {verb} points published by then ({len(points)}): mean CRPS {ours:.3g} "
        f"against a mean error of {theirs:.3g} (the CRPS of a point)"
    ]


def dataset(table: pd.DataFrame) -> xr.Dataset:
    """A table as a dataset over `row`; the line of the observation is called `line`."""
    import xarray as xr

    columns = {
        "line" if name == "row" else str(name): (
            "row",
            column.to_numpy(dtype=float)
            if column.dtype.kind in "fiub"
            else np.array([str(x) for x in column], dtype=object),
        )
        for name, column in table.items()
    }
    return xr.Dataset(columns)


def hindcast_table(tree: xr.DataTree) -> pd.DataFrame:
    """The scored rows of a hindcast as a table, for CSV: see `table.scored_table`."""
    frame = tree["scores"].to_dataset().to_dataframe().reset_index(drop=True)
    whole = ["line", "year", "horizon", "walk_points"]
    return frame.astype(dict.fromkeys(whole, int))
