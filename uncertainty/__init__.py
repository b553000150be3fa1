"""Probabilistic uncertainty analysis: priors through a model to intervals and drivers.

The face of the package. Names are resolved on first use, so that importing it costs little;
each line of `FACE` says which room a name lives in.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uncertainty.analysis.given import given_data as given_data
    from uncertainty.analysis.given_shapley import given_shapley as given_shapley
    from uncertainty.analysis.hsic import hsic as hsic
    from uncertainty.analysis.tail import tail_drivers as tail_drivers
    from uncertainty.calibration.run import ConvergenceWarning as ConvergenceWarning
    from uncertainty.calibration.run import calibrate as calibrate
    from uncertainty.chaos.run import polynomial_chaos as polynomial_chaos
    from uncertainty.comparison import comparison as comparison
    from uncertainty.dependent import dependent_drivers as dependent_drivers
    from uncertainty.directory import read_result as read_result
    from uncertainty.drivers import drivers as drivers
    from uncertainty.errors import UncertaintyError as UncertaintyError
    from uncertainty.evidence import Evidence as Evidence
    from uncertainty.exchange.ingested import ingest as ingest
    from uncertainty.exchange.sampled import sample_table as sample_table
    from uncertainty.external.command import command as command
    from uncertainty.hindcast.run import hindcast as hindcast
    from uncertainty.imported import priors_from as priors_from
    from uncertainty.labels import posterior_side as posterior_side
    from uncertainty.labels import prior_side as prior_side
    from uncertainty.model import Model as Model
    from uncertainty.model import model as model
    from uncertainty.prior import Prior as Prior
    from uncertainty.propagate import propagate as propagate
    from uncertainty.reading import open_study as open_study
    from uncertainty.salib.problems import from_salib as from_salib
    from uncertainty.salib.problems import salib_groups as salib_groups
    from uncertainty.salib.problems import to_salib as to_salib
    from uncertainty.salib.screening import screen as screen
    from uncertainty.shapley import shapley as shapley
    from uncertainty.simulated.run import simulated_ranks as simulated_ranks
    from uncertainty.space import Space as Space
    from uncertainty.study import Study as Study
    from uncertainty.summaries.draws import posterior_draws as posterior_draws
    from uncertainty.summaries.recognised import read_draws as read_draws
    from uncertainty.summaries.recognised import read_summary as read_summary
    from uncertainty.summary import posterior_summary as posterior_summary
    from uncertainty.views import bias_chart as bias_chart
    from uncertainty.views import calibrated_fan_chart as calibrated_fan_chart
    from uncertainty.views import check_chart as check_chart
    from uncertainty.views import comparison_chart as comparison_chart
    from uncertainty.views import driver_chart as driver_chart
    from uncertainty.views import drivers_over_time as drivers_over_time
    from uncertainty.views import failures_chart as failures_chart
    from uncertainty.views import fan_chart as fan_chart
    from uncertainty.views import hindcast_chart as hindcast_chart
    from uncertainty.views import learned_chart as learned_chart
    from uncertainty.views import ledger_chart as ledger_chart
    from uncertainty.views import placements_chart as placements_chart
    from uncertainty.views import ranks_chart as ranks_chart
    from uncertainty.views import readings_chart as readings_chart
    from uncertainty.views import reserve_chart as reserve_chart
    from uncertainty.views import shares_chart as shares_chart
    from uncertainty.views import turning_chart as turning_chart
    from uncertainty.views import waterfall_chart as waterfall_chart

#: Public name: the room it lives in.
FACE = {
    "Prior": "prior",
    "Space": "space",
    "Model": "model",
    "model": "model",
    "Evidence": "evidence",
    "propagate": "propagate",
    "drivers": "drivers",
    "shapley": "shapley",
    "dependent_drivers": "dependent",
    "given_data": "analysis.given",
    "given_shapley": "analysis.given_shapley",
    "hsic": "analysis.hsic",
    "tail_drivers": "analysis.tail",
    "polynomial_chaos": "chaos.run",
    "command": "external.command",
    "screen": "salib.screening",
    "from_salib": "salib.problems",
    "salib_groups": "salib.problems",
    "to_salib": "salib.problems",
    "sample_table": "exchange.sampled",
    "ingest": "exchange.ingested",
    "calibrate": "calibration.run",
    "ConvergenceWarning": "calibration.run",
    "hindcast": "hindcast.run",
    "simulated_ranks": "simulated.run",
    "read_summary": "summaries.recognised",
    "read_draws": "summaries.recognised",
    "priors_from": "imported",
    "posterior_draws": "summaries.draws",
    "Study": "study",
    "open_study": "reading",
    "read_result": "directory",
    "posterior_summary": "summary",
    "fan_chart": "views",
    "driver_chart": "views",
    "drivers_over_time": "views",
    "ledger_chart": "views",
    "reserve_chart": "views",
    "waterfall_chart": "views",
    "turning_chart": "views",
    "readings_chart": "views",
    "placements_chart": "views",
    "failures_chart": "views",
    "shares_chart": "views",
    "calibrated_fan_chart": "views",
    "posterior_side": "labels",
    "prior_side": "labels",
    "learned_chart": "views",
    "bias_chart": "views",
    "check_chart": "views",
    "ranks_chart": "views",
    "hindcast_chart": "views",
    "comparison": "comparison",
    "comparison_chart": "views",
    "UncertaintyError": "errors",
}

__all__ = [*FACE, "__version__"]


class Face(ModuleType):
    """A module whose public names win over rooms of the same name (`model`, `drivers`).

    Importing a room would bind it to the package under its file name; where that is a public
    name, the binding is left out, and the room is still found by the import system.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FACE and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = Face


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("uncertainty")
    if name not in FACE:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{FACE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
