"""The placements: where published projections fall among the draws."""

from uncertainty.views.placements.chart import placements_chart

__all__ = ["placements_chart"]
