"""The ledger: on what the variance of an outcome rests, by grade, best source or publisher."""

from uncertainty.views.ledger.chart import ledger_chart

__all__ = ["ledger_chart"]
