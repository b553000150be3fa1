"""Rebased: a study's model and priors as they would have stood in an earlier year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from uncertainty.catalogue import Entry, merged
from uncertainty.errors import StudyError
from uncertainty.hindcast.splitting import Split
from uncertainty.learning import first_year
from uncertainty.maker import Factory
from uncertainty.model import Model, signature
from uncertainty.names import listed
from uncertainty.prior import Prior
from uncertainty.reading import open_catalogues
from uncertainty.space import Space
from uncertainty.study import Study
from uncertainty.units import factor

if TYPE_CHECKING:
    import pandas as pd

#: Most years before the year fitted to of which rows are fitted, unless asked for otherwise.
HISTORY = 10
#: The parameter that says how high the base year is, and the outcome that it is a level of.
BASE, LEVEL = "base_electricity", "electricity"
#: Years whose rows centre the prior of the base year, and its sd in logs.
RECENT, BASE_SD = 5, 0.8
#: A model that can be moved in time takes these.
MOVES = ("horizon", "since")


@dataclass(frozen=True)
class Setting:
    """Model and priors of a hindcast.

    Attributes
    ----------
    model : Model
        With the outcomes of the known and scored rows only.
    space : Space
    notes : tuple of str
        What was set otherwise than in the study.
    """

    model: Model
    space: Space
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Wishes:
    """What the `[hindcast]` table of a study says, or its defaults."""

    priors: Sequence[str] = ()
    outcomes: Sequence[str] | None = None
    until: int | None = None

    @classmethod
    def of(cls, study: Study) -> Wishes:
        """From a study; the defaults if it has no such table."""
        row: Any = getattr(study.row, "hindcast", None)
        return cls() if row is None else cls(tuple(row.priors), row.outcomes, row.until)


def movable(study: Study) -> bool:
    """Whether the study's model can be made for another base year, with a history before it."""
    make = study.make_model
    return isinstance(make, Factory) and all(name in signature(make.function) for name in MOVES)


def rebased(study: Study, split: Split, since: int | None = None) -> Setting:
    """The setting of a hindcast.

    A model that takes `horizon` and `since` is made anew: its base year is the year fitted to,
    its history begins with `since`. Its priors are the study's, then those of the catalogues that
    the study lists for hindcasts, and the base year's level is centred on the rows known. Any
    other model, and its priors, stay as they are.
    """
    names = list(dict.fromkeys([*split.known["outcome"], *split.scored["outcome"]]))
    if not movable(study):
        return Setting(study.make_model(names), study.space, tuple(kept(study)))
    first = begins(split, since)
    horizon = (split.fit_to, max(int(split.scored["year"].max()), split.fit_to + 1))
    entries, notes = priors_of(study, split)
    space, lost = spanned_by(entries, study)
    made = study.make_model(names, horizon=horizon, since=first)
    moved = f"the model has the base year {split.fit_to} and a history from {first}"
    return Setting(made, space, (moved, *notes, *lost))


def spanned_by(entries: Mapping[str, Entry], study: Study) -> tuple[Space, list[str]]:
    """The space of entries, with those correlations whose parameters still vary."""
    priors = {name: entry.prior for name, entry in entries.items()}
    rigid = {n for n, prior in priors.items() if prior.width != 1 or prior.family == "choice"}
    pairs = study.space.correlation
    kept = {pair: rank for pair, rank in pairs.items() if not rigid & set(pair)}
    lost = [" with ".join(pair) for pair in pairs if pair not in kept]
    words = f"no correlation of {listed(lost)}: one of them is no longer a continuous prior"
    return Space(priors, kept), [words] if lost else []


def kept(study: Study) -> list[str]:
    """That a model which cannot be moved in time leaves the priors for hindcasts unused."""
    wished = Wishes.of(study).priors
    words = (
        f"the model takes no {listed(MOVES)}, so that model and priors stay as they are; the "
        f"priors of {listed(wished)} are not used"
    )
    return [words] if wished else []


def begins(split: Split, since: int | None) -> int:
    """First year of the history: as asked, or of the first known row, at most ten years back."""
    if since is not None and since > split.fit_to:
        msg = f"since {since}: must not come after {split.fit_to}, up to which is fitted"
        raise StudyError(msg)
    if since is not None:
        return since
    return max(first_year(split.known) or split.fit_to, split.fit_to - HISTORY)


def priors_of(study: Study, split: Split) -> tuple[dict[str, Entry], list[str]]:
    """The study's entries with those for hindcasts, and the base year's from the rows known."""
    wished = list(Wishes.of(study).priors)
    catalogues, _, faults = open_catalogues(study.document, wished)
    if faults:
        raise StudyError(faults)
    other = {n: e for c in catalogues for n, e in c.entries.items() if n not in study.row.leave_out}
    notes = [
        f"priors of {listed(wished)} replace the study's: {listed(other, 40)}"
        if other
        else f"the study's priors were set for now and may know of years after {split.fit_to}"
    ]
    entries = merged([study.entries, other])
    if BASE in entries:
        entries[BASE], words = based(entries[BASE], split)
        notes.append(words)
    return entries, notes


def based(entry: Entry, split: Split) -> tuple[Entry, str]:
    """The base year's level, lognormal about the median of the last known levels."""
    rows = recent(split)
    if rows.empty:
        words = f"no level of {LEVEL} is known up to {split.fit_to}: {BASE} keeps its prior"
        return entry, words
    scale = factor(str(rows["unit"].iloc[0]), entry.prior.unit)
    mu = float(np.median(np.log(scale * rows["value"].to_numpy(dtype=float))))
    years = sorted({int(year) for year in rows["year"]})
    reading = (
        f"Set by the hindcast from the rows known: the median, in logs, of {len(rows)} levels of "
        f"{listed(years)}; sd {BASE_SD:g} in logs, which leaves the level to the evidence."
    )
    old = entry.prior
    prior = Prior("lognormal", mu=mu, sigma=BASE_SD, unit=old.unit, label=old.label,
                  group=old.group, reading=reading)  # fmt: skip
    made = replace(entry, prior=prior, grade="assumption", catalogue="hindcast", replaces=entry)
    words = (
        f"{BASE} is set by the hindcast from the rows known: median {np.exp(mu):.4g} {old.unit} of "
        f"{len(rows)} levels of {listed(years)}, sd {BASE_SD:g} in logs"
    )
    return made, words


def recent(split: Split) -> pd.DataFrame:
    """Known levels above zero of the last five years; of the last year with one, if none are."""
    known = split.known
    levels = known[(known["outcome"] == LEVEL) & (known["kind"] == "level") & (known["value"] > 0)]
    levels = levels[levels["place"] == ""]
    near = levels[levels["year"] > split.fit_to - RECENT]
    return levels[levels["year"] == levels["year"].max()] if near.empty else near


def within(split: Split, model: Model, since: int | None = None) -> tuple[Split, Mapping[str, int]]:
    """The rows whose year the model has; growth needs the year before too."""
    years = {int(year) for year in model.coords.get("year", ())}
    reasons: dict[str, int] = {}

    def fits(table: pd.DataFrame, name: str) -> pd.DataFrame:
        at = table["year"].astype(int)
        fit = at.isin(years) & ((table["kind"] != "growth") | (at - 1).isin(years))
        gone = sorted(at[~fit].tolist())
        if gone:
            words = f"{name}, of {listed(dict.fromkeys(gone))}, which the model does not reach"
            reasons[words] = len(gone)
        return table[fit]

    known, scored = fits(split.known, "known"), fits(split.scored, "to score")
    return replace(split, known=known, scored=scored), reasons
