"""The drivers: which parameters decide an outcome, ranked or over the years."""

from uncertainty.views.drivers.chart import driver_chart
from uncertainty.views.drivers.over_time import drivers_over_time

__all__ = ["driver_chart", "drivers_over_time"]
