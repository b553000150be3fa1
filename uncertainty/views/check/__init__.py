"""The check: each fitted row beside what the fit predicts for it."""

from uncertainty.views.check.chart import check_chart

__all__ = ["check_chart"]
