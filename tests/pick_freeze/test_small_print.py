import numpy as np
import pytest

import uncertainty as un
from uncertainty.attempts import attempt
from uncertainty.errors import DesignError, ModelError
from uncertainty.model import Model

UNIT = {n: un.Prior("uniform", lower=0, upper=1) for n in "abc"}


def sound(a, b, c):
    return a + 2 * b + a * c


@pytest.mark.filterwarnings("ignore:.*model runs failed")
def test_failures_of_either_side_alone_are_left_out():
    """Three parameters must come together, so that A with one of B and B with one of A differ."""
    found = un.drivers(
        lambda a, b, c: np.where((a > 0.8) & (b > 0.8) & (c > 0.8), np.nan, sound(a, b, c)),
        UNIT, size=512, second_order=True,
    )["drivers/y"].to_dataset()  # fmt: skip
    for index in ("S1", "ST"):
        assert np.isfinite(found[index]).all()


def test_runs_of_azzini_are_counted():
    calls = []

    def model(a, b, c):
        calls.append(np.size(a))
        return sound(a, b, c)

    found = un.drivers(model, UNIT, size=64, first="azzini", control=False)
    assert found.attrs["model_runs"] == 8 * 64 * 8 == sum(calls) - 64


def test_half_widths_are_half_of_the_intervals():
    from uncertainty.cases import coverage, table

    found = coverage(["lognormal"], seeds=1, size=64, control=False)
    one = table(["lognormal"], size=64, control=False)
    width = (one["upper"] - one["lower"])[one["index"] == "S1"].mean()
    assert found["half_width"][0] == pytest.approx(width / 2)


def test_a_dependent_model_may_use_its_output_again():
    kept = {}

    def reusing(a, b, c):
        out = kept.setdefault(len(a), np.empty(len(a)))
        out[:] = sound(a, b, c)
        return out

    one, two = (
        un.dependent_drivers(m, UNIT, size=2048, replicates=2, shapley=False)["dependent/y"]
        for m in (reusing, sound)
    )
    for name in ("closed", "total"):
        np.testing.assert_array_equal(one[name], two[name])


def test_replicates_grow_by_half():
    with pytest.warns(UserWarning, match="18 replicates"):
        un.drivers(sound, UNIT, size=16, until=1e-9, most=18)


@pytest.mark.parametrize("share", [False])
def test_false_is_no_share(share):
    with pytest.raises(DesignError, match="failures is the share"):
        un.propagate(sound, UNIT, size=64, failures=share)


def test_a_model_cannot_write_into_the_halves_it_gets():
    def model(x):
        if np.isin(x, (3.0,)).any():
            raise ValueError("no")
        x *= 2
        return x

    x = np.arange(64.0)
    x.flags.writeable = False
    with pytest.raises(ModelError, match="read-only"):
        attempt(Model(model), {"x": x}, 0.2)


def test_small_biases_beside_short_intervals_are_not_told(recwarn):
    un.drivers(lambda a, b, c: np.exp(1.5 * a + b), UNIT, size=16, control=False)
    assert not [w for w in recwarn if "skewed" in str(w.message)]
