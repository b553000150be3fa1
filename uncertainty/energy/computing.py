"""The energy model as a `Model`: a callable with names, units, dims and coordinates."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uncertainty.energy.arrays import Array, Namespace
from uncertainty.energy.horizon import Horizon
from uncertainty.energy.outcomes import COORDS, GROWTHS, OUTCOMES
from uncertainty.energy.parameters import PARAMETERS
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
    """

    horizon: Horizon
    outcomes: tuple[str, ...]

    def __call__(self, *, xp: Namespace, **parameters: Array) -> dict[str, Array]:
        """Outcomes by name.

        Parameters
        ----------
        xp : namespace
            `numpy`, `jax.numpy` (with 64-bit floats switched on) or `pytensor.tensor`.
        **parameters : (sample,)
            One array for each name in `PARAMETERS`, in the unit given there.

        Returns
        -------
        {outcome: (..., year, sample)}
            Dims and units as in `OUTCOMES`; the sample axis is last.
        """
        state = State(parameters, self.horizon, xp)
        return {name: OUTCOMES[name].of(state) for name in self.outcomes}

    @property
    def __name__(self) -> str:
        return "computing"

    @property
    def __signature__(self) -> inspect.Signature:
        kind = inspect.Parameter.KEYWORD_ONLY
        return inspect.Signature([inspect.Parameter(n, kind) for n in (*PARAMETERS, "xp")])


def computing(
    horizon: tuple[int, int],
    *,
    outcomes: Sequence[str] | None = None,
    split: int | None = None,
) -> Model:
    """Model of the electricity that computing needs, under levers, rebound and relocation.

    Parameters
    ----------
    horizon : (int, int)
        Base year and last year; every year between them is computed.
    outcomes : sequence of str, optional
        Names from `OUTCOMES`; all of them if not given. Only what these need is computed.
    split : int, optional
        Year that ends ``early_growth`` and begins ``late_growth``; four years after the base
        year if not given.

    Returns
    -------
    Model
        Its parameters are those of `PARAMETERS`.

    Raises
    ------
    ModelError
        For an unknown outcome, a horizon that does not run forward, or a split outside it.

    Examples
    --------
    >>> model = computing((2024, 2035), outcomes=["electricity", "net_effect"])
    >>> model.outcomes
    {'electricity': 'TWh', 'net_effect': 'TWh'}
    """
    span = Horizon.over(horizon, split)
    names = _known(OUTCOMES if outcomes is None else outcomes)
    if GROWTHS & set(names):
        span.require_split()
    return Model(
        Computing(span, names),
        outcomes={name: OUTCOMES[name].unit for name in names},
        dims={name: OUTCOMES[name].dims for name in names},
        coords={"year": span.labels, **COORDS},
        units={name: parameter.unit for name, parameter in PARAMETERS.items()},
        labels={name: OUTCOMES[name].label for name in names},
        parameters=tuple(PARAMETERS),
    )


def _known(outcomes: Iterable[str]) -> tuple[str, ...]:
    for name in outcomes:
        if name not in OUTCOMES:
            raise ModelError(
                f"outcomes: {name!r} is not an outcome of the computing model"
                f"{suggestion(name, OUTCOMES)}; allowed are {listed(OUTCOMES, most=len(OUTCOMES))}"
            )
    return tuple(dict.fromkeys(outcomes))
