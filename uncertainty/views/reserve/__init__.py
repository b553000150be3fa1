"""The reserve: high quantiles of an outcome over the years, place by place."""

from uncertainty.views.reserve.chart import reserve_chart

__all__ = ["reserve_chart"]
