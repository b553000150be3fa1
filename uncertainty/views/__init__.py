"""Views: a result in, a figure and the table it drew out; the only room that draws."""

from uncertainty.views.bias import bias_chart
from uncertainty.views.check import check_chart
from uncertainty.views.comparison import comparison_chart
from uncertainty.views.drawing.render import render
from uncertainty.views.drivers import driver_chart, drivers_over_time
from uncertainty.views.failures import failures_chart
from uncertainty.views.fan import calibrated_fan_chart, fan_chart
from uncertainty.views.hindcast import hindcast_chart
from uncertainty.views.learned import learned_chart
from uncertainty.views.ledger import ledger_chart
from uncertainty.views.placements import placements_chart
from uncertainty.views.ranks import ranks_chart
from uncertainty.views.readings import readings_chart
from uncertainty.views.reserve import reserve_chart
from uncertainty.views.shares import shares_chart
from uncertainty.views.turning import turning_chart
from uncertainty.views.waterfall import waterfall_chart

__all__ = [
    "bias_chart",
    "calibrated_fan_chart",
    "check_chart",
    "comparison_chart",
    "driver_chart",
    "drivers_over_time",
    "failures_chart",
    "fan_chart",
    "hindcast_chart",
    "learned_chart",
    "ledger_chart",
    "placements_chart",
    "ranks_chart",
    "readings_chart",
    "render",
    "reserve_chart",
    "shares_chart",
    "turning_chart",
    "waterfall_chart",
]
