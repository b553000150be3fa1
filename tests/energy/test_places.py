"""Structure: which parameters, coordinates and bounds follow, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.energy.conftest import BASE, LAST, STRUCTURES, THREE, Values, draw, fixed, model
from uncertainty.bounds import Bounds
from uncertainty.energy import Places, computing
from uncertainty.energy.parameters import ADOPTION, COOLING, DEMAND, HARDWARE, REBOUND, SAVINGS
from uncertainty.energy.parameters import BASE as BASE_YEAR
from uncertainty.energy.shares import nested
from uncertainty.errors import ModelError

EVERYWHERE = [*BASE_YEAR, *DEMAND, *HARDWARE, *SAVINGS, *ADOPTION, *REBOUND, *COOLING]

FOLLOW = {
    "three classes": """
        training_large_share training_small_share inference_large_share inference_small_share
        general_large_share general_small_share decentralisation decentralisation_small
        large_pue small_pue edge_pue
        training_hub_share training_digital_economy_share training_hub_shift
        inference_digital_economy_share inference_hub_share inference_digital_economy_shift
        general_hub_share general_digital_economy_share load_factor
    """,
    "one class": "any_pue load_factor",
    "one class, own load factor": """
        any_pue training_east_share training_east_shift inference_east_share inference_east_shift
        general_east_share any_load_factor
    """,
    "own load factors": """
        training_hyperscale_share training_colocation_share inference_hyperscale_share
        inference_colocation_share general_hyperscale_share general_colocation_share
        decentralisation decentralisation_colocation hyperscale_pue colocation_pue enterprise_pue
        training_united_states_share training_china_share training_europe_share
        training_united_states_shift inference_united_states_share inference_china_share
        inference_europe_share inference_united_states_shift general_united_states_share
        general_china_share general_europe_share
        hyperscale_load_factor colocation_load_factor enterprise_load_factor
    """,
    "four classes": """
        training_huge_share training_large_share training_small_share inference_huge_share
        inference_large_share inference_small_share general_huge_share general_large_share
        general_small_share decentralisation decentralisation_large decentralisation_small
        huge_pue large_pue small_pue edge_pue training_north_share training_north_shift
        inference_south_share inference_south_shift general_north_share
        huge_load_factor large_load_factor small_load_factor edge_load_factor
    """,
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_parameters_follow_from_the_structure(name: str) -> None:
    made = model(STRUCTURES[name])
    assert sorted(made.parameters) == sorted([*EVERYWHERE, *FOLLOW[name].split()])
    assert set(made.units) == set(made.bounds) == set(made.parameters)


def test_two_classes_have_one_share_and_one_drift() -> None:
    made = computing((BASE, LAST), sites=["a", "b"])
    own = set(made.parameters) - set(EVERYWHERE)
    assert own == {
        *("training_a_share", "inference_a_share", "general_a_share"),
        *("decentralisation", "a_pue", "b_pue", "load_factor"),
    }


def test_coordinates_follow_from_the_structure() -> None:
    made = model(STRUCTURES["four classes"])
    assert made.coords["site"] == ("huge", "large", "small", "edge")
    assert made.coords["region"] == ("north", "south")


def test_without_options_there_are_three_classes_and_one_region() -> None:
    made = computing((BASE, LAST))
    assert made.coords["site"] == ("large", "small", "edge")
    assert made.coords["region"] == ("all",)
    assert not [name for name in made.parameters if name.endswith("_shift")]
    assert "load_factor" in made.parameters


def test_lists_and_tuples_are_the_same() -> None:
    pairs = [(["a"], ("a",)), (["x", "y"], ("x", "y"))]
    (sites, same_sites), (regions, same_regions) = pairs
    assert Places.of(sites, regions) == Places.of(same_sites, same_regions)
    by_kind = dict.fromkeys(("training", "inference", "general"), regions)
    assert Places.of(sites, by_kind) == Places.of(sites, regions)


H = ["hub", "other"]
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no site": ({"sites": []}, r"sites: the list is empty"),
    "no region": ({"regions": []}, r"regions: the list is empty"),
    "no region for one kind": (
        {"regions": {"training": H, "inference": H, "general": []}},
        r"regions of general: the list is empty",
    ),
    "twice": ({"sites": ["large", "large"]}, r"sites: 'large' stands there 2 times"),
    "twice in a region": (
        {"regions": {"training": H, "inference": ["hub", "hub"], "general": H}},
        r"regions of inference: 'hub' stands there 2 times",
    ),
    "no identifier": ({"sites": ["large site"]}, r"'large site' is not a lower-case identifier"),
    "upper case": ({"regions": ["US"]}, r"regions: 'US' is not a lower-case identifier"),
    "digit first": ({"sites": ["2nd"]}, r"'2nd' is not a lower-case identifier"),
    "line break": ({"sites": ["large\n"]}, r"'large\\n' is not a lower-case identifier"),
    "a number": ({"sites": [1]}, r"sites: 1 is not a lower-case identifier"),
    "a text": ({"sites": "large"}, r"sites: must be a list of names, got 'large'"),
    "a text of regions": ({"regions": "all"}, r"regions: must be a list of names, got 'all'"),
    "nothing": ({"regions": {}}, r"there is no list for training"),
    "kinds left out": (
        {"regions": {"training": H, "general": H}},
        r"regions: there is no list for inference",
    ),
    "unknown kind": (
        {"regions": {"training": H, "infernce": H, "general": H, "inference": H}},
        r"'infernce' is not a kind of work; did you mean 'inference'",
    ),
    "other names": (
        {"regions": {"training": H, "inference": ["hub", "coast"], "general": H}},
        r"training has hub, other, inference has hub, coast; the names must be the same",
    ),
    "one name less": (
        {"regions": {"training": H, "inference": H, "general": ["hub"]}},
        r"training has hub, other, general has hub; the names must be the same",
    ),
    "site and region": ({"regions": ["edge"]}, r"regions: 'edge' is a class of sites too"),
    "no truth value": ({"load_factor_by_site": 1}, r"load_factor_by_site: must be true or false"),
    "split": ({"split": "2030"}, r"split: must be a year, a whole number, got '2030'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str) -> None:
    options, message = REFUSED[case]
    with pytest.raises(ModelError, match=message):
        computing((BASE, LAST), **options)


def test_all_faults_come_together() -> None:
    with pytest.raises(ModelError, match=r"sites: .*; regions: .*; load_factor_by_site: ") as error:
        computing((BASE, LAST), sites=[], regions=["A"], load_factor_by_site=0)  # type: ignore[arg-type]
    assert str(error.value).count("regions:") == 1


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
def test_nested_shares_sum_to_one(parts: int) -> None:
    fractions = np.random.default_rng(1).random((parts - 1, 50))
    shares = nested(list(fractions))
    assert len(shares) == parts
    np.testing.assert_allclose(sum(shares), 1.0, rtol=1e-14)
    for i, fraction in enumerate(fractions):
        left = 1.0 - sum(shares[:i])
        np.testing.assert_allclose(shares[i], fraction * left, rtol=1e-12, atol=1e-15)


def ends(closed: bool) -> list[tuple[str, float]]:
    """Finite ends of bounds that belong to them, or not."""
    bounds = {name: Bounds.of(text) for name, text in model().bounds.items()}
    low = [(n, b.low) for n, b in bounds.items() if b.open_low != closed]
    high = [(n, b.high) for n, b in bounds.items() if b.open_high != closed]
    return [(name, end) for name, end in low + high if np.isfinite(end)]


LEVERS = ("precision", "activation", "kernels", "distillation", "load", "chip")
REACHES = ("precision", "activation", "kernels", "distillation", "general", "supercomputing")
COMPLETE = (
    {f"{name}_midpoint": 2027.0 for name in LEVERS}
    | {f"{name}_duration": 0.01 for name in LEVERS}
    | {f"{name}_reach": 1.0 for name in REACHES}
    | {"electricity_cost_share": 0.0}
)
"""Every measure reaches everything within a year, so that what it saves is saved in full."""


def test_complete_adoption_stays_finite(parameters: Values) -> None:
    out = model().evaluate(fixed(parameters, COMPLETE))
    assert all(np.isfinite(values).all() for values in out.values())


@pytest.mark.parametrize(("name", "end"), ends(closed=True))
def test_closed_ends_of_bounds_make_sense(parameters: Values, name: str, end: float) -> None:
    for others in ({}, COMPLETE):
        out = model().evaluate(fixed(parameters, others | {name: end}))
        assert all(np.isfinite(values).all() for values in out.values())


@pytest.mark.parametrize(("name", "end"), ends(closed=False))
def test_open_ends_of_bounds_break_the_model(parameters: Values, name: str, end: float) -> None:
    """Then there is nothing left to take a logarithm of, or a division by zero."""
    with np.errstate(all="raise", under="ignore"), pytest.raises(FloatingPointError):
        model().evaluate(fixed(parameters, COMPLETE | {name: end}))


def test_draws_lie_within_the_bounds() -> None:
    for structure in STRUCTURES.values():
        bounds = model(structure).bounds
        for name, values in draw(structure=structure).items():
            limit = Bounds.of(bounds[name])
            assert limit.low <= values.min()
            assert values.max() <= limit.high


def test_one_class_needs_no_move(drawn_of_one: Values) -> None:
    out = model(STRUCTURES["one class"]).evaluate(drawn_of_one)
    np.testing.assert_array_equal(out["dilution"], 0.0)
    np.testing.assert_allclose(out["electricity_by_region"][0], out["electricity"], rtol=1e-12)
    left = drawn_of_one["pue_overhead_floor"]
    rate = drawn_of_one["pue_improvement"]
    years = np.arange(LAST - BASE + 1.0)[:, np.newaxis]
    overhead = (drawn_of_one["any_pue"] - 1.0) * (left + (1.0 - left) * np.exp(-rate * years))
    np.testing.assert_allclose(out["pue"], 1.0 + overhead, rtol=1e-12)


@pytest.fixture
def drawn_of_one() -> Values:
    return draw(structure=STRUCTURES["one class"])


def test_a_class_of_no_share_changes_nothing(parameters: Values) -> None:
    """With nothing at the last class, its PUE and load factor are without effect."""
    empty = fixed(
        parameters,
        {
            "training_small_share": 1.0,
            "inference_small_share": 1.0,
            "general_small_share": 1.0,
            "decentralisation_small": 1.0,
        },
    )
    two = computing((BASE, LAST), sites=["large", "small"], regions=THREE["regions"])
    three = model().evaluate(empty)
    found = two.evaluate({name: empty[name] for name in two.parameters})
    for name in ("electricity", "electricity_by_region", "contributions", "it_capacity", "pue"):
        np.testing.assert_allclose(found[name], three[name], rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(three["electricity_by_site"][2], 0.0)
