"""The energy model as a `Model`: a callable with names, units, dims and coordinates."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from uncertainty.energy.arrays import Array, Namespace
from uncertainty.energy.horizon import Horizon
from uncertainty.energy.outcomes import GROWTHS, OUTCOMES, coords
from uncertainty.energy.parameters import parameters
from uncertainty.energy.places import Places
from uncertainty.energy.state import State
from uncertainty.errors import ModelError
from uncertainty.model import Model
from uncertainty.names import listed, suggestion


@dataclass(frozen=True)
class Computing:
    """Electricity use of the computing sector as a pure function of its parameters.

    Attributes
    ----------
    horizon : Horizon
    outcomes : tuple of str   what to return; nothing else is computed
    places : Places           classes of sites and regions
    """

    horizon: Horizon
    outcomes: tuple[str, ...]
    places: Places

    def __call__(self, *, xp: Namespace, **values: Array) -> dict[str, Array]:
        """Outcomes by name.

        Parameters
        ----------
        xp : namespace
            `numpy`, `jax.numpy` (with 64-bit floats switched on) or `pytensor.tensor`.
        **values : (sample,)
            One array for each name in `parameters(places)`, in the unit given there.

        Returns
        -------
        {outcome: (..., year, sample)}
            Dims and units as in `OUTCOMES`; the sample axis is last.
        """
        state = State(values, self.horizon, self.places, xp)
        return {name: OUTCOMES[name].of(state) for name in self.outcomes}

    @property
    def __name__(self) -> str:
        return "computing"

    @property
    def __signature__(self) -> inspect.Signature:
        kind = inspect.Parameter.KEYWORD_ONLY
        names = (*parameters(self.places), "xp")
        return inspect.Signature([inspect.Parameter(name, kind) for name in names])


def computing(
    horizon: tuple[int, int],
    *,
    outcomes: Sequence[str] | None = None,
    since: int | None = None,
    split: int | None = None,
    sites: Sequence[str] = ("large", "small", "edge"),
    regions: Sequence[str] | Mapping[str, Sequence[str]] = ("all",),
    load_factor_by_site: bool = False,
) -> Model:
    """Model of the electricity that computing needs, under levers, rebound and relocation.

    Parameters
    ----------
    horizon : (int, int)
        Base year, in which parameters are told, and last year; every year between them is
        computed.
    outcomes : sequence of str, optional
        Names from `OUTCOMES`; all of them if not given. Only what these need is computed.
    since : int, optional
        First year to compute, at most the base year, which it is if not given. Years before the
        base year continue what changes in it, at its rates: growth of work, gain of hardware,
        overhead of cooling and supply; levers are adopted along their curves. Site mix and
        regional shares are those of the base year, and no rebound has begun.
    split : int, optional
        Year that ends ``early_growth`` and begins ``late_growth``; four years after the base
        year if not given.
    sites : sequence of str
        Classes of sites, at least one; the first is the one that inference leaves.
    regions : sequence of str, or mapping from kind of work to sequence of str
        Regions, at least one, in the order of their nested shares: one list, or one for each of
        ``training``, ``inference`` and ``general`` (supercomputing shares general's).
    load_factor_by_site : bool
        Whether each class of sites has a load factor of its own.

    Returns
    -------
    Model
        Parameters, units, bounds and coordinates follow from `sites`, `regions` and
        `load_factor_by_site`, see `Places`.

    Raises
    ------
    ModelError
        For an unknown outcome, a horizon that does not run forward, a first year after the base
        year, a split outside the years after it, or places that are empty, not identifiers, named
        twice or named differently for kinds of work.

    Examples
    --------
    >>> model = computing((2024, 2035), outcomes=["electricity", "net_effect"])
    >>> model.outcomes
    {'electricity': 'TWh', 'net_effect': 'TWh'}
    >>> model = computing((2024, 2035), sites=["hyperscale", "enterprise"], regions=["a", "b"])
    >>> [name for name in model.parameters if name.startswith("general") and "share" in name]
    ['general_hyperscale_share', 'general_a_share']
    """
    span = Horizon.over(horizon, split, since)
    places = Places.of(sites, regions, load_factor_by_site)
    names = _known(OUTCOMES if outcomes is None else outcomes)
    if GROWTHS & set(names):
        span.require_split()
    table = parameters(places)
    return Model(
        Computing(span, names, places),
        outcomes={name: OUTCOMES[name].unit for name in names},
        dims={name: OUTCOMES[name].dims for name in names},
        coords={"year": span.labels, **coords(places)},
        units={name: parameter.unit for name, parameter in table.items()},
        labels={name: OUTCOMES[name].label for name in names},
        parameters=tuple(table),
        bounds={name: parameter.bounds for name, parameter in table.items()},
    )


def _known(outcomes: Iterable[str]) -> tuple[str, ...]:
    for name in outcomes:
        if name not in OUTCOMES:
            raise ModelError(
                f"outcomes: {name!r} is not an outcome of the computing model"
                f"{suggestion(name, OUTCOMES)}; allowed are {listed(OUTCOMES, most=len(OUTCOMES))}"
            )
    return tuple(dict.fromkeys(outcomes))
