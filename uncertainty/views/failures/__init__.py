"""The failures: where among all runs the failed ones lie, parameter by parameter."""

from uncertainty.views.failures.chart import failures_chart

__all__ = ["failures_chart"]
