"""The comparison: two results of one outcome side by side, and what moved between them."""

from uncertainty.views.comparison.chart import comparison_chart

__all__ = ["comparison_chart"]
