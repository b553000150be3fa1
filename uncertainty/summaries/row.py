"""Row: one line of a summary table, read and held to what a distribution can have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from scipy.special import ndtri

from uncertainty.errors import PriorError, UnitError
from uncertainty.summaries.columns import coordinate_columns, label, level
from uncertainty.units import factor

#: By how much figures may contradict each other before it is more than rounding and noise.
SLACK = 0.05

#: Error, in sd, of figures of which none is told: a few digits of rounding.
ROUNDED = 1e-3

#: Columns beside quantiles that are read as numbers.
FIGURES_READ = {"mean", "sd", "mcse_mean", "lower", "upper", "interval_prob", "ess_bulk"}


@dataclass(frozen=True)
class Row:
    """What a row says of one quantity, in the unit asked for.

    Attributes
    ----------
    name : str
        The variable with its coordinates, as messages show it.
    facts : {column: text}
        study, run, group, variable, and the coordinates.
    unit : str
    quantiles : ((probability, value), ...)
        Rising.
    mean, sd : float, or None where empty
    interval : (probability, lower, upper), or None
        Interval of highest density.
    noise : float
        Monte Carlo error of the mean as a share of the sd; 0 where it is told to be exact,
        `ROUNDED` where it is not told.
    """

    name: str
    facts: Mapping[str, str]
    unit: str
    quantiles: tuple[tuple[float, float], ...]
    mean: float | None
    sd: float | None
    interval: tuple[float, float, float] | None
    noise: float

    @property
    def scale(self) -> float:
        """The sd, or the spread of the outer quantiles as a normal has it where that is less."""
        found = [] if self.sd is None else [self.sd]
        if len(self.quantiles) > 1:
            (p, low), (q, high) = self.quantiles[0], self.quantiles[-1]
            found.append((high - low) / float(ndtri(q) - ndtri(p)))
        return min(found)

    @property
    def smallest(self) -> float:
        """Smallest value that the row tells of."""
        return min(self.told)

    @property
    def largest(self) -> float:
        """Largest value that the row tells of."""
        return max(self.told)

    @property
    def told(self) -> list[float]:
        """All values that the row tells of, without the mean where it has others."""
        ends = self.interval[1:] if self.interval else ()
        found = [*(value for _, value in self.quantiles), *ends]
        return found or ([] if self.mean is None else [self.mean])


def read_row(row: Any, unit: str | None = None) -> Row:
    """One row of a summary table, from a Series, a mapping or a frame of one row.

    Raises
    ------
    PriorError
        For a frame of several rows, figures that are missing, not finite, out of order or at odds
        with each other, and a unit that does not fit.
    """
    cells = cells_of(row)
    facts = {key: text(cells.get(key)) for key in ("study", "run", "group", "variable")}
    places = {c: text(cells[c]) for c in coordinate_columns(cells)}
    facts |= {c: found for c, found in places.items() if found}
    name = ", ".join([facts["variable"] or "the row", *(p for p in places.values() if p)])
    times = conversion(name, text(cells.get("unit")), unit)
    values = {
        key: number(name, key, cell) for key, cell in cells.items() if numeric(key) and given(cell)
    }
    mean, sd = values.get("mean"), values.get("sd")
    quantiles = tuple(
        sorted((p, times * v) for key, v in values.items() if (p := level(key)) is not None)
    )
    made = Row(
        name=name,
        facts=facts,
        unit=unit or text(cells.get("unit")) or "1",
        quantiles=quantiles,
        mean=None if mean is None else times * mean,
        sd=None if sd is None else times * sd,
        interval=densest(cells, values, times),
        noise=noise(values),
    )
    check_given(made, cells)
    check_order(made)
    check_together(made)
    return made


def cells_of(row: Any) -> dict[str, Any]:
    """The cells of a row by column; `PriorError` when it is something else or several rows."""
    if hasattr(row, "columns") and hasattr(row, "iloc"):
        if len(row) != 1:
            msg = f"a prior is made from one row, got {len(row)}; choose one, as frame.iloc[0]"
            raise PriorError(msg)
        row = row.iloc[0]
    if hasattr(row, "to_dict"):
        row = row.to_dict()
    if not isinstance(row, Mapping):
        msg = f"a row is a pandas Series, a mapping or a frame of one row, got {type(row).__name__}"
        raise PriorError(msg)
    return {str(key): value for key, value in row.items()}


def numeric(column: str) -> bool:
    """Whether a column holds a figure that is read."""
    return column in FIGURES_READ or level(column) is not None


def given(cell: Any) -> bool:
    """Whether a cell says something: not None, NaN or an empty text."""
    return text(cell) != ""


def text(cell: Any) -> str:
    """A cell as text; an empty one (None, NaN, NA) as the empty text."""
    found = "" if cell is None else str(cell).strip()
    return "" if found.lower() in {"nan", "<na>", "nat", "none"} else found


def number(name: str, column: str, cell: Any) -> float:
    """A cell as a finite number."""
    try:
        value = float(cell)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        msg = f"{name}: {column} must be a finite number, got {cell!r}"
        raise PriorError(msg)
    return value


def conversion(name: str, found: str, wanted: str | None) -> float:
    """Factor from the row's unit into the one asked for; 1 where either is not told."""
    if not (found and wanted):
        return 1.0
    try:
        return factor(found, wanted)
    except UnitError as error:
        msg = f"{name}: {error}"
        raise PriorError(msg) from None


