"""The ranks of a simulation-based calibration: whether they are uniform."""

from uncertainty.views.ranks.chart import ranks_chart

__all__ = ["ranks_chart"]
