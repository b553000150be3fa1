"""The readings: how far the outer quantiles move when a range is read another way."""

from uncertainty.views.readings.chart import readings_chart

__all__ = ["readings_chart"]