def noise(values: Mapping[str, float]) -> float:
    """Monte Carlo error of the mean as a share of the sd; `ROUNDED` where it is not told."""
    error, sd, size = (values.get(key) for key in ("mcse_mean", "sd", "ess_bulk"))
    if error is not None:
        return error / sd if sd else 0.0
    return 1 / math.sqrt(size) if size else ROUNDED


def densest(
    cells: Mapping[str, Any], values: Mapping[str, float], times: float
) -> tuple[float, float, float] | None:
    """The interval of highest density that a foreign row has."""
    ends = [values.get(key) for key in ("interval_prob", "lower", "upper")]
    if text(cells.get("interval_kind")) != "hdi" or None in ends:
        return None
    prob, lower, upper = (end for end in ends if end is not None)
    return prob, times * lower, times * upper


def check_given(row: Row, cells: Mapping[str, Any]) -> None:
    """Raise `PriorError` unless there are two quantiles, or mean and sd, and no half pairs."""
    if len(row.quantiles) < 2 and (row.mean is None or row.sd is None):
        told = [
            c for c in cells if (c in ("mean", "sd") or level(c) is not None) and given(cells[c])
        ]
        found = ", ".join(told) or "none"
        msg = (
            f"{row.name}: a prior needs two quantiles (columns such as q05 and q95), or mean and "
            f"sd, as finite numbers; given are {found}"
        )
        raise PriorError(msg)
    halves = [("mean", "sd"), *((label(p), label(1 - p)) for p, _ in row.quantiles)]
    for one, two in [*halves, ("sd", "mean")]:
        if given(cells.get(one)) and two in cells and not given(cells[two]):
            msg = (
                f"{row.name}: {two} is empty (NaN) where {one} is given; "
                f"leave both out, or give both"
            )
            raise PriorError(msg)


def check_order(row: Row) -> None:
    """Raise `PriorError` for a negative sd and quantiles that do not rise."""
    if row.sd is not None and row.sd < 0:
        msg = f"{row.name}: sd must not be negative, got {row.sd:g}"
        raise PriorError(msg)
    if row.quantiles and row.quantiles[0][0] <= 0:
        msg = f"{row.name}: a quantile at probability 0 is an end, not a quantile; leave q00 out"
        raise PriorError(msg)
    for (p, value), (q, later) in pairwise(row.quantiles):
        if value > later:
            msg = (
                f"{row.name}: quantiles must rise; got {label(p)} = {value:g} and "
                f"{label(q)} = {later:g}"
            )
            raise PriorError(msg)
    if row.interval and not row.interval[1] <= row.interval[2]:
        msg = f"{row.name}: lower end {row.interval[1]:g} above upper end {row.interval[2]:g}"
        raise PriorError(msg)


def check_together(row: Row) -> None:
    """Raise `PriorError` where no distribution has these quantiles with this mean and sd.

    A quantile lies at most sqrt((1 - p) / p) sd below the mean and sqrt(p / (1 - p)) above it
    (Cantelli's inequality).
    """
    if row.mean is None or row.sd is None:
        return
    for p, value in row.quantiles:
        away = value - row.mean
        reach = math.sqrt(p / (1 - p)) if away > 0 else math.sqrt((1 - p) / p)
        if abs(away) > (1 + SLACK) * reach * row.sd + 1e-9 * abs(row.mean):
            msg = (
                f"{row.name}: {label(p)} = {value:g} lies {abs(away):.3g} from the mean "
                f"{row.mean:g}, which no distribution with sd {row.sd:g} can have; "
                "are the figures rounded, or of different quantities?"
            )
            raise PriorError(msg)
