"""Views: a result in, a figure and the table it drew out; the only room that draws."""

from uncertainty.views.drivers import driver_chart
from uncertainty.views.fan import fan_chart
from uncertainty.views.over_time import drivers_over_time
from uncertainty.views.render import render

__all__ = ["driver_chart", "drivers_over_time", "fan_chart", "render"]
