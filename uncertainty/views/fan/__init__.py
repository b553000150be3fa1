"""The fan: credible bands of an outcome beside what was measured and projected."""

from uncertainty.views.fan.chart import fan_chart

__all__ = ["fan_chart"]
