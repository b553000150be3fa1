"""The waterfall: which steps lead from one number to another."""

from uncertainty.views.waterfall.chart import waterfall_chart

__all__ = ["waterfall_chart"]
