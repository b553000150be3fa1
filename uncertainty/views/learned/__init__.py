"""What was learned: where each parameter's posterior lies within its prior."""

from uncertainty.views.learned.chart import learned_chart

__all__ = ["learned_chart"]
