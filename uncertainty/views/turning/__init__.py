"""The turning year: how likely each year is to be the one that an outcome names."""

from uncertainty.views.turning.chart import turning_chart

__all__ = ["turning_chart"]
