"""The fan: credible bands of an outcome beside what was measured and projected."""

from uncertainty.views.fan.calibrated import calibrated_fan_chart
from uncertainty.views.fan.chart import fan_chart

__all__ = ["calibrated_fan_chart", "fan_chart"]
