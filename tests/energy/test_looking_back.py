"""The catalogue for hindcasts: it fits every place, holds no lever and knows of no later growth."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from uncertainty import files
from uncertainty.catalogue import Entry, read_catalogue
from uncertainty.energy import computing
from uncertainty.reading import open_study
from uncertainty.space import Space

STUDIES = (
    "china-computing-2035",
    "china-computing-2035-evidence",
    "us-computing-2035",
    "world-computing-2035",
)


def entries() -> dict[str, Entry]:
    catalogue, faults = read_catalogue(files.read_document(files.shelved("priors")["hindcast"]))
    assert catalogue is not None
    assert faults == []
    return dict(catalogue.entries)


ENTRIES = entries()
GROWTHS = [name for name in ENTRIES if "_growth" in name]


@pytest.mark.parametrize("study", STUDIES)
def test_it_overrides_numbers_that_every_place_has_and_leaves_the_level_open(study: str) -> None:
    assert set(ENTRIES) <= set(open_study(study).space.names)
    assert "base_electricity" not in ENTRIES


@pytest.mark.parametrize("study", STUDIES)
def test_without_levers_electricity_is_growth_and_pue_alone(study: str) -> None:
    opened = open_study(study)
    back = {name: entry.prior for name, entry in ENTRIES.items()}
    space = Space({**opened.space.priors, **back})
    names = ("electricity", "net_effect", "savings", "dilution", "rebound", "pue", "contributions")
    made = computing((2014, 2024), since=2004, outcomes=names, **opened.row.options)
    values = space.at(np.random.default_rng(5).random((space.width, 2000)))
    out = made.evaluate(values)
    for name in ("net_effect", "savings", "dilution", "rebound"):
        np.testing.assert_allclose(out[name], 0.0, atol=1e-8)
    parts = dict(zip(made.coords["contribution"], out["contributions"], strict=True))
    for name in set(parts) - {"activity", "pue"}:
        np.testing.assert_allclose(parts[name], 0.0, atol=1e-8)
    assert out["pue"].min() >= 1.0
    # Wide: over ten years a sector may shrink or grow fourfold, and is not certain to do either.
    ratio = out["electricity"][-1] / out["electricity"][10]
    assert 0.02 < (ratio < 1.0).mean() < 0.25
    assert 0.02 < (ratio > 4.0).mean() < 0.25


@pytest.mark.parametrize("name", GROWTHS)
def test_a_growth_says_it_is_of_electricity_and_what_it_is_in_percent(name: str) -> None:
    prior = ENTRIES[name].prior
    lower, upper = (100.0 * math.expm1(end) for end in prior.interval(0.9))
    assert re.search("electricity .*(log rate)", prior.label)
    assert f"that is {lower:.0f}% to {upper:.0f}% a year" in prior.reading


def test_general_growth_runs_from_decline_to_a_doubling_in_five_years() -> None:
    lower, upper = ENTRIES["general_growth_start"].prior.interval(0.9)
    assert math.expm1(lower) == pytest.approx(-0.03, abs=0.001)
    assert math.expm1(upper) == pytest.approx(0.15, abs=0.001)
    assert math.exp(5.0 * upper) == pytest.approx(2.0, abs=0.05)


def test_every_number_is_an_own_judgement_that_no_source_centres() -> None:
    for entry in ENTRIES.values():
        assert entry.grade == "assumption"
        assert entry.prior.reading.startswith("Own judgement: ")
        assert all(source["context"] for source in entry.sources)


def test_share_of_ai_servers_in_2017_is_inside() -> None:
    """Less than 2 of about 70 TWh in the United States."""
    lower, upper = ENTRIES["intelligent_share"].prior.interval(0.9)
    assert lower < 1.0 / 70.0 < 2.0 / 70.0 < upper
