"""The shares of dependent parameters: Shapley effect, closed and total index side by side."""

from uncertainty.views.shares.chart import shares_chart

__all__ = ["shares_chart"]
